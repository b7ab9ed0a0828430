"""The adversarial losses as pairs (discriminator, generator). Works on logits; knows no network.

A logit ``a`` is the discriminator before its sigmoid: D = sigmoid(a). Working on logits keeps
log D finite where a sigmoid in float32 would already round to 0 or 1.
"""

import dataclasses
from collections.abc import Callable

from cgan_lab._support import distributed, runtime

tf = runtime.tensorflow()


@dataclasses.dataclass(frozen=True)
class Loss:
    """A pair of losses to minimise. ``discriminator(real, fake)``, ``generator(fake)``: logits ``(n, 1)`` -> scalar."""

    name: str
    discriminator: Callable
    generator: Callable


def _log_sigmoid_discriminator(real, fake):
    # -E[log D(x|y)] - E[log(1 - D(G(z|y)|y))], and 1 - sigmoid(a) = sigmoid(-a)
    return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))


def _minimax_generator(fake):
    return -tf.reduce_mean(tf.nn.softplus(fake))  # E[log(1 - D(G(z|y)|y))]


def _non_saturating_generator(fake):
    return tf.reduce_mean(tf.nn.softplus(-fake))  # -E[log D(G(z|y)|y)]


def _least_squares_discriminator(real, fake):
    return 0.5 * tf.reduce_mean(tf.square(real - 1.0)) + 0.5 * tf.reduce_mean(tf.square(fake))


def _least_squares_generator(fake):
    return 0.5 * tf.reduce_mean(tf.square(fake - 1.0))


def _hinge_discriminator(real, fake):
    return tf.reduce_mean(tf.nn.relu(1.0 - real)) + tf.reduce_mean(tf.nn.relu(1.0 + fake))


def _hinge_generator(fake):
    return -tf.reduce_mean(fake)


def _wasserstein_discriminator(real, fake):
    return tf.reduce_mean(fake) - tf.reduce_mean(real)


# minimax and non_saturating: Goodfellow et al. 2014 (arXiv 1406.2661), equation 1 and section 3;
# conditional form: Mirza and Osindero 2014 (1411.1784), equation 2. least_squares: Mao et al. 2017
# (1611.04076), equation 9. hinge: Lim and Ye 2017 (1705.02894); Miyato et al. 2018 (1802.05957), equations 16, 17.
# wasserstein: Arjovsky et al. 2017 (1701.07875), equation 2; it needs a bound on D, such as a penalty below.
LOSSES = {
    loss.name: loss
    for loss in (
        Loss("minimax", _log_sigmoid_discriminator, _minimax_generator),
        Loss("non_saturating", _log_sigmoid_discriminator, _non_saturating_generator),
        Loss("least_squares", _least_squares_discriminator, _least_squares_generator),
        Loss("hinge", _hinge_discriminator, _hinge_generator),
        Loss("wasserstein", _wasserstein_discriminator, _hinge_generator),  # G's half is the same: -E[a]
    )
}


@dataclasses.dataclass(frozen=True)
class Penalty:
    """A term added to D's loss. ``of(discriminator, real, fake, label, seed)`` -> scalar, 0 or more."""

    name: str
    of: Callable


def _input_gradient(discriminator, images, label):
    """Return dD(x, y)/dx, of the shape of ``images``, and keep it differentiable."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = tf.nest.flatten(discriminator([images, label], training=True))[0]  # without class logits
    return tf.cast(tape.gradient(logits, images), tf.float32)


def _wgan_gp(discriminator, real, fake, label, seed):
    seed = tf.random.experimental.stateless_fold_in(seed, 1)  # other numbers than the noise
    # One point on each line real-fake.
    share = distributed.rows(lambda n: tf.random.stateless_uniform((n, 1, 1, 1), seed), tf.shape(real)[0])
    gradient = _input_gradient(discriminator, real + share * (fake - real), label)
    norm = tf.sqrt(tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3]) + 1e-12)  # the slope of sqrt at 0 is infinite
    return 10.0 * tf.reduce_mean(tf.square(norm - 1.0))


def _r1(discriminator, real, fake, label, seed):
    gradient = _input_gradient(discriminator, real, label)
    return 0.5 * tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3]))


# wgan_gp: Gulrajani et al. 2017 (arXiv 1704.00028), equation 3, lambda = 10. r1: Mescheder et al. 2018
# (1801.04406), equation 9, gamma = 1.
PENALTIES = {penalty.name: penalty for penalty in (Penalty("wgan_gp", _wgan_gp), Penalty("r1", _r1))}


def auxiliary(class_logits, label):
    """Return the cross-entropy of class logits ``(n, classes)`` and labels ``(n, classes)``, a scalar.

    What D minimises on real images and G on its own, beside their adversarial losses, when D has an auxiliary
    classifier: L_C of Odena et al. 2017 (arXiv 1610.09585), equation 3. There D learns the classes of fakes too; ours
    does not, or it would come to call a 7 what G draws when asked for one. Shown in lesson 07.
    """
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(label, tf.cast(class_logits, tf.float32)))


def get_penalty(name):
    """Return the `Penalty` called ``name``, or None for None. Raises ValueError, naming those there are."""
    if name is not None and name not in PENALTIES:
        raise ValueError(f"no penalty {name!r}; there are {', '.join(PENALTIES)}, or None.")
    return PENALTIES.get(name)


def get(name):
    """Return the `Loss` called ``name``. Raises ValueError, naming those there are. Shown in lesson 03."""
    if name not in LOSSES:
        raise ValueError(f"no loss {name!r}; there are {', '.join(LOSSES)}.")
    return LOSSES[name]
