"""Train classifiers on synthetic images and test them on real ones. Knows no generator.

The accuracy says how much of the data the samples can replace: GAN-train of Shmelkov et al. 2018
(arXiv 1807.09499), the classification accuracy score of Ravuri and Vinyals 2019 (1905.10887).
Samples that are wrong, blurred or all alike teach a classifier little about real images, so it
falls with quality and with diversity.
"""

import numpy as np

from cgan_lab import engine, sampling
from cgan_lab._support.arrays import check_images, check_labels
from cgan_lab._support.names import pick
from cgan_lab._support.progress import Progress
from cgan_lab._support.tensorflow import keras, tf, usual, xla

CLASSIFIERS = ("logistic", "mlp", "cnn")
EPOCHS, BATCH = 10, 128


@usual()
def classifier(name, classes=10):
    """Return an untrained classifier.

    Images ``(n, 28, 28, 1)`` in 0..255 -> logits ``(n, classes)``.
    ``logistic``: logistic regression on the pixels; ``mlp``: one hidden layer of 100 ReLU units;
    ``cnn``: two convolutions 3 x 3 of 32 and 64 filters with pooling, one hidden layer of 128 and
    dropout. Raises ValueError for another name.
    """
    layers = keras.layers
    pick("classifier", name, CLASSIFIERS)
    hidden = []
    if name == "mlp":
        hidden = [layers.Flatten(), layers.Dense(100, activation="relu")]
    if name == "cnn":
        for filters in (32, 64):
            hidden.append(layers.Conv2D(filters, 3, padding="same", activation="relu"))
            hidden.append(layers.MaxPooling2D())
        hidden += [layers.Dropout(0.25), layers.Flatten()]
        hidden += [layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
    start = [layers.Input((28, 28, 1)), layers.Rescaling(1 / 255.0)]
    ends = [layers.Flatten(), layers.Dense(classes)]
    return keras.Sequential([*start, *hidden, *ends], name=name)


class _Learner:
    """A classifier that learns step by step, as `engine.epochs` expects of a model."""

    losses_per_step = 1

    def __init__(self, network, steps):
        self.network = network
        self.adam = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps))
        self.adam.build(network.trainable_variables)
        self.jit_compile = xla(convolutions=network.name == "cnn")
        self.distribute_strategy = tf.distribute.get_strategy()

    def step(self, images, labels):
        """Take one step on images ``(b, 28, 28, 1)`` and labels ``(b,)``; return the loss."""
        with tf.GradientTape() as tape:
            logits = self.network(tf.cast(images, tf.float32), training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        weights = self.network.trainable_variables
        self.adam.apply(tape.gradient(loss, weights), weights)
        return (loss,)


def accuracy(name, images, labels, dataset, seed=0, epochs=EPOCHS, listeners=()):
    """Train a classifier and return its accuracy on the real test images of ``dataset``, 0..1.

    Adam from 0.001 to 0 along a cosine, batches of 128; the test images are looked at once, after
    the last epoch. Shown in lesson 05.

    Args:
        name: one of `CLASSIFIERS`.
        images: uint8 ``(n, 28, 28)``, to train on.
        labels: ``(n,)``.
        dataset: from `data.load`.
        seed: of weights, dropout and order.
        epochs: passes over the images.
        listeners: objects with the ``on_steps`` of `engine.Listener`.
    """
    images = check_images(images)
    labels = check_labels(labels, dataset.classes, count=len(images))
    keras.utils.set_random_seed(seed)
    batch = min(BATCH, len(images))
    learner = _Learner(classifier(name, dataset.classes), epochs * (len(images) // batch))
    x = tf.constant(images[..., np.newaxis])
    y = tf.constant(labels)
    for _ in engine.epochs(learner, x, y, batch, seed, range(epochs), listeners):
        pass
    right = 0
    for start in range(0, len(dataset.x_test), 500):
        part = dataset.x_test[start : start + 500, ..., np.newaxis].astype(np.float32)
        read = learner.network(part, training=False).numpy().argmax(axis=1)
        right += np.sum(read == dataset.y_test[start : start + 500])
    return float(right / len(dataset.x_test))


def evaluate(sample, dataset, n=None, seed=0, classifiers=CLASSIFIERS, runs=1, progress=True):
    """Train classifiers on samples, and on as many real images: the ceiling. Return the accuracies.

    A dict of ``n``, ``seed`` and ``classifiers``: name -> {"synthetic": [accuracy per run],
    "real": [...]}. With whole MNIST and the CNN a run takes about ten minutes on two cores.

    Args:
        sample: ``sample(labels, seed=seed)`` -> uint8 images, such as `CGAN.sample`.
        dataset: from `data.load`.
        n: how many samples, the same number of each label; by default as many as training images.
        seed: run r draws its samples and weights with the seed ``seed + r``.
        classifiers: names in `CLASSIFIERS`.
        runs: how often.
        progress: a bar, or a line per classifier.

    Raises:
        ValueError: for an unknown classifier or too few samples, before any work.
    """
    for name in classifiers:
        pick("classifier", name, CLASSIFIERS)
    present = dataset.labels
    n = (n or len(dataset.x_train)) // len(present) * len(present)
    if n < len(present):
        raise ValueError(
            f"n is {n}, expected at least one image of each of the {len(present)} classes."
        )
    labels = sampling.label_grid(present, n // len(present))
    found = {name: {"synthetic": [], "real": []} for name in classifiers}
    steps = 2 * runs * len(classifiers) * EPOCHS * (n // min(BATCH, n))
    bar = Progress(steps, "step") if progress else None
    for run in range(seed, seed + runs):
        sources = {
            "synthetic": (sample(labels, seed=run), labels),
            "real": (dataset.x_train[:n], dataset.y_train[:n]),
        }
        for name in classifiers:
            for source, (images, answers) in sources.items():
                listeners = [bar] if bar else []
                got = accuracy(name, images, answers, dataset, run, listeners=listeners)
                found[name][source].append(got)
                if bar:
                    bar.say(f"{name} trained on {source} images, seed {run}", accuracy=got)
    if bar:
        bar.on_end()
    return {"n": n, "seed": seed, "classifiers": found}


def table(found):
    """Return what `evaluate` returned as lines of text."""
    n = found["n"]
    lines = [f"trained on {n:,} images, tested on the real test images   synthetic       real"]
    for name, rows in found["classifiers"].items():
        cells = [f"{np.mean(rows[key]):10.2%}" for key in ("synthetic", "real")]
        lines.append(f"  {name:58}" + " ".join(cells))
    return "\n".join(lines)
