"""Train classifiers on synthetic images and test them on real ones. Knows classifiers, and no generator.

The accuracy says how much of the data the samples can replace: GAN-train of Shmelkov et al. 2018 (arXiv
1807.09499), the classification accuracy score of Ravuri and Vinyals 2019 (1905.10887). Samples that are wrong,
blurred or all alike teach a classifier little about real images, so it falls with quality and with diversity.
"""

import numpy as np

from cgan_lab import data, sampling
from cgan_lab._support import runtime

CLASSIFIERS = ("logistic", "mlp", "cnn")
EPOCHS, BATCH = 10, 128


def classifier(name, classes=10):
    """Return an untrained classifier: images ``(n, 28, 28, 1)`` in 0..255 -> logits ``(n, classes)``.

    ``logistic``: logistic regression on the pixels; ``mlp``: one hidden layer of 100 ReLU units; ``cnn``: two
    convolutions 3 x 3 of 32 and 64 filters with pooling, one hidden layer of 128 and dropout.
    Raises ValueError for another name.
    """
    runtime.tensorflow()
    from keras import Sequential, layers

    if name not in CLASSIFIERS:
        raise ValueError(f"no classifier {name!r}; there are {', '.join(CLASSIFIERS)}.")
    hidden = []
    if name == "mlp":
        hidden = [layers.Flatten(), layers.Dense(100, activation="relu")]
    if name == "cnn":
        for filters in (32, 64):
            hidden += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
        hidden += [layers.Dropout(0.25), layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
    ends = [layers.Flatten(), layers.Dense(classes)]
    return Sequential([layers.Input((28, 28, 1)), layers.Rescaling(1 / 255.0), *hidden, *ends], name=name)


def accuracy(name, images, labels, digits, seed=0, epochs=EPOCHS, advance=None):
    """Train the classifier ``name`` on ``images`` and return its accuracy on the real test images of ``digits``.

    ``images``: uint8 ``(n, 28, 28)``; ``labels``: ``(n,)``. Adam from 0.001 to 0 along a cosine, batches of 128; the
    test images are looked at once, after the last epoch. ``advance()`` is called after each epoch.
    Shown in lesson 05.
    """
    tf = runtime.tensorflow()
    import keras

    images, labels = data.check_images(images), data.check_labels(labels, digits.classes, count=len(images))
    keras.utils.set_random_seed(seed)
    model, batch = classifier(name, digits.classes), min(BATCH, len(images))
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, epochs * (len(images) // batch))),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=runtime.xla(convolutions=name == "cnn"),
    )
    rng = np.random.default_rng(seed)
    step = tf.function(model.train_step, jit_compile=model.jit_compile)
    images, labels = tf.constant(images[..., np.newaxis]), tf.constant(labels)
    for _ in range(epochs):
        order = rng.permutation(len(images))[: len(images) // batch * batch].reshape(-1, batch)
        for rows in tf.constant(order):
            step((tf.cast(tf.gather(images, rows), tf.float32), tf.gather(labels, rows)))
        if advance:
            advance()
    right = 0
    for start in range(0, len(digits.x_test), 500):
        logits = model(digits.x_test[start : start + 500, ..., np.newaxis].astype(np.float32), training=False)
        right += np.sum(logits.numpy().argmax(axis=1) == digits.y_test[start : start + 500])
    return float(right / len(digits.x_test))


def evaluate(sample, digits, n=None, seed=0, classifiers=CLASSIFIERS, runs=1, progress=True):
    """Return {classifier: {"synthetic": [accuracy, one a run], "real": [...]}} and the number of images, ``n``.

    ``sample(labels, seed=seed)``: returns uint8 images, as `CGAN.sample` does; ``n``: how many, as many of each
    label (default: as many as ``digits`` has for training). "real" is the same classifier trained on as many real
    images: the ceiling. Run r draws its samples and weights with the seed ``seed + r``. With whole MNIST and the
    CNN a run takes about ten minutes on two cores. Raises ValueError for an unknown classifier, before any work.
    """
    for name in classifiers:
        classifier(name, digits.classes)
    n = (n or len(digits.x_train)) // digits.classes * digits.classes
    if n < digits.classes:
        raise ValueError(f"n is {n}, expected at least one image of each of the {digits.classes} classes.")
    labels, found = sampling.label_grid(range(digits.classes), n // digits.classes), {name: {} for name in classifiers}
    bar = runtime.Progress(2 * runs * len(classifiers) * EPOCHS, "epoch") if progress else None
    for run in range(seed, seed + runs):
        sources = {"synthetic": (sample(labels, seed=run), labels), "real": (digits.x_train[:n], digits.y_train[:n])}
        for name in classifiers:
            for source, images in sources.items():
                got = accuracy(name, *images, digits, seed=run, advance=bar and (lambda: bar.advance(1)))
                found[name].setdefault(source, []).append(got)
                if bar:
                    bar.tell(f"{name} trained on {source} images, seed {run}", accuracy=got)
    if bar:
        bar.close()
    return {"n": n, "seed": seed, "classifiers": found}


def table(found):
    """Return what `evaluate` found as lines of text."""
    lines = [f"trained on {found['n']:,} images, tested on the real test images   synthetic       real"]
    for name, rows in found["classifiers"].items():
        cells = [f"{np.mean(rows[key]):10.2%}" for key in ("synthetic", "real")]
        lines.append(f"  {name:58}" + " ".join(cells))
    return "\n".join(lines)
