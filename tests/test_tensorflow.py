"""TensorFlow is imported without a word, and what it computes on is known."""

import os
import subprocess
import sys

import pytest

from cgan_lab._support import tensorflow


def test_quiet_swallows_what_c_code_says_and_gives_the_descriptor_back(capfd):
    with tensorflow.quiet():
        os.write(2, b"noise")
    os.write(2, b"news")
    assert capfd.readouterr().err == "news"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("KERAS_BACKEND", "torch", "backend 'torch', this course needs 'tensorflow'"),
        ("KERAS_HOME", '{"backend": "jax"}', "backend 'jax', this course needs 'tensorflow'"),
        ("KERAS_HOME", "[1]", "cannot be imported (AttributeError"),
        ("XLA_FLAGS", "--xla_of_another_version=1", "xla_of_another_version"),
    ],
)
def test_settings_that_end_the_import_are_told(tmp_path, variable, value, sentence):
    if variable == "KERAS_HOME":
        (tmp_path / "keras.json").write_text(value)
        value = str(tmp_path)
    command = [sys.executable, "-m", "cgan_lab", "train", "--data=digits", "--epochs=1", "--out=a"]
    setting = os.environ | {variable: value}
    done = subprocess.run(command, env=setting, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode and "Traceback" not in done.stderr and sentence in done.stderr


def test_a_closed_standard_error_is_nothing_to_be_quiet_about(tmp_path):
    code = "import os; os.close(2); from cgan_lab import cgan; print(len(cgan.__name__))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0 and done.stdout == b"13\n"


def test_another_keras_backend_is_refused(monkeypatch):
    monkeypatch.setattr(tensorflow.keras.backend, "backend", lambda: "torch")
    with pytest.raises(ImportError, match="KERAS_BACKEND=tensorflow"):
        tensorflow.check_backend()


def test_the_import_says_nothing():
    code = "from cgan_lab import cgan; import tensorflow, keras"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_where_tensorflow_is_missing_the_cure_is_named(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no module of that name')")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", "import cgan_lab.cgan"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert "-m pip install tensorflow" in answer.stderr.splitlines()[-1]


class Device:
    def __init__(self, kind):
        self.device_type = kind


def test_a_gpu_among_the_devices_is_found_and_xla_used_but_on_a_mac():
    cpu, gpu = [Device("CPU")], [Device("CPU"), Device("GPU")]
    assert tensorflow.device(cpu) == "cpu" and tensorflow.device(gpu) == "gpu"
    for precision in ("float32", "mixed_float16"):
        assert tensorflow.xla(precision, False, gpu, "linux") and tensorflow.xla(
            precision, False, cpu, "linux"
        )
        assert tensorflow.xla(precision, False, cpu, "darwin") and not tensorflow.xla(
            precision, False, gpu, "darwin"
        )
    for precision, convolutions in (
        ("mixed_bfloat16", False),
        ("float32", True),
        ("mixed_bfloat16", True),
    ):
        assert tensorflow.xla(precision, convolutions, gpu, "linux")
        assert not tensorflow.xla(precision, convolutions, cpu, "linux")


def test_memory_of_a_gpu_grows_with_the_need(monkeypatch):
    """On a list of devices made up for the test: no GPU has run this."""
    tf = tensorflow.tf
    grown = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [Device("GPU")])
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda device, on: grown.append((device, on))
    )
    tensorflow.grow_gpu_memory(tf)
    assert [(device.device_type, on) for device, on in grown] == [("GPU", True)]


def test_hidden_packages_are_absent_for_a_while(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a_package_to_hide.py").write_text("number = 7\n")
    with tensorflow._hide(("a_package_to_hide", "json")):
        with pytest.raises(ImportError):
            import a_package_to_hide
        import json  # imported before: it stays
    import a_package_to_hide

    assert a_package_to_hide.number == json.loads("7")


STARTED = """
import gc, weakref
from cgan_lab._support import tensorflow

class Knot:
    pass

if {disabled}:
    gc.disable()
knot = Knot()
knot.itself = knot
found = weakref.ref(knot)
del knot
tensorflow.tf.constant(0.0)
print(found() is None, gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


@pytest.mark.parametrize("disabled, said", [(False, "True True True"), (True, "False False False")])
def test_what_the_import_makes_is_left_out_when_garbage_is_looked_for(disabled, said):
    code = STARTED.format(disabled=disabled)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == said.split()
