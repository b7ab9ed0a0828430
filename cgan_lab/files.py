"""Files written whole and checked when read: shipped assets, arrays, weights. Imports nothing of ours."""

import contextlib
import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).resolve().parent / "assets"


def manifest():
    """Return what ships: a dict from file name to its ``sha256`` and ``bytes``."""
    return json.loads((ASSETS / "manifest.json").read_text(encoding="utf-8"))


def asset(name):
    """Return the path of the shipped file ``name`` after checking its SHA-256.

    Raises FileNotFoundError for an unknown name or a missing file, ValueError for an altered one.
    """
    known = manifest()
    if name not in known:
        raise FileNotFoundError(f"no shipped file is called {name!r}; there are {', '.join(sorted(known))}.")
    path = ASSETS / name
    if not path.is_file():
        raise FileNotFoundError(f"the shipped file {path} is missing. Install cgan-lab again.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != known[name]["sha256"]:
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
            info = zipfile.ZipInfo(f"{name}.npy")  # carries the fixed date 1980-01-01 instead of now
            info.compress_type = compression
            with archive.open(info, "w", force_zip64=True) as member:
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
