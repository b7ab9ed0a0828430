"""The checks of lesson 03. Those of the turns start TensorFlow and move tiny networks by a step."""

import dataclasses
import sys

import numpy as np

from cgan_lab import metrics, objective
from cgan_lab.checks._kit import (
    Wrong,
    blank,
    call,
    exercise,
    expect,
    inside_tf_function,
    must_be_function,
    nothing,
)

TINY = "The check tries it on tiny networks: take every shape from the arguments."


class _Game:
    """Two tiny networks with fixed weights, and one batch, on which a turn is tried.

    ``certainty`` multiplies D's logits.
    """

    def __init__(self, certainty=1.0):
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
        for weight in self.discriminator.layers[-1].weights:
            weight.assign(certainty * weight)
        self.real = tf.constant(np.tanh(rng.normal(size=(6, 2, 2, 1))), tf.float32)
        self.label = tf.one_hot([0, 1, 2, 0, 1, 2], 3)
        self.noise = tf.constant(rng.normal(size=(6, 4)), tf.float32)
        self.start = self.weights()

    def networks(self):
        """Return both networks, by their letters."""
        return {"G": self.generator, "D": self.discriminator}

    def weights(self):
        """Return all weights of each network as one vector, by its letter."""
        return {
            letter: np.concatenate([weight.numpy().ravel() for weight in network.weights])
            for letter, network in self.networks().items()
        }

    def moved(self):
        """Return how far the weights have moved since the start, by the network's letter."""
        return {letter: now - self.start[letter] for letter, now in self.weights().items()}

    def logits(self, images):
        """Return D's logits on ``images``; for None, on pictures that G draws."""
        if images is None:
            images = self.generator([self.noise, self.label])
        return self.discriminator([images, self.label])

    def step(self, loss, letter):
        """Return how far plain descent on ``loss()``, a function, moves this network's weights."""
        weights = self.networks()[letter].trainable_variables
        with self.tf.GradientTape() as tape:
            value = loss()
        gradients = tape.gradient(value, weights)
        return -np.concatenate([gradient.numpy().ravel() for gradient in gradients])

    def take(self, turn, *batch):
        """Return the loss that the learner's ``turn`` returns; plain descent stands in for Adam."""
        must_be_function(turn)
        descent = self.keras.optimizers.SGD(1.0)
        try:
            loss = turn(self.generator, self.discriminator, descent, *batch)
        except ValueError as error:
            if "No gradients" not in str(error):
                error.add_note(TINY)
                raise
            raise Wrong(
                "no gradient reaches the weights: they are used outside the tape, or behind "
                "tf.stop_gradient. What the gradient should flow through is computed inside."
            ) from error
        except Exception as error:
            error.add_note(TINY)
            raise
        frozen = [letter for letter, one in self.networks().items() if not one.trainable]
        if frozen:
            raise Wrong(
                f"it leaves {frozen[0]} frozen: its next turn would change nothing. The list of "
                "weights decides; no flag is needed."
            )
        if blank(loss):
            if not any(moved.any() for moved in self.moved().values()):
                nothing(turn)
            raise Wrong("the weights move, but it returns nothing: return the loss.")
        try:
            size = np.size(loss)
        except Exception:  # a dict, a tuple of tensors, something else
            size = 0
        if size != 1 or isinstance(loss, dict | tuple | list):
            what = f"{size} numbers" if size > 1 else f"a {type(loss).__name__}"
            raise Wrong(f"it returns {what}, expected the loss, one number: take a mean.")
        return loss


