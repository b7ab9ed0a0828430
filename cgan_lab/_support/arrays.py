"""Whether images and labels are what they should be, and the line that mends them. NumPy alone."""

import contextlib

import numpy as np

DECODED = "np.char.decode({}, 'utf-8', 'backslashreplace')"  # texts of bytes, none lost


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
    if count := np.count_nonzero(~np.isfinite(images)):
        return f" {count} are NaN or infinite. To blacken those: images[~np.isfinite(images)] = 0."
    if low >= 0 and 1 < high <= 255:
        return " Convert them: images.astype('uint8')."
    if low >= 0 and high <= 1:
        return " Convert them: (255 * images).astype('uint8')."
    return " Convert them: data.to_pixels(images)." if low >= -1 and high <= 1 else ""


def _shape_cure(images, size):
    """Return the line that makes ``(n, size, size)`` of ``images``, as a sentence, or nothing."""
    if not size or not images.ndim or not images.size:
        return ""
    if images[0].size == size * size:
        return f" Convert them: images.reshape(-1, {size}, {size})."
    if images.ndim == 3 and images.shape[:2] == (size, size):
        return " Convert them: np.moveaxis(images, -1, 0)."
    channels = {1, 3, 4}
    first = images.ndim == 4 and images.shape[3] not in channels
    source = "np.moveaxis(images, 1, -1)" if first else "images"
    if images.ndim == 3 or (images.ndim == 4 and channels & {images.shape[1], images.shape[3]}):
        return (
            " Convert them: from PIL import Image; images = np.stack([Image.fromarray(k.squeeze())"
            f".convert('L').resize(({size}, {size})) for k in {source}])."
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
    # NumPy keeps larger whole numbers as Python objects, or as uint64, which would wrap around.
    large = labels.dtype in (object, np.uint64) and {*map(type, labels.tolist())} == {int}
    if large and max(map(abs, labels.tolist())) >= 2**63:
        raise ValueError(
            f"{what} run from {labels.min()} to {labels.max()}, expected 0 to "
            f"{(classes or 2**63) - 1}."
        )
    if labels.size and labels.dtype.kind not in "iu":
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


def are_words(*arrays):
    """Whether one of ``arrays`` holds texts that are not all whole numbers."""
    texts = [array for array in arrays if array.dtype.kind in "SU" and array.size]
    return any(not _conversion(array) for array in texts)


def _conversion(labels):
    """Return what makes whole numbers of ``labels`` if they have the values of such, or None."""
    for line in ("astype(int)", "astype(float).astype(int)"):
        with contextlib.suppress(TypeError, ValueError, OverflowError), np.errstate(all="ignore"):
            floats = labels.astype(float)
            numbers = floats if "float" in line else labels.astype(int)
            if ((numbers == floats) & (numbers % 1 == 0) & (abs(floats) < 2**63)).all():
                return line
    return None


def _labels_cure(labels):
    """Return the line that makes whole numbers of ``labels``, as a sentence."""
    kind = labels.dtype.kind
    if kind in "cmMV":
        names = ", ".join(map(repr, labels.dtype.names or ()))
        return " Such values are no labels." + f" Take the right field of {names}." * bool(names)
    if line := _conversion(labels):
        return f" Convert them: labels.{line}."
    if kind == "f" or any(isinstance(label, float | None) for label in labels):
        return " NaN, None, fractions and numbers beyond 2**63 are no labels: leave them out."
    texts = "labels.astype(str)" if kind != "S" else DECODED.format("labels")
    line = f"names, labels = np.unique({texts}, return_inverse=True)"
    return f" If they are words, number them: {line}."
