"""The checks of lesson 07. They train nothing; that of the penalty starts TensorFlow."""

import numpy as np

from cgan_lab.checks._kit import (
    NotAttempted,
    Wrong,
    blank,
    call,
    close,
    exercise,
    expect,
    inside_tf_function,
    must_be_function,
    unless,
)


@exercise(
    "07.hinge",
    "no reward for more certainty than the margin: that keeps D's gradients in bounds.",
    idea="D is content with a logit of 1 on a real picture and of -1 on a fake; what is missing to "
    "that is its cost, and never less than 0. Is there a logit with which G is content?",
    like="a shop wants parcels to arrive a day early: one that is x days early costs "
    "np.maximum(0, 1 - x). For 3, 0.5 and -1 days that is 0, 0.5 and 2, on average 0.83. A parcel "
    "that should come a day late costs max(0, 1 + x). Which of the two is D's cost on fakes?",
    learn="the maximum makes D forget the pictures that it already has right by the margin. "
    "G's half is Wasserstein's: its slope is the same wherever D stands.",
)
def _hinge(answer):
    def hinge(real, fake, over=np.mean):
        return over(np.maximum(0, 1 - real)) + over(np.maximum(0, 1 + fake))

    real, fake = np.array([2.5, 0.4, -0.3]), np.array([-1.7, 0.2])
    got = call(answer, real, fake)
    if not isinstance(got, tuple) or len(got) != 2:
        raise Wrong("expected two numbers, D's loss and G's loss: return d_loss, g_loss.")
    without = 2 - real.mean() + fake.mean()
    of_d = {
        "D's signs are exchanged: it wants high logits on real pictures.": hinge(-real, -fake),
        "without a maximum, D is paid for any certainty: Wasserstein's loss plus 2.": without,
        "these are sums; take means.": hinge(real, fake, np.sum),
    }
    unless(got[0], of_d)
    close(got[0], hinge(real, fake), "D's loss")
    hinged = np.maximum(0, 1 - fake).mean()
    of_g = {
        "G's sign is the other one: it wants D's logits on fakes to be high.": fake.mean(),
        "G's loss has no hinge: it would stop learning once D is fooled a little.": hinged,
    }
    unless(got[1], of_g)
    close(got[1], -fake.mean(), "G's loss")


@exercise(
    "07.spectral_norm",
    "a few products instead of a full decomposition: cheap enough for every training step.",
    idea="section 4 has one round in numbers: through the matrix, to length 1, through its "
    "transpose, to length 1. Which directions do you hold after the last round, and how far does "
    "the matrix carry the one towards the other?",
    like="the diagonal matrix of 3 and 1 turns (1, 1) into (3, 1), then (9, 1), then (27, 1): at "
    "length 1 nearly (1, 0), which it stretches by 3. What does it turn into if the matrix is not "
    "square, so that it cannot be applied twice in a row?",
    learn="what is stretched most wins: after k rounds the rest has shrunk by the ratio of the "
    "singular values to the power 2k. One round per step is enough while the matrix moves slowly.",
)
def _spectral_norm(answer):
    rng = np.random.default_rng(0)
    matrix, start = rng.normal(size=(6, 4)), rng.normal(size=4)
    largest, *_, smallest = np.linalg.svd(matrix, compute_uv=False)
    frobenius = np.linalg.norm(matrix)
    mistakes = {
        "this is the Frobenius norm, the root of the sum of all squares.": frobenius,
        "this is the square of the largest singular value.": largest**2,
        "this is the smallest singular value: multiply by the matrix, not its inverse.": smallest,
    }
    what = "the largest singular value"
    expect(answer, (matrix, start, 100), largest, what, mistakes, tolerance=1e-4)
    if abs(float(call(answer, matrix, start, 1)) - largest) < 1e-6:
        raise Wrong("right, but not by steps: one round cannot be exact. Use `rounds`.")


