"""Changes of images before D sees them, through which gradients flow to G. Knows no network."""

import dataclasses
from collections.abc import Callable

from cgan_lab._support import distributed
from cgan_lab._support.names import pick
from cgan_lab._support.tensorflow import tf


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """``of(images, seed)`` -> images changed, both float (n, 28, 28, 1); seed: int32 (2,)."""

    name: str
    of: Callable


def _shift(images, seed):
    """Move each image by up to `SHIFT` pixels each way; black comes in from outside."""

    def draw(n):
        return tf.random.stateless_uniform((n, 2), seed, -SHIFT, SHIFT + 1, tf.int32)

    by = distributed.rows(draw, tf.shape(images)[0])  # (n, 2)
    height, width = images.shape[1:3]
    # A product with a matrix of ones and zeros for each axis: XLA makes gathers slow on a CPU.
    rows = tf.range(height)[None, :, None] + by[:, 0, None, None] == tf.range(height)[None, None, :]
    columns = tf.range(width)[None, :, None] + by[:, 1, None, None] == tf.range(width)[None, None]
    moved = tf.cast(rows, images.dtype) @ (images[..., 0] + 1.0)  # 0 is black here
    moved = moved @ tf.cast(columns, images.dtype)
    return moved[..., None] - 1.0


SHIFT = 3  # an eighth of 28 pixels, as in Zhao et al. 2020 (arXiv 2006.10738)
AUGMENTATIONS = {"shift": Augmentation("shift", _shift)}


def get(name):
    """Return the `Augmentation` ``name``, or None for None. Raises ValueError for another name."""
    return None if name is None else pick("augmentation", name, AUGMENTATIONS)
