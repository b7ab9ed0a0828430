"""The checks of lesson 04. They draw nothing."""

import numpy as np

from cgan_lab import sampling
from cgan_lab.checks._kit import Wrong, call, close, exercise, expect


@exercise(
    "04.style_grid",
    "a column is one handwriting, a row is one label.",
    idea="the labels repeat each entry: 7 7 7 4 4 4. The noise repeats as a whole: a b c a b c. Np.repeat does the one, np.tile the other.",
    like="",
    learn="",
)
def _style_grid(answer):
    noise, labels = np.arange(12.0).reshape(3, 4), np.array([7, 4])
    got = call(answer, noise, labels)
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong("expected two things, the labels and the noise: return labels, noise.")
    want_labels, want_noise = sampling.style_grid(noise, labels)
    if np.shape(got[0]) == want_labels.shape and np.shape(got[1]) == want_noise.shape:
        alternate = np.array_equal(got[0], np.tile(labels, 3))
        beside = np.array_equal(got[1], np.repeat(noise, 2, axis=0))
        if alternate and beside:
            raise Wrong("every pair is there, but a row would be one noise and a column one label.")
        if alternate:
            raise Wrong("the labels alternate, 7 4 7 4; a row should be one label: 7 7 7 4 4 4.")
        if beside:
            raise Wrong("the noises are a a b b c c; a column should be one noise: a b c a b c.")
    close(got[0], want_labels, "the labels")
    close(got[1], want_noise, "the noise")


@exercise(
    "04.label_path",
    "each row is a mixture of the two, and sums to 1.",
    idea="np.linspace(0, 1, steps) is the share of the second label. Np.eye(classes)[start] is the one-hot row of start.",
    like="",
    learn="",
)
def _label_path(answer):
    want = sampling.label_path(3, 1, 5, 4)
    share = np.linspace(0, 1, 5)[:, None]
    start, end = np.eye(4)[[3, 1]]
    numbers = np.eye(4)[[3, 2, 2, 2, 1]]
    if np.shape(call(answer, 3, 1, 5, 4)) == (5,):
        raise Wrong("these are five numbers; each step is a row of 4, the shares of all classes.")
    mistakes = {
        "it runs the wrong way, from end to start.": want[::-1],
        "both labels have the same share; one falls while the other rises.": share * (start + end),
        "interpolated numbers: from 3 to 1 it asks for a 2. Mix the one-hot rows.": numbers,
        "only the second label is there; the first must fade from 1 to 0.": share * end,
    }
    expect(answer, (3, 1, 5, 4), want, "the path", mistakes)


@exercise(
    "04.latent_path",
    "it keeps the length that noise has, all along the path.",
    idea="with w the angle between them, the weights are sin((1 - t) w) / sin(w), sin(t w) / sin(w). The angle: np.arccos(start @ end / (|start| |end|)).",
    like="",
    learn="",
)
def _latent_path(answer):
    start, end = np.random.default_rng(5).normal(size=(2, 20))
    end *= np.linalg.norm(start) / np.linalg.norm(end)
    want = sampling.latent_path(start, end, 7)
    t = np.linspace(0, 1, 7)[:, None]
    angle = np.arccos(start @ end / (start @ start))
    line = (1 - t) * start + t * end
    quarter = np.cos(t * np.pi / 2) * start + np.sin(t * np.pi / 2) * end
    mistakes = {
        "this is the straight line: halfway it is much too short. Go along the arc.": line,
        "without the division by sin(w) the ends are not start and end.": want * np.sin(angle),
        "it runs the wrong way, from end to start.": want[::-1],
        "sin and cos of t pi/2 are right only for a right angle; use the angle they have.": quarter,
    }
    expect(answer, (start, end, 7), want, "the path", mistakes, tolerance=1e-4)
