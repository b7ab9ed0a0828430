"""A run's folder: what it is, its history, its state, a picture per epoch. Trains nothing.

``config.json`` says what the run is: recipe, data, seeds. ``state.npz`` holds the history and the
arrays of the newest saved epoch, ``previous.npz`` those of the save before. ``history.csv``, a row
per epoch, is for people and spreadsheets and is never read. Each file is written beside its place
and renamed, so a stop loses nothing. No file holds code.
"""

import contextlib
import csv
import io
import json
import os
import re
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np

from cgan_lab import engine, recipes
from cgan_lab._support import files, names
from cgan_lab._support.language import said
from cgan_lab._support.tensorflow import keras

COLUMNS = ("epoch", "d_loss", "g_loss", "seconds")
STATE, BEFORE = "state.npz", "previous.npz"
SECONDS_PER_SAVE = 10  # saving takes a tenth of a second, an epoch may take just one
# What a killed run was writing, see `files.replacing`.
PARTS = re.compile(r"\.(state|history|config|\d+)\.\d+\.(npz|csv|json|png)")
CONFIG = {"data": str, "classes": int, "recipe": (dict, type(None))}  # what reading relies on
OURS = (STATE, BEFORE, "history.csv", "epochs")
DIFFERENCES = {"data_sha256": "the content of the data"}
STALE = 600  # seconds; a younger part may belong to a process that is writing it now
DRIVE = Path("/content/drive")  # where Colab mounts a Google Drive


def load(path):
    """Return the `CGAN` saved at ``path``, a run's folder or a ``.keras`` file. Runs no code.

    Keras' safe mode refuses code in a ``.keras`` file. It refuses neither huge files nor files that
    point to others: open those only of people you trust.
    In a folder whose newest state is damaged or missing, the one before is taken, with a warning.
    Raises FileNotFoundError if there is none, ValueError if it is damaged, or if the run's networks
    were not made by a recipe, so that only their author can build them again.
    """
    path = names.path(path)
    if path.is_file():
        return _load_keras(path)
    values, _ = _read_state(path)
    config = read_config(path)
    if config["recipe"] is None:
        raise ValueError(
            f"{path} holds a run of networks that no recipe made. Build them again and call "
            "training.train(model, dataset, out=...): it goes on from there."
        )
    from cgan_lab import cgan  # only now: it starts TensorFlow

    try:
        recipe = recipes.Recipe(**recipes.BEFORE | config["recipe"])
        model = cgan.build(recipe, config["classes"], config["model_seed"], config["precision"])
        engine.restore(model, values)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is damaged ({error}). Restore it or train again.") from error
    return model


def check_saved(folder):
    """Raise FileNotFoundError unless ``folder`` holds the state of a run, whole or not."""
    if not any((Path(folder) / name).is_file() for name in (STATE, BEFORE)):
        _read_arrays(Path(folder) / STATE)


def read_config(folder):
    """Return the settings in ``folder``'s ``config.json``. Raises ValueError if it is damaged."""
    path = names.path(folder) / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8-sig"))  # an editor may add a mark
        if not isinstance(config, dict):
            raise ValueError("it does not hold a run's settings")
        wrong = [key for key, kind in CONFIG.items() if not isinstance(config.get(key), kind)]
        if wrong:
            raise ValueError(
                f"it lacks {', '.join(wrong)}, or has them with values of another kind"
            )
    except PermissionError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is damaged ({error}). Restore it from a copy, or choose another folder."
        ) from error
    return config


class Folder(engine.Listener):
    """The folder of a run: takes up what is there, then keeps what training makes.

    ``rows``: the history so far. Making a Folder makes the folder, or sets ``model`` to the state
    that it holds. Raises ValueError for a folder that holds another run or is damaged, OSError if
    it cannot be written.
    """

    def __init__(self, model, path, settings):
        self.model = model
        self.path = names.path(path)
        self.last = settings["epochs"]
        self.saved = time.perf_counter()
        _prepare(self.path, settings)
        try:
            files.claim(self.path)
        except BlockingIOError as error:
            raise ValueError(
                f"another process is training into {self.path}. Wait for it or end it, or choose "
                "another folder."
            ) from error
        try:
            self.rows = self._taken_up()
        except BaseException:
            files.release(self.path)
            raise

    def _taken_up(self):
        """Set the model to the state in the folder, if there is one, and return its history."""
        if not any((self.path / name).exists() for name in (STATE, BEFORE)):
            return []
        values, rows = _read_state(self.path, stacklevel=5)
        try:
            engine.restore(self.model, values)
        except ValueError as error:
            raise ValueError(f"{self.path / STATE} is damaged: {error}") from error
        return rows

    def on_epoch(self, row):
        """Write the epoch's picture, and the state if the last save was long ago."""
        self.rows = [*self.rows, row]
        # The same noise every epoch: ten samples of each label.
        images = self.model.sample(np.repeat(np.arange(self.model.classes), 10), seed=0)
        from PIL import Image

        from cgan_lab import plots

        with _writing(self.path, row["epoch"]):
            picture = self.path / "epochs" / f"{row['epoch']:04}.png"
            with files.replacing(picture) as part:
                Image.fromarray(255 - plots.tile(images)).save(part)
        due = time.perf_counter() - self.saved > SECONDS_PER_SAVE
        if due and row["epoch"] < self.last:
            save(self.model, self.path, self.rows)
            self.saved = time.perf_counter()

    def on_end(self, rows):
        """Write history and state, which stand after the last of ``rows``; release the folder."""
        try:
            if rows:
                save(self.model, self.path, rows)
        finally:
            files.release(self.path)


