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


def keras_backend():
    """Return (the backend that Keras will use, where that is set: a variable or a file)."""
    if chosen := os.environ.get("KERAS_BACKEND"):
        return chosen, "KERAS_BACKEND"
    settings = keras_settings()
    chosen = settings.get("backend", "tensorflow") if isinstance(settings, dict) else "tensorflow"
    return chosen, keras_home() / "keras.json"
