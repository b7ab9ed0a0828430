"""The checks of lesson 06: repairs are proved by training them, misreadings meet their own sentence."""

import dataclasses
import functools

import numpy as np
import pytest

from cgan_lab import checks, clinic, data

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
    ("A", {"g_rate": 2e-4}, "nobody tells it that the label is wrong"),
    ("B", {"ema": 0.99}, "draws one picture"),
    ("C", {"d_rate": 6e-4}, "D sees at once that the backgrounds differ"),
    ("D", {"g_rate": 4e-3}, "a rate multiplies it"),
    ("E", {"ema": 0.0}, "draw speckle"),
    ("F", {"d_rate": 6e-4}, "nothing bounds D"),
    ("G", {"ema": 0.9}, "hides the swings"),
]

MISTAKES = [
    (clinic.PATIENTS["B"], "as it came in"),
    (clinic.Setting(), "are changed together"),
    (dataclasses.replace(clinic.PATIENTS["B"], epochs=20), "how long the patient lies ill"),
    ({"g_rate": 4e-4}, "expected a clinic.Setting, got dict"),
    (dataclasses.replace(clinic.PATIENTS["B"], penalty="fine"), "no penalty 'fine'"),
]


@pytest.fixture(scope="module")
def trained_once():
    """Train each setting and seed only once: some repairs end in the same healthy setting."""
    train = clinic.train
    cached = functools.cache(lambda setting, seed: train(setting, data.load("digits"), seed=seed, progress=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clinic, "train", lambda setting, digits, seed: cached(setting, seed))
        yield


@pytest.fixture
def always_ill(monkeypatch):
    """No training: every setting gives the chart of a network that ignores its label."""
    row = {"epoch": 10, "d_loss": 1.1, "g_loss": 1.2, "agreement": 0.1, "diversity": 0.8, "darkest": 0.0}
    images = np.zeros((100, 28, 28), np.uint8)
    monkeypatch.setattr(clinic, "train", lambda setting, digits, seed: clinic.Chart(setting, [row] * 10, images))


def repair(letter, change):
    return checks.check(f"06.repair_{letter.lower()}", dataclasses.replace(clinic.PATIENTS[letter], **change))


@pytest.mark.parametrize(("letter", "change"), REPAIRS, ids=str)
def test_a_repair_trains_to_health_with_another_seed(letter, change, trained_once):
    verdict = repair(letter, change)
    assert verdict.state == "right", verdict
    assert f"patient {letter} is cured" in verdict.text


@pytest.mark.parametrize(("letter", "change", "text"), MISREADINGS, ids=str)
def test_a_misreading_meets_its_own_sentence(letter, change, text, always_ill):
    verdict = repair(letter, change)
    assert verdict.state == "wrong" and "trained with this, label agreement is 10%" in verdict.text
    assert text in verdict.text


def test_a_misreading_is_trained_before_it_is_called_wrong(trained_once):
    verdict = repair("B", {"ema": 0.99})
    # Which measure gives it away depends on the versions: diversity, or with TensorFlow 2.20 agreement.
    assert verdict.state == "wrong" and "trained with this, " in verdict.text
    assert "the average of weights that draw one picture draws one picture" in verdict.text


@pytest.mark.parametrize(("answer", "text"), MISTAKES, ids=[text for _, text in MISTAKES])
def test_what_is_no_repair_is_told_before_any_training(answer, text):
    verdict = checks.check("06.repair_b", answer)
    assert verdict.state == "wrong" and text in verdict.text


@pytest.mark.parametrize("letter", clinic.PATIENTS)
def test_every_patient_has_an_exercise_with_three_hints(letter, capsys):
    assert checks.check(f"06.repair_{letter.lower()}", ...).state == "not attempted"
    checks.hint(f"06.repair_{letter.lower()}", 3)
    assert "Hint 3 of 3" in capsys.readouterr().out


def diagnose(row):
    if max(abs(row["d_loss"]), abs(row["g_loss"])) > 1000:
        return "runaway"
    if row["darkest"] > 30:
        return "wrong range"
    if row["d_loss"] < 0.1:
        return "D has won"
    if row["diversity"] < 0.5:
        return "mode collapse"
    return "ignored label" if row["agreement"] < 0.3 else "healthy"


def without(name):
    """Return a doctor who does not know the illness ``name``."""
    return lambda row: "healthy" if diagnose(row) == name else diagnose(row)


def by_losses_alone(row):
    return "D has won" if row["d_loss"] < 0.1 else "healthy"


def diversity_first(row):
    return "mode collapse" if row["diversity"] < 0.5 else diagnose(row)


def agreement_first(row):
    return "ignored label" if row["agreement"] < 0.3 else diagnose(row)


def test_the_doctor_is_checked_and_typical_mistakes_are_named():
    assert checks.check("06.diagnose", diagnose).state == "right"
    assert checks.check("06.diagnose", lambda row: ...).state == "not attempted"
    for answer, text in (
        (without("mode collapse"), "deceived by one perfect picture"),
        (by_losses_alone, "It is 'ignored label'"),
        (diversity_first, "the background says why"),
        (agreement_first, "the background says why"),
        (without("runaway"), "Look at the size of the losses"),
        (lambda row: "ill", "expected one of"),
        (lambda row: row["loss"], "KeyError"),
    ):
        verdict = checks.check("06.diagnose", answer)
        assert verdict.state == "wrong" and text in verdict.text, verdict
