"""Six ways for the label to enter, side by side: same layers, same optimizers, same number of epochs.

    python benchmarks/conditioning.py [--epochs 30] [--seeds 0,1,2] [--out benchmarks/results/conditioning.json]

`models.dense` on the shipped digits, once a way and seed; what changes is named by `models.WAYS`. Rounds are
interleaved: every way's epoch k runs before any way's epoch k + 1, so that a slow minute slows all and the seconds
compare. Prints agreement, Frechet distance, recall and precision of 10,000 samples a run, and the seconds.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import keras

from cgan_lab import cgan, data, judge, models, training

FIGURES = ("agreement", "frechet_distance", "recall", "precision", "diversity", "repeated")


def built(way, seed):
    """Return the compiled model of one run."""
    keras.utils.set_random_seed(seed)
    recipe = cgan.RECIPES["dense"]
    model = cgan.CGAN(*models.dense(way=way), loss=recipe.loss, ema=recipe.ema, seed=seed)
    model.compile(cgan.adam("dense", "g"), cgan.adam("dense", "d"))
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--ways", default=",".join(models.WAYS))
    parser.add_argument("--out", default="benchmarks/results/conditioning.json")
    arguments = parser.parse_args()
    digits, runs = data.load("digits"), []
    print("way             seed  agreement  Frechet  recall  precision  diversity  repeated  s/epoch")
    for seed in map(int, arguments.seeds.split(",")):
        trained = {way: built(way, seed) for way in arguments.ways.split(",")}
        seconds = {way: [] for way in trained}
        for epoch in range(1, arguments.epochs + 1):
            for way, model in trained.items():
                start = time.perf_counter()
                training.train(model, digits, seed=seed, epochs=epoch, batch_size=128, progress=False)
                seconds[way].append(time.perf_counter() - start)
        for way, model in trained.items():
            found = judge.evaluate(model.sample, digits, seed=seed)
            row = {"way": way, "seed": seed, "seconds_an_epoch": statistics.median(seconds[way][1:])}
            row |= {key: found[key] for key in (*FIGURES, "n", "judge_accuracy", "frechet_floor")}
            runs.append(row)
            print(
                f"{way:15} {seed:4}  {row['agreement']:9.2%}  {row['frechet_distance']:7.1f}  {row['recall']:6.3f}  "
                f"{row['precision']:9.3f}  {row['diversity']:9.2f}  {row['repeated']:8}  "
                f"{row['seconds_an_epoch']:7.2f}",
                flush=True,
            )
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    Path(arguments.out).write_text(json.dumps({"epochs": arguments.epochs, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
