"""The checks of lesson 05. They train nothing."""

import numpy as np

from cgan_lab import metrics
from cgan_lab.checks._kit import Wrong, call, close, exercise, expect, short, unless


def _estimate(a, b, power=3.0, scale=None, plus=1.0, cross=-2.0):
    """Return the kernel distance of `metrics.kernel_distance`, or one with a slip."""
    within = []
    for x in (a, b):
        similar = _similar(x, x, power, scale, plus)
        within.append((similar.sum() - np.trace(similar)) / (len(x) * (len(x) - 1)))
    return sum(within) + cross * _similar(a, b, power, scale, plus).mean()


def _similar(x, y, power=3.0, scale=None, plus=1.0):
    return (x @ y.T / (scale or x.shape[1]) + plus) ** power


@exercise(
    "05.kernel_distance",
    "and it is unbiased: for two halves of one set it is 0 on average, however small they are.",
    idea="three tables of similarities: all pairs within a, all pairs within b, all pairs across. "
    "Take a mean of each. In two of them some entries compare a point with itself: those say "
    "nothing about the set.",
    like="two classes are asked how much their pupils resemble each other, in a table each. With "
    "3 pupils the table has 9 entries, of which 3 say how much one resembles oneself. So the mean "
    "over different pupils sums 6 entries and divides by 6 = 3 * 2. The table of class a against "
    "class b has no such entries: its plain mean. Which of your three tables are of which kind?",
    learn="what a point says about itself makes small sets look farther apart than they are. Leave "
    "it out, and the estimate is right on average at any size; so it can be negative.",
    used="lesson 05, section 4",
)
def _kernel_distance(answer):
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=(12, 5)), rng.normal(0.4, 1.3, (12, 5))
    want = metrics.kernel_distance(a, b, subsets=1, size=12)[0]
    aa, bb, ab = _similar(a, a), _similar(b, b), _similar(a, b)
    own = np.trace(aa) + np.trace(bb)
    mistakes = {
        "each point is compared with itself, too: that is the biased estimate. Leave out the "
        "diagonals within a and within b.": aa.mean() + bb.mean() - 2 * ab.mean(),
        "the diagonals are gone, but n n still counts them: n (n - 1) pairs are left.": (
            (aa.sum() + bb.sum() - own) / 144 - 2 * ab.mean()
        ),
        "the diagonal across is left out as well; there no point meets itself.": (
            (aa.sum() + bb.sum() - own) / 132 - 2 * (ab.sum() - np.trace(ab)) / 132
        ),
        "x . y is not divided by d: with more features all similarities would grow.": (
            _estimate(a, b, scale=1.0)
        ),
        "the power is 2; this kernel is cubic.": _estimate(a, b, power=2.0),
        "the + 1 is missing from the kernel.": _estimate(a, b, plus=0.0),
        "the similarity across counts twice: a with b, and b with a.": _estimate(a, b, cross=-1.0),
        "what a and b have in common brings them nearer: subtract it.": _estimate(a, b, cross=2.0),
        "this is what they have in common; the pairs within a and within b are missing.": (
            2 * ab.mean()
        ),
        "these are sums; take means, or large sets lie far apart.": (
            aa.sum() + bb.sum() - own - 2 * ab.sum()
        ),
    }
    expect(answer, (a, b), want, "the kernel distance", mistakes)
    more = np.concatenate([b, b[:7] + 0.5])
    near = np.random.default_rng(20).normal(size=(2, 9, 5))  # of one kind; by luck below 0
    lucky = _estimate(*near)
    folded = "an unbiased estimate may be negative; cutting or folding it makes it biased."
    expect(answer, near, lucky, "the kernel distance", {folded: max(lucky, 0.0)})
    unless(call(answer, *near), {folded: abs(lucky)})
    what = "the kernel distance of 12 and 19 points"
    expect(answer, (a, more), _estimate(a, more), what)


def _shares(real, fake, k, own=True, of=np.any, square=False):
    """Return (precision, recall) of `metrics.neighbourhoods`, or with a slip.

    ``own``: whether a point's radius belongs to its own ball; ``square``: whether squared distances
    meet radii that are not squared.
    """
    far = np.linalg.norm(real[:, None] - fake, axis=2)  # (n, m)
    far = far**2 if square else far
    of_real, of_fake = _reach(real, real, k)[:, None], _reach(fake, fake, k)
    by_real, by_fake = far < of_real, far < of_fake
    if not own:
        by_real, by_fake = by_fake, by_real
    return of(by_real, axis=0).mean(), of(by_fake, axis=1).mean()


def _reach(points, others, rank):
    """Return the distance of each point to the other of this rank; 0 is the nearest."""
    return np.sort(np.linalg.norm(points[:, None] - others, axis=2), axis=1)[:, rank]


