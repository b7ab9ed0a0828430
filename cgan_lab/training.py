"""train(): many steps in one compiled function, the last whole epoch always kept. Draws no figure but the grid."""

import csv
import dataclasses
import io
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image

from cgan_lab import data, files, plots, runtime

tf = runtime.tensorflow()

import keras  # noqa: E402

STEPS_A_CALL = 50  # so that Ctrl-C is heard within about a second on two cores
SECONDS_A_SAVE = 10  # writing the model costs a few tenths of a second, an epoch may take just one
COLUMNS = ("epoch", "d_loss", "g_loss", "seconds")


@dataclasses.dataclass
class History:
    """What `train` did: a dict an epoch (``epoch, d_loss, g_loss, seconds``) and whether it was interrupted."""

    rows: list
    interrupted: bool = False

    def column(self, name):
        """Return one column as a float array ``(epochs,)``."""
        return np.array([row[name] for row in self.rows], float)


def train(cgan, digits, budget=None, seed=0, out=None, epochs=None, batch_size=None, progress=True):
    """Train ``cgan`` on the training images of ``digits`` and return the `History`.

    ``budget``: a name or None, see `runtime.budget`; it sets what ``epochs`` and ``batch_size`` leave open.
    ``epochs`` counts the passes that the model has had in all: a call on a model that was interrupted
    goes on from its last whole epoch. ``seed`` orders the images; the noise follows the model's own.
    ``out``: a folder for ``model.keras``, ``history.csv``, ``config.json`` and a picture an epoch. If it
    already holds this run, training goes on from there. ``progress``: a bar in a notebook or terminal, a
    line an epoch elsewhere.

    Interrupting (Ctrl-C, or the kernel's stop button) goes back to the last whole epoch and returns.
    Raises ValueError or TypeError for arguments that do not fit, OSError for a folder that cannot be
    written, before any work; FloatingPointError if a loss stops being a number, after going back to the
    last whole epoch. Shown in lesson 03.
    """
    settings = _settings(cgan, digits, budget, seed, epochs, batch_size)
    rows = _prepare(cgan, out, settings) if out is not None else []
    images = tf.constant(data.to_model(digits.x_train))  # (n, 28, 28, 1)
    labels = tf.constant(digits.y_train, tf.int32)  # (n,)
    run, history, start = compiled_steps(cgan), History(rows), time.perf_counter()
    before = rows[-1]["seconds"] if rows else 0.0
    first, last, saved = int(cgan.epochs) + 1, settings["epochs"], start
    kept = _snapshot(cgan), rows
    bar = runtime.Progress((last - first + 1) * settings["steps"], "step") if progress else None
    try:
        for epoch in range(first, last + 1):
            order = epoch_order(len(digits.x_train), settings["batch_size"], seed, epoch)
            d_loss, g_loss = _epoch(run, images, labels, order, bar)
            cgan.epochs.assign(epoch)
            now = time.perf_counter()
            row = dict(zip(COLUMNS, (epoch, d_loss, g_loss, round(before + now - start, 2)), strict=True))
            kept = _snapshot(cgan), [*kept[1], row]  # in one assignment: an interrupt finds both or neither
            if bar:
                bar.tell(f"epoch {epoch}/{last}", d_loss=d_loss, g_loss=g_loss)
            if out is not None:
                _picture(cgan, out, epoch)
                if now - saved > SECONDS_A_SAVE and epoch < last:
                    _save(cgan, out, kept[1])
                    saved = time.perf_counter()
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        _restore(cgan, kept[0])
        history.rows = kept[1]
        if out is not None and history.rows:
            _save(cgan, out, history.rows)
        if bar:
            bar.close()
    return history


def compiled_steps(cgan):
    """Return ``cgan``'s compiled function (images, labels, order, start, stop) -> the sums of both losses.

    It runs ``cgan.step`` on the rows ``start..stop-1`` of ``order``, int32 ``(steps, batch)``, whose numbers
    point into ``images`` ``(n, 28, 28, 1)`` and ``labels`` ``(n,)``: one call, one compilation, many steps.
    Shown in lesson 03.
    """
    if not hasattr(cgan, "_compiled_steps"):

        @tf.function(jit_compile=True)
        def run(images, labels, order, start, stop):
            d_sum, g_sum = tf.constant(0.0), tf.constant(0.0)
            for i in tf.range(start, stop):
                batch = order[i]  # (b,)
                d_loss, g_loss = cgan.step(tf.gather(images, batch), tf.gather(labels, batch))
                d_sum, g_sum = d_sum + d_loss, g_sum + g_loss
            return d_sum, g_sum

        cgan._compiled_steps = run
    return cgan._compiled_steps


