"""Few pictures: the recipe dense on few digits, as they are and changed before D sees them.

    python benchmarks/few.py [--rows "500;500 shift"] [--seeds 0,1,2] [--out FILE]

Every run makes 1,860 steps, as many as 30 epochs of the 8,000 shipped digits (`longer`: three times
as many), and is looked at half way and at the end; the first runs of seed 0, with 500 digits, were
looked at four times. Runs that the file already holds are not made again. A row's number says how
many digits it has: the first ones of each label, equally many (500, 2,000), or all (8,000, 685 to
894 per label). `rare`: all of the 8,000, of label 5 only the first 40, a twentieth of the others'
mean; `equal`: labels drawn equally often; `real alone`, `D's turn alone`: see `TURNS`. Whatever the
row has, real digits for agreement, diversity, distance, recall, precision and coverage are the
8,000.

D's logits are those of its digits, of the 2,000 test digits and of 2,000 fakes of the generator
that plays, each under its own label and changed as D is shown them; `heart` is r_v of Karras et al.
2020 (arXiv 2006.06676), equation 1: (seen - unseen) / (seen - fakes). `copies`: share of samples
nearer to a training digit of the row than 99 % of the test digits of their label; `to_seen`: share
nearer to training than to test digits, as many of each; 0.5 if nothing is learned by heart.
`off_centre`: the mean distance of the middle of a sample's light from (14, 14), where MNIST
puts it.
"""

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np

from cgan_lab import augmentation, cgan, data, engine, judge, metrics, recipes, sampling
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import tf

STEPS, LOOKS, SAMPLES = 1860, 2, 10_000
RARE, OF_RARE = 5, 40  # chosen before the first run
DENSE = recipes.RECIPES["dense"]


class RealAlone(cgan.CGAN):
    """Changes real images, and no fakes."""

    def _augmented(self, images, fakes, seed):
        return super()._augmented(images, fakes, seed)[0], fakes


class DsTurnAlone(cgan.CGAN):
    """Changes real images and fakes in D's turn; in G's, D sees the fakes as they are."""

    def _augmented(self, images, fakes, seed):
        images, self._changed = super()._augmented(images, fakes, seed)
        self._fakes = fakes
        return images, self._changed

    def _judged(self, images, label):
        # D's turn has them behind a stop_gradient, which is another tensor.
        return super()._judged(self._fakes if images is self._changed else images, label)


TURNS = {"both": cgan.CGAN, "real alone": RealAlone, "D's turn alone": DsTurnAlone}


@dataclasses.dataclass(frozen=True)
class Row:
    """What a run has: digits, how they are changed for D, and which labels are drawn how often."""

    n: int = 8000
    augment: str | None = None
    sees: str = "both"
    rare: bool = False
    equal: bool = False
    steps: int = STEPS


BEST = "shift"  # of the changes of 500 digits, by seed 0
ROWS = {f"{n}": Row(n) for n in (500, 2000, 8000)}
ROWS |= {f"500 {name}": Row(500, name) for name in augmentation.AUGMENTATIONS}
ROWS |= {f"{n} {BEST}": Row(n, BEST) for n in (2000, 8000)}
ROWS |= {f"500 {BEST}, {sees}": Row(500, BEST, sees) for sees in TURNS if sees != "both"}
LONG = [*(f"{n}{of}" for n in (500, 2000, 8000) for of in ("", f" {BEST}")), "500 cutout"]
ROWS |= {f"{name}, longer": dataclasses.replace(ROWS[name], steps=3 * STEPS) for name in LONG}
ROWS |= {
    "rare": Row(rare=True),
    f"rare {BEST}": Row(rare=True, augment=BEST),
    "rare equal": Row(rare=True, equal=True),
    f"rare equal {BEST}": Row(rare=True, equal=True, augment=BEST),
}


