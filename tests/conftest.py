"""Small things that many tests need: a few real digits, networks of a few units."""

import signal

import numpy as np
import pytest

from cgan_lab import data


@pytest.fixture(scope="session")
def digits():
    """The first 320 training and 100 test images that ship."""
    whole = data.load("digits")
    return data.Digits(
        "digits", whole.x_train[:320], whole.y_train[:320], whole.x_test[:100], whole.y_test[:100], whole.class_names
    )


@pytest.fixture
def small_cgan():
    """A function that returns a compiled CGAN of a few units; the same ``seed`` gives the same weights."""
    import tiny

    return tiny.cgan


@pytest.fixture
def same_weights():
    """A function that says whether two lists of arrays are equal to the bit."""
    return lambda a, b: len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture
def heard_ctrl_c():
    """Children hear Ctrl-C: a shell starts its background jobs deaf to it, and so would tests in one start theirs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
