"""How far a long computation is: a bar in a notebook or terminal, printed lines elsewhere."""

import sys
import time

from cgan_lab._support import console
from cgan_lab._support.language import said


class Progress:
    """A tqdm bar in a notebook or a terminal, and one printed line for each `say` elsewhere.

    It listens to a training: ``on_steps`` moves it, ``on_epoch`` says the losses.
    ``total``: how many ``unit``s there are; ``epochs``: the number of the last epoch.
    """

    def __init__(self, total, unit, epochs=None):
        self.total = total
        self.epochs = epochs
        self.done = 0
        self.start = time.perf_counter()
        self.bar = None
        if in_notebook() or sys.stderr.isatty():
            from tqdm.auto import tqdm

            self.bar = tqdm(total=total, unit=unit, leave=True, dynamic_ncols=True)

    def on_steps(self, start, stop, losses):
        """Count the steps ``start`` to ``stop - 1`` as done."""
        self.advance(stop - start)

    def on_epoch(self, row):
        """Say which epoch has ended, with its mean losses."""
        losses = {name: value for name, value in row.items() if name.endswith("loss")}
        self.say(f"epoch {row['epoch']}/{self.epochs}", **losses)

    def advance(self, count):
        """Count ``count`` more as done."""
        self.done += count
        if self.bar is not None:
            self.bar.update(count)

    def say(self, what, **numbers):
        """Say where the work is, with a few numbers."""
        numbers = {name: f"{number:.3f}" for name, number in numbers.items()}
        if self.bar is not None:
            self.bar.set_description(what, refresh=False)
            self.bar.set_postfix(numbers)
            return
        spent = time.perf_counter() - self.start
        left = spent / max(self.done, 1) * (self.total - self.done)
        shown = "  ".join(f"{name} {number}" for name, number in numbers.items())
        wait = said(f"{spent:.0f} s, about {left:.0f} s left")
        console.say(f"{what}  {shown}  {wait}")

    def on_end(self, rows=()):
        """End the bar."""
        if self.bar is not None:
            self.bar.close()


def in_notebook():
    """Return whether a Jupyter kernel runs this code."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return bool(shell) and hasattr(shell, "kernel")
