"""Claims about lesson 05's control and figures: which move costs precision, which recall."""

import re

import numpy as np
import pytest

from cgan_lab import metrics, plots, widgets


@pytest.fixture
def explorer():
    return widgets.cloud_explorer()


def ask(explorer, spread, shift):
    """Return (Frechet distance, precision, recall) that the sentence tells."""
    for control, value in zip(explorer.controls, (spread, shift), strict=True):
        control.value = value
    words = re.sub("<.*?>", "", explorer.text.value)
    return tuple(float(number) for number in re.findall(r"-?[0-9]+\.[0-9]+", words)[:3])


def test_narrow_samples_cost_recall_wide_ones_precision(explorer):
    distance, precision, recall = ask(explorer, 1.0, 0.0)
    assert distance < 0.2 and precision > 0.9 and recall > 0.9
    distance, precision, recall = ask(explorer, 0.2, 0.0)
    assert distance > 0.5 and precision == 1.0 and recall < 0.5
    distance, precision, recall = ask(explorer, 2.0, 0.0)
    assert distance > 0.5 and precision < 0.9 and recall > 0.9


def test_a_shift_is_paid_squared_and_a_few_huge_balls_hide_it_from_recall(explorer):
    distance, precision, recall = ask(explorer, 1.0, 3.0)
    assert distance == pytest.approx(9.0, abs=1.5) and precision < 0.7
    coverage = float(re.search(r"coverage ([0-9.]+)\.$", explorer.text.value).group(1))
    assert recall > 0.9 and coverage < 0.3  # what coverage was invented for


def test_the_picture_follows_and_no_slider_end_breaks_it(explorer):
    for control in explorer.controls:
        for end in (control.min, control.max):
            before = explorer.image.value
            control.value = end
            assert not re.search("No picture|nan|inf", explorer.text.value)
            assert explorer.image.value != before or control.value == 0.0


def test_the_clouds_figure_splits_points_as_the_metric_does():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(40, 2)), rng.normal(size=(60, 2)) + 1.0
    reach = metrics.radii(real), metrics.radii(fake)
    near = metrics.neighbourhoods(real, fake)
    curves = plots.evaluation.cloud_curves(real, fake, *reach)
    shares = [
        len(curves[0][0]) / 60,
        len(curves[1][0]) / 60,
        len(curves[4][0]) / 40,
        len(curves[5][0]) / 40,
    ]
    assert shares == pytest.approx(
        [near["precision"], 1 - near["precision"], near["recall"], 1 - near["recall"]]
    )
    circles = np.stack(plots.evaluation._circles(real, reach[0])).reshape(2, 40, 34)
    away = np.hypot(*(circles - real.T[:, :, None]))
    assert np.allclose(away[:, :-1], reach[0][:, None]) and np.isnan(away[:, -1]).all()


def test_figures_show_what_they_are_given():
    counts = np.array([10, 100])
    figure = plots.against_n(counts, {"a": (np.array([3.0, 1.0]), np.array([0.5, 0.1]))})
    assert figure.axes[0].get_title() == "a" and figure.axes[0].lines[1].get_ydata().tolist() == [
        3.0,
        1.0,
    ]
    rows = {"one": {"x": "0.1", "y": "0.2"}, "two": {"x": "0.3", "y": "0.4"}}
    cells = plots.report(rows, {("two", "x")}).axes[0].tables[0].get_celld()
    assert cells[2, 0].get_text().get_text() == "0.3"
    bold = {place for place, cell in cells.items() if cell.get_text().get_weight() == "bold"}
    assert bold == {(2, 0)}
    assert plots.png(figure).startswith(b"\x89PNG")


def test_trade_off_draws_each_curve():
    figure = plots.trade_off(np.arange(3), {"a": [1, 2, 3], "b": [3, 2, 1]}, "scale")
    curves = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert (
        curves["a"] == [1, 2, 3]
        and curves["b"] == [3, 2, 1]
        and figure.axes[0].get_xlabel() == "scale"
    )
