"""The checks of lesson 03. They train nothing."""

import numpy as np

from cgan_lab import metrics, objective
from cgan_lab.checks._kit import Wrong, call, exercise, expect


@exercise(
    "03.discriminator_loss",
    "finite for every logit, and the same number as TensorFlow's.",
    "-log sigmoid(a) is np.logaddexp(0, -a), and 1 - sigmoid(a) is sigmoid(-a).",
    "take the mean over the real pictures and the mean over the fakes, and add the two.",
    "np.mean(np.logaddexp(0, -real)) plus the same of the fakes, with the sign that makes D want "
    "them low; cgan_lab/losses.py has it in TensorFlow.",
)
def _discriminator_loss(answer):
    def loss(real, fake, over=np.mean):
        return over(np.logaddexp(0, -real)) + over(np.logaddexp(0, fake))

    real, fake = np.array([2.0, -1.0, 0.5]), np.array([0.3, -2.0])
    want = loss(real, fake)
    twice = loss(objective.sigmoid(real), objective.sigmoid(fake))
    mistakes = {
        "this is the value V, which D climbs; a loss, which D descends, is minus that.": -want,
        "real and fake are exchanged: D wants high logits on real pictures.": loss(-real, -fake),
        "these are sums; a mean does not grow with the batch.": loss(real, fake, np.sum),
        "the fakes are missing: this is the real half alone.": np.logaddexp(0, -real).mean(),
        "the sigmoid is applied twice: logaddexp contains it, so pass the logits.": twice,
    }
    expect(answer, (real, fake), want, "the loss", mistakes)
    if not np.isfinite(call(answer, np.array([-1000.0]), np.array([1000.0]))):
        raise Wrong("right for small logits, but not finite for 1000: use np.logaddexp.")


@exercise(
    "03.moving_average",
    "a high decay makes it slow and calm, a low one quick and nervous.",
    "the two shares add up to 1.",
    "the average keeps the share `decay` of itself.",
    "decay * average + (1 - decay) * weights.",
)
def _moving_average(answer):
    average = np.array([[1.0, 2.0], [0.0, -4.0]])
    weights = np.array([[2.0, 0.0], [1.0, -4.0]])
    middle = (average + weights) / 2
    swapped = 0.1 * average + 0.9 * weights
    mistakes = {
        "the shares are exchanged: with a decay of 0.9 the average hardly moves.": swapped,
        "the shares add up to more than 1, so the average grows.": 0.9 * average + weights,
        "this is the plain mean of the two; the decay is not used.": middle,
    }
    want = 0.9 * average + 0.1 * weights
    expect(answer, (average, weights, 0.9), want, "the average", mistakes)
    expect(answer, (average, weights, 0.5), middle, "the average with a decay of 0.5")


@exercise(
    "03.agreement_of_each",
    "so a label that goes wrong cannot hide behind the others.",
    "for one label c, look only at the samples that were asked to be c: requested == c.",
    "np.mean(recognised[requested == c] == c) is the agreement of label c.",
    "a list comprehension over range(classes) gives the array; metrics.confusion has the same on "
    "its diagonal.",
)
def _agreement_of_each(answer):
    requested = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    recognised = np.array([0, 0, 1, 1, 1, 0, 2, 2, 1])
    table = metrics.confusion(requested, recognised, 3)
    right = table.diagonal()
    precision = right / table.sum(axis=0)
    mistakes = {
        "these are counts; divide by how often each label was asked for.": right,
        "divided by what was recognised: precision. What became of each request?": precision,
        "these are shares of all samples; divide by the label's samples.": right / len(requested),
        "this is one agreement for all labels together.": np.mean(requested == recognised),
    }
    want = right / table.sum(axis=1)
    expect(answer, (requested, recognised, 3), want, "the agreement", mistakes)
