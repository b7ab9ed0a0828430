"""Names, numbers and paths that a person typed. Imports nothing that takes time."""

import argparse
from pathlib import Path


class NoPath(ValueError, argparse.ArgumentTypeError):
    """A text that is no path; argparse shows the message of such an error as it is."""


def pick(kind, name, options):
    """Return ``options[name]``, or the name itself if ``options`` is a tuple of names.

    Raises ValueError, listing the names there are, if ``name`` is not among them. ``kind`` says in
    the error what the name is of: "loss", "recipe".
    """
    if not isinstance(name, str) or name not in options:
        raise ValueError(f"no {kind} {name!r}; there are {', '.join(options)}.")
    return options[name] if isinstance(options, dict) else name


def whole(name, value, least):
    """Return ``value`` as an int. Raises ValueError unless it is whole and at least ``least``."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
        raise ValueError(f"{name} is {value!r}, expected a whole number from {least} up.")
    return int(value)


def path(text):
    """Return ``text`` as a Path with ``~`` expanded: after ``=`` a shell leaves it alone.

    Raises NoPath for an empty text and for the home of a user that does not exist. Fit for argparse
    as a ``type``.
    """
    if not str(text):
        raise NoPath("the path is empty: is the variable that should hold it set?")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise NoPath(f"{text!r} is no path: {error}") from error


def decay(name, value):
    """Return ``value`` as a float. Raises ValueError unless it is from 0 to below 1."""
    if not 0.0 <= value < 1.0:
        raise ValueError(f"{name} is {value!r}, expected a decay from 0 (no average) to below 1.")
    return float(value)
