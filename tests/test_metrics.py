"""Metrics against closed forms, prdc, scikit-learn and SciPy."""

import contextlib
import functools
import io
import tracemalloc

import numpy as np
import prdc
import pytest
import scipy.linalg
import scipy.spatial.distance as distance
import sklearn.cluster
import sklearn.metrics
import sklearn.neighbors
from pytest import approx

from cgan_lab import metrics

RNG = np.random.default_rng(0)


def test_confusion_and_agreement_are_scikit_learns_and_by_hand():
    requested, recognised = RNG.integers(0, 10, (2, 500))
    want = sklearn.metrics.confusion_matrix(requested, recognised, labels=range(10))
    assert np.array_equal(metrics.confusion(requested, recognised), want)
    assert metrics.agreement(requested, recognised) == approx(want.trace() / 500)
    assert metrics.agreement([1, 2, 3, 4], [1, 2, 0, 4]) == 0.75
    assert metrics.standard_error(0.5, 100) == approx(0.05)
    assert metrics.standard_error(1.0, 100) == 0.0


def test_repeated_counts_copies_within_a_label_only():
    images = np.zeros((4, 2, 2), np.uint8)
    images[3] = 1
    assert metrics.repeated(images, [5, 5, 6, 5]) == 1
    assert metrics.repeated(images, [5, 5, 5, 5]) == 2


def test_spread_is_the_root_mean_square_of_all_pairs():
    images = RNG.integers(0, 256, (40, 5, 5)).astype(np.uint8)
    images[29:] = 7  # the third label's are all alike
    got = metrics.spread(images, np.repeat([0, 1, 2, 3], [10, 19, 10, 1]), classes=4)
    first_two = (part.reshape(len(part), -1) / 255.0 for part in (images[:10], images[10:29]))
    want = [np.sqrt(np.mean(distance.pdist(part) ** 2)) for part in first_two]
    assert got == approx([*want, 0.0, np.nan], abs=1e-9, nan_ok=True)


def test_frechet_distance_in_closed_form():
    x = RNG.normal(size=(400, 6))
    assert metrics.frechet_distance(x, x) == approx(0.0, abs=1e-6)
    assert metrics.frechet_distance(x, x + 2.0) == approx(6 * 4.0, abs=1e-6)
    # Three times as wide: the covariances share their axes, so the distance is the sum of squared
    # differences of the standard deviations, beside that of the means.
    want = 4 * np.trace(np.cov(x, rowvar=False)) + np.sum((2 * x.mean(axis=0)) ** 2)
    assert metrics.frechet_distance(x, 3.0 * x) == approx(want)
    x[:, 2] = 0.0  # a feature that never fires
    assert metrics.frechet_distance(x, x[::-1]) == approx(0.0, abs=1e-6)


def test_frechet_distance_is_the_formula_with_scipys_matrix_root():
    a, b = RNG.normal(size=(300, 8)), RNG.normal(size=(200, 8)) @ RNG.normal(size=(8, 8)) + 0.3
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    want = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(cov_a + cov_b - 2 * root)
    assert metrics.frechet_distance(a, b) == approx(want, rel=1e-6)
    assert metrics.frechet_distance(b, a) == approx(want, rel=1e-6)


def test_nearest_is_scipys():
    points, others = RNG.normal(size=(70, 6)), RNG.normal(size=(90, 6))
    table = distance.cdist(points, others)
    distances, indices = metrics.nearest(points, others)
    assert np.allclose(distances, table.min(axis=1))
    assert np.array_equal(indices, table.argmin(axis=1))
    assert np.allclose(metrics.nearest(others, others)[0], 0.0, atol=1e-6)


def test_nearest_of_label_is_scipys_among_its_own():
    points, others = RNG.normal(size=(40, 3)), RNG.normal(size=(50, 3))
    labels, other_labels = np.arange(40) % 5, np.arange(50) % 4  # no other has the label 4
    table = distance.cdist(points, others)
    table[labels[:, None] != other_labels] = np.inf
    distances, indices = metrics.nearest_of_label(points, labels, others, other_labels)
    assert np.allclose(distances, table.min(axis=1))
    has = labels < 4
    assert np.array_equal(indices[has], table.argmin(axis=1)[has])
    assert (indices[~has] == -1).all() and np.isinf(distances[~has]).all()


