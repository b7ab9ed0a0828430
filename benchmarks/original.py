"""The original paper's network beside ours, by the original papers' protocol: Parzen log-likelihood on MNIST.

    python benchmarks/original.py --data PATH/mnist.npz [--networks mirza,dense] [--epochs 50] [--seeds 0,1,2]
                                  [--out benchmarks/results]

Protocol (Goodfellow et al. 2014, arXiv 1406.2661, section 5): trained on the first 50,000 training images; the next
1,000 choose sigma; 10,000 samples, here 1,000 a label; the mean log-density of the 10,000 test images, its
standard error over test images. Real training images and k-means centres are scored beside the networks, and
`judge.evaluate` says what the figure does not.

``mirza``: Mirza and Osindero 2014 (1411.1784), section 4.1. Generator: noise, uniform in the unit cube, to 200 ReLU;
one-hot label to 1,000 ReLU; both joined to 1,200 ReLU; 784 sigmoid. Discriminator: pixels to maxout of 240 units with
5 pieces, label to maxout 50 x 5, joined to maxout 240 x 4, sigmoid. Dropout 0.5 in both; SGD in batches of 100, rate
0.1 divided by 1.00004 a step down to 1e-6, momentum from 0.5 to 0.7; the epoch with the best log-likelihood on the
validation images is kept. The paper leaves open how momentum rises (here linearly over the run), whether inputs are
dropped (here not) and how long to train. Others are recipes of `recipes.RECIPES`, after their last epoch.
"""

import argparse
import dataclasses
import json
import time
from pathlib import Path

import keras
import numpy as np
from keras import Input, Model, layers, ops

from cgan_lab import cgan, data, engine, judge, metrics, recipes, report, runtime, sampling, training

tf = runtime.tensorflow()

LATENT, CLASSES, BATCH, TRAINING, VALIDATION = 100, 10, 100, 50_000, 1000


class Uniform(layers.Layer):
    """Turns standard normal noise into noise that is uniform in [0, 1], by the normal distribution function."""

    def call(self, x):
        return 0.5 * (1.0 + ops.erf(x / np.sqrt(2.0)))


def maxout(x, units, pieces):
    """Return the largest of ``pieces`` linear units, ``units`` times: Goodfellow et al. 2013 (1302.4389)."""
    return layers.GlobalMaxPooling1D()(
        layers.Permute((2, 1))(layers.Reshape((units, pieces))(layers.Dense(units * pieces)(x)))
    )


def networks():
    """Return (generator, discriminator); images are in [-1, 1] outside and in [0, 1] inside, as in the paper."""
    noise, label, image = Input((LATENT,)), Input((CLASSES,)), Input((28, 28, 1))
    z = layers.Dropout(0.5)(layers.Dense(200, activation="relu")(Uniform()(noise)))
    y = layers.Dropout(0.5)(layers.Dense(1000, activation="relu")(label))
    x = layers.Dropout(0.5)(layers.Dense(1200, activation="relu")(layers.Concatenate()([z, y])))
    x = layers.Rescaling(2.0, -1.0)(layers.Dense(784, activation="sigmoid")(x))
    generator = Model([noise, label], layers.Reshape((28, 28, 1))(x), name="generator")

    x = layers.Dropout(0.5)(maxout(layers.Rescaling(0.5, 0.5)(layers.Flatten()(image)), 240, 5))
    y = layers.Dropout(0.5)(maxout(label, 50, 5))
    joint = layers.Dropout(0.5)(maxout(layers.Concatenate()([x, y]), 240, 4))
    return generator, Model([image, label], layers.Dense(1)(joint), name="discriminator")


class Decay(keras.optimizers.schedules.LearningRateSchedule):
    """0.1, divided by 1.00004 at every step, not below 1e-6."""

    def __call__(self, step):
        return ops.maximum(0.1 * ops.power(1.00004, -ops.cast(step, "float32")), 1e-6)

    def get_config(self):
        return {}


class RisingMomentum(keras.optimizers.SGD):
    """SGD whose momentum rises from 0.5 to 0.7 over ``steps`` steps."""

    def __init__(self, steps, **kwargs):
        super().__init__(Decay(), momentum=0.5, **kwargs)
        self.rise = steps

    def update_step(self, gradient, variable, learning_rate):
        share = ops.minimum(ops.cast(self.iterations, "float32") / self.rise, 1.0)
        velocity = self.momentums[self._get_variable_index(variable)]
        velocity.assign((0.5 + 0.2 * share) * velocity - learning_rate * gradient)
        variable.assign_add(velocity)


