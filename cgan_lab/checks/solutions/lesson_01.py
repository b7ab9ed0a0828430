"""Right answers to the exercises of lesson 01."""

import numpy as np

from cgan_lab import objective


def value(d_real, d_fake):
    """D(x|y) on real pairs (n,), D(G(z|y)|y) on fakes (m,), both in (0, 1) -> V, one number."""
    return np.mean(np.log(d_real)) + np.mean(np.log(1 - d_fake))


def optimal_discriminator(p, q, real_share):
    """Densities (n,), a share between 0 and 1 -> the best D (n,)."""
    real = real_share * p
    fake = (1 - real_share) * q
    return real / (real + fake)


def generator_gradients(fakes, w, b):
    """Samples (n,), D's weight and bias -> (saturating, non-saturating), two numbers."""
    d = objective.sigmoid(w * fakes + b)
    return np.mean(-d * w), np.mean(-(1 - d) * w)


def alternating_step(x, y, eta):
    """One turn each on f(x, y) = x y: y ascends, then x descends. Returns the new (x, y)."""
    y = y + eta * x
    x = x - eta * y
    return x, y
