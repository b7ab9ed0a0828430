"""Typical wrong answers to assignment 2, conditioning. Data only."""

from mutants import Mutant

_ENCODE = """
def encode(tens, ones, tone):
    tens, ones, tone = np.asarray(tens), np.asarray(ones), np.asarray(tone, np.float32)
    for part, low, high in ((tens, -1, 9), (ones, 0, 9), (tone, 0, 1)):
        if part.min() < low or part.max() > high:
            raise ValueError("out of range")
    parts = [PARTS]
    return np.concatenate(parts, axis=1).astype(np.float32)
"""
_TONE = "np.stack([1 - tone, tone], axis=1)"

_PLANES = """
def half_planes(left, right):
    n, k = np.shape(left)
    planes = np.empty((n, 28, 56, k))
    BODY
    return planes
"""

_LOUDNESS = """
def loudness_of_parts(network, x, condition, parts):
    before = np.asarray(network(x, condition))

    def moved(other_x, other_condition):
        return MOVED

    ratios = []
    for part in parts:
        EXCHANGE
        ratios.append(moved(x, other) / moved(np.roll(x, -1, axis=0), condition))
    return np.array(ratios)
"""
_RMS = "np.sqrt(np.mean((np.asarray(network(other_x, other_condition)) - before) ** 2))"
_COPY = "other = condition.copy()\n        other[:, part] = np.roll(condition[:, part], -1, axis=0)"

_PAIRS = """
def matching_pairs(real, fake, labels, classes, rng):
    n = len(labels)
    wrong = WRONG
    return np.concatenate([real, real, fake]), np.concatenate([labels, wrong, labels]), TARGETS
"""
_SHIFTED = "(labels + rng.integers(1, classes, n)) % classes"
_TARGETS = "np.repeat([1.0, 0.0, 0.0], n)"

