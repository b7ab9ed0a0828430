"""The speedrun counts training alone, stops at its target, and counts failures."""

import numpy as np
import pytest
import speedrun

from cgan_lab import judge


@pytest.fixture
def short(monkeypatch):
    """Few samples, and targets that the first epoch reaches or none does."""
    monkeypatch.setattr(speedrun, "SAMPLES", 100)

    def set_targets(**bounds):
        for name, (sign, bound) in bounds.items():
            monkeypatch.setitem(speedrun.TARGETS, name, {"agreement": (sign, bound)})

    return set_targets


SMALL = {"width": 0.02, "batch_size": 64}


def test_a_run_ends_at_the_last_target_and_keeps_every_epoch(short, digits):
    short(first=(">=", 0.0), good=(">=", 0.0))
    found = speedrun.run(SMALL, 0, digits, epochs=5)
    assert found["reached"] == {
        name: {"epoch": 1, "seconds": found["rows"][0]["seconds"]} for name in ("first", "good")
    }
    assert [row["epoch"] for row in found["rows"]] == [1] and found["failure"] is None
    short(first=(">=", 0.0), good=(">=", 1.1))
    found = speedrun.run(SMALL, 0, digits, epochs=3)
    assert list(found["reached"]) == ["first"] and len(found["rows"]) == 3
    assert len(speedrun.run(SMALL, 0, digits, 3, last="first")["rows"]) == 1
    again = speedrun.run(SMALL, 0, digits, epochs=1)["rows"][0]
    assert again["agreement"] == found["rows"][0]["agreement"]


def test_the_clock_stands_still_while_the_judge_reads(short, digits, monkeypatch):
    short(first=(">=", 1.1), good=(">=", 1.1))
    now = [0.0]
    monkeypatch.setattr(speedrun.time, "perf_counter", lambda: now[0])
    look = judge.look

    def slow(images):
        now[0] += 1000.0
        return look(images)

    monkeypatch.setattr(judge, "look", slow)
    found = speedrun.run(SMALL, 0, digits, epochs=2)
    assert all(row["seconds"] < 1000.0 for row in found["rows"])


def test_losses_that_stop_being_numbers_are_a_failure(short, digits):
    short(first=(">=", 1.1), good=(">=", 1.1))
    found = speedrun.run(SMALL | {"g_rate": 1e30, "d_rate": 1e30}, 0, digits, epochs=3)
    assert "stopped being a finite number" in found["failure"] and not found["reached"]


def test_the_summary_says_mean_error_and_failures():
    runs = [{"reached": {"first": {"seconds": s}}} for s in (10.0, 12.0, 14.0)]
    runs.append({"reached": {}})
    assert speedrun.summary(runs, "first") == (12.0, pytest.approx(2 / np.sqrt(3)), 1)
    assert speedrun.summary(runs, "good") == (None, None, 4)
    assert "12.0 ± 1.2 (1.00), 1 failed" in speedrun.line("dense", runs, runs)
    assert "failed" not in speedrun.line("dense", runs[:3], runs[:3], ["first"])
    assert speedrun.meets({"agreement": 0.99}, speedrun.TARGETS["good"]) is False
