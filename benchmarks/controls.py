"""Milliseconds at the kernel from setting a value of a control to its new picture, for every
explorer.

    python benchmarks/controls.py [--moves 30] [--out benchmarks/results/controls.json]

Sets the value as code does, which is drawn at once; a front end's message waits for at most
`widgets_parts.PATIENCE` more. A round moves each row once, so that a slow moment slows all rows.
Every row is moved three times before the first round. What the browser adds is not measured.
"""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np

from cgan_lab import cgan, sampling, widgets
from cgan_lab._support import files
from cgan_lab.widgets import latent as widgets_latent
from cgan_lab.widgets import samples as widgets_samples
from cgan_lab.widgets import toy as widgets_toy

COUNTS = (1, 10, 50, 100)


def rows():
    """Return name -> a function of a move's number that sets one value to another one, and returns
    the control.
    """
    model = cgan.shipped("mnist-dense")
    found = {}

    def row(name, control, part, values):
        def move(k):
            part.value = values[k % len(values)]
            return control

        found[name] = move

    for count in COUNTS:
        picker = widgets.digit_picker(model.sample, latent=model.latent)
        picker.count.value = count
        row(f"digit picker, {count} digits", picker, picker.label, range(10))
        steering = widgets_latent.steering_explorer(model.sample, np.eye(model.latent))
        steering.count.value = count
        row(
            f"steering explorer, {count} digits",
            steering,
            steering.moves[0],
            np.arange(-6.0, 6.5, 0.5),
        )
    every = widgets_latent.steering_explorer(model.sample, np.eye(model.latent))
    every.view.value = "all"
    row(
        "steering explorer, ten noises under every label",
        every,
        every.moves[0],
        np.arange(-6.0, 6.5, 0.5),
    )
    film = widgets_samples.film(model.sample, latent=model.latent)
    row("film, 10 digits", film, film.place, range(widgets_samples.STEPS))
    for name in ("minimax", "gradient", "projection", "cloud"):
        explorer = getattr(widgets, f"{name}_explorer")()
        part = explorer.controls[-1]
        row(f"{name} explorer", explorer, part, np.arange(part.min, part.max, part.step))
    toy = widgets_toy.toy_console()
    row("toy console, another label", toy, toy.label, range(len(toy.label.options)))

    def step(k):
        toy.buttons["Step both"].click()
        return toy

    found["toy console, ten steps of both"] = step
    labels = sampling.label_grid(range(10), 200)
    table = widgets_samples.mistake_table(
        model.sample(labels, seed=0), labels, (labels + labels % 2) % 10
    )
    cells = [cell for cell in table.cells.values() if not cell.disabled]

    def press(k):
        cells[k % len(cells)].click()
        return table

    found["mistake table, 40 images"] = press
    return found


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    moves, times = rows(), {}
    for k in range(options.moves + 3):
        for name, move in moves.items():
            begin = time.perf_counter()
            control = move(k)
            spent = 1000 * (time.perf_counter() - begin)
            assert "Error" not in control.text.value, f"{name}: {control.text.value}"
            if k >= 3:
                times.setdefault(name, []).append(spent)
    width = max(map(len, times))
    print(
        f"{'milliseconds from value to picture':{width}}  median  lowest  highest, of {options.moves}"
    )
    for name, values in times.items():
        print(
            f"{name:{width}}  {statistics.median(values):6.1f}  {min(values):6.1f}  {max(values):7.1f}"
        )
    if options.out:
        about = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
        with files.aside(options.out) as part:
            part.write_text(
                json.dumps({**about, "milliseconds": times}, indent=1) + "\n", encoding="utf-8"
            )


if __name__ == "__main__":
    main()
