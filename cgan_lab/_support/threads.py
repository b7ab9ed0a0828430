"""Work in a thread of its own that can be paused, resumed and stopped. Knows no network."""

import atexit
import threading

WORKING = ("running", "pausing", "paused", "stopping")
SECONDS_TO_END = 30  # that closing waits for: a compilation cannot be stopped halfway


class Runner:
    """Runs one piece of work at a time. Of all runners, only one works.

    ``changed()`` is called, from whichever thread, after each change of ``state``: ``ready``,
    ``running``, ``pausing`` (until the next checkpoint), ``paused``, ``stopping``, then
    ``stopped``, ``finished`` or ``failed``, with ``error``.
    """

    latest = None  # of all runners, the one that was started last
    starting = threading.Lock()

    def __init__(self, changed):
        self.changed = changed
        self.state = "ready"
        self.error = None
        self.thread = None
        self._go = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    @property
    def works(self):
        """Whether work is under way, paused or not."""
        return self.state in WORKING

    def start(self, work):
        """Run ``work(checkpoint)`` in a thread of its own.

        ``work`` calls ``checkpoint()`` wherever it may be paused or stopped. Another runner's work
        is stopped first: two would share one processor, and perhaps one model. Raises RuntimeError
        while this runner works.
        """
        with Runner.starting:
            if self.works:
                raise RuntimeError(
                    "a training is under way here; stop it before you start another."
                )
            other = Runner.latest
            Runner.latest = self
            self.error = None
            self._stop.clear()
            self._go.set()
            self.thread = threading.Thread(target=self._run, args=(work, other), daemon=True)
            self._turn("running")
            self.thread.start()

    def pause(self):
        """Wait at the next checkpoint. Does nothing unless work is running."""
        self._change(("running",), "pausing", self._go.clear)

    def resume(self):
        """Go on after a `pause`. Does nothing unless there was one."""
        self._change(("pausing", "paused"), "running", self._go.set)

    def stop(self):
        """End the work at its next checkpoint. Does nothing unless it is under way."""

        def stop():
            self._stop.set()
            self._go.set()

        self._change(WORKING, "stopping", stop)

    def join(self, seconds=SECONDS_TO_END):
        """Wait until the work has ended, at most ``seconds``; return whether it has."""
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(seconds)
        return not self.works

    def checkpoint(self):
        """Wait here while paused; raise KeyboardInterrupt once stopped."""
        if not self._go.is_set():
            self._change(("pausing",), "paused")
            self._go.wait()
        if self._stop.is_set():
            raise KeyboardInterrupt

    def _run(self, work, other):
        ended = "failed"
        try:
            if other is not None and other is not self:
                other.stop()
                other.join()
            work(self.checkpoint)
            ended = "stopped" if self._stop.is_set() else "finished"
        except KeyboardInterrupt:
            ended = "stopped"
        except Exception as error:  # in a thread it would only be logged
            self.error = error
        finally:
            self._turn(ended)

    def _change(self, states, state, action=lambda: None):
        """Go from one of ``states`` to ``state`` and run ``action()``; do nothing from another."""
        with self._lock:
            changes = self.state in states
            if changes:
                action()
                self.state = state
        if changes:
            self.changed()

    def _turn(self, state):
        with self._lock:
            self.state = state
        self.changed()


def _end():
    if Runner.latest is not None:
        Runner.latest.stop()
        Runner.latest.join()


atexit.register(_end)  # a network must not compute while Python shuts down
