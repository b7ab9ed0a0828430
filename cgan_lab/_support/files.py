"""Files written whole and checked when read: shipped assets, arrays, weights. Imports nothing of ours."""

import contextlib
import hashlib
import json
import math
import os
import zipfile
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).resolve().parents[1] / "assets"
MOST = 2**30  # bytes that an archive may unpack to: twenty times whole MNIST
# How many times its size a part can unpack to, at most.
PACKED = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: 1032, zipfile.ZIP_BZIP2: 50_000, zipfile.ZIP_LZMA: 20_000}


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
    # A number of its own, since containers that share a folder number their processes alike. Keras looks at the suffix.
    part = path.with_name(f".{path.stem}.{int.from_bytes(os.urandom(6))}{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(path):
    """Wait until no other process of this machine is in a block with the same ``path``, a file made for the purpose.

    Where it cannot be made or locked, as in a folder that may only be read, the block runs all the same.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):
            import fcntl  # Windows has none, nor as a rule several kernels of a class

            file = stack.enter_context(open(path, "a"))
            fcntl.flock(file, fcntl.LOCK_EX)  # ends with the process, even if that is killed
        yield


def write_npz(path, compression=zipfile.ZIP_DEFLATED, **arrays):
    """Write named arrays as an ``.npz`` file whose bytes depend on nothing but the arrays."""
    with aside(path) as part, zipfile.ZipFile(part, "w", compression) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # carries the fixed date 1980-01-01 instead of now
            info.compress_type = compression
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def members(archive):
    """Return the parts of an open zip archive by name, after a look at what they say of themselves.

    Raises ValueError for two parts of one name, an unusual way of packing, and sizes that cannot be true or
    are beyond `MOST`: so small files that unpack to huge ones are refused before anything is unpacked.
    """
    parts, room = {}, os.fstat(archive.fp.fileno()).st_size
    for part in archive.infolist():
        if part.filename in parts:
            raise ValueError(f"two parts are called {part.filename!r}")
        if part.compress_type not in PACKED or part.flag_bits & 1:
            raise ValueError(f"{part.filename!r} is packed in an unusual way, or encrypted")
        if part.compress_size > room or part.file_size > PACKED[part.compress_type] * part.compress_size:
            raise ValueError(f"{part.filename!r} cannot hold the {part.file_size} bytes that it promises")
        parts[part.filename] = part
    if sum(part.file_size for part in parts.values()) > MOST:
        raise ValueError(f"it unpacks to more than {MOST} bytes")
    return parts


def read_npz(path, keys=None):
    """Return a dict of the arrays in an ``.npz`` file, of those named in ``keys`` unless None; others are left out.

    Reads plain numbers of NumPy's format 1.0, which is what NumPy writes for them. Raises ValueError for
    anything else, before memory is taken for an array that the file does not hold; runs no code from it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {name.removesuffix(".npy"): part for name, part in members(archive).items()}
            wanted = parts if keys is None else [key for key in keys if key in parts]
            return {name: _read_array(archive, parts[name]) for name in wanted}
    except Exception as error:  # a damaged archive can fail anywhere inside zipfile and NumPy's reader of headers
        raise ValueError(
            f"{path} is not a whole .npz file of plain arrays ({_reason(error)}). Fetch or copy it again."
        ) from error


def _read_array(archive, part):
    with archive.open(part) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{part.filename!r} is not of NumPy's format 1.0")
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in "biuf" or min(shape, default=0) < 0 or file.tell() + size != part.file_size:
            raise ValueError(f"{part.filename!r} does not hold the {dtype} of shape {shape} that it promises")
        content = bytearray(file.read(size))  # at its end the checksum is compared
    return np.frombuffer(content, dtype).reshape(shape, order="F" if by_columns else "C")


def _reason(error):
    """Return the first line of what an error says, or its kind."""
    return f"{error}".strip().split("\n")[0][:200] or type(error).__name__


def write_weights(path, model):
    """Write ``model``'s weights in half precision, which keeps an asset small and a judge's verdicts the same."""
    write_npz(path, **{f"w{i:02}": w.astype(np.float16) for i, w in enumerate(model.get_weights())})


def read_weights(path, model):
    """Set ``model``'s weights to those of `write_weights`. Raises ValueError if they do not fit."""
    arrays = read_npz(path)
    model.set_weights([arrays[name].astype(np.float32) for name in sorted(arrays)])
    return model
