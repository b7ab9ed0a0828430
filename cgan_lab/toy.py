"""A conditional GAN in a plane, in NumPy: three labels, one hidden layer each, steps by hand."""

import numpy as np

from cgan_lab.objective import sigmoid

LABELS = ("a spot", "two spots", "a stroke")
CENTRES = np.array(  # (label, half, 2): each half of a label's points lies around its own centre
    [[[0.0, 2.0], [0.0, 2.0]], [[-2.4, -0.6], [-0.8, -2.0]], [[1.6, -0.8], [1.6, -0.8]]]
)
BATCH = 64
LATENT = 2
G_UNITS = 24
D_UNITS = 32


def real_points(labels, rng):
    """Draw one real point per label (n,): a spot, one of two spots or a slanting stroke, (n, 2)."""
    labels = np.asarray(labels)
    around = 0.18 * rng.normal(size=(len(labels), 2))
    along = rng.uniform(-0.9, 0.9, (len(labels), 1)) * [0.6, 0.8]  # (n, 2)
    centres = CENTRES[labels, rng.integers(0, 2, len(labels))]  # (n, 2)
    stroke = (labels == 2)[:, None]  # (n, 1)
    return centres + around * np.where(stroke, 0.5, 1.0) + along * stroke


class Toy:
    """Generator and discriminator of the toy, with their optimizers and how many steps each took.

    G: noise and one-hot label (n, 5) -> 24 tanh units -> points (n, 2).
    D: points (n, 2) -> 32 tanh units f -> logits w.f + b + V_y.f, a projection.
    Losses as in lesson 03: minimax for D, non-saturating for G. Adam without momentum at ``rate``.
    ``seed``: of weights, noise and real points. Shown in lesson 01.
    """

    def __init__(self, seed=0, rate=0.01):
        self.rng = np.random.default_rng(seed)
        self.rate = rate
        self.d_steps = 0
        self.g_steps = 0
        draw = self.rng.normal
        inputs = LATENT + len(LABELS)
        self.g = {
            "hidden": draw(size=(inputs, G_UNITS)) / np.sqrt(inputs),
            "hidden_bias": np.zeros(G_UNITS),
            "out": draw(size=(G_UNITS, 2)) / np.sqrt(G_UNITS),
            "out_bias": np.zeros(2),
        }
        self.d = {
            "hidden": draw(size=(2, D_UNITS)),
            "hidden_bias": draw(size=D_UNITS),
            "out": np.zeros(D_UNITS),  # w
            "out_bias": np.zeros(()),  # b
            "label": np.zeros((len(LABELS), D_UNITS)),  # V
        }
        self._g_squares = {}
        self._d_squares = {}

    def generate(self, z, labels):
        """Return G's points (n, 2) for noise (n, 2) and labels (n,)."""
        return self._g_forward(z, labels)[-1]

    def logits(self, points, labels):
        """Return D's logits (n,) for points (n, 2) and labels (n,)."""
        features = self._features(points)
        projection = (features * self.d["label"][labels]).sum(axis=1)
        return features @ self.d["out"] + self.d["out_bias"] + projection

    def draw(self, n, label, seed=0):
        """Return ``n`` of G's points under one label, (n, 2); the same ``seed``, the same noise."""
        z = np.random.default_rng(seed).normal(size=(n, LATENT))
        return self.generate(z, np.full(n, label))

    def step_d(self):
        """Take one step of D alone: real up, fake down. Returns its loss before the step."""
        labels, z = self._batch()
        real = real_points(labels, self.rng)
        loss, slopes = self.d_gradients(real, self.generate(z, labels), labels)
        self.d_steps += 1
        self._adam(self.d, self._d_squares, slopes, self.d_steps)
        return loss

    def step_g(self):
        """Take one step of G alone, through D as it is. Returns its loss before the step."""
        labels, z = self._batch()
        loss, slopes = self.g_gradients(z, labels)
        self.g_steps += 1
        self._adam(self.g, self._g_squares, slopes, self.g_steps)
        return loss

    def d_gradients(self, real, fake, labels):
        """Return D's loss -E[log D(x|y)] - E[log(1 - D(G(z|y)|y))] and its gradient, like ``d``."""
        loss = 0.0
        slopes = {name: np.zeros_like(w) for name, w in self.d.items()}
        for points, sign in ((real, -1.0), (fake, 1.0)):
            features = self._features(points)  # (n, 32)
            logits = self.logits(points, labels)
            loss += np.logaddexp(0.0, sign * logits).mean()
            push = sign * sigmoid(sign * logits) / len(logits)  # dL/da (n,)
            slopes["out"] += push @ features
            slopes["out_bias"] += push.sum()
            np.add.at(slopes["label"], labels, push[:, None] * features)
            inner = push[:, None] * self._directions(labels) * (1.0 - features**2)  # (n, 32)
            slopes["hidden"] += points.T @ inner
            slopes["hidden_bias"] += inner.sum(axis=0)
        return float(loss), slopes

    def g_gradients(self, z, labels):
        """Return G's loss -E[log D(G(z|y)|y)] and its gradient, a dict like ``g``."""
        entered, hidden, points = self._g_forward(z, labels)
        logits = self.logits(points, labels)
        pull = -self.pushes(points, labels) / len(points)  # dL/dx: L is the mean (n, 2)
        inner = pull @ self.g["out"].T * (1.0 - hidden**2)  # (n, 24)
        return float(np.logaddexp(0.0, -logits).mean()), {
            "out": hidden.T @ pull,
            "out_bias": pull.sum(axis=0),
            "hidden": entered.T @ inner,
            "hidden_bias": inner.sum(axis=0),
        }

    def pushes(self, points, labels):
        """Return where D pushes each of the points (n, 2) under its label (n,): (n, 2).

        Minus the slope of the point's own loss -log D(x|y), so (1 - D(x|y)) times the slope of the
        logit, as in section 7 of lesson 01: Goodfellow et al. 2014 (arXiv 1406.2661), section 3.
        Shown in lesson 01.
        """
        rise = self._directions(labels) * (1.0 - self._features(points) ** 2)  # (n, 32)
        heard = sigmoid(-self.logits(points, labels))  # 1 - D(x|y) (n,)
        return heard[:, None] * (rise @ self.d["hidden"].T)  # da/dx (n, 2)

    def _features(self, points):
        return np.tanh(points @ self.d["hidden"] + self.d["hidden_bias"])  # (n, 32)

    def _directions(self, labels):
        return self.d["out"] + self.d["label"][labels]  # da/df = w + V_y (n, 32)

    def _g_forward(self, z, labels):
        entered = np.concatenate([z, np.eye(len(LABELS))[labels]], axis=1)  # (n, 5)
        hidden = np.tanh(entered @ self.g["hidden"] + self.g["hidden_bias"])  # (n, 24)
        return entered, hidden, hidden @ self.g["out"] + self.g["out_bias"]  # the last: (n, 2)

    def _batch(self):
        return self.rng.integers(0, len(LABELS), BATCH), self.rng.normal(size=(BATCH, LATENT))

    def _adam(self, weights, squares, slopes, step):
        # beta_1 = 0, beta_2 = 0.999: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1
        for name, slope in slopes.items():
            square = squares.get(name, 0.0)
            squares[name] = square + 0.001 * (slope**2 - square)
            root = np.sqrt(squares[name] / (1.0 - 0.999**step))
            weights[name] = weights[name] - self.rate * slope / (root + 1e-8)
