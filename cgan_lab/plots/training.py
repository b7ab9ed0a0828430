"""Figures of training and judging. Takes arrays and rows of numbers, returns figures."""

import numpy as np
from matplotlib.figure import Figure

from cgan_lab.plots._canvas import legend_below, panels, plain, sheet, styled
from cgan_lab.plots._colours import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

# How a pair of curves is drawn over the epochs.
FIRST = {"color": BLUE, "marker": "o", "ms": 3}
SECOND = {"color": RED, "marker": "s", "ms": 3, "ls": "--"}
LINES = (("--", "s"), ("-", "o"), ("-.", "^"), (":", "D"))  # of groups of runs


def loss_curves(curves, equal=None):
    """Return a figure of losses over epochs, one panel per training.

    ``curves``: title -> (d_loss, g_loss), each ``(epochs,)``; ``equal``: a pair of heights to mark,
    D's and G's loss where D cannot tell real from fake. Shown in lesson 03.
    """
    figure, axes_of = panels(4.2 * len(curves), 3.0, len(curves), sharey=True)
    for axes, (title, (d_loss, g_loss)) in zip(axes_of, curves.items(), strict=True):
        epochs = np.arange(1, len(d_loss) + 1)
        axes.plot(epochs, d_loss, color=BLUE, label="discriminator")
        axes.plot(epochs, g_loss, color=RED, ls="--", label="generator")
        for height, colour in zip(equal or (), (BLUE, RED), strict=False):
            axes.axhline(height, color=colour, lw=0.8, ls=":")
        plain(axes, title, xlabel="epoch")
    axes_of[0].set_ylabel("mean loss of the epoch")
    axes_of[-1].legend(frameon=False, fontsize=9)
    return figure


def race(epochs, curves, loudness):
    """Return a figure of label agreement over epochs and, at the end, against loudness.

    ``epochs``: ``(n,)``; ``curves``: name -> percent, ``(seeds, n)``, whose mean is drawn with the
    range of the seeds around it; ``loudness``: name -> a number from 0 up. Eight names at most.
    Shown in lesson 03.
    """
    figure, (left, right) = panels(9.2, 4.4, 2, sharey=True)
    colours = ("0.5", BLUE, SKY, ORANGE, GREEN, RED, PURPLE, BLACK)
    for name, values, colour, mark in styled(curves, colours, "xos^vDPh"):
        values = np.asarray(values)
        left.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2)
        style = {"color": colour, "marker": mark, "ms": 5}
        left.plot(epochs, values.mean(axis=0), label=name, **style)
        ends = values[:, -1]
        right.plot([loudness[name]] * 2, [ends.min(), ends.max()], color=colour)
        right.plot(loudness[name], ends.mean(), **style)
    plain(left, xlabel="epochs", ylabel="label agreement, %", ylim=(0, 100))
    plain(right, xlabel="loudness of the label before training", xlim=(-0.05, None))
    legend_below(figure, 4, fontsize=9)
    return figure


def runs(x, quantities, xlabel):
    """Return a figure with a panel per quantity: a line per run, a colour per group.

    ``x``: ``(n,)``; ``quantities``: label of the vertical axis -> group -> ``(runs, n)``, the same
    groups in each, four at most. Shown in appendix E.
    """
    figure, axes_of = panels(4.4 * len(quantities), 3.2, len(quantities))
    for axes, (label, groups) in zip(axes_of, quantities.items(), strict=True):
        for name, values, colour, (dash, mark) in styled(groups, (RED, BLUE, GREEN, PURPLE), LINES):
            lines = axes.plot(x, np.transpose(values), color=colour, ls=dash, marker=mark, ms=3)
            lines[0].set_label(name)
        plain(axes, xlabel=xlabel, ylabel=label)
    legend_below(figure, 4, fontsize=9)
    return figure


