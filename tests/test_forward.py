"""NumPy draws and reads what Keras draws and reads, without it."""

import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from cgan_lab import cgan, forward, judge, recipes, sampling

ROOT = Path(__file__).resolve().parents[1]
LABELS = sampling.label_grid(range(10), 100)


@pytest.mark.parametrize("name", recipes.SHIPPED)
def test_a_thousand_pictures_are_those_of_keras(name):
    numpy, keras = forward.shipped(name), cgan.shipped(name)
    noise = sampling.noise(len(LABELS), seed=0)
    drawn, wanted = numpy.sample(LABELS, noise), keras.sample(LABELS, noise)
    assert drawn.dtype == np.uint8 and drawn.shape == (1000, 28, 28)
    assert np.abs(drawn.astype(int) - wanted).max() <= 1
    assert np.mean(drawn != wanted) < 1e-3
    assert wanted.std() > 50  # neither is empty


def test_mixtures_seeds_and_errors_are_those_of_the_model():
    numpy, keras = forward.shipped("mnist-dense"), cgan.shipped("mnist-dense")
    mixed = sampling.label_path(3, 8, 5)
    both = [model.sample(mixed, seed=4).astype(int) for model in (numpy, keras)]
    assert np.abs(both[0] - both[1]).max() <= 1
    assert numpy.sample([]).shape == (0, 28, 28)
    with pytest.raises(ValueError, match=r"noise has shape \(2, 3\), expected \(2, 100\)"):
        numpy.sample([1, 2], np.zeros((2, 3)))
    with pytest.raises(ValueError, match="mnist-dense"):
        forward.shipped("mnist-big")


@pytest.mark.parametrize("kind", judge.JUDGES)
def test_the_judge_reads_ten_thousand_pictures_as_keras_does(kind):
    name = "mnist-conv" if kind == "digits" else "fashion-conv"
    images = forward.shipped(name).sample(sampling.label_grid(range(10), 1000), seed=1)
    labels, features = forward.look(images, kind)
    wanted, seen = judge.look(images, kind)
    # Two logits that differ in their last digit alone may change places.
    assert np.sum(labels != wanted) <= 1
    assert labels.dtype == np.int64 and features == pytest.approx(seen, abs=1e-3)
    assert len(np.unique(labels)) == 10


def test_only_pixels_are_read():
    with pytest.raises(TypeError, match="dtype float32, expected uint8"):
        forward.look(np.zeros((2, 28, 28), np.float32))
    assert forward.look(np.zeros((0, 28, 28), np.uint8))[0].shape == (0,)


CODE = """
import sys
from cgan_lab import forward
images = forward.shipped("mnist-dense").sample([3])
print(images.shape, forward.look(images)[0], sorted({"tensorflow", "keras"} & set(sys.modules)))
"""
COMMAND = """
import sys
from cgan_lab import __main__ as cli
code = cli.main(["sample", "mnist-dense", "--npz", sys.argv[1], "--seed", "3"])
print(code, sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def said(*arguments):
    """Return the last line that a Python program says."""
    command = [sys.executable, "-c", *arguments]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()[-1]


def test_no_framework_is_loaded_to_draw(tmp_path):
    assert said(CODE) == "(1, 28, 28) [3] []"
    assert said(COMMAND, str(tmp_path / "three.npz")) == "0 []"


@pytest.mark.parametrize("name", ["00_start_here", "04_sampling_and_control"])
def test_a_lesson_draws_its_first_picture_before_a_framework_is_loaded(name):
    """The cells up to the first picture that a network drew, as one program."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    first = next(k for k, cell in enumerate(cells) if "trained" in cell.metadata.get("tags", ()))
    code = [cell.source for cell in cells[: first + 1]]
    assert "model.sample" in "\n".join(code)
    loaded = ["import sys", "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"]
    assert said("\n".join([*code, *loaded])) == "[]"
