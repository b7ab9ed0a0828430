"""train(): epochs of `engine`'s steps, the last whole one always kept. Draws no figure but the grid."""

import dataclasses
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from cgan_lab import data, engine, plots, runs
from cgan_lab._support import distributed, files, runtime

tf = runtime.tensorflow()

import keras  # noqa: E402

SECONDS_A_SAVE = 10  # writing the model costs a few tenths of a second, an epoch may take just one


@dataclasses.dataclass
class History:
    """What `train` did: a dict an epoch (``epoch, d_loss, g_loss, seconds``) and whether it was interrupted."""

    rows: list
    interrupted: bool = False

    def column(self, name):
        """Return one column as a float array ``(epochs,)``."""
        return np.array([row[name] for row in self.rows], float)


def train(
    cgan,
    digits,
    budget=None,
    seed=0,
    out=None,
    epochs=None,
    batch_size=None,
    progress=True,
    on_call=None,
    on_epoch=None,
):
    """Train ``cgan`` on the training images of ``digits`` and return the `History`.

    ``budget``: a name or None, see `runtime.budget`; it sets what ``epochs`` and ``batch_size`` leave open.
    ``epochs`` counts the passes that the model has had in all: a call on a model that was interrupted goes on from its
    last whole epoch. ``seed`` orders the images; the noise follows the model's own. ``out``: a folder for
    ``model.keras``, ``history.csv``, ``config.json`` and a picture an epoch. If it already holds this run, training
    goes on from there. ``progress``: a bar in a notebook or terminal, a line an epoch elsewhere.
    ``on_call(start, stop, means)`` hears of each call of the compiled steps, as from `engine.run_epoch`, and
    ``on_epoch(row)`` of each whole epoch; what they raise ends the run as below.

    Interrupting (Ctrl-C, or the kernel's stop button) goes back to the last whole epoch and returns.
    Raises ValueError or TypeError for arguments that do not fit, OSError for a folder that cannot be written, before
    any work, or that goes away; FloatingPointError, after going back, if a loss is no number. Shown in lesson 03.

    A model built under a strategy of `replicas` trains on all its devices, ``batch_size`` images a step in all. Of
    several workers only the first reads and writes ``out`` and shows progress; ConnectionError says that one is gone.
    """
    settings = _settings(cgan, digits, budget, seed, epochs, batch_size)
    with distributed.together(cgan.distribute_strategy):
        if not _first(cgan, digits, settings):
            out, progress = None, False
        rows = runs.take_up(cgan, out, settings) if out is not None else []
        return _train(cgan, digits, settings, out, _as_first(cgan, rows), progress, on_call, on_epoch)


def _train(cgan, digits, settings, out, rows, progress, on_call, on_epoch):
    """Run the epochs that are left."""
    images = tf.constant(data.to_model(digits.x_train))  # (n, 28, 28, 1)
    labels = tf.constant(digits.y_train, tf.int32)  # (n,)
    first, last = int(cgan.epochs.numpy()) + 1, settings["epochs"]
    history, keeper = History(rows), _Keeper(cgan, out, rows)
    bar = runtime.Progress((last - first + 1) * settings["steps"], "step") if progress else None
    follow = engine.each(bar and bar.follow, on_call)
    try:
        for epoch in range(first, last + 1):
            order = engine.epoch_order(len(digits.x_train), settings["batch_size"], settings["seed"], epoch)
            row = keeper.keep(epoch, *engine.run_epoch(cgan, images, labels, order, follow))
            if bar:
                bar.tell(f"epoch {epoch}/{last}", d_loss=row["d_loss"], g_loss=row["g_loss"])
            if on_epoch:
                on_epoch(row)
            keeper.write(epoch, last)
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        if bar:
            bar.close()
        history.rows = keeper.end(restore=int(cgan.epochs.numpy()) < last or history.interrupted)
    return history


def _first(cgan, digits, settings):
    """Return whether this is the first worker, once it is sure that all workers do the same."""
    strategy = cgan.distribute_strategy
    if distributed.several_workers(strategy):
        arrays = {name: zlib.crc32(np.ascontiguousarray(getattr(digits, name))) for name in ("x_train", "y_train")}
        distributed.check_same(strategy, {**settings, **arrays})
    return distributed.first_worker(strategy)


