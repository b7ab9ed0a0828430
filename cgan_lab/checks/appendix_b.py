"""The checks of appendix B. They train nothing."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, expect, unless

DAY = 86_400  # seconds


@exercise(
    "B.days",
    "a minute of arithmetic before a run can save a week of it.",
    idea="count the steps before the time: how many full batches does one pass over the images "
    "give?",
    like="a lift waits until 8 people are in it. Of 100 people each morning, 96 go up in 12 "
    "rides and 4 take the stairs. In 5 mornings it makes 60 rides; at half a ride per minute "
    "that is 120 minutes, or 2 hours. What are your people, mornings and rides?",
    learn="steps first, then seconds, then days. The rate is the only number that has to be "
    "measured, and a minute of training measures it.",
)
def _days(answer):
    epochs, images, rate = 10_000, 60_000, 9.7
    want = epochs * 937 / rate / DAY
    one_step = epochs / rate / DAY
    each_image = epochs * images / rate / DAY
    unfilled = want * 937.5 / 937
    mistakes = {
        "this counts each epoch as one step; an epoch is a pass over all images.": one_step,
        "this counts each image as one step; a step takes a whole batch.": each_image,
        "these are hours; a day has 24.": want * 24,
        "these are seconds; a day has 86,400.": want * DAY,
        "the unfilled batch at the end is counted too: 60,000 over 64 is 937 and a half.": unfilled,
        "these are days, multiplied by the rate instead of divided by it.": want * rate**2,
    }
    expect(answer, (epochs, images, 64, rate), want, "the number of days", mistakes)
    what = "the days of 3 epochs of 10 steps at one step in 2 seconds"
    expect(answer, (3, 1_000, 100, 0.5), 60 / DAY, what)


@exercise(
    "B.rescale",
    "one formula for every range, and it never looks at the picture to guess.",
    idea="two points fix a straight line: low goes to -1 and high to 1. What the picture itself "
    "holds plays no part.",
    like="degrees from -10 to 40 as points from 0 to 10: 15 degrees lie 25 above the bottom, "
    "which is half of the width, 50; so it is 5 points. In two steps: (15 + 10) / 50 is a share "
    "from 0 to 1, and the share times 10 is the points. How wide is -1 to 1, and where is its "
    "bottom?",
    learn="a range is a property of the format, not of one picture. Guessed from the data it "
    "makes dark pictures bright, and each batch another one.",
)
def _rescale(answer):
    dark = np.array([[0.0, 51.0], [102.0, 25.5]])  # nothing brighter than 102 of 255
    want = 2 * dark / 255 - 1
    guessed = 2 * dark / 102 - 1
    from_zero = dark / 255
    mistakes = {
        "the range is guessed from the picture: its brightest pixel, 102, is now white.": guessed,
        "this is 0 to 1: the article's mistake. Multiply by 2 and subtract 1.": from_zero,
        "this runs from -0.5 to 0.5; the width needs a factor of 2.": from_zero - 0.5,
        "this is a negative: black has become 1.": -want,
    }
    expect(answer, (dark, 0.0, 255.0), want, "the result for a dark picture in 0..255", mistakes)
    x = np.array([-1.0, 0.0, 3.0])
    mistakes = {"right from 0, but `low` is not used: here it is -1.": 2 * x / 3 - 1}
    expect(answer, (x, -1.0, 3.0), [-1, -0.5, 1], "the result for numbers in -1..3", mistakes)


@exercise(
    "B.undo_mean",
    "the loss that had jumped is visible again.",
    idea="n times the mean of the first n losses is their sum. By how much has the sum grown "
    "since the call before?",
    like="a cyclist notes her mean speed since the start, every hour: 20, 22, 18 km/h. So she "
    "has come 20, 44 and 54 km, and rode 20, 24 and 10 km in the single hours. What are your "
    "kilometres, and what do you subtract from the first?",
    learn="a mean over n values moves by 1/n of what is new, so it hides a late jump. Print "
    "what the batch had, or start the mean anew each epoch.",
)
def _undo_mean(answer):
    losses = np.array([0.7, 0.5, 0.9, 0.1, 6.0])
    sums = np.cumsum(losses)
    means = sums / np.arange(1, 6)
    steps = np.diff(means, prepend=0.0)
    from_zero = np.diff(means * np.arange(5), prepend=0.0)
    mistakes = {
        "these are still the means.": means,
        "these are steps from mean to mean; a mean of n losses is multiplied by n first.": steps,
        "these are the sums of the first n losses; take differences of neighbours.": sums,
        "the counting starts at 0: the first mean is over one loss.": from_zero,
    }
    got = call(answer, means)
    if np.shape(got) == (4,):
        raise Wrong("one loss is missing: the first mean is the first loss.")
    unless(got, mistakes)
    close(got, losses, "the losses")
