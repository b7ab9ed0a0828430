"""All that has to be tried on a GPU, in one command and one table.

    python benchmarks/gpu.py                         # half an hour on a GPU; fetches MNIST
    python benchmarks/gpu.py --parts speed,slider    # some parts
    python benchmarks/gpu.py --small --data digits   # minutes without a GPU: does it run at all?

Each part prints its rows as soon as it has them and writes them to --out. What raises is a row too,
and the other parts go on: the machine may be gone in an hour.

    machine   what this is, and whether TensorFlow takes the GPU's memory as it needs it
    speed     each recipe in each precision with XLA and without: the first epoch, which compiles,
              images per second, highest use of the GPU's memory, the factor of float16's loss
    resume    two epochs at once, and one, saved, loaded, and one more: how far apart
    places    samples of one generator drawn on the GPU and on the CPU, and what training here and
              there with the same seed comes to
    slider    milliseconds from a label to its picture
    good      the speedrun on --data: seconds to first and to good digits
"""

import argparse
import itertools
import platform
import statistics
import sys
import tempfile
import time

import numpy as np
import speed as rates
import speedrun

from cgan_lab import (
    data,
    engine,
    judge,
    metrics,
    networks,
    recipes,
    runs,
    sampling,
    training,
)
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import device, keras, tf


class Pace(engine.Listener):
    """A listener that notes how long each epoch takes."""

    def __init__(self):
        self.seconds = []
        self.began = time.perf_counter()

    def on_epoch(self, row):
        """Note this epoch's seconds."""
        now = time.perf_counter()
        self.seconds.append(now - self.began)
        self.began = now


def machine(size):
    """Yield one row: processor, GPU, versions, whether its memory grows."""
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    yield {
        "processor": rates.processor(),
        "gpus": [one.get("device_name", "unknown") for one in details],
        "compute capability": [one.get("compute_capability") for one in details],
        "memory grows": [tf.config.experimental.get_memory_growth(gpu) for gpu in gpus],
        "default budget": training.budget().name,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "python": platform.python_version(),
    }


def speed(size):
    """Yield a row per recipe, precision and compiler."""
    for name, precision, compiler in itertools.product(
        size.recipes, networks.PRECISIONS, ("XLA", "no XLA")
    ):
        row = {"recipe": name, "precision": precision, "compiler": compiler}
        yield attempt(row, paced, name, precision, compiler == "XLA", size)


def paced(name, precision, xla, size):
    """Return what some epochs of a recipe show."""
    from cgan_lab import cgan

    model = cgan.build(name, precision=precision, **size.changes)
    model.jit_compile = xla
    reset_memory()
    pace = Pace()
    history = training.train(model, size.dataset, size.epochs, progress=False, listeners=[pace])
    images = len(size.dataset.x_train) // model.recipe.batch_size * model.recipe.batch_size
    usual = statistics.median(pace.seconds[1:])
    return {
        "first epoch, s": pace.seconds[0],
        "images/s": images / usual,
        "d_loss": history.rows[-1]["d_loss"],
        "g_loss": history.rows[-1]["g_loss"],
        "highest memory, MiB": highest_memory(),
        "loss factor": loss_factor(model),
    }


def loss_factor(model):
    """Return by what float16's loss is multiplied now, or None in another precision."""
    if not isinstance(model.g_optimizer, keras.optimizers.LossScaleOptimizer):
        return None
    return float(keras.ops.convert_to_numpy(model.g_optimizer.dynamic_scale))


def reset_memory():
    """Forget the highest use of the GPU's memory so far."""
    if device() == "gpu":
        tf.config.experimental.reset_memory_stats("GPU:0")


def highest_memory():
    """Return the highest use of the GPU's memory in MiB, or None without a GPU."""
    if device() != "gpu":
        return None
    return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20


def resume(size):
    """Yield a row per precision: the largest difference between a run in one and in two parts."""
    for precision in networks.PRECISIONS:
        yield attempt({"precision": precision}, parted, precision, size)


def parted(precision, size):
    """Return how far the weights of a run in two parts are from those of a whole one."""
    from cgan_lab import cgan

    def trained(epochs, out=None):
        model = cgan.build(precision=precision, **size.changes)
        training.train(model, size.dataset, epochs, out=out, progress=False)
        return model

    whole = trained(2)
    with tempfile.TemporaryDirectory() as folder:
        trained(1, folder)
        again = trained(2, folder)
        loaded = runs.load(folder)
    apart = [
        max(np.abs(a - b).max() for a, b in zip(*pair, strict=True))
        for pair in (
            (whole.generator.get_weights(), again.generator.get_weights()),
            (again.averaged.get_weights(), loaded.averaged.get_weights()),
        )
    ]
    return {"went on, largest difference": float(apart[0]), "loaded": float(apart[1])}