def save(model, folder, rows):
    """Write history and state into ``folder``; the state there becomes the previous one."""
    folder = Path(folder)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    values = {f"v{i:04}": value for i, value in enumerate(engine.snapshot(model))}
    with _writing(folder, rows[-1]["epoch"]):
        with files.replacing(folder / STATE) as part:
            table = np.array([[row[name] for name in COLUMNS] for row in rows], float)
            files.pack(part, zipfile.ZIP_STORED, history=table, **values)
            if (folder / STATE).exists():
                os.replace(folder / STATE, folder / BEFORE)
    try:
        with files.replacing(folder / "history.csv") as part:
            part.write_text(text.getvalue(), encoding="utf-8", newline="")
    except OSError as error:  # on Windows a spreadsheet locks the file that it shows
        reason = error.strerror or error
        message = f"history.csv was not written ({reason}); its rows are in {STATE}."
        warnings.warn(said(message), stacklevel=3)


def check(folder, settings):
    """Raise ValueError if ``folder`` holds another run, OSError if it cannot be made or written.

    ``settings``: any of those in ``config.json``. Writes nothing and starts no TensorFlow.
    """
    if str(folder) in recipes.SHIPPED:
        raise ValueError(f"{folder} is the name of a model that ships. Choose another folder.")
    folder = names.path(folder).absolute()
    _check_mounted(folder)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise OSError(f"cannot write to the folder {folder}: {there} is a file. Choose another.")
    if not os.access(there, os.W_OK):
        raise OSError(f"cannot write to the folder {folder}: {there} is read-only. Choose another.")
    _check_same_run(folder, settings)


def _check_mounted(folder):
    if DRIVE in folder.absolute().parents and not os.path.ismount(DRIVE):
        raise OSError(
            f"{folder} is on a Google Drive that is not mounted, so the run would be lost with "
            f"this machine. Mount it: from google.colab import drive; drive.mount('{DRIVE}')"
        )


def _prepare(folder, settings):
    """Make ``folder``, or see that it holds the same run; remove what killed runs left."""
    _check_mounted(folder)
    config = folder / "config.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with files.replacing(config) as part:
            part.write_text("{}", encoding="utf-8")  # can it be written at all?
            _check_same_run(folder, settings)
            part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        (folder / "epochs").mkdir(exist_ok=True)
        for part in (*folder.glob(".*"), *(folder / "epochs").glob(".*")):
            if PARTS.fullmatch(part.name) and time.time() - part.stat().st_mtime > STALE:
                part.unlink()
    except OSError as error:
        raise OSError(
            f"cannot write to the folder {folder} ({error.strerror}). Choose another one."
        ) from error


def _check_same_run(folder, settings):
    if not (folder / "config.json").exists():
        if there := [name for name in OURS if (folder / name).exists()]:
            raise ValueError(
                f"{folder} holds {', '.join(there)} and no config.json, which says what run that "
                "is. Restore it from a copy, or choose another folder."
            )
        return
    before = recipes.BEFORE | dict(_flat(read_config(folder)))
    now = dict(_flat(json.loads(json.dumps(settings))))  # as it looks when read back
    # More epochs of a run are the same run, and data are the same if their content is.
    differ = [key for key in now if key not in ("epochs", "data") and before.get(key) != now[key]]
    if differ:
        names = ", ".join(DIFFERENCES.get(key, key) for key in differ)
        raise ValueError(
            f"{folder} holds another run (it differs in {names}). Choose another folder, or remove "
            "it."
        )


def _flat(settings):
    """Yield the settings and those inside ``recipe`` and ``model`` as (name, value)."""
    for key, value in settings.items():
        yield from value.items() if isinstance(value, dict) else [(key, value)]


@contextlib.contextmanager
def _writing(folder, epoch):
    """Turn an error of writing during a run into one that says what is kept and how to go on."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"cannot write to {folder} any more ({error.strerror or error}). The model here stands "
            f"after epoch {epoch}. Bring the folder back (mount the Drive again, make room) and "
            "run the same call again: it goes on from what was saved there."
        ) from error


def _read_state(folder, stacklevel=3):
    """Return (values, rows of the history) of the newest whole state in ``folder``."""
    newest = folder / STATE
    before = folder / BEFORE
    try:
        return _read_arrays(newest)
    except (ValueError, FileNotFoundError) as error:
        if not before.is_file():
            raise
        values, rows = _read_arrays(before)
        taken = f"Taking {before.name}, saved after epoch {rows[-1]['epoch']}."
        warnings.warn(said(f"{error} {taken}"), stacklevel=stacklevel)
        return values, rows


def _read_arrays(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"no trained model at {path}; train one with: python -m cgan_lab train --out FOLDER."
        )
    if not os.access(path, os.R_OK):
        raise PermissionError(f"{path} may not be read by this user. Change its permissions.")
    arrays = files.read_npz(path)
    table = arrays.pop("history", np.empty(0))
    if table.ndim != 2 or table.shape[1] != len(COLUMNS) or not len(table):
        raise ValueError(f"{path} is not a run's state: it lacks the history.")
    rows = [(int(row[0]), *row[1:].tolist()) for row in table]
    values = [arrays[name] for name in sorted(arrays)]
    return values, [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _load_keras(path):
    from cgan_lab import cgan

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping")  # Keras would leave weights as drawn
            model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # a damaged archive can fail anywhere inside Keras
        reason = f"{type(error).__name__}: {error}".strip().split("\n")[0][:200]
        raise ValueError(
            f"{path} is not a whole saved model ({reason}). Restore it from a copy or train again."
        ) from error
    if not isinstance(model, cgan.CGAN):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, expected a CGAN saved by this package."
        )
    return model
