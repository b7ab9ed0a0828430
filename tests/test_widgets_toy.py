"""The toy's console: what each button moves, what the player does, and how errors are shown."""

import io
import time

import numpy as np
import pytest
from PIL import Image
from shown import pixels

from cgan_lab import plots, toy, widgets


@pytest.fixture
def console():
    return widgets.toy_console()


@pytest.mark.parametrize(
    ("name", "steps"), [("Step D", (10, 0)), ("Step G", (0, 10)), ("Step both", (10, 10))]
)
def test_a_button_steps_its_players_and_shows_it(console, name, steps):
    console.buttons["Step D"].click()
    before = pixels(console)
    console.buttons[name].click()
    assert (console.game.d_steps, console.game.g_steps) == (10 + steps[0], steps[1])
    assert f"D has taken <b>{10 + steps[0]}</b> steps, G <b>{steps[1]}</b>" in console.text.value
    assert pixels(console).shape == before.shape and np.any(pixels(console) != before)


def test_against_an_undecided_d_the_generator_stands_still(console):
    """D starts with logits of 0 everywhere: no slope, nothing to learn from."""
    first = console.image.value
    console.buttons["Step G"].click()
    assert console.image.value == first and "G <b>10</b>" in console.text.value


def test_reset_brings_back_the_first_picture(console):
    first = console.image.value
    console.steps.value = 3.0
    console.buttons["Step both"].click()
    assert console.image.value != first and console.game.g_steps == 3
    console.buttons["Reset"].click()
    assert console.image.value == first and "<b>0</b> steps" in console.text.value
    assert "loss" not in console.text.value


def test_the_player_steps_both_while_it_counts_and_not_when_it_goes_back(console):
    console.player.value = 1
    console.player.value = 2
    assert (console.game.d_steps, console.game.g_steps) == (20, 20)
    console.player.value = 0
    assert console.game.d_steps == 20


def test_the_label_changes_what_d_is_asked_and_trains_nothing(console):
    console.steps.value = 100.0
    console.buttons["Step D"].click()
    before = pixels(console)
    console.label.value = 2
    assert np.any(pixels(console) != before) and console.game.d_steps == 100


def test_an_error_is_shown_in_words_and_the_console_goes_on(console, monkeypatch):
    monkeypatch.setattr(console.game, "step_g", lambda: 1 / 0)
    console.buttons["Step G"].click()
    assert "<b>No step.</b> ZeroDivisionError" in console.text.value
    console.buttons["Step D"].click()
    assert "D has taken <b>10</b> steps" in console.text.value


def test_a_press_is_fast_enough_to_follow(console):
    times = []
    for _ in range(4):
        begin = time.perf_counter()
        console.buttons["Step both"].click()
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.3  # about 0.03 on a quiet machine


def test_the_panels_show_points_and_verdict_where_they_are():
    game = toy.Toy()
    shown = widgets.snapshot(game, 0)
    panel = plots.toy_planes({"start": shown, "again": shown}, toy.LABELS).axes[1]
    assert panel.get_title() == "again"
    assert np.allclose(panel.images[0].get_array(), 0.5)  # D starts undecided
    assert np.array_equal(np.array(panel.lines[1].get_data()).T, game.draw(60, 0))
    (image,), *_ = plots.toy.curves(np.arange(1681.0), *shown[1:])
    assert image[0, 1] == 1.0  # the second place lies right of the first
    assert plots.toy.places()[1, 0] > plots.toy.places()[0, 0]


def arrows_of(axes):
    """Return where the arrows of a panel begin, and how far they go."""
    (arrows,) = axes.collections
    return arrows.XY, np.stack([arrows.U, arrows.V], axis=1)


def test_each_fake_carries_the_push_under_its_own_label():
    game = toy.Toy(seed=3)
    for _ in range(20):
        game.step_d()
        game.step_g()
    shown = widgets.snapshot(game, 0, 7)
    _, _, fake, pushes = shown
    for label in range(3):
        assert np.array_equal(pushes[label], game.pushes(fake[label], np.full(7, label)))
    starts, ways = arrows_of(plots.toy_planes({"now": shown}, toy.LABELS).axes[0])
    assert np.array_equal(starts, np.concatenate(fake))
    assert np.allclose(ways, plots.toy.PUSH * np.concatenate(pushes))
    assert len(arrows_of(plots.toy_planes({"now": shown[:3]}, toy.LABELS).axes[0])[0]) == 0


def test_a_long_push_keeps_its_direction_and_no_arrow_is_longer_than_the_longest():
    fake = [np.zeros((1, 2))] * 3
    pushes = [np.array([[30.0, 40.0]]), np.array([[0.0, -1.0]]), np.zeros((1, 2))]
    *_, (_, ways) = plots.toy.curves(np.zeros(1681), fake, fake, pushes)
    np.testing.assert_allclose(ways, [[0.6, 0.8], [0.0, -plots.toy.PUSH], [0.0, 0.0]])


def test_an_arrow_is_drawn_from_its_fake_to_where_it_is_pushed():
    moving, nowhere = plots.toy.moving(toy.LABELS), [np.full((1, 2), 9.0)] * 3
    fake = [np.array([[-1.0, 0.0]]), *nowhere[:2]]
    pushes = [np.array([[2.5, 0.0]]), *([np.zeros((1, 2))] * 2)]

    def picture(*more):
        bytes_of = moving.png(*plots.toy.curves(np.zeros(1681), nowhere, fake, *more))
        return np.asarray(Image.open(io.BytesIO(bytes_of)).convert("L"), float)

    with_arrow, without = picture(pushes), picture()
    rows, columns = np.nonzero(with_arrow != without)
    ends = moving.lines[0].axes.transData.transform([[-1.0, 0.0], [0.0, 0.0]])
    assert columns.max() == pytest.approx(ends[1, 0], abs=2.0) and columns.min() > ends[0, 0] - 2.0
    assert len(with_arrow) - rows.mean() == pytest.approx(ends[0, 1], abs=2.0)
    assert np.array_equal(picture(), without)  # and it goes away again


def test_snapshots_fill_rows_and_leave_no_empty_panel():
    shown = {f"step {k}": widgets.snapshot(toy.Toy(), 0, 5) for k in range(5)}
    figure = plots.toy_planes(shown, toy.LABELS, columns=3)
    *drawn, bar = figure.axes
    assert [axes.get_title() for axes in drawn] == list(shown)
    places = [axes.get_subplotspec().colspan.start for axes in drawn]
    assert places == [0, 1, 2, 0, 1]
    assert [text.get_text() for text in bar.get_yticklabels()] == ["fake", "½", "real"]
