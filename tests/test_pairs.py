"""The rows of the relativistic pair: what is compared with what, and what else stays."""

import numpy as np
import pairs
import pytest
import tensorflow as tf

REAL, FAKE = (np.array(x, np.float32)[:, None] for x in ([2.0, -1.0, 0.5], [-3.0, 0.25, 1.5]))


def softplus(x):
    return np.logaddexp(0, x)


def test_a_partner_of_another_label_is_the_next_row_in_both_turns():
    loss = pairs.shuffled(pairs.PAIR)
    partner = REAL[[2, 0, 1]]
    want = softplus(FAKE - partner).mean(), softplus(partner - FAKE).mean()
    got = loss.discriminator(REAL, FAKE), loss.generator(FAKE, REAL)
    assert [float(x) for x in got] == pytest.approx(want, rel=1e-5)


def test_all_pairs_are_the_mean_over_every_real_with_every_fake():
    loss = pairs.all_pairs(pairs.PAIR)
    want = [softplus(sign * (FAKE - REAL.T)).mean() for sign in (1, -1)]
    got = loss.discriminator(REAL, FAKE), loss.generator(FAKE, REAL)
    assert [float(x) for x in got] == pytest.approx(want, rel=1e-5)


def test_gamma_multiplies_both_charges():
    def linear(inputs, training):  # its input gradient is 1 everywhere: a squared length of 784
        return tf.reduce_sum(inputs[0], axis=[1, 2, 3])[:, None]

    images = tf.zeros((3, 28, 28, 1))
    charge = pairs.gamma(1.0).of(linear, images, images, None, [0, 0])
    assert float(charge) == pytest.approx(784, rel=1e-5)


def test_a_row_changes_the_model_as_it_says_and_nothing_else():
    usual = pairs.build("non-saturating", 0)
    other = pairs.build("relativistic with R1 and R2, other labels", 0)
    assert (usual.adversarial.name, usual.penalty) == ("non_saturating", None)
    assert (other.adversarial.name, other.penalty.name) == ("other_labels", "r1_r2")
    for part in ("generator", "discriminator"):
        weights = [getattr(model, part).get_weights() for model in (usual, other)]
        assert all(map(np.array_equal, *weights))
    halved = pairs.build("relativistic, half of D's rate", 0)
    assert float(halved.d_optimizer.learning_rate) == pytest.approx(pairs.DENSE.d_rate / 2)
    assert float(halved.g_optimizer.learning_rate) == pytest.approx(pairs.DENSE.g_rate)
