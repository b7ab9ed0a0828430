"""A run's folder: settings, history, the model after its last saved epoch and the one saved before. Trains nothing.

``config.json`` says what the run is, ``history.csv`` has a row an epoch, ``model.keras`` is the newest
whole model and ``previous.keras`` the one before it. Each is written aside and renamed, the history
first: the model says how many of its rows count, so a stop between the two loses nothing.
"""

import contextlib
import csv
import io
import json
import math
import os
import re
import time
import warnings
from pathlib import Path

from cgan_lab import engine, saved
from cgan_lab._support import files, runtime

runtime.tensorflow()

import keras  # noqa: E402

COLUMNS = ("epoch", "d_loss", "g_loss", "seconds")
HALF = re.compile(r"\.(model|history|\d+)\.\d+\.(keras|csv|png)")  # what a killed run was writing, see `files.aside`
STALE = 600  # seconds; a younger half may be one that another process is writing
NEWEST, BEFORE = "model.keras", "previous.keras"
DRIVE = Path("/content/drive")  # where Colab mounts a Google Drive


def load(path):
    """Return the `CGAN` saved at ``path``, a ``.keras`` file or a run's folder. Runs no code from it.

    In a folder whose newest model is damaged or missing, the one before is taken, with a warning.
    Raises FileNotFoundError if there is none, ValueError if no whole CGAN is left.
    """
    path = Path(path)
    if not path.is_dir():
        return _load(path)
    newest, before = path / NEWEST, path / BEFORE
    try:
        return _load(newest)
    except (ValueError, FileNotFoundError) as error:
        if not before.is_file():
            raise
        model = _load(before)
        warnings.warn(f"{error} Taking {before.name}, saved after epoch {int(model.epochs.numpy())}.", stacklevel=2)
        return model


def take_up(model, folder, settings):
    """Make ``folder`` for a run with these ``settings``, or take up the run that it holds.

    Sets ``model`` to the saved state, if there is one, and returns the rows of its history. Raises
    ValueError for a folder that holds another run or is damaged, OSError if it cannot be written.
    """
    folder = Path(folder)
    if DRIVE in folder.absolute().parents and not os.path.ismount(DRIVE):
        raise OSError(
            f"{folder} is on a Google Drive that is not mounted, so the run would be lost with this machine. Mount it: "
            f"from google.colab import drive; drive.mount('{DRIVE}')"
        )
    try:
        (folder / "epochs").mkdir(parents=True, exist_ok=True)
        with files.aside(folder / "config.json") as part:
            part.write_text("{}", encoding="utf-8")  # can it be written at all?
            _check_same_run(folder, settings)
            part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        for half in (*folder.glob(".*"), *(folder / "epochs").glob(".*")):
            if HALF.fullmatch(half.name) and time.time() - half.stat().st_mtime > STALE:
                half.unlink()
    except OSError as error:
        raise OSError(f"cannot write to the folder {folder} ({error.strerror}). Choose another one.") from error
    if not any((folder / name).exists() for name in (NEWEST, BEFORE)):
        return []
    engine.restore(model, engine.snapshot(load(folder)))
    return _read_history(folder / "history.csv", int(model.epochs.numpy()))


def save(model, folder, rows):
    """Write the history ``rows`` and the ``model`` into ``folder``; the model there becomes the one before."""
    text, folder = io.StringIO(newline=""), Path(folder)
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    with writing(folder, rows[-1]["epoch"]):
        with files.aside(folder / "history.csv") as part:
            part.write_text(text.getvalue(), encoding="utf-8", newline="")
        with files.aside(folder / NEWEST) as part:
            model.save(part)
            _keep_attribute_lists()
            if (folder / NEWEST).exists():
                os.replace(folder / NEWEST, folder / BEFORE)


def _keep_attribute_lists():
    """Let Keras find the lists of attributes that it has made for this save.

    It looks for them under another name than the one it keeps them under (seen in 3.13.2 and 3.15.1), and so makes an
    optimizer, with variables that stay in memory, for each one of the model: 140 KB and half the time of a save.
    """
    with contextlib.suppress(ImportError, AttributeError):  # not public; without it saving is only dearer
        from keras.src.backend.common import global_state

        for kind in ("Functional", "Layer", "Metric", "Operation", "Optimizer"):
            made = global_state.get_global_attribute(f"saving_attr_skipset_{kind}")
            if made is not None:
                global_state.set_global_attribute(f"saving_attr_skiplist_{kind}", made)


@contextlib.contextmanager
def writing(folder, epoch):
    """Turn an error of writing to ``folder`` during a run into a sentence that says what is kept, and how to go on."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"cannot write to {folder} any more ({error.strerror or error}). The model here stands after epoch "
            f"{epoch}. Bring the folder back (mount the Drive again, make room) and run the same call again: it "
            "goes on from what was saved there."
        ) from error


def _load(path):
    from cgan_lab.cgan import CGAN  # registers the class with Keras

    if not path.is_file():
        raise FileNotFoundError(f"no trained model at {path}; train one with: python -m cgan_lab train --out FOLDER.")
    try:
        saved.check(path)
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping")  # Keras would leave such weights as they were drawn
            model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # a damaged archive can fail anywhere inside Keras
        said = f"{type(error).__name__}: {error}".strip().split("\n")[0][:200]
        raise ValueError(
            f"{path} is not a whole saved model ({said}). Restore it from a copy or train again."
        ) from error
    if not isinstance(model, CGAN):
        raise ValueError(f"{path} holds a {type(model).__name__}, expected a CGAN saved by this package.")
    return model


def _check_same_run(folder, settings):
    config = folder / "config.json"
    try:
        if not config.exists():
            return
        before = json.loads(config.read_text(encoding="utf-8"))
        if not isinstance(before, dict):
            raise ValueError(f"it holds a {type(before).__name__}, expected settings by name")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{config} is damaged ({error}). Choose another folder, or remove it.") from error
    settings = json.loads(json.dumps(settings))  # as they look when read back
    # More epochs of the same run are the same run.
    other = [key for key in settings if key != "epochs" and before.get(key) != settings[key]]
    if other:
        raise ValueError(
            f"{folder} holds another run (it differs in {', '.join(other)}). Choose another folder, or remove it."
        )


def _read_history(path, epochs):
    """Return the rows of the first ``epochs`` epochs; later ones belong to a model that was not saved."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [
                {key: (int if key == "epoch" else float)(row[key]) for key in COLUMNS} for row in csv.DictReader(file)
            ]
        if not all(math.isfinite(number) for row in rows for number in row.values()):
            raise ValueError("a number is not finite")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, csv.Error) as error:
        raise ValueError(f"{path} is damaged ({type(error).__name__}). Choose another folder, or remove it.") from error
    rows = [row for row in rows if row["epoch"] <= epochs]
    if [row["epoch"] for row in rows] != list(range(epochs - len(rows) + 1, epochs + 1)):
        raise ValueError(f"{path} lacks epochs up to the model's {epochs}. Choose another folder, or remove it.")
    return rows
