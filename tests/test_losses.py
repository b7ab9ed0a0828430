"""The losses against the lesson's formulas in NumPy, Keras' cross-entropy and numbers by hand."""

import keras
import numpy as np
import pytest

from cgan_lab import losses, objective

REAL = np.array([[2.0], [-1.0], [0.5]], np.float32)
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
    assert float(right) == pytest.approx(0.0, abs=1e-6) and np.isfinite(wrong) and float(wrong) > 0.9


@pytest.mark.parametrize("name", losses.LOSSES)
def test_every_generator_wants_a_higher_logit(name):
    low, high = (float(losses.get(name).generator(np.full((1, 1), a, np.float32))) for a in (-1.0, 0.5))
    assert high < low


def test_an_unknown_loss_says_which_there_are():
    with pytest.raises(ValueError, match="no loss 'wgan'; there are minimax, non_saturating, least_squares, hinge"):
        losses.get("wgan")
