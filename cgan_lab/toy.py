"""A conditional GAN in a plane, in NumPy: three labels, one hidden layer each, every step written out."""

import numpy as np

from cgan_lab.objective import sigmoid

LABELS = ("a spot", "two spots", "a stroke")
CLUSTERS = np.array([[[0.0, 2.0]] * 2, [[-2.4, -0.6], [-0.8, -2.0]], [[1.6, -0.8]] * 2])  # (label, half, 2)
BATCH, LATENT, G_UNITS, D_UNITS = 64, 2, 24, 32


def real_points(labels, rng):
    """Return one real point (n, 2) a label (n,) of `LABELS`: a round spot, one of two spots, or a slanting stroke."""
    labels = np.asarray(labels)
    around = 0.18 * rng.normal(size=(len(labels), 2))
    along = rng.uniform(-0.9, 0.9, (len(labels), 1)) * [0.6, 0.8]
    centres = CLUSTERS[labels, rng.integers(0, 2, len(labels))]
    return centres + around * np.where(labels == 2, 0.5, 1.0)[:, None] + along * (labels == 2)[:, None]


class Toy:
    """Generator and discriminator of the toy, their optimizers, and a count of the steps of each.

    G: noise and one-hot label (n, 5) -> 24 tanh units -> points (n, 2). D: points -> 32 tanh units f ->
    logits w.f + b + V_y.f, a projection. Adam without momentum; the losses are those of lesson 03: minimax for D,
    non-saturating for G. ``seed``: of weights, noise and real points. Shown in lesson 01.
    """

    def __init__(self, seed=0, rate=0.01):
        self.rng, self.rate, self.d_steps, self.g_steps = np.random.default_rng(seed), rate, 0, 0
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
            "out": np.zeros(D_UNITS),
            "out_bias": np.zeros(()),
            "label": np.zeros((len(LABELS), D_UNITS)),
        }
        self._squares = {id(w): {k: np.zeros_like(v) for k, v in w.items()} for w in (self.g, self.d)}

    def generate(self, z, labels):
        """Return G's points (n, 2) for noise (n, 2) and labels (n,)."""
        return self._g_forward(z, labels)[-1]

    def logits(self, points, labels):
        """Return D's logits (n,) for points (n, 2) under labels (n,)."""
        features = np.tanh(points @ self.d["hidden"] + self.d["hidden_bias"])
        return features @ self.d["out"] + self.d["out_bias"] + (features * self.d["label"][labels]).sum(axis=1)

    def draw(self, n, label, seed=0):
        """Return ``n`` of G's points under one label (n, 2), from noise that ``seed`` keeps the same."""
        z = np.random.default_rng(seed).normal(size=(n, LATENT))
        return self.generate(z, np.full(n, label))

    def step_d(self):
        """One step of D alone: real up, fake down. Returns its loss before the step."""
        labels, z = self._batch()
        loss, slopes = self.d_gradients(real_points(labels, self.rng), self.generate(z, labels), labels)
        self.d_steps += 1
        self._apply(self.d, slopes, self.d_steps)
        return loss

    def step_g(self):
        """One step of G alone, through D as it stands. Returns its loss before the step."""
        labels, z = self._batch()
        loss, slopes = self.g_gradients(z, labels)
        self.g_steps += 1
        self._apply(self.g, slopes, self.g_steps)
        return loss

    def d_gradients(self, real, fake, labels):
        """Return D's loss -E[log D(x|y)] - E[log(1 - D(G(z|y)|y))] and its gradient, a dict like ``d``."""
        slopes, loss = {name: np.zeros_like(w) for name, w in self.d.items()}, 0.0
        for points, sign in ((real, -1.0), (fake, 1.0)):
            features = np.tanh(points @ self.d["hidden"] + self.d["hidden_bias"])  # (n, 32)
            logits = self.logits(points, labels)
            loss += np.logaddexp(0.0, sign * logits).mean()
            push = sign * sigmoid(sign * logits) / len(logits)  # dL/da (n,)
            slopes["out"] += push @ features
            slopes["out_bias"] += push.sum()
            np.add.at(slopes["label"], labels, push[:, None] * features)
            inner = push[:, None] * (self.d["out"] + self.d["label"][labels]) * (1.0 - features**2)
            slopes["hidden"] += points.T @ inner
            slopes["hidden_bias"] += inner.sum(axis=0)
        return float(loss), slopes

    def g_gradients(self, z, labels):
        """Return G's loss -E[log D(G(z|y)|y)] and its gradient, a dict like ``g``."""
        entered, hidden, points = self._g_forward(z, labels)
        logits = self.logits(points, labels)
        push = -sigmoid(-logits) / len(logits)  # dL/da (n,)
        pull = push[:, None] * self._slope(points, labels)  # dL/dx (n, 2)
        inner = pull @ self.g["out"].T * (1.0 - hidden**2)
        return float(np.logaddexp(0.0, -logits).mean()), {
            "out": hidden.T @ pull,
            "out_bias": pull.sum(axis=0),
            "hidden": entered.T @ inner,
            "hidden_bias": inner.sum(axis=0),
        }

    def _slope(self, points, labels):
        """Return da/dx (n, 2): where D's logit rises from each point."""
        features = np.tanh(points @ self.d["hidden"] + self.d["hidden_bias"])
        return ((self.d["out"] + self.d["label"][labels]) * (1.0 - features**2)) @ self.d["hidden"].T

    def _g_forward(self, z, labels):
        entered = np.concatenate([z, np.eye(len(LABELS))[labels]], axis=1)  # (n, 5)
        hidden = np.tanh(entered @ self.g["hidden"] + self.g["hidden_bias"])  # (n, 24)
        return entered, hidden, hidden @ self.g["out"] + self.g["out_bias"]

    def _batch(self):
        return self.rng.integers(0, len(LABELS), BATCH), self.rng.normal(size=(BATCH, LATENT))

    def _apply(self, weights, slopes, step):
        # Adam with beta_1 = 0 and beta_2 = 0.999 (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1).
        for name, slope in slopes.items():
            square = self._squares[id(weights)][name]
            square += 0.001 * (slope**2 - square)
            weights[name] = weights[name] - self.rate * slope / (np.sqrt(square / (1.0 - 0.999**step)) + 1e-8)
