"""The ways a label enters a network. Functions of Keras tensors; build no whole network.

``label`` is always one-hot or a mixture of classes, float (n, classes).
"""

from cgan_lab._support.tensorflow import keras, layers


def concatenate(x, label, scale=1.0):
    """Append the label, times ``scale``, to the features ``x``: (n, d) -> (n, d + classes).

    Mirza and Osindero 2014 (arXiv 1411.1784), section 3.2. Why scale: ten numbers of which one is 1
    weigh little beside hundreds that are near -1 or 1. Shown in lesson 02.
    """
    if scale != 1.0:
        label = layers.Rescaling(scale)(label)
    return layers.Concatenate()([x, label])


def embed(label, size):
    """Return a learned vector for each label: (n, classes) -> (n, size).

    A matrix (classes, size) multiplies the label: one-hot picks a row, as an embedding layer does
    with a whole number, and a mixture mixes rows. Rows start random, with a length of about 1.
    """
    start = keras.initializers.RandomNormal(stddev=size**-0.5)
    return layers.Dense(size, use_bias=False, kernel_initializer=start)(label)


def planes(image, label):
    """Append one constant channel per class to the images: (n, h, w, c) -> (n, h, w, c + classes).

    Channel c + k is ``label[:, k]`` at every pixel, so a convolution sees the label wherever it is.
    """
    height, width = image.shape[1:3]
    pixel = layers.Reshape((1, 1, label.shape[1]))(label)
    # Copying a pixel cannot scramble; repeating numbers and reshaping needs the right axis.
    plane = layers.UpSampling2D((height, width))(pixel)  # (n, h, w, classes)
    return layers.Concatenate()([image, plane])


def project(features, label):
    """Return logits w.f + b + (V y).f, (n, 1), for features f (n, d) and label y (n, classes).

    The projection discriminator of Miyato and Koyama 2018 (arXiv 1802.05637), equation 3: one plane
    that all classes share, and one learned direction per class. Shown in lesson 02.
    """
    direction = layers.Dense(features.shape[-1], use_bias=False, name="label_direction")(label)
    agreement = layers.Dot(axes=1)([direction, features])  # (n, d), (n, d) -> (n, 1)
    return layers.Add()([layers.Dense(1)(features), agreement])


def modulate(x, label):
    """Return ``x * (1 + gamma) + beta`` with the label's own gamma and beta per unit or channel.

    ``x``: (n, units) or (n, h, w, channels); the answer has its shape. Two matrices without bias
    multiply the label, so a mixture mixes the scales and shifts of its classes. They start at 0,
    so that at first ``x`` goes through as it is and no label is heard.

    Feature-wise linear modulation (FiLM), Perez et al. 2018 (arXiv 1709.07871), equations 1 and 2.
    After a normalisation without scale and shift of its own it is conditional normalisation:
    Dumoulin et al. 2017 (arXiv 1610.07629), de Vries et al. 2017 (arXiv 1707.00683).
    """
    channels = x.shape[-1]
    shape = (*(1 for _ in x.shape[1:-1]), channels)
    gamma, beta = (
        layers.Reshape(shape)(_from_zero(channels)(label))  # (n, 1, 1, channels), (n, units)
        for _ in range(2)
    )
    return layers.Add()([x, layers.Multiply()([x, gamma]), beta])


def _from_zero(units):
    return layers.Dense(units, use_bias=False, kernel_initializer="zeros")
