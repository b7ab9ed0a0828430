"""Budget, device and progress."""

import os

import pytest

from cgan_lab import runtime


def test_the_device_chooses_the_budget(monkeypatch):
    tf = runtime.tensorflow()
    monkeypatch.delenv("CGAN_LAB_BUDGET", raising=False)
    for seen, name in (([], "cpu"), (["a fake GPU"], "gpu")):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind, seen=seen: seen)
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
