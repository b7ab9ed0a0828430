"""Self-checks for the exercises: not attempted, wrong with a reason, or right.

A check calls the learner's answer on fixed inputs and compares the results with the right ones.
It needs neither the notebook file nor a network, and says the same in JupyterLab, in Colab and in
a test. What was right or wrong last is kept in one small file, see `progress`. Each lesson's checks
are a module here; a module is imported when a check is first asked for.
"""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import traceback

from cgan_lab._support.language import said as spoken
from cgan_lab.checks import _builds, _record
from cgan_lab.checks._kit import EXERCISES, NotAttempted, Wrong, blank


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A check's result: ``state`` is "not attempted", "wrong" or "right"; ``text`` says why."""

    state: str
    text: str

    def __repr__(self):
        mark = {"not attempted": "…", "wrong": "✗", "right": "✓"}[self.state]
        return f"{mark} {spoken(self.state)}: {spoken(self.text)}"


def yes(condition):
    """Return "yes" or "no": the verdict beside a measured number, which stands behind a ``≈``.

    Numbers that training or a clock made differ a little from machine to machine, verdicts should
    not. Shown in lesson 00.
    """
    return "yes" if condition else "no"


def check(name, answer):
    """Return the `Verdict` on ``answer``, a value or a function, for the exercise ``name``.

    None, ``...`` and a function that returns one of them count as not attempted. If the function
    raises an exception, the answer is wrong and the text is the exception's. A right build is kept
    for `built`. Raises ValueError for an unknown exercise. Shown in lesson 00.
    """
    verdict, _last[name] = _verdict(name, answer)
    if verdict.state != "not attempted":
        _record.keep(name, verdict.state)
    return verdict


_last = {}  # name -> what was wrong with the last answer of this kernel: a Wrong, a str, or None


def _verdict(name, answer):
    """Return (verdict, what is wrong with the answer: see `_last`)."""
    exercise = _find(name)
    try:
        if blank(answer):
            raise NotAttempted
        said = exercise.inspect(answer)
    except NotAttempted:
        return Verdict("not attempted", "replace the ... and run this cell again."), ""
    except Wrong as why:
        text = " ".join([str(why), f"For help: checks.hint({name!r})."])
        return Verdict("wrong", text), why
    except Exception as error:  # the learner's code can raise anything
        text = ". ".join([_raised(error, answer), *getattr(error, "__notes__", [])])
        return Verdict("wrong", text), text + "."
    text = f"{exercise.praise} {said}" if said else exercise.praise
    if exercise.used:
        obstacle = _builds.keep(name, answer, exercise.inspect)
        text += f" Used in {exercise.used}" + (f", here only: {obstacle}." if obstacle else ".")
    return Verdict("right", text), None


def _raised(error, answer):
    """Return what ``error`` is, and at which line of the learner's function it arose if at one."""
    code = getattr(answer, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if code and frame.filename == code.co_filename]
    what = f"{type(error).__name__}: {next(iter(str(error).strip().splitlines()), '')}"
    if not lines:
        return f"your code raised {what}"
    return f"your code raised {what} (in its line {lines[-1] - code.co_firstlineno + 1})"


def built(name):
    """Return the learner's own build ``name`` if a check has found it right, else the package's.

    Prints which of the two it is. The learner's is the last right one of this kernel, or else the
    one kept beside the file of `progress`. Raises ValueError for an unknown exercise. Shown in
    lesson 02.
    """
    _find(name)
    lesson, part = name.split(".", 1)
    if mine := _builds.find(name):
        print(spoken(f"{part}: yours, from lesson {lesson}"))
        return mine
    state = "is not there or not right yet"
    if _record.read().get(name) == "right":
        state = "was right, but could not be kept: run its check again in this notebook"
    print(spoken(f"{part}: the package's (yours, of lesson {lesson}, {state})"))
    return _answer(name)


def progress():
    """Print what is right, wrong and open in each lesson, as the checks last said.

    Kept on this machine alone, in ``.cgan_lab_progress.json`` of the home folder, or in the file
    that the environment variable ``CGAN_LAB_PROGRESS`` names, and right builds in a folder beside
    it; an empty variable keeps nothing. A check that is "not attempted" changes nothing. Delete
    both to start anew.
    """
    kept = _record.read()
    lessons = {}
    for name in names():
        lessons.setdefault(name.split(".")[0], []).append(name)
    for lesson, exercises in lessons.items():
        right = sum(kept.get(name) == "right" for name in exercises)
        line = spoken(f"{lesson}   ✓ {right} of {len(exercises)}")
        for mark, state in (("✗ wrong", "wrong"), ("… open", None)):
            found = [name.split(".", 1)[1] for name in exercises if kept.get(name) == state]
            line += f"   {spoken(mark)}: {', '.join(found)}" if found else ""
        print(line)
    where = _record.place()
    print(spoken(f"kept in {where}" if where else "nothing is kept: CGAN_LAB_PROGRESS is empty"))


def hint(name, number=1):
    """Print hint ``number`` of the exercise ``name``.

    1 leads to the idea, 2 to the mistake in the answer that was checked last, 3 to a like problem.
    None is the answer: see `solution`. Shown in lesson 00.
    """
    exercise = _find(name)
    ladder = {1: exercise.idea, 2: _about_the_last(name), 3: exercise.like}
    if number not in ladder:
        raise ValueError(f"{name!r} has the hints 1 to {len(ladder)}, not {number}.")
    what = {2: "your answer", 3: "a problem like it"}
    more = f" (there is another: checks.hint({name!r}, {number + 1}))" if number + 1 in what else ""
    print(spoken(f"Hint {number} of {len(ladder)}:"), spoken(ladder[number]) + spoken(more))


def _about_the_last(name):
    if name not in _last:
        return "it is about your own answer: run the check on one first, however unfinished."
    wrong = _last[name]
    if wrong is None:
        return "your last answer was right."
    if wrong == "":
        return "your last answer was blank. Write one line that you are sure of, and check that."
    look = "Run your function by hand on a small case, and print what each line gives."
    return f"about your last answer: {wrong} {getattr(wrong, 'case', '') or look}"


def solution(name):
    """Print a right answer to the exercise ``name``, and what to learn from it.

    Read it after an answer of your own. Shown in lesson 00.
    """
    exercise = _find(name)
    module = _solutions(name)
    source = inspect.getsource(module)
    (node,) = [node for node in ast.parse(source).body if _defines(node, name.split(".", 1)[1])]
    print(ast.get_source_segment(source, node))
    print("\n" + spoken(f"What to learn from it: {exercise.learn}"))


def _answer(name):
    """Return the right answer to the exercise ``name``: a function, or a value."""
    return getattr(_solutions(name), name.split(".", 1)[1])


def _defines(node, name):
    if isinstance(node, ast.FunctionDef):
        return node.name == name
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name


def _solutions(name):
    """Return the module with the solutions of the exercise's lesson; it may start TensorFlow."""
    lesson = name.split(".")[0].lower()
    kind = "lesson" if lesson.isdigit() else "appendix"
    return importlib.import_module(f"{__name__}.solutions.{kind}_{lesson}")


def names():
    """Return the names of all exercises, sorted."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return sorted(EXERCISES)


def _find(name):
    if name not in names():
        raise ValueError(f"no exercise {name!r}; there are {', '.join(names())}.")
    return EXERCISES[name]
