"""Progress: an estimate in lines where there is neither a notebook nor a terminal."""

from cgan_lab._support import progress


def test_progress_estimates_what_is_left(capsys, monkeypatch):
    clock = iter([0.0, 10.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    bar = progress.Progress(40, "step", epochs=4)
    bar.on_steps(0, 10, (1.25, 1.0))
    bar.on_epoch({"epoch": 1, "d_loss": 1.25, "agreement": 0.5})
    assert capsys.readouterr().out == "epoch 1/4  d_loss 1.250  10 s, about 30 s left\n"
    bar.on_end()
