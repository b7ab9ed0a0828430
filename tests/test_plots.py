"""Every figure shows what it is given, and says what it shows."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from shown import pixels

from cgan_lab import metrics, objective, plots

X = np.linspace(-8.0, 8.0, 161)
P = objective.gaussian(X, -1.0, 1.0)
Q = objective.gaussian(X, 1.0, 0.5)
TWO = {"a": X, "b": X}
ROWS = [{"epoch": epoch, "d_loss": 1.0 / epoch, "g_loss": 1.0 * epoch} for epoch in (1, 2, 3)]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def labels_of(ticks):
    return [tick.get_text() for tick in ticks]


def noisy(n):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(np.uint8)


def curves(axes):
    return {line.get_label(): list(line.get_ydata()) for line in axes.lines}


# Images


def test_digits_draws_each_image_in_its_place_and_each_name_at_its_row():
    greys = np.array([250, 30, 120, 200, 80])
    images = np.repeat(greys, 784).reshape(-1, 28, 28).astype(np.uint8)
    figure = plots.digits(images, columns=2, row_names=["a", "b", "c"], scale=1.0)
    (axes,) = figure.axes
    assert tuple(figure.get_size_inches()) == (2.0, 3.0)
    assert np.array_equal(axes.images[0].get_array(), plots.tile(images, 2))
    assert labels_of(axes.get_yticklabels()) == ["a", "b", "c"] and len(axes.get_xticks()) == 0
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[::-1, :, 0]  # from below, as matplotlib counts

    def drawn_at(column, row):
        x, y = axes.transData.transform((16 + 30 * column, axes.get_yticks()[row])).astype(int)
        return int(drawn[y, x])

    seen = [drawn_at(place % 2, place // 2) for place in range(6)]
    assert seen == pytest.approx([*(255 - greys), 255], abs=1)  # dark on white, and the rest empty


def test_digits_has_ten_columns_and_no_names_unless_told():
    figure = plots.digits(noisy(11))
    assert figure.axes[0].images[0].get_array().shape == (2 * 30 + 2, 10 * 30 + 2)
    assert labels_of(figure.axes[0].get_yticklabels()) == ["", ""]
    assert pixels(plots.png(figure)).shape[2] == 4


@pytest.mark.parametrize(
    ("images", "names", "message"),
    [
        (np.zeros((3, 28, 28)), None, "images have dtype float64, expected uint8"),
        (
            np.zeros((28, 28), np.uint8),
            None,
            r"shape \(28, 28\), expected \(n, height",
        ),
        (np.zeros((11, 28, 28), np.uint8), ["a"], "1 row names, expected 2: one for each row"),
    ],
)
def test_digits_refuses_what_it_cannot_draw(images, names, message):
    with pytest.raises((TypeError, ValueError), match=message):
        plots.digits(images, row_names=names)


def test_enlarged_png_is_the_tiles_dark_on_white():
    shown = pixels(plots.enlarged_png(np.full((3, 28, 28), 255, np.uint8), columns=3))
    assert shown.shape == (64, 184) and shown[0, 0] == 255 and shown[10, 10] == 0


# The objective: lesson 01


def test_densities_draws_p_q_and_every_discriminator():
    best = objective.optimal_discriminator(P, Q)
    figure = plots.densities(X, P, Q, {"D*": best, "undecided": np.full_like(X, 0.5)})
    top, below = figure.axes
    np.testing.assert_array_equal(top.lines[0].get_ydata(), P)
    np.testing.assert_array_equal(top.lines[1].get_ydata(), Q)
    assert labels_of(below.get_legend().get_texts()) == ["D*", "undecided"]
    assert len(plots.densities(X, P, Q).axes) == 1


def test_pointwise_value_puts_its_dot_at_the_top_of_each_curve():
    axes = plots.pointwise_value([(0.4, 0.1), (0.2, 0.2)]).axes[0]
    for curve, dot, best in zip(axes.lines[::2], axes.lines[1::2], (0.8, 0.5), strict=True):
        assert dot.get_xdata()[0] == pytest.approx(best)
        assert dot.get_ydata()[0] >= curve.get_ydata().max() - 1e-12
        assert curve.get_xdata()[curve.get_ydata().argmax()] == pytest.approx(best, abs=0.01)


def test_label_games_has_one_column_per_game():
    figure = plots.label_games(X, [P, Q], [Q, P], [P, Q], ["one", "two"])
    assert len(figure.axes) == 4 and [a.get_title() for a in figure.axes[:2]] == ["one", "two"]


@pytest.mark.parametrize(
    "figure",
    [
        plots.generator_losses(X, TWO, TWO),
        plots.generator_pull(X, X, TWO),
        plots.bilinear_paths({"a": np.ones((3, 2))}),
    ],
)
def test_figures_are_drawn_without_pyplot_and_name_their_axes(figure):
    assert isinstance(figure, Figure)
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)
    assert plots.png(figure).startswith(b"\x89PNG")


def test_more_curves_than_colours_are_refused_and_not_dropped():
    with pytest.raises(ValueError, match="4 curves, expected 3 or fewer"):
        plots.trade_off(np.arange(2), dict.fromkeys("abcd", [1, 2]), "scale")


# Networks: lesson 02


def test_half_plane_has_its_boundary_and_its_side():
    points = np.array([[0.0, 1.0], [0.0, -1.0], [3.0, 0.6]])
    (x, y), (inside_x, inside_y) = plots.networks.half_plane(points, [0.0, 2.0], -1.0)
    np.testing.assert_allclose(y, [0.5, 0.5])
    assert x[0] * x[1] < 0
    assert inside_x.tolist() == [0.0, 3.0] and inside_y.tolist() == [1.0, 0.6]


def test_loudness_has_one_row_per_group():
    axes = plots.loudness({"a": [0.1, 0.2], "b": [1.0]}).axes[0]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[0.1, 0.2], [1.0]]
    assert labels_of(axes.get_yticklabels()) == ["a", "b"]


def test_the_ways_in_are_drawn_with_their_sizes():
    assert len(plots.png(plots.ways_in())) > 5_000
    assert {"direction\n256", "f(x)·Vy", "logit"} <= set(texts(plots.ways_in().axes[1]))
    embedding, planes, auxiliary = (set(texts(axes)) for axes in plots.more_ways_in().axes)
    assert {"vector\n50", "join\n834"} <= embedding and {"planes\n10", "stack\n11"} <= planes
    assert {"guess\n10", "label\n10", "logit"} <= auxiliary
    assert not any("join" in text for text in auxiliary)


def test_the_whole_lights_the_parts_that_are_named():
    def colours(*lit):
        axes = plots.whole(*lit).axes[0]
        return {text.get_text().split("\n")[0]: text.get_color() for text in axes.texts[:7]}

    assert set(colours().values()) == {"#000000"} and len(colours()) == 7
    few = colours("generator", "noise")
    assert {name for name, colour in few.items() if colour == "#000000"} == {"generator", "noise"}
    with pytest.raises(ValueError, match="part"):
        plots.whole("critic")


# Training: lessons 03 and 07


def test_losses_are_drawn_over_epochs_one_panel_per_training():
    figure = plots.loss_curves({"a": ([3, 2], [1, 1]), "b": ([5], [4])}, equal=(1.39, 0.69))
    a, b = figure.axes
    assert curves(a)["discriminator"] == [3, 2] and curves(b)["generator"] == [4]
    assert [line.get_ydata()[0] for line in a.lines[2:]] == [1.39, 0.69] and b.get_title() == "b"


def test_a_race_shows_mean_and_range_of_the_seeds_and_the_end_against_loudness():
    runs = {"a": [[10, 20, 60], [20, 40, 80]], "b": [[90, 90, 90], [90, 92, 96]]}
    left, right = plots.race([5, 10, 15], runs, {"a": 0.1, "b": 1.5}).axes
    assert curves(left) == {"a": [15, 30, 70], "b": [90, 91, 93]}
    low, high = left.collections[0].get_datalim(left.transData).intervaly
    assert (low, high) == (10, 80)
    bars = [(line.get_xdata(), line.get_ydata()) for line in right.lines]
    assert [(list(x), list(y)) for x, y in bars[:2]] == [([0.1, 0.1], [60, 80]), ([0.1], [70])]


def test_runs_are_drawn_one_line_each_and_named_once_per_group():
    groups = {"a": [[1, 2], [3, 4]], "b": [[5, np.nan]]}
    left, right = plots.runs([1, 5], {"loss": groups, "nats": groups}, "epoch").axes
    assert [line.get_ydata().tolist() for line in left.lines[:2]] == [[1, 2], [3, 4]]
    assert left.lines[0].get_color() == left.lines[1].get_color() != left.lines[2].get_color()
    assert left.get_legend_handles_labels()[1] == ["a", "b"]
    assert (left.get_ylabel(), right.get_ylabel(), right.get_xlabel()) == ("loss", "nats", "epoch")


def test_a_training_under_way_has_samples_losses_and_shares():
    shares = np.linspace(0.1, 1.0, 10)
    samples, losses, agreement = plots.watched(ROWS, noisy(100), shares).axes
    assert np.array_equal(samples.images[0].get_array(), plots.tile(noisy(100)))
    assert curves(losses)["generator"] == [1.0, 2.0, 3.0]
    assert [bar.get_height() for bar in agreement.patches] == shares.tolist()
    assert texts(plots.watched([], noisy(100), shares).axes[1]) == ["no epoch yet"]


def test_confusion_writes_percent_of_each_row():
    axes = plots.confusion([[3, 1], [0, 0]], ["zero", "one"]).axes[0]
    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "75",
        (1, 0): "25",
    }
    assert labels_of(axes.get_yticklabels()) == ["zero", "one"]


def test_confusion_of_real_pictures_says_that_nobody_requested_them():
    samples, real = (plots.confusion(np.eye(2), real=real).axes[0] for real in (False, True))
    assert (samples.get_ylabel(), real.get_ylabel()) == ("requested", "labelled")
    assert "requested" in samples.get_title() and "requested" not in real.get_title()


def test_slopes_and_histograms_are_those_of_what_is_given():
    left, right = plots.loss_slopes(X, {"line": -3.0 * X}).axes
    assert curves(left)["line"] == list(-3.0 * X) and np.allclose(curves(right)["line"], -3.0)
    axes = plots.histograms({"a": np.ones(7), "b": np.arange(5.0)}, "length").axes[0]
    heights = [sum(bar.get_height() for bar in bars) for bars in axes.containers]
    assert heights == [7, 4]  # the common bins end at the 99th percentile
    assert axes.get_xlabel() == "length"


# Evaluation: lessons 04 and 05


def test_the_neighbourhoods_figure_shows_points_and_what_is_missed():
    rng = np.random.default_rng(0)
    shown = {name: rng.normal(size=(3000, 2)) for name in ("real", "samples")}
    shown |= {"outside": noisy(20), "missed": noisy(0)}
    figure = plots.neighbourhoods(SimpleNamespace(precision=0.9, recall=1.0, shown=shown))
    scatter, outside, missed = figure.axes
    assert [len(line.get_xdata()) for line in scatter.lines] == [1500, 1500]
    assert np.array_equal(outside.images[0].get_array(), plots.tile(noisy(20)))
    assert "0.900" in outside.get_title()
    assert not missed.images and texts(missed) == ["none"]
    assert plots.png(figure).startswith(b"\x89PNG")


def test_the_clouds_figure_splits_points_as_the_metric_does():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(40, 2)), rng.normal(size=(60, 2)) + 1.0
    reach = metrics.radii(real), metrics.radii(fake)
    near = metrics.neighbourhoods(real, fake)
    moving = plots.evaluation.cloud_curves(real, fake, *reach)
    inside, outside, _, _, found, missed = (len(x) for x, _ in moving)
    assert [inside / 60, outside / 60] == pytest.approx([near["precision"], 1 - near["precision"]])
    assert [found / 40, missed / 40] == pytest.approx([near["recall"], 1 - near["recall"]])
    circles = np.stack(plots.evaluation._circles(real, reach[0])).reshape(2, 40, 34)
    away = np.hypot(*(circles - real.T[:, :, None]))
    assert np.allclose(away[:, :-1], reach[0][:, None]) and np.isnan(away[:, -1]).all()


def test_against_n_draws_the_means():
    curve = np.array([3.0, 1.0]), np.array([0.5, 0.1])
    figure = plots.against_n(np.array([10, 100]), {"a": curve})
    assert figure.axes[0].get_title() == "a"
    assert figure.axes[0].lines[1].get_ydata().tolist() == [3.0, 1.0]
    assert plots.png(figure).startswith(b"\x89PNG")


def test_report_marks_the_bad_cells_alone():
    rows = {"one": {"x": "0.1", "y": "0.2"}, "two": {"x": "0.3", "y": "0.4"}}
    cells = plots.report(rows, {("two", "x")}).axes[0].tables[0].get_celld()
    assert cells[2, 0].get_text().get_text() == "0.3"
    bold = {place for place, cell in cells.items() if cell.get_text().get_weight() == "bold"}
    assert bold == {(2, 0)}


def test_trade_off_draws_each_curve():
    axes = plots.trade_off(np.arange(3), {"a": [1, 2, 3], "b": [3, 2, 1]}, "scale").axes[0]
    assert curves(axes)["a"] == [1, 2, 3] and curves(axes)["b"] == [3, 2, 1]
    assert axes.get_xlabel() == "scale"


def test_by_heart_draws_both_kinds_of_real_pictures_above_the_fakes():
    few, many = [[1.0, 0.5, 0.0], [3.0, -1.0, -2.0]], [[1.0, 1.0, 0.5], [1.5, 1.5, 0.5]]
    axes_of = plots.by_heart([62, 124], {"few": few, "many": many}).axes
    assert [axes.get_title() for axes in axes_of] == ["few", "many"]
    drawn = [[list(line.get_ydata()) for line in axes.lines] for axes in axes_of]
    assert drawn == [[[1.0, 5.0], [0.5, 1.0], [0, 0]], [[0.5, 1.0], [0.5, 1.0], [0, 0]]]
    assert list(axes_of[0].lines[1].get_xdata()) == [62, 124]


# Evaluation: lessons 04 and 05