def run(digits, seed, epochs):
    """Train once; return the model with the weights of its best epoch, and a row an epoch."""
    keras.utils.set_random_seed(seed)
    steps = epochs * (TRAINING // BATCH)
    model = cgan.CGAN(*networks(), loss="non_saturating", ema=0.0, seed=seed)
    model.compile(RisingMomentum(steps), RisingMomentum(steps), jit_compile=False)  # dropout is slow under XLA
    images, labels = data.to_model(digits.x_train[:TRAINING]), digits.y_train[:TRAINING]
    images, labels = tf.constant(images), tf.constant(labels, tf.int32)
    validation = flat(digits.x_train[TRAINING : TRAINING + VALIDATION])
    asked, rows, best, kept = sampling.label_grid(range(CLASSES), 1000), [], -np.inf, None
    seconds = 0.0  # of training alone
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        try:
            losses = engine.run_epoch(model, images, labels, engine.epoch_order(TRAINING, BATCH, seed, epoch))
        except FloatingPointError:
            print(f"seed {seed}: a loss is not a number in epoch {epoch}", flush=True)
            break
        seconds += time.perf_counter() - start
        drawn = model.sample(asked, seed=seed)
        score = float(metrics.parzen(flat(drawn), validation, metrics.SIGMAS).mean(axis=1).max())
        share = metrics.agreement(asked, judge.look(drawn)[0])
        rows.append(
            {
                "epoch": epoch,
                "d_loss": losses[0],
                "g_loss": losses[1],
                "seconds": seconds,
                "validation": score,
                "agreement": share,
            }
        )
        if score > best:
            best, kept = score, engine.snapshot(model)
        if epoch % 5 == 0:
            print(
                f"seed {seed} epoch {epoch} {seconds:.0f} s  losses {losses[0]:.3f} {losses[1]:.3f}  "
                f"validation {score:.0f} nats  agreement {share:.1%}",
                flush=True,
            )
    if kept:
        engine.restore(model, kept)
    return model, rows


def flat(images):
    """Return uint8 images as pixels in [0, 1], ``(n, 784)``."""
    return images.reshape(len(images), -1) / np.float32(255)


def ours(name, digits, seed, epochs):
    """Train a recipe of ours on the same images; return the model and its history's rows."""
    model = cgan.build(name, seed=seed)
    size = recipes.RECIPES[name].batch_size
    few = dataclasses.replace(digits, x_train=digits.x_train[:TRAINING], y_train=digits.y_train[:TRAINING])
    return model, training.train(model, few, seed=seed, epochs=epochs, batch_size=size, progress=False).rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--networks", default="mirza,dense")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", default="benchmarks/results", help="folder for original-NETWORK.json")
    arguments = parser.parse_args()
    digits = data.load(arguments.data)
    training_images = flat(digits.x_train[:TRAINING])
    held, test = flat(digits.x_train[TRAINING : TRAINING + VALIDATION]), flat(digits.x_test)
    beside = {
        "10,000 training images": training_images[:10_000],
        "1,000 k-means centres": metrics.centroids(training_images, 1000),
    }
    beside = {name: metrics.parzen_score(points, held, test) for name, points in beside.items()}
    for name, score in beside.items():
        print(f"{name:24} {told(score)}", flush=True)
    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    for name in arguments.networks.split(","):
        runs = []
        for seed in map(int, arguments.seeds.split(",")):
            if name == "mirza":
                model, rows = run(digits, seed, arguments.epochs)
            else:
                model, rows = ours(name, digits, seed, arguments.epochs)
            drawn = model.sample(sampling.label_grid(range(CLASSES), 1000), seed=seed)
            found = judge.evaluate(lambda labels, seed, drawn=drawn: drawn, digits, seed=seed)
            found["parzen"] = metrics.parzen_score(flat(drawn), held, test)
            best = max(rows, key=lambda row: row.get("validation", row["epoch"]), default={"epoch": 0})["epoch"]
            runs.append({"network": name, "epoch": best, "rows": rows, **found})
            print(f"{name}, seed {seed}, epoch {best:3}   {told(found['parzen'])}")
            print(report.table(found), flush=True)
            text = json.dumps({"epochs": arguments.epochs, "beside": beside, "runs": runs}, indent=1) + "\n"
            (Path(arguments.out) / f"original-{name}.json").write_text(text)


def told(score):
    """Return a Parzen score as text."""
    return f"{score['log_likelihood']:.1f} +- {score['standard_error']:.1f} nats (sigma {score['sigma']:.3f})"


if __name__ == "__main__":
    main()
