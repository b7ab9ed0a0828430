"""The digit picker, steering explorer, film and mistake table, moved without a browser."""

import numpy as np
import pytest
from shown import Sampler, first_pixels, pixels

from cgan_lab import plots, sampling, widgets
from cgan_lab.widgets.samples import STEPS

LONG = ["Ankle boot", *(f"name {k}" for k in range(9))]


@pytest.fixture
def sampler():
    return Sampler()


def sheet(images, **options):
    """Return the pixels that a control shows of ``images``."""
    return pixels(plots.enlarged_png(images, **options))


# The digit picker


@pytest.fixture
def picker(sampler):
    return widgets.digit_picker(sampler, latent=3)


def test_a_press_on_a_digit_shows_that_digit(picker):
    for label in (0, 7, 3):
        picker.label.value = label
        assert pixels(picker)[40, 40] == 255 - 20 * label
        assert f"<b>{label}</b>" in picker.text.value


def test_the_slider_sets_how_many_and_keeps_the_first(picker):
    picker.label.value = 5
    ten = pixels(picker)
    picker.count.value = 20
    assert pixels(picker).shape == (2 * 62, 2 * 302)
    assert np.array_equal(pixels(picker)[:60], ten[:60])


def test_new_noise_draws_others_and_a_new_label_keeps_the_noise(picker):
    before = pixels(picker)
    picker.again.click()
    after = pixels(picker)
    assert not np.array_equal(before, after) and "oise number 1." in picker.text.value
    picker.label.value = 1
    assert np.array_equal(pixels(picker)[4, 4::60], after[4, 4::60])


def test_a_sampler_that_fails_is_shown_in_words_and_the_picker_goes_on(picker, sampler):
    calls = []

    def moody(labels, noise):
        calls.append(labels[0])
        if labels[0] == 4:
            raise RuntimeError("out of <ink>")
        return sampler(labels, noise)

    picker.sample, picture = moody, picker.image.value
    picker.label.value = 4
    assert "RuntimeError: out of &lt;ink&gt;" in picker.text.value
    assert picker.image.value == picture
    picker.label.value = 2
    assert "<b>2</b>" in picker.text.value and calls == [4, 2]


# The steering explorer


@pytest.fixture
def steering(sampler):
    return widgets.steering_explorer(sampler, np.eye(4))


def test_a_label_button_asks_for_that_label(steering, sampler):
    assert sampler.labels.shape == (10, 10) and np.all(sampler.labels[:, 3] == 1)
    steering.label.value = 7
    assert np.all(sampler.labels[:, 7] == 1) and "100%</b> 7" in steering.text.value


def test_a_mixture_shares_out_one_between_two_labels(steering, sampler):
    steering.second.value = 0
    steering.share.value = 0.3
    assert np.allclose(sampler.labels[:, [0, 3]], [0.3, 0.7])
    assert np.allclose(sampler.labels.sum(axis=1), 1)
    assert "70%</b> 3 and <b>30%</b> 0" in steering.text.value


def test_a_slider_pushes_all_noise_along_its_direction(steering, sampler):
    start = sampler.noise
    assert len(steering.moves) == 3 and start.shape == (10, 4)
    steering.moves[1].value = 2.0
    assert np.allclose(sampler.noise - start, [0, 2, 0, 0], atol=1e-6)


def test_new_noise_is_new_and_keeps_label_and_push(steering, sampler):
    steering.moves[0].value = -6.0
    before = sampler.noise
    steering.again.click()
    assert not np.allclose(sampler.noise, before) and np.all(sampler.labels[:, 3] == 1)
    fresh = sampling.noise(100, 4, seed=1)[:10]
    assert np.allclose(sampler.noise - [-6, 0, 0, 0], fresh, atol=1e-6)
    assert "oise number 1." in steering.text.value


def test_one_to_a_hundred_samples_keep_the_first_noise(steering, sampler):
    ten = sampler.noise
    for count, size in ((1, (96, 906)), (50, (5 * 60 + 4, 604)), (100, (604, 604))):
        steering.count.value = count
        assert sampler.noise.shape == (count, 4)
        assert np.array_equal(sampler.noise[:10], ten[:count])
        assert pixels(steering).shape == size


def test_the_same_noise_is_shown_under_every_label(steering, sampler):
    steering.count.value = 6
    noise = sampler.noise
    steering.view.value = "all"
    assert sampler.labels.tolist() == np.repeat(np.arange(10), 6).tolist()
    assert np.array_equal(sampler.noise, np.tile(noise, (10, 1)))
    picture = pixels(steering)
    assert picture.shape == (10 * 60 + 4, 6 * 60 + 4)  # one row per label, one column per noise
    assert picture[80, 80] == 255 - 20 and picture[64, 64] == 255 - first_pixels(noise)[1]
    assert "from 0 down to <b>9</b>" in steering.text.value
    assert "<b>6</b> of them" in steering.text.value


