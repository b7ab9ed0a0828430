"""What another program keeps images and labels in, and the lines that read it. Opens nothing else.

Each reader leaves images in ``x`` and labels in ``y``, in one order.
"""

import contextlib
import itertools
import os
import re
import zipfile
from pathlib import Path

PICTURE = ("it is one picture; a data set needs a folder with one folder of pictures per label.",)
PAGE = ("it is a web page, which the download gave instead of the file: fetch the file itself.",)
PICKLE = (
    "it is a pickle, which can run code: load it only if you trust its author.",
    "import pickle; x, y = pickle.load(open({0!r}, 'rb'))",
)
UNKNOWN = (
    "it is neither a whole one nor of a kind known here: .npy, HDF5, MATLAB, pickle, Parquet, "
    "IDX, a table as text, a folder with one folder of pictures per label. Fetch or copy it again.",
)
# The first bytes of a file -> (what it is, the line that reads it if there is one).
STARTS = {
    b"\x89PNG": PICTURE,
    b"\xff\xd8\xff": PICTURE,
    b"version https://git-lfs": ("it is a git-LFS pointer: run git lfs pull in its folder.",),
    b"\x93NUMPY": (
        "it is an .npy file, one array.",
        "x = np.load({0!r}); y = np.load('labels.npy')",
    ),
    b"\x89HDF": (
        "it is an HDF5 file.",
        "import h5py; file = h5py.File({0!r}); x, y = file['images'][:], file['labels'][:]",
    ),
    b"MATLAB": (
        "it is a MATLAB file.",
        "from scipy.io import loadmat; m = loadmat({0!r}); x, y = m['images'], m['labels'].ravel()",
    ),
    b"PAR1": (
        "it is a Parquet file.",
        "import pandas; t = pandas.read_parquet({0!r}); x, y = np.stack(t['image']), t['label']",
    ),
    b"\x1f\x8b": (
        "it is a .gz file, as MNIST's own.",
        "import gzip; x = np.frombuffer(gzip.open({0!r}).read(), 'uint8', offset=16); "
        "y = np.frombuffer(gzip.open('labels.gz').read(), 'uint8', offset=8)",
    ),
    b"\x00\x00\x08": (
        "it is an IDX file, as MNIST's own.",
        "x = np.fromfile({0!r}, 'uint8', offset=16); y = np.fromfile('labels', 'uint8', offset=8)",
    ),
}
STARTS |= dict.fromkeys((b"\x80\2", b"\x80\3", b"\x80\4", b"\x80\5"), PICKLE)  # protocols
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}
FOLDER = (
    "it is a folder with one folder of pictures per label.",
    "from pathlib import Path; from PIL import Image; files = sorted(f for f in "
    f"Path({{0!r}}).glob('*/*') if f.suffix.lower() in {sorted(SUFFIXES)}); "
    "x = np.stack([Image.open(f).convert('L').resize((28, 28)) for f in files]); "
    "y = [f.parent.name for f in files]",
    True,
)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan").fullmatch
LABELS = {"label", "labels", "class", "target", "y"}  # what a table calls its column of labels


def cure(path):
    """Return what ``path`` is and the lines that make an ``.npz`` of it, or None if it is one."""
    kind = _kind(Path(path))
    if kind is None:
        return None
    what, *reading = kind
    made = f" {lines(reading[0].format(str(path)), *reading[1:])}" if reading else ""
    return f"{path} is no .npz file: {what}{made}"


def free():
    """Return the first of data.npz, data-2.npz, ... that the current folder does not have."""
    names = itertools.chain(["data.npz"], (f"data-{n}.npz" for n in itertools.count(2)))
    return next(name for name in names if not os.path.lexists(name))


def lines(reading, words=False):
    """Return the lines that save ``x`` and ``y`` from ``reading``; ``words``: ``y`` are texts."""
    number = "names, y = np.unique(np.ravel(y).astype(str), return_inverse=True)"
    return "\n    ".join(
        [
            "These lines make an .npz file of it:",
            "import numpy as np",
            reading,
            "x = np.reshape(x, (-1, 28, 28)).astype('uint8')",
            number if words else "y = np.ravel(y).astype(int)",
            "order, n = np.random.default_rng(0).permutation(len(x)), max(1, len(x) // 5)",
            "a, b = order[n:], order[:n]",
            f"np.savez({free()!r}, x_train=x[a], y_train=y[a], x_test=x[b], y_test=y[b]"
            f"{', class_names=names' if words or 'names =' in reading else ''})",
        ]
    )


def _kind(path):
    if path.is_dir():
        pictures = (f for f in path.glob("*/*") if f.suffix.lower() in SUFFIXES)
        without = (
            "it is a folder, but without one folder of pictures per label, such as cat/1.png and "
            "dog/2.png."
        )
        return FOLDER if any(pictures) else (without,)
    with open(path, "rb") as file:
        start = file.read(1024)
    for bytes_, kind in STARTS.items():
        if start.startswith(bytes_):
            return kind
    if zipfile.is_zipfile(path):
        return _archive(path)
    utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in start and not utf16:
        return UNKNOWN
    return _text(path, "utf-16" if utf16 else "utf-8-sig")


def _archive(path):
    """Return what a zip file without arrays is, or None if it has some."""
    names = []
    with contextlib.suppress(Exception), zipfile.ZipFile(path) as archive:
        names = archive.namelist()  # whoever reads a damaged one says that it is
    if not names or any(name.endswith(".npy") for name in names):
        return None
    return (
        f"it is a zip file without arrays, but with {', '.join(names[:3])}: unpack it first; or if "
        "it is of a spreadsheet or of PyTorch, save its table as .csv or its arrays with np.savez "
        "there.",
    )


def _text(path, encoding):
    """Return what a text file is: a page, a table with the line that reads it, or unknown."""
    with open(path, encoding=encoding, errors="replace") as file:
        text = file.read(200_000)
    first, second = (line.strip() for line in f"{text}\n\n".split("\n")[:2])
    if text.lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "<head")):
        return PAGE
    separator = max((",", ";", "\t", None), key=lambda s: len(first.split(s)) if s else 1.5)
    head, row = ([c.strip(' "').lower() for c in t.split(separator)] for t in (first, second))
    header = sum(map(bool, map(NUMBER, head))) < len(head) - 1 or bool({*head} & LABELS - {"y"})
    row = row if header else head
    words = not all(map(NUMBER, row))
    if len(row) < 2 or sum(map(bool, map(NUMBER, row))) < len(row) - 1:
        return UNKNOWN
    if {head[0], head[-1]} & LABELS:
        last = head[-1] in LABELS
    else:  # a word is the label, and a part after the point is a pixel's
        last = NUMBER(row[0]) and (not NUMBER(row[-1]) or float(row[0]) % 1 > 0)
    column = -1 if last else 0
    options = f", delimiter={separator!r}, skiprows={int(header)}, encoding={encoding!r}"
    options += ", quotechar='\"'" * ('"' in first + second) + ", dtype=str" * words
    return (
        "it is a text file, perhaps a table with the label last."
        if last
        else "it is a text file, perhaps a table with the label first.",
        f"t = np.loadtxt({{0!r}}{options}); x, y = np.delete(t, {column}, 1), t[:, {column}]"
        f"{'; x = x.astype(float)' if words else ''}",
        words,
    )
