"""The checks of lesson 03. Those of both turns start TensorFlow and take a step of tiny networks."""

import sys

import numpy as np

from cgan_lab import metrics, objective
from cgan_lab.checks._kit import NotAttempted, Wrong, blank, call, exercise, expect


class _Table:
    """Two tiny networks with fixed weights, and one batch, on which a turn is tried."""

    def __init__(self):
        import keras
        import tensorflow as tf

        self.tf, self.keras = tf, keras
        rng = np.random.default_rng(3)
        layers = keras.layers
        noise, label, image = (keras.Input(shape) for shape in ((4,), (3,), (2, 2, 1)))
        drawn = layers.Dense(4, "tanh")(layers.Concatenate()([noise, label]))
        self.generator = keras.Model([noise, label], layers.Reshape((2, 2, 1))(drawn))
        seen = layers.Dense(5, "tanh")(layers.Concatenate()([layers.Flatten()(image), label]))
        self.discriminator = keras.Model([image, label], layers.Dense(1)(seen))
        for weight in self.generator.weights + self.discriminator.weights:
            weight.assign(rng.normal(size=weight.shape))
        self.real = tf.constant(np.tanh(rng.normal(size=(6, 2, 2, 1))), tf.float32)
        self.label = tf.one_hot([0, 1, 2, 0, 1, 2], 3)
        self.noise = tf.constant(rng.normal(size=(6, 4)), tf.float32)
        self.start = self.weights()

    def weights(self):
        """Return all weights of G and of D, two vectors."""
        pair = self.generator, self.discriminator
        return [np.concatenate([w.numpy().ravel() for w in network.weights]) for network in pair]

    def moved(self):
        """Return how far the weights of G and of D have moved, two vectors."""
        return [now - before for now, before in zip(self.weights(), self.start, strict=True)]

    def step(self, loss, of):
        """Return how far plain descent on ``loss()``, a function, moves the weights of ``of``."""
        weights = of.trainable_variables
        with self.tf.GradientTape() as tape:
            value = loss()
        gradients = tape.gradient(value, weights)
        return -np.concatenate([gradient.numpy().ravel() for gradient in gradients])

    def take(self, turn, *batch):
        """Return what the learner's ``turn`` returns; plain descent stands in for Adam."""
        if not callable(turn):
            raise Wrong(f"expected a function, got {type(turn).__name__}.")
        descent = self.keras.optimizers.SGD(1.0)
        try:
            loss = turn(self.generator, self.discriminator, descent, *batch)
        except ValueError as error:
            if "gradient" not in str(error).lower():
                raise
            raise Wrong(
                "no gradient reaches the weights: they are used outside the tape. What the "
                "gradient should flow through is computed inside the `with` block."
            ) from error
        if blank(loss):
            if not any(moved.any() for moved in self.moved()):
                raise NotAttempted
            raise Wrong("the weights move, but it returns nothing: return the loss.")
        return loss


def _judge(turn, table, batch, mistakes, own, other, want):
    """Raise `Wrong` for a ``turn`` that does not move one network's weights alone by ``want``.

    ``own``, ``other``: the names, and the places in `_Table.moved`, of the network that learns and
    of the other one. ``mistakes``: sentence -> the movement that it explains.
    """
    loss = table.take(turn, *batch)
    moved = table.moved()
    if moved[other[1]].any():
        whose = f"{other[0]}'s weights moved too" if moved[own[1]].any() else f"{other[0]} moved"
        raise Wrong(f"{whose}: hand the optimizer the weights of {own[0]} alone.")
    moved = moved[own[1]]
    if not moved.any():
        raise Wrong("no weight moved: hand gradients and weights to the optimizer's apply.")
    size = f"{own[0]}'s weights moved by {np.linalg.norm(moved):.3f} (length of the step); "
    case = f"on one fixed batch {size}{np.linalg.norm(want):.3f} in another direction is right."
    for sentence, movement in mistakes.items():
        if np.allclose(moved, movement, rtol=1e-3, atol=1e-5):
            raise Wrong(sentence, case)
    if not np.allclose(moved, want, rtol=1e-3, atol=1e-5):
        raise Wrong(f"{own[0]}'s weights moved otherwise than its loss asks for.", case)
    return loss


def _compiles(turn, loss, *batch):
    """Raise `Wrong` unless ``turn`` does inside tf.function what it did outside."""
    table = _Table()
    descent = table.keras.optimizers.SGD(1.0)
    descent.build(table.generator.trainable_variables + table.discriminator.trainable_variables)
    try:
        again = table.tf.function(
            lambda *batch: turn(table.generator, table.discriminator, descent, *batch)
        )(*batch)
        same = np.allclose(float(again), float(loss), rtol=1e-3)
    except Exception as error:
        raise Wrong(
            f"right as Python runs it, but not inside tf.function ({type(error).__name__}): use "
            "TensorFlow's operations only, no NumPy and no float(...)."
        ) from error
    if not same:
        raise Wrong("right once, but inside tf.function it returns another loss.")


