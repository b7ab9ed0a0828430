"""How good are the samples? Functions of label, pixel and feature arrays, in NumPy.

Distances between n and m points are computed in parts: 10,000 against 10,000 fit in 1 GB.
Lesson 03 shows the metrics of labels and pixels, lesson 05 those of points and features (n, d).
"""

import numpy as np

from cgan_lab._support.arrays import check_images, check_labels

CHUNK = 10_000_000  # distances that are in memory at a time
SIGMAS = np.logspace(-1.0, 0.0, 10)  # bandwidths for `parzen`, from Goodfellow et al.'s code


def confusion(requested, recognised, classes=10):
    """Return the table requested x recognised, int64 (classes, classes): [r, c] counts r read as c.

    Raises ValueError unless both are whole numbers (n,) in 0..classes-1.
    """
    requested, recognised = _labels(requested, recognised, classes)
    cells = np.bincount(requested * classes + recognised, minlength=classes**2)
    return cells.reshape(classes, classes)


def agreement(requested, recognised):
    """Return the share of samples whose recognised label is the requested one, in 0..1."""
    requested, recognised = _labels(requested, recognised, None)
    return float(np.mean(requested == recognised))


def standard_error(share, n):
    """Return the standard error of a share of ``n`` independent samples: sqrt(p (1 - p) / n)."""
    return float(np.sqrt(share * (1.0 - share) / n))


def repeated(images, labels):
    """Return how many images equal, pixel by pixel, an earlier one with the same label."""
    images, labels = _images(images, labels)
    seen = {(int(label), image.tobytes()) for image, label in zip(images, labels, strict=True)}
    return len(images) - len(seen)


def spread(images, labels, classes=10):
    """Return the root mean squared distance between two images of each label, float64 (classes,).

    Pixels count from 0 to 1; NaN for a label with fewer than two images. No pairs are needed: the
    mean squared distance of two draws is twice the sum of the pixels' variances.
    """
    images, labels = _images(images, labels)
    out = np.full(classes, np.nan)
    for label in range(classes):
        x = images[labels == label].reshape(-1, images[0].size) / 255.0
        if len(x) > 1:
            out[label] = np.sqrt(2.0 * x.var(axis=0, ddof=1).sum())
    return out


def nearest(points, others):
    """Return the distance to, and the index of, the nearest of ``others`` for each point.

    ``points`` (n, d), ``others`` (m, d) -> float64 (n,), int64 (n,). With training images as others
    it shows copies: a generator that memorised is far nearer to them than new real images are.
    """
    points, others = _pair(points, others, "points", "others", rows=1)
    distances, indices = np.empty(len(points)), np.empty(len(points), np.int64)
    for part, squared in _squared_distances(points, others):
        distances[part] = np.sqrt(squared.min(axis=1))
        indices[part] = squared.argmin(axis=1)
    return distances, indices


def nearest_of_label(points, labels, others, other_labels):
    """Return the distance to, and the index of, the nearest of ``others`` of each point's label.

    ``points`` (n, d), ``labels`` (n,), ``others`` (m, d), ``other_labels`` (m,) -> float64 (n,),
    int64 (n,); inf and -1 where no other has the label. Raises ValueError as `nearest` does. Shown
    in lesson 05.
    """
    points, others = _pair(points, others, "points", "others", rows=1)
    labels = check_labels(labels, count=len(points))
    other_labels = check_labels(other_labels, count=len(others))
    distances, indices = np.full(len(points), np.inf), np.full(len(points), -1)
    for label in np.intersect1d(labels, other_labels):
        mine, theirs = np.flatnonzero(labels == label), np.flatnonzero(other_labels == label)
        distances[mine], best = nearest(points[mine], others[theirs])
        indices[mine] = theirs[best]
    return distances, indices


def nearest_shifted(images, labels, others, other_labels, reach=1):
    """Return what `nearest_of_label` does for images, each moved by up to ``reach`` pixels.

    uint8 ``images`` (n, h, w), ``others`` (m, h, w); distances in pixels from 0 to 1. The best of
    (2 reach + 1)^2 places counts, what leaves on one side comes in on the other. A training image
    that was moved by a pixel lies as far from itself as another one does; so a search for copies
    must move it back. Shown in lesson 05.
    """
    images, labels = _images(images, labels)
    others, other_labels = _images(others, other_labels)
    flat = others.reshape(len(others), -1) / 255.0
    distances, indices = np.full(len(images), np.inf), np.full(len(images), -1)
    for move in np.ndindex(2 * reach + 1, 2 * reach + 1):
        moved = np.roll(images, np.subtract(move, reach), axis=(1, 2))
        points = moved.reshape(len(images), -1) / 255.0
        found, index = nearest_of_label(points, labels, flat, other_labels)
        better = found < distances
        distances[better], indices[better] = found[better], index[better]
    return distances, indices


