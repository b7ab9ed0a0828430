"""Typical wrong answers to the assignments, and the test cells that each must lose. Data only."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One wrong answer: ``source`` stands in place of a task's whole solution cell and loses the cells ``loses``."""

    name: str
    source: str
    loses: frozenset
