"""TensorFlow and Keras, imported without their start-up messages, and what they compute on.

Everything says ``from cgan_lab._support.tensorflow import keras, tf``. TensorFlow is imported when
one of the two is first used: that takes seconds, and a wrong name or path is told without it. The
first use raises ImportError, with the cure, where TensorFlow is missing or Keras is set to another
backend.
"""

import contextlib
import functools
import gc
import os
import sys

from cgan_lab._support.console import command
from cgan_lab._support.folders import keras_backend


@contextlib.contextmanager
def quiet():
    """Discard what C++ code writes to standard error (file descriptor 2) inside the block.

    TensorFlow writes a time-stamped line there at every import. In a notebook it would be stored as
    an output that changes with each run.
    """
    flags = {"XLA_FLAGS", "TF_XLA_FLAGS"} & set(os.environ)  # a wrong one ends Python with a line
    try:
        saved = None if flags or sys.stderr is None else os.dup(2)
    except OSError:  # it is closed
        saved = None
    if saved is None:
        yield
        return
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


# Packages that Keras takes in while it starts, if they are there, to work with them. A program that
# needs no such bridge names them here and starts a second or two sooner: the command line does.
hidden = ()


@contextlib.contextmanager
def _hide(names):
    """Let ``import`` find none of the packages ``names`` inside the block but those imported."""
    names = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(names))  # Python's own sign for "there is none"
    try:
        yield
    finally:
        for name in names:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)


@contextlib.contextmanager
def _uncollected():
    """Look for no garbage inside the block, nor ever again among what is there at its end.

    TensorFlow is a million objects that stay. Python would look through all of them several times
    while they are made, at the next full search, and at its end.
    """
    if not gc.isenabled():
        yield
        return
    gc.collect()  # what is garbage by now would stay
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Later:
    """The module ``name``, or what it holds under ``part``; imported when it is first used."""

    def __init__(self, name, part=None):
        self._name = name
        self._part = part

    def __getattr__(self, attribute):
        module = _imported()[self._name]
        return getattr(getattr(module, self._part) if self._part else module, attribute)


tf = _Later("tensorflow")
keras = _Later("keras")
layers = _Later("keras", "layers")
ops = _Later("keras", "ops")


@functools.cache
def _imported():
    """Import TensorFlow and Keras and return both by name."""
    check_backend()
    try:
        with _hide(hidden):
            if "tensorflow" not in sys.modules:
                _import_quietly()
            import keras
            import tensorflow
    except ImportError:
        raise
    except Exception as error:  # a file that hides a package, or Keras' own settings
        raise ImportError(
            f"TensorFlow or Keras cannot be imported ({type(error).__name__}: {error}). This finds "
            "the cause: " + command(sys.executable, "-m", "cgan_lab", "doctor")
        ) from error
    return {"tensorflow": tensorflow, "keras": keras}


def _import_quietly():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet(), _uncollected():
        try:
            import tensorflow

            grow_gpu_memory(tensorflow)
            if "TF_CONFIG" not in os.environ:  # workers must join before the first operation
                _warm_up(tensorflow)
        except ImportError as error:
            raise ImportError(
                f"TensorFlow cannot be imported ({error}). Install it in this environment: "
                + command(sys.executable, "-m", "pip", "install", "tensorflow")
            ) from error


def grow_gpu_memory(tf):
    """Let TensorFlow take GPU memory as it needs it, so that other notebooks can have some."""
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def _warm_up(tf):
    """Start the devices and XLA's compiler, so that their start-up messages come now."""
    tf.constant(0.0)
    # Not every TensorFlow has XLA.
    with contextlib.suppress(tf.errors.OpError), tf.device("CPU:0"):
        tf.function(lambda: tf.constant(0.0) + 1.0, jit_compile=True)()


def check_backend():
    """Raise ImportError unless Keras is, or will be, run on TensorFlow."""
    if "keras" in sys.modules:
        chosen = sys.modules["keras"].backend.backend()
    else:
        chosen, _ = keras_backend()
    if chosen != "tensorflow":
        raise ImportError(
            f"Keras uses the backend {chosen!r}, this course needs 'tensorflow'. Set the "
            "environment variable KERAS_BACKEND=tensorflow and restart."
        )


@contextlib.contextmanager
def usual(policy="float32"):
    """Build what is in the block with Keras' own defaults and the dtype policy ``policy``.

    Another course can have left other ones in ``keras.json``, or set them in this kernel.
    """
    config = keras.config
    before = config.floatx(), config.image_data_format(), config.dtype_policy()
    config.set_floatx("float32")
    config.set_image_data_format("channels_last")
    config.set_dtype_policy(policy)
    try:
        yield
    finally:
        config.set_floatx(before[0])
        config.set_image_data_format(before[1])
        config.set_dtype_policy(before[2])


def device(devices=None):
    """Return ``"gpu"`` if ``devices`` (default: those TensorFlow sees) hold one, else ``"cpu"``."""
    devices = tf.config.list_physical_devices() if devices is None else devices
    return "gpu" if any(one.device_type == "GPU" for one in devices) else "cpu"


def xla(precision="float32", convolutions=False, devices=None, system=None):
    """Return whether XLA should compile training: yes on CPUs and on GPUs, with four exceptions.

    Not on a CPU in ``mixed_bfloat16``: TensorFlow's own products use the processor's bfloat16
    instructions, XLA's do not. Not on a CPU with ``convolutions``: XLA's take fifteen times as long
    there (`benchmarks/README.md` for both). Not on a Mac's GPU, nor under TensorFlow's op
    determinism, where XLA lacks operations. ``devices`` and ``system``: this machine's by default.
    """
    from tensorflow.python.framework.config import is_op_determinism_enabled

    on_gpu = device(devices) == "gpu"
    on_mac = (system or sys.platform) == "darwin"
    if is_op_determinism_enabled() or (on_gpu and on_mac):
        return False
    return on_gpu or not (convolutions or precision == "mixed_bfloat16")