def test_a_moved_training_image_is_found_and_no_farther_one():
    images = RNG.integers(0, 256, (6, 8, 8)).astype(np.uint8)
    labels = np.array([0, 1, 0, 1, 0, 1])
    moves = [(0, 0), (1, 0), (0, -1), (-1, 1), (1, 1), (0, 2)]  # the last one is too far
    moved = np.stack([np.roll(x, move, axis=(0, 1)) for x, move in zip(images, moves, strict=True)])
    distances, indices = metrics.nearest_shifted(moved, labels, images, labels)
    assert np.allclose(distances[:5], 0.0, atol=1e-6) and distances[5] > 1.0
    assert indices[:5].tolist() == [0, 1, 2, 3, 4]
    still, _ = metrics.nearest_shifted(moved, labels, images, labels, reach=0)
    assert still[0] == approx(0.0, abs=1e-6) and (still[1:] > 1.0).all()
    assert metrics.nearest_shifted(moved, labels, images, labels, reach=2)[0][5] < 1e-6
    other = np.array([1, 0, 0, 0, 0, 0])  # it is in the training set, under another label
    assert metrics.nearest_shifted(moved, other, images, labels)[0][0] > 1.0


def test_suspicious_has_a_threshold_for_each_label():
    """Ones lie near each other: what is usual among them would be a copy among eights."""
    unseen, unseen_labels = (
        np.r_[np.linspace(1, 2, 100), np.linspace(5, 6, 100)],
        np.repeat([1, 8], 100),
    )
    found = metrics.suspicious([1.5, 0.9, 1.5, 5.5, 0.1], [1, 1, 8, 8, 3], unseen, unseen_labels)
    assert found.tolist() == [False, True, True, False, False]  # nothing is known of the label 3
    usual = metrics.suspicious(unseen, unseen_labels, unseen, unseen_labels)
    assert usual.mean() == 0.01
    assert metrics.suspicious(unseen, unseen_labels, unseen, unseen_labels, 0.1).mean() == 0.1


def test_parts_of_a_table_of_distances_make_the_whole(monkeypatch):
    points, others = RNG.normal(size=(23, 4)), RNG.normal(size=(31, 4))

    def everything():
        near = metrics.neighbourhoods(points, others).values()
        return [*metrics.nearest(points, others), *near, metrics.parzen(others, points, 0.3)]

    whole = everything()
    monkeypatch.setattr(metrics, "CHUNK", 70)  # two or three rows at a time
    assert all(map(np.allclose, whole, everything()))


