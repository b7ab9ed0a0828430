"""Figures of networks and of the ways in which a label enters. Takes arrays, returns figures."""

from itertools import pairwise

import numpy as np

from cgan_lab._support.names import pick
from cgan_lab.plots._canvas import legend_below, panels, plain
from cgan_lab.plots._colours import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY


def loudness(groups):
    """Return a figure with one row of dots per group.

    ``groups``: name -> one ratio per seed, ``(seeds,)``, from 0 up. Shown in lesson 02.
    """
    figure, (axes,) = panels(6.4, 0.7 + 0.5 * len(groups))
    for row, values in enumerate(groups.values()):
        axes.plot(values, [row] * len(values), "o", color=(RED, BLUE)[row % 2], alpha=0.7)
    axes.set_yticks(range(len(groups)), list(groups))
    xlabel = "loudness: effect of another label / effect of another picture"
    plain(axes, ylim=(len(groups) - 0.5, -0.5), xlim=(0.0, None), xlabel=xlabel)
    return figure


PARTS = {  # name -> (text, place, colour where it is lit)
    "noise": ("noise\nz", (0.0, 3.0), SKY),
    "label": ("label\ny", (0.0, 1.5), ORANGE),
    "generator": ("generator\nG", (2.2, 3.0), GREEN),
    "fake": ("generated\nG(z|y)", (4.4, 3.0), SKY),
    "real": ("real picture\nx", (4.4, 0.0), SKY),
    "discriminator": ("discriminator\nD", (6.9, 1.5), PURPLE),
    "score": ("score\nhow real?", (9.2, 1.5), SKY),
}
LOSSES = {  # name -> (text, its place, the part that it moves, bend of the arrow)
    "g_loss": ("G's loss: fake low?\nmoves G alone, through D", (6.2, 4.35), "generator", 0.32),
    "d_loss": (
        "D's loss: real low, fake high?\nmoves D alone",
        (8.3, 0.05),
        "discriminator",
        -0.75,
    ),
}


def whole(*lit):
    """Return a figure of the whole conditional GAN, with the parts named ``lit`` in colour.

    Names in `PARTS` and `LOSSES`; all parts without any. What is not lit is grey and lies behind.
    Raises ValueError for another name. Shown in lesson 00.
    """
    for name in lit:
        pick("part", name, [*PARTS, *LOSSES])
    lit = lit or (*PARTS, *LOSSES)
    figure, (axes,) = panels(9.4, 4.2)
    axes.set(xlim=(-0.8, 10.2), ylim=(-0.6, 4.9))
    axes.axis("off")
    for name, (text, (x, y), colour) in PARTS.items():
        style = {"boxstyle": "round,pad=0.4", "edgecolor": "none", "alpha": 0.6}
        style["facecolor"] = colour if name in lit else "0.9"
        ink = {"color": BLACK if name in lit else "0.45", "fontsize": 10}
        axes.text(x, y, text, ha="center", va="center", bbox=style, zorder=2, **ink)
    places = {name: place for name, (_, place, _) in PARTS.items()}
    paths = "noise > generator > fake > discriminator > score", "label > generator"
    _arrows(axes, places, *paths, "label > discriminator", "real > discriminator", gap=32)
    for name, (text, place, moved, bend) in LOSSES.items():
        colour = RED if name in lit else "0.6"
        curve = {"connectionstyle": f"arc3,rad={bend}", "ls": "--", "color": colour}
        _arrows(axes, places, f"score > {moved}", gap=32, **curve)
        axes.text(*place, text, ha="center", va="center", fontsize=9, color=colour)
    return figure


def ways_in():
    """Return a figure of the two ways in which a label enters the discriminators of lesson 02."""
    figure, (left, right) = panels(8.4, 3.0, 2)
    joined = {"picture\n784": (0, 2), "label\n10": (0, 0), "join\n794": (1, 1), "512": (2, 1)}
    joined |= {"256": (3, 1), "logit": (4, 1)}
    projected = {"picture\n784": (0, 2), "512": (1, 2), "f(x)\n256": (2, 2), "label\n10": (0, 0)}
    projected |= {"direction\n256": (2, 0), "f(x)·Vy": (3, 1), "logit": (4, 2)}
    _diagram(left, "concatenation", joined, "picture > join > 512 > 256 > logit", "label > join")
    paths = "picture > 512 > f(x) > logit", "f(x) > f(x)·Vy > logit", "label > direction > f(x)·Vy"
    _diagram(right, "projection", projected, *paths)
    return figure


