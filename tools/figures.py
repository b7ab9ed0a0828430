"""Compare the figures of notebooks, of which nbval compares only the text.

``conftest.py`` calls `compare` before tests are collected.
"""

import base64
import io
from importlib.metadata import version
from pathlib import Path

import numpy as np
from nbval.plugin import IPyNbCell
from PIL import Image

TRAINED = "trained"  # the tag of a cell whose figure shows what was trained
# The tag of a cell whose figure shows which samples came out wrong, or a training at chance: other
# processors round to other ones, and only number and size are compared.
UNSTEADY = "unsteady"
BLOCK = 8  # pixels; blocks of a trained figure are compared, not pixels
BOUND = 0.5  # of the differences between a figure's own blocks and their mean
ROOT = Path(__file__).resolve().parents[1]


def pictures(outputs):
    """Return the figures among a cell's outputs as arrays ``(height, width, 4)``."""
    found = [output.get("data", {}).get("image/png") for output in outputs]
    files = [io.BytesIO(base64.b64decode(text)) for text in found if text]
    return [np.asarray(Image.open(file).convert("RGBA"), float) for file in files]


def distance(a, b):
    """Return how far two figures of one size lie apart: 0 if equal, about 1 if unrelated.

    The mean difference between blocks of pixels, beside that between the blocks of ``a`` and their
    mean: a chart that is mostly white is not forgiven a wrong line.
    """
    a, b = (_blocks(picture) for picture in (a, b))
    return np.abs(a - b).mean() / max(np.abs(a - a.mean()).mean(), 1e-9)


def _blocks(picture):
    height, width = (size // BLOCK * BLOCK for size in picture.shape[:2])
    grey = picture[:height, :width, :3].mean(axis=2)
    return grey.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).mean(axis=(1, 3))


def fault(stored, drawn, tags):
    """Return what differs between the figures of a cell with these tags, or None."""
    if len(stored) != len(drawn):
        return f"{len(stored)} figures are stored, {len(drawn)} were drawn"
    for number, (a, b) in enumerate(zip(stored, drawn, strict=True), 1):
        if a.shape != b.shape:
            return f"figure {number} is stored as {a.shape}, drawn as {b.shape}"
        if UNSTEADY in tags:
            continue
        if TRAINED not in tags and (a != b).any():
            return f"figure {number} differs in {(a != b).any(axis=2).sum()} pixels"
        if TRAINED in tags and distance(a, b) > BOUND:
            return f"figure {number} is {distance(a, b):.2f} away, at most {BOUND} are allowed"
    return None


def same_matplotlib():
    """Return whether figures are drawn by the version that drew the stored ones."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return f"matplotlib=={version('matplotlib')}" in pins


def compare():
    """Let nbval's comparison of a cell end with its figures."""
    if not same_matplotlib() or hasattr(IPyNbCell, "compare_text"):
        return
    IPyNbCell.compare_text = IPyNbCell.compare_outputs

    def compare_outputs(cell, test, ref, skip_compare=None):
        if not cell.compare_text(test, ref, skip_compare):
            return False
        found = fault(pictures(ref), pictures(test), cell.cell.metadata.get("tags", []))
        if found:
            cell.comparison_traceback.append(
                f"{found}. Figures agree to the pixel, or the cell is tagged {TRAINED!r}."
            )
        return not found

    IPyNbCell.compare_outputs = compare_outputs
