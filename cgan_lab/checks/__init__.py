"""Self-checks for the exercises: not attempted, wrong with a reason, or right.

A check calls the learner's answer on fixed inputs and compares the results with the right ones.
It needs neither the notebook file nor a network, and says the same in JupyterLab, in Colab and in
a test. What was right or wrong last is kept in one small file, see `progress`. Each lesson's checks
are a module here; a module is imported when a check is first asked for.
"""

import dataclasses
import importlib
import pkgutil

from cgan_lab.checks import _record
from cgan_lab.checks._kit import EXERCISES, NotAttempted, Wrong, blank


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A check's result: ``state`` is "not attempted", "wrong" or "right"; ``text`` says why."""

    state: str
    text: str

    def __repr__(self):
        mark = {"not attempted": "…", "wrong": "✗", "right": "✓"}[self.state]
        return f"{mark} {self.state}: {self.text}"


def yes(condition):
    """Return "yes" or "no": the verdict beside a measured number, which stands behind a ``≈``.

    Numbers that training or a clock made differ a little from machine to machine, verdicts should
    not. Shown in lesson 00.
    """
    return "yes" if condition else "no"


def check(name, answer):
    """Return the `Verdict` on ``answer``, a value or a function, for the exercise ``name``.

    None, ``...`` and a function that returns one of them count as not attempted. If the function
    raises an exception, the answer is wrong and the text is the exception's. Raises ValueError for
    an unknown exercise. Shown in lesson 00.
    """
    verdict = _verdict(name, answer)
    if verdict.state != "not attempted":
        _record.keep(name, verdict.state)
    return verdict


def _verdict(name, answer):
    exercise = _find(name)
    try:
        if blank(answer):
            raise NotAttempted
        exercise.inspect(answer)
    except NotAttempted:
        return Verdict("not attempted", "replace the ... and run this cell again.")
    except Wrong as why:
        return Verdict("wrong", f"{why} For help: checks.hint({name!r}).")
    except Exception as error:  # the learner's code can raise anything
        return Verdict("wrong", f"your code raised {type(error).__name__}: {error}")
    return Verdict("right", exercise.praise)


def progress():
    """Print what is right, wrong and open in each lesson, as the checks last said.

    Kept on this machine alone, in ``.cgan_lab_progress.json`` of the home folder, or in the file
    that the environment variable ``CGAN_LAB_PROGRESS`` names; an empty variable keeps nothing. A
    check that is "not attempted" changes nothing. Delete the file to start anew.
    """
    kept = _record.read()
    lessons = {}
    for name in names():
        lessons.setdefault(name.split(".")[0], []).append(name)
    for lesson, exercises in lessons.items():
        right = sum(kept.get(name) == "right" for name in exercises)
        line = f"{lesson}   ✓ {right} of {len(exercises)}"
        for mark, state in (("✗ wrong", "wrong"), ("… open", None)):
            found = [name.split(".", 1)[1] for name in exercises if kept.get(name) == state]
            line += f"   {mark}: {', '.join(found)}" if found else ""
        print(line)
    where = _record.place()
    print(f"kept in {where}" if where else "nothing is kept: CGAN_LAB_PROGRESS is empty")


def hint(name, number=1):
    """Print hint ``number`` of the exercise ``name``, counted from 1; each says a little more."""
    hints = _find(name).hints
    if not 1 <= number <= len(hints):
        raise ValueError(f"{name!r} has the hints 1 to {len(hints)}, not {number}.")
    more = ""
    if number < len(hints):
        more = f" (there is another: checks.hint({name!r}, {number + 1}))"
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}{more}")


def names():
    """Return the names of all exercises, sorted."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return sorted(EXERCISES)


def _find(name):
    if name not in names():
        raise ValueError(f"no exercise {name!r}; there are {', '.join(names())}.")
    return EXERCISES[name]
