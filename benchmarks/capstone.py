"""The table to beat in lesson 08: equal budgets on the shipped clothes, seeds 0, 1, 2.

    python benchmarks/capstone.py [--seeds 0,1,2] [--rows dense,conv,fashion-conv] [--out FILE]

A budget is as long as 30 epochs of the recipe `dense` take on the 8,000 training pictures. An epoch of `conv` takes
about six times as long, so it gets 5. "not averaged" are the weights of `dense`'s last step. `fashion-conv` is not
trained here: it ships, and a seed is that of its samples. Prints what `judge.evaluate` finds in 10,000 samples a run.
"""

import argparse
import json
from pathlib import Path

from cgan_lab import cgan, data, judge, recipes, training

EPOCHS = {"dense": 30, "conv": 5, "fashion-conv": 25}  # the last of the whole set
FIGURES = ("agreement", "diversity", "repeated", "frechet_distance", "precision", "recall", "coverage")
REAL = ("n", "judge_accuracy", "frechet_floor", "real", "per_label", "confusion")


def trained(name, clothes, seed):
    """Return {row: model} of one training, or of none for a model that ships."""
    if name in cgan.SHIPPED:
        return {name: cgan.shipped(name)}
    model, batch_size = cgan.build(name, seed=seed), recipes.RECIPES[name].batch_size
    training.train(model, clothes, seed=seed, epochs=EPOCHS[name], batch_size=batch_size, progress=False)
    if name != "dense":
        return {name: model}
    return {name: model, "dense, not averaged": cgan.CGAN(model.generator, model.discriminator, ema=0.0)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--rows", default=",".join(EPOCHS))
    parser.add_argument("--out", default="benchmarks/results/capstone.json")
    arguments = parser.parse_args()
    names = arguments.rows.split(",")
    if unknown := set(names) - set(EPOCHS):
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(EPOCHS)}.")
    clothes, runs = data.load("fashion"), []
    print(f"{'row':20} seed  " + "  ".join(f"{figure:>16}" for figure in FIGURES))
    for seed in map(int, arguments.seeds.split(",")):
        for name in names:
            for row, model in trained(name, clothes, seed).items():
                found = judge.evaluate(model.sample, clothes, seed=seed)
                runs.append({"row": row, "seed": seed, "epochs": EPOCHS[name]})
                runs[-1] |= {key: found[key] for key in (*FIGURES, *REAL)}
                print(f"{row:20} {seed:4}  " + "  ".join(f"{found[figure]:16.4g}" for figure in FIGURES), flush=True)
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    Path(arguments.out).write_text(json.dumps({"runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
