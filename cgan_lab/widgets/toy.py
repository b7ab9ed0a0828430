"""The console of the toy in a plane: buttons that step D, G or both. Knows the toy and its figure."""

import ipywidgets
import numpy as np

from cgan_lab import plots, toy
from cgan_lab.objective import sigmoid
from cgan_lab.widgets._control import Control, choice, named, player, slider

SHOWN = 60  # points a label


def snapshot(game, label, n=SHOWN):
    """Return what `plots.toy` draws of a `toy.Toy`: (verdict under ``label``, real points, generated points)."""
    spots = plots.toy.places()
    verdict = sigmoid(game.logits(spots, np.full(len(spots), label)))
    rng, labels = np.random.default_rng(0), range(len(toy.LABELS))
    return (
        verdict,
        [toy.real_points(np.full(n, k), rng) for k in labels],
        [game.draw(n, k) for k in labels],
    )


class ToyConsole(Control):
    """Buttons that step D, G or both, a player that goes on stepping both, and a picture. See `toy_console`."""

    failure = "No step."

    def __init__(self, seed):
        self.seed, self.moving = seed, plots.toy.moving(toy.LABELS)
        self._reset()
        self.buttons = {
            "Step D": self.button("Step D", "D learns, G stands still", lambda: self._step(d=True)),
            "Step G": self.button("Step G", "G learns, D stands still", lambda: self._step(g=True)),
            "Step both": self.button(
                "Step both", "D's turn, then G's", lambda: self._step(d=True, g=True)
            ),
            "Reset": self.button("Reset", "start again with the same weights", self._reset),
        }
        self.steps = slider("steps a press", 10.0, 1.0, 100.0, 1.0)
        self.label = choice("grey: D asked for", named(toy.LABELS), 1)
        # A player lives in the browser: it counts up while it plays, and stops when the page is closed.
        self.player, playing = player("go on stepping both", min=0, max=100_000, show_repeat=False)
        self.player.observe(self._tick, names="value")
        row = ipywidgets.HBox(list(self.buttons.values()), layout={"flex_flow": "row wrap"})
        name = "toy console: buttons that step D, G or both"
        super().__init__(
            name, [row, playing, self.steps, self.label], self._drawn, moved=[self.label]
        )

    def _tick(self, change):
        if change["new"] > change["old"]:  # the player's own way back to 0 is no step
            self.act(lambda: self._step(d=True, g=True))

    def _reset(self):
        self.game, self.d_loss, self.g_loss = toy.Toy(self.seed), None, None

    def _step(self, d=False, g=False):
        for _ in range(int(self.steps.value)):
            if d:
                self.d_loss = self.game.step_d()
            if g:
                self.g_loss = self.game.step_g()

    def _drawn(self):
        drawn = self.moving.png(*plots.toy.curves(*snapshot(self.game, self.label.value)))
        words = [f"D has taken <b>{self.game.d_steps}</b> steps, G <b>{self.game.g_steps}</b>"]
        for name, loss in (("D", self.d_loss), ("G", self.g_loss)):
            words += [] if loss is None else [f"{name}'s loss {loss:.2f}"]
        return drawn, "; ".join(words) + "."


def toy_console(seed=0):
    """Return a control over the toy in a plane: step D, step G, step both, run, reset. Shown in lesson 01."""
    return ToyConsole(seed)
