"""Lines for a person, and commands to paste. Work never fails because a line cannot be written."""

import contextlib
import os
import shlex
import sys


def say(text, file=None, end="\n"):
    """Print ``text`` and ``end`` to ``file``, standard output by default.

    What its encoding lacks is written as ``\\xfc``, and so is what a terminal would obey; if nobody
    reads any more, the line is dropped.
    """
    stream = sys.stdout if file is None else file
    text = "".join(sign if sign.isprintable() or sign in "\n\t" else escaped(sign) for sign in text)
    try:
        try:
            print(text, file=stream, end=end, flush=True)
        except UnicodeEncodeError as error:
            known = text.encode(error.encoding, "backslashreplace").decode(error.encoding)
            print(known, file=stream, end=end, flush=True)
    except (OSError, ValueError):  # a pipe whose reader has gone, a full disk, a closed file
        _discard(stream)


def escaped(sign):
    """Return a sign as Python writes it in a text, such as ``\\x1b``."""
    return sign.encode("unicode_escape").decode("ascii")


def command(*words):
    """Return the command that consists of ``words``, quoted for this system's shell."""
    if os.name != "nt":
        return shlex.join(map(str, words))
    special = set(" <>|&^,;()")
    return " ".join(f'"{word}"' if special & set(str(word)) else str(word) for word in words)


def _discard(stream):
    """Send what is left in ``stream`` nowhere, or Python would complain of it at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
