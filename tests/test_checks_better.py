"""The checks of lesson 07: the right answer, the blank one, and typical wrong ones with their own hints."""

import numpy as np
import pytest

from cgan_lab import checks


def relu(x):
    return np.maximum(0, x)


def normal(v):
    return v / np.linalg.norm(v)


def power(matrix, v, steps):
    for _ in range(steps):
        u = normal(matrix @ v)
        v = normal(matrix.T @ u)
    return u @ matrix @ v


def lengths(g):
    return np.sqrt((g**2).sum(axis=(1, 2, 3)))


RIGHT = {
    "07.hinge": lambda real, fake: (relu(1 - real).mean() + relu(1 + fake).mean(), -fake.mean()),
    "07.spectral_norm": power,
    "07.gradient_penalty": lambda g: 10 * np.mean((lengths(g) - 1) ** 2),
    "07.clearly_better": lambda new, old: min(new) > max(old),
}

WRONG = [
    ("07.hinge", lambda r, f: relu(1 - r).mean(), "expected two numbers"),
    ("07.hinge", lambda r, f: (relu(1 + r).mean() + relu(1 - f).mean(), -f.mean()), "signs are exchanged"),
    ("07.hinge", lambda r, f: ((1 - r).mean() + (1 + f).mean(), -f.mean()), "without the maximum"),
    ("07.hinge", lambda r, f: (relu(1 - r).sum() + relu(1 + f).sum(), -f.mean()), "these are sums"),
    ("07.hinge", lambda r, f: (relu(1 - r).mean() + relu(1 + f).mean(), f.mean()), "the other one"),
    ("07.hinge", lambda r, f: (relu(1 - r).mean() + relu(1 + f).mean(), relu(1 - f).mean()), "has no hinge"),
    ("07.spectral_norm", lambda m, v, n: np.linalg.norm(m), "Frobenius"),
    ("07.spectral_norm", lambda m, v, n: power(m, v, n) ** 2, "the square"),
    ("07.spectral_norm", lambda m, v, n: np.linalg.svd(m, compute_uv=False)[-1], "smallest"),
    ("07.spectral_norm", lambda m, v, n: np.linalg.svd(m, compute_uv=False)[0], "not by steps"),
    ("07.gradient_penalty", lambda g: 10 * (np.linalg.norm(g) - 1) ** 2, "whole batch"),
    ("07.gradient_penalty", lambda g: 10 * np.mean((np.abs(g) - 1) ** 2), "each pixel's slope"),
    ("07.gradient_penalty", lambda g: 10 * np.mean(lengths(g) ** 2), "as R1 does"),
    ("07.gradient_penalty", lambda g: 10 * np.mean((lengths(g) ** 2 - 1) ** 2), "take the root first"),
    ("07.gradient_penalty", lambda g: np.mean((lengths(g) - 1) ** 2), "factor 10"),
    ("07.clearly_better", lambda new, old: max(new) > max(old), "luck until shown otherwise"),
    ("07.clearly_better", lambda new, old: np.mean(new) > np.mean(old), "one run of the old recipe beats"),
    ("07.clearly_better", lambda new, old: False, "no run of the old one comes near"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text, verdict
