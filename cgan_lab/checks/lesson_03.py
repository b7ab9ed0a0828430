"""The checks of lesson 03. Registered by `checks`; holds answers, trains nothing."""

import numpy as np

from cgan_lab import metrics, objective
from cgan_lab.checks._kit import Wrong, call, close, exercise, unless


@exercise(
    "03.discriminator_loss",
    praise="finite for every logit, and the same number as TensorFlow's.",
    hints=(
        "-log sigmoid(a) is np.logaddexp(0, -a), and 1 - sigmoid(a) is sigmoid(-a).",
        "take the mean over the real pictures and the mean over the fakes, and add the two.",
        "np.mean(np.logaddexp(0, -real)) plus the same of the fakes, with the sign that makes D want them low; "
        "cgan_lab/losses.py has it in TensorFlow.",
    ),
)
def _discriminator_loss(answer):
    real, fake = np.array([2.0, -1.0, 0.5]), np.array([0.3, -2.0])
    got = np.asarray(call(answer, real, fake), float)
    pay = {sign: np.logaddexp(0.0, sign * a) for sign, a in ((-1, real), (1, fake))}
    want = pay[-1].mean() + pay[1].mean()
    mistakes = {
        "this is the value V, which D climbs; a loss is descended, so its sign is the other one.": -want,
        "real and fake are exchanged: D wants high logits on real pictures.": (
            np.logaddexp(0, real).mean() + np.logaddexp(0, -fake).mean()
        ),
        "these are sums; a mean keeps the loss the same size whatever the batch.": pay[-1].sum() + pay[1].sum(),
        "the fakes are missing: this is the real half alone.": pay[-1].mean(),
        "the sigmoid is taken twice: logaddexp already holds it, so give it the logits themselves.": _sigmoid_twice(
            real, fake
        ),
    }
    unless(got, mistakes)
    close(got, want, "the loss")
    if not np.isfinite(call(answer, np.array([-1000.0]), np.array([1000.0]))):
        raise Wrong("right for small logits, but for 1000 it is not finite: use np.logaddexp instead of exp and log.")


@exercise(
    "03.moving_average",
    praise="a high decay makes it slow and calm, a low one quick and nervous.",
    hints=(
        "the two shares add up to 1.",
        "the average keeps the share `decay` of itself.",
        "decay * average + (1 - decay) * weights.",
    ),
)
def _moving_average(answer):
    average, weights = np.array([[1.0, 2.0], [0.0, -4.0]]), np.array([[2.0, 0.0], [1.0, -4.0]])
    got = np.asarray(call(answer, average.copy(), weights.copy(), 0.9), float)
    mistakes = {
        "the shares are exchanged: with a decay of 0.9 the average should hardly move.": 0.1 * average + 0.9 * weights,
        "the shares add up to more than 1, so the average grows with every step.": 0.9 * average + weights,
        "this is the plain mean of the two; the decay is not used.": (average + weights) / 2,
    }
    unless(got, mistakes)
    close(got, 0.9 * average + 0.1 * weights, "the average")
    close(call(answer, average, weights, 0.5), (average + weights) / 2, "the average with a decay of 0.5")


@exercise(
    "03.agreement_of_each",
    praise="so a label that goes wrong cannot hide behind the others.",
    hints=(
        "for one label c, look only at the samples that were asked to be c: requested == c.",
        "np.mean(recognised[requested == c] == c) is the agreement of label c.",
        "a list comprehension over range(classes) gives the array; metrics.confusion has the same on its diagonal.",
    ),
)
def _agreement_of_each(answer):
    requested, recognised = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2]), np.array([0, 0, 1, 1, 1, 0, 2, 2, 1])
    table = metrics.confusion(requested, recognised, 3)
    got = np.asarray(call(answer, requested, recognised, 3), float)
    mistakes = {
        "these are counts; divide by how often each label was asked for.": table.diagonal(),
        "divided by how often each label was recognised: that is precision. The question is what became of each "
        "request.": table.diagonal() / table.sum(axis=0),
        "each is a share of all samples; divide by the samples of that label.": table.diagonal() / len(requested),
        "this is one agreement for all labels together.": np.mean(requested == recognised),
    }
    unless(got, mistakes)
    close(got, table.diagonal() / table.sum(axis=1), "the agreement")


def _sigmoid_twice(real, fake):
    return np.logaddexp(0, -objective.sigmoid(real)).mean() + np.logaddexp(0, objective.sigmoid(fake)).mean()
