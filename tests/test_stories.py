"""The rows of the stories differ from the recipe in what they say, and in nothing else."""

import json
import sys

import numpy as np
import stories

from cgan_lab import data, recipes, sampling

DENSE = recipes.RECIPES["dense"]
DIGITS = data.load("digits", limit=600)


def logits(model):
    pictures = data.to_model(DIGITS.x_train[:20])
    return model.discriminator([pictures, sampling.one_hot(DIGITS.y_train[:20], 10)]).numpy()


def test_a_factor_multiplies_the_logits_and_changes_no_weight():
    plain, loud = stories.smooth("spectral", 3), stories.smooth("spectral_10", 3)
    np.testing.assert_allclose(logits(loud), 10 * logits(plain), rtol=1e-4)
    for pair in zip(plain.generator.get_weights(), loud.generator.get_weights(), strict=True):
        assert np.array_equal(*pair)
    assert loud.adversarial.name == "hinge" and loud.ema == DENSE.ema


def test_the_bounded_head_has_normalised_layers_more():
    def normalised(row):
        found = stories.smooth(row, 0).discriminator.layers
        return sum(type(layer).__name__ == "SpectralNormalization" for layer in found)

    assert [normalised(row) for row in ("free", "spectral", "spectral_head")] == [0, 2, 4]
    model = stories.smooth("spectral_head", 0)
    images = data.to_model(DIGITS.x_train[:20]), sampling.one_hot(DIGITS.y_train[:20], 10)
    for _ in range(200):  # each call in training is one round of power iteration
        model.discriminator(list(images), training=True)
    assert stories.slopes(model, DIGITS, 100).max() <= 2.02  # |w| + |V y|, both at most 1


def test_a_speck_is_bright_in_the_dark():
    pictures = np.zeros((1, 28, 28), np.uint8)
    pictures[0, 5, 5] = 200  # a speck
    pictures[0, 10:13, 10:13] = 200  # a stroke
    found = stories.specks(pictures)
    assert found[0, 5, 5] and not found[0, 11, 11]


def test_all_figures_are_kept_with_row_and_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(stories, "run", lambda row, digits, seed: {"agreement": seed / 10})
    out = tmp_path / "stories.json"
    monkeypatch.setattr(sys, "argv", f"stories.py --rows spectral,speckle --out {out}".split())
    stories.main()
    runs = json.loads(out.read_text())["runs"]
    assert [run["seed"] for run in runs] == [0, 1, 2] * 2 and runs[-1]["row"] == "speckle"
