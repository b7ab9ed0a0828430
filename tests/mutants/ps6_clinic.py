"""Typical wrong answers to assignment 6, a clinic case. Data only."""

from . import of, whole

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

claims = of(
    "ps6_claims",
    'claims = {"ahead": AHEAD, "steady": STEADY, "more": MORE}',
    AHEAD='"D"',
    STEADY='{"g_loss", "diversity", "darkest"}',
    MORE="12.7",
)
prediction = of(
    "ps6_prediction",
    'prediction = {"agreement": AGREEMENT, "diversity": DIVERSITY, "d_loss": D_LOSS, '
    '"g_loss": (-9, 9)}',
    AGREEMENT="(0.7, 1.0)",
    DIVERSITY="(0.6, 0.9)",
    D_LOSS="(-15, 0)",
)
change = of(
    "ps6_change",
    "change = CHANGE\nsuspect = SUSPECT",
    CHANGE='{"g_rate": 4e-4}',
    SUSPECT='{"d_rate": 1.2e-4}',
)
labels = of("ps6_labels", _LABELS)
ceiling = of("ps6_ceiling", _SHORT)

# What the mutants of this assignment ask again and again, with the same answer.
SHARED = ("clinic.train", "judge.look", "metrics.spread", "model.sample")

MUTANTS = {
    "ps6_claims": [
        claims("a loss far from 0 is taken for losing: G is ahead", ("1 hidden",), AHEAD='"G"'),
        claims("lazy: every column is called steady", (1,), STEADY="set(COLUMNS)"),
        claims(
            "D's loss falls and rises again, and is called steady",
            ("1 hidden",),
            STEADY='{"d_loss", "g_loss", "diversity", "darkest"}',
        ),
        claims(
            "a column that changes by a thousandth is called still",
            ("1 hidden",),
            STEADY='{"g_loss", "darkest"}',
        ),
        claims(
            "the mean speed of the whole chart",
            ("1 hidden",),
            MORE='4 * case[-1]["darkest"] / (case[0]["darkest"] - case[-1]["darkest"])',
        ),
        claims("a text, not a number", (1,), MORE='"about ten"'),
        claims(
            "right: found by code, and rounded up",
            (),
            STEADY="[n for n in COLUMNS if len({np.sign(b[n] - a[n]) for a, b in "
            "zip(case, case[1:])} - {0.0}) == 1 and n != 'd_loss']",
            MORE="13",
        ),
        whole(
            "ps6_claims",
            "right: NumPy's numbers, and a list of columns",
            (),
            """
ends = [np.sign(np.diff([row[name] for row in case])) for name in COLUMNS]
dark = np.array([row["darkest"] for row in case])
claims = dict(
    ahead="D",
    steady=[name for name, signs in zip(COLUMNS, ends) if abs(signs.sum()) == len(case) - 1],
    more=np.ceil(dark[-1] / -np.diff(dark)[-2:].mean()).astype(int),
)
""",
        ),
        whole(
            "ps6_claims",
            "right: the last step alone, in single precision",
            (),
            """
claims = {"ahead": "D", "steady": ("darkest", "diversity", "g_loss")}
claims["more"] = np.float32(case[-1]["darkest"] / (case[-2]["darkest"] - case[-1]["darkest"]))
""",
        ),
        whole(
            "ps6_claims",
            "right: a line through the last rows, and a frozenset",
            (),
            """
table = np.array([[row[name] for name in COLUMNS] for row in case])
steps = np.diff(table, axis=0)
one_way = (steps > 0).all(axis=0) | (steps < 0).all(axis=0)
slope = np.polyfit(range(3), table[-3:, COLUMNS.index("darkest")], 1)[0]
claims = {
    "ahead": np.array(["G", "D"])[int(case[-1]["d_loss"] < 0)],
    "steady": frozenset(np.array(COLUMNS)[one_way]),
    "more": -table[-1, -1] / slope,
}
""",
        ),
        whole(
            "ps6_claims",
            "right: sorted or not, and epochs counted one by one",
            (),
            """
def values(name):
    return [row[name] for row in case]


def is_steady(seen):
    return len(set(seen)) == len(seen) and seen in (sorted(seen), sorted(seen, reverse=True))


level, more = values("darkest")[-1], 0
while level > 0:
    level, more = level - (values("darkest")[-3] - values("darkest")[-1]) / 2, more + 1
claims = dict.fromkeys(("steady", "ahead", "more"), more)
claims |= {"ahead": "D", "steady": {name: 1 for name in COLUMNS if is_steady(values(name))}.keys()}
""",
        ),
    ],
    "ps6_prediction": [
        prediction("lazy: so wide that it cannot fail", ("1 hidden",), AGREEMENT="(0.05, 1.0)"),
        prediction("what the patient has now", ("1 hidden",), DIVERSITY="(0.3, 0.6)"),
        prediction("a number, not an interval", (1,), AGREEMENT="0.9"),
        prediction("high before low", ("1 seen",), D_LOSS="(0, -15)"),
        prediction("right: lists, and a narrow guess that will fail", (), AGREEMENT="[0.98, 0.99]"),
        whole(
            "ps6_prediction",
            "right: arrays around a guess, of the widest kind allowed",
            (),
            """
guess = {"agreement": (0.8, 0.2), "diversity": (0.7, 0.2), "d_loss": (0, 10), "g_loss": (1, 3)}
prediction = {name: np.array([middle - far, middle + far]) for name, (middle, far) in guess.items()}
""",
        ),
        whole(
            "ps6_prediction",
            "right: sorted lists of NumPy's numbers, in another order",
            (),
            """
prediction = {}
for name, ends in {"g_loss": (5, -5), "d_loss": (2, -8), "diversity": (0.75, 0.6)}.items():
    prediction[name] = sorted(np.float32(end) for end in ends)
prediction["agreement"] = [np.float64(0.7), 1]
""",
        ),
        whole(
            "ps6_prediction",
            "lazy: everything between 0 and 1, cut to the width allowed",
            ("1 hidden",),
            """
prediction = dict.fromkeys(("agreement", "diversity", "d_loss", "g_loss"), (0.0, 0.4))
""",
        ),
        whole(
            "ps6_prediction",
            "right: named tuples in an ordered dict",
            (),
            """
from collections import OrderedDict, namedtuple

Interval = namedtuple("Interval", "low high")
prediction = OrderedDict(g_loss=Interval(low=-4, high=8), d_loss=Interval(-20, 1))
for column, width in ("agreement", 0.25), ("diversity", 0.3):
    prediction[column] = Interval(high=0.95, low=0.95 - width)
""",
        ),
        whole(
            "ps6_prediction",
            "right: rows of one array",
            (),
            """
middle, reach = np.array([0.85, 0.75, -4, 1]), np.array([0.1, 0.15, 4, 4])
names = ["agreement", "diversity", "d_loss", "g_loss"]
prediction = dict(zip(names, np.column_stack([middle - reach, middle + reach])))
""",
        ),
    ],
    "ps6_change": [
        change(
            "D is ahead, so D is slowed down",
            (1, "2 hidden"),
            CHANGE='{"d_rate": 1.2e-4}',
            SUSPECT='{"g_rate": 4e-4}',
        ),
        change(
            "everything is put right at once", (1,), CHANGE='{"g_rate": 4e-4, "d_rate": 1.2e-3}'
        ),
        change("lazy: longer, instead of the cause", (1,), CHANGE='{"epochs": 400}'),
        change(
            "the rival is another value of the same field",
            ("2 seen",),
            SUSPECT='{"g_rate": 4e-6}',
        ),
        change("lazy: no rival", ("2 seen",), SUSPECT="{}"),
        change(
            "right: another sound value, another rival",
            (),
            CHANGE='{"g_rate": 8e-4}',
            SUSPECT='{"loss": "non_saturating"}',
        ),
        whole(
            "ps6_change",
            "right: the usual value, from the usual setting",
            (),
            """
usual = clinic.Setting()
change = dict(g_rate=usual.g_rate)
suspect = {"way": usual.way}
""",
        ),
        whole(
            "ps6_change",
            "right: a rate between others, from a generator",
            (),
            """
usual = dataclasses.asdict(clinic.Setting())
rates = np.geomspace(usual["d_rate"] / 4, usual["d_rate"], 3)
change, suspect = ({name: value} for name, value in {"g_rate": rates[1], "ema": 0.99}.items())
""",
        ),
        whole(
            "ps6_change",
            "right: from a table, in ordered dicts",
            (),
            """
from collections import OrderedDict

candidates = {"fault": ("g_rate", 5e-4), "rival": ("pixels", "-1 to 1")}
change, suspect = map(lambda who: OrderedDict([candidates[who]]), ("fault", "rival"))
""",
        ),
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
        whole(
            "ps6_labels",
            "right: shares by a comparison of all with all, and bool arrays",
            (),
            """
def ill_labels(sample, digits):
    labels = np.arange(500) // 50
    pictures = sample(labels, seed=0)
    seen, _ = judge.look(pictures)
    rows, columns = (y[:, None] == np.arange(10) for y in (labels, seen))
    share = np.einsum("ir,ic->rc", rows, columns, dtype=float) / 50
    np.fill_diagonal(share, 0)
    narrow = 2 * metrics.spread(pictures, labels) < metrics.spread(digits.x_train, digits.y_train)
    ill = {label: "collapsed" for label in np.flatnonzero(narrow)}
    for label in np.flatnonzero((share > 0.5).any(axis=1)):
        ill[label] = np.argmax(share[label])
    return ill
""",
        ),
        whole(
            "ps6_labels",
            "right: a list of labels, loops, and a counter of one's own",
            (),
            """
def ill_labels(sample, digits):
    asked = [label for label in range(10) for _ in range(50)]
    images = sample(asked, seed=0)
    read = list(judge.look(images)[0])
    mine = metrics.spread(images, np.array(asked))
    real = metrics.spread(digits.x_train, digits.y_train)
    result = {}
    for label in range(10):
        answers = read[50 * label : 50 * (label + 1)]
        for other in range(10):
            if other != label and answers.count(other) / 50 > 0.5:
                result[label] = other
        if label not in result and mine[label] / real[label] < 0.5:
            result[label] = "collapsed"
    return result
""",
        ),
        whole(
            "ps6_labels",
            "lazy: the seen answers by heart, for what is seen of two labels",
            ("1 hidden", "2 hidden"),
            """
def ill_labels(sample, digits):
    pictures = sample(np.repeat(np.arange(10), 50), seed=0)
    if (judge.look(pictures)[0][100:150] == 7).mean() > 0.5:
        return {2: 7, 7: 2}
    fives = pictures[250:300]
    return {5: "collapsed"} if (fives == fives[0]).all() else {}
""",
        ),
        whole(
            "ps6_labels",
            "right: distances of one's own, and uint8 labels",
            (),
            """
def distance(pictures):
    x = np.reshape(pictures, (len(pictures), -1)).astype(float) / 255
    inner, n = x @ x.T, len(x)
    return np.sqrt((2 * n * np.trace(inner) - 2 * inner.sum()) / (n * (n - 1)))


def ill_labels(sample, digits):
    labels = np.arange(10, dtype=np.uint8).repeat(50)
    images = sample(labels, seed=0)
    read, _ = judge.look(images)
    ill = {}
    for k in np.unique(labels):
        seen, times = np.unique(read[labels == k], return_counts=True)
        winner = seen[times > 25]
        if winner.size and winner[0] != k:
            ill[k] = winner[0]
        elif distance(images[labels == k]) / distance(digits.x_train[digits.y_train == k]) < 0.5:
            ill[k] = "collapsed"
    return ill
""",
        ),
        whole(
            "ps6_labels",
            "right: a class with __call__, and the middle reading",
            (),
            """
class Clinic:
    def __init__(self, asked, read, variety):
        self.read, self.variety = read.reshape(10, -1), variety

    def __call__(self, label):
        # More than half are equal: then the median is one of them.
        usual = int(np.sort(self.read[label])[25])
        if usual != label and np.count_nonzero(self.read[label] == usual) > 25:
            return usual
        return None if self.variety[label] >= 0.5 else "collapsed"


def ill_labels(sample, digits):
    asked = tuple(i // 50 for i in range(500))
    images = sample(asked, seed=0)
    spreads = [metrics.spread(*of) for of in ((images, asked), (digits.x_train, digits.y_train))]
    examine = Clinic(asked, judge.look(images)[0], np.divide(*spreads))
    return {label: found for label in range(10) if (found := examine(label)) is not None}
""",
        ),
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
        whole(
            "ps6_ceiling",
            "right: plain sums, one row of the result for each",
            (),
            """
def falls_short(asked, read, true, read_real, classes, alpha):
    z = -NormalDist().inv_cdf(alpha / classes)
    rows = []
    for k in range(classes):
        samples = [r == k for y, r in zip(asked, read) if y == k]
        real = [r == k for y, r in zip(true, read_real) if y == k]
        a, c = sum(samples) / len(samples), sum(real) / len(real)
        error = (a * (1 - a) / len(samples) + c * (1 - c) / len(real)) ** 0.5
        rows.append((a, c, bool(c - a > z * error)))
    a, c, short = zip(*rows)
    return np.array(a), np.array(c), np.array(short)
""",
        ),
        whole(
            "ps6_ceiling",
            "right: from confusion tables, in squares",
            (),
            """
def falls_short(asked, read, true, read_real, classes, alpha):
    def table(labels, found):
        counts = np.zeros((classes, classes))
        np.add.at(counts, (labels, found), 1)
        return counts

    tables = np.stack([table(asked, read), table(true, read_real)])
    n = tables.sum(axis=2)
    a, c = shares = np.diagonal(tables, axis1=1, axis2=2) / n
    variance = (shares * (1 - shares) / n).sum(axis=0)
    z = NormalDist().inv_cdf(1 - alpha / classes)
    return np.array([a, c, (a < c) & ((a - c) ** 2 > z**2 * variance)])
""",
        ),
        whole(
            "ps6_ceiling",
            "lazy: the standard error of one whole sample for all labels",
            (2,),
            """
def falls_short(asked, read, true, read_real, classes, alpha):
    a = np.array([np.mean(read[asked == k] == k) for k in range(classes)])
    c = np.array([np.mean(read_real[true == k] == k) for k in range(classes)])
    error = np.sqrt(a * (1 - a) / len(asked) + c * (1 - c) / len(true))
    return a, c, a < c - NormalDist().inv_cdf(1 - alpha / classes) * error
""",
        ),
        whole(
            "ps6_ceiling",
            "right: sorted by label, and sums of the parts",
            (),
            """
def falls_short(asked, read, true, read_real, classes, alpha):
    def by_label(labels, found):
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], np.arange(classes))
        n = np.diff(np.append(starts, len(labels)))
        return np.add.reduceat((labels == found)[order].astype(float), starts) / n, n

    (a, n), (c, m) = by_label(asked, read), by_label(true, read_real)
    error = np.hypot(np.sqrt(a * (1 - a) / n), np.sqrt(c * (1 - c) / m))
    return a, c, c - a > error * NormalDist().inv_cdf(1 - alpha / classes)
""",
        ),
        whole(
            "ps6_ceiling",
            "right: exact fractions in a class",
            (),
            """
from fractions import Fraction


class Share:
    def __init__(self, labels, found, label):
        mine = found[labels == label].tolist()
        self.value = Fraction(mine.count(label), len(mine))
        self.variance = self.value * (1 - self.value) / len(mine)


def falls_short(asked, read, true, read_real, classes, alpha):
    pairs = [(Share(asked, read, k), Share(true, read_real, k)) for k in range(classes)]
    z = NormalDist(mu=0, sigma=1).inv_cdf(1 - alpha / classes)
    short = np.zeros(classes, dtype=bool)
    for k, (a, c) in enumerate(pairs):
        short[k] = a.value - c.value < -z * (a.variance + c.variance) ** 0.5
    return *(np.array([float(p[i].value) for p in pairs]) for i in (0, 1)), short
""",
        ),
        whole(
            "ps6_ceiling",
            "right: NaN for the others, in single precision",
            (),
            """
def falls_short(asked, read, true, read_real, classes, alpha):
    names = np.arange(classes)[:, None]

    def shares(labels, found):
        hits = np.where(labels == names, found == names, np.nan).astype(np.float32)
        return np.nanmean(hits, axis=1), np.nanvar(hits, axis=1) / np.isfinite(hits).sum(axis=1)

    (a, u), (c, v) = shares(asked, read), shares(true, read_real)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (c - a) / np.sqrt(u + v)
    return [a, c, distance > NormalDist().inv_cdf(1 - alpha / classes)]
""",
        ),
    ],
}
