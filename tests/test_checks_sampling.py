"""The checks of lesson 04: the right answer, the blank one, and typical wrong ones with their own hints."""

import numpy as np
import pytest

from cgan_lab import checks


def shares(steps):
    return np.linspace(0, 1, steps)[:, None]


def arc(start, end, steps):
    angle = np.arccos(start @ end / (np.linalg.norm(start) * np.linalg.norm(end)))
    t = shares(steps)
    return (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / np.sin(angle)


def mixed(start, end, steps, classes):
    return (1 - shares(steps)) * np.eye(classes)[start] + shares(steps) * np.eye(classes)[end]


RIGHT = {
    "04.style_grid": lambda z, y: (np.repeat(y, len(z)), np.tile(z, (len(y), 1))),
    "04.label_path": mixed,
    "04.latent_path": arc,
}

WRONG = [
    ("04.style_grid", lambda z, y: (np.tile(y, len(z)), np.tile(z, (len(y), 1))), "the labels alternate"),
    ("04.style_grid", lambda z, y: (np.repeat(y, len(z)), np.repeat(z, len(y), axis=0)), "a a b b c c"),
    ("04.style_grid", lambda z, y: (np.tile(y, len(z)), np.repeat(z, len(y), axis=0)), "a column a label"),
    ("04.style_grid", lambda z, y: np.repeat(y, len(z)), "expected two things"),
    ("04.style_grid", lambda z, y: (y, z), "the labels has shape"),
    ("04.label_path", lambda a, b, n, k: mixed(b, a, n, k), "the wrong way"),
    ("04.label_path", lambda a, b, n, k: shares(n) * (np.eye(k)[a] + np.eye(k)[b]), "one falls"),
    ("04.label_path", lambda a, b, n, k: np.eye(k)[np.linspace(a, b, n).round().astype(int)], "asks for a 2"),
    ("04.label_path", lambda a, b, n, k: shares(n) * np.eye(k)[b], "only the second"),
    ("04.label_path", lambda a, b, n, k: np.linspace(a, b, n), "five numbers"),
    ("04.latent_path", lambda a, b, n: (1 - shares(n)) * a + shares(n) * b, "straight line"),
    ("04.latent_path", lambda a, b, n: arc(b, a, n), "the wrong way"),
    (
        "04.latent_path",
        lambda a, b, n: np.cos(shares(n) * np.pi / 2) * a + np.sin(shares(n) * np.pi / 2) * b,
        "at a right angle",
    ),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text and f"checks.hint('{name}')" in verdict.text
