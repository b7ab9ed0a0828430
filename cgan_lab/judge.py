"""The shipped classifiers that name what an image shows."""

import functools

import numpy as np

from cgan_lab import metrics
from cgan_lab._support import files
from cgan_lab._support.arrays import check_images
from cgan_lab._support.names import pick
from cgan_lab._support.tensorflow import keras, tf, usual

FEATURES, CLASSES = 128, 10
# name -> (its file, the share of real test images that it must read right before it may judge)
JUDGES = {"digits": ("judge.npz", 0.9), "fashion": ("judge-fashion.npz", 0.85)}


@usual()
def build(dropout=0.4):
    """Return an untrained judge.

    Images ``(n, 28, 28, 1)`` in 0..255 -> logits ``(n, 10)``, features ``(n, 128)``. Two
    convolutions with batch normalisation, one hidden layer of 128 ReLU units (the features), ten
    logits.
    """
    layers = keras.layers
    x = image = layers.Input((28, 28, 1), name="image")
    x = layers.Rescaling(1 / 255.0)(x)  # 0..255 -> 0..1
    for filters in (24, 48):
        x = layers.Conv2D(filters, 5, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)  # (28, 28) -> (14, 14) -> (7, 7)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    features = layers.Dense(FEATURES, activation="relu", name="features")(x)
    logits = layers.Dense(CLASSES, name="logits")(layers.Dropout(dropout)(features))
    return keras.Model(image, [logits, features], name="judge")


@functools.cache
def _compiled(judge):
    file, _ = pick("judge", judge, JUDGES)
    model = files.read_weights(files.asset(file), build())

    def read(images):
        return model(tf.cast(images, tf.float32), training=False)

    return tf.function(read, reduce_retracing=True)


def look(images, judge="digits"):
    """Return (labels int64 ``(n,)``, features float32 ``(n, 128)``) that a judge sees in images.

    ``images``: uint8 ``(n, 28, 28)``, white on black as in MNIST; ``judge``: a name in `JUDGES`.
    Raises TypeError or ValueError for others. Shown in lesson 03.
    """
    images = check_images(images)
    read = _compiled(judge)
    labels = [np.empty(0, np.int64)]
    features = [np.empty((0, FEATURES), np.float32)]
    for start in range(0, len(images), 500):
        logits, seen = read(images[start : start + 500, ..., np.newaxis])
        labels.append(logits.numpy().argmax(axis=1))
        features.append(seen.numpy())
    return np.concatenate(labels), np.concatenate(features)


def judge_of(dataset):
    """Return (name, accuracy, features) of the judge that reads ``dataset``'s real test images.

    ``accuracy``: share read as labelled, in 0..1; ``features`` float32 ``(n, 128)``. Raises
    ValueError if no judge reads them: the data, or their labels, are of a kind that none knows.
    """
    shares = {}
    for name, (_, least) in JUDGES.items():
        labels, features = look(dataset.x_test, name)
        shares[name] = metrics.agreement(dataset.y_test, labels)
        if shares[name] >= least:
            return name, shares[name], features
    came = ", ".join(f"the judge of {name} {share:.0%}" for name, share in shares.items())
    raise ValueError(
        f"no judge reads the real test images of {dataset.name} as their label says ({came}): "
        "these data or their labels are of another kind than MNIST and Fashion-MNIST."
    )
