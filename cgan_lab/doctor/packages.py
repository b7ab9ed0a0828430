"""The doctor's look at the packages: versions, builds, data, names that hide one. Imports no framework."""

import gzip
import importlib.metadata
import json
import os
import re
import sys
import zipfile
import zlib
from pathlib import Path

from cgan_lab._support import runtime
from cgan_lab.doctor.machine import Finding, setting

# Lowest version that works and the first that was never tried, as in pyproject.toml.
VERSIONS = {
    "tensorflow": ("2.20", "2.22"),
    "keras": ("3.13", "4"),
    "numpy": ("1.26", "3"),
    "ipywidgets": ("7.7.1", "9"),
    "matplotlib": ("3.9", None),
}
TENSORFLOWS = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly")
SHADOWED = (
    "tensorflow",
    "keras",
    "numpy",
    "matplotlib",
    "ipywidgets",
    "PIL",
    "tqdm",
    "h5py",
    "random",
    "types",
    "copy",
)
PIP = f"{sys.executable} -m pip"
OLD_BUILD = re.compile(
    r"compiled using NumPy 1|multiarray failed to import|size changed, may indicate binary|_ARRAY_API"
)


def versions():
    """Are the packages in versions that were tried? Yields a finding each."""
    for name, (low, high) in VERSIONS.items():
        title = f"{name} {low} or newer" + (f", below {high}" if high else "")
        found = version(name)
        if found and numbers(low) <= numbers(found) and not (high and numbers(found) >= numbers(high)):
            yield Finding(title, found)
        else:
            wanted = f"'{name}>={low}" + (f",<{high}'" if high else "'")
            why = "the lessons were tried with these versions only."
            yield Finding(title, found or "not installed", f"run: {PIP} install {wanted}", why)


def version(name):
    """Return the installed version of ``name``, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def numbers(version):
    """Return the numbers that a version begins with: ``(2, 20)`` for ``2.20.0rc1``."""
    digits = []
    for part in version.split("."):
        if not part.isdigit():
            break
        digits.append(int(part))
    return tuple(digits)


def one_tensorflow():
    """Is there one TensorFlow?"""
    title = "one TensorFlow"
    names = [re.sub("[-_.]+", "-", d.metadata["Name"] or "").lower() for d in importlib.metadata.distributions()]
    found = [name for name in names if name in TENSORFLOWS]
    # On Windows the package tensorflow is a shell around tensorflow-intel.
    if len(found) < 2 or sorted(found) == ["tensorflow", "tensorflow-intel"]:
        return Finding(title, ", ".join(found) or "none")
    return Finding(
        title,
        ", ".join(sorted(found)),
        f"{PIP} uninstall -y {' '.join(sorted(set(found)))}; {PIP} install 'tensorflow>=2.20,<2.22'",
        "they write into the same folder, so what is imported is a mixture.",
    )


def shadows():
    """Does a file of the learner's take the place of a package?"""
    title = "no file hides a package"
    for folder in dict.fromkeys((os.getcwd(), sys.path[0] if sys.path else "")):
        if "site-packages" in folder or Path(folder or ".").resolve() == Path(os.__file__).resolve().parent:
            continue
        for name in SHADOWED:
            for path in (Path(folder) / f"{name}.py", Path(folder) / name / "__init__.py"):
                if path.is_file():
                    taken = path if path.name != "__init__.py" else path.parent
                    other = f"my_{taken.name}" if os.name == "nt" else taken.with_name(f"my_{taken.name}")
                    return Finding(
                        title,
                        f"{taken} is imported instead of {name}",
                        f"{'ren' if os.name == 'nt' else 'mv'} {taken} {other}",
                        "Python looks in this folder first: 'module has no attribute ...' is how it shows.",
                    )
    return Finding(title, "none")


def backend():
    """Is Keras told to use TensorFlow?"""
    title = "Keras runs on TensorFlow"
    chosen, where = os.environ.get("KERAS_BACKEND"), "KERAS_BACKEND"
    if not chosen:
        where = runtime.keras_home() / "keras.json"
        try:
            chosen = json.loads(where.read_text(encoding="utf-8")).get("backend", "tensorflow")
        except (OSError, ValueError, AttributeError):
            chosen = "tensorflow"
    if chosen == "tensorflow":
        return Finding(title, "yes")
    return Finding(
        title,
        f"{where} says {chosen!r}",
        setting("KERAS_BACKEND", "tensorflow") + "   and restart the kernel",
        "the training step is written in TensorFlow.",
    )


def legacy():
    """Is tf.keras Keras 3?"""
    title, name = "tf.keras is Keras 3", "TF_USE_LEGACY_KERAS"
    if os.environ.get(name, "").lower() not in ("1", "true"):
        return Finding(title, "yes")
    why = "tf.keras would be Keras 2, whose layers and models do not go together with the course's."
    return Finding(title, f"{name} is {os.environ[name]}", setting(name, "") + "   and restart the kernel", why)


def assets():
    """Are the shipped digits, judges and generators whole?"""
    title, damaged = "the shipped files are whole", []
    try:
        from cgan_lab._support import files
    except ImportError:
        return Finding(title, "not tried", "first cure what is named above")
    try:
        names = sorted(files.manifest())
        for name in names:
            try:
                files.asset(name)
            except (OSError, ValueError) as error:
                damaged.append((name, str(error)))
    except (OSError, ValueError, KeyError) as error:
        damaged.append(("manifest.json", str(error)))
    if not damaged:
        return Finding(title, f"{len(names)} files")
    return Finding(
        title,
        f"damaged: {', '.join(name for name, _ in damaged)}",
        f"run: git checkout -- cgan_lab/assets   or: {PIP} install --force-reinstall --no-deps cgan-lab   "
        f"({damaged[0][1]})",
        "the lessons would start from other digits or weights than those they were tried with.",
    )


def downloads():
    """Are the data sets in Keras' cache whole?"""
    title, damaged = "downloaded data sets are whole", []
    cache = runtime.keras_home() / "datasets"
    found = [cache / "mnist.npz", *sorted((cache / "fashion-mnist").glob("*.gz"))]
    for path in filter(Path.is_file, found):
        try:
            if not path.stat().st_size:
                raise EOFError  # gzip would read nothing from nothing
            if path.suffix == ".gz":
                with gzip.open(path) as file:
                    while file.read(2**20):
                        pass
            else:
                with zipfile.ZipFile(path) as archive:
                    if archive.testzip():
                        raise zipfile.BadZipFile
        except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile):
            damaged.append(path)
    if not damaged:
        return Finding(title, ", ".join(path.name for path in found if path.is_file()) or "none yet")
    return Finding(
        title,
        f"only part of {', '.join(path.name for path in damaged)}",
        f"{'del' if os.name == 'nt' else 'rm'} {' '.join(map(str, damaged))}   and load the data again",
        "a download that was interrupted leaves half a file, which is taken for the whole one each time.",
    )


def builds(error):
    """Was ``error``, from importing TensorFlow, that of a package built for another NumPy? None if all imported."""
    title = "packages are built for this NumPy"
    if error is None or not OLD_BUILD.search(str(error)):
        return Finding(title, f"NumPy {version('numpy')}")
    return Finding(
        title,
        str(error).strip().splitlines()[0][:100],
        f"run: {PIP} install --force-reinstall --no-cache-dir tensorflow h5py ml_dtypes matplotlib 'numpy>=1.26,<3'",
        "NumPy 1 and 2 lay their arrays out differently; what was built for one cannot use the other.",
    )
