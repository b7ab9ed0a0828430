"""Where Chromium and axe-core are on this machine, and how the tests in a browser start."""

import shutil
import sys
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PLACES = (Path(sys.prefix), Path(__file__).resolve().parents[1] / ".venv")
AXE = next(filter(Path.is_file, (p / "axe/node_modules/axe-core/axe.min.js" for p in PLACES)), None)
in_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")
with_axe = pytest.mark.skipif(not AXE, reason="no axe-core here: make axe")
