"""A conditional GAN of a few units, for tests and for the processes that tests start."""

from cgan_lab import cgan as cgan_module
from cgan_lab import conditioning, engine, networks, runs, training
from cgan_lab._support.tensorflow import keras

Input, Model, layers = keras.Input, keras.Model, keras.layers


def cgan(
    seed=0,
    loss="non_saturating",
    ema=0.9,
    rate=1e-3,
    precision="float32",
    penalty=None,
    convolve=False,
    xla=False,
):
    """Return a compiled CGAN with 4 numbers of noise; the same ``seed`` gives the same weights.

    ``convolve``: whether each network has a convolution. ``xla``: False, since XLA compiles such a
    model longer than it trains; None for what the package chooses.
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
    model = cgan_module.CGAN(
        generator, discriminator, loss=loss, ema=ema, seed=seed, penalty=penalty
    )
    compiler = {} if xla is None else {"jit_compile": xla}
    model.compile(keras.optimizers.Adam(rate), keras.optimizers.Adam(rate), **compiler)
    return model


class Teller(engine.Listener):
    """Sends the number of each whole epoch into a pipe."""

    def __init__(self, pipe):
        self.pipe = pipe

    def on_epoch(self, row):
        """Send the number of the epoch."""
        self.pipe.send(row["epoch"])


def train(digits, out, epochs, pipe=None):
    """Train into the folder ``out``, or go on there, and save every epoch: kills should hit it.

    ``pipe``: a connection into which "ready" is sent, and then the number of each epoch.
    """
    runs.SECONDS_PER_SAVE = 0.0
    if pipe:
        pipe.send("ready")
    model = cgan()
    listeners = [Teller(pipe)] if pipe else []
    training.train(
        model, digits, epochs, batch_size=64, out=out, progress=False, listeners=listeners
    )