def _balls(real, fake):
    """Return (precision, recall) for k = 3, and what mistakes give instead."""
    found = metrics.neighbourhoods(real, fake, 3)
    want = found["precision"], found["recall"]
    far = np.linalg.norm(real[:, None] - fake, axis=2)
    other = far < _reach(real, fake, 2)[:, None], far < _reach(fake, real, 2)
    mistakes = {
        "the two are exchanged: precision is about fakes, recall about real points.": want[::-1],
        "the point counts itself: at distance 0 it is the first of its own neighbours.": (
            _shares(real, fake, 2)
        ),
        "one neighbour too far: column 0 is the point itself, column k its k-th neighbour.": (
            _shares(real, fake, 4)
        ),
        "the balls belong to the wrong set. Precision has balls around real points, and recall "
        "around fakes.": _shares(real, fake, 3, own=False),
        "no ball holds anything. Are the radii 0, each point's distance to itself? And one ball is "
        "enough: any, not all.": _shares(real, fake, 3, of=np.all),
        "these are counts; divide by how many there are.": (25 * want[0], 40 * want[1]),
        "these are percent; a share runs from 0 to 1.": (100 * want[0], 100 * want[1]),
        "precision is right, but recall has its balls around the fakes: this is coverage.": (
            want[0],
            found["coverage"],
        ),
        "these are shares of pairs; count a point once if it lies in any ball.": (
            _shares(real, fake, 3, of=np.mean)
        ),
        "a ball reaches to a neighbour of the same kind: real to real, fake to fake.": (
            other[0].any(axis=0).mean(),
            other[1].any(axis=1).mean(),
        ),
        "squared distances are compared with radii that are not squared.": (
            _shares(real, fake, 3, square=True)
        ),
        "both are the precision; recall has its balls around the fakes.": (want[0], want[0]),
    }
    return want, mistakes


@exercise(
    "05.precision_recall",
    "precision asks about each fake, recall about each real point.",
    idea="a ball belongs to a point and reaches to its k-th nearest neighbour of its own kind. "
    "Precision counts the fakes inside at least one ball of a real point; recall exchanges the "
    "roles. In a table of distances within one set, what stands at rank 0 of each row?",
    like="shops at 0, 2, 3 and 9 km of a road, customers at 1, 4 and 20 km. With k = 1 a shop "
    "serves as far as the next shop: 2, 1, 1 and 6 km. The customer at 1 is inside the first "
    "shop's range, the one at 4 inside the last one's, the one at 20 inside none: 2 of 3 are "
    "served. Now let customers have a range, to the next customer: 3, 3, 16 km. Which shops lie "
    "within it?",
    learn="every measure of this kind has a ball, an owner of the ball, and what is counted: "
    "say all three before you write an axis.",
    used="lesson 05, sections 5 and 9",
)
def _precision_recall(answer):
    rng = np.random.default_rng(77)
    real, fake = rng.normal(size=(40, 3)), rng.normal(0.5, 0.7, (25, 3))
    got = call(answer, real, fake, 3)
    if np.shape(got) != (2,):
        raise Wrong("expected two numbers: return precision, recall.")
    want, mistakes = _balls(real, fake)
    try:
        unless(got, mistakes)
        for what, share, right in zip(("precision", "recall"), got, want, strict=True):
            close(share, right, what)
    except Wrong as why:
        why.case = (
            f"For 40 real points, 25 fakes and k = 3 your answer gave {short(got)}; {short(want)} "
            "is right."
        )
        raise
    fixed = {"k is not used: this is for k = 3.": want, "k is fixed at 5.": _shares(real, fake, 5)}
    expect(answer, (real, fake, 1), _shares(real, fake, 1), "(precision, recall) for k = 1", fixed)


@exercise(
    "05.samples_needed",
    "to halve the error, draw four times as many.",
    idea="a share of n samples has the standard error of section 2, and it shrinks as n grows. "
    "You know the error and look for n. What is left of the square root if you square "
    "both sides?",
    like="a coin with p = 0.5 thrown n times has the error 0.5 / sqrt(n). For an error of 0.1: "
    "sqrt(n) = 5, so n = 25; for 0.09 it is 30.86, and 30 throws are too few. Where do p "
    "and e stand in your case?",
    learn="the error shrinks with the root of n: half the error costs four times the samples. "
    "And a share near 1 needs fewer than one near a half.",
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
    idea="the formula has two parts: how far the middles lie apart, and how much the widths "
    "differ. Each is a difference, squared. Which number of NumPy is the width, the "
    "variance or its root?",
    like="two bakeries: loaves of 500 g with a standard deviation of 20 g, and of 503 g with "
    "24 g. The distance is 3^2 + 4^2 = 25; with variances, 400 and 576, it would come out "
    "far too large. Which two numbers does each of your sets give?",
    learn="in more dimensions the widths become matrices, and the product of two roots the root "
    "of a matrix. The distance of a set to itself, and to itself moved by 3, is the "
    "quickest test.",
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
    "05.nearest_copy",
    "now look at the pairs: the eye judges what a distance cannot.",
    idea="take one image first. Its squared distance to every training image is one number "
    "each, summed over the pixels; the answer is where the smallest one stands. Which "
    "numbers can a pixel of type uint8 not hold?",
    like="which of [[3, 4], [9, 9]] lies nearest to [4, 6]? The differences are [-1, -2] and "
    "[5, 3], the squared distances 5 and 34: index 0. As uint8 the -1 would be 255. What "
    "has to happen to your pixels before the minus sign?",
    learn="argmin gives the place, min the distance. Pixels of type uint8 wrap around without a "
    "word: convert before you subtract.",
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
