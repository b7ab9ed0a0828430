"""The checks of lesson 10. None trains."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, close, exercise, short, unless


def _misread(x, label, gamma, beta):
    """Return ``x`` modulated, and {sentence: the features that it explains}."""

    def told(matrix, label=label):
        return (label @ matrix).reshape(len(x), *(1 for _ in x.shape[1:-1]), x.shape[-1])

    scale, shift = told(gamma), told(beta)
    largest = np.eye(label.shape[1])[label.argmax(axis=1)]
    everyone = np.broadcast_to(label.mean(axis=0), label.shape)
    mistakes = {
        "nothing has changed: where do gamma and beta come in?": x,
        "the 1 is missing: where gamma and beta are 0, the features should go through as they are, "
        "and here they are wiped out.": x * scale + shift,
        "the shift is scaled, too: scale first, then add.": (x + shift) * (1 + scale),
        "gamma and beta have changed places: gamma scales, beta shifts.": x * (1 + shift) + scale,
        "the shift is missing.": x * (1 + scale),
        "the scale is missing: this only shifts, as a concatenated label does.": x + shift,
        "the shift is subtracted: add it.": x * (1 + scale) - shift,
        "a mixture was taken for the largest of its labels: the label times a matrix mixes the "
        "matrix' rows.": x * (1 + told(gamma, largest)) + told(beta, largest),
        "every picture got the mean label of the batch: each has its own row.": (
            x * (1 + told(gamma, everyone)) + told(beta, everyone)
        ),
    }
    if x.ndim == 4:
        mistakes[
            "another picture's label came into each column of pixels: (n, c) lines up with the "
            "last two axes of (n, h, w, c), so n met w. Give it two axes of length 1 in between."
        ] = x * (1 + label @ gamma) + label @ beta
    return x * (1 + scale) + shift, mistakes


@exercise(
    "10.modulate",
    "one scale and one shift per channel, chosen by the label, the same at every pixel.",
    idea="two products give one number per picture and channel: label with gamma, label with beta. "
    "Which of these should a label whose numbers are all 0 leave as they are? Then the shapes: "
    "which axes have the features that (n, c) has not?",
    like="two towns' temperatures, array (2, 3, 24) of towns, days and hours, and one correction "
    "per town and hour, (2, 24). Adding them as they are fails, 3 against 2. With "
    "correction.reshape(2, 1, 24) each day gets its town's. What if there are no days, (2, 24)? "
    "And with two axes in between?",
    learn="a condition need not be an input. It can choose the numbers of a layer: here two per "
    "channel. Broadcasting needs the axes in their places; with equal lengths it is silent when "
    "they are not.",
    used="lesson 10",
)
def _modulate(answer):
    rng = np.random.default_rng(10)
    gamma, beta = rng.normal(size=(2, 3, 5))
    label = np.array([[1.0, 0, 0], [0, 0, 1], [0.2, 0.5, 0.3], [0, 1, 0]])
    for shape in ((4, 2, 4, 5), (4, 5)):  # n = w: what lines up wrongly raises no error
        x = rng.normal(size=shape)
        want, mistakes = _misread(x, label, gamma, beta)
        try:
            got = call(answer, x, label, gamma, beta)
        except Exception as error:
            error.add_note(f"The check called it with features of shape {shape}.")
            raise
        try:
            unless(got, mistakes)
            close(got, want, f"for features of shape {shape} the result")
        except Wrong as why:
            gave, right = (short(np.ravel(found)[:5]) for found in (got, want))
            why.case = (
                f"On features of shape {shape} the five channels of the first picture's first "
                f"pixel came out as {gave}; {right} is right."
            )
            raise