def test_no_whole_table_of_distances_is_ever_in_memory(monkeypatch):
    """That of 10,000 x 10,000 points would take 800 MB; here all is ten times smaller."""
    monkeypatch.setattr(metrics, "CHUNK", metrics.CHUNK // 10)
    points, others = RNG.normal(size=(2, 3162, 8))
    tracemalloc.start()
    metrics.neighbourhoods(points, others)
    metrics.parzen(others, points, 0.5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6


def test_kernel_distance_is_the_mean_of_scikit_learns_kernel_over_all_pairs():
    """Of two different points, in each subset; here every subset holds everything."""
    a, b = RNG.normal(size=(50, 8)), RNG.normal(size=(50, 8)) * 2
    # gamma = 1 / d and coef0 = 1 are its defaults
    kernel = functools.partial(sklearn.metrics.pairwise.polynomial_kernel, degree=3)
    different = ~np.eye(50, dtype=bool)
    want = kernel(a)[different].mean() + kernel(b)[different].mean() - 2 * kernel(a, b).mean()
    mean, deviation = metrics.kernel_distance(a, b, subsets=3, size=1000)
    assert mean == approx(want) and deviation == approx(0.0, abs=1e-9)


def test_kernel_distance_is_unbiased():
    """Halves of a population are 0 apart on average, however few; the Frechet distance never is."""
    halves = RNG.normal(size=(300, 2, 40, 5))
    found = [metrics.kernel_distance(*pair, subsets=1)[0] for pair in halves]
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(300) and min(found) < 0
    assert metrics.frechet_distance(*halves[0]) > 0.1


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("n", "m", "shift"), [(60, 80, 0.0), (80, 50, 1.0), (40, 40, 9.0)])
def test_neighbourhoods_are_prdcs(k, n, m, shift):
    real, fake = RNG.normal(size=(n, 4)), RNG.normal(size=(m, 4)) + shift
    with contextlib.redirect_stdout(io.StringIO()):  # it prints how many points there are
        want = prdc.compute_prdc(real, fake, nearest_k=k)
    got = metrics.neighbourhoods(real, fake, k)
    assert {key: got[key] for key in want} == approx(want)
    assert got["fake_inside"].mean() == got["precision"]
    assert got["real_inside"].mean() == got["recall"]


def test_radii_are_scikit_learns_neighbours():
    points = RNG.normal(size=(40, 3))
    want = sklearn.neighbors.NearestNeighbors(n_neighbors=4).fit(points).kneighbors()[0]
    assert np.allclose(metrics.radii(points, 4), want[:, -1])


def test_a_dropped_class_costs_recall_and_a_foreign_one_precision():
    def blobs(*centres):
        return np.concatenate([RNG.normal(size=(200, 2)) + [centre, 0] for centre in centres])

    real = blobs(0, 20, 40)
    dropped = metrics.neighbourhoods(real, blobs(0, 20))
    foreign = metrics.neighbourhoods(real, blobs(0, 20, 40, 60))
    assert dropped["precision"] > 0.95 and 0.6 < dropped["recall"] < 0.68
    assert 0.55 < dropped["coverage"] < 0.68
    assert foreign["recall"] > 0.95 and 0.7 < foreign["precision"] < 0.76


def test_parzen_is_scikit_learns_kernel_density():
    samples, points = RNG.uniform(size=(80, 5)), RNG.uniform(size=(30, 5))
    both = metrics.parzen(samples, points, [0.1, 0.5])
    assert both.shape == (2, 30)
    for sigma, row in zip((0.1, 0.5), both, strict=True):
        theirs = sklearn.neighbors.KernelDensity(bandwidth=sigma, rtol=1e-12).fit(samples)
        assert np.allclose(row, theirs.score_samples(points))
        assert np.array_equal(row, metrics.parzen(samples, points, sigma))


def test_parzen_of_one_sample_is_a_gaussian_and_stays_finite_far_away():
    point = np.full((1, 784), 0.9)
    want = -784 / 2 * np.log(2 * np.pi * 0.04) - 784 * 0.81 / (2 * 0.04)
    assert metrics.parzen(np.zeros((1, 784)), point, 0.2)[0] == approx(want)


def test_parzen_score_chooses_sigma_on_the_validation_points():
    samples, validation, test = RNG.normal(size=(3, 300, 2)) * 0.7
    means = [metrics.parzen(samples, validation, sigma).mean() for sigma in metrics.SIGMAS]
    sigma = metrics.SIGMAS[np.argmax(means)]
    logs = metrics.parzen(samples, test, sigma)
    assert metrics.parzen_score(samples, validation, test) == {
        "log_likelihood": logs.mean(),
        "standard_error": logs.std() / np.sqrt(300),
        "sigma": sigma,
    }


def test_centroids_are_scikit_learns_k_means():
    points = np.concatenate([RNG.normal(size=(50, 3)) + 8 * offset for offset in np.eye(3)])
    start = points[np.random.default_rng(4).choice(150, 3, replace=False)]
    theirs = sklearn.cluster.KMeans(3, init=start, n_init=1, max_iter=10, tol=0).fit(points)
    assert np.allclose(metrics.centroids(points, 3, seed=4), theirs.cluster_centers_)


def test_a_centre_without_points_stays():
    points = np.concatenate([np.zeros((5, 2)), np.ones((5, 2))])  # two of three centres coincide
    centres = metrics.centroids(points, 3, seed=0)
    assert {tuple(centre) for centre in centres} <= {(0.0, 0.0), (1.0, 1.0)}


TWO, THREE = np.ones((5, 2)), np.ones((5, 3))  # five points with two features, and with three


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        ("agreement", ([1, 2], [1]), r"requested has shape \(2,\) and recognised \(1,\)"),
        ("agreement", ([], []), "n > 0"),
        ("agreement", ([0.5], [0]), "requested labels have dtype float64"),
        ("confusion", ([10], [0]), "requested labels run from 10 to 10, expected 0 to 9"),
        ("spread", (np.zeros((2, 4, 4)), [0, 0]), "images have dtype float64, expected uint8"),
        ("repeated", (np.zeros((2, 4, 4), np.uint8), [0]), "1 labels came with 2 images"),
        ("frechet_distance", (TWO, THREE), "a has 2 features and b has 3"),
        ("frechet_distance", (TWO[:1], TWO), r"a has shape \(1, 2\), expected .* n >= 2"),
        ("frechet_distance", (TWO * np.nan, TWO), "not finite"),
        ("kernel_distance", (TWO, THREE), "a has 2 features and b has 3"),
        ("neighbourhoods", (TWO, np.ones((9, 2)), 5), r"real has shape .* with n >= 6"),
        ("nearest", (TWO, TWO[:0]), r"others has shape \(0, 2\)"),
        ("nearest_of_label", (TWO, [0], TWO, [0] * len(TWO)), "1 labels came with"),
        ("nearest_shifted", (TWO, [0] * len(TWO), TWO, [0] * len(TWO)), "expected uint8"),
        ("suspicious", ([1.0], [0, 1], [1.0], [0]), "2 labels came with 1 images"),
        ("parzen", (TWO, TWO, [0.1, 0.0]), "expected numbers above 0"),
        ("centroids", (TWO, 6), "n >= 6"),
    ],
)
def test_wrong_input_is_refused(function, arguments, says):
    with pytest.raises((TypeError, ValueError), match=says):
        getattr(metrics, function)(*arguments)
