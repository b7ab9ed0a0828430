"""Generators and discriminators. Builds networks; trains none.

Every generator maps noise (n, latent) and label (n, classes) to images (n, 28, 28, 1) in [-1, 1].
Every discriminator maps such images and label to logits (n, 1). With an auxiliary classifier it has
a second output, class logits (n, classes).
"""

import contextlib
import functools

from cgan_lab import conditioning
from cgan_lab._support import distributed
from cgan_lab._support.names import pick
from cgan_lab._support.tensorflow import keras, layers, usual

LATENT = 100
LABEL_SCALE = 5.0
EMBEDDING = 50  # numbers that a label is embedded in, as in many conditional GANs
MODULATIONS = ("off", "alone", "both")  # G's label only beside the noise, only modulating, both
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def article(classes=10, latent=LATENT):
    """Return (generator, discriminator) with the article's layers: the label is concatenated.

    Generator 110 -> 256 -> 512 -> 1024 -> 784, discriminator 794 -> 512 -> 256 -> 1, ReLU inside.
    The discriminator's sigmoid is part of the loss. Trained with the optimizers of `dense`, this
    generator is slow to listen to its label: label agreement is at chance after 10 epochs of the
    shipped digits and at 14 to 20 % after 30; with leaky ReLU for ReLU, ``dense(way="one_hot")``,
    at 70 to 79 %, with ReLU, a projection and G's label times 5 at 96 to 97 %:
    `benchmarks/README.md`. Shown in lesson 02.
    """
    noise, label, image = _inputs(classes, latent)
    x = conditioning.concatenate(noise, label)
    for units in (256, 512, 1024):
        x = layers.Dense(units, activation="relu")(x)
    generator = keras.Model([noise, label], _image(x), name="generator")

    x = conditioning.concatenate(layers.Flatten()(image), label)
    for units in (512, 256):
        x = layers.Dense(units, activation="relu")(x)
    discriminator = keras.Model([image, label], layers.Dense(1)(x), name="discriminator")
    return generator, discriminator


def dense(classes=10, latent=LATENT, width=1.0, way="projection", spectral=False, modulation="off"):
    """Return (generator, discriminator): the article's sizes with a label that is hard to overlook.

    By default the generator gets the one-hot label times 5 beside the noise, whose norm is about
    10, and the discriminator is a projection discriminator. Leaky ReLU 0.2 inside.
    Shown in lesson 02.

    Args:
        classes: how many labels there are.
        latent: how many numbers of noise the generator takes.
        width: multiplies the units of the hidden layers.
        way: how the label enters, one of `WAYS`.
        spectral: whether to divide the matrices of D's hidden layers by their largest singular
            value: Miyato et al. 2018 (arXiv 1802.05957).
        modulation: whether the label times 5 scales and shifts G's hidden units before their
            activations, see `conditioning.modulate`: "off"; "alone", where G's input is the noise
            and nothing else; or "both", where the label stays beside it, too.

    Raises:
        ValueError: for another way or modulation.
    """
    g_input, d_input, d_output = pick("way", way, WAYS)
    noise, label, image = _inputs(classes, latent)
    x, told = _told(noise, label, g_input, modulation)
    x = _hidden(x, [round(width * n) for n in (256, 512, 1024)], told=told)
    generator = keras.Model([noise, label], _image(x), name="generator")

    x = _hidden(d_input(image, label), [round(width * n) for n in (512, 256)], spectral)
    discriminator = keras.Model([image, label], d_output(x, label), name="discriminator")
    return generator, discriminator


