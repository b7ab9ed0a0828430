"""The adversarial losses as pairs (discriminator, generator). Works on logits; knows no network.

A logit ``a`` is the discriminator before its sigmoid: D = sigmoid(a). Logits keep log D finite
where a sigmoid in float32 would already round to 0 or 1.
"""

import dataclasses
from collections.abc import Callable

from cgan_lab._support import distributed
from cgan_lab._support.names import pick
from cgan_lab._support.tensorflow import ops, tf


@dataclasses.dataclass(frozen=True)
class Loss:
    """Two functions to minimise, of logits (n, 1): of (real, fake) for D, of (fake) for G.

    ``paired``: the two are compared pair by pair, row k of ``real`` with row k of ``fake``, which
    share a label; then G's is a function of (fake, real).
    """

    name: str
    discriminator: Callable
    generator: Callable
    paired: bool = False


def _log_sigmoid_discriminator(real, fake):
    # -E[log D(x|y)] - E[log(1 - D(G(z|y)|y))], where 1 - sigmoid(a) = sigmoid(-a)
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))


def _minimax_generator(fake):
    return -ops.mean(ops.softplus(fake))  # E[log(1 - D(G(z|y)|y))]


def _non_saturating_generator(fake):
    return ops.mean(ops.softplus(-fake))  # -E[log D(G(z|y)|y)]


def _least_squares_discriminator(real, fake):
    return 0.5 * ops.mean(ops.square(real - 1.0)) + 0.5 * ops.mean(ops.square(fake))


def _least_squares_generator(fake):
    return 0.5 * ops.mean(ops.square(fake - 1.0))


def _hinge_discriminator(real, fake):
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def _wasserstein_discriminator(real, fake):
    return ops.mean(fake) - ops.mean(real)


def _linear_generator(fake):
    return -ops.mean(fake)


def _relativistic_discriminator(real, fake):
    return ops.mean(ops.softplus(fake - real))  # -E[log sigmoid(a(x) - a(G(z)))]


def _relativistic_generator(fake, real):
    return ops.mean(ops.softplus(real - fake))


LOSSES = {
    loss.name: loss
    for loss in (
        # Goodfellow et al. 2014 (arXiv 1406.2661), equation 1 and section 3; conditional:
        # Mirza and Osindero 2014 (1411.1784), equation 2.
        Loss("minimax", _log_sigmoid_discriminator, _minimax_generator),
        Loss("non_saturating", _log_sigmoid_discriminator, _non_saturating_generator),
        # Mao et al. 2017 (1611.04076), equation 9.
        Loss("least_squares", _least_squares_discriminator, _least_squares_generator),
        # Lim and Ye 2017 (1705.02894); Miyato et al. 2018 (1802.05957), equations 16 and 17.
        Loss("hinge", _hinge_discriminator, _linear_generator),
        # Arjovsky et al. 2017 (1701.07875), equation 2; D needs a bound, such as a penalty.
        Loss("wasserstein", _wasserstein_discriminator, _linear_generator),
        # Jolicoeur-Martineau 2018 (1807.00734), section 4.1; with R1 and R2: Huang et al. 2024
        # (2501.05441), equation 2.
        Loss("relativistic", _relativistic_discriminator, _relativistic_generator, paired=True),
    )
}


@dataclasses.dataclass(frozen=True)
class Penalty:
    """A term of D's loss: ``of(discriminator, real, fake, label, seed)`` -> scalar, 0 or more."""

    name: str
    of: Callable


def _squared_slopes(discriminator, images, label):
    """Return |dD(x, y)/dx|^2 per image, (n,), and keep it differentiable."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = discriminator([images, label], training=True)
        logits = tf.nest.flatten(outputs)[0]  # no class logits
    gradient = tf.cast(tape.gradient(logits, images), tf.float32)  # (n, 28, 28, 1)
    return tf.reduce_sum(ops.square(gradient), axis=[1, 2, 3])


def _wgan_gp(discriminator, real, fake, label, seed):
    # Gulrajani et al. 2017 (arXiv 1704.00028), equation 3, with lambda = 10.
    seed = tf.random.experimental.stateless_fold_in(seed, 1)  # other numbers than the noise

    def draw(n):
        return tf.random.stateless_uniform((n, 1, 1, 1), seed)

    share = distributed.rows(draw, tf.shape(real)[0])  # one point on each line real-fake
    slopes = _squared_slopes(discriminator, real + share * (fake - real), label)
    norms = tf.sqrt(slopes + 1e-12)  # the derivative of sqrt is infinite at 0
    return 10.0 * ops.mean(ops.square(norms - 1.0))


def _r1(discriminator, real, fake, label, seed):
    # Mescheder et al. 2018 (arXiv 1801.04406), equation 9, with gamma = 1.
    return 0.5 * ops.mean(_squared_slopes(discriminator, real, label))


def _r1_r2(discriminator, real, fake, label, seed):
    # Huang et al. 2024 (arXiv 2501.05441), section 2.2: R1 at the real images, and R2, the same at
    # the fakes (Mescheder et al. 2018, equation 10), here with gamma = 0.1.
    slopes = [_squared_slopes(discriminator, images, label) for images in (real, fake)]
    return 0.05 * (ops.mean(slopes[0]) + ops.mean(slopes[1]))


PENALTIES = {
    penalty.name: penalty
    for penalty in (Penalty("wgan_gp", _wgan_gp), Penalty("r1", _r1), Penalty("r1_r2", _r1_r2))
}


def auxiliary(class_logits, label):
    """Return the cross-entropy of class logits (n, classes) and labels (n, classes), a scalar.

    With an auxiliary classifier, D minimises it on real images and G on its own, beside their
    adversarial losses: L_C of Odena et al. 2017 (arXiv 1610.09585), equation 3. There D learns the
    classes of fakes too; ours only with ``class_on_fakes``, or it would learn to call a 7 what G
    draws when asked for one. Shown in lesson 07.
    """
    class_logits = tf.cast(class_logits, tf.float32)
    return ops.mean(tf.nn.softmax_cross_entropy_with_logits(label, class_logits))


def get_penalty(name):
    """Return the `Penalty` ``name``, or None for None. Raises ValueError for another name."""
    return None if name is None else pick("penalty", name, PENALTIES)


def as_penalty(penalty):
    """Return the `Penalty` of a name, of a function like `Penalty.of`, or of None: None.

    Raises ValueError for another name. Shown in lesson 07.
    """
    if isinstance(penalty, Penalty):
        return penalty
    return Penalty(penalty.__name__, penalty) if callable(penalty) else get_penalty(penalty)


def get(name):
    """Return the `Loss` ``name``. Raises ValueError for another name. Shown in lesson 03."""
    return pick("loss", name, LOSSES)
