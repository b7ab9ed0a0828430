"""How good are the samples? Pure functions of label, pixel and feature arrays, in NumPy. Imports nothing of ours."""

import numpy as np


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


def nearest(images, labels):
    """Return each image's distance to the nearest other image with its label, float64 ``(n,)``; inf if alone.

    In units of pixels of the range [0, 1]. Computed in chunks: memory grows with n, not n squared.
    """
    images, labels = _images(images, labels)
    out = np.full(len(images), np.inf)
    for label in np.unique(labels):
        where = np.flatnonzero(labels == label)
        x = images[where].reshape(len(where), -1).astype(np.float32) / 255.0
        norms = np.einsum("ij,ij->i", x, x)
        for start in range(0, len(x), 1000):
            part = slice(start, start + 1000)
            squared = norms[part, None] + norms[None, :] - 2.0 * x[part] @ x.T  # (<= 1000, m)
            rows = np.arange(len(squared))
            squared[rows, start + rows] = np.inf
            out[where[part]] = np.sqrt(np.maximum(squared.min(axis=1), 0.0))
    return out


def frechet_distance(a, b):
    """Return the Frechet distance of the Gaussians fitted to features ``(n, d)`` and ``(m, d)``; 0 is best.

    |mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a^1/2 S_b S_a^1/2)^1/2): Heusel et al. 2017 (arXiv 1706.08500),
    equation 6, in its symmetric form, whose eigenvalues are real. Only distances on the same features compare.
    Raises ValueError for features of other shapes, fewer than two rows, or values that are not finite.
    """
    a, b = _features(a, "a"), _features(b, "b")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"a has {a.shape[1]} features and b has {b.shape[1]}; they must agree.")
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    cov_a, cov_b = np.atleast_2d(cov_a), np.atleast_2d(cov_b)
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.linalg.eigvalsh(root_a @ cov_b @ root_a)
    mean_term = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    distance = mean_term + np.trace(cov_a) + np.trace(cov_b) - 2.0 * np.sum(np.sqrt(np.maximum(cross, 0.0)))
    return float(max(distance, 0.0))


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


def _features(x, name):
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"{name} has shape {x.shape}, expected features (n, d) with n > 1.")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds values that are not finite.")
    return x
