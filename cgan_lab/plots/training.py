"""Figures of training and judging. Takes arrays, returns matplotlib figures made without pyplot."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots import _canvas


def loss_curves(curves, equal=None):
    """Return a figure of losses over epochs, a panel each: ``curves`` maps a title to (d_loss, g_loss), ``(epochs,)``.

    ``equal``: a pair of heights to mark, D's and G's loss where D cannot tell real from fake. Shown in lesson 03.
    """
    figure = Figure(figsize=(4.2 * len(curves), 3.0), layout="constrained")
    panels = figure.subplots(1, len(curves), sharey=True, squeeze=False)[0]
    for axes, (title, (d_loss, g_loss)) in zip(panels, curves.items(), strict=True):
        epochs = np.arange(1, len(d_loss) + 1)
        axes.plot(epochs, d_loss, color=_canvas.BLUE, label="discriminator")
        axes.plot(epochs, g_loss, color=_canvas.RED, linestyle="--", label="generator")
        for height, colour in zip(equal or (), (_canvas.BLUE, _canvas.RED), strict=False):
            axes.axhline(height, color=colour, linewidth=0.8, linestyle=":")
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("epoch")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("mean loss of the epoch")
    panels[-1].legend(frameon=False, fontsize=9)
    return figure


def watched(rows, images, shares, names=tuple("0123456789")):
    """Return a figure of a training under way: samples, losses over epochs, agreement of each label.

    ``rows``: a dict an epoch with ``epoch``, ``d_loss``, ``g_loss``, perhaps none; ``images``: uint8 ``(n, 28, 28)``,
    ten a label; ``shares``: of each label that was recognised, ``(classes,)`` in 0..1. Shown in lesson 03.
    """
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    panels = figure.subplot_mosaic(
        [["samples", "losses"], ["samples", "shares"]], width_ratios=(1.0, 1.25)
    )
    _samples(panels["samples"], images, names)
    epochs, losses = [row["epoch"] for row in rows], panels["losses"]
    _both_losses(losses, rows)
    if rows:
        losses.legend(frameon=False, fontsize=9)
        _whole_epochs(losses, epochs)
    else:
        losses.text(0.5, 0.5, "no epoch yet", transform=losses.transAxes, ha="center", va="center")
        losses.set(xticks=[], yticks=[])
    losses.set_title("losses, a point an epoch", fontsize=11)
    bars = panels["shares"].bar(range(len(shares)), shares, color=_canvas.GREEN)
    panels["shares"].bar_label(bars, [f"{share:.0%}" for share in shares], fontsize=8)
    panels["shares"].set_xticks(
        range(len(names)), names, rotation=90 if max(map(len, names)) > 2 else 0
    )
    panels["shares"].set(ylim=(0.0, 1.15), yticks=(0.0, 0.5, 1.0))
    panels["shares"].set_title("label agreement of each label", fontsize=11)
    for name in ("losses", "shares"):
        panels[name].spines[["top", "right"]].set_visible(False)
    return figure


def _both_losses(axes, rows):
    """Draw the losses of both networks over the epochs of ``rows``."""
    for name, colour, line, mark, label in (
        ("d_loss", _canvas.BLUE, "-", "o", "discriminator"),
        ("g_loss", _canvas.RED, "--", "s", "generator"),
    ):
        epochs, values = [row["epoch"] for row in rows], [row[name] for row in rows]
        axes.plot(epochs, values, line, color=colour, marker=mark, markersize=3, label=label)


def _whole_epochs(axes, epochs):
    axes.xaxis.get_major_locator().set_params(integer=True)
    if (
        len(epochs) == 1 and axes.get_xlim()[1] < epochs[0] + 0.5
    ):  # a point alone would get ticks of hundredths
        axes.set_xlim(epochs[0] - 0.5, epochs[0] + 0.5)


def _samples(axes, images, names):
    """Draw images, ten a row, with the label asked for at the left of each row."""
    axes.imshow(_canvas.tile(images), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
    step = images.shape[1] + 2
    axes.set_yticks([step * label + step / 2 for label in range(len(names))], names, fontsize=8)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("asked for the label on the left", fontsize=11)


def chart(rows, images, beside=()):
    """Return a figure of a training: samples, losses, and agreement with diversity, side by side.

    ``rows``: a dict an epoch with ``epoch``, ``d_loss``, ``g_loss``, ``agreement``, ``diversity``; ``images``: uint8
    ``(n, 28, 28)``, ten a row; ``beside``: rows of another training, whose measures are drawn in grey. Losses beyond 20
    are drawn on a logarithmic scale. Shown in lesson 06.
    """
    epochs, column = [row["epoch"] for row in rows], lambda name: [row[name] for row in rows]
    figure = Figure(figsize=(10.5, 3.1), layout="constrained")
    samples, losses, scores = figure.subplots(1, 3, width_ratios=(1.0, 1.25, 1.25))
    _samples(samples, images, [str(label) for label in range(-(-len(images) // 10))])
    for name, line in (("agreement", "-"), ("diversity", "--")):
        if beside:
            there = [row["epoch"] for row in beside], [row[name] for row in beside]
            scores.plot(*there, line, color="0.7", linewidth=3, label=f"{name}, healthy")
    _both_losses(losses, rows)
    if np.abs([column("d_loss"), column("g_loss")]).max() > 20:
        losses.set_yscale("symlog", linthresh=1.0)
    losses.set_title("losses", fontsize=11)
    scores.plot(
        epochs,
        column("agreement"),
        color=_canvas.BLACK,
        marker="o",
        markersize=3,
        label="label agreement",
    )
    scores.plot(
        epochs,
        column("diversity"),
        color=_canvas.GREEN,
        marker="s",
        markersize=3,
        linestyle="--",
        label="diversity",
    )
    scores.set_ylim(0.0, max(1.6 if beside else 1.3, 1.1 * max(column("diversity"))))
    scores.set_title("measured on samples", fontsize=11)
    for axes in (losses, scores):
        axes.set_xlabel("epoch")
        _whole_epochs(axes, epochs)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9, ncols=2 if axes is scores and beside else 1)
    return figure


def confusion(table, names=None):
    """Return a figure of a table requested x recognised, int ``(classes, classes)``, as shares of each row in percent.

    Shown in lesson 03.
    """
    table = np.asarray(table, float)
    share = 100.0 * table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    names = names or [str(label) for label in range(len(table))]
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.argwhere(share >= 0.05):
        value = share[row, column]
        text = f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=8,
            color="white" if value > 55 else "black",
        )
    axes.set_xticks(range(len(table)), names, rotation=90 if max(map(len, names)) > 2 else 0)
    axes.set_yticks(range(len(table)), names)
    axes.set_xlabel("recognised by the judge")
    axes.set_ylabel("requested")
    axes.set_title("percent of each requested label", fontsize=11)
    return figure


def loss_slopes(logit, costs):
    """Return a figure of D's cost of a real picture (left) and of its slope (right) against its logit.

    ``logit``: ``(n,)``, evenly spaced; ``costs``: a name -> ``(n,)``. Shown in lesson 07.
    """
    figure = Figure(figsize=(8.4, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    styles = zip((_canvas.BLUE, _canvas.RED, _canvas.GREEN), ("-", "--", "-."), strict=True)
    for (name, cost), (colour, line) in zip(costs.items(), styles, strict=True):
        left.plot(logit, cost, color=colour, linestyle=line, label=name)
        right.plot(logit, np.gradient(cost, logit), color=colour, linestyle=line, label=name)
    for axes, title in ((left, "cost of a real picture"), (right, "slope of that cost")):
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("logit $a(x\\mid y)$")
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False, fontsize=9)
    return figure


def histograms(values, label):
    """Return a figure with one histogram a name of ``values``, a dict of ``(n,)``, over common bins. In lesson 07."""
    figure = Figure(figsize=(6.4, 2.8), layout="constrained")
    axes = figure.subplots()
    bins = np.linspace(0.0, max(np.quantile(x, 0.99) for x in values.values()), 41)
    styles = zip((_canvas.BLUE, _canvas.RED, _canvas.GREEN), ("//", "", ".."), strict=True)
    for (name, x), (colour, hatch) in zip(values.items(), styles, strict=False):
        axes.hist(x, bins, color=colour, alpha=0.55, hatch=hatch, label=name)
    axes.set_xlabel(label)
    axes.set_ylabel("pictures")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    return figure
