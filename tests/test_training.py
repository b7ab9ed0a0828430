"""train(): the same as its steps one by one, resumable to the bit, and never half an epoch."""

import csv
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from cgan_lab import cgan, engine, networks, runs, training


def everything(model):
    return engine.snapshot(model)


def quick(model, digits, **arguments):
    return training.train(
        model, digits, batch_size=64, progress=False, **{"epochs": 2, **arguments}
    )


def saved(small_cgan, digits, folder):
    """Return what a run's folder holds, taken up by a model of another seed, trained no further."""
    model = small_cgan(seed=9)
    model.seed = 0
    epoch = len((folder / "history.csv").read_text().splitlines()) - 1
    quick(model, digits, out=folder, epochs=epoch)
    return everything(model)


def test_training_lowers_the_distance_to_real_digits(small_cgan, digits):
    """Even a generator of one layer moves its mean picture towards the digits' mean picture."""
    model = small_cgan(rate=5e-3)
    mean, labels = digits.x_train.mean(axis=0), np.arange(200) % 10
    before = np.abs(model.sample(labels, seed=0).mean(axis=0) - mean).mean()
    quick(model, digits, epochs=100)
    assert np.abs(model.sample(labels, seed=0).mean(axis=0) - mean).mean() < 0.75 * before


def test_a_run_leaves_state_history_config_and_pictures(
    small_cgan, digits, tmp_path, same_weights, monkeypatch
):
    monkeypatch.setattr(runs, "SECONDS_PER_SAVE", float("inf"))  # however slow the machine
    model = small_cgan()
    history = quick(model, digits, out=tmp_path / "run")
    written = sorted(p.name for p in (tmp_path / "run").iterdir())
    assert written == ["config.json", "epochs", "history.csv", "state.npz"]
    with open(tmp_path / "run" / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"] and float(
        rows[1]["d_loss"]
    ) == history.rows[1]["d_loss"]
    assert json.loads((tmp_path / "run" / "config.json").read_text())["batch_size"] == 64
    pictures = sorted((tmp_path / "run" / "epochs").iterdir())
    assert [p.name for p in pictures] == ["0001.png", "0002.png"] and Image.open(
        pictures[0]
    ).size == (302, 302)
    assert same_weights(saved(small_cgan, digits, tmp_path / "run"), everything(model))
    assert history.column("epoch").tolist() == [1, 2] and not history.interrupted


def test_a_run_in_two_parts_is_the_run_in_one_to_the_bit(
    small_cgan, digits, tmp_path, same_weights
):
    whole, first, second = small_cgan(), small_cgan(), small_cgan()
    quick(whole, digits, epochs=4)
    quick(first, digits, epochs=2, out=tmp_path)
    second.generator.set_weights([weight + 1 for weight in second.generator.get_weights()])
    history = quick(
        second, digits, epochs=4, out=tmp_path
    )  # the folder's state replaces another start
    assert same_weights(everything(whole), everything(second))
    assert [row["epoch"] for row in history.rows] == [1, 2, 3, 4]
    assert [row["epoch"] for row in quick(second, digits, epochs=4, out=tmp_path).rows] == [
        1,
        2,
        3,
        4,
    ]


class InterruptedAt:
    """Stands in for the compiled steps; raises ``error`` at call ``number``."""

    def __init__(self, run, number, error=None):
        self.run, self.number, self.error, self.calls = run, number, error, 0
        self.get_concrete_function = run.get_concrete_function

    def __call__(self, *arguments):
        self.calls += 1
        if self.calls == self.number:
            if self.error:
                raise self.error
            return tf.constant([float("nan"), 0.0])
        return self.run(*arguments)


def test_convolutions_go_on_to_the_bit_after_a_restart(digits, tmp_path, same_weights):
    """Batch normalisation's running means and their average are part of the state."""

    def small():
        keras.utils.set_random_seed(1)
        model = cgan.CGAN(*networks.conv(latent=8, width=1 / 16), ema=0.9, seed=1)
        model.compile()
        return model

    whole, second = small(), small()
    quick(whole, digits, epochs=3)
    quick(small(), digits, epochs=2, out=tmp_path)
    quick(second, digits, epochs=3, out=tmp_path)
    assert same_weights(everything(whole), everything(second))
    moved = [w for w in second.averaged.weights if "moving_mean" in w.path]
    assert len(moved) == 2 and all(np.any(w.numpy() != 0) for w in moved)


