"""Work in a thread of its own that can be paused, resumed and stopped. Knows neither networks nor widgets."""

import atexit
import threading

WORKING = ("running", "pausing", "paused", "stopping")
SECONDS_TO_END = 30  # that closing waits for: a compilation cannot be stopped halfway


class Runner:
    """Runs one piece of work at a time, and only one of all the runners' work.

    ``changed()`` is called, from whichever thread, after each change of ``state``: ``ready``, ``running``, ``pausing``
    (until the next checkpoint), ``paused``, ``stopping``, then ``stopped``, ``finished`` or ``failed``, with ``error``.
    """

    latest = None  # the runner that was started last, of all
    starting = threading.Lock()

    def __init__(self, changed):
        self.changed, self.state, self.error, self.thread = changed, "ready", None, None
        self._go, self._stop, self._lock = threading.Event(), threading.Event(), threading.Lock()

    @property
    def works(self):
        """Whether work is under way, paused or not."""
        return self.state in WORKING

    def start(self, work):
        """Run ``work(checkpoint)`` in a thread of its own.

        ``work`` calls ``checkpoint()``, with any arguments, wherever it may be paused or stopped. Work of another
        runner is stopped first: two would share one processor, and perhaps one model. Raises RuntimeError while this
        runner works.
        """
        with Runner.starting:
            if self.works:
                raise RuntimeError("a training is under way here; stop it before you start another.")
            other, Runner.latest = Runner.latest, self
            self.error = None
            self._stop.clear()
            self._go.set()
            self.thread = threading.Thread(target=self._run, args=(work, other), daemon=True)
            self._turn("running")
            self.thread.start()

    def pause(self):
        """Wait at the next checkpoint. Does nothing unless work is running."""
        with self._lock:
            pausing = self.state == "running"
            if pausing:
                self._go.clear()
                self.state = "pausing"
        if pausing:
            self.changed()

    def resume(self):
        """Go on after a `pause`. Does nothing unless there was one."""
        with self._lock:
            resumed = self.state in ("pausing", "paused")
            if resumed:
                self.state = "running"
                self._go.set()
        if resumed:
            self.changed()

    def stop(self):
        """End the work at its next checkpoint. Does nothing unless it is under way."""
        with self._lock:
            stopping = self.works
            if stopping:
                self._stop.set()
                self.state = "stopping"
                self._go.set()
        if stopping:
            self.changed()

    def join(self, seconds=SECONDS_TO_END):
        """Wait until the work has ended, for so many seconds at most; return whether it has."""
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(seconds)
        return not self.works

    def checkpoint(self, *ignored):
        """Wait here while paused; raise KeyboardInterrupt, as the stop button of a notebook does, once stopped."""
        if not self._go.is_set():
            with self._lock:
                paused = self.state == "pausing"
                if paused:
                    self.state = "paused"
            if paused:
                self.changed()
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
        except Exception as error:  # in a thread it would vanish into a log
            self.error = error
        finally:
            self._turn(ended)

    def _turn(self, state):
        with self._lock:
            self.state = state
        self.changed()


def _end():
    if Runner.latest is not None:
        Runner.latest.stop()
        Runner.latest.join()


atexit.register(_end)  # a network must not compute while Python takes itself apart
