"""Typical wrong answers to assignment 2, conditioning. Data only."""

from . import of, whole

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

_SEVERAL = """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    scores = features @ directions.T + offsets
    return features @ weights + bias + np.sum(COUNTED, axis=1)
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

composite = of("ps2_composite", _ENCODE, PARTS=f"np.eye(11)[tens + 1], np.eye(10)[ones], {_TONE}")
planes = of("ps2_planes", _PLANES)
loudness = of("ps2_loudness", _LOUDNESS, MOVED=_RMS, EXCHANGE=_COPY)
pairs = of("ps2_pairs", _PAIRS, WRONG=_SHIFTED, TARGETS=_TARGETS)

several = of("ps2_several", _SEVERAL)

MUTANTS = {
    "ps2_composite": [
        composite(
            "the missing tens digit is left to NumPy, which puts it last and shifts all others",
            (1,),
            PARTS=f"np.eye(11)[tens], np.eye(10)[ones], {_TONE}",
        ),
        composite(
            "a missing tens digit is taken for a 0",
            (1,),
            PARTS=f"np.eye(11)[np.maximum(tens, 0) + 1], np.eye(10)[ones], {_TONE}",
        ),
        composite(
            "the tone is rounded to thin or bold",
            (2,),
            PARTS="np.eye(11)[tens + 1], np.eye(10)[ones], np.eye(2)[(tone >= 0.5).astype(int)]",
        ),
        whole(
            "ps2_composite",
            "right: row by row, with plain numbers",
            (),
            """
def encode(tens, ones, tone):
    rows = np.zeros((len(tens), 23), "float32")
    for row, t, o, b in zip(rows, tens, ones, tone):
        if not (-1 <= t <= 9 and 0 <= o <= 9 and 0 <= b <= 1):
            raise ValueError(f"no such condition: {t}, {o}, {b}")
        row[1 + t] = row[11 + o] = 1
        row[21:] = 1 - b, b
    return rows
""",
        ),
        whole(
            "ps2_composite",
            "lazy: only the first condition of the batch is looked at before it is refused",
            ("3 hidden",),
            """
def encode(tens, ones, tone):
    if not (-1 <= tens[0] <= 9 and 0 <= ones[0] <= 9 and 0 <= tone[0] <= 1):
        raise ValueError("out of range")
    parts = [np.eye(11)[(tens + 1) % 11], np.eye(10)[ones], np.stack([1 - tone, tone], axis=1)]
    return np.concatenate(parts, axis=1).astype(np.float32)
""",
        ),
        composite(
            "bold and thin are exchanged",
            (2,),
            PARTS="np.eye(11)[tens + 1], np.eye(10)[ones], np.stack([tone, 1 - tone], axis=1)",
        ),
        whole(
            "ps2_composite",
            "nothing is refused: a ones digit of -1 becomes a 9",
            (3,),
            """
def encode(tens, ones, tone):
    tens, ones, tone = np.asarray(tens), np.asarray(ones), np.asarray(tone, np.float32)
    parts = [np.eye(11)[(tens + 1) % 11], np.eye(10)[ones % 10], np.stack([1 - tone, tone], axis=1)]
    return np.concatenate(parts, axis=1).astype(np.float32)
""",
        ),
        whole(
            "ps2_composite",
            "ranges are asserted, which is not the ValueError asked for",
            (3,),
            """
def encode(tens, ones, tone):
    tens, ones, tone = np.asarray(tens), np.asarray(ones), np.asarray(tone, np.float32)
    assert tens.min() >= -1 and tens.max() <= 9 and ones.min() >= 0 and ones.max() <= 9
    assert tone.min() >= 0 and tone.max() <= 1
    parts = [np.eye(11)[tens + 1], np.eye(10)[ones], np.stack([1 - tone, tone], axis=1)]
    return np.concatenate(parts, axis=1).astype(np.float32)
""",
        ),
        whole(
            "ps2_composite",
            "right: Keras' one-hot rows side by side",
            (),
            """
def encode(tens, ones, tone):
    if np.any((tens < -1) | (tens > 9) | (ones < 0) | (ones > 9) | (tone < 0) | (tone > 1)):
        raise ValueError("tens, ones or tone out of range")
    first = keras.utils.to_categorical(tens + 1, num_classes=11)
    second = keras.utils.to_categorical(ones, num_classes=10)
    third = np.column_stack((1 - tone, tone))
    return np.hstack([first, second, third]).astype("float32")
