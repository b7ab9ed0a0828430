"""train(): the epochs of `engine`, of which the last whole one is always kept."""

import contextlib
import dataclasses
import os
import time

import numpy as np

from cgan_lab import data, engine, recipes, runs
from cgan_lab._support import distributed
from cgan_lab._support.distributed import strategy  # noqa: F401  (for docs/many-devices.md)
from cgan_lab._support.names import whole
from cgan_lab._support.progress import Progress
from cgan_lab._support.tensorflow import device, keras, tf


@dataclasses.dataclass(frozen=True)
class Budget:
    """What a lesson may spend: ``epochs`` passes over the data set ``data``."""

    name: str
    data: str
    epochs: int


# With "cpu" a lesson's training ends within 90 s on two cores. Shown in lesson 03.
BUDGETS = {
    "cpu": Budget("cpu", data="digits", epochs=40),
    "gpu": Budget("gpu", data="mnist", epochs=30),
}


def budget(name=None):
    """Return the `Budget` called ``name``, or the one that fits this machine.

    Without a name the environment variable ``CGAN_LAB_BUDGET`` decides, and without that the
    device: ``gpu`` where TensorFlow sees a GPU, ``cpu`` elsewhere. Raises ValueError for another
    name. Shown in lesson 03.
    """
    source = "budget"
    if name is None and os.environ.get("CGAN_LAB_BUDGET"):
        name = os.environ["CGAN_LAB_BUDGET"]
        source = "the environment variable CGAN_LAB_BUDGET"
    if name is None:
        name = device()
    if name not in BUDGETS:
        raise ValueError(f"{source} is {name!r}, expected one of {', '.join(BUDGETS)}.")
    return BUDGETS[name]


@dataclasses.dataclass
class History:
    """What `train` did: a row per epoch (``epoch, d_loss, g_loss, seconds``); whether stopped."""

    rows: list
    interrupted: bool = False

    def column(self, name):
        """Return one column as a float array ``(epochs,)``."""
        return np.array([row[name] for row in self.rows], float)


def train(
    cgan, dataset, epochs=None, batch_size=None, seed=0, out=None, progress=True, listeners=()
):
    """Train ``cgan`` on the training images of ``dataset`` and return the `History`.

    Interrupting (Ctrl-C, or the kernel's stop button) goes back to the last whole epoch and
    returns. A call with the same arguments goes on from there. A model built under a `strategy`
    trains on all its devices; of several workers only the first one reads and writes ``out`` and
    shows progress. Shown in lesson 03.

    Args:
        cgan: a compiled `cgan.CGAN`.
        dataset: what `data.load` returns.
        epochs: how many passes of `train` the model has had when this returns; by default the
            budget's.
        batch_size: images per step, of all devices; by default the recipe's, or 128, or all.
        seed: orders the images. The noise follows the model's own seed.
        out: a folder for state, history, settings and a picture per epoch, see `runs`. If it
            already holds this run, training goes on from there.
        progress: a bar in a notebook or terminal, a line per epoch elsewhere.
        listeners: see `engine.Listener`. What they raise ends the run; the last whole epoch stays.

    Raises:
        ValueError, TypeError: for arguments that do not fit, before any work.
        OSError: for a folder that cannot be written, before any work, or that goes away.
        FloatingPointError: after going back, if a loss is not a finite number.
        ConnectionError: if another worker goes away.
    """
    settings = _settings(cgan, dataset, epochs, batch_size, seed)
    place = cgan.distribute_strategy
    with distributed.together(place):
        if distributed.several_workers(place):
            distributed.check_same(place, settings)
        first = distributed.first_worker(place)
        folder = runs.Folder(cgan, out, settings) if out is not None and first else None
        rows = _agreed(cgan, folder.rows if folder else [])
        last = settings["epochs"]
        listeners = [*listeners, *filter(None, [folder])]
        if progress and first:
            steps = (last - int(cgan.epochs.numpy())) * settings["steps"]
            listeners.insert(0, Progress(steps, "step", last))
        return _train(cgan, dataset, settings, rows, listeners)


