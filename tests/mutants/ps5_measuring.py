"""Typical wrong answers to assignment 5, measuring. Data only."""

from . import of, whole

_CORRECTED = """
def corrected_agreement(table, judge):
    table, judge = np.asarray(table, float), np.asarray(judge)
    requested = table.sum(axis=1) > 0
    read = table[requested] / table[requested].sum(axis=1, keepdims=True)
    true = TRUE
    right = true[np.arange(len(read)), np.flatnonzero(requested)]
    return float(RESULT)
"""
_SOLVED = "np.linalg.solve(judge.T, read.T).T"

_FRECHET = """
def frechet_within_labels(real, real_labels, fake, fake_labels):
    distances = []
    for label in np.unique(LABELS):
        a, b = real[real_labels == label], fake[fake_labels == label]
        REFUSE
        widths = WIDTHS
        distances.append(np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2) + widths)
    return float(np.mean(distances))
"""
_FEW = "if min(len(a), len(b)) < 2:\n            raise ValueError('too few samples')"
_WIDTHS = "np.sum((a.std(axis=0, ddof=1) - b.std(axis=0, ddof=1)) ** 2)"

_INTERVAL = """
def agreement_interval(right, level, draws, rng):
    of_runs = np.asarray(right).mean(axis=1)
    means = MEANS
    low, high = QUANTILES
    return float(low), float(high)
"""
_DRAWN = "of_runs[rng.integers(0, len(of_runs), (draws, len(of_runs)))].mean(axis=1)"
_QUANTILES = "np.quantile(means, [(1 - level) / 2, (1 + level) / 2])"

_NEXT = """
def next_run(right, level):
    of_runs = np.sort(np.asarray(right).mean(axis=1))
    runs = len(of_runs)
    j = sum(1 - 2 * j / (runs + 1) >= level for j in range(1, runs // 2 + 1))
    REFUSE
    return PAIR
"""
_OF_THE_MEAN = "agreement_interval(right, level, 2000, np.random.default_rng(0))"

_RECALL = """
def recall_within_labels(real, real_labels, fake, fake_labels, k, chunk):
    inside = 0
    for label in np.unique(real_labels):
        points, samples = real[real_labels == label], fake[fake_labels == label]
        radii = np.empty(len(samples))
        for start in range(0, len(samples), chunk):
            some = samples[start : start + chunk]
            distances = np.abs(some[:, None] - samples[None]).sum(axis=2)
            radii[start : start + chunk] = np.sort(distances, axis=1)[:, k]
        for start in range(0, len(points), chunk):
            some = points[start : start + chunk]
            distances = np.abs(some[:, None] - samples[None]).sum(axis=2)
            inside += int((distances < radii).any(axis=1).sum())
    return inside / len(real)
"""

_COPYING = """
def copying(samples, fresh, training, heldout):
    def nearest(pictures, others):
        others = others.reshape(len(others), -1)CAST
        pictures = pictures.reshape(len(pictures), -1)CAST
        return np.array([np.square(others - picture).sum(axis=1).min() for picture in pictures])

    def share(pictures):
        gap = nearest(pictures, training) - nearest(pictures, heldout)
        return SHARE

    return float(RESULT)
"""
_MIDDLE = """
    def middle(pictures):
        h, w = pictures.shape[1:]
        return pictures[:, max(h // 2 - 6, 0) : h // 2 + 6, max(w // 2 - 6, 0) : w // 2 + 6]

    samples, fresh, training, heldout = map(middle, (samples, fresh, training, heldout))

"""
_HALVES = "np.mean((gap < 0) + 0.5 * (gap == 0))"

corrected = of("ps5_corrected", _CORRECTED, TRUE=_SOLVED, RESULT="np.mean(right)")
frechet = of("ps5_frechet", _FRECHET, LABELS="real_labels", REFUSE=_FEW, WIDTHS=_WIDTHS)
interval = of("ps5_interval", _INTERVAL, MEANS=_DRAWN, QUANTILES=_QUANTILES)
following = of(
    "ps5_next",
    _NEXT,
    REFUSE="if not j:\n        raise ValueError('too few runs')",
    PAIR="(of_runs[j - 1], of_runs[-j])",
)
recall = of("ps5_recall", _RECALL)
copying = of(
    "ps5_copying",
    _COPYING,
    CAST=".astype(float)",
    SHARE=_HALVES,
    RESULT="share(samples) - share(fresh)",
)

