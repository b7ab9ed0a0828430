"""Noise and labels as NumPy arrays. Draws; knows neither Keras nor files."""

import numpy as np

from cgan_lab._support.arrays import check_labels


def noise(n, latent=100, seed=None):
    """Return standard normal noise, float32 (n, latent), new each time unless ``seed`` is given.

    Shown in lesson 00.
    """
    return np.random.default_rng(seed).standard_normal((n, latent), dtype=np.float32)


def given_or_new(given, n, latent, seed=None):
    """Return the noise ``given`` as float32 (n, latent), or `noise` of the seed if it is None.

    Raises ValueError for noise of another shape.
    """
    if given is None:
        return noise(n, latent, seed)
    given = np.asarray(given, np.float32)
    if given.shape != (n, latent):
        raise ValueError(f"noise has shape {given.shape}, expected ({n}, {latent}).")
    return given


def label_grid(labels, per_label):
    """Return each label ``per_label`` times in a row, int64 (n,). Shown in lesson 00."""
    return np.repeat(np.asarray(labels, dtype=np.int64), per_label)


def one_hot(labels, classes):
    """Return labels as float32 (n, classes): whole numbers become one-hot, mixtures stay.

    ``labels``: whole numbers (n,) in 0..classes-1, or mixtures (n, classes) whose rows are
    not negative and sum to 1. Raises TypeError or ValueError for others. Shown in lesson 02.
    """
    labels = np.asarray(labels)
    if labels.ndim == 1:
        labels = check_labels(labels, classes)
        return np.eye(classes, dtype=np.float32)[labels]
    if labels.ndim != 2 or labels.shape[1] != classes:
        raise ValueError(
            f"labels have shape {labels.shape}, expected (n,) or mixtures (n, {classes})."
        )
    if labels.size and (labels.min() < 0 or np.abs(labels.sum(axis=1) - 1.0).max() > 1e-3):
        raise ValueError("each row of a label mixture must hold numbers from 0 up that sum to 1.")
    return labels.astype(np.float32)


def style_grid(noise, labels):
    """Return (labels, noise) of a grid whose rows share a label and whose columns share the noise.

    ``noise``: (columns, latent); ``labels``: whole numbers (rows,). Returns, row by row,
    int64 (rows * columns,) and float32 (rows * columns, latent). Shown in lesson 04.
    """
    noise = np.asarray(noise, np.float32)
    return label_grid(labels, len(noise)), np.tile(noise, (len(labels), 1))


def label_path(start, end, steps, classes=10):
    """Return ``steps`` mixtures from the label ``start`` to ``end``, float32 (steps, classes).

    Raises ValueError for labels that are no class, or fewer than two steps. Shown in lesson 04.
    """
    ends = one_hot([start, end], classes)
    share = _shares(steps)
    return ((1.0 - share) * ends[0] + share * ends[1]).astype(np.float32)


def latent_path(start, end, steps):
    """Return ``steps`` noise vectors on the arc from ``start`` to ``end``, float32 (steps, latent).

    Spherical interpolation (White 2016, arXiv 1609.04468): angle and length change evenly. The
    straight line would pass nearer to 0 than noise ever lies. Raises ValueError for vectors of
    different shapes, of length 0 or in opposite directions, and for fewer than two steps.
    Shown in lesson 04.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    share = _shares(steps)
    if start.shape != end.shape or start.ndim != 1:
        shapes = f"{start.shape} and end {end.shape}"
        raise ValueError(f"start has shape {shapes}, expected the same (latent,).")
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) == 0.0:
        raise ValueError("start or end is 0 everywhere: it has no direction, so no arc leaves it.")
    a, b = start / lengths[0], end / lengths[1]
    angle = np.arccos(np.clip(a @ b, -1.0, 1.0))
    if np.pi - angle < 1e-6:
        raise ValueError("start and end point in opposite directions: no arc is the shortest.")
    if angle < 1e-6:
        arc = np.tile(a, (steps, 1))
    else:
        arc = (np.sin((1.0 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    return (arc * ((1.0 - share) * lengths[0] + share * lengths[1])).astype(np.float32)


def directions(weights):
    """Return the directions of noise that move G's first layer most, float32 (latent, latent).

    ``weights``: the first layer's for the noise, (latent, units). Rows have length 1, are
    orthogonal and ordered, row 0 moves the layer most: the left singular vectors of the weights, as
    in Shen and Zhou 2021 (arXiv 2007.06600), equation 4. The sign makes each row's largest entry
    positive. Shown in lesson 04.
    """
    rows = np.linalg.svd(np.asarray(weights, np.float64), full_matrices=True)[0].T
    largest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    return (rows * np.sign(largest)).astype(np.float32)


def _shares(steps):
    """Return ``steps`` numbers from 0 to 1, (steps, 1)."""
    if steps < 2:
        raise ValueError(f"steps is {steps}, expected at least 2: the path's two ends.")
    return np.linspace(0.0, 1.0, steps)[:, None]