MUTANTS = {
    "ps2_composite": [
        Mutant(
            "the missing tens digit is left to NumPy, which puts it last and shifts all others",
            _ENCODE.replace("PARTS", f"np.eye(11)[tens], np.eye(10)[ones], {_TONE}"),
            frozenset({"ps2_composite_1"}),
        ),
        Mutant(
            "a missing tens digit is taken for a 0",
            _ENCODE.replace(
                "PARTS", f"np.eye(11)[np.maximum(tens, 0) + 1], np.eye(10)[ones], {_TONE}"
            ),
            frozenset({"ps2_composite_1"}),
        ),
        Mutant(
            "the tone is rounded to thin or bold",
            _ENCODE.replace(
                "PARTS",
                "np.eye(11)[tens + 1], np.eye(10)[ones], np.eye(2)[(tone >= 0.5).astype(int)]",
            ),
            frozenset({"ps2_composite_2"}),
        ),
        Mutant(
            "bold and thin are exchanged",
            _ENCODE.replace(
                "PARTS",
                "np.eye(11)[tens + 1], np.eye(10)[ones], np.stack([tone, 1 - tone], axis=1)",
            ),
            frozenset({"ps2_composite_2"}),
        ),
        Mutant(
            "nothing is refused: a ones digit of -1 becomes a 9",
            """
def encode(tens, ones, tone):
    tens, ones, tone = np.asarray(tens), np.asarray(ones), np.asarray(tone, np.float32)
    parts = [np.eye(11)[(tens + 1) % 11], np.eye(10)[ones % 10], np.stack([1 - tone, tone], axis=1)]
    return np.concatenate(parts, axis=1).astype(np.float32)
""",
            frozenset({"ps2_composite_3"}),
        ),
        Mutant(
            "ranges are asserted, which is not the ValueError asked for",
            """
def encode(tens, ones, tone):
    tens, ones, tone = np.asarray(tens), np.asarray(ones), np.asarray(tone, np.float32)
    assert tens.min() >= -1 and tens.max() <= 9 and ones.min() >= 0 and ones.max() <= 9
    assert tone.min() >= 0 and tone.max() <= 1
    parts = [np.eye(11)[tens + 1], np.eye(10)[ones], np.stack([1 - tone, tone], axis=1)]
    return np.concatenate(parts, axis=1).astype(np.float32)
""",
            frozenset({"ps2_composite_3"}),
        ),
    ],
    "ps2_planes": [
        Mutant(
            "repeat without an axis, then reshape: the slip of lesson 02",
            """
def half_planes(left, right):
    n, k = np.shape(left)
    halves = [np.repeat(np.asarray(y)[:, :, None, None], 28 * 28).reshape(n, 28, 28, k) for y in (left, right)]
    return np.concatenate(halves, axis=2)
""",
            frozenset({"ps2_planes_1", "ps2_planes_2"}),
        ),
        Mutant(
            "the halves lie one above the other and are then cut side by side",
            """
def half_planes(left, right):
    n, k = np.shape(left)
    left, right = (np.broadcast_to(np.asarray(y)[:, None, None, :], (n, 28, 28, k)) for y in (left, right))
    return np.concatenate([left, right], axis=1).reshape(n, 28, 56, k)
""",
            frozenset({"ps2_planes_1", "ps2_planes_2"}),
        ),
        Mutant(
            "both labels everywhere",
            _PLANES.replace(
                "BODY",
                "planes[:] = (np.asarray(left, float) + np.asarray(right, float))[:, None, None, :]",
            ),
            frozenset({"ps2_planes_1", "ps2_planes_2"}),
        ),
        Mutant(
            "a mixture is rounded to its largest class",
            """
def half_planes(left, right):
    n, k = np.shape(left)
    planes = np.zeros((n, 28, 56, k))
    for i in range(n):
        planes[i, :, :28, np.argmax(left[i])] = 1.0
        planes[i, :, 28:, np.argmax(right[i])] = 1.0
    return planes
""",
            frozenset({"ps2_planes_2"}),
        ),
    ],
    "ps2_several": [
        Mutant(
            "the offsets are forgotten",
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    return features @ weights + bias + np.sum(np.where(labels == 1, features @ directions.T, 0.0), axis=1)
""",
            frozenset({"ps2_several_1", "ps2_several_2"}),
        ),
        Mutant(
            "an unknown label is taken away",
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    return features @ weights + bias + np.sum(labels * (features @ directions.T + offsets), axis=1)
""",
            frozenset({"ps2_several_2"}),
        ),
        Mutant(
            "an unknown label counts as present",
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    scores = features @ directions.T + offsets
    return features @ weights + bias + np.sum(np.where(labels != 0, scores, 0.0), axis=1)
""",
            frozenset({"ps2_several_2"}),
        ),
        Mutant(
            "only the first label that is present counts, as with one-hot rows",
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    first = np.eye(labels.shape[1])[(labels == 1).argmax(axis=1)] * (labels == 1).any(axis=1)[:, None]
    return features @ weights + bias + np.sum(first * (features @ directions.T + offsets), axis=1)
""",
            frozenset({"ps2_several_1", "ps2_several_2"}),
        ),
        Mutant(
            "an absent label is counted against the picture",
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    scores = features @ directions.T + offsets
    return features @ weights + bias + np.sum(np.where(labels == 1, scores, np.where(labels == 0, -scores, 0.0)), 1)
""",
            frozenset({"ps2_several_1", "ps2_several_2"}),
        ),
    ],
    "ps2_loudness": [
        Mutant(
            "the mean of the distances instead of their root mean square",
            _LOUDNESS.replace(
                "MOVED", "np.mean(np.abs(np.asarray(network(other_x, other_condition)) - before))"
            ).replace("EXCHANGE", _COPY),
            frozenset({"ps2_loudness_1"}),
        ),
        Mutant(
            "the whole condition is exchanged for every part",
            _LOUDNESS.replace("MOVED", _RMS).replace(
                "EXCHANGE", "other = np.roll(condition, -1, axis=0)"
            ),
            frozenset({"ps2_loudness_1", "ps2_loudness_2"}),
        ),
        Mutant(
            "the exchange is written into the condition that was handed in",
            _LOUDNESS.replace("MOVED", _RMS).replace(
                "EXCHANGE", _COPY.replace("condition.copy()", "condition")
            ),
            frozenset({"ps2_loudness_1", "ps2_loudness_2"}),
        ),
        Mutant(
            "the columns of the part are rolled, not the pictures",
            _LOUDNESS.replace("MOVED", _RMS).replace("EXCHANGE", _COPY.replace("axis=0", "axis=1")),
            frozenset({"ps2_loudness_1", "ps2_loudness_2"}),
        ),
        Mutant(
            "the parts that were exchanged before stay exchanged",
            _LOUDNESS.replace("MOVED", _RMS)
            .replace("EXCHANGE", "other[:, part] = np.roll(condition[:, part], -1, axis=0)")
            .replace("ratios = []", "ratios, other = [], condition.copy()"),
            frozenset({"ps2_loudness_1", "ps2_loudness_2"}),
        ),
    ],
    "ps2_pairs": [
        Mutant(
            "wrong labels by shuffling: some stay right",
            _PAIRS.replace("WRONG", "rng.permutation(labels)").replace("TARGETS", _TARGETS),
            frozenset({"ps2_pairs_2"}),
        ),
        Mutant(
            "wrong labels drawn from all classes: one in k stays right",
            _PAIRS.replace("WRONG", "rng.integers(0, classes, n)").replace("TARGETS", _TARGETS),
            frozenset({"ps2_pairs_2"}),
        ),
        Mutant(
            "always the next class: wrong, but a rule that D can learn by heart",
            _PAIRS.replace("WRONG", "(labels + 1) % classes").replace("TARGETS", _TARGETS),
            frozenset({"ps2_pairs_2"}),
        ),
        Mutant(
            "a real picture with a wrong label is called real",
            _PAIRS.replace("WRONG", _SHIFTED).replace("TARGETS", "np.repeat([1.0, 1.0, 0.0], n)"),
            frozenset({"ps2_pairs_1"}),
        ),
        Mutant(
            "the labels run picture by picture, the pictures third by third",
            _PAIRS.replace("WRONG", _SHIFTED)
            .replace("TARGETS", _TARGETS)
            .replace(
                "np.concatenate([labels, wrong, labels])",
                "np.stack([labels, wrong, labels], axis=1).ravel()",
            ),
            frozenset({"ps2_pairs_1", "ps2_pairs_2"}),
        ),
    ],
}
