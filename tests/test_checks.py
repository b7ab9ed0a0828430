"""The checks of all exercises: right answers, blanks, and typical mistakes with their sentences."""

import ast
import functools
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from builds import solution

from cgan_lab import checks, objective
from cgan_lab.checks._kit import EXERCISES
from cgan_lab.checks.solutions.lesson_00 import labels_of
from cgan_lab.checks.solutions.lesson_01 import (
    alternating_step,
    generator_gradients,
    optimal_discriminator,
)
from cgan_lab.checks.solutions.lesson_03 import agreement_of_each
from cgan_lab.checks.solutions.lesson_04 import label_path as mixed
from cgan_lab.checks.solutions.lesson_04 import latent_path as arc
from cgan_lab.checks.solutions.lesson_07 import spectral_norm as power
from cgan_lab.checks.solutions.lesson_08 import verdict
from cgan_lab.checks.solutions.lesson_12 import paired

DAY = 86_400
FIGURES = ("agreement", "diversity")
ROOT = Path(__file__).resolve().parents[1]
NAMES = checks.names()
BUILDS = [name for name in NAMES if EXERCISES[name].used]  # test_builds.py has their mistakes
REPAIRS = [name for name in NAMES if "repair" in name]  # test_checks_clinic.py has their answers
relu = functools.partial(np.maximum, 0)
sigmoid = objective.sigmoid
softplus = functools.partial(np.logaddexp, 0)


def scores(features, label, directions):
    return np.sum((label @ directions) * features, axis=1)


def as_copied(label):
    """Return planes from a reshape seen in the wild: right shape and count, wrong places."""
    return np.repeat(label[:, :, None, None], 784).reshape(-1, 28, 28, 10)


def banded(label):
    """Return ten planes with one plane's number of ones, all in the first rows."""
    planes = np.zeros((len(label), 28 * 28 * 10))
    planes[:, :784] = 1
    return planes.reshape(-1, 28, 28, 10)


def shares(steps):
    return np.linspace(0, 1, steps)[:, None]


def angle(start, end):
    return np.arccos(start @ end / (np.linalg.norm(start) * np.linalg.norm(end)))


def squares(images, training, power=2):
    differences = np.abs(training.astype(float) - images[:, None])
    return np.sum(differences**power, axis=(2, 3))


def hinge(real, fake, over=np.mean):
    return over(relu(1 - real)) + over(relu(1 + fake))


def lengths(gradients):
    return np.sqrt((gradients**2).sum(axis=(1, 2, 3)))


def largest(table):
    return np.unravel_index(table.argmax(), table.shape)


def off_diagonal(table):
    return table - np.diag(table.diagonal())


def error(p, n):
    return np.sqrt(p * (1 - p) / n)


def gap_error(a, n_a, b, n_b):
    return np.hypot(error(a, n_a), error(b, n_b))


def summary(runs, count=lambda seeds: len(set(seeds)), least=3, needed=FIGURES, of=None):
    if count([run["seed"] for run in runs]) < least:
        raise ValueError("too few seeds")
    if not all(name in run for name in needed for run in runs):
        raise ValueError("a run without a figure")
    of = of or (lambda values: (np.mean(values), min(values), max(values)))
    return {name: of([run[name] for run in runs]) for name in FIGURES}


def counted(means):
    return means * np.arange(1, len(means) + 1)


RIGHT = {name: solution(name) for name in NAMES if name not in {*BUILDS, *REPAIRS}}

