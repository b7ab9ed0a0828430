"""Work in a thread: paused and stopped at checkpoints, one at a time, its errors kept."""

import threading

import pytest

from cgan_lab._support import threads

SECONDS = 20  # longer than any of this can take


class Work:
    """Counts its steps; each waits until ``go`` is released, so that a test knows where it is."""

    def __init__(self):
        self.steps, self.go, self.stepped = 0, threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, checkpoint):
        while self.steps < 100:
            assert self.go.acquire(timeout=SECONDS)
            self.steps += 1
            self.stepped.release()
            checkpoint()

    def step(self):
        self.go.release()
        assert self.stepped.acquire(timeout=SECONDS)


class Watched(threads.Runner):
    """A runner whose states can be waited for."""

    def __init__(self):
        self.states, self.new = [], threading.Condition()
        super().__init__(self._note)

    def _note(self):
        with self.new:
            self.states.append(self.state)
            self.new.notify_all()

    def until(self, state):
        with self.new:
            assert self.new.wait_for(
                lambda: self.states and self.states[-1] == state, timeout=SECONDS
            ), self.states


def test_work_runs_pauses_at_the_next_checkpoint_and_goes_on():
    runner, work = Watched(), Work()
    runner.start(work)
    work.step()
    runner.pause()
    assert runner.state == "pausing" and runner.works
    work.step()
    runner.until("paused")
    work.go.release()
    assert not work.stepped.acquire(timeout=0.05) and work.steps == 2
    runner.resume()
    assert work.stepped.acquire(timeout=SECONDS) and work.steps == 3
    runner.stop()
    work.step()
    assert runner.join(SECONDS) and runner.state == "stopped"
    assert runner.states == ["running", "pausing", "paused", "running", "stopping", "stopped"]


def test_paused_work_can_be_stopped_and_other_work_started():
    runner, work = Watched(), Work()
    runner.start(work)
    runner.pause()
    work.step()
    runner.until("paused")
    runner.stop()
    assert runner.join(SECONDS) and runner.state == "stopped" and work.steps == 1
    runner.start(lambda checkpoint: checkpoint())
    assert runner.join(SECONDS) and runner.state == "finished"


def test_an_error_is_kept_and_the_runner_goes_on():
    runner = Watched()
    runner.start(lambda checkpoint: 1 / 0)
    assert (
        runner.join(SECONDS)
        and runner.state == "failed"
        and isinstance(runner.error, ZeroDivisionError)
    )
    runner.start(lambda checkpoint: None)
    assert runner.join(SECONDS) and runner.state == "finished" and runner.error is None


def test_a_second_start_is_refused_while_the_first_works():
    runner, work = Watched(), Work()
    runner.start(work)
    with pytest.raises(
        RuntimeError, match="a training is under way here; stop it before you start another"
    ):
        runner.start(work)
    runner.stop()
    work.step()
    assert runner.join(SECONDS)


def test_work_of_another_runner_ends_before_new_work_begins():
    first, second, work, order = Watched(), Watched(), Work(), []

    def last_words(checkpoint):
        try:
            work(checkpoint)
        finally:
            order.append("first ends")

    first.start(last_words)
    second.start(lambda checkpoint: order.append("second begins"))
    first.until("stopping")
    work.step()
    assert (
        second.join(SECONDS)
        and first.state == "stopped"
        and order == ["first ends", "second begins"]
    )


def test_pause_resume_and_stop_without_work_do_nothing():
    runner = Watched()
    for do in (runner.pause, runner.resume, runner.stop):
        do()
    assert runner.join() and runner.state == "ready" and runner.states == []
