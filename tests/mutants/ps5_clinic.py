"""Typical wrong answers to assignment 5, a clinic case and a capstone. Data only."""

from mutants import Mutant

_HISTORY = """
def diagnose_history(rows):
    d_loss, g_loss, agreement = (np.array([row[name] for row in rows]) for name in ("d_loss", "g_loss", "agreement"))
    for size in (np.abs(d_loss), np.abs(g_loss)):
        for t in range(3, len(rows)):
            if size[t] > 10 and size[t] > 10 * np.median(size[:t]):
                return "burst"
    d_end, g_end = d_loss[-3:].mean(), g_loss[-3:].mean()
    if g_end < 0.2 and d_end > 2:
        return "G has won"
    if d_end < 0.1 and g_end > 4:
        return "D has won"
    if agreement[-1] >= 0.7:
        return "healthy"
    return "too early to say" if agreement[-1] - agreement[-3] >= 0.05 else "stuck"
"""

_LABELS = """
def ill_labels(sample, digits):
    asked = sampling.label_grid(range(10), 50)
    images = sample(asked, seed=0)
    table = metrics.confusion(asked, judge.look(images)[0])
    ratio = metrics.spread(images, asked) / metrics.spread(digits.x_train, digits.y_train)
    found = {}
    for label in range(10):
        other = int(table[label].argmax())
        if other != label and table[label, other] > 25:
            found[label] = other
        elif ratio[label] < 0.5:
            found[label] = "collapsed"
    return found
"""

_SHORT = """
def falls_short(asked, read, true, read_real, classes, alpha):
    def shares(labels, found):
        right = np.bincount(labels[labels == found], minlength=classes)
        counts = np.bincount(labels, minlength=classes)
        share = right / counts
        return share, share * (1 - share) / counts

    (a, a_variance), (c, c_variance) = shares(asked, read), shares(true, read_real)
    z = NormalDist().inv_cdf(1 - alpha / classes)
    return a, c, a < c - z * np.sqrt(a_variance + c_variance)
"""

_REPORT = """
def release_report(sample, clothes, seed):
    asked = sampling.label_grid(range(10), 100)
    images = sample(asked, seed=seed)
    read, read_real = (judge.look(x, "fashion")[0] for x in (images, clothes.x_test))
    right, ceiling = (
        np.array([np.mean(found[labels == k] == k) for k in range(10)])
        for found, labels in ((read, asked), (read_real, clothes.y_test))
    )
    ratio = metrics.spread(images, asked) / metrics.spread(clothes.x_train, clothes.y_train)
    found = {
        "agreement": metrics.agreement(asked, read),
        "judge_accuracy": metrics.agreement(clothes.y_test, read_real),
        "short": [clothes.class_names[k] for k in np.flatnonzero(right < ceiling - 0.1)],
        "dull": [clothes.class_names[k] for k in np.flatnonzero(ratio < 0.6)],
        "repeated": metrics.repeated(images, asked),
    }
    well = not (found["short"] or found["dull"] or found["repeated"])
    return found | {"decision": "release" if well else "hold"}
"""


def _changed(source, old, new):
    if old not in source:
        raise ValueError(f"nothing to change: {old!r}")
    return source.replace(old, new)


def _lost(task, *cells):
    return frozenset(f"ps5_{task}_{cell}" for cell in cells)


