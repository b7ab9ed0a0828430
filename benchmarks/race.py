"""Which network listens to its label, and when? Label agreement after each epoch, on one budget.

    python benchmarks/race.py [--epochs 40] [--rows article,projection] [--seeds 0,1,2] [--out FILE]

Every row has the default recipe's optimizers, batch size and average, on the shipped digits. The
rows of `networks.WAYS` have the layers of `dense` and differ in how the label enters; `article` has
the article's own layers, ReLU inside and the label as ten more inputs. After each epoch the judge
reads 2,000 samples of the averaged generator. `loudness` is measured before training. The rows of
`CAUSES` are the recipe `dense` with one thing changed, for sentences that say "because".
"""

import argparse
from pathlib import Path

import numpy as np

from cgan_lab import data, engine, judge, metrics, networks, recipes, sampling, training
from cgan_lab._support import files
from cgan_lab._support.names import path

DENSE = recipes.RECIPES["dense"]
ROWS = {"article": {"networks": "article"}} | {way: {"way": way} for way in networks.WAYS}
CAUSES = {
    # ReLU for leaky ReLU, in both networks or in one
    "relu": {"relu": ("generator", "discriminator")},
    "relu_g": {"relu": ("generator",)},
    "relu_d": {"relu": ("discriminator",)},
    # another way into G alone; into D alone, where G keeps the label times 5 beside its noise
    "g_one_hot": {"g_way": "one_hot"},
    **{f"d_{way}": {"d_way": way} for way in ("one_hot", "scaled_one_hot", "embedding", "planes")},
    # D's rate, over G's
    **{f"d_rate_{times}": {"d_rate": times * DENSE.g_rate} for times in (1, 2, 4)},
    # why WGAN-GP listens within three epochs
    "hinge": {"loss": "hinge"},
    "wgan_gp_penalty": {"penalty": "wgan_gp"},
    "wasserstein_gp": {"loss": "wasserstein", "penalty": "wgan_gp"},
    "beta_1_0.5": {"beta_1": 0.5},
    "beta_1_0.9": {"beta_1": 0.9},
}
SAMPLES = 200  # per label


class Ear(engine.Listener):
    """Keeps the label agreement after each epoch."""

    def __init__(self, model, labels, seed):
        self.model = model
        self.requested = sampling.label_grid(labels, SAMPLES)
        self.seed = seed
        self.agreement = []

    def on_epoch(self, row):
        """Draw, let the judge read, and keep the share that is as asked."""
        recognised = judge.look(self.model.sample(self.requested, seed=self.seed))[0]
        self.agreement.append(metrics.agreement(self.requested, recognised))


def build(row, seed):
    """Return an untrained model of ``row``, with the optimizers and average of ``dense``."""
    from cgan_lab import cgan  # only now: it starts TensorFlow
    from cgan_lab._support.tensorflow import keras

    changes = dict((ROWS | CAUSES)[row])
    relu = changes.pop("relu", ())
    ways = {
        "generator": changes.pop("g_way", None),
        "discriminator": changes.pop("d_way", None),
    }
    model = cgan.build(seed=seed, **changes)
    if not relu and not any(ways.values()):
        return model
    pair = {"generator": model.generator, "discriminator": model.discriminator}
    for name, way in ways.items():
        if way is not None:
            pair[name] = getattr(cgan.build(seed=seed, way=way), name)
    for name in relu:
        for layer in pair[name].layers:
            if isinstance(layer, keras.layers.LeakyReLU):
                layer.negative_slope = 0.0
    model = cgan.CGAN(**pair, ema=DENSE.ema, seed=seed)
    model.compile(DENSE.adam("g"), DENSE.adam("d"))
    return model


def loudness(model, dataset):
    """Return how far D's logit moves under another label, over the same under another image.

    Means over 500 real pairs, of an untrained model; lesson 02 builds it.
    """
    images = data.to_model(dataset.x_train[:1000])
    labels = dataset.y_train[:500]

    def logits(x, y):
        outputs = model.discriminator([x, sampling.one_hot(y, model.classes)])
        return np.ravel(outputs[0] if isinstance(outputs, list) else outputs)

    usual = logits(images[:500], labels)
    by_label = np.abs(logits(images[:500], (labels + 1) % model.classes) - usual).mean()
    by_image = np.abs(logits(images[500:], labels) - usual).mean()
    return float(by_label / by_image)


def main():
    """Train each row with each seed and write all curves."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", type=path, default=Path("benchmarks/results/race.json"))
    arguments = parser.parse_args()
    dataset = data.load("digits")
    runs = []
    for seed in map(int, arguments.seeds.split(",")):
        for row in arguments.rows.split(","):
            model = build(row, seed)
            loud = loudness(model, dataset)
            ear = Ear(model, dataset.labels, seed)
            training.train(
                model, dataset, arguments.epochs, seed=seed, progress=False, listeners=[ear]
            )
            runs.append({"row": row, "seed": seed, "loudness": loud, "agreement": ear.agreement})
            shown = [f"{100 * ear.agreement[k]:.1f}" for k in range(9, arguments.epochs, 10)]
            print(f"{row:16} seed {seed}  loudness {loud:.2f}  agreement {shown}", flush=True)
            files.write_json(arguments.out, {"runs": runs})


if __name__ == "__main__":
    main()
