"""Typical wrong answers to assignment 4, measuring. Data only."""

from mutants import Mutant

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
_FEW = 'if min(len(a), len(b)) < 2:\n            raise ValueError(f"label {label} has too few samples")'
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


def _filled(template, **parts):
    for key, text in parts.items():
        template = template.replace(key, text)
    return template


def _changed(source, old, new):
    if old not in source:
        raise ValueError(f"nothing to change: {old!r}")
    return source.replace(old, new)


def _lost(task, *cells):
    return frozenset(f"ps4_{task}_{cell}" for cell in cells)


MUTANTS = {
    "ps4_corrected": [
        Mutant(
            "no correction: the share that the judge reads as requested",
            _filled(_CORRECTED, TRUE="read", RESULT="np.mean(right)"),
            _lost("corrected", 1, 2, 3),
        ),
        Mutant(
            "divided by the judge's accuracy on the label, as if it never read another label as this one",
            _filled(_CORRECTED, TRUE="read / judge.diagonal()", RESULT="np.mean(right)"),
            _lost("corrected", 1, 2, 3),
        ),
        Mutant(
            "the judge's table is taken the wrong way round",
            _filled(_CORRECTED, TRUE="np.linalg.solve(judge, read.T).T", RESULT="np.mean(right)"),
            _lost("corrected", 1, 2, 3),
        ),
        Mutant(
            "every sample counts the same, not every label",
            _filled(
                _CORRECTED,
                TRUE=_SOLVED,
                RESULT="np.average(right, weights=table.sum(axis=1)[requested])",
            ),
            _lost("corrected", 2),
        ),
        Mutant(
            "a label that was never requested counts as 0",
            _filled(_CORRECTED, TRUE=_SOLVED, RESULT="np.sum(right) / len(table)"),
            _lost("corrected", 3),
        ),
    ],
    "ps4_frechet": [
        Mutant(
            "one distance for all labels together, which the deaf sampler passes",
            """
def frechet_within_labels(real, real_labels, fake, fake_labels):
    for label in np.unique(real_labels):
        if min(np.sum(real_labels == label), np.sum(fake_labels == label)) < 2:
            raise ValueError(f"label {label} has too few samples")
    widths = real.std(axis=0, ddof=1) - fake.std(axis=0, ddof=1)
    return float(np.sum((real.mean(axis=0) - fake.mean(axis=0)) ** 2) + np.sum(widths**2))
""",
            _lost("frechet", 1),
        ),
        Mutant(
            "variances are compared, not standard deviations",
            _filled(
                _FRECHET,
                LABELS="real_labels",
                REFUSE=_FEW,
                WIDTHS="np.sum((a.var(axis=0, ddof=1) - b.var(axis=0, ddof=1)) ** 2)",
            ),
            _lost("frechet", 1),
        ),
        Mutant(
            "the means alone",
            _filled(_FRECHET, LABELS="real_labels", REFUSE=_FEW, WIDTHS="0.0"),
            _lost("frechet", 1),
        ),
        Mutant(
            "labels with too few samples are passed over",
            _filled(
                _FRECHET,
                LABELS="real_labels",
                REFUSE="if min(len(a), len(b)) < 2:\n            continue",
                WIDTHS=_WIDTHS,
            ),
            _lost("frechet", 2),
        ),
        Mutant(
            "the labels that were generated are gone through: one that is never drawn is not missed",
            _filled(_FRECHET, LABELS="fake_labels", REFUSE=_FEW, WIDTHS=_WIDTHS),
            _lost("frechet", 2),
        ),
    ],
    "ps4_interval": [
        Mutant(
            "single samples are drawn, as if a new training were a new sample",
            _filled(
                _INTERVAL,
                MEANS="rng.binomial(right.size, np.mean(right), draws) / right.size",
                QUANTILES=_QUANTILES,
            ),
            _lost("interval", 1, 2),
        ),
        Mutant(
            "one run a draw: the spread of runs, not of their mean",
            _filled(
                _INTERVAL,
                MEANS="of_runs[rng.integers(0, len(of_runs), draws)]",
                QUANTILES=_QUANTILES,
            ),
            _lost("interval", 1, 2),
        ),
        Mutant(
            "runs are drawn without replacement, so every mean is the same",
            _filled(
                _INTERVAL,
                MEANS="np.array([rng.permutation(of_runs).mean() for _ in range(draws)])",
                QUANTILES=_QUANTILES,
            ),
            _lost("interval", 1, 2),
        ),
        Mutant(
            "the level is not used: always 95 %",
            _filled(_INTERVAL, MEANS=_DRAWN, QUANTILES="np.quantile(means, [0.025, 0.975])"),
            _lost("interval", 2),
        ),
        Mutant(
            "the mean and so many standard errors, always for 95 %",
            _filled(
                _INTERVAL,
                MEANS=_DRAWN,
                QUANTILES="means.mean() + np.array([-1.96, 1.96]) * means.std()",
            ),
            _lost("interval", 2),
        ),
        Mutant(
            "the lowest and the highest of all draws",
            _filled(_INTERVAL, MEANS=_DRAWN, QUANTILES="means.min(), means.max()"),
            _lost("interval", 1, 2),
        ),
    ],
    "ps4_recall": [
        Mutant(
            "the nearest neighbour of a sample is the sample itself",
            _changed(_RECALL, "[:, k]", "[:, k - 1]"),
            _lost("recall", 1, 2),
        ),
        Mutant(
            "Euclid's distance, as in lesson 05",
            _RECALL.replace(
                "np.abs(some[:, None] - samples[None]).sum(axis=2)",
                "np.linalg.norm(some[:, None] - samples[None], axis=2)",
            ),
            _lost("recall", 1),
        ),
        Mutant(
            "samples of other labels vouch as well",
            _changed(
                _changed(_RECALL, "for label in np.unique(real_labels):", "for label in (0,):"),
                "real[real_labels == label], fake[fake_labels == label]",
                "real, fake",
            ),
            _lost("recall", 2),
        ),
        Mutant(
            "everything at once",
            _changed(_RECALL, "    inside = 0", "    inside, chunk = 0, len(real) + len(fake)"),
            _lost("recall", 3),
        ),
        Mutant(
            "a last part that is not full is left out",
            _changed(
                _RECALL, "range(0, len(points), chunk)", "range(0, len(points) - chunk + 1, chunk)"
            ),
            _lost("recall", 1, 2, 3),
        ),
        Mutant(
            "the balls of the real points: coverage, not recall",
            _changed(
                _RECALL,
                "            inside += int((distances < radii).any(axis=1).sum())",
                "            own = np.sort(np.abs(some[:, None] - points[None]).sum(axis=2), axis=1)[:, k]\n"
                "            inside += int((distances < own[:, None]).any(axis=1).sum())",
            ),
            _lost("recall", 1),
        ),
    ],
    "ps4_copying": [
        Mutant(
            "compared with one half, whatever the sizes of the two sets",
            _filled(_COPYING, CAST=".astype(float)", SHARE=_HALVES, RESULT="share(samples) - 0.5"),
            _lost("copying", 1, 2, 3),
        ),
        Mutant(
            "the differences wrap around in uint8",
            _filled(_COPYING, CAST="", SHARE=_HALVES, RESULT="share(samples) - share(fresh)"),
            _lost("copying", 2, 3),
        ),
        Mutant(
            "a tie counts for the held-out set",
            _filled(
                _COPYING,
                CAST=".astype(float)",
                SHARE="np.mean(gap < 0)",
                RESULT="share(samples) - share(fresh)",
            ),
            _lost("copying", 3),
        ),
        Mutant(
            "a tie counts for the training set",
            _filled(
                _COPYING,
                CAST=".astype(float)",
                SHARE="np.mean(gap <= 0)",
                RESULT="share(samples) - share(fresh)",
            ),
            _lost("copying", 3),
        ),
        Mutant(
            "the training set is cut to the size of the other, and most copies with it",
            _changed(
                _filled(
                    _COPYING,
                    CAST=".astype(float)",
                    SHARE=_HALVES,
                    RESULT="share(samples) - share(fresh)",
                ),
                "    def nearest",
                "    training, heldout = (s[: min(len(training), len(heldout))] for s in (training, heldout))\n\n"
                "    def nearest",
            ),
            _lost("copying", 2),
        ),
    ],
}
