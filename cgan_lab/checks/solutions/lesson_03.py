"""Right answers to the exercises and builds of lesson 03."""

import numpy as np
import tensorflow as tf


def d_turn(generator, discriminator, d_adam, real, label, noise):
    """D's turn on pictures (n, 28, 28, 1), label (n, 10) and noise (n, 100). Returns D's loss."""
    fakes = generator([noise, label])
    with tf.GradientTape() as tape:
        on_real = discriminator([real, label])
        on_fakes = discriminator([fakes, label])
        loss = tf.reduce_mean(tf.nn.softplus(-on_real)) + tf.reduce_mean(tf.nn.softplus(on_fakes))
    own = discriminator.trainable_variables
    d_adam.apply(tape.gradient(loss, own), own)
    return loss


def g_turn(generator, discriminator, g_adam, label, noise):
    """G's turn on label (n, 10) and noise (n, 100), through D as it is. Returns G's loss."""
    with tf.GradientTape() as tape:
        on_fakes = discriminator([generator([noise, label]), label])
        loss = tf.reduce_mean(tf.nn.softplus(-on_fakes))
    own = generator.trainable_variables
    g_adam.apply(tape.gradient(loss, own), own)
    return loss


def moving_average(average, weights, decay):
    """Two arrays of one shape and a decay from 0 to 1 -> the new average, of that shape."""
    return decay * average + (1 - decay) * weights


def discriminator_loss(real, fake):
    """Logits (n,) on real pictures, (m,) on fakes -> -mean log D - mean log(1 - D), one number."""
    return np.mean(np.logaddexp(0, -real)) + np.mean(np.logaddexp(0, fake))


def agreement_of_each(requested, recognised, classes):
    """Whole-number labels (n,), twice, and how many classes -> the share of each, (classes,)."""
    return np.array([np.mean(recognised[requested == c] == c) for c in range(classes)])
