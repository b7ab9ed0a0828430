"""Train the generators that ship and write their averaged weights, in half precision, to
cgan_lab/assets.

    python tools/assets/train_shipped.py [--names mnist-conv,fashion-conv] [--mnist PATH/mnist.npz]
                                       [--fashion PATH/fashion_mnist.npz]

One run each, seed 0, a fixed number of epochs. A run that was stopped goes on from its last saved
epoch, which ``--runs`` keeps. The two with convolutions take a few minutes each on a GPU and hours
without one.
"""

import argparse

from cgan_lab import data, evaluation, recipes, training
from cgan_lab._support import files
from cgan_lab._support.names import path

EPOCHS = {"mnist-dense": 30, "mnist-conv": 60, "fashion-conv": 60}
SEED = 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--names", default=",".join(EPOCHS), help="which to train")
    parser.add_argument(
        "--mnist", default="mnist", help="whole MNIST: its name, or the path of its .npz file"
    )
    parser.add_argument("--fashion", default="fashion_mnist", help="the same of Fashion-MNIST")
    parser.add_argument("--runs", type=path, default="runs", help="where the runs are kept")
    parser.add_argument("--out", type=path, default="cgan_lab/assets")
    arguments = parser.parse_args()
    names = arguments.names.split(",")
    if unknown := set(names) - set(EPOCHS):
        parser.error(f"no model {', '.join(unknown)}; there are {', '.join(EPOCHS)}.")
    from cgan_lab import cgan  # only now: it starts TensorFlow

    for name in names:
        digits = data.load(arguments.fashion if name.startswith("fashion") else arguments.mnist)
        recipe = recipes.SHIPPED[name]
        model = cgan.build(recipe, seed=SEED)
        history = training.train(
            model,
            digits,
            seed=SEED,
            epochs=EPOCHS[name],
            out=arguments.runs / f"shipped-{name}",
        )
        out = arguments.out / f"{name}.npz"
        files.write_weights(out, model.averaged)
        files.read_weights(out, model.averaged)  # what ships is what is measured
        seconds = history.rows[-1]["seconds"]
        print(
            f"{name}: {EPOCHS[name]} epochs, {seconds:.0f} s, {out.stat().st_size:,} bytes, "
            f"seed {SEED}"
        )
        print(evaluation.evaluate(model.sample, digits, full=True).table(), flush=True)


if __name__ == "__main__":
    main()
