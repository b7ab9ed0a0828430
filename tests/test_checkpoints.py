"""A run's folder: never half a model, and the one before when the newest is damaged."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from cgan_lab import checkpoints, engine, training


def quick(model, digits, **arguments):
    return training.train(model, digits, batch_size=64, progress=False, **{"epochs": 2, **arguments})


def test_a_damaged_model_is_refused_with_a_sentence(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path, epochs=1)
    whole = (tmp_path / "model.keras").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole[:200] + bytes(400) + whole[600:]):
        (tmp_path / "model.keras").write_bytes(damaged)
        with pytest.raises(ValueError, match="is not a whole saved model"):
            checkpoints.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="no trained model at"):
        checkpoints.load(tmp_path / "elsewhere")


def test_another_kind_of_model_is_refused(tmp_path):
    import keras

    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="holds a Sequential, expected a CGAN"):
        checkpoints.load(tmp_path)


def test_the_newest_and_the_one_before_are_kept(small_cgan, digits, tmp_path, same_weights):
    first, second = small_cgan(), small_cgan()
    quick(first, digits, epochs=1)
    for epochs in (1, 2):
        quick(second, digits, epochs=epochs, out=tmp_path)
    assert int(checkpoints.load(tmp_path / "previous.keras").epochs) == 1
    assert same_weights(engine.snapshot(checkpoints.load(tmp_path / "previous.keras")), engine.snapshot(first))
    assert same_weights(engine.snapshot(checkpoints.load(tmp_path)), engine.snapshot(second))


def test_saving_again_makes_no_optimizer(small_cgan, digits, tmp_path, monkeypatch):
    """Keras makes one for each of the model's at every save, and their variables stay in memory."""
    history, made = quick(small_cgan(), digits, out=tmp_path), []
    model = checkpoints.load(tmp_path)
    before = keras.optimizers.Optimizer.__init__
    monkeypatch.setattr(keras.optimizers.Optimizer, "__init__", lambda *a, **k: made.append(a) or before(*a, **k))
    keras.optimizers.Optimizer(1.0)
    assert len(made) == 1  # it is counted
    for _ in range(3):
        checkpoints.save(model, tmp_path, history.rows)
    assert len(made) == 1
    checkpoints.load(tmp_path)
    assert len(made) > 1


@pytest.mark.parametrize("damage", ["truncated", "altered", "missing"])
def test_a_damaged_model_is_named_and_the_one_before_goes_on(small_cgan, digits, tmp_path, same_weights, damage):
    whole = small_cgan()
    quick(whole, digits, epochs=4)
    for epochs in (2, 3):
        quick(small_cgan(), digits, epochs=epochs, out=tmp_path)
    newest = tmp_path / "model.keras"
    content = bytearray(newest.read_bytes())
    if damage == "missing":
        newest.unlink()
    else:
        content[len(content) // 2] ^= 1
        newest.write_bytes(content if damage == "altered" else content[: len(content) // 2])
    model = small_cgan()
    with pytest.warns(UserWarning, match="model.keras.* Taking previous.keras, saved after epoch 2"):
        history = quick(model, digits, epochs=4, out=tmp_path)
    assert [row["epoch"] for row in history.rows] == [1, 2, 3, 4]
    assert same_weights(engine.snapshot(model), engine.snapshot(whole))


def test_a_damaged_history_is_refused(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path)
    for text in ("epoch,d_loss\n1,0.5\n", "epoch,d_loss,g_loss,seconds\n1,1.0,1.0,1.0\n"):
        (tmp_path / "history.csv").write_text(text)
        with pytest.raises(ValueError, match="history.csv .*Choose another folder"):
            quick(small_cgan(), digits, epochs=3, out=tmp_path)


def test_what_a_killed_run_was_writing_is_removed(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path)
    halves = [tmp_path / ".model.1.keras", tmp_path / ".history.1.csv", tmp_path / "epochs" / ".0003.1.png"]
    for half in halves:
        half.write_bytes(b"half")
        os.utime(half, (0, 0))
    fresh = tmp_path / ".model.2.keras"  # another process may be writing it
    fresh.write_bytes(b"half")
    (tmp_path / ".mine").write_text("kept")
    quick(small_cgan(), digits, out=tmp_path, epochs=3)
    assert [half for half in halves if half.exists()] == [] and (tmp_path / ".mine").exists()
    assert fresh.exists()


TRAIN = """
import sys
import tiny
from cgan_lab import data, training

whole = data.load("digits")
digits = data.Digits("digits", whole.x_train[:320], whole.y_train[:320], whole.x_test, whole.y_test, whole.class_names)
training.SECONDS_A_SAVE = 0.0  # always saving, so that kills hit it
print("ready", flush=True)
options = {"batch_size": 64, "epochs": int(sys.argv[2]), "progress": False}
training.train(tiny.cgan(), digits, out=sys.argv[1], on_epoch=lambda row: print("epoch", flush=True), **options)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_twenty_kills_change_nothing(small_cgan, digits, tmp_path, same_weights):
    """kill -9 at random moments, twenty in a row; the run ends as one that nobody disturbed."""
    out, moment, reached = tmp_path / "run", random.Random(0), []
    command = [sys.executable, "-c", TRAIN, str(out)]

    def started():
        process = subprocess.Popen([*command, "1000000"], cwd=Path(__file__).parent, stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        return process

    process, start = started(), time.perf_counter()
    assert process.stdout.readline() == b"epoch\n"
    first = time.perf_counter() - start  # seconds, this machine's
    for _ in range(20):
        time.sleep(moment.uniform(0.0, 1.25 * first))  # while it builds, compiles, trains, writes
        process.kill()
        process.communicate()
        begun = any((out / name).exists() for name in (checkpoints.NEWEST, checkpoints.BEFORE))
        reached.append(int(checkpoints.load(out).epochs) if begun else 0)
        process = started()
    process.kill()
    process.communicate()
    assert reached == sorted(reached) and reached[-1] > 0, reached  # nothing is lost, and it gets on
    epochs = reached[-1] + 2
    subprocess.run([*command, str(epochs)], cwd=Path(__file__).parent, check=True, capture_output=True)
    whole = small_cgan()
    history = quick(whole, digits, epochs=epochs)
    assert same_weights(engine.snapshot(checkpoints.load(out)), engine.snapshot(whole))
    losses = np.genfromtxt(out / "history.csv", delimiter=",", names=True)
    assert losses["epoch"].tolist() == list(range(1, epochs + 1))
    assert losses["d_loss"].tolist() == history.column("d_loss").tolist()
    assert losses["g_loss"].tolist() == history.column("g_loss").tolist()
