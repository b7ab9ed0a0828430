"""Short trainings with one fault each, and charts of them. Keeps no file, draws nothing."""

import dataclasses

import numpy as np

from cgan_lab import cgan, data, engine, judge, losses, metrics, recipes, sampling
from cgan_lab._support.names import pick, whole
from cgan_lab._support.progress import Progress
from cgan_lab._support.tensorflow import tf

LOOKED_AT = 500  # samples that the judge reads after each epoch
# Fields that decide on nothing in a compiled step.
SAME_STEP = {"g_rate": 0.0, "d_rate": 0.0, "pixels": "", "head_start": 0, "epochs": 0}
KEPT = 4  # models whose training is over, for the next one with the same compiled step
_kept = {}
RANGES = {"-1 to 1": (1.0, 0.0), "0 to 1": (0.5, 0.5)}  # factor and shift, from [-1, 1]


@dataclasses.dataclass(frozen=True)
class Setting(recipes.Recipe):
    """A recipe and the rest that a training is made of. The defaults are healthy.

    ``pixels``: the range of the real images, one of `RANGES`; ``head_start``: steps that D trains
    alone before G's first; ``epochs``: passes over the images. Raises ValueError for values that
    cannot be. Shown in lesson 06.
    """

    batch_size: int = 64
    pixels: str = "-1 to 1"
    head_start: int = 0
    epochs: int = 10

    def __post_init__(self):
        super().__post_init__()
        pick("range of pixels", self.pixels, RANGES)
        whole("head_start", self.head_start, 0)
        whole("epochs", self.epochs, 1)


PATIENTS = {
    "A": Setting(way="one_hot"),
    "B": Setting(g_rate=4e-3, d_rate=3e-4),
    "C": Setting(pixels="0 to 1"),
    "D": Setting(loss="minimax", head_start=125),
    "E": Setting(beta_1=0.9),
    "F": Setting(loss="wasserstein", beta_1=0.5),
    "G": Setting(g_rate=4e-3, d_rate=1e-3),
}


# What may be wrong with an `unseen` patient; ``share``, from 0 to 1, is how strongly.
FAULTS = (
    lambda share: {"way": "one_hot"},
    lambda share: {"pixels": "0 to 1"},
    lambda share: {"g_rate": round(4e-4 * round(12 + 3 * share), 4)},
    lambda share: {"g_rate": round(4e-4 * round(11 + 2 * share), 4), "d_rate": 3e-4},
    lambda share: {"beta_1": round(0.85 + 0.1 * share, 2)},
    lambda share: {"loss": "minimax", "head_start": 125 * round(1 + share)},
    lambda share: {"loss": "wasserstein", "beta_1": round(0.5 + 0.15 * share, 2)},
)


def unseen(seed):
    """Return a `Setting` with one fault, whose kind and strength ``seed`` draws.

    Each kind is as likely: the label one-hot; pixels 0 to 1; ``g_rate`` 12 to 15 times the healthy
    one; 11 to 13 times, with a quarter of the ``d_rate``; ``beta_1`` from 0.85 to 0.95; the minimax
    loss after a head start of one or two epochs; Wasserstein's loss with a ``beta_1`` from 0.5 to
    0.65. All are ill after ten epochs, and changing one field heals each. Shown in lesson 06.
    """
    rng = np.random.default_rng(seed)
    fault = FAULTS[rng.integers(len(FAULTS))]
    return Setting(**fault(rng.random()))


@dataclasses.dataclass(frozen=True)
class Chart:
    """What a training showed: a dict per epoch in ``rows``, and ten samples per label at the end.

    Columns of a row: ``epoch``; ``d_loss`` and ``g_loss``, the epoch's means; ``agreement`` and
    ``diversity`` of `LOOKED_AT` samples, as in `evaluation.evaluate`; ``darkest``, the mean of the
    samples' darkest pixels, 0 for real digits. ``images``: uint8 ``(100, 28, 28)``. A run whose
    losses stopped being numbers has fewer rows.
    """

    setting: Setting
    rows: list
    images: np.ndarray

    def column(self, name):
        """Return one column as a float array ``(epochs,)``."""
        return np.array([row[name] for row in self.rows], float)


