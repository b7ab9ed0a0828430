"""Figures of the toy in a plane: points and D's verdict. Takes arrays, returns matplotlib figures."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots import _canvas

REACH = 3.2  # the plane is drawn from -REACH to REACH
PLACES = np.linspace(-REACH, REACH, 41)
COLOURS = (_canvas.BLUE, _canvas.RED, _canvas.GREEN)
MARKERS = ("o", "s", "^")


def places():
    """Return the points (1681, 2) at which D's verdict is drawn, row by row from below."""
    return np.stack(np.meshgrid(PLACES, PLACES), axis=-1).reshape(-1, 2)


def planes(snapshots, names):
    """Return a figure with a panel a snapshot, side by side: title -> (verdict, real, fake).

    ``verdict``: D's answers (1681,) at `places`, drawn from dark (fake) to light (real); ``real`` and ``fake``: a list
    of points (n, 2) a label of ``names``. Shown in lesson 01.
    """
    figure = Figure(figsize=(3.1 * len(snapshots), 3.5), layout="constrained")
    panels = figure.subplots(1, len(snapshots), squeeze=False)[0]
    for axes, (title, snapshot) in zip(panels, snapshots.items(), strict=True):
        axes.set_title(title, fontsize=11)
        for artist, data in zip(_artists(axes, names), curves(*snapshot), strict=True):
            artist.set_data(*data)
    _legend(figure, panels[0])
    return figure


def moving(names):
    """Return `plots.Moving` for one panel; its ``png`` takes what `curves` returns. Shown in lesson 01."""
    figure = Figure(figsize=(5.4, 5.4), layout="constrained")
    axes = figure.subplots()
    artists = _artists(axes, names)
    _legend(figure, axes)
    return _canvas.Moving(figure, artists)


def curves(verdict, real, fake):
    """Return the data of the panel's artists, from the arguments of `planes`."""
    image = (np.reshape(verdict, (len(PLACES), len(PLACES))),)
    return [image, *(points.T for pair in zip(real, fake, strict=True) for points in pair)]


def _artists(axes, names):
    """Draw an empty panel and return what moves in it: D's verdict, then real and generated points a label."""
    ends = (-REACH, REACH, -REACH, REACH)
    artists = [
        axes.imshow(np.zeros((2, 2)), extent=ends, origin="lower", cmap="gray", vmin=-0.6, vmax=1.0)
    ]
    for name, colour, marker in zip(names, COLOURS, MARKERS, strict=True):
        style = {"color": colour, "marker": marker, "linestyle": "", "markersize": 4}
        artists += axes.plot(
            [], [], markerfacecolor="none", alpha=0.55, label=f"real: {name}", **style
        )
        artists += axes.plot(
            [],
            [],
            label=f"generated: {name}",
            markeredgecolor="black",
            markeredgewidth=0.4,
            **style,
        )
    axes.set_xlim(-REACH, REACH)
    axes.set_ylim(-REACH, REACH)
    axes.set_xticks([])
    axes.set_yticks([])
    return artists


def _legend(figure, axes):
    figure.legend(
        *axes.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=8,
    )