def epoch_order(n, batch_size, seed, epoch):
    """Return the batches of an epoch: int32 ``(n // batch_size, batch_size)``, no image twice. Shown in lesson 03."""
    steps = n // batch_size
    order = np.random.default_rng([seed, epoch]).permutation(n)[: steps * batch_size]
    return order.reshape(steps, batch_size).astype(np.int32)


def load(path):
    """Return the `CGAN` saved at ``path``, a ``.keras`` file or a folder that `train` wrote. Runs no code from it.

    Raises FileNotFoundError if there is none, ValueError if the file is damaged or holds another kind of model.
    """
    from cgan_lab.cgan import CGAN

    path = Path(path)
    path = path / "model.keras" if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(f"no trained model at {path}; train one with: python -m cgan_lab train --out FOLDER.")
    try:
        model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # a damaged archive can fail anywhere inside Keras
        raise ValueError(
            f"{path} is not a whole saved model ({type(error).__name__}). Restore it from a copy or train again."
        ) from error
    if not isinstance(model, CGAN):
        raise ValueError(f"{path} holds a {type(model).__name__}, expected a CGAN saved by this package.")
    return model


def _epoch(run, images, labels, order, bar):
    """Run one epoch and return its mean losses. Raises FloatingPointError as soon as one is not finite."""
    order_on_device, sums = tf.constant(order), np.zeros(2)
    for start in range(0, len(order), STEPS_A_CALL):
        stop = min(start + STEPS_A_CALL, len(order))
        sums += [float(loss) for loss in run(images, labels, order_on_device, tf.constant(start), tf.constant(stop))]
        if not np.isfinite(sums).all():
            raise FloatingPointError(
                "a loss stopped being a finite number, so training went back to the last whole epoch. Likely "
                "causes: learning rates that are too high, or a loss without a bound on D. Lower the rates and go on."
            )
        if bar:
            bar.advance(stop - start)
    return tuple(float(value) for value in sums / len(order))


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
    return {
        "generator_weights": cgan.generator.count_params(),
        "discriminator_weights": cgan.discriminator.count_params(),
        "loss": cgan.adversarial.name,
        "ema": cgan.ema,
        "data": digits.name,
        "images": len(digits.x_train),
        "batch_size": int(batch_size),
        "steps": len(digits.x_train) // int(batch_size),
        "seed": int(seed),
        "model_seed": cgan.seed,
        "epochs": int(epochs),
    }


def _prepare(cgan, out, settings):
    """Make the folder, or take up the run that it holds; return the rows of its history."""
    out = Path(out)
    try:
        (out / "epochs").mkdir(parents=True, exist_ok=True)
        with files.aside(out / "config.json") as part:
            part.write_text("{}", encoding="utf-8")
            found = out / "config.json"
            before = json.loads(found.read_text(encoding="utf-8")) if found.exists() else None
            if before and {**before, "epochs": 0} != {**settings, "epochs": 0}:
                other = [key for key in settings if key != "epochs" and before.get(key) != settings[key]]
                raise ValueError(
                    f"{out} holds another run (it differs in {', '.join(other)}). Choose another folder, or remove it."
                )
            part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    except json.JSONDecodeError as error:
        raise ValueError(f"{out / 'config.json'} is damaged ({error}). Choose another folder, or remove it.") from error
    except OSError as error:
        raise OSError(f"cannot write to the folder {out} ({error.strerror}). Choose another one.") from error
    if not (out / "model.keras").exists():
        return []
    saved = load(out)
    _restore(cgan, _snapshot(saved))
    with open(out / "history.csv", newline="", encoding="utf-8") as file:
        rows = [{key: (int if key == "epoch" else float)(row[key]) for key in COLUMNS} for row in csv.DictReader(file)]
    return [row for row in rows if row["epoch"] <= int(cgan.epochs)]


def _variables(cgan):
    return [*cgan.variables, *cgan.g_optimizer.variables, *cgan.d_optimizer.variables]


def _snapshot(cgan):
    return [variable.numpy() for variable in _variables(cgan)]


def _restore(cgan, values):
    for variable, value in zip(_variables(cgan), values, strict=True):
        variable.assign(value)


def _save(cgan, out, rows):
    # The history first: the model says how many of its rows count, so a stop in between loses nothing.
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    with files.aside(Path(out) / "history.csv") as part:
        part.write_text(text.getvalue(), encoding="utf-8", newline="")
    with files.aside(Path(out) / "model.keras") as part:
        cgan.save(part)


def _picture(cgan, out, epoch):
    """Write ten samples a label, from the same noise every epoch."""
    images = cgan.sample(np.repeat(np.arange(cgan.classes), 10), seed=0)
    with files.aside(Path(out) / "epochs" / f"{epoch:04}.png") as part:
        Image.fromarray(255 - plots.tile(images)).save(part)
