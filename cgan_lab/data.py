"""Data sets in, and the two ways between pixels and networks. Trains nothing, draws nothing."""

import contextlib
import dataclasses
import hashlib
import io

import numpy as np

from cgan_lab._support import containers, files
from cgan_lab._support.arrays import DECODED, are_words, check_images, check_labels
from cgan_lab._support.folders import keras_home
from cgan_lab._support.names import path, whole

SIZE = 28
DIGIT_NAMES = tuple(str(d) for d in range(10))
FASHION_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
SHIPPED = ("digits", "fashion")
NAMES = {  # name -> what its labels are called
    "digits": DIGIT_NAMES,
    "fashion": FASHION_NAMES,
    "mnist": DIGIT_NAMES,
    "fashion_mnist": FASHION_NAMES,
}
KEYS = ("x_train", "y_train", "x_test", "y_test")
KINDS = "biufcmMSUV"  # of arrays that load without running code; the checks say which do not fit
# One part may lack a word of the other, so the two are numbered together.
NUMBERING = """\
    import numpy as np
    d = np.load({0!r})
    y = [d[key].ravel() for key in ('y_train', 'y_test')]
    y = [np.char.decode(k, 'utf-8', 'backslashreplace') if k.dtype.kind == 'S' else k for k in y]
    names, both = np.unique(np.concatenate(y).astype(str), return_inverse=True)
    a, b = np.split(both, [len(y[0])])
    x = dict(x_train=d['x_train'], x_test=d['x_test'])
    np.savez({1!r}, **x, y_train=a, y_test=b, class_names=names)"""
MORE = " If there are more classes, name them all in the file: np.savez(..., class_names=names)."
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
    """A data set at rest: images uint8 ``(n, 28, 28)`` in 0..255, labels int64 ``(n,)``.

    Raises ValueError or TypeError for arrays that are not, or do not fit each other.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple

    def __post_init__(self):
        for part in ("train", "test"):
            x = check_images(getattr(self, f"x_{part}"), f"x_{part} of {self.name}")
            if not len(x):
                raise ValueError(f"x_{part} of {self.name} holds no images.")
            what = f"labels y_{part} of {self.name}"
            y = check_labels(getattr(self, f"y_{part}"), self.classes, len(x), what)
            object.__setattr__(self, f"x_{part}", x)
            object.__setattr__(self, f"y_{part}", y)

    @property
    def classes(self):
        """The number of classes, ``len(class_names)``."""
        return len(self.class_names)

    @property
    def labels(self):
        """The labels that have a training image, in order, int64 ``(k,)``."""
        return np.unique(self.y_train)

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
    time), or the path of an ``.npz`` file with the keys ``x_train, y_train, x_test, y_test``. Its
    labels are 0 to k - 1, where k is the number of its ``class_names``, an array of texts, or
    without them one more than the largest label, up to 10; some labels may have no image.
    ``limit``: keep only the first ``limit`` training and the first ``limit`` test images.

    Returns a `Dataset`. Raises ValueError for a limit that is not positive or a file whose contents
    are not such a data set, with the lines that make one where that is known; FileNotFoundError for
    a path or name that does not exist, ConnectionError if a download fails. Shown in lesson 00.
    """
    if limit is not None:
        whole("limit", limit, 1)
    name = str(name_or_path)
    if name in SHIPPED:
        arrays = _read_npz(files.asset(f"{name}.npz"))
    elif name in NAMES:
        arrays = _download(name)
    else:
        file = path(name_or_path)
        if not file.exists():
            raise FileNotFoundError(
                f"no data set {name!r}: it is neither one of {', '.join(NAMES)} nor an existing "
                ".npz file."
            )
        if cure := containers.cure(file):
            raise ValueError(cure)
        arrays = _read_npz(file)
        name = str(file.absolute())  # a run is judged from other folders, too
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
    if not (low >= -1.0 and high <= 1.0):
        raise ValueError(
            f"images run from {low:.3g} to {high:.3g}, expected [-1, 1]; use data.to_model."
        )
    if low >= 0.0:
        raise ValueError(
            f"images run from {low:.3g} to {high:.3g}: that is [0, 1], but the generator ends in "
            "tanh and covers [-1, 1]. Convert uint8 images with data.to_model."
        )


