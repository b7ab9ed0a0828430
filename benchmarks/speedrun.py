"""How soon are the digits good? Seconds of training from a built model to two fixed targets.

    python benchmarks/speedrun.py                                  every entry, five seeds
    python benchmarks/speedrun.py --entries dense,auxiliary --seeds 0
    python benchmarks/speedrun.py --target first                   runs end at the first digits
    python benchmarks/speedrun.py --try '{"batch_size": 64}' --seeds 0,1   an entry of your own

The data are the shipped digits, the machine's two cores are yours alone. After each epoch the clock
stands still while the shipped judge reads 10,000 samples.

    first digits: label agreement 95 % or more, Frechet distance 50 or less
    good digits:  agreement 98.9 %, Frechet distance 5.5, recall 0.70, precision 0.95, or better

A run ends at --target, or at the first loss that is no finite number, or after --epochs.
With one seed, entries take turns: every entry runs seed 0 before any runs seed 1, so that a slow
hour slows all. An entry beats another one if none of its seeds fails and the interval of two
standard errors of its mean seconds lies below the other's: by one lucky seed none does. Compiling
counts, importing does not.
"""

import argparse
import json
import statistics
import time

from cgan_lab import data, engine, judge, metrics, sampling, training
from cgan_lab._support import files
from cgan_lab._support.names import path

SAMPLES = 10_000
# target -> figure -> (better is "at least" or "at most", the bound)
TARGETS = {
    "first": {"agreement": (">=", 0.95), "frechet_distance": ("<=", 50.0)},
    "good": {
        "agreement": (">=", 0.989),
        "frechet_distance": ("<=", 5.5),
        "recall": (">=", 0.70),
        "precision": (">=", 0.95),
    },
}
# entry -> what `cgan.build` takes; the first one is what the others are compared with
ENTRIES = {
    "dense": {},
    "auxiliary": {"way": "both", "auxiliary": 0.5, "batch_size": 64},
    "mismatch": {
        "mismatch": 0.5,
        "loss": "hinge",
        "g_rate": 8e-4,
        "ema": 0.9995,
        "batch_size": 64,
    },
}


class Reached(Exception):
    """The last target is reached."""


class Clock(engine.Listener):
    """A listener that judges after each epoch, and does not count the time that judging takes."""

    def __init__(self, model, real, requested, seed, last):
        self.model = model
        self.real = real  # features of the real training images
        self.requested = requested
        self.seed = seed
        self.last = last  # the target that ends the run
        self.seconds = 0.0
        self.rows = []
        self.reached = {}
        self.began = time.perf_counter()

    def on_epoch(self, row):
        """Stop the clock, judge, and go on."""
        self.seconds += time.perf_counter() - self.began
        images = self.model.sample(self.requested, seed=self.seed)
        found = look_at(images, self.requested, self.real)
        self.rows.append({"epoch": row["epoch"], "seconds": self.seconds, **found})
        for name, bounds in TARGETS.items():
            if name not in self.reached and meets(found, bounds):
                self.reached[name] = {"epoch": row["epoch"], "seconds": self.seconds}
        if self.last in self.reached:
            raise Reached
        self.began = time.perf_counter()


def look_at(images, requested, real, final=False):
    """Return the figures of ``images``, asked for as ``requested``, beside the features ``real``.

    Recall and precision take longer: they come if the other two are good enough, or if ``final``.
    """
    recognised, features = judge.look(images)
    found = {
        "agreement": metrics.agreement(requested, recognised),
        "frechet_distance": metrics.frechet_distance(features, real),
    }
    near = {name: bound for name, bound in TARGETS["good"].items() if name in found}
    if final or meets(found, near):
        balls = metrics.neighbourhoods(real[: len(features)], features)
        found |= {name: balls[name] for name in ("recall", "precision")}
    return found


def meets(found, bounds):
    """Return whether all figures in ``bounds`` are in ``found`` and good enough."""
    return all(
        name in found and (found[name] >= bound if sign == ">=" else found[name] <= bound)
        for name, (sign, bound) in bounds.items()
    )


def run(changes, seed, dataset, epochs, last="good"):
    """Train one entry with one seed up to the target ``last``; return what it reached, its rows."""
    from cgan_lab import cgan  # only now: it starts TensorFlow

    labels = dataset.labels
    requested = sampling.label_grid(labels, SAMPLES // len(labels))
    real = judge.look(dataset.x_train)[1]
    model = cgan.build(seed=seed, **changes)
    clock = Clock(model, real, requested, seed, last)
    failure = None
    try:
        training.train(model, dataset, epochs, seed=seed, progress=False, listeners=[clock])
    except Reached:
        pass
    except FloatingPointError as error:
        failure = str(error)
    return {"seed": seed, "reached": clock.reached, "failure": failure, "rows": clock.rows}


def summary(runs, name):
    """Return (mean seconds, standard error, runs that did not reach the target ``name``)."""
    seconds = [one["reached"][name]["seconds"] for one in runs if name in one["reached"]]
    failed = len(runs) - len(seconds)
    if not seconds:
        return None, None, failed
    error = statistics.stdev(seconds) / len(seconds) ** 0.5 if len(seconds) > 1 else None
    return statistics.mean(seconds), error, failed


def line(name, runs, baseline, targets=tuple(TARGETS)):
    """Return one row of the table: for each target mean, standard error, share of the baseline."""
    cells = []
    for target in targets:
        mean, error, failed = summary(runs, target)
        usual = summary(baseline, target)[0]
        text = "-" if mean is None else f"{mean:.1f}" + (f" ± {error:.1f}" if error else "")
        share = f" ({mean / usual:.2f})" if mean and usual else ""
        cells.append(f"{text}{share}" + (f", {failed} failed" if failed else ""))
    return f"{name:32} {len(runs):5}  " + "  ".join(f"{cell:>28}" for cell in cells)


def main():
    """Run the entries that were asked for, print a table and write every epoch of every run."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--entries", default=",".join(ENTRIES))
    parser.add_argument("--try", dest="tried", type=json.loads, action="append", default=[])
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--target", choices=TARGETS, default="good")
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--out", type=path, default="benchmarks/results/speedrun.json")
    arguments = parser.parse_args()
    entries = {name: ENTRIES[name] for name in filter(None, arguments.entries.split(","))}
    entries |= {json.dumps(changes): changes for changes in arguments.tried}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    dataset = data.load("digits")
    judge.look(dataset.x_train[:500])  # compiled before any clock runs
    found = {name: [] for name in entries}
    for seed in map(int, arguments.seeds.split(",")):
        for name, changes in entries.items():
            one = run(changes, seed, dataset, arguments.epochs, arguments.target)
            found[name].append(one)
            reached = {key: round(value["seconds"], 1) for key, value in one["reached"].items()}
            last = {k: round(value, 4) for k, value in (one["rows"] or [{}])[-1].items()}
            print(f"{name} seed {seed}: {reached} {one['failure'] or ''} {last}", flush=True)
            files.write_json(arguments.out, {"entries": entries, "runs": found})
    targets = list(TARGETS)[: list(TARGETS).index(arguments.target) + 1]
    heads = "  ".join(f"{target + ' digits, s':>28}" for target in targets)
    print(f"{'entry':32} seeds  {heads}")
    baseline = found[next(iter(entries))]
    for name, runs in found.items():
        print(line(name, runs, baseline, targets))


if __name__ == "__main__":
    main()
