"""The checks of lesson 02: the right answer, the blank one, and typical wrong ones with their own sentences."""

import numpy as np
import pytest

from cgan_lab import checks


def pairs(sizes):
    return list(zip(sizes, sizes[1:], strict=False))


def scores(features, label, directions):
    return np.sum((label @ directions) * features, axis=1)


def as_copied(label):
    return np.repeat(label[:, :, None, None], 784).reshape(-1, 28, 28, 10)


def banded(label):
    """Ten planes with one row of 784 ones too early: the count is right and the place is not."""
    planes = np.zeros((len(label), 28 * 28 * 10))
    planes[:, :784] = 1
    return planes.reshape(-1, 28, 28, 10)


RIGHT = {
    "02.count_weights": lambda sizes: sum(a * b + b for a, b in pairs(sizes)),
    "02.projection_logits": lambda f, y, w, b, v: f @ w + b + scores(f, y, v),
    "02.label_planes": lambda y: np.ones((len(y), 28, 28, 1)) * y[:, None, None, :],
}

WRONG = [
    ("02.count_weights", lambda sizes: sum(a * b for a, b in pairs(sizes)), "biases are missing"),
    ("02.count_weights", lambda sizes: sum(a * (b + 1) for a, b in pairs(sizes)), "one bias for each unit"),
    ("02.count_weights", lambda sizes: sum(sizes), "number of units"),
    ("02.count_weights", lambda sizes: (sizes[-2] + 1) * sizes[-1], "the last layer alone"),
    ("02.count_weights", lambda sizes: 1_488_912, "[3, 2]"),
    ("02.projection_logits", lambda f, y, w, b, v: f @ w + b, "the label is not used"),
    ("02.projection_logits", lambda f, y, w, b, v: scores(f, y, v), "whether the picture looks real at all"),
    ("02.projection_logits", lambda f, y, w, b, v: f @ w + scores(f, y, v), "the bias is missing"),
    ("02.projection_logits", lambda f, y, w, b, v: f @ w + b + f @ v.sum(axis=0), "whatever the label"),
    ("02.projection_logits", lambda f, y, w, b, v: f @ w + b + (y @ v) @ f.T, "a row and a column for every picture"),
    ("02.projection_logits", lambda f, y, w, b, v: (f @ w + b + scores(f, y, v))[:, None], "has shape"),
    ("02.label_planes", as_copied, "still scrambled"),
    ("02.label_planes", lambda y: np.ones((len(y), 1, 28, 28)) * y[:, :, None, None], "classes stand second"),
    ("02.label_planes", lambda y: np.ones((len(y), 28, 28, 1)) * y.argmax(1)[:, None, None, None], "label's number"),
    ("02.label_planes", banded, "do not fill one plane"),
    ("02.label_planes", lambda y: np.ones((len(y), 28, 28, 10)), "expected"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text


def test_the_example_in_the_wild_is_wrong_as_the_lesson_shows():
    """The copied reshape keeps shape and count; its ones lie in rows 8 to 11 of every plane for the label 3."""
    planes = as_copied(np.eye(10)[[3]])
    assert planes.shape == (1, 28, 28, 10) and planes.sum() == 784
    rows = [set(np.flatnonzero(planes[0, :, :, c].any(axis=1))) for c in range(10)]
    assert all(found <= {8, 9, 10, 11} for found in rows)
