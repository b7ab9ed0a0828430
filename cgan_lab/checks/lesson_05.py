"""The checks of lesson 05. Registered by `checks`; holds answers, trains nothing."""

import numpy as np

from cgan_lab import metrics
from cgan_lab.checks._kit import call, close, exercise, unless


@exercise(
    "05.samples_needed",
    praise="to halve the error, draw four times as many.",
    hints=(
        "the standard error of a share p of n samples is sqrt(p (1 - p) / n).",
        "square both sides and solve for n.",
        "p (1 - p) / error ** 2, rounded up: int(np.ceil(...)).",
    ),
)
def _samples_needed(answer):
    for share, error in ((0.5, 0.03), (0.9, 0.021), (0.99, 0.0021)):
        got, exact = np.asarray(call(answer, share, error), float), share * (1 - share) / error**2
        mistakes = {
            "the error is not squared: from sqrt(p (1 - p) / n) = e follows n = p (1 - p) / e^2.": np.ceil(
                exact * error
            ),
            "this is the error of e samples; solve the formula for n.": np.sqrt(share * (1 - share) / error),
            "p (1 - p), not p alone: a share near 1 is as certain as one near 0.": np.ceil(share / error**2),
            "there are no parts of samples: round up.": exact,
            "rounded down, the error is a little too large: round up.": np.floor(exact),
        }
        unless(got, mistakes)
        close(got, np.ceil(exact), f"the number for a share of {share} and an error of {error}")


@exercise(
    "05.frechet_1d",
    praise="in more dimensions the variances become covariances, and the last term a matrix root.",
    hints=(
        "the squared difference of the means plus the squared difference of the standard deviations.",
        "np.mean and np.std of each.",
        "(a.mean() - b.mean()) ** 2 + (a.std() - b.std()) ** 2.",
    ),
)
def _frechet_1d(answer):
    rng = np.random.default_rng(3)
    a, b = rng.normal(1.0, 2.0, 50), rng.normal(-1.0, 0.5, 80)
    got = np.asarray(call(answer, a, b), float)
    gap, widths = (a.mean() - b.mean()) ** 2, (a.std() - b.std()) ** 2
    mistakes = {
        "this is the distance of the means alone: clouds of different width would count as equal.": gap,
        "the variances are compared; it is the standard deviations.": gap + (a.var() - b.var()) ** 2,
        "the variances are added, not compared: two equal clouds must be at distance 0.": gap + a.var() + b.var(),
        "this is the root; the Frechet distance of the literature is left squared.": np.sqrt(gap + widths),
    }
    unless(got, mistakes)
    close(got, gap + widths, "the distance", tolerance=0.05)  # either way to estimate a variance will do
    close(call(answer, a, a + 3.0), 9.0, "the distance of a cloud to itself, moved by 3")


@exercise(
    "05.precision",
    praise="and recall is the same with the roles exchanged.",
    hints=(
        "distances < radii[:, None] is True where fake j lies in the ball of real i.",
        "a fake counts if it lies in at least one ball: any over the reals, axis 0.",
        "np.mean(np.any(distances < radii[:, None], axis=0)).",
    ),
)
def _precision(answer):
    distances = np.array([[0.5, 3.0, 9.0, 2.0, 1.5], [0.6, 0.4, 9.0, 1.0, 2.5], [4.0, 5.0, 9.0, 6.0, 7.0]])
    radii = np.array([1.0, 2.0, 8.0])
    inside = distances < radii[:, None]
    got = np.asarray(call(answer, distances, radii), float)
    mistakes = {
        "this is the share of reals whose ball holds a fake: coverage. The question is about the fakes.": np.mean(
            inside.any(axis=1)
        ),
        "a fake need not lie in the ball of every real; one is enough.": np.mean(inside.all(axis=0)),
        "this is the share of pairs; count fakes that lie in at least one ball.": np.mean(inside),
        "this counts the balls around each fake: that is density (times k).": np.mean(inside.sum(axis=0)),
    }
    unless(got, mistakes)
    close(got, 0.8, "the precision")


@exercise(
    "05.nearest_copy",
    praise="now look at the pairs: the eye judges what a distance cannot.",
    hints=(
        "the squared distance of one image to all training images: sum over the pixels of (training - image) ** 2.",
        "uint8 cannot hold negative numbers: 3 - 5 is 254. Turn the pixels into floats first.",
        "np.argmin([np.sum((training.astype(float) - image) ** 2, axis=(1, 2)) for image in images], axis=1).",
    ),
)
def _nearest_copy(answer):
    rng = np.random.default_rng(1)
    training = rng.integers(0, 256, (30, 4, 4)).astype(np.uint8)
    order = rng.permutation(30)[:12]
    images = np.clip(training[order].astype(int) + rng.integers(-60, 61, (12, 4, 4)), 0, 255).astype(np.uint8)
    got = np.asarray(call(answer, images.copy(), training.copy()), float)
    flat = training.reshape(30, -1).astype(float)
    wrapped = np.stack([np.square(training - image).sum(axis=(1, 2)) for image in images])
    mistakes = {
        "uint8 wraps around: 3 - 5 is 254 there. Turn the pixels into floats before you subtract.": wrapped.argmin(
            axis=1
        ),
        "these are the distances; the question is which training image it is.": metrics.nearest(
            images.reshape(12, -1).astype(float), flat
        )[0],
        "this is the farthest one.": np.stack([((flat - i.ravel()) ** 2).sum(axis=1) for i in images]).argmax(axis=1),
    }
    unless(got, mistakes)
    close(got, order, "the index")
