"""Every figure of the lessons. Takes arrays, returns matplotlib figures; knows no network."""

# ruff: noqa: F401  (imported for whoever writes plots.NAME)
from cgan_lab.plots._canvas import Moving, digits, enlarged_png, png, show, tile
from cgan_lab.plots.evaluation import against_n, clouds, knobs, neighbourhoods, report, trade_off
from cgan_lab.plots.networks import (
    feature_planes,
    loudness,
    more_ways_in,
    three_labels,
    ways_in,
    whole,
)
from cgan_lab.plots.objective import (
    bilinear_paths,
    densities,
    generator_losses,
    generator_pull,
    label_games,
    pointwise_value,
)
from cgan_lab.plots.toy import planes as toy_planes
from cgan_lab.plots.training import (
    by_heart,
    chart,
    confusion,
    histograms,
    loss_curves,
    loss_slopes,
    race,
    runs,
    watched,
)
