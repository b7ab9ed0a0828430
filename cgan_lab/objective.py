"""The minimax objective on a grid of numbers. NumPy only; knows neither networks nor images.

A density is an array of its values on the grid ``x`` (n,), which increases and is wide enough to
hold all of its mass. Arrays (classes, n) hold one density per label. Integrals are trapezoid sums.
Logarithms are natural, so divergences are in nats: Jensen-Shannon goes from 0 to log 2 = 0.6931.
All of it is shown in lesson 01.
"""

import numpy as np

CENTRES = np.linspace(-6.0, 6.0, 13)  # of the bumps through which `learned_discriminator` sees
EPSILON = float(np.finfo(float).epsneg)  # 1 - EPSILON is the last float before 1


def gaussian(x, mean, width):
    """Return the normal density with ``mean`` and standard deviation ``width`` on ``x``, (n,).

    Raises ValueError for a width that is not above 0.
    """
    if not np.all(np.asarray(width) > 0):
        raise ValueError(f"width is {width}, expected a standard deviation above 0.")
    return np.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))


def mixture(x, means, widths, weights):
    """Return the density ``sum_k weights[k] N(means[k], widths[k]^2)`` on ``x`` (n,).

    Raises ValueError if the lists differ in length or the weights are no probabilities.
    """
    weights = _probabilities(weights, "weights", len(means))
    if len(widths) != len(means):
        raise ValueError(f"got {len(means)} means and {len(widths)} widths, expected one per mean.")
    return sum(w * gaussian(x, m, s) for w, m, s in zip(weights, means, widths, strict=True))


def sample_mixture(n, means, widths, weights, seed):
    """Draw numbers from the density `mixture`.

    Args:
        n: how many.
        means, widths, weights: lists of the same length, as in `mixture`.
        seed: the same ``seed`` draws the same numbers.

    Returns:
        float64 (n,).
    """
    rng = np.random.default_rng(seed)
    part = rng.choice(len(means), size=n, p=_probabilities(weights, "weights", len(means)))  # (n,)
    return np.asarray(means)[part] + np.asarray(widths)[part] * rng.standard_normal(n)


def expectation(x, density, values):
    """Return E[values] under ``density``; both (n,) or (classes, n). Integrates the last axis.

    Where the density is 0 a value does not count, even if it is infinite: 0 log 0 = 0.
    Raises ValueError if ``density`` is no density on this grid.
    """
    density = _density(x, density, "the density")
    heights = np.where(density > 0, density, 0.0) * np.where(density > 0, values, 0.0)
    return _integral(x, heights)


def value(x, p, q, d):
    """Return V(D, G) = E_p[log D] + E_q[log(1 - D)]: Goodfellow et al. 2014 (1406.2661), eq. 1.

    ``p``: density of the data; ``q``: of the generator's samples; ``d``: D on the grid, in [0, 1].
    Each is (n,), which gives a number, or (classes, n), one game per label, which gives (classes,).
    D is kept one float away from 0 and 1, so that a D* rounded to 1 does not cost infinity.
    Raises ValueError for a D outside [0, 1], such as logits, or an array that is no density.
    """
    d = np.asarray(d, dtype=float)
    low, high = d.min(), d.max()
    if not 0 <= low <= high <= 1:
        raise ValueError(f"D spans {low:.3g} to {high:.3g}, expected 0 to 1: pass sigmoid(logit).")
    d = np.clip(d, EPSILON, 1 - EPSILON)
    return expectation(x, p, np.log(d)) + expectation(x, q, np.log1p(-d))


def conditional_value(x, p, q, d, prior):
    """Return E_{x,y}[log D(x|y)] + E_{z,y}[log(1 - D(G(z|y)|y))]: one game per label, averaged.

    Mirza and Osindero 2014 (arXiv 1411.1784), equation 2.

    Args:
        x: the grid, (n,).
        p, q, d: densities and discriminator as in `value`, (classes, n), row y for label y.
        prior: how often each label occurs, (classes,).

    Raises:
        ValueError: if ``prior`` does not hold one probability per row.
    """
    games = value(x, p, q, d)  # (classes,)
    return float(_probabilities(prior, "prior", np.size(games)) @ games)


