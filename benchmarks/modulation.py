"""How the label enters G, part by part: what FiLM's scales and shifts reach, and layer by layer.

    python benchmarks/modulation.py [--epochs 10] [--seeds 0,1,2] [--rows A,B] [--out FILE]

Trains the recipe `dense` on the shipped digits with G's label concatenated, modulating, and with
half of a modulation, whose other half stays at 0. Of each run: what 2,000 samples reach, and the
share of the variance of each hidden layer and of the picture that the label alone explains, the
noise alone, and both together (10 labels x 200 noises). Of FiLM also: what the judge sees if one
hidden layer of G hears one label and the two others another (all 90 pairs, 20 noises each).
"""

import argparse

import numpy as np

from cgan_lab import data, evaluation, judge, networks, recipes, sampling, training
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import keras

# row -> (modulation, which of gamma and beta stay at 0)
ROWS = {
    "concatenated": ("off", ()),
    "shift only": ("alone", (0,)),
    "scale only": ("alone", (1,)),
    "FiLM": ("alone", ()),
    "FiLM and concatenated": ("both", ()),
}
FIGURES = ("agreement", "diversity", "precision", "recall", "frechet_distance")


def built(row, seed):
    """Return the untrained model of ``row``."""
    from cgan_lab import cgan  # only now: it starts TensorFlow

    modulation, frozen = ROWS[row]
    model = cgan.build(seed=seed, modulation=modulation)
    if frozen:
        for half in frozen:
            for layer in dense_layers(model.generator, False)[half::2]:
                layer.trainable = False
        recipe = recipes.RECIPES["dense"]
        model.compile(recipe.adam("g"), recipe.adam("d"))  # anew, for the weights that are left
    return model


def dense_layers(network, use_bias):
    """Return the dense layers with a bias, or those without: gamma, beta, gamma, beta, ..."""
    found = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    return [layer for layer in found if layer.use_bias == use_bias]


def explained(generator, noises=200):
    """Return the shares (label alone, noise alone, both together) of each layer's variance."""
    label, noise = sampling.style_grid(sampling.noise(noises, seed=0), range(10))
    hidden = [one.output for one in generator.layers if isinstance(one, keras.layers.LeakyReLU)]
    inside = keras.Model(generator.inputs, [*hidden, generator.output])
    found = []
    for x in inside.predict([noise, sampling.one_hot(label, 10)], batch_size=500, verbose=0):
        x = x.reshape(10, noises, -1).astype(float)  # (labels, noises, units)
        alone = [x.mean(axis=axis).var(axis=0).sum() for axis in (1, 0)]
        of_label, of_noise = np.array(alone) / x.var(axis=(0, 1)).sum()
        found.append([of_label, of_noise, 1 - of_label - of_noise])
    return np.round(found, 4).tolist()


def drawn(generator, noise, labels):
    """Return pictures of a modulated G whose hidden layer k hears ``labels[k]``, (n, 10)."""
    *matrices, last = (layer.get_weights() for layer in dense_layers(generator, True))
    told = [layer.get_weights()[0] for layer in dense_layers(generator, False)]
    x = noise
    for (kernel, bias), label, gamma, beta in zip(
        matrices, labels, told[::2], told[1::2], strict=True
    ):
        heard = networks.LABEL_SCALE * label
        x = (x @ kernel + bias) * (1 + heard @ gamma) + heard @ beta
        x = np.where(x > 0, x, 0.2 * x)
    return data.to_pixels(np.tanh(x @ last[0] + last[1]).reshape(-1, 28, 28, 1))


def outvoted(generator, noises=20):
    """Return [[share seen as the lone layer's label, as the others', as neither], ...] by layer."""
    pairs = [(a, b) for a in range(10) for b in range(10) if a != b]
    lone, others = np.repeat(pairs, noises, axis=0).T
    noise = sampling.noise(len(lone), seed=0)
    found = []
    for layer in range(3):
        labels = [sampling.one_hot(others, 10)] * 3
        labels[layer] = sampling.one_hot(lone, 10)
        seen, _ = judge.look(drawn(generator, noise, labels))
        shares = [np.mean(seen == lone), np.mean(seen == others)]
        found.append([*shares, 1 - sum(shares)])
    return np.round(found, 4).tolist()


def main():
    """Run the command line."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--out", type=path, default="benchmarks/results/modulation.json")
    options = parser.parse_args()
    digits = data.load("digits")
    runs = []
    for seed in map(int, options.seeds.split(",")):
        for row in options.rows.split(","):
            model = built(row, seed)
            run = {"row": row, "seed": seed, "untrained": explained(model.averaged)}
            training.train(model, digits, options.epochs, seed=seed, progress=False)
            report = evaluation.evaluate(model.sample, digits, n=2_000, seed=seed)
            run |= {name: getattr(report, name) for name in FIGURES}
            run["trained"] = explained(model.averaged)
            if row == "FiLM":
                run["outvoted"] = outvoted(model.averaged)
            runs.append(run)
            figures = "  ".join(f"{name} {run[name]:.3f}" for name in FIGURES)
            shares = "  ".join(f"{of_label:.2f}" for of_label, *_ in run["trained"])
            print(f"{row:22} {seed}  {figures}  the label's share {shares}", flush=True)
            files.write_json(options.out, {"epochs": options.epochs, "runs": runs})


if __name__ == "__main__":
    main()
