"""Figures of the objective: densities, D*, the two generator losses, paths of a small game. Takes arrays."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots._canvas import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, plain


def densities(x, p, q, discriminators=None, limit=None):
    """Return a figure of the data's density ``p`` and the generator's ``q`` on ``x``, each (n,).

    ``discriminators``: name -> D (n,) in [0, 1], drawn on a second axis below; ``limit``: top of the
    densities' axis. Shown in lesson 01.
    """
    figure = Figure(figsize=(7, 4.2 if discriminators else 2.6), layout="constrained")
    top, *below = figure.subplots(2 if discriminators else 1, 1, sharex=True, squeeze=False)[:, 0]
    top.plot(x, p, color=BLUE, lw=2, label="p, the data")
    top.plot(x, q, color=ORANGE, lw=2, ls="--", label="q, the generator")
    top.set(ylabel="density", ylim=(0, limit or 1.15 * max(p.max(), q.max())), xlim=(x[0], x[-1]))
    plain(top).legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    for axes in below:
        axes.axhline(0.5, color="0.75", lw=1)
        styles = zip((BLACK, GREEN, RED, PURPLE), ("-", "--", "-.", ":"), strict=True)
        for (name, d), (colour, dash) in zip(discriminators.items(), styles, strict=False):
            axes.plot(x, d, color=colour, ls=dash, lw=2, label=name)
        axes.set(ylabel="D(x)", ylim=(-0.04, 1.04), yticks=(0, 0.5, 1))
        plain(axes).legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    figure.axes[-1].set_xlabel("x")
    return figure


def pointwise_value(pairs):
    """Return a figure of p log t + q log(1 - t) against t, one curve a pair (p, q), a dot at its top p / (p + q).

    Shown in lesson 01.
    """
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = plain(figure.add_subplot())
    t = np.linspace(0.005, 0.995, 397)
    for (p, q), colour, dash in zip(pairs, (BLUE, ORANGE, GREEN), ("-", "--", "-."), strict=False):
        best = p / (p + q)
        axes.plot(
            t,
            p * np.log(t) + q * np.log(1 - t),
            color=colour,
            ls=dash,
            lw=2,
            label=f"p = {p:g}, q = {q:g}",
        )
        top = p * np.log(best) + q * np.log(1 - best)
        axes.plot([best], [top], "o", color=colour)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.annotate(
            f"{best:.2f}", (best, top), (0, 8), textcoords="offset points", ha="center", bbox=box
        )
    axes.set(
        xlabel="t, the answer of D at this x",
        ylabel="p log t + q log(1 - t)",
        ylim=(-1.35, 0.05),
        xlim=(0, 1),
    )
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def label_games(x, p, q, d, titles):
    """Return a figure with a column a game: densities ``p``, ``q`` above, ``d`` below, each (games, n).

    Shown in lesson 01.
    """
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    rows = figure.subplots(2, len(titles), sharex=True, sharey="row", squeeze=False)
    for k, title in enumerate(titles):
        top, below = plain(rows[0, k]), plain(rows[1, k])
        top.plot(x, p[k], color=BLUE, lw=2, label="p, the data")
        top.plot(x, q[k], color=ORANGE, lw=2, ls="--", label="q, the generator")
        top.set_title(title, fontsize=11)
        top.set_ylim(0, 1.1 * max(np.max(p), np.max(q)))
        below.axhline(0.5, color="0.75", lw=1)
        below.plot(x, d[k], color=BLACK, lw=2)
        below.set(xlabel="x", ylim=(-0.04, 1.04), yticks=(0, 0.5, 1), xlim=(x[0], x[-1]))
    rows[0, 0].set_ylabel("density")
    rows[1, 0].set_ylabel("D*")
    figure.legend(
        *rows[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return figure


def generator_losses(logit, losses, gradients, at=None):
    """Return a figure of the generator's losses (left) and their gradients (right) against D's logit on a fake.

    ``losses``, ``gradients``: name -> (n,); ``at``: a logit marked by a vertical line. Shown in lesson 01.
    """
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    for axes, curves, what in zip(
        figure.subplots(1, 2), (losses, gradients), ("loss", "gradient"), strict=True
    ):
        for (name, curve), colour, dash in zip(
            curves.items(), (RED, GREEN), ("-", "--"), strict=True
        ):
            axes.plot(logit, curve, color=colour, ls=dash, lw=2, label=name)
        axes.axhline(0, color="0.75", lw=1, zorder=0)
        if at is not None:
            axes.axvline(at, color=BLACK, lw=1.5, ls=":")
        axes.set(
            xlabel="logit a of a fake (D = sigmoid(a))", ylabel=what, xlim=(logit[0], logit[-1])
        )
        axes.set_xticks(np.linspace(logit[0], logit[-1], 5))
        plain(axes)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=2,
        frameon=False,
    )
    return figure


def generator_pull(means, divergences, pulls):
    """Return a figure of JSD (left) and of each loss's gradient (right) against the mean of the generator.

    ``means``, ``divergences``: (n,); ``pulls``: name -> (n,). Shown in lesson 01.
    """
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.axhline(np.log(2), color="0.6", lw=1)
    left.text(means[0], np.log(2) + 0.01, " log 2", va="bottom", color="0.35")
    left.plot(means, divergences, color=BLUE, lw=2)
    left.set(ylabel="JSD(p, q)", ylim=(0, 0.8))
    right.axhline(0, color="0.75", lw=1)
    for (name, pull), colour, dash in zip(pulls.items(), (RED, GREEN), ("-", "--"), strict=True):
        right.plot(means, pull, color=colour, ls=dash, lw=2, label=name)
    right.set(ylabel="gradient")
    right.legend(loc="upper left", frameon=False)
    for axes in (left, right):
        plain(axes).set(xlabel="mean of the generator", xlim=(means[0], means[-1]))
    return figure


def bilinear_paths(paths):
    """Return a figure of paths through the game f(x, y) = x y, and of their distance from its balance point.

    ``paths``: name -> (steps + 1, 2). Shown in lesson 01.
    """
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for (name, places), colour, mark in zip(
        paths.items(), (RED, BLUE, GREEN), ("o", "s", "^"), strict=False
    ):
        left.plot(*places.T, "-" + mark, color=colour, lw=1, ms=3)
        right.plot(np.hypot(*places.T), "-" + mark, color=colour, lw=1, ms=3, label=name)
        left.plot(*places[0], "o", color=BLACK, ms=7)
    left.plot(0, 0, "+", color=BLACK, ms=12, mew=2)
    left.set(xlabel="x, which descends", ylabel="y, which ascends")
    left.set_aspect("equal", adjustable="datalim")
    right.set(xlabel="step", ylabel="distance from (0, 0)", ylim=(0, None))
    right.legend(loc="upper left", frameon=False)
    plain(left)
    plain(right)
    return figure
