"""The race of the ways in: a row is the recipe with one thing changed, and its curve is kept."""

import json
import sys

import numpy as np
import pytest
import race

from cgan_lab import data, recipes

DENSE = recipes.RECIPES["dense"]


def slopes(network):
    """Return the slopes of its leaky ReLUs, in tenths."""
    found = [getattr(layer, "negative_slope", None) for layer in network.layers]
    return {round(10 * slope) for slope in found if slope is not None}


@pytest.mark.parametrize(
    ("row", "of_g", "of_d"),
    [("relu", 0, 0), ("relu_g", 0, 2), ("relu_d", 2, 0), ("d_one_hot", 2, 2)],
)
def test_relu_is_where_the_row_says(row, of_g, of_d):
    model = race.build(row, seed=0)
    assert slopes(model.generator) == slopes(model.averaged) == {of_g}
    assert slopes(model.discriminator) == {of_d}


def test_another_way_into_d_leaves_g_as_it_was():
    usual, model = race.build("projection", seed=3), race.build("d_one_hot", seed=3)
    pairs = zip(usual.generator.get_weights(), model.generator.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert usual.discriminator.count_params() != model.discriminator.count_params()
    assert race.build("one_hot", seed=3).discriminator.count_params() == (
        model.discriminator.count_params()
    )


def test_another_way_into_g_leaves_d_as_it_was():
    usual, model = race.build("projection", seed=3), race.build("g_one_hot", seed=3)
    pairs = zip(usual.discriminator.get_weights(), model.discriminator.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    scales = [
        {type(layer).__name__ for layer in m.generator.layers} & {"Rescaling"}
        for m in (usual, model)
    ]
    assert scales == [{"Rescaling"}, set()]


@pytest.mark.parametrize("row", ["article", "relu", "d_planes", "hinge", "beta_1_0.9", "d_rate_4"])
def test_every_row_has_the_recipes_optimizers_but_for_its_change(row):
    model = race.build(row, seed=0)
    beta_1 = 0.9 if row == "beta_1_0.9" else DENSE.beta_1
    d_rate = 4 * DENSE.g_rate if row == "d_rate_4" else DENSE.d_rate
    assert float(model.g_optimizer.beta_1) == float(model.d_optimizer.beta_1) == beta_1
    assert float(model.g_optimizer.learning_rate) == pytest.approx(DENSE.g_rate)
    assert float(model.d_optimizer.learning_rate) == pytest.approx(d_rate)
    assert model.ema == DENSE.ema


def test_the_curves_are_kept_with_their_seeds(tmp_path, monkeypatch, capsys):
    small = data.load("digits", limit=600)
    monkeypatch.setattr(data, "load", lambda name: small)
    monkeypatch.setattr(race, "SAMPLES", 2)
    out = tmp_path / "race.json"
    options = f"--epochs 2 --rows projection,relu --seeds 1 --out {out}".split()
    monkeypatch.setattr(sys, "argv", ["race.py", *options])
    monkeypatch.setattr(race, "loudness", lambda model, dataset: 0.5)  # it wants 1,000 images
    race.main()
    found = json.loads(out.read_text())["runs"]
    assert [(run["row"], run["seed"]) for run in found] == [("projection", 1), ("relu", 1)]
    assert all(len(run["agreement"]) == 2 for run in found)
    assert "relu" in capsys.readouterr().out
