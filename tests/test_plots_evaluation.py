"""The figures of an evaluation show what was found."""

import numpy as np

from cgan_lab import plots


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_neighbourhoods_figure_shows_points_and_what_is_missed():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 28, 28)).astype(np.uint8)
    shown = {
        "real": rng.normal(size=(3000, 2)),
        "samples": rng.normal(size=(3000, 2)),
        "outside": images,
        "missed": images[:0],
    }
    figure = plots.neighbourhoods({"precision": 0.9, "recall": 1.0, "shown": shown})
    scatter, outside, missed = figure.axes
    assert [len(line.get_xdata()) for line in scatter.lines] == [1500, 1500]
    assert (
        np.array_equal(outside.images[0].get_array(), plots.tile(images, 10))
        and "0.900" in outside.get_title()
    )
    assert not missed.images and texts(missed) == ["none"]
    assert plots.png(figure).startswith(b"\x89PNG")
