"""Each patient of the failure clinic is ill in its own way, and the chart says so."""

import dataclasses

import numpy as np
import pytest
from clinic_seeds import SIGNS

from cgan_lab import cgan, clinic, data, engine, losses, plots

HEALTHY = {
    "epoch": 1,
    "d_loss": 1.2,
    "g_loss": 1.2,
    "agreement": 0.9,
    "diversity": 0.8,
    "darkest": 0.0,
}


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


def chart_of(**changes):
    """Return the chart of a training of one epoch whose row is healthy but for ``changes``."""
    return clinic.Chart(
        clinic.Setting(epochs=1), [HEALTHY | changes], np.zeros((100, 28, 28), np.uint8)
    )


@pytest.mark.long
@pytest.mark.parametrize("letter", clinic.PATIENTS)
def test_a_patient_is_ill_in_its_own_way_with_another_seed(letter, digits):
    """Lesson 06 trains seed 0 and compares its signs; benchmarks/clinic_seeds.py has more seeds."""
    chart = clinic.train(clinic.PATIENTS[letter], digits, seed=1, progress=False)
    last = chart.rows[-1]
    assert clinic.complaints(chart), f"seed 1 is healthy: {last}"
    assert [other for other, sign in SIGNS.items() if sign(last, chart)] == [letter], last


def test_a_healthy_chart_has_no_complaints_and_its_arrays_have_their_shapes(digits):
    few = dataclasses.replace(digits, x_train=digits.x_train[:640], y_train=digits.y_train[:640])
    chart = clinic.train(clinic.Setting(epochs=2), few, progress=False)
    assert chart.images.shape == (100, 28, 28) and chart.images.dtype == np.uint8
    assert chart.column("epoch").tolist() == [1.0, 2.0]
    assert all(0.0 <= share <= 1.0 for share in chart.column("agreement"))
    assert clinic.complaints(chart_of()) == []


def test_the_same_setting_and_seed_give_the_same_chart(digits, monkeypatch):
    monkeypatch.setattr(cgan, "xla", lambda *_, **__: False)  # it compiles longer than it trains
    few = dataclasses.replace(digits, x_train=digits.x_train[:640], y_train=digits.y_train[:640])
    setting = clinic.Setting(epochs=1, head_start=12)  # more than an epoch's 10 steps
    one, two, other = (clinic.train(setting, few, seed=seed, progress=False) for seed in (3, 3, 4))
    assert one.rows == two.rows and np.array_equal(one.images, two.images)
    assert one.rows != other.rows


def test_a_step_that_was_compiled_is_used_again_and_changes_no_number(digits, monkeypatch):
    monkeypatch.setattr(cgan, "xla", lambda *_, **__: False)
    monkeypatch.setattr(clinic, "_kept", {})
    few = dataclasses.replace(digits, x_train=digits.x_train[:640], y_train=digits.y_train[:640])
    usual = clinic.Setting(epochs=1)
    faster = clinic.Setting(epochs=2, g_rate=4e-3, d_rate=2e-3, pixels="0 to 1", head_start=3)
    anew = clinic.train(faster, few, progress=False)
    clinic._kept.clear()
    clinic.train(usual, few, progress=False)
    taken = []
    restore = engine.restore
    monkeypatch.setattr(engine, "restore", lambda *given: taken.append(given) or restore(*given))
    again = clinic.train(faster, few, progress=False)
    assert len(taken) == 1
    assert again.rows == anew.rows and np.array_equal(again.images, anew.images)
    for change in ({"beta_1": 0.5}, {"ema": 0.9}, {"loss": "hinge"}, {"way": "one_hot"}):
        clinic.train(dataclasses.replace(usual, **change), few, progress=False)
    assert len(taken) == 1 and len(clinic._kept) == clinic.KEPT


def test_a_penalty_of_ones_own_takes_the_place_of_the_settings(digits, monkeypatch):
    monkeypatch.setattr(cgan, "xla", lambda *_, **__: False)
    few = dataclasses.replace(digits, x_train=digits.x_train[:640], y_train=digits.y_train[:640])
    r1 = clinic.train(clinic.Setting(penalty="r1", epochs=1), few, progress=False)

    def own(*arguments):
        return losses.PENALTIES["r1"].of(*arguments)

    for penalty, setting in ((own, clinic.Setting(epochs=1)), ("r1", r1.setting)):
        assert clinic.train(setting, few, progress=False, penalty=penalty).rows == r1.rows
    assert clinic.train(clinic.Setting(epochs=1), few, progress=False).rows != r1.rows


