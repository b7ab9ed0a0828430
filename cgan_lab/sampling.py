"""Noise and labels as NumPy arrays. Draws; knows neither Keras nor files."""

import numpy as np


def noise(n, latent=100, seed=None):
    """Return standard normal noise, float32 ``(n, latent)``. ``seed``: a whole number, or None for fresh noise.

    Shown in lesson 00.
    """
    return np.random.default_rng(seed).standard_normal((n, latent), dtype=np.float32)


def label_grid(labels, per_label):
    """Return each of ``labels`` repeated ``per_label`` times in a row, int64 ``(len(labels) * per_label,)``.

    Shown in lesson 00.
    """
    return np.repeat(np.asarray(labels, dtype=np.int64), per_label)


def one_hot(labels, classes):
    """Return labels as float32 ``(n, classes)``: whole numbers become one-hot rows, mixtures pass through.

    ``labels``: whole numbers ``(n,)`` in 0..classes-1, or class mixtures ``(n, classes)`` whose
    rows are not negative and sum to 1. Raises TypeError or ValueError, saying what came.
    Shown in lesson 02.
    """
    labels = np.asarray(labels)
    if labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer):
        if labels.size and (labels.min() < 0 or labels.max() >= classes):
            raise ValueError(f"labels run from {labels.min()} to {labels.max()}, expected 0 to {classes - 1}.")
        return np.eye(classes, dtype=np.float32)[labels]
    if labels.ndim == 1:
        raise TypeError(f"labels have dtype {labels.dtype}, expected whole numbers from 0 to {classes - 1}.")
    if labels.ndim != 2 or labels.shape[1] != classes:
        raise ValueError(f"labels have shape {labels.shape}, expected (n,) or mixtures (n, {classes}).")
    if labels.size and (labels.min() < 0 or np.abs(labels.sum(axis=1) - 1.0).max() > 1e-3):
        raise ValueError("each row of a label mixture must hold numbers from 0 up that sum to 1.")
    return labels.astype(np.float32)
