"""The checks of lesson 12. They train nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, short, unless


def _softplus(x):
    return np.logaddexp(0, x)  # log(1 + e^x) = -log sigmoid(-x)


def _slips(mine, other):
    """Return {sentence: value} for a loss that wants ``mine`` above ``other``, pair by pair."""
    every = mine[:, None] - other  # (n, n)
    return {
        "every real picture is compared with every fake; a pair is row k with row k: do both "
        "arrays have the shape (n,)?": _softplus(-every).mean(),
        "the means were subtracted first; each pair has a difference of its own, and the mean "
        "comes last.": _softplus(other.mean() - mine.mean()),
        "each logit is compared with the other side's mean; here with its own partner's.": (
            _softplus(other.mean() - mine).mean()
        ),
        "this is a sum over the pairs; take the mean.": _softplus(other - mine).sum(),
        "-log is missing: this is the mean probability of the wrong order.": (
            1 / (1 + np.exp(mine - other))
        ).mean(),
        "the minus in front of the log is missing: a loss is low where all is well.": (
            -_softplus(other - mine).mean()
        ),
        "this is the mean difference itself, Wasserstein's loss; what has log sigmoid to say?": (
            (other - mine).mean()
        ),
    }


@exercise(
    "12.paired",
    "only the difference within a pair counts: a number added to all logits changes nothing.",
    idea="D is asked one question per pair: is the first the real one? Its logit for yes is a "
    "difference of two logits that you have. Which log-probability does D want to be high, and "
    "which one G?",
    like="two chess players of strengths 3 and 1: the first one wins with probability sigmoid(2) = "
    "0.88. If she does, the surprise is -log 0.88 = log(1 + exp(-2)) = 0.13, if she loses it is "
    "log(1 + exp(2)) = 2.13. Over three games one adds up three surprises, each of its own two "
    "players, and divides by three. Who is a pair's winner for D, and who for G?",
    learn="np.logaddexp(0, x) is -log sigmoid(-x) without overflow. Nothing in either loss says "
    "where 0 is: D has no absolute verdict any more, only better or worse than a partner.",
)
def _paired(answer):
    real = np.array([1.5, -0.4, 0.8, 2.2, -1.3])
    fake = np.array([0.3, 0.9, -1.1, -0.2, -0.9])
    got = call(answer, real, fake)
    if not isinstance(got, tuple) or len(got) != 2:
        raise Wrong("expected two numbers, D's loss and G's loss: return d_loss, g_loss.")
    of_d, of_g = _softplus(fake - real).mean(), _softplus(real - fake).mean()
    plain = _softplus(-real).mean() + _softplus(fake).mean()
    d_slips = {
        "D's sign is the other one: in each pair it wants the real picture's logit to be the "
        "higher one.": of_g,
        "this is the loss without pairs: each logit is compared with 0, not with its partner's.": (
            plain
        ),
        **_slips(real, fake),
    }
    g_slips = {
        "G has D's loss, and would help D: it wants the fake's logit to be the higher one.": of_d,
        "this is minus D's loss, which saturates: G minimises -log sigmoid of its own "
        "difference.": -of_d,
        "G's loss without pairs: the partner's logit does not enter.": _softplus(-fake).mean(),
        **_slips(fake, real),
    }
    try:
        unless(got[0], d_slips)
        close(got[0], of_d, "D's loss")
        unless(got[1], g_slips)
        close(got[1], of_g, "G's loss")
    except Wrong as why:
        right = short((round(float(of_d), 4), round(float(of_g), 4)))
        why.case = f"For ({short(real)}, {short(fake)}) {right} is right."
        raise
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        far = call(answer, np.array([800.0]), np.array([-800.0]))
    if not np.allclose(far, (0, 1600)):
        raise Wrong(
            "right, but not for logits far apart: exp overflows, or log meets 0. np.logaddexp(0, x)"
            " is log(1 + exp(x)) for any x."
        )
