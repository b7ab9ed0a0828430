"""How good are the samples? Pure functions of label, pixel and feature arrays, in NumPy. Imports nothing of ours.

Distances between n and m points are computed in chunks, so that 10,000 against 10,000 fit in 1 GB.
"""

import numpy as np

CHUNK = 10_000_000  # distances that are in memory at a time
SIGMAS = np.logspace(-1.0, 0.0, 10)  # the bandwidths that `parzen` tries: those of Goodfellow et al. 2014's own code


def confusion(requested, recognised, classes=10):
    """Return the table requested x recognised, int64 ``(classes, classes)``: entry [r, c] counts r read as c.

    Raises ValueError unless both are whole numbers ``(n,)`` in 0..classes-1. Shown in lesson 03.
    """
    requested, recognised = _labels(requested, recognised, classes)
    return np.bincount(requested * classes + recognised, minlength=classes**2).reshape(classes, classes)


def agreement(requested, recognised):
    """Return the share of samples whose recognised label is the requested one, in 0..1. Shown in lesson 03."""
    requested, recognised = _labels(requested, recognised, None)
    return float(np.mean(requested == recognised))


def standard_error(share, n):
    """Return the standard error of a share of ``n`` independent samples: sqrt(p (1 - p) / n)."""
    return float(np.sqrt(share * (1.0 - share) / n))


def repeated(images, labels):
    """Return how many images equal, pixel by pixel, an earlier one with the same label. Shown in lesson 03."""
    images, labels = _images(images, labels)
    seen = {(int(label), image.tobytes()) for image, label in zip(images, labels, strict=True)}
    return len(images) - len(seen)


def spread(images, labels, classes=10):
    """Return each label's root mean squared distance between two of its images, float64 ``(classes,)``.

    In units of pixels of the range [0, 1]; NaN for a label with fewer than two images. It needs no pairs:
    the mean squared distance of two draws is twice the sum of the pixels' variances. Shown in lesson 03.
    """
    images, labels = _images(images, labels)
    out = np.full(classes, np.nan)
    for label in range(classes):
        x = images[labels == label].reshape(-1, images[0].size).astype(np.float64) / 255.0
        if len(x) > 1:
            out[label] = np.sqrt(2.0 * x.var(axis=0, ddof=1).sum())
    return out


def nearest(points, others):
    """Return (distances float64 ``(n,)``, indices int64 ``(n,)``) of the nearest of ``others`` to each point.

    ``points`` ``(n, d)``, ``others`` ``(m, d)``. With training images for others it tells copies from
    inventions: a generator that memorised is far nearer to them than real images are that it never saw.
    Shown in lesson 05.
    """
    points, others = _pair(points, others, "points", "others", rows=1)
    distances, indices = np.empty(len(points)), np.empty(len(points), np.int64)
    for part, squared in _squared_distances(points, others):
        distances[part], indices[part] = np.sqrt(squared.min(axis=1)), squared.argmin(axis=1)
    return distances, indices


def frechet_distance(a, b):
    """Return the Frechet distance of the Gaussians fitted to features ``(n, d)`` and ``(m, d)``; 0 is best.

    |mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a^1/2 S_b S_a^1/2)^1/2): Heusel et al. 2017 (arXiv 1706.08500),
    equation 6, in its symmetric form, whose eigenvalues are real. Only distances on the same features compare.
    Raises ValueError for features of other shapes, fewer than two rows, or values that are not finite.
    Shown in lesson 05.
    """
    a, b = _pair(a, b)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    cov_a, cov_b = np.atleast_2d(cov_a), np.atleast_2d(cov_b)
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.linalg.eigvalsh(root_a @ cov_b @ root_a)
    mean_term = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    distance = mean_term + np.trace(cov_a) + np.trace(cov_b) - 2.0 * np.sum(np.sqrt(np.maximum(cross, 0.0)))
    return float(max(distance, 0.0))