def optimal_discriminator(p, q):
    """Return D* = p / (p + q), of the shape of ``p``: Goodfellow et al. 2014, proposition 1.

    Where both densities are 0 any D is optimal; this returns 0.5 there. Raises ValueError for
    negative densities.
    """
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if np.any(p < 0) or np.any(q < 0):
        least = f"{min(p.min(), q.min()):.3g}"
        raise ValueError(f"the smallest density is {least}, expected 0 or more: not log p, but p.")
    total = p + q
    return np.divide(p, total, out=np.full(total.shape, 0.5), where=total > 0)


def kl_divergence(x, p, q):
    """Return KL(p || q) = E_p[log p - log q], 0 or more, infinite if p has mass where q is 0.

    Shapes as in `value`.
    """
    p, q = _density(x, p, "p"), _density(x, q, "q")
    with np.errstate(divide="ignore", invalid="ignore"):
        return expectation(x, p, np.log(p) - np.log(q))


def js_divergence(x, p, q):
    """Return JSD(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2.

    From 0 (equal) to log 2 (disjoint): Goodfellow et al. 2014, theorem 1. Shapes as in `value`.
    """
    middle = (np.asarray(p) + np.asarray(q)) / 2
    return (kl_divergence(x, p, middle) + kl_divergence(x, q, middle)) / 2


def value_at_optimum(x, p, q):
    """Return V(D*, G) = -log 4 + 2 JSD(p, q): Goodfellow et al. 2014, theorem 1, from -log 4 to 0.

    Shapes as in `value`.
    """
    return -np.log(4) + 2 * js_divergence(x, p, q)


def sigmoid(a):
    """Return 1 / (1 + exp(-a)), without overflow, for logits of any shape."""
    return np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=float)))


def bumps(numbers):
    """Return how near ``numbers`` (n,) are to the 13 `CENTRES`, and a 1 for the bias: (n, 14).

    Values go from 0 (far away) to 1 (on the centre).
    """
    near = np.exp(-0.5 * (np.asarray(numbers)[:, None] - CENTRES) ** 2)  # (n, 13)
    return np.concatenate([near, np.ones((len(near), 1))], axis=1)


def learned_discriminator(real, fake, x, steps=400, rate=2.0):
    """Learn D from samples by gradient ascent on V: Goodfellow et al. 2014, algorithm 1, D's half.

    D is the sigmoid of a linear function of `bumps`. Its weights start at 0, so D starts at 0.5.

    Args:
        real, fake: numbers (m,) and (k,); each step uses all of them.
        x: where to evaluate D, (n,).
        steps: of gradient ascent.
        rate: the factor of the gradient in each step.

    Returns:
        D on ``x``, (n,), in (0, 1).

    Raises:
        ValueError: for an empty or two-dimensional batch.
    """
    for name, batch in (("real", real), ("fake", fake)):
        if np.ndim(batch) != 1 or not np.size(batch):
            raise ValueError(f"{name} has shape {np.shape(batch)}, expected (m,), at least one.")
    seen_real, seen_fake, seen_x = bumps(real), bumps(fake), bumps(x)
    weights = np.zeros(seen_x.shape[1])  # (14,)
    for _ in range(steps):
        d_real, d_fake = sigmoid(seen_real @ weights), sigmoid(seen_fake @ weights)
        # d log D / da = 1 - D and d log(1 - D) / da = -D
        weights += rate * ((1 - d_real) @ seen_real / len(real) - d_fake @ seen_fake / len(fake))
    return sigmoid(seen_x @ weights)


def saturating_loss(a):
    """Return G's loss in the minimax game, log(1 - sigmoid(a)), for D's logits ``a`` on fakes.

    Any shape, 0 or less. Goodfellow et al. 2014, equation 1.
    """
    return -np.logaddexp(0.0, np.asarray(a, dtype=float))


def non_saturating_loss(a):
    """Return G's loss in practice, -log sigmoid(a), for D's logits ``a`` on fakes.

    Any shape, 0 or more. Goodfellow et al. 2014, section 3.
    """
    return np.logaddexp(0.0, -np.asarray(a, dtype=float))


