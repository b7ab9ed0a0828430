"""What the samples of a generator are worth, measured beside real images. Trains nothing."""

import dataclasses
import functools

import numpy as np

from cgan_lab import judge, metrics, sampling
from cgan_lab._support.arrays import check_images

NEIGHBOURHOODS = {
    "precision": "of the samples, inside the real images' neighbourhoods",
    "recall": "of the real images, inside the samples'",
    "density": "real neighbourhoods around a sample, over k = 5",
    "coverage": "of the real images' neighbourhoods, with a sample inside",
}
# In a real image most pixels are darker than BACKGROUND, and some are brighter than STROKE.
BACKGROUND, STROKE = 55, 200
CLUSTERS = 1000
SHOWN = 20  # images of each kind that a full report keeps for its picture


@dataclasses.dataclass(frozen=True)
class Report:
    """What `evaluate` measured on ``n`` samples of the seed ``seed``.

    ``data``, ``judge``, ``judge_accuracy``: the real images, the classifier that read them and the
    samples, and its accuracy on the real test images. ``agreement`` with its ``standard_error``:
    share of samples recognised as the label requested; ``per_label``: of each label; ``confusion``:
    requested x recognised. ``diversity``: the samples' spread within a label over the real images',
    averaged over labels; ``diversity_per_label``. ``repeated``: pictures that occur again.

    On the judge's features, beside the real training images: ``frechet_distance``,
    ``kernel_distance`` with its ``kernel_deviation``, ``precision``, ``recall``, ``density``,
    ``coverage``. The same of the real test images: ``frechet_floor``, ``kernel_floor``, ``real``.

    Only with ``full``: ``nearest`` and ``parzen``, on pixels, see `_pixels`; ``shown``, for
    `plots.neighbourhoods`. None otherwise.
    """

    n: int
    seed: int
    data: str
    judge: str
    judge_accuracy: float
    agreement: float
    standard_error: float
    per_label: list
    confusion: list
    repeated: int
    diversity: float
    diversity_per_label: list
    frechet_distance: float
    kernel_distance: float
    kernel_deviation: float
    precision: float
    recall: float
    density: float
    coverage: float
    frechet_floor: float
    kernel_floor: float
    real: dict
    nearest: dict | None = None
    parzen: dict | None = None
    shown: dict | None = None

    def as_json(self):
        """Return a dict of plain numbers, lists and texts, without the images in ``shown``."""
        found = dataclasses.asdict(dataclasses.replace(self, shown=None))
        return {name: value for name, value in found.items() if value is not None}

    def table(self):
        """Return lines of text: the figures with n and seed, then requested x recognised."""
        share = f"{100 * self.agreement:.2f} % +- {100 * self.standard_error:.2f}"
        frechet = self.frechet_distance, self.frechet_floor
        kernel = self.kernel_distance, self.kernel_floor
        lines = [
            f"samples              {self.n:,} (seed {self.seed}), beside the real images of "
            f"{self.data}",
            f"judge                of {self.judge}, reads {self.judge_accuracy:.2%} of the real "
            "test images right",
            f"label agreement      {share} (requested and recognised label are the same)",
            f"diversity            {self.diversity:.2f} of the real images' spread within a label "
            "(1 is as varied)",
            f"repeated pictures    {self.repeated}",
            _row("on the judge's features", "samples", "real test images"),
            _row("  Frechet distance (0 is best)", *(f"{value:.2f}" for value in frechet)),
            _row("  kernel distance (0 is best)", *(f"{value:.3f}" for value in kernel)),
        ]
        for name, meaning in NEIGHBOURHOODS.items():
            cells = f"{getattr(self, name):.3f}", f"{self.real[name]:.3f}"
            lines.append(_row(f"  {name}: {meaning}", *cells))
        lines += self._pixel_lines() if self.nearest else []
        labels = range(len(self.confusion))
        lines += ["", "requested \\ recognised " + "".join(f"{label:6}" for label in labels)]
        for label, counts in enumerate(self.confusion):
            lines.append(f"{label:22} " + "".join(f"{count:6}" for count in counts))
        return "\n".join(lines)

    def _pixel_lines(self):
        near = self.nearest
        parzen = ", ".join(
            f"{name} {found['log_likelihood']:.0f} +- {found['standard_error']:.1f}"
            for name, found in self.parzen.items()
        )
        cells = f"{near['samples']:.2f}", f"{near['test']:.2f}"
        return [
            _row("on pixels", "samples", "real test images"),
            _row("  to the nearest training image (median)", *cells),
            _row("  nearer than 99 % of the real test images are", f"{near['copies']:.1%}", "1.0%"),
            f"  Parzen log-likelihood in nats, a warning and no ranking: {parzen} "
            f"(sigma {self.parzen['samples']['sigma']:.2f})",
        ]


