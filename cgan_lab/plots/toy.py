"""Figures of the toy in a plane: points, D's verdict, its pushes. Takes arrays, returns figures."""

import numpy as np
from matplotlib.quiver import Quiver

from cgan_lab.plots._canvas import Moving, legend_below, panels
from cgan_lab.plots._colours import BLACK, BLUE, GREEN, RED

REACH = 3.2  # the plane is drawn from -REACH to REACH
PLACES = np.linspace(-REACH, REACH, 41)
PUSH = 0.4  # length of the arrow for a push of 1, in units of the plane
LONGEST = 1.0  # no arrow is longer


def places():
    """Return the points (1681, 2) at which D's verdict is drawn, row by row from below."""
    return np.stack(np.meshgrid(PLACES, PLACES), axis=-1).reshape(-1, 2)


def planes(snapshots, names, columns=None):
    """Return a figure with one panel per snapshot, ``columns`` in each row, or all side by side.

    ``snapshots``: title -> (verdict, real, fake) or (verdict, real, fake, pushes). ``verdict``: D's
    answers (1681,) at `places`, drawn from dark (fake) to light (real); ``real``, ``fake`` and
    ``pushes``: a list of arrays (n, 2) for each of the three ``names``. A push is an arrow that
    begins at its fake, `PUSH` times as long as the push and at most `LONGEST`. Shown in lesson 01.
    """
    columns = columns or len(snapshots)
    rows = -(-len(snapshots) // columns)
    figure, axes_of = panels(2.6 * columns + 0.6, 2.6 * rows + 0.6, columns, rows)
    for axes in axes_of[len(snapshots) :]:
        axes.remove()
    for axes, (title, snapshot) in zip(axes_of, snapshots.items(), strict=False):
        axes.set_title(title, fontsize=11)
        artists = _artists(axes, names)
        for artist, data in zip(artists, curves(*snapshot), strict=True):
            artist.set_data(*data)
    _keys(figure)
    return figure


def moving(names):
    """Return `plots.Moving` for one panel; its ``png`` takes what `curves` returns.

    Shown in lesson 01.
    """
    figure, (axes,) = panels(6.0, 5.4)
    artists = _artists(axes, names)
    _keys(figure)
    return Moving(figure, artists)


def curves(verdict, real, fake, pushes=None):
    """Return the data of the panel's artists, from a snapshot as `planes` takes it."""
    image = (np.reshape(verdict, (len(PLACES), len(PLACES))),)
    points = [points.T for pair in zip(real, fake, strict=True) for points in pair]
    if pushes is None:
        return [image, *points, (np.zeros((0, 2)), np.zeros((0, 2)))]
    ways = PUSH * np.concatenate(pushes)  # (3n, 2)
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    ways = ways / np.maximum(lengths / LONGEST, 1.0)
    return [image, *points, (np.concatenate(fake), ways)]


class _Arrows(Quiver):
    """Arrows of which there may be more or fewer with each picture; a `Quiver` keeps its number."""

    def __init__(self, axes):
        scale = {"angles": "xy", "scale_units": "xy", "scale": 1.0, "minlength": 0.0}
        look = {"units": "inches", "width": 0.015, "color": BLACK, "zorder": 3}
        super().__init__(axes, [], [], [], [], **scale, **look)
        axes.add_collection(self, autolim=False)

    def set_data(self, starts, ways):
        """Let the arrows begin at ``starts`` (n, 2) and end ``ways`` (n, 2) further."""
        self.N = len(starts)
        self.XY = np.asarray(starts)
        self.set_offsets(starts)
        self.set_UVC(*np.transpose(ways))


def _artists(axes, names):
    """Draw an empty panel and return what moves in it.

    That is D's verdict, the real and the generated points of each label, and the arrows.
    """
    limits = (-REACH, REACH)
    shades = {"cmap": "gray", "vmin": -0.6, "vmax": 1.0}
    artists = [axes.imshow(np.zeros((2, 2)), extent=limits + limits, origin="lower", **shades)]
    for name, colour, marker in zip(names, (BLUE, RED, GREEN), "os^", strict=True):
        style = {"color": colour, "marker": marker, "ls": "", "ms": 4}
        artists += axes.plot([], [], mfc="none", alpha=0.55, label=f"real: {name}", **style)
        artists += axes.plot([], [], label=f"generated: {name}", mec="black", mew=0.4, **style)
    axes.set(xlim=limits, ylim=limits, xticks=[], yticks=[])
    return [*artists, _Arrows(axes)]


def _keys(figure):
    """Add to ``figure`` what its greys, marks and arrows mean."""
    first = figure.axes[0]
    sign = {"color": BLACK, "marker": r"$\rightarrow$", "ls": "", "ms": 11, "mew": 0.2}
    first.plot([], [], label=f"D's push × {PUSH},\nat most {LONGEST:.0f}", **sign)
    legend_below(figure, 4, fontsize=8, columnspacing=1.2, handletextpad=0.2)
    bar = figure.colorbar(first.images[0], ax=figure.axes, shrink=0.7, aspect=25, pad=0.01)
    bar.ax.set(ylim=(0.0, 1.0), yticks=[0.0, 0.5, 1.0])
    bar.ax.set_yticklabels(["fake", "½", "real"], fontsize=8)
