"""The explorers, moved without a browser: what their sentences say and what their pictures show."""

import re
import time

import numpy as np
import pytest
from shown import pixels, words

from cgan_lab import objective, widgets
from cgan_lab.plots import _colours

# Explorer -> for each slider a value that it is moved to, and whether the picture follows it.
MOVES = {
    "minimax": ((1.5, True), (2.5, True)),
    "gradient": ((1.0, True),),
    "projection": ((2.0, False), (1.0, True), (90.0, True)),
    "cloud": ((2.0, True), (3.0, True)),
}


@pytest.fixture
def explorer(request):
    made = getattr(widgets, f"{request.param}_explorer")()
    made.moves = MOVES[request.param]
    yield made
    made.close()


def over(*names):
    return pytest.mark.parametrize("explorer", names, indirect=True)


def numbers(explorer, pattern):
    return [float(number) for found in re.findall(pattern, words(explorer)) for number in found]


def ask(explorer, *values):
    for control, value in zip(explorer.controls, values, strict=True):
        control.value = value
    return explorer


@over(*MOVES)
def test_every_slider_moves_picture_and_words(explorer, capsys):
    for control, (value, drawn) in zip(explorer.controls, explorer.moves, strict=True):
        before, said = pixels(explorer), words(explorer)
        control.value = value
        assert pixels(explorer).shape == before.shape and words(explorer) != said
        assert np.any(pixels(explorer) != before) == drawn, control.description
    assert capsys.readouterr().out == ""


@over(*MOVES)
def test_no_slider_end_breaks_the_picture(explorer):
    for control in explorer.controls:
        for end in (control.min, control.max):
            control.value = end
            assert not re.search("No picture|nan|inf", words(explorer))


@over(*MOVES)
def test_going_back_gives_the_first_picture_again(explorer):
    first, last = explorer.image.value, explorer.controls[-1]
    start, last.value = last.value, 2.5
    assert explorer.image.value != first
    last.value = start
    assert explorer.image.value == first


@over("minimax", "gradient")
def test_a_move_is_fast_enough_to_follow(explorer):
    times = []
    for move in (0.5, 1.5, 0.7, 1.7):
        begin = time.perf_counter()
        explorer.controls[-1].value = move
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.1  # about 0.01 on a quiet machine


@over("minimax")
def test_minimax_explorer_says_the_numbers_of_the_objective(explorer):
    ask(explorer, 2.0, 0.5)  # the generator on one of the two humps
    # disjoint but for one hump, by hand: JSD = 3/4 log(4/3) = 0.2158 and V = -log 4 + 2 JSD
    assert "JSD(p, q) = 0.216" in words(explorer)
    assert f"= {-np.log(4) + 1.5 * np.log(4 / 3):.3f}. Gradient" in words(explorer)


@over("minimax")
def test_minimax_explorer_draws_the_generator_where_the_slider_says(explorer):
    orange = np.array([int(_colours.ORANGE[i : i + 2], 16) for i in (1, 3, 5)])
    columns = []
    for mean in (-4.0, 4.0):
        ask(explorer, mean, 1.0)
        top = pixels(explorer)[90:135].astype(int)  # below the legend, above the line where q is 0
        columns.append(np.nonzero((np.abs(top - orange).sum(-1) < 60).any(0))[0].mean())
    assert columns[1] - columns[0] > 100


@over("gradient")
def test_gradient_explorer_says_both_gradients(explorer):
    ask(explorer, -4.0)
    said = words(explorer)
    assert f"D(G(z)) = {objective.sigmoid(-4.0):.4f}" in said
    assert "saturating loss: -0.0180; of the non-saturating one: -0.9820, 54.6 times" in said


ACCEPTED = r"accepts (\d+) of its 20 and (\d+)"  # by the joined label, then by the projected one


@over("projection")
def test_a_turn_accepts_each_label_alone(explorer):
    for label, angle in ((0, 90), (1, 210), (2, 330)):
        assert numbers(ask(explorer, label, 0, angle), ACCEPTED)[2:] == [20, 0]


@over("projection")
def test_a_shift_accepts_label_0_alone_and_the_others_never(explorer):
    assert numbers(ask(explorer, 0, -0.6, 0), ACCEPTED)[:2] == [20, 0]
    for label in (1, 2):
        for shift in np.arange(-2.5, 2.51, 0.1):
            own, others = numbers(ask(explorer, label, shift, 0), ACCEPTED)[:2]
            assert own < 20 or others >= 20


MEASURES = r"distance (.*), precision (.*), recall (.*), density (.*), coverage (.*)\."


@over("cloud")
def test_narrow_samples_cost_recall_and_wide_ones_precision(explorer):
    distance, precision, recall, *_ = numbers(ask(explorer, 1.0, 0.0), MEASURES)
    assert distance < 0.2 and precision > 0.9 and recall > 0.9
    distance, precision, recall, *_ = numbers(ask(explorer, 0.2, 0.0), MEASURES)
    assert distance > 0.5 and precision == 1.0 and recall < 0.5
    distance, precision, recall, *_ = numbers(ask(explorer, 2.0, 0.0), MEASURES)
    assert distance > 0.5 and precision < 0.9 and recall > 0.9


@over("cloud")
def test_a_shift_is_paid_squared_and_a_few_huge_balls_hide_it_from_recall(explorer):
    distance, precision, recall, _, coverage = numbers(ask(explorer, 1.0, 3.0), MEASURES)
    assert distance == pytest.approx(9.0, abs=1.5) and precision < 0.7
    assert recall > 0.9 and coverage < 0.3  # what coverage was invented for
