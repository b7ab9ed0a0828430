"""Small things that many tests need: a few real digits, networks of a few units."""

import dataclasses
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from chromium import CHROMIUM, QUIET

from cgan_lab import data
from cgan_lab.doctor import packages

# Neither the tests nor the notebooks' kernels take settings that this machine happens to have.
for name in packages.HARMFUL:
    os.environ.pop(name, None)

# Files whose tests train nothing and take seconds: `make quick` runs those that are not long.
QUICK = {
    *("architecture", "checks", "console", "course", "data", "doctor", "files", "fuzz", "house"),
    *("judge", "losses", "metrics", "networks", "objective", "plots", "progress", "sampling"),
    *("threads", "tools_notebooks", "toy", "twins", "widgets_explorers", "widgets_toy"),
}


def pytest_collection_modifyitems(items):
    """Mark the tests of the quick lane."""
    for item in items:
        name = Path(item.fspath).stem.removeprefix("test_")
        if name in QUICK and not item.get_closest_marker("long"):
            item.add_marker("quick")


@pytest.fixture(scope="session")
def digits():
    """The first 320 training and 100 test images that ship."""
    whole = data.load("digits")
    train = {"x_train": whole.x_train[:320], "y_train": whole.y_train[:320]}
    return dataclasses.replace(whole, **train, x_test=whole.x_test[:100], y_test=whole.y_test[:100])


@pytest.fixture
def small_cgan():
    """A function that returns a compiled CGAN of a few units; see `tiny.cgan`."""
    import tiny

    return tiny.cgan


@pytest.fixture
def same_weights():
    """A function that says whether two lists of arrays are equal to the bit."""
    return lambda a, b: (
        len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    )


@pytest.fixture
def heard_ctrl_c():
    """Children hear Ctrl-C: a shell starts its background jobs deaf to it, and they pass it on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a window, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()
