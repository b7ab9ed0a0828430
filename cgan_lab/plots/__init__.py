"""Every figure of the lessons. Takes arrays, returns matplotlib figures; knows neither networks nor files."""

from cgan_lab.plots._canvas import Moving, digits, enlarged_png, png, show, tile
from cgan_lab.plots.evaluation import against_n, clouds, neighbourhoods, report, trade_off
from cgan_lab.plots.networks import feature_planes, loudness, more_ways_in, three_labels, ways_in
from cgan_lab.plots.objective import (
    bilinear_paths,
    densities,
    generator_losses,
    generator_pull,
    label_games,
    pointwise_value,
)
from cgan_lab.plots.toy import planes as toy_planes
from cgan_lab.plots.training import chart, confusion, histograms, loss_curves, loss_slopes, watched

__all__ = [
    "Moving",
    "against_n",
    "bilinear_paths",
    "chart",
    "clouds",
    "confusion",
    "densities",
    "digits",
    "enlarged_png",
    "feature_planes",
    "generator_losses",
    "generator_pull",
    "histograms",
    "label_games",
    "loss_curves",
    "loss_slopes",
    "loudness",
    "more_ways_in",
    "neighbourhoods",
    "png",
    "pointwise_value",
    "report",
    "show",
    "three_labels",
    "tile",
    "toy_planes",
    "trade_off",
    "watched",
    "ways_in",
]
