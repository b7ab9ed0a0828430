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
OF_A_JUDGE = ("judge", "agreement", "frechet_distance", "kernel_distance", *NEIGHBOURHOODS)
# In a real image most pixels are darker than BACKGROUND, and some are brighter than STROKE.
BACKGROUND, STROKE = 55, 200
COPIES = {"copies": "", "copies_features": ", by features"}
CLUSTERS = 1000
LEAST = 12  # training images that the figures of pixels need
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

    ``missing``: figures that the data do not allow, each with the reason; they are None.
    """

    n: int
    seed: int
    data: str
    judge: str | None = None
    judge_accuracy: float | None = None
    agreement: float | None = None
    standard_error: float | None = None
    per_label: list | None = None
    confusion: list | None = None
    repeated: int | None = None
    diversity: float | None = None
    diversity_per_label: list | None = None
    frechet_distance: float | None = None
    kernel_distance: float | None = None
    kernel_deviation: float | None = None
    precision: float | None = None
    recall: float | None = None
    density: float | None = None
    coverage: float | None = None
    frechet_floor: float | None = None
    kernel_floor: float | None = None
    real: dict | None = None
    nearest: dict | None = None
    parzen: dict | None = None
    shown: dict | None = None
    missing: dict = dataclasses.field(default_factory=dict)

    def as_json(self):
        """Return a dict of plain numbers, lists and texts, without the images in ``shown``."""
        found = dataclasses.asdict(dataclasses.replace(self, shown=None))
        kept = {name for name, value in found.items() if value is not None} | set(self.missing)
        kept -= {"shown"} if self.missing else {"shown", "missing"}
        return {name: value for name, value in found.items() if name in kept}

    def table(self):
        """Return lines of text: the figures with n and seed, then requested x recognised."""
        lines = [
            f"samples              {self.n:,} (seed {self.seed}), beside the real images of "
            f"{self.data}"
        ]
        if self.judge is not None:
            share = f"{100 * self.agreement:.2f} % +- {100 * self.standard_error:.2f}"
            lines += [
                f"judge                of {self.judge}, reads {self.judge_accuracy:.2%} of the "
                "real test images right",
                f"label agreement      {share} (requested and recognised label are the same)",
            ]
        lines += [
            f"diversity            {_text(self.diversity, '.2f')} of the real images' spread "
            "within a label (1 is as varied)",
            f"repeated pictures    {self.repeated}",
        ]
        lines += self._feature_lines() if self.judge is not None else []
        lines += self._pixel_lines() if self.nearest else []
        for reason in dict.fromkeys(self.missing.values()):
            names = [name for name, why in self.missing.items() if why == reason]
            lines.append(f"not measured         {', '.join(names)}: {reason}")
        if self.judge is not None:
            labels = range(len(self.confusion[0]))
            lines += ["", "requested \\ recognised " + "".join(f"{label:6}" for label in labels)]
            for label, counts in enumerate(self.confusion):
                lines.append(f"{label:22} " + "".join(f"{count:6}" for count in counts))
        return "\n".join(lines)

    def _feature_lines(self):
        frechet = self.frechet_distance, self.frechet_floor
        kernel = self.kernel_distance, self.kernel_floor
        lines = [
            _row("on the judge's features", "samples", "real test images"),
            _row("  Frechet distance (0 is best)", *(_text(value, ".2f") for value in frechet)),
            _row("  kernel distance (0 is best)", *(_text(value, ".3f") for value in kernel)),
        ]
        for name, meaning in NEIGHBOURHOODS.items():
            cells = getattr(self, name), self.real[name]
            lines.append(_row(f"  {name}: {meaning}", *(_text(value, ".3f") for value in cells)))
        return lines

    def _pixel_lines(self):
        near = self.nearest
        parzen = ", ".join(
            f"{name} {found['log_likelihood']:.0f} +- {found['standard_error']:.1f}"
            for name, found in self.parzen.items()
        )
        cells = f"{near['samples']:.2f}", f"{near['test']:.2f}"
        return [
            _row("on pixels", "samples", "real test images"),
            _row("  to the nearest training image, moved by up to a pixel (median)", *cells),
            *(_share_row(near, name, where) for name, where in COPIES.items() if name in near),
            f"  Parzen log-likelihood in nats, a warning and no ranking: {parzen} "
            f"(sigma {self.parzen['samples']['sigma']:.2f})",
        ]


def _share_row(near, name, where):
    cells = f"{near[name]:.1%}", f"{near[f'{name}_test']:.1%}"
    return _row(f"  nearer than 99 % of the real test images of its label{where}", *cells)


def _text(value, form):
    return "-" if value is None else format(value, form)


def _row(name, *cells):
    return f"{name:70}" + "".join(f"{cell:>18}" for cell in cells)


def evaluate(sample, dataset, n=None, seed=0, full=False, say=lambda text: None, need_judge=True):
    """Judge ``n`` samples, the same number of each label, and return a `Report`.

    Labels without a training image are left out. With whole MNIST it takes a minute or two, and
    half as long the next time; up to three with ``full``. Shown in lesson 03.

    Args:
        sample: ``sample(labels, seed=seed)`` -> uint8 ``(n, 28, 28)``, such as `CGAN.sample`.
        dataset: the real images beside which the samples stand, from `data.load`.
        n: number of samples, a multiple of the number of labels; by default 10,000, or the next
            such number below.
        seed: of the samples.
        full: also measure on pixels, and keep images for `plots.neighbourhoods`.
        say: called with a text before each long part.
        need_judge: False to report on pixels alone where no judge reads the data.

    Raises:
        ValueError, TypeError: before any figure, for another ``n``; for data that no judge can
            read; for samples that are not uint8 in 0..255; for samples that show other labels than
            those requested in an orderly way: data and model number their classes differently.
    """
    labels = dataset.labels
    n = samples_of(labels, n)
    say(f"{n:,} samples")
    requested = sampling.label_grid(labels, n // len(labels))
    images = check_images(sample(requested, seed=seed), "samples")
    _check_range(images, n)
    content = _ByContent(dataset)
    features, missing = None, {}
    found = _varied(images, requested, content, missing)
    try:
        judged, accuracy, _ = _judge_of(content)
    except ValueError as error:
        if need_judge:
            raise
        missing |= dict.fromkeys(OF_A_JUDGE, str(error))
    else:
        recognised, features = judge.look(images, judged)
        found |= {"judge": judged, "judge_accuracy": accuracy}
        found |= _as_requested(requested, recognised, dataset, missing)
        found |= _near(images, features, content, missing, full, say)
    if full:
        say("distances of pixels")
        found |= _pixels(images, requested, features, content, missing)
    return Report(n, seed, dataset.name, missing=missing, **found)


def samples_of(labels, n=None):
    """Return the number of samples, ``n`` or the default, for so many labels. Raises ValueError."""
    count = len(labels)
    if n is None:
        return max(10_000 // count, 2) * count
    if n < 2 * count or n % count:
        raise ValueError(f"n is {n}, expected a multiple of {count}, at least two per label.")
    return int(n)


def _as_requested(requested, recognised, dataset, missing):
    """Return how the labels that the judge recognised agree with those requested."""
    labels = dataset.labels
    counts = metrics.confusion(requested, recognised, max(dataset.classes, judge.CLASSES))
    counts = counts[: dataset.classes]  # the judge may know more labels
    _check_order(counts[labels], labels)
    n = int(counts.sum())
    share = float(counts.trace() / n)
    if absent := sorted(set(range(len(counts))) - set(labels.tolist())):
        missing["per_label"] = f"no training image has the label {', '.join(map(str, absent))}."
    per_label = (counts.diagonal() / np.maximum(counts.sum(axis=1), 1)).tolist()
    return {
        "agreement": share,
        "standard_error": metrics.standard_error(share, n),
        "per_label": [None if k in absent else value for k, value in enumerate(per_label)],
        "confusion": counts.tolist(),
    }


def _varied(images, requested, content, missing):
    real = _spread(content)
    known = real > 0.0  # NaN, for fewer than two images, is not
    spread = metrics.spread(images, requested, len(real))
    ratio = [float(s / r) if yes else None for s, r, yes in zip(spread, real, known, strict=True)]
    if not known.all():
        alone = ", ".join(map(str, np.flatnonzero(~known)))
        missing["diversity_per_label"] = f"too few different training images of label {alone}."
    if not known.any():
        missing["diversity"] = missing["diversity_per_label"]
    return {
        "repeated": metrics.repeated(images, requested),
        "diversity": float(np.mean(spread[known] / real[known])) if known.any() else None,
        "diversity_per_label": ratio,
    }


def _near(images, features, content, missing, full, say):
    """Return the figures of features, and with ``full`` what is shown of them."""
    n = len(images)
    say(f"{len(content.dataset.x_train):,} real training images")
    real, floors, reasons = _measured(content, n)
    missing |= reasons
    say("distances of features")
    names = ("frechet_distance", "kernel_distance", "kernel_deviation")
    found = _tried(missing, names[:1], lambda: [metrics.frechet_distance(features, real)])
    found |= _tried(missing, names[1:], lambda: metrics.kernel_distance(features, real[:n]))
    near = _tried(missing, NEIGHBOURHOODS, lambda: metrics.neighbourhoods(real[:n], features))
    found |= {key: near[key] for key in NEIGHBOURHOODS}
    if full and near["precision"] is not None:
        found["shown"] = _shown(images, content.dataset.x_train, near, features, real)
    return found | floors | {"real": dict(floors["real"])}


def _tried(missing, names, measure):
    """Return what ``measure()`` returns by name; None and a reason if there are too few images.

    ``measure`` returns a dict, which may hold more than ``names``, or a figure for each name.
    """
    try:
        found = measure()
        return found if isinstance(found, dict) else dict(zip(names, found, strict=True))
    except ValueError as error:
        missing |= dict.fromkeys(names, f"too few images: {error}")
        return dict.fromkeys(names)


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
    """Return (features of the real training images, figures of the test images, reasons).

    ``reasons``: why a figure is None. Computed once per content and ``n``.
    """
    name, _, test = _judge_of(content)
    train = judge.look(content.dataset.x_train, name)[1]
    reasons = {}
    floors = _tried(reasons, ["frechet_floor"], lambda: [metrics.frechet_distance(test, train)])
    floors |= _tried(
        reasons, ["kernel_floor"], lambda: metrics.kernel_distance(test, train[:n])[:1]
    )
    near = _tried(reasons, ["real"], lambda: [metrics.neighbourhoods(train[:n], test)])["real"]
    near = near or dict.fromkeys(NEIGHBOURHOODS)
    return train, {**floors, "real": {key: near[key] for key in NEIGHBOURHOODS}}, reasons


def _check_range(images, n):
    if len(images) != n:
        raise ValueError(f"{len(images)} samples came for {n} labels, expected one per label.")
    low = images.min()
    high = images.max()
    bright = np.mean(images > STROKE)
    if high <= 1:
        raise ValueError(
            f"the samples' pixels run from {low} to {high}: that looks like [0, 1]; expected uint8 "
            "in 0..255. Use data.to_pixels."
        )
    if low >= 100:
        raise ValueError(
            f"the samples' pixels run from {low} to {high}: real images have black pixels, 0. A "
            "generator that ends in [0, 1] (a sigmoid) was read as if it ended in [-1, 1]; rescale "
            "its output, or end it in tanh."
        )
    if bright > 0.5 and np.mean(images < BACKGROUND) < 0.5:
        raise ValueError(
            f"{bright:.0%} of the samples' pixels are above {STROKE}: black on white. "
            "Use 255 - images."
        )


def _check_order(counts, labels):
    """Raise ValueError if each of ``labels`` shows another label, and no two the same."""
    best = counts.argmax(axis=1)
    share = counts.max(axis=1).sum() / counts.sum()
    in_order = (best == labels).all()
    others = set(best) <= set(labels) and len(set(best)) == len(best) > 1
    if others and not in_order and share > 0.8:
        pairs = ", ".join(f"{r} shows {c}" for r, c in zip(labels, best, strict=True) if r != c)
        raise ValueError(
            f"the labels disagree: asked for {pairs}, in {share:.0%} of the samples. Model and "
            "data number their classes differently; put the labels in one order before you judge."
        )


def _pixels(images, requested, features, content, missing):
    """Return ``nearest``, of the samples and of the real test images, and ``parzen``.

    ``nearest``: the median distance to the nearest training image of the same label, moved by up to
    a pixel; ``copies``: the share that is `metrics.suspicious`, about 0.01 if nothing is memorised;
    ``copies_features``: the same by the distance of the judge's features, without moving.
    ``parzen``: `metrics.parzen_score` of the samples and, for comparison, of as many real training
    images and of `CLUSTERS` k-means centres; the last training images, up to 1,000, choose sigma.
    """
    dataset = content.dataset
    if len(dataset.x_train) < LEAST:
        missing |= dict.fromkeys(("nearest", "parzen"), f"fewer than {LEAST} training images.")
        return {}
    known = dataset.x_train, dataset.y_train
    of_samples = metrics.nearest_shifted(images, requested, *known)[0]
    of_test = metrics.nearest_shifted(dataset.x_test, dataset.y_test, *known)[0]
    near = {name: _apart(x) for name, x in (("samples", of_samples), ("test", of_test))}
    near |= _copies("copies", of_samples, requested, of_test, dataset.y_test)
    if features is not None:
        test = _judge_of(content)[2]
        known = _measured(content, len(images))[0], dataset.y_train
        of_samples = metrics.nearest_of_label(features, requested, *known)[0]
        of_test = metrics.nearest_of_label(test, dataset.y_test, *known)[0]
        near |= _copies("copies_features", of_samples, requested, of_test, dataset.y_test)
    samples, train, test = (
        x.reshape(len(x), -1) / np.float32(255) for x in (images, dataset.x_train, dataset.x_test)
    )
    held = min(1000, len(train) // 6)
    train, validation = train[:-held], train[-held:]
    models = {
        "samples": samples,
        "real": train[: len(samples)],
        "centroids": metrics.centroids(train, min(CLUSTERS, len(train))),
    }
    parzen = {
        name: metrics.parzen_score(points, validation, test) for name, points in models.items()
    }
    return {"nearest": near, "parzen": parzen}


def _apart(distances):
    """Return the median of the finite distances: a label may be without a training image."""
    return float(np.median(distances[np.isfinite(distances)]))


def _copies(name, of_samples, requested, of_test, labels):
    """Return the share of suspicious samples as ``name``, that of test images as ``name_test``."""
    found = metrics.suspicious(of_samples, requested, of_test, labels)
    usual = metrics.suspicious(of_test, labels, of_test, labels)
    return {name: float(found.mean()), f"{name}_test": float(usual.mean())}


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
