"""Small things that many tests need: a few real digits, networks of a few units."""

import numpy as np
import pytest

from cgan_lab import data


@pytest.fixture(scope="session")
def digits():
    """The first 320 training and 100 test images that ship."""
    whole = data.load("digits")
    return data.Digits(
        "digits", whole.x_train[:320], whole.y_train[:320], whole.x_test[:100], whole.y_test[:100], whole.class_names
    )


@pytest.fixture
def small_cgan():
    """A function that returns a compiled CGAN of a few units; the same ``seed`` gives the same weights."""
    import keras
    from keras import Input, Model, layers

    from cgan_lab import cgan, conditioning

    def make(seed=0, loss="non_saturating", ema=0.9, rate=1e-3):
        keras.utils.set_random_seed(seed)
        noise, label, image = Input((4,)), Input((10,)), Input((28, 28, 1))
        x = layers.Dense(784, activation="tanh")(conditioning.concatenate(noise, label, 5.0))
        generator = Model([noise, label], layers.Reshape((28, 28, 1))(x), name="generator")
        x = layers.Dense(8, activation="relu")(layers.Flatten()(image))
        discriminator = Model([image, label], conditioning.project(x, label), name="discriminator")
        model = cgan.CGAN(generator, discriminator, loss=loss, ema=ema, seed=seed)
        model.compile(keras.optimizers.Adam(rate), keras.optimizers.Adam(rate))
        return model

    return make


@pytest.fixture
def same_weights():
    """A function that says whether two lists of arrays are equal to the bit."""
    return lambda a, b: len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
