"""A run's folder: never half a state, and the one before when the newest is damaged."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
import zipfile

import keras
import numpy as np
import pytest
import tiny

from cgan_lab import cgan, clinic, engine, recipes, runs, training

SMALL = {"recipe": "dense", "width": 0.02, "batch_size": 64}


def quick(model, digits, epochs=2, **arguments):
    return training.train(model, digits, epochs, batch_size=64, progress=False, **arguments)


@pytest.fixture
def recipe_cgan():
    """A function that returns a small model that `runs.load` can build again."""

    def build(seed=0):
        model = cgan.build(seed=seed, **SMALL)
        model.jit_compile = False
        return model

    return build


def test_a_loaded_run_is_the_model_that_was_trained(recipe_cgan, digits, tmp_path, same_weights):
    model = recipe_cgan(seed=3)
    quick(model, digits, out=tmp_path)
    again = runs.load(tmp_path)
    assert same_weights(engine.snapshot(model), engine.snapshot(again))
    assert again.recipe == model.recipe and again.seed == 3 and int(again.epochs) == 2
    assert np.array_equal(model.sample([4, 5], seed=0), again.sample([4, 5], seed=0))


def test_a_keras_file_is_loaded_in_safe_mode(small_cgan, digits, tmp_path, same_weights):
    model = small_cgan()
    model.save(tmp_path / "a.keras")
    assert same_weights(model.get_weights(), runs.load(tmp_path / "a.keras").get_weights())
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "b.keras")
    with pytest.raises(ValueError, match="holds a Sequential, expected a CGAN"):
        runs.load(tmp_path / "b.keras")
    code = keras.layers.Lambda(lambda x: x + 1)
    keras.Sequential([keras.Input((2,)), code]).save(tmp_path / "c.keras")
    with pytest.raises(ValueError, match="is not a whole saved model .*arbitrary code execution"):
        runs.load(tmp_path / "c.keras")
    content = (tmp_path / "a.keras").read_bytes()
    (tmp_path / "a.keras").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match="is not a whole saved model"):
        runs.load(tmp_path / "a.keras")


def test_a_run_of_networks_that_no_recipe_made_says_how_to_go_on(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path)
    with pytest.raises(
        ValueError, match="no recipe made. Build them again and call training.train"
    ):
        runs.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="no trained model at"):
        runs.load(tmp_path / "elsewhere")


def test_the_newest_and_the_one_before_are_kept(recipe_cgan, digits, tmp_path, same_weights):
    first = recipe_cgan()
    second = recipe_cgan()
    quick(first, digits, epochs=1)
    for epochs in (1, 2):
        quick(second, digits, epochs=epochs, out=tmp_path)
    assert same_weights(engine.snapshot(runs.load(tmp_path)), engine.snapshot(second))
    (tmp_path / "state.npz").unlink()
    with pytest.warns(UserWarning, match="Taking previous.npz, saved after epoch 1"):
        assert same_weights(engine.snapshot(runs.load(tmp_path)), engine.snapshot(first))


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty", "missing"])
def test_a_damaged_state_is_named_and_the_one_before_goes_on(
    small_cgan, digits, tmp_path, same_weights, damage
):
    whole = small_cgan()
    quick(whole, digits, epochs=4)
    for epochs in (2, 3):
        quick(small_cgan(), digits, epochs=epochs, out=tmp_path)
    newest = tmp_path / "state.npz"
    content = bytearray(newest.read_bytes())
    if damage == "missing":
        newest.unlink()
    else:
        content[len(content) // 2] ^= 1
        cut = {"truncated": len(content) // 2, "empty": 0, "altered": len(content)}[damage]
        newest.write_bytes(content[:cut])
    model = small_cgan()
    with pytest.warns(UserWarning, match="state.npz.* Taking previous.npz, saved after epoch 2"):
        history = quick(model, digits, epochs=4, out=tmp_path)
    assert [row["epoch"] for row in history.rows] == [1, 2, 3, 4]
    assert same_weights(engine.snapshot(model), engine.snapshot(whole))


def test_a_state_of_other_networks_is_refused(small_cgan, recipe_cgan, digits, tmp_path):
    quick(recipe_cgan(), digits, out=tmp_path / "a")
    quick(small_cgan(), digits, out=tmp_path / "b")
    (tmp_path / "b" / "state.npz").replace(tmp_path / "a" / "state.npz")
    with pytest.raises(ValueError, match="is damaged .the values do not have the shapes"):
        runs.load(tmp_path / "a")
    with pytest.raises(ValueError, match="is damaged: the values do not have the shapes"):
        quick(recipe_cgan(), digits, epochs=3, out=tmp_path / "a")


@pytest.mark.parametrize("saved", [b"\xef\xbb\xbfepoch;d_loss\r\n1;0,5\r\n", b"", None])
def test_a_history_that_a_spreadsheet_saved_or_lost_is_written_anew(
    small_cgan, digits, tmp_path, saved
):
    quick(small_cgan(), digits, epochs=2, out=tmp_path)
    history = tmp_path / "history.csv"
    before = history.read_text()
    history.unlink() if saved is None else history.write_bytes(saved)
    quick(small_cgan(), digits, epochs=3, out=tmp_path)
    assert history.read_text().startswith(before) and history.read_text().count("\n") == 4


def test_a_history_that_a_spreadsheet_locks_does_not_end_the_training(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, epochs=1, out=tmp_path)
    (tmp_path / "history.csv").unlink()
    (tmp_path / "history.csv").mkdir()  # a file cannot replace it, as it cannot a locked one
    with pytest.warns(UserWarning, match="history.csv was not written"):
        quick(small_cgan(), digits, epochs=2, out=tmp_path)
    (tmp_path / "history.csv").rmdir()
    assert len(quick(small_cgan(), digits, epochs=3, out=tmp_path).rows) == 3
    assert (tmp_path / "history.csv").read_text().count("\n") == 4


@pytest.mark.parametrize("name", ["state.npz", "history.csv", "epochs"])
def test_a_folder_with_files_of_a_run_and_no_config_is_left_alone(
    small_cgan, digits, tmp_path, name
):
    """A state whose config is lost would go on with other data; a history may be somebody's own."""
    (tmp_path / name).write_text("mine")
    with pytest.raises(ValueError, match=f"holds {name} and no config.json"):
        quick(small_cgan(), digits, out=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize(
    "wrong", [{"classes": "10"}, {"classes": None}, {"data": 5}, {"recipe": "dense"}]
)
def test_a_config_of_other_kinds_is_refused(recipe_cgan, digits, tmp_path, wrong):
    quick(recipe_cgan(), digits, out=tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | wrong))
    with pytest.raises(ValueError, match=f"it lacks {next(iter(wrong))}, or"):
        runs.load(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not lock folders")
def test_two_processes_do_not_train_into_one_folder(small_cgan, digits, tmp_path):
    program = """
import sys
from cgan_lab._support import files
files.claim(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], **pipes) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ValueError, match="another process is training into"):
            quick(small_cgan(), digits, out=tmp_path)
        other.stdin.close()
        other.wait()
    assert len(quick(small_cgan(), digits, out=tmp_path).rows) == 2
    assert len(quick(small_cgan(), digits, epochs=3, out=tmp_path).rows) == 3


def test_a_config_that_an_editor_saved_with_a_mark_is_read(recipe_cgan, digits, tmp_path):
    quick(recipe_cgan(), digits, out=tmp_path)
    config = tmp_path / "config.json"
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes().replace(b"\n", b"\r\n"))
    assert int(runs.load(tmp_path).epochs) == 2


@pytest.mark.parametrize("history", [None, np.zeros(4), np.zeros((2, 3)), np.zeros((0, 4))])
def test_a_state_without_a_history_is_refused(small_cgan, digits, tmp_path, history):
    quick(small_cgan(), digits, out=tmp_path)
    with np.load(tmp_path / "state.npz") as state:
        arrays = {name: state[name] for name in state.files if name != "history"}
    if history is not None:
        arrays["history"] = history
    np.savez(tmp_path / "state.npz", **arrays)
    with pytest.raises(ValueError, match="is not a run's state: it lacks the history"):
        quick(small_cgan(), digits, epochs=3, out=tmp_path)


def test_a_home_folder_is_found_in_every_path(recipe_cgan, digits, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # on Windows
    monkeypatch.chdir(tmp_path)
    quick(recipe_cgan(), digits, out="~/runs/a")
    assert (tmp_path / "runs" / "a" / "state.npz").is_file() and not (tmp_path / "~").exists()
    assert int(runs.load("~/runs/a").epochs) == 2 and runs.read_config("~/runs/a")["recipe"]
    runs.check("~/runs/a", {"seed": 0})
    with pytest.raises(ValueError, match="another run .it differs in seed"):
        runs.check("~/runs/a", {"seed": 1})


DAMAGED = ["[" * 20_000, "{", "{}", "[]", "null", "3"]


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[:8])
def test_a_damaged_config_is_refused(small_cgan, digits, tmp_path, text):
    quick(small_cgan(), digits, out=tmp_path)
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match="config.json is damaged"):
        quick(small_cgan(), digits, out=tmp_path)
    with pytest.raises(ValueError, match="config.json is damaged"):
        runs.load(tmp_path)


def test_a_setting_of_the_clinic_is_loaded_as_the_recipe_that_it_is(digits, tmp_path, same_weights):
    model = cgan.build(clinic.Setting(width=0.02, head_start=3))
    model.jit_compile = False
    quick(model, digits, out=tmp_path)
    assert same_weights(engine.snapshot(model), engine.snapshot(runs.load(tmp_path)))


@pytest.mark.parametrize("networks", ["dense", "conv"])
def test_a_modulated_model_is_kept_as_a_folder_and_as_a_file(
    networks, digits, tmp_path, same_weights
):
    model = cgan.build(networks, width=1 / 32, batch_size=64, modulation="alone")
    model.jit_compile = False
    quick(model, digits, out=tmp_path)
    model.save(tmp_path / "a.keras")
    noise = np.random.default_rng(0).normal(size=(3, 100))
    for path in (tmp_path, tmp_path / "a.keras"):
        again = runs.load(path)
        assert same_weights(model.get_weights(), again.get_weights())
        drawn = (one.sample([0, 5, 9], noise=noise) for one in (model, again))
        assert np.array_equal(*drawn)
    config = runs.read_config(tmp_path)["recipe"]
    assert config["modulation"] == "alone" and recipes.Recipe(**config) == model.recipe


def test_what_was_changed_after_building_makes_another_run(recipe_cgan, digits, tmp_path):
    quick(recipe_cgan(), digits, out=tmp_path)
    changed = recipe_cgan()
    changed.g_optimizer.learning_rate = 1e-5
    with pytest.raises(ValueError, match="another run .it differs in g_optimizer"):
        quick(changed, digits, epochs=3, out=tmp_path)


def test_a_run_from_before_a_field_of_recipes_came_goes_on(recipe_cgan, digits, tmp_path):
    quick(recipe_cgan(), digits, out=tmp_path)
    config = runs.read_config(tmp_path)
    for field in recipes.BEFORE:
        del config["recipe"][field]
        config["model"].pop(field, None)  # the networks' options stand in the recipe alone
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert runs.load(tmp_path).mismatch == 0.0
    assert len(quick(recipe_cgan(), digits, epochs=3, out=tmp_path).rows) == 3


def test_a_run_from_before_its_counters_had_64_bits_goes_on(recipe_cgan, digits, tmp_path):
    quick(recipe_cgan(), digits, out=tmp_path)
    with np.load(tmp_path / "state.npz") as state:
        arrays = {name: state[name] for name in state.files}
    short = {name: a.astype(np.int32) for name, a in arrays.items() if a.dtype == np.int64}
    assert len(short) == 4  # steps, epochs, and the steps of both optimizers
    np.savez(tmp_path / "state.npz", **arrays | short)
    steps = int(runs.load(tmp_path).steps)
    assert steps > 0
    model = recipe_cgan()
    assert len(quick(model, digits, epochs=3, out=tmp_path).rows) == 3
    assert int(model.steps) == 3 * steps // 2


def test_a_keras_file_whose_optimizer_does_not_fit_is_refused(small_cgan, tmp_path):
    """Keras only warns, and training would go on from another state."""
    small_cgan().save(tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    settings = json.loads(parts["config.json"])
    settings["compile_config"]["g_optimizer"]["config"]["amsgrad"] = True
    parts["config.json"] = json.dumps(settings).encode()
    with zipfile.ZipFile(tmp_path / "b.keras", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match="is not a whole saved model .*(could not be loaded|Skip)"):
        runs.load(tmp_path / "b.keras")


def test_the_same_data_under_another_name_is_the_same_run(small_cgan, digits, tmp_path):
    import dataclasses

    quick(small_cgan(), digits, out=tmp_path)
    renamed = dataclasses.replace(digits, name="./elsewhere.npz")
    assert len(quick(small_cgan(), renamed, epochs=3, out=tmp_path).rows) == 3
    assert json.loads((tmp_path / "config.json").read_text())["data"] == "./elsewhere.npz"
    changed = dataclasses.replace(digits, y_train=digits.y_train[::-1].copy())
    with pytest.raises(ValueError, match="another run .it differs in the content of the data"):
        quick(small_cgan(), changed, epochs=4, out=tmp_path)


def test_what_a_killed_run_was_writing_is_removed(small_cgan, digits, tmp_path):
    quick(small_cgan(), digits, out=tmp_path)
    halves = [".state.1.npz", ".history.1.csv", "epochs/.0003.1.png"]
    for half in halves:
        (tmp_path / half).write_bytes(b"half")
        os.utime(tmp_path / half, (0, 0))
    (tmp_path / ".state.2.npz").write_bytes(b"half")  # another process may be writing it
    (tmp_path / ".mine").write_text("kept")
    quick(small_cgan(), digits, out=tmp_path, epochs=3)
    assert [half for half in halves if (tmp_path / half).exists()] == []
    assert (tmp_path / ".mine").exists() and (tmp_path / ".state.2.npz").exists()


@pytest.mark.long
@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="Windows has no kill -9"
)
def test_twenty_kills_change_nothing(small_cgan, digits, tmp_path, same_weights):
    """kill -9 at random moments, twenty in a row; the run ends as one that nobody disturbed."""
    out, moment, reached, first = tmp_path / "run", random.Random(0), [0], 0.0
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(
        ["keras"]
    )  # imported once, and not in each of the processes that are killed
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
        whole = any((out / name).exists() for name in (runs.STATE, runs.BEFORE))
        reached.append(len(runs._read_state(out)[1]) if whole else 0)
    assert reached == sorted(reached) and len(set(reached)) > 3, (
        reached
    )  # nothing is lost, and it gets on
    epochs = reached[-1] + 2
    last = processes.Process(target=tiny.train, args=(digits, out, epochs))
    last.start()
    last.join()
    assert last.exitcode == 0
    undisturbed = small_cgan()
    history = quick(undisturbed, digits, epochs=epochs)
    assert same_weights(runs._read_state(out)[0], engine.snapshot(undisturbed))
    losses = np.genfromtxt(out / "history.csv", delimiter=",", names=True)
    assert losses["epoch"].tolist() == list(range(1, epochs + 1))
    assert losses["d_loss"].tolist() == history.column("d_loss").tolist()
    assert losses["g_loss"].tolist() == history.column("g_loss").tolist()