""",
        ),
        whole(
            "ps2_composite",
            "right: a tensor, with each part compared to all its values",
            (),
            """
def encode(tens, ones, tone):
    allowed = [np.arange(-1, 10), np.arange(10)]
    if not (np.isin(tens, allowed[0]).all() and np.isin(ones, allowed[1]).all()):
        raise ValueError("a digit is out of its range")
    if not all(0 <= t <= 1 for t in tone):
        raise ValueError("a tone is out of its range")
    hot = [tf.cast(tf.equal(d[:, None], a), tf.float32) for d, a in zip((tens, ones), allowed)]
    shade = tf.cast(tone, tf.float32)
    return tf.concat([*hot, tf.stack([1 - shade, shade], 1)], axis=-1)
""",
        ),
        whole(
            "ps2_composite",
            "right: lists of lists, made an array at the end",
            (),
            """
def encode(tens, ones, tone):
    def row(t, o, bold):
        for value, values in ((t, range(-1, 10)), (o, range(10))):
            if value not in values:
                raise ValueError("There is no digit %s here" % value)
        if bold < 0 or bold > 1:
            raise ValueError("The tone is a share")
        digits = [int(t == j) for j in range(-1, 10)] + [int(o == j) for j in range(10)]
        return digits + [1 - bold, bold]

    return np.array([row(*condition) for condition in zip(tens, ones, tone)], dtype=np.float32)
""",
        ),
    ],
    "ps2_planes": [
        whole(
            "ps2_planes",
            "repeat without an axis, then reshape: the slip of lesson 02",
            (1, 2),
            """
def half_planes(left, right):
    n, k = np.shape(left)
    halves = [np.repeat(np.asarray(y)[:, :, None, None], 784) for y in (left, right)]
    halves = [half.reshape(n, 28, 28, k) for half in halves]
    return np.concatenate(halves, axis=2)
""",
        ),
        whole(
            "ps2_planes",
            "the halves lie one above the other and are then cut side by side",
            (1, 2),
            """
def half_planes(left, right):
    n, k = np.shape(left)
    shape = (n, 28, 28, k)
    halves = [np.broadcast_to(np.asarray(y)[:, None, None, :], shape) for y in (left, right)]
    return np.concatenate(halves, axis=1).reshape(n, 28, 56, k)
""",
        ),
        planes(
            "both labels everywhere",
            (1, 2),
            BODY="planes[:] = np.add(left, right)[:, None, None, :]",
        ),
        whole(
            "ps2_planes",
            "right: pictures of one row, repeated downwards",
            (),
            """
def half_planes(left, right):
    rows = [np.concatenate([np.tile(a, (28, 1)), np.tile(b, (28, 1))]) for a, b in zip(left, right)]
    return np.array([np.stack([row] * 28) for row in rows], np.float32)
""",
        ),
        planes(
            "lazy: the right half repeats the left",
            (1, 2),
            BODY="planes[:] = np.asarray(left)[:, None, None, :]",
        ),
        whole(
            "ps2_planes",
            "a mixture is rounded to its largest class",
            (2,),
            """
def half_planes(left, right):
    n, k = np.shape(left)
    planes = np.zeros((n, 28, 56, k))
    for i in range(n):
        planes[i, :, :28, np.argmax(left[i])] = 1.0
        planes[i, :, 28:, np.argmax(right[i])] = 1.0
    return planes
""",
        ),
        whole(
            "ps2_planes",
            "right: a mask of the columns and np.where",
            (),
            """
def half_planes(left, right):
    on_the_left = (np.arange(56) < 28)[None, None, :, None]
    planes = np.where(on_the_left, left[:, None, None], right[:, None, None])
    return np.repeat(planes, 28, axis=1)
""",
        ),
        whole(
            "ps2_planes",
            "right: einsum with two masks, in float32",
            (),
            """
def half_planes(left, right):
    first = np.zeros((28, 56), "float32")
    first[:, :28] = 1
    out = np.einsum("nk,hw->nhwk", left, first) + np.einsum("nk,hw->nhwk", right, 1 - first)
    return out.astype("float32")
""",
        ),
        whole(
            "ps2_planes",
            "right: tensors, tiled and joined",
            (),
            """
