"""Memory stays flat over a long training; benchmarks/soak.py is the same for hours."""

import sys

import pytest
import soak


@pytest.mark.long
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads Linux' count of a process' memory"
)
def test_memory_stays_flat_over_a_training_in_parts():
    """The first parts compile and fill caches; what follows them needs no more."""
    measured = soak.soak(steps=2000, lines=8, say=lambda line: None)
    assert soak.growth(measured[2:]) < soak.ALLOWED


def test_growth_would_be_seen():
    assert soak.growth([100.0, 110.0, 105.0, 140.0]) == 30.0
    assert soak.growth([100.0, 110.0, 108.0, 109.0]) == -1.0