@exercise(
    "07.gradient_penalty",
    "one number per picture, however many pixels it has; too steep and too flat both cost.",
    idea="three moves in this order: one length per picture, what each length costs, the mean over "
    "the pictures. Which axes does the length sum over?",
    like="three walkers' steps, array (3, 2) of metres east and north: [[3, 4], [0, 1], [0, 0]]. "
    "Their lengths are 5, 1 and 0. If a step of length 1 is free, the costs (length - 1)^2 are 16, "
    "0 and 1, on average 5.67. What changes for pictures, whose axes are rows, columns and 1?",
    learn="the order of root, square and mean is the whole content: a mean over pixels would ask "
    "each single pixel for a slope of 1, a length over the batch would let one picture pay for "
    "another.",
)
def _gradient_penalty(answer):
    gradients = np.random.default_rng(1).normal(scale=0.05, size=(5, 28, 28, 1))
    length = np.sqrt((gradients**2).sum(axis=(1, 2, 3)))
    want = 10 * np.mean((length - 1) ** 2)
    of_batch = 10 * (np.linalg.norm(gradients) - 1) ** 2
    of_pixels = 10 * np.mean((np.abs(gradients) - 1) ** 2)
    without_root = 10 * np.mean((length**2 - 1) ** 2)
    r1 = 10 * np.mean(length**2)
    mistakes = {
        "this is the length of the whole batch's gradient; each picture has its own.": of_batch,
        "this compares each pixel's slope with 1; the length over all pixels counts.": of_pixels,
        "this punishes the length itself, as R1 does; here a length of 1 is wanted.": r1,
        "the square of the length is compared with 1; take the root first.": without_root,
        "the factor 10 is missing.": want / 10,
    }
    expect(answer, (gradients,), want, "the penalty", mistakes)


class _Steep:
    """A small discriminator with fixed weights and a batch on which a penalty is tried."""

    def __init__(self):
        import keras
        import tensorflow as tf

        self.tf = tf
        rng = np.random.default_rng(5)
        image, label = keras.Input((28, 28, 1)), keras.Input((10,))
        both = keras.layers.Concatenate()([keras.layers.Flatten()(image), label])
        seen = keras.layers.Dense(3, "tanh")(both)
        self.discriminator = keras.Model([image, label], keras.layers.Dense(1)(seen))
        for weight in self.discriminator.weights:
            weight.assign(rng.normal(scale=0.2, size=weight.shape))
        self.real = tf.constant(np.tanh(rng.normal(size=(6, 28, 28, 1))), tf.float32)
        self.fake = tf.constant(0.3 * rng.normal(size=(6, 28, 28, 1)), tf.float32)
        self.label = tf.one_hot([0, 1, 2, 7, 8, 9], 10)
        self.batch = self.real, self.fake, self.label, tf.constant([0, 1])

    def slopes(self, images, of="images", before=lambda logits: logits):
        """Return the gradient (n, ...) of D's logits with respect to the images or the label."""
        label = self.label
        with self.tf.GradientTape() as tape:
            tape.watch([images, label])
            logits = before(self.discriminator([images, label]))
        return tape.gradient(logits, {"images": images, "label": label}[of]).numpy()

    def of_weights(self):
        """Return the squared length of the gradient of all logits with respect to D's weights."""
        with self.tf.GradientTape() as tape:
            logits = self.discriminator([self.real, self.label])
        gradients = tape.gradient(logits, self.discriminator.trainable_variables)
        return sum(float(self.tf.reduce_sum(gradient**2)) for gradient in gradients)

    def mistakes(self):
        """Return {sentence: the penalty that it explains}."""
        sigmoid = self.tf.sigmoid
        flat = self.slopes(self.real).reshape(6, -1)
        squares = (flat**2).sum(axis=1)
        means = self.slopes(self.real, before=self.tf.reduce_mean).reshape(6, -1)
        fakes, label = self.slopes(self.fake), self.slopes(self.real, "label")
        chances = self.slopes(self.real, before=sigmoid)
        return {
            "this adds up the whole batch; every picture has a length, and the penalty is the mean "
            "over pictures.": squares.sum() / 2,
            "this is a mean over pixels; a squared length is a sum over them.": (flat**2).mean()
            / 2,
            "this is the slope at the fakes; R1 charges D at the real pictures.": (
                (fakes**2).sum() / 12
            ),
            "this is the gradient with respect to the label; how does the logit change with the "
            "picture?": (label**2).sum() / 12,
            "this is the gradient with respect to D's weights; how does the logit change with the "
            "picture?": self.of_weights() / 2,
            "the factor is missing: half of gamma, which is 1.": squares.mean(),
            "this wants a length of 1, as WGAN-GP does; R1 wants 0.": (
                np.mean((np.sqrt(squares) - 1) ** 2) / 2
            ),
            "this charges the length; R1 charges its square.": np.sqrt(squares).mean() / 2,
            "the logits were averaged before the gradient, so each picture's slope came out "
            "divided by the number of pictures.": (means**2).sum() / 12,
            "this is the slope of the probability D; take the logit's, which is not flat where D "
            "is certain.": (chances**2).sum() / 12,
        }


