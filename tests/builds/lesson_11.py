"""Typical mistakes in a shift of each picture."""

_LINES = """    place = tf.range(28)
    down, right = amounts[:, 0, None, None], amounts[:, 1, None, None]  # (n, 1, 1)
    rows = place[:, None] == place + down  # (n, to, from)
    columns = place[:, None] + right == place  # (n, from, to)
    light = images[..., 0] + 1.0  # 0 is black
    moved = tf.cast(rows, tf.float32) @ light @ tf.cast(columns, tf.float32)
    return moved[..., None] - 1.0
"""
_SLICED = """    padded = tf.pad(images, [[0, 0], [3, 3], [3, 3], [0, 0]], {})
    parts = [padded[k, 3 - d : 31 - d, 3 - r : 31 - r] for k, (d, r) in enumerate({})]
    return tf.stack(parts)
"""

MUTANTS = {
    "11.augment": {
        "came in on the other": (
            ("place + down", "(place + down) % 28"),
            ("place[:, None] + right", "(place[:, None] + right) % 28"),
        ),
        "grey came in": ((" + 1.0", ""), (" - 1.0", "")),
        "all were moved like the first": (("amounts[:, ", "amounts[:1, "),),
        "down and right are exchanged": (("down, right =", "right, down ="),),
        "moved the other way": (
            ("place + down", "place - down"),
            ("None] + right", "None] - right"),
        ),
        "edge's pixels were repeated": (
            ("place + down", "tf.clip_by_value(place + down, 0, 27)"),
            ("rows = place[:, None] ==", "rows ="),
            ("(place + down, 0, 27)", "(place[:, None] - down, 0, 27) == place"),
            ("place[:, None] + right == place", "place[:, None] == clipped"),
            (
                "    columns =",
                "    clipped = tf.clip_by_value(place - right, 0, 27)\n    columns =",
            ),
        ),
        "take the 1 off again": ((" - 1.0", ""),),
        "nothing has moved": (
            ("amounts[:, 0, None, None], amounts[:, 1, None, None]", "0, 0"),
            ("place[:, None]", "place[None, :, None]"),
        ),
        "no gradient comes back": (("images[..., 0]", "images[..., 0].numpy()"),),
        "so G could not": (("images[..., 0]", "tf.stop_gradient(images[..., 0])"),),
        "part of the gradient": (
            ("images[..., 0] + 1.0", "tf.stop_gradient(images[..., 0]) / 2 + images[..., 0] / 2"),
            ("/ 2  #", "/ 2 + 1.0  #"),
        ),
        "expected (5, 28, 28, 1)": (("moved[..., None]", "moved"),),
        "a tensor stays as it is": (("moved[..., None]", "images.assign(moved[..., None])"),),
        "not in a compiled step": (
            (_LINES, _SLICED.format("constant_values=-1.0", "amounts.numpy()")),
        ),
    },
}
