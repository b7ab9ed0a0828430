"""Milliseconds at the kernel from setting a value of a control to its new picture.

    python benchmarks/controls.py [--moves 30] [--out benchmarks/results/controls.json]

Sets the value as code does, which is drawn at once; a front end's message waits for at most
`widgets._control.PATIENCE` more. Every round moves each control once, so that a slow moment slows
all of them alike; the first three rounds do not count. What the browser adds is not measured.
"""

import argparse
import os
import statistics
import time

import numpy as np
import speed

from cgan_lab import cgan, sampling, widgets
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab.widgets.samples import STEPS

COUNTS = (1, 10, 50, 100)
WARM_UP = 3  # rounds


def rows():
    """Return name -> (control, move): ``move(k)`` sets one of its values, another one each time."""
    model = cgan.shipped("mnist-dense")
    found = {}

    def row(name, control, part, values):
        found[name] = control, lambda k: setattr(part, "value", values[k % len(values)])

    def steering():
        return widgets.steering_explorer(model.sample, np.eye(model.latent))

    pushes = np.arange(-6.0, 6.5, 0.5)
    for count in COUNTS:
        picker, explorer = widgets.digit_picker(model.sample, latent=model.latent), steering()
        picker.count.value = explorer.count.value = count
        row(f"digit picker, {count} digits", picker, picker.label, range(10))
        row(f"steering explorer, {count} digits", explorer, explorer.moves[0], pushes)
    every = steering()
    every.view.value = "all"
    row("steering explorer, ten noises under every label", every, every.moves[0], pushes)
    film = widgets.film(model.sample, latent=model.latent)
    row("film, 10 digits", film, film.place, range(STEPS))
    for name in ("minimax", "gradient", "projection", "cloud"):
        explorer = getattr(widgets, f"{name}_explorer")()
        part = explorer.controls[-1]
        row(f"{name} explorer", explorer, part, np.arange(part.min, part.max, part.step))
    toy = widgets.toy_console()
    row("toy console, another label", toy, toy.label, range(len(toy.label.options)))
    step = toy.buttons["Step both"]
    found["toy console, ten steps of both"] = toy, lambda k: step.click()
    labels = sampling.label_grid(range(10), 200)
    read = (labels + labels % 2) % 10
    table = widgets.mistake_table(model.sample(labels, seed=0), labels, read)
    cells = [cell for cell in table.cells.values() if not cell.disabled]
    found["mistake table, 40 images"] = table, lambda k: cells[k % len(cells)].click()
    return found


def measured(moves):
    """Return name -> milliseconds of each of ``moves`` moves."""
    found = rows()
    times = {name: [] for name in found}
    for k in range(moves + WARM_UP):
        for name, (control, move) in found.items():
            begin = time.perf_counter()
            move(k)
            spent = 1000 * (time.perf_counter() - begin)
            assert "Error" not in control.text.value, f"{name}: {control.text.value}"
            if k >= WARM_UP:
                times[name].append(spent)
    return times


def main():
    """Run the command line."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--out", type=path)
    options = parser.parse_args()
    times = measured(options.moves)
    width = max(map(len, times))
    heads = f"median  lowest  highest, of {options.moves}"
    print(f"{'milliseconds from value to picture':{width}}  {heads}")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:{width}}  {middle:6.1f}  {min(values):6.1f}  {max(values):7.1f}")
    if options.out:
        about = {"processor": speed.processor(), "cores": os.cpu_count(), "milliseconds": times}
        files.write_json(options.out, about)


if __name__ == "__main__":
    main()