MUTANTS = {
    "ps5_corrected": [
        corrected(
            "no correction: the share that the judge reads as requested", (1, 2, 3), TRUE="read"
        ),
        corrected(
            "divided by the judge's accuracy, as if it never read another label as this one",
            (1, 2, 3),
            TRUE="read / judge.diagonal()",
        ),
        corrected(
            "the judge's table is taken the wrong way round",
            (1, 2, 3),
            TRUE="np.linalg.solve(judge, read.T).T",
        ),
        corrected(
            "every sample counts the same, not every label",
            (2,),
            RESULT="np.average(right, weights=table.sum(axis=1)[requested])",
        ),
        corrected(
            "a label that was never requested counts as 0",
            (3,),
            RESULT="np.sum(right) / len(table)",
        ),
        corrected(
            "lazy: each label's estimate is clipped, though the text forbids it",
            (1,),
            RESULT="np.mean(np.clip(right, 0, 1))",
        ),
        corrected("lazy: the mean is clipped", ("1 seen",), RESULT="np.clip(np.mean(right), 0, 1)"),
        corrected(
            "lazy: a negative estimate is raised to 0",
            ("1 hidden",),
            RESULT="np.mean(np.maximum(right, 0))",
        ),
        whole(
            "ps5_corrected",
            "right: by the inverse, label by label, with plain numbers",
            (),
            """
def corrected_agreement(table, judge):
    back = np.linalg.inv(judge).tolist()
    found = []
    for label, row in enumerate(np.asarray(table).tolist()):
        if sum(row) > 0:
            found.append(sum(n / sum(row) * back[c][label] for c, n in enumerate(row)))
    return sum(found) / len(found)
""",
        ),
        whole(
            "ps5_corrected",
            "right: all labels at once, NaN where nothing was requested",
            (),
            """
def corrected_agreement(table, judge):
    read = table / np.sum(table, axis=1, keepdims=True)
    return np.nanmean(np.diag(read @ np.linalg.inv(judge)))
""",
        ),
        whole(
            "ps5_corrected",
            "right: least squares, one request after the other",
            (),
            """
def corrected_agreement(table, judge):
    agreements = []
    for r in range(len(table)):
        total = sum(table[r])
        if total == 0:
            continue
        shares = [count / total for count in table[r]]
        solution = np.linalg.lstsq(np.transpose(judge), shares, rcond=None)[0]
        agreements.append(solution[r])
    return np.array(agreements).mean()
""",
        ),
        whole(
            "ps5_corrected",
            "right: the counts are corrected first, and then divided",
            (),
            """
def corrected_agreement(table, judge):
    true_counts = np.linalg.solve(judge.T, table.T)
    n = np.einsum("rc->r", table)
    asked = [r for r in range(len(n)) if n[r]]
    return float(sum(true_counts[r, r] / n[r] for r in asked) / len(asked))
""",
        ),
        whole(
            "ps5_corrected",
            "right: Gauss' elimination by hand, in fractions of plain numbers",
            (),
            """
def corrected_agreement(table, judge):
    k = len(judge)

    def solved(share):
        rows = [[float(judge[t][c]) for t in range(k)] + [share[c]] for c in range(k)]
        for i in range(k):
            best = max(range(i, k), key=lambda j: abs(rows[j][i]))
            rows[i], rows[best] = rows[best], rows[i]
            for j in range(k):
                if j != i:
                    factor = rows[j][i] / rows[i][i]
                    rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i])]
        return [rows[i][k] / rows[i][i] for i in range(k)]

    diagonal = []
    for r, row in enumerate(table):
        if any(row):
            diagonal.append(solved([n / sum(row) for n in row])[r])
    return sum(diagonal) / len(diagonal)
""",
        ),
    ],
    "ps5_frechet": [
        whole(
            "ps5_frechet",
            "one distance for all labels together, which the deaf sampler passes",
            (1,),
            """
def frechet_within_labels(real, real_labels, fake, fake_labels):
    for label in np.unique(real_labels):
        if min(np.sum(real_labels == label), np.sum(fake_labels == label)) < 2:
            raise ValueError(f"label {label} has too few samples")
    widths = real.std(axis=0, ddof=1) - fake.std(axis=0, ddof=1)
    return float(np.sum((real.mean(axis=0) - fake.mean(axis=0)) ** 2) + np.sum(widths**2))
""",
        ),
        frechet(
            "variances are compared, not standard deviations",
            (1,),
            WIDTHS="np.sum((a.var(axis=0, ddof=1) - b.var(axis=0, ddof=1)) ** 2)",
        ),
        frechet("the means alone", (1,), WIDTHS="0.0"),
        frechet(
            "labels with too few samples are passed over",
            (2,),
            REFUSE="if min(len(a), len(b)) < 2:\n            continue",
        ),
        frechet(
            "the labels that were generated are counted: one that is never drawn is not missed",
            (2,),
            LABELS="fake_labels",
        ),
        frechet(
            "lazy: every fake counts, whatever was asked for",
            (1, "2 seen"),
            ("fake[fake_labels == label]", "fake"),
        ),
        frechet(
            "lazy: refused only where a label is missing",
            (2,),
            REFUSE="if not len(a) or not len(b):\n            raise ValueError('missing')",
        ),
        whole(
            "ps5_frechet",
            "right: from sums, with the square written out",
            (),
            """
def frechet_within_labels(real, real_labels, fake, fake_labels):
    total, classes = 0.0, sorted(set(real_labels.tolist()))
    for label in classes:
        moments = []
        for features, labels in ((real, real_labels), (fake, fake_labels)):
            mine = features[[i for i, other in enumerate(labels) if other == label]]
            if len(mine) <= 1:
                raise ValueError("one sample has no spread")
            centre = mine.sum(0) / len(mine)
            moments.append((centre, (((mine - centre) ** 2).sum(0) / (len(mine) - 1)) ** 0.5))
        (m, s), (n, t) = moments
        total += (m**2 + n**2 - 2 * m * n + s**2 + t**2 - 2 * s * t).sum()
    return total / len(classes)
""",
        ),
        whole(
            "ps5_frechet",
            "right: plain lists and the module statistics",
            (),
            """
import statistics


def frechet_within_labels(real, real_labels, fake, fake_labels):
    results = []
    for label in set(real_labels):
        a = [list(x) for x, y in zip(real, real_labels) if y == label]
        b = [list(x) for x, y in zip(fake, fake_labels) if y == label]
        if len(a) < 2 or len(b) < 2:
            raise ValueError("too few samples of label " + str(label))
        d2 = 0.0
        for p, q in zip(zip(*a), zip(*b)):
            d2 += (statistics.mean(p) - statistics.mean(q)) ** 2
            d2 += (statistics.stdev(p) - statistics.stdev(q)) ** 2
        results.append(d2)
    return statistics.mean(results)
""",
        ),
        whole(
            "ps5_frechet",
            "right: all labels at once from one-hot rows, in einsum",
            (),
            """
def frechet_within_labels(real, real_labels, fake, fake_labels):
    names = np.unique(real_labels)

    def moments(x, y):
        hot = (y[:, None] == names).astype(float)
        n = hot.sum(0)[:, None]
        if (n < 2).any():
            raise ValueError(f"{n.ravel()} samples of the labels {names}")
        mean = np.einsum("nk,nd->kd", hot, x) / n
        square = np.einsum("nk,nkd->kd", hot, (x[:, None] - mean) ** 2)
        return mean, np.sqrt(square / (n - 1))

    (m, s), (u, t) = moments(real, real_labels), moments(fake, fake_labels)
    return (((m - u) ** 2).sum(axis=-1) + ((s - t) ** 2).sum(axis=-1)).mean()
""",
        ),
        whole(
            "ps5_frechet",
            "right: a class of Gaussians, in float32, counted first",
            (),
            """
from collections import Counter


class Gaussian:
    def __init__(self, x):
        self.mu = x.astype(np.float32).mean(axis=0)
        self.sigma = np.sqrt(np.var(x.astype(np.float32), axis=0, ddof=1))

    def __sub__(self, other):
        return np.sum(np.square(self.mu - other.mu) + np.square(self.sigma - other.sigma))


def frechet_within_labels(real, real_labels, fake, fake_labels):
    have, drawn = Counter(real_labels.tolist()), Counter(fake_labels.tolist())
    if min(have.values()) < 2 or any(drawn[label] < 2 for label in have):
        raise ValueError("A label has fewer than two samples.")
    gaps = [Gaussian(real[real_labels == k]) - Gaussian(fake[fake_labels == k]) for k in have]
    return sum(gaps) / len(gaps)
""",
        ),
    ],
    "ps5_interval": [
        interval(
            "single samples are drawn, as if a new training were a new sample",
            (1, "2 hidden"),
            MEANS="rng.binomial(right.size, np.mean(right), draws) / right.size",
        ),
        interval(
            "one run a draw: the spread of runs, not of their mean",
            (1, 2),
            MEANS="of_runs[rng.integers(0, len(of_runs), draws)]",
        ),
        interval(
            "runs are drawn without replacement, so every mean is the same",
            (1, 2),
            MEANS="np.array([rng.permutation(of_runs).mean() for _ in range(draws)])",
        ),
        interval(
            "the level is not used: always 95 %",
            (2,),
            QUANTILES="np.quantile(means, [0.025, 0.975])",
        ),
        interval(
            "the mean and so many standard errors, always for 95 %",
            (2,),
            QUANTILES="means.mean() + np.array([-1.96, 1.96]) * means.std()",
        ),
        interval(
            "the lowest and the highest of all draws", (1, 2), QUANTILES="means.min(), means.max()"
        ),
        interval(
            "the runs' own quantiles: where runs lie, not how well their mean is known",
            (1, 2),
            QUANTILES="np.quantile(of_runs, [(1 - level) / 2, (1 + level) / 2])",
        ),
        whole(
            "ps5_interval",
            "lazy: no draws, but the normal formula",
            ("2 hidden",),
            """
def agreement_interval(right, level, draws, rng):
    from statistics import NormalDist

    of_runs = np.mean(right, axis=1)
    far = NormalDist().inv_cdf((1 + level) / 2) * of_runs.std() / len(of_runs) ** 0.5
    return of_runs.mean() - far, of_runs.mean() + far
""",
        ),
        whole(
            "ps5_interval",
            "right: whole runs drawn by choice, one draw after the other, and percentiles",
            (),
            """
def agreement_interval(right, level, draws, rng):
    means = []
    for _ in range(draws):
        chosen = rng.choice(len(right), size=len(right), replace=True)
        means.append(np.mean(right[chosen]))
    tail = 100 * (1 - level) / 2
    return tuple(np.percentile(means, [tail, 100 - tail]))
""",
        ),
        whole(
            "ps5_interval",
            "right: counts of each run from a multinomial, and order statistics",
            (),
            """
def agreement_interval(right, level, draws, rng):
    shares = right.sum(axis=1) / right.shape[1]
    counts = rng.multinomial(len(shares), np.full(len(shares), 1 / len(shares)), size=draws)
    means = np.sort(counts @ shares / len(shares))
    low = means[int(draws * (1 - level) / 2)]
    high = means[int(np.ceil(draws * (1 + level) / 2)) - 1]
    return [low, high]
""",
        ),
        whole(
            "ps5_interval",
            "right: plain lists, drawn one index at a time",
            (),
            """
def agreement_interval(right, level, draws, rng):
    agreement = [sum(run.tolist()) / len(run) for run in right]
    runs = len(agreement)
    means = []
    for _ in range(draws):
        drawn = [agreement[int(u * runs)] for u in rng.random(runs)]
        means.append(sum(drawn) / runs)
    means.sort()

    def quantile(share):
        place = share * (draws - 1)
        below = int(place)
        above = min(below + 1, draws - 1)
        return means[below] + (place - below) * (means[above] - means[below])

    return quantile((1 - level) / 2), quantile((1 + level) / 2)
""",
        ),
        whole(
            "ps5_interval",
            "right: draw by draw, in float32, an array returned",
            (),
            """
def agreement_interval(right, level, draws, rng):
    of_runs = np.array(right, dtype=np.float32).mean(axis=1)
    boot = np.empty(draws, dtype=np.float32)
    for b in range(draws):
        boot[b] = of_runs[rng.integers(len(of_runs), size=len(of_runs))].mean()
    return np.quantile(boot, [0.5 - level / 2, 0.5 + level / 2])
""",
        ),
    ],
    "ps5_next": [
        following("the interval of the mean is taken for the next run", (1,), PAIR=_OF_THE_MEAN),
        following(
            "the quantiles of the runs, as if the next run were one of them",
            (1,),
            PAIR="tuple(np.quantile(of_runs, [(1 - level) / 2, (1 + level) / 2]))",
        ),
        following(
            "a normal distribution with the spread of the runs taken for exact",
            (1,),
            PAIR="tuple(of_runs.mean() + np.array([-1.96, 1.96]) * of_runs.std(ddof=1))",
        ),
        following(
            "the next run is not counted among those in line",
            ("1 hidden",),
            ("1 - 2 * j / (runs + 1)", "1 - 2 * j / runs"),
        ),
        following(
            "the tail on one side alone", (1,), ("1 - 2 * j / (runs + 1)", "1 - j / (runs + 1)")
        ),
        following("the lowest and the highest pass for any level", (1,), REFUSE="j = max(j, 1)"),
        following(
            "lazy: always the lowest and the highest", (1,), PAIR="(of_runs[0], of_runs[-1])"
        ),
        whole(
            "ps5_next",
            "right: the number of runs left out on either side, calculated",
            (),
            """
def next_run(right, level):
    shares = sorted(float(np.mean(run)) for run in right)
    j = math.floor((1 - level) * (len(shares) + 1) / 2)
    if j == 0:
        raise ValueError(f"{len(shares)} runs are too few")
    return shares[j - 1], shares[-j]


import math
""",
        ),
        whole(
            "ps5_next",
            "right: from outside inwards, as long as the probability is enough",
            (),
            """
def next_run(right, level):
    agreements = sorted(np.mean(right, axis=1))
    pair, R = None, len(agreements)
    for j in range(1, R + 1):
        if 1 - 2 * j / (R + 1) < level or j > R - j + 1:
            break
        pair = (agreements[j - 1], agreements[R - j])
    if pair is None:
        raise ValueError("For this level more runs are needed")
    return pair
""",
        ),
        whole(
            "ps5_next",
            "right: from inside outwards, with whole numbers and fractions",
            (),
            """
from fractions import Fraction


def next_run(right, level):
    of_runs = np.array([np.count_nonzero(run) / run.size for run in right])
    runs = of_runs.size
    wanted = Fraction(level).limit_denominator(10**6)
    for j in range((runs + 1) // 2, 0, -1):
        if 1 - Fraction(2 * j, runs + 1) >= wanted:
            return np.partition(of_runs, [j - 1, runs - j])[[j - 1, runs - j]]
    raise ValueError(f"not with {runs} runs")
""",
        ),
        whole(
            "ps5_next",
            "right: the probabilities of all j as an array",
            (),
            """
def next_run(right, level):
    shares = np.mean(right, axis=1)
    j = np.arange(1, shares.size // 2 + 1)
    enough = j[1 - 2 * j / (shares.size + 1) >= level]
    if enough.size == 0:
        raise ValueError("too few runs for this level")
    order = np.argsort(shares)
    return shares[order[enough.max() - 1]], shares[order[-enough.max()]]
""",
        ),
        whole(
            "ps5_next",
            "lazy: half of the runs at the seen levels, by heart",
            ("1 hidden",),
            """
def next_run(right, level):
    shares = sorted(np.mean(right, axis=1))
    if len(shares) < 39 and level > 0.9:
        raise ValueError("too few runs")
    return (shares[0], shares[-1]) if level > 0.7 else (shares[1], shares[-2])
""",
        ),
    ],
    "ps5_recall": [
        recall(
            "the nearest neighbour of a sample is the sample itself",
            (1, "2 hidden"),
            ("[:, k]", "[:, k - 1]"),
        ),
        recall(
            "Euclid's distance, as in lesson 05",
            (1,),
            (
                "np.abs(some[:, None] - samples[None]).sum(axis=2)",
                "np.linalg.norm(some[:, None] - samples[None], axis=2)",
            ),
        ),
        recall(
            "samples of other labels vouch as well",
            (2,),
            ("for label in np.unique(real_labels):", "for label in (0,):"),
            ("real[real_labels == label], fake[fake_labels == label]", "real, fake"),
        ),
        recall(
            "everything at once",
            ("3 seen",),
            ("    inside = 0", "    inside, chunk = 0, len(real) + len(fake)"),
        ),
        recall(
            "a last part that is not full is left out",
            (1, 2, "3 hidden"),
            ("range(0, len(points), chunk)", "range(0, len(points) - chunk + 1, chunk)"),
        ),
        recall(
            "the balls of the real points: coverage, not recall",
            (1,),
            (
                "            inside += int((distances < radii).any(axis=1).sum())",
                "            apart = np.abs(some[:, None] - points[None]).sum(axis=2)\n"
                "            own = np.sort(apart, axis=1)[:, k]\n"
                "            inside += int((distances < own[:, None]).any(axis=1).sum())",
            ),
        ),
        recall(
            "lazy: the ball of the nearest sample alone",
            ("1 hidden",),
            (
                "(distances < radii).any(axis=1).sum()",
                "(distances.min(axis=1) < radii[distances.argmin(axis=1)]).sum()",
            ),
        ),
        recall(
            "lazy: the edge counts as inside",
            ("1 seen",),
            ("distances < radii", "distances <= radii"),
        ),
        whole(
            "ps5_recall",
            "right: one point at a time, with a partition",
            (),
            """
def recall_within_labels(real, real_labels, fake, fake_labels, k, chunk):
    vouched = np.zeros(len(real), bool)
    for label in set(real_labels.tolist()):
        mine = fake[fake_labels == label]
        reach = [np.partition(np.abs(mine - s).sum(1), k)[k] for s in mine]
        for i in np.flatnonzero(real_labels == label):
            vouched[i] = np.any(np.abs(mine - real[i]).sum(1) < reach)
    return vouched.mean()
""",
        ),
        whole(
            "ps5_recall",
            "right: the sample itself is infinitely far away, distances feature by feature",
            (),
            """
def recall_within_labels(real, real_labels, fake, fake_labels, k, chunk):
    def distances(some, others):
        total = np.zeros((len(some), len(others)))
        for i in range(some.shape[1]):
            total += np.abs(some[:, i, None] - others[None, :, i])
        return total

    covered = []
    for label in np.unique(real_labels):
        mine, points = fake[fake_labels == label], real[real_labels == label]
        radii = []
        for start in range(0, len(mine), chunk):
            d = distances(mine[start : start + chunk], mine)
            for row in range(len(d)):
                d[row, start + row] = np.inf
            radii.extend(np.sort(d)[:, k - 1])
        for start in range(0, len(points), chunk):
            d = distances(points[start : start + chunk], mine)
            covered.extend(np.min(d - np.array(radii), axis=1) < 0)
    return sum(covered) / len(covered)
""",
        ),
        whole(
            "ps5_recall",
            "right: np.array_split and a function for parts, in float32",
            (),
            """
def recall_within_labels(real, real_labels, fake, fake_labels, k, chunk):
    real, fake = real.astype("float32"), fake.astype("float32")

    def by_parts(points, others, what):
        parts = np.array_split(points, -(-len(points) // chunk))
        apart = (np.linalg.norm(part[:, None] - others, 1, axis=-1) for part in parts)
        return np.concatenate([what(distances) for distances in apart])

    hits = 0
    for name in sorted(set(real_labels)):
        x, g = real[real_labels == name], fake[fake_labels == name]
        radius = by_parts(g, g, lambda d: np.partition(d, k, axis=1)[:, k])
        hits += by_parts(x, g, lambda d: np.any(d < radius[None], axis=1)).sum()
    return hits / real.shape[0]
""",
        ),
        whole(
            "ps5_recall",
            "right: a class per label, plain loops over the points",
            (),
            """
class Cloud:
    def __init__(self, samples, k):
        self.samples = samples
        self.radius = np.array([sorted(self.distance(s))[k] for s in samples])

    def distance(self, point):
        return np.sum(np.abs(self.samples - point), axis=1)

    def holds(self, point):
        return bool((self.distance(point) < self.radius).any())


def recall_within_labels(real, real_labels, fake, fake_labels, k, chunk):
    clouds = {label: Cloud(fake[fake_labels == label], k) for label in set(real_labels.tolist())}
    inside = [clouds[label].holds(point) for point, label in zip(real, real_labels.tolist())]
    return inside.count(True) / len(inside)
""",
        ),
    ],
    "ps5_copying": [
        copying(
            "compared with one half, whatever the sizes of the two sets",
            (1, 2, 3),
            RESULT="share(samples) - 0.5",
        ),
        copying("the differences wrap around in uint8", (2, 3), CAST=""),
        copying("a tie counts for the held-out set", (3,), SHARE="np.mean(gap < 0)"),
        copying("a tie counts for the training set", (3,), SHARE="np.mean(gap <= 0)"),
        copying(
            "the training set is cut to the size of the other, and most copies with it",
            (2,),
            (
                "    def nearest",
                "    training = training[: len(heldout)]\n"
                "    heldout = heldout[: len(training)]\n\n"
                "    def nearest",
            ),
        ),
        copying(
            "lazy: the city-block distance of task 4",
            ("3 seen",),
            ("np.square(others - picture).sum(axis=1)", "np.abs(others - picture).sum(axis=1)"),
        ),
        copying(
            "lazy: the largest difference alone",
            ("2 hidden", "3 hidden"),
            ("np.square(others - picture).sum(axis=1)", "np.abs(others - picture).max(axis=1)"),
        ),
        copying(
            "lazy: the middle 12 x 12 pixels, where the digit is",
            ("3 hidden",),
            ("    def nearest", _MIDDLE + "    def nearest"),
        ),
        copying(
            "lazy: the largest difference in the middle 12 x 12",
            ("3 hidden",),
            ("    def nearest", _MIDDLE + "    def nearest"),
            ("np.square(others - picture).sum(axis=1)", "np.abs(others - picture).max(axis=1)"),
        ),
        whole(
            "ps5_copying",
            "right: from scalar products, in whole numbers",
            (),
            """
def copying(samples, fresh, training, heldout):
    samples, fresh, training, heldout = (
        x.astype(np.int64).reshape(len(x), -1) for x in (samples, fresh, training, heldout)
    )

    def closest(a, b):
        return ((a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)).min(axis=1)

    def share(a):
        return (1 - np.sign(closest(a, training) - closest(a, heldout)).mean()) / 2

    return share(samples) - share(fresh)
""",
        ),
        whole(
            "ps5_copying",
            "right: everything at once by broadcasting, in whole numbers",
            (),
            """
def copying(samples, fresh, training, heldout):
    def nearest(a, b):
        a, b = a.astype(int), b.astype(int)
        return ((a[:, None] - b[None]) ** 2).sum(axis=(2, 3)).min(axis=1)

    def share(a):
        t, h = nearest(a, training), nearest(a, heldout)
        return np.where(t < h, 1.0, np.where(t == h, 0.5, 0.0)).mean()

    return share(samples) - share(fresh)
""",
        ),
        whole(
            "ps5_copying",
            "right: the norm, which has the same order, counted in a loop",
            (),
            """
def copying(samples, fresh, training, heldout):
    training = training.astype(np.float64)
    heldout = heldout.astype(np.float64)

    def share(pictures):
        score = 0
        for picture in pictures:
            t = min(np.linalg.norm(other - picture) for other in training)
            h = min(np.linalg.norm(other - picture) for other in heldout)
            if t < h:
                score += 1
            elif t == h:
                score += 0.5
        return score / len(pictures)

    return share(samples) - share(fresh)
""",
        ),
        whole(
            "ps5_copying",
            "right: int32 and einsum, with np.heaviside for the tie",
            (),
            """
def copying(samples, fresh, training, heldout):
    sets = [x.reshape(len(x), -1).astype(np.int32) for x in (samples, fresh, training, heldout)]
    shares = []
    for pictures in sets[:2]:
        gaps = []
        for x in pictures:
            t, h = (np.einsum("np,np->n", y - x, y - x).min() for y in sets[2:])
            gaps.append(float(h) - float(t))
        shares.append(np.heaviside(gaps, 0.5).mean())
    return shares[0] - shares[1]
""",
        ),
        whole(
            "ps5_copying",
            "right: scaled to 0..1, in float32",
            (),
            """
def copying(samples, fresh, training, heldout):
    samples, fresh, training, heldout = (
        np.float32(x) / 255 for x in (samples, fresh, training, heldout)
    )

    def share(pictures):
        result = []
        for picture in pictures:
            near = np.sum((training - picture) ** 2, axis=(1, 2)).min()
            far = np.sum((heldout - picture) ** 2, axis=(1, 2)).min()
            result.append(0.5 if near == far else float(near < far))
        return np.mean(result)

    return share(samples) - share(fresh)
""",
        ),
    ],
}
