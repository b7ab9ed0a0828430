"""Noise and labels as arrays."""

import numpy as np
import pytest
from scipy.spatial import geometric_slerp

from cgan_lab import sampling


def test_noise_is_standard_normal_and_repeats_with_its_seed():
    z = sampling.noise(2000, latent=50, seed=3)
    assert z.shape == (2000, 50) and z.dtype == np.float32
    assert abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02
    assert np.array_equal(z, sampling.noise(2000, 50, seed=3))
    assert not np.array_equal(sampling.noise(2, 3), sampling.noise(2, 3))


def test_grids_hold_a_label_per_row_and_a_noise_vector_per_column():
    assert sampling.label_grid([7, 0, 7], 2).tolist() == [7, 7, 0, 0, 7, 7]
    noise = np.arange(6.0).reshape(3, 2)
    labels, tiled = sampling.style_grid(noise, [7, 4])
    assert labels.tolist() == [7, 7, 7, 4, 4, 4] and tiled.dtype == np.float32
    assert np.array_equal(tiled[:3], noise) and np.array_equal(tiled[3:], noise)


def test_one_hot_reads_back_and_mixtures_pass_through():
    rows = sampling.one_hot([3, 0, 9], 10)
    assert rows.dtype == np.float32 and rows.sum() == 3
    assert rows.argmax(axis=1).tolist() == [3, 0, 9]
    assert sampling.one_hot(np.empty(0, int), 10).shape == (0, 10)
    mixture = [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    assert sampling.one_hot(mixture, 3).tolist() == mixture


@pytest.mark.parametrize(
    ("labels", "error", "says"),
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
def test_other_labels_are_refused(labels, error, says):
    with pytest.raises(error, match=says):
        sampling.one_hot(labels, 10)


def test_a_label_path_goes_from_one_label_to_the_other():
    path = sampling.label_path(3, 8, 5)
    assert path.shape == (5, 10) and np.allclose(path[:, [3, 8]].sum(axis=1), 1.0)
    assert np.allclose(path[:, 8], [0, 0.25, 0.5, 0.75, 1])
    assert np.array_equal(path, sampling.one_hot(path, 10))


def test_a_latent_path_is_scipys_and_keeps_the_length():
    start, end = np.random.default_rng(0).normal(size=(2, 50))
    radius = np.linalg.norm(start)
    end *= radius / np.linalg.norm(end)
    share = np.linspace(0, 1, 9)
    path = sampling.latent_path(start, end, 9)
    assert np.allclose(path[[0, -1]], [start, end], atol=1e-5)
    want = geometric_slerp(start / radius, end / radius, share)
    assert np.allclose(path / radius, want, atol=1e-5)
    assert np.allclose(np.linalg.norm(path, axis=1), radius, rtol=1e-5)
    assert np.linalg.norm((start + end) / 2) < 0.8 * radius  # the middle of the straight line


def test_a_latent_path_changes_its_length_evenly_and_may_stay_in_place():
    path = sampling.latent_path([1.0, 0.0], [0.0, 3.0], 3)
    assert np.allclose(np.linalg.norm(path, axis=1), [1, 2, 3])
    assert np.allclose(sampling.latent_path([2.0, 0.0], [2.0, 0.0], 4), [[2.0, 0.0]] * 4)


def test_directions_are_orthogonal_and_the_first_moves_the_layer_most():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(6, 4)) * np.array([5, 1, 1, 1, 1, 1])[:, None]
    rows = sampling.directions(weights)
    moved = np.linalg.norm(rows @ weights, axis=1)
    assert rows.shape == (6, 6) and np.allclose(rows @ rows.T, np.eye(6), atol=1e-5)
    assert np.all(np.diff(moved) < 1e-5)
    assert moved[0] == pytest.approx(np.linalg.norm(weights, 2), rel=1e-5)  # of all directions
    assert np.all(np.take_along_axis(rows, abs(rows).argmax(axis=1)[:, None], axis=1) > 0)


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        ("label_path", (3, 10, 5), "labels run from 3 to 10, expected 0 to 9"),
        ("label_path", (3, 8, 1), "steps is 1, expected at least 2"),
        ("latent_path", ([1, 0], [1], 3), r"start has shape \(2,\) and end \(1,\)"),
        ("latent_path", ([0, 0], [1, 0], 3), "has no direction"),
        ("latent_path", ([1, 0], [-1, 0], 3), "opposite directions"),
    ],
)
def test_paths_that_lead_nowhere_are_refused(function, arguments, says):
    with pytest.raises(ValueError, match=says):
        getattr(sampling, function)(*arguments)
