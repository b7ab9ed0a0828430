"""The doctor's look at the packages: versions, builds, data sets, files that hide a package."""

import gzip
import importlib.metadata
import importlib.util
import os
import re
import sys
import zipfile
import zlib
from pathlib import Path

from cgan_lab._support.console import command
from cgan_lab._support.folders import keras_backend, keras_home, keras_settings
from cgan_lab._support.language import said
from cgan_lab.doctor._finding import PIP, finding, install, looks_for, setting, version

CHECKED = ("tensorflow", "keras", "numpy", "ipywidgets", "matplotlib")
TENSORFLOWS = [f"tensorflow{variant}" for variant in ("", "-cpu", "-gpu", "-intel", "-macos")]
TENSORFLOWS += ["tf-nightly"]
HIDDEN = ("tensorflow", "keras", "numpy", "matplotlib", "ipywidgets", "PIL", "tqdm", "h5py")
HIDDEN += ("random", "types", "copy", "json", "string", "token")
HARMFUL = {  # environment variable -> a pattern of the values that are in the way
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0|false",
    "TF_XLA_FLAGS": ".+",
    "XLA_FLAGS": ".+",  # one that XLA does not know ends Python
    "PYTHONOPTIMIZE": ".+",  # leaves out every assert, and so the assignments' tests
    "PYTHONWARNINGS": "error.*",
}
OLD_BUILD = (
    r"compiled using NumPy 1|multiarray failed to import|size changed, may indicate binary"
    r"|_ARRAY_API"
)


def versions():
    """Yield a finding for each of `CHECKED`: is it in the range that pyproject.toml asks for?"""
    for name in filter(wanted_versions, CHECKED):
        wanted = wanted_versions(name)
        low, _, high = wanted.removeprefix(">=").partition(",<")
        title = f"{name} {low} or newer, below {high}" if high else f"{name} {low} or newer"
        found = version(name)
        if found and _contains(wanted, found):
            yield finding(title, found)
        else:
            why = "the lessons were tested with these versions only."
            yield finding(title, found or "not installed", install(f"{name}{wanted}"), why)


def wanted_versions(name):
    """Return the versions of package ``name`` that the course needs, such as ``>=2.20,<2.22``.

    They are the ones in pyproject.toml when the course was installed; "" if it is not installed.
    """
    for requirement in importlib.metadata.requires("cgan-lab") if version("cgan-lab") else []:
        found, versions = re.match(r"([\w-]+)([^;]*)", requirement).groups()
        if found == name and "extra ==" not in requirement:
            return ",".join(sorted(versions.strip().split(","), reverse=True))
    return ""


def _contains(wanted, found):
    """Return whether version ``found`` is ``wanted``; a release candidate counts as its release."""
    try:
        from packaging import specifiers, version
    except ImportError:  # TensorFlow brings it, so TensorFlow is missing and reported
        return True
    return version.Version(found).base_version in specifiers.SpecifierSet(wanted)


@looks_for("one TensorFlow")
def one_tensorflow():
    """Is there only one TensorFlow?"""
    found = list(filter(version, TENSORFLOWS))
    # On Windows the package tensorflow consists of tensorflow-intel.
    if len(found) < 2 or found == ["tensorflow", "tensorflow-intel"]:
        return ", ".join(found) or "none"
    again = command(*PIP, "install", f"tensorflow{wanted_versions('tensorflow')}")
    cure = f"{command(*PIP, 'uninstall', '-y', *found)}; {again}"
    return ", ".join(found), cure, "they write to the same folder, so a mixture is imported."


@looks_for("no file hides a package")
def shadows():
    """Is a file of the learner's imported instead of a package?"""
    library = Path(os.__file__).resolve().parent
    for folder in {os.getcwd(): None, sys.path[0] if sys.path else "": None}:
        folder = Path(folder)
        if "site-packages" in str(folder) or folder.resolve() == library:
            continue
        for name in HIDDEN:
            script, package = folder / f"{name}.py", folder / name
            if not script.is_file() and not (package / "__init__.py").is_file():
                continue
            hiding = script if script.is_file() else package
            new = hiding.with_name(f"my_{hiding.name}")
            cure = f"ren {hiding} {new.name}" if os.name == "nt" else f"mv {hiding} {new}"
            why = "Python looks in this folder first; it shows as 'module has no attribute ...'."
            return f"{hiding} is imported instead of {name}", cure, why
    return "none"


@looks_for("Keras runs on TensorFlow")
def backend():
    """Is Keras set to use TensorFlow?"""
    chosen, where = keras_backend()
    if chosen == "tensorflow":
        return "yes"
    cure = setting("KERAS_BACKEND", "tensorflow") + "   and restart the kernel"
    return said(f"{where} says {chosen!r}"), cure, "the training step is written in TensorFlow."


