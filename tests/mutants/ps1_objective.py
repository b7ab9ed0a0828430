"""Typical wrong answers to assignment 1. No part of them is a solution to copy."""

from . import Mutant

VALUE = """def value_of_batch(a_real, y_real, a_fake, y_fake, prior):
    y_real, y_fake, total = np.asarray(y_real), np.asarray(y_fake), 0.0
    for label, share in enumerate(prior):
        if share > 0:
            real, fake = np.asarray(a_real)[y_real == label], np.asarray(a_fake)[y_fake == label]
            if not len(real) or not len(fake):
                {missing}
            total += {weight} * ({log_d} + {log_not_d})
    return float(total)
"""
SOUND = {
    "missing": "raise ValueError(f'label {label} is missing')",
    "weight": "share",
    "log_d": "-np.logaddexp(0, -real).mean()",
    "log_not_d": "-np.logaddexp(0, fake).mean()",
}
BEST = """def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):
    real, fake = {real}, {fake}
    total = real + fake
    return np.divide({above}, total, out=np.full(total.shape, 0.5), where=total > 0)
"""
FAIR = {"real": "r * p", "fake": "(1 - r) * q", "above": "alpha * real + beta * fake"}
APART = """def js_of_gaussians(mean_p, width_p, mean_q, width_q, r=0.5):
    steps = np.linspace(-9, 9, 2001)
    x = {grid}

    def normal(mean, width):
        return np.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))

    def divergence(a, b):
        heights = {heights}
        return ((heights[1:] + heights[:-1]) / 2 * np.diff(x)).sum()

    p, q = normal(mean_p, width_p), normal(mean_q, width_q)
    m = {middle}
    return float({total})
"""
WHOLE = {
    "grid": "np.unique(np.concatenate([mean_p + width_p * steps, mean_q + width_q * steps]))",
    "heights": "a * np.log(np.divide(a, b, out=np.ones_like(a), where=a > 0))",
    "middle": "r * p + (1 - r) * q",
    "total": "r * divergence(p, m) + (1 - r) * divergence(q, m)",
}
TURN = """def look_ahead(x, y, eta):
    {ahead}


def look_back(start, eta, steps):
    places, before = [np.asarray(start, dtype=float)], {before}
    for _ in range(steps):
        x, y = places[-1]
        now = np.array({now})
        {previous}
        places.append(places[-1] + eta * {move})
        before = now
    return np.array({path})
"""
ROUND = {
    "ahead": "return x - eta * (y + eta * x), y + eta * (x - eta * y)",
    "before": "None",
    "now": "[-y, x]",
    "previous": "before = now if before is None else before",
    "move": "(2 * now - before)",
    "path": "places",
}
SAFE_LOG = "np.log(np.clip(1 / (1 + np.exp({sign}{logits})), 1e-7, 1)).mean()"


def lost(task, *parts):
    """Return the names of the test cells of ``task`` with these numbers."""
    return frozenset(f"{task}_{part}" for part in parts)


def of(task, template, sound):
    """Return a function that makes a mutant of ``task`` from what it changes in the sound parts."""
    return lambda name, parts, **changes: Mutant(
        name, template.format(**{**sound, **changes}), lost(task, *parts)
    )


value = of("ps1_value", VALUE, SOUND)
best = of("ps1_discriminator", BEST, FAIR)
apart = of("ps1_divergence", APART, WHOLE)
turn = of("ps1_rotation", TURN, ROUND)

MUTANTS = {
    "ps1_value": [
        Mutant(
            "averages over the batch, as if it had been drawn with the prior",
            "def value_of_batch(a_real, y_real, a_fake, y_fake, prior):\n"
            "    a_real, a_fake = np.asarray(a_real), np.asarray(a_fake)\n"
            "    return float(-np.logaddexp(0, -a_real).mean() - np.logaddexp(0, a_fake).mean())\n",
            lost("ps1_value", 2),
        ),
        value("gives every label the same weight", (2,), weight="1 / len(prior)"),
        value("leaves out a label without examples", (2,), missing="continue"),
        value(
            "takes the logarithm of D itself, which overflows",
            (3,),
            log_d="np.log(1 / (1 + np.exp(-real))).mean()",
            log_not_d="np.log(1 - 1 / (1 + np.exp(-fake))).mean()",
        ),
        value(
            "clips D away from 0 and cuts the value off",
            (3,),
            log_d=SAFE_LOG.format(sign="-", logits="real"),
            log_not_d=SAFE_LOG.format(sign="", logits="fake"),
        ),
        value(
            "pays D for calling fakes real", (1, 2, 3), log_not_d="-np.logaddexp(0, -fake).mean()"
        ),
        value("returns a loss to be minimised, with the other sign", (1, 2, 3), weight="-share"),
    ],
    "ps1_discriminator": [
        best(
            "forgets how often real examples come",
            (2, 3),
            real="np.asarray(p)",
            fake="np.asarray(q)",
        ),
        best("exchanges the two sources", (1, 2, 3), real="r * q", fake="(1 - r) * p"),
        best("smooths the real side alone", (3,), above="alpha * real"),
        best(
            "smooths the density below the line too",
            (3,),
            real="alpha * r * p",
            above="real + beta * fake",
        ),
        Mutant(
            "divides 0 by 0",
            "def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):\n"
            "    return (alpha * r * p + beta * (1 - r) * q) / (r * p + (1 - r) * q)\n",
            lost("ps1_discriminator", 1, 2),
        ),
        Mutant(
            "adds a small number below the line, and gives 0 where nothing lives",
            "def best_discriminator(p, q, r=0.5, alpha=1.0, beta=0.0):\n"
            "    return (alpha * r * p + beta * (1 - r) * q) / (r * p + (1 - r) * q + 1e-12)\n",
            lost("ps1_discriminator", 1, 2),
        ),
    ],
    "ps1_divergence": [
        apart("takes one grid for all widths and places", (3,), grid="np.linspace(-30, 30, 6001)"),
        apart("mixes evenly, whatever the share", (2,), middle="(p + q) / 2"),
        apart("weights both terms evenly", (2,), total="(divergence(p, m) + divergence(q, m)) / 2"),
        apart(
            "takes the divergence from one to the other",
            (1, 2, 3),
            total="divergence(p, np.maximum(q, 1e-300))",
        ),
        apart(
            "measures in bits",
            (1, 2, 3),
            total="(r * divergence(p, m) + (1 - r) * divergence(q, m)) / np.log(2)",
        ),
        apart("takes 0 log 0 for a number", (1, 3), heights="a * np.log(a / b)"),
    ],
    "ps1_rotation": [
        turn(
            "steps on from the trial place",
            (1,),
            ahead="x, y = x - eta * y, y + eta * x; return x - eta * y, y + eta * x",
        ),
        turn(
            "takes turns instead of looking ahead",
            (1,),
            ahead="y = y + eta * x; return x - eta * y, y",
        ),
        turn("makes plain steps", (2,), move="now"),
        turn("takes the gradient before the start for zero", (2,), before="np.zeros(2)"),
        turn("adds the previous gradient", (2,), move="(2 * now + before) / 3"),
        turn("leaves the start out of the path", (2,), path="places[1:]"),
        turn(
            "lets both players ascend",
            (1, 2),
            ahead="return x + eta * (y + eta * x), y + eta * (x + eta * y)",
            now="[y, x]",
        ),
    ],
}
