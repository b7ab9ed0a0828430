"""Noise and labels as arrays."""

import numpy as np
import pytest

from cgan_lab import sampling


def test_noise_is_standard_normal_and_repeats_with_its_seed():
    z = sampling.noise(2000, latent=50, seed=3)
    assert z.shape == (2000, 50) and z.dtype == np.float32
    assert abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02
    assert np.array_equal(z, sampling.noise(2000, 50, seed=3))
    assert not np.array_equal(sampling.noise(2, 3), sampling.noise(2, 3))


def test_a_grid_has_each_label_in_a_row():
    assert sampling.label_grid([7, 0, 7], 2).tolist() == [7, 7, 0, 0, 7, 7]


def test_one_hot_reads_back():
    rows = sampling.one_hot([3, 0, 9], 10)
    assert rows.dtype == np.float32 and rows.argmax(axis=1).tolist() == [3, 0, 9] and rows.sum() == 3


def test_mixtures_pass_through():
    mixture = [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    assert sampling.one_hot(mixture, 3).tolist() == mixture


@pytest.mark.parametrize(
    ("labels", "error", "sentence"),
    [
        ([10], ValueError, "run from 10 to 10, expected 0 to 9"),
        ([-1], ValueError, "run from -1"),
        ([0.5], TypeError, "dtype float64"),
        (["3"], TypeError, "expected whole numbers"),
        ([[1.0, 0.0]], ValueError, r"expected \(n,\) or mixtures \(n, 10\)"),
        ([[0.2] * 10], ValueError, "sum to 1"),
        ([[2.0, -1.0] + [0.0] * 8], ValueError, "from 0 up"),
        (3, ValueError, r"shape \(\)"),
    ],
)
def test_other_labels_are_refused(labels, error, sentence):
    with pytest.raises(error, match=sentence):
        sampling.one_hot(labels, 10)