def train(setting, dataset, seed=0, progress=True, listeners=(), penalty=None):
    """Train with ``setting`` on ``dataset``, look after every epoch, and return the `Chart`.

    ``seed``: of weights, noise and order. ``listeners``: see `engine.Listener`; their ``on_epoch``
    gets the chart so far, ``on_end`` is not called, and what they raise ends the training.
    ``penalty``: a function of your own in place of the setting's, see `losses.Penalty`. Shown in
    lesson 06.
    """
    step, model = _untrained(setting, dataset.classes, seed, penalty)
    factor, shift = RANGES[setting.pixels]
    images = tf.constant(data.to_model(dataset.x_train) * factor + shift)  # (n, 28, 28, 1)
    labels = tf.constant(dataset.y_train, tf.int32)  # (n,)
    shown = sampling.label_grid(range(dataset.classes), 10)
    steps = setting.epochs * (len(images) // setting.batch_size)
    bar = Progress(steps, "step", setting.epochs) if progress else None
    hearing = [*filter(None, [bar]), *listeners]
    real = metrics.spread(dataset.x_train, dataset.y_train, dataset.classes)
    numbers = range(1, setting.epochs + 1)
    rows = []
    try:
        _head_start(model, images, labels, setting, seed, listeners)
        for number, found in engine.epochs(
            model, images, labels, setting.batch_size, seed, numbers, hearing
        ):
            rows.append(_row(number, found, model, dataset, real, seed))
            for listener in listeners:
                listener.on_epoch(Chart(setting, list(rows), model.sample(shown, seed=seed)))
    except FloatingPointError:
        pass  # the chart ends here, and shows it
    finally:
        if bar:
            bar.on_end()
    chart = Chart(setting, rows, model.sample(shown, seed=seed))
    _keep(step, model)
    return chart


def _untrained(setting, classes, seed, penalty):
    """Return (what decides on the compiled step, an untrained model).

    To compile a step takes as long as the training of a small patient. So a model that an earlier
    training has left takes the new one's weights, if their steps differ in nothing that was
    compiled. With a ``penalty`` of your own, or under a strategy, there is none.
    """
    model = cgan.build(setting, classes, seed)
    model.penalty = losses.as_penalty(penalty) or model.penalty
    if penalty is not None or tf.distribute.has_strategy():
        return None, model
    fields = {**dataclasses.asdict(setting), **SAME_STEP}
    step = (*fields.values(), classes, seed, model.jit_compile)
    kept = _kept.pop(step, None)  # taken out: another training may go on beside this one
    if kept is None:
        return step, model
    engine.restore(kept, engine.snapshot(model))
    return step, kept


def _keep(step, model):
    """Keep ``model`` for `_untrained`, and forget the oldest."""
    if step is not None:
        _kept[step] = model
    while len(_kept) > KEPT:
        _kept.pop(next(iter(_kept)))


def _row(number, losses, model, dataset, real, seed):
    """Return the chart's row after epoch ``number``; ``real``: the real images' spread."""
    asked = sampling.label_grid(range(dataset.classes), LOOKED_AT // dataset.classes)
    samples = model.sample(asked, seed=seed)
    d_loss, g_loss = losses
    return {
        "epoch": number,
        "d_loss": d_loss,
        "g_loss": g_loss,
        "agreement": metrics.agreement(asked, judge.look(samples)[0]),
        "diversity": float(np.mean(metrics.spread(samples, asked, dataset.classes) / real)),
        "darkest": float(samples.min(axis=(1, 2)).mean()),
    }


def _head_start(model, images, labels, setting, seed, listeners):
    """Train D alone for the setting's steps: G's rate is 0 meanwhile."""
    if not setting.head_start:
        return
    model.g_optimizer.learning_rate.assign(0.0)
    per_epoch = len(images) // setting.batch_size
    for epoch in range(-(-setting.head_start // per_epoch)):
        order = engine.epoch_order(len(images), setting.batch_size, seed + 1, epoch)
        left = setting.head_start - epoch * per_epoch
        engine.run_epoch(model, images, labels, order[:left], listeners)
    model.g_optimizer.learning_rate.assign(setting.g_rate)


def complaints(chart):
    """Return what is wrong at the end of ``chart``, a list of sentences: empty if it is healthy.

    Healthy after 10 epochs of the shipped digits: 70 % agreement, diversity from 0.6 to 1.15, a
    black background, and a generator's loss from -10 to 10. Shown in lesson 06.
    """
    if len(chart.rows) < chart.setting.epochs:
        done, planned = len(chart.rows), chart.setting.epochs
        return [f"a loss stopped being a number after {done} of {planned} epochs."]
    last = chart.rows[-1]
    found = []
    if last["agreement"] < 0.7:
        found.append(f"label agreement is {last['agreement']:.0%}, expected 70 % or more.")
    if not 0.6 <= last["diversity"] <= 1.15:
        found.append(f"diversity is {last['diversity']:.2f}, expected 0.6 to 1.15.")
    if last["darkest"] > 30:
        darkest = f"{last['darkest']:.0f}"
        found.append(f"the samples' darkest pixels are {darkest} on average, expected 0 to 30.")
    if abs(last["g_loss"]) > 10:
        found.append(f"the generator's loss is {last['g_loss']:.3g}: far from any balance.")
    return found


def changed(setting, patient):
    """Return the names of the fields in which ``setting`` differs from ``patient``.

    Shown in lesson 06.
    """
    names = [field.name for field in dataclasses.fields(Setting)]
    return [name for name in names if getattr(setting, name) != getattr(patient, name)]
