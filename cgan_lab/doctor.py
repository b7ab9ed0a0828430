"""Is this machine ready for the course? Looks, reports and names cures; changes nothing."""

import dataclasses
import importlib.metadata
import os
import sys
import tempfile

from cgan_lab import files, runtime

# Lowest version that works and the first that was never tried, as in pyproject.toml.
VERSIONS = {
    "tensorflow": ("2.20", "2.22"),
    "keras": ("3.13", "4"),
    "numpy": ("1.26", "3"),
    "ipywidgets": ("7.7.1", "9"),
    "matplotlib": ("3.9", None),
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at. ``found``: what there is; ``cure``: what to do, empty if it is well."""

    name: str
    found: str
    cure: str = ""

    @property
    def well(self):
        """Whether nothing need be done."""
        return not self.cure


def examine():
    """Return the list of `Finding` of this machine, the same as ``python -m cgan_lab doctor``. Shown in lesson 00."""
    return [_python(), *(_package(name) for name in VERSIONS), _device(), *_assets(), _writable()]


def _numbers(version):
    digits = []
    for part in version.split("."):
        if not part.isdigit():
            break
        digits.append(int(part))
    return tuple(digits)


def _python():
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python 3.11 to 3.13", found)
    return Finding("Python 3.11 to 3.13", found, "make a new environment with Python 3.11, 3.12 or 3.13.")


def _package(name):
    low, high = VERSIONS[name]
    title = f"{name} {low} or newer" + (f", below {high}" if high else "")
    install = f"{sys.executable} -m pip install '{name}>={low}" + (f",<{high}'" if high else "'")
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(title, "not installed", f"run: {install}")
    if _numbers(found) < _numbers(low) or (high and _numbers(found) >= _numbers(high)):
        return Finding(title, found, f"run: {install}")
    return Finding(title, found)


def _device():
    title = "TensorFlow works, with Keras on top"
    try:
        kind = runtime.device()
    except Exception as error:  # a broken install can raise anything
        return Finding(title, f"{type(error).__name__}", f"{error}")
    return Finding(title, f"{kind.upper()}, {os.cpu_count()} cores, budget {runtime.budget().name}")


def _assets():
    for name in sorted(files.manifest()):
        try:
            files.asset(name)
        except (OSError, ValueError) as error:
            yield Finding(f"shipped file {name}", "damaged", str(error))
        else:
            yield Finding(f"shipped file {name}", "whole")


def _writable():
    try:
        with tempfile.TemporaryFile(dir=os.getcwd()):
            return Finding("this folder can be written", "yes")
    except OSError as error:
        return Finding("this folder can be written", f"no ({error.strerror})", f"change to another than {os.getcwd()}.")
