"""Images per second of the article's training loop and of ours, side by side in one run.

    python benchmarks/speed.py [--rounds 5] [--out benchmarks/results/speed.json]

(a) is the article's loop with the smallest repair: ``combined`` is built, with the discriminator frozen
inside it; three ``train_on_batch`` calls, ``generator.predict`` and one-hot coding on the host for every
step. The others are our default recipe. Rounds are interleaved, so that a slow minute slows all rows.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from cgan_lab import cgan, data, runtime, training

runtime.tensorflow()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402


def article_loop(images, labels, batch):
    """Return a function (steps) that runs the article's training loop, ``combined`` added."""
    noise_in, label_in = layers.Input((100,)), layers.Input((10,))
    x = layers.Concatenate()([noise_in, label_in])
    for units in (256, 512, 1024):
        x = layers.Dense(units, activation="relu")(x)
    x = layers.Reshape((28, 28, 1))(layers.Dense(784, activation="tanh")(x))
    generator = keras.Model([noise_in, label_in], x)
    image_in, label_in = layers.Input((28, 28, 1)), layers.Input((10,))
    x = layers.Concatenate()([layers.Flatten()(image_in), label_in])
    for units in (512, 256):
        x = layers.Dense(units, activation="relu")(x)
    discriminator = keras.Model([image_in, label_in], layers.Dense(1, activation="sigmoid")(x))
    discriminator.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    noise_in, label_in = layers.Input((100,)), layers.Input((10,))
    combined = keras.Model([noise_in, label_in], discriminator([generator([noise_in, label_in]), label_in]))
    combined.compile(optimizer="adam", loss="binary_crossentropy")
    rng = np.random.default_rng(0)

    def train_on_batch(model, inputs, target):
        discriminator.trainable = model is discriminator  # Keras 3 reads it when the call is traced
        return model.train_on_batch(inputs, np.full((batch, 1), target))

    def run(steps):
        for _ in range(steps):
            index = rng.integers(0, len(images), batch)
            real_label = keras.utils.to_categorical(labels[index], 10)
            label = keras.utils.to_categorical(rng.integers(0, 10, batch), 10)
            fakes = generator.predict([rng.normal(size=(batch, 100)), label], verbose=0)
            train_on_batch(discriminator, [images[index], real_label], 1.0)
            train_on_batch(discriminator, [fakes, label], 0.0)
            label = keras.utils.to_categorical(rng.integers(0, 10, batch), 10)
            train_on_batch(combined, [rng.normal(size=(batch, 100)), label], 1.0)

    return run


def our_train(images, labels, batch):
    """Return a function (steps) that runs the compiled steps behind ``training.train``."""
    model = cgan.build("dense")
    run = training.compiled_steps(model)
    x, y = tf.constant(images), tf.constant(labels, tf.int32)
    order = tf.constant(training.epoch_order(len(images), batch, seed=0, epoch=1))

    def many(steps):
        while steps > 0:
            now = min(steps, training.STEPS_A_CALL, len(order))
            float(run(x, y, order, tf.constant(0), tf.constant(now))[0])
            steps -= now

    return many


def our_fit(images, labels, batch):
    """Return a function (steps) that runs ``CGAN.fit``."""
    model = cgan.build("dense")
    model.compile(cgan.adam("dense", "g"), cgan.adam("dense", "d"), steps_per_execution=25, jit_compile=True)

    def many(steps):
        n = min(steps * batch, len(images) // batch * batch)
        for _ in range(steps * batch // n):
            model.fit(images[:n], labels[:n], batch_size=batch, epochs=1, verbose=0)

    return many


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", default=None, help="also write the figures to this .json file")
    arguments = parser.parse_args()
    digits = data.load("digits")
    images, labels = data.to_model(digits.x_train), digits.y_train
    rows = {
        "(a) the article's loop, batch 64": (article_loop(images, labels, 64), 64, 50),
        "(b) ours, CGAN.fit, batch 64": (our_fit(images, labels, 64), 64, 125),
        "(c) ours, train, batch 64": (our_train(images, labels, 64), 64, 200),
        "(d) ours, train, batch 128": (our_train(images, labels, 128), 128, 124),
    }
    for run, _, steps in rows.values():  # compile
        run(steps)
    rates = {name: [] for name in rows}
    for _ in range(arguments.rounds):
        for name, (run, batch, steps) in rows.items():
            start = time.perf_counter()
            run(steps)
            rates[name].append(steps * batch / (time.perf_counter() - start))
    first = statistics.median(next(iter(rates.values())))
    print(f"images per second, median of {arguments.rounds} interleaved rounds (lowest to highest)")
    for name, values in rates.items():
        median = statistics.median(values)
        print(f"{name:34} {median:7.0f}  ({min(values):.0f} to {max(values):.0f})  {median / first:5.1f} times (a)")
    if arguments.out:
        Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
        Path(arguments.out).write_text(json.dumps(rates, indent=1) + "\n")


if __name__ == "__main__":
    main()