@exercise(
    "03.d_turn",
    "D's weights move, G's stand still, and the loss is the one of before the step.",
    idea="five moves: draw the fakes; open a tape; inside it, D's logits on the real pairs and on "
    "the fake pairs, and the loss from both; the gradient with respect to one network's weights; "
    "the optimizer's apply.",
    like="a thermostat w learns to tell warm from cold rooms: with the tape open, loss = "
    "mean(softplus(-w * warm)) + mean(softplus(w * cold)); after the block, "
    "tape.gradient(loss, [w]) and apply. Which part of it would go wrong if cold rooms were "
    "counted as warm?",
    learn="the tape records what is computed inside it, and the list of weights decides what "
    "moves. Nothing has to be frozen.",
    used="lesson 03, sections 4 to 7",
)
def _d_turn(answer):
    table = _Table()
    tf, d = table.tf, table.discriminator
    fakes = table.generator([table.noise, table.label])

    def loss(of_real=tf.nn.softplus, of_fakes=tf.nn.softplus, over=tf.reduce_mean):
        on_real, on_fakes = d([table.real, table.label]), d([fakes, table.label])
        return over(of_real(-on_real)) + over(of_fakes(on_fakes))

    want = table.step(loss, d)
    mistakes = {
        "D climbs its loss; it should descend.": -want,
        "real and fake are exchanged: D wants high logits on the real pictures.": table.step(
            lambda: loss(lambda a: tf.nn.softplus(-a), lambda a: tf.nn.softplus(-a)), d
        ),
        "the fakes are missing: D would call everything real.": table.step(
            lambda: loss(of_fakes=tf.zeros_like), d
        ),
        "the real pictures are missing: D would call everything fake.": table.step(
            lambda: loss(of_real=tf.zeros_like), d
        ),
        "the sigmoid is applied twice: softplus takes logits.": table.step(
            lambda: loss(
                lambda a: tf.nn.softplus(-tf.sigmoid(-a)), lambda a: tf.nn.softplus(tf.sigmoid(a))
            ),
            d,
        ),
        "these are sums; a mean does not grow with the batch.": table.step(
            lambda: loss(over=tf.reduce_sum), d
        ),
    }
    batch = table.real, table.label, table.noise
    found = _judge(answer, table, batch, mistakes, ("D", 1), ("G", 0), want)
    _compiles(answer, found, *batch)


@exercise(
    "03.g_turn",
    "G's weights move, through D, and D's stand still.",
    idea="G's loss asks D about G's pictures, so the gradient has to flow from D's logit back "
    "into G: what must be inside the tape this time? And whose weights go to the optimizer?",
    like="an archer a learns from a judge j who is left alone: with the tape open, "
    "loss = mean(softplus(-j(a(wind)))); then tape.gradient(loss, a's weights). If the arrows "
    "a(wind) are shot before the tape is open, what is the gradient?",
    learn="D is the teacher: its gradient with respect to the pictures says how to look more "
    "real for the label asked for. It teaches without being changed.",
    used="lesson 03, sections 4 to 7",
)
def _g_turn(answer):
    table = _Table()
    tf = table.tf

    def loss(of=lambda a: tf.nn.softplus(-a), over=tf.reduce_mean):
        fakes = table.generator([table.noise, table.label])
        return over(of(table.discriminator([fakes, table.label])))

    g = table.generator
    want = table.step(loss, g)
    mistakes = {
        "this is the saturating loss, mean log(1 - D): it hardly teaches a G that is far "
        "behind. Let G descend -mean log D.": table.step(lambda: -loss(tf.nn.softplus), g),
        "the sign is wrong: G moves away from what D takes for real.": table.step(
            lambda: loss(tf.nn.softplus), g
        ),
        "the sigmoid is applied twice: softplus takes logits.": table.step(
            lambda: loss(lambda a: tf.nn.softplus(-tf.sigmoid(a))), g
        ),
        "this is a sum; a mean does not grow with the batch.": table.step(
            lambda: loss(over=tf.reduce_sum), g
        ),
    }
    batch = table.label, table.noise
    other = _Table()
    first = float(other.take(answer, *batch))
    again = _Table()
    if not np.isclose(float(again.take(answer, *batch)), first, rtol=1e-4):
        raise Wrong("it draws noise of its own: the same batch should give the same step.")
    found = _judge(answer, table, batch, mistakes, ("G", 0), ("D", 1), want)
    _compiles(answer, found, *batch)