def test_ctrl_c_goes_back_to_the_last_whole_epoch(
    small_cgan, digits, tmp_path, same_weights, monkeypatch
):
    monkeypatch.setattr(engine, "FIRST_CALL", 2)
    monkeypatch.setattr(engine, "SECONDS_PER_CALL", 0.0)  # calls of 2, 1, 1 and 1 steps an epoch
    whole, model = small_cgan(), small_cgan()
    quick(whole, digits, epochs=2)
    model._compiled_steps = InterruptedAt(engine.compiled_steps(model), 10, KeyboardInterrupt())
    history = quick(model, digits, epochs=5, out=tmp_path)
    assert history.interrupted and [row["epoch"] for row in history.rows] == [1, 2]
    assert same_weights(everything(model), everything(whole))
    assert same_weights(saved(small_cgan, digits, tmp_path), everything(whole))
    quick(whole, digits, epochs=5)
    quick(model, digits, epochs=5)  # the same cell again goes on
    assert same_weights(everything(model), everything(whole))


def test_ctrl_c_before_the_first_epoch_leaves_the_start(small_cgan, digits, tmp_path, same_weights):
    model, start = small_cgan(), small_cgan()
    model._compiled_steps = InterruptedAt(engine.compiled_steps(model), 1, KeyboardInterrupt())
    assert quick(model, digits, out=tmp_path).rows == []
    assert (
        same_weights(everything(model), everything(start)) and not (tmp_path / "state.npz").exists()
    )


def test_a_loss_that_is_no_number_stops_with_likely_causes(
    small_cgan, digits, tmp_path, same_weights
):
    model, one = small_cgan(), small_cgan()
    quick(one, digits, epochs=1)
    model._compiled_steps = InterruptedAt(engine.compiled_steps(model), 2)
    with pytest.raises(FloatingPointError, match="Likely causes: learning rates that are too high"):
        quick(model, digits, epochs=3, out=tmp_path)
    assert same_weights(saved(small_cgan, digits, tmp_path), everything(one))


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0, expected a whole number from 1 up"),
        ({"epochs": 2.5}, ValueError, "epochs is 2.5"),
        ({"batch_size": 321}, ValueError, "batch_size is 321, but digits has only 320 images"),
        ({"seed": -1}, ValueError, "seed is -1, expected a whole number from 0 up"),
        (
            {"dataset": np.zeros((2, 28, 28))},
            TypeError,
            "dataset is a ndarray, expected what data.load returns",
        ),
    ],
)
def test_bad_arguments_are_refused_before_a_folder_is_made(
    small_cgan, digits, tmp_path, arguments, error, sentence
):
    arguments = {
        "dataset": digits,
        "epochs": 1,
        "batch_size": 64,
        "out": tmp_path / "run",
        **arguments,
    }
    with pytest.raises(error, match=sentence):
        training.train(small_cgan(), **arguments)
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_run_is_not_overwritten(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path, epochs=1)
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(
        ValueError, match="holds another run .it differs in loss, seed.. Choose another folder"
    ):
        quick(small_cgan(loss="hinge"), digits, out=tmp_path, seed=4)
    assert (tmp_path / "config.json").read_bytes() == before and not list(tmp_path.glob(".*"))


