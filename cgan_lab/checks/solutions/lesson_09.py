"""Right answers to the builds of lesson 09."""

import numpy as np
import tensorflow as tf


def noised(images, noise, t):
    """Images and noise (n, 28, 28, 1), time t from 0 to 1, a number or (n, 1, 1, 1) -> the mix."""
    angle = 0.5 * np.pi * t
    return tf.cos(angle) * images + tf.sin(angle) * noise


def step(noisy, clean, t, to):
    """Images (n, 28, 28, 1) of time t, the clean ones in them, an earlier time -> those of it."""
    now, then = 0.5 * np.pi * t, 0.5 * np.pi * to
    noise = (noisy - tf.cos(now) * clean) / tf.sin(now)
    return tf.cos(then) * clean + tf.sin(then) * noise


def guided(labelled, unlabelled, guidance):
    """Two answers (n, 28, 28, 1), with the label and without, and a number -> one answer."""
    return unlabelled + guidance * (labelled - unlabelled)
