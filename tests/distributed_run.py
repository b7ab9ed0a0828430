"""A process of tests/test_distributed.py: ``mirrored`` or ``worker FOLDER EPOCHS [DIES]``."""

import json
import os
import sys

from cgan_lab import data, engine, training  # imports TensorFlow, which then computes something
from cgan_lab._support import distributed
from cgan_lab._support.tensorflow import tf


def digits():
    """The first 320 training images that ship."""
    return data.load("digits", limit=320)


def worker(folder, epochs, dies):
    """Train on all the workers and print this one's model; with ``dies``, leave after epoch 2."""
    import tiny

    with distributed.strategy("workers").scope():
        model = tiny.cgan(penalty="wgan_gp", loss="wasserstein")

    class Leaver(engine.Listener):
        def on_epoch(self, row):
            if dies and row["epoch"] == 2:
                os._exit(3)

    options = {"batch_size": 64, "epochs": int(epochs), "out": folder, "progress": False}
    options["listeners"] = [Leaver()]
    try:
        history = training.train(model, digits(), **options)
    except (ConnectionError, ValueError) as error:
        print(json.dumps({"error": str(error), "epochs": int(model.epochs.numpy())}), flush=True)
        return
    answer = {"rows": len(history.rows), "weights": [v.tolist() for v in engine.snapshot(model)]}
    print(json.dumps(answer), flush=True)


def mirrored():
    """Train the same networks on one device and on two, and print how far apart they are."""
    import numpy as np
    import tiny

    from cgan_lab import cgan

    strategy, answer = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), {}
    makers = {
        "tiny": tiny.cgan,
        "penalty": lambda: tiny.cgan(penalty="wgan_gp", loss="wasserstein"),
        "conv": lambda: cgan.build("conv", width=1 / 16),
    }
    for name, make in makers.items():
        one = make()
        one.compile(one.g_optimizer, one.d_optimizer, jit_compile=False)  # XLA draws other noise
        with strategy.scope():
            two = make()
        rows = [
            training.train(m, digits(), batch_size=64, epochs=1, progress=False).rows[0]
            for m in (one, two)
        ]
        noise = one.sample(range(10), seed=0).astype(int) - two.sample(range(10), seed=0)
        answer[name] = {"grey": int(np.abs(noise).max()), "d_loss": [row["d_loss"] for row in rows]}
        answer[name]["jit"] = two.jit_compile
    try:
        training.train(two, digits(), batch_size=65, epochs=9, progress=False)
    except ValueError as error:
        answer["odd"] = str(error)
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    mirrored() if sys.argv[1] == "mirrored" else worker(sys.argv[2], sys.argv[3], len(sys.argv) > 4)
