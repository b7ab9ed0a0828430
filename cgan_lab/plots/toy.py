"""Figures of the toy in a plane: points and D's verdict. Takes arrays, returns figures."""

import numpy as np

from cgan_lab.plots._canvas import Moving, legend_below, panels
from cgan_lab.plots._colours import BLUE, GREEN, RED

REACH = 3.2  # the plane is drawn from -REACH to REACH
PLACES = np.linspace(-REACH, REACH, 41)


def places():
    """Return the points (1681, 2) at which D's verdict is drawn, row by row from below."""
    return np.stack(np.meshgrid(PLACES, PLACES), axis=-1).reshape(-1, 2)


def planes(snapshots, names):
    """Return a figure with one panel per snapshot, side by side.

    ``snapshots``: title -> (verdict, real, fake). ``verdict``: D's answers (1681,) at `places`,
    drawn from dark (fake) to light (real); ``real`` and ``fake``: a list of points (n, 2) for each
    of the three ``names``. Shown in lesson 01.
    """
    figure, axes_of = panels(3.1 * len(snapshots), 3.5, len(snapshots))
    for axes, (title, snapshot) in zip(axes_of, snapshots.items(), strict=True):
        axes.set_title(title, fontsize=11)
        for artist, data in zip(_artists(axes, names), curves(*snapshot), strict=True):
            artist.set_data(*data)
    legend_below(figure, 3, fontsize=8)
    return figure


def moving(names):
    """Return `plots.Moving` for one panel; its ``png`` takes what `curves` returns.

    Shown in lesson 01.
    """
    figure, (axes,) = panels(5.4, 5.4)
    artists = _artists(axes, names)
    legend_below(figure, 3, fontsize=8)
    return Moving(figure, artists)


def curves(verdict, real, fake):
    """Return the data of the panel's artists, from a snapshot as `planes` takes it."""
    image = (np.reshape(verdict, (len(PLACES), len(PLACES))),)
    return [image, *(points.T for pair in zip(real, fake, strict=True) for points in pair)]


def _artists(axes, names):
    """Draw an empty panel and return what moves in it.

    That is D's verdict, then the real and the generated points of each label.
    """
    limits = (-REACH, REACH)
    shades = {"cmap": "gray", "vmin": -0.6, "vmax": 1.0}
    artists = [axes.imshow(np.zeros((2, 2)), extent=limits + limits, origin="lower", **shades)]
    for name, colour, marker in zip(names, (BLUE, RED, GREEN), "os^", strict=True):
        style = {"color": colour, "marker": marker, "ls": "", "ms": 4}
        artists += axes.plot([], [], mfc="none", alpha=0.55, label=f"real: {name}", **style)
        artists += axes.plot([], [], label=f"generated: {name}", mec="black", mew=0.4, **style)
    axes.set(xlim=limits, ylim=limits, xticks=[], yticks=[])
    return artists
