"""The checks of lesson 05: the right answer, the blank one, and typical wrong ones with their own hints."""

import numpy as np
import pytest

from cgan_lab import checks


def nearest(images, training, power=2):
    flat = [np.sum(np.abs(training.astype(float) - image) ** power, axis=(1, 2)) for image in images]
    return np.argmin(flat, axis=1)


RIGHT = {
    "05.samples_needed": lambda p, e: int(np.ceil(p * (1 - p) / e**2)),
    "05.frechet_1d": lambda a, b: (a.mean() - b.mean()) ** 2 + (a.std() - b.std()) ** 2,
    "05.precision": lambda d, r: np.mean(np.any(d < r[:, None], axis=0)),
    "05.nearest_copy": nearest,
}

WRONG = [
    ("05.samples_needed", lambda p, e: np.ceil(p * (1 - p) / e), "not squared"),
    ("05.samples_needed", lambda p, e: np.sqrt(p * (1 - p) / e), "solve the formula for n"),
    ("05.samples_needed", lambda p, e: np.ceil(p / e**2), "not p alone"),
    ("05.samples_needed", lambda p, e: p * (1 - p) / e**2, "no parts of samples"),
    ("05.samples_needed", lambda p, e: int(p * (1 - p) / e**2), "rounded down"),
    ("05.frechet_1d", lambda a, b: (a.mean() - b.mean()) ** 2, "the means alone"),
    ("05.frechet_1d", lambda a, b: (a.mean() - b.mean()) ** 2 + (a.var() - b.var()) ** 2, "the variances are compared"),
    ("05.frechet_1d", lambda a, b: (a.mean() - b.mean()) ** 2 + a.var() + b.var(), "added, not compared"),
    ("05.frechet_1d", lambda a, b: np.hypot(a.mean() - b.mean(), a.std() - b.std()), "left squared"),
    ("05.precision", lambda d, r: np.mean(np.any(d < r[:, None], axis=1)), "coverage"),
    ("05.precision", lambda d, r: np.mean(np.all(d < r[:, None], axis=0)), "one is enough"),
    ("05.precision", lambda d, r: np.mean(d < r[:, None]), "share of pairs"),
    ("05.precision", lambda d, r: np.mean(np.sum(d < r[:, None], axis=0)), "that is density"),
    ("05.nearest_copy", lambda i, t: [np.argmin([np.square(a - b).sum() for b in t]) for a in i], "uint8 wraps"),
    ("05.nearest_copy", lambda i, t: [np.sqrt(((t.astype(float) - a) ** 2).sum((1, 2))).min() for a in i], "distances"),
    ("05.nearest_copy", lambda i, t: [((t.astype(float) - a) ** 2).sum((1, 2)).argmax() for a in i], "farthest"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"


def test_either_variance_and_either_distance_will_do():
    unbiased = checks.check(
        "05.frechet_1d", lambda a, b: (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    )
    assert unbiased.state == "right"
    assert checks.check("05.nearest_copy", lambda images, training: nearest(images, training, 1)).state == "right"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text and f"checks.hint('{name}')" in verdict.text
