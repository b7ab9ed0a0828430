"""What a fixed amount of processor time buys on whole MNIST: a recipe's table after so many minutes, seeds 0, 1, 2.

    python benchmarks/budget.py --data PATH/mnist.npz [--recipe dense] [--minutes 5] [--seeds 0,1,2]
                                [--out benchmarks/results]

The minutes count the time that the processor's cores spent on this process, compilation included, both cores
added: the figure does not depend on what else the machine does, and two free cores are up to twice as fast.
An epoch is begun only if one more fits, by the longest so far. Prints what `judge.evaluate` finds in 10,000 samples a
run; nothing is chosen by its result.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from cgan_lab import cgan, data, judge, recipes, report, training

FIGURES = ("agreement", "diversity", "repeated", "frechet_distance", "precision", "recall", "density", "coverage")


def train(recipe, digits, seed, minutes):
    """Train until no further epoch fits; return the model and a dict of what it took."""
    model, batch_size = cgan.build(recipe, seed=seed), recipes.RECIPES[recipe].batch_size
    start, began, longest = time.process_time(), time.perf_counter(), 0.0
    while time.process_time() - start + longest < 60 * minutes:
        before, epoch = time.process_time(), int(model.epochs) + 1
        training.train(model, digits, seed=seed, epochs=epoch, batch_size=batch_size, progress=False)
        if epoch > 1:  # the first one compiles
            longest = max(longest, time.process_time() - before)
    return model, {
        "epochs": int(model.epochs),
        "processor_seconds": round(time.process_time() - start),
        "wall_seconds": round(time.perf_counter() - began),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--recipe", default="dense")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", default="benchmarks/results", help="folder for budget-RECIPE.json")
    arguments = parser.parse_args()
    digits, runs = data.load(arguments.data), []
    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    for seed in map(int, arguments.seeds.split(",")):
        model, took = train(arguments.recipe, digits, seed, arguments.minutes)
        found = judge.evaluate(model.sample, digits, seed=seed)
        runs.append({"recipe": arguments.recipe, **took})
        runs[-1] |= {key: found[key] for key in ("seed", "n", "judge_accuracy", "frechet_floor", *FIGURES)}
        print(took, report.table(found), sep="\n", flush=True)
        path = Path(arguments.out) / f"budget-{arguments.recipe}.json"
        path.write_text(json.dumps({"minutes": arguments.minutes, "runs": runs}, indent=1) + "\n")
    shares = [run["agreement"] for run in runs]
    print(f"label agreement: mean {statistics.mean(shares):.2%}, {min(shares):.2%} to {max(shares):.2%}")


if __name__ == "__main__":
    main()