def watched(rows, images, shares, names=tuple("0123456789")):
    """Return a figure of a training under way.

    ``rows``: one dict per epoch with ``epoch``, ``d_loss`` and ``g_loss``, or none yet; ``images``:
    uint8 ``(10 * classes, 28, 28)``, ten of each label; ``shares``: of the samples of each label
    that the judge recognised, ``(classes,)`` in [0, 1]; ``names``: of the labels. Shown in
    lesson 03.
    """
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    layout = [["samples", "losses"], ["samples", "shares"]]
    axes_of = figure.subplot_mosaic(layout, width_ratios=(1.0, 1.25))
    _samples(axes_of["samples"], images, names)
    losses = plain(axes_of["losses"], "losses, one point per epoch")
    if rows:
        _losses(losses, rows)
        losses.legend(frameon=False, fontsize=9)
        _whole_epochs(losses, rows)
    else:
        losses.text(0.5, 0.5, "no epoch yet", transform=losses.transAxes, ha="center", va="center")
        losses.set(xticks=[], yticks=[])
    axes = plain(axes_of["shares"], "label agreement of each label")
    bars = axes.bar(range(len(shares)), shares, color=GREEN)
    axes.bar_label(bars, [f"{share:.0%}" for share in shares], fontsize=8)
    axes.set_xticks(range(len(names)), names, rotation=_turned(names))
    axes.set(ylim=(0.0, 1.15), yticks=(0.0, 0.5, 1.0))
    return figure


