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


def test_nearest_is_scipys():
    points, others = RNG.normal(size=(70, 6)), RNG.normal(size=(90, 6))
    table = distance.cdist(points, others)
    distances, indices = metrics.nearest(points, others)
    assert np.allclose(distances, table.min(axis=1)) and np.array_equal(indices, table.argmin(axis=1))
    assert np.allclose(metrics.nearest(others, others)[0], 0.0, atol=1e-6)


def test_parts_of_a_table_of_distances_make_the_whole(monkeypatch):
    points, others = RNG.normal(size=(23, 4)), RNG.normal(size=(31, 4))
    whole = metrics.nearest(points, others), metrics.neighbourhoods(points, others), metrics.parzen(others, points, 0.3)
    monkeypatch.setattr(metrics, "CHUNK", 70)  # two or three rows at a time
    assert all(map(np.allclose, whole[0], metrics.nearest(points, others)))
    parts = metrics.neighbourhoods(points, others)
    assert all(np.allclose(whole[1][key], parts[key]) for key in parts)
    assert np.allclose(whole[2], metrics.parzen(others, points, 0.3))


def test_ten_thousand_against_ten_thousand_need_no_whole_table():
    """Which alone would take 800 MB."""
    points, others = RNG.normal(size=(2, 10_000, 8))
    tracemalloc.start()
    metrics.neighbourhoods(points, others)
    metrics.parzen(others, points, 0.5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6


def test_kernel_distance_is_the_mean_over_all_pairs():
    """One subset that holds everything, against the definition with loops."""
    a, b = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 3)) + 1.0

    def kernel(x, y):
        return (x @ y / 3 + 1.0) ** 3

    pairs = [(i, j) for i in range(7) for j in range(7) if i != j]
    within = np.mean([kernel(a[i], a[j]) for i, j in pairs]) + np.mean([kernel(b[i], b[j]) for i, j in pairs])
    across = np.mean([kernel(x, y) for x in a for y in b])
    mean, deviation = metrics.kernel_distance(a, b, subsets=3, size=1000)
    assert mean == pytest.approx(within - 2 * across) and deviation == pytest.approx(0.0, abs=1e-12)


def test_kernel_distance_uses_scikit_learns_kernel():
    a, b = RNG.normal(size=(50, 8)), RNG.normal(size=(50, 8)) * 2
    kernel = functools.partial(sklearn.metrics.pairwise.polynomial_kernel, degree=3)  # gamma = 1 / d, coef0 = 1
    aa, bb, ab = kernel(a), kernel(b), kernel(a, b)
    want = (aa.sum() - aa.trace() + bb.sum() - bb.trace()) / (50 * 49) - 2 * ab.mean()
    assert metrics.kernel_distance(a, b, subsets=2)[0] == pytest.approx(want)


def test_kernel_distance_is_unbiased():
    """Halves of one population are 0 apart on average, however few points; the Frechet distance never is."""
    found = [metrics.kernel_distance(*RNG.normal(size=(2, 40, 5)), subsets=1)[0] for _ in range(300)]
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(300) and min(found) < 0
    assert metrics.frechet_distance(*RNG.normal(size=(2, 40, 5))) > 0.1


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("n", "m", "shift"), [(60, 80, 0.0), (80, 50, 1.0), (40, 40, 9.0)])
def test_neighbourhoods_are_prdcs(k, n, m, shift):
    real, fake = RNG.normal(size=(n, 4)), RNG.normal(size=(m, 4)) + shift
    with contextlib.redirect_stdout(io.StringIO()):  # it prints how many points there are
        want = prdc.compute_prdc(real, fake, nearest_k=k)
    got = metrics.neighbourhoods(real, fake, k)
    assert {key: got[key] for key in want} == pytest.approx(want)
    assert got["fake_inside"].mean() == got["precision"] and got["real_inside"].mean() == got["recall"]


def test_radii_are_scikit_learns_neighbours():
    points = RNG.normal(size=(40, 3))
    want = sklearn.neighbors.NearestNeighbors(n_neighbors=4).fit(points).kneighbors()[0]  # itself left out
    assert np.allclose(metrics.radii(points, 4), want[:, -1])


