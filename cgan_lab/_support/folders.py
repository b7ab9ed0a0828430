"""Where other programs keep their files. Imports nothing that may be missing."""

import os
from pathlib import Path


def keras_home():
    """Return the folder of Keras' settings and data sets: KERAS_HOME, or ``~/.keras``."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
