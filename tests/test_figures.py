"""Figures of notebooks are compared: to the pixel, or within a bound if something was trained."""

import base64
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import figures
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
DRAW = """
from IPython.display import Image
from pathlib import Path
Image(Path("drawn.png").read_bytes())
"""


def png(picture):
    """Return the file of a grey picture."""
    file = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(file, "png")
    return file.getvalue()


@pytest.fixture
def picture():
    """64 x 64 grey pixels of large blocks."""
    return np.kron(np.random.default_rng(0).integers(0, 256, (4, 4)), np.ones((16, 16)))


@pytest.fixture
def compared(tmp_path, picture):
    """A function that runs a notebook whose stored figure is ``picture``; returns nbval's code."""
    shutil.copy(ROOT / "conftest.py", tmp_path)

    def run(drawn, tags=()):
        (tmp_path / "drawn.png").write_bytes(png(drawn))
        cell = new_code_cell(DRAW, execution_count=1, metadata={"tags": list(tags)})
        stored = base64.b64encode(png(picture)).decode()
        data = {"image/png": stored, "text/plain": "<IPython.core.display.Image object>"}
        cell.outputs = [new_output("execute_result", data, execution_count=1)]
        nbformat.write(new_notebook(cells=[cell]), tmp_path / "one.ipynb")
        options = "--nbval --nbval-current-env -q -p no:cacheprovider --rootdir . one.ipynb"
        command = [sys.executable, "-m", "pytest", *options.split(), "-c", os.devnull]
        environment = {name: os.environ[name] for name in os.environ if name[:6] != "PYTEST"}
        environment["PYTHONPATH"] = str(ROOT / "tools")
        answer = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment)
        return answer.returncode, answer.stdout.decode()

    return run


@pytest.mark.long
def test_nbval_fails_when_a_figure_is_replaced(compared, picture):
    if not figures.same_matplotlib():
        pytest.skip("figures are compared under the matplotlib of constraints.txt alone")
    assert compared(picture)[0] == 0
    one_pixel = picture.copy()
    one_pixel[3, 5] += 1
    code, said = compared(one_pixel)
    assert code == 1 and "figure 1 differs in 1 pixels" in said
    assert compared(one_pixel, [figures.TRAINED])[0] == 0
    code, said = compared(picture[::-1], [figures.TRAINED])
    assert code == 1 and "away, at most 0.5 are allowed" in said
    assert "stored as (64, 64, 4)" in compared(picture[:32], [figures.TRAINED])[1]


def test_of_an_unsteady_figure_only_number_and_size_are_compared(picture):
    unsteady = [figures.UNSTEADY]
    assert figures.fault([picture], [picture[::-1]], unsteady) is None
    assert "stored as (64, 64)" in figures.fault([picture], [picture[:32]], unsteady)
    assert figures.fault([picture], [], unsteady) == "1 figures are stored, 0 were drawn"


def test_a_chart_is_not_forgiven_a_wrong_line_for_being_mostly_white():
    chart = np.full((200, 300, 4), 255.0)
    other = chart.copy()
    chart[100:103] = 0.0
    other[40:43] = 0.0
    trained = [figures.TRAINED]
    assert figures.fault([chart], [other], trained)
    assert figures.fault([chart], [np.roll(chart, 1, axis=0)], trained) is None
    assert figures.fault([chart], [], trained) == "1 figures are stored, 0 were drawn"
