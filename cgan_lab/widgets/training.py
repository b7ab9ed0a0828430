"""The dashboard over a running training, and what every control that trains has. Knows training and the judge."""

import html

import ipywidgets
import numpy as np

from cgan_lab import judge, metrics, plots, sampling, training
from cgan_lab._support import threads
from cgan_lab.widgets._control import WIDE, Control, words_of

LOOKED_AT = 20  # samples a label that the judge reads after each epoch
NOT_YET = "Nothing is being trained: press Start."


class TrainingControl(Control):
    """Buttons that start, pause and stop a training in a thread of its own, a bar, a sentence and a picture.

    The kernel stays free for other cells meanwhile. A subclass gives ``planned()``, the epochs of the next training;
    ``work(checkpoint)``, which trains and calls ``checkpoint()`` between two compiled calls; ``figure()``, which is
    drawn after each `looked`; and ``found()``, the same in words. Making another control or starting another training
    stops this one; so does `close`.
    """

    failure = "That did not work."

    def __init__(self, name, parts):
        if (
            threads.Runner.latest is not None
        ):  # a cell that is run again leaves its old control out of reach
            threads.Runner.latest.stop()
        self.runner, self.place, self.trouble, self.png = (
            threads.Runner(self._changed),
            "",
            "",
            None,
        )
        self.start = self.button(
            "Start", "train in the background, from where the last training ended", self._start
        )
        self.pause = self.button("Pause", "wait after the call under way, or go on", self._pause)
        self.stop = self.button("Stop", "end, and keep the last whole epoch", self._stop)
        self.bar = ipywidgets.IntProgress(value=0, min=0, max=1, description="epochs done", **WIDE)
        row = ipywidgets.HBox([self.start, self.pause, self.stop], layout={"flex_flow": "row wrap"})
        super().__init__(name, [*parts, row, self.bar], self._drawn)

    def act(self, action):
        """Run ``action()``; what it raises stays beside the control until the next action."""
        self.trouble = ""
        try:
            action()
        except Exception as error:
            self.trouble = f"<b>{self.failure}</b> {words_of(error)}"
        self.show()

    def _start(self):
        if self.runner.works:
            self.trouble = "A training is under way: stop it first."
            return
        self.bar.value, self.bar.max = 0, self.planned()
        self.place = "The first call compiles, which takes some seconds."
        self.runner.start(self.work)

    def _pause(self):
        if self.runner.state in ("pausing", "paused"):
            self.runner.resume()
        elif self.runner.works:
            self.runner.pause()
        else:
            self.trouble = NOT_YET

    def _stop(self):
        if self.runner.works:
            self.runner.stop()
        else:
            self.trouble = NOT_YET

    def stepped(self, start, stop, means):
        """Tell how far the epoch is; ``means``: the losses so far, of D and of G."""
        epoch = min(self.bar.value + 1, self.bar.max)
        self.place = f"Epoch {epoch} of {self.bar.max}, step {stop}: D's loss {means[0]:.2f}, G's {means[1]:.2f}."
        self.show()

    def looked(self, epochs):
        """Draw anew after so many ``epochs`` of this training."""
        self.bar.value, self.png = epochs, None
        self.show()

    def _changed(self):
        self.pause.description = "Resume" if self.runner.state in ("pausing", "paused") else "Pause"
        self.show()

    def _drawn(self):
        if self.png is None:
            self.png = plots.png(self.figure())
        state = self.runner.state
        words = {
            "ready": "Not started.",
            "running": f"<b>Training.</b> {self.place}",
            "pausing": "<b>Pausing</b> after the call under way.",
            "paused": f"<b>Paused.</b> {self.place}",
            "stopping": "<b>Stopping</b> after the call under way.",
            "stopped": f"<b>Stopped</b> after {self.bar.value} of {self.bar.max} epochs; the last whole one is kept.",
            "finished": f"<b>Done:</b> {self.bar.value} of {self.bar.max} epochs.",
        }
        told = (
            f"<b>Training ended.</b> {words_of(self.runner.error)}"
            if state == "failed"
            else words[state]
        )
        return self.png, " ".join(filter(None, [told, self.found(), self.trouble]))

    def close(self):
        """Stop the training, wait for its thread to end, and close the control."""
        if getattr(self, "runner", None):
            self.runner.stop()
            self.runner.join()
        super().close()


class Dashboard(TrainingControl):
    """A model's samples from the same noise, its losses and its agreement while it trains. See `dashboard`."""

    def __init__(self, model, digits, seed):
        self.model, self.digits, self.seed, self.rows = model, digits, seed, []
        self.judge, self.names = judge.judge_of(digits)[0], list(digits.class_names)
        self.asked = sampling.label_grid(range(model.classes), LOOKED_AT)
        self.more = ipywidgets.IntSlider(
            value=10, min=1, max=100, description="epochs to train", **WIDE
        )
        self._look()
        super().__init__(
            "training dashboard: start, pause and stop a training, and watch it", [self.more]
        )

    def planned(self):
        """Return how many epochs the next training has."""
        return self.more.value

    def work(self, checkpoint):
        """Train the model for so many epochs more."""
        before = int(self.model.epochs.numpy())

        def step(start, stop, means):
            self.stepped(start, stop, means)
            checkpoint()

        def whole(row):
            self.rows.append(row)
            self._look()
            self.looked(row["epoch"] - before)

        training.train(
            self.model,
            self.digits,
            seed=self.seed,
            epochs=before + self.bar.max,
            progress=False,
            on_call=step,
            on_epoch=whole,
        )

    def _look(self):
        drawn = self.model.sample(self.asked, seed=0)  # from the same noise each time
        self.seen = int(self.model.epochs.numpy())
        self.images = drawn.reshape(-1, LOOKED_AT, *drawn.shape[1:])[:, :10].reshape(
            -1, *drawn.shape[1:]
        )
        counts = metrics.confusion(self.asked, judge.look(drawn, self.judge)[0], self.model.classes)
        self.shares = counts.diagonal() / LOOKED_AT

    def figure(self):
        """Return the figure of the last look."""
        return plots.watched(self.rows, self.images, self.shares, self.names)

    def found(self):
        """Return in words what the last look found."""
        worst = int(np.argmin(self.shares))
        return (
            f"Epochs in all: {self.seen}. Label agreement <b>{np.mean(self.shares):.0%}</b>, lowest "
            f"for {html.escape(self.names[worst])} with {self.shares[worst]:.0%}."
        )


def dashboard(model, digits, seed=0):
    """Return a control that trains a compiled `cgan.CGAN` on ``digits``, and shows how it goes.

    ``seed``: of the order, as for `training.train`, which does the training; the batch size is the budget's. After each
    epoch the judge reads 200 samples from the same noise. Stopping keeps the last whole epoch, and a second start goes
    on from there. Raises ValueError for data that no judge can read. Shown in lesson 03.
    """
    return Dashboard(model, digits, seed)
