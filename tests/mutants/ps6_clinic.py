"""Typical wrong answers to assignment 6, a clinic case and a capstone. Data only."""

from . import of, whole

_HISTORY = """
def diagnose_history(rows):
    names = ("d_loss", "g_loss", "agreement")
    d_loss, g_loss, agreement = (np.array([row[name] for row in rows]) for name in names)
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

history = of("ps6_history", _HISTORY)
labels = of("ps6_labels", _LABELS)
repair = of("ps6_repair", "repair = dataclasses.replace(PATIENT, CHANGE)")
ceiling = of("ps6_ceiling", _SHORT)
release = of("ps6_release", _REPORT)

# What the mutants of this assignment ask again and again, with the same answer.
SHARED = ("judge.look", "metrics.spread", "model.sample", "shop.sample")

MUTANTS = {
    "ps6_history": [
        whole(
            "ps6_history",
            "the last line alone",
            ("1 seen", 2, 3),
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
        ),
        history(
            "agreement is asked first, and a good end excuses everything",
            (2,),
            (
                "    for size in",
                "    if agreement[-1] >= 0.7:\n        return 'healthy'\n    for size in",
            ),
        ),
        history(
            "low is stuck, rising or not",
            ("1 seen", "3 seen"),
            ('"too early to say" if agreement[-1] - agreement[-3] >= 0.05 else "stuck"', '"stuck"'),
        ),
        history(
            "the rise since the last epoch, not over two",
            ("3 seen",),
            ("agreement[-3]", "agreement[-2]"),
        ),
        history(
            "who has won is read off the last epoch",
            (3,),
            ("d_loss[-3:].mean(), g_loss[-3:].mean()", "d_loss[-1], g_loss[-1]"),
        ),
        history(
            "compared with the mean of all epochs, which the burst itself raises",
            ("1 seen", 2),
            ("np.median(size[:t])", "np.mean(size)"),
        ),
        history(
            "the sign is kept: a loss of -500 is no burst",
            ("2 hidden",),
            ("(np.abs(d_loss), np.abs(g_loss))", "(d_loss, g_loss)"),
        ),
        history(
            "right: a hair more lenient at every bound",
            (),
            ("g_end < 0.2 and d_end > 2", "g_end < 0.2 + 1e-9 and d_end > 2 - 1e-9"),
            ("d_end < 0.1 and g_end > 4", "d_end < 0.1 + 1e-9 and g_end > 4 - 1e-9"),
            ("size[t] > 10 and size[t] > 10 *", "size[t] > 10 - 1e-9 and size[t] > (10 - 1e-9) *"),
            (">= 0.7", ">= 0.7 - 1e-9"),
            (">= 0.05", ">= 0.05 - 1e-9"),
        ),
        history(
            "right: a hair stricter at every bound",
            (),
            ("g_end < 0.2 and d_end > 2", "g_end < 0.2 - 1e-9 and d_end > 2 + 1e-9"),
            ("d_end < 0.1 and g_end > 4", "d_end < 0.1 - 1e-9 and g_end > 4 + 1e-9"),
            ("size[t] > 10 and size[t] > 10 *", "size[t] > 10 + 1e-9 and size[t] > (10 + 1e-9) *"),
            (">= 0.7", ">= 0.7 + 1e-9"),
            (">= 0.05", ">= 0.05 + 1e-9"),
        ),
        whole(
            "ps6_history",
            "right: plain lists, and the rise the other way round",
            (),
            """
def diagnose_history(rows):
    import statistics

    for name in ("d_loss", "g_loss"):
        seen = []
        for row in rows:
            size = abs(row[name])
            if len(seen) >= 3 and size > max(10, 10 * statistics.median(seen)):
                return "burst"
            seen.append(size)
    d, g = (sum(row[name] for row in rows[-3:]) / 3 for name in ("d_loss", "g_loss"))
    old, new = rows[-3]["agreement"], rows[-1]["agreement"]
    rules = {
        "G has won": d > 2 and g < 0.2,
        "D has won": g > 4 and d < 0.1,
        "healthy": new >= 0.7,
        "too early to say": new >= old + 0.05,
        "stuck": True,
    }
    return next(answer for answer, holds in rules.items() if holds)
