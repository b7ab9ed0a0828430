"""Right answers to the exercises and builds of lesson 11."""

import tensorflow as tf


def augment(images, amounts):
    """Pictures (n, 28, 28, 1) in [-1, 1], pixels down and right, int32 (n, 2) -> moved pictures."""
    place = tf.range(28)
    down, right = amounts[:, 0, None, None], amounts[:, 1, None, None]  # (n, 1, 1)
    rows = place[:, None] == place + down  # (n, to, from)
    columns = place[:, None] + right == place  # (n, from, to)
    light = images[..., 0] + 1.0  # 0 is black
    moved = tf.cast(rows, tf.float32) @ light @ tf.cast(columns, tf.float32)
    return moved[..., None] - 1.0
