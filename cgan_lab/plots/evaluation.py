"""Figures of what an evaluation measured. Takes arrays, returns matplotlib figures."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots._canvas import legend_beside, panels, plain, sheet, styled
from cgan_lab.plots._colours import BLACK, BLUE, ORANGE, RED


def neighbourhoods(report):
    """Return a figure of what precision and recall miss, from `evaluation.evaluate(full=True)`.

    Left, real images and samples along the two directions in which the real images' features vary
    most. Right, samples outside every real neighbourhood, which cost precision, and real images
    outside every sample's neighbourhood, which cost recall.
    """
    shown = report.shown
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.0, 1.15))
    axes = plain(left.add_subplot(), xticks=[], yticks=[])
    for name, colour in (("real", BLUE), ("samples", ORANGE)):
        points = shown[name][:: max(1, len(shown[name]) // 1500)]
        axes.plot(*points.T, ".", ms=2.5, color=colour, alpha=0.6, label=name)
    axes.set(xlabel="features, 1st direction", ylabel="features, 2nd direction")
    axes.legend(frameon=False, markerscale=4, loc="upper right")
    titles = (
        ("outside", f"samples like no real image\n(precision {report.precision:.3f})"),
        ("missed", f"real images like no sample\n(recall {report.recall:.3f})"),
    )
    for place, (kind, title) in zip(right.subplots(2, 1), titles, strict=True):
        place.set_title(title, fontsize=10)
        place.axis("off")
        if len(shown[kind]):
            sheet(place, shown[kind])
        else:
            place.text(0.5, 0.5, "none", ha="center", va="center", transform=place.transAxes)
    return figure


def clouds(real, fake, reach_real, reach_fake):
    """Return a figure of two clouds of points ``(n, 2)`` and their balls, of the radii ``(n,)``.

    Left, fakes among the balls of the reals, which is what precision counts; right, reals among the
    balls of the fakes, which is what recall counts. The lines that a control moves are the last two
    of the left and the last four of the right panel, in the order of `cloud_curves`. Shown in
    lesson 05.
    """
    figure, (left, right) = panels(9.2, 4.4, 2)
    left.plot(*_circles(real, reach_real), color=BLUE, lw=0.6, alpha=0.35)
    left.plot(*real.T, ".", color=BLUE, ms=4)
    curves = cloud_curves(real, fake, reach_real, reach_fake)
    inside = {"marker": ".", "ls": "", "color": BLACK, "ms": 5}
    outside = {"marker": "x", "ls": "", "color": RED, "ms": 5}
    styles = (
        (left, {**inside, "label": "sample, inside"}),
        (left, {**outside, "label": "sample, outside"}),
        (right, {"color": ORANGE, "lw": 0.6, "alpha": 0.45}),
        (right, {"marker": ".", "ls": "", "color": ORANGE, "ms": 4}),
        (right, {**inside, "label": "real, inside"}),
        (right, {**outside, "label": "real, outside"}),
    )
    for (axes, style), (x, y) in zip(styles, curves, strict=True):
        axes.plot(x, y, **style)
    left.set_title("precision: samples in the balls of real points", fontsize=11)
    right.set_title("recall: real points in the balls of samples", fontsize=11)
    for axes in (left, right):
        axes.set(xlim=(-4.5, 4.5), ylim=(-4.0, 4.0), xticks=[], yticks=[], aspect="equal")
        axes.legend(loc="lower right", frameon=False, fontsize=9)
    return figure


def cloud_curves(real, fake, reach_real, reach_fake):
    """Return what moves in `clouds`, whose arguments these are, as six pairs (x, y)."""
    squared = ((real[:, None, :] - fake[None, :, :]) ** 2).sum(axis=2)
    inside = (squared < reach_real[:, None] ** 2).any(axis=0)
    found = (squared < reach_fake[None, :] ** 2).any(axis=1)
    samples = [fake[inside].T, fake[~inside].T, _circles(fake, reach_fake), fake.T]
    return [*samples, real[found].T, real[~found].T]


def _circles(centres, reach):
    """Return the outlines of all circles as one line (x, y), with a gap after each circle."""
    turn = np.append(np.linspace(0.0, 2.0 * np.pi, 33), np.nan)
    x, y = centres[:, :, None].swapaxes(0, 1)
    radius = reach[:, None]
    return (x + radius * np.cos(turn)).ravel(), (y + radius * np.sin(turn)).ravel()


def against_n(counts, curves):
    """Return a figure of a distance against the number of samples, one panel per curve.

    ``counts``: ``(n,)``; ``curves``: name -> (mean, spread), each ``(n,)``. Shown in lesson 05.
    """
    figure, axes_of = panels(8.4, 3.0, len(curves))
    for axes, (name, (mean, spread)) in zip(axes_of, curves.items(), strict=True):
        axes.axhline(0.0, color="0.75", lw=1)
        axes.fill_between(counts, mean - spread, mean + spread, color=BLUE, alpha=0.2, lw=0)
        axes.plot(counts, mean, "o-", color=BLUE)
        xlabel = "images in each of two sets of real digits"
        plain(axes).set(title=name, xlabel=xlabel, xscale="log")
        axes.set_xticks(counts, [str(n) for n in counts], minor=False)
        axes.minorticks_off()
    return figure


def report(rows, bad):
    """Return a figure of a table with one row per sampler and one column per metric.

    ``rows``: name -> {metric: text}; ``bad``: pairs (name, metric) whose cell is red, and bold for
    those who see no colour. Shown in lesson 05.
    """
    names = list(rows)
    columns = list(next(iter(rows.values())))
    figure, (axes,) = panels(1.6 + 1.05 * len(columns), 0.55 + 0.36 * len(names))
    axes.axis("off")
    cells = [[rows[name][column] for column in columns] for name in names]
    places = {"loc": "center", "cellLoc": "center", "edges": "horizontal"}
    table = axes.table(cells, rowLabels=names, colLabels=columns, **places)
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    table.scale(1.0, 1.4)
    for (row, column), cell in table.get_celld().items():
        cell.set_edgecolor("0.8")
        if row > 0 and column >= 0 and (names[row - 1], columns[column]) in bad:
            cell.get_text().set(color=RED, weight="bold")
    return figure


def trade_off(x, curves, xlabel):
    """Return a figure of shares against ``x`` ``(n,)``.

    ``curves``: name -> ``(n,)`` from 0 up, three at most. Shown in lesson 04.
    """
    figure, (axes,) = panels(8.0, 3.0)
    for name, values, colour, mark in styled(curves, (BLUE, ORANGE, BLACK), "os^"):
        axes.plot(x, values, mark + "-", color=colour, label=name)
    axes.axhline(1.0, color="0.75", lw=1)
    legend_beside(plain(axes, xlabel=xlabel, ylim=(0.0, None)))
    return figure


def knobs(curves, xlabel, ylabel):
    """Return a figure of what a knob trades: one measure against another, a curve per knob.

    ``curves``: name -> rows (value of the knob as text, x, y), two curves at most. Shown in
    lesson 09.
    """
    figure, (axes,) = panels(7.6, 3.6)
    offsets = (6, -12), (-6, 7)  # the texts of one curve below it, those of the other above
    rows = styled(curves, (BLUE, ORANGE), "os")
    for (name, points, colour, mark), offset in zip(rows, offsets, strict=False):
        x, y = ([point[k] for point in points] for k in (1, 2))
        axes.plot(x, y, mark + "-", color=colour, label=name)
        for value, *place in points:
            side = "left" if offset[0] > 0 else "right"
            axes.annotate(
                value, place, offset, textcoords="offset points", color=colour, ha=side, fontsize=9
            )
    axes.margins(0.12)
    legend_beside(plain(axes, xlabel=xlabel, ylabel=ylabel))
    return figure
