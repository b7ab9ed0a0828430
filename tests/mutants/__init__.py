"""Typical wrong answers to the assignments: a module an assignment, each with `MUTANTS = {task: [Mutant, ...]}`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A misunderstanding (``name``), the whole solution cell that it leads to (``source``), the cells it ``loses``."""

    name: str
    source: str
    loses: frozenset | set
