"""The repairs of lesson 06: a right one trains to health, a wrong one meets its own sentence."""

import dataclasses
import functools

import numpy as np
import pytest

from cgan_lab import checks, clinic, data
from cgan_lab.checks import lesson_06

# letter -> the repairs that the lesson knows of, a field and its value
REPAIRS = [
    ("A", {"way": "projection"}),
    ("B", {"g_rate": 4e-4}),
    ("C", {"pixels": "-1 to 1"}),
    ("D", {"loss": "non_saturating"}),
    ("D", {"head_start": 0}),
    ("E", {"beta_1": 0.0}),
    ("F", {"penalty": "wgan_gp"}),
    ("G", {"g_rate": 4e-4}),
]

MISREADINGS = [
    ("A", {"g_rate": 2e-4}, "nothing tells it that the label is wrong"),
    ("A", {"beta_1": 0.5}, "beta_1 is not the cause, or not with this value."),
    ("B", {"ema": 0.99}, "draws one picture"),
    ("C", {"d_rate": 6e-4}, "backgrounds differ"),
    ("D", {"g_rate": 4e-3}, "a rate multiplies it"),
    ("E", {"ema": 0.0}, "draws speckle"),
    ("F", {"d_rate": 6e-4}, "nothing bounds D"),
    ("G", {"ema": 0.9}, "better than they are"),
]

MISTAKES = [
    (clinic.PATIENTS["B"], "as it came in"),
    (clinic.Setting(), "are changed together"),
    (dataclasses.replace(clinic.PATIENTS["B"], epochs=20), "how long the patient lies ill"),
    ({"g_rate": 4e-4}, "expected a clinic.Setting, got dict"),
]

HEALTHY = {"d_loss": 1.1, "g_loss": 1.2, "agreement": 0.9, "diversity": 0.8, "darkest": 0.0}


def repair(letter, change):
    setting = dataclasses.replace(clinic.PATIENTS[letter], **change)
    return checks.check(f"06.repair_{letter.lower()}", setting)


@pytest.fixture
def trained(monkeypatch):
    """A function that fakes trainings that end healthy but for ``changes``; returns their calls."""

    def ends_with(**changes):
        calls = []

        def train(setting, digits, seed):
            calls.append((setting, digits.name, seed))
            images = np.zeros((100, 28, 28), np.uint8)
            return clinic.Chart(setting, [HEALTHY | changes] * setting.epochs, images)

        monkeypatch.setattr(clinic, "train", train)
        return calls

    return ends_with


@pytest.mark.parametrize(("letter", "change"), REPAIRS, ids=str)
def test_what_trains_to_health_with_another_seed_is_right(letter, change, trained):
    calls = trained()
    verdict = repair(letter, change)
    assert repr(verdict).startswith("✓ right: trained with another seed, and healthy")
    assert f"patient {letter} is cured" in verdict.text
    assert calls == [(dataclasses.replace(clinic.PATIENTS[letter], **change), "digits", 1)]


@pytest.mark.parametrize(("letter", "change", "sentence"), MISREADINGS, ids=str)
def test_what_stays_ill_is_wrong_with_the_complaint_and_a_sentence(
    letter, change, sentence, trained
):
    trained(agreement=0.1)
    verdict = repair(letter, change)
    assert verdict.state == "wrong" and sentence in verdict.text
    assert "trained with this, label agreement is 10%" in verdict.text


@pytest.mark.parametrize(("answer", "sentence"), MISTAKES, ids=[text for _, text in MISTAKES])
def test_what_is_no_repair_is_refused_before_any_training(answer, sentence):
    verdict = checks.check("06.repair_b", answer)
    assert verdict.state == "wrong" and sentence in verdict.text


def test_every_patient_has_an_exercise_and_sentences_for_fields_that_are_no_cure():
    letters = set(clinic.PATIENTS)
    assert letters == {name[-1].upper() for name in checks.names() if "06.repair_" in name}
    assert letters == {letter for letter, _ in lesson_06.NO_CURE}
    fields = {field.name for field in dataclasses.fields(clinic.Setting)}
    assert {field for _, field in lesson_06.NO_CURE} <= fields


@pytest.fixture(scope="module")
def trained_once():
    """Train each setting only once: some repairs end in the same healthy setting."""
    digits, train = data.load("digits"), clinic.train

    @functools.cache
    def cached(setting, seed):
        return train(setting, digits, seed=seed, progress=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clinic, "train", lambda setting, digits, seed: cached(setting, seed))
        yield


@pytest.mark.long
@pytest.mark.parametrize(("letter", "change"), REPAIRS, ids=str)
def test_a_repair_really_trains_to_health(letter, change, trained_once):
    verdict = repair(letter, change)
    assert verdict.state == "right", verdict


@pytest.mark.long
def test_a_misreading_really_stays_ill(trained_once):
    verdict = repair("B", {"ema": 0.99})
    # The versions decide which measure shows it: diversity, or with TensorFlow 2.20 agreement.
    assert verdict.state == "wrong" and "trained with this, " in verdict.text, verdict
    assert "the average of weights that draw one picture draws one picture" in verdict.text
