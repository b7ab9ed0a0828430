"""The check of appendix E. It trains nothing."""

import numpy as np

from cgan_lab.checks._kit import exercise, expect


@exercise(
    "E.maxout",
    "with two pieces, one of them 0, it is a ReLU; with more, any bend that opens upwards.",
    idea="one product gives every piece of every unit, (n, units * pieces). The pieces of one unit "
    "stand side by side. Which shape puts each unit's pieces on an axis of their own?",
    like="four runners, two teams: times [31, 29, 35, 40], the first two of team A. As an array "
    "(2 teams, 2 runners) it is [[31, 29], [35, 40]], and each team's best is the smallest of its "
    "row: 29 and 35. What changes with a row of times for each of n races?",
    learn="the reshape decides which pieces compete. Shape and count are right either way, so only "
    "a small case by hand tells a wrong order.",
)
def _maxout(answer):
    rng = np.random.default_rng(3)
    x, weights, pieces = rng.normal(size=(4, 5)), rng.normal(size=(5, 6)), 3
    linear = x @ weights
    apart = linear.reshape(4, 2, 3)  # (n, units, pieces)
    want = apart.max(axis=2)
    mistakes = {
        "other pieces compete: those of one unit stand side by side, the first unit's first.": (
            linear.reshape(4, 3, 2).max(axis=1)
        ),
        "this is the largest over the units; each unit keeps the largest of its own pieces.": (
            apart.max(axis=1)
        ),
        "these are all pieces; each unit passes on the largest of its own only.": linear,
        "this is one number for each example, the largest of all.": linear.max(axis=1),
        "this says which piece is the largest; its value goes on.": apart.argmax(axis=2),
        "this is the mean of the pieces; it would be linear again.": apart.mean(axis=2),
        "this is the smallest piece.": apart.min(axis=2),
        "this cuts off below 0, as a ReLU does; a maxout unit may be negative.": want.clip(0),
    }
    expect(answer, (x, weights, pieces), want, "the output", mistakes)
    other = linear.reshape(4, 3, 2).max(axis=2)
    expect(answer, (x, weights, 2), other, "the output of three units with two pieces")