@exercise(
    "03.moving_average",
    "a high decay makes it slow and calm, a low one quick and nervous.",
    idea="the two shares add up to 1. The average keeps the share `decay` of itself.",
    like="a running mark that keeps 0.9 of itself and takes 0.1 of the newest: at 2.0, after a "
    "test with 5.0, it is 2.3. What would it be with a share of 0.5?",
    learn="an average of many steps is calmer than any of them, and costs one multiplication and "
    "one addition per weight.",
    used="lesson 03, sections 4 to 7",
)
def _moving_average(answer):
    average = np.array([[1.0, 2.0], [0.0, -4.0]])
    weights = np.array([[2.0, 0.0], [1.0, -4.0]])
    middle = (average + weights) / 2
    swapped = 0.1 * average + 0.9 * weights
    mistakes = {
        "the shares are exchanged: with a decay of 0.9 the average hardly moves.": swapped,
        "the shares add up to more than 1, so the average grows.": 0.9 * average + weights,
        "this is the plain mean of the two; the decay is not used.": middle,
    }
    want = 0.9 * average + 0.1 * weights
    expect(answer, (average, weights, 0.9), want, "the average", mistakes)
    expect(answer, (average, weights, 0.5), middle, "the average with a decay of 0.5")
    if tf := sys.modules.get("tensorflow"):  # lesson 03 puts it into a compiled step
        try:
            tf.function(answer)(
                tf.constant(average), tf.constant(weights), tf.constant(0.9, "double")
            )
        except Exception as error:
            name = type(error).__name__
            raise Wrong(
                f"right, but not inside tf.function ({name}): use + and * alone."
            ) from error


@exercise(
    "03.discriminator_loss",
    "finite for every logit, and the same number as TensorFlow's.",
    idea="-log sigmoid(a) is np.logaddexp(0, -a), and 1 - sigmoid(a) is sigmoid(-a). Each half has "
    "its own batch, so its own mean.",
    like="rain or not: a forecast with logits a on wet days and b on dry days costs -mean log "
    "sigmoid(a) - mean log(1 - sigmoid(b)). For one wet day with a = 0 and one dry day with b = 0 "
    "that is 2 log 2 = 1.386. Which of the two terms has a minus inside logaddexp?",
    learn="log(1 + e^a) from the logit is finite where log(1 - D) is not. cgan_lab/losses.py has "
    "the same in TensorFlow, as softplus.",
)
def _discriminator_loss(answer):
    def loss(real, fake, over=np.mean):
        return over(np.logaddexp(0, -real)) + over(np.logaddexp(0, fake))

    real, fake = np.array([2.0, -1.0, 0.5]), np.array([0.3, -2.0])
    want = loss(real, fake)
    twice = loss(objective.sigmoid(real), objective.sigmoid(fake))
    mistakes = {
        "this is the value V, which D climbs; a loss, which D descends, is minus that.": -want,
        "real and fake are exchanged: D wants high logits on real pictures.": loss(-real, -fake),
        "these are sums; a mean does not grow with the batch.": loss(real, fake, np.sum),
        "the fakes are missing: this is the real half alone.": np.logaddexp(0, -real).mean(),
        "the sigmoid is applied twice: logaddexp contains it, so pass the logits.": twice,
    }
    expect(answer, (real, fake), want, "the loss", mistakes)
    if not np.isfinite(call(answer, np.array([-1000.0]), np.array([1000.0]))):
        raise Wrong("right for small logits, but not finite for 1000: use np.logaddexp.")


@exercise(
    "03.agreement_of_each",
    "so a label that goes wrong cannot hide behind the others.",
    idea="for one label c, look only at the samples that were asked to be c, and take the share of "
    "them that was read as c. Then do it for every label.",
    like="orders = np.array(['tea', 'tea', 'milk']), served = np.array(['tea', 'milk', 'milk']): "
    "served[orders == 'tea'] is what those who wanted tea got, and half of it is tea. What is the "
    "share for milk?",
    learn="a figure over all labels hides the one that fails. metrics.confusion has the same "
    "shares on its diagonal.",
)
def _agreement_of_each(answer):
    requested = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    recognised = np.array([0, 0, 1, 1, 1, 0, 2, 2, 1])
    table = metrics.confusion(requested, recognised, 3)
    right = table.diagonal()
    precision = right / table.sum(axis=0)
    mistakes = {
        "these are counts; divide by how often each label was asked for.": right,
        "divided by what was recognised: precision. What became of each request?": precision,
        "these are shares of all samples; divide by the label's samples.": right / len(requested),
        "this is one agreement for all labels together.": np.mean(requested == recognised),
    }
    want = right / table.sum(axis=1)
    expect(answer, (requested, recognised, 3), want, "the agreement", mistakes)