def kernel_distance(a, b, subsets=100, size=1000, seed=0):
    """Return (mean, standard deviation) over ``subsets`` of the kernel distance, KID; 0 is best.

    The unbiased estimate of the squared maximum mean discrepancy with the kernel (x.y / d + 1)^3 between
    ``size`` rows of each of the features ``(n, d)`` and ``(m, d)``, drawn with ``seed`` without replacement:
    Binkowski et al. 2018 (arXiv 1801.01401), sections 3.1 and 4. Unbiased: between two halves of the same
    data it is 0 on average and can be negative, whatever the number of images. Raises ValueError as
    `frechet_distance` does. Shown in lesson 05.
    """
    a, b = _pair(a, b)
    rng, found, size = np.random.default_rng(seed), [], min(size, len(a), len(b))
    for _ in range(subsets):
        x, y = (points[rng.choice(len(points), size, replace=False)] for points in (a, b))
        xx, yy, xy = (_kernel(p, q) for p, q in ((x, x), (y, y), (x, y)))
        within = (xx.sum() - np.trace(xx) + yy.sum() - np.trace(yy)) / (size * (size - 1))
        found.append(within - 2.0 * xy.mean())
    return float(np.mean(found)), float(np.std(found))


def neighbourhoods(real, fake, k=5):
    """Return precision, recall, density and coverage of features ``(n, d)`` and ``(m, d)`` as a dict.

    A point's neighbourhood is the ball around it that reaches to its ``k``-th nearest of its own kind.
    ``precision``: share of fakes inside the neighbourhood of some real; ``recall``: share of reals inside that of
    some fake (Kynkaanniemi et al. 2019, arXiv 1904.06991, equations 1 and 2). ``density``: in how many reals'
    neighbourhoods a fake lies, over k, on average, which one outlier among the reals cannot raise as it
    raises precision; ``coverage``: share of reals whose neighbourhood holds a fake (Naeem et al. 2020,
    arXiv 2002.09797, equations 4 and 5). Also ``fake_inside`` bool ``(m,)`` and ``real_inside`` bool ``(n,)``, the
    points behind precision and recall. Raises ValueError for fewer than k + 1 rows and as `frechet_distance` does.
    Shown in lesson 05.
    """
    real, fake = _pair(real, fake, "real", "fake", rows=k + 1)
    real_radius, fake_radius = _radius(real, k), _radius(fake, k)  # squared
    real_inside, covered, times = np.empty(len(real), bool), np.empty(len(real), bool), np.zeros(len(fake))
    for part, squared in _squared_distances(real, fake):
        within = squared < real_radius[part, None]  # (reals of this part, fakes)
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
    """Return each point's distance to its ``k``-th nearest other point, float64 ``(n,)``: its neighbourhood's reach.

    Shown in lesson 05.
    """
    return np.sqrt(_radius(_points(points, "points", k + 1), k))


def parzen(samples, points, sigma):
    """Return the log-density of each point under a Parzen window on ``samples``, in nats, float64 ``(n,)``.

    ``samples`` ``(m, d)`` and ``points`` ``(n, d)``; a Gaussian of standard deviation ``sigma`` on every sample:
    Goodfellow et al. 2014 (arXiv 1406.2661), section 5. ``sigma`` may be an array ``(s,)``, which gives ``(s, n)``
    from one table of distances. Theis et al. 2016 (arXiv 1511.01844) show that a high value does not mean
    good samples. Raises ValueError for a sigma that is not positive and as `frechet_distance` does.
    """
    samples, points = _pair(samples, points, "samples", "points", rows=1)
    sigmas = np.atleast_1d(np.asarray(sigma, np.float64))
    if not (sigmas > 0).all():
        raise ValueError(f"sigma is {sigma}, expected numbers above 0.")
    out = np.empty((len(sigmas), len(points)))
    for part, squared in _squared_distances(points, samples):
        closest = squared.min(axis=1, keepdims=True)  # taken out before exp, or all of its values would be 0
        squared -= closest
        for row, s in zip(out, sigmas, strict=True):
            mean = np.exp(squared / (-2.0 * s**2)).mean(axis=1)
            row[part] = np.log(mean) - closest[:, 0] / (2.0 * s**2)
    out -= samples.shape[1] * np.log(sigmas * np.sqrt(2.0 * np.pi))[:, None]
    return out if np.ndim(sigma) else out[0]


