"""The controls over samples: digit picker, steering, film and the table of mistakes.

Knows any callable that samples, and no network.
"""

import html

import ipywidgets
import numpy as np

from cgan_lab import metrics, plots, sampling
from cgan_lab._support.language import said
from cgan_lab.widgets._control import Control
from cgan_lab.widgets._parts import (
    buttons,
    choice,
    int_slider,
    label_buttons,
    named,
    player,
    slider,
)

DIGITS = tuple("0123456789")
MOST = 100  # samples that a control shows at a time
COLUMNS = 10  # samples in a row
STEPS = 24  # pictures of a film, its two ends included
SHOWN = 40  # images of a cell


class Sampled(Control):
    """A control over ``sample(labels, noise=noise)``, with a button for new noise.

    The noise stays while all else changes, and its first rows stay when there are more.
    """

    failure = "No samples."
    others = "draw other handwritings"

    def __init__(self, sample, class_names, latent, parts):
        self.sample = sample
        self.names = [html.escape(name) for name in class_names]
        self.latent = latent
        self.seed = 0
        self.again = self.button("New noise", self.others, self._new_noise)
        super().__init__([*parts, self.again], moved=parts)

    def _new_noise(self):
        self.seed += 1

    def noise(self, n):
        """Return the noise of ``n`` samples, float32 ``(n, latent)``, `MOST` at most."""
        return sampling.noise(MOST, self.latent, self.seed)[:n]


class DigitPicker(Sampled):
    """A control with a button for each label, which shows as many samples of it as asked for.

    ``sample(labels, noise=noise)``: returns uint8 images ``(n, 28, 28)`` for labels ``(n,)`` and
    noise ``(n, latent)``, as `CGAN.sample` does. Shown in lesson 00.
    """

    name = "digit picker: a button for each digit"
    failure = "No digits."
    others = "draw other handwritings of the same digit"

    def __init__(self, sample, class_names=DIGITS, latent=100):
        self.label = label_buttons("digit", class_names, 0)
        layout = {"width": "24em", "max_width": "100%"}
        self.count = int_slider("how many", 10, 1, MOST, layout=layout)
        super().__init__(sample, class_names, latent, [self.label, self.count])

    def draw(self):
        label, n = self.label.value, self.count.value
        images = self.sample(np.full(n, label), noise=self.noise(n))
        words = f"{n} times <b>{self.names[label]}</b>, noise number {self.seed}."
        return plots.enlarged_png(images), words


class SteeringExplorer(Sampled):
    """A control over label, mixture with a second label, three directions of noise, and the noise.

    ``sample``: as for `widgets.digit_picker`; ``rows``: directions of noise, ``(n, latent)``, the
    first three of which get a slider, see `sampling.directions`. Shown in lesson 04.
    """

    name = "steering explorer: labels and their mixture, directions of noise, new noise"

    def __init__(self, sample, rows, class_names=DIGITS):
        self.rows = np.asarray(rows, np.float32)[:3]
        self.label = label_buttons("label", class_names, 3)
        self.second = choice("second label", named(class_names), 8)
        self.share = slider("share of the second", 0.0, 0.0, 1.0, 0.1)
        directions = [f"along direction {k + 1}" for k in range(len(self.rows))]
        self.moves = [slider(name, 0.0, -6.0, 6.0, 0.5) for name in directions]
        self.count = int_slider("how many", 10, 1, MOST)
        views = [("the label asked for", "one"), ("each noise under every label", "all")]
        self.view = buttons("show", views, "one", "18em")
        parts = [self.label, self.second, self.share, *self.moves, self.count, self.view]
        super().__init__(sample, class_names, self.rows.shape[1], parts)

    def noise(self, n):
        push = np.array([move.value for move in self.moves], np.float32) @ self.rows
        return super().noise(n) + push

    def draw(self):
        every = self.view.value == "all"
        labels, noise, columns, words = self._every_label() if every else self._mixture()
        images = self.sample(labels, noise=noise)
        drawn = plots.enlarged_png(images, columns, 3 if len(images) <= 20 else 2)
        return drawn, " ".join([words, f"Noise number {self.seed}."])

    def _every_label(self):
        columns = min(self.count.value, COLUMNS)
        labels, noise = sampling.style_grid(self.noise(columns), range(len(self.names)))
        words = f"One row per label, from {self.names[0]} down to <b>{self.names[-1]}</b>. "
        words += f"One column per noise, <b>{columns}</b> of them."
        return labels, noise, columns, words

    def _mixture(self):
        first, second, share = self.label.value, self.second.value, self.share.value
        noise = self.noise(self.count.value)
        one_hot = np.eye(len(self.names))
        mixture = (1.0 - share) * one_hot[first] + share * one_hot[second]
        one, two = f"<b>{1 - share:.0%}</b>", f"<b>{share:.0%}</b>"
        words = f"{len(noise)} times {one} {self.names[first]} and {two} {self.names[second]}."
        return np.repeat(mixture[None, :], len(noise), axis=0), noise, COLUMNS, words


