"""Typical mistakes in the builds, as changes of the right answer's source; one module per lesson.

``MUTANTS = {exercise: {part of the sentence that it should meet: ((old, new), ...)}}``.
"""

import importlib
import inspect
import linecache
import pkgutil
import textwrap

from cgan_lab import checks


def mutants():
    """Return {exercise: {part of the sentence: swaps}} of all lessons."""
    modules = [f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)]
    return {k: v for name in modules for k, v in importlib.import_module(name).MUTANTS.items()}


def source(exercise, swaps=()):
    """Return the source of the right answer to ``exercise`` with each (old, new) swapped."""
    text = textwrap.dedent(inspect.getsource(solution(exercise)))
    for old, new in swaps:
        if old not in text:
            raise ValueError(f"{exercise}: there is nothing to change: {old!r}")
        text = text.replace(old, new)
    return text


def answer(exercise, swaps=()):
    """Return the function that `source` defines, among the names that the solutions import."""
    right = solution(exercise)
    space = dict(right.__globals__)
    code = source(exercise, swaps)
    # As in a notebook, where TensorFlow can read the code of a function that it traces.
    name = f"<{exercise} {hash(code)}>"
    linecache.cache[name] = len(code), None, code.splitlines(True), name
    exec(compile(code, name, "exec"), space)
    return space[right.__name__]


def solution(exercise):
    """Return the right answer to ``exercise``: a function, or a value."""
    return checks._answer(exercise)
