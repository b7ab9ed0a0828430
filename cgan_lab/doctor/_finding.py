"""What every look of the doctor is made of: the finding, commands for cures, installed versions."""

import dataclasses
import functools
import importlib.metadata
import os
import sys

from cgan_lab._support.console import command
from cgan_lab._support.language import said

PIP = (sys.executable, "-m", "pip")


@dataclasses.dataclass(frozen=True)
class Finding:
    """What was ``found``, its ``cure`` (empty if all is well) and ``why`` it matters."""

    name: str
    found: str
    cure: str = ""
    why: str = ""

    @property
    def well(self):
        """Whether nothing needs to be done."""
        return not self.cure


def finding(*words):
    """Return the `Finding` of these words, in the language of the learner."""
    return Finding(*map(said, words))


def looks_for(name):
    """Let the decorated function return a `Finding` called ``name``.

    The function itself returns what it found if all is well, otherwise (found, cure, why).
    """

    def decorate(look):
        @functools.wraps(look)
        def find(*arguments):
            found = look(*arguments)
            words = (found,) if isinstance(found, str) else found
            return finding(name, *words)

        return find

    return decorate


def install(*wanted):
    """Return the command that installs the packages ``wanted`` for this Python."""
    return said(f"run: {command(*PIP, 'install', *wanted)}")


def setting(name, value=""):
    """Return the command that sets an environment variable, or unsets it if there is no value."""
    if os.name == "nt":
        return f"set {name}={value}"
    return f"export {name}={value}" if value else f"unset {name}"


def version(name):
    """Return the installed version of the package ``name``, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
