"""The losses against the lesson's formulas in NumPy, Keras' cross-entropy and numbers by hand."""

import functools

import keras
import numpy as np
import pytest
import sklearn.metrics
import tensorflow as tf
from pytest import approx

from cgan_lab import losses, objective

REAL = np.array([[2.0], [-1.0], [0.5]], np.float32)
FAKE = np.array([[-3.0], [0.0], [1.5]], np.float32)
SOFTPLUS = functools.partial(np.logaddexp, 0)
LOG_D = np.mean(np.log(objective.sigmoid(REAL))), np.mean(np.log(1 - objective.sigmoid(FAKE)))


@pytest.mark.parametrize(
    ("name", "d_loss", "g_loss"),
    [
        # the value function of the paper
        ("minimax", -sum(LOG_D), np.mean(objective.saturating_loss(FAKE))),
        ("non_saturating", -sum(LOG_D), np.mean(objective.non_saturating_loss(FAKE))),
        # by hand
        ("least_squares", 0.5 * (1 + 4 + 0.25) / 3 + 0.5 * (9 + 0 + 2.25) / 3, 0.5 * 17.25 / 3),
        ("hinge", (0 + 2 + 0.5) / 3 + (0 + 1 + 2.5) / 3, 0.5),
        ("wasserstein", -0.5 - 0.5, 0.5),
        # pairs: a fake's logit less its real partner's is -5, 1 and 1, and the other way round
        (
            "relativistic",
            (SOFTPLUS(-5) + 2 * SOFTPLUS(1)) / 3,
            (SOFTPLUS(5) + 2 * SOFTPLUS(-1)) / 3,
        ),
    ],
)
def test_losses_in_closed_form(name, d_loss, g_loss):
    loss = losses.get(name)
    assert float(loss.discriminator(REAL, FAKE)) == approx(d_loss, rel=1e-5)
    against = [REAL] if loss.paired else []
    assert float(loss.generator(FAKE, *against)) == approx(g_loss, rel=1e-5)


def test_the_discriminator_loss_is_binary_cross_entropy_on_both_halves():
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    want = float(entropy(np.ones_like(REAL), REAL) + entropy(np.zeros_like(FAKE), FAKE))
    assert float(losses.get("non_saturating").discriminator(REAL, FAKE)) == approx(want, rel=1e-5)


def logits(a):
    return np.full((2, 1), a, np.float32)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_a_right_and_sure_discriminator_pays_little_and_generators_want_higher_logits(name):
    loss = losses.get(name)
    real, fake = (1.0, 0.0) if name == "least_squares" else (1e4, -1e4)
    least = -2e4 if name == "wasserstein" else 0.0  # its scores have no end, and so no best value
    assert float(loss.discriminator(logits(real), logits(fake))) == approx(least, abs=1e-6)
    wrong = float(loss.discriminator(logits(fake), logits(real)))
    assert np.isfinite(wrong) and wrong > 0.9
    against = [logits(0.0)] if loss.paired else []
    higher, lower = (float(loss.generator(logits(a), *against)) for a in (0.5, -1.0))
    assert higher < lower


@pytest.mark.parametrize("name", losses.LOSSES)
def test_only_paired_losses_overlook_a_number_added_to_all_logits(name):
    loss = losses.get(name)

    def both(real, fake):
        against = [real] if loss.paired else []
        return float(loss.discriminator(real, fake)), float(loss.generator(fake, *against))

    usual, shifted = both(REAL, FAKE), both(REAL + 3.0, FAKE + 3.0)
    assert (shifted == approx(usual, rel=1e-5)) == loss.paired
    # and only they ask which real picture a fake was compared with
    others = both(REAL[::-1], FAKE)
    assert (others != approx(usual, rel=1e-5)) == loss.paired


def test_unknown_names_hear_which_there_are():
    with pytest.raises(
        ValueError, match="no loss 'wgan'; there are minimax, non_saturating, least"
    ):
        losses.get("wgan")
    with pytest.raises(ValueError, match="no penalty 'l2'; there are wgan_gp, r1"):
        losses.get_penalty("l2")
    assert losses.get_penalty(None) is None


def penalty(name, discriminator, real, fake):
    return float(losses.get_penalty(name).of(discriminator, real, fake, None, [0, 0]))


def test_penalties_of_a_linear_discriminator_are_closed_forms():
    weights = np.random.default_rng(0).normal(size=(1, 28, 28, 1)).astype(np.float32)
    norm = np.sqrt((weights**2).sum())
    real, fake = (tf.random.stateless_normal((5, 28, 28, 1), [0, seed]) for seed in (1, 2))

    def linear(inputs, training):  # its input gradient is the weights everywhere
        return tf.reduce_sum(inputs[0] * weights, axis=[1, 2, 3])[:, None] + 1.0

    assert penalty("wgan_gp", linear, real, fake) == approx(10 * (norm - 1) ** 2, rel=1e-4)
    assert penalty("r1", linear, real, fake) == approx(0.5 * norm**2, rel=1e-4)
    assert penalty("r1_r2", linear, real, fake) == approx(0.05 * 2 * norm**2, rel=1e-4)


def test_r1_and_r2_charge_each_side_for_its_own_slope():
    real, fake = (tf.random.stateless_normal((5, 28, 28, 1), [0, seed]) for seed in (1, 2))
    fake *= 3.0

    def quadratic(inputs, training):  # its input gradient is the image
        return 0.5 * tf.reduce_sum(tf.square(inputs[0]), axis=[1, 2, 3])[:, None]

    lengths = [float(tf.reduce_mean(tf.reduce_sum(x**2, axis=[1, 2, 3]))) for x in (real, fake)]
    assert lengths[1] > 8 * lengths[0]
    assert penalty("r1_r2", quadratic, real, fake) == approx(0.05 * sum(lengths), rel=1e-4)
    assert penalty("r1", quadratic, real, fake) == approx(0.5 * lengths[0], rel=1e-4)


def test_a_penalty_is_a_name_or_a_function_of_ones_own():
    def flat(discriminator, real, fake, label, seed):
        return tf.constant(0.0)

    own = losses.as_penalty(flat)
    assert (own.name, own.of) == ("flat", flat) and losses.as_penalty(own) is own
    assert losses.as_penalty("r1") is losses.PENALTIES["r1"] and losses.as_penalty(None) is None
    with pytest.raises(ValueError, match="no penalty 'flat'; there are wgan_gp, r1"):
        losses.as_penalty("flat")


def test_the_points_of_the_gradient_penalty_lie_between_real_and_fake():
    seen = []

    def square(inputs, training):
        seen.append(inputs[0].numpy())
        return tf.reduce_sum(tf.square(inputs[0]), axis=[1, 2, 3])[:, None]

    penalty("wgan_gp", square, tf.ones((64, 28, 28, 1)), -tf.ones((64, 28, 28, 1)))
    points = seen[0][:, 0, 0, 0]
    assert np.all(seen[0] == points[:, None, None, None])
    assert np.abs(points).max() < 1 and np.ptp(points) > 1.5


def test_the_auxiliary_loss_is_scikit_learns_log_loss():
    rng = np.random.default_rng(0)
    class_logits, labels = rng.normal(size=(40, 4)).astype(np.float32), rng.integers(0, 4, 40)
    shares = np.exp(class_logits) / np.exp(class_logits).sum(axis=1, keepdims=True)
    want = sklearn.metrics.log_loss(labels, shares, labels=range(4))
    label = np.eye(4, dtype=np.float32)[labels]
    assert float(losses.auxiliary(class_logits, label)) == approx(want, rel=1e-5)
