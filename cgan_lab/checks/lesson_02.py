"""The checks of lesson 02. They build no network."""

import itertools

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, expect, unless


@exercise(
    "02.count_weights",
    "1,488,912 for the article's generator, and you did not need Keras.",
    "a dense layer from a to b units has a * b weights and b biases.",
    "zip(sizes, sizes[1:]) runs over the pairs of neighbours.",
    "sum((a + 1) * b for a, b in zip(sizes, sizes[1:])); for networks.article(): count_params.",
)
def _count_weights(answer):
    sizes = [110, 256, 512, 1024, 784]
    pairs = list(itertools.pairwise(sizes))
    on_inputs = sum(a * (b + 1) for a, b in pairs)
    mistakes = {
        "the biases are missing: one for each unit of a layer.": sum(a * b for a, b in pairs),
        "there is one bias for each output of a layer, not for each input.": on_inputs,
        "this is the number of units, not of the weights between them.": sum(sizes),
        "this is the last layer alone; add up all of them.": (sizes[-2] + 1) * sizes[-1],
    }
    want = sum((a + 1) * b for a, b in pairs)
    expect(answer, (sizes,), want, "the number of weights", mistakes)
    expect(answer, ([3, 2],), 8, "the number of weights of [3, 2]")


@exercise(
    "02.projection_logits",
    "each picture is scored along the direction of its own label.",
    "label @ directions is (n, d): a one-hot row picks the direction of its label.",
    "one inner product per row is np.sum(a * b, axis=1).",
    "features @ weights + bias + np.sum((label @ directions) * features, axis=1); "
    "conditioning.project is the same in Keras.",
)
def _projection_logits(answer):
    rng = np.random.default_rng(0)
    features, label = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 2, 1]]
    weights, bias, directions = rng.normal(size=4), 0.7, rng.normal(size=(3, 4))
    plain = features @ weights + bias
    scores = np.sum((label @ directions) * features, axis=1)
    everyone = plain + features @ directions.sum(axis=0)
    pairs = plain + (label @ directions) @ features.T
    mistakes = {
        "the label is not used: this part asks only whether the picture looks real.": plain,
        "the part w.f + b is missing: it asks whether the picture looks real at all.": scores,
        "the bias is missing.": plain - bias + scores,
        "all directions are added, whatever the label; the one-hot row picks one.": everyone,
        "a row and a column for every picture: multiply elementwise, sum over features.": pairs,
    }
    arguments = features, label, weights, bias, directions
    expect(answer, arguments, plain + scores, "the logits", mistakes)


@exercise(
    "02.label_planes",
    "constant planes, and you can say so because you looked at single elements.",
    "first give the label the four dimensions (n, 1, 1, k): label[:, None, None, :].",
    "np.broadcast_to repeats along the dimensions of length 1 and never mixes meanings.",
    "np.broadcast_to(label[:, None, None, :], (len(label), 28, 28, label.shape[1])).",
)
def _label_planes(answer):
    label = np.eye(10)[[3, 7, 0]]
    want = np.broadcast_to(label[:, None, None, :], (3, 28, 28, 10))
    scrambled = np.repeat(label, 784).reshape(want.shape)
    numbers = np.broadcast_to(label.argmax(axis=1)[:, None, None, None], (3, 28, 28, 1))
    mistakes = {
        "still scrambled: `repeat` without an axis flattens, `reshape` cuts wrongly.": scrambled,
        "the classes are the second dimension, expected (n, 28, 28, k).": np.moveaxis(want, 3, 1),
        "this is one plane that holds the label's number; there should be ten planes.": numbers,
    }
    got = np.asarray(call(answer, label), float)
    unless(got, mistakes)
    if got.shape == want.shape and got.sum() == want.sum() and np.ptp(got, axis=(1, 2)).any():
        raise Wrong("the number of ones is right, but they do not fill one plane: [0, :, :, 3].")
    close(got, want, "the planes")