def more_ways_in():
    """Return a figure of three more ways for a label into a discriminator. Shown in lesson 02."""
    figure, (left, middle, right) = panels(10.4, 2.6, 3)
    both = {"label\n10": (0, 0), "hidden": (3.4, 1), "logit": (4.5, 1)}
    embedding = {"picture\n784": (0, 2), "vector\n50": (1.3, 0), "join\n834": (2.2, 1), **both}
    planes = {"picture\n28 x 28": (0, 2), "planes\n10": (1.3, 0), "stack\n11": (2.2, 1), **both}
    auxiliary = {"picture\n784": (0, 1), "hidden": (1.3, 1), "logit": (2.7, 2)}
    auxiliary |= {"guess\n10": (2.7, 0), "label\n10": (4.2, 0)}
    paths = "picture > join > hidden > logit", "label > vector > join"
    _diagram(left, "embedding", embedding, *paths)
    paths = "picture > stack > hidden > logit", "label > planes > stack"
    _diagram(middle, "label planes", planes, *paths)
    paths = "picture > hidden > logit", "hidden > guess", "label > guess"
    _diagram(right, "auxiliary classifier", auxiliary, *paths)
    return figure


def _diagram(axes, title, boxes, *paths):
    """Draw boxes and arrows into ``axes``.

    ``boxes``: text -> (x, y); ``paths``: arrows from box to box, which the first line of their
    texts names.
    """
    axes.set_title(title, fontsize=11)
    axes.set(xlim=(-0.6, 4.6), ylim=(-0.6, 2.6))
    axes.axis("off")
    for text, (x, y) in boxes.items():
        of_label = text.startswith(("label", "direction", "vector", "planes"))
        style = {"boxstyle": "round,pad=0.35", "alpha": 0.6, "edgecolor": "none"}
        style["facecolor"] = ORANGE if of_label else SKY
        axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=style, zorder=2)
    _arrows(axes, {text.split("\n")[0]: where for text, where in boxes.items()}, *paths, gap=22)


def _arrows(axes, places, *paths, gap, **style):
    """Draw arrows along ``paths``, "a > b > c", between ``places``, name -> (x, y).

    ``gap``: from a place to the end of its arrow, in points.
    """
    style = {"arrowstyle": "->", "shrinkA": gap, "shrinkB": gap, "color": "0.35"} | style
    for start, end in (pair for path in paths for pair in pairwise(path.split(" > "))):
        axes.annotate("", xy=places[end], xytext=places[start], arrowprops=style, zorder=1)


def three_labels():
    """Return 60 made-up points ``(60, 2)`` in a plane of two features, and their labels ``(60,)``.

    The labels are 0 to 2; the points of each are a cloud.
    """
    labels = np.repeat(np.arange(3), 20)
    angles = np.deg2rad([90.0, 210.0, 330.0])[labels]
    scatter = 0.25 * np.random.default_rng(0).normal(size=(60, 2))
    return 1.3 * np.stack([np.cos(angles), np.sin(angles)], axis=1) + scatter, labels


def feature_planes(
    points, labels, titles=("joined: the label shifts", "projected: the label turns")
):
    """Return a figure of points in a plane of two features, one panel per title.

    ``points``: ``(n, 2)``; ``labels``: ``(n,)``, 0 to 2. Each panel's last two lines are empty: the
    boundary of what D takes for real, and rings around the points that it accepts.
    `widgets.projection_explorer` moves them. Shown in lesson 02.
    """
    figure, axes_of = panels(4.0 * len(titles), 3.9, len(titles))
    limits = {"xlim": (-2.2, 2.2), "ylim": (-2.2, 2.2), "aspect": "equal"}
    for axes, title in zip(axes_of, titles, strict=True):
        for label, (colour, mark) in enumerate(zip((BLUE, RED, GREEN), "os^", strict=True)):
            axes.plot(*points[labels == label].T, mark, color=colour, ms=5, label=f"label {label}")
        axes.plot([], [], "-", color=BLACK, lw=2)
        axes.plot([], [], "o", mfc="none", mec=BLACK, ms=11)
        plain(axes, title, xlabel="feature 1", ylabel="feature 2", **limits)
    legend_below(figure, 3)
    return figure


def half_plane(points, normal, offset):
    """Return the boundary of ``normal . f + offset > 0`` and the points on that side.

    ``points``: ``(n, 2)``; ``normal``: ``(2,)``. Both answers are pairs of arrays (x, y).
    """
    normal = np.asarray(normal, float)
    foot = -offset * normal / normal.dot(normal)
    along = 10.0 * np.array([-normal[1], normal[0]]) / np.sqrt(normal.dot(normal))
    return np.stack([foot - along, foot + along]).T, points[points @ normal + offset > 0].T