def chosen(row, labels):
    """Return the places of the row's digits among ``labels``, int64 (n,), in their order."""
    each = np.full(10, len(labels) if row.n >= len(labels) else row.n // 10)
    if row.rare:
        each[RARE] = OF_RARE
    first = [np.flatnonzero(labels == label)[: each[label]] for label in range(10)]
    return np.sort(np.concatenate(first))


def order_of(row, labels, seed):
    """Return the batches of all steps, int32 (steps, batch): epochs over the row's ``labels``."""
    index = np.arange(len(labels))
    if row.equal:
        counts = np.bincount(labels, minlength=10)
        index = np.repeat(index, np.round(counts.max() / counts[labels]).astype(int))
    per_epoch = len(index) // DENSE.batch_size
    numbers = range(1, 2 + row.steps // per_epoch)
    orders = [engine.epoch_order(len(index), DENSE.batch_size, seed, k) for k in numbers]
    return index[np.concatenate(orders)[: row.steps]].astype(np.int32)


def build(row, seed):
    """Return an untrained model of ``row``: the recipe dense but for what D is shown."""
    model = cgan.build(seed=seed, augment=row.augment)
    if row.sees == "both":
        return model
    networks = model.generator, model.discriminator
    model = TURNS[row.sees](*networks, ema=DENSE.ema, seed=seed, augment=row.augment)
    model.compile(DENSE.adam("g"), DENSE.adam("d"))
    return model


def logits(model, row, images, labels, real=True):
    """Return D's mean logit on ``images`` (n, 28, 28, 1), changed as ``row`` shows them to D."""
    images = tf.constant(images)
    if row.augment and (real or row.sees != "real alone"):
        images = model.augment.of(images, tf.constant([0, int(real)]))
    return float(tf.reduce_mean(model.discriminator([images, tf.one_hot(labels, 10)])))


def by_heart(model, row, seen, unseen, label=None):
    """Return D's mean logits on digits that it learns from, that it has never seen, and on fakes.

    ``seen``, ``unseen``: (images, labels), of which the first 2,000 count; ``label``: only of this.
    """

    def of(images, labels):
        mine = slice(None) if label is None else labels == label
        return data.to_model(images[mine][:2000]), labels[mine][:2000]

    requested = sampling.label_grid(range(10) if label is None else [label], 200)
    noise = tf.constant(sampling.noise(len(requested), model.latent, seed=0))
    fakes = model.generator([noise, tf.one_hot(requested, 10)])
    found = {
        "seen": logits(model, row, *of(*seen)),
        "unseen": logits(model, row, *of(*unseen)),
        "fakes": logits(model, row, fakes, requested, real=False),
    }
    heart = (found["seen"] - found["unseen"]) / (found["seen"] - found["fakes"])
    return found | {"heart": heart}


class Real:
    """The 8,000 digits, what the judge sees in them, and their spread within each label."""

    def __init__(self, dataset):
        self.digits = dataset
        self.features = judge.look(dataset.x_train)[1]
        self.spread = metrics.spread(dataset.x_train, dataset.y_train)


def quality(images, requested, real, label=None):
    """Return the figures of samples beside the 8,000 real digits, or those of one label alone."""
    features = real.features
    if label is not None:
        mine = requested == label
        images, requested = images[mine], requested[mine]
        features = features[real.digits.y_train == label]
    recognised, drawn = judge.look(images)
    spread = metrics.spread(images, requested) / real.spread
    near = metrics.neighbourhoods(features, drawn)
    return {
        "agreement": metrics.agreement(requested, recognised),
        "diversity": float(np.nanmean(spread)),
        "frechet_distance": metrics.frechet_distance(drawn, features),
        **{name: near[name] for name in ("recall", "precision", "coverage")},
    }


def copied(images, requested, seen, unseen, label=None):
    """Return ``copies`` and ``to_seen``, of all samples or of those of one label."""
    if label is not None:
        images, requested = images[requested == label], requested[requested == label]
    mine = metrics.nearest_shifted(images, requested, *seen)[0]
    test = metrics.nearest_shifted(*unseen, *seen)[0]
    suspicious = metrics.suspicious(mine, requested, test, unseen[1])
    # As many of each label on both sides, since more have a nearer nearest.
    each = np.minimum(*(np.bincount(labels, minlength=10) for _, labels in (seen, unseen)))
    pairs = []
    for x, y in (seen, unseen):
        first = np.concatenate([np.flatnonzero(y == k)[: each[k]] for k in range(10)])
        pairs.append(metrics.nearest_shifted(images, requested, x[first], y[first])[0])
    return {"copies": float(suspicious.mean()), "to_seen": float(np.mean(pairs[0] < pairs[1]))}


def off_centre(images):
    """Return the mean distance in pixels of the middle of each image's light from (14, 14)."""
    light = images.reshape(len(images), 28, 28) / max(float(images.max()), 1.0)
    total = np.maximum(light.sum(axis=(1, 2)), 1e-6)
    middles = [(light.sum(axis=axis) @ np.arange(28)) / total - 14.0 for axis in (1, 2)]
    return float(np.hypot(*middles).mean())


def run(name, seed, real):
    """Train the row ``name`` with ``seed`` and return all that was measured."""
    row, dataset = ROWS[name], real.digits
    mine = chosen(row, dataset.y_train)
    seen = dataset.x_train[mine], dataset.y_train[mine]
    unseen = dataset.x_test, dataset.y_test
    images = tf.constant(data.to_model(seen[0]))
    labels = tf.constant(seen[1], tf.int32)
    order = order_of(row, seen[1], seed)
    requested = sampling.label_grid(range(10), SAMPLES // 10)
    model = build(row, seed)
    looks = []
    for part in np.split(order, LOOKS):
        engine.run_epoch(model, images, labels, part)
        samples = model.sample(requested, seed=seed)
        found = quality(samples, requested, real) | by_heart(model, row, seen, unseen)
        looks.append({"step": int(model.steps)} | found)
    last = {key: value for key, value in looks[-1].items() if key != "step"}
    last |= copied(samples, requested, seen, unseen) | {"off_centre": off_centre(samples)}
    rare = quality(samples, requested, real, RARE) | copied(samples, requested, seen, unseen, RARE)
    rare |= by_heart(model, row, seen, unseen, RARE)
    return {"row": name, "seed": seed, "n": len(mine), **last, "label_5": rare, "looks": looks}


def main():
    """Make the runs that were asked for and that the file lacks, one after another."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rows", help="separated by ;", default=";".join(ROWS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", type=path, default=Path("benchmarks/results/few.json"))
    arguments = parser.parse_args()
    runs = json.loads(arguments.out.read_text("utf-8"))["runs"] if arguments.out.exists() else []
    real = Real(data.load("digits"))
    for seed in map(int, arguments.seeds.split(",")):
        for name in arguments.rows.split(";"):
            if any(one["row"] == name and one["seed"] == seed for one in runs):
                continue
            one = run(name, seed, real)
            runs.append(one)
            files.write_json(arguments.out, {"data": "digits", "steps": STEPS, "runs": runs})
            shown = {key: value for key, value in one.items() if isinstance(value, float)}
            figures = "  ".join(f"{key} {value:.4g}" for key, value in shown.items())
            print(f"{name}, seed {seed}: {figures}", flush=True)


if __name__ == "__main__":
    main()
