"""A look into a saved model before Keras opens it: only what this package writes. Builds no model.

Keras' safe mode refuses to unpickle functions. A file from a stranger can still name classes that fetch or read
files, and sizes that exhaust the memory; here it is refused before anything of the kind happens.
"""

import io
import json
import zipfile

from cgan_lab._support import files, runtime

runtime.tensorflow()

import keras  # noqa: E402

PARTS = {"metadata.json", "config.json", "model.weights.h5"}
MODULES = ("keras.layers", "keras.optimizers", "keras.initializers", "keras.regularizers", "keras.constraints")
CLASSES = {
    ("keras", "DTypePolicy"),
    ("keras", "Sequential"),
    ("keras.src.models.functional", "Functional"),
    (None, "__keras_tensor__"),
}
# Layers that hold code, or read files that their settings name.
REFUSED = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
REFUSED |= {"StringLookup", "IntegerLookup", "TextVectorization", "Hashing", "Discretization"}
MOST_SETTINGS = 10_000_000  # bytes of config.json; the largest shipped recipe has 20,000


def check(path):
    """Raise unless ``path`` is a whole ``.keras`` file of plain numbers and of layers that are known here.

    Known are Keras' own layers, optimizers and initializers, but for those in `REFUSED`, this package's classes, and
    what the running program has registered with Keras. What is raised depends on the damage: any `Exception`.
    """
    with zipfile.ZipFile(path) as archive:
        parts = files.members(archive)
        if set(parts) != PARTS:
            raise ValueError(f"it holds {', '.join(sorted(parts)) or 'nothing'}, expected {', '.join(sorted(PARTS))}")
        if parts["config.json"].file_size > MOST_SETTINGS:
            raise ValueError(f"its config.json is larger than {MOST_SETTINGS} bytes")
        altered = archive.testzip()  # compares each part with its checksum
        if altered:
            raise zipfile.BadZipFile(f"{altered} is altered")
        check_settings(json.loads(archive.read("config.json")))
        check_weights(archive.read("model.weights.h5"))


def check_settings(settings):
    """Raise ValueError if ``settings``, a model's configuration, names a class or function that is not known here."""
    waiting = [settings]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "class_name" in value and not _known(value):
                raise ValueError(f"it names {value.get('module')}.{value['class_name']}, which is not of this course")
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _known(value):
    module, name = value.get("module"), value["class_name"]
    if not isinstance(name, str) or not isinstance(module, str | None):
        return False
    if (module, name) in CLASSES or (module in MODULES and name not in REFUSED):
        return True
    registered = value.get("registered_name")
    return isinstance(registered, str) and keras.saving.get_registered_object(registered) is not None


def check_weights(content):
    """Raise unless ``content``, the bytes of an HDF5 file, holds plain arrays in itself, each once and uncompressed."""
    import h5py  # Keras brings it

    with h5py.File(io.BytesIO(content), "r") as file:
        waiting, seen, size = [file], set(), 0
        while waiting:
            group = waiting.pop()
            for name in group:
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise ValueError(f"{name} is a link to elsewhere")
                item = group[name]
                address = h5py.h5o.get_info(item.id).addr
                if address in seen:
                    raise ValueError(f"{name} is held twice")
                seen.add(address)
                if isinstance(item, h5py.Group):
                    waiting.append(item)
                    continue
                if item.external or item.is_virtual or item.chunks or item.dtype.kind not in "biuf":
                    raise ValueError(f"{name} is no plain array of numbers")
                size += item.nbytes
        if size > len(content):
            raise ValueError(f"its arrays have {size} bytes, more than the file")
