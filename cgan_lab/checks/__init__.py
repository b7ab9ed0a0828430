"""Self-checks for the exercises: not attempted, wrong with a hint, right. Knows answers, not notebooks.

A check calls the learner's answer on fixed inputs and compares it with the package's own. It needs
neither the notebook file nor a network, and says the same in JupyterLab, in Colab and in a test.
"""

import dataclasses

# Importing a module of exercises registers its checks.
from cgan_lab.checks import (  # noqa: F401
    appendix_b,
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
)
from cgan_lab.checks._kit import EXERCISES, NotAttempted, Wrong, blank


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a check found. ``state``: ``"not attempted"``, ``"wrong"`` or ``"right"``; ``text``: why."""

    state: str
    text: str

    def __repr__(self):
        mark = {"not attempted": "…", "wrong": "✗", "right": "✓"}[self.state]
        return f"{mark} {self.state}: {self.text}"


def check(name, answer):
    """Return the `Verdict` on ``answer``, the learner's value or function, for the exercise ``name``.

    A value that is None or ``...``, and a function that returns one of these, is not attempted.
    An exception in the learner's function is a wrong answer whose text is the exception's.
    Raises ValueError for an unknown exercise. Shown in lesson 00.
    """
    found = _find(name)
    if blank(answer):
        return Verdict("not attempted", "replace the ... and run this cell again.")
    try:
        found.inspect(answer)
    except NotAttempted:
        return Verdict("not attempted", "replace the ... and run this cell again.")
    except Wrong as why:
        return Verdict("wrong", f"{why} For help: checks.hint({name!r}).")
    except Exception as error:  # whatever the learner's code raises is theirs to read
        return Verdict("wrong", f"your code raised {type(error).__name__}: {error}")
    return Verdict("right", found.praise)


def hint(name, number=1):
    """Print hint ``number`` of the exercise ``name``, counted from 1; each says a little more."""
    hints = _find(name).hints
    if not 1 <= number <= len(hints):
        raise ValueError(f"{name!r} has the hints 1 to {len(hints)}, not {number}.")
    more = f" (there is another: checks.hint({name!r}, {number + 1}))" if number < len(hints) else ""
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}{more}")


def _find(name):
    if name not in EXERCISES:
        raise ValueError(f"no exercise {name!r}; there are {', '.join(sorted(EXERCISES))}.")
    return EXERCISES[name]