def suspicious(distances, labels, unseen, unseen_labels, share=0.01):
    """Return which images are nearer to a training image than unseen ones of their label are.

    ``distances`` of images (n,) and ``unseen``, those of real images that were not trained on (m,),
    both from one of the searches above, with their labels -> bool (n,): nearer than all but a
    ``share`` of the unseen ones of the same label. A threshold over all labels would be that of the
    ones, which lie near each other. False for a label without unseen images. Shown in lesson 05.
    """
    distances, unseen = np.asarray(distances, np.float64), np.asarray(unseen, np.float64)
    labels = check_labels(labels, count=len(distances))
    unseen_labels = check_labels(unseen_labels, count=len(unseen))
    found = np.zeros(len(distances), bool)
    for label in np.intersect1d(labels, unseen_labels):
        mine = labels == label
        found[mine] = distances[mine] < np.quantile(unseen[unseen_labels == label], share)
    return found


def frechet_distance(a, b):
    """Return the Frechet distance of the Gaussians fitted to features (n, d) and (m, d); 0 is best.

    |mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a^1/2 S_b S_a^1/2)^1/2): Heusel et al. 2017 (arXiv
    1706.08500), equation 6, in its symmetric form, whose eigenvalues are real. Only distances on
    the same features compare. Raises ValueError for features of different shapes, fewer than two
    rows, or values that are not finite.
    """
    a, b = _pair(a, b)
    cov_a, cov_b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))  # (d, d)
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.linalg.eigvalsh(root_a @ cov_b @ root_a)  # (d,)
    means = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    roots = np.sum(np.sqrt(np.maximum(cross, 0.0)))
    return float(max(means + np.trace(cov_a) + np.trace(cov_b) - 2.0 * roots, 0.0))


def kernel_distance(a, b, subsets=100, size=1000, seed=0):
    """Return the kernel distance, KID; 0 is best.

    The unbiased estimate of the squared maximum mean discrepancy with the kernel (x.y / d + 1)^3:
    Binkowski et al. 2018 (arXiv 1801.01401), sections 3.1 and 4. Unbiased: between halves of the
    same data it is 0 on average, and can be negative, however few the images.

    Args:
        a, b: features (n, d) and (m, d).
        subsets: how many estimates to make.
        size: rows of ``a`` and of ``b`` in each, drawn without replacement.
        seed: of those draws.

    Returns:
        (mean, standard deviation) of the estimates.

    Raises:
        ValueError: as `frechet_distance` does.
    """
    a, b = _pair(a, b)
    rng = np.random.default_rng(seed)
    size = min(size, len(a), len(b))
    estimates = []
    for _ in range(subsets):
        x, y = (points[rng.choice(len(points), size, replace=False)] for points in (a, b))
        xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)  # (size, size)
        within = (xx.sum() - np.trace(xx) + yy.sum() - np.trace(yy)) / (size * (size - 1))
        estimates.append(within - 2.0 * xy.mean())
    return float(np.mean(estimates)), float(np.std(estimates))


def neighbourhoods(real, fake, k=5):
    """Return precision, recall, density and coverage of features (n, d) and (m, d) as a dict.

    A point's neighbourhood is the ball around it that reaches to its ``k``-th nearest of its kind.
    ``precision``: share of fakes in the neighbourhood of some real; ``recall``: share of reals in
    that of some fake (Kynkaanniemi et al. 2019, arXiv 1904.06991, equations 1 and 2). ``density``:
    in how many reals' neighbourhoods a fake lies, over k, on average, which one outlier among the
    reals cannot raise as it raises precision; ``coverage``: share of reals whose neighbourhood
    holds a fake (Naeem et al. 2020, arXiv 2002.09797, equations 4 and 5). Also ``fake_inside`` bool
    (m,) and ``real_inside`` bool (n,), the points behind precision and recall. Raises ValueError
    for fewer than k + 1 rows and as `frechet_distance` does.
    """
    real, fake = _pair(real, fake, "real", "fake", rows=k + 1)
    real_radius, fake_radius = _squared_radii(real, k), _squared_radii(fake, k)
    times = np.zeros(len(fake))  # in how many reals' neighbourhoods each fake lies
    real_inside, covered = np.empty((2, len(real)), bool)
    for part, squared in _squared_distances(real, fake):
        within = squared < real_radius[part, None]  # (reals of this part, m)
        times += within.sum(axis=0)
        covered[part] = within.any(axis=1)
        real_inside[part] = (squared < fake_radius).any(axis=1)
    fake_inside = times > 0
    return {
        "precision": float(fake_inside.mean()),
        "recall": float(real_inside.mean()),
        "density": float(times.mean() / k),
        "coverage": float(covered.mean()),
        "fake_inside": fake_inside,
        "real_inside": real_inside,
    }


def radii(points, k=5):
    """Return each point's distance to its ``k``-th nearest other point, float64 (n,)."""
    return np.sqrt(_squared_radii(_points(points, "points", k + 1), k))