def test_an_unseen_patient_has_one_fault_of_those_that_are_promised():
    drawn = [clinic.unseen(seed) for seed in range(200)]
    assert drawn[4] == clinic.unseen(4)
    kinds = {tuple(clinic.changed(setting, clinic.Setting())) for setting in drawn}
    assert kinds == {
        ("way",),
        ("pixels",),
        ("g_rate",),
        ("g_rate", "d_rate"),
        ("beta_1",),
        ("loss", "head_start"),
        ("loss", "beta_1"),
    }
    fast = [setting.g_rate / 4e-4 for setting in drawn if setting.g_rate != 4e-4]
    assert min(fast) == pytest.approx(11) and max(fast) == pytest.approx(15)
    momentum = [s.beta_1 for s in drawn if s.beta_1 and s.loss != "wasserstein"]
    assert min(momentum) >= 0.85 and max(momentum) <= 0.95
    assert {s.head_start for s in drawn if s.loss == "minimax"} == {125, 250}


@pytest.mark.long
@pytest.mark.parametrize("fault", clinic.FAULTS[2:])  # the first two are patients A and C
def test_the_weakest_of_each_fault_is_ill(fault, digits):
    chart = clinic.train(clinic.Setting(**fault(0.0)), digits, progress=False)
    assert clinic.complaints(chart), chart.rows[-1]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"agreement": 0.5}, "label agreement is 50%"),
        ({"diversity": 0.2}, "diversity is 0.20"),
        ({"diversity": 1.4}, "diversity is 1.40"),
        ({"darkest": 72.0}, "darkest pixels are 72"),
        ({"g_loss": -2e6}, "the generator's loss is -2e+06"),
        ({"g_loss": 22.0}, "the generator's loss is 22"),
    ],
)
def test_each_complaint_names_its_figure(changes, text):
    found = clinic.complaints(chart_of(**changes))
    assert len(found) == 1 and text in found[0]


def test_a_run_that_stopped_being_a_number_complains():
    chart = dataclasses.replace(chart_of(), setting=clinic.Setting(epochs=5))
    assert "after 1 of 5 epochs" in clinic.complaints(chart)[0]


def test_changed_names_the_fields():
    assert clinic.changed(clinic.Setting(), clinic.Setting()) == []
    assert clinic.changed(clinic.Setting(g_rate=1.0, ema=0.0), clinic.Setting()) == [
        "g_rate",
        "ema",
    ]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pixels": "0 to 255"}, "no range of pixels '0 to 255'; there are -1 to 1"),
        ({"way": "shout"}, "no way 'shout'; there are one_hot"),
        ({"loss": "none"}, "no loss 'none'"),
        ({"penalty": "fine"}, "no penalty 'fine'"),
        ({"head_start": -1}, "head_start is -1, expected a whole number from 0 up"),
        ({"epochs": 0}, "epochs is 0, expected a whole number from 1 up"),
        ({"ema": 1.0}, "ema is 1.0"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        clinic.Setting(**changes)


def test_the_chart_shows_samples_losses_and_measures():
    rows = [HEALTHY | {"epoch": epoch, "agreement": 0.1 * epoch} for epoch in (1, 2, 3)]
    images = np.random.default_rng(0).integers(0, 256, (100, 28, 28)).astype(np.uint8)
    samples, losses, scores = plots.chart(rows, images).axes
    assert np.array_equal(samples.images[0].get_array(), plots.tile(images))
    assert [text.get_text() for text in samples.get_yticklabels()] == [
        str(digit) for digit in range(10)
    ]
    assert losses.get_yscale() == "linear" and losses.lines[0].get_ydata() == pytest.approx(
        [1.2, 1.2, 1.2]
    )
    assert scores.lines[0].get_ydata() == pytest.approx([0.1, 0.2, 0.3])
    runaway = plots.chart([row | {"g_loss": -1e6} for row in rows], images)
    assert runaway.axes[1].get_yscale() == "symlog" and plots.png(runaway).startswith(b"\x89PNG")
