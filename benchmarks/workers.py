"""Label agreement of two workers, each with half of every batch, beside one process with the whole
batch.

    python benchmarks/workers.py [--epochs 100] [--seeds 0,1,2] [--recipe dense]

Both workers are processes of this machine, joined over loopback by `training.strategy`; the one
process trains without XLA, as workers do, so that both draw the same noise from a seed. The digits
are the shipped ones.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from cgan_lab._support.names import path

ROOT = Path(__file__).resolve().parents[1]


def free_ports(count):
    """Return ``count`` ports of this machine that nothing uses."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


def train(kind, recipe, seed, epochs, folder):
    """Train one of the processes: ``kind`` is a name of a strategy."""
    from cgan_lab import cgan, data, training

    with training.strategy(kind).scope():
        model = cgan.build(recipe, seed=seed)
    model.jit_compile = False  # as workers train
    training.train(model, data.load("digits"), epochs, seed=seed, out=folder, progress=False)


def run(kind, *options):
    """Run the processes of a training; return the folder's model and the seconds of an epoch."""
    from cgan_lab import runs

    environments = [dict(os.environ)]
    if kind == "workers":
        cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
        tasks = [{"type": "worker", "index": index} for index in range(2)]
        configs = [json.dumps({"cluster": cluster, "task": task}) for task in tasks]
        environments = [{**os.environ, "TF_CONFIG": config} for config in configs]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--only", kind, *map(str, options), folder]
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}
        processes = [subprocess.Popen(command, env=env | quiet) for env in environments]
        codes = [process.wait() for process in processes]
        if any(codes):
            sys.exit(f"the training of {kind} {options} failed")
        model = runs.load(folder)
        rows = (Path(folder) / "history.csv").read_text(encoding="utf-8").splitlines()
        return model, float(rows[-1].split(",")[-1]) / int(model.epochs)


def main():
    if sys.argv[1:2] == ["--only"]:
        kind, recipe, seed, epochs, folder = sys.argv[2:]
        return train(kind, recipe, int(seed), int(epochs), folder)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--recipe", default="dense")
    parser.add_argument("--out", type=path, default="benchmarks/results/workers.json")
    arguments = parser.parse_args()

    from table import Table

    from cgan_lab import data, evaluation

    digits = data.load("digits")
    table = Table(arguments.out, recipe=arguments.recipe)
    for seed in map(int, arguments.seeds.split(",")):
        for kind in ("one", "workers"):
            model, seconds = run(kind, arguments.recipe, seed, arguments.epochs)
            report = evaluation.evaluate(model.sample, digits, seed=seed)
            table.add(kind, report, int(model.epochs), seconds)
    table.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
