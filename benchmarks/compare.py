"""What a change to the recipe `dense` is worth: one at a time, same layer sizes, same number of epochs.

    python benchmarks/compare.py [--epochs 30] [--seeds 0,1,2] [--rows scaled_one_hot,R1] [--out FILE]

Seven ways for the label to enter (`networks.WAYS`; the recipe's own is "projection"), other losses, penalties and
normalisation, and the averaged generator. Trains on the shipped digits, once a row and seed, but for "not averaged",
which is "projection" with the weights of its last step. Rounds are interleaved: every row's epoch k runs before any
row's epoch k + 1, so that a slow minute slows all and the seconds compare. Prints what `judge.evaluate` finds in 10,000
samples a run, and the median seconds of an epoch; failures stay in the table.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from cgan_lab import cgan, data, judge, networks, recipes, training

# What is given to `cgan.build`.
ROWS = {way: {"networks": {"way": way}} for way in networks.WAYS} | {
    "hinge": {"loss": "hinge"},
    "least squares": {"loss": "least_squares"},
    "R1": {"penalty": "r1"},
    "WGAN-GP": {"loss": "wasserstein", "penalty": "wgan_gp", "beta_2": 0.9},
    "spectral hinge": {"loss": "hinge", "networks": {"spectral": True}},
}
FIGURES = ("agreement", "diversity", "repeated", "frechet_distance", "precision", "recall", "coverage")
BATCH = recipes.RECIPES["dense"].batch_size


def one_seed(names, digits, seed, epochs):
    """Train each of ``names`` once, epoch by epoch in turn; return {name: (model, seconds an epoch)}.

    A row whose losses stop being numbers keeps its last good weights and is not trained on.
    """
    trained = {name: (cgan.build(seed=seed, **ROWS[name]), []) for name in names}
    for epoch in range(1, epochs + 1):
        for model, seconds in trained.values():
            if int(model.epochs) < epoch - 1:
                continue
            start = time.perf_counter()
            try:
                training.train(model, digits, seed=seed, epochs=epoch, batch_size=BATCH, progress=False)
            except FloatingPointError:
                continue
            seconds.append(time.perf_counter() - start)
    return {name: (model, statistics.median(seconds or [float("nan")])) for name, (model, seconds) in trained.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--out", default="benchmarks/results/compare.json")
    arguments = parser.parse_args()
    names = arguments.rows.split(",")
    if unknown := set(names) - set(ROWS):
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}.")
    digits, runs = data.load("digits"), []
    print(f"{'row':16} seed  " + "  ".join(f"{figure:>16}" for figure in FIGURES) + "  s/epoch  epochs")
    for seed in map(int, arguments.seeds.split(",")):
        for name, (model, seconds) in one_seed(names, digits, seed, arguments.epochs).items():
            measured = {name: model}
            if name == "projection":
                measured["not averaged"] = cgan.CGAN(model.generator, model.discriminator, ema=0.0)
            for row, sampled in measured.items():
                found = judge.evaluate(sampled.sample, digits, seed=seed)
                runs.append({"row": row, "seed": seed, "seconds_an_epoch": seconds, "epochs": int(model.epochs)})
                runs[-1] |= {key: found[key] for key in (*FIGURES, "n", "judge_accuracy", "frechet_floor")}
                figures = "  ".join(f"{found[figure]:16.4g}" for figure in FIGURES)
                print(f"{row:16} {seed:4}  {figures}  {seconds:7.2f}  {int(model.epochs):6}", flush=True)
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    Path(arguments.out).write_text(json.dumps({"epochs": arguments.epochs, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
