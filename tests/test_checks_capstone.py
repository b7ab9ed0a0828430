"""The checks of lesson 08: the right answer, the blank one, and typical wrong ones with their own hints."""

import numpy as np
import pytest

from cgan_lab import checks
from cgan_lab.checks._kit import EXERCISES

NAMES = ("agreement", "diversity")


def confusable(table):
    both = table + table.T
    np.fill_diagonal(both, 0)
    return np.unravel_index(both.argmax(), both.shape)


def largest(table):
    return np.unravel_index(table.argmax(), table.shape)


def gap(a, n_a, b, n_b):
    return a - b, np.sqrt(a * (1 - a) / n_a + b * (1 - b) / n_b)


def error(p, n):
    return np.sqrt(p * (1 - p) / n)


def summary(runs, seeds=lambda runs: {run["seed"] for run in runs}, least=3, told=ValueError, of=None):
    if len(seeds(runs)) < least:
        raise ValueError("too few seeds")
    if not all("diversity" in run for run in runs):
        raise told("diversity is missing")
    of = of or (lambda values: (np.mean(values), min(values), max(values)))
    return {name: of([run.get(name, 0.0) for run in runs]) for name in NAMES}


def undemanding(runs):
    return {name: (np.mean(v), min(v), max(v)) for name in NAMES for v in [[run.get(name, 0.0) for run in runs]]}


def verdict(before, after):
    if min(after) > max(before):
        return "better"
    return "worse" if max(after) < min(before) else "undecided"


def by_mean(before, after):
    return "better" if np.mean(after) > np.mean(before) else "worse"


def without_diversity(runs):
    if len({run["seed"] for run in runs}) < 3:
        raise ValueError("too few seeds")
    return undemanding(runs)


RIGHT = {"08.confusable": confusable, "08.gap": gap, "08.summary": summary, "08.verdict": verdict}

WRONG = [
    ("08.confusable", largest, "take the diagonal out"),
    ("08.confusable", lambda t: largest(t - np.diag(t.diagonal())), "in both ways"),
    ("08.confusable", lambda t: (t + t.T).argmax(), "expected a pair"),
    ("08.confusable", lambda t: np.argsort(t.diagonal())[:2], "both ways together"),
    ("08.gap", lambda a, n, b, m: (a - b, error(a, n) + error(b, m)), "squares that add"),
    ("08.gap", lambda a, n, b, m: (a - b, error(a, n) ** 2 + error(b, m) ** 2), "take the root"),
    ("08.gap", lambda a, n, b, m: (a - b, error(a, n)), "the second is uncertain"),
    ("08.gap", lambda a, n, b, m: (a - b, error(b, m)), "the first is uncertain"),
    ("08.gap", lambda a, n, b, m: (a - b, abs(error(a, n) ** 2 - error(b, m) ** 2) ** 0.5), "subtracted"),
    ("08.gap", lambda a, n, b, m: (b - a, gap(a, n, b, m)[1]), "first minus second"),
    ("08.gap", lambda a, n, b, m: (a - b) / gap(a, n, b, m)[1], "expected two numbers"),
    ("08.summary", lambda runs: summary(runs, least=2), "two runs were taken"),
    ("08.summary", lambda runs: summary(runs, seeds=lambda runs: runs), "three times the same seed"),
    ("08.summary", without_diversity, "runs without diversity"),
    ("08.summary", lambda runs: summary(runs, told=KeyError), "does not say why"),
    ("08.summary", lambda runs: summary([run for run in runs if run["agreement"] > 0.5]), "left out"),
    ("08.summary", lambda runs: summary(runs, of=lambda v: (np.median(v), min(v), max(v))), "median"),
    ("08.summary", lambda runs: summary(runs, of=lambda v: np.mean(v) + np.std(v) * np.array([0, -1, 1])), "deviation"),
    ("08.summary", lambda runs: summary(runs, of=lambda v: (min(v), np.mean(v), max(v))), "the order"),
    ("08.summary", lambda runs: summary(runs) if len(runs) > 2 else None, "no refusal"),
    ("08.verdict", by_mean, "the runs overlap"),
    ("08.verdict", lambda b, a: "better" if max(a) > max(b) else "worse", "the runs overlap"),
    ("08.verdict", lambda b, a: verdict(b, sorted(a)[1:]), "a seed that failed"),
    ("08.verdict", lambda b, a: "better" if min(a) >= max(b) else verdict(b, a), "a tie"),
    ("08.verdict", lambda b, a: verdict(b, a).replace("undecided", "same"), "expected one of"),
    ("08.verdict", lambda b, a: {"undecided": None}.get(verdict(b, a), verdict(b, a)), "nothing came back"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"
    assert checks.check(name, ...).state == "not attempted"
    assert len(EXERCISES[name].hints) == 3


def test_a_pair_may_come_in_either_order():
    assert checks.check("08.confusable", lambda table: confusable(table)[::-1]).state == "right"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text and f"checks.hint('{name}')" in verdict.text
