"""A run's folder: never half a model, and the one before when the newest is damaged."""

import multiprocessing
import os
import random
import signal
import time

import keras
import numpy as np
import pytest
import tiny

from cgan_lab import engine, runs, training


def quick(model, digits, **arguments):
    return training.train(model, digits, batch_size=64, progress=False, **{"epochs": 2, **arguments})


def test_a_damaged_model_is_refused_with_a_sentence(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path, epochs=1)
    whole = (tmp_path / "model.keras").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole[:200] + bytes(400) + whole[600:]):
        (tmp_path / "model.keras").write_bytes(damaged)
        with pytest.raises(ValueError, match="is not a whole saved model"):
            runs.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="no trained model at"):
        runs.load(tmp_path / "elsewhere")


def test_another_kind_of_model_is_refused(tmp_path):
    import keras

    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="holds a Sequential, expected a CGAN"):
        runs.load(tmp_path)


def test_the_newest_and_the_one_before_are_kept(small_cgan, digits, tmp_path, same_weights):
    first, second = small_cgan(), small_cgan()
    quick(first, digits, epochs=1)
    for epochs in (1, 2):
        quick(second, digits, epochs=epochs, out=tmp_path)
    assert int(runs.load(tmp_path / "previous.keras").epochs) == 1
    assert same_weights(engine.snapshot(runs.load(tmp_path / "previous.keras")), engine.snapshot(first))
    assert same_weights(engine.snapshot(runs.load(tmp_path)), engine.snapshot(second))


def test_saving_again_makes_no_optimizer(small_cgan, digits, tmp_path, monkeypatch):
    """Keras makes one for each of the model's at every save, and their variables stay in memory."""
    history, made = quick(small_cgan(), digits, out=tmp_path), []
    model = runs.load(tmp_path)
    before = keras.optimizers.Optimizer.__init__
    monkeypatch.setattr(keras.optimizers.Optimizer, "__init__", lambda *a, **k: made.append(a) or before(*a, **k))
    keras.optimizers.Optimizer(1.0)
    assert len(made) == 1  # it is counted
    for _ in range(3):
        runs.save(model, tmp_path, history.rows)
    assert len(made) == 1
    runs.load(tmp_path)
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


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="Windows has no kill -9")
def test_twenty_kills_change_nothing(small_cgan, digits, tmp_path, same_weights):
    """kill -9 at random moments, twenty in a row; the run ends as one that nobody disturbed."""
    out, moment, reached, first = tmp_path / "run", random.Random(0), [0], 0.0
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["keras"])  # imported once, and not in each of the processes that are killed
    for kill in range(20):
        ours, theirs = processes.Pipe()
        process = processes.Process(target=tiny.train, args=(digits, out, 1_000_000, theirs))
        process.start()
        theirs.close()  # or its end would not be heard
        assert ours.recv() == "ready"
        begun = time.perf_counter()
        if kill % 2:
            time.sleep(moment.uniform(0.0, first))  # while it builds, reads, compiles
        else:
            assert ours.recv() == reached[-1] + 1
            first = time.perf_counter() - begun  # seconds, this machine's
            time.sleep(moment.uniform(0.0, first / 2))  # while it trains and writes
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        whole = any((out / name).exists() for name in (runs.NEWEST, runs.BEFORE))
        reached.append(int(runs.load(out).epochs) if whole else 0)
    assert reached == sorted(reached) and len(set(reached)) > 3, reached  # nothing is lost, and it gets on
    epochs = reached[-1] + 2
    last = processes.Process(target=tiny.train, args=(digits, out, epochs))
    last.start()
    last.join()
    assert last.exitcode == 0
    undisturbed = small_cgan()
    undisturbed.jit_compile = False
    history = quick(undisturbed, digits, epochs=epochs)
    assert same_weights(engine.snapshot(runs.load(out)), engine.snapshot(undisturbed))
    losses = np.genfromtxt(out / "history.csv", delimiter=",", names=True)
    assert losses["epoch"].tolist() == list(range(1, epochs + 1))
    assert losses["d_loss"].tolist() == history.column("d_loss").tolist()
    assert losses["g_loss"].tolist() == history.column("g_loss").tolist()