""",
        ),
        history(
            "the two players are exchanged",
            (1, 2, 3),
            ("d_end < 0.1 and g_end > 4", "d_end < 0.1 and g_end > 1e9"),
            ("g_end < 0.2 and d_end > 2", "g_end > 2 and d_end < 0.2"),
        ),
        history("relative alone: any loss near 0 bursts", (3,), ("size[t] > 10 and ", "")),
    ],
    "ps6_labels": [
        labels(
            "the table is read by columns: who is read as this label",
            ("1 hidden", "2 hidden"),
            ("table[label].argmax()", "table[:, label].argmax()"),
            ("table[label, other]", "table[other, label]"),
        ),
        labels(
            "identical pictures are counted, and grain passes for variety",
            ("2 hidden",),
            (
                "ratio[label] < 0.5",
                "metrics.repeated(images[asked == label], asked[asked == label]) > 25",
            ),
        ),
        labels(
            "diversity is taken over all labels together",
            (2,),
            ("ratio[label] < 0.5", "np.mean(ratio) < 0.5"),
        ),
        labels(
            "each label has an entry: what it is read as",
            (1, 2, 3),
            ("other != label and ", ""),
        ),
        labels(
            "agreement alone",
            (2,),
            (
                'elif ratio[label] < 0.5:\n            found[label] = "collapsed"',
                "else:\n            continue",
            ),
        ),
        labels("lazy: 40 % count as more than half", ("3 hidden",), ("> 25", "> 20")),
        labels("lazy: 60 % are asked for", ("1 hidden",), ("> 25", "> 30")),
        labels("lazy: less than a third of the variety", ("2 hidden",), ("< 0.5", "< 0.33")),
        labels("lazy: less than two thirds of the variety", ("2 hidden",), ("< 0.5", "< 0.66")),
        whole(
            "ps6_labels",
            "right: label by label, with counts",
            (),
            """
def ill_labels(sample, digits):
    from collections import Counter

    asked = np.repeat(np.arange(10), 50)
    images = sample(asked, seed=0)
    read = np.asarray(judge.look(images)[0]).reshape(10, 50)
    usual, ill = metrics.spread(digits.x_train, digits.y_train), {}
    for label, row in enumerate(read):
        most, times = Counter(row.tolist()).most_common(1)[0]
        mine = images[50 * label : 50 * label + 50].reshape(50, -1) / 255
        if times > 25 and most != label:
            ill[label] = most
        elif np.sqrt(2 * mine.var(axis=0, ddof=1).sum()) < usual[label] / 2:
            ill[label] = "collapsed"
    return ill
""",
        ),
        labels(
            "any confusion is a fault",
            ("3 hidden",),
            (
                "other = int(table[label].argmax())",
                "wrong = table[label] * (np.arange(10) != label)",
            ),
            ("if other != label and table[label, other] > 25", "if wrong.max() > 5"),
            ("= other", "= int(wrong.argmax())"),
        ),
    ],
    "ps6_repair": [
        repair("G is slowed down, to the pace of the sleeping D", (1,), CHANGE="g_rate=4e-6"),
        repair("a harmless difference is taken for the fault", (1,), CHANGE="ema=0.999"),
        repair("everything is put back at once", (2,), CHANGE="d_rate=1.2e-3, ema=0.999"),
        whole(
            "ps6_repair",
            "lazy: the usual setting, with the patient's epochs",
            (2,),
            "repair = clinic.Setting(epochs=PATIENT.epochs)",
        ),
        repair("right: another sound value", (), CHANGE="d_rate=4e-4"),
        repair("longer, instead of the cause", (1, "2 seen"), CHANGE="epochs=400"),
    ],
    "ps6_ceiling": [
        ceiling(
            "one ceiling for all labels: the judge's mean accuracy",
            (1, "2 seen"),
            ("    z =", "    c = np.full(classes, np.mean(true == read_real))\n    z ="),
        ),
        ceiling(
            "no allowance for ten questions: 95 % for each",
            ("2 seen",),
            ("1 - alpha / classes", "1 - alpha"),
        ),
        ceiling(
            "the ceiling is taken for exact",
            (2,),
            ("np.sqrt(a_variance + c_variance)", "np.sqrt(a_variance)"),
        ),
        ceiling(
            "any label below its ceiling falls short",
            (2,),
            ("a < c - z * np.sqrt(a_variance + c_variance)", "a < c"),
        ),
        ceiling(
            "different from the ceiling, in either direction",
            ("2 hidden",),
            (
                "a < c - z * np.sqrt(a_variance + c_variance)",
                "np.abs(a - c) > z * np.sqrt(a_variance + c_variance)",
            ),
        ),
        ceiling(
            "lazy: always 2.58",
            ("2 hidden",),
            ("NormalDist().inv_cdf(1 - alpha / classes)", "2.576"),
        ),
        whole(
            "ps6_ceiling",
            "right: label by label, asked by the share of false alarms",
            (),
            """