def test_few_directions_have_few_sliders_and_long_names_have_room(sampler):
    steering = widgets.steering_explorer(sampler, np.eye(3)[:1], class_names=LONG)
    picker = widgets.digit_picker(sampler, class_names=LONG[:2], latent=3)
    assert len(steering.moves) == 1 and len(picker.label.options) == 2
    assert steering.label.style.button_width == picker.label.style.button_width == "5.5em"


# The knob explorer


def test_each_knob_reaches_its_model_and_both_rows_share_the_label(sampler):
    asked = {}

    def diffusion(labels, noise, steps, guidance):
        asked.update(labels=labels, noise=noise, steps=steps, guidance=guidance)
        return np.full((len(labels), 28, 28), 255, np.uint8)

    knobs = widgets.knob_explorer(sampler, diffusion, latent=3)
    before = sampler.noise
    knobs.label.value = 7
    knobs.guidance.value = 4.5
    knobs.steps.value = 5
    knobs.scale.value = 0.5
    assert set(sampler.labels) == set(asked["labels"]) == {7} and asked["noise"].shape == (10, 784)
    assert (asked["steps"], asked["guidance"]) == (5, 4.5)
    assert np.allclose(sampler.noise, 0.5 * before)
    assert "guidance <b>4.5</b>, <b>5</b> steps" in knobs.text.value
    picture = pixels(knobs)  # two rows of 90 pixels, drawn dark on light
    assert picture[45, 45] == 0 and picture[135, 45] == 255 - 140
    knobs.again.click()
    assert not np.allclose(sampler.noise, 0.5 * before) and "oise number 1." in knobs.text.value


# The film


@pytest.fixture
def film(sampler):
    made = widgets.film(sampler, latent=4)
    yield made
    made.close()


def test_the_film_goes_from_one_label_to_the_other(film, sampler):
    assert "From label 3 to label 8: <b>0%</b>" in film.text.value
    first, noise = sampler.labels, sampler.noise
    film.place.value = STEPS - 1
    assert "From label 3 to label 8: <b>100%</b>" in film.text.value
    assert np.array_equal(first, sampling.one_hot(np.full(10, 3), 10))
    assert np.array_equal(sampler.labels, sampling.one_hot(np.full(10, 8), 10))
    assert np.array_equal(noise, sampler.noise)
    assert np.array_equal(pixels(film), sheet(sampler(sampler.labels, noise), times=3))


def test_the_film_of_noise_keeps_the_label_and_walks_the_arc(film, sampler):
    film.moves.value = "noise"
    film.place.value = 5
    ends = (sampling.noise(10, 4, seed) for seed in (0, 1))
    arcs = [sampling.latent_path(*pair, STEPS)[5] for pair in zip(*ends, strict=True)]
    assert np.allclose(sampler.noise, arcs) and (sampler.labels.argmax(axis=1) == 3).all()
    assert "Label 3, ten noises on their way" in film.text.value


# The table of mistakes


@pytest.fixture
def table():
    requested = np.repeat([0, 1, 2], [3, 3, 60])
    recognised = np.array([0, 0, 1, 1, 1, 1] + [2] * 50 + [0] * 10)
    images = np.arange(66, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    return widgets.mistake_table(images, requested, recognised, ("zero", "one", "<two>"))


def test_the_table_counts_and_starts_at_the_most_frequent_mistake(table):
    counts = [[int(table.cells[i, j].description) for j in range(3)] for i in range(3)]
    assert counts == [[2, 1, 0], [0, 3, 0], [10, 0, 50]]
    assert table.text.value == "Asked for <b>&lt;two&gt;</b>, read as <b>zero</b>: 10."
    assert np.array_equal(pixels(table), sheet(table.images[56:]))


def test_a_click_shows_the_images_of_its_cell(table):
    table.cells[0, 1].click()
    assert table.text.value == "Asked for <b>zero</b>, read as <b>one</b>: 1."
    assert np.array_equal(pixels(table), sheet(table.images[2:3]))
    table.cells[2, 2].click()
    assert table.text.value.endswith(": 50. Here are the first 40.")


def test_empty_cells_cannot_be_pressed_and_all_have_words(table):
    empty = [(0, 2), (1, 0), (1, 2), (2, 1)]
    assert [key for key, cell in table.cells.items() if cell.disabled] == empty
    assert table.cells[2, 0].tooltip == "Asked for <two>, read as zero: 10."


def test_a_table_of_unequal_parts_is_refused():
    message = "3 images, 2 requested and 3 recognised labels, expected as many of each"
    with pytest.raises(ValueError, match=message):
        widgets.mistake_table(np.zeros((3, 28, 28), np.uint8), [0, 1], [0, 1, 1])
