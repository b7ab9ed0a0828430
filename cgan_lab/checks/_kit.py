"""What the exercises' checks are made of: registering one, calling an answer, comparing it. Knows no exercise."""

import dataclasses
from collections.abc import Callable

import numpy as np

EXERCISES = {}


class Wrong(Exception):
    """Raised inside a check; its text names the likely misunderstanding."""


class NotAttempted(Exception):
    """Raised inside a check when the answer is still blank."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """One exercise: the function that inspects an answer, what to say when it is right, its hints in order."""

    inspect: Callable
    praise: str
    hints: tuple


def exercise(name, praise, hints):
    """Register the decorated function, which takes the answer and raises `Wrong`, as the check ``name``."""

    def register(inspect):
        EXERCISES[name] = Exercise(inspect, praise, tuple(hints))
        return inspect

    return register


def call(answer, *arguments):
    """Call the learner's function; a result that is None or ``...`` means not attempted."""
    if not callable(answer):
        raise Wrong(f"expected a function, got {type(answer).__name__}.")
    result = answer(*arguments)
    if blank(result):
        raise NotAttempted
    return result


def close(got, want, what, tolerance=1e-5):
    """Raise `Wrong` unless ``got`` has the shape and, within ``tolerance``, the values of ``want``."""
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    if got.shape != want.shape:
        raise Wrong(f"{what} has shape {got.shape}, expected {want.shape}.")
    if not np.allclose(got, want, rtol=tolerance, atol=tolerance):
        worst = np.unravel_index(np.argmax(np.abs(got - want)), want.shape)
        raise Wrong(f"{what} is {got[worst]:.4g} where {want[worst]:.4g} was expected.")


def unless(got, mistakes):
    """Raise `Wrong` with the text of the first of ``mistakes``, a dict text -> result, that ``got`` equals."""
    got = np.asarray(got, dtype=float)
    for text, value in mistakes.items():
        value = np.asarray(value, dtype=float)
        if got.shape == value.shape and np.allclose(got, value, rtol=1e-5, atol=1e-7):
            raise Wrong(text)


def blank(value):
    """Return whether ``value`` is None or ``...``, what a function gives whose body is still to be written."""
    return value is None or value is Ellipsis
