"""The checks of appendix B: the right answer, the blank one, and typical wrong ones with their own sentences."""

import numpy as np
import pytest

from cgan_lab import checks

DAY = 86_400


def counted(means):
    return means * np.arange(1, len(means) + 1)


RIGHT = {
    "B.days": lambda epochs, images, batch, rate: epochs * (images // batch) / rate / DAY,
    "B.rescale": lambda x, low, high: 2 * (x - low) / (high - low) - 1,
    "B.undo_mean": lambda means: np.diff(counted(means), prepend=0.0),
}

WRONG = [
    ("B.days", lambda e, n, b, r: e / r / DAY, "each epoch for a single step"),
    ("B.days", lambda e, n, b, r: e * n / r / DAY, "each image for a step"),
    ("B.days", lambda e, n, b, r: e * (n // b) / r / 3600, "these are hours"),
    ("B.days", lambda e, n, b, r: e * (n // b) / r, "these are seconds"),
    ("B.days", lambda e, n, b, r: e * n / b / r / DAY, "unfilled batch"),
    ("B.days", lambda e, n, b, r: e * (n // b) * r / DAY, "multiplied by the rate"),
    ("B.days", lambda e, n, b, r: 11.18, "the number of days is"),
    ("B.rescale", lambda x, low, high: 2 * (x - x.min()) / (x.max() - x.min()) - 1, "guessed from the picture"),
    ("B.rescale", lambda x, low, high: (x - low) / (high - low), "the article's fault"),
    ("B.rescale", lambda x, low, high: (x - low) / (high - low) - 0.5, "a factor of 2"),
    ("B.rescale", lambda x, low, high: 1 - 2 * (x - low) / (high - low), "a negative"),
    ("B.rescale", lambda x, low, high: 2 * x / high - 1, "`low` is not used"),
    ("B.undo_mean", lambda means: means, "still the means"),
    ("B.undo_mean", lambda means: np.diff(means, prepend=0.0), "multiplied by n first"),
    ("B.undo_mean", counted, "sums of the first n"),
    ("B.undo_mean", lambda means: np.diff(means * np.arange(len(means)), prepend=0.0), "starts at 0"),
    ("B.undo_mean", lambda means: np.diff(counted(means)), "one loss is missing"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"
    assert checks.check(name, None).state == "not attempted"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text and f"checks.hint('{name}')" in verdict.text
