"""Helpers for the CGAN Lab notebooks: conditional GANs on MNIST with Keras 3.

The subject, in the order of the lessons:

- `data`, `sampling`: images, labels and noise as arrays;
- `objective`, `toy`: the game in numbers, and in a plane;
- `conditioning`, `networks`, `losses`, `recipes`: what a model is made of;
- `cgan`, `engine`, `training`, `runs`: the model, its steps, its epochs, its folder;
- `forward`: the shipped generators and judges in NumPy alone;
- `metrics`, `judge`, `evaluation`, `synthetic`: what the samples are worth;
- `clinic`: how a training fails.

Beside it stand `checks` of the exercises, `plots`, `widgets` and the `doctor`; plumbing that no
lesson names is in `_support`. Importing the package loads neither TensorFlow nor Keras: import the
module that you need, for example ``from cgan_lab import data, objective``.
"""

from cgan_lab._support import language

__version__ = "0.1.0"

language.translate_errors()
