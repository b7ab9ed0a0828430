"""Checks of the builds of lesson 09: the way to noise, a step back, guidance."""

import numpy as np

from cgan_lab.checks._kit import (
    Wrong,
    blank,
    close,
    exercise,
    inside_tf_function,
    must_be_function,
    nothing,
    unless,
)

SHAPE = (3, 28, 28, 1)


def _pictures():
    """Return two batches of fixed numbers, float32, of `SHAPE`."""
    rng = np.random.default_rng(9)
    return [rng.normal(size=SHAPE).astype(np.float32) for _ in range(2)]


def _asked(answer, *arguments):
    """Return what ``answer`` gives for tensors of ``arguments``, as an array."""
    import tensorflow as tf

    must_be_function(answer)
    tensors = [tf.constant(one, tf.float32) for one in arguments]
    got = answer(*tensors)
    if blank(got):
        nothing(answer)
    inside_tf_function(answer, tensors, "it runs as Python")
    return np.asarray(got)


def _compare(answer, arguments, want, what, mistakes, case):
    got = _asked(answer, *arguments)
    try:
        unless(got, mistakes, tolerance=1e-5)
        close(got, want, what, tolerance=1e-4)
    except Wrong as why:
        pixel = "" if got.shape != SHAPE else f", its first pixel {got.flat[0]:.3f}"
        why.case = f"{case} your answer has shape {got.shape}{pixel}; {want.flat[0]:.3f} is right."
        raise


@exercise(
    "09.noised",
    "image and noise, mixed so that no mixture is louder than either.",
    idea="two factors, one for the images and one for the noise, both from the same angle. At "
    "t = 0 the first must be 1 and the second 0; at t = 1 the other way round. Which angle does "
    "the time t stand for?",
    like="a radio fades from one song to another over ten seconds, such that the power stays the "
    "same: after s seconds the songs have the factors cos(pi s / 20) and sin(pi s / 20). Halfway "
    "both are 0.707, and the squares sum to 1. What is the angle if the time runs from 0 to 1?",
    learn="cosine and sine of one angle turn the image into noise as a point turns on a circle. "
    "Any time can be reached at once from t = 0: training needs no chain of small steps.",
    used="lesson 09",
)
def _noised(answer):
    images, noise = _pictures()
    t = np.float32(0.3)
    angle = np.pi / 2 * t
    cos, sin = np.cos(angle), np.sin(angle)
    mistakes = {
        "image and noise are swapped: t = 0 should be the image.": sin * images + cos * noise,
        "the angle runs to 180 degrees; at t = 1 it should be a right angle, pi / 2.": (
            np.cos(np.pi * t) * images + np.sin(np.pi * t) * noise
        ),
        "t itself is taken for the angle; t = 1 stands for a right angle, pi / 2.": (
            np.cos(t) * images + np.sin(t) * noise
        ),
        "this is the straight line between the two; halfway its variance is only a half.": (
            (1 - t) * images + t * noise
        ),
        "the noise is taken away; it is added.": cos * images - sin * noise,
        "these are the squares of the factors; it is they that sum to 1, not the factors.": (
            cos**2 * images + sin**2 * noise
        ),
    }
    want = cos * images + sin * noise
    _compare(answer, (images, noise, t), want, "the mixture", mistakes, "At t = 0.3")
    times = np.reshape([0.0, 0.5, 1.0], (3, 1, 1, 1))
    wants = np.cos(np.pi / 2 * times) * images + np.sin(np.pi / 2 * times) * noise
    try:
        got = _asked(answer, images, noise, times)
    except Exception as error:
        raise Wrong(
            "right for one time; in training each picture has a time of its own, t of shape "
            f"(n, 1, 1, 1), and there it raised {type(error).__name__}."
        ) from error
    close(got, wants, "the mixture with a time per picture", tolerance=1e-4)


@exercise(
    "09.step",
    "what is not image is noise: taken out and mixed in again, for an earlier time.",
    idea="if the clean image in the noisy one were known, the noise would be known, too: solve "
    "noisy = cos(..) clean + sin(..) noise for the noise. Then you have both, and can mix them for "
    "any time.",
    like="a sauce is 0.6 parts tomato (known) and 0.8 parts of an oil. Sauce 1.0, tomato 0.6: the "
    "oil is (1.0 - 0.6 * 0.6) / 0.8 = 0.8. The same two, mixed with 0.8 and 0.6, give "
    "0.8 * 0.6 + 0.6 * 0.8 = 0.96. What are the four factors at the times t and to?",
    learn="the network's answer is never final: the step believes it only as far as the noise "
    "falls, and asks again. At to = 0 nothing of the noise is left, and the answer itself remains.",
    used="lesson 09",
)
def _step(answer):
    noisy, clean = _pictures()
    t, to = np.float32(0.7), np.float32(0.4)
    a, b, c, d = (f(np.pi / 2 * time) for time in (t, to) for f in (np.cos, np.sin))
    noise = (noisy - a * clean) / b
    left = np.float32(to / t)
    mistakes = {
        "the noise is mixed back in for the time t, so nothing changed; mix for the time `to`.": (
            noisy
        ),
        "this is the clean image alone; the noise of the time `to` is missing.": clean,
        "the clean image has no factor in the mixture; at `to` it is cos(pi to / 2).": (
            clean + d * noise
        ),
        "clean is subtracted with no factor; noisy holds cos(pi t / 2) of it.": (
            c * clean + d * (noisy - clean) / b
        ),
        "what is left is sin(pi t / 2) times the noise: divide by it.": c * clean + d * b * noise,
        "the two times are swapped.": (a * clean + b * (noisy - c * clean) / d),
        "this moves evenly along the line from noisy to clean, as the exact answer of appendix C "
        "does; here the factors are cosine and sine.": clean + (noisy - clean) * left,
    }
    want = c * clean + d * noise
    _compare(answer, (noisy, clean, t, to), want, "the step", mistakes, "From 0.7 to 0.4")
    close(_asked(answer, noisy, clean, t, 0.0), clean, "the step to time 0", tolerance=1e-4)


@exercise(
    "09.guided",
    "from the answer without the label, through the one with it, and beyond.",
    idea="what does the label change in the answer? That difference, so many times as guidance "
    "says. Try 0, 1 and 2 in your head: which answer should come out of 0, and which of 1?",
    like="without a map you would walk north by 2 km; with it you walk to (1, 3). Map's advice: "
    "(1, 1) more. Followed twice: (0, 2) + 2 * (1, 1) = (2, 4). What is the start if the map is "
    "followed 0 times?",
    learn="guidance goes where no denoiser was trained to go: beyond the label's own answer. What "
    "all labels have in common cancels, and what sets this one apart is exaggerated.",
    used="lesson 09",
)
def _guided(answer):
    labelled, unlabelled = _pictures()
    w = np.float32(3.0)
    step = labelled - unlabelled
    mistakes = {
        "this starts at the answer with the label: guidance 1 should return that one, and here "
        "it goes beyond.": labelled + w * step,
        "the difference is turned round: this moves away from the label.": unlabelled - w * step,
        "this is the push alone; it starts at the answer without the label.": w * step,
        "the two answers are swapped.": labelled - w * step,
        "guidance multiplies the answer with the label alone; the difference counts.": (
            unlabelled + w * labelled
        ),
    }
    want = unlabelled + w * step
    _compare(answer, (labelled, unlabelled, w), want, "the answer", mistakes, "With guidance 3")
