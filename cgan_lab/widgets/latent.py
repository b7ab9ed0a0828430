"""The explorer of labels and noise: which digit, how mixed, how written. Takes any callable that samples."""

import html

import ipywidgets
import numpy as np

from cgan_lab import plots, sampling
from cgan_lab.widgets._control import MOST, WIDE, Control, choice, label_buttons, named, slider

COLUMNS = 10  # samples in a row


class SteeringExplorer(Control):
    """Label, mixture, directions of noise and new noise, under one label or all. See `steering_explorer`."""

    failure = "No samples."

    def __init__(self, sample, rows, class_names):
        self.sample, self.class_names, self.seed = sample, list(class_names), 0
        self.rows = np.asarray(rows, np.float32)[:3]
        self.label = label_buttons("label", self.class_names, 3)
        self.second = choice("second label", named(self.class_names), 8)
        self.share = slider("share of the second", 0.0, 0.0, 1.0, 0.1)
        self.moves = [
            slider(f"along direction {k + 1}", 0.0, -6.0, 6.0, 0.5) for k in range(len(self.rows))
        ]
        self.count = ipywidgets.IntSlider(value=10, min=1, max=MOST, description="how many", **WIDE)
        self.view = ipywidgets.ToggleButtons(
            options=[("the label asked for", "one"), ("each noise under every label", "all")],
            description="show",
            style={"button_width": "18em"},
        )
        self.again = self.button("New noise", "draw other handwritings", self._new_noise)
        moved = [self.label, self.second, self.share, *self.moves, self.count, self.view]
        name = "steering explorer: labels and their mixture, directions of noise, new noise"
        super().__init__(name, [*moved, self.again], self._drawn, moved)

    def _new_noise(self):
        self.seed += 1

    def _noise(self, n):
        """Return the first ``n`` of the noise, pushed along the directions, ``(n, latent)``."""
        push = np.array([move.value for move in self.moves], np.float32) @ self.rows
        return sampling.noise(MOST, self.rows.shape[1], self.seed)[:n] + push

    def _drawn(self):
        classes = len(self.class_names)
        if self.view.value == "all":
            columns = min(self.count.value, COLUMNS)
            labels, noise = sampling.style_grid(self._noise(columns), range(classes))
            words = f"a row a label, from {html.escape(self.class_names[0])} down to "
            words += f"<b>{html.escape(self.class_names[-1])}</b>; a column a noise, <b>{columns}</b> of them"
        else:
            columns, noise, share = COLUMNS, self._noise(self.count.value), self.share.value
            mixture = (1.0 - share) * np.eye(classes)[self.label.value] + share * np.eye(classes)[
                self.second.value
            ]
            labels = np.repeat(mixture[None, :], len(noise), axis=0)
            first, second = (
                html.escape(self.class_names[part.value]) for part in (self.label, self.second)
            )
            words = (
                f"{len(noise)} times <b>{1 - share:.0%}</b> {first} and <b>{share:.0%}</b> {second}"
            )
        images = self.sample(labels, noise=noise)
        return plots.enlarged_png(
            images, columns, 3 if len(images) <= 20 else 2
        ), f"{words}; noise {self.seed}"


def steering_explorer(sample, rows, class_names=tuple("0123456789")):
    """Return a control over label, mixture, up to three directions of noise, and the noise itself.

    ``sample``: as for `widgets.digit_picker`; ``rows``: directions of noise, ``(n, latent)``, the first three of which
    get a slider, see `sampling.directions`. The noise stays while all else changes. Shown in lesson 04.
    """
    return SteeringExplorer(sample, rows, class_names)