def _check_shape(x, what):
    shape = tuple(x.shape)
    if len(shape) != 4 or shape[1:] != (SIZE, SIZE, 1):
        raise ValueError(
            f"{what} has shape {shape}, expected (n, {SIZE}, {SIZE}, 1), as from to_model."
        )


def _read_npz(file):
    arrays = files.read_npz(file, (*KEYS, "class_names"), KINDS)
    if missing := [key for key in KEYS if key not in arrays]:
        came = files.read_npz(file, kinds=KINDS)
        raise ValueError(
            f"{file} lacks the arrays {', '.join(missing)}; expected {', '.join(KEYS)}."
            f"{_renaming(file, came)}"
        )
    if are_words(arrays["y_train"], arrays["y_test"]):
        lines = NUMBERING.format(str(file), containers.free())
        raise TypeError(
            f"the labels of {file} are words, expected whole numbers. These lines number them:\n"
            f"{lines}"
        )
    return arrays


def _renaming(file, came):
    """Return the lines that give the arrays that ``came`` the names that `load` reads."""
    images = [name for name in came if came[name].ndim > 1 and came[name][:1].size > 1]
    labels = [name for name in came if name not in (*images, "class_names")]
    if not images or not labels:
        return f" It holds {', '.join(came) or 'nothing'}."
    sources = []
    for key, names in zip(KEYS, (images, labels) * 2, strict=True):
        sources += [name for name in names if key[2:] in name][:1]
    if len(sources) < len(KEYS):
        reading = f"d = np.load({str(file)!r}); x, y = d[{images[0]!r}], d[{labels[0]!r}]"
        words = are_words(came[labels[0]])
        if words and came[labels[0]].dtype.kind == "S":
            reading += f"; y = {DECODED.format('y')}"
        if "class_names" in came and not words:
            reading += "; names = d['class_names']"
        return f" It holds {', '.join(came)}. {containers.lines(reading, words)}"
    pairs = zip(KEYS, sources, strict=True)
    arguments = ", ".join(f"{key}=d[{name!r}].squeeze()" for key, name in pairs)
    arguments += ", class_names=d['class_names']" * ("class_names" in came)
    line = f"d = np.load({str(file)!r}); np.savez({containers.free()!r}, {arguments})"
    return f" It holds {', '.join(came)}. Rename them:" + f"\n    import numpy as np\n    {line}"


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
    whole = Dataset(name, *(arrays[key] for key in KEYS), _class_names(name, arrays))
    if limit is None:
        return whole
    return dataclasses.replace(whole, **{key: getattr(whole, key)[:limit] for key in KEYS})


def _class_names(name, arrays):
    """Return what the labels are called: as the data say, or 0 up to the largest there is."""
    if name in NAMES:
        return NAMES[name]
    if "class_names" in arrays:
        came = arrays["class_names"]
        if came.dtype.kind == "S":
            came = np.char.decode(came, "utf-8", "backslashreplace")
        names = tuple(map(str, came.ravel()))
        different = {key.strip() for key in names} - {""}
        if came.ndim != 1 or came.dtype.kind in "cmMV" or not 2 <= len(names) == len(different):
            raise ValueError(
                f"{name} has class_names of shape {came.shape} and dtype {came.dtype}, "
                f"{names[:20]}; expected 2 or more different texts in a row, none empty."
            )
        return names
    largest = 1
    for part in ("y_train", "y_test"):
        labels = check_labels(arrays[part], what=f"labels {part} of {name}")
        largest = max(largest, int(labels.max(initial=1)))
    if largest > 9:
        low = min(np.min(arrays["y_train"]), np.min(arrays["y_test"]))
        hint = " Convert them: labels - 1." if (low, largest) == (1, 10) else ""
        raise ValueError(
            f"the labels of {name} run from {low} to {largest}, expected 0 to 9.{hint}" + MORE
        )
    return DIGIT_NAMES[: largest + 1]
