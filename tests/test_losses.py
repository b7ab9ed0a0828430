"""The losses against the lesson's formulas in NumPy, Keras' cross-entropy and numbers by hand."""

import keras
import numpy as np
import pytest
import sklearn.metrics
import tensorflow as tf

from cgan_lab import losses, objective

REAL = np.array([[2.0], [-1.0], [0.5]], np.float32)
PENALTIES = ("wgan_gp", "r1")
FAKE = np.array([[-3.0], [0.0], [1.5]], np.float32)


def test_the_log_losses_are_the_value_function_of_the_paper():
    sigmoid = objective.sigmoid
    value = np.mean(np.log(sigmoid(REAL))) + np.mean(np.log(1 - sigmoid(FAKE)))
    for name in ("minimax", "non_saturating"):
        assert float(losses.get(name).discriminator(REAL, FAKE)) == pytest.approx(-value, rel=1e-5)
    assert float(losses.get("minimax").generator(FAKE)) == pytest.approx(
        np.mean(objective.saturating_loss(FAKE)), rel=1e-5
    )
    want = np.mean(objective.non_saturating_loss(FAKE))
    assert float(losses.get("non_saturating").generator(FAKE)) == pytest.approx(want, rel=1e-5)


def test_the_discriminator_loss_is_binary_cross_entropy_on_both_halves():
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    want = float(entropy(np.ones_like(REAL), REAL) + entropy(np.zeros_like(FAKE), FAKE))
    assert float(losses.get("non_saturating").discriminator(REAL, FAKE)) == pytest.approx(want, rel=1e-5)


def test_least_squares_and_hinge_by_hand():
    squares, hinge = losses.get("least_squares"), losses.get("hinge")
    real = ((2 - 1) ** 2 + (-1 - 1) ** 2 + (0.5 - 1) ** 2) / 3
    assert float(squares.discriminator(REAL, FAKE)) == pytest.approx(0.5 * real + 0.5 * (9 + 0 + 2.25) / 3)
    assert float(squares.generator(FAKE)) == pytest.approx(0.5 * (16 + 1 + 0.25) / 3)
    assert float(hinge.discriminator(REAL, FAKE)) == pytest.approx((0 + 2 + 0.5) / 3 + (0 + 1 + 2.5) / 3)
    assert float(hinge.generator(FAKE)) == pytest.approx(0.5)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_a_discriminator_that_is_right_and_sure_pays_little(name):
    loss = losses.get(name)
    sure = {"least_squares": (1.0, 0.0)}.get(name, (1e4, -1e4))
    right = loss.discriminator(np.full((2, 1), sure[0], np.float32), np.full((2, 1), sure[1], np.float32))
    wrong = loss.discriminator(np.full((2, 1), sure[1], np.float32), np.full((2, 1), sure[0], np.float32))
    least = -2e4 if name == "wasserstein" else 0.0  # its scores have no end, and so no best value
    assert float(right) == pytest.approx(least, abs=1e-6) and np.isfinite(wrong) and float(wrong) > 0.9


@pytest.mark.parametrize("name", losses.LOSSES)
def test_every_generator_wants_a_higher_logit(name):
    low, high = (float(losses.get(name).generator(np.full((1, 1), a, np.float32))) for a in (-1.0, 0.5))
    assert high < low


def test_an_unknown_loss_says_which_there_are():
    with pytest.raises(ValueError, match="no loss 'wgan'; there are minimax, non_saturating, least_squares, hinge"):
        losses.get("wgan")


def linear(weights):
    """A discriminator w.x + 1, whose input gradient is w everywhere."""
    return lambda inputs, training: tf.reduce_sum(inputs[0] * weights, axis=[1, 2, 3])[:, None] + 1.0


def test_penalties_of_a_linear_discriminator_are_closed_forms():
    weights = np.random.default_rng(0).normal(size=(1, 28, 28, 1)).astype(np.float32)
    real, fake = (tf.random.stateless_normal((5, 28, 28, 1), [0, seed]) for seed in (1, 2))
    norm = np.sqrt((weights**2).sum())
    penalty = {name: float(losses.PENALTIES[name].of(linear(weights), real, fake, None, [0, 0])) for name in PENALTIES}
    assert penalty["wgan_gp"] == pytest.approx(10 * (norm - 1) ** 2, rel=1e-4)
    assert penalty["r1"] == pytest.approx(0.5 * norm**2, rel=1e-4)


def test_the_points_of_the_gradient_penalty_lie_between_real_and_fake():
    seen = []

    def square(inputs, training):
        seen.append(inputs[0].numpy())
        return tf.reduce_sum(tf.square(inputs[0]), axis=[1, 2, 3])[:, None]

    real, fake = tf.ones((64, 28, 28, 1)), -tf.ones((64, 28, 28, 1))
    losses.PENALTIES["wgan_gp"].of(square, real, fake, None, [0, 0])
    points = seen[0][:, 0, 0, 0]
    assert np.all(seen[0] == points[:, None, None, None]) and np.abs(points).max() < 1 and np.ptp(points) > 1.5


def test_an_unknown_penalty_is_refused():
    assert losses.get_penalty(None) is None
    with pytest.raises(ValueError, match="no penalty 'l2'; there are wgan_gp, r1, or None"):
        losses.get_penalty("l2")


def test_the_auxiliary_loss_is_scikit_learns_log_loss():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(40, 4)).astype(np.float32), rng.integers(0, 4, 40)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    want = sklearn.metrics.log_loss(labels, shares, labels=range(4))
    assert float(losses.auxiliary(logits, np.eye(4, dtype=np.float32)[labels])) == pytest.approx(want, rel=1e-5)
