"""The checks of lesson 07. They train nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, expect, unless


@exercise(
    "07.hinge",
    "no reward for more certainty than the margin: that keeps D's gradients in bounds.",
    idea="max(0, 1 - a) is np.maximum(0, 1 - a); D wants a > 1 on real pictures and a < -1 on fakes. G's half has no hinge: it wants D's logit on its pictures as high as it can get.",
    like="",
    learn="",
)
def _hinge(answer):
    def hinge(real, fake, over=np.mean):
        return over(np.maximum(0, 1 - real)) + over(np.maximum(0, 1 + fake))

    real, fake = np.array([2.5, 0.4, -0.3]), np.array([-1.7, 0.2])
    got = call(answer, real, fake)
    if not isinstance(got, tuple) or len(got) != 2:
        raise Wrong("expected two numbers, D's loss and G's loss: return d_loss, g_loss.")
    without = 2 - real.mean() + fake.mean()
    of_d = {
        "D's signs are exchanged: it wants high logits on real pictures.": hinge(-real, -fake),
        "without a maximum, D is paid for any certainty: Wasserstein's loss plus 2.": without,
        "these are sums; take means.": hinge(real, fake, np.sum),
    }
    unless(got[0], of_d)
    close(got[0], hinge(real, fake), "D's loss")
    hinged = np.maximum(0, 1 - fake).mean()
    of_g = {
        "G's sign is the other one: it wants D's logits on fakes to be high.": fake.mean(),
        "G's loss has no hinge: it would stop learning once D is fooled a little.": hinged,
    }
    unless(got[1], of_g)
    close(got[1], -fake.mean(), "G's loss")


@exercise(
    "07.spectral_norm",
    "a few products instead of a full decomposition: cheap enough for every training step.",
    idea="one round: times the matrix, scale to length 1, times the transpose, scale to length 1. After the rounds, the value is u @ matrix @ v, with v the last direction on the input's side.",
    like="",
    learn="",
)
def _spectral_norm(answer):
    rng = np.random.default_rng(0)
    matrix, start = rng.normal(size=(6, 4)), rng.normal(size=4)
    largest, *_, smallest = np.linalg.svd(matrix, compute_uv=False)
    frobenius = np.linalg.norm(matrix)
    mistakes = {
        "this is the Frobenius norm, the root of the sum of all squares.": frobenius,
        "this is the square of the largest singular value.": largest**2,
        "this is the smallest singular value: multiply by the matrix, not its inverse.": smallest,
    }
    what = "the largest singular value"
    expect(answer, (matrix, start, 100), largest, what, mistakes, tolerance=1e-4)
    if abs(float(call(answer, matrix, start, 1)) - largest) < 1e-6:
        raise Wrong("right, but not by steps: one round cannot be exact. Use the number of steps.")


@exercise(
    "07.gradient_penalty",
    "one number per picture, however many pixels it has; too steep and too flat both cost.",
    idea="first the length of each picture's gradient: a root of a sum over its pixels. Then 10 times the mean of (length - 1)^2.",
    like="",
    learn="",
)
def _gradient_penalty(answer):
    gradients = np.random.default_rng(1).normal(scale=0.05, size=(5, 28, 28, 1))
    length = np.sqrt((gradients**2).sum(axis=(1, 2, 3)))
    want = 10 * np.mean((length - 1) ** 2)
    of_batch = 10 * (np.linalg.norm(gradients) - 1) ** 2
    of_pixels = 10 * np.mean((np.abs(gradients) - 1) ** 2)
    without_root = 10 * np.mean((length**2 - 1) ** 2)
    r1 = 10 * np.mean(length**2)
    mistakes = {
        "this is the length of the whole batch's gradient; each picture has its own.": of_batch,
        "this compares each pixel's slope with 1; the length over all pixels counts.": of_pixels,
        "this punishes the length itself, as R1 does; here a length of 1 is wanted.": r1,
        "the square of the length is compared with 1; take the root first.": without_root,
        "the factor 10 is missing.": want / 10,
    }
    expect(answer, (gradients,), want, "the penalty", mistakes)


@exercise(
    "07.clearly_better",
    "a simple rule: with three seeds each, luck alone passes it once in twenty.",
    idea="luck is what differs between seeds of one recipe. Clearly better: the worst run of the one is above the best run of the other.",
    like="",
    learn="",
)
def _clearly_better(answer):
    clear = (0.991, 0.990, 0.992), (0.980, 0.985, 0.982)
    mean = (0.990, 0.989, 0.991), (0.992, 0.983, 0.982)
    best = (0.995, 0.970, 0.990), (0.980, 0.984, 0.982)
    worse = (0.980, 0.985), (0.991, 0.990)
    cases = (
        (clear, True, "no run of the old one comes near."),
        (mean, False, "the mean is higher, but one run of the old recipe beats all of the new."),
        (best, False, "its best run is far ahead, its worst far behind: it may well be luck."),
        (worse, False, "here the new recipe is worse."),
    )
    for (new, old), want, why in cases:
        got = bool(call(answer, np.array(new), np.array(old)))
        if got != want:
            raise Wrong(f"for new {list(new)} and old {list(old)}, got {got}: {why}")
