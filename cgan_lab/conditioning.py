"""The ways a label enters a network. Functions of Keras tensors; build no whole network.

``label`` is always one-hot or a mixture of classes, float ``(n, classes)``.
"""

from cgan_lab._support import runtime

runtime.tensorflow()

from keras import initializers, layers  # noqa: E402  (Keras must be imported after TensorFlow is quiet)


def concatenate(x, label, scale=1.0):
    """Append the label to the features ``x``: ``(n, d)`` -> ``(n, d + classes)``.

    Mirza and Osindero 2014 (arXiv 1411.1784), section 3.2. ``scale`` multiplies the label: ten
    numbers of which one is 1 weigh little beside hundreds that are near -1 or 1. Shown in lesson 02.
    """
    if scale != 1.0:
        label = layers.Rescaling(scale)(label)
    return layers.Concatenate()([x, label])


def embed(label, size):
    """Return a learned vector for each label: ``(n, classes)`` -> ``(n, size)``.

    The product with a matrix ``(classes, size)``: a one-hot label picks its row, as an embedding layer does with a
    whole number, and a mixture of classes mixes rows. Its vectors start as random directions of length about 1.
    """
    start = initializers.RandomNormal(stddev=size**-0.5)
    return layers.Dense(size, use_bias=False, kernel_initializer=start)(label)


def planes(image, label):
    """Append one constant channel a class to the images: ``(n, h, w, c)`` -> ``(n, h, w, c + classes)``.

    Channel c + k is ``label[:, k]`` at every pixel, so that a convolution sees the label wherever it looks.
    """
    height, width, classes = image.shape[1], image.shape[2], label.shape[1]
    # A reshape from repeated numbers would need the right axis; copying one pixel over the plane cannot scramble.
    plane = layers.UpSampling2D((height, width))(layers.Reshape((1, 1, classes))(label))
    return layers.Concatenate()([image, plane])


def project(features, label):
    """Return logits ``(n, 1)``: w.f + b + (V y).f for features f ``(n, d)`` and label y ``(n, classes)``.

    The projection discriminator of Miyato and Koyama 2018 (arXiv 1802.05637), equation 3: one
    plane shared by all classes and one learned direction a class. Shown in lesson 02.
    """
    embedding = layers.Dense(features.shape[-1], use_bias=False, name="label_direction")(label)  # (n, d)
    return layers.Add()([layers.Dense(1)(features), layers.Dot(axes=1)([embedding, features])])  # (n, 1)
