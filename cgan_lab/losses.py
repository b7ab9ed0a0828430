"""The adversarial losses as pairs (discriminator, generator). Works on logits; knows no network.

A logit ``a`` is the discriminator before its sigmoid: D = sigmoid(a). Working on logits keeps
log D finite where a sigmoid in float32 would already round to 0 or 1.
"""

import dataclasses
from collections.abc import Callable

from cgan_lab import runtime

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


# minimax and non_saturating: Goodfellow et al. 2014 (arXiv 1406.2661), equation 1 and section 3;
# conditional form: Mirza and Osindero 2014 (1411.1784), equation 2. least_squares: Mao et al. 2017
# (1611.04076), equation 9. hinge: Lim and Ye 2017 (1705.02894); Miyato et al. 2018 (1802.05957), equations 16, 17.
LOSSES = {
    loss.name: loss
    for loss in (
        Loss("minimax", _log_sigmoid_discriminator, _minimax_generator),
        Loss("non_saturating", _log_sigmoid_discriminator, _non_saturating_generator),
        Loss("least_squares", _least_squares_discriminator, _least_squares_generator),
        Loss("hinge", _hinge_discriminator, _hinge_generator),
    )
}


def get(name):
    """Return the `Loss` called ``name``. Raises ValueError, naming those there are. Shown in lesson 03."""
    if name not in LOSSES:
        raise ValueError(f"no loss {name!r}; there are {', '.join(LOSSES)}.")
    return LOSSES[name]
