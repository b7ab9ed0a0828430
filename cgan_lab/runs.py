"""A run's folder: what it is, its history, its state, a picture per epoch. Trains nothing.

``config.json`` says what the run is: recipe, data, seeds. ``history.csv`` has a row per epoch.
``state.npz`` holds the arrays of the newest saved epoch, ``previous.npz`` those of the save before.
Each file is written beside its place and renamed, the history first: the state says how many of its
rows count, so a stop between the two loses nothing. No file holds code.
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
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from cgan_lab import cgan as models
from cgan_lab import engine, plots, recipes
from cgan_lab._support import files
from cgan_lab._support.tensorflow import keras

COLUMNS = ("epoch", "d_loss", "g_loss", "seconds")
STATE, BEFORE = "state.npz", "previous.npz"
SECONDS_PER_SAVE = 10  # saving takes a tenth of a second, an epoch may take just one
# What a killed run was writing, see `files.replacing`.
PARTS = re.compile(r"\.(state|history|config|\d+)\.\d+\.(npz|csv|json|png)")
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
    path = Path(path)
    if path.is_file():
        return _load_keras(path)
    values, _ = _read_state(path)
    config = read_config(path)
    if config["recipe"] is None:
        raise ValueError(
            f"{path} holds a run of networks that no recipe made. Build them again and call "
            "training.train(model, dataset, out=...): it goes on from there."
        )
    try:
        recipe = recipes.Recipe(**config["recipe"])
        model = models.build(recipe, config["classes"], config["model_seed"], config["precision"])
        engine.restore(model, values)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is damaged ({error}). Restore it or train again.") from error
    return model


def read_config(folder):
    """Return the settings in ``folder``'s ``config.json``. Raises ValueError if it is damaged."""
    path = Path(folder) / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(config, dict) or not {"recipe", "data"} <= set(config):
            raise ValueError("it does not hold a run's settings")
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is damaged ({error}). Choose another folder, or remove it."
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
        self.path = Path(path)
        self.last = settings["epochs"]
        self.saved = time.perf_counter()
        _prepare(self.path, settings)
        self.rows = []
        if any((self.path / name).exists() for name in (STATE, BEFORE)):
            values, epoch = _read_state(self.path, stacklevel=4)
            try:
                engine.restore(model, values)
            except ValueError as error:
                raise ValueError(f"{self.path / STATE} is damaged: {error}") from error
            self.rows = _read_history(self.path / "history.csv", epoch)

    def on_epoch(self, row):
        """Write the epoch's picture, and the state if the last save was long ago."""
        self.rows = [*self.rows, row]
        # The same noise every epoch: ten samples of each label.
        images = self.model.sample(np.repeat(np.arange(self.model.classes), 10), seed=0)
        with _writing(self.path, row["epoch"]):
            picture = self.path / "epochs" / f"{row['epoch']:04}.png"
            with files.replacing(picture) as part:
                Image.fromarray(255 - plots.tile(images)).save(part)
        due = time.perf_counter() - self.saved > SECONDS_PER_SAVE
        if due and row["epoch"] < self.last:
            save(self.model, self.path, self.rows)
            self.saved = time.perf_counter()

    def on_end(self, rows):
        """Write history and state, which stand after the last of ``rows``."""
        if rows:
            save(self.model, self.path, rows)


def save(model, folder, rows):
    """Write history and state into ``folder``; the state there becomes the previous one."""
    folder = Path(folder)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    values = {f"v{i:04}": value for i, value in enumerate(engine.snapshot(model))}
    with _writing(folder, rows[-1]["epoch"]):
        with files.replacing(folder / "history.csv") as part:
            part.write_text(text.getvalue(), encoding="utf-8", newline="")
        with files.replacing(folder / STATE) as part:
            epoch = np.array(rows[-1]["epoch"])
            files.pack(part, zipfile.ZIP_STORED, epoch=epoch, **values)
            if (folder / STATE).exists():
                os.replace(folder / STATE, folder / BEFORE)


def _prepare(folder, settings):
    """Make ``folder``, or see that it holds the same run; remove what killed runs left."""
    if DRIVE in folder.absolute().parents and not os.path.ismount(DRIVE):
        raise OSError(
            f"{folder} is on a Google Drive that is not mounted, so the run would be lost with "
            f"this machine. Mount it: from google.colab import drive; drive.mount('{DRIVE}')"
        )
    config = folder / "config.json"
    try:
        (folder / "epochs").mkdir(parents=True, exist_ok=True)
        with files.replacing(config) as part:
            part.write_text("{}", encoding="utf-8")  # can it be written at all?
            if config.exists():
                _check_same_run(folder, settings)
            part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        for part in (*folder.glob(".*"), *(folder / "epochs").glob(".*")):
            if PARTS.fullmatch(part.name) and time.time() - part.stat().st_mtime > STALE:
                part.unlink()
    except OSError as error:
        raise OSError(
            f"cannot write to the folder {folder} ({error.strerror}). Choose another one."
        ) from error


def _check_same_run(folder, settings):
    before = dict(_flat(read_config(folder)))
    now = dict(_flat(json.loads(json.dumps(settings))))  # as it looks when read back
    # More epochs of a run are the same run, and data are the same if their content is.
    differ = [key for key in now if key not in ("epochs", "data") and before.get(key) != now[key]]
    if differ:
        raise ValueError(
            f"{folder} holds another run (it differs in {', '.join(differ)}). Choose another "
            "folder, or remove it."
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
    """Return (values, epoch) of the newest whole state in ``folder``."""
    newest = folder / STATE
    before = folder / BEFORE
    try:
        return _read_arrays(newest)
    except (ValueError, FileNotFoundError) as error:
        if not before.is_file():
            raise
        values, epoch = _read_arrays(before)
        message = f"{error} Taking {before.name}, saved after epoch {epoch}."
        warnings.warn(message, stacklevel=stacklevel)
        return values, epoch


def _read_arrays(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"no trained model at {path}; train one with: python -m cgan_lab train --out FOLDER."
        )
    arrays = files.read_npz(path)
    if "epoch" not in arrays:
        raise ValueError(f"{path} is not a run's state: it lacks the array epoch.")
    epoch = int(arrays.pop("epoch"))
    return [arrays[name] for name in sorted(arrays)], epoch


def _load_keras(path):
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping")  # Keras would leave weights as drawn
            model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # a damaged archive can fail anywhere inside Keras
        reason = f"{type(error).__name__}: {error}".strip().split("\n")[0][:200]
        raise ValueError(
            f"{path} is not a whole saved model ({reason}). Restore it from a copy or train again."
        ) from error
    if not isinstance(model, models.CGAN):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, expected a CGAN saved by this package."
        )
    return model


def _read_history(path, epochs):
    """Return the rows of the first ``epochs`` epochs; later ones belong to a state not saved."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [
                {key: (int if key == "epoch" else float)(row[key]) for key in COLUMNS}
                for row in csv.DictReader(file)
            ]
        if not all(math.isfinite(number) for row in rows for number in row.values()):
            raise ValueError("a number is not finite")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, csv.Error) as error:
        reason = type(error).__name__
        raise ValueError(
            f"{path} is damaged ({reason}). Choose another folder, or remove it."
        ) from error
    rows = [row for row in rows if row["epoch"] <= epochs]
    if [row["epoch"] for row in rows] != list(range(epochs - len(rows) + 1, epochs + 1)):
        raise ValueError(
            f"{path} lacks epochs up to the model's {epochs}. Choose another folder, or remove it."
        )
    return rows
