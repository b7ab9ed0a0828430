"""Changes of images before D sees them, through which gradients flow to G. Knows no network.

With few real images D learns them by heart. Zhao et al. 2020 (arXiv 2006.10738) show it changed
ones, real ones and fakes, in both turns. Each image is changed in its own way, and black, -1, comes
in from outside. Left out is what digits do not bear: mirrored, a 2 is no 2; turned over, a 6 is a
9; and D, shown such real images, could not keep G from drawing them. Colours there are none.
"""

import dataclasses
from collections.abc import Callable

from cgan_lab._support import distributed
from cgan_lab._support.names import pick
from cgan_lab._support.tensorflow import tf

SHIFT = 3  # pixels; Zhao et al. take an eighth of the width, here 3.5
CUTOUT = 14  # pixels, half of the width, as Zhao et al.
LIGHT = 0.5, 1.5  # the factors of Zhao et al.'s contrast


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """``of(images, seed)`` -> images changed, both float (n, 28, 28, 1); seed: int32 (2,)."""

    name: str
    of: Callable


def shifted(images, by):
    """Move each image by whole pixels.

    ``images`` float (n, h, w, 1) with black at -1; ``by`` int32 (n, 2): pixels down and to the
    right. What leaves is lost.
    """
    height, width = (tf.range(side) for side in images.shape[1:3])
    down, right = (by[:, axis, None, None] for axis in (0, 1))
    # A product with a matrix of ones and zeros per axis: XLA makes gathers slow on a CPU.
    rows = height[:, None] == height + down  # (n, to, from)
    columns = width[:, None] + right == width  # (n, from, to)
    light = images[..., 0] + 1.0  # 0 is black here
    moved = tf.cast(rows, images.dtype) @ light @ tf.cast(columns, images.dtype)
    return moved[..., None] - 1.0


def cut(images, corner):
    """Blacken a square of `CUTOUT` pixels in each image.

    ``images`` float (n, h, w, 1) with black at -1; ``corner`` int32 (n, 2): row and column of the
    square's first pixel, which may lie outside.
    """
    height, width = (tf.range(side) for side in images.shape[1:3])
    top, left = (corner[:, axis, None] for axis in (0, 1))
    rows = (height >= top) & (height < top + CUTOUT)  # (n, h)
    columns = (width >= left) & (width < left + CUTOUT)  # (n, w)
    kept = tf.cast(~(rows[:, :, None] & columns[:, None, :]), images.dtype)
    return (images + 1.0) * kept[..., None] - 1.0


def lit(images, factor):
    """Multiply the light of each image by its factor: black stays black.

    ``images`` float (n, h, w, 1) with black at -1; ``factor`` float (n,). White leaves [-1, 1] for
    factors above 1, of real images and fakes alike, and is not clipped: that would stop gradients.
    """
    return (images + 1.0) * factor[:, None, None, None] - 1.0


def _shift(images, seed):
    """Move each image by up to `SHIFT` pixels each way."""
    return shifted(images, _drawn(images, seed, (2,), -SHIFT, SHIFT + 1, tf.int32))


def _cutout(images, seed):
    """Blacken a square whose middle is any pixel of the image."""
    first = -(CUTOUT // 2)
    return cut(images, _drawn(images, seed, (2,), first, first + images.shape[1], tf.int32))


def _brightness(images, seed):
    """Multiply each image's light by a factor in `LIGHT`.

    Zhao et al. add a number to all pixels and stretch them about their mean. Either would turn the
    black ground grey.
    """
    return lit(images, _drawn(images, seed, (), *LIGHT, images.dtype))


def _all(images, seed):
    """Change brightness, place and a square, in Zhao et al.'s order."""
    for number, change in enumerate((_brightness, _shift, _cutout)):
        images = change(images, tf.random.experimental.stateless_fold_in(seed, number))
    return images


def _drawn(images, seed, shape, low, high, dtype):
    """Return uniform numbers (n, *shape), ``high`` not among them."""

    def draw(n):
        return tf.random.stateless_uniform((n, *shape), seed, low, high, dtype)

    return distributed.rows(draw, tf.shape(images)[0])


AUGMENTATIONS = {
    augmentation.name: augmentation
    for augmentation in (
        Augmentation("shift", _shift),
        Augmentation("cutout", _cutout),
        Augmentation("brightness", _brightness),
        Augmentation("diffaugment", _all),
    )
}


def get(name):
    """Return the `Augmentation` ``name``, or None for None. Raises ValueError for another name."""
    return None if name is None else pick("augmentation", name, AUGMENTATIONS)
