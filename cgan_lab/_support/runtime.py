"""Where am I running: device, budget, progress. Imports nothing of ours.

TensorFlow is imported inside functions only, so that this module costs nothing.
"""

import contextlib
import dataclasses
import os
import sys
import time
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Budget:
    """What a lesson may spend. ``epochs`` count whole passes over the data set ``data``."""

    name: str
    data: str
    epochs: int
    batch_size: int


# A lesson's training ends within 90 s on two cores with "cpu". Shown in lesson 03.
BUDGETS = {
    "cpu": Budget("cpu", data="digits", epochs=40, batch_size=128),
    "gpu": Budget("gpu", data="mnist", epochs=30, batch_size=128),
}


def budget(name=None):
    """Return the `Budget` called ``name``, or the one that fits this machine.

    Without a name the environment variable ``CGAN_LAB_BUDGET`` decides, and without that the
    device: ``gpu`` where TensorFlow sees a GPU, ``cpu`` elsewhere.

    Raises ValueError for a name that is not a budget.
    """
    source = "budget"
    if name is None and os.environ.get("CGAN_LAB_BUDGET"):
        name, source = os.environ["CGAN_LAB_BUDGET"], "the environment variable CGAN_LAB_BUDGET"
    if name is None:
        name = "gpu" if device() == "gpu" else "cpu"
    if name not in BUDGETS:
        raise ValueError(f"{source} is {name!r}, expected one of {', '.join(BUDGETS)}.")
    return BUDGETS[name]


def device(devices=None):
    """Return ``"gpu"`` if there is one among ``devices`` (default: those TensorFlow sees), else ``"cpu"``."""
    devices = tensorflow().config.list_physical_devices() if devices is None else devices
    return "gpu" if any(found.device_type == "GPU" for found in devices) else "cpu"


def xla(precision="float32", convolutions=False, devices=None, system=None):
    """Return whether XLA should compile training: yes on CPUs and on GPUs, with four exceptions.

    Not on a CPU in ``mixed_bfloat16``: TensorFlow's own products use the processor's bfloat16
    instructions, XLA's do not. Not on a CPU with ``convolutions``: XLA's take fifteen times as long there
    (`benchmarks/README.md` for both). Not on a Mac's GPU, nor under TensorFlow's op
    determinism, where XLA lacks operations. ``devices`` and ``system``: this machine's unless given.
    """
    from tensorflow.python.framework.config import is_op_determinism_enabled

    on_gpu, on_mac = device(devices) == "gpu", (system or sys.platform) == "darwin"
    if is_op_determinism_enabled() or (on_gpu and on_mac):
        return False
    return on_gpu or not (convolutions or precision == "mixed_bfloat16")


@contextlib.contextmanager
def quiet():
    """Discard what C++ code writes to standard error (file descriptor 2) inside the block.

    TensorFlow greets every import with a time-stamped line there. In a notebook it would be
    stored as an output that changes with each run.
    """
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def keras_home():
    """Return the folder where Keras keeps its settings and data sets: KERAS_HOME, or ``.keras`` in the home folder."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def grow_gpu_memory(tf):
    """Let TensorFlow take a GPU's memory as it needs it, not all at once: other notebooks may want some."""
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def tensorflow():
    """Import TensorFlow without its start-up messages and return the module.

    Raises ImportError, with the cure, if TensorFlow is missing or Keras was told to use another
    backend.
    """
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with quiet():
            try:
                import tensorflow as tf

                grow_gpu_memory(tf)
                if "TF_CONFIG" not in os.environ:  # several machines are joined before the first operation only
                    _greet(tf)
            except ImportError as error:
                raise ImportError(
                    f"TensorFlow cannot be imported ({error}). Install it in this environment: "
                    f"{sys.executable} -m pip install tensorflow"
                ) from error
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Keras uses the backend {keras.backend.backend()!r}, this course needs "
            "'tensorflow'. Set the environment variable KERAS_BACKEND=tensorflow and restart."
        )
    return tf


def _greet(tf):
    """Set devices and XLA's compiler up, so that what they write of themselves is written now."""
    tf.constant(0.0)
    with contextlib.suppress(tf.errors.OpError), tf.device("CPU:0"):  # not every TensorFlow has XLA
        tf.function(lambda: tf.constant(0.0) + 1.0, jit_compile=True)()


class Progress:
    """A tqdm bar in a notebook or a terminal, and one printed line for each `tell` elsewhere."""

    def __init__(self, total, unit):
        self.total, self.done, self.start, self.bar = total, 0, time.perf_counter(), None
        if in_notebook() or sys.stderr.isatty():
            from tqdm.auto import tqdm

            self.bar = tqdm(total=total, unit=unit, leave=True, dynamic_ncols=True)

    def advance(self, count):
        """Count ``count`` more as done."""
        self.done += count
        if self.bar is not None:
            self.bar.update(count)

    def follow(self, start, stop, means):
        """Count the steps ``start..stop-1`` as done; takes what `engine.run_epoch` reports."""
        self.advance(stop - start)

    def tell(self, what, **numbers):
        """Say where the work is, with a few numbers."""
        numbers = {name: f"{number:.3f}" for name, number in numbers.items()}
        if self.bar is not None:
            self.bar.set_description(what, refresh=False)
            self.bar.set_postfix(numbers)
            return
        spent = time.perf_counter() - self.start
        left = spent / max(self.done, 1) * (self.total - self.done)
        said = "  ".join(f"{name} {number}" for name, number in numbers.items())
        print(f"{what}  {said}  {spent:.0f} s, about {left:.0f} s left", flush=True)

    def close(self):
        """End the bar."""
        if self.bar is not None:
            self.bar.close()


def in_notebook():
    """Return whether a Jupyter kernel runs this code."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return bool(shell) and hasattr(shell, "kernel")


def enable_colab_widgets():
    """Let Google Colab show ipywidgets 8, if that is what is installed there; return whether it was switched on.

    Colab's own version, 7.7.1, needs nothing: its front end knows the core widgets, of which all controls are made.
    """
    import importlib.metadata
    import importlib.util

    if int(importlib.metadata.version("ipywidgets").split(".")[0]) < 8:
        return False
    if not (importlib.util.find_spec("google") and importlib.util.find_spec("google.colab")):
        return False
    from google.colab import output

    output.enable_custom_widget_manager()
    return True
