"""TensorFlow and Keras, imported without their start-up messages, and what they compute on.

Everything says ``from cgan_lab._support.tensorflow import keras, tf``; importing this module
imports TensorFlow. It raises ImportError, with the cure, where TensorFlow is missing or Keras is
set to another backend.
"""

import contextlib
import os
import sys


@contextlib.contextmanager
def quiet():
    """Discard what C++ code writes to standard error (file descriptor 2) inside the block.

    TensorFlow writes a time-stamped line there at every import. In a notebook it would be stored as
    an output that changes with each run.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _imported():
    """Import TensorFlow and Keras and return both."""
    if "tensorflow" in sys.modules:
        import keras
        import tensorflow

        return tensorflow, keras
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet():
        try:
            import tensorflow

            grow_gpu_memory(tensorflow)
            if "TF_CONFIG" not in os.environ:  # workers must join before the first operation
                _warm_up(tensorflow)
        except ImportError as error:
            raise ImportError(
                f"TensorFlow cannot be imported ({error}). Install it in this environment: "
                f"{sys.executable} -m pip install tensorflow"
            ) from error
    import keras

    return tensorflow, keras


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


def check_backend(keras):
    """Raise ImportError unless Keras runs on TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Keras uses the backend {keras.backend.backend()!r}, this course needs "
            "'tensorflow'. Set the environment variable KERAS_BACKEND=tensorflow and restart."
        )


tf, keras = _imported()
check_backend(keras)


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