def test_a_folder_that_cannot_be_made_says_so(small_cgan, digits, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot write to the folder .*file/run .Not a directory"):
        quick(small_cgan(), digits, out=tmp_path / "file" / "run")


def test_where_output_is_no_terminal_an_epoch_is_a_line(small_cgan, digits, capsys):
    training.train(small_cgan(), digits, epochs=2, batch_size=64)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert all("d_loss" in line and "g_loss" in line and "left" in line for line in lines)


def test_the_budget_fills_what_is_left_open(small_cgan, digits, monkeypatch):
    monkeypatch.setenv("CGAN_LAB_BUDGET", "cpu")
    monkeypatch.setitem(training.BUDGETS, "cpu", training.Budget("cpu", "digits", epochs=1))
    history = training.train(small_cgan(), digits, progress=False)
    assert len(history.rows) == 1


class Heard(engine.Listener):
    """Keeps what it hears; raises ``error`` when it hears ``event`` for the second time."""

    def __init__(self, event=None, error=None):
        self.calls = []
        self.rows = []
        self.ended = 0
        self.event = event
        self.error = error

    def on_steps(self, *call):
        self.calls.append(call)
        if self.event == "on_steps" and len(self.calls) == 2:
            raise self.error

    def on_epoch(self, row):
        self.rows.append(row)
        if self.event == "on_epoch" and len(self.rows) == 2:
            raise self.error

    def on_end(self, rows):
        assert rows[-len(self.rows) :] == self.rows
        self.ended += 1


def test_listeners_hear_of_every_call_and_epoch_and_change_nothing(
    small_cgan, digits, same_weights, monkeypatch
):
    monkeypatch.setattr(engine, "FIRST_CALL", 2)
    monkeypatch.setattr(engine, "SECONDS_PER_CALL", 0.0)  # calls of 2, 1, 1 and 1 steps an epoch
    plain, heard = small_cgan(), small_cgan()
    quick(plain, digits, epochs=2)
    listener = Heard()
    history = quick(heard, digits, epochs=2, listeners=[listener])
    calls, rows = listener.calls, listener.rows
    assert listener.ended == 1
    assert [call[:2] for call in calls] == [(0, 2), (2, 3), (3, 4), (4, 5)] * 2
    assert rows == history.rows and tuple(calls[-1][2]) == (rows[-1]["d_loss"], rows[-1]["g_loss"])
    assert same_weights(everything(plain), everything(heard))


@pytest.mark.parametrize("event", ["on_steps", "on_epoch"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_listener_can_end_the_run_at_the_last_whole_epoch(
    small_cgan, digits, tmp_path, same_weights, event, error
):
    """The folder, which hears of an epoch after the listener that raises, keeps it all the same."""
    model, whole, listeners = small_cgan(), small_cgan(), [Heard(event, error)]
    if error is KeyboardInterrupt:
        assert quick(model, digits, epochs=4, out=tmp_path, listeners=listeners).interrupted
    else:
        with pytest.raises(ZeroDivisionError):
            quick(model, digits, epochs=4, out=tmp_path, listeners=listeners)
    quick(whole, digits, epochs=int(model.epochs))
    assert int(model.epochs) == (1 if event == "on_steps" else 2)
    assert same_weights(everything(model), everything(whole))
    assert same_weights(saved(small_cgan, digits, tmp_path), everything(whole))
    assert (len(runs._read_state(tmp_path)[1]), listeners[0].ended) == (int(model.epochs), 1)
    quick(model, digits, epochs=4)
    quick(whole, digits, epochs=4)
    assert same_weights(everything(model), everything(whole))


class TakenAway:
    """Stands in for the compiled steps; at call ``number`` the folder goes away."""

    def __init__(self, run, number, folder):
        self.run, self.number, self.folder, self.calls = run, number, folder, 0
        self.get_concrete_function = run.get_concrete_function

    def __call__(self, *arguments):
        self.calls += 1
        if self.calls == self.number:
            self.folder.rename(self.folder.with_name("away"))
        return self.run(*arguments)


def test_a_folder_that_goes_away_and_comes_back_loses_nothing(
    small_cgan, digits, tmp_path, same_weights, monkeypatch
):
    monkeypatch.setattr(runs, "SECONDS_PER_SAVE", 0.0)
    out, whole, model, later = tmp_path / "drive", small_cgan(), small_cgan(), small_cgan()
    quick(whole, digits, epochs=5)
    model._compiled_steps = TakenAway(engine.compiled_steps(model), 3, out)
    listener = Heard()
    with pytest.raises(
        OSError, match="cannot write to .*drive any more .*after epoch 3.*mount the Drive again"
    ):
        quick(model, digits, epochs=5, out=out, listeners=[listener])
    assert int(model.epochs) == 3 and not out.exists() and listener.ended == 1
    (tmp_path / "away").rename(out)
    assert [row["epoch"] for row in quick(later, digits, epochs=5, out=out).rows] == [
        1,
        2,
        3,
        4,
        5,
    ]  # a new session
    assert same_weights(everything(later), everything(whole))


def test_a_drive_that_is_not_mounted_is_refused_before_anything_is_made(
    small_cgan, digits, tmp_path, monkeypatch
):
    drive, mounted = tmp_path / "drive", []
    monkeypatch.setattr(runs, "DRIVE", drive)
    monkeypatch.setattr(runs.os.path, "ismount", lambda path: path in mounted)
    with pytest.raises(OSError, match="Google Drive that is not mounted.*drive.mount"):
        quick(small_cgan(), digits, out=drive / "MyDrive" / "run")
    assert not drive.exists()
    mounted.append(drive)
    quick(small_cgan(), digits, out=drive / "MyDrive" / "run")
    assert (drive / "MyDrive" / "run" / "state.npz").is_file()


class Device:
    def __init__(self, kind):
        self.device_type = kind


def test_the_device_chooses_the_budget_and_the_environment_overrides_it(monkeypatch):
    monkeypatch.delenv("CGAN_LAB_BUDGET", raising=False)
    for seen, name in (([Device("CPU")], "cpu"), ([Device("CPU"), Device("GPU")], "gpu")):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda seen=seen: seen)
        assert training.budget().name == name
    monkeypatch.setenv("CGAN_LAB_BUDGET", "gpu")
    assert training.budget().data == "mnist" and training.budget("cpu").data == "digits"
    monkeypatch.setenv("CGAN_LAB_BUDGET", "tpu")
    expected = "variable CGAN_LAB_BUDGET is 'tpu', expected one of cpu, gpu"
    with pytest.raises(ValueError, match=expected):
        training.budget()
    with pytest.raises(ValueError, match="budget is 'huge', expected one of cpu, gpu"):
        training.budget("huge")


def test_the_recipe_says_the_batch_size_where_nobody_else_does(digits, tmp_path):
    model = cgan.build(width=0.02, batch_size=160)
    training.train(model, digits, epochs=1, out=tmp_path, progress=False)
    assert json.loads((tmp_path / "config.json").read_text())["steps"] == 2