MUTANTS = {
    "ps5_history": [
        Mutant(
            "the last line alone",
            """
def diagnose_history(rows):
    last, before = rows[-1], rows[-2]
    if max(abs(last["d_loss"]), abs(last["g_loss"])) > 10:
        return "burst"
    if last["g_loss"] < 0.2 and last["d_loss"] > 2:
        return "G has won"
    if last["d_loss"] < 0.1 and last["g_loss"] > 4:
        return "D has won"
    if last["agreement"] >= 0.7:
        return "healthy"
    return "too early to say" if last["agreement"] - before["agreement"] >= 0.05 else "stuck"
""",
            _lost("history", 1, 2, 3),
        ),
        Mutant(
            "agreement is asked first, and a good end excuses everything",
            _changed(
                _HISTORY,
                "    for size in",
                "    if agreement[-1] >= 0.7:\n        return 'healthy'\n    for size in",
            ),
            _lost("history", 2),
        ),
        Mutant(
            "low is stuck, rising or not",
            _changed(
                _HISTORY,
                '"too early to say" if agreement[-1] - agreement[-3] >= 0.05 else "stuck"',
                '"stuck"',
            ),
            _lost("history", 1, 3),
        ),
        Mutant(
            "the rise since the last epoch, not over two",
            _changed(_HISTORY, "agreement[-3]", "agreement[-2]"),
            _lost("history", 3),
        ),
        Mutant(
            "who has won is read off the last epoch",
            _changed(_HISTORY, "d_loss[-3:].mean(), g_loss[-3:].mean()", "d_loss[-1], g_loss[-1]"),
            _lost("history", 3),
        ),
        Mutant(
            "compared with the mean of all epochs, which the burst itself raises",
            _changed(_HISTORY, "np.median(size[:t])", "np.mean(size)"),
            _lost("history", 1, 2),
        ),
        Mutant(
            "the sign is kept: a loss of -500 is no burst",
            _changed(_HISTORY, "(np.abs(d_loss), np.abs(g_loss))", "(d_loss, g_loss)"),
            _lost("history", 2),
        ),
        Mutant(
            "relative alone: any loss near 0 bursts",
            _changed(_HISTORY, "size[t] > 10 and ", ""),
            _lost("history", 3),
        ),
    ],
    "ps5_labels": [
        Mutant(
            "the table is read by columns: who is read as this label",
            _changed(
                _changed(_LABELS, "table[label].argmax()", "table[:, label].argmax()"),
                "table[label, other]",
                "table[other, label]",
            ),
            _lost("labels", 1, 2),
        ),
        Mutant(
            "identical pictures are counted, and grain passes for variety",
            _changed(
                _LABELS,
                "ratio[label] < 0.5",
                "metrics.repeated(images[asked == label], asked[asked == label]) > 25",
            ),
            _lost("labels", 2),
        ),
        Mutant(
            "diversity is taken over all labels together",
            _changed(_LABELS, "ratio[label] < 0.5", "np.mean(ratio) < 0.5"),
            _lost("labels", 2),
        ),
        Mutant(
            "agreement alone",
            _changed(
                _LABELS,
                'elif ratio[label] < 0.5:\n            found[label] = "collapsed"',
                "else:\n            continue",
            ),
            _lost("labels", 2),
        ),
        Mutant(
            "any confusion is a fault",
            """
def ill_labels(sample, digits):
    asked = sampling.label_grid(range(10), 50)
    images = sample(asked, seed=0)
    table = metrics.confusion(asked, judge.look(images)[0])
    ratio = metrics.spread(images, asked) / metrics.spread(digits.x_train, digits.y_train)
    found = {}
    for label in range(10):
        wrong = table[label] * (np.arange(10) != label)
        if wrong.max() > 5:
            found[label] = int(wrong.argmax())
        elif ratio[label] < 0.5:
            found[label] = "collapsed"
    return found
""",
            _lost("labels", 3),
        ),
    ],
    "ps5_repair": [
        Mutant(
            "G is slowed down, to the pace of the sleeping D",
            "repair = dataclasses.replace(PATIENT, g_rate=4e-6)",
            _lost("repair", 1),
        ),
        Mutant(
            "a harmless difference is taken for the fault",
            "repair = dataclasses.replace(PATIENT, ema=0.999)",
            _lost("repair", 1),
        ),
        Mutant(
            "everything is put back at once",
            "repair = clinic.Setting(epochs=16)",
            _lost("repair", 2),
        ),
        Mutant(
            "longer, instead of the cause",
            "repair = dataclasses.replace(PATIENT, epochs=400)",
            _lost("repair", 1, 2),
        ),
    ],
    "ps5_ceiling": [
        Mutant(
            "one ceiling for all labels: the judge's mean accuracy",
            _changed(
                _SHORT,
                "    z =",
                "    c = np.full(classes, np.mean(true == read_real))\n    z =",
            ),
            _lost("ceiling", 1, 2),
        ),
        Mutant(
            "no allowance for ten questions: 95 % for each",
            _changed(_SHORT, "1 - alpha / classes", "1 - alpha"),
            _lost("ceiling", 2),
        ),
        Mutant(
            "the ceiling is taken for exact",
            _changed(_SHORT, "np.sqrt(a_variance + c_variance)", "np.sqrt(a_variance)"),
            _lost("ceiling", 2),
        ),
        Mutant(
            "any label below its ceiling falls short",
            _changed(_SHORT, "a < c - z * np.sqrt(a_variance + c_variance)", "a < c"),
            _lost("ceiling", 2),
        ),
        Mutant(
            "different from the ceiling, in either direction",
            _changed(
                _SHORT,
                "a < c - z * np.sqrt(a_variance + c_variance)",
                "np.abs(a - c) > z * np.sqrt(a_variance + c_variance)",
            ),
            _lost("ceiling", 2),
        ),
        Mutant(
            "divided by how often the label was read: precision",
            _changed(
                _SHORT,
                "np.bincount(labels, minlength=classes)",
                "np.bincount(found, minlength=classes)",
            ),
            _lost("ceiling", 1, 2),
        ),
    ],
    "ps5_release": [
        Mutant(
            "the judge of digits reads the clothes",
            _changed(_REPORT, 'judge.look(x, "fashion")', "judge.look(x)"),
            _lost("release", 1, 2),
        ),
        Mutant(
            "mean figures decide, and one bad class hides behind nine good ones",
            _changed(
                _changed(
                    _REPORT,
                    "right < ceiling - 0.1",
                    "np.full(10, right.mean() < ceiling.mean() - 0.1)",
                ),
                "ratio < 0.6",
                "np.full(10, ratio.mean() < 0.6)",
            ),
            _lost("release", 2),
        ),
        Mutant(
            "every class is held against 100 %",
            _changed(_REPORT, "right < ceiling - 0.1", "right < 0.9"),
            _lost("release", 1, 2),
        ),
        Mutant(
            "repeated pictures are counted, and released",
            _changed(_REPORT, ' or found["repeated"])', ")"),
            _lost("release", 2),
        ),
        Mutant(
            "classes are numbered, not named",
            _REPORT.replace("clothes.class_names[k]", "int(k)"),
            _lost("release", 2),
        ),
    ],
}
