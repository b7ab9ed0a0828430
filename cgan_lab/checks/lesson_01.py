"""The checks of lesson 01."""

import numpy as np

from cgan_lab import objective
from cgan_lab.checks._kit import exercise, expect


@exercise(
    "01.value",
    "that is the number D climbs and G descends. The pairs (x, y) enter only through D's answers.",
    idea="each expectation becomes a mean over its own batch: one over real pairs, one over fakes. V = mean(log D(x|y)) + mean(log(1 - D(G(z|y)|y))), and each mean has its own batch size.",
    like="",
    learn="",
)
def _value(answer):
    real, fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1])
    log_real, log_fake = np.log(real), np.log(1 - fake)
    first, second = log_real.mean(), log_fake.mean()
    together = np.concatenate([log_real, log_fake]).mean()
    mistakes = {
        "the second term takes log D of a fake; it is log(1 - D).": first + np.log(fake).mean(),
        "both terms use real pairs; the second is over fakes.": first + np.log(1 - real).mean(),
        "the fakes are missing: add the mean of log(1 - D) over them.": first,
        "the second term is added, not subtracted.": first - second,
        "the sign is wrong: this is D's loss, and V is minus that.": -first - second,
        "these are sums; an expectation becomes a mean.": log_real.sum() + log_fake.sum(),
        "one mean over both batches together; each expectation has its own mean.": together,
    }
    expect(answer, (real, fake), first + second, "V", mistakes)


@exercise(
    "01.optimal_discriminator",
    "if half of the batch is real, it is p / (p + q) again.",
    idea="at one x, D's answer t earns real_share * p * log t + (1 - real_share) * q * log(1 - t). Set the derivative to 0: real_share * p / t = (1 - real_share) * q / (1 - t). Solve for t.",
    like="",
    learn="",
)
def _optimal_discriminator(answer):
    p, q, share = np.array([0.4, 0.2, 0.1]), np.array([0.1, 0.2, 0.3]), 0.8
    real, fake = share * p, (1 - share) * q
    want = real / (real + fake)
    swapped = (1 - share) * p / ((1 - share) * p + share * q)
    mistakes = {
        "this is the ratio of the densities; D* divides by their sum and stays below 1.": p / q,
        "this ratio has the shares, but D* divides by the sum and stays below 1.": real / fake,
        "this D assumes that half of the batch is real: real_share does not enter.": p / (p + q),
        "this is how likely the example is a fake; D answers how likely it is real.": 1 - want,
        "the shares are swapped: real_share belongs to p, the data.": swapped,
        "weight both densities, also in the sum: q has the share 1 - real_share.": real / (p + q),
    }
    expect(answer, (p, q, share), want, "D*", mistakes)


@exercise(
    "01.generator_gradients",
    "the same chain rule runs from D's logit back through every layer of a real generator.",
    idea="chain rule: d loss / d m = (d loss / d a) * (d a / d x) * (d x / d m), with x = m + z. D a / d x is w and d x / d m is 1. Average over the fakes: the loss is a mean.",
    like="",
    learn="",
)
def _generator_gradients(answer):
    def slopes(x):  # of both losses, on D's logit
        a = w * x + b
        return np.array([objective.saturating_gradient(a), objective.non_saturating_gradient(a)])

    fakes, w, b = np.array([-3.0, -1.0, 0.5]), 2.0, -1.0
    on_logit = slopes(fakes).mean(axis=1)
    want = w * on_logit
    at_mean = w * slopes(fakes.mean())
    mistakes = {
        "this is the gradient on the logit; the chain rule goes on to m, by w.": on_logit,
        "the sign is wrong: both losses fall as the logit grows, so both are below 0.": -want,
        "the pair is in the wrong order: saturating first.": want[::-1],
        "this sums over the fakes; the loss is their mean.": len(fakes) * want,
        "this is the gradient at the mean fake; take the mean of the gradients.": at_mean,
    }
    expect(answer, (fakes, w, b), want, "the pair of gradients", mistakes)


@exercise(
    "01.alternating_step",
    "run the cell below to see where it leads.",
    idea="two lines: first y moves, then x moves. When x moves, y has already moved: use the new y.",
    like="",
    learn="",
)
def _alternating_step(answer):
    x, y, eta = 1.0, 2.0, 0.5
    want = objective.alternating_step(x, y, eta)
    first, up, down = x - eta * y, y + eta * x, y - eta * x
    old = objective.bilinear_step(x, y, eta)
    both = (x + eta * down, down)
    mistakes = {
        "this is the simultaneous step: x answered the old y.": old,
        "x moved first; here y, the maximiser, goes first, as D does.": (first, y + eta * first),
        "both ascend; x descends, so its step is subtracted.": (x + eta * up, up),
        "the pair is in the wrong order: return x, then y.": want[::-1],
        "y descends here; y is the maximiser, so its step is added.": (x - eta * down, down),
        "y descends here and x ascends; it is the other way round.": both,
    }
    expect(answer, (x, y, eta), want, "the new place", mistakes)
