"""The ways a label enters a network. Functions of Keras tensors; build no whole network.

``label`` is always one-hot or a mixture of classes, float ``(n, classes)``.
"""

from cgan_lab import runtime

runtime.tensorflow()

from keras import layers  # noqa: E402  (Keras must be imported after TensorFlow is quiet)


def concatenate(x, label, scale=1.0):
    """Append the label to the features ``x``: ``(n, d)`` -> ``(n, d + classes)``.

    Mirza and Osindero 2014 (arXiv 1411.1784), section 3.2. ``scale`` multiplies the label: ten
    numbers of which one is 1 weigh little beside hundreds that are near -1 or 1. Shown in lesson 02.
    """
    if scale != 1.0:
        label = layers.Rescaling(scale)(label)
    return layers.Concatenate()([x, label])


def project(features, label):
    """Return logits ``(n, 1)``: w.f + b + (V y).f for features f ``(n, d)`` and label y ``(n, classes)``.

    The projection discriminator of Miyato and Koyama 2018 (arXiv 1802.05637), equation 3: one
    plane shared by all classes and one learned direction a class. Shown in lesson 02.
    """
    embedding = layers.Dense(features.shape[-1], use_bias=False, name="label_direction")(label)  # (n, d)
    return layers.Add()([layers.Dense(1)(features), layers.Dot(axes=1)([embedding, features])])  # (n, 1)
