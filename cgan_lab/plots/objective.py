"""Figures of the objective: densities, D*, generator losses, a small game. Takes arrays."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots._canvas import legend_below, legend_beside, panels, plain, styled
from cgan_lab.plots._colours import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED

DASHES = ("-", "--", "-.", ":")
VERDICT = {"ylim": (-0.04, 1.04), "yticks": (0, 0.5, 1)}  # the axis of D's answers


def densities(x, p, q, discriminators=None, limit=None):
    """Return a figure of two densities and of what discriminators answer.

    Args:
        x: where, ascending, (n,).
        p: the data's density, (n,).
        q: the generator's density, (n,).
        discriminators: name -> D in [0, 1], (n,), four at most; on a second axis below.
        limit: top of the densities' axis.

    Shown in lesson 01.
    """
    figure = Figure(figsize=(7, 4.2 if discriminators else 2.6), layout="constrained")
    top, *below = figure.subplots(2 if discriminators else 1, 1, sharex=True, squeeze=False)[:, 0]
    _p_and_q(top, x, p, q)
    top.set(ylabel="density", ylim=(0, limit or 1.15 * max(p.max(), q.max())), xlim=(x[0], x[-1]))
    legend_beside(plain(top))
    for axes in below:
        axes.axhline(0.5, color="0.75", lw=1)
        colours = (BLACK, GREEN, RED, PURPLE)
        for name, d, colour, dash in styled(discriminators, colours, DASHES):
            axes.plot(x, d, color=colour, ls=dash, lw=2, label=name)
        legend_beside(plain(axes, ylabel="D(x)", **VERDICT))
    figure.axes[-1].set_xlabel("x")
    return figure


def _p_and_q(axes, x, p, q):
    axes.plot(x, p, color=BLUE, lw=2, label="p, the data")
    axes.plot(x, q, color=ORANGE, lw=2, ls="--", label="q, the generator")


def pointwise_value(pairs):
    """Return a figure of p log t + q log(1 - t) against t, with a dot at the top t = p / (p + q).

    ``pairs``: (p, q) of each curve, three at most. Shown in lesson 01.
    """
    figure, (axes,) = panels(7, 3.2)
    t = np.linspace(0.005, 0.995, 397)
    curves = {f"p = {p:g}, q = {q:g}": (p, q) for p, q in pairs}
    for name, (p, q), colour, dash in styled(curves, (BLUE, ORANGE, GREEN), DASHES):
        best = p / (p + q)
        top = p * np.log(best) + q * np.log(1 - best)
        axes.plot(t, p * np.log(t) + q * np.log(1 - t), color=colour, ls=dash, lw=2, label=name)
        axes.plot([best], [top], "o", color=colour)
        above = {"xytext": (0, 8), "textcoords": "offset points", "ha": "center"}
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.annotate(f"{best:.2f}", (best, top), bbox=box, **above)
    plain(axes, xlabel="t, the answer of D at this x", ylabel="p log t + q log(1 - t)")
    axes.set(ylim=(-1.35, 0.05), xlim=(0, 1))
    legend_beside(axes)
    return figure


def label_games(x, p, q, d, titles):
    """Return a figure with one column per game: densities above, D below.

    Args:
        x: where, ascending, (n,).
        p: the data's densities, (games, n).
        q: the generator's densities, (games, n).
        d: D's answers in [0, 1], (games, n).
        titles: one for each game.

    Shown in lesson 01.
    """
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    rows = figure.subplots(2, len(titles), sharex=True, sharey="row", squeeze=False)
    for k, title in enumerate(titles):
        top, below = rows[:, k]
        _p_and_q(top, x, p[k], q[k])
        plain(top, title, ylim=(0, 1.1 * max(np.max(p), np.max(q))))
        below.axhline(0.5, color="0.75", lw=1)
        below.plot(x, d[k], color=BLACK, lw=2)
        plain(below, xlabel="x", xlim=(x[0], x[-1]), **VERDICT)
    rows[0, 0].set_ylabel("density")
    rows[1, 0].set_ylabel("D*")
    legend_below(figure, 2)
    return figure


def generator_losses(logit, losses, gradients, at=None):
    """Return a figure of two generator losses and their gradients against D's logit on a fake.

    ``logit``: (n,), ascending; ``losses``, ``gradients``: name -> (n,); ``at``: a logit to mark by
    a vertical line. Shown in lesson 01.
    """
    figure, (left, right) = panels(8, 3.5, 2)
    for axes, curves, what in ((left, losses, "loss"), (right, gradients, "gradient")):
        _two_losses(axes, logit, curves)
        axes.axhline(0, color="0.75", lw=1, zorder=0)
        if at is not None:
            axes.axvline(at, color=BLACK, lw=1.5, ls=":")
        xlabel = "logit a of a fake (D = sigmoid(a))"
        plain(axes, xlabel=xlabel, ylabel=what, xlim=(logit[0], logit[-1]))
        axes.set_xticks(np.linspace(logit[0], logit[-1], 5))
    legend_below(figure, 2)
    return figure


def _two_losses(axes, x, curves):
    for name, curve, colour, dash in styled(curves, (RED, GREEN), DASHES):
        axes.plot(x, curve, color=colour, ls=dash, lw=2, label=name)


def generator_pull(means, divergences, pulls):
    """Return a figure of JSD and of two losses' gradients against the mean of the generator.

    ``means``, ascending, and ``divergences``: (n,); ``pulls``: name -> (n,). Shown in lesson 01.
    """
    figure, (left, right) = panels(8, 3.2, 2)
    left.axhline(np.log(2), color="0.6", lw=1)
    left.text(means[0], np.log(2) + 0.01, " log 2", va="bottom", color="0.35")
    left.plot(means, divergences, color=BLUE, lw=2)
    left.set(ylabel="JSD(p, q)", ylim=(0, 0.8))
    right.axhline(0, color="0.75", lw=1)
    _two_losses(right, means, pulls)
    right.set(ylabel="gradient")
    right.legend(loc="upper left", frameon=False)
    for axes in (left, right):
        plain(axes, xlabel="mean of the generator", xlim=(means[0], means[-1]))
    return figure


def bilinear_paths(paths):
    """Return a figure of paths through the game f(x, y) = x y, and of their distance from (0, 0).

    ``paths``: name -> (steps + 1, 2), three at most. Shown in lesson 01.
    """
    figure, (left, right) = panels(8, 3.8, 2)
    for name, places, colour, mark in styled(paths, (RED, BLUE, GREEN), "os^"):
        left.plot(*places.T, "-" + mark, color=colour, lw=1, ms=3)
        right.plot(np.hypot(*places.T), "-" + mark, color=colour, lw=1, ms=3, label=name)
        left.plot(*places[0], "o", color=BLACK, ms=7)
    left.plot(0, 0, "+", color=BLACK, ms=12, mew=2)
    plain(left, xlabel="x, which descends", ylabel="y, which ascends")
    left.set_aspect("equal", adjustable="datalim")
    plain(right, xlabel="step", ylabel="distance from (0, 0)", ylim=(0, None))
    right.legend(loc="upper left", frameon=False)
    return figure
