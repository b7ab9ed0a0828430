"""The learner's builds: the last right one of each is kept as source, and used in later lessons."""

import importlib.machinery
import inspect
import textwrap
import types

from cgan_lab._support import files
from cgan_lab.checks import _record

# What a build may use without importing it: names that the lessons import or define before it.
HEADER = '''"""Your answer to {name}, as the check last found it right."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from cgan_lab import cgan, conditioning, data, judge, losses, metrics, networks, sampling
from cgan_lab.conditioning import concatenate, project

discriminator_loss = losses.get("non_saturating").discriminator
generator_loss = losses.get("non_saturating").generator


'''

_right = {}  # name -> the function that this kernel last found right


def place(name):
    """Return the file of the build ``name``, beside the record of progress, or None if none is."""
    record = _record.place()
    return record and record.with_name(record.stem + "_builds") / f"{name.replace('.', '_')}.py"


def keep(name, function, inspect_answer):
    """Keep ``function`` for this kernel and, as source, for others.

    Returns None, or the reason why other kernels cannot use it: its source is not to be had, it
    leans on something outside itself, or the disk refuses. Never raises.
    """
    _right[name] = function
    path = place(name)
    if path is None:
        return "nothing is kept on this machine"
    try:
        source = textwrap.dedent(inspect.getsource(function))
        path.parent.mkdir(exist_ok=True)
        with files.replacing(path) as part:  # the last right one stays if this one cannot be kept
            part.write_text(HEADER.format(name=name) + source, encoding="utf-8")
            inspect_answer(_read(part))
    except (OSError, TypeError) as error:
        return f"it could not be written: {error}"
    except Exception as error:  # whatever the learner's code leans on outside itself
        return f"alone it does not run: {error}. Put what it needs inside the function"
    return None


def find(name):
    """Return the learner's last right function, or None: of this kernel, else the kept one."""
    if name in _right:
        return _right[name]
    path = place(name)
    try:
        return _read(path) if path and path.is_file() else None
    except Exception:  # a file that somebody edited since
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    def set_data(self, *arguments, **options):
        """Leave no compiled copy behind."""


def _read(path):
    """Return the last function that the file defines."""
    loader = _Loader(f"your_{path.stem}", str(path))
    module = types.ModuleType(loader.name)
    module.__file__ = str(path)
    loader.exec_module(module)
    functions = [value for value in vars(module).values() if inspect.isfunction(value)]
    return [one for one in functions if one.__module__ == module.__name__][-1]
