"""The checks of lesson 02. Those of the two builds start TensorFlow; none trains."""

import itertools

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, expect, unless


def _network(answer, inputs, output, names):
    """Return a network that the learner's function builds, of these shapes, its weights stirred."""
    from keras import Model  # here: the other checks start no TensorFlow

    model = call(answer)
    if not isinstance(model, Model):
        kind = type(model).__name__
        raise Wrong(f"expected a keras.Model, got {kind}: keras.Model([inputs], output) makes one.")
    if not getattr(model, "inputs", None):
        raise Wrong(
            "this model does not say what goes in: make it with keras.Model([...], output)."
        )
    found = [tuple(one.shape[1:]) for one in model.inputs]
    if found == inputs[::-1]:
        raise Wrong(f"the inputs are in the other order: expected {names}.")
    if found != inputs:
        raise Wrong(f"the inputs have the shapes {found}, expected {names}: {inputs}.")
    if len(model.outputs) != 1:
        raise Wrong(f"it has {len(model.outputs)} outputs, expected one: add them up?")
    given = tuple(model.outputs[0].shape[1:])
    if given != output:
        flat = " The pixels are all there, but flat." if given == (784,) else ""
        raise Wrong(f"one row of the output gives {given}, expected {output}.{flat}")
    again = call(answer)
    if any(one is other for one in model.weights for other in again.weights):
        raise Wrong("two calls return the same weights: make the layers inside the function.")
    rng = np.random.default_rng(0)
    for weight in model.trainable_variables:  # a layer may start at 0, and then do nothing
        weight.assign_add(0.01 * rng.normal(size=weight.shape).astype(np.float32))
    return model


def _is_straight(values):
    """Return whether ``values`` (a; b; halfway from a to b), (3, n, ...), lie on straight lines."""
    a, b, halfway = np.asarray(values, float)
    return np.abs(halfway - (a + b) / 2).max() < 1e-3 * np.abs(a - b).max()


NO_BEND = (
    "nothing bends between the layers: several Dense layers without an activation are one. Put "
    "layers.LeakyReLU(0.2) behind each hidden one."
)


@exercise(
    "02.make_generator",
    "noise and label in, pictures in [-1, 1] out, and both are heard.",
    idea="the label stands beside noise of length 10 or so; a one-hot row has length 1, so it is "
    "made five times as long before both are joined. Each Dense layer needs something behind it "
    "that bends, or all of them are one. What does the last one need?",
    like="a network that turns 4 numbers of noise and 2 of a label into a picture of 3 x 3: join "
    "them to 6, `Dense(8)` with an activation, then 9 numbers through an activation that fits the "
    "pixels' range, then a shape of (3, 3, 1). Which activation fits pixels from 0 to 1? Which "
    "one yours?",
    learn="the range of the last activation is a promise to the discriminator: real pictures "
    "have to keep it too. Inside, each layer is free; a leaky ReLU never goes quite silent.",
    used="lesson 03",
)
def _generator(answer):
    pair = "noise (100,), then label (10,)"
    model = _network(answer, [(100,), (10,)], (28, 28, 1), pair)
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2, 40, 100)).astype(np.float32)
    label = np.eye(10, dtype=np.float32)[np.arange(40) % 10]
    drawn = np.asarray(model([noise[0], label]))
    by_label = np.abs(np.asarray(model([noise[0], np.roll(label, 1, axis=0)])) - drawn).mean()
    by_noise = np.abs(np.asarray(model([noise[1], label])) - drawn).mean()
    if not by_label:
        raise Wrong("the same picture, whatever the label: join it with the noise.")
    if not by_noise:
        raise Wrong("the same picture, whatever the noise: each label would have one picture.")
    wild = np.asarray(model([1e4 * noise[0], 1e4 * label]))  # every pixel at the end of its range
    if np.abs(wild).max() > 1.0 + 1e-5:
        raise Wrong(
            f"pixels leave [-1, 1]: loud noise drives one to {wild.flat[np.abs(wild).argmax()]:.0f}"
            ". Real pictures stay inside; which activation does?"
        )
    if wild.min() >= 0.0:
        raise Wrong("no picture ever has a negative pixel; the real ones run from -1 to 1.")
    three = np.stack([*noise, noise.mean(axis=0)])
    if _is_straight([np.arctanh(0.999 * np.asarray(model([z, label]))) for z in 0.1 * three]):
        raise Wrong(NO_BEND)
    ratio = by_label / by_noise
    said = f"It has {model.count_params():,} weights, and another label moves a pixel {ratio:.2f} "
    said += "times as far as other noise does."
    if ratio < 0.3:
        return said + " That is quiet: is it the label that is multiplied by 5?"
    return said + (" The noise is hardly heard beside it." if ratio > 3 else "")


