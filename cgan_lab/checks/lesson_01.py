"""The checks of lesson 01."""

import numpy as np

from cgan_lab import objective
from cgan_lab.checks._kit import exercise, expect


@exercise(
    "01.value",
    "that is the number D climbs and G descends. The pairs (x, y) enter only through D's answers.",
    idea="an expectation becomes a mean over a batch. V has two of them: what does D earn on a "
    "real pair, and what on a fake?",
    like="a doorman says how sure he is that somebody is a member. 0.9 and 0.5 for two members "
    "earn (log 0.9 + log 0.5) / 2 = -0.40; 0.1, 0.1 and 0.2 for three strangers earn (log 0.9 + "
    "log 0.9 + log 0.8) / 3 = -0.14; together -0.54. Who are the members in your batch, and why "
    "is it not one mean over all five?",
    learn="V is known in training only through such means. Each has its own batch and its own "
    "size, and means do not grow with the batch as sums do.",
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
    idea="at one x, section 3 weighed log t by p and log(1 - t) by q. How often does a real "
    "example stand there now, and how often a fake? Then the same derivative is 0.",
    like="nine of ten letters are honest. The word 'prize' stands in 1 of 100 honest letters "
    "and in 50 of 100 others. Of 1,000 letters, 9 honest ones and 50 others have it, so a "
    "letter with it is honest with 9 / (9 + 50) = 0.15. What are your two counts at one x?",
    learn="D* is the share of real examples among all that stand at x: Bayes' rule. So it "
    "depends on how the batch was mixed, and 1/2 means that both are equally frequent there, "
    "not that p = q.",
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
    idea="the loss depends on the logit a, a depends on the sample x, and x on m: three slopes "
    "to multiply, for every fake. Then their mean.",
    like="a cost of t³, where t = 3 h + 1 and h = s + z, with z of -1 and 1. At s = 0, t is "
    "-2 and 4, and the slopes 3 t² · 3 · 1 are 36 and 144: their mean is 90. (At the mean, "
    "t = 1, the slope is 9.) What are your three slopes, and which two of them do not depend on "
    "the fake?",
    learn="the mean of the slopes, not the slope at the mean. On the logit they are -D and -(1 "
    "- D), objective.saturating_gradient and objective.non_saturating_gradient: where D is sure "
    "of a fake, the one is almost 0 and the other almost -1.",
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
    idea="two moves, one after the other: which player is first, and what does the second one see?",
    like="3 hares and 1 fox, in thousands. First the foxes grow by half of the hares, to 2.5; "
    "then the hares shrink by half of the foxes there are now, to 3 - 1.25 = 1.75. With the "
    "foxes of before they would shrink to 2.5. Who are the foxes in x y, who ascends and who "
    "descends?",
    learn="two lines in another order, and a path that escapes stays on a closed curve. "
    "objective.alternating_step has the same two lines.",
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
