"""The checks of lesson 08. They train nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, blank, call, close, exercise, unless

FIGURES = ("agreement", "diversity")
VERDICTS = ("better", "worse", "undecided")


@exercise(
    "08.confusable",
    "two classes that are taken for each other most often; look at their pictures side by side.",
    idea="a pair is confused in two ways, so its count is table[i, j] + table[j, i]. Add the table to its transpose; np.fill_diagonal(both, 0), since right is no confusion.",
    like="",
    learn="",
)
def _confusable(answer):
    one_way = np.array([[90, 6, 4, 0], [6, 80, 1, 13], [12, 0, 88, 0], [2, 0, 0, 98]])
    halves = np.array([[80, 9, 11], [8, 92, 0], [0, 10, 90]])
    for table, want in ((one_way, (0, 2)), (halves, (0, 1))):
        got = np.asarray(call(answer, table))
        if got.shape != (2,):
            raise Wrong(f"expected a pair of classes, got {got.tolist()}: see np.unravel_index.")
        i, j = got.tolist()
        if i == j:
            raise Wrong(f"{i} read as {i} is right, and no confusion: take the diagonal out.")
        if sorted(got) == list(want):
            continue
        both = table + table.T
        if table[i, j] == (table - np.diag(table.diagonal())).max():
            raise Wrong(f"{i} is most often read as {j}; count both ways: add the transpose.")
        counts = f"{i, j} are confused {both[i, j]} times, {want} are {both[want]} times"
        raise Wrong(f"{counts}, both ways together.")


@exercise(
    "08.gap",
    "a difference of less than two of its errors says nothing yet.",
    idea="each share has its standard error, sqrt(p (1 - p) / n), with its own n. Errors of independent figures add as squares: sqrt(first ** 2 + second ** 2).",
    like="",
    learn="",
)
def _gap(answer):
    for a, n_a, b, n_b in ((0.9268, 10_000, 0.9295, 2_000), (0.86, 10_000, 0.70, 500)):
        got = np.asarray(call(answer, a, n_a, b, n_b), float)
        if got.shape != (2,):
            raise Wrong(f"expected two numbers, difference and error, got {got.tolist()}.")
        close(abs(got[0]), abs(a - b), "the size of the difference")
        if np.sign(got[0]) != np.sign(a - b):
            raise Wrong("it is first minus second, so above 0 means that the first is better.")
        v_a, v_b = a * (1 - a) / n_a, b * (1 - b) / n_b
        added = v_a**0.5 + v_b**0.5
        subtracted = abs(v_a - v_b) ** 0.5
        mistakes = {
            "the errors are added; they are independent, so their squares add.": added,
            "this is the variance: take the root.": v_a + v_b,
            "this is the first share's error alone; the second is uncertain as well.": v_a**0.5,
            "this is the second share's error alone; the first is uncertain as well.": v_b**0.5,
            "the errors are subtracted; a difference is less certain than its parts.": subtracted,
        }
        unless(got[1], mistakes)
        close(got[1], np.sqrt(v_a + v_b), "the standard error", tolerance=1e-7)


@exercise(
    "08.summary",
    "and it refuses what no report should state.",
    idea="refuse first: if len({run['seed'] for run in runs}) < 3, raise a ValueError that says so. The same for a run without 'diversity': a ValueError with a sentence, not a bare KeyError.",
    like="",
    learn="",
)
def _summary(answer):
    shares, spreads = (0.86, 0.10, 0.88, 0.87), (0.89, 0.03, 0.91, 0.88)
    runs = [
        {"seed": seed, "agreement": share, "diversity": spread, "repeated": 0}
        for seed, (share, spread) in enumerate(zip(shares, spreads, strict=True))
    ]
    got = call(answer, runs)
    if not isinstance(got, dict) or set(got) != set(FIGURES):
        raise Wrong(f"expected a dict with the keys agreement and diversity, got {got!r}.")
    for name in FIGURES:
        values = np.array([run[name] for run in runs])
        good = np.delete(values, 1)
        kept = good.mean(), good.min(), good.max()
        mean, low, high, std = values.mean(), values.min(), values.max(), values.std()
        deviation = mean, mean - std, mean + std
        mistakes = {
            "the seed that failed is left out; a report holds all runs.": kept,
            "this is the median, which hides the seed that failed.": (np.median(values), low, high),
            "mean and deviation; for few seeds, show the lowest and the highest.": deviation,
            "the order is mean, lowest, highest.": (low, mean, high),
        }
        unless(got[name], mistakes)
        close(got[name], (mean, low, high), f"{name} as (mean, lowest, highest)")
    bare = [{key: run[key] for key in run if key != "diversity"} for run in runs]
    refusals = (
        (runs[:2], "two runs were taken; three is the least that shows a spread."),
        (runs[:1] * 3, "three times the same seed is one run: count different seeds."),
        (bare, "runs without diversity were taken; one picture per label gets full agreement."),
    )
    for refused, why in refusals:
        _refuses(answer, refused, why)


def _refuses(answer, runs, why):
    try:
        found = answer(runs)
    except ValueError:
        return
    except KeyError as error:
        raise Wrong(f"a KeyError {error} says no reason: raise a ValueError that does.") from error
    if blank(found):
        raise Wrong(f"{why} Raise a ValueError; returning nothing is no refusal.")
    raise Wrong(why)


@exercise(
    "08.verdict",
    "a rule that was written down before the runs; now keep to it.",
    idea="only lists that do not overlap count: every run of one above every run of the other. Better means that the lowest of after is above the highest of before.",
    like="",
    learn="",
)
def _verdict(answer):
    usual = [0.85, 0.86, 0.87]
    fails = "the runs overlap; a seed that failed counts like others."
    cases = (
        (usual, [0.88, 0.90, 0.89], "better", "all runs after are above all runs before."),
        (usual, [0.80, 0.84, 0.82], "worse", "all runs after are below all runs before."),
        (usual, [0.10, 0.93, 0.92], "undecided", fails),
        (usual, [0.90, 0.86, 0.92], "undecided", "the mean rose, but the runs overlap."),
        (usual, [0.86, 0.84, 0.85], "undecided", "the mean fell, but the runs overlap."),
        (usual, [0.87, 0.88, 0.89], "undecided", "a tie is no difference: above means above."),
    )
    call(answer, *cases[0][:2])  # an answer that is blank here has not been attempted
    for before, after, want, why in cases:
        got = answer(list(before), list(after))
        if blank(got):
            raise Wrong(f"nothing came back for before {before}, after {after}: say 'undecided'.")
        if got not in VERDICTS:
            raise Wrong(f"got {got!r}, expected one of {', '.join(map(repr, VERDICTS))}.")
        if got != want:
            raise Wrong(f"before {before}, after {after} was called {got!r}: {why}")
