"""Typical wrong answers to the assignments, each module with `MUTANTS = {task: [Mutant, ...]}`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A misunderstanding (``name``), the solution cell that it leads to, and the cells it loses."""

    name: str
    source: str
    loses: frozenset


def whole(task, name, loses, source):
    """Return a mutant of ``task``; ``loses`` has the numbers of the tests that it fails.

    A test is a cell that students see and one of hidden tests: 2 stands for both cells of the
    second, "2 seen" and "2 hidden" for one of them.
    """
    return Mutant(name, source, frozenset(cell for lost in loses for cell in cells(task, lost)))


def cells(task, lost):
    """Return the names of the test cells that ``lost`` stands for."""
    number, _, half = str(lost).partition(" ")
    both = {"seen": f"{task}_{number}", "hidden": f"{task}_{number}_hidden"}
    return [both[half]] if half else list(both.values())


def of(task, template, **parts):
    """Return a function that makes mutants of ``task`` from a ``template`` of its solution cell.

    Its arguments are the mutant's name, the numbers of the cells that it loses, pairs (old text,
    new text), and the parts of the template that are not as in ``parts``, which are right.
    """

    def wrong(name, loses, *swaps, **changed):
        """Return a mutant."""
        source = template
        for old, new in [*(parts | changed).items(), *swaps]:
            if old not in source:
                raise ValueError(f"{name}: there is nothing to change: {old!r}")
            source = source.replace(old, new)
        return whole(task, name, loses, source)

    return wrong