@dataclasses.dataclass(frozen=True)
class _Turn:
    """What a turn should do, and how to tell when it does not.

    ``letter``: of the network that learns; ``batch``: names of `_Game`'s tensors that the turn is
    given; ``loss``: function of a game -> the loss; ``slips``: sentence -> such a function, of a
    loss that a learner may have written instead;
    ``climbs``: what is said of a step uphill.
    """

    letter: str
    batch: tuple
    loss: object
    slips: dict
    climbs: str

    def inspect(self, answer):
        """Raise `Wrong` unless ``answer`` is this turn."""
        game = _Game()
        want = game.step(lambda: self.loss(game), self.letter)
        slips = {
            text: game.step(lambda f=f: f(game), self.letter) for text, f in self.slips.items()
        }
        slips |= {
            self.climbs: -want,
            "these are sums; a mean does not grow with the batch.": len(game.label) * want,
            "each step is half as long: that is half of the loss. It adds means, and no 0.5.": (
                want / 2
            ),
        }
        before = float(self.loss(game))
        found = game.take(answer, *self._given(game))
        again = _Game()
        if not np.isclose(again.take(answer, *self._given(again)), found, rtol=1e-4):
            raise Wrong("it draws noise of its own: the same batch should give the same step.")
        self._moves(game, want, slips)
        after = float(self.loss(game))
        if not np.isclose(found, before, rtol=1e-3):
            if np.isclose(found, after, rtol=1e-3):
                raise Wrong("it returns the loss after the step, expected the one before it.")
            raise Wrong(f"it returns {float(found):.3f}; the loss before the step is {before:.3f}.")
        sure = _Game(certainty=300.0)
        if not np.isfinite(float(sure.take(answer, *self._given(sure)))):
            raise Wrong("right for small logits, but not finite where D is sure: use softplus.")
        self._compiles(answer, before)

    def _given(self, game):
        return [getattr(game, name) for name in self.batch]

    def _moves(self, game, want, slips):
        """Raise `Wrong` unless this network's weights alone moved, by ``want``."""
        moved = game.moved()
        own = moved.pop(self.letter)
        ((other, others),) = moved.items()
        if others.any():
            whose = f"{other}'s weights moved too" if own.any() else f"{other}'s weights moved"
            raise Wrong(f"{whose}: hand the optimizer the weights of {self.letter} alone.")
        if not own.any():
            raise Wrong("no weight moved: hand gradients and weights to the optimizer's apply.")
        length, right = np.linalg.norm(own), np.linalg.norm(want)
        case = f"On one fixed batch the step has length {length:.3f}, {right:.3f} is right"
        case += "." if own @ want > 0.999 * length * right else ", in another direction."
        for sentence, movement in slips.items():
            if np.allclose(own, movement, rtol=1e-3, atol=1e-5):
                raise Wrong(sentence, case)
        if not np.allclose(own, want, rtol=1e-3, atol=1e-5):
            raise Wrong(f"{self.letter}'s weights moved otherwise than its loss asks for.", case)

    def _compiles(self, turn, loss):
        """Raise `Wrong` unless ``turn`` does in a compiled function what it did outside."""
        game = _Game()
        descent = game.keras.optimizers.SGD(1.0)
        descent.build(game.networks()[self.letter].trainable_variables)

        @game.tf.function(jit_compile=True)
        def compiled(*batch):
            return turn(game.generator, game.discriminator, descent, *batch)

        try:
            again = float(compiled(*self._given(game)))
        except Exception as error:
            raise Wrong(
                f"right as Python runs it, but not inside tf.function ({type(error).__name__}): "
                "use TensorFlow's operations only, no NumPy and no .numpy()."
            ) from error
        if not np.isclose(again, loss, rtol=1e-3):
            raise Wrong("right once, but inside tf.function it returns another loss.")


def _d_loss(of_real, of_fakes):
    """Return the function of a game: mean of_real(D on real) + mean of_fakes(D on fakes)."""

    def loss(game):
        fakes = game.tf.stop_gradient(game.generator([game.noise, game.label]))
        on_real, on_fakes = game.logits(game.real), game.logits(fakes)
        mean = game.tf.reduce_mean
        return mean(of_real(game.tf, on_real)) + mean(of_fakes(game.tf, on_fakes))

    return loss


def _g_loss(of_fakes):
    """Return the function of a game: mean of_fakes(D on what G draws)."""
    return lambda game: game.tf.reduce_mean(of_fakes(game.tf, game.logits(None)))


def _real(tf, logits):
    return tf.nn.softplus(-logits)  # -log D


def _fake(tf, logits):
    return tf.nn.softplus(logits)  # -log(1 - D)


def _none(tf, logits):
    return tf.zeros_like(logits)


def _twice(of):
    return lambda tf, logits: of(tf, tf.sigmoid(logits))


def _as_probability(target):
    """Return the cross-entropy of a logit that is taken for a probability."""

    def of(tf, logits):
        return tf.keras.losses.binary_crossentropy(target * tf.ones_like(logits), logits)

    return of


SIGMOID_TWICE = "the sigmoid is applied twice: softplus takes logits."
AS_PROBABILITY = "logits are taken for probabilities: BinaryCrossentropy(from_logits=True)."


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
    slips = {
        "real and fake are exchanged: D wants high logits on the real pictures.": (_fake, _real),
        "the fakes are missing: D would call everything real.": (_real, _none),
        "the real pictures are missing: D would call everything fake.": (_none, _fake),
        SIGMOID_TWICE: (_twice(_real), _twice(_fake)),
        AS_PROBABILITY: (_as_probability(1.0), _as_probability(0.0)),
    }
    slips = {sentence: _d_loss(*pair) for sentence, pair in slips.items()}
    batch = "real", "label", "noise"
    climbs = "D climbs its loss; it should descend."
    _Turn("D", batch, _d_loss(_real, _fake), slips, climbs).inspect(answer)


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
    slips = {
        "this is the saturating loss, mean log(1 - D): it hardly teaches a G that is far "
        "behind. Let G descend -mean log D.": lambda tf, logits: -_fake(tf, logits),
        "this is half of D's loss: it teaches G to be caught.": _fake,
        SIGMOID_TWICE: _twice(_real),
        AS_PROBABILITY: _as_probability(1.0),
    }
    slips = {sentence: _g_loss(of) for sentence, of in slips.items()}
    climbs = "the sign is wrong: G moves away from what D takes for real."
    _Turn("G", ("label", "noise"), _g_loss(_real), slips, climbs).inspect(answer)


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
        given = tf.constant(average), tf.constant(weights), tf.constant(0.9, "double")
        inside_tf_function(answer, given, "right", "use + and * alone.")


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