def _train(cgan, dataset, settings, rows, listeners):
    """Run the epochs that are left."""
    images = tf.constant(data.to_model(dataset.x_train))  # (n, 28, 28, 1)
    labels = tf.constant(dataset.y_train, tf.int32)  # (n,)
    last = settings["epochs"]
    numbers = range(int(cgan.epochs.numpy()) + 1, last + 1)
    start = time.perf_counter() - (rows[-1]["seconds"] if rows else 0.0)
    kept = engine.snapshot(cgan), rows
    history = History(rows)
    size, seed = settings["batch_size"], settings["seed"]
    try:
        for number, losses in engine.epochs(cgan, images, labels, size, seed, numbers, listeners):
            cgan.epochs.assign(number)
            values = (number, *losses, round(time.perf_counter() - start, 2))
            row = dict(zip(runs.COLUMNS, values, strict=True))
            # In one assignment: an interrupt finds both of this epoch or both of the one before.
            kept = engine.snapshot(cgan), [*kept[1], row]
            for listener in listeners:
                listener.on_epoch(row)
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        values, history.rows = kept
        if history.interrupted or int(cgan.epochs.numpy()) < last:
            engine.restore(cgan, values)
        with contextlib.ExitStack() as ends:  # whatever one of them raises, all are called
            for listener in listeners:  # the last one first: the folder
                ends.callback(listener.on_end, history.rows)
    return history


def _agreed(cgan, rows):
    """Give all workers the first one's model and history; return the history's rows."""
    place = cgan.distribute_strategy
    if not distributed.several_workers(place):
        return rows
    (count,) = distributed.from_first(place, [len(rows)])
    table = np.zeros((count + 1, len(runs.COLUMNS)))  # one row more: an empty one cannot be sent
    if rows:
        table[1:] = [[row[name] for name in runs.COLUMNS] for row in rows]
    table, *values = distributed.from_first(place, [table, *engine.snapshot(cgan)])
    engine.restore(cgan, values)
    rows = [(int(row[0]), *row[1:].tolist()) for row in table[1:]]
    return [dict(zip(runs.COLUMNS, row, strict=True)) for row in rows]


def _settings(cgan, dataset, epochs, batch_size, seed):
    """Return what makes this run this run, checked."""
    if not isinstance(dataset, data.Dataset):
        raise TypeError(f"dataset is a {type(dataset).__name__}, expected what data.load returns.")
    if not getattr(cgan, "g_optimizer", None):
        raise ValueError("the model is not compiled; call cgan.compile() or use cgan.build.")
    if dataset.classes != cgan.classes:
        raise ValueError(
            f"{dataset.name} has {dataset.classes} classes and the model {cgan.classes}; they must "
            "agree."
        )
    epochs = whole("epochs", budget().epochs if epochs is None else epochs, 1)
    batch_size = batch_of(cgan.recipe or recipes.RECIPES["dense"], dataset, batch_size)
    distributed.check_batch(cgan.distribute_strategy, batch_size)
    return {
        "recipe": cgan.recipe.as_json() if cgan.recipe else None,
        "model": _described(cgan),
        "classes": cgan.classes,
        "precision": cgan.precision,
        "model_seed": cgan.seed,
        "data": dataset.name,
        "data_sha256": dataset.checksum(),
        "batch_size": batch_size,
        "steps": len(dataset.x_train) // batch_size,
        "seed": whole("seed", seed, 0),
        "epochs": epochs,
    }


def batch_of(recipe, dataset, batch_size=None):
    """Return the batch size, by default the recipe's or all images. Raises ValueError."""
    images = len(dataset.x_train)
    if batch_size is None:
        return min(recipe.batch_size, images)
    batch_size = whole("batch_size", batch_size, 1)
    if batch_size > images:
        raise ValueError(
            f"batch_size is {batch_size}, but {dataset.name} has only {images} images."
        )
    return batch_size


def _described(cgan):
    """Return what the model is now, whatever its recipe was: attributes can be changed."""

    def optimizer(one):
        config = keras.optimizers.serialize(one)
        options = {key: value for key, value in config["config"].items() if key != "name"}
        return {"class": config["class_name"], **options}

    return {
        "generator_weights": cgan.generator.count_params(),
        "discriminator_weights": cgan.discriminator.count_params(),
        "loss": cgan.adversarial.name,
        "penalty": cgan.penalty.name if cgan.penalty else None,
        "ema": cgan.ema,
        "mismatch": cgan.mismatch,
        "class_on_fakes": cgan.class_on_fakes,
        "augment": cgan.augment.name if cgan.augment else None,
        "g_optimizer": optimizer(cgan.g_optimizer),
        "d_optimizer": optimizer(cgan.d_optimizer),
    }