def chart(rows, images, beside=()):
    """Return a figure of a training: samples, losses, and agreement with diversity, side by side.

    ``rows``: one dict per epoch with ``epoch``, ``d_loss``, ``g_loss``, ``agreement`` in [0, 1] and
    ``diversity``; ``images``: uint8 ``(n, 28, 28)``, drawn ten per row; ``beside``: rows of another
    training, whose measures are drawn in grey. Losses beyond 20 are drawn on a logarithmic scale.
    Shown in lesson 06.
    """
    ratios = (1.0, 1.25, 1.25)
    figure, (samples, losses, scores) = panels(10.5, 3.1, 3, width_ratios=ratios)
    _samples(samples, images, [str(label) for label in range(-(-len(images) // 10))])
    _losses(losses, rows)
    if max(abs(row[name]) for row in rows for name in ("d_loss", "g_loss")) > 20:
        losses.set_yscale("symlog", linthresh=1.0)
    for name, dash in (("agreement", "-"), ("diversity", "--")):
        if beside:
            _over_epochs(scores, beside, name, ls=dash, color="0.7", lw=3, label=f"{name}, healthy")
    _over_epochs(scores, rows, "agreement", label="label agreement", **FIRST | {"color": BLACK})
    _over_epochs(scores, rows, "diversity", label="diversity", **SECOND | {"color": GREEN})
    highest = max(row["diversity"] for row in rows)
    scores.set_ylim(0.0, max(1.6 if beside else 1.3, 1.1 * highest))
    titles = ((losses, "losses", 1), (scores, "measured on samples", 2 if beside else 1))
    for axes, title, columns in titles:
        plain(axes, title, xlabel="epoch")
        _whole_epochs(axes, rows)
        axes.legend(frameon=False, fontsize=9, ncols=columns)
    return figure


def _samples(axes, images, names):
    sheet(axes, images, row_names=names, fontsize=8)
    axes.set_title("asked for the label on the left", fontsize=11)


def _losses(axes, rows):
    _over_epochs(axes, rows, "d_loss", label="discriminator", **FIRST)
    _over_epochs(axes, rows, "g_loss", label="generator", **SECOND)


def _over_epochs(axes, rows, name, **style):
    """Draw one column of ``rows`` over the epochs."""
    axes.plot([row["epoch"] for row in rows], [row[name] for row in rows], **style)


def _whole_epochs(axes, rows):
    """Put ticks at whole epochs only."""
    axes.xaxis.get_major_locator().set_params(integer=True)
    epoch = rows[0]["epoch"]
    if len(rows) == 1 and axes.get_xlim()[1] < epoch + 0.5:
        axes.set_xlim(epoch - 0.5, epoch + 0.5)  # one point alone would get ticks of hundredths


def _turned(names):
    """Return the angle in degrees at which ``names`` fit below their ticks."""
    return 90 if max(map(len, names)) > 2 else 0


def confusion(table, names=None, real=False):
    """Return a figure of a table requested x recognised, as percent of each row.

    ``table``: numbers of samples, ``(classes, classes)``, or wider if the judge knows more;
    ``names``: of the labels; ``real``: whether the rows are the labels of real pictures, which
    nobody requested. Shown in lesson 03.
    """
    table = np.asarray(table, float)
    share = 100.0 * table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    names = names or [str(label) for label in range(len(table))]
    names = [name.replace("$", r"\$") for name in names]  # no formulas
    columns = [*names, *map(str, range(len(names), table.shape[1]))]
    figure, (axes,) = panels(5.2, 4.6)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.argwhere(share >= 0.05):
        value = share[row, column]
        text = f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
        style = {"fontsize": 8, "color": "white" if value > 55 else "black"}
        axes.text(column, row, text, ha="center", va="center", **style)
    axes.set_xticks(range(table.shape[1]), columns, rotation=_turned(columns))
    axes.set_yticks(range(len(table)), names)
    axes.set(xlabel="recognised by the judge", ylabel="labelled" if real else "requested")
    title = "percent of each label" if real else "percent of each requested label"
    axes.set_title(title, fontsize=11)
    return figure


def loss_slopes(logit, costs):
    """Return a figure of D's cost of a real picture and of its slope, against D's logit.

    ``logit``: ``(n,)``, evenly spaced; ``costs``: name -> ``(n,)``, three at most. Shown in
    lesson 07.
    """
    figure, (left, right) = panels(8.4, 3.0, 2)
    for name, cost, colour, dash in styled(costs, (BLUE, RED, GREEN), ("-", "--", "-.")):
        left.plot(logit, cost, color=colour, ls=dash, label=name)
        right.plot(logit, np.gradient(cost, logit), color=colour, ls=dash, label=name)
    for axes, title in ((left, "cost of a real picture"), (right, "slope of that cost")):
        plain(axes, title, xlabel="logit $a(x\\mid y)$")
    left.legend(frameon=False, fontsize=9)
    return figure


def histograms(values, label):
    """Return a figure of one histogram per name over common bins.

    ``values``: name -> ``(n,)`` from 0 up, three at most; ``label``: of the horizontal axis. Shown
    in lesson 07.
    """
    figure, (axes,) = panels(6.4, 2.8)
    bins = np.linspace(0.0, max(np.quantile(x, 0.99) for x in values.values()), 41)
    for name, x, colour, hatch in styled(values, (BLUE, RED, GREEN), ("//", "", "..")):
        axes.hist(x, bins, color=colour, alpha=0.55, hatch=hatch, label=name)
    plain(axes, xlabel=label, ylabel="pictures").legend(frameon=False, fontsize=9)
    return figure


def by_heart(steps, trainings):
    """Return a figure of how far D's mean logits on real pictures lie above that on fakes.

    ``steps``: ``(n,)``; ``trainings``: title -> ``(n, 3)``, mean logits on pictures that D learns
    from, on pictures that it has never seen, and on fakes. One panel per training. Shown in
    lesson 11.
    """
    figure, axes_of = panels(4.2 * len(trainings), 3.2, len(trainings), sharey=True)
    for axes, (title, logits) in zip(axes_of, trainings.items(), strict=True):
        seen, unseen, fakes = np.asarray(logits).T
        axes.plot(steps, seen - fakes, label="real, learned from", **FIRST)
        axes.plot(steps, unseen - fakes, label="real, never seen", **SECOND | {"color": GREEN})
        axes.axhline(0.0, color=RED, lw=1, label="fakes")
        plain(axes, title, xlabel="step")
    axes_of[0].set_ylabel("mean logit of $D$, above the fakes'")
    legend_below(figure, 3, fontsize=9)
    return figure
