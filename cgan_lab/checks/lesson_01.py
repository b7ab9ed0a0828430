"""The checks of lesson 01. Registered by `checks`; holds answers, draws nothing."""

import numpy as np

from cgan_lab import objective
from cgan_lab.checks._kit import call, close, exercise, unless


@exercise(
    "01.value",
    "that is the number D climbs and G descends. The pairs (x, y) enter through D's answers alone.",
    (
        "each expectation becomes the mean over its own batch: one mean for the real pairs, one for the fakes.",
        "V = mean(log D(x|y)) + mean(log(1 - D(G(z|y)|y))), and each mean has its own batch size.",
        "np.mean(np.log(d_real)) + np.mean(...) with 1 - d_fake in it; the same on densities: objective.value.",
    ),
)
def _value(answer):
    real, fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1])
    log_real, log_fake = np.log(real), np.log(1 - fake)
    want = log_real.mean() + log_fake.mean()
    got = call(answer, real, fake)
    mistakes = {
        "the second term takes log D of a fake; it is log(1 - D).": log_real.mean() + np.log(fake).mean(),
        "both terms average over real pairs; the second is over fakes.": log_real.mean() + np.log(1 - real).mean(),
        "the fakes are missing: add the mean of log(1 - D) over them.": log_real.mean(),
        "the second term is added, not subtracted.": log_real.mean() - log_fake.mean(),
        "the sign is turned: this is D's loss, and V is minus that.": -want,
        "these are sums; an expectation becomes a mean.": log_real.sum() + log_fake.sum(),
        "one mean over both batches together; each expectation has its own mean.": (
            np.concatenate([log_real, log_fake]).mean()
        ),
    }
    unless(got, mistakes)
    close(got, want, "V")


@exercise(
    "01.optimal_discriminator",
    "with half of the batch real it is p / (p + q) again.",
    (
        "at one x, D's answer t earns real_share * p * log t + (1 - real_share) * q * log(1 - t).",
        "set the derivative to zero: real_share * p / t = (1 - real_share) * q / (1 - t), and solve for t.",
        "call objective.optimal_discriminator with real_share * p for p and (1 - real_share) * q for q.",
    ),
)
def _optimal_discriminator(answer):
    p, q, share = np.array([0.4, 0.2, 0.1]), np.array([0.1, 0.2, 0.3]), 0.8
    want = objective.optimal_discriminator(share * p, (1 - share) * q)
    got = call(answer, p, q, share)
    swapped = objective.optimal_discriminator((1 - share) * p, share * q)
    ratio = "this is the ratio of the densities; D* divides by their sum and stays below 1."
    unless(got, {ratio: p / q})
    mistakes = {
        "this D takes half of the batch for real: real_share does not enter.": p / (p + q),
        ratio: share * p / ((1 - share) * q),
        "this is how likely the example is a fake; D answers how likely it is real.": 1 - want,
        "the shares are swapped: real_share belongs to p, the data.": swapped,
        "weigh both densities, below the line too: q has the share 1 - real_share.": share * p / (p + q),
    }
    unless(got, mistakes)
    close(got, want, "D*")


@exercise(
    "01.generator_gradients",
    "the same chain rule runs from D's logit back through every layer of a real generator.",
    (
        "use the chain rule: d loss / d m = (d loss / d a) * (d a / d x) * (d x / d m), with x = m + z.",
        "d a / d x is w and d x / d m is 1. Average over the fakes: the loss is a mean.",
        "with a = w * fakes + b: the means of w * objective.saturating_gradient(a) and w * objective."
        "non_saturating_gradient(a).",
    ),
)
def _generator_gradients(answer):
    fakes, w, b = np.array([-3.0, -1.0, 0.5]), 2.0, -1.0
    a = w * fakes + b
    slopes = np.stack([objective.saturating_gradient(a), objective.non_saturating_gradient(a)])
    want = (w * slopes).mean(axis=1)
    got = call(answer, fakes, w, b)
    middle = w * fakes.mean() + b
    at_mean = w * np.array([objective.saturating_gradient(middle), objective.non_saturating_gradient(middle)])
    mistakes = {
        "this is the gradient on the logit; the chain rule goes on to m, by w.": slopes.mean(axis=1),
        "the sign is turned: both losses fall as the logit grows, so here both are below 0.": -want,
        "the pair is in the wrong order: saturating first.": want[::-1],
        "this sums over the fakes; the loss is their mean.": (w * slopes).sum(axis=1),
        "this is the gradient at the mean fake; take the mean of the gradients.": at_mean,
    }
    unless(got, mistakes)
    close(got, want, "the pair of gradients")


@exercise(
    "01.alternating_step",
    "run the cell below to see where it leads.",
    (
        "two lines: first y moves, then x moves.",
        "when x moves, y has already moved: use the new y.",
        "y = y + eta * x, then x = x - eta * y with that new y; objective.alternating_step does the same.",
    ),
)
def _alternating_step(answer):
    x, y, eta = 1.0, 2.0, 0.5
    want = objective.alternating_step(x, y, eta)
    got = call(answer, x, y, eta)
    first, both, down = x - eta * y, y + eta * x, y - eta * x
    mistakes = {
        "this is the simultaneous step: x answered the old y.": objective.bilinear_step(x, y, eta),
        "x moved first; here y, the maximiser, goes first, as D does.": (first, y + eta * first),
        "both ascend; x descends, so its step is subtracted.": (x + eta * both, both),
        "the pair is in the wrong order: return x, then y.": want[::-1],
    }
    unless(got, mistakes)
    for wrong in ((x - eta * down, down), (x + eta * down, down)):
        unless(got, {"y descends here; y is the maximiser, so its step is added.": wrong})
    close(got, want, "the new place")
