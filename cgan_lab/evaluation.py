"""What the samples of a generator are worth, measured beside real images. Trains nothing."""

import dataclasses
import functools

import numpy as np

from cgan_lab import judge, metrics, sampling
from cgan_lab._support.arrays import check_images

NEIGHBOURHOODS = ("precision", "recall", "density", "coverage")
# Of a real image most pixels are darker than the one, and some are brighter than the other.
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

        def row(name, *cells):
            return f"{name:70}" + "".join(f"{cell:>18}" for cell in cells)

        def percent(share):
            return f"{100 * share:.2f}"

        lines = [
            f"samples              {self.n:,} (seed {self.seed}), beside the real images of "
            f"{self.data}",
            f"judge                of {self.judge}, reads {self.judge_accuracy:.2%} of the real "
            "test images right",
            f"label agreement      {percent(self.agreement)} % +- {percent(self.standard_error)} "
            "(requested and recognised label are the same)",
            f"diversity            {self.diversity:.2f} of the real images' spread within a label "
            "(1 is as varied)",
            f"repeated pictures    {self.repeated}",
            row("on the judge's features", "samples", "real test images"),
            row(
                "  Frechet distance (0 is best)",
                f"{self.frechet_distance:.2f}",
                f"{self.frechet_floor:.2f}",
            ),
            row(
                "  kernel distance (0 is best)",
                f"{self.kernel_distance:.3f}",
                f"{self.kernel_floor:.3f}",
            ),
        ]
        meanings = {
            "precision": "of the samples, inside the real images' neighbourhoods",
            "recall": "of the real images, inside the samples'",
            "density": "real neighbourhoods around a sample, over k = 5",
            "coverage": "of the real images' neighbourhoods, with a sample inside",
        }
        for name, meaning in meanings.items():
            cells = f"{getattr(self, name):.3f}", f"{self.real[name]:.3f}"
            lines.append(row(f"  {name}: {meaning}", *cells))
        lines += self._pixel_lines(row) if self.nearest else []
        labels = range(len(self.confusion))
        lines += ["", "requested \\ recognised " + "".join(f"{label:6}" for label in labels)]
        for label, counts in enumerate(self.confusion):
            lines.append(f"{label:22} " + "".join(f"{count:6}" for count in counts))
        return "\n".join(lines)

    def _pixel_lines(self, row):
        near = self.nearest
        parzen = ", ".join(
            f"{name} {found['log_likelihood']:.0f} +- {found['standard_error']:.1f}"
            for name, found in self.parzen.items()
        )
        cells = f"{near['samples']:.2f}", f"{near['test']:.2f}"
        return [
            row("on pixels", "samples", "real test images"),
            row("  to the nearest training image (median)", *cells),
            row("  nearer than 99 % of the real test images are", f"{near['copies']:.1%}", "1.0%"),
            f"  Parzen log-likelihood in nats, a warning and no ranking: {parzen} "
            f"(sigma {self.parzen['samples']['sigma']:.2f})",
        ]


def evaluate(sample, dataset, n=10_000, seed=0, full=False, say=None):
    """Judge ``n`` samples, the same number of each label, and return a `Report`.

    With whole MNIST all of it takes a minute or two; with the same real images, later calls take
    about half as long. Shown in lesson 03.

    Args:
        sample: ``sample(labels, seed=seed)`` -> uint8 ``(n, 28, 28)``, such as `CGAN.sample`.
        dataset: the real images beside which the samples stand, from `data.load`.
        n: number of samples, a multiple of the number of classes.
        seed: of the samples.
        full: also measure on pixels, and keep images for `plots.neighbourhoods`.
        say: called with a text before each long part.

    Raises:
        ValueError: before any figure, for another ``n``; for data that no judge can read; for
            samples in another range than 0..255; for samples that show other labels than those
            requested in an orderly way, since then data and model number their classes differently.
        TypeError: for samples that are not uint8.
    """
    classes = dataset.classes
    if n < 2 * classes or n % classes:
        raise ValueError(
            f"n is {n}, expected a multiple of {classes}, at least two samples a label."
        )
    say = say or (lambda text: None)
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
    real = _measured(content, n)
    say("distances of features")
    near = metrics.neighbourhoods(real["features"][:n], features)
    more = {}
    if full:
        say("distances of pixels")
        more = _pixels(images, dataset)
        more["shown"] = _shown(images, dataset.x_train, near, features, real["features"])
    kernel, deviation = metrics.kernel_distance(features, real["features"][:n])
    share = float(counts.trace() / n)
    spread = metrics.spread(images, requested, classes) / real["spread"]
    return Report(
        n=int(n),
        seed=seed,
        data=dataset.name,
        judge=name,
        judge_accuracy=accuracy,
        agreement=share,
        standard_error=metrics.standard_error(share, n),
        per_label=(counts.diagonal() / counts.sum(axis=1)).tolist(),
        confusion=counts.tolist(),
        repeated=metrics.repeated(images, requested),
        diversity=float(np.mean(spread)),
        diversity_per_label=spread.tolist(),
        frechet_distance=metrics.frechet_distance(features, real["features"]),
        kernel_distance=kernel,
        kernel_deviation=deviation,
        **{key: near[key] for key in NEIGHBOURHOODS},
        **{key: real[key] for key in ("frechet_floor", "kernel_floor")},
        real=dict(real["neighbourhoods"]),
        **more,
    )


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
def _measured(content, n):
    """Return what is measured of the real images alone, once per content and ``n``."""
    dataset = content.dataset
    name, _, test = _judge_of(content)
    train = judge.look(dataset.x_train, name)[1]
    near = metrics.neighbourhoods(train[:n], test)
    return {
        "features": train,
        "spread": metrics.spread(dataset.x_train, dataset.y_train, dataset.classes),
        "frechet_floor": metrics.frechet_distance(test, train),
        "kernel_floor": metrics.kernel_distance(test, train[:n])[0],
        "neighbourhoods": {key: near[key] for key in NEIGHBOURHOODS},
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
