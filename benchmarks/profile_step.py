"""Where a training step's time goes: its matrix products alone, then the step with more and more of
its parts.

    python benchmarks/profile_step.py [--rounds 9] [--batches 64,128,512]

"products" are the matrix products of one step of the default recipe at their own sizes, nothing
else, compiled by XLA as the step is. The limit is a 4096 x 4096 product. Rounds are interleaved;
each row is a median.
"""

import argparse
import functools
import statistics
import time

import numpy as np

from cgan_lab import cgan, data, engine
from cgan_lab._support.tensorflow import keras, tf

G, D = (110, 256, 512, 1024, 784), (784, 512, 256)
STEPS, LIMIT = 10, 4096


def products(batch, xla=True):
    """Return a function that computes the products of STEPS steps:

    forward, for weights, for inputs.
    """
    rng, jobs = np.random.default_rng(0), []

    def job(rows, inner, columns, a=False, b=False):
        shapes = (inner, rows) if a else (rows, inner), (columns, inner) if b else (inner, columns)
        jobs.append((*(tf.constant(rng.normal(size=shape), tf.float32) for shape in shapes), a, b))

    def passes(sizes, weights, inputs, first_input):
        for i, (m, n) in enumerate(zip(sizes, sizes[1:], strict=False)):
            job(batch, m, n)
            if weights:
                job(m, batch, n, a=True)
            if inputs and (i or first_input):
                job(batch, n, m, b=True)

    passes(G, True, True, False)  # make fakes, and learn from them
    passes(D, True, True, False)  # D's turn on real images
    passes(D, True, True, False)  # and on fakes
    passes(D, False, True, True)  # G's turn through D
    run = tf.function(lambda: [tf.matmul(x, y, a, b) for x, y, a, b in jobs], jit_compile=xla)
    operations = sum(
        2 * int(x.shape[0]) * int(x.shape[1]) * int(y.shape[0] if b else y.shape[1])
        for x, y, _, b in jobs
    )

    def steps():
        for _ in range(STEPS):
            run()[-1].numpy()

    return steps, operations


def training(batch, digits, optimizer=None, ema=0.999):
    """Return a function that runs STEPS steps of the default recipe, with its own optimizers or
    another.
    """
    model = cgan.build("dense")
    model.ema = ema
    if optimizer:
        model.compile(optimizer(), optimizer())
    x, y = tf.constant(data.to_model(digits.x_train)), tf.constant(digits.y_train, tf.int32)
    order, run = tf.constant(engine.epoch_order(len(x), batch, 0, 1)), engine.compiled_steps(model)
    return lambda: run(x, y, order, tf.constant(0), tf.constant(STEPS), tf.zeros(2)).numpy()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batches", default="64,128,512")
    arguments = parser.parse_args()
    digits, square = data.load("digits"), tf.random.normal((LIMIT, LIMIT))
    runs, operations = {"limit": lambda: tf.matmul(square, square)[0, 0].numpy()}, {}
    for batch in map(int, arguments.batches.split(",")):
        runs[batch, "products, without XLA"], operations[batch] = products(batch, xla=False)
        runs[batch, "products"], _ = products(batch)
        runs[batch, "+ activations, losses, batches (SGD)"] = training(
            batch, digits, functools.partial(keras.optimizers.SGD, 1e-4), ema=0.0
        )
        runs[batch, "+ Adam"] = training(batch, digits, ema=0.0)
        runs[batch, "+ averaged generator: the whole step"] = training(batch, digits)
    seconds = {name: [] for name in runs}
    for _ in range(arguments.rounds + 1):  # the first one compiles
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    medians = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    limit = 2 * LIMIT**3 / medians.pop("limit") / 1e9
    print(f"limit {limit:.0f} GFLOP/s")
    for (batch, what), median in medians.items():
        rate = operations[batch] * STEPS / median / 1e9
        print(
            f"batch {batch:4}  {what:38} {1000 * median / STEPS:6.1f} ms per step  "
            f"{rate / limit:4.0%} of the limit"
        )


if __name__ == "__main__":
    main()
