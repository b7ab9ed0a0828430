"""Budget, device and progress."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cgan_lab._support import runtime


def test_the_device_chooses_the_budget(monkeypatch):
    tf = runtime.tensorflow()
    monkeypatch.delenv("CGAN_LAB_BUDGET", raising=False)
    for seen, name in (([Device("CPU")], "cpu"), ([Device("CPU"), Device("GPU")], "gpu")):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda seen=seen: seen)
        assert runtime.device() == name and runtime.budget().name == name


def test_the_environment_overrides_the_device(monkeypatch):
    monkeypatch.setenv("CGAN_LAB_BUDGET", "gpu")
    assert runtime.budget().data == "mnist"
    monkeypatch.setenv("CGAN_LAB_BUDGET", "tpu")
    with pytest.raises(ValueError, match="variable CGAN_LAB_BUDGET is 'tpu', expected one of cpu, gpu"):
        runtime.budget()


def test_quiet_swallows_what_c_code_says_and_gives_the_descriptor_back(capfd):
    with runtime.quiet():
        os.write(2, b"noise")
    os.write(2, b"news")
    assert capfd.readouterr().err == "news"


def test_another_keras_backend_is_refused(monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ImportError, match="KERAS_BACKEND=tensorflow"):
        runtime.tensorflow()


def test_progress_estimates_what_is_left(capsys, monkeypatch):
    clock = iter([0.0, 10.0])
    monkeypatch.setattr(runtime.time, "perf_counter", lambda: next(clock))
    progress = runtime.Progress(40, "step")
    progress.advance(10)
    progress.tell("epoch 1/4", d_loss=1.25)
    assert capsys.readouterr().out == "epoch 1/4  d_loss 1.250  10 s, about 30 s left\n"
    progress.close()


class Device:
    def __init__(self, kind):
        self.device_type = kind


def test_a_gpu_among_the_devices_is_found_and_xla_used_but_on_a_mac():
    cpu, gpu = [Device("CPU")], [Device("CPU"), Device("GPU")]
    assert runtime.device(cpu) == "cpu" and runtime.device(gpu) == "gpu"
    for precision in ("float32", "mixed_float16"):
        assert runtime.xla(precision, False, gpu, "linux") and runtime.xla(precision, False, cpu, "linux")
        assert runtime.xla(precision, False, cpu, "darwin") and not runtime.xla(precision, False, gpu, "darwin")
    for precision, convolutions in (("mixed_bfloat16", False), ("float32", True), ("mixed_bfloat16", True)):
        assert runtime.xla(precision, convolutions, gpu, "linux")
        assert not runtime.xla(precision, convolutions, cpu, "linux")


def test_memory_of_a_gpu_grows_with_the_need(monkeypatch):
    """On a list of devices made up for the test: no GPU has run this."""
    tf, grown = runtime.tensorflow(), []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [Device("GPU")])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda device, on: grown.append((device, on)))
    runtime.grow_gpu_memory(tf)
    assert [(device.device_type, on) for device, on in grown] == [("GPU", True)]


COLAB = """
import sys
from cgan_lab._support import runtime
import google.protobuf  # the stand-in must not hide Google's other packages
print(runtime.enable_colab_widgets())
from google.colab import output
print(output.calls)
"""


@pytest.mark.parametrize(("version", "answer"), [("8.1.9", "True\n1\n"), ("7.7.1", "False\n0\n")])
def test_colab_is_asked_for_widgets_only_where_it_needs_to_be(tmp_path, version, answer):
    """A stand-in package ``google.colab``, and a stand-in for the record of which ipywidgets is installed."""
    folder = tmp_path / "google" / "colab"
    folder.mkdir(parents=True)  # no google/__init__.py: it would hide google.protobuf
    (folder / "__init__.py").write_text("")
    (folder / "output.py").write_text(
        "calls = 0\ndef enable_custom_widget_manager():\n    global calls\n    calls += 1\n"
    )
    record = tmp_path / f"ipywidgets-{version}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ipywidgets\nVersion: {version}\n")
    root = Path(__file__).resolve().parents[1]
    told = subprocess.run(
        [sys.executable, "-c", COLAB],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
    )
    assert told.stdout == answer, told.stderr


def test_outside_colab_nothing_is_switched_on():
    assert runtime.enable_colab_widgets() is False


def test_the_controls_ask_colab_once_and_nobody_else_does():
    root = Path(runtime.__file__).parent
    callers = [path.stem for path in root.glob("*.py") if "enable_colab_widgets()" in path.read_text(encoding="utf-8")]
    assert sorted(callers) == ["runtime", "widgets_parts"]
