"""Rows x seeds -> a table and its JSON: what recipes reach, by 10,000 samples of each run.

    python benchmarks/table.py agreement [--epochs 100]   the default recipe beside the article's
    python benchmarks/table.py compare   [--epochs 30]    one change to the recipe dense at a time
    python benchmarks/table.py capstone  [--epochs 30]    the table to beat in lesson 08, on clothes
    python benchmarks/table.py newer     [--epochs 30]    what lesson 10 adds, a change at a time
    python benchmarks/table.py budget --data PATH/mnist.npz [--rows dense] [--minutes 5]

More options: --rows a,b --seeds 0,1,2 --precision float32 --data NAME --out FILE. Every row's epoch
k runs before any row's epoch k + 1, so that a slow minute slows all rows and their seconds compare.
A row whose losses stop being numbers keeps its last good weights; it stays in the table. "not
averaged" is the row before it with the weights of its last step. `budget` trains for minutes of
processor time, both cores added, compilation included: it does not depend on what else the machine
does.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from cgan_lab import data, evaluation, networks, training
from cgan_lab._support.names import path

FIGURES = (
    "agreement",
    "diversity",
    "repeated",
    "frechet_distance",
    "precision",
    "recall",
    "coverage",
)
KEPT = ("n", "seed", "judge_accuracy", "standard_error", "frechet_floor", "per_label", "confusion")
RECIPES = {name: {"recipe": name} for name in ("article", "dense", "conv")}
CLASSIFYING = "auxiliary", "both"  # D learns the classes of fakes, too, as in Odena et al. 2017
# table -> (data, epochs, rows: name -> what `cgan.build` takes, or a shipped model's name)
TABLES = {
    "agreement": ("digits", 100, RECIPES),
    "compare": (
        "digits",
        30,
        {way: {"way": way, "class_on_fakes": way in CLASSIFYING} for way in networks.WAYS}
        | {
            "hinge": {"loss": "hinge"},
            "least squares": {"loss": "least_squares"},
            "R1": {"penalty": "r1"},
            "WGAN-GP": {"loss": "wasserstein", "penalty": "wgan_gp", "beta_2": 0.9},
            "spectral hinge": {"loss": "hinge", "spectral": True},
        },
    ),
    "capstone": ("fashion", 30, {"dense": {}, "conv": {"recipe": "conv"}, "fashion-conv": None}),
    "newer": (
        "digits",
        30,
        {
            "projection": {},
            "FiLM": {"modulation": "alone"},
            "FiLM and concatenated": {"modulation": "both"},
            "auxiliary": {"way": "auxiliary"},
            "auxiliary on fakes too": {"way": "auxiliary", "class_on_fakes": True},
            "relativistic": {"loss": "relativistic"},
            "non-saturating with R1 and R2": {"penalty": "r1_r2"},
            "relativistic with R1 and R2": {"loss": "relativistic", "penalty": "r1_r2"},
            "conv": {"recipe": "conv"},
            "conv: conditional BN": {"recipe": "conv", "modulation": "alone"},
            "conv: both": {"recipe": "conv", "modulation": "both"},
        },
    ),
    "budget": ("mnist", 10**9, RECIPES),
}
AVERAGED = {"compare": "projection", "capstone": "dense"}  # rows shown without their average, too
SHARE = {  # an epoch of these takes six times as long: a sixth of the epochs
    ("capstone", "conv"): 6,
    ("newer", "conv"): 6,
    ("newer", "conv: conditional BN"): 6,
    ("newer", "conv: both"): 6,
}


class Table:
    """Prints a line per run and keeps all runs in a JSON file, written anew after each."""

    def __init__(self, out, **settings):
        self.out = Path(out)
        self.settings = settings
        self.runs = []
        self.out.parent.mkdir(parents=True, exist_ok=True)
        heads = "  ".join(f"{figure:>16}" for figure in FIGURES)
        print(f"{'row':24} seed  {heads}  {'s/epoch':>8}  epochs")

    def add(self, row, report, epochs, seconds):
        """Keep and print what was measured of one run of ``row``; ``seconds``: of an epoch."""
        found = report.as_json()
        run = {"row": row, "epochs": epochs, "seconds_per_epoch": seconds}
        run |= {name: found[name] for name in (*KEPT, *FIGURES, "real")}
        self.runs.append(run)
        figures = "  ".join(f"{found[figure]:16.4g}" for figure in FIGURES)
        print(f"{row:24} {report.seed:4}  {figures}  {seconds or 0:8.2f}  {epochs:6}", flush=True)
        text = json.dumps({**self.settings, "runs": self.runs}, indent=1)
        self.out.write_text(text + "\n", encoding="utf-8")

    def end(self):
        """Print mean, lowest and highest agreement of each row."""
        for row in dict.fromkeys(run["row"] for run in self.runs):
            shares = [run["agreement"] for run in self.runs if run["row"] == row]
            low, high = min(shares), max(shares)
            print(f"{row:24} mean {statistics.mean(shares):9.2%}  from {low:.2%} to {high:.2%}")


def trained(rows, dataset, seed, epochs, minutes=None, precision="float32"):
    """Train each of ``rows`` once, an epoch in turn.

    ``epochs``: a number per row; ``minutes``: of processor time per row, or None for no limit.
    Returns {name: (model, median seconds of an epoch)}.
    """
    from cgan_lab import cgan  # only now: it starts TensorFlow

    models = {name: cgan.build(seed=seed, precision=precision, **row) for name, row in rows.items()}
    seconds = {name: [] for name in rows}
    spent = {name: [] for name in rows}  # processor time
    going = set(rows)
    while going:
        for name in [name for name in rows if name in going]:
            model = models[name]
            begun = time.perf_counter()
            used = time.process_time()
            epoch = int(model.epochs) + 1
            try:
                training.train(model, dataset, epoch, seed=seed, progress=False)
            except FloatingPointError:
                going.discard(name)
                continue
            seconds[name].append(time.perf_counter() - begun)
            spent[name].append(time.process_time() - used)
            longest = max(spent[name][1:], default=spent[name][0])  # the first one compiles
            too_long = minutes and sum(spent[name]) + longest > 60 * minutes
            if epoch >= epochs[name] or too_long:
                going.discard(name)
    return {n: (models[n], statistics.median(seconds[n]) if seconds[n] else None) for n in rows}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--rows")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--minutes", type=float, default=5.0, help="for budget")
    parser.add_argument("--precision", default="float32", help=", ".join(networks.PRECISIONS))
    parser.add_argument("--data")
    parser.add_argument("--out", type=path)
    arguments = parser.parse_args()
    name = arguments.table
    where, epochs, rows = TABLES[name]
    epochs = arguments.epochs or epochs
    chosen = (arguments.rows or ",".join(rows)).split(",")
    if unknown := set(chosen) - set(rows):
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(rows)}.")
    dataset = data.load(arguments.data or where)
    made = {row: rows[row] for row in chosen if rows[row] is not None}
    planned = {row: epochs // SHARE.get((name, row), 1) for row in made}
    minutes = arguments.minutes if name == "budget" else None
    out = arguments.out or Path(f"benchmarks/results/{name}.json")
    from cgan_lab import cgan

    table = Table(out, table=name, data=dataset.name, precision=arguments.precision)
    for seed in map(int, arguments.seeds.split(",")):
        models = trained(made, dataset, seed, planned, minutes, arguments.precision)
        for row in chosen:
            model, seconds = models.get(row) or (cgan.shipped(row), None)
            measured = {row: model}
            if AVERAGED.get(name) == row:
                last = cgan.CGAN(model.generator, model.discriminator, ema=0.0)
                measured[f"{row}, not averaged"] = last
            for label, one in measured.items():
                report = evaluation.evaluate(one.sample, dataset, seed=seed)
                table.add(label, report, int(model.epochs), seconds)
    table.end()


if __name__ == "__main__":
    main()
