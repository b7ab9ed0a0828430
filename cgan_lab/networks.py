"""Generators and discriminators. Builds networks; trains none.

Every generator maps noise ``(n, latent)`` and label ``(n, classes)`` to images ``(n, 28, 28, 1)``
in [-1, 1]; every discriminator maps such images and label to logits ``(n, 1)``.
"""

import contextlib

from cgan_lab import conditioning
from cgan_lab._support import distributed, runtime

runtime.tensorflow()

from keras import Input, Model, config, layers  # noqa: E402

LATENT = 100
LABEL_SCALE = 5.0
EMBEDDING = 50  # numbers a label is embedded in, as in many conditional GANs
# How the label enters `dense`: beside noise and pixels as it is, times 5, or embedded; as ten more channels of the
# image; by its inner product with D's features; as what an auxiliary classifier in D must find;
# or by the last two at once.
WAYS = ("one_hot", "scaled_one_hot", "embedding", "planes", "projection", "auxiliary", "both")


def article(classes=10, latent=LATENT):
    """Return (generator, discriminator) with the article's layers: the label is concatenated, one-hot.

    Generator 110 -> 256 -> 512 -> 1024 -> 784, discriminator 794 -> 512 -> 256 -> 1, ReLU inside.
    The discriminator's sigmoid is part of the loss. The ten label inputs are all but lost among
    784 pixels: trained, this generator ignores what is asked for. Shown in lesson 02.
    """
    noise, label, image = _inputs(classes, latent)
    x = conditioning.concatenate(noise, label)
    for units in (256, 512, 1024):
        x = layers.Dense(units, activation="relu")(x)
    generator = Model([noise, label], _image(x), name="generator")

    x = conditioning.concatenate(layers.Flatten()(image), label)
    for units in (512, 256):
        x = layers.Dense(units, activation="relu")(x)
    discriminator = Model([image, label], layers.Dense(1)(x), name="discriminator")
    return generator, discriminator


def dense(classes=10, latent=LATENT, width=1.0, way="projection", spectral=False):
    """Return (generator, discriminator): the article's layer sizes with a label that cannot be overlooked.

    The generator gets the one-hot label times 5 beside the noise, whose norm is about 10; the
    discriminator is a projection discriminator. Leaky ReLU 0.2 inside. ``width`` multiplies the hidden
    layers' units; ``way``, one of `WAYS`, is how the label enters; ``spectral`` divides the matrices of D's hidden
    layers by their largest singular value (Miyato et al. 2018, arXiv 1802.05957). Shown in lesson 02.
    """
    if way not in WAYS:
        raise ValueError(f"way is {way!r}, expected one of {', '.join(WAYS)}.")
    noise, label, image = _inputs(classes, latent)
    if way == "embedding":
        x = conditioning.concatenate(noise, conditioning.embed(label, EMBEDDING))
    else:
        x = conditioning.concatenate(noise, label, scale=1.0 if way == "one_hot" else LABEL_SCALE)
    for units in (round(width * n) for n in (256, 512, 1024)):
        x = layers.LeakyReLU(0.2)(layers.Dense(units)(x))
    generator = Model([noise, label], _image(x), name="generator")

    x = layers.Flatten()(conditioning.planes(image, label) if way == "planes" else image)
    if way in ("one_hot", "scaled_one_hot"):
        x = conditioning.concatenate(x, label, scale=1.0 if way == "one_hot" else LABEL_SCALE)
    elif way == "embedding":
        x = conditioning.concatenate(x, conditioning.embed(label, EMBEDDING))
    for units in (round(width * n) for n in (512, 256)):
        hidden = layers.Dense(units)
        x = layers.LeakyReLU(0.2)((layers.SpectralNormalization(hidden) if spectral else hidden)(x))
    logits = conditioning.project(x, label) if way in ("projection", "both") else layers.Dense(1)(x)
    if way in ("auxiliary", "both"):  # the first is not shown the label, only asked for it
        logits = [logits, layers.Dense(classes, name="class_logits")(x)]
    discriminator = Model([image, label], logits, name="discriminator")
    return generator, discriminator