def test_a_dropped_class_costs_recall_and_a_foreign_one_precision():
    def blobs(*centres):
        return np.concatenate([RNG.normal(size=(200, 2)) + [centre, 0] for centre in centres])

    real = blobs(0, 20, 40)
    dropped, foreign = metrics.neighbourhoods(real, blobs(0, 20)), metrics.neighbourhoods(real, blobs(0, 20, 40, 60))
    assert dropped["precision"] > 0.95 and 0.6 < dropped["recall"] < 0.68 and 0.55 < dropped["coverage"] < 0.68
    assert foreign["recall"] > 0.95 and 0.7 < foreign["precision"] < 0.76


def test_parzen_is_scikit_learns_kernel_density():
    samples, points = RNG.uniform(size=(80, 5)), RNG.uniform(size=(30, 5))
    for sigma in (0.1, 0.5):
        want = sklearn.neighbors.KernelDensity(bandwidth=sigma, rtol=1e-12).fit(samples).score_samples(points)
        assert np.allclose(metrics.parzen(samples, points, sigma), want)
    both = metrics.parzen(samples, points, [0.1, 0.5])
    assert both.shape == (2, 30) and np.array_equal(both[1], metrics.parzen(samples, points, 0.5))


def test_parzen_of_one_sample_is_a_gaussian_and_stays_finite_far_away():
    point = np.full((1, 784), 0.9)
    want = -784 / 2 * np.log(2 * np.pi * 0.04) - 784 * 0.81 / (2 * 0.04)
    assert metrics.parzen(np.zeros((1, 784)), point, 0.2)[0] == pytest.approx(want)


def test_parzen_score_chooses_sigma_on_the_validation_points():
    samples, validation, test = RNG.normal(size=(3, 300, 2)) * 0.7
    found = metrics.parzen_score(samples, validation, test)
    means = [metrics.parzen(samples, validation, sigma).mean() for sigma in metrics.SIGMAS]
    assert found["sigma"] == metrics.SIGMAS[np.argmax(means)]
    logs = metrics.parzen(samples, test, found["sigma"])
    assert found["log_likelihood"] == logs.mean() and found["standard_error"] == logs.std() / np.sqrt(300)


def test_centroids_are_scikit_learns_k_means():
    points = np.concatenate([RNG.normal(size=(50, 3)) + 8 * offset for offset in np.eye(3)])
    start = points[np.random.default_rng(4).choice(150, 3, replace=False)]
    want = sklearn.cluster.KMeans(3, init=start, n_init=1, max_iter=10, tol=0).fit(points).cluster_centers_
    assert np.allclose(metrics.centroids(points, 3, seed=4), want)


def test_a_centre_without_points_stays():
    points = np.concatenate([np.zeros((5, 2)), np.ones((5, 2))])  # two of three centres coincide
    centres = metrics.centroids(points, 3, seed=0)
    assert np.isfinite(centres).all() and {tuple(c) for c in centres} <= {(0.0, 0.0), (1.0, 1.0)}


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
        (
            lambda: metrics.frechet_distance(np.ones((1, 2)), np.ones((5, 2))),
            r"a has shape \(1, 2\), expected \(n, d\) with n >= 2",
        ),
        (lambda: metrics.frechet_distance(np.full((5, 2), np.nan), np.ones((5, 2))), "not finite"),
        (lambda: metrics.kernel_distance(np.ones((5, 2)), np.ones((5, 3))), "a has 2 features and b has 3"),
        (lambda: metrics.neighbourhoods(np.ones((5, 2)), np.ones((9, 2)), k=5), r"real has shape .* with n >= 6"),
        (lambda: metrics.nearest(np.ones((5, 2)), np.ones((0, 2))), r"others has shape \(0, 2\)"),
        (lambda: metrics.parzen(np.ones((5, 2)), np.ones((5, 2)), [0.1, 0.0]), "expected numbers above 0"),
        (lambda: metrics.centroids(np.ones((5, 2)), 6), "n >= 6"),
    ],
)
def test_wrong_input_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
