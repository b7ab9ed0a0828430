"""The checks of lesson 11. They start TensorFlow; none trains."""

import numpy as np

from cgan_lab.checks._kit import (
    NotAttempted,
    Wrong,
    blank,
    close,
    exercise,
    must_be_function,
    nothing,
    unless,
)

AMOUNTS = np.array([[2, -1], [0, 3], [-3, 0], [1, 1], [0, 0]], np.int32)  # down, right


def _moved(images, amounts, outside=-1.0):
    """Return NumPy ``images`` (n, 28, 28, 1), each moved by its own pixels down and right."""
    out = np.full_like(images, outside)
    for new, image, (down, right) in zip(out, images, amounts, strict=True):
        to = slice(max(down, 0), 28 + min(down, 0)), slice(max(right, 0), 28 + min(right, 0))
        new[to] = image[max(-down, 0) : 28 + min(-down, 0), max(-right, 0) : 28 + min(-right, 0)]
    return out


def _mistakes(images):
    """Return {sentence: the pictures that it explains}."""
    each = list(zip(images, AMOUNTS, strict=True))
    wrapped = np.stack([np.roll(image, by, (0, 1)) for image, by in each])
    padded = [np.pad(image[..., 0], 3, mode="edge") for image in images]
    places = [(slice(3 - down, 31 - down), slice(3 - right, 31 - right)) for down, right in AMOUNTS]
    edge = np.stack([image[place] for image, place in zip(padded, places, strict=True)])[..., None]
    grey = (
        "grey came in from outside: 0 is the middle of [-1, 1], and black is -1. Where the sum "
        "finds no pixel it gives 0, so count the light from black before, and back after."
    )
    return {
        "what left on one side came in on the other: black should come in.": wrapped,
        grey: _moved(images, AMOUNTS, 0.0),
        "all were moved like the first one: each picture has a row of amounts of its own.": _moved(
            images, AMOUNTS * 0 + AMOUNTS[0]
        ),
        "down and right are exchanged: amounts[:, 0] counts rows, downwards.": _moved(
            images, AMOUNTS[:, ::-1]
        ),
        "they moved the other way: with an amount of 2 the topmost row comes to place 2.": _moved(
            images, -AMOUNTS
        ),
        "the edge's pixels were repeated: black should come in.": edge,
        "the light is counted from black, 0 to 2: take the 1 off again.": _moved(images, AMOUNTS)
        + 1,
        "nothing has moved.": images,
    }


def _differentiated(answer, images, weights):
    """Return the learner's pictures and the gradient of their weighted sum on ``images``."""
    import tensorflow as tf

    images = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        try:
            got = answer(images, tf.constant(AMOUNTS))
        except AttributeError as error:
            if "assign" not in str(error) and "numpy" not in str(error):
                raise
            raise Wrong("a tensor stays as it is: make a new one of what you need.") from error
        if blank(got):
            nothing(answer)
        got = tf.convert_to_tensor(got, tf.float32)
        if tuple(got.shape) != images.shape:
            raise Wrong(f"got pictures of shape {got.shape}, expected {images.shape}.")
        total = tf.reduce_sum(got * weights)
    return got.numpy(), tape.gradient(total, images)


@exercise(
    "11.augment",
    "each picture by its own pixels, and G's gradient comes back through the move.",
    idea="a matrix of ones and zeros moves the rows of a picture when it stands on the left of a "
    "product, and the columns when it stands on the right. In row `to` of the left one, where is "
    "the single 1, if the picture moves down by `down`? Comparing tf.range(28) with itself gives "
    "all places at once. What comes in where a row of the matrix has no 1 at all, and what should?",
    like="three notes (5, 7, 9) are played one beat later: the row vector times the matrix with a "
    "1 where `from + 1 == to`, [[0, 1, 0], [0, 0, 1], [0, 0, 0]], is (0, 5, 7). Silence is 0 here, "
    "so that is right. What if silence were -1: which number would you add before the product, "
    "and take off after it?",
    learn="the product is linear in the picture, so its gradient is the move back. For whole "
    "pixels no gradient of the amounts is needed; they are drawn, not learned.",
    used="this lesson's pictures and trainings",
)
def _augment(answer):
    import tensorflow as tf

    must_be_function(answer)
    rng = np.random.default_rng(3)
    images, weights = rng.uniform(-1, 1, (2, len(AMOUNTS), 28, 28, 1)).astype(np.float32)
    got, slope = _differentiated(answer, images, weights)
    want = _moved(images, AMOUNTS)
    try:
        unless(got, _mistakes(images))
        close(got, want, "a pixel")
    except Wrong as why:
        k, i, j, _ = np.unravel_index(np.argmax(np.abs(got - want)), want.shape)
        why.case = (
            f"Moved by {AMOUNTS[k].tolist()} (down, right), a picture has {got[k, i, j, 0]:.4g} at "
            f"row {i}, column {j}; {want[k, i, j, 0]:.4g} is right."
        )
        raise
    if slope is None:
        raise Wrong(
            "the pictures are right, but no gradient comes back through the move, so G could not "
            "learn from what D says: leave out NumPy, tf.round and stop_gradient."
        )
    if not np.allclose(slope, _moved(weights, -AMOUNTS, 0.0), atol=1e-5):
        raise Wrong("the pictures are right, but part of the gradient on them is cut off.")
    try:
        compiled = tf.function(answer, jit_compile=True)(tf.constant(images), tf.constant(AMOUNTS))
    except NotAttempted:
        raise
    except Exception as error:
        raise Wrong(
            f"right as Python runs it, but not in a compiled step ({type(error).__name__}): use "
            "TensorFlow's operations only."
        ) from error
    close(compiled, want, "in a compiled step a pixel")
