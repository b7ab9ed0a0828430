"""What another program keeps images and labels in, and the lines that read it. Opens nothing else.

Each reader leaves images in ``x`` and labels in ``y``, in one order.
"""

import zipfile
from pathlib import Path

# The first bytes of a file -> (what it is, the line that reads it).
STARTS = {
    b"\x93NUMPY": ("an .npy file, one array", "x = np.load({0!r}); y = np.load('labels.npy')"),
    b"\x89HDF": (
        "an HDF5 file",
        "import h5py; file = h5py.File({0!r}); x, y = file['images'][:], file['labels'][:]",
    ),
    b"MATLAB": (
        "a MATLAB file",
        "from scipy.io import loadmat; m = loadmat({0!r}); x, y = m['images'], m['labels'].ravel()",
    ),
    b"\x80": (
        "a pickle, which can run code: load it only if you trust its author",
        "import pickle; x, y = pickle.load(open({0!r}, 'rb'))",
    ),
    b"PAR1": (
        "a Parquet file",
        "import pandas; t = pandas.read_parquet({0!r}); x, y = np.stack(t['image']), t['label']",
    ),
    b"\x1f\x8b": (
        "a .gz file, as MNIST's own",
        "import gzip; x = np.frombuffer(gzip.open({0!r}).read(), 'uint8', offset=16); "
        "y = np.frombuffer(gzip.open('labels.gz').read(), 'uint8', offset=8)",
    ),
    b"\x00\x00\x08": (
        "an IDX file, as MNIST's own",
        "x = np.fromfile({0!r}, 'uint8', offset=16); y = np.fromfile('labels', 'uint8', offset=8)",
    ),
}
FOLDER = (
    "a folder; if it has one folder of pictures per label",
    "from pathlib import Path; from PIL import Image; files = sorted(Path({0!r}).glob('*/*.png')); "
    "x = np.stack([Image.open(f).convert('L').resize((28, 28)) for f in files]); "
    "y = np.unique([f.parent.name for f in files], return_inverse=True)[1]",
)
TABLE = (
    "a text file; if it is a table with the label first",
    "table = np.loadtxt({0!r}, delimiter=',', skiprows=1); x, y = table[:, 1:], table[:, 0]",
)


def cure(path):
    """Return what ``path`` is and the lines that make an ``.npz`` of it, or None if it is one."""
    kind = _kind(Path(path))
    if kind is None:
        return None
    what, line = kind
    return f"{path} is {what}. {lines(line.format(str(path)))}"


def lines(reading):
    """Return the lines that split and save what ``reading``, a line, leaves in ``x`` and ``y``."""
    return "\n    ".join(
        [
            "These lines make an .npz file of it:",
            "import numpy as np",
            reading,
            "x, y = np.reshape(x, (-1, 28, 28)).astype('uint8'), np.asarray(y).astype(int)",
            "order, n = np.random.default_rng(0).permutation(len(x)), len(x) // 5",
            "a, b = order[n:], order[:n]",
            "np.savez('data.npz', x_train=x[a], y_train=y[a], x_test=x[b], y_test=y[b])",
        ]
    )


def _kind(path):
    if path.is_dir():
        return FOLDER
    with open(path, "rb") as file:
        start = file.read(1024)
    for bytes_, kind in STARTS.items():
        if start.startswith(bytes_):
            return kind
    if zipfile.is_zipfile(path) or not start or path.suffix == ".npz":
        return None
    return TABLE if b"\0" not in start else None