def half_planes(left, right):
    def plane(y):
        y = tf.cast(y, tf.float32)
        return tf.tile(tf.reshape(y, (y.shape[0], 1, 1, y.shape[1])), [1, 28, 28, 1])

    return tf.concat([plane(left), plane(right)], axis=2)
""",
        ),
        whole(
            "ps2_planes",
            "right: pixel by pixel",
            (),
            """
def half_planes(left, right):
    out = np.zeros((len(left), 28, 56, len(left[0])))
    for i in range(len(left)):
        for row in range(28):
            for column in range(56):
                out[i, row, column] = left[i] if column < 28 else right[i]
    return out
""",
        ),
        whole(
            "ps2_planes",
            "lazy: the label of the first picture for all",
            (1, "2 hidden"),
            """
def half_planes(left, right):
    planes = np.zeros((len(left), 28, 56, left.shape[1]))
    planes[:, :, :28], planes[:, :, 28:] = left[0], right[0]
    return planes
""",
        ),
    ],
    "ps2_several": [
        several(
            "the offsets are forgotten",
            (1, 2),
            (" + offsets", ""),
            COUNTED="np.where(labels == 1, scores, 0.0)",
        ),
        several("an unknown label is taken away", (2,), COUNTED="labels * scores"),
        several(
            "an unknown label counts as present", (2,), COUNTED="np.where(labels != 0, scores, 0.0)"
        ),
        whole(
            "ps2_several",
            "right: picture by picture, attribute by attribute",
            (),
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    logits = []
    for f, y in zip(features, labels):
        present = [j for j, value in enumerate(y) if value == 1]
        several = sum(directions[j] @ f + offsets[j] for j in present)
        logits.append(np.dot(weights, f) + bias + several)
    return logits
""",
        ),
        several(
            "lazy: the offsets of all attributes, present or not",
            (1, 2),
            ("directions.T + offsets", "directions.T"),
            ("weights + bias", "weights + bias + offsets.sum()"),
            COUNTED="np.where(labels == 1, scores, 0.0)",
        ),
        several(
            "only the first label that is present counts, as with one-hot rows",
            (1, "2 hidden"),
            COUNTED="scores * (labels == 1) * ((labels == 1).cumsum(axis=1) == 1)",
        ),
        several(
            "an absent label is counted against the picture",
            (1, "2 hidden"),
            COUNTED="scores * np.select([labels == 1, labels == 0], [1.0, -1.0])",
        ),
        whole(
            "ps2_several",
            "right: labels cut off at 0, and einsum",
            (),
            """
def several_labels_logit(f, y, w, b, v, c):
    present = np.maximum(y, 0)
    return np.einsum("nd,d->n", f, w) + b + np.einsum("nk,kd,nd->n", present, v, f) + present @ c
""",
        ),
        whole(
            "ps2_several",
            "right: tensors in float32, as in a network",
            (),
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    f, w, v, c = (tf.cast(a, tf.float32) for a in (features, weights, directions, offsets))
    present = tf.cast(tf.equal(labels, 1), tf.float32)
    scores = tf.matmul(f, v, transpose_b=True) + c
    return tf.linalg.matvec(f, w) + bias + tf.reduce_sum(present * scores, axis=1)
""",
        ),
        whole(
            "ps2_several",
            "right: the offset as one more feature, which is always 1",
            (),
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    x = np.hstack([features, np.ones((len(features), 1))])
    a = np.append(weights, bias)
    v = np.column_stack([directions, offsets])
    logits = np.zeros(len(x))
    for i, row in enumerate(labels):
        logits[i] = (a + v[row == 1].sum(axis=0)) @ x[i]
    return logits
""",
        ),
        whole(
            "ps2_several",
            "lazy: the unknown is filled in by how often the attribute is present",
            ("2 hidden",),
            """
def several_labels_logit(features, labels, weights, bias, directions, offsets):
    known = np.maximum((labels != -1).sum(axis=0), 1)
    filled = np.where(labels == -1, (labels == 1).sum(axis=0) / known, labels)
    return features @ weights + bias + (filled * (features @ directions.T + offsets)).sum(axis=1)
""",
        ),
    ],
    "ps2_loudness": [
        loudness(
            "the mean of the distances instead of their root mean square",
            (1,),
            MOVED="np.mean(np.abs(np.asarray(network(other_x, other_condition)) - before))",
        ),
        loudness(
            "the whole condition is exchanged for every part",
            (1, "2 hidden"),
            EXCHANGE="other = np.roll(condition, -1, axis=0)",
        ),
        loudness(
            "the exchange is written into the condition that was handed in",
            (1, 2),
            EXCHANGE=_COPY.replace("condition.copy()", "condition"),
        ),
        loudness(
            "the columns of the part are rolled, not the pictures",
            (1, "2 hidden"),
            EXCHANGE=_COPY.replace("axis=0", "axis=1"),
        ),
        loudness(
            "lazy: each picture gets the part of the one before",
            (1,),
            EXCHANGE=_COPY.replace("-1", "1"),
        ),
        loudness(
            "lazy: the pictures are rolled the other way",
            (1,),
            ("np.roll(x, -1, axis=0)", "np.roll(x, 1, axis=0)"),
        ),
        loudness(
            "lazy: parts and pictures are shuffled, not moved on by one",
            (1, "2 hidden"),
            ("ratios = []", "ratios, rng = [], np.random.default_rng(0)"),
            EXCHANGE=_COPY.replace(
                "np.roll(condition[:, part], -1, axis=0)", "rng.permutation(condition[:, part])"
            ),
        ),
        whole(
            "ps2_loudness",
            "right: picture by picture, with the norm",
            (),
            """
def loudness_of_parts(network, x, condition, parts):
    n, out = len(x), []
    old = np.array(network(x, condition))
    next_one = [(i + 1) % n for i in range(n)]
    below = np.linalg.norm(np.array(network(x[next_one], condition)) - old)
    for part in parts:
        mixed = np.array(condition)
        for i in range(n):
            mixed[i, part] = condition[next_one[i], part]
        out.append(np.linalg.norm(np.array(network(x, mixed)) - old) / below)
    return out
""",
        ),
        loudness(
            "the parts that were exchanged before stay exchanged",
            (1, "2 hidden"),
            ("ratios = []", "ratios, other = [], condition.copy()"),
            EXCHANGE="other[:, part] = np.roll(condition[:, part], -1, axis=0)",
        ),
        whole(
            "ps2_loudness",
            "right: the network is asked about one picture at a time",
            (),
            """
def loudness_of_parts(network, x, condition, parts):
    n = len(x)

    def ask(i, c):
        return float(network(x[i : i + 1], np.array([c]))[0])

    plain = [ask(i, condition[i]) for i in range(n)]
    beside = sum((ask((i + 1) % n, condition[i]) - plain[i]) ** 2 for i in range(n))
    result = []
    for part in parts:
        moved = 0
        for i in range(n):
            mixed = list(condition[i])
            mixed[part] = condition[(i + 1) % n][part]
            moved += (ask(i, mixed) - plain[i]) ** 2
        result.append((moved / beside) ** 0.5)
    return result
""",
        ),
        whole(
            "ps2_loudness",
            "right: a mask of columns, np.take, and a class that keeps the answers",
            (),
            """
class Loudness:
    def __init__(self, network, x, condition):
        self.network, self.x, self.condition = network, x, condition
        self.following = np.append(np.arange(1, len(x)), 0)
        self.start = network(x, condition)

    def rms(self, x, condition):
        return np.linalg.norm(self.network(x, condition) - self.start) / np.sqrt(len(x))

    def of(self, part):
        chosen = np.zeros(self.condition.shape[1], bool)
        chosen[part] = True
        mixed = np.where(chosen, np.take(self.condition, self.following, axis=0), self.condition)
        return self.rms(self.x, mixed) / self.rms(self.x[self.following], self.condition)


def loudness_of_parts(network, x, condition, parts):
    return np.array([Loudness(network, x, condition).of(part) for part in parts])
""",
        ),
        whole(
            "ps2_loudness",
            "right: the exchange in place, and taken back afterwards",
            (),
            """
def loudness_of_parts(network, x, condition, parts):
    old = network(x, condition)
    moved = network(np.concatenate((x[1:], x[:1])), condition)
    ratios = np.zeros(len(parts), dtype=np.float32)
    for number, part in enumerate(parts):
        kept = condition[:, part].copy()
        condition[:, part] = np.concatenate((kept[1:], kept[:1]))
        new = network(x, condition)
        condition[:, part] = kept
        ratios[number] = np.sqrt(((new - old) ** 2).mean() / ((moved - old) ** 2).mean())
    return ratios
""",
        ),
    ],
    "ps2_pairs": [
        pairs("wrong labels by shuffling: some stay right", (2,), WRONG="rng.permutation(labels)"),
        pairs(
            "wrong labels drawn from all classes: one in k stays right",
            (2,),
            WRONG="rng.integers(0, classes, n)",
        ),
        pairs(
            "always the next class: wrong, but a rule that D can learn by heart",
            (2,),
            WRONG="(labels + 1) % classes",
        ),
        pairs(
            "lazy: no draw, all other classes in turn",
            (2,),
            WRONG="(labels + 1 + np.arange(n) % (classes - 1)) % classes",
        ),
        pairs(
            "lazy: a generator of its own, with the same numbers in every batch",
            (2,),
            WRONG="(labels + np.random.default_rng(0).integers(1, classes, n)) % classes",
        ),
        pairs(
            "lazy: as many of each distance as fit, shuffled",
            ("2 hidden",),
            WRONG="(labels + 1 + rng.permutation(np.arange(n) % (classes - 1))) % classes",
        ),
        pairs(
            "right: drawn from all classes until it is wrong",
            (),
            (
                "    return",
                "    while (wrong == labels).any():\n        again = wrong == labels\n"
                "        wrong[again] = rng.integers(0, classes, again.sum())\n    return",
            ),
            WRONG="rng.integers(0, classes, n)",
        ),
        whole(
            "ps2_pairs",
            "right: one label after the other, from a list of the others",
            (),
            """
def matching_pairs(real, fake, labels, classes, rng):
    wrong = []
    for label in labels:
        others = [k for k in range(classes) if k != label]
        wrong.append(others[int(rng.random() * len(others))])
    shown = [*labels, *wrong, *labels]
    return np.vstack([real, real, fake]), shown, [1] * len(real) + [0] * 2 * len(real)
""",
        ),
        pairs(
            "a real picture with a wrong label is called real",
            (1,),
            TARGETS="np.repeat([1.0, 1.0, 0.0], n)",
        ),
        pairs(
            "the labels run picture by picture, the pictures third by third",
            (1, 2),
            (
                "np.concatenate([labels, wrong, labels])",
                "np.stack([labels, wrong, labels], axis=1).ravel()",
            ),
        ),
        whole(
            "ps2_pairs",
            "right: one class fewer, and those from the label on moved up",
            (),
            """
def matching_pairs(real, fake, labels, classes, rng):
    other = rng.integers(0, classes - 1, size=labels.shape)
    other += other >= labels
    return (
        np.concatenate((real, real, fake), axis=0),
        np.hstack((labels, other, labels)),
        np.hstack((np.ones(len(labels)), np.zeros(2 * len(labels)))),
    )
""",
        ),
        whole(
            "ps2_pairs",
            "right: a choice for each picture, with a probability of 0 for its label",
            (),
            """
def matching_pairs(real, fake, labels, classes, rng):
    wrong = np.zeros(len(labels))
    for i, label in enumerate(labels):
        p = np.ones(classes) / (classes - 1)
        p[label] = 0
        wrong[i] = rng.choice(classes, p=p)
    targets = np.zeros(3 * len(labels))
    targets[: len(labels)] = 1
    return np.concatenate([real, real, fake]), np.concatenate([labels, wrong, labels]), targets
""",
        ),
        whole(
            "ps2_pairs",
            "right: the highest of random scores, where the right label has none",
            (),
            """
def matching_pairs(real, fake, labels, classes, rng):
    scores = rng.random((len(labels), classes))
    scores[np.arange(len(labels)), labels] = -1
    wrong = scores.argmax(axis=1)
    targets = [True] * len(real) + [False] * (2 * len(real))
    return list(real) + list(real) + list(fake), [*labels, *wrong, *labels], targets
""",
        ),
        whole(
            "ps2_pairs",
            "right: tensors, and the wrong labels class by class",
            (),
            """
def matching_pairs(real, fake, labels, classes, rng):
    wrong = np.empty_like(labels)
    for k in range(classes):
        mine = labels == k
        wrong[mine] = rng.choice(np.delete(np.arange(classes), k), size=mine.sum())
    targets = tf.concat([tf.ones(len(labels)), tf.zeros(2 * len(labels))], 0)
    return tf.concat([real, real, fake], 0), tf.concat([labels, wrong, labels], 0), targets
""",
        ),
    ],
}
