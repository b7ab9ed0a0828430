"""Data sets in, and the two ways between pixels and networks. Trains nothing, draws nothing."""

import contextlib
import dataclasses
import hashlib
import io
from pathlib import Path

import numpy as np

from cgan_lab._support import files
from cgan_lab._support.arrays import check_images, check_labels
from cgan_lab._support.folders import keras_home
from cgan_lab._support.names import whole

SIZE = 28
DIGIT_NAMES = tuple(str(d) for d in range(10))
FASHION_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
SHIPPED = ("digits", "fashion")
NAMES = (*SHIPPED, "mnist", "fashion_mnist")
KEYS = ("x_train", "y_train", "x_test", "y_test")
SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"  # Keras' own
FOLDERS = {"mnist": "", "fashion_mnist": "fashion-mnist"}  # below Keras' folder for data sets
FILES = {
    "mnist": ["mnist.npz"],
    "fashion_mnist": [
        f"{part}-{kind}-ubyte.gz"
        for part in ("train", "t10k")
        for kind in ("labels-idx1", "images-idx3")
    ],
}


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A data set at rest: images uint8 ``(n, 28, 28)`` in 0..255, labels int64 ``(n,)``."""

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple

    @property
    def classes(self):
        """The number of classes, ``len(class_names)``."""
        return len(self.class_names)

    def checksum(self):
        """Return the SHA-256 of all arrays, as hex digits.

        Equal for equal content. Computed anew each time, since arrays can be changed in place.
        """
        content = hashlib.sha256()
        for key in KEYS:
            array = np.ascontiguousarray(getattr(self, key))
            content.update(f"{array.shape}{array.dtype}".encode())
            content.update(array)
        return content.hexdigest()


def load(name_or_path="digits", limit=None):
    """Load a data set.

    ``name_or_path``: ``"digits"`` or ``"fashion"`` (10,000 handwritten digits or pictures of
    clothes that ship with the package, 8,000 to train and 2,000 to test, never any network),
    ``"mnist"`` or ``"fashion_mnist"`` (the whole sets, through Keras' cache, downloaded the first
    time), or the path of an ``.npz`` file with the keys ``x_train, y_train, x_test, y_test``.
    ``limit``: keep only the first ``limit`` training and the first ``limit`` test images.

    Returns a `Dataset`. Raises ValueError for a limit that is not positive or a file whose contents
    are not such a data set, FileNotFoundError for a path or name that does not exist,
    ConnectionError if a download fails. Shown in lesson 00.
    """
    if limit is not None:
        whole("limit", limit, 1)
    name = str(name_or_path)
    if name in SHIPPED:
        arrays = _read_npz(files.asset(f"{name}.npz"))
    elif name in NAMES:
        arrays = _download(name)
    else:
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise FileNotFoundError(
                f"no data set {name!r}: it is neither one of {', '.join(NAMES)} nor an existing "
                ".npz file."
            )
        arrays = _read_npz(path)
    return _checked(name, arrays, limit)


def to_model(images):
    """Turn uint8 ``(n, 28, 28)`` in 0..255 into float32 ``(n, 28, 28, 1)`` in [-1, 1].

    The only way into a network: tanh, the generator's last layer, ends at -1 and 1.
    Raises TypeError or ValueError for anything but uint8 images. Shown in lesson 00.
    """
    images = check_images(images)
    return (images.astype(np.float32) / 127.5 - 1.0)[..., np.newaxis]


def to_pixels(x):
    """Turn float ``(n, 28, 28, 1)`` in [-1, 1] into uint8 ``(n, 28, 28)``: `to_model`'s inverse.

    Raises TypeError for whole numbers, ValueError for another shape or for values outside [-1, 1].
    Shown in lesson 00.
    """
    x = np.asarray(x)
    _check_shape(x, "x")
    if not np.issubdtype(x.dtype, np.floating):
        raise TypeError(f"x has dtype {x.dtype}, expected floats in [-1, 1].")
    if x.size and not (x.min() >= -1.0 and x.max() <= 1.0):
        raise ValueError(f"x runs from {x.min():.3g} to {x.max():.3g}, expected values in [-1, 1].")
    return np.rint((x[..., 0].astype(np.float32) + 1.0) * 127.5).astype(np.uint8)


def check_model_range(x):
    """Raise ValueError unless ``x`` is ``(n, 28, 28, 1)`` and uses [-1, 1], as from `to_model`.

    Images in [0, 1] are refused: against a tanh generator, a discriminator would recognise them by
    the missing negative half alone. Shown in lesson 03.
    """
    _check_shape(x, "images")
    low = float(np.min(x))
    high = float(np.max(x))
    came = f"images run from {low:.3g} to {high:.3g}"
    if not (low >= -1.0 and high <= 1.0):
        raise ValueError(f"{came}, expected [-1, 1]; use data.to_model.")
    if low >= 0.0:
        raise ValueError(
            f"{came}: that is [0, 1], but the generator ends in tanh and covers [-1, 1]. Convert "
            "uint8 images with data.to_model."
        )


def _check_shape(x, what):
    shape = tuple(x.shape)
    if len(shape) != 4 or shape[1:] != (SIZE, SIZE, 1):
        raise ValueError(
            f"{what} has shape {shape}, expected (n, {SIZE}, {SIZE}, 1), as from to_model."
        )


def _read_npz(path):
    arrays = files.read_npz(path, KEYS)
    if missing := [key for key in KEYS if key not in arrays]:
        raise ValueError(
            f"{path} lacks the arrays {', '.join(missing)}; expected {', '.join(KEYS)}."
        )
    return arrays


def _download(name):
    from cgan_lab._support.tensorflow import keras

    cache = keras_home() / "datasets"
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
    load_data = getattr(keras.datasets, name).load_data
    try:
        # One kernel of a class downloads and the others wait: Keras writes into the file it reads.
        with files.alone(cache / ".cgan_lab.lock"), contextlib.redirect_stdout(io.StringIO()):
            (x_train, y_train), (x_test, y_test) = load_data()
    except Exception as error:  # Keras raises plain Exception when a download fails
        reason = str(error).splitlines()[0] if str(error) else "no message"
        raise ConnectionError(
            f"{name!r} is not in Keras' cache and could not be downloaded "
            f"({type(error).__name__}: {reason}). Check the network or proxy; or fetch "
            f"{', '.join(FILES[name])} from {SOURCE} on another machine and put it into "
            f"{cache / FOLDERS[name]}; or give the path of an .npz file with {', '.join(KEYS)}; or "
            f"use {SHIPPED[name != 'mnist']!r}, which needs no network."
        ) from error
    return dict(zip(KEYS, (x_train, y_train, x_test, y_test), strict=True))


def _checked(name, arrays, limit):
    checked = {}
    for part in ("train", "test"):
        x = check_images(arrays[f"x_{part}"], f"x_{part} of {name}")
        y = check_labels(arrays[f"y_{part}"], 10, count=len(x))
        if not len(x):
            raise ValueError(f"x_{part} of {name} holds no image.")
        checked[f"x_{part}"] = x[:limit]
        checked[f"y_{part}"] = y[:limit]
    names = FASHION_NAMES if name in ("fashion", "fashion_mnist") else DIGIT_NAMES
    return Dataset(name=name, class_names=names, **checked)
