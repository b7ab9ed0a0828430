"""The dashboard and the clinic's console over real trainings of a few units, without a browser."""

import dataclasses
import html
import threading

import numpy as np
import pytest
import tiny
from shown import pixels

from cgan_lab import clinic, engine, plots, training, widgets
from cgan_lab._support import threads
from cgan_lab.widgets.clinic import FIELDS
from cgan_lab.widgets.training import NOT_YET

SECONDS = 60  # longer than any of this can take


def model():
    return tiny.cgan()


@pytest.fixture(autouse=True)
def small_calls(monkeypatch):
    """Two calls per epoch: checkpoints come quickly."""
    monkeypatch.setattr(engine, "FIRST_CALL", 1)


@pytest.fixture
def dashboard(digits):
    made = widgets.dashboard(model(), digits)
    made.more.value = 1
    yield made
    made.close()


def paused_at(control, monkeypatch, call):
    """Start ``control``, pause it in the given call of the compiled steps; return once it waits."""
    calls, there = [], threading.Event()
    checkpoint, changed = control.runner.checkpoint, control.runner.changed

    def listen():
        calls.append(None)
        if len(calls) == call:
            control.pause.click()
        checkpoint()

    def change():
        changed()
        if control.runner.state == "paused":
            there.set()

    monkeypatch.setattr(control.runner, "checkpoint", listen)
    monkeypatch.setattr(control.runner, "changed", change)
    control.start.click()
    assert there.wait(SECONDS), control.text.value


def ended(control, state):
    assert control.runner.join(SECONDS) and control.runner.state == state, control.text.value


def finished(control):
    control.start.click()
    ended(control, "finished")


@pytest.fixture(scope="module")
def plain(digits):
    """What `training.train` alone does: (the weights after 0 to 3 epochs, the rows)."""
    made = model()
    weights, rows = [engine.snapshot(made)], []
    for epochs in (1, 2, 3):
        rows += training.train(made, digits, epochs=epochs, progress=False).rows
        weights.append(engine.snapshot(made))
    return weights, rows


def test_the_dashboard_trains_as_train_does_and_shows_it(dashboard, plain, same_weights):
    before = pixels(dashboard)
    assert dashboard.text.value.startswith("Not started. Epochs in all: 0. Label agreement <b>")
    dashboard.more.value = 3
    finished(dashboard)
    assert "<b>Finished</b> after 3 of 3 epochs. Epochs in all: 3." in dashboard.text.value
    assert dashboard.bar.value == 3
    weights, rows = plain
    assert same_weights(engine.snapshot(dashboard.model), weights[3])
    assert [row["d_loss"] for row in dashboard.rows] == [row["d_loss"] for row in rows]
    assert np.any(pixels(dashboard) != before)


def test_pause_waits_resume_goes_on_and_nothing_is_lost(
    dashboard, plain, same_weights, monkeypatch
):
    dashboard.more.value = 2
    paused_at(dashboard, monkeypatch, call=2)
    assert "<b>Paused for now.</b> Epoch 1 of 2, step 2" in dashboard.text.value
    assert dashboard.pause.description == "Resume"
    # the kernel is free, and so is the model
    assert dashboard.model.sample([3], seed=0).shape == (1, 28, 28)
    dashboard.pause.click()
    ended(dashboard, "finished")
    assert same_weights(engine.snapshot(dashboard.model), plain[0][2])
    assert dashboard.pause.description == "Pause"


def test_stop_keeps_the_last_whole_epoch_and_start_goes_on(
    dashboard, plain, same_weights, monkeypatch
):
    dashboard.more.value = 3
    paused_at(dashboard, monkeypatch, call=3)  # the first of the second epoch
    dashboard.stop.click()
    ended(dashboard, "stopped")
    assert same_weights(engine.snapshot(dashboard.model), plain[0][1])
    stopped = "<b>Stopped</b> after 1 of 3 epochs; the last whole one is kept. Epochs in all: 1."
    assert stopped in dashboard.text.value
    dashboard.more.value = 1
    finished(dashboard)
    assert same_weights(engine.snapshot(dashboard.model), plain[0][2])
    assert [row["epoch"] for row in dashboard.rows] == [1, 2]


def test_an_exception_in_training_is_shown_in_words_and_the_dashboard_goes_on(
    dashboard, monkeypatch
):
    with monkeypatch.context() as once:
        once.setattr(engine, "run_epoch", lambda *arguments: 1 / 0)
        dashboard.start.click()
        ended(dashboard, "failed")
    ended_by = "<b>Training ended.</b> ZeroDivisionError: division by zero"
    assert ended_by in dashboard.text.value
    finished(dashboard)
    assert "<b>Finished</b> after 1 of 1 epochs." in dashboard.text.value


def test_a_picture_that_fails_is_shown_in_words_and_training_goes_on(dashboard, monkeypatch):
    monkeypatch.setattr(plots, "watched", lambda *arguments: 1 / 0)
    finished(dashboard)
    assert "ZeroDivisionError" in dashboard.text.value and int(dashboard.model.epochs) == 1


