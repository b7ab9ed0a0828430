"""Short trainings with one fault each, and charts of them. Trains for seconds; keeps no file, draws nothing."""

import dataclasses

import numpy as np

from cgan_lab import cgan, data, engine, judge, metrics, sampling
from cgan_lab._support import runtime

tf = runtime.tensorflow()

LOOKED_AT = 500  # samples that the judge reads after each epoch
RANGES = {"-1 to 1": (1.0, 0.0), "0 to 1": (0.5, 0.5)}  # factor and shift, from [-1, 1]


@dataclasses.dataclass(frozen=True)
class Setting:
    """All that a training is made of. The defaults are healthy. Shown in lesson 06.

    ``pixels``: the range that the real images are brought to, one of `RANGES`; ``way``: how the label enters, one of
    `networks.WAYS`; ``loss``: a name in `losses.LOSSES`; ``penalty``: one in `losses.PENALTIES`, or None; ``g_rate``,
    ``d_rate`` and ``beta_1``: of the Adam optimizers; ``head_start``: steps that D trains alone before G's first;
    ``ema``: decay of the averaged generator, 0 for none; ``epochs``: passes over the images.
    """

    pixels: str = "-1 to 1"
    way: str = "projection"
    loss: str = "non_saturating"
    penalty: str | None = None
    g_rate: float = 4e-4
    d_rate: float = 1.2e-3
    beta_1: float = 0.0
    head_start: int = 0
    ema: float = 0.999
    batch_size: int = 64
    epochs: int = 10


PATIENTS = {
    "A": Setting(way="one_hot"),
    "B": Setting(g_rate=4e-3, d_rate=3e-4),
    "C": Setting(pixels="0 to 1"),
    "D": Setting(loss="minimax", head_start=125),
    "E": Setting(beta_1=0.9),
    "F": Setting(loss="wasserstein", beta_1=0.5),
    "G": Setting(g_rate=4e-3, d_rate=1e-3),
}


@dataclasses.dataclass(frozen=True)
class Chart:
    """What a training showed. ``rows``: a dict an epoch; ``images``: uint8 ``(100, 28, 28)``, ten a label at the end.

    Columns of a row: ``epoch``; ``d_loss`` and ``g_loss``, the epoch's means; ``agreement`` and ``diversity`` of
    `LOOKED_AT` samples, as in `judge.evaluate`; ``darkest``, the mean of the samples' darkest pixels, 0 for real
    digits. A run whose losses stopped being numbers has fewer rows.
    """

    setting: Setting
    rows: list
    images: np.ndarray

    def column(self, name):
        """Return one column as a float array ``(epochs,)``."""
        return np.array([row[name] for row in self.rows], float)


def train(setting, digits, seed=0, progress=True, on_call=None, on_epoch=None):
    """Train after ``setting`` on the training images of ``digits``, look after every epoch, return the `Chart`.

    ``seed``: of weights, noise and order. ``on_call(start, stop, means)`` hears of each call of the compiled steps, as
    from `engine.run_epoch`, and ``on_epoch(chart)`` of each epoch; what they raise ends the training. Raises ValueError
    for a setting that cannot be. Shown in lesson 06.
    """
    model = _built(setting, digits, seed)
    factor, shift = RANGES[setting.pixels]
    images = tf.constant(data.to_model(digits.x_train) * factor + shift)  # (n, 28, 28, 1)
    labels = tf.constant(digits.y_train, tf.int32)
    asked, shown = (sampling.label_grid(range(digits.classes), n) for n in (LOOKED_AT // digits.classes, 10))
    real, rows = metrics.spread(digits.x_train, digits.y_train, digits.classes), []
    bar = runtime.Progress(setting.epochs * (len(images) // setting.batch_size), "step") if progress else None
    follow = engine.each(bar and bar.follow, on_call)
    try:
        _head_start(model, images, labels, setting, seed, on_call)
        for epoch in range(1, setting.epochs + 1):
            order = engine.epoch_order(len(images), setting.batch_size, seed, epoch)
            d_loss, g_loss = engine.run_epoch(model, images, labels, order, follow)
            samples = model.sample(asked, seed=seed)
            rows.append(
                {
                    "epoch": epoch,
                    "d_loss": d_loss,
                    "g_loss": g_loss,
                    "agreement": metrics.agreement(asked, judge.look(samples)[0]),
                    "diversity": float(np.mean(metrics.spread(samples, asked, digits.classes) / real)),
                    "darkest": float(samples.min(axis=(1, 2)).mean()),
                }
            )
            if on_epoch:
                on_epoch(Chart(setting, list(rows), model.sample(shown, seed=seed)))
    except FloatingPointError:
        pass  # the chart ends here, and says so
    finally:
        if bar:
            bar.close()
    return Chart(setting, rows, model.sample(shown, seed=seed))


def complaints(chart):
    """Return what is wrong at the end of ``chart``, a list of sentences: empty for a healthy training.

    Healthy after 10 epochs of the shipped digits: 70 % agreement, diversity from 0.6 to 1.15, a black background, and
    losses that are neither 0 nor beyond all bounds. Shown in lesson 06.
    """
    if len(chart.rows) < chart.setting.epochs:
        return [f"a loss stopped being a number after {len(chart.rows)} of {chart.setting.epochs} epochs."]
    last, found = chart.rows[-1], []
    if last["agreement"] < 0.7:
        found.append(f"label agreement is {last['agreement']:.0%}, expected 70 % or more.")
    if not 0.6 <= last["diversity"] <= 1.15:
        found.append(f"diversity is {last['diversity']:.2f}, expected 0.6 to 1.15.")
    if last["darkest"] > 30:
        found.append(f"the samples' darkest pixels are {last['darkest']:.0f} on average, expected 0 to 30.")
    if abs(last["g_loss"]) > 10:
        found.append(f"the generator's loss is {last['g_loss']:.3g}: far from any balance.")
    return found


def changed(setting, patient):
    """Return the names of the fields in which ``setting`` differs from ``patient``. Shown in lesson 06."""
    return [
        field.name
        for field in dataclasses.fields(Setting)
        if getattr(setting, field.name) != getattr(patient, field.name)
    ]


def _built(setting, digits, seed):
    if setting.pixels not in RANGES:
        raise ValueError(f"pixels is {setting.pixels!r}, expected one of {', '.join(map(repr, RANGES))}.")
    for name, least in (("head_start", 0), ("epochs", 1), ("batch_size", 1)):
        value = getattr(setting, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} is {value!r}, expected a whole number from {least} up.")
    recipe = {name: getattr(setting, name) for name in ("loss", "penalty", "g_rate", "d_rate", "beta_1", "ema")}
    return cgan.build("dense", digits.classes, seed, networks={"way": setting.way}, **recipe)


def _head_start(model, images, labels, setting, seed, on_call):
    """Train D alone for the setting's steps: G's rate is 0 meanwhile."""
    if not setting.head_start:
        return
    model.g_optimizer.learning_rate.assign(0.0)
    per_epoch = len(images) // setting.batch_size
    for epoch in range(-(-setting.head_start // per_epoch)):
        order = engine.epoch_order(len(images), setting.batch_size, seed + 1, epoch)
        engine.run_epoch(model, images, labels, order[: setting.head_start - epoch * per_epoch], on_call)
    model.g_optimizer.learning_rate.assign(setting.g_rate)
