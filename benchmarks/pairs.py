"""What does the relativistic pair do to the recipe `dense`, alone and with R1 and R2? And why?

    python benchmarks/pairs.py [--rows a,b] [--seeds 0] [--out FILE]

Every row is the recipe `dense` on the shipped digits with the changes of `ROWS`, judged by 10,000
samples as in `table.py`. Runs that the file already holds are not made again. Beside the samples'
figures: the label agreement of 2,000 samples after every fifth epoch (`heard`), each epoch's mean
losses of D and G (`losses`), and what the last weights make of 2,000 pairs of a training image and
a fake of its label: the share whose real one has the higher logit (`won`), the standard deviation
of the real ones' logits (`spread`) and the median length of D's slope at them (`slope`). Seed 0 of
three rows was run before the script had the last two.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import race
import table

from cgan_lab import data, engine, evaluation, losses, recipes, sampling, training
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import tf

DENSE = recipes.RECIPES["dense"]
PAIR = losses.LOSSES["relativistic"]
PLAIN = losses.LOSSES["non_saturating"]


def shuffled(loss):
    """Return the paired ``loss`` with the next row's real picture, of another label, as partner."""

    def other(real):
        return tf.roll(real, 1, axis=0)

    return losses.Loss(
        "other_labels",
        lambda real, fake: loss.discriminator(other(real), fake),
        lambda fake, real: loss.generator(fake, other(real)),
        paired=True,
    )


def all_pairs(loss):
    """Return the paired ``loss`` of every fake with every real picture of the batch."""

    def against(function, mine, other):
        return function(mine, tf.transpose(other))  # (n, 1), (1, n): the loss takes the mean

    return losses.Loss(
        "all_pairs",
        lambda real, fake: against(loss.discriminator, real, fake),
        lambda fake, real: against(loss.generator, fake, real),
        paired=True,
    )


def gamma(weight):
    """Return R1 and R2 with this gamma, where `losses.PENALTIES` has 0.1."""
    r1_r2 = losses.PENALTIES["r1_r2"].of
    return losses.Penalty(f"r1_r2_{weight:g}", lambda *given: 10 * weight * r1_r2(*given))


def rates(g=1.0, d=1.0):
    """Return the fields that multiply both rates of `dense`."""
    return {"g_rate": g * DENSE.g_rate, "d_rate": d * DENSE.d_rate}


# Half of the pair: D plays one loss, G the other.
ONLY_D = losses.Loss("only_d", PAIR.discriminator, lambda fake, real: PLAIN.generator(fake), True)
ONLY_G = losses.Loss("only_g", PLAIN.discriminator, PAIR.generator, paired=True)
EPOCHS = 30  # unless a row has its own
OF_D = ("won", "spread", "slope")
REL = {"loss": "relativistic"}
BOTH = {"penalty": "r1_r2"}
# row -> fields of the recipe; "adversarial" and "charge" replace the built model's loss and penalty
ROWS = {
    "non-saturating": {},
    "relativistic": REL,
    "non-saturating with R1 and R2": BOTH,
    "relativistic with R1 and R2": REL | BOTH,
    "relativistic with R1 and R2, gamma 1": {**REL, "charge": gamma(1.0)},
    "relativistic, other labels": {"adversarial": shuffled(PAIR)},
    "relativistic, all pairs": {"adversarial": all_pairs(PAIR)},
    "only D relativistic": {"adversarial": ONLY_D},
    "only G relativistic": {"adversarial": ONLY_G},
    "relativistic, half the rates": REL | rates(0.5, 0.5),
    "relativistic, twice the rates": REL | rates(2, 2),
    "relativistic, half of D's rate": REL | rates(1, 0.5),
    "relativistic, equal rates": REL | rates(1, 1 / 3),
    "relativistic, one-hot times 5": REL | {"way": "scaled_one_hot"},
    "relativistic with R1 and R2, other labels": {"adversarial": shuffled(PAIR), **BOTH},
    "relativistic, 60 epochs": REL | {"epochs": 60},
}


class Heard(engine.Listener):
    """Keeps the label agreement after every fifth epoch, and each epoch's losses."""

    def __init__(self, model, labels, seed):
        self.ear = race.Ear(model, labels, seed)
        self.losses = []

    def on_epoch(self, row):
        """Keep the losses; draw, let the judge read, and keep the share that is as asked."""
        self.losses.append([round(row["d_loss"], 4), round(row["g_loss"], 4)])
        if row["epoch"] % 5 == 0:
            self.ear.on_epoch(row)


def build(row, seed):
    """Return the untrained model of ``row``."""
    from cgan_lab import cgan

    changes = {name: value for name, value in ROWS[row].items() if name != "epochs"}
    loss, charge = changes.pop("adversarial", None), changes.pop("charge", None)
    model = cgan.build(seed=seed, **changes)
    model.adversarial = loss or model.adversarial
    model.penalty = charge or model.penalty
    return model


def opponent(model, images, labels):
    """Return {figure: what D's last weights make of real ``images`` and G's last fakes}."""
    label = tf.one_hot(labels, model.classes)
    noise = tf.constant(sampling.noise(len(labels), model.latent, seed=1), tf.float32)
    real = tf.constant(data.to_model(images))
    with tf.GradientTape() as tape:
        tape.watch(real)
        logits = model.discriminator([real, label])
    slopes = np.linalg.norm(tape.gradient(logits, real).numpy().reshape(len(images), -1), axis=1)
    real = logits.numpy()
    fake = model.discriminator([model.generator([noise, label]), label]).numpy()
    found = {"won": np.mean(real > fake), "spread": real.std(), "slope": np.median(slopes)}
    return {name: round(float(value), 4) for name, value in found.items()}


def measured(row, seed, dataset):
    """Train ``row`` with ``seed`` and return what is kept of the run."""
    epochs = ROWS[row].get("epochs", EPOCHS)
    model = build(row, seed)
    heard = Heard(model, dataset.labels, seed)
    try:
        training.train(model, dataset, epochs, seed=seed, progress=False, listeners=[heard])
    except FloatingPointError:
        pass  # the last good weights are measured, and the epochs tell
    report = evaluation.evaluate(model.sample, dataset, seed=seed).as_json()
    return (
        {"row": row, "seed": seed, "epochs": int(model.epochs)}
        | {name: report[name] for name in table.FIGURES}
        | opponent(model, dataset.x_train[:2000], dataset.y_train[:2000])
        | {"heard": heard.ear.agreement, "losses": heard.losses}
    )


def main():
    """Train each row with each seed and write all runs."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rows", default=";".join(ROWS), help="separated by ;")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--out", type=path, default=Path("benchmarks/results/pairs.json"))
    arguments = parser.parse_args()
    dataset = data.load("digits")
    runs = json.loads(arguments.out.read_text("utf-8"))["runs"] if arguments.out.exists() else []
    for seed in map(int, arguments.seeds.split(",")):
        for row in arguments.rows.split(";"):
            if any((row, seed) == (run["row"], run["seed"]) for run in runs):
                continue
            run = measured(row, seed, dataset)
            runs.append(run)
            shown = "  ".join(f"{run[name]:.4g}" for name in (*table.FIGURES, *OF_D))
            print(f"{row:34} seed {seed}  {shown}  heard {np.round(run['heard'], 3)}", flush=True)
            files.write_json(arguments.out, {"runs": runs})


if __name__ == "__main__":
    main()
