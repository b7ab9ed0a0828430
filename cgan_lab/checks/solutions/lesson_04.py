"""Right answers to the exercises and builds of lesson 04."""

import keras
import numpy as np
import tensorflow as tf


def invert(generator, pictures, label, noise, steps, rate):
    """Pictures (n, 28, 28, 1), label (n, 10), first noise (n, 100) -> the noise found (n, 100)."""
    z = tf.Variable(noise)
    label = tf.constant(label)  # Keras takes tensors together, not tensors and arrays
    adam = keras.optimizers.Adam(rate)
    adam.build([z])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            far = tf.reduce_sum((generator([z, label]) - pictures) ** 2)
        slope = tape.gradient(far, z)  # (n, 100): each row depends on its own picture alone
        adam.apply([slope], [z])

    for _ in range(steps):
        step()
    return z.numpy()


def style_grid(noise, labels):
    """Noise (columns, latent), labels (rows,) -> labels (rows * columns,) and the noise of each."""
    return np.repeat(labels, len(noise)), np.tile(noise, (len(labels), 1))


def label_path(start, end, steps, classes):
    """Two whole-number labels -> mixtures (steps, classes), from all `start` to all `end`."""
    share = np.linspace(0, 1, steps)[:, None]
    one_hot = np.eye(classes)
    return (1 - share) * one_hot[start] + share * one_hot[end]


def latent_path(start, end, steps):
    """Two vectors (latent,) of one length -> vectors on the arc between them, (steps, latent)."""
    w = np.arccos(start @ end / (np.linalg.norm(start) * np.linalg.norm(end)))
    t = np.linspace(0, 1, steps)[:, None]
    return (np.sin((1 - t) * w) * start + np.sin(t * w) * end) / np.sin(w)