@exercise(
    "02.make_discriminator",
    "it scores a picture and its label together.",
    idea="the picture alone gives features f, 256 numbers. The logit adds two parts: does f look "
    "real (one number from f), and does f look like this label (f against a direction that "
    "belongs to the label)?",
    like="a shop scores a customer's basket f for one of three kinds of customer: w . f for "
    "everybody, plus V_k . f for kind k. In Keras: `Dense(1)` on f for the first; a `Dense` "
    "without bias on the one-hot kind gives V_k, of f's length; `Dot` multiplies two rows and sums "
    "them. Why would adding a number per kind, whatever the basket, be no use?",
    learn="a label that only shifts the logit says nothing about this picture. It has to meet the "
    "picture: as a product, or below a layer that can bend.",
    used="lesson 03",
)
def _discriminator(answer):
    pair = "picture (28, 28, 1), then label (10,)"
    model = _network(answer, [(28, 28, 1), (10,)], (1,), pair)
    rng = np.random.default_rng(2)
    image = np.tanh(rng.normal(size=(60, 28, 28, 1)) + rng.normal(size=(60, 1, 1, 1)))
    image = image.astype(np.float32)
    label = np.eye(10, dtype=np.float32)[np.arange(60) % 10]
    logit = np.asarray(model([image, label]))
    if np.ptp(model([image, label[:1].repeat(60, axis=0)])) < 1e-6:
        raise Wrong("the same logit, whatever the picture.")
    wild = np.asarray(model([1e4 * image, label]))
    if np.ptp(wild) <= 2.0 and np.abs(wild).max() <= 1.0:
        where = "0 and 1" if wild.min() >= 0.0 else "-1 and 1"
        raise Wrong(f"the output stays between {where}; a logit has no bounds: no activation here.")
    if wild.min() >= 0.0:
        raise Wrong("no logit is ever negative, so D could call nothing a fake: no ReLU here.")
    moved = np.asarray(model([image, np.roll(label, 1, axis=0)])) - logit
    if not np.abs(moved).max() > 1e-6:
        raise Wrong("the same logit, whatever the label: a fine 3 passes where a 7 was asked for.")
    one = moved[::10]  # from label 0 to label 9, on six pictures
    if np.std(one) < 1e-3 * np.abs(one).mean():
        raise Wrong(
            "another label moves the logit by the same amount for every picture, so it says "
            "nothing about whether this picture is a 7."
        )
    three = np.stack([image, image[::-1], (image + image[::-1]) / 2])
    if _is_straight([model([x, label]) for x in three]):
        raise Wrong(NO_BEND)
    by_image = np.abs(np.asarray(model([image[::-1], label])) - logit).mean()
    loud = np.abs(moved).mean() / by_image
    said = f"It has {model.count_params():,} weights. The label's loudness: {loud:.2f}."
    return said + (" Quiet: lesson 03 shows what that costs." if loud < 0.3 else "")


@exercise(
    "02.count_weights",
    "1,488,912 for the article's generator, and you did not need Keras.",
    idea="a dense layer from a to b units has a weight for each pair, and a bias for each output. "
    "zip(sizes, sizes[1:]) runs over the pairs of neighbours.",
    like="[2, 3, 1] by hand: from 2 to 3 there are 6 weights and 3 biases, from 3 to 1 there are 3 "
    "weights and 1 bias, 13 in all. Which 6 numbers does [2, 3, 3, 1] add up?",
    learn="the last layer holds more than half of all weights. Keras counts the same: "
    "count_params.",
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
    idea="a one-hot row times a matrix picks one of its rows: so each picture gets the direction "
    "of its own label. What is left is one inner product per picture, and the plain part.",
    like="three workers, (3, 2) hours worked, (3, 2) wages per hour: what each earns is (hours * "
    "wages).sum(axis=1), three numbers; hours @ wages.T would be nine. Which are your hours and "
    "wages?",
    learn="a product row by row belongs to a sum over the features, and @ to all pairs. "
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
    idea="first give the label four dimensions, of which two have length 1; then repeat along "
    "those. np.broadcast_to repeats along dimensions of length 1 and never mixes meanings.",
    like="a calendar (7, 24) that holds for every hour the number of its day: days = "
    "np.arange(7), then days[:, None] is (7, 1), and np.broadcast_to(days[:, None], (7, 24)) "
    "repeats it. Where do the dimensions of length 1 stand in your case?",
    learn="repeat along a dimension of its own, and read single elements back. A reshape that "
    "gives the right shape can still put every number in the wrong place.",
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