def _row(name, *cells):
    return f"{name:70}" + "".join(f"{cell:>18}" for cell in cells)


def evaluate(sample, dataset, n=10_000, seed=0, full=False, say=lambda text: None):
    """Judge ``n`` samples, the same number of each label, and return a `Report`.

    With whole MNIST it takes a minute or two, and half as long the next time. Shown in lesson 03.

    Args:
        sample: ``sample(labels, seed=seed)`` -> uint8 ``(n, 28, 28)``, such as `CGAN.sample`.
        dataset: the real images beside which the samples stand, from `data.load`.
        n: number of samples, a multiple of the number of classes.
        seed: of the samples.
        full: also measure on pixels, and keep images for `plots.neighbourhoods`.
        say: called with a text before each long part.

    Raises:
        ValueError, TypeError: before any figure, for another ``n``; for data that no judge can
            read; for samples that are not uint8 in 0..255; for samples that show other labels than
            those requested in an orderly way: data and model number their classes differently.
    """
    classes = dataset.classes
    if n < 2 * classes or n % classes:
        raise ValueError(f"n is {n}, expected a multiple of {classes}, at least two per label.")
    say(f"{n:,} samples")
    requested = sampling.label_grid(range(classes), n // classes)
    images = check_images(sample(requested, seed=seed), "samples")
    _check_range(images, n)
    content = _ByContent(dataset)
    name, accuracy, _ = _judge_of(content)
    recognised, features = judge.look(images, name)
    counts = metrics.confusion(requested, recognised, classes)
    _check_order(counts)
    say(f"{len(dataset.x_train):,} real training images")
    real, floors = _measured(content, n)
    say("distances of features")
    near = metrics.neighbourhoods(real[:n], features)
    found = _as_requested(counts) | _varied(images, requested, content)
    found |= _near(features, real, near) | floors | {"real": dict(floors["real"])}
    if full:
        say("distances of pixels")
        shown = _shown(images, dataset.x_train, near, features, real)
        found |= {**_pixels(images, dataset), "shown": shown}
    return Report(int(n), seed, dataset.name, name, accuracy, **found)


def _as_requested(counts):
    n = int(counts.sum())
    share = float(counts.trace() / n)
    return {
        "agreement": share,
        "standard_error": metrics.standard_error(share, n),
        "per_label": (counts.diagonal() / counts.sum(axis=1)).tolist(),
        "confusion": counts.tolist(),
    }


def _varied(images, requested, content):
    spread = metrics.spread(images, requested, content.dataset.classes) / _spread(content)
    return {
        "repeated": metrics.repeated(images, requested),
        "diversity": float(np.mean(spread)),
        "diversity_per_label": spread.tolist(),
    }


def _near(features, real, near):
    kernel, deviation = metrics.kernel_distance(features, real[: len(features)])
    return {
        "frechet_distance": metrics.frechet_distance(features, real),
        "kernel_distance": kernel,
        "kernel_deviation": deviation,
        **{key: near[key] for key in NEIGHBOURHOODS},
    }


class _ByContent:
    """A data set that equals another one if their arrays are equal, for `functools.lru_cache`."""

    def __init__(self, dataset):
        self.dataset = dataset
        self.checksum = dataset.checksum()

    def __eq__(self, other):
        return self.checksum == other.checksum

    def __hash__(self):
        return hash(self.checksum)


@functools.lru_cache(maxsize=4)
def _judge_of(content):
    return judge.judge_of(content.dataset)


@functools.lru_cache(maxsize=4)
def _spread(content):
    """Return the real training images' spread within each label."""
    dataset = content.dataset
    return metrics.spread(dataset.x_train, dataset.y_train, dataset.classes)


@functools.lru_cache(maxsize=4)
def _measured(content, n):
    """Return (features of the real training images, figures of the real test images beside them).

    Computed once per content and ``n``.
    """
    name, _, test = _judge_of(content)
    train = judge.look(content.dataset.x_train, name)[1]
    near = metrics.neighbourhoods(train[:n], test)
    return train, {
        "frechet_floor": metrics.frechet_distance(test, train),
        "kernel_floor": metrics.kernel_distance(test, train[:n])[0],
        "real": {key: near[key] for key in NEIGHBOURHOODS},
    }


def _check_range(images, n):
    if len(images) != n:
        raise ValueError(f"{len(images)} samples came for {n} labels, expected one per label.")
    low = images.min()
    high = images.max()
    bright = np.mean(images > STROKE)
    came = f"the samples' pixels run from {low} to {high}"
    if high <= 1:
        raise ValueError(
            f"{came}: that looks like [0, 1]; expected uint8 in 0..255. Use data.to_pixels."
        )
    if low >= 100:
        raise ValueError(
            f"{came}: real images have black pixels, 0. A generator that ends in [0, 1] (a "
            "sigmoid) was read as if it ended in [-1, 1]; rescale its output, or end it in tanh."
        )
    if bright > 0.5 and np.mean(images < BACKGROUND) < 0.5:
        raise ValueError(
            f"{bright:.0%} of the samples' pixels are above {STROKE}: black on white. "
            "Use 255 - images."
        )


def _check_order(counts):
    """Raise ValueError if each label shows another label, and no two the same."""
    best = counts.argmax(axis=1)
    share = counts.max(axis=1).sum() / counts.sum()
    in_order = (best == np.arange(len(best))).all()
    if len(set(best)) == len(best) and not in_order and share > 0.8:
        pairs = ", ".join(f"{r} shows {c}" for r, c in enumerate(best) if r != c)
        raise ValueError(
            f"the labels disagree: asked for {pairs}, in {share:.0%} of the samples. Model and "
            "data number their classes differently; put the labels in one order before you judge."
        )


def _pixels(images, dataset):
    """Return ``nearest`` and ``parzen``, measured on pixels in [0, 1].

    ``nearest``: the median distance to the nearest training image, of the samples and of the real
    test images, and ``copies``, the share of samples that are nearer than all but 1 % of the test
    images: 0.01 if nothing is memorised. ``parzen``: `metrics.parzen_score` of the samples and, for
    comparison, of as many real training images and of `CLUSTERS` k-means centres; the last training
    images, up to 1,000, choose sigma.
    """
    samples, train, test = (
        x.reshape(len(x), -1) / np.float32(255) for x in (images, dataset.x_train, dataset.x_test)
    )
    of_samples = metrics.nearest(samples, train)[0]
    of_test = metrics.nearest(test, train)[0]
    held = min(1000, len(train) // 6)
    train, validation = train[:-held], train[-held:]
    models = {
        "samples": samples,
        "real": train[: len(samples)],
        "centroids": metrics.centroids(train, min(CLUSTERS, len(train))),
    }
    return {
        "nearest": {
            "samples": float(np.median(of_samples)),
            "test": float(np.median(of_test)),
            "copies": float(np.mean(of_samples < np.quantile(of_test, 0.01))),
        },
        "parzen": {
            name: metrics.parzen_score(points, validation, test) for name, points in models.items()
        },
    }


def _shown(images, real, near, features, real_features):
    """Return the images outside every neighbourhood of the other kind, and features in a plane."""
    outside = images[~near["fake_inside"]]
    missed = real[: len(near["real_inside"])][~near["real_inside"]]
    # The two directions along which the real features vary most.
    axes = np.linalg.eigh(np.cov(real_features, rowvar=False))[1][:, :-3:-1]
    return {
        "outside": outside[_evenly(len(outside))],
        "missed": missed[_evenly(len(missed))],
        "samples": features @ axes,
        "real": real_features[: len(features)] @ axes,
    }


def _evenly(n):
    """Return up to `SHOWN` indices, evenly from 0 to n - 1: samples are sorted by label."""
    return np.unique(np.linspace(0, n - 1, SHOWN).astype(int)) if n else np.empty(0, int)
