"""The shipped classifiers that name what an image shows, and what they say of a generator's samples."""

import functools
import hashlib

import numpy as np

from cgan_lab import data, metrics, sampling
from cgan_lab._support import files, runtime

FEATURES = 128
# name -> (its file, the share of real test images that it must read as labelled before it may judge samples)
JUDGES = {"digits": ("judge.npz", 0.9), "fashion": ("judge-fashion.npz", 0.85)}
SHOWN = 20  # images of each kind that `evaluate` keeps for the picture


def build(dropout=0.4):
    """Return an untrained judge: images ``(n, 28, 28, 1)`` in 0..255 -> logits ``(n, 10)``, features ``(n, 128)``.

    Two convolutions with batch normalisation, one hidden layer of 128 ReLU units (the features), ten logits.
    """
    runtime.tensorflow()
    from keras import Model, layers

    x = image = layers.Input((28, 28, 1), name="image")
    x = layers.Rescaling(1 / 255.0)(x)  # 0..255 -> 0..1
    for filters in (24, 48):
        x = layers.Conv2D(filters, 5, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)  # (28, 28) -> (14, 14) -> (7, 7)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    features = layers.Dense(FEATURES, activation="relu", name="features")(x)
    logits = layers.Dense(10, name="logits")(layers.Dropout(dropout)(features))
    return Model(image, [logits, features], name="judge")


@functools.cache
def _compiled(judge):
    tf = runtime.tensorflow()
    if judge not in JUDGES:
        raise ValueError(f"no judge {judge!r}; there are {', '.join(JUDGES)}.")
    model = files.read_weights(files.asset(JUDGES[judge][0]), build())
    return tf.function(lambda images: model(tf.cast(images, tf.float32), training=False), reduce_retracing=True)


def look(images, judge="digits"):
    """Return (labels int64 ``(n,)``, features float32 ``(n, 128)``) that a shipped judge sees in uint8 images.

    ``images``: uint8 ``(n, 28, 28)``, white on black as in MNIST; ``judge``: a name in `JUDGES`. Raises
    TypeError or ValueError for others. Shown in lesson 03.
    """
    images = data.check_images(images)
    labels, features = [np.empty(0, np.int64)], [np.empty((0, FEATURES), np.float32)]
    for start in range(0, len(images), 500):
        logits, seen = _compiled(judge)(images[start : start + 500, ..., np.newaxis])
        labels.append(logits.numpy().argmax(axis=1))
        features.append(seen.numpy())
    return np.concatenate(labels), np.concatenate(features)


def judge_of(digits):
    """Return (name, accuracy, features) of the judge that reads the real test images of ``digits`` as labelled.

    Raises ValueError if none does: then the data, or their labels, are of a kind that no judge knows.
    """
    found = {}
    for name, (_, least) in JUDGES.items():
        labels, features = look(digits.x_test, name)
        found[name] = metrics.agreement(digits.y_test, labels)
        if found[name] >= least:
            return name, found[name], features
    shares = ", ".join(f"the judge of {name} {share:.0%}" for name, share in found.items())
    raise ValueError(
        f"no judge reads the real test images of {digits.name} as their label says ({shares}): these data or "
        "their labels are of another kind than MNIST and Fashion-MNIST."
    )


NEIGHBOURHOODS = ("precision", "recall", "density", "coverage")
BACKGROUND, STROKE = 55, 200  # of real images, most pixels are darker than the one and some brighter than the other
CLUSTERS = 1000


