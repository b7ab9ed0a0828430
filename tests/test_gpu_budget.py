"""What a machine with a GPU is offered, on a CPU that passes for one: MNIST, 30 epochs, XLA.

No GPU has run this. MNIST is small here: Keras compares its file with a checksum, so its loader is
replaced.
"""

import json
import re
from pathlib import Path

import pytest
import tiny

from cgan_lab import cgan, data, training
from cgan_lab._support import tensorflow
from cgan_lab._support.tensorflow import keras

LESSON = Path(__file__).resolve().parents[1] / "notebooks" / "03_training.ipynb"


@pytest.fixture
def small_mnist(digits, monkeypatch, tmp_path):
    """Whole MNIST in small: 320 training and 100 test images from Keras' loader."""
    arrays = (digits.x_train, digits.y_train), (digits.x_test, digits.y_test)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: arrays)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))  # where the lock of a download lies


@pytest.fixture
def gpu(monkeypatch):
    """A GPU, as far as anything here asks."""
    monkeypatch.delenv("CGAN_LAB_BUDGET", raising=False)
    for module in (tensorflow, training):
        monkeypatch.setattr(module, "device", lambda devices=None: "gpu")
    monkeypatch.setattr(tensorflow.sys, "platform", "linux")  # not a Mac's


def offered():
    """Return the code that lesson 03 prints for a machine with more to spend."""
    cells = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    (code,) = [
        code
        for text in texts
        for code in re.findall(r"```python\n(.*?)```", text, re.S)
        if "budget" in code
    ]
    return code


def test_with_a_gpu_the_offer_of_lesson_03_is_whole_mnist_for_thirty_epochs(gpu, small_mnist):
    known = {"cgan": cgan, "data": data, "training": training}
    exec(offered(), known)
    assert (known["plan"].name, known["plan"].data) == ("gpu", "mnist")
    assert [row["epoch"] for row in known["history"].rows] == list(range(1, 31))
    assert known["whole"].sample([3, 8], seed=0).shape == (2, 28, 28)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_with_a_gpu_xla_compiles_convolutions_and_every_precision(gpu, small_mnist, precision):
    model = tiny.cgan(precision=precision, convolve=True, xla=None)
    assert model.jit_compile
    history = training.train(model, data.load("mnist"), epochs=2, progress=False)
    assert len(history.rows) == 2 and model.precision == precision
