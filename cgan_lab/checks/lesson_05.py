"""The checks of lesson 05. They train nothing."""

import numpy as np

from cgan_lab.checks._kit import exercise, expect


@exercise(
    "05.samples_needed",
    "to halve the error, draw four times as many.",
    idea="the standard error of a share p of n samples is sqrt(p (1 - p) / n). Square both sides and solve for n.",
    like="",
    learn="",
)
def _samples_needed(answer):
    for share, error in ((0.5, 0.03), (0.9, 0.021), (0.99, 0.0021)):
        exact = share * (1 - share) / error**2
        plain = np.ceil(exact * error)
        root = np.sqrt(share * (1 - share) / error)
        alone = np.ceil(share / error**2)
        mistakes = {
            "the error is not squared: sqrt(p (1 - p) / n) = e gives n = p (1 - p) / e^2.": plain,
            "this is the error of e samples; solve the formula for n.": root,
            "p (1 - p), not p alone: a share near 1 is as certain as one near 0.": alone,
            "there are no parts of samples: round up.": exact,
            "rounded down, the error is a little too large: round up.": np.floor(exact),
        }
        what = f"the number for a share of {share} and an error of {error}"
        expect(answer, (share, error), np.ceil(exact), what, mistakes)


@exercise(
    "05.frechet_1d",
    "in more dimensions the variances become covariances, and the last term a matrix root.",
    idea="the squared difference of the means plus the squared difference of the standard deviations. Np.mean and np.std of each.",
    like="",
    learn="",
)
def _frechet_1d(answer):
    rng = np.random.default_rng(3)
    a, b = rng.normal(1.0, 2.0, 50), rng.normal(-1.0, 0.5, 80)
    gap = (a.mean() - b.mean()) ** 2
    want = gap + (a.std() - b.std()) ** 2
    compared = gap + (a.var() - b.var()) ** 2
    added = gap + a.var() + b.var()
    mistakes = {
        "these are the means alone: clouds of different width would count as equal.": gap,
        "the variances are compared; compare the standard deviations.": compared,
        "the variances are added, not compared: the distance of equal clouds must be 0.": added,
        "this is the root; the literature leaves the Frechet distance squared.": np.sqrt(want),
    }
    # The tolerance admits both estimates of a variance, with n and with n - 1.
    expect(answer, (a, b), want, "the distance", mistakes, tolerance=0.05)
    expect(answer, (a, a + 3.0), 9.0, "the distance of a cloud to itself, moved by 3")


@exercise(
    "05.precision",
    "and recall is the same with the roles exchanged.",
    idea="distances < radii[:, None] is True where fake j lies in the ball of real i. A fake counts if it lies in at least one ball: any over the reals, axis 0.",
    like="",
    learn="",
)
def _precision(answer):
    distances = np.array(
        [[0.5, 3.0, 9.0, 2.0, 1.5], [0.6, 0.4, 9.0, 1.0, 2.5], [4.0, 5.0, 9.0, 6.0, 7.0]]
    )
    radii = np.array([1.0, 2.0, 8.0])
    inside = distances < radii[:, None]
    coverage = inside.any(axis=1).mean()
    density = inside.sum(axis=0).mean()
    mistakes = {
        "this is coverage, the share of reals whose ball holds a fake. Count fakes.": coverage,
        "a fake need not lie in the ball of every real; one is enough.": inside.all(axis=0).mean(),
        "this is the share of pairs; count fakes that lie in at least one ball.": inside.mean(),
        "this counts the balls around each fake: that is density (times k).": density,
    }
    expect(answer, (distances, radii), 0.8, "the precision", mistakes)


@exercise(
    "05.nearest_copy",
    "now look at the pairs: the eye judges what a distance cannot.",
    idea="the squared distances to all training images: (training - image) ** 2, summed over pixels. Uint8 cannot hold negative numbers: 3 - 5 is 254. Turn the pixels into floats first.",
    like="",
    learn="",
)
def _nearest_copy(answer):
    rng = np.random.default_rng(1)
    training = rng.integers(0, 256, (30, 4, 4)).astype(np.uint8)
    order = rng.permutation(30)[:12]
    moved = training[order].astype(int) + rng.integers(-60, 61, (12, 4, 4))
    images = np.clip(moved, 0, 255).astype(np.uint8)
    wrapped = np.square(training - images[:, None]).sum(axis=(2, 3)).argmin(axis=1)
    squares = np.square(training.astype(float) - images[:, None]).sum(axis=(2, 3))
    mistakes = {
        "uint8 wraps around: 3 - 5 is 254. First turn the pixels into floats.": wrapped,
        "these are the distances; which training image is it?": np.sqrt(squares.min(axis=1)),
        "this is the farthest one.": squares.argmax(axis=1),
    }
    expect(answer, (images, training), order, "the index", mistakes)