class KnobExplorer(Sampled):
    """A control over the knobs of a diffusion model and of a GAN, each with a row of samples.

    ``gan``: ``sample(labels, noise=noise)``, as for `DigitPicker`; ``diffusion``:
    ``sample(labels, noise=noise, steps=steps, guidance=guidance)`` with noise ``(n, 784)``, as
    `diffusion.Diffusion.sample`. Shown in lesson 09.
    """

    name = "knob explorer: guidance and steps, beside the scale of a GAN's noise"

    def __init__(self, gan, diffusion, class_names=DIGITS, latent=100):
        self.diffusion = diffusion
        self.label = label_buttons("label", class_names, 3)
        self.guidance = slider("guidance", 2.0, 0.0, 6.0, 0.5)
        self.steps = choice("steps", [1, 2, 5, 10, 25, 50], 25)
        self.scale = slider("scale of the GAN's noise", 1.0, 0.1, 1.5, 0.1)
        parts = [self.label, self.guidance, self.steps, self.scale]
        super().__init__(gan, class_names, latent, parts)

    def draw(self):
        labels = np.full(COLUMNS, self.label.value)
        steps, guidance, scale = self.steps.value, self.guidance.value, self.scale.value
        pixels = sampling.noise(COLUMNS, 28 * 28, self.seed)
        upper = self.diffusion(labels, noise=pixels, steps=steps, guidance=guidance)
        lower = self.sample(labels, noise=scale * self.noise(COLUMNS))
        words = f"{COLUMNS} times <b>{self.names[self.label.value]}</b>, noise number {self.seed}. "
        words += f"Above: the diffusion model, guidance <b>{guidance:g}</b>, <b>{steps}</b> steps. "
        words += f"Below: the GAN, noise times <b>{scale:.1f}</b>."
        return plots.enlarged_png(np.concatenate([upper, lower]), COLUMNS, 3), words


