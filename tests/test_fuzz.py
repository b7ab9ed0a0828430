"""Damaged and hostile files: ten thousand mutations end in a sentence or in what the whole file means.

`CGAN_LAB_FUZZ=10` makes ten times as many. A mutation depends on its seed alone; what once went wrong stands at the
end by name, with the seed that found it.
"""

import csv
import io
import json
import struct
import tracemalloc
import types
import zipfile

import fuzz
import h5py
import keras
import numpy as np
import pytest
import tiny

from cgan_lab import data, engine, runs, saved
from cgan_lab._support import files

ARRAYS = {
    "x_train": np.arange(3 * 784).astype(np.uint8).reshape(3, 28, 28),
    "y_train": np.arange(3, dtype=np.uint8),
    "x_test": np.zeros((2, 28, 28), np.uint8),
    "y_test": np.arange(2),
}
SETTINGS = {
    "loss": "non_saturating",
    "ema": 0.9,
    "g_optimizer": {"rate": 1e-3},
    "epochs": 3,
    "penalty": None,
    "images": [1],
}
HISTORY = b"epoch,d_loss,g_loss,seconds\r\n" + b"".join(b"%d,1.25,0.5,%d.5\r\n" % (i, i) for i in (1, 2, 3))


def npy(array):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()


PARTS = [(f"{name}.npy", npy(array)) for name, array in ARRAYS.items()]
ARCHIVES = [fuzz.zipped(PARTS), fuzz.zipped(PARTS, zipfile.ZIP_DEFLATED)]


def outcomes(count, damaged, load, errors=(ValueError, TypeError)):
    """Load ``count`` damaged files; return the seeds and values of those that could be loaded.

    Fails for any other error than ``errors`` with a sentence, for a hang, and for more memory than a few files'.
    """
    loaded = []
    tracemalloc.start()
    try:
        for seed in range(count * fuzz.TIMES):
            content = damaged(fuzz.dice(seed))
            try:
                with fuzz.harmless(seed):
                    loaded.append((seed, load(content)))
            except errors as error:
                assert len(f"{error}") > 20, f"seed {seed} says only {error!r}"
            except Exception as error:
                raise AssertionError(f"seed {seed} ends in {error!r}") from error
    finally:
        tracemalloc.stop()
    return loaded


def same(digits):
    return all(np.array_equal(getattr(digits, name), array) for name, array in ARRAYS.items())


@pytest.fixture
def load_data(tmp_path):
    def load(content):
        (tmp_path / "a.npz").write_bytes(content)
        return data.load(tmp_path / "a.npz")

    return load


def test_6000_archives_with_damaged_bytes_give_a_sentence_or_the_same_digits(load_data):
    loaded = outcomes(6000, lambda dice: fuzz.bytes_damaged(dice.choice(ARCHIVES), dice), load_data)
    assert loaded and all(same(digits) for _, digits in loaded)


def test_700_archives_with_false_headers_and_right_checksums_give_a_sentence_or_a_data_set(load_data):
    loaded = outcomes(700, lambda dice: fuzz.archive_damaged(dice.choice(ARCHIVES), dice, fuzz.npy_damaged), load_data)
    for seed, digits in loaded:
        for part in ("train", "test"):
            x, y = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
            assert x.dtype == np.uint8 and x.shape == (len(y), 28, 28) and 0 <= y.min() <= y.max() <= 9, seed


def test_500_damaged_weight_files_give_a_sentence_or_the_same_weights(tmp_path):
    path, weights, got = tmp_path / "w.npz", [np.ones((4, 3), np.float16), np.arange(3, dtype=np.float16)], []
    files.write_npz(path, w00=weights[0], w01=weights[1])
    content = path.read_bytes()

    def set_weights(arrays):
        if [array.shape for array in arrays] != [(4, 3), (3,)]:  # as Keras does
            raise ValueError("the arrays do not have the shapes of the weights")
        got.append(arrays)

    def load(damaged):
        path.write_bytes(damaged)
        files.read_weights(path, types.SimpleNamespace(set_weights=set_weights))
        return got[-1]

    for seed, arrays in outcomes(500, lambda dice: fuzz.bytes_damaged(content, dice), load):
        assert [a.tolist() for a in arrays] == [w.tolist() for w in weights], seed


@pytest.fixture(scope="module")
def model():
    return tiny.cgan()


def test_1500_damaged_configs_give_a_sentence_or_the_same_settings(model, tmp_path):
    content = json.dumps(SETTINGS, indent=2).encode()

    def damaged(dice):
        return (fuzz.text_damaged if dice.random() < 0.6 else fuzz.json_damaged)(content, dice)

    def load(damaged):
        (tmp_path / "config.json").write_bytes(damaged)
        assert runs.take_up(model, tmp_path, SETTINGS) == []
        return json.loads((tmp_path / "config.json").read_text())

    loaded = outcomes(1500, damaged, load)
    assert loaded and all(settings == SETTINGS for _, settings in loaded)