def test_a_button_that_has_nothing_to_do_says_so_until_the_next(dashboard, monkeypatch):
    for button in (dashboard.pause, dashboard.stop):
        button.click()
        assert dashboard.text.value.endswith(NOT_YET)
    paused_at(dashboard, monkeypatch, call=1)
    assert NOT_YET not in dashboard.text.value
    dashboard.start.click()
    assert dashboard.text.value.endswith("A training is under way: stop it first.")
    dashboard.pause.click()
    ended(dashboard, "finished")


def test_closing_ends_the_thread(dashboard, monkeypatch):
    paused_at(dashboard, monkeypatch, call=1)
    thread = dashboard.runner.thread
    dashboard.close()
    assert not thread.is_alive() and int(dashboard.model.epochs) == 0


def test_the_cell_run_again_stops_the_training_that_nobody_sees_any_more(
    dashboard, digits, monkeypatch
):
    paused_at(dashboard, monkeypatch, call=1)
    again = widgets.dashboard(dashboard.model, digits)
    ended(dashboard, "stopped")
    assert again.runner.state == "ready"
    again.close()


def test_the_static_figure_is_what_the_dashboard_shows(dashboard):
    parts = dashboard.rows, dashboard.images, dashboard.shares, dashboard.names
    assert dashboard.image.value == plots.png(plots.watched(*parts))
    assert len(dashboard.images) == 100


# The clinic's console, over the same buttons

ROW = {"d_loss": 1.2, "g_loss": 1.1, "agreement": 0.9, "diversity": 0.8, "darkest": 0.0}
HEALTHY = clinic.Chart(
    clinic.Setting(epochs=2, batch_size=160),
    [ROW | {"epoch": epoch} for epoch in (1, 2)],
    np.zeros((100, 28, 28), np.uint8),
)


@pytest.fixture
def console(digits, monkeypatch):
    monkeypatch.setattr(clinic.cgan, "build", lambda setting, classes, seed: model())
    monkeypatch.setattr(clinic, "LOOKED_AT", 100)
    made = widgets.clinic_console(digits, HEALTHY)
    yield made
    made.close()


def test_a_patient_fills_the_fields_and_a_field_changes_the_setting(console):
    assert console.setting() == HEALTHY.setting
    assert "The fields are those of the healthy setting." in console.text.value
    for letter, setting in clinic.PATIENTS.items():
        console.patient.value = letter
        assert console.setting() == setting
    console.fields["beta_1"].value = 0.5
    assert console.setting().beta_1 == 0.5 and "beta_1" in console.text.value
    console.patient.value = "healthy"
    assert console.setting() == HEALTHY.setting


def test_every_field_shown_is_one_of_the_setting_and_can_hold_its_default(console):
    assert set(FIELDS) <= {field.name for field in dataclasses.fields(clinic.Setting)}
    assert [field.description for field in console.fields.values()] == list(FIELDS)
    console.fill(clinic.Setting())
    assert console.setting() == clinic.Setting()


def test_the_console_trains_the_setting_and_complains_as_the_clinic_does(console, digits):
    console.fields["g_rate"].value = 4e-3
    console.fields["head_start"].value = 2  # as many steps as an epoch has: one compilation
    finished(console)
    other = clinic.train(console.setting(), digits, progress=False)
    assert console.chart.rows == other.rows and np.array_equal(console.chart.images, other.images)
    said = console.text.value
    assert all(html.escape(complaint) in said for complaint in clinic.complaints(other))
    differs = "The chart's setting differs from the healthy one in: g_rate, head_start."
    assert f"{differs} Epoch 2: agreement" in said
    drawn = plots.chart(other.rows, other.images, beside=HEALTHY.rows)
    assert console.image.value == plots.png(drawn)
    names = {line.get_label() for line in drawn.axes[2].lines}
    assert names >= {"agreement, healthy", "diversity, healthy"}


def test_a_stopped_console_shows_the_chart_so_far(console, monkeypatch):
    paused_at(console, monkeypatch, call=3)  # the first of the second epoch
    console.stop.click()
    ended(console, "stopped")
    assert [row["epoch"] for row in console.chart.rows] == [1]
    assert "Complaints" not in console.text.value
    assert "<b>Stopped</b> after 1 of 2 epochs" in console.text.value


def test_a_setting_that_cannot_be_is_shown_in_words_and_the_console_goes_on(console, monkeypatch):
    with monkeypatch.context() as once:
        once.setattr(clinic, "RANGES", {})
        console.start.click()
        assert console.runner.state == "ready"
        assert "ValueError: no range of pixels &#x27;-1 to 1&#x27;" in console.text.value
    console.fields["epochs"].value = 1
    finished(console)


def test_a_loss_that_is_no_number_in_the_first_epoch_leaves_the_samples_and_a_complaint(
    console, monkeypatch
):
    def broken(*arguments):
        raise FloatingPointError("not a number")

    assert console.image.layout.display == "none"
    monkeypatch.setattr(engine, "run_epoch", broken)
    finished(console)
    complaint = "Complaints of the clinic: a loss stopped being a number after 0 of 2 epochs."
    assert complaint in console.text.value
    assert console.image.layout.display is None and len(console.figure().axes) == 1


def test_only_one_control_trains_at_a_time(console, dashboard, monkeypatch):
    paused_at(dashboard, monkeypatch, call=1)
    console.fields["epochs"].value = 1
    finished(console)
    assert dashboard.runner.state == "stopped" and threads.Runner.latest is console.runner