def _as_first(cgan, rows):
    """Give all workers the first one's model and the rows of its history, and return these."""
    strategy = cgan.distribute_strategy
    if not distributed.several_workers(strategy):
        return rows
    (count,) = distributed.from_first(strategy, [len(rows)])
    table = np.zeros((count + 1, len(runs.COLUMNS)))  # a row more, since nothing cannot be sent
    if rows:
        table[1:] = [[row[name] for name in runs.COLUMNS] for row in rows]
    table, *values = distributed.from_first(strategy, [table, *engine.snapshot(cgan)])
    engine.restore(cgan, values)
    return [dict(zip(runs.COLUMNS, (int(row[0]), *row[1:].tolist()), strict=True)) for row in table[1:]]


class _Keeper:
    """Holds the last whole epoch of a run, the model's values and the rows until then, and writes them to ``out``."""

    def __init__(self, cgan, out, rows):
        self.cgan, self.out, self.kept = cgan, out, (engine.snapshot(cgan), rows)
        self.saved = time.perf_counter()
        self.start = self.saved - (rows[-1]["seconds"] if rows else 0.0)

    def keep(self, epoch, d_loss, g_loss):
        """Take the model as it is for the end of ``epoch`` and return the epoch's row."""
        self.cgan.epochs.assign(epoch)
        seconds = round(time.perf_counter() - self.start, 2)
        row = dict(zip(runs.COLUMNS, (epoch, d_loss, g_loss, seconds), strict=True))
        self.kept = engine.snapshot(self.cgan), [*self.kept[1], row]  # in one assignment: an interrupt finds both
        return row

    def write(self, epoch, last):
        """Write the epoch's picture, and the model if the last time was long ago and no other will follow at once."""
        if self.out is None:
            return
        _picture(self.cgan, self.out, epoch)
        if time.perf_counter() - self.saved > SECONDS_A_SAVE and epoch < last:
            runs.save(self.cgan, self.out, self.kept[1])
            self.saved = time.perf_counter()

    def end(self, restore):
        """Go back to the last whole epoch if told to, write it, and return the rows."""
        values, rows = self.kept
        if restore:
            engine.restore(self.cgan, values)
        if self.out is not None and rows:
            runs.save(self.cgan, self.out, rows)
        return rows


def _settings(cgan, digits, budget, seed, epochs, batch_size):
    if not isinstance(digits, data.Digits):
        raise TypeError(f"digits is a {type(digits).__name__}, expected what data.load returns.")
    if not getattr(cgan, "g_optimizer", None):
        raise ValueError("the model is not compiled; call cgan.compile() or make it with cgan.build.")
    if digits.classes != cgan.classes:
        raise ValueError(f"{digits.name} has {digits.classes} classes and the model {cgan.classes}; they must agree.")
    plan = runtime.budget(budget)
    epochs = plan.epochs if epochs is None else epochs
    batch_size = plan.batch_size if batch_size is None else batch_size
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("seed", seed)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < (0 if name == "seed" else 1):
            raise ValueError(f"{name} is {value!r}, expected a whole number from {0 if name == 'seed' else 1} up.")
    if batch_size > len(digits.x_train):
        raise ValueError(f"batch_size is {batch_size}, but {digits.name} has only {len(digits.x_train)} images.")
    distributed.check_batch(cgan.distribute_strategy, batch_size)
    return {
        "generator_weights": cgan.generator.count_params(),
        "discriminator_weights": cgan.discriminator.count_params(),
        "precision": cgan.precision,
        "loss": cgan.adversarial.name,
        "penalty": cgan.penalty.name if cgan.penalty else None,
        "ema": cgan.ema,
        "g_optimizer": _described(cgan.g_optimizer),
        "d_optimizer": _described(cgan.d_optimizer),
        "data": digits.name,
        "images": len(digits.x_train),
        "batch_size": int(batch_size),
        "steps": len(digits.x_train) // int(batch_size),
        "seed": int(seed),
        "model_seed": cgan.seed,
        "epochs": int(epochs),
    }


def _described(optimizer):
    config = keras.optimizers.serialize(optimizer)
    return {"class": config["class_name"], **{key: v for key, v in config["config"].items() if key != "name"}}


def _picture(cgan, out, epoch):
    """Write ten samples a label, from the same noise every epoch."""
    images = cgan.sample(np.repeat(np.arange(cgan.classes), 10), seed=0)
    with runs.writing(out, epoch), files.aside(Path(out) / "epochs" / f"{epoch:04}.png") as part:
        Image.fromarray(255 - plots.tile(images)).save(part)
