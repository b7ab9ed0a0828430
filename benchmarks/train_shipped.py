"""Train the generators that ship and write their averaged weights, in half precision, to cgan_lab/assets.

    python benchmarks/train_shipped.py --data PATH/mnist.npz

One run each, seed 0, a fixed number of epochs; nothing is chosen by its result. A run that was stopped goes on
from its last saved epoch, which ``--runs`` keeps.
"""

import argparse
from pathlib import Path

from cgan_lab import cgan, data, files, judge, report, training

EPOCHS = {"mnist-dense": 30}
SEED = 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist", help="whole MNIST: its name, or the path of its .npz file")
    parser.add_argument("--runs", default="runs", help="where the runs are kept")
    parser.add_argument("--out", default="cgan_lab/assets")
    arguments = parser.parse_args()
    digits = data.load(arguments.data)
    for name, epochs in EPOCHS.items():
        recipe = cgan.SHIPPED[name]
        model = cgan.build(recipe, seed=SEED)
        history = training.train(
            model,
            digits,
            seed=SEED,
            epochs=epochs,
            batch_size=cgan.RECIPES[recipe].batch_size,
            out=Path(arguments.runs) / f"shipped-{name}",
        )
        path = Path(arguments.out) / f"{name}.npz"
        files.write_weights(path, model.averaged)
        files.read_weights(path, model.averaged)  # what ships is what is measured
        seconds = history.rows[-1]["seconds"]
        print(f"{name}: {epochs} epochs, {seconds:.0f} s, {path.stat().st_size:,} bytes, seed {SEED}")
        print(report.table(judge.evaluate(model.sample, digits, full=True)), flush=True)


if __name__ == "__main__":
    main()
