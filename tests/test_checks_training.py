"""The checks of lessons 00 and 03: the right answer, the blank one, and typical wrong ones with their own hints."""

import numpy as np
import pytest

from cgan_lab import checks


def softplus(a):
    return np.logaddexp(0, a)


RIGHT = {
    "00.labels_of": lambda number: np.array([int(letter) for letter in str(number)]),
    "03.discriminator_loss": lambda real, fake: softplus(-real).mean() + softplus(fake).mean(),
    "03.moving_average": lambda average, weights, decay: decay * average + (1 - decay) * weights,
    "03.agreement_of_each": lambda requested, recognised, classes: np.array(
        [np.mean(recognised[requested == c] == c) for c in range(classes)]
    ),
}

WRONG = [
    ("00.labels_of", lambda n: np.array(list(str(n))), "these are letters"),
    ("00.labels_of", lambda n: np.array([int(c) for c in str(n)][::-1]), "from right to left"),
    ("00.labels_of", lambda n: np.array([float(c) for c in str(n)]), "these are floats"),
    ("00.labels_of", lambda n: n, "expected the labels"),
    ("03.discriminator_loss", lambda r, f: -softplus(-r).mean() - softplus(f).mean(), "the value V"),
    ("03.discriminator_loss", lambda r, f: softplus(r).mean() + softplus(-f).mean(), "exchanged"),
    ("03.discriminator_loss", lambda r, f: softplus(-r).sum() + softplus(f).sum(), "these are sums"),
    ("03.discriminator_loss", lambda r, f: softplus(-r).mean(), "the fakes are missing"),
    (
        "03.discriminator_loss",
        lambda r, f: softplus(-1 / (1 + np.exp(-r))).mean() + softplus(1 / (1 + np.exp(-f))).mean(),
        "taken twice",
    ),
    ("03.discriminator_loss", lambda r, f: np.log(1 + np.exp(-r)).mean() + np.log(1 + np.exp(f)).mean(), "not finite"),
    ("03.moving_average", lambda a, w, d: (1 - d) * a + d * w, "shares are exchanged"),
    ("03.moving_average", lambda a, w, d: d * a + w, "more than 1"),
    ("03.moving_average", lambda a, w, d: (a + w) / 2, "decay is not used"),
    ("03.moving_average", lambda a, w, d: (d * a + (1 - d) * w).ravel(), "has shape"),
    (
        "03.agreement_of_each",
        lambda r, s, k: np.array([np.sum(s[r == c] == c) for c in range(k)]),
        "these are counts",
    ),
    ("03.agreement_of_each", lambda r, s, k: np.array([np.mean(r[s == c] == c) for c in range(k)]), "precision"),
    ("03.agreement_of_each", lambda r, s, k: np.array([np.mean((s == c) & (r == c)) for c in range(k)]), "all samples"),
    ("03.agreement_of_each", lambda r, s, k: np.mean(r == s), "all labels together"),
]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_right_and_the_blank_one_not_attempted(name):
    assert checks.check(name, RIGHT[name]).state == "right"
    assert checks.check(name, lambda *arguments: ...).state == "not attempted"
    assert checks.check(name, None).state == "not attempted"


@pytest.mark.parametrize(("name", "answer", "text"), WRONG, ids=[f"{name}: {text}" for name, _, text in WRONG])
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_typical_wrong_answer_meets_its_own_sentence(name, answer, text):
    verdict = checks.check(name, answer)
    assert verdict.state == "wrong" and text in verdict.text and f"checks.hint('{name}')" in verdict.text


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_that_raises_is_wrong_and_says_what(name):
    def broken(*arguments):
        raise KeyError("my own mistake")

    verdict = checks.check(name, broken)
    assert verdict.state == "wrong" and "my own mistake" in verdict.text


def test_hints_are_counted(capsys):
    for number in (1, 2, 3):
        checks.hint("03.moving_average", number)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"]
    assert "there is another" in said[0] and "there is another" not in said[2]
    with pytest.raises(ValueError, match="has the hints 1 to 3, not 4"):
        checks.hint("03.moving_average", 4)
    with pytest.raises(ValueError, match="no exercise '99.none'; there are"):
        checks.check("99.none", 1)