def _paid(answer, steep):
    """Return the learner's penalty, a scalar tensor, and its gradient on D's weights, or Nones."""
    must_be_function(answer)
    weights = steep.discriminator.trainable_variables
    with steep.tf.GradientTape() as tape:
        try:
            value = answer(steep.discriminator, *steep.batch)
        except (ValueError, TypeError, AttributeError) as error:
            if "None" not in str(error):
                raise
            raise Wrong(
                "the gradient is None: the tape follows weights by itself, pictures only if it is "
                "told to watch them, and only what is computed inside its block."
            ) from error
        if blank(value):
            raise NotAttempted
        value = steep.tf.convert_to_tensor(value)
    if value.shape != ():
        raise Wrong(f"expected one number for the batch, got an array of shape {value.shape}.")
    return value, tape.gradient(value, weights)


@exercise(
    "07.penalty",
    "a charge on D's slope at the real pictures, and D can descend it.",
    idea="it is a loss about a gradient: a tape that watches the pictures gives one gradient per "
    "picture. What does the formula do with it, in which order, and over which axes? Section 3 "
    "measured slopes of other points, in NumPy, where nothing could flow back.",
    like="hills of heights h(x) = x^2, at places x = (1, 2): with the tape open and x watched, "
    "h = x**2; tape.gradient(h, x) is (2, 4), the slope at each place. Charging half the mean of "
    "their squares is (4 + 16) / 4 = 5. What is different if a place has 784 coordinates?",
    learn="a gradient is a tensor like any other: as long as it stays one, a second tape can "
    "differentiate it. Here D's optimizer changes the weights such that a slope gets smaller.",
    used="lesson 07, section 3, and lesson 08",
)
def _penalty(answer):
    from cgan_lab import losses

    steep = _Steep()
    tf, weights = steep.tf, steep.discriminator.trainable_variables
    got, slopes = _paid(answer, steep)
    with tf.GradientTape() as tape:
        want = losses.PENALTIES["r1"].of(steep.discriminator, *steep.batch)
    right = tape.gradient(want, weights)
    try:
        unless(got, steep.mistakes())
        close(got, want, "the penalty", tolerance=1e-4)
    except Wrong as why:
        why.case = (
            f"on one fixed batch your penalty is {float(got):.4g}; {float(want):.4g} is right."
        )
        raise
    pairs = [(a, b) for a, b in zip(slopes, right, strict=True) if b is not None]
    if any(a is None for a, _ in pairs):
        raise Wrong(
            "the number is right, but no gradient flows through it to D's weights, so D cannot "
            "learn from it: leave out stop_gradient, NumPy and float."
        )
    if not all(np.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in pairs):
        raise Wrong("the number is right, but part of its gradient on D's weights is cut off.")
    inside_tf_function(lambda *batch: answer(steep.discriminator, *batch), steep.batch)


@exercise(
    "07.clearly_better",
    "a simple rule: with three seeds each, luck alone passes it once in twenty.",
    idea="luck is what differs between seeds of one recipe. Which single run of the new recipe is "
    "the one that could spoil it, and which of the old?",
    like="three new alloys break at 52, 54 and 53 kN, three old ones at 49, 51 and 50. The weakest "
    "new one holds more than the strongest old one. With 50 in place of 52: the mean is still "
    "higher; is it clear?",
    learn="means hide single runs. The rule needs no belief about the distribution of luck, only "
    "that the seeds are exchangeable.",
)
def _clearly_better(answer):
    clear = (0.991, 0.990, 0.992), (0.980, 0.985, 0.982)
    mean = (0.990, 0.989, 0.991), (0.992, 0.983, 0.982)
    best = (0.995, 0.970, 0.990), (0.980, 0.984, 0.982)
    worse = (0.980, 0.985), (0.991, 0.990)
    cases = (
        (clear, True, "no run of the old one comes near."),
        (mean, False, "the mean is higher, but one run of the old recipe beats all of the new."),
        (best, False, "its best run is far ahead, its worst far behind: it may well be luck."),
        (worse, False, "here the new recipe is worse."),
    )
    for (new, old), want, why in cases:
        got = bool(call(answer, np.array(new), np.array(old)))
        if got != want:
            raise Wrong(f"for new {list(new)} and old {list(old)}, got {got}: {why}")