def parzen(samples, points, sigma):
    """Return the log-density of ``points`` under a Parzen window on ``samples``, in nats.

    A Gaussian of standard deviation ``sigma`` on every sample: Goodfellow et al. 2014 (arXiv
    1406.2661), section 5. Theis et al. 2016 (arXiv 1511.01844) show that a high value does not
    mean good samples. ``samples`` (m, d), ``points`` (n, d) -> float64 (n,), or (s, n) for an
    array of sigmas (s,), from one table of distances. Raises ValueError for a sigma that is not
    positive and as `frechet_distance` does.
    """
    samples, points = _pair(samples, points, "samples", "points", rows=1)
    sigmas = np.atleast_1d(np.asarray(sigma, np.float64))
    if not (sigmas > 0).all():
        raise ValueError(f"sigma is {sigma}, expected numbers above 0.")
    out = np.empty((len(sigmas), len(points)))
    for part, squared in _squared_distances(points, samples):
        closest = squared.min(axis=1, keepdims=True)
        squared -= closest  # without this, far points' exp would be 0, and the log infinite
        for row, s in zip(out, sigmas, strict=True):
            mean = np.exp(squared / (-2.0 * s**2)).mean(axis=1)
            row[part] = np.log(mean) - closest[:, 0] / (2.0 * s**2)
    out -= samples.shape[1] * np.log(sigmas * np.sqrt(2.0 * np.pi))[:, None]
    return out if np.ndim(sigma) else out[0]


def parzen_score(samples, validation, test):
    """Return the mean of `parzen` over ``test`` and the sigma of `SIGMAS` best on ``validation``.

    A dict: ``log_likelihood`` in nats, its ``standard_error`` over test points, not over training
    runs, and ``sigma``. Pixels must be in [0, 1] to compare with published figures.
    """
    sigma = float(SIGMAS[parzen(samples, validation, SIGMAS).mean(axis=1).argmax()])
    logs = parzen(samples, test, sigma)
    error = float(logs.std() / np.sqrt(len(logs)))
    return {"log_likelihood": float(logs.mean()), "standard_error": error, "sigma": sigma}


def centroids(points, k, steps=10, seed=0):
    """Return ``k`` cluster centres of ``points`` (n, d) by Lloyd's k-means, float64 (k, d).

    They start at k of the points, drawn with ``seed``; a centre that loses all points stays. As
    samples they are blurred averages that invent nothing, and yet score well under `parzen`.
    """
    points = _points(points, "points", rows=k)
    centres = points[np.random.default_rng(seed).choice(len(points), k, replace=False)]
    for _ in range(steps):
        owner = nearest(points, centres)[1]
        for centre in np.unique(owner):
            centres[centre] = points[owner == centre].mean(axis=0)
    return centres


def _kernel(x, y):
    """Return (x.y / d + 1)^3 of all pairs of rows."""
    products = x @ y.T
    products /= x.shape[1]  # in place, and not **3: half the time
    products += 1.0
    return products * products * products


def _squared_distances(points, others):
    """Yield (slice, squared distances): some of the points at a time, against all others."""
    norms = np.einsum("ij,ij->i", others, others)
    rows = max(1, CHUNK // len(others))
    for start in range(0, len(points), rows):
        part = slice(start, start + rows)
        squared = points[part] @ others.T
        squared *= -2.0
        squared += np.einsum("ij,ij->i", points[part], points[part])[:, None]
        squared += norms
        yield part, np.maximum(squared, 0.0, out=squared)  # rounding can make a zero negative


def _squared_radii(points, k):
    """Return each point's squared distance to its ``k``-th nearest other point, (n,)."""
    out = np.empty(len(points))
    for part, squared in _squared_distances(points, points):
        rows = np.arange(len(squared))
        squared[rows, part.start + rows] = 0.0  # itself, at rank 0
        out[part] = np.partition(squared, k, axis=1)[:, k]
    return out


def _labels(requested, recognised, classes):
    """Return both as int64 (n,), after checking that they are labels in 0..classes-1."""
    requested = check_labels(requested, classes, what="requested labels")
    recognised = check_labels(recognised, classes, what="recognised labels")
    if requested.shape != recognised.shape or not requested.size:
        raise ValueError(
            f"requested has shape {requested.shape} and recognised {recognised.shape}, "
            "expected the same (n,), n > 0."
        )
    return requested, recognised


def _images(images, labels):
    """Return both as arrays, after checking that they are images and one label for each."""
    images = check_images(images, size=None)
    if not len(images):
        raise ValueError("there are no images, expected uint8 (n, height, width), n > 0.")
    return images, check_labels(labels, count=len(images))


def _pair(a, b, name_a="a", name_b="b", rows=2):
    """Return both as float64, after checking that they are features of the same width."""
    a, b = _points(a, name_a, rows), _points(b, name_b, rows)
    if a.shape[1] != b.shape[1]:
        n, m = a.shape[1], b.shape[1]
        raise ValueError(f"{name_a} has {n} features and {name_b} has {m}; they must agree.")
    return a, b


def _points(x, name, rows):
    """Return ``x`` as float64 (n, d), after checking that it has ``rows`` rows and is finite."""
    x = np.asarray(x)
    if x.ndim != 2 or len(x) < rows:
        raise ValueError(f"{name} has shape {x.shape}, expected (n, d) with n >= {rows}.")
    x = x.astype(np.float64, copy=False)
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds values that are not finite.")
    return x
