"""The checks of lesson 07. Registered by `checks`; holds answers, trains nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, unless


@exercise(
    "07.hinge",
    praise="no reward for being more certain than the margin: that is what keeps D's gradients in bounds.",
    hints=(
        "max(0, 1 - a) is np.maximum(0, 1 - a); D wants a above 1 on real pictures and below -1 on fakes.",
        "G's half has no hinge: it wants D's logit on its pictures as high as it can get.",
        "np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(), and -fake.mean().",
    ),
)
def _hinge(answer):
    real, fake = np.array([2.5, 0.4, -0.3]), np.array([-1.7, 0.2])
    got = call(answer, real, fake)
    if not isinstance(got, tuple) or len(got) != 2:
        raise Wrong("expected two numbers, D's loss and G's loss: return d_loss, g_loss.")
    d, g = (float(value) for value in got)
    want = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
    unless(
        d,
        {
            "D's signs are exchanged: it wants high logits on real pictures.": np.maximum(0, 1 + real).mean()
            + np.maximum(0, 1 - fake).mean(),
            "without the maximum, D is paid for every further bit of certainty: that is Wasserstein's loss plus 2.": (
                (1 - real).mean() + (1 + fake).mean()
            ),
            "these are sums; take means.": np.maximum(0, 1 - real).sum() + np.maximum(0, 1 + fake).sum(),
        },
    )
    close(d, want, "D's loss")
    unless(
        g,
        {
            "G's sign is the other one: it wants D's logits on fakes to be high.": fake.mean(),
            "G's loss has no hinge: with one, it would stop learning once D is fooled a little.": np.maximum(
                0, 1 - fake
            ).mean(),
        },
    )
    close(g, -fake.mean(), "G's loss")


@exercise(
    "07.spectral_norm",
    praise="a handful of products instead of a full decomposition: cheap enough for every training step.",
    hints=(
        "one round: multiply by the matrix, bring to length 1, multiply by the transposed matrix, bring to length 1.",
        "after the rounds, the value is u @ matrix @ v, with v the last direction on the input's side.",
        "u = normal(matrix @ v); v = normal(matrix.T @ u); repeat; return u @ matrix @ v.",
    ),
)
def _spectral_norm(answer):
    rng = np.random.default_rng(0)
    matrix, start = rng.normal(size=(6, 4)), rng.normal(size=4)
    want = np.linalg.svd(matrix, compute_uv=False)[0]
    got = np.asarray(call(answer, matrix, start, 100), float)
    unless(
        got,
        {
            "this is the Frobenius norm, the root of the sum of all squares.": np.linalg.norm(matrix),
            "this is the square of the largest singular value.": want**2,
            "this is the smallest singular value: multiply by the matrix, not by its inverse.": np.linalg.svd(
                matrix, compute_uv=False
            )[-1],
        },
    )
    close(got, want, "the largest singular value", tolerance=1e-4)
    few = float(call(answer, matrix, start, 1))
    if abs(few - want) < 1e-6:
        raise Wrong("right, but not by steps: after one round it cannot be exact yet. Use the number of steps.")


@exercise(
    "07.gradient_penalty",
    praise="one number a picture, however many pixels it has; and both too steep and too flat are paid for.",
    hints=(
        "first the length of each picture's gradient: a root of a sum over its pixels.",
        "then 10 times the mean of (length - 1)^2.",
        "length = np.sqrt((gradients**2).sum(axis=(1, 2, 3))); 10 * np.mean((length - 1) ** 2).",
    ),
)
def _gradient_penalty(answer):
    gradients = np.random.default_rng(1).normal(scale=0.05, size=(5, 28, 28, 1))
    length = np.sqrt((gradients**2).sum(axis=(1, 2, 3)))
    got = np.asarray(call(answer, gradients), float)
    unless(
        got,
        {
            "this takes the length of the whole batch's gradient; each picture has its own.": 10
            * (np.linalg.norm(gradients) - 1) ** 2,
            "this compares each pixel's slope with 1; the length over all pixels should be 1.": 10
            * np.mean((np.abs(gradients) - 1) ** 2),
            "this punishes the length itself, as R1 does; here a length of 1 is wanted.": 10 * np.mean(length**2),
            "the square of the length is compared with 1; take the root first.": 10 * np.mean((length**2 - 1) ** 2),
            "the factor 10 is missing.": np.mean((length - 1) ** 2),
        },
    )
    close(got, 10 * np.mean((length - 1) ** 2), "the penalty")


@exercise(
    "07.clearly_better",
    praise="three seeds are few; this at least does not mistake luck for progress.",
    hints=(
        "luck is what differs between seeds of one recipe.",
        "clearly better: the worst run of the one is above the best run of the other.",
        "min(new) > max(old).",
    ),
)
def _clearly_better(answer):
    cases = (
        (([0.991, 0.990, 0.992], [0.980, 0.985, 0.982]), True, ""),
        (
            ([0.990, 0.989, 0.991], [0.992, 0.983, 0.982]),
            False,
            "the mean is higher, but one run of the old recipe beats all of the new.",
        ),
        (
            ([0.995, 0.970, 0.990], [0.980, 0.984, 0.982]),
            False,
            "its best run is far ahead, and its worst far behind: that is luck until shown otherwise.",
        ),
        (([0.980, 0.985], [0.991, 0.990]), False, "here the new recipe is worse."),
    )
    for (new, old), want, why in cases:
        got = call(answer, np.array(new), np.array(old))
        if bool(got) != want:
            raise Wrong(f"for new {new} and old {old}, got {bool(got)}: {why or 'no run of the old one comes near.'}")
