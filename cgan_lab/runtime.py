"""Where am I running: device, budget, versions and shipped assets. Imports nothing of ours.

TensorFlow is imported inside functions only, so that this module costs nothing.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import sys
import zipfile
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).resolve().parent / "assets"


@dataclasses.dataclass(frozen=True)
class Budget:
    """What a lesson may spend. ``epochs`` count whole passes over the data set ``data``."""

    name: str
    data: str
    epochs: int
    batch_size: int


# A lesson's training ends within 90 s on two cores with "cpu". Shown in lesson 03.
BUDGETS = {
    "cpu": Budget("cpu", data="digits", epochs=24, batch_size=64),
    "gpu": Budget("gpu", data="mnist", epochs=20, batch_size=256),
}


def budget(name=None):
    """Return the `Budget` called ``name``, or the one that fits this machine.

    Without a name the environment variable ``CGAN_LAB_BUDGET`` decides, and without that the
    device: ``gpu`` where TensorFlow sees a GPU, ``cpu`` elsewhere.

    Raises ValueError for a name that is not a budget.
    """
    source = "budget"
    if name is None and os.environ.get("CGAN_LAB_BUDGET"):
        name, source = os.environ["CGAN_LAB_BUDGET"], "the environment variable CGAN_LAB_BUDGET"
    if name is None:
        name = "gpu" if device() == "gpu" else "cpu"
    if name not in BUDGETS:
        raise ValueError(f"{source} is {name!r}, expected one of {', '.join(BUDGETS)}.")
    return BUDGETS[name]


def device():
    """Return ``"gpu"`` if TensorFlow sees one, else ``"cpu"``."""
    return "gpu" if tensorflow().config.list_physical_devices("GPU") else "cpu"


@contextlib.contextmanager
def quiet():
    """Discard what C++ code writes to standard error (file descriptor 2) inside the block.

    TensorFlow greets every import with a time-stamped line there. In a notebook it would be
    stored as an output that changes with each run.
    """
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def tensorflow():
    """Import TensorFlow without its start-up messages and return the module.

    Raises ImportError, with the cure, if TensorFlow is missing or Keras was told to use another
    backend.
    """
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with quiet():
            try:
                import tensorflow as tf

                tf.constant(0.0)  # devices are set up, and their messages written, here
            except ImportError as error:
                raise ImportError(
                    f"TensorFlow cannot be imported ({error}). Install it in this environment: "
                    f"{sys.executable} -m pip install tensorflow"
                ) from error
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Keras uses the backend {keras.backend.backend()!r}, this course needs "
            "'tensorflow'. Set the environment variable KERAS_BACKEND=tensorflow and restart."
        )
    return tf


def asset(name):
    """Return the path of the shipped file ``name`` after checking its SHA-256.

    Raises FileNotFoundError for an unknown name or a missing file, ValueError for an altered one.
    """
    manifest = json.loads((ASSETS / "manifest.json").read_text(encoding="utf-8"))
    if name not in manifest:
        raise FileNotFoundError(f"no shipped file is called {name!r}; there are {sorted(manifest)}.")
    path = ASSETS / name
    if not path.is_file():
        raise FileNotFoundError(f"the shipped file {path} is missing. Install cgan-lab again.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != manifest[name]["sha256"]:
        raise ValueError(
            f"{path} is not the file that was shipped (its SHA-256 differs). Install cgan-lab "
            "again, or restore the file with git."
        )
    return path


@contextlib.contextmanager
def aside(path):
    """Yield a path beside ``path`` to write to; it replaces ``path`` when the block ends without an error.

    A reader finds the old file or the new one, never half of one.
    """
    path = Path(path)
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")  # Keras looks at the suffix
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_npz(path, compression=zipfile.ZIP_DEFLATED, **arrays):
    """Write named arrays as an ``.npz`` file whose bytes depend on nothing but the arrays."""
    with aside(path) as part, zipfile.ZipFile(part, "w", compression) as archive:
        for name, array in arrays.items():
            # A ZipInfo of its own carries the fixed date 1980-01-01 instead of now.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def write_weights(path, model):
    """Write ``model``'s weights in half precision, which keeps an asset small and a judge's verdicts the same."""
    write_npz(path, **{f"w{i:02}": w.astype(np.float16) for i, w in enumerate(model.get_weights())})


def read_weights(path, model):
    """Set ``model``'s weights to those of `write_weights`. Raises ValueError if they do not fit."""
    with np.load(path, allow_pickle=False) as archive:
        weights = [archive[name].astype(np.float32) for name in sorted(archive.files)]
    model.set_weights(weights)
    return model
