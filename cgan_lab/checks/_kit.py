"""What every check is made of: registering an exercise, calling an answer, comparing a result."""

import ast
import copy
import dataclasses
import inspect
import textwrap
from collections.abc import Callable

import numpy as np

EXERCISES = {}  # name -> Exercise; importing the module of a lesson adds its exercises


class Wrong(Exception):
    """Raised by a check; its text names the likely misunderstanding.

    ``case`` says what the answer gave where something else was expected, for the second hint.
    """

    def __init__(self, text, case=""):
        super().__init__(text)
        self.case = case


class NotAttempted(Exception):
    """Raised by a check when the answer is still blank."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """An exercise: how it is checked, what is said about it, and where its answer is used again.

    ``inspect``: the function that checks an answer. ``praise``: what is said of a right one.
    ``idea``: the first hint. ``like``: the third, a problem like it with its way. ``learn``: what
    to take along, said beside the solution. ``used``: where a build goes on, such as "lesson 03".
    """

    inspect: Callable
    praise: str
    idea: str
    like: str
    learn: str
    used: str = ""


def exercise(name, praise, *, idea, like, learn, used=""):
    """Register the decorated function, which takes the answer, as the check of exercise ``name``.

    The function raises `Wrong` for a wrong answer. For a right one it returns nothing, or a
    sentence about this answer, which is said after the praise. The solution is what has the
    exercise's name in the lesson's module of `cgan_lab.checks.solutions`.
    """

    def register(inspect):
        EXERCISES[name] = Exercise(inspect, praise, idea, like, learn, used)
        return inspect

    return register


def blank(value):
    """Return whether ``value`` is None or ``...``: the answer has not been written yet."""
    return value is None or value is Ellipsis


def call(answer, *arguments):
    """Return the result of the learner's function for copies of ``arguments``.

    Raises NotAttempted if it is a blank and Wrong if ``answer`` is no function or returns nothing.
    """
    must_be_function(answer)
    result = answer(*copy.deepcopy(arguments))
    if blank(result):
        nothing(answer)
    return result


def must_be_function(answer):
    """Raise Wrong if ``answer`` cannot be called."""
    if not callable(answer):
        raise Wrong(f"expected a function, got {type(answer).__name__}.")


def nothing(answer):
    """Raise for a function that returned nothing: Wrong if its text has no ``...`` left.

    NotAttempted if it has, or if its text is not to be had.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
    except (OSError, TypeError, SyntaxError):
        raise NotAttempted from None
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    if Ellipsis in values:
        raise NotAttempted
    raise Wrong("it returns nothing: is the `return` missing?")


def unless(got, mistakes, tolerance=1e-7):
    """Raise `Wrong` if ``got`` is a known mistake: ``mistakes`` maps a sentence to a result.

    ``tolerance``: absolute; float32 needs more than the default.
    """
    got = np.asarray(got, float)
    for sentence, value in mistakes.items():
        value = np.asarray(value, float)
        if got.shape == value.shape and np.allclose(got, value, rtol=1e-5, atol=tolerance):
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
    try:
        unless(got, mistakes or {})
        close(got, want, what, tolerance)
    except Wrong as why:
        given = ", ".join(map(short, arguments))
        why.case = f"For ({given}) your answer gave {short(got)}; {short(want)} is right."
        raise


def inside_tf_function(
    function,
    arguments,
    right="right as Python runs it",
    advice="use TensorFlow's operations only.",
):
    """Raise `Wrong` unless ``function`` takes ``arguments`` inside ``tf.function``, too.

    ``right``, ``advice``: how the sentence begins and ends.
    """
    import tensorflow as tf

    try:
        tf.function(function)(*arguments)
    except Exception as error:
        name = type(error).__name__
        raise Wrong(f"{right}, but not inside tf.function ({name}): {advice}") from error


def short(value):
    """Return ``value`` in a few characters: small arrays by their numbers, large by their shape."""
    if isinstance(value, dict | list | tuple) and len(value) > 6:
        return f"a {type(value).__name__} of {len(value)}"
    if np.ndim(value) == 0 or np.size(value) <= 12:
        with np.printoptions(precision=4, suppress=True):
            return " ".join(repr(np.asarray(value).tolist() if np.ndim(value) else value).split())
    return f"array of shape {np.shape(value)}"
