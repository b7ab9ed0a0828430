"""Right answers to the exercises and builds of lesson 08."""

import numpy as np

from cgan_lab import cgan, losses


def entry(seed, generator=None, penalty=None, loss=None):
    """A seed, and parts of your own or None -> a compiled CGAN: `dense` but for these parts."""
    dense = cgan.build("dense", seed=seed)  # seeds Keras, so all first weights
    own = generator() if generator else dense.generator
    model = cgan.CGAN(own, dense.discriminator, ema=dense.ema, seed=seed)
    if penalty:
        model.penalty = losses.Penalty("mine", penalty)
    if loss:
        model.adversarial = losses.Loss("mine", *loss)
    model.compile()
    return model


def confusable(table):
    """Counts (classes, classes), requested x recognised -> the pair (i, j) confused most often."""
    both = table + table.T
    both = both - np.diag(both.diagonal())  # right is no confusion
    return np.unravel_index(both.argmax(), both.shape)


def gap(share_a, n_a, share_b, n_b):
    """Two shares of n_a and n_b independent pictures -> (difference, its standard error)."""
    variance = share_a * (1 - share_a) / n_a + share_b * (1 - share_b) / n_b
    return share_a - share_b, np.sqrt(variance)


def summary(runs):
    """Dicts with seed, agreement, diversity -> {"agreement": (mean, lowest, highest), ...}."""
    if len({run["seed"] for run in runs}) < 3:
        raise ValueError("a report needs runs of at least three different seeds")
    found = {}
    for name in ("agreement", "diversity"):
        if any(name not in run for run in runs):
            raise ValueError(f"a run lacks {name}")
        values = [run[name] for run in runs]
        found[name] = np.mean(values), min(values), max(values)
    return found


def verdict(before, after):
    """Two lists of figures, one per seed, higher is better -> better, worse or undecided."""
    if min(after) > max(before):
        return "better"
    return "worse" if max(after) < min(before) else "undecided"
