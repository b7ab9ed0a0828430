"""Controls over many samples: a film between two labels or two noises, and a table whose cells show their images."""

import html

import ipywidgets
import numpy as np

from cgan_lab import metrics, plots, sampling
from cgan_lab.widgets._control import WIDE, Control, choice, named, player

STEPS = 24  # pictures of a film, its two ends included
SHOWN = 40  # images of a cell


class Film(Control):
    """Ten samples on their way from one label or noise to another, with a player. See `film`."""

    failure = "No samples."

    def __init__(self, sample, class_names, latent):
        self.sample, self.class_names, self.latent, self.paths = (
            sample,
            list(class_names),
            latent,
            {},
        )
        self.first = choice("from label", named(self.class_names), 3)
        self.second = choice("to label", named(self.class_names), 8)
        self.moves = ipywidgets.ToggleButtons(
            options=[("the label", "label"), ("the noise", "noise")], description="what moves"
        )
        self.place = ipywidgets.IntSlider(value=0, min=0, max=STEPS - 1, description="step", **WIDE)
        # The player lives in the browser and moves the slider there; the kernel sees the slider alone.
        self.player, playing = player("play from end to end", min=0, max=STEPS - 1)
        self.link = ipywidgets.jslink((self.player, "value"), (self.place, "value"))
        moved = [self.first, self.second, self.moves, self.place]
        name = "film: from one label or noise to another, step by step"
        super().__init__(name, [*moved[:3], playing, self.place], self._drawn, moved)

    def _path(self, first, second, moves):
        """Return (mixtures, noise) of every step, (STEPS, classes) and (STEPS, 10, latent)."""
        start, end = (
            sampling.noise(10, self.latent, seed=0),
            sampling.noise(10, self.latent, seed=1),
        )
        labels = sampling.label_path(first, second, STEPS, len(self.class_names))
        if moves == "label":
            return labels, np.repeat(start[None], STEPS, axis=0)
        arcs = [sampling.latent_path(a, b, STEPS) for a, b in zip(start, end, strict=True)]
        return np.repeat(labels[:1], STEPS, axis=0), np.stack(arcs, axis=1)

    def _drawn(self):
        key = first, second, moves = self.first.value, self.second.value, self.moves.value
        step = self.place.value
        if key not in self.paths:
            self.paths = {key: self._path(*key)}  # one at a time is kept
        labels, noise = self.paths[key]
        images = self.sample(np.repeat(labels[step][None], 10, axis=0), noise=noise[step])
        share, names = (
            step / (STEPS - 1),
            [html.escape(self.class_names[label]) for label in (first, second)],
        )
        what = (
            f"label {names[0]}, ten noises on their way"
            if moves == "noise"
            else f"{names[0]} to {names[1]}"
        )
        return plots.enlarged_png(images, times=3), f"{what}: <b>{share:.0%}</b>"

    def close(self):
        """Close the control, and the link between player and slider."""
        self.link.close()
        super().close()


def film(sample, class_names=tuple("0123456789"), latent=100):
    """Return a control that plays ten samples on their way from one label, or one noise, to another.

    ``sample``: as for `widgets.digit_picker`. The noise goes along arcs, `sampling.latent_path`. Shown in lesson 04.
    """
    return Film(sample, class_names, latent)


class MistakeTable(Control):
    """A button a cell of requested x recognised, which shows its images. See `mistake_table`."""

    def __init__(self, images, requested, recognised, class_names):
        self.images, self.class_names = np.asarray(images), list(class_names)
        self.requested, self.recognised = np.asarray(requested), np.asarray(recognised)
        if not len(self.images) == len(self.requested) == len(self.recognised):
            raise ValueError(
                f"{len(self.images)} images, {len(self.requested)} requested and {len(self.recognised)} recognised "
                "labels, expected as many of each."
            )
        classes = len(self.class_names)
        counts = metrics.confusion(self.requested, self.recognised, classes)
        self.cells = {
            (i, j): self._cell(i, j, counts[i, j]) for i in range(classes) for j in range(classes)
        }
        heads = [
            ipywidgets.HTML(f"<center><b>{html.escape(name)}</b></center>")
            for name in self.class_names
        ]
        corner = ipywidgets.HTML("<b>asked \\ read</b>")
        rows = [corner, *heads]
        for i, name in enumerate(self.class_names):
            rows += [
                ipywidgets.HTML(f"<b>{html.escape(name)}</b>"),
                *(self.cells[i, j] for j in range(classes)),
            ]
        width = "6em" if max(map(len, self.class_names)) > 2 else "3.4em"
        grid = ipywidgets.GridBox(
            rows,
            layout={"grid_template_columns": f"8em repeat({classes}, {width})", "grid_gap": "2px"},
        )
        # It starts at the most frequent mistake.
        self.chosen = max(
            (key for key in self.cells if key[0] != key[1]), key=lambda key: counts[key]
        )
        super().__init__(
            "table of requested and recognised labels: a cell shows its images", [grid], self._drawn
        )

    def _cell(self, i, j, count):
        asked, read = self.class_names[i], self.class_names[j]
        button = ipywidgets.Button(
            description=str(count),
            tooltip=f"asked for {asked}, read as {read}: {count}",
            disabled=not count,
            button_style="primary" if i == j else "danger" if count else "",
            layout={"width": "auto", "margin": "0"},
        )
        button.on_click(lambda button: self.act(lambda: self._choose(i, j)))
        return button

    def _choose(self, i, j):
        self.chosen = i, j

    def _drawn(self):
        asked, read = self.chosen
        found = self.images[(self.requested == asked) & (self.recognised == read)]
        names = html.escape(self.class_names[asked]), html.escape(self.class_names[read])
        more = f", the first {SHOWN}" if len(found) > SHOWN else ""
        words = f"asked for <b>{names[0]}</b>, read as <b>{names[1]}</b>: {len(found)}{more}"
        return plots.enlarged_png(found[:SHOWN]) if len(found) else b"", words


def mistake_table(images, requested, recognised, class_names=tuple("0123456789")):
    """Return a control: the table of requested and recognised labels, in which a click on a cell shows its images.

    ``images``: uint8 ``(n, 28, 28)``; ``requested``, ``recognised``: labels ``(n,)``. Starts at the most frequent
    mistake. Raises ValueError unless there are as many of each. Shown in lesson 03.
    """
    return MistakeTable(images, requested, recognised, class_names)
