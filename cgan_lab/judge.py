"""The shipped classifier that names the digit in an image, and what it says of a generator's samples."""

import functools

import numpy as np

from cgan_lab import data, files, metrics, runtime, sampling

FEATURES = 128


def build():
    """Return the untrained judge: images ``(n, 28, 28, 1)`` in 0..255 -> logits ``(n, 10)``, features ``(n, 128)``.

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
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    features = layers.Dense(FEATURES, activation="relu", name="features")(x)
    logits = layers.Dense(10, name="logits")(layers.Dropout(0.4)(features))
    return Model(image, [logits, features], name="judge")


@functools.cache
def _compiled():
    tf = runtime.tensorflow()
    model = files.read_weights(files.asset("judge.npz"), build())
    return tf.function(lambda images: model(tf.cast(images, tf.float32), training=False), reduce_retracing=True)


def look(images):
    """Return (labels int64 ``(n,)``, features float32 ``(n, 128)``) that the shipped judge sees in uint8 images.

    ``images``: uint8 ``(n, 28, 28)``, white strokes on black as in MNIST. Raises TypeError or ValueError
    for another kind. Shown in lesson 03.
    """
    images = data.check_images(images)
    labels, features = [np.empty(0, np.int64)], [np.empty((0, FEATURES), np.float32)]
    for start in range(0, len(images), 500):
        logits, seen = _compiled()(images[start : start + 500, ..., np.newaxis])
        labels.append(logits.numpy().argmax(axis=1))
        features.append(seen.numpy())
    return np.concatenate(labels), np.concatenate(features)


def evaluate(sample, digits, n=10_000, seed=0):
    """Judge ``n`` samples, the same number of each label, and return a dict of what was found.

    ``sample(labels, seed=seed)``: returns uint8 images ``(n, 28, 28)``, as `CGAN.sample` does;
    ``digits``: the real images beside which the samples stand (training images for their spread, test images
    for the distance). Keys: ``n``, ``seed``, ``judge_accuracy`` (on the real test images), ``agreement`` with its
    ``standard_error``, ``per_label``, ``confusion``, ``repeated``, ``diversity`` (the samples' spread within a
    label over the real images', averaged over labels) with ``diversity_per_label``, and ``frechet_distance`` on
    the judge's features, to the real training images, beside ``frechet_floor``, that of the real test images.

    Raises ValueError for a number of samples that is not a multiple of the classes, or for data
    that the judge, which knows handwritten digits, cannot read. Shown in lesson 03.
    """
    if n < 2 * digits.classes or n % digits.classes:
        raise ValueError(f"n is {n}, expected a multiple of {digits.classes}, at least two samples a label.")
    real_labels, real_features = look(digits.x_test)
    accuracy = metrics.agreement(digits.y_test, real_labels)
    if accuracy < 0.9:
        raise ValueError(
            f"the judge reads only {accuracy:.0%} of the real test images of {digits.name} as their label says: "
            "it knows handwritten digits, so these data or their labels are of another kind."
        )
    requested = sampling.label_grid(range(digits.classes), n // digits.classes)
    images = sample(requested, seed=seed)
    recognised, features = look(images)
    table = metrics.confusion(requested, recognised, digits.classes)
    train_features = look(digits.x_train)[1]
    ratio = metrics.spread(images, requested) / metrics.spread(digits.x_train, digits.y_train)
    share = metrics.agreement(requested, recognised)
    return {
        "n": int(n),
        "seed": seed,
        "data": digits.name,
        "judge_accuracy": accuracy,
        "agreement": share,
        "standard_error": metrics.standard_error(share, n),
        "per_label": (table.diagonal() / table.sum(axis=1)).tolist(),
        "confusion": table.tolist(),
        "repeated": metrics.repeated(images, requested),
        "diversity": float(np.mean(ratio)),
        "diversity_per_label": ratio.tolist(),
        "frechet_distance": metrics.frechet_distance(features, train_features),
        "frechet_floor": metrics.frechet_distance(real_features, train_features),
    }


def table(found):
    """Return what `evaluate` found as lines of text: the figures with n and seed, then requested x recognised."""
    share, error = 100 * found["agreement"], 100 * found["standard_error"]
    lines = [
        f"samples                {found['n']:,} (seed {found['seed']}), beside the real images of {found['data']}",
        f"judge                  reads {found['judge_accuracy']:.2%} of the real test images as labelled",
        f"label agreement        {share:.2f} % +- {error:.2f} (requested and recognised label are the same)",
        f"diversity              {found['diversity']:.2f} of the real images' spread within a label (1 is as varied)",
        f"repeated pictures      {found['repeated']}",
        f"Frechet distance       {found['frechet_distance']:.2f} on the judge's features; "
        f"real against real {found['frechet_floor']:.2f}",
        "",
        "requested \\ recognised " + "".join(f"{label:6}" for label in range(len(found["confusion"]))),
    ]
    lines += [f"{label:22} " + "".join(f"{n:6}" for n in row) for label, row in enumerate(found["confusion"])]
    return "\n".join(lines)
