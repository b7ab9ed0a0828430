"""Right answers to the exercises of appendix B."""

import numpy as np


def days(epochs, images, batch_size, steps_per_second):
    """Whole numbers, and a rate -> the days that it takes; a last batch not full is left out."""
    steps = epochs * (images // batch_size)
    return steps / steps_per_second / 86_400


def rescale(x, low, high):
    """Numbers of any shape whose range is declared as low..high -> the same, in -1..1."""
    return 2 * (x - low) / (high - low) - 1


def undo_mean(means):
    """Means over the first 1, 2, ..., n losses, (n,) -> the n losses, (n,)."""
    sums = means * np.arange(1, len(means) + 1)
    return np.diff(sums, prepend=0.0)
