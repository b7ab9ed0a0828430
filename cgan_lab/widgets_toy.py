"""The console of the toy in a plane: buttons that step D, G or both. Knows the toy and its figure."""

import html

import ipywidgets
import numpy as np

from cgan_lab import plots_toy, toy, widgets
from cgan_lab.objective import sigmoid

SHOWN = 60  # points a label


def snapshot(game, label, n=SHOWN):
    """Return what `plots_toy` draws of a `toy.Toy`: (verdict under ``label``, real points, generated points)."""
    spots = plots_toy.places()
    verdict = sigmoid(game.logits(spots, np.full(len(spots), label)))
    rng, labels = np.random.default_rng(0), range(len(toy.LABELS))
    return verdict, [toy.real_points(np.full(n, k), rng) for k in labels], [game.draw(n, k) for k in labels]


class ToyConsole(ipywidgets.VBox):
    """Buttons that step D, G or both, a player that goes on stepping both, and a picture. See `toy_console`."""

    def __init__(self, seed):
        self.seed, self.moving = seed, plots_toy.moving(toy.LABELS)
        width = {"layout": {"width": "8em"}}
        self.buttons = {
            name: ipywidgets.Button(description=name, tooltip=tip, **width)
            for name, tip in (
                ("Step D", "D learns, G stands still"),
                ("Step G", "G learns, D stands still"),
                ("Step both", "D's turn, then G's"),
                ("Reset", "start again with the same weights"),
            )
        }
        for name, button in self.buttons.items():
            button.on_click(lambda button, name=name: self._act(name))
        self.steps = widgets.slider("steps a press", 10.0, 1.0, 100.0, 1.0)
        self.label = ipywidgets.Dropdown(
            options=[(name, k) for k, name in enumerate(toy.LABELS)],
            value=1,
            description="grey: D asked for",
            style={"description_width": "13em"},
            layout={"width": "36em", "max_width": "100%"},
        )
        # A player lives in the browser: it counts up while it plays, and stops when the page is closed.
        self.player = ipywidgets.Play(
            min=0, max=100_000, interval=150, show_repeat=False, description="go on stepping both"
        )
        self.label.observe(lambda change: self._draw(), names="value")
        self.player.observe(self._tick, names="value")
        self.image, self.text = widgets.picture(), ipywidgets.HTML()
        row = ipywidgets.HBox([*self.buttons.values(), self.player], layout={"flex_flow": "row wrap"})
        super().__init__(children=[row, self.steps, self.label, self.text, self.image])
        self._act("Reset")

    def _tick(self, change):
        if change["new"] > change["old"]:  # the player's own way back to 0 is no step
            self._act("Step both")

    def _act(self, name):
        try:
            if name == "Reset":
                self.game, self.d_loss, self.g_loss = toy.Toy(self.seed), None, None
            for _ in range(0 if name == "Reset" else int(self.steps.value)):
                if name != "Step G":
                    self.d_loss = self.game.step_d()
                if name != "Step D":
                    self.g_loss = self.game.step_g()
        except Exception as error:  # in a callback it would vanish into a log
            self._tell(error)
        else:
            self._draw()

    def _draw(self):
        try:
            self.image.value = self.moving.png(*plots_toy.curves(*snapshot(self.game, self.label.value)))
        except Exception as error:
            self._tell(error)
        else:
            words = [f"D has taken <b>{self.game.d_steps}</b> steps, G <b>{self.game.g_steps}</b>"]
            for name, loss in (("D", self.d_loss), ("G", self.g_loss)):
                words += [] if loss is None else [f"{name}'s loss {loss:.2f}"]
            self.text.value = "; ".join(words) + "."

    def _tell(self, error):
        self.text.value = f"<b>No step.</b> {html.escape(f'{type(error).__name__}: {error}')}"

    def __repr__(self):  # the usual one holds the picture's bytes
        return "toy console: buttons that step D, G or both (run this cell to use it)"


def toy_console(seed=0):
    """Return a control over the toy in a plane: step D, step G, step both, run, reset. Shown in lesson 01."""
    return ToyConsole(seed)
