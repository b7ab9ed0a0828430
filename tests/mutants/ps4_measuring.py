"""Typical wrong answers to assignment 4, measuring. Data only."""

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
_HALVES = "np.mean((gap < 0) + 0.5 * (gap == 0))"

corrected = of("ps4_corrected", _CORRECTED, TRUE=_SOLVED, RESULT="np.mean(right)")
frechet = of("ps4_frechet", _FRECHET, LABELS="real_labels", REFUSE=_FEW, WIDTHS=_WIDTHS)
interval = of("ps4_interval", _INTERVAL, MEANS=_DRAWN, QUANTILES=_QUANTILES)
recall = of("ps4_recall", _RECALL)
copying = of(
    "ps4_copying",
    _COPYING,
    CAST=".astype(float)",
    SHARE=_HALVES,
    RESULT="share(samples) - share(fresh)",
)

MUTANTS = {
    "ps4_corrected": [
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
    ],
    "ps4_frechet": [
        whole(
            "ps4_frechet",
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
    ],
    "ps4_interval": [
        interval(
            "single samples are drawn, as if a new training were a new sample",
            (1, 2),
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
    ],
    "ps4_recall": [
        recall(
            "the nearest neighbour of a sample is the sample itself",
            (1, 2),
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
            (3,),
            ("    inside = 0", "    inside, chunk = 0, len(real) + len(fake)"),
        ),
        recall(
            "a last part that is not full is left out",
            (1, 2, 3),
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
    ],
    "ps4_copying": [
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
    ],
}
