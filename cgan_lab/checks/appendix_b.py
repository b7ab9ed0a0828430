"""The checks of appendix B. Registered by `checks`; holds answers, trains nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, unless


@exercise(
    "B.days",
    praise="a minute of arithmetic before a run can save a week of it.",
    hints=(
        "first the steps of one epoch: how many whole batches fit into the images?",
        "steps over steps a second are seconds; a day has 24 * 60 * 60 of them.",
        "epochs * (images // batch_size) / steps_per_second / 86_400.",
    ),
)
def _days(answer):
    case = 10_000, 60_000, 64, 9.7
    want = 10_000 * 937 / 9.7 / 86_400
    mistakes = {
        "this takes each epoch for a single step; an epoch is a whole pass over the images.": 10_000 / 9.7 / 86_400,
        "this takes each image for a step; a step has a whole batch of them.": 10_000 * 60_000 / 9.7 / 86_400,
        "these are hours; a day has 24.": want * 24,
        "these are seconds; a day has 86,400.": want * 86_400,
        "the last, unfilled batch is counted as well: 60,000 over 64 is 937 and a half.": want * 937.5 / 937,
        "these are days, multiplied by the rate instead of divided by it.": want * 9.7**2,
    }
    got = call(answer, *case)
    unless(got, mistakes)
    close(got, want, "the number of days")
    close(call(answer, 3, 1_000, 100, 0.5), 60 / 86_400, "the days of 3 epochs of 10 steps at one step in 2 seconds")


@exercise(
    "B.rescale",
    praise="one formula for every range, and it never looks at the picture to guess.",
    hints=(
        "two points fix a straight line: low goes to -1, high goes to 1.",
        "(x - low) / (high - low) runs from 0 to 1.",
        "2 * (x - low) / (high - low) - 1; data.to_model is this for 0..255, and refuses other types.",
    ),
)
def _rescale(answer):
    dark = np.array([[0.0, 51.0], [102.0, 25.5]])  # nothing brighter than 102 of 255
    want = 2 * dark / 255 - 1
    guessed = 2 * (dark - dark.min()) / (dark.max() - dark.min()) - 1
    mistakes = {
        "the range is guessed from the picture itself: its brightest pixel, 102 of 255, has become white.": guessed,
        "this runs from 0 to 1: the article's fault. Stretch it by 2 and move it down by 1.": dark / 255,
        "this runs from -0.5 to 0.5; the width is missing a factor of 2.": dark / 255 - 0.5,
        "this is a negative: black has become 1.": -want,
    }
    got = np.asarray(call(answer, dark.copy(), 0.0, 255.0), float)
    unless(got, mistakes)
    close(got, want, "the result for a dark picture in 0..255")
    other = np.asarray(call(answer, np.array([-1.0, 0.0, 3.0]), -1.0, 3.0), float)
    unless(other, {"right from 0, but `low` is not used: here it is -1.": 2 * np.array([-1.0, 0.0, 3.0]) / 3 - 1})
    close(other, [-1.0, -0.5, 1.0], "the result for numbers in -1..3")


@exercise(
    "B.undo_mean",
    praise="the loss that had jumped is visible again.",
    hints=(
        "n times the mean of the first n losses is their sum.",
        "a loss is the difference of two such sums, one after the other; before the first, the sum is 0.",
        "np.diff(means * np.arange(1, len(means) + 1), prepend=0.0).",
    ),
)
def _undo_mean(answer):
    losses = np.array([0.7, 0.5, 0.9, 0.1, 6.0])
    counts = np.arange(1, 6)
    means = np.cumsum(losses) / counts
    mistakes = {
        "these are still the means.": means,
        "these are the steps from mean to mean; a mean of n losses has to be multiplied by n first.": np.diff(
            means, prepend=0.0
        ),
        "these are the sums of the first n losses; take differences of neighbours.": np.cumsum(losses),
        "the counting starts at 0: the first mean is over one loss.": np.diff(means * (counts - 1), prepend=0.0),
    }
    got = np.asarray(call(answer, means.copy()), float)
    unless(got, mistakes)
    if got.shape == (4,):
        raise Wrong("one loss is missing: the first mean is the first loss.")
    close(got, losses, "the losses")