def test_1500_damaged_histories_give_a_sentence_or_rows_that_end_where_the_model_stands(tmp_path):
    def load(damaged):
        (tmp_path / "history.csv").write_bytes(damaged)
        return runs._read_history(tmp_path / "history.csv", 3)

    loaded = outcomes(1500, lambda dice: fuzz.text_damaged(HISTORY, dice), load)
    assert loaded
    for seed, rows in loaded:
        assert [row["epoch"] for row in rows] == [1, 2, 3][3 - len(rows) :], seed
        assert all(np.isfinite(list(row.values())).all() for row in rows), seed


@pytest.fixture(scope="module")
def saved_model(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(path)
    runs.load(path)  # what Keras sets up once counts for no mutation
    return path.read_bytes()


@pytest.fixture
def load_model(tmp_path):
    def load(content):
        (tmp_path / "model.keras").write_bytes(content)
        return engine.snapshot(runs.load(tmp_path / "model.keras"))

    return load


def test_300_saved_models_with_damaged_bytes_give_a_sentence_or_the_same_model(
    model, saved_model, load_model, same_weights
):
    loaded = outcomes(300, lambda dice: fuzz.bytes_damaged(saved_model, dice), load_model)
    assert loaded and all(same_weights(weights, engine.snapshot(model)) for _, weights in loaded)


@pytest.mark.parametrize("part", ["config.json", "model.weights.h5"])
def test_a_saved_model_damaged_inside_with_right_checksums_gives_a_sentence_or_a_model(saved_model, load_model, part):
    parts = dict(fuzz.unzipped(saved_model))

    def damaged(dice):
        damage = fuzz.bytes_damaged if part.endswith("h5") else dice.choice((fuzz.json_damaged, fuzz.text_damaged))
        return fuzz.zipped({**parts, part: damage(parts[part], dice)}.items())

    for _seed, weights in outcomes(10, damaged, load_model):
        assert weights


# What a stranger may have put in on purpose


def with_layer(content, **layer):
    """Return the saved model with one layer of its discriminator replaced."""
    parts = dict(fuzz.unzipped(content))
    settings = json.loads(parts["config.json"])
    settings["config"]["discriminator"]["config"]["layers"][1].update(layer)
    return fuzz.zipped({**parts, "config.json": json.dumps(settings).encode()}.items())


CODE = [
    {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "a", "function": "os.system"}},
    {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/tmp"}},
    {"module": "subprocess", "class_name": "Popen", "config": {"args": ["touch", "harm"]}},
    {"module": "harm", "class_name": "Harm", "config": {}},
    {"module": "keras.utils", "class_name": "get_file", "config": {"fname": "a", "origin": "http://127.0.0.1/"}},
    {"module": "keras.config", "class_name": "enable_unsafe_deserialization", "config": {}},
    {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "function"},
    {"module": ["os"], "class_name": "system", "config": "touch harm"},
]


@pytest.mark.parametrize("layer", CODE, ids=lambda layer: f"{layer['module']}.{layer['class_name']}")
def test_a_model_that_names_code_is_refused_before_any_of_it_is_imported(
    saved_model, load_model, tmp_path, monkeypatch, layer
):
    (tmp_path / "harm.py").write_text("open('harm', 'w').close()\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keras.models, "load_model", lambda *a, **k: pytest.fail("Keras was asked to load it"))
    with pytest.raises(ValueError, match="is not a whole saved model .* which is not of this course"):
        load_model(with_layer(saved_model, **layer))
    assert not (tmp_path / "harm").exists()


def test_what_the_program_itself_has_registered_is_known(monkeypatch):
    monkeypatch.setattr(keras.saving, "get_registered_object", lambda name: {"mine>Layer": object}.get(name))
    saved.check_settings({"module": "my_layers", "class_name": "Layer", "registered_name": "mine>Layer"})
    with pytest.raises(ValueError, match="names my_layers.Other"):
        saved.check_settings([{"module": "my_layers", "class_name": "Other", "registered_name": "mine>Other"}])


def hdf5(fill):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def circle(file):
    file.create_group("a")["b"] = file["/"]


WEIGHTS = {
    "link to another file": lambda f: f.__setitem__("a", h5py.ExternalLink("/etc/passwd", "/")),
    "link inside": lambda f: f.__setitem__("a", h5py.SoftLink("/b")),
    "circle": circle,
    "numbers in another file": lambda f: f.create_dataset("a", (8,), "u1", external=[("/etc/passwd", 0, 8)]),
    "compressed bomb": lambda f: f.create_dataset("a", (10**9,), "u1", chunks=(10**6,), compression="gzip"),
    "size beyond the file": lambda f: f.create_dataset("a", (10**12,), "u1"),
    "objects": lambda f: f.create_dataset("a", data="text"),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_are_no_plain_arrays_are_refused(name):
    with fuzz.harmless(name), pytest.raises(ValueError):
        saved.check_weights(hdf5(WEIGHTS[name]))


def patched(content, **fields):
    """Return a zip archive of which all parts say something else of themselves, in both places where they do."""
    places = {"version": ("<H", 4, 6), "flags": ("<H", 6, 8), "method": ("<H", 8, 10), "size": ("<I", 22, 24)}
    content = bytearray(content)
    for name, value in fields.items():
        kind, local, central = places[name]
        for signature, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
            at = content.find(signature)
            while at >= 0:
                struct.pack_into(kind, content, at + offset, value)
                at = content.find(signature, at + 4)
    return bytes(content)


FOUND = {
    "seed 622: packed in a way that zipfile does not know": patched(ARCHIVES[0], method=99),
    "seed 911: of a version that zipfile does not know": patched(ARCHIVES[0], version=109),
    "seed 3939: patched data": patched(ARCHIVES[0], flags=0x20),
    "encrypted": patched(ARCHIVES[0], flags=1),
    "promises more than it holds": patched(ARCHIVES[1], size=2**31),
    "two parts of one name": fuzz.zipped([*PARTS, PARTS[0]]),
    "an array of 800 TB": fuzz.zipped(
        [("x_train.npy", PARTS[0][1].replace(b"(3, 28, 28)", b"(2**40,28,28)")), *PARTS[1:]]
    ),
    "an array of an absurd shape": fuzz.zipped(
        [("x_train.npy", PARTS[0][1].replace(b"(3, 28, 28), }           ", b"(109951162777, 28,28), }")), *PARTS[1:]]
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_an_archive_that_says_something_false_is_refused_with_a_sentence(load_data, name):
    tracemalloc.start()
    try:
        with fuzz.harmless(name), pytest.raises(ValueError, match="is not a whole .npz file of plain arrays .*again"):
            load_data(FOUND[name])
    finally:
        tracemalloc.stop()


def test_a_small_archive_that_unpacks_to_a_huge_one_is_refused_before_it_is_unpacked(load_data, monkeypatch):
    bomb = fuzz.zipped([*PARTS[1:], ("x_train.npy", npy(np.zeros((20_000, 28, 28), np.uint8)))], zipfile.ZIP_DEFLATED)
    assert len(bomb) < 40_000
    monkeypatch.setattr(files, "MOST", 10**7)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a, **k: pytest.fail("it was unpacked"))
    with pytest.raises(ValueError, match="it unpacks to more than 10000000 bytes"):
        load_data(bomb)


@pytest.mark.parametrize("text", ["[" * 20_000, '{"a":' * 20_000, "[]", "null", "3"], ids=lambda text: text[:8])
def test_a_config_of_another_kind_is_damaged(model, tmp_path, text):
    """Seeds 183 and 262: brackets so deep that Python's reader gives up."""
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match="config.json is damaged"):
        runs.take_up(model, tmp_path, SETTINGS)


@pytest.mark.parametrize(
    "row", ["3,nan,0.5,3.5", "3,1.25,inf,3.5", "3,1e999,0.5,3.5", "3,1.25,0.5," + "9" * 5000, "3\0,1,1,1"]
)
def test_a_history_with_a_number_that_is_none_is_damaged(tmp_path, row):
    """Seeds 74, 292 and 584."""
    (tmp_path / "history.csv").write_bytes(HISTORY.replace(b"3,1.25,0.5,3.5", row.encode()))
    with pytest.raises(ValueError, match="history.csv is damaged"):
        runs._read_history(tmp_path / "history.csv", 3)
    (tmp_path / "history.csv").write_text('"' + "x" * (csv.field_size_limit() + 1))
    with pytest.raises(ValueError, match="history.csv is damaged"):
        runs._read_history(tmp_path / "history.csv", 3)


def test_a_model_whose_optimizer_does_not_fit_is_refused_instead_of_going_on_without(saved_model, load_model):
    """Keras only warned of it, and training would have gone on from another state."""
    parts = dict(fuzz.unzipped(saved_model))
    settings = json.loads(parts["config.json"])
    settings["compile_config"]["g_optimizer"]["config"]["amsgrad"] = True
    with pytest.raises(ValueError, match="is not a whole saved model .*(could not be loaded|Skipping)"):
        load_model(fuzz.zipped({**parts, "config.json": json.dumps(settings).encode()}.items()))
