"""Label agreement of the default recipe and of the article's network, on the shipped digits, seeds 0, 1, 2.

    python benchmarks/agreement.py [--epochs 100] [--seeds 0,1,2] [--recipes article,dense] [--precision float32]

What ``make demo`` does, once a seed, beside the article's network, at its own batch of 64, for as many epochs.
Prints each run and the mean; writes benchmarks/results/agreement.json.
"""

import argparse
import json
import statistics
from pathlib import Path

from cgan_lab import cgan, data, judge, networks, recipes, training

FIGURES = ("agreement", "diversity", "repeated", "frechet_distance")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--recipes", default=",".join(recipes.RECIPES))
    parser.add_argument("--precision", default="float32", help=", ".join(networks.PRECISIONS))
    parser.add_argument("--out", default="benchmarks/results/agreement.json")
    arguments = parser.parse_args()
    digits, results = data.load("digits"), []
    print("recipe   seed  agreement  diversity  repeated  Frechet   seconds")
    for name in arguments.recipes.split(","):
        for seed in map(int, arguments.seeds.split(",")):
            model = cgan.build(name, seed=seed, precision=arguments.precision)
            history = training.train(
                model,
                digits,
                seed=seed,
                epochs=arguments.epochs,
                batch_size=recipes.RECIPES[name].batch_size,
                progress=False,
            )
            found = judge.evaluate(model.sample, digits, seed=seed)
            row = {"recipe": name, "seed": seed, "seconds": history.rows[-1]["seconds"]}
            row.update({key: found[key] for key in (*FIGURES, "n", "judge_accuracy", "frechet_floor")})
            results.append(row)
            print(
                f"{name:8} {seed:4}  {row['agreement']:9.2%}  {row['diversity']:9.2f}  {row['repeated']:8}  "
                f"{row['frechet_distance']:7.1f}  {row['seconds']:8.0f}",
                flush=True,
            )
        shares = [row["agreement"] for row in results if row["recipe"] == name]
        print(f"{name:8} mean  {statistics.mean(shares):9.2%}  from {min(shares):.2%} to {max(shares):.2%}", flush=True)
    floor = results[0]["frechet_floor"]
    print(f"n = 10,000 samples a run, judge {results[0]['judge_accuracy']:.2%}, real against real {floor:.2f}")
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    Path(arguments.out).write_text(
        json.dumps({"epochs": arguments.epochs, "precision": arguments.precision, "runs": results}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