def conv(classes=10, latent=LATENT, width=64):
    """Return (generator, discriminator) of convolutions, with the label as in `dense`.

    Generator: dense to 7 x 7 x 128, then two transposed convolutions 4 x 4 with stride 2, to 14 x 14 x 64 and
    28 x 28 x 1, with batch normalisation before each activation but the last. The discriminator looks twice: through
    two convolutions 4 x 4 with stride 2, to 14 x 14 x 32 and 7 x 7 x 64, which see strokes, and through `dense`'s two
    layers, which see the whole; both give features to a projection and an auxiliary classifier. No normalisation,
    which a gradient penalty rules out. In the spirit of Radford et al. 2016 (DCGAN, arXiv 1511.06434), for small
    images. ``width``: channels of the generator's 14 x 14 layer.
    """
    noise, label, image = _inputs(classes, latent)
    x = conditioning.concatenate(noise, label, scale=LABEL_SCALE)
    x = layers.Dense(7 * 7 * 2 * width, use_bias=False)(x)
    x = _normalised(layers.Reshape((7, 7, 2 * width))(x))
    x = _normalised(layers.Conv2DTranspose(width, 4, strides=2, padding="same", use_bias=False)(x))
    x = layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh")(x)
    generator = Model([noise, label], x, name="generator")

    x = image
    for channels in (width // 2, width):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(channels, 4, strides=2, padding="same")(x))
    whole = layers.Flatten()(image)
    for units in (512, 256):
        whole = layers.LeakyReLU(0.2)(layers.Dense(units)(whole))
    features = layers.Concatenate()([layers.Flatten()(x), whole])
    logits = [conditioning.project(features, label), layers.Dense(classes, name="class_logits")(features)]
    discriminator = Model([image, label], logits, name="discriminator")
    return generator, discriminator


def _normalised(x):
    # The running mean follows quickly (momentum 0.9): the averaged generator averages it too.
    # Replicas normalise by the mean and variance of all their images, as one with the whole batch would.
    together = distributed.count() > 1
    return layers.LeakyReLU(0.2)(layers.BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=together)(x))


MODELS = {"article": article, "dense": dense, "conv": conv}


def get(name):
    """Return the function that builds the pair ``name``. Raises ValueError, naming those there are."""
    if name not in MODELS:
        raise ValueError(f"no model {name!r}; there are {', '.join(MODELS)}.")
    return MODELS[name]


def convolves(network):
    """Return whether ``network`` has a convolution."""
    return any("Conv" in type(layer).__name__ for layer in network.layers)


def check_pair(generator, discriminator):
    """Raise ValueError unless the two networks fit each other and this module's first lines.

    A discriminator may have a second output, class logits ``(n, classes)``: an auxiliary classifier.
    """
    for network, parts, ends in (
        (generator, "noise, label", [(28, 28, 1)]),
        (discriminator, "image, label", [(1,), tuple(discriminator.inputs[-1].shape[1:])]),
    ):
        found = [tuple(output.shape[1:]) for output in network.outputs]
        if len(network.inputs) != 2 or found != ends[: len(found)]:
            raise ValueError(
                f"{network.name} takes {len(network.inputs)} inputs and returns "
                f"{', '.join(str(output.shape) for output in network.outputs)}, "
                f"expected two ({parts}) and (n, {', '.join(map(str, ends[0]))})."
            )
    g, d = generator.inputs[1].shape[1], discriminator.inputs[1].shape[1]
    if g != d:
        raise ValueError(f"the generator knows {g} classes and the discriminator {d}; they must agree.")
    if tuple(discriminator.inputs[0].shape[1:]) != (28, 28, 1):
        raise ValueError(f"the discriminator takes images {discriminator.inputs[0].shape}, expected (n, 28, 28, 1).")


PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@contextlib.contextmanager
def precision(name):
    """Build the layers inside the block in this one of `PRECISIONS`; weights stay float32 in all of them.

    The mixed ones multiply in 16 bits. Raises ValueError for another name.
    """
    if name not in PRECISIONS:
        raise ValueError(f"precision is {name!r}, expected one of {', '.join(PRECISIONS)}.")
    before = config.dtype_policy()
    config.set_dtype_policy(name)
    try:
        yield
    finally:
        config.set_dtype_policy(before)


def _inputs(classes, latent):
    return (
        Input((latent,), name="noise"),
        Input((classes,), name="label"),
        Input((28, 28, 1), name="image"),
    )


def _image(x):
    return layers.Reshape((28, 28, 1))(layers.Dense(28 * 28, activation="tanh")(x))
