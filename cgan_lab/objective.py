"""The minimax objective on a grid of numbers. NumPy only; knows neither networks nor images.

A density is an array of its values on the grid ``x`` (n,), increasing and wide enough to hold all of
its mass. A leading axis, (classes, n), holds one density a label. Integrals are trapezoid sums, and
logarithms are natural: divergences are in nats, from 0 to log 2 = 0.6931 for Jensen-Shannon.
"""

import numpy as np

CENTRES = np.linspace(-6.0, 6.0, 13)  # of the bumps that `learned_discriminator` sees a number through
EPSILON = float(np.finfo(float).epsneg)  # 1 - EPSILON is the last float before 1


def gaussian(x, mean, width):
    """Return the normal density of ``mean`` and standard deviation ``width`` > 0 on ``x``, same shape as ``x``.

    Raises ValueError for a width that is not above 0. Shown in lesson 01.
    """
    if not np.all(np.asarray(width) > 0):
        raise ValueError(f"width is {width}, expected a standard deviation above 0.")
    return np.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))


def mixture(x, means, widths, weights):
    """Return the density ``sum_k weights[k] N(means[k], widths[k]^2)`` on ``x`` (n,). ``weights`` sum to 1.

    Raises ValueError if the three lists differ in length or the weights are no probabilities.
    Shown in lesson 01.
    """
    weights = _probabilities(weights, "weights", len(means))
    if len(widths) != len(means):
        raise ValueError(f"there are {len(means)} means and {len(widths)} widths, expected one width a mean.")
    return sum(w * gaussian(x, m, s) for w, m, s in zip(weights, means, widths, strict=True))


def sample_mixture(n, means, widths, weights, seed):
    """Draw ``n`` numbers from the density that `mixture` returns, float64 (n,); the same ones for the same ``seed``.

    Shown in lesson 01.
    """
    rng = np.random.default_rng(seed)
    part = rng.choice(len(means), size=n, p=_probabilities(weights, "weights", len(means)))
    return np.asarray(means)[part] + np.asarray(widths)[part] * rng.standard_normal(n)


def expectation(x, density, values):
    """Return E[values] under ``density``, by the trapezoid rule over the last axis.

    ``density``, ``values``: (n,) or (classes, n). Where the density is 0 the value does not count,
    whatever it is: 0 log 0 = 0. Raises ValueError if ``density`` is no density on this grid.
    Shown in lesson 01.
    """
    density = _density(x, density, "the density")
    heights = np.where(density > 0, density, 0.0) * np.where(density > 0, values, 0.0)
    return ((heights[..., 1:] + heights[..., :-1]) / 2 * np.diff(x)).sum(axis=-1)


def value(x, p, q, d):
    """Return V(D, G) = E_p[log D] + E_q[log(1 - D)]: Goodfellow et al. 2014 (arXiv 1406.2661), equation 1.

    ``p``: density of the data; ``q``: of the generator's samples; ``d``: D on the grid, in [0, 1];
    each (n,), or (classes, n) for one game a label. Returns a number, or (classes,). D is kept one
    float away from 0 and 1, so that a D* rounded to 1 where q is nearly 0 does not cost infinity.
    Raises ValueError for a D outside [0, 1], as logits are, or an array that is no density.
    Shown in lesson 01.
    """
    d = np.asarray(d, dtype=float)
    if not (np.all(d >= 0) and np.all(d <= 1)):
        raise ValueError(f"D runs from {d.min():.3g} to {d.max():.3g}, expected 0 to 1: pass sigmoid(logit).")
    d = np.clip(d, EPSILON, 1 - EPSILON)
    return expectation(x, p, np.log(d)) + expectation(x, q, np.log1p(-d))


def conditional_value(x, p, q, d, prior):
    """Return E_{x,y}[log D(x|y)] + E_{z,y}[log(1 - D(G(z|y)|y))]: Mirza and Osindero 2014 (1411.1784), equation 2.

    ``p``, ``q``, ``d``: (classes, n), row y the density or D given label y; ``prior``: (classes,), how
    often each label occurs. The value is the prior's average of one `value` a label. Raises
    ValueError if ``prior`` does not hold one probability a row. Shown in lesson 01.
    """
    games = value(x, p, q, d)  # (classes,)
    return float(_probabilities(prior, "prior", np.size(games)) @ games)


