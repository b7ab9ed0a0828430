"""The original paper's network beside ours, by the original papers' protocol: Parzen log-likelihood
on MNIST.

    python benchmarks/original.py --data PATH/mnist.npz [--networks mirza,dense] [--epochs 50]
                                  [--out benchmarks/results]

Protocol (Goodfellow et al. 2014, arXiv 1406.2661, section 5): trained on the first 50,000 training
images; the next 1,000 choose sigma; 10,000 samples, here 1,000 a label; the mean log-density of the
10,000 test images, its standard error over test images. Real training images and k-means centres
are scored beside the networks, and `evaluation.evaluate` says what the figure does not.

``mirza``: Mirza and Osindero 2014 (1411.1784), section 4.1. Generator: noise, uniform in the unit
cube, to 200 ReLU; one-hot label to 1,000 ReLU; both joined to 1,200 ReLU; 784 sigmoid.
Discriminator: pixels to maxout of 240 units with 5 pieces, label to maxout 50 x 5, joined to maxout
240 x 4, sigmoid. Dropout 0.5 in both; SGD in batches of 100, rate 0.1 divided by 1.00004 a step
down to 1e-6, momentum from 0.5 to 0.7; the epoch with the best log-likelihood on the validation
images is kept. The paper leaves open how momentum rises (here linearly over the run), whether
inputs are dropped (here not), how the weights start (here Keras' own way) and how long to train.

``mirza_start``: the same with what that paper does not say taken from the code of Goodfellow et al.
(github.com/goodfeli/adversarial, mnist.yaml and __init__.py): weights that start uniform within
0.005 in D and 0.05 in G, output biases that start at the logits of the pixels' means, half of D's
loss, decay by 1.000004.

``mirza_adam``: ``mirza_start`` with the optimizers of the recipe `dense` in place of SGD with
momentum: Adam, rates 0.0004 (G) and 0.0012 (D), beta_1 0, beta_2 0.999, no decay. Nothing was
tuned. ``mirza_adam_g``: the same without dropout in G, as the code of Goodfellow et al. has it.

Others are recipes of `recipes.RECIPES`, after their last epoch.
"""

import argparse
import dataclasses
import json
import time

import numpy as np
from keras import Input, Model, layers, ops

from cgan_lab import cgan, data, engine, evaluation, judge, metrics, recipes, sampling, training
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import keras, tf

LATENT, CLASSES, BATCH, TRAINING, VALIDATION = 100, 10, 100, 50_000, 1000


class Uniform(layers.Layer):
    """Turns standard normal noise into noise that is uniform in [0, 1], by the normal distribution
    function.
    """

    def call(self, x):
        return 0.5 * (1.0 + ops.erf(x / np.sqrt(2.0)))


def maxout(x, units, pieces, start):
    """Return the largest of ``pieces`` linear units, ``units`` times:

    Goodfellow et al. 2013 (1302.4389).
    """
    linear = layers.Dense(units * pieces, kernel_initializer=start)(x)
    return layers.GlobalMaxPooling1D()(
        layers.Permute((2, 1))(layers.Reshape((units, pieces))(linear))
    )


def networks(means=None, dropped=0.5):
    """Return (generator, discriminator); images are in [-1, 1] outside and in [0, 1] inside, as in
    the paper.

    ``means``: the pixels' means in [0, 1], ``(784,)``, for the start of ``mirza_start``; None for
    that of ``mirza``. ``dropped``: share of G's hidden units that dropout sets to 0.
    """
    g_start, d_start, bias = "glorot_uniform", "glorot_uniform", "zeros"
    if means is not None:
        g_start, d_start = (
            keras.initializers.RandomUniform(-reach, reach) for reach in (0.05, 0.005)
        )
        shares = np.clip(means, 0.001, 0.999)
        bias = keras.initializers.Constant(np.log(shares / (1.0 - shares)))
    noise, label, image = Input((LATENT,)), Input((CLASSES,)), Input((28, 28, 1))

    def hidden(units, x):
        return layers.Dropout(dropped)(
            layers.Dense(units, activation="relu", kernel_initializer=g_start)(x)
        )

    x = hidden(1200, layers.Concatenate()([hidden(200, Uniform()(noise)), hidden(1000, label)]))
    x = layers.Dense(784, activation="sigmoid", kernel_initializer=g_start, bias_initializer=bias)(
        x
    )
    x = layers.Reshape((28, 28, 1))(layers.Rescaling(2.0, -1.0)(x))
    generator = Model([noise, label], x, name="generator")

    x = layers.Dropout(0.5)(
        maxout(layers.Rescaling(0.5, 0.5)(layers.Flatten()(image)), 240, 5, d_start)
    )
    y = layers.Dropout(0.5)(maxout(label, 50, 5, d_start))
    joint = layers.Dropout(0.5)(maxout(layers.Concatenate()([x, y]), 240, 4, d_start))
    logit = layers.Dense(1, kernel_initializer=d_start)(joint)
    return generator, Model([image, label], logit, name="discriminator")


