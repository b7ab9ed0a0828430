"""The checks of lesson 02. Registered by `checks`; holds answers, builds no network."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, unless


@exercise(
    "02.count_weights",
    praise="1,488,912 for the article's generator, and you did not need Keras.",
    hints=(
        "a dense layer from a to b units has a * b weights and b biases.",
        "zip(sizes, sizes[1:]) runs over the pairs of neighbours.",
        "sum((a + 1) * b for a, b in zip(sizes, sizes[1:])); compare with count_params of networks.article().",
    ),
)
def _count_weights(answer):
    sizes = [110, 256, 512, 1024, 784]
    pairs = list(zip(sizes, sizes[1:], strict=False))
    want = sum((a + 1) * b for a, b in pairs)
    mistakes = {
        "the biases are missing: one for each unit of a layer.": sum(a * b for a, b in pairs),
        "there is one bias for each unit that a layer gives out, not for each that it takes in.": sum(
            a * (b + 1) for a, b in pairs
        ),
        "this is the number of units, not of the weights between them.": sum(sizes),
        "this is the last layer alone; add up all of them.": (sizes[-2] + 1) * sizes[-1],
    }
    unless(call(answer, sizes), mistakes)
    close(call(answer, sizes), want, "the number of weights")
    close(call(answer, [3, 2]), 8, "the number of weights of [3, 2]")


@exercise(
    "02.projection_logits",
    praise="each picture is scored along the direction of its own label.",
    hints=(
        "label @ directions is (n, d): one-hot rows pick their label's direction.",
        "an inner product a row is np.sum(a * b, axis=1).",
        "features @ weights + bias + np.sum((label @ directions) * features, axis=1); conditioning.project is the same "
        "in Keras.",
    ),
)
def _projection_logits(answer):
    rng = np.random.default_rng(0)
    features, label = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 2, 1]]
    weights, bias, directions = rng.normal(size=4), 0.7, rng.normal(size=(3, 4))
    plain = features @ weights + bias
    scores = np.sum((label @ directions) * features, axis=1)
    got = np.asarray(call(answer, features, label, weights, bias, directions), float)
    mistakes = {
        "the label is not used: this is the part that asks only whether the picture looks real.": plain,
        "the part w.f + b is missing: it asks whether the picture looks real at all.": scores,
        "the bias is missing.": plain - bias + scores,
        "all directions are added up, whatever the label; the one-hot row should pick one.": (
            plain + features @ directions.sum(axis=0)
        ),
        "this has a row and a column for every picture: multiply element by element and sum over the features.": (
            plain + (label @ directions) @ features.T
        ),
    }
    unless(got, mistakes)
    close(got, plain + scores, "the logits")


@exercise(
    "02.label_planes",
    praise="constant planes, and you can say so because elements were read back.",
    hints=(
        "first give the label the four dimensions (n, 1, 1, k): label[:, None, None, :].",
        "np.broadcast_to repeats along the dimensions of length 1 and never mixes meanings.",
        "np.broadcast_to(label[:, None, None, :], (len(label), 28, 28, label.shape[1])).",
    ),
)
def _label_planes(answer):
    label = np.eye(10)[[3, 7, 0]]
    got = np.asarray(call(answer, label), float)
    copied = np.repeat(label[:, :, None, None], 784).reshape(-1, 28, 28, 10)
    mistakes = {
        "the planes are still scrambled: `repeat` without an axis flattens, and `reshape` then cuts wrongly.": copied,
        "the planes are right, but the classes stand second; the shape asked for is (n, 28, 28, k).": np.broadcast_to(
            label[:, :, None, None], (3, 10, 28, 28)
        ),
        "this is one plane that holds the label's number; ten planes were asked for.": np.broadcast_to(
            label.argmax(axis=1)[:, None, None, None], (3, 28, 28, 1)
        ),
    }
    unless(got, mistakes)
    if got.shape == (3, 28, 28, 10) and got.sum() == 3 * 784 and not np.allclose(got, got[:, :1, :1, :]):
        raise Wrong("the number of ones is right, but they do not fill one plane: look at [0, :, :, 3].")
    close(got, np.broadcast_to(label[:, None, None, :], (3, 28, 28, 10)), "the planes")
