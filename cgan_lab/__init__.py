"""Helpers for the CGAN Lab notebooks: conditional GANs on MNIST with Keras 3.

Importing the package is light: it loads neither TensorFlow nor Keras. Import the module that
you need, for example ``from cgan_lab import data, objective``.
"""

__version__ = "0.1.0"