def places(size):
    """Yield rows: the shipped generator drawn here and there; a training here and there."""
    from cgan_lab import cgan

    here, there = ("GPU:0" if device() == "gpu" else "CPU:0"), "CPU:0"
    labels = sampling.label_grid(range(10), size.samples // 10)
    drawn = {}
    for place in (here, there):
        with tf.device(place):
            drawn[place] = cgan.shipped("mnist-dense").sample(labels, seed=0)
    differ = np.abs(drawn[here].astype(int) - drawn[there]).max()
    yield {"what": f"mnist-dense on {here} and {there}", "grey levels apart": int(differ)}
    for place in dict.fromkeys((here, there)):
        yield attempt({"what": f"trained on {place}"}, learnt, place, size)


def learnt(place, size):
    """Return the label agreement of a model that was trained on the shipped digits on ``place``."""
    from cgan_lab import cgan

    digits = data.load("digits")
    labels = sampling.label_grid(digits.labels, size.samples // 10)
    with tf.device(place):
        model = cgan.build(**size.changes)
        model.jit_compile = True
        began = time.perf_counter()
        training.train(model, digits, size.long, progress=False)
        seconds = time.perf_counter() - began
        recognised, _ = judge.look(model.sample(labels, seed=0))
    return {"seconds": seconds, "agreement": float(metrics.agreement(labels, recognised))}


def slider(size):
    """Yield a row per generator and count: milliseconds from labels to pictures, noise at hand."""
    from cgan_lab import cgan

    for name, count in itertools.product(recipes.SHIPPED, (1, 100)):
        model = cgan.shipped(name)
        noise = sampling.noise(count, model.latent, seed=0)
        spent = []
        for k in range(size.moves + 3):
            began = time.perf_counter()
            model.sample(np.full(count, k % 10), noise=noise)
            spent.append(1000 * (time.perf_counter() - began))
        yield {"generator": name, "pictures": count, "ms": statistics.median(spent[3:])}


def good(size):
    """Yield a row per entry of the speedrun."""
    for name, changes in speedrun.ENTRIES.items():
        yield attempt({"entry": name}, reached, changes | size.changes, size)


def reached(changes, size):
    """Return when the speedrun's targets were reached, and how the last epoch stood."""
    found = speedrun.run(changes, 0, size.dataset, size.limit)
    when = {f"{key} digits, s": value["seconds"] for key, value in found["reached"].items()}
    return when | {"failure": found["failure"]} | found["rows"][-1]


def attempt(row, work, *arguments):
    """Return ``row`` with what ``work(*arguments)`` found, or with what it raised."""
    try:
        return row | work(*arguments)
    except Exception as error:  # whatever it is, the other rows are worth having
        return row | failed(error)


def failed(error):
    """Return the part of a row that says what was raised."""
    return {"failed": f"{type(error).__name__}: {error}"[:300]}


PARTS = {part.__name__: part for part in (machine, speed, resume, places, slider, good)}


class Size:
    """How much each part does: on a GPU, or as little as shows that everything runs."""

    def __init__(self, dataset, small):
        self.dataset = dataset
        self.recipes = ["dense"] if small else list(recipes.RECIPES)
        self.changes = {"width": 0.02} if small else {}
        self.epochs = 2 if small else 6
        self.long = 1 if small else 40
        self.limit = 1 if small else 60
        self.samples = 100 if small else 10_000
        self.moves = 3 if small else 30


def shown(row):
    """Return a row as one line."""

    def number(value):
        return f"{value:.5g}" if isinstance(value, float) else value

    return "  ".join(f"{key}: {number(value)}" for key, value in row.items() if value is not None)


def main(arguments=None):
    """Run the parts that were asked for."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--data", default="mnist", help="what data.load takes")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--out", type=path, default="benchmarks/results/gpu.json")
    options = parser.parse_args(arguments)
    parts = options.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    size = Size(data.load(options.data), options.small)
    table = {}
    for name in parts:
        print(f"\n{name}: {PARTS[name].__doc__}", flush=True)
        table[name] = []
        try:
            for row in PARTS[name](size):
                keep(table, name, row, options.out)
        except Exception as error:
            keep(table, name, failed(error), options.out)
    wrong = [row for rows in table.values() for row in rows if "failed" in row]
    print(f"\n{len(wrong)} rows failed." if wrong else "\nNo row failed.")
    return bool(wrong)


def keep(table, name, row, out):
    """Print a row and write the table so far."""
    table[name].append(row)
    print(f"  {shown(row)}", flush=True)
    files.write_json(out, table)


if __name__ == "__main__":
    sys.exit(main())
