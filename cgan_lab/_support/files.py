"""Files written whole and checked when read: shipped assets, arrays, weights."""

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def manifest():
    """Return what ships: a dict from file name to its ``sha256`` and ``bytes``."""
    return json.loads((ASSETS / "manifest.json").read_text(encoding="utf-8"))


def asset(name):
    """Return the path of the shipped file ``name`` after checking its SHA-256.

    Raises FileNotFoundError for an unknown name or a missing file, ValueError for an altered one.
    """
    known = manifest()
    if name not in known:
        names = ", ".join(sorted(known))
        raise FileNotFoundError(f"no shipped file is called {name!r}; there are {names}.")
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
def replacing(path):
    """Yield a temporary path beside ``path``; it replaces ``path`` if the block ends without error.

    A reader finds the old file or the new one, never half of one. A link stays a link to what is
    replaced; a device or pipe, such as ``/dev/null``, is written to.
    """
    path = Path(os.path.realpath(path))
    device = path.exists() and not (path.is_file() or path.is_dir())
    # A random number, since containers that share a folder may share process ids. The suffix stays,
    # because Keras looks at it.
    part = path.with_name(f".{path.stem}.{int.from_bytes(os.urandom(6))}{path.suffix}")
    if device:
        part = Path(tempfile.gettempdir()) / part.name
    try:
        yield part
        if device:
            path.write_bytes(part.read_bytes())
        else:
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(path):
    """Wait until no other process of this machine is in a block with the same lock file ``path``.

    Where the file cannot be made or locked, as in a read-only folder, the block runs all the same.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):
            import fcntl  # Windows has none

            file = stack.enter_context(open(path, "a"))
            fcntl.flock(file, fcntl.LOCK_EX)  # released when the process ends, even if it is killed
        yield


_claimed = {}  # folder -> the descriptor with which this process holds it


def claim(folder):
    """Hold ``folder`` against other processes until `release`, or until this process ends.

    Raises BlockingIOError if another process of this machine holds it. Where folders cannot be
    locked, as on Windows and in some network folders, it does nothing.
    """
    key = str(Path(folder).resolve())
    if key in _claimed:
        return
    with contextlib.suppress(ImportError):
        import fcntl

        descriptor = os.open(key, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise
        else:
            _claimed[key] = descriptor


def release(folder):
    """Let other processes have ``folder``."""
    if (descriptor := _claimed.pop(str(Path(folder).resolve()), None)) is not None:
        os.close(descriptor)


def write_json(path, value):
    """Write plain numbers, lists, dicts and texts as a JSON file."""
    with replacing(path) as part:
        part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def write_npz(path, compression=zipfile.ZIP_DEFLATED, **arrays):
    """Write named arrays as an ``.npz`` file whose bytes depend on nothing but the arrays."""
    with replacing(path) as part:
        pack(part, compression, **arrays)


def pack(path, compression, **arrays):
    """Write what `write_npz` writes straight into ``path``."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # has the fixed date 1980-01-01 instead of now
            info.compress_type = compression
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read_npz(path, keys=None, kinds="biuf"):
    """Return a dict of the arrays in an ``.npz`` file: those named in ``keys``, or all.

    Raises ValueError for anything but a whole file of plain arrays whose dtypes are of ``kinds``,
    by default numbers; runs no code.
    """
    name = None
    try:
        with np.load(path, allow_pickle=False) as archive:
            wanted = (
                archive.files if keys is None else [key for key in keys if key in archive.files]
            )
            arrays = {}
            for name in wanted:
                arrays[name] = archive[name]
                if not isinstance(arrays[name], np.ndarray):
                    raise ValueError(f"{name} is no array")
                if arrays[name].dtype.kind not in kinds:
                    raise ValueError(f"{name} holds {arrays[name].dtype}, expected numbers")
        return arrays
    except Exception as error:  # a damaged archive can fail anywhere inside zipfile and NumPy
        if "Object arrays" in str(error):
            raise ValueError(
                f"{name} in {path} holds Python objects, which only a pickle can keep. Save it as "
                f"an array of numbers or of texts: {name} = np.array({name}.tolist())."
            ) from error
        reason = f"{error}".strip().split("\n")[0][:200] or type(error).__name__
        if "pickle" in reason:  # NumPy takes what it does not know for one: load it unsafely!
            reason = "it does not start as one"
        raise ValueError(
            f"{path} is not a whole .npz file of plain arrays ({reason}). Fetch or copy it again."
        ) from error


def write_weights(path, model):
    """Write ``model``'s weights in half precision: half the bytes, the same samples to the eye."""
    weights = {f"w{i:02}": w.astype(np.float16) for i, w in enumerate(model.get_weights())}
    write_npz(path, **weights)


def ordered_weights(path):
    """Return the arrays of a file of `write_weights` as float32, in the model's order."""
    arrays = read_npz(path)
    return [arrays[name].astype(np.float32) for name in sorted(arrays)]


def read_weights(path, model):
    """Set ``model``'s weights to those of `write_weights`. Raises ValueError if they do not fit."""
    model.set_weights(ordered_weights(path))
    return model
