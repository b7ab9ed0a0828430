"""Right answers to the exercises and builds of lesson 07."""

import numpy as np
import tensorflow as tf


def hinge(real, fake):
    """Logits (n,) and (m,) -> (D's loss, G's loss), two numbers."""
    d_loss = np.mean(np.maximum(0, 1 - real)) + np.mean(np.maximum(0, 1 + fake))
    return d_loss, -np.mean(fake)


def spectral_norm(matrix, v, rounds):
    """Matrix (m, n), start (n,), number of rounds -> its largest singular value, nearly."""
    for _ in range(rounds):
        u = matrix @ v / np.linalg.norm(matrix @ v)
        v = matrix.T @ u / np.linalg.norm(matrix.T @ u)
    return u @ matrix @ v


def gradient_penalty(gradients):
    """Gradients (n, 28, 28, 1) of D's logits, one per picture -> 10 E[(length - 1)^2]."""
    length = np.sqrt((gradients**2).sum(axis=(1, 2, 3)))
    return 10 * np.mean((length - 1) ** 2)


def penalty(discriminator, real, fake, label, seed):
    """R1 with gamma = 1 on pictures (n, 28, 28, 1) and labels (n, 10) -> one number, 0 or more."""
    with tf.GradientTape() as tape:
        tape.watch(real)
        logits = discriminator([real, label])
    gradient = tape.gradient(logits, real)  # (n, 28, 28, 1)
    squares = tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3])  # (n,)
    return 0.5 * tf.reduce_mean(squares)


def clearly_better(new, old):
    """Agreement of each seed's run, (k,) and (m,) -> True or False."""
    return min(new) > max(old)