@looks_for("no settings of another course")
def settings():
    """Do Keras' file, matplotlib's file or the environment change what the lessons compute?"""
    path = keras_home() / "keras.json"
    keras_says = keras_settings()
    if not isinstance(keras_says, dict):
        why = "Keras cannot be imported."
        return f"{path} holds {keras_says!r:.40}, no settings", command("rm", path), why
    usual = {"image_data_format": "channels_last", "floatx": "float32"}
    found = {
        f"{name} {keras_says[name]!r} in {path}": f"edit {path}: {name} is {value!r} by default"
        for name, value in usual.items()
        if keras_says.get(name, value) != value
    }
    for name, harmful in HARMFUL.items():
        if re.fullmatch(harmful, os.environ.get(name, "")):
            found[f"{name}={os.environ[name]}"] = setting(name)
    if (style := _matplotlibrc()) is not None:
        found[str(style)] = f"rename {style}"
    if not found:
        return "none"
    cure = "; ".join(found.values()) + "   and restart the kernel"
    why = "layers, figures or the time that a training takes would differ from the lessons'."
    return ", ".join(found), cure, why


def _matplotlibrc():
    """Return the path of the learner's own settings of matplotlib, or None."""
    if (matplotlib := importlib.util.find_spec("matplotlib")) is None:
        return None
    from matplotlib import matplotlib_fname

    path = Path(matplotlib_fname())
    return None if Path(matplotlib.origin).parent in path.parents else path


@looks_for("tf.keras is Keras 3")
def legacy():
    """Is tf.keras Keras 3?"""
    name = "TF_USE_LEGACY_KERAS"
    if os.environ.get(name, "").lower() not in ("1", "true"):
        return "yes"
    cure = f"{setting(name)}   and restart the kernel"
    why = "tf.keras would be Keras 2, whose layers and models do not work with the course's."
    return f"{name} is {os.environ[name]}", cure, why


@looks_for("the shipped files are whole")
def assets():
    """Are the shipped digits, judges and generators undamaged?"""
    try:
        from cgan_lab._support import files
    except ImportError:  # NumPy is missing
        return "not tried", "first cure what is named above"
    try:
        names, damaged = sorted(files.manifest()), {}
    except (OSError, ValueError) as error:
        names, damaged = [], {"manifest.json": error}
    for name in names:
        try:
            files.asset(name)
        except (OSError, ValueError, KeyError) as error:
            damaged[name] = error
    if not damaged:
        return f"{len(names)} files"
    again = install("--force-reinstall", "--no-deps", "cgan-lab")
    first = next(iter(damaged.values()))
    cure = f"run: git checkout -- cgan_lab/assets   or {again}   ({first})"
    why = "the lessons would start from other digits or weights than those they were tested with."
    return f"damaged: {', '.join(damaged)}", cure, why


@looks_for("downloaded data sets are whole")
def downloads():
    """Are the data sets in Keras' cache complete?"""
    cache = keras_home() / "datasets"
    paths = [cache / "mnist.npz", *sorted((cache / "fashion-mnist").glob("*.gz"))]
    found = list(filter(Path.is_file, paths))
    broken = [path for path in found if _broken(path)]
    if not broken:
        return ", ".join(path.name for path in found) or "none yet"
    remove = "del" if os.name == "nt" else "rm"
    cure = f"{command(remove, *broken)}   and load the data again"
    why = "an interrupted download leaves half a file, which is taken for the whole one each time."
    return f"only part of {', '.join(path.name for path in broken)}", cure, why


def _broken(path):
    """Return whether the compressed file ``path`` cannot be read to its end."""
    try:
        if path.suffix == ".npz":
            with zipfile.ZipFile(path) as archive:
                return archive.testzip() is not None
        with gzip.open(path) as file:
            while file.read(2**20):
                pass
        return path.stat().st_size == 0  # gzip reads an empty file without an error
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return True


@looks_for("packages are built for this NumPy")
def builds(error):
    """Was ``error``, raised by importing TensorFlow, that of a package built for another NumPy?"""
    if error is None or not re.search(OLD_BUILD, str(error)):
        return f"NumPy {version('numpy')}"
    rebuilt = ("tensorflow", "h5py", "ml_dtypes", "matplotlib", f"numpy{wanted_versions('numpy')}")
    cure = install("--force-reinstall", "--no-cache-dir", *rebuilt)
    why = "NumPy 1 and 2 store arrays differently; a package built for one cannot use the other."
    return str(error).strip().splitlines()[0][:100], cure, why
