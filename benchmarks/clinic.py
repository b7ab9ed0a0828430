"""Is each patient of the failure clinic ill in its own way, whatever the seed?

    python benchmarks/clinic.py [--patients A,B] [--seeds 0,1,2] [--out benchmarks/results/clinic.json]

Trains every patient with every seed, and the healthy setting, as lesson 06 does; the signs are those of
tests/test_clinic.py, which holds one seed of them. Exits with 1 if one is not as the lesson says.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from test_clinic import SIGNS  # noqa: E402

from cgan_lab import clinic, data  # noqa: E402

FIGURES = {"agreement": ".2f", "diversity": ".2f", "darkest": ".0f", "d_loss": ".3g", "g_loss": ".3g"}
SETTINGS = {**clinic.PATIENTS, "healthy": clinic.Setting()}


def as_said(name, chart):
    """Return whether ``chart`` has the signs of the patient ``name``, and no other's; or none, for "healthy"."""
    shown = [letter for letter, sign in SIGNS.items() if sign(chart.rows[-1], chart)]
    complaints = clinic.complaints(chart)
    return not complaints if name == "healthy" else bool(complaints) and shown == [name]


def row(name, charts):
    """Return the line of one setting in Markdown: each figure's lowest to highest over the seeds, at the end."""
    cells = []
    for figure, places in FIGURES.items():
        values = sorted(chart.rows[-1][figure] for chart in charts)
        low, high = (format(value, places) for value in (values[0], values[-1]))
        cells.append(low if low == high else f"{low} to {high}")
    good = sum(as_said(name, chart) for chart in charts)
    return f"| {' | '.join((name, *cells, f'{good} of {len(charts)}'))} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", default=",".join(SETTINGS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    names, seeds = arguments.patients.split(","), [int(seed) for seed in arguments.seeds.split(",")]
    if unknown := set(names) - set(SETTINGS):
        parser.error(f"no patient {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}.")
    digits, found = data.load("digits"), {}
    print(f"| | {' | '.join(FIGURES)} | as the lesson says |", "|---" * (len(FIGURES) + 2) + "|", sep="\n")
    for name in names:
        found[name] = [clinic.train(SETTINGS[name], digits, seed=seed, progress=False) for seed in seeds]
        print(row(name, found[name]), flush=True)
    if arguments.out:
        rows = {name: {str(s): c.rows for s, c in zip(seeds, found[name], strict=True)} for name in names}
        Path(arguments.out).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0 if all(as_said(name, chart) for name in names for chart in found[name]) else 1


if __name__ == "__main__":
    sys.exit(main())
