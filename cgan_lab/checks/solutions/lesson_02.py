"""Right answers to the exercises and builds of lesson 02."""

from itertools import pairwise

import keras
import numpy as np
from keras import layers


def make_generator():
    """Noise (n, 100) and label (n, 10) -> a keras.Model of pictures (n, 28, 28, 1) in [-1, 1]."""
    noise = keras.Input((100,))
    label = keras.Input((10,))
    h = layers.Concatenate()([noise, layers.Rescaling(5.0)(label)])  # (n, 110)
    for units in (256, 512, 1024):
        h = layers.LeakyReLU(0.2)(layers.Dense(units)(h))
    pixels = layers.Dense(28 * 28, activation="tanh")(h)  # (n, 784)
    return keras.Model([noise, label], layers.Reshape((28, 28, 1))(pixels))


def make_discriminator():
    """Pictures (n, 28, 28, 1) in [-1, 1] and label (n, 10) -> a keras.Model of logits (n, 1)."""
    image = keras.Input((28, 28, 1))
    label = keras.Input((10,))
    f = layers.Flatten()(image)  # (n, 784)
    for units in (512, 256):
        f = layers.LeakyReLU(0.2)(layers.Dense(units)(f))
    real = layers.Dense(1)(f)  # w . f + b: does it look real?
    direction = layers.Dense(256, use_bias=False)(label)  # V y
    fits = layers.Dot(axes=1)([direction, f])  # V y . f: does it look like its label?
    return keras.Model([image, label], layers.Add()([real, fits]))


def count_weights(sizes):
    """Layer sizes from input to output, such as [110, 256, 784] -> weights and biases in all."""
    return sum((a + 1) * b for a, b in pairwise(sizes))


def projection_logits(features, label, weights, bias, directions):
    """(n, d), one-hot (n, k), (d,), one number, (k, d) -> logits (n,)."""
    fits = np.sum((label @ directions) * features, axis=1)
    return features @ weights + bias + fits


def label_planes(label):
    """One-hot (n, k) -> planes (n, 28, 28, k)."""
    return np.broadcast_to(label[:, None, None, :], (len(label), 28, 28, label.shape[1]))
