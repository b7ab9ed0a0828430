"""Figures of the networks and of the ways in which a label enters. Takes arrays, returns matplotlib figures."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots import _canvas


def loudness(groups):
    """Return a figure of dots: a row a group, a dot a value of ``groups``, name -> (seeds,). Shown in lesson 02."""
    figure = Figure(figsize=(6.4, 0.7 + 0.5 * len(groups)), layout="constrained")
    axes = figure.add_subplot()
    for row, (values, colour) in enumerate(
        zip(groups.values(), (_canvas.RED, _canvas.BLUE) * len(groups), strict=False)
    ):
        axes.plot(values, [row] * len(values), "o", color=colour, alpha=0.7)
    axes.set_yticks(range(len(groups)), list(groups))
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("loudness: effect of another label / effect of another picture")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def ways_in():
    """Return a figure of the two ways in which a label enters the discriminators of lesson 02."""
    figure = Figure(figsize=(8.4, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    _chain(
        left,
        "concatenation",
        [("picture\n784", 0, 2), ("label\n10", 0, 0), ("join\n794", 1, 1), ("512", 2, 1)],
    )
    _boxes(left, [("256", 3, 1), ("logit", 4, 1)])
    _arrows(
        left,
        [((0, 2), (1, 1)), ((0, 0), (1, 1)), ((1, 1), (2, 1)), ((2, 1), (3, 1)), ((3, 1), (4, 1))],
    )
    _chain(
        right,
        "projection",
        [("picture\n784", 0, 2), ("512", 1, 2), ("f(x)\n256", 2, 2), ("label\n10", 0, 0)],
    )
    _boxes(right, [("direction\n256", 2, 0), ("f(x)·Vy", 3, 1), ("logit", 4, 2)])
    _arrows(right, [((0, 2), (1, 2)), ((1, 2), (2, 2)), ((2, 2), (4, 2)), ((0, 0), (2, 0))])
    _arrows(right, [((2, 2), (3, 1)), ((2, 0), (3, 1)), ((3, 1), (4, 2))])
    return figure


def more_ways_in():
    """Return a figure of three further ways in which a label enters a discriminator. Shown in lesson 02."""
    figure = Figure(figsize=(10.4, 2.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for axes, title, picture, label, joined in (
        (left, "embedding", "picture\n784", "vector\n50", "join\n834"),
        (middle, "label planes", "picture\n28 x 28", "planes\n10", "stack\n11"),
    ):
        _chain(
            axes, title, [(picture, 0, 2), ("label\n10", 0, 0), (label, 1.3, 0), (joined, 2.2, 1)]
        )
        _boxes(axes, [("hidden", 3.4, 1), ("logit", 4.5, 1)])
        _arrows(
            axes,
            [((0, 2), (2.2, 1)), ((0, 0), (1.3, 0)), ((1.3, 0), (2.2, 1)), ((2.2, 1), (3.4, 1))],
        )
        _arrows(axes, [((3.4, 1), (4.5, 1))])
    _chain(
        right,
        "auxiliary classifier",
        [("picture\n784", 0, 1), ("hidden", 1.3, 1), ("logit", 2.7, 2)],
    )
    _boxes(right, [("guess\n10", 2.7, 0), ("label\n10", 4.2, 0)])
    _arrows(
        right,
        [((0, 1), (1.3, 1)), ((1.3, 1), (2.7, 2)), ((1.3, 1), (2.7, 0)), ((4.2, 0), (2.7, 0))],
    )
    return figure


def _chain(axes, title, boxes):
    axes.set_title(title, fontsize=11)
    axes.set_xlim(-0.6, 4.6)
    axes.set_ylim(-0.6, 2.6)
    axes.axis("off")
    _boxes(axes, boxes)


def _boxes(axes, boxes):
    for text, x, y in boxes:
        colour = (
            _canvas.ORANGE
            if text.startswith(("label", "direction", "vector", "planes"))
            else _canvas.SKY
        )
        style = {
            "boxstyle": "round,pad=0.35",
            "facecolor": colour,
            "alpha": 0.6,
            "edgecolor": "none",
        }
        axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=style, zorder=2)


def _arrows(axes, arrows):
    for start, end in arrows:
        style = {"arrowstyle": "->", "shrinkA": 22, "shrinkB": 22, "color": "0.35"}
        axes.annotate("", xy=end, xytext=start, arrowprops=style, zorder=1)


def three_labels():
    """Return 60 made-up points ``(60, 2)`` in a plane of two features, in three clouds, and their labels ``(60,)``."""
    labels = np.repeat(np.arange(3), 20)
    angles = np.deg2rad([90.0, 210.0, 330.0])[labels]
    scatter = 0.25 * np.random.default_rng(0).normal(size=(60, 2))
    return 1.3 * np.stack([np.cos(angles), np.sin(angles)], axis=1) + scatter, labels


def feature_planes(
    points, labels, titles=("joined: the label shifts", "projected: the label turns")
):
    """Return a figure, a panel a title, of points ``(n, 2)`` in a plane of two features, marked by label ``(n,)``.

    Each panel's last two lines are empty: the boundary of what D takes for real, and rings around
    the points that it accepts. `widgets.projection_explorer` moves them. Shown in lesson 02.
    """
    figure = Figure(figsize=(4.0 * len(titles), 3.9), layout="constrained")
    for axes, title in zip(figure.subplots(1, len(titles), squeeze=False)[0], titles, strict=True):
        for label, (colour, mark) in enumerate(
            zip((_canvas.BLUE, _canvas.RED, _canvas.GREEN), "os^", strict=True)
        ):
            axes.plot(*points[labels == label].T, mark, color=colour, ms=5, label=f"label {label}")
        axes.plot([], [], "-", color=_canvas.BLACK, lw=2)
        axes.plot([], [], "o", mfc="none", mec=_canvas.BLACK, ms=11)
        axes.set(
            xlim=(-2.2, 2.2),
            ylim=(-2.2, 2.2),
            xlabel="feature 1",
            ylabel="feature 2",
            aspect="equal",
        )
        axes.set_title(title, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=3,
        frameon=False,
    )
    return figure


def half_plane(points, normal, offset):
    """Return the boundary of ``normal . f + offset > 0`` and the points ``(n, 2)`` on that side, each as (x, y)."""
    normal = np.asarray(normal, float)
    foot = -offset * normal / normal.dot(normal)
    along = 10.0 * np.array([-normal[1], normal[0]]) / np.sqrt(normal.dot(normal))
    return np.stack([foot - along, foot + along]).T, points[points @ normal + offset > 0].T