# exercise -> a part of the sentence -> a wrong answer that should meet it
WRONG = {
    "00.labels_of": {
        "these are letters": lambda n: np.array(list(str(n))),
        "these are floats": lambda n: labels_of(n).astype(float),
        "expected the labels": lambda n: n,
        "from right to left": lambda n: labels_of(n)[::-1],
    },
    "01.value": {
        "it is log(1 - D)": lambda r, f: np.log(r).mean() + np.log(f).mean(),
        "the second is over fakes": lambda r, f: np.log(r).mean() + np.log(1 - r).mean(),
        "the fakes are missing": lambda r, f: np.log(r).mean(),
        "added, not subtracted": lambda r, f: np.log(r).mean() - np.log(1 - f).mean(),
        "this is D's loss": lambda r, f: -np.log(r).mean() - np.log(1 - f).mean(),
        "these are sums": lambda r, f: np.log(r).sum() + np.log(1 - f).sum(),
        "has its own mean": lambda r, f: np.log(np.concatenate([r, 1 - f])).mean(),
        "was expected": lambda r, f: np.log2(r).mean() + np.log2(1 - f).mean(),
        "has shape (3,), expected ()": lambda r, f: np.log(r),
    },
    "01.optimal_discriminator": {
        "real_share does not enter": lambda p, q, s: p / (p + q),
        "the ratio of the densities; D* divides by their sum": lambda p, q, s: p / q,
        "has the shares, but D* divides by the sum": lambda p, q, s: s * p / ((1 - s) * q),
        "the example is a fake": lambda p, q, s: 1 - optimal_discriminator(p, q, s),
        "the shares are swapped": lambda p, q, s: optimal_discriminator(p, q, 1 - s),
        "q has the share 1 - real_share": lambda p, q, s: s * p / (p + q),
    },
    "01.generator_gradients": {
        "goes on to m, by w": lambda f, w, b: np.divide(generator_gradients(f, w, b), w),
        "the sign is wrong": lambda f, w, b: np.negative(generator_gradients(f, w, b)),
        "saturating first": lambda f, w, b: generator_gradients(f, w, b)[::-1],
        "sums over the fakes": lambda f, w, b: np.multiply(3, generator_gradients(f, w, b)),
        "the mean of the gradients": lambda f, w, b: generator_gradients(f.mean(), w, b),
    },
    "01.alternating_step": {
        "this is the simultaneous step": objective.bilinear_step,
        "x moved first": lambda x, y, eta: (x - eta * y, y + eta * (x - eta * y)),
        "both ascend": lambda x, y, eta: (x + eta * (y + eta * x), y + eta * x),
        "return x, then y": lambda x, y, eta: alternating_step(x, y, eta)[::-1],
        "y descends here; y is": lambda x, y, eta: (x - eta * (y - eta * x), y - eta * x),
        "the other way round": lambda x, y, eta: (x + eta * (y - eta * x), y - eta * x),
    },
    "02.count_weights": {
        "biases are missing": lambda sizes: sum(a * b for a, b in pairwise(sizes)),
        "one bias for each output": lambda sizes: sum(a * (b + 1) for a, b in pairwise(sizes)),
        "number of units": sum,
        "the last layer alone": lambda sizes: (sizes[-2] + 1) * sizes[-1],
        "[3, 2]": lambda sizes: 1_488_912,
    },
    "02.projection_logits": {
        "the label is not used": lambda f, y, w, b, v: f @ w + b,
        "whether the picture looks real at all": lambda f, y, w, b, v: scores(f, y, v),
        "the bias is missing": lambda f, y, w, b, v: f @ w + scores(f, y, v),
        "whatever the label": lambda f, y, w, b, v: f @ w + b + f @ v.sum(axis=0),
        "a row and a column for every": lambda f, y, w, b, v: f @ w + b + (y @ v) @ f.T,
        "has shape": lambda f, y, w, b, v: (f @ w + b + scores(f, y, v))[:, None],
    },
    "02.label_planes": {
        "still scrambled": as_copied,
        "the second dimension": lambda y: np.ones((len(y), 1, 28, 28)) * y[:, :, None, None],
        "label's number": lambda y: np.ones((len(y), 28, 28, 1)) * y.argmax(1)[:, None, None, None],
        "do not fill one plane": banded,
        "expected": lambda y: np.ones((len(y), 28, 28, 10)),
    },
    "03.discriminator_loss": {
        "the value V": lambda r, f: -softplus(-r).mean() - softplus(f).mean(),
        "exchanged": lambda r, f: softplus(r).mean() + softplus(-f).mean(),
        "these are sums": lambda r, f: softplus(-r).sum() + softplus(f).sum(),
        "the fakes are missing": lambda r, f: softplus(-r).mean(),
        "applied twice": lambda r, f: softplus(-sigmoid(r)).mean() + softplus(sigmoid(f)).mean(),
        "not finite": lambda r, f: np.log(1 + np.exp(-r)).mean() + np.log(1 + np.exp(f)).mean(),
    },
    "03.agreement_of_each": {
        "these are counts": lambda r, s, k: agreement_of_each(r, s, k) * np.bincount(r),
        "precision": lambda r, s, k: agreement_of_each(s, r, k),
        "all samples": lambda r, s, k: [np.mean((s == c) & (r == c)) for c in range(k)],
        "all labels together": lambda r, s, k: np.mean(r == s),
    },
    "04.style_grid": {
        "the labels alternate": lambda z, y: (np.tile(y, len(z)), np.tile(z, (len(y), 1))),
        "a a b b c c": lambda z, y: (np.repeat(y, len(z)), np.repeat(z, len(y), axis=0)),
        "a column one label": lambda z, y: (np.tile(y, len(z)), np.repeat(z, len(y), axis=0)),
        "expected two things": lambda z, y: np.repeat(y, len(z)),
        "the labels has shape": lambda z, y: (y, z),
    },
    "04.label_path": {
        "the wrong way": lambda a, b, n, k: mixed(b, a, n, k),
        "one falls": lambda a, b, n, k: shares(n) * (np.eye(k)[a] + np.eye(k)[b]),
        "asks for a 2": lambda a, b, n, k: np.eye(k)[np.linspace(a, b, n).round().astype(int)],
        "only the second": lambda a, b, n, k: shares(n) * np.eye(k)[b],
        "five numbers": lambda a, b, n, k: np.linspace(a, b, n),
    },
    "04.latent_path": {
        "straight line": lambda a, b, n: (1 - shares(n)) * a + shares(n) * b,
        "without the division": lambda a, b, n: arc(a, b, n) * np.sin(angle(a, b)),
        "the wrong way": lambda a, b, n: arc(b, a, n),
        "for a right angle": lambda a, b, n: (
            np.cos(shares(n) * np.pi / 2) * a + np.sin(shares(n) * np.pi / 2) * b
        ),
    },
    "05.samples_needed": {
        "not squared": lambda p, e: np.ceil(p * (1 - p) / e),
        "solve the formula for n": lambda p, e: np.sqrt(p * (1 - p) / e),
        "not p alone": lambda p, e: np.ceil(p / e**2),
        "no parts of samples": lambda p, e: p * (1 - p) / e**2,
        "rounded down": lambda p, e: int(p * (1 - p) / e**2),
    },
    "05.frechet_1d": {
        "the means alone": lambda a, b: (a.mean() - b.mean()) ** 2,
        "the variances are compared": lambda a, b: (
            (a.mean() - b.mean()) ** 2 + (a.var() - b.var()) ** 2
        ),
        "added, not compared": lambda a, b: (a.mean() - b.mean()) ** 2 + a.var() + b.var(),
        "leaves the Frechet distance squared": lambda a, b: np.hypot(
            a.mean() - b.mean(), a.std() - b.std()
        ),
    },
    "05.nearest_copy": {
        "uint8 wraps": lambda i, t: np.square(t - i[:, None]).sum(axis=(2, 3)).argmin(axis=1),
        "distances": lambda i, t: np.sqrt(squares(i, t).min(axis=1)),
        "farthest": lambda i, t: squares(i, t).argmax(axis=1),
    },
    "07.hinge": {
        "expected two numbers": lambda r, f: hinge(r, f),
        "signs are exchanged": lambda r, f: (hinge(-r, -f), -f.mean()),
        "without a maximum": lambda r, f: ((1 - r).mean() + (1 + f).mean(), -f.mean()),
        "these are sums": lambda r, f: (hinge(r, f, np.sum), -f.mean()),
        "the other one": lambda r, f: (hinge(r, f), f.mean()),
        "has no hinge": lambda r, f: (hinge(r, f), relu(1 - f).mean()),
    },
    "07.spectral_norm": {
        "Frobenius": lambda m, v, n: np.linalg.norm(m),
        "the square": lambda m, v, n: power(m, v, n) ** 2,
        "smallest": lambda m, v, n: np.linalg.svd(m).S[-1],
        "not by steps": lambda m, v, n: np.linalg.svd(m).S[0],
    },
    "07.gradient_penalty": {
        "whole batch": lambda g: 10 * (np.linalg.norm(g) - 1) ** 2,
        "each pixel's slope": lambda g: 10 * np.mean((np.abs(g) - 1) ** 2),
        "as R1 does": lambda g: 10 * np.mean(lengths(g) ** 2),
        "take the root first": lambda g: 10 * np.mean((lengths(g) ** 2 - 1) ** 2),
        "factor 10": lambda g: np.mean((lengths(g) - 1) ** 2),
    },
    "07.clearly_better": {
        "may well be luck": lambda new, old: max(new) > max(old),
        "one run of the old recipe beats": lambda new, old: np.mean(new) > np.mean(old),
        "no run of the old one comes near": lambda new, old: False,
        "the new recipe is worse": lambda new, old: min(new) > max(old) or len(new) == 2,
    },
    "08.confusable": {
        "take the diagonal out": largest,
        "count both ways": lambda table: largest(off_diagonal(table)),
        "expected a pair": lambda table: (table + table.T).argmax(),
        "both ways together": lambda table: np.argsort(table.diagonal())[:2],
    },
    "08.gap": {
        "their squares add": lambda a, n, b, m: (a - b, error(a, n) + error(b, m)),
        "take the root": lambda a, n, b, m: (a - b, gap_error(a, n, b, m) ** 2),
        "the second is uncertain": lambda a, n, b, m: (a - b, error(a, n)),
        "the first is uncertain": lambda a, n, b, m: (a - b, error(b, m)),
        "subtracted": lambda a, n, b, m: (a - b, abs(error(a, n) ** 2 - error(b, m) ** 2) ** 0.5),
        "first minus second": lambda a, n, b, m: (b - a, gap_error(a, n, b, m)),
        "expected two numbers": lambda a, n, b, m: (a - b) / gap_error(a, n, b, m),
    },
    "08.summary": {
        "two runs were taken": lambda runs: summary(runs, least=2),
        "three times the same seed": lambda runs: summary(runs, count=len),
        "runs without diversity": lambda runs: summary([{"diversity": 0, **run} for run in runs]),
        "says no reason": lambda runs: summary(runs, needed=()),
        "left out": lambda runs: summary([run for run in runs if run["agreement"] > 0.5]),
        "median": lambda runs: summary(runs, of=lambda v: (np.median(v), min(v), max(v))),
        "deviation": lambda runs: summary(
            runs, of=lambda v: np.mean(v) + np.std(v) * np.array([0, -1, 1])
        ),
        "the order": lambda runs: summary(runs, of=lambda v: (min(v), np.mean(v), max(v))),
        "no refusal": lambda runs: summary(runs) if len(runs) > 2 else None,
        "a dict with the keys": lambda runs: {"agreement": (0.6775, 0.1, 0.88)},
    },
    "08.verdict": {
        "a seed that failed": lambda b, a: "better" if np.mean(a) > np.mean(b) else "worse",
        "the mean rose": lambda b, a: "better" if np.mean(a) > np.mean(b) else verdict(b, a),
        "the mean fell": lambda b, a: "worse" if max(a) < max(b) else verdict(b, a),
        "a tie": lambda b, a: "better" if min(a) >= max(b) else verdict(b, a),
        "expected one of": lambda b, a: verdict(b, a).replace("undecided", "same"),
        "nothing came back": lambda b, a: None if verdict(b, a) == "undecided" else verdict(b, a),
    },
    "B.days": {
        "each epoch as one step": lambda e, n, b, r: e / r / DAY,
        "each image as one step": lambda e, n, b, r: e * n / r / DAY,
        "these are hours": lambda e, n, b, r: e * (n // b) / r / 3600,
        "these are seconds": lambda e, n, b, r: e * (n // b) / r,
        "the unfilled batch": lambda e, n, b, r: e * n / b / r / DAY,
        "multiplied by the rate": lambda e, n, b, r: e * (n // b) * r / DAY,
        "the number of days is": lambda e, n, b, r: 11.18,
    },
    "B.rescale": {
        "guessed from the picture": lambda x, a, b: 2 * (x - x.min()) / (x.max() - x.min()) - 1,
        "the article's mistake": lambda x, low, high: (x - low) / (high - low),
        "a factor of 2": lambda x, low, high: (x - low) / (high - low) - 0.5,
        "a negative": lambda x, low, high: 1 - 2 * (x - low) / (high - low),
        "`low` is not used": lambda x, low, high: 2 * x / high - 1,
    },
    "B.undo_mean": {
        "still the means": lambda means: means,
        "multiplied by n first": lambda means: np.diff(means, prepend=0.0),
        "sums of the first n": counted,
        "starts at 0": lambda means: np.diff(means * np.arange(len(means)), prepend=0.0),
        "one loss is missing": lambda means: np.diff(counted(means)),
    },
    "E.maxout": {
        "other pieces compete": lambda x, w, k: (x @ w).reshape(len(x), k, -1).max(axis=1),
        "over the units": lambda x, w, k: (x @ w).reshape(len(x), -1, k).max(axis=1),
        "these are all pieces": lambda x, w, k: x @ w,
        "one number for each example": lambda x, w, k: (x @ w).max(axis=1),
        "which piece is the largest": lambda x, w, k: (x @ w).reshape(len(x), -1, k).argmax(axis=2),
        "the mean of the pieces": lambda x, w, k: (x @ w).reshape(len(x), -1, k).mean(axis=2),
        "the smallest": lambda x, w, k: (x @ w).reshape(len(x), -1, k).min(axis=2),
        "as a ReLU does": lambda x, w, k: relu(RIGHT["E.maxout"](x, w, k)),
        "three units with two pieces": lambda x, w, k: (x @ w).reshape(len(x), -1, 3).max(axis=2),
    },
    "12.paired": {
        "expected two numbers": lambda r, f: softplus(f - r).mean(),
        "D's sign is the other one": lambda r, f: (paired(r, f)[1], paired(r, f)[1]),
        "the loss without pairs": lambda r, f: (
            softplus(-r).mean() + softplus(f).mean(),
            softplus(-f).mean(),
        ),
        "compared with every fake": lambda r, f: paired(r[:, None], f),
        "the means were subtracted first": lambda r, f: paired(r.mean(), f.mean()),
        "with the other side's mean": lambda r, f: (paired(r, f.mean())[0], paired(r.mean(), f)[1]),
        "a sum over the pairs": lambda r, f: (softplus(f - r).sum(), softplus(r - f).sum()),
        "-log is missing": lambda r, f: (sigmoid(f - r).mean(), sigmoid(r - f).mean()),
        "in front of the log": lambda r, f: tuple(np.negative(paired(r, f))),
        "Wasserstein's loss": lambda r, f: ((f - r).mean(), (r - f).mean()),
        "G has D's loss": lambda r, f: (paired(r, f)[0], paired(r, f)[0]),
        "minus D's loss, which saturates": lambda r, f: (paired(r, f)[0], -paired(r, f)[0]),
        "the partner's logit does not enter": lambda r, f: (paired(r, f)[0], softplus(-f).mean()),
        "not for logits far apart": lambda r, f: (
            np.mean(np.log1p(np.exp(f - r))),
            np.mean(np.log1p(np.exp(r - f))),
        ),
    },
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_praised(name):
    verdict = checks.check(name, RIGHT[name])
    assert repr(verdict) == f"✓ right: {EXERCISES[name].praise}"


def telling_lines(code):
    """Return what the lines of a solution compute, without spaces, those of some length."""
    (node,) = ast.parse(code).body
    lines = [ast.unparse(line) for line in getattr(node, "body", [node])]
    lines = [re.sub(r"^(return|\w+ =) |\s", "", line) for line in lines]
    return [re.sub(r"\s", "", line) for line in lines if len(line) > 12]


MISTAKES = [(name, part, answer) for name, parts in WRONG.items() for part, answer in parts.items()]


@pytest.mark.parametrize(
    ("name", "part", "answer"), MISTAKES, ids=[": ".join(m[:2]) for m in MISTAKES]
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_typical_wrong_answer_meets_its_own_sentence(name, part, answer):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and part in verdict.text, verdict
    assert verdict.text.endswith(f"For help: checks.hint('{name}').")


def test_every_exercise_has_a_right_answer_and_typical_wrong_ones_here():
    assert sorted([*RIGHT, *REPAIRS, *BUILDS]) == NAMES and RIGHT.keys() == WRONG.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_attempted(name):
    blanks = [None, ...] if name in REPAIRS else [None, ..., lambda *a: None, lambda *a: ...]
    for answer in blanks:
        assert repr(checks.check(name, answer)).startswith("… not attempted: replace the ...")


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_that_is_no_function_or_raises_is_wrong_with_the_reason(name):
    assert "expected a function, got float" in checks.check(name, 0.5).text
    verdict = checks.check(name, lambda *arguments: {}["my own mistake"])
    assert repr(verdict) == "✗ wrong: your code raised KeyError: 'my own mistake' (in its line 1)"


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_three_hints_and_a_solution_apart(name, capsys):
    for number in (1, 2, 3):
        checks.hint(name, number)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in said] == [f"Hint {n} of 3" for n in (1, 2, 3)]
    assert f"(there is another: checks.hint('{name}', 2))" in said[0]
    assert "there is another" not in said[2]
    with pytest.raises(ValueError, match="has the hints 1 to 3, not 4"):
        checks.hint(name, 4)
    exercise = EXERCISES[name]
    assert min(map(len, (exercise.idea, exercise.like, exercise.learn))) > 40
    checks.solution(name)
    code, _, learn = capsys.readouterr().out.partition("\n\nWhat to learn from it: ")
    assert code.startswith(("def ", "repair_")) and learn.strip() == exercise.learn
    said = re.sub(r"\s", "", f"{exercise.idea} {exercise.like}")
    assert [line for line in telling_lines(code) if line in said] == []  # no hint is the answer


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="no exercise '99.none'; there are 00.labels_of, 01.alter"):
        checks.check("99.none", 1)


def test_an_exercise_is_in_the_module_of_its_lesson():
    modules = {name: EXERCISES[name].inspect.__module__.rpartition("_")[2] for name in RIGHT}
    assert [name for name in RIGHT if not name.startswith(f"{modules[name].upper()}.")] == []


def test_a_check_loads_no_framework():
    heavy = "{'tensorflow', 'keras', 'torch', 'jax'}"
    code = "import sys; from cgan_lab import checks; checks.check('03.moving_average', min); "
    code += f"print(sorted({heavy} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


OTHER_RIGHT = [
    ("01.alternating_step", objective.alternating_step),
    (
        "05.frechet_1d",
        lambda a, b: (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2,
    ),
    ("05.nearest_copy", lambda images, training: squares(images, training, 1).argmin(axis=1)),
    ("08.confusable", lambda table: RIGHT["08.confusable"](table)[::-1]),
]


@pytest.mark.parametrize(("name", "answer"), OTHER_RIGHT, ids=[name for name, _ in OTHER_RIGHT])
def test_another_right_answer_is_right_too(name, answer):
    """The package's own step, either variance, either distance, a pair in either order."""
    assert checks.check(name, answer).state == "right"


def test_the_example_in_the_wild_is_wrong_as_lesson_02_shows():
    """The reshape keeps shape and count; the ones of label 3 lie in rows 8 to 11 of every plane."""
    planes = as_copied(np.eye(10)[[3]])
    assert planes.shape == (1, 28, 28, 10) and planes.sum() == 784
    rows = np.flatnonzero(planes.any(axis=(0, 2, 3)))
    assert set(rows) <= {8, 9, 10, 11}