def evaluate(sample, digits, n=10_000, seed=0, full=False, tell=None):
    """Judge ``n`` samples, the same number of each label, and return a dict of what was found.

    ``sample(labels, seed=seed)``: returns uint8 images ``(n, 28, 28)``, as `CGAN.sample` does;
    ``digits``: the real images beside which the samples stand. Keys: ``n``, ``seed``, ``data``, ``judge`` and
    ``judge_accuracy`` (on the real test images), ``agreement`` with its ``standard_error``, ``per_label``,
    ``confusion``, ``repeated``, ``diversity`` (the samples' spread within a label over the real images',
    averaged over labels) with ``diversity_per_label``; on the judge's features, beside the real training images,
    ``frechet_distance``, ``kernel_distance`` with its ``kernel_deviation``, ``precision``, ``recall``, ``density``,
    ``coverage``; the same of the real test images: ``frechet_floor``, ``kernel_floor`` and the dict ``real``.
    ``full`` adds ``nearest`` and ``parzen`` on pixels and ``shown``, for `plots.neighbourhoods`.
    ``tell(text)`` is called before each long part: with whole MNIST all take a minute or two. What is found of the
    real images is kept: with the same ones, later calls take about half the time.

    Raises ValueError, before any figure, for a number of samples that is not a multiple of the classes, for data
    that no judge can read, for samples in another range than 0..255, and for samples that show other labels than
    those asked for in an orderly way: then data and model number their classes differently. Shown in lesson 03.
    """
    if n < 2 * digits.classes or n % digits.classes:
        raise ValueError(f"n is {n}, expected a multiple of {digits.classes}, at least two samples a label.")
    tell = tell or (lambda text: None)
    tell(f"{len(digits.x_test):,} real test images, read by the judge")
    content = _content(digits)
    judge, accuracy, test_features = _kept(content, "test", lambda: judge_of(digits))
    tell(f"{n:,} samples")
    requested = sampling.label_grid(range(digits.classes), n // digits.classes)
    images = data.check_images(sample(requested, seed=seed), "samples")
    _check_range(images, n)
    recognised, features = look(images, judge)
    counts = metrics.confusion(requested, recognised, digits.classes)
    _check_order(counts)
    found = {"n": int(n), "seed": seed, "data": digits.name, "judge": judge, "judge_accuracy": accuracy}
    found |= _as_asked(counts) | _as_varied(images, requested, digits)
    tell(f"{len(digits.x_train):,} real training images")
    train_features, as_test = _kept(content, n, lambda: _of_real(digits, n, judge, test_features))
    tell("distances of features")
    near, as_real = _as_real(train_features, features)
    found |= as_real | as_test | {"real": dict(as_test["real"])}
    if full:
        tell("distances of pixels")
        found |= _pixels(images, digits) | _shown(images, digits.x_train, near, features, train_features)
    return found


def _check_range(images, n):
    if len(images) != n:
        raise ValueError(f"{len(images)} samples came for {n} labels, expected one a label.")
    low, high, bright = images.min(), images.max(), np.mean(images > STROKE)
    told = f"the samples' pixels run from {low} to {high}"
    if high <= 1:
        raise ValueError(f"{told}: that looks like [0, 1]; expected uint8 in 0..255. Use data.to_pixels.")
    if low >= 100:
        raise ValueError(
            f"{told}: real images have black pixels, 0. A generator that ends in [0, 1] (a sigmoid) was read as if it "
            "ended in [-1, 1]; rescale its output, or end it in tanh."
        )
    if bright > 0.5 and np.mean(images < BACKGROUND) < 0.5:
        raise ValueError(f"{bright:.0%} of the samples' pixels are above {STROKE}: black on white. Use 255 - images.")


def _check_order(counts):
    best = counts.argmax(axis=1)
    if len(set(best)) == len(best) and (best != np.arange(len(best))).any():
        share = counts.max(axis=1).sum() / counts.sum()
        if share > 0.8:
            pairs = ", ".join(f"{r} shows {c}" for r, c in enumerate(best) if r != c)
            raise ValueError(
                f"the labels disagree: asked for {pairs}, in {share:.0%} of the samples. Model and data number "
                "their classes differently; put the labels in one order before you judge."
            )


def _as_asked(counts):
    n = int(counts.sum())
    share = float(counts.trace() / n)
    return {
        "agreement": share,
        "standard_error": metrics.standard_error(share, n),
        "per_label": (counts.diagonal() / counts.sum(axis=1)).tolist(),
        "confusion": counts.tolist(),
    }


def _as_varied(images, labels, digits):
    real = metrics.spread(digits.x_train, digits.y_train, digits.classes)
    ratio = metrics.spread(images, labels, digits.classes) / real
    return {
        "repeated": metrics.repeated(images, labels),
        "diversity": float(np.mean(ratio)),
        "diversity_per_label": ratio.tolist(),
    }


_KEPT = {}  # (content, what) -> what was found of the real images: half the time of a call of `evaluate`


def _kept(content, what, find):
    """Return what ``find()`` returned before for images of this ``content``, or find it now. Keeps the last eight."""
    if (content, what) not in _KEPT:
        _KEPT[content, what] = find()
        for key in list(_KEPT)[:-8]:
            _KEPT.pop(key, None)
    return _KEPT[content, what]


def _content(digits):
    """Return what is equal for data sets with the same arrays: names and objects say nothing of what is in them."""
    content = hashlib.sha256()
    for array in (digits.x_train, digits.x_test, digits.y_test):
        content.update(f"{array.shape}{array.dtype}".encode())
        content.update(np.ascontiguousarray(array))
    return content.digest()


def _of_real(digits, n, judge, test):
    """Return (features of the training images, the figures of the test images, of features ``test``, beside them)."""
    train = look(digits.x_train, judge)[1]
    near = metrics.neighbourhoods(train[:n], test)
    return train, {
        "frechet_floor": metrics.frechet_distance(test, train),
        "kernel_floor": metrics.kernel_distance(test, train[:n])[0],
        "real": {key: near[key] for key in NEIGHBOURHOODS},
    }


def _as_real(train, samples):
    """Return (`metrics.neighbourhoods`, the figures), all on features; those of k neighbours use as many reals."""
    few = train[: len(samples)]
    near = metrics.neighbourhoods(few, samples)
    kernel, deviation = metrics.kernel_distance(samples, few)
    return near, {
        "frechet_distance": metrics.frechet_distance(samples, train),
        "kernel_distance": kernel,
        "kernel_deviation": deviation,
        **{key: near[key] for key in NEIGHBOURHOODS},
    }


def _pixels(images, digits):
    """Return ``nearest`` and ``parzen``, measured on pixels in [0, 1].

    ``nearest``: the median distance to the nearest training image, of the samples and of the real test images, and
    ``copies``, the share of samples that are nearer than all but 1 % of the test images: 0.01 if nothing
    is memorised. ``parzen``: `metrics.parzen_score` of the samples and, for comparison, of as many real
    training images and of `CLUSTERS` k-means centres; the last training images, up to 1,000, choose sigma.
    """
    samples, train, test = (x.reshape(len(x), -1) / np.float32(255) for x in (images, digits.x_train, digits.x_test))
    of_samples, of_test = metrics.nearest(samples, train)[0], metrics.nearest(test, train)[0]
    held = min(1000, len(train) // 6)
    train, validation = train[:-held], train[-held:]
    centres = metrics.centroids(train, min(CLUSTERS, len(train)))
    models = {"samples": samples, "real": train[: len(samples)], "centroids": centres}
    return {
        "nearest": {
            "samples": float(np.median(of_samples)),
            "test": float(np.median(of_test)),
            "copies": float(np.mean(of_samples < np.quantile(of_test, 0.01))),
        },
        "parzen": {name: metrics.parzen_score(points, validation, test) for name, points in models.items()},
    }


def _shown(images, real, near, features, real_features):
    """Return what the picture shows: samples outside every real neighbourhood, reals outside every sample's."""
    outside, missed = images[~near["fake_inside"]], real[: len(near["real_inside"])][~near["real_inside"]]
    axes = np.linalg.eigh(np.cov(real_features, rowvar=False))[1][:, :-3:-1]  # the two along which reals vary most
    return {
        "shown": {
            "outside": outside[_even(len(outside))],
            "missed": missed[_even(len(missed))],
            "samples": features @ axes,
            "real": real_features[: len(features)] @ axes,
        }
    }


def _even(n):
    """Return up to `SHOWN` indices, evenly from 0 to n - 1: samples are sorted by label, and all should be shown."""
    return np.unique(np.linspace(0, n - 1, SHOWN).astype(int)) if n else np.empty(0, int)
