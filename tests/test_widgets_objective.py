"""Claims about lesson 01's controls: moved without a browser, through their values alone."""

import io
import re
import time

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from cgan_lab import objective, plots, widgets
from cgan_lab.widgets import _control as widgets_parts
from cgan_lab.widgets import explorers


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.image.value)))


def plain(explorer):
    return re.sub("<.*?>", "", explorer.text.value).replace("&minus;", "-")


@pytest.mark.parametrize("make", [widgets.minimax_explorer, widgets.gradient_explorer])
def test_every_slider_has_a_name_and_moves_picture_and_words(make, capsys):
    explorer = make()
    for control in explorer.controls:
        assert control.description
        before, words = pixels(explorer), plain(explorer)
        control.value += 1.0
        assert pixels(explorer).shape == before.shape
        assert np.any(pixels(explorer) != before) and plain(explorer) != words
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("make", [widgets.minimax_explorer, widgets.gradient_explorer])
def test_no_slider_end_breaks_the_picture(make):
    explorer = make()
    for control in explorer.controls:
        for end in (control.min, control.max):
            control.value = end
            assert not re.search("No picture|nan|inf", plain(explorer))


@pytest.mark.parametrize("make", [widgets.minimax_explorer, widgets.gradient_explorer])
def test_going_back_gives_the_first_picture_again(make):
    explorer = make()
    first, start = explorer.image.value, explorer.controls[0].value
    explorer.controls[0].value = 3.0
    assert explorer.image.value != first
    explorer.controls[0].value = start
    assert explorer.image.value == first


@pytest.mark.parametrize("make", [widgets.minimax_explorer, widgets.gradient_explorer])
def test_a_move_is_fast_enough_to_follow(make):
    explorer = make()
    times = []
    for move in (0.0, 1.0, 2.0, 3.0):
        begin = time.perf_counter()
        explorer.controls[0].value = move + 0.5
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.1  # about 0.01 on a quiet machine


def test_minimax_explorer_tells_the_numbers_of_the_objective():
    explorer = widgets.minimax_explorer()
    explorer.controls[0].value, explorer.controls[1].value = (
        2.0,
        0.5,
    )  # the generator on one of the two humps
    # disjoint but for one hump, by hand: JSD = 3/4 log(4/3) = 0.2158 and V = -log 4 + 2 JSD
    assert "JSD(p, q) = 0.216" in plain(explorer)
    assert f"= {-np.log(4) + 1.5 * np.log(4 / 3):.3f}. Gradient" in plain(explorer)


def test_minimax_explorer_draws_the_generator_where_the_slider_says():
    explorer = widgets.minimax_explorer()
    orange = np.array([int(plots._canvas.ORANGE[i : i + 2], 16) for i in (1, 3, 5)])
    explorer.controls[1].value = 1.0
    columns = []
    for mean in (-4.0, 4.0):
        explorer.controls[0].value = mean
        top = pixels(explorer)[90:135].astype(int)  # below the legend, above the line where q is 0
        columns.append(np.nonzero((np.abs(top - orange).sum(-1) < 60).any(0))[0].mean())
    assert columns[1] - columns[0] > 100


def test_gradient_explorer_tells_both_gradients():
    explorer = widgets.gradient_explorer()
    explorer.controls[0].value = -4.0
    assert f"D(G(z)) = {objective.sigmoid(-4.0):.4f}" in plain(explorer)
    assert "saturating loss: -0.0180; of the non-saturating one: -0.9820, 54.6 times" in plain(
        explorer
    )


def test_an_exception_is_shown_in_words_and_the_picture_stays():
    def draw(a):
        if a > 1:
            raise ValueError("a is <too> large")
        return b"picture", "fine"

    explorer = explorers.Explorer("trial", [widgets_parts.slider("a", 0.0, 0.0, 5.0, 0.1)], draw)
    explorer.controls[0].value = 2.0
    assert "No picture for these values" in explorer.text.value
    assert "ValueError: a is &lt;too&gt; large" in explorer.text.value
    assert explorer.image.value == b"picture"
    explorer.controls[0].value = 0.5
    assert explorer.text.value == "fine"


def test_an_explorer_is_named_in_words_where_no_widget_shows():
    said = repr(widgets.minimax_explorer())
    assert said == "minimax explorer: two sliders, densities and D* (run this cell to use it)"
    assert len(said) <= 110  # longer ones are cut off by ipywidgets


# The figures themselves

X = np.linspace(-8.0, 8.0, 161)
P, Q = objective.gaussian(X, -1.0, 1.0), objective.gaussian(X, 1.0, 0.5)


def test_densities_draws_p_q_and_every_discriminator():
    figure = plots.densities(
        X, P, Q, {"D*": objective.optimal_discriminator(P, Q), "undecided": np.full_like(X, 0.5)}
    )
    top, below = figure.axes
    np.testing.assert_array_equal(top.lines[0].get_ydata(), P)
    np.testing.assert_array_equal(top.lines[1].get_ydata(), Q)
    assert [text.get_text() for text in below.get_legend().get_texts()] == ["D*", "undecided"]
    assert len(plots.densities(X, P, Q).axes) == 1


def test_pointwise_value_puts_its_dot_at_the_top_of_each_curve():
    axes = plots.pointwise_value([(0.4, 0.1), (0.2, 0.2)]).axes[0]
    for curve, dot, best in zip(axes.lines[::2], axes.lines[1::2], (0.8, 0.5), strict=True):
        assert dot.get_xdata()[0] == pytest.approx(best)
        assert dot.get_ydata()[0] >= curve.get_ydata().max() - 1e-12
        assert curve.get_xdata()[curve.get_ydata().argmax()] == pytest.approx(best, abs=0.01)


def test_label_games_has_a_column_a_game():
    figure = plots.label_games(X, [P, Q], [Q, P], [P, Q], ["one", "two"])
    assert len(figure.axes) == 4 and [a.get_title() for a in figure.axes[:2]] == ["one", "two"]


@pytest.mark.parametrize(
    "figure",
    [
        plots.generator_losses(X, {"a": X, "b": X}, {"a": X, "b": X}),
        plots.generator_pull(X, X, {"a": X, "b": X}),
        plots.bilinear_paths({"a": np.ones((3, 2))}),
    ],
)
def test_figures_are_drawn_without_pyplot_and_name_their_axes(figure):
    assert isinstance(figure, Figure)
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)
    assert plots.png(figure).startswith(b"\x89PNG")
