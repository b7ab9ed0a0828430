"""Train the generators that ship and write their averaged weights, in half precision, to cgan_lab/assets.

    python benchmarks/train_shipped.py --data PATH/mnist.npz

One run each, seed 0, a fixed number of epochs; nothing is chosen by its result.
"""

import argparse
import tempfile
from pathlib import Path

from cgan_lab import cgan, data, files, judge, training

EPOCHS = {"mnist-dense": 30}
SEED, BATCH = 0, 128


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist", help="whole MNIST: its name, or the path of its .npz file")
    parser.add_argument("--out", default="cgan_lab/assets")
    arguments = parser.parse_args()
    digits = data.load(arguments.data)
    for name, epochs in EPOCHS.items():
        model = cgan.build(cgan.SHIPPED[name], seed=SEED)
        with tempfile.TemporaryDirectory() as folder:
            history = training.train(model, digits, seed=SEED, epochs=epochs, batch_size=BATCH, out=folder)
        path = Path(arguments.out) / f"{name}.npz"
        files.write_weights(path, model.averaged)
        files.read_weights(path, model.averaged)  # what ships is what is measured
        print(
            f"{name}: {epochs} epochs, {history.rows[-1]['seconds']:.0f} s, {path.stat().st_size:,} bytes, seed {SEED}"
        )
        print(judge.table(judge.evaluate(model.sample, digits)))


if __name__ == "__main__":
    main()
