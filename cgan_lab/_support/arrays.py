"""Whether images and labels are what they should be, and the line that mends them. NumPy alone."""

import contextlib

import numpy as np


def check_images(images, what="images", size=28):
    """Return ``images`` as an array after checking that it is uint8 ``(n, size, size)``.

    ``what`` names them in errors; ``size=None`` allows any height and width.
    Raises TypeError for another dtype, ValueError for another shape.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(
            f"{what} have dtype {images.dtype}, expected uint8 in 0..255.{_images_cure(images)}"
        )
    if images.ndim != 3 or (size and images.shape[1:] != (size, size)):
        expected = f"(n, {size}, {size})" if size else "(n, height, width)"
        raise ValueError(
            f"{what} have shape {images.shape}, expected {expected}.{_shape_cure(images, size)}"
        )
    return images


def _images_cure(images):
    """Return the line that makes uint8 of ``images``, as a sentence, or nothing."""
    if images.dtype.kind not in "biuf" or not images.size:
        return ""
    low = np.min(images)
    high = np.max(images)
    if low >= 0 and 1 < high <= 255:
        return " Convert them: images.astype('uint8')."
    if low >= 0 and high <= 1:
        return " Convert them: (255 * images).astype('uint8')."
    return " Convert them: data.to_pixels(images)." if low >= -1 and high <= 1 else ""


def _shape_cure(images, size):
    """Return the line that makes ``(n, size, size)`` of ``images``, as a sentence, or nothing."""
    if not size or not len(images):
        return ""
    if images[0].size == size * size:
        return f" Convert them: images.reshape(-1, {size}, {size})."
    if images.shape[1:] == (size, size, 3):
        return " Convert them: images.mean(axis=-1).astype('uint8')."
    if images.ndim == 3:
        return (
            " Convert them: from PIL import Image; images = np.stack([Image.fromarray(image)"
            f".resize(({size}, {size})) for image in images])."
        )
    return ""


def check_labels(labels, classes=None, count=None, what="labels"):
    """Return ``labels`` as int64 ``(n,)`` after checking that they are ``0..classes-1``.

    ``count``: how many images they belong to; None for either allows any. ``what`` names them in
    errors. Raises TypeError for another dtype, ValueError for another shape, number or range.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        rows = labels.ndim == 2 and labels.shape[1] > 1
        line = "labels.argmax(axis=1)" if rows else "labels.ravel()"
        raise ValueError(
            f"{what} have shape {labels.shape}, expected (n,): whole numbers, not one-hot rows. "
            f"Convert them: {line}."
        )
    if labels.size and not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(
            f"{what} have dtype {labels.dtype}, expected whole numbers.{_labels_cure(labels)}"
        )
    if count is not None and len(labels) != count:
        raise ValueError(
            f"{len(labels)} {what} came with {count} images, expected one label per image."
        )
    if classes and labels.size and (labels.min() < 0 or labels.max() >= classes):
        shifted = labels.min() == 1 and labels.max() == classes
        raise ValueError(
            f"{what} run from {labels.min()} to {labels.max()}, expected 0 to {classes - 1} for "
            f"{classes} classes.{' Convert them: labels - 1.' if shifted else ''}"
        )
    return labels.astype(np.int64)


def _labels_cure(labels):
    """Return the line that makes whole numbers of ``labels``, as a sentence."""
    for line, numbers in (
        ("astype(int)", lambda: labels.astype(int)),
        ("astype(float).astype(int)", lambda: labels.astype(float)),
    ):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            if (numbers() == labels.astype(float)).all() and (numbers() % 1 == 0).all():
                return f" Convert them: labels.{line}."
    if labels.dtype.kind in "fc":
        return " Numbers with a part after the point are no labels."
    words = "names, labels = np.unique(labels.astype(str), return_inverse=True)"
    return f" If they are words, number them: {words}."
