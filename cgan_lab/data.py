"""Images and labels in, with their range declared and checked. Trains nothing, draws nothing."""

import contextlib
import dataclasses
import io
from pathlib import Path

import numpy as np

from cgan_lab._support import files, runtime

SIZE = 28
DIGIT_NAMES = tuple(str(d) for d in range(10))
FASHION_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SHIPPED = ("digits", "fashion")
NAMES = (*SHIPPED, "mnist", "fashion_mnist")
KEYS = ("x_train", "y_train", "x_test", "y_test")
SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"  # Keras' own
FOLDERS = {"mnist": "", "fashion_mnist": "fashion-mnist"}  # below Keras' folder for data sets
FILES = {
    "mnist": ["mnist.npz"],
    "fashion_mnist": [
        f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("labels-idx1", "images-idx3")
    ],
}


@dataclasses.dataclass(frozen=True)
class Digits:
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


def load(name_or_path="digits", limit=None):
    """Load a data set.

    ``name_or_path``: ``"digits"`` or ``"fashion"`` (10,000 handwritten digits or pictures of clothes
    that ship with the package, 8,000 to train and 2,000 to test, never any network), ``"mnist"`` or
    ``"fashion_mnist"`` (the whole sets, through Keras' cache, downloaded the first time), or the path
    of an ``.npz`` file with the keys ``x_train, y_train, x_test, y_test``.
    ``limit``: keep only the first ``limit`` training and the first ``limit`` test images.

    Returns `Digits`. Raises ValueError for a limit that is not positive or a file whose contents
    are not such a data set, FileNotFoundError for a path or name that does not exist,
    ConnectionError if a download fails. Shown in lesson 00.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, (int, np.integer)) or limit < 1):
        raise ValueError(f"limit is {limit!r}, expected a whole number of images from 1 up, or None.")
    name = str(name_or_path)
    if name in SHIPPED:
        arrays = _read_npz(files.asset(f"{name}.npz"))
    elif name in NAMES:
        arrays = _download(name)
    else:
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise FileNotFoundError(
                f"no data set {name!r}: it is neither one of {', '.join(NAMES)} nor an existing .npz file."
            )
        arrays = _read_npz(path)
    return _checked(name, arrays, limit)


def to_model(images):
    """Turn uint8 ``(n, 28, 28)`` in 0..255 into float32 ``(n, 28, 28, 1)`` in [-1, 1].

    The only way into a network: tanh, the generator's last layer, ends at -1 and 1.
    Raises TypeError or ValueError for anything but uint8 images. Shown in lesson 00.
    """
    images = check_images(images, "images")
    return (images.astype(np.float32) / 127.5 - 1.0)[..., np.newaxis]


def to_pixels(x):
    """Turn float ``(n, 28, 28, 1)`` in [-1, 1] into uint8 ``(n, 28, 28)``: `to_model`'s inverse.

    Raises ValueError for another shape or for values outside [-1, 1]. Shown in lesson 00.
    """
    x = np.asarray(x)
    if x.ndim != 4 or x.shape[1:] != (SIZE, SIZE, 1):
        raise ValueError(f"x has shape {x.shape}, expected (n, {SIZE}, {SIZE}, 1).")
    if not np.issubdtype(x.dtype, np.floating):
        raise TypeError(f"x has dtype {x.dtype}, expected floats in [-1, 1].")
    if x.size and not (x.min() >= -1.0 and x.max() <= 1.0):
        raise ValueError(f"x runs from {x.min():.3g} to {x.max():.3g}, expected values in [-1, 1].")
    return np.rint((x[..., 0].astype(np.float32) + 1.0) * 127.5).astype(np.uint8)


def check_model_range(x):
    """Raise unless ``x`` is float ``(n, 28, 28, 1)`` that really uses [-1, 1], as `to_model` makes.

    Images in [0, 1] are refused: against a tanh generator a discriminator would tell them apart
    by the missing negative half alone. Shown in lesson 03.
    """
    shape = tuple(x.shape)
    if len(shape) != 4 or shape[1:] != (SIZE, SIZE, 1):
        raise ValueError(f"images have shape {shape}, expected (n, {SIZE}, {SIZE}, 1); use data.to_model.")
    low, high = float(np.min(x)), float(np.max(x))
    if not (low >= -1.0 and high <= 1.0):
        raise ValueError(f"images run from {low:.3g} to {high:.3g}, expected [-1, 1]; use data.to_model.")
    if low >= 0.0:
        raise ValueError(
            f"images run from {low:.3g} to {high:.3g}: that is [0, 1], but the generator ends in tanh "
            "and covers [-1, 1]. Convert uint8 images with data.to_model."
        )


def check_images(images, what="images"):
    """Return ``images`` as an array after checking that it is uint8 ``(n, 28, 28)``; ``what`` names it in errors."""
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(f"{what} have dtype {images.dtype}, expected uint8 in 0..255.")
    if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
        raise ValueError(f"{what} have shape {images.shape}, expected (n, {SIZE}, {SIZE}).")
    return images


def check_labels(labels, classes, count=None):
    """Return ``labels`` as int64 ``(n,)`` in ``0..classes-1``.

    ``count``: how many there must be, or None. Raises TypeError or ValueError, saying what came.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels have shape {labels.shape}, expected (n,): one whole number an image.")
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"labels have dtype {labels.dtype}, expected whole numbers from 0 to {classes - 1}.")
    if count is not None and len(labels) != count:
        raise ValueError(f"{len(labels)} labels came with {count} images, expected one label an image.")
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}, expected 0 to {classes - 1} for {classes} classes."
        )
    return labels.astype(np.int64)


def _read_npz(path):
    arrays = files.read_npz(path, KEYS)
    if missing := [key for key in KEYS if key not in arrays]:
        raise ValueError(f"{path} lacks the arrays {', '.join(missing)}; expected {', '.join(KEYS)}.")
    return arrays


def _download(name):
    runtime.tensorflow()
    import keras

    cache = runtime.keras_home() / "datasets"
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
    try:
        # One kernel of a class downloads, the others wait: Keras writes straight into the file that it reads.
        with files.alone(cache / ".cgan_lab.lock"), contextlib.redirect_stdout(io.StringIO()):
            (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:  # Keras raises plain Exception when a download fails
        raise ConnectionError(
            f"{name!r} is not in Keras' cache and could not be downloaded ({type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else 'no message'}). Check the network or proxy; or fetch "
            f"{', '.join(FILES[name])} from {SOURCE} on another machine and put it into {cache / FOLDERS[name]}; or "
            f"give the path of an .npz file with {', '.join(KEYS)}; or use {SHIPPED[name != 'mnist']!r}, which needs "
            "no network."
        ) from error
    return dict(zip(KEYS, (x_train, y_train, x_test, y_test), strict=True))


def _checked(name, arrays, limit):
    checked = {}
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        x = check_images(x, f"x_{part} of {name}")
        y = check_labels(y, 10, count=len(x))
        if not len(x):
            raise ValueError(f"x_{part} of {name} holds no image.")
        checked[f"x_{part}"], checked[f"y_{part}"] = x[:limit], y[:limit]
    names = FASHION_NAMES if name in ("fashion", "fashion_mnist") else DIGIT_NAMES
    return Digits(name=name, class_names=names, **checked)
