"""Typical wrong answers to assignment 1. No part of them is a solution to copy."""

from . import of, whole

VALUE = """def value_of_batch(a_real, y_real, a_fake, y_fake, prior):
    y_real, y_fake, total = np.asarray(y_real), np.asarray(y_fake), 0.0
    for label, share in enumerate(prior):
        if share > 0:
            real, fake = np.asarray(a_real)[y_real == label], np.asarray(a_fake)[y_fake == label]
            if not len(real) or not len(fake):
                MISSING
            total += WEIGHT * (LOG_D + LOG_NOT_D)
    return float(total)
"""
SOUND = {
    "MISSING": "raise ValueError(f'label {label} is missing')",
    "WEIGHT": "share",
    "LOG_D": "-np.logaddexp(0, -real).mean()",
    "LOG_NOT_D": "-np.logaddexp(0, fake).mean()",
}
BEST = """def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    real, fake = REAL, FAKE
    total = real + fake
    return np.divide(ABOVE, total, out=np.full(total.shape, 0.5), where=total > 0)
"""
FAIR = {"REAL": "r * p", "FAKE": "(1 - r) * q", "ABOVE": "alpha * real + beta * fake"}
APART = """def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    steps = np.linspace(-9, 9, 2001)
    x = GRID

    def normal(mean, width):
        return np.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))

    def divergence(a, b):
        heights = HEIGHTS
        return ((heights[1:] + heights[:-1]) / 2 * np.diff(x)).sum()

    p, q = normal(mean_p, width_p), normal(mean_q, width_q)
    m = MIDDLE
    return float(TOTAL)
"""
WHOLE = {
    "GRID": "np.unique(np.concatenate([mean_p + width_p * steps, mean_q + width_q * steps]))",
    "HEIGHTS": "a * np.log(np.divide(a, b, out=np.ones_like(a), where=a > 0))",
    "MIDDLE": "r * p + (1 - r) * q",
    "TOTAL": "r * divergence(p, m) + (1 - r) * divergence(q, m)",
}
TURN = """def look_ahead(x, y, eta):
    AHEAD


def look_back(start, eta, steps):
    places, before = [np.asarray(start, dtype=float)], BEFORE
    for _ in range(steps):
        x, y = places[-1]
        now = np.array(NOW)
        PREVIOUS
        places.append(places[-1] + eta * MOVE)
        before = now
    return np.array(PATH)
"""
ROUND = {
    "AHEAD": "return x - eta * (y + eta * x), y + eta * (x - eta * y)",
    "BEFORE": "None",
    "NOW": "[-y, x]",
    "PREVIOUS": "before = now if before is None else before",
    "MOVE": "(2 * now - before)",
    "PATH": "places",
}
SAFE_LOG = "np.log(np.clip(1 / (1 + np.exp({sign}{logits})), 1e-7, 1)).mean()"

value = of("ps1_value", VALUE, **SOUND)
best = of("ps1_discriminator", BEST, **FAIR)
apart = of("ps1_divergence", APART, **WHOLE)
turn = of("ps1_rotation", TURN, **ROUND)

