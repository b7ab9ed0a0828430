"""What every check is made of: registering an exercise, calling an answer, comparing a result."""

import copy
import dataclasses
from collections.abc import Callable

import numpy as np

EXERCISES = {}  # name -> Exercise; importing the module of a lesson adds its exercises


class Wrong(Exception):
    """Raised by a check; its text names the likely misunderstanding."""


class NotAttempted(Exception):
    """Raised by a check when the answer is still blank."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """The function that checks an answer, what to say when it is right, and the hints in order."""

    inspect: Callable
    praise: str
    hints: tuple


def exercise(name, praise, *hints):
    """Register the decorated function, which takes the answer, as the check of exercise ``name``.

    The function raises `Wrong` for a wrong answer and returns for a right one.
    """

    def register(inspect):
        EXERCISES[name] = Exercise(inspect, praise, hints)
        return inspect

    return register


def blank(value):
    """Return whether ``value`` is None or ``...``: the answer has not been written yet."""
    return value is None or value is Ellipsis


def call(answer, *arguments):
    """Return the result of the learner's function for copies of ``arguments``.

    Raises NotAttempted if the result is blank and Wrong if ``answer`` is not a function.
    """
    if not callable(answer):
        raise Wrong(f"expected a function, got {type(answer).__name__}.")
    result = answer(*copy.deepcopy(arguments))
    if blank(result):
        raise NotAttempted
    return result


def unless(got, mistakes):
    """Raise `Wrong` if ``got`` is a known mistake: ``mistakes`` maps a sentence to a result."""
    got = np.asarray(got, float)
    for sentence, value in mistakes.items():
        value = np.asarray(value, float)
        if got.shape == value.shape and np.allclose(got, value, rtol=1e-5, atol=1e-7):
            raise Wrong(sentence)


def close(got, want, what, tolerance=1e-5):
    """Raise `Wrong` unless ``got`` has the shape and, within ``tolerance``, values of ``want``."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    if got.shape != want.shape:
        raise Wrong(f"{what} has shape {got.shape}, expected {want.shape}.")
    if not np.allclose(got, want, rtol=tolerance, atol=tolerance):
        worst = np.unravel_index(np.argmax(np.abs(got - want)), want.shape)
        raise Wrong(f"{what} is {got[worst]:.4g} where {want[worst]:.4g} was expected.")


def expect(answer, arguments, want, what, mistakes=None, tolerance=1e-5):
    """Raise `Wrong` unless the learner's function returns ``want``.

    Args:
        answer: the learner's function.
        arguments: what to call it with, a tuple.
        want: the right result, a number or an array.
        what: what the result is called in the sentence about a wrong one.
        mistakes: a dict from a sentence to the wrong result that it explains.
        tolerance: how far a right result may be from ``want``, relative and absolute.
    """
    got = call(answer, *arguments)
    unless(got, mistakes or {})
    close(got, want, what, tolerance)
