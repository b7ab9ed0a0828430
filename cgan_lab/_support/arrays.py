"""Whether images and labels are what they should be. Knows NumPy alone."""

import numpy as np


def check_images(images, what="images", size=28):
    """Return ``images`` as an array after checking that it is uint8 ``(n, size, size)``.

    ``what`` names them in errors; ``size=None`` allows any height and width.
    Raises TypeError for another dtype, ValueError for another shape.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(f"{what} have dtype {images.dtype}, expected uint8 in 0..255.")
    if images.ndim != 3 or (size and images.shape[1:] != (size, size)):
        expected = f"(n, {size}, {size})" if size else "(n, height, width)"
        raise ValueError(f"{what} have shape {images.shape}, expected {expected}.")
    return images


def check_labels(labels, classes=None, count=None, what="labels"):
    """Return ``labels`` as int64 ``(n,)`` after checking that they are ``0..classes-1``.

    ``count``: how many images they belong to; None for either allows any. ``what`` names them in
    errors. Raises TypeError for another dtype, ValueError for another shape, number or range.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(
            f"{what} have shape {labels.shape}, expected (n,): whole numbers, not one-hot rows."
        )
    if labels.size and not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"{what} have dtype {labels.dtype}, expected whole numbers.")
    if count is not None and len(labels) != count:
        raise ValueError(
            f"{len(labels)} {what} came with {count} images, expected one label per image."
        )
    if classes and labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(
            f"{what} run from {labels.min()} to {labels.max()}, expected 0 to {classes - 1} for "
            f"{classes} classes."
        )
    return labels.astype(np.int64)
