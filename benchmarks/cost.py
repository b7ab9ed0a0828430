"""What training costs: how it grows with batch, width and images; time to the first epoch; memory.

    python benchmarks/cost.py [--rounds 5] [--data digits] [--out benchmarks/results/cost.json]

Rounds are interleaved, so that a slow minute slows all rows. The start is measured on the whole
command ``python -m cgan_lab train``, in a process of its own: from the command to the end of the
first epoch and, for comparison, how long a later epoch takes; its memory is the most that it ever
held (resident set).
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cgan_lab import data, training
from cgan_lab._support.names import path

BATCHES, WIDTHS, IMAGES = (32, 64, 128, 256, 512), (0.5, 1.0, 2.0), (1000, 2000, 4000, 8000)


def first(digits, n):
    """Return ``digits`` with the first ``n`` training images."""
    return dataclasses.replace(digits, x_train=digits.x_train[:n], y_train=digits.y_train[:n])


def one_epoch(digits, batch_size=128, width=1.0):
    """Return a function that trains one epoch more and returns its seconds, compiled beforehand."""
    from cgan_lab import cgan  # only now: it starts TensorFlow

    model = cgan.build("dense", digits.classes, width=width)

    def run():
        rows = training.train(
            model, digits, epochs=int(model.epochs) + 1, batch_size=batch_size, progress=False
        ).rows
        return rows[-1]["seconds"]

    run()
    return run


def grown(digits, rounds):
    """Return {"batch 64": [seconds per epoch, one per round], ...}."""
    rows = {f"batch {batch}": one_epoch(digits, batch_size=batch) for batch in BATCHES}
    rows |= {f"width {width:g}": one_epoch(digits, width=width) for width in WIDTHS}
    rows |= {f"images {n}": one_epoch(first(digits, n)) for n in IMAGES}
    seconds = {name: [] for name in rows}
    for _ in range(rounds):
        for name, run in rows.items():
            seconds[name].append(run())
    return seconds


def started(name):
    """Return seconds to the first epoch, seconds of the second, and megabytes, of a new process on
    ``name``.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "cgan_lab",
            "train",
            "--data",
            name,
            "--epochs",
            "2",
            "--batch-size",
            "128",
        ]
        begin, times = time.perf_counter(), []
        process = subprocess.Popen(
            [*command, "--out", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for line in process.stdout:
            if line.startswith(b"epoch"):
                times.append(time.perf_counter() - begin)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"cost.py: training on {name} failed; run it by hand to see why.")
    return times[0], times[1] - times[0], used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--data",
        default="digits",
        help="digits, mnist or an .npz file, for the start and the memory",
    )
    parser.add_argument("--out", type=path, default=Path("benchmarks/results/cost.json"))
    arguments = parser.parse_args()
    starts = [started(arguments.data) for _ in range(arguments.rounds)]
    for what, values in zip(
        ("first epoch, s", "second epoch, s", "memory, MB"), zip(*starts, strict=True), strict=True
    ):
        print(
            f"{what:16} {statistics.median(values):8.1f}  ({min(values):.1f} to {max(values):.1f})"
        )
    digits = data.load("digits")
    seconds = grown(digits, arguments.rounds)
    for name, values in seconds.items():
        n = int(name.split()[1]) if name.startswith("images") else len(digits.x_train)
        batch = int(name.split()[1]) if name.startswith("batch") else 128
        median = statistics.median(values)
        print(
            f"{name:16} {median:8.3f}  ({min(values):.3f} to {max(values):.3f}) s an epoch, "
            f"{1000 * median / (n // batch):.1f} ms per step, "
            f"{n // batch * batch / median:,.0f} images/s"
        )
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(
        json.dumps({"data": arguments.data, "starts": starts, "epochs": seconds}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