def falls_short(asked, read, true, read_real, classes, alpha):
    a, c, short = np.zeros(classes), np.zeros(classes), []
    for k in range(classes):
        hits, real = read[asked == k] == k, read_real[true == k] == k
        a[k], c[k] = hits.mean(), real.mean()
        error = (hits.var() / hits.size + real.var() / real.size) ** 0.5
        alarm = NormalDist(0, error).cdf(a[k] - c[k]) if error else float(a[k] >= c[k])
        short.append(alarm < alpha / classes)
    return a, c, np.array(short)
""",
        ),
        ceiling(
            "divided by how often the label was read: precision",
            (1, 2),
            ("np.bincount(labels, minlength=classes)", "np.bincount(found, minlength=classes)"),
        ),
    ],
    "ps6_release": [
        release(
            "the judge of digits reads the clothes",
            (1, 2),
            ('judge.look(x, "fashion")', "judge.look(x)"),
        ),
        release(
            "mean figures decide, and one bad class hides behind nine good ones",
            (2,),
            ("right < ceiling - 0.1", "np.full(10, right.mean() < ceiling.mean() - 0.1)"),
            ("ratio < 0.6", "np.full(10, ratio.mean() < 0.6)"),
        ),
        release(
            "every class is held against 100 %",
            ("1 seen", 2),
            ("right < ceiling - 0.1", "right < 0.9"),
        ),
        release(
            "lazy: one threshold for all classes, and the judge's accuracy typed in",
            ("2 hidden",),
            ("right < ceiling - 0.1", "right < 0.65"),
            ("metrics.agreement(clothes.y_test, read_real)", "0.931"),
        ),
        release(
            "lazy: one threshold of 0.8", ("2 hidden",), ("right < ceiling - 0.1", "right < 0.8")
        ),
        release(
            "lazy: the judge's accuracy typed in",
            ("2 hidden",),
            ("metrics.agreement(clothes.y_test, read_real)", "0.931"),
        ),
        release(
            "lazy: one bound of variety for all classes",
            ("2 hidden",),
            ("ratio < 0.6", "metrics.spread(images, asked) < 5.2"),
        ),
        whole(
            "ps6_release",
            "right: class by class",
            (),
            """
def release_report(sample, clothes, seed):
    labels = np.arange(1000) // 100
    images = sample(labels, seed=seed)
    read, real = judge.look(images, "fashion")[0], judge.look(clothes.x_test, "fashion")[0]
    report = {"short": [], "dull": [], "repeated": metrics.repeated(images, labels)}
    report["agreement"] = (read == labels).mean()
    report["judge_accuracy"] = (real == clothes.y_test).mean()
    usual = metrics.spread(clothes.x_train, clothes.y_train)
    here = metrics.spread(images, labels)
    for k, name in enumerate(clothes.class_names):
        ceiling = (real[clothes.y_test == k] == k).mean()
        if (read[labels == k] == k).mean() < ceiling - 0.1:
            report["short"].append(name)
        if here[k] < 0.6 * usual[k]:
            report["dull"].append(name)
    broken = report["short"] or report["dull"] or report["repeated"] > 0
    report["decision"] = "hold" if broken else "release"
    return report
""",
        ),
        release(
            "repeated pictures are counted, and released",
            ("2 hidden",),
            (' or found["repeated"])', ")"),
        ),
        release("classes are numbered, not named", (2,), ("clothes.class_names[k]", "int(k)")),
    ],
}
