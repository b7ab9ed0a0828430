"""Typical wrong answers to the assignments, each module with `MUTANTS = {task: [Mutant, ...]}`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A misunderstanding (``name``), the solution cell that it leads to, and the cells it loses."""

    name: str
    source: str
    loses: frozenset


def whole(task, name, loses, source):
    """Return a mutant of ``task``; ``loses`` has the numbers of the test cells that it fails."""
    return Mutant(name, source, frozenset(f"{task}_{number}" for number in loses))


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