class Film(Control):
    """A control that plays ten samples on their way from one label, or one noise, to another.

    ``sample``: as for `widgets.digit_picker`. The noise goes along arcs, `sampling.latent_path`.
    Shown in lesson 04.
    """

    name = "film: from one label or noise to another, step by step"
    failure = "No samples."

    def __init__(self, sample, class_names=DIGITS, latent=100):
        self.sample = sample
        self.names = [html.escape(name) for name in class_names]
        ends = [sampling.noise(COLUMNS, latent, seed) for seed in (0, 1)]
        arcs = [sampling.latent_path(start, end, STEPS) for start, end in zip(*ends, strict=True)]
        self.arcs = np.stack(arcs, axis=1)  # (STEPS, COLUMNS, latent)
        self.start = ends[0]
        self.first = choice("from label", named(class_names), 3)
        self.second = choice("to label", named(class_names), 8)
        moves = [("the label", "label"), ("the noise", "noise")]
        self.moves = buttons("what moves", moves, "label", None)
        self.place = int_slider("step", 0, 0, STEPS - 1)
        # The player lives in the browser and moves the slider there; the kernel sees the slider.
        self.player, playing = player("play from end to end", min=0, max=STEPS - 1)
        self.link = ipywidgets.jslink((self.player, "value"), (self.place, "value"))
        chosen = [self.first, self.second, self.moves]
        super().__init__([*chosen, playing, self.place], moved=[*chosen, self.place])

    def draw(self):
        first, second, step = self.first.value, self.second.value, self.place.value
        mixtures = sampling.label_path(first, second, STEPS, len(self.names))
        if self.moves.value == "noise":
            mixture, noise = mixtures[0], self.arcs[step]
            words = f"Label {self.names[first]}, ten noises on their way: "
        else:
            mixture, noise = mixtures[step], self.start
            words = f"From label {self.names[first]} to label {self.names[second]}: "
        images = self.sample(np.repeat(mixture[None], COLUMNS, axis=0), noise=noise)
        return plots.enlarged_png(images, times=3), f"{words}<b>{step / (STEPS - 1):.0%}</b>"

    def close(self):
        """Close the control, and the link between player and slider."""
        self.link.close()
        super().close()


class MistakeTable(Control):
    """A control: the table of requested and recognised labels; a click on a cell shows its images.

    ``images``: uint8 ``(n, 28, 28)``; ``requested``, ``recognised``: labels ``(n,)``. Starts at the
    most frequent mistake. Raises ValueError unless there are as many of each. Shown in lesson 03.
    """

    name = "table of requested and recognised labels: a cell shows its images"

    def __init__(self, images, requested, recognised, class_names=DIGITS):
        self.images = np.asarray(images)
        self.requested = np.asarray(requested)
        self.recognised = np.asarray(recognised)
        if not len(self.images) == len(self.requested) == len(self.recognised):
            raise ValueError(
                f"{len(self.images)} images, {len(self.requested)} requested and "
                f"{len(self.recognised)} recognised labels, expected as many of each."
            )
        self.class_names = list(class_names)
        classes = range(len(self.class_names))
        counts = metrics.confusion(self.requested, self.recognised, len(classes))
        self.cells = {(i, j): self._cell(i, j, counts[i, j]) for i in classes for j in classes}
        names = [f"<b>{html.escape(name)}</b>" for name in self.class_names]
        rows = [ipywidgets.HTML(said("<b>asked \\ read</b>"))]
        rows += [ipywidgets.HTML(f"<center>{name}</center>") for name in names]
        for i in classes:
            rows += [ipywidgets.HTML(names[i]), *(self.cells[i, j] for j in classes)]
        width = "6em" if max(map(len, self.class_names)) > 2 else "3.4em"
        columns = f"8em repeat({len(classes)}, {width})"
        layout = {"grid_template_columns": columns, "grid_gap": "2px"}
        mistakes = [cell for cell in self.cells if cell[0] != cell[1]]
        self.chosen = max(mistakes, key=lambda cell: counts[cell])
        super().__init__([ipywidgets.GridBox(rows, layout=layout)])

    def _cell(self, i, j, count):
        asked, read = self.class_names[i], self.class_names[j]
        button = ipywidgets.Button(
            description=str(count),
            tooltip=said(f"Asked for {asked}, read as {read}: {count}."),
            disabled=not count,
            button_style="primary" if i == j else "danger" if count else "",
            layout={"width": "auto", "margin": "0"},
        )
        button.on_click(lambda button: self.act(lambda: setattr(self, "chosen", (i, j))))
        return button

    def draw(self):
        asked, read = self.chosen
        found = self.images[(self.requested == asked) & (self.recognised == read)]
        names = [f"<b>{html.escape(self.class_names[label])}</b>" for label in self.chosen]
        words = f"Asked for {names[0]}, read as {names[1]}: {len(found)}."
        words += f" Here are the first {SHOWN}." if len(found) > SHOWN else ""
        return plots.enlarged_png(found[:SHOWN]) if len(found) else b"", words