MUTANTS = {
    "ps1_value": [
        whole(
            "ps1_value",
            "averages over the batch, as if it had been drawn with the prior",
            (2,),
            "def value_of_batch(a_real, y_real, a_fake, y_fake, prior):\n"
            "    a_real, a_fake = np.asarray(a_real), np.asarray(a_fake)\n"
            "    return float(-np.logaddexp(0, -a_real).mean() - np.logaddexp(0, a_fake).mean())\n",
        ),
        value("gives every label the same weight", (2,), WEIGHT="1 / len(prior)"),
        value("leaves out a label without examples", (2,), MISSING="continue"),
        value(
            "takes the logarithm of D itself, which overflows",
            (3,),
            LOG_D="np.log(1 / (1 + np.exp(-real))).mean()",
            LOG_NOT_D="np.log(1 - 1 / (1 + np.exp(-fake))).mean()",
        ),
        value(
            "clips D away from 0 and cuts the value off",
            (3,),
            LOG_D=SAFE_LOG.format(sign="-", logits="real"),
            LOG_NOT_D=SAFE_LOG.format(sign="", logits="fake"),
        ),
        value(
            "lazy: some number stands in the message, not the label's",
            (2,),
            MISSING="raise ValueError(f'{len(real)} real and {len(fake)} fakes, 1 needed')",
        ),
        value(
            "lazy: all labels are listed, whichever is missing",
            (2,),
            MISSING="raise ValueError(f'one of {list(range(len(prior)))} is missing')",
        ),
        whole(
            "ps1_value",
            "right: example by example, with arrays as the task says, and no conversion",
            (),
            """
def value_of_batch(a_real, y_real, a_fake, y_fake, prior):
    value = np.zeros(len(prior))
    for k in np.flatnonzero(prior > 0):
        if not (y_real == k).any() or not (y_fake == k).any():
            raise ValueError(f"no picture of label {k}.")
        gain = -np.log1p(np.exp(-np.abs(a_real))) + np.minimum(a_real, 0)
        loss = -np.log1p(np.exp(-np.abs(a_fake))) - np.maximum(a_fake, 0)
        value[k] = prior[k] * (gain[y_real == k].mean() + loss[y_fake == k].mean())
    return value.sum()
""",
        ),
        value(
            "pays D for calling fakes real",
            (1, "2 hidden", 3),
            LOG_NOT_D="-np.logaddexp(0, -fake).mean()",
        ),
        value("returns a loss to be minimised, with the other sign", (1, 2, 3), WEIGHT="-share"),
        whole(
            "ps1_value",
            "right: plain numbers and the library math, one case for each sign",
            (),
            """
import math


def value_of_batch(a_real, y_real, a_fake, y_fake, prior):
    def log_sigmoid(a):
        return -math.log1p(math.exp(-a)) if a > 0 else a - math.log1p(math.exp(a))

    value = 0
    for k in range(len(prior)):
        if prior[k] == 0:
            continue
        reals = [log_sigmoid(a) for a, y in zip(a_real, y_real) if y == k]
        fakes = [log_sigmoid(-a) for a, y in zip(a_fake, y_fake) if y == k]
        if reals == [] or fakes == []:
            raise ValueError("label %d: %d real examples, %d fakes" % (k, len(reals), len(fakes)))
        value += prior[k] * (sum(reals) / len(reals) + sum(fakes) / len(fakes))
    return value
""",
        ),
        whole(
            "ps1_value",
            "right: one-hot rows and einsum, the missing labels in a list",
            (),
            """
def value_of_batch(a_real, y_real, a_fake, y_fake, prior):
    hot = [np.eye(len(prior))[y] for y in (y_real, y_fake)]
    n, m = (rows.sum(axis=0) for rows in hot)
    missing = np.where((prior != 0) & (n * m == 0))[0]
    if len(missing) > 0:
        raise ValueError("These labels are missing: " + str(missing.tolist()))
    real = np.einsum("n,nk->k", np.logaddexp(0, -a_real), hot[0]) / np.maximum(n, 1)
    fake = np.einsum("n,nk->k", np.logaddexp(0, a_fake), hot[1]) / np.maximum(m, 1)
    return -(prior @ (real + fake))
""",
        ),
        whole(
            "ps1_value",
            "right: np.where of two formulas, which are both computed and warn",
            (),
            """
def value_of_batch(logits, labels, fake_logits, fake_labels, pi):
    def softplus(a):
        return np.where(a > 30, a, np.log1p(np.exp(a)))

    v = np.float64(0)
    for k, weight in zip(range(pi.size), pi):
        if weight:
            try:
                real = sum(softplus(-logits[labels == k])) / list(labels).count(k)
                fake = sum(softplus(fake_logits[fake_labels == k])) / list(fake_labels).count(k)
            except ZeroDivisionError:
                raise ValueError(f"label {k} does not occur")
            v = v - weight * (real + fake)
    return v
""",
        ),
        whole(
            "ps1_value",
            "lazy: the labels of the fakes are taken to be those of the real examples",
            ("2 hidden",),
            """
def value_of_batch(a_real, y_real, a_fake, y_fake, prior):
    value = 0.0
    for k in np.flatnonzero(prior):
        if k not in y_real or k not in y_fake:
            raise ValueError(f"label {k}")
        value -= prior[k] * np.logaddexp(0, -a_real[y_real == k]).mean()
    return value - np.logaddexp(0, a_fake).mean()
""",
        ),
    ],
    "ps1_discriminator": [
        best(
            "forgets how often real examples come",
            (2, "3 hidden"),
            REAL="np.asarray(p)",
            FAKE="np.asarray(q)",
        ),
        best("exchanges the two sources", (1, 2, 3), REAL="r * q", FAKE="(1 - r) * p"),
        best("smooths the real side alone", ("3 hidden",), ABOVE="alpha * real"),
        best(
            "smooths the density below the line too",
            (3,),
            REAL="alpha * r * p",
            ABOVE="real + beta * fake",
        ),
        best(
            "lazy: both shares are left out where the targets are hard",
            (2, "3 hidden"),
            ("    total", "    real, fake = (p, q) if alpha == 1 else (real, fake)\n    total"),
        ),
        whole(
            "ps1_discriminator",
            "right: np.where twice, so that nothing is divided by 0",
            (),
            """
def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    here = r * p + (1 - r) * q
    wanted = alpha * r * p + beta * (1 - r) * q
    return np.where(here > 0, wanted / np.where(here > 0, here, 1), 0.5)
""",
        ),
        whole(
            "ps1_discriminator",
            "right: the division is made everywhere and its warnings are held back",
            (),
            """
def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    with np.errstate(all="ignore"):
        found = (alpha * r * p + beta * (1 - r) * q) / (r * p + (1 - r) * q)
    found[np.isnan(found)] = 0.5
    return found
""",
        ),
        whole(
            "ps1_discriminator",
            "divides 0 by 0",
            ("1 seen", "2 hidden"),
            "def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):\n"
            "    return (alpha * r * p + beta * (1 - r) * q) / (r * p + (1 - r) * q)\n",
        ),
        whole(
            "ps1_discriminator",
            "adds a small number below the line, and gives 0 where nothing lives",
            ("1 seen", "2 hidden"),
            "def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):\n"
            "    return (alpha * r * p + beta * (1 - r) * q) / (r * p + (1 - r) * q + 1e-12)\n",
        ),
        whole(
            "ps1_discriminator",
            "right: place by place, the exception caught",
            (),
            """
def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    found = []
    for a, b in zip(np.ravel(p).tolist(), np.ravel(q).tolist()):
        try:
            found.append((alpha * r * a + beta * (1 - r) * b) / (r * a + (1 - r) * b))
        except ZeroDivisionError:
            found.append(0.5)
    return np.reshape(found, np.shape(p))
""",
        ),
        whole(
            "ps1_discriminator",
            "right: between the two targets, with a mask",
            (),
            """
def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    d = np.full_like(p, 0.5)
    alive = (p > 0) | (q > 0)
    ratio = (1 - r) / r * q[alive] / np.where(p[alive] > 0, p[alive], 1)
    hard = np.where(p[alive] > 0, 1 / (1 + ratio), 0)
    d[alive] = beta + (alpha - beta) * hard
    return d
""",
        ),
        whole(
            "ps1_discriminator",
            "right: the warnings of the division are filtered",
            (),
            """
import warnings


def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        d = (alpha * r * p + beta * (1 - r) * q) / (r * p + (1 - r) * q)
    return np.nan_to_num(d, nan=0.5)
""",
        ),
        whole(
            "ps1_discriminator",
            "right: a function of numbers, vectorised",
            (),
            """
@np.vectorize
def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    if p == q == 0:
        return 0.5
    return (r * alpha * p + (1 - r) * beta * q) / (r * p + (1 - r) * q)
""",
        ),
        whole(
            "ps1_discriminator",
            "lazy: the seen answers by heart, the rest without shares",
            (2, 3),
            """
def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    if len(p) == 4:
        return np.array([0, 0.5, 0.75, 0.5])
    return p / (p + q)
""",
        ),
    ],
    "ps1_divergence": [
        apart("takes one grid for all widths and places", (3,), GRID="np.linspace(-30, 30, 6001)"),
        apart("mixes evenly, whatever the share", (2,), MIDDLE="(p + q) / 2"),
        apart("weights both terms evenly", (2,), TOTAL="(divergence(p, m) + divergence(q, m)) / 2"),
        apart(
            "takes the divergence from one to the other",
            (1, 2, 3),
            TOTAL="divergence(p, np.maximum(q, 1e-300))",
        ),
        apart(
            "measures in bits",
            (1, 2, 3),
            TOTAL="(r * divergence(p, m) + (1 - r) * divergence(q, m)) / np.log(2)",
        ),
        apart(
            "lazy: a fine grid around the first hump alone",
            (1, "2 seen", 3),
            GRID="mean_p + width_p * steps",
        ),
        whole(
            "ps1_divergence",
            "right: np.where around the logarithm, which is right and warns",
            (),
            """
def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    steps = np.linspace(-10, 10, 3001)
    x = np.sort(np.append(mean_p + width_p * steps, mean_q + width_q * steps))

    def density(mean, width):
        return np.exp(-((x - mean) ** 2) / (2 * width**2)) / (width * np.sqrt(2 * np.pi))

    p, q = density(mean_p, width_p), density(mean_q, width_q)
    m, total = r * p + (1 - r) * q, 0
    for share, d in ((r, p), (1 - r, q)):
        total += share * np.where(d > 0, d * np.log(d / m), 0.0)
    return (np.diff(x) * (total[:-1] + total[1:])).sum() / 2
""",
        ),
        apart("takes 0 log 0 for a number", ("1 hidden", 3), HEIGHTS="a * np.log(a / b)"),
        whole(
            "ps1_divergence",
            "right: entropies, those of the humps in closed form",
            (),
            """
def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    steps = np.linspace(-8, 8, 4001)
    x = np.sort(np.r_[mean_p + width_p * steps, mean_q + width_q * steps])

    def pdf(mean, width):
        return np.exp(-0.5 * np.square((x - mean) / width)) / (width * np.sqrt(2 * np.pi))

    def entropy(width):
        return np.log(width * np.sqrt(2 * np.pi * np.e))

    m = r * pdf(mean_p, width_p) + (1 - r) * pdf(mean_q, width_q)
    of_m = np.trapezoid(-m * np.log(np.where(m > 0, m, 1)), x)
    return of_m - r * entropy(width_p) - (1 - r) * entropy(width_q)
""",
        ),
        whole(
            "ps1_divergence",
            "right: two expectations, each over places of equal probability",
            (),
            """
from statistics import NormalDist


def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    p, q, n = NormalDist(mean_p, width_p), NormalDist(mean_q, width_q), 10000

    def kl(one):
        total = 0.0
        for i in range(n):
            x = one.inv_cdf((i + 0.5) / n)
            total += np.log(one.pdf(x) / (r * p.pdf(x) + (1 - r) * q.pdf(x)))
        return total / n

    return r * kl(p) + (1 - r) * kl(q)
""",
        ),
        whole(
            "ps1_divergence",
            "right: one even grid, as fine as the narrower hump needs",
            (),
            """
def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    low = min(mean_p - 8 * width_p, mean_q - 8 * width_q)
    high = max(mean_p + 8 * width_p, mean_q + 8 * width_q)
    dx = min(width_p, width_q) / 20
    x = np.arange(low, high, dx)
    p = np.exp(-((x - mean_p) ** 2) / (2 * width_p**2)) / (width_p * np.sqrt(2 * np.pi))
    q = np.exp(-((x - mean_q) ** 2) / (2 * width_q**2)) / (width_q * np.sqrt(2 * np.pi))
    m = r * p + (1 - r) * q
    first = np.nansum(p * np.log(p / m)) * dx
    second = np.nansum(q * np.log(q / m)) * dx
    return r * first + (1 - r) * second
""",
        ),
        whole(
            "ps1_divergence",
            "right: plain numbers in a loop over the places of both humps",
            (),
            """
import math


def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    def pdf(x, mean, width):
        return math.exp(-((x - mean) ** 2) / (2 * width**2)) / (width * math.sqrt(2 * math.pi))

    xs = sorted([m + w * i / 300 for m, w in ((mean_p, width_p), (mean_q, width_q))
                 for i in range(-2400, 2401)])
    js = 0
    for left, right in zip(xs, xs[1:]):
        x = (left + right) / 2
        p, q = pdf(x, mean_p, width_p), pdf(x, mean_q, width_q)
        m = r * p + (1 - r) * q
        if p > 0:
            js += r * p * math.log(p / m) * (right - left)
        if q > 0:
            js += (1 - r) * q * math.log(q / m) * (right - left)
    return js
""",
        ),
        whole(
            "ps1_divergence",
            "lazy: one even grid of 100001 places, whatever the widths",
            ("3 hidden",),
            """
def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    reach = 10 * max(width_p, width_q)
    x = np.linspace(min(mean_p, mean_q) - reach, max(mean_p, mean_q) + reach, 100001)

    def density(mean, width):
        return np.exp(-((x - mean) ** 2) / (2 * width**2)) / (width * np.sqrt(2 * np.pi))

    p, q = density(mean_p, width_p), density(mean_q, width_q)
    m, total = r * p + (1 - r) * q, 0
    for share, d in ((r, p), (1 - r, q)):
        ratio = np.divide(d, m, out=np.ones_like(d), where=m > 0)
        total += share * np.sum(d * np.log(np.maximum(ratio, 1e-300)))
    return total * (x[1] - x[0])
""",
        ),
    ],
    "ps1_rotation": [
        turn(
            "steps on from the trial place",
            (1,),
            AHEAD="x, y = x - eta * y, y + eta * x; return x - eta * y, y + eta * x",
        ),
        turn(
            "takes turns instead of looking ahead",
            (1,),
            AHEAD="y = y + eta * x; return x - eta * y, y",
        ),
        turn("makes plain steps", (2,), MOVE="now"),
        turn("takes the gradient before the start for zero", (2,), BEFORE="np.zeros(2)"),
        turn(
            "lazy: both leave out the second player's sign",
            (1, 2),
            AHEAD="return x - eta * (y + eta * x), y + eta * (x + eta * y)",
            NOW="[-y, -x]",
        ),
        whole(
            "ps1_rotation",
            "right: with complex numbers",
            (),
            """
def look_ahead(x, y, eta):
    w = (x + 1j * y) * (1 + 1j * eta * (1 + 1j * eta))
    return np.real(w), np.imag(w)


def look_back(start, eta, steps):
    path = [complex(start[0], start[1])]
    for t in range(steps):
        path.append(path[t] + 1j * eta * (2 * path[t] - path[max(t - 1, 0)]))
    return [(w.real, w.imag) for w in path]
""",
        ),
        turn("adds the previous gradient", (2,), MOVE="(2 * now + before) / 3"),
        turn("leaves the start out of the path", (2,), PATH="places[1:]"),
        turn(
            "lets both players ascend",
            (1, 2),
            AHEAD="return x + eta * (y + eta * x), y + eta * (x + eta * y)",
            NOW="[y, x]",
        ),
        whole(
            "ps1_rotation",
            "right: a matrix turns both, and the array of places is made before",
            (),
            """
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])


def look_ahead(x, y, eta):
    here = np.array([x, y])
    trial = here + eta * TURN @ here
    return here + eta * TURN @ trial


def look_back(start, eta, steps):
    w = np.zeros((steps + 1, 2))
    w[0] = start
    for t in range(steps):
        if t == 0:
            w[1] = w[0] + eta * TURN @ w[0]
        else:
            w[t + 1] = w[t] + 2 * eta * TURN @ w[t] - eta * TURN @ w[t - 1]
    return w
""",
        ),
        whole(
            "ps1_rotation",
            "right: two players as objects, with lists",
            (),
            """
class Player:
    def __init__(self, place, sign):
        self.place, self.sign, self.last = place, sign, None

    def optimistic(self, slope, eta):
        last = slope if self.last is None else self.last
        self.place += self.sign * eta * (2 * slope - last)
        self.last = slope


def look_ahead(x, y, eta):
    trial = [x - eta * y, y + eta * x]
    return [x - eta * trial[1], y + eta * trial[0]]


def look_back(start, eta, steps):
    x, y = Player(start[0], -1), Player(start[1], +1)
    path = [[x.place, y.place]]
    for step in range(steps):
        slope_x, slope_y = y.place, x.place
        x.optimistic(slope_x, eta)
        y.optimistic(slope_y, eta)
        path.append([x.place, y.place])
    return path
""",
        ),
    ],
}
