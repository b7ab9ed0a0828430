"""The console of the toy in a plane: buttons that step D, G or both. Knows the toy."""

import ipywidgets
import numpy as np

from cgan_lab import plots, toy
from cgan_lab.objective import sigmoid
from cgan_lab.widgets._control import Control
from cgan_lab.widgets._parts import WRAPPED, choice, named, player, slider

SHOWN = 60  # points of each label


def snapshot(game, label, n=SHOWN):
    """Return what `plots.toy_planes` draws of a `toy.Toy`: (verdict, real, fake, pushes).

    The verdict, (1681,) in [0, 1], is that under ``label``. The others are lists of arrays (n, 2),
    one for each label: real points, generated points, and D's push on each generated point under
    the point's own label. Shown in lesson 01.
    """
    spots = plots.toy.places()
    verdict = sigmoid(game.logits(spots, np.full(len(spots), label)))
    rng = np.random.default_rng(0)
    labels = range(len(toy.LABELS))
    real = [toy.real_points(np.full(n, k), rng) for k in labels]
    fake = [game.draw(n, k) for k in labels]
    pushes = [game.pushes(points, np.full(n, k)) for k, points in enumerate(fake)]
    return verdict, real, fake, pushes


class ToyConsole(Control):
    """A control over the toy in a plane: step D, G or both, let it run, start again.

    ``seed``: of the weights and the noise. Shown in lesson 01.
    """

    name = "toy console: buttons that step D, G or both"
    failure = "No step."

    def __init__(self, seed=0):
        self.seed = seed
        self.moving = plots.toy.moving(toy.LABELS)
        self._reset()
        actions = (
            ("Step D", "D learns, G stands still", lambda: self._step(d=True)),
            ("Step G", "G learns, D stands still", lambda: self._step(g=True)),
            ("Step both", "D's turn, then G's", lambda: self._step(d=True, g=True)),
            ("Reset", "start again with the same weights", self._reset),
        )
        self.buttons = {action[0]: self.button(*action) for action in actions}
        self.steps = slider("steps per press", 10.0, 1.0, 100.0, 1.0)
        self.label = choice("grey: D asked for", named(toy.LABELS), 1)
        # A player lives in the browser: it counts while it plays, and stops with the page.
        limits = {"min": 0, "max": 100_000, "show_repeat": False}
        self.player, playing = player("go on stepping both", **limits)
        self.player.observe(self._tick, names="value")
        row = ipywidgets.HBox(list(self.buttons.values()), layout=WRAPPED)
        super().__init__([row, playing, self.steps, self.label], moved=[self.label])

    def _tick(self, change):
        if change["new"] > change["old"]:  # the player's own way back to 0 is no step
            self.act(lambda: self._step(d=True, g=True))

    def _reset(self):
        self.game = toy.Toy(self.seed)
        self.d_loss = None
        self.g_loss = None

    def _step(self, d=False, g=False):
        for _ in range(int(self.steps.value)):
            if d:
                self.d_loss = self.game.step_d()
            if g:
                self.g_loss = self.game.step_g()

    def draw(self):
        drawn = self.moving.png(*plots.toy.curves(*snapshot(self.game, self.label.value)))
        d_steps, g_steps = self.game.d_steps, self.game.g_steps
        words = [f"D has taken <b>{d_steps}</b> steps, G <b>{g_steps}</b>."]
        for name, loss in (("D", self.d_loss), ("G", self.g_loss)):
            words += [] if loss is None else [f"The loss of {name} is {loss:.2f}."]
        return drawn, " ".join(words)
