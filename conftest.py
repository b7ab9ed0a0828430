"""For the tests and for nbval's runs of the notebooks."""

import figures


def pytest_configure(config):
    """Compare the notebooks' figures too."""
    figures.compare()
