"""Claims about lesson 01's exercises: right passes, a blank is not attempted, each mistake meets its own words."""

import numpy as np
import pytest

from cgan_lab import checks, objective

NAMES = ["01.value", "01.optimal_discriminator", "01.generator_gradients", "01.alternating_step"]


def value(d_real, d_fake):
    return np.log(d_real).mean() + np.log(1 - d_fake).mean()


def optimal_discriminator(p, q, real_share):
    return real_share * p / (real_share * p + (1 - real_share) * q)


def generator_gradients(fakes, w, b):
    d = 1 / (1 + np.exp(-(w * fakes + b)))
    return (-d * w).mean(), (-(1 - d) * w).mean()


def alternating_step(x, y, eta):
    y = y + eta * x
    x = x - eta * y
    return x, y


RIGHT = dict(zip(NAMES, (value, optimal_discriminator, generator_gradients, alternating_step), strict=True))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


MISTAKES = [
    ("01.value", lambda r, f: np.log(r).mean() + np.log(f).mean(), "it is log(1 - D)"),
    ("01.value", lambda r, f: np.log(r).mean() + np.log(1 - r).mean(), "the second is over fakes"),
    ("01.value", lambda r, f: np.log(r).mean(), "the fakes are missing"),
    ("01.value", lambda r, f: np.log(r).mean() - np.log(1 - f).mean(), "added, not subtracted"),
    ("01.value", lambda r, f: -value(r, f), "this is D's loss"),
    ("01.value", lambda r, f: np.log(r).sum() + np.log(1 - f).sum(), "these are sums"),
    ("01.value", lambda r, f: np.log(np.concatenate([r, 1 - f])).mean(), "each expectation has its own mean"),
    ("01.value", lambda r, f: np.log2(r).mean() + np.log2(1 - f).mean(), "was expected"),
    ("01.value", lambda r, f: np.log(r), "has shape (3,), expected ()"),
    ("01.optimal_discriminator", lambda p, q, s: p / (p + q), "real_share does not enter"),
    ("01.optimal_discriminator", lambda p, q, s: p / q, "D* divides by their sum"),
    ("01.optimal_discriminator", lambda p, q, s: s * p / ((1 - s) * q), "D* divides by their sum"),
    (
        "01.optimal_discriminator",
        lambda p, q, s: 1 - optimal_discriminator(p, q, s),
        "how likely the example is a fake",
    ),
    ("01.optimal_discriminator", lambda p, q, s: optimal_discriminator(p, q, 1 - s), "the shares are swapped"),
    ("01.optimal_discriminator", lambda p, q, s: s * p / (p + q), "q has the share 1 - real_share"),
    ("01.generator_gradients", lambda f, w, b: np.array(generator_gradients(f, w, b)) / w, "goes on to m, by w"),
    ("01.generator_gradients", lambda f, w, b: -np.array(generator_gradients(f, w, b)), "the sign is turned"),
    ("01.generator_gradients", lambda f, w, b: generator_gradients(f, w, b)[::-1], "saturating first"),
    ("01.generator_gradients", lambda f, w, b: 3 * np.array(generator_gradients(f, w, b)), "sums over the fakes"),
    (
        "01.generator_gradients",
        lambda f, w, b: (-w * sigmoid(w * f.mean() + b), -w * sigmoid(-w * f.mean() - b)),
        "take the mean of the gradients",
    ),
    ("01.alternating_step", objective.bilinear_step, "this is the simultaneous step"),
    ("01.alternating_step", lambda x, y, eta: (x - eta * y, y + eta * (x - eta * y)), "x moved first"),
    ("01.alternating_step", lambda x, y, eta: (x + eta * (y + eta * x), y + eta * x), "both ascend"),
    ("01.alternating_step", lambda x, y, eta: alternating_step(x, y, eta)[::-1], "return x, then y"),
    ("01.alternating_step", lambda x, y, eta: (x - eta * (y - eta * x), y - eta * x), "y descends here"),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_right_answer_is_right(name):
    assert checks.check(name, RIGHT[name]).state == "right"


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_attempted(name):
    assert checks.check(name, ...).state == "not attempted"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"
    assert checks.check(name, lambda *arguments: None).state == "not attempted"


@pytest.mark.parametrize(("name", "mistake", "says"), MISTAKES)
def test_each_mistake_meets_its_own_words(name, mistake, says):
    verdict = checks.check(name, mistake)
    assert verdict.state == "wrong" and says in verdict.text
    assert f"checks.hint('{name}')" in verdict.text


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_that_is_no_function_or_raises_is_wrong_with_the_reason(name):
    assert "expected a function, got float" in checks.check(name, 0.5).text
    assert "ZeroDivisionError" in checks.check(name, lambda *arguments: 1 / 0).text


@pytest.mark.parametrize("name", NAMES)
def test_hints_end_at_the_function_to_read(name, capsys):
    count = len(checks.EXERCISES[name].hints)
    assert count == 3
    checks.hint(name, count)
    assert "objective." in capsys.readouterr().out


def test_the_packages_own_step_is_a_right_answer():
    assert checks.check("01.alternating_step", objective.alternating_step).state == "right"