def parzen_score(samples, validation, test):
    """Return a dict: ``log_likelihood``, its ``standard_error`` and the ``sigma`` it was measured with.

    The mean of `parzen` over ``test``, in nats; sigma is the one of `SIGMAS` that is best on ``validation``; the
    standard error is that over test points, not over training runs. Pixels must be in [0, 1] for figures that
    compare with the literature's. Shown in lesson 05.
    """
    sigma = float(SIGMAS[parzen(samples, validation, SIGMAS).mean(axis=1).argmax()])
    found = parzen(samples, test, sigma)
    error = float(found.std() / np.sqrt(len(found)))
    return {"log_likelihood": float(found.mean()), "standard_error": error, "sigma": sigma}


def centroids(points, k, steps=10, seed=0):
    """Return ``k`` cluster centres of ``points`` ``(n, d)`` by Lloyd's k-means, float64 ``(k, d)``.

    They start at k of the points, drawn with ``seed``; a centre that loses all its points stays where it is.
    As samples they are blurred averages that invent nothing, and yet score well under `parzen`.
    Shown in lesson 05.
    """
    points = _points(points, "points", rows=k)
    centres = points[np.random.default_rng(seed).choice(len(points), k, replace=False)]
    for _ in range(steps):
        owner = nearest(points, centres)[1]
        counts = np.bincount(owner, minlength=k)
        order = np.argsort(owner, kind="stable")
        starts = np.cumsum(counts)[counts > 0] - counts[counts > 0]
        centres[counts > 0] = np.add.reduceat(points[order], starts) / counts[counts > 0, None]
    return centres


def _kernel(x, y):
    """Return (x.y / d + 1)^3 of all pairs of rows."""
    products = x @ y.T
    products /= x.shape[1]  # in place, and not **3: half the time
    products += 1.0
    return products * products * products


def _squared_distances(points, others):
    """Yield (slice, squared distances): one part of the points at a time, against all others."""
    norms, rows = np.einsum("ij,ij->i", others, others), max(1, CHUNK // len(others))
    for start in range(0, len(points), rows):
        part = slice(start, start + rows)
        squared = points[part] @ others.T
        squared *= -2.0
        squared += np.einsum("ij,ij->i", points[part], points[part])[:, None]
        squared += norms
        yield part, np.maximum(squared, 0.0, out=squared)  # rounding can make a zero negative


def _radius(points, k):
    """Return each point's squared distance to its ``k``-th nearest other point ``(n,)``."""
    out = np.empty(len(points))
    for part, squared in _squared_distances(points, points):
        rows = np.arange(len(squared))
        squared[rows, part.start + rows] = 0.0  # itself, at rank 0
        out[part] = np.partition(squared, k, axis=1)[:, k]
    return out


def _labels(requested, recognised, classes):
    requested, recognised = np.asarray(requested), np.asarray(recognised)
    if requested.shape != recognised.shape or requested.ndim != 1 or not requested.size:
        raise ValueError(
            f"requested has shape {requested.shape} and recognised {recognised.shape}, expected the same (n,), n > 0."
        )
    for name, labels in (("requested", requested), ("recognised", recognised)):
        if not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(f"{name} labels have dtype {labels.dtype}, expected whole numbers.")
        if classes is not None and (labels.min() < 0 or labels.max() >= classes):
            raise ValueError(f"{name} labels run from {labels.min()} to {labels.max()}, expected 0 to {classes - 1}.")
    return requested.astype(np.int64), recognised.astype(np.int64)


def _images(images, labels):
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype != np.uint8 or images.ndim != 3 or not len(images):
        raise ValueError(f"images are {images.dtype} {images.shape}, expected uint8 (n, height, width), n > 0.")
    if labels.shape != (len(images),):
        raise ValueError(f"labels have shape {labels.shape}, expected ({len(images)},): one label an image.")
    return images, labels


def _pair(a, b, name_a="a", name_b="b", rows=2):
    a, b = _points(a, name_a, rows), _points(b, name_b, rows)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{name_a} has {a.shape[1]} features and {name_b} has {b.shape[1]}; they must agree.")
    return a, b


def _points(x, name, rows):
    x = np.asarray(x)
    if x.ndim != 2 or len(x) < rows:
        raise ValueError(f"{name} has shape {x.shape}, expected (n, d) with n >= {rows}.")
    x = x.astype(np.float64)
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds values that are not finite.")
    return x