def optimal_discriminator(p, q):
    """Return D* = p / (p + q), same shape as ``p``: Goodfellow et al. 2014, proposition 1.

    Where neither density has mass any D is optimal; 0.5 is returned there. Raises ValueError for
    negative densities. Shown in lesson 01.
    """
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if np.any(p < 0) or np.any(q < 0):
        raise ValueError(f"the smallest density is {min(p.min(), q.min()):.3g}, expected 0 or more: not log p, but p.")
    total = p + q
    return np.divide(p, total, out=np.full(total.shape, 0.5), where=total > 0)


def kl_divergence(x, p, q):
    """Return KL(p || q) = E_p[log p - log q], 0 or more, and infinite if p has mass where q is 0.

    Shapes as in `value`. Shown in lesson 01.
    """
    p, q = _density(x, p, "p"), _density(x, q, "q")
    with np.errstate(divide="ignore", invalid="ignore"):
        return expectation(x, p, np.log(p) - np.log(q))


def js_divergence(x, p, q):
    """Return JSD(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2: from 0 (equal) to log 2 (disjoint).

    Shapes as in `value`. Goodfellow et al. 2014, theorem 1. Shown in lesson 01.
    """
    middle = (np.asarray(p) + np.asarray(q)) / 2
    return (kl_divergence(x, p, middle) + kl_divergence(x, q, middle)) / 2


def value_at_optimum(x, p, q):
    """Return V(D*, G) = -log 4 + 2 JSD(p, q): Goodfellow et al. 2014, theorem 1, from -log 4 to 0.

    Shapes as in `value`. Shown in lesson 01.
    """
    return -np.log(4) + 2 * js_divergence(x, p, q)


def sigmoid(a):
    """Return 1 / (1 + exp(-a)) in [0, 1] without overflow, for logits of any size and shape. Shown in lesson 01."""
    return np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=float)))


def bumps(numbers):
    """Return how near each of ``numbers`` (n,) is to each of the 13 `CENTRES`, and a 1 for the bias: (n, 14).

    Values from 0 (far) to 1 (on the centre). Shown in lesson 01.
    """
    near = np.exp(-0.5 * (np.asarray(numbers)[:, None] - CENTRES) ** 2)
    return np.concatenate([near, np.ones((len(near), 1))], axis=1)


def learned_discriminator(real, fake, x, steps=400, rate=2.0):
    """Return on ``x`` (n,) a D in (0, 1) learned from samples by gradient ascent on V.

    ``real``, ``fake``: numbers (m,), (k,). D is a dense layer with one sigmoid output that sees a
    number through 13 bumps, `CENTRES`, and a bias; its weights start at 0, hence D at 0.5. Every
    step uses all samples (Goodfellow et al. 2014, algorithm 1, the ascent on D). Raises ValueError
    for an empty or two-dimensional batch. Shown in lesson 01.
    """
    for name, batch in (("real", real), ("fake", fake)):
        if np.ndim(batch) != 1 or not np.size(batch):
            raise ValueError(f"{name} has shape {np.shape(batch)}, expected a row of numbers (m,), at least one.")
    seen_real, seen_fake, seen_x = bumps(real), bumps(fake), bumps(x)
    weights = np.zeros(seen_x.shape[1])
    for _ in range(steps):
        d_real, d_fake = sigmoid(seen_real @ weights), sigmoid(seen_fake @ weights)
        # d log D / da = 1 - D and d log(1 - D) / da = -D
        weights += rate * ((1 - d_real) @ seen_real / len(real) - d_fake @ seen_fake / len(fake))
    return sigmoid(seen_x @ weights)


def saturating_loss(a):
    """Return log(1 - sigmoid(a)), the generator's loss in the minimax game, for D's logits ``a`` on fakes.

    Any shape, values from 0 down. Goodfellow et al. 2014, equation 1. Shown in lesson 01.
    """
    return -np.logaddexp(0.0, np.asarray(a, dtype=float))