class Decay(keras.optimizers.schedules.LearningRateSchedule):
    """``rate``, divided by ``factor`` at every step, not below 1e-6."""

    def __init__(self, rate=0.1, factor=1.00004):
        self.rate, self.factor = rate, factor

    def __call__(self, step):
        return ops.maximum(self.rate * ops.power(self.factor, -ops.cast(step, "float32")), 1e-6)

    def get_config(self):
        return {"rate": self.rate, "factor": self.factor}


class RisingMomentum(keras.optimizers.SGD):
    """SGD whose momentum rises from 0.5 to 0.7 over ``steps`` steps; ``rate`` is a `Decay`."""

    def __init__(self, steps, rate, **kwargs):
        super().__init__(rate, momentum=0.5, **kwargs)
        self.rise = steps

    def update_step(self, gradient, variable, learning_rate):
        share = ops.minimum(ops.cast(self.iterations, "float32") / self.rise, 1.0)
        velocity = self.momentums[self._get_variable_index(variable)]
        velocity.assign((0.5 + 0.2 * share) * velocity - learning_rate * gradient)
        variable.assign_add(velocity)


def compiled(name, digits, seed, steps):
    """Return one of the networks ``mirza...`` with its optimizers, untrained."""
    keras.utils.set_random_seed(seed)
    means = None if name == "mirza" else flat(digits.x_train[:TRAINING]).mean(axis=0)
    rates = {
        "mirza": (Decay(), Decay()),
        # half of D's rate for half of its loss
        "mirza_start": (Decay(0.1, 1.000004), Decay(0.05, 1.000004)),
    }
    if name.startswith("mirza_adam"):
        optimizers = [recipes.RECIPES["dense"].adam(part) for part in "gd"]
    else:
        optimizers = [RisingMomentum(steps, rate) for rate in rates[name]]
    pair = networks(means, dropped=0.0 if name == "mirza_adam_g" else 0.5)
    model = cgan.CGAN(*pair, loss="non_saturating", ema=0.0, seed=seed)
    model.compile(*optimizers, jit_compile=False)  # dropout is slow under XLA
    return model


def run(name, digits, seed, epochs):
    """Train once; return the model with the weights of its best epoch, and one row per epoch."""
    model = compiled(name, digits, seed, epochs * (TRAINING // BATCH))
    images, labels = data.to_model(digits.x_train[:TRAINING]), digits.y_train[:TRAINING]
    images, labels = tf.constant(images), tf.constant(labels, tf.int32)
    validation = flat(digits.x_train[TRAINING : TRAINING + VALIDATION])
    asked, rows, best, kept = sampling.label_grid(range(CLASSES), 1000), [], -np.inf, None
    seconds = 0.0  # of training alone
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        try:
            losses = engine.run_epoch(
                model, images, labels, engine.epoch_order(TRAINING, BATCH, seed, epoch)
            )
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
                f"seed {seed} epoch {epoch} {seconds:.0f} s  "
                f"losses {losses[0]:.3f} {losses[1]:.3f}  "
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
    few = dataclasses.replace(
        digits, x_train=digits.x_train[:TRAINING], y_train=digits.y_train[:TRAINING]
    )
    return model, training.train(model, few, seed=seed, epochs=epochs, progress=False).rows


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--networks", default="mirza,dense")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument(
        "--out", type=path, default="benchmarks/results", help="folder for original-NETWORK.json"
    )
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
        print(f"{name:24} {words(score)}", flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.networks.split(","):
        runs = []
        for seed in map(int, arguments.seeds.split(",")):
            if name.startswith("mirza"):
                model, rows = run(name, digits, seed, arguments.epochs)
            else:
                model, rows = ours(name, digits, seed, arguments.epochs)
            if not rows:
                runs.append(
                    {"network": name, "seed": seed, "failed": "a loss is not a number in epoch 1"}
                )
                continue
            drawn = model.sample(sampling.label_grid(range(CLASSES), 1000), seed=seed)
            report = evaluation.evaluate(lambda labels, seed, drawn=drawn: drawn, digits, seed=seed)
            found = report.as_json()
            found["parzen"] = metrics.parzen_score(flat(drawn), held, test)
            best = max(
                rows, key=lambda row: row.get("validation", row["epoch"]), default={"epoch": 0}
            )["epoch"]
            runs.append({"network": name, "epoch": best, "rows": rows, **found})
            print(f"{name}, seed {seed}, epoch {best:3}   {words(found['parzen'])}")
            print(report.table(), flush=True)
            text = (
                json.dumps({"epochs": arguments.epochs, "beside": beside, "runs": runs}, indent=1)
                + "\n"
            )
            (arguments.out / f"original-{name}.json").write_text(text)


def words(score):
    """Return a Parzen score as text."""
    value, error, sigma = (score[name] for name in ("log_likelihood", "standard_error", "sigma"))
    return f"{value:.1f} +- {error:.1f} nats (sigma {sigma:.3f})"


if __name__ == "__main__":
    main()
