"""The checks of lesson 04. Registered by `checks`; holds answers, draws nothing."""

import numpy as np

from cgan_lab import sampling
from cgan_lab.checks._kit import Wrong, call, close, exercise, unless


@exercise(
    "04.style_grid",
    praise="a column is a handwriting, a row a label.",
    hints=(
        "the labels repeat each entry: 7 7 7 4 4 4. The noise repeats as a whole: a b c a b c.",
        "np.repeat does the one, np.tile the other.",
        "np.repeat(labels, len(noise)), np.tile(noise, (len(labels), 1)).",
    ),
)
def _style_grid(answer):
    noise, labels = np.arange(12.0).reshape(3, 4), np.array([7, 4])
    result = call(answer, noise.copy(), labels.copy())
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("expected two things, the labels and the noise: return labels, noise.")
    got_labels, got_noise = (np.asarray(part, float) for part in result)
    want_labels, want_noise = sampling.style_grid(noise, labels)
    if got_labels.shape == want_labels.shape and got_noise.shape == want_noise.shape:
        repeated, tiled = np.repeat(noise, 2, axis=0), np.tile(labels, 3)
        if np.array_equal(got_labels, tiled) and np.array_equal(got_noise, repeated):
            raise Wrong("every pair is there, but a row of the picture would be a noise and a column a label.")
        if np.array_equal(got_labels, tiled):
            raise Wrong("the labels alternate, 7 4 7 4; a row of the picture must be one label: 7 7 7 4 4 4.")
        if np.array_equal(got_noise, repeated):
            raise Wrong("each noise stands beside itself, a a b b c c; a column must be one noise: a b c a b c.")
    close(got_labels, want_labels, "the labels")
    close(got_noise, want_noise, "the noise")


@exercise(
    "04.label_path",
    praise="each row is a mixture of the two, and sums to 1.",
    hints=(
        "np.linspace(0, 1, steps) is the share of the second label.",
        "np.eye(classes)[start] is the one-hot row of start.",
        "(1 - share)[:, None] * np.eye(classes)[start] + share[:, None] * np.eye(classes)[end].",
    ),
)
def _label_path(answer):
    got, want = np.asarray(call(answer, 3, 1, 5, 4), float), sampling.label_path(3, 1, 5, 4)
    numbers = np.eye(4)[np.linspace(3, 1, 5).round().astype(int)]
    mistakes = {
        "it runs the wrong way, from end to start.": want[::-1],
        "the shares of both labels are the same in each row; one falls while the other rises.": np.linspace(0, 1, 5)[
            :, None
        ]
        * (np.eye(4)[3] + np.eye(4)[1]),
        "the label's number is interpolated: on the way from 3 to 1 it asks for a 2. Mix the one-hot rows.": numbers,
        "only the second label is there; the first must fade from 1 to 0.": np.linspace(0, 1, 5)[:, None]
        * np.eye(4)[1],
    }
    if got.shape == (5,):
        raise Wrong("these are five numbers; each step is a row of 4, the shares of all classes.")
    unless(got, mistakes)
    close(got, want, "the path")


@exercise(
    "04.latent_path",
    praise="it keeps the length that noise has, so the generator is on familiar ground all the way.",
    hints=(
        "with w the angle between the two, the weights are sin((1 - t) w) / sin(w) and sin(t w) / sin(w).",
        "the angle: np.arccos(start @ end / (|start| |end|)).",
        "t = np.linspace(0, 1, steps)[:, None]; (np.sin((1 - t) * w) * start + np.sin(t * w) * end) / np.sin(w).",
    ),
)
def _latent_path(answer):
    start, end = np.random.default_rng(5).normal(size=(2, 20))
    end *= np.linalg.norm(start) / np.linalg.norm(end)
    got, want = np.asarray(call(answer, start.copy(), end.copy(), 7), float), sampling.latent_path(start, end, 7)
    t = np.linspace(0.0, 1.0, 7)[:, None]
    angle = np.arccos(start @ end / (start @ start))
    mistakes = {
        "this is the straight line: halfway it is much too short. Go along the arc.": (1 - t) * start + t * end,
        "the weights lack the division by sin(w): the ends are not start and end.": np.sin((1 - t) * angle) * start
        + np.sin(t * angle) * end,
        "it runs the wrong way, from end to start.": want[::-1],
        "sin and cos of t pi/2 are right only if the two stand at a right angle; use the angle they have.": np.cos(
            t * np.pi / 2
        )
        * start
        + np.sin(t * np.pi / 2) * end,
    }
    unless(got, mistakes)
    close(got, want, "the path", tolerance=1e-4)
