"""Generators and discriminators. Builds networks; trains none.

Every generator maps noise ``(n, latent)`` and label ``(n, classes)`` to images ``(n, 28, 28, 1)``
in [-1, 1]; every discriminator maps such images and label to logits ``(n, 1)``.
"""

import contextlib

from cgan_lab import conditioning, runtime

runtime.tensorflow()

from keras import Input, Model, config, layers  # noqa: E402

LATENT = 100
LABEL_SCALE = 5.0


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


def dense(classes=10, latent=LATENT, width=1.0):
    """Return (generator, discriminator): the article's layer sizes with a label that cannot be overlooked.

    The generator gets the one-hot label times 5 beside the noise, whose norm is about 10; the
    discriminator is a projection discriminator. Leaky ReLU 0.2 inside. ``width`` multiplies the hidden
    layers' units. Shown in lesson 02.
    """
    noise, label, image = _inputs(classes, latent)
    x = conditioning.concatenate(noise, label, scale=LABEL_SCALE)
    for units in (round(width * n) for n in (256, 512, 1024)):
        x = layers.LeakyReLU(0.2)(layers.Dense(units)(x))
    generator = Model([noise, label], _image(x), name="generator")

    x = layers.Flatten()(image)
    for units in (round(width * n) for n in (512, 256)):
        x = layers.LeakyReLU(0.2)(layers.Dense(units)(x))
    discriminator = Model([image, label], conditioning.project(x, label), name="discriminator")
    return generator, discriminator


MODELS = {"article": article, "dense": dense}


def get(name):
    """Return the function that builds the pair ``name``. Raises ValueError, naming those there are."""
    if name not in MODELS:
        raise ValueError(f"no model {name!r}; there are {', '.join(MODELS)}.")
    return MODELS[name]


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
