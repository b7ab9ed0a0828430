"""Train a judge on whole MNIST or Fashion-MNIST and write it to cgan_lab/assets.

    python tools/assets/train_judge.py --judge digits --data PATH/mnist.npz --out cgan_lab/assets
    python tools/assets/train_judge.py --judge fashion --data PATH/fashion_mnist.npz

One run, seed 20, a fixed number of epochs: the test set is looked at once, at the end.
"""

import argparse
import time

import numpy as np

from cgan_lab import data, judge
from cgan_lab._support import files
from cgan_lab._support.names import path
from cgan_lab._support.tensorflow import keras

EPOCHS, BATCH, SEED = 16, 128, 20
DROPOUT = {"digits": 0.4, "fashion": 0.2}


def flipped(images, rng):
    """Turn half of the uint8 images left to right: clothes lie either way."""
    turn = rng.random(len(images)) < 0.5
    return np.where(turn[:, None, None], images[:, :, ::-1], images)


def augmented(images, rng):
    """Shift, turn and scale each uint8 image a little: up to 2 pixels, 9 degrees, 10 %."""
    from scipy import ndimage

    out = np.empty_like(images)
    for i, image in enumerate(images):
        angle, zoom = np.deg2rad(rng.uniform(-9, 9)), rng.uniform(0.9, 1.1)
        c, s = np.cos(angle) / zoom, np.sin(angle) / zoom
        matrix = np.array([[c, -s], [s, c]])
        offset = 13.5 - matrix @ (np.array([13.5, 13.5]) + rng.uniform(-2, 2, 2))
        out[i] = ndimage.affine_transform(image, matrix, offset, order=1)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", choices=judge.JUDGES, default="digits")
    parser.add_argument(
        "--data", help="its name, or the path of its .npz file (default: mnist or fashion_mnist)"
    )
    parser.add_argument("--out", type=path, default="cgan_lab/assets")
    arguments = parser.parse_args()
    keras.utils.set_random_seed(SEED)
    digits = data.load(
        arguments.data or {"digits": "mnist", "fashion": "fashion_mnist"}[arguments.judge]
    )
    change = {"digits": augmented, "fashion": flipped}[arguments.judge]
    model = judge.build(DROPOUT[arguments.judge])
    steps = EPOCHS * (len(digits.x_train) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier = keras.Model(model.input, model.outputs[0])
    classifier.compile(
        keras.optimizers.Adam(schedule),
        loss,
        metrics=["accuracy"],
        jit_compile=False,
        steps_per_execution=20,
    )
    rng, start = np.random.default_rng(SEED), time.perf_counter()
    for epoch in range(EPOCHS):
        images = change(digits.x_train, rng)[..., np.newaxis]
        order = rng.permutation(len(images))[: len(images) // BATCH * BATCH]
        history = classifier.fit(
            images[order],
            digits.y_train[order],
            batch_size=BATCH,
            epochs=1,
            verbose=0,
            shuffle=False,
        )
        print(
            f"epoch {epoch + 1}/{EPOCHS}  train accuracy {history.history['accuracy'][-1]:.4f}  "
            f"{time.perf_counter() - start:.0f} s",
            flush=True,
        )
    out = arguments.out / judge.JUDGES[arguments.judge][0]
    files.write_weights(out, model)
    files.read_weights(out, model)  # what ships is what is measured
    logits = classifier.predict(digits.x_test[..., np.newaxis], batch_size=500, verbose=0)
    print(
        f"test accuracy {np.mean(logits.argmax(1) == digits.y_test):.4f}  "
        f"n = {len(digits.x_test):,}, seed {SEED}"
    )


if __name__ == "__main__":
    main()
