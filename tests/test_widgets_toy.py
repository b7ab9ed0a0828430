"""The toy's console: what each button moves, what the player does, and how errors are shown."""

import time

import numpy as np
import pytest
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
