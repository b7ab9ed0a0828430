"""The checks of lesson 08. Registered by `checks`; holds answers, trains nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, blank, call, close, exercise, unless


@exercise(
    "08.confusable",
    praise="two kinds of clothes that are taken for each other most often; look at their pictures side by side.",
    hints=(
        "a pair is confused in two ways, so its count is table[i, j] + table[j, i].",
        "add the table to its transpose, and np.fill_diagonal(both, 0): what is right is no confusion.",
        "np.unravel_index(both.argmax(), both.shape) turns the place of the largest into (row, column).",
    ),
)
def _confusable(answer):
    one_way = np.array([[90, 6, 4, 0], [6, 80, 1, 13], [12, 0, 88, 0], [2, 0, 0, 98]])
    halves = np.array([[80, 9, 11], [8, 92, 0], [0, 10, 90]])
    for table, want in ((one_way, (0, 2)), (halves, (0, 1))):
        got = np.asarray(call(answer, table.copy()))
        if got.shape != (2,):
            raise Wrong(f"expected a pair of classes, got {got.tolist()}: np.unravel_index turns a place into (i, j).")
        if got[0] == got[1]:
            raise Wrong(f"{got[0]} read as {got[0]} is right, and no confusion: take the diagonal out.")
        alone = table - np.diag(table.diagonal())
        if sorted(got) != list(want) and alone[tuple(got)] == alone.max():
            raise Wrong(
                f"{got[0]} is read as {got[1]} most often, but a pair is confused in both ways: add the table to its "
                "transpose."
            )
        if sorted(got) != list(want):
            both = table + table.T
            raise Wrong(
                f"{tuple(got.tolist())} are confused {both[tuple(got)]} times, {want} are {both[want]} times, both "
                "ways together."
            )


@exercise(
    "08.gap",
    praise="a difference of less than two of its errors says nothing yet.",
    hints=(
        "each share has its standard error, sqrt(p (1 - p) / n), with its own n.",
        "errors of independent figures add as squares: sqrt(first ** 2 + second ** 2).",
        "return a - b, np.sqrt(a * (1 - a) / n_a + b * (1 - b) / n_b).",
    ),
)
def _gap(answer):
    for a, n_a, b, n_b in ((0.9268, 10_000, 0.9295, 2_000), (0.86, 10_000, 0.70, 500)):
        got = np.asarray(call(answer, a, n_a, b, n_b), float)
        if got.shape != (2,):
            raise Wrong(f"expected two numbers, the difference and its standard error, got {got.tolist()}.")
        close(abs(got[0]), abs(a - b), "the size of the difference")
        if np.sign(got[0]) != np.sign(a - b):
            raise Wrong("the difference is first minus second, so that above 0 means that the first is better.")
        v_a, v_b = a * (1 - a) / n_a, b * (1 - b) / n_b
        mistakes = {
            "the errors are added; they are independent, so it is their squares that add.": v_a**0.5 + v_b**0.5,
            "this is the variance: take the root.": v_a + v_b,
            "this is the error of the first share alone; the second is uncertain as well.": v_a**0.5,
            "this is the error of the second share alone; the first is uncertain as well.": v_b**0.5,
            "the errors are subtracted; a difference is less certain than either of its shares.": abs(v_a - v_b) ** 0.5,
        }
        unless(got[1], mistakes)
        close(got[1], np.sqrt(v_a + v_b), "the standard error", tolerance=1e-7)


FIGURES = ("agreement", "diversity")


@exercise(
    "08.summary",
    praise="and it refuses what no report should state.",
    hints=(
        "refuse first: if len({run['seed'] for run in runs}) < 3, raise a ValueError that says so.",
        "the same for a run that has no 'diversity' in it: a ValueError with a sentence, not a bare KeyError.",
        "values = [run[name] for run in runs]; then (np.mean(values), min(values), max(values)) for each name.",
    ),
)
def _summary(answer):
    shares, spreads = (0.86, 0.10, 0.88, 0.87), (0.89, 0.03, 0.91, 0.88)
    runs = [
        {"seed": seed, "agreement": share, "diversity": spread, "repeated": 0}
        for seed, (share, spread) in enumerate(zip(shares, spreads, strict=True))
    ]
    got = call(answer, [dict(run) for run in runs])
    if not isinstance(got, dict) or set(got) != set(FIGURES):
        raise Wrong(f"expected a dict with the keys agreement and diversity, got {got!r}.")
    for name in FIGURES:
        values, found = np.array([run[name] for run in runs]), np.asarray(got[name], float)
        kept = np.delete(values, 1)
        mistakes = {
            "the seed that failed is left out; a report holds all runs.": (kept.mean(), kept.min(), kept.max()),
            "this is the median, which hides the seed that failed.": (np.median(values), values.min(), values.max()),
            "mean and deviation; with few seeds, show the lowest and the highest themselves.": (
                values.mean(),
                values.mean() - values.std(),
                values.mean() + values.std(),
            ),
            "the order is mean, lowest, highest.": (values.min(), values.mean(), values.max()),
        }
        unless(found, mistakes)
        close(found, (values.mean(), values.min(), values.max()), f"{name} as (mean, lowest, highest)")
    _refuses(answer, runs[:2], "two runs were taken; three is the least that shows a spread.")
    _refuses(answer, [runs[0]] * 3, "three times the same seed is one run: count different seeds.")
    bare = [{key: value for key, value in run.items() if key != "diversity"} for run in runs]
    _refuses(answer, bare, "runs without diversity were taken; agreement alone is full marks for one picture a label.")


def _refuses(answer, runs, why):
    try:
        found = answer(runs)
    except ValueError:
        return
    except KeyError as error:
        raise Wrong(
            f"a KeyError {error} stops it, and does not say why: raise a ValueError with a sentence."
        ) from error
    if blank(found):
        raise Wrong(f"{why} Raise a ValueError; to return nothing is no refusal.")
    raise Wrong(why)


VERDICTS = ("better", "worse", "undecided")


@exercise(
    "08.verdict",
    praise="a rule that was written down before the runs; now keep to it.",
    hints=(
        "only lists that do not overlap count: every run of one above every run of the other.",
        "better means that the lowest of after is above the highest of before.",
        "if min(after) > max(before): better; if max(after) < min(before): worse; else undecided.",
    ),
)
def _verdict(answer):
    cases = (
        ((0.85, 0.86, 0.87), (0.88, 0.90, 0.89), "better", "all runs after are above all runs before."),
        ((0.85, 0.86, 0.87), (0.80, 0.84, 0.82), "worse", "all runs after are below all runs before."),
        (
            (0.85, 0.86, 0.87),
            (0.10, 0.93, 0.92),
            "undecided",
            "the runs overlap; a seed that failed counts like others.",
        ),
        ((0.87, 0.85, 0.86), (0.90, 0.86, 0.92), "undecided", "the mean rose, but the runs overlap."),
        ((0.85, 0.86, 0.87), (0.86, 0.84, 0.85), "undecided", "the mean fell, but the runs overlap."),
        ((0.85, 0.86, 0.87), (0.87, 0.88, 0.89), "undecided", "a tie is no difference: above means above."),
    )
    call(answer, *cases[0][:2])  # a blank answer ends here
    for before, after, want, why in cases:
        got = answer(list(before), list(after))
        if blank(got):
            raise Wrong(f"nothing came back for before {before}, after {after}: say 'undecided'.")
        if got not in VERDICTS:
            raise Wrong(f"got {got!r}, expected one of {', '.join(map(repr, VERDICTS))}.")
        if got != want:
            raise Wrong(f"before {before}, after {after} was called {got!r}: {why}")
