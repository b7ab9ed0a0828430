"""Where other programs keep their files. Imports nothing that may be missing."""

import json
import os
import tempfile
from pathlib import Path


def keras_home():
    """Return the folder of Keras' settings and data sets: KERAS_HOME, or ``~/.keras``."""
    if os.environ.get("KERAS_HOME"):
        return Path(os.environ["KERAS_HOME"])
    try:
        return Path.home() / ".keras"
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir()) / ".keras"


def keras_settings():
    """Return what ``keras.json`` holds, usually a dict; {} where Keras takes its own defaults."""
    try:
        return json.loads((keras_home() / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
