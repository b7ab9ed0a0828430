"""A conditional GAN of a few units, for tests and for the processes that tests start."""

import keras
from keras import Input, Model, layers

from cgan_lab import cgan as cgan_module
from cgan_lab import conditioning, networks, training


def cgan(seed=0, loss="non_saturating", ema=0.9, rate=1e-3, precision="float32", penalty=None, convolve=False):
    """Return a compiled CGAN with 4 numbers of noise; the same ``seed`` gives the same weights.

    ``convolve``: whether each network has a convolution.
    """
    keras.utils.set_random_seed(seed)
    with networks.precision(precision):
        noise, label, image = Input((4,)), Input((10,)), Input((28, 28, 1))
        x = layers.Dense(784, activation="tanh")(conditioning.concatenate(noise, label, 5.0))
        drawn, seen = layers.Reshape((28, 28, 1))(x), image
        if convolve:
            drawn = layers.Conv2D(1, 3, padding="same", activation="tanh")(drawn)
            seen = layers.Conv2D(2, 3, strides=2)(image)
        generator = Model([noise, label], drawn, name="generator")
        x = layers.Dense(8, activation="relu")(layers.Flatten()(seen))
        discriminator = Model([image, label], conditioning.project(x, label), name="discriminator")
    model = cgan_module.CGAN(generator, discriminator, loss=loss, ema=ema, seed=seed, penalty=penalty)
    model.compile(keras.optimizers.Adam(rate), keras.optimizers.Adam(rate))
    return model


def train(digits, out, epochs, told=None):
    """Train into the folder ``out``, or go on there, and save as often as it can: kills should hit it.

    ``told``: a connection, which hears "ready" and then the number of each epoch.
    """
    training.SECONDS_A_SAVE, tell = 0.0, told.send if told else lambda text: None
    tell("ready")
    model = cgan()
    model.jit_compile = False  # half of the time to the first epoch
    options = {"batch_size": 64, "epochs": epochs, "progress": False}
    training.train(model, digits, out=out, on_epoch=lambda row: tell(row["epoch"]), **options)
