"""Is each patient of the failure clinic ill in its own way, whatever the seed?

    python benchmarks/clinic_seeds.py [--patients A,B] [--seeds 0,1,2] [--out FILE]

Trains every patient with every seed, and the healthy setting, as lesson 06 does;
tests/test_clinic.py holds one seed. Exits with 1 if one is not as the lesson says.
"""

import argparse
import json
import sys

from cgan_lab import clinic, data
from cgan_lab._support.names import path

FIGURES = {
    "agreement": ".2f",
    "diversity": ".2f",
    "darkest": ".0f",
    "d_loss": ".3g",
    "g_loss": ".3g",
}
SETTINGS = {**clinic.PATIENTS, "healthy": clinic.Setting()}


# What the lesson says that one sees, as claims about the last row and the whole chart.
SIGNS = {
    "A": lambda last, chart: (
        last["agreement"] < 0.25 and last["diversity"] > 0.6 and 0.5 < last["d_loss"] < 1.386
    ),
    "B": lambda last, chart: (
        last["agreement"] > 0.75 and last["diversity"] < 0.5 and abs(last["d_loss"] - 1.386) < 0.1
    ),
    "C": lambda last, chart: (
        last["darkest"] > 30 and last["agreement"] < 0.2 and 0.5 < last["d_loss"] < 1.386
    ),
    "D": lambda last, chart: (
        last["d_loss"] < 0.001 and abs(last["g_loss"]) < 0.001 and last["agreement"] < 0.2
    ),
    "E": lambda last, chart: (
        last["d_loss"] < 0.1 and last["g_loss"] > 5 and last["diversity"] < 0.2
    ),
    "F": lambda last, chart: (
        max(abs(last["d_loss"]), abs(last["g_loss"])) > 1000 and last["agreement"] < 0.2
    ),
    "G": lambda last, chart: chart.column("agreement").max() > 0.7 and last["agreement"] < 0.6,
}


def as_said(name, chart):
    """Return whether ``chart`` has the signs of the patient ``name`` alone, or none if healthy."""
    shown = [letter for letter, sign in SIGNS.items() if sign(chart.rows[-1], chart)]
    complaints = clinic.complaints(chart)
    return not complaints if name == "healthy" else bool(complaints) and shown == [name]


def row(name, charts):
    """Return the Markdown line of one setting: each last figure's lowest to highest over seeds."""
    cells = []
    for figure, places in FIGURES.items():
        values = sorted(chart.rows[-1][figure] for chart in charts)
        low, high = (format(value, places) for value in (values[0], values[-1]))
        cells.append(low if low == high else f"{low} to {high}")
    good = sum(as_said(name, chart) for chart in charts)
    return f"| {' | '.join((name, *cells, f'{good} of {len(charts)}'))} |"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", default=",".join(SETTINGS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", type=path)
    arguments = parser.parse_args()
    names, seeds = arguments.patients.split(","), [int(seed) for seed in arguments.seeds.split(",")]
    if unknown := set(names) - set(SETTINGS):
        parser.error(f"no patient {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}.")
    digits, found = data.load("digits"), {}
    print(
        f"| | {' | '.join(FIGURES)} | as the lesson says |",
        "|---" * (len(FIGURES) + 2) + "|",
        sep="\n",
    )
    for name in names:
        found[name] = [
            clinic.train(SETTINGS[name], digits, seed=seed, progress=False) for seed in seeds
        ]
        print(row(name, found[name]), flush=True)
    if arguments.out:
        rows = {
            name: {str(s): c.rows for s, c in zip(seeds, found[name], strict=True)}
            for name in names
        }
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0 if all(as_said(name, chart) for name in names for chart in found[name]) else 1


if __name__ == "__main__":
    sys.exit(main())
