"""The dashboard over a running training, and what every control that trains has.

Knows training and the judge.
"""

import html

import ipywidgets
import numpy as np

from cgan_lab import engine, judge, metrics, plots, sampling, training
from cgan_lab._support import threads
from cgan_lab._support.language import said
from cgan_lab.widgets._control import Control, words_of
from cgan_lab.widgets._parts import WIDE, WRAPPED, int_slider

LOOKED_AT = 20  # samples of each label that the judge reads after each epoch
NOT_YET = "Nothing is being trained: press Start."


class TrainingControl(Control, engine.Listener):
    """Buttons that start, pause and stop a training in a thread of its own; bar, sentence, picture.

    The kernel stays free for other cells meanwhile. A subclass has ``planned()``, the number of
    epochs of the next training; ``work()``, which trains with this control as a listener, and
    calls `epochs_done` after each epoch; ``figure()``, which is drawn after each epoch; and
    ``found()``, the same in words. Making another control, or starting another training, stops this
    one; so does `close`.
    """

    failure = "That did not work."

    def __init__(self, parts):
        if threads.Runner.latest is not None:  # a cell that is run again loses its old control
            threads.Runner.latest.stop()
        self.runner = threads.Runner(self._changed)
        self.place = ""  # how far the training is
        self.trouble = ""  # what the last action ran into
        self.png = None  # the picture, until there is something new to draw
        start = "train in the background, from where the last training ended"
        self.start = self.button("Start", start, self._start)
        self.pause = self.button("Pause", "wait after the call under way, or go on", self._pause)
        end = "end, and keep the last whole epoch"
        self.stop = self.button("Stop", end, lambda: self._during(self.runner.stop))
        self.bar = ipywidgets.IntProgress(0, min=0, max=1, description=said("epochs done"), **WIDE)
        row = ipywidgets.HBox([self.start, self.pause, self.stop], layout=WRAPPED)
        super().__init__([*parts, row, self.bar])

    def act(self, action):
        """Run ``action()``; what it raises is shown until the next action."""
        self.trouble = ""
        try:
            action()
        except Exception as error:
            self.trouble = self.failed(error)
        self.show()

    def _start(self):
        if self.runner.works:
            self.trouble = "A training is under way: stop it first."
            return
        self.bar.value = 0
        self.bar.max = self.planned()
        self.place = "The first call compiles, which takes some seconds."
        self.runner.start(lambda checkpoint: self.work())

    def _pause(self):
        self._during(self.runner.resume if self._paused() else self.runner.pause)

    def _paused(self):
        return self.runner.state in ("pausing", "paused")

    def _during(self, action):
        """Run ``action()`` if a training is under way."""
        if self.runner.works:
            action()
        else:
            self.trouble = NOT_YET

    def on_steps(self, start, stop, losses):
        """Show how far the epoch is, and wait or end here if a button says so.

        ``start``, ``stop``: the steps of one compiled call; ``losses``: the epoch's means so far,
        of D and of G.
        """
        epoch = min(self.bar.value + 1, self.bar.max)
        d_loss, g_loss = losses
        self.place = f"Epoch {epoch} of {self.bar.max}, step {stop}. "
        self.place += f"The loss of D is {d_loss:.2f}, of G {g_loss:.2f}."
        self.show()
        self.runner.checkpoint()

    def epochs_done(self, epochs):
        """Draw again, after so many ``epochs`` of this training."""
        self.bar.value = epochs
        self.png = None
        self.show()

    def _changed(self):
        self.pause.description = said("Resume") if self._paused() else said("Pause")
        self.show()

    def draw(self):
        if self.png is None:
            self.png = plots.png(self.figure())
        done = f"{self.bar.value} of {self.bar.max} epochs"
        words = {
            "ready": "Not started.",
            "running": f"<b>Training goes on.</b> {self.place}",
            "pausing": "<b>Pausing</b> after the call under way.",
            "paused": f"<b>Paused for now.</b> {self.place}",
            "stopping": "<b>Stopping</b> after the call under way.",
            "stopped": f"<b>Stopped</b> after {done}; the last whole one is kept.",
            "finished": f"<b>Finished</b> after {done}.",
            "failed": f"<b>Training ended.</b> {words_of(self.runner.error)}",
        }
        parts = [words[self.runner.state], self.found(), self.trouble]
        return self.png, " ".join(filter(None, parts))

    def close(self):
        """Stop the training, wait for its thread to end, and close the control."""
        if getattr(self, "runner", None):
            self.runner.stop()
            self.runner.join()
        super().close()


class Dashboard(TrainingControl):
    """A control that trains a compiled `cgan.CGAN` on ``digits``, and shows how it goes.

    ``seed``: of the order, as for `training.train`, which does the training. After each epoch
    the judge reads 20 samples of each label, from the same noise each time. Stopping keeps the last
    whole epoch, and a second start goes on from there. Raises ValueError for data that no judge can
    read. Shown in lesson 03.
    """

    name = "training dashboard: start, pause and stop a training, and watch it"

    def __init__(self, model, digits, seed=0):
        self.model = model
        self.digits = digits
        self.seed = seed
        self.rows = []
        self.judge = judge.judge_of(digits)[0]
        self.names = list(digits.class_names)
        self.asked = sampling.label_grid(range(model.classes), LOOKED_AT)
        self.more = int_slider("epochs to train", 10, 1, 100)
        self._look()
        super().__init__([self.more])

    def planned(self):
        return self.more.value

    def work(self):
        epochs = int(self.model.epochs.numpy()) + self.bar.max
        options = {"seed": self.seed, "progress": False, "listeners": [self]}
        training.train(self.model, self.digits, epochs, **options)

    def on_epoch(self, row):
        """Look at the model after an epoch; ``row``: its number and its losses."""
        self.rows.append(row)
        self._look()
        self.epochs_done(self.bar.value + 1)

    def _look(self):
        drawn = self.model.sample(self.asked, seed=0)  # from the same noise each time
        self.seen = int(self.model.epochs.numpy())
        self.images = drawn[np.arange(len(drawn)) % LOOKED_AT < 10]  # ten of each label
        counts = metrics.confusion(self.asked, judge.look(drawn, self.judge)[0], self.model.classes)
        self.shares = counts.diagonal() / LOOKED_AT

    def figure(self):
        return plots.watched(self.rows, self.images, self.shares, self.names)

    def found(self):
        worst = int(np.argmin(self.shares))
        return (
            f"Epochs in all: {self.seen}. Label agreement <b>{np.mean(self.shares):.0%}</b>, "
            f"lowest for {html.escape(self.names[worst])} with {self.shares[worst]:.0%}."
        )
