"""Is the story the cause? What two boxes of lesson 07 say of three seeds.

    python benchmarks/stories.py [--rows spectral,spectral_10] [--seeds 0,1,2] [--out FILE]

On the shipped digits, 2,000 samples, as the lesson does; ``slope``: the median length of D's
gradient between real and generated pictures, nine in ten from ``slope_low`` to ``slope_high``.
Rows of

- `SMOOTH`: the recipe with hinge loss, and D bounded or its logits multiplied, 10 epochs;
- ``speckle``: the recipe after 10 epochs, and its last weights after each of four more.
"""

import argparse
from pathlib import Path

import numpy as np

from cgan_lab import data, evaluation, sampling, training
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import keras, layers, tf

SMOOTH = {  # (are the hidden layers normalised, is the head, factor of the logit)
    "free": (False, False, 1.0),
    "spectral": (True, False, 1.0),
    "spectral_10": (True, False, 10.0),
    "spectral_30": (True, False, 30.0),
    "spectral_head": (True, True, 1.0),
}
ROWS = (*SMOOTH, "speckle")
FIGURES = ("agreement", "diversity", "precision", "recall", "coverage")


def slopes(model, digits, n=500):
    """Return the lengths of D's gradient, (n,), at a random point between real and generated.

    Lesson 07 builds it.
    """
    rng = np.random.default_rng(0)
    real, labels = data.to_model(digits.x_train[:n]), digits.y_train[:n]
    fake = data.to_model(model.sample(labels, seed=0))
    between = tf.constant(real + rng.random((n, 1, 1, 1), np.float32) * (fake - real))
    with tf.GradientTape() as tape:
        tape.watch(between)
        logits = model.discriminator([between, tf.one_hot(labels, 10)])
    return np.linalg.norm(tape.gradient(logits, between).numpy().reshape(n, -1), axis=1)


def measured(model, digits):
    """Return the figures of the model's samples, and of D's slopes the median and 90 %."""
    report = evaluation.evaluate(model.sample, digits, n=2_000)
    found = {name: float(getattr(report, name)) for name in FIGURES}
    low, middle, high = np.quantile(slopes(model, digits), (0.05, 0.5, 0.95))
    return found | {"slope": float(middle), "slope_low": float(low), "slope_high": float(high)}


def smooth(row, seed):
    """Return the untrained model of a row of `SMOOTH`."""
    from cgan_lab import cgan  # only now: it starts TensorFlow

    hidden, head, times = SMOOTH[row]
    model = cgan.build(seed=seed, loss="hinge", spectral=hidden)
    image, label = model.discriminator.inputs
    logit = model.discriminator.output
    if head:
        found = model.discriminator.layers
        features = [one for one in found if isinstance(one, layers.LeakyReLU)][-1].output
        last = next(one for one in found if getattr(one, "units", 0) == 1)
        direction = model.discriminator.get_layer("label_direction")
        bounded = layers.SpectralNormalization
        asked = layers.Dot(axes=1)([bounded(direction)(label), features])
        logit = layers.Add()([bounded(last)(features), asked])
    discriminator = keras.Model([image, label], layers.Rescaling(times)(logit))
    model = cgan.CGAN(model.generator, discriminator, loss="hinge", ema=0.999, seed=seed)
    model.compile()
    return model


def smoothed(pictures):
    """Return the median of each pixel's 3 x 3 neighbourhood; lesson 08 builds it."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    shifted = [
        padded[:, row : row + 28, column : column + 28] for row in range(3) for column in range(3)
    ]
    return np.median(shifted, axis=0)


def specks(pictures):
    """Return where a pixel is bright and its neighbourhood dark, bool (n, 28, 28)."""
    return (pictures >= 64) & (smoothed(pictures) == 0)


def speckle(digits, seed):
    """Return what becomes of the last weights' specks, from the same noise, epoch by epoch.

    ``again``: share of the specks whose pixel is bright an epoch later; ``elsewhere``: the same in
    the next picture of that label. ``last``, ``pictures``, ``weights``: coverage of the last
    weights' pictures, of their mean over four epochs, and of the averaged weights' pictures.
    """
    from cgan_lab import cgan

    model = cgan.build(seed=seed)
    asked = sampling.label_grid(range(10), 200)
    kept = []
    for epochs in (10, 11, 12, 13, 14):
        training.train(model, digits, epochs, seed=seed, progress=False)
        last = cgan.CGAN(model.generator, model.discriminator, ema=0.0)
        kept.append(last.sample(asked, seed=0))
    pairs = list(zip(kept[1:], kept[2:], strict=False))
    own = sum(specks(before).sum() for before, _ in pairs)
    again = sum((specks(before) & (after >= 64)).sum() for before, after in pairs)
    other = sum(
        (specks(before) & (np.roll(after, 1, axis=0) >= 64)).sum() for before, after in pairs
    )
    drawn = {
        "last": kept[-1],
        "pictures": np.mean(kept[1:], axis=0).round().astype(np.uint8),
        "weights": model.sample(asked, seed=0),
    }
    found = {"again": float(again / own), "elsewhere": float(other / own)}
    for name, images in drawn.items():
        report = evaluation.evaluate(lambda labels, seed, images=images: images, digits, n=2_000)
        found |= {f"{name}_{figure}": float(getattr(report, figure)) for figure in FIGURES}
        found[f"{name}_specks"] = float(specks(images).sum() / len(images))
    return found


def run(row, digits, seed):
    """Train ``row`` with ``seed`` and return its figures by name."""
    if row == "speckle":
        return speckle(digits, seed)
    model = smooth(row, seed)
    training.train(model, digits, 10, seed=seed, progress=False)
    return measured(model, digits)


def main():
    """Train each row with each seed and write all figures."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", type=path, default=Path("benchmarks/results/stories.json"))
    arguments = parser.parse_args()
    digits, runs = data.load("digits"), []
    for row in arguments.rows.split(","):
        for seed in map(int, arguments.seeds.split(",")):
            runs.append({"row": row, "seed": seed, **run(row, digits, seed)})
            print(runs[-1], flush=True)
            files.write_json(arguments.out, {"runs": runs})


if __name__ == "__main__":
    main()
