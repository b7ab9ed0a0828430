"""Claims about lesson 02's control and figures: what a shift and a turn of D's boundary can accept."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from cgan_lab import plots, widgets


def accepted(explorer):
    """Return what the sentence says: (joined own, joined others, projected own, projected others)."""
    words = re.sub("<.*?>", "", explorer.text.value)
    return tuple(
        int(number)
        for number in re.findall(r"accepts (\d+) of its 20 and (\d+)", words)
        for number in number
    )


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def ask(explorer, *values):
    for control, value in zip(explorer.controls, values, strict=True):
        control.value = value
    return accepted(explorer)


@pytest.fixture
def explorer():
    return widgets.projection_explorer()


@pytest.mark.parametrize(("label", "angle"), [(0, 90), (1, 210), (2, 330)])
def test_a_turn_accepts_each_label_alone(explorer, label, angle):
    assert ask(explorer, label, 0, angle)[2:] == (20, 0)


def test_a_shift_accepts_label_0_alone_and_the_others_never(explorer):
    assert ask(explorer, 0, -0.6, 0)[:2] == (20, 0)
    for label in (1, 2):
        for shift in np.arange(-2.5, 2.51, 0.1):
            own, others = ask(explorer, label, shift, 0)[:2]
            assert own < 20 or others >= 20


def test_shift_and_angle_move_the_picture_and_the_label_the_sentence(explorer):
    for control, value in zip(explorer.controls[1:], (1.0, 90.0), strict=True):
        before = explorer.image.value
        control.value = value
        assert np.any(pixels(explorer.image.value) != pixels(before))
    before = explorer.text.value
    explorer.controls[0].value = 2
    assert explorer.text.value != before


def test_no_slider_end_breaks_the_picture(explorer):
    for control in explorer.controls:
        for end in (control.min, control.max):
            control.value = end
            assert not re.search("No picture|nan|inf", explorer.text.value)


def test_half_plane_has_its_boundary_and_its_side():
    points = np.array([[0.0, 1.0], [0.0, -1.0], [3.0, 0.6]])
    (x, y), (inside_x, inside_y) = plots.networks.half_plane(points, [0.0, 2.0], -1.0)
    np.testing.assert_allclose(y, [0.5, 0.5])
    assert x[0] * x[1] < 0
    assert inside_x.tolist() == [0.0, 3.0] and inside_y.tolist() == [1.0, 0.6]


def test_figures_draw_what_they_are_given():
    figure = plots.loudness({"a": [0.1, 0.2], "b": [1.0]})
    assert [line.get_xdata().tolist() for line in figure.axes[0].lines] == [[0.1, 0.2], [1.0]]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b"]
    assert len(plots.png(plots.ways_in())) > 5_000
    assert {text.get_text() for text in plots.ways_in().axes[1].texts} >= {
        "direction\n256",
        "f(x)·Vy",
        "logit",
    }


def test_the_further_ways_in_are_drawn_with_their_sizes():
    embedding, planes, auxiliary = (
        {text.get_text() for text in axes.texts} for axes in plots.more_ways_in().axes
    )
    assert {"vector\n50", "join\n834"} <= embedding and {"planes\n10", "stack\n11"} <= planes
    assert {"guess\n10", "label\n10", "logit"} <= auxiliary and not any(
        "join" in text for text in auxiliary
    )