def conv(classes=10, latent=LATENT, width=1.0, deep=False, modulation="off"):
    """Return (generator, discriminator) of convolutions, for small images, in the spirit of DCGAN.

    Radford et al. 2016 (arXiv 1511.06434). Generator: dense to 7 x 7 x 128, then two transposed
    convolutions 4 x 4 with stride 2, to 14 x 14 x 64 and 28 x 28 x 1, with batch normalisation
    before each activation but the last. The discriminator looks twice: through two convolutions
    4 x 4 with stride 2, to 14 x 14 x 32 and 7 x 7 x 64, which see strokes, and through `dense`'s
    two layers, which see the whole. Both give features to a projection and an auxiliary classifier.
    D has no normalisation, which a gradient penalty rules out. ``width`` multiplies the channels.
    ``deep``: one more convolution each. G comes to 28 x 28 with 32 channels, which a convolution
    3 x 3 turns into the image; D's strokes go on through one 3 x 3 to 7 x 7 x 128. ``modulation``:
    as in `dense`, of G's channels; the normalisations then have no scale and shift of their own.
    """
    channels = round(width * 64)
    noise, label, image = _inputs(classes, latent)
    x, told = _told(noise, label, _scaled, modulation)
    # The rows of a one-hot label hold a bias; without them, one must say where strokes can be.
    alone = modulation == "alone"
    x = layers.Dense(7 * 7 * 2 * channels, use_bias=alone)(x)
    x = _normalised(layers.Reshape((7, 7, 2 * channels))(x), told)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", use_bias=False)(x)
    x = _normalised(x, told)
    if deep:
        x = layers.Conv2DTranspose(channels // 2, 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.Conv2D(1, 3, padding="same", activation="tanh")(_normalised(x, told))
    else:
        x = layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh")(x)
    generator = keras.Model([noise, label], x, name="generator")

    strokes = image
    looks = [(channels // 2, 4, 2), (channels, 4, 2)] + deep * [(2 * channels, 3, 1)]
    for filters, window, strides in looks:
        strokes = layers.Conv2D(filters, window, strides=strides, padding="same")(strokes)
        strokes = layers.LeakyReLU(0.2)(strokes)
    whole = _hidden(layers.Flatten()(image), (512, 256))
    x = layers.Concatenate()([layers.Flatten()(strokes), whole])
    logits = _with_classes(conditioning.project)(x, label)
    discriminator = keras.Model([image, label], logits, name="discriminator")
    return generator, discriminator


def _inputs(classes, latent):
    shapes = {"noise": (latent,), "label": (classes,), "image": (28, 28, 1)}
    return [keras.Input(shape, name=name) for name, shape in shapes.items()]


def _told(noise, label, join, modulation):
    """Return G's input, and what modulates G's layers: the label times 5, or None."""
    pick("modulation", modulation, MODULATIONS)
    x = noise if modulation == "alone" else join(noise, label)
    return x, None if modulation == "off" else layers.Rescaling(LABEL_SCALE)(label)


def _hidden(x, sizes, spectral=False, told=None):
    for units in sizes:
        layer = layers.Dense(units)
        x = (layers.SpectralNormalization(layer) if spectral else layer)(x)
        if told is not None:
            x = conditioning.modulate(x, told)
        x = layers.LeakyReLU(0.2)(x)
    return x


def _normalised(x, told=None):
    # The running mean follows quickly (momentum 0.9): the averaged generator averages it too.
    # Replicas normalise by the mean and variance of all their images, as one replica would.
    together = distributed.count() > 1
    own = told is None  # else scale and shift are the label's: conditional batch normalisation
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, center=own, scale=own, synchronized=together
    )(x)
    if not own:
        x = conditioning.modulate(x, told)
    return layers.LeakyReLU(0.2)(x)


def _image(x):
    return layers.Reshape((28, 28, 1))(layers.Dense(28 * 28, activation="tanh")(x))


_scaled = functools.partial(conditioning.concatenate, scale=LABEL_SCALE)


def _embedded(x, label):
    return conditioning.concatenate(x, conditioning.embed(label, EMBEDDING))


def _beside_pixels(join):
    return lambda image, label: join(layers.Flatten()(image), label)


def _planes(image, label):
    return layers.Flatten()(conditioning.planes(image, label))


def _pixels(image, label):  # D is not shown the label here
    return layers.Flatten()(image)


def _logit(features, label):
    return layers.Dense(1)(features)


def _with_classes(logit):  # the second output is the auxiliary classifier's
    def both(features, label):
        first = logit(features, label)
        return [first, layers.Dense(label.shape[1], name="class_logits")(features)]

    return both


# How the label enters `dense`: beside noise and pixels as it is, times 5, or embedded; as ten more
# channels of the image; by its inner product with D's features; as what an auxiliary classifier in
# D must find; or by the last two at once.
WAYS = {  # (noise, label) -> G's input; (image, label) -> D's input; (features, label) -> logits
    "one_hot": (conditioning.concatenate, _beside_pixels(conditioning.concatenate), _logit),
    "scaled_one_hot": (_scaled, _beside_pixels(_scaled), _logit),
    "embedding": (_embedded, _beside_pixels(_embedded), _logit),
    "planes": (_scaled, _planes, _logit),
    "projection": (_scaled, _pixels, conditioning.project),
    "auxiliary": (_scaled, _pixels, _with_classes(_logit)),
    "both": (_scaled, _pixels, _with_classes(conditioning.project)),
}
MODELS = {
    "article": article,
    "dense": dense,
    "conv": conv,
    "deep": functools.partial(conv, deep=True),
}


def convolves(network):
    """Return whether ``network`` has a convolution."""
    return any("Conv" in type(layer).__name__ for layer in network.layers)


def check_pair(generator, discriminator):
    """Raise ValueError unless the two networks fit each other and this module's first lines."""
    g, d = (network.inputs[-1].shape[-1] for network in (generator, discriminator))  # classes
    for network, inputs, *expected in (
        (generator, "noise, label", (28, 28, 1)),
        (discriminator, "image, label", (1,), (d,)),
    ):
        shapes = [tuple(output.shape[1:]) for output in network.outputs]
        if len(network.inputs) != 2 or shapes != expected[: len(shapes)]:
            raise ValueError(
                f"{network.name} takes {len(network.inputs)} inputs and returns "
                f"{', '.join(str(output.shape) for output in network.outputs)}, "
                f"expected two ({inputs}) and (n, {', '.join(map(str, expected[0]))})."
            )
    if g != d:
        raise ValueError(
            f"the generator knows {g} classes and the discriminator {d}; they must agree."
        )
    images = tuple(discriminator.inputs[0].shape)
    if images[1:] != (28, 28, 1):
        raise ValueError(f"the discriminator takes images {images}, expected (n, 28, 28, 1).")


@contextlib.contextmanager
def precision(name):
    """Build the layers inside the block in ``name``, one of `PRECISIONS`; weights stay float32.

    The mixed ones multiply in 16 bits. Raises ValueError for another name.
    """
    with usual(pick("precision", name, PRECISIONS)):
        yield