def saturating_gradient(a):
    """Return the slope of `saturating_loss`, -sigmoid(a): near 0 where D spots the fake."""
    return -sigmoid(a)


def non_saturating_gradient(a):
    """Return the slope of `non_saturating_loss`, -(1 - sigmoid(a)): near -1 there."""
    return -sigmoid(-np.asarray(a, dtype=float))


def shift_gradients(x, p, q):
    """Return how both of G's losses change when all of q shifts to the right and D* stays.

    Two numbers (saturating, non-saturating): the mean over q of the loss's derivative in the
    logit, times the logit's slope. The first is twice the derivative of JSD(p, q) (Goodfellow et
    al. 2014, theorem 1), the second the derivative of KL(q || p) - 2 JSD(p, q) (Arjovsky and
    Bottou 2017, arXiv 1701.04862, section 2). ``p`` must be above 0 where ``q`` has mass.
    """
    p, q = _density(x, p, "p"), _density(x, q, "q")
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.gradient(np.log(p) - np.log(q), x)  # the logit of D* is log p - log q
    d = optimal_discriminator(p, q)
    return float(expectation(x, q, -d * slope)), float(expectation(x, q, -(1 - d) * slope))


def bilinear_step(x, y, eta):
    """Return (x - eta y, y + eta x): both players of f(x, y) = x y step at once, x down and y up.

    The distance from the balance point (0, 0) grows by exactly sqrt(1 + eta^2).
    """
    return x - eta * y, y + eta * x


def alternating_step(x, y, eta):
    """Return (x, y) after y has stepped up f(x, y) = x y, and then x down against the new y.

    The maximiser goes first, as D does in Goodfellow et al. 2014, algorithm 1. For ``eta`` below 2
    the path neither closes in on (0, 0) nor leaves it: it stays on an ellipse.
    """
    y = y + eta * x
    return x - eta * y, y


def path(step, start, eta, steps):
    """Return the places that ``step``, such as `bilinear_step`, visits: (steps + 1, 2).

    Raises ValueError for a step size ``eta`` that is not above 0.
    """
    if not eta > 0:
        raise ValueError(f"eta is {eta}, expected a step size above 0.")
    places = [tuple(start)]
    for _ in range(steps):
        places.append(step(*places[-1], eta))
    return np.array(places, dtype=float)


def _integral(x, heights):
    """Return the trapezoid rule over the last axis: (..., n) -> (...)."""
    return ((heights[..., 1:] + heights[..., :-1]) / 2 * np.diff(x)).sum(axis=-1)


def _density(x, density, name):
    """Return ``density`` as an array, after checking that it is one on the grid ``x``."""
    x, density = np.asarray(x), np.asarray(density, dtype=float)
    if x.ndim != 1 or x.size < 2 or not np.all(np.diff(x) > 0):
        raise ValueError(
            f"the grid has shape {x.shape}, expected increasing numbers (n,), such as "
            "np.linspace(-8, 8, 801)."
        )
    if density.shape[-1:] != x.shape:
        n = x.size
        raise ValueError(f"{name} has shape {density.shape}, expected ({n},) or (classes, {n}).")
    if np.any(density < 0):
        least = f"{density.min():.3g}"
        raise ValueError(f"{name} goes down to {least}, expected 0 or more: not log p, but p.")
    mass = np.atleast_1d(_integral(x, density))
    worst = mass[np.argmax(np.abs(mass - 1))]
    if not abs(worst - 1) < 0.02:
        raise ValueError(
            f"{name} integrates to {worst:.3f} over this grid, expected 1: widen the grid, make it "
            "finer, or divide a density by its integral."
        )
    return density


def _probabilities(weights, name, count):
    """Return ``weights`` as an array, after checking that they are ``count`` probabilities."""
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (count,) or np.any(weights < 0) or abs(weights.sum() - 1) > 1e-6:
        weights = weights.tolist()
        raise ValueError(f"{name} are {weights}, expected {count} numbers from 0 up that sum to 1.")
    return weights