def non_saturating_loss(a):
    """Return -log sigmoid(a), the generator's loss that is used in practice, for D's logits ``a`` on fakes.

    Any shape, values from 0 up. Goodfellow et al. 2014, section 3. Shown in lesson 01.
    """
    return np.logaddexp(0.0, -np.asarray(a, dtype=float))


def saturating_gradient(a):
    """Return the derivative of `saturating_loss`, -sigmoid(a): near 0 where D spots the fake. Shown in lesson 01."""
    return -sigmoid(a)


def non_saturating_gradient(a):
    """Return the derivative of `non_saturating_loss`, -(1 - sigmoid(a)): near -1 where D spots the fake.

    Shown in lesson 01.
    """
    return -sigmoid(-np.asarray(a, dtype=float))


def shift_gradients(x, p, q):
    """Return how the two generator losses change when q as a whole moves to the right, D* held still.

    A pair of numbers (saturating, non-saturating): the means over q of the loss's derivative in the
    logit, times the logit's slope. The first is twice the derivative of JSD (Goodfellow et al. 2014,
    theorem 1), the second that of KL(q || p) - 2 JSD (Arjovsky and Bottou 2017, arXiv 1701.04862,
    section 2). ``p`` must be above 0 where ``q`` has mass. Shown in lesson 01.
    """
    p, q = _density(x, p, "p"), _density(x, q, "q")
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.gradient(np.log(p) - np.log(q), x)  # the logit of D* is log p - log q
    d = optimal_discriminator(p, q)
    return float(expectation(x, q, -d * slope)), float(expectation(x, q, -(1 - d) * slope))


def bilinear_step(x, y, eta):
    """Return (x - eta y, y + eta x): one simultaneous step in f(x, y) = x y, x descending and y ascending.

    Each player uses the other's old place, so the distance from the balance point (0, 0) grows by
    exactly sqrt(1 + eta^2). Shown in lesson 01.
    """
    return x - eta * y, y + eta * x


def alternating_step(x, y, eta):
    """Return (x, y) after y has ascended on f(x, y) = x y and then x has descended against the new y.

    The maximiser goes first, as D does in Goodfellow et al. 2014, algorithm 1. For ``eta`` below 2
    the path neither closes in on (0, 0) nor leaves it: it stays on an ellipse. Shown in lesson 01.
    """
    y = y + eta * x
    return x - eta * y, y


def path(step, start, eta, steps):
    """Return the places that ``step`` (such as `bilinear_step`) visits from ``start``, (steps + 1, 2).

    Raises ValueError for a step size ``eta`` that is not above 0. Shown in lesson 01.
    """
    if not eta > 0:
        raise ValueError(f"eta is {eta}, expected a step size above 0.")
    places = [tuple(start)]
    for _ in range(steps):
        places.append(step(*places[-1], eta))
    return np.array(places, dtype=float)


def _density(x, density, name):
    x, density = np.asarray(x), np.asarray(density, dtype=float)
    if x.ndim != 1 or x.size < 2 or not np.all(np.diff(x) > 0):
        raise ValueError(
            f"the grid has shape {x.shape}, expected increasing numbers (n,), such as np.linspace(-8, 8, 801)."
        )
    if density.shape[-1:] != x.shape:
        raise ValueError(
            f"{name} has shape {density.shape}, expected (n,) or (classes, n) with n = {x.size}, as the grid."
        )
    if np.any(density < 0):
        raise ValueError(f"{name} goes down to {density.min():.3g}, expected 0 or more: not log p, but p.")
    mass = ((density[..., 1:] + density[..., :-1]) / 2 * np.diff(x)).sum(axis=-1)
    if not np.all(np.abs(mass - 1) < 0.02):
        worst = mass.flat[np.argmax(np.abs(mass - 1))] if mass.ndim else mass
        raise ValueError(
            f"{name} integrates to {worst:.3f} over this grid, expected 1: widen the grid, make it finer, "
            "or divide a density by its integral."
        )
    return density


def _probabilities(weights, name, count):
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (count,) or np.any(weights < 0) or abs(weights.sum() - 1) > 1e-6:
        raise ValueError(f"{name} are {weights.tolist()}, expected {count} numbers from 0 up that sum to 1.")
    return weights
