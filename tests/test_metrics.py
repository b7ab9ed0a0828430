"""Metrics against closed forms, scikit-learn and SciPy."""

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial.distance as distance
import sklearn.metrics

from cgan_lab import metrics

RNG = np.random.default_rng(0)


def test_confusion_is_scikit_learns():
    requested, recognised = RNG.integers(0, 10, 500), RNG.integers(0, 10, 500)
    want = sklearn.metrics.confusion_matrix(requested, recognised, labels=range(10))
    assert np.array_equal(metrics.confusion(requested, recognised), want)
    assert metrics.agreement(requested, recognised) == pytest.approx(want.trace() / 500)


def test_agreement_by_hand():
    assert metrics.agreement([1, 2, 3, 4], [1, 2, 0, 4]) == 0.75
    assert metrics.standard_error(0.5, 100) == pytest.approx(0.05) and metrics.standard_error(1.0, 100) == 0.0


def test_repeated_counts_copies_within_a_label_only():
    images = np.zeros((4, 2, 2), np.uint8)
    images[3] = 1
    assert metrics.repeated(images, np.array([5, 5, 6, 5])) == 1
    assert metrics.repeated(images, np.array([5, 5, 5, 5])) == 2


def test_spread_is_the_root_mean_square_of_all_pairs():
    images, labels = RNG.integers(0, 256, (40, 5, 5)).astype(np.uint8), np.repeat([0, 1], 20)
    got = metrics.spread(images, labels, classes=3)
    for label in (0, 1):
        pairs = distance.pdist(images[labels == label].reshape(20, -1) / 255.0)
        assert got[label] == pytest.approx(np.sqrt(np.mean(pairs**2)))
    assert np.isnan(got[2])
    assert metrics.spread(np.repeat(images[:1], 5, axis=0), np.zeros(5, int), classes=1)[0] == pytest.approx(
        0.0, abs=1e-9
    )


def test_nearest_is_the_smallest_pair():
    images, labels = RNG.integers(0, 256, (60, 4, 4)).astype(np.uint8), RNG.integers(0, 3, 60)
    pairs = distance.squareform(distance.pdist(images.reshape(60, -1) / 255.0))
    pairs[labels[:, None] != labels[None, :]] = np.inf
    np.fill_diagonal(pairs, np.inf)
    assert np.allclose(metrics.nearest(images, labels), pairs.min(axis=1), atol=1e-3)
    assert metrics.nearest(images[:2], np.array([0, 1])).tolist() == [np.inf, np.inf]


def test_frechet_distance_of_a_set_to_itself_is_zero_and_of_a_shift_its_square():
    x = RNG.normal(size=(400, 6))
    assert metrics.frechet_distance(x, x) == pytest.approx(0.0, abs=1e-6)
    assert metrics.frechet_distance(x, x + 2.0) == pytest.approx(6 * 4.0, abs=1e-6)


def test_frechet_distance_of_scaled_features_in_closed_form():
    """Both covariances share their axes: the distance is the sum of squared differences of standard deviations."""
    x = RNG.normal(size=(500, 4))
    want = np.sum((3.0 - 1.0) ** 2 * np.var(x, axis=0, ddof=1)) + np.sum((2 * x.mean(axis=0)) ** 2)
    got = metrics.frechet_distance(x, 3.0 * x)
    cov = np.cov(x, rowvar=False)
    assert got == pytest.approx(4 * np.trace(cov) + np.sum((2 * x.mean(axis=0)) ** 2))
    assert got == pytest.approx(want)


def test_frechet_distance_is_the_formula_with_scipys_matrix_root():
    a, b = RNG.normal(size=(300, 8)), RNG.normal(size=(200, 8)) @ RNG.normal(size=(8, 8)) + 0.3
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    want = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(cov_a + cov_b - 2 * root)
    assert metrics.frechet_distance(a, b) == pytest.approx(want, rel=1e-6)
    assert metrics.frechet_distance(b, a) == pytest.approx(want, rel=1e-6)


def test_frechet_distance_stands_features_that_never_fire():
    x = RNG.normal(size=(50, 5))
    x[:, 2] = 0.0
    assert metrics.frechet_distance(x, x[::-1]) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: metrics.agreement([1, 2], [1]), r"requested has shape \(2,\) and recognised \(1,\)"),
        (lambda: metrics.agreement([], []), "n > 0"),
        (lambda: metrics.agreement([0.5], [0]), "requested labels have dtype float64"),
        (lambda: metrics.confusion([10], [0]), "requested labels run from 10 to 10, expected 0 to 9"),
        (lambda: metrics.spread(np.zeros((2, 4, 4)), [0, 0]), "images are float64"),
        (lambda: metrics.repeated(np.zeros((2, 4, 4), np.uint8), [0]), r"expected \(2,\): one label an image"),
        (lambda: metrics.frechet_distance(np.ones((5, 2)), np.ones((5, 3))), "a has 2 features and b has 3"),
        (lambda: metrics.frechet_distance(np.ones((1, 2)), np.ones((5, 2))), "n > 1"),
        (lambda: metrics.frechet_distance(np.full((5, 2), np.nan), np.ones((5, 2))), "not finite"),
    ],
)
def test_wrong_input_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
