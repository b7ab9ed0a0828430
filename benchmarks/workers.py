"""Label agreement of two workers, each with half of every batch, beside one process with the whole batch.

    python benchmarks/workers.py [--epochs 100] [--seeds 0,1,2] [--recipe dense] [--out benchmarks/results/workers.json]

Both workers are processes of this machine, joined over loopback by `distributed.strategy`; the one process trains
without XLA, as workers do, so that both draw the same noise from a seed. The digits are the shipped ones.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import loopback  # noqa: E402

FIGURES = ("agreement", "standard_error", "diversity", "precision", "recall", "frechet_distance")


def train(kind, recipe, seed, epochs, folder):
    """Train one of the processes: ``kind`` is a name of `distributed.STRATEGIES`."""
    from cgan_lab import cgan, data, recipes, training
    from cgan_lab._support import distributed

    with distributed.strategy(kind).scope():
        model = cgan.build(recipe, seed=seed)
    if kind == "one":
        model.compile(model.g_optimizer, model.d_optimizer, jit_compile=False)
    batch = recipes.RECIPES[recipe].batch_size
    training.train(model, data.load("digits"), seed=seed, epochs=epochs, batch_size=batch, out=folder, progress=False)


def run(kind, *options):
    """Run the processes of a training and return the folder's model, read anew."""
    from cgan_lab import runs

    environments = [dict(os.environ)]
    if kind == "workers":
        cluster = {"worker": [f"127.0.0.1:{port}" for port in loopback.free_ports(2)]}
        tasks = [{"type": "worker", "index": index} for index in range(2)]
        environments = [{**os.environ, "TF_CONFIG": json.dumps({"cluster": cluster, "task": t})} for t in tasks]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--only", kind, *map(str, options), folder]
        processes = [subprocess.Popen(command, env={**env, "TF_CPP_MIN_LOG_LEVEL": "3"}) for env in environments]
        codes = [process.wait() for process in processes]
        if any(codes):
            sys.exit(f"the training of {kind} {options} failed")
        history = (Path(folder) / "history.csv").read_text(encoding="utf-8").splitlines()
        return runs.load(folder), float(history[-1].split(",")[-1])


def main():
    if sys.argv[1:2] == ["--only"]:
        kind, recipe, seed, epochs, folder = sys.argv[2:]
        return train(kind, recipe, int(seed), int(epochs), folder)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--recipe", default="dense")
    parser.add_argument("--out", default="benchmarks/results/workers.json")
    arguments = parser.parse_args()

    from cgan_lab import data, judge

    digits, rows = data.load("digits"), []
    print("processes  seed  agreement  diversity  recall  Frechet  seconds")
    for seed in map(int, arguments.seeds.split(",")):
        for kind in ("one", "workers"):
            model, seconds = run(kind, arguments.recipe, seed, arguments.epochs)
            found = judge.evaluate(model.sample, digits, seed=seed)
            row = {"processes": kind, "seed": seed, "seconds": seconds, **{key: found[key] for key in FIGURES}}
            rows.append(row)
            print(
                f"{kind:9}  {seed:4}  {row['agreement']:9.2%}  {row['diversity']:9.2f}  {row['recall']:6.3f}  "
                f"{row['frechet_distance']:7.2f}  {seconds:7.0f}",
                flush=True,
            )
    for kind in ("one", "workers"):
        shares = [row["agreement"] for row in rows if row["processes"] == kind]
        print(f"{kind:9}  mean  {statistics.mean(shares):9.2%}  from {min(shares):.2%} to {max(shares):.2%}")
    settings = {"epochs": arguments.epochs, "recipe": arguments.recipe, "n": 10_000, "runs": rows}
    Path(arguments.out).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
