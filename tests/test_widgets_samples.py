"""The film and the table of mistakes, moved without a browser, over samplers of a few lines."""

import io

import numpy as np
import pytest
from PIL import Image

from cgan_lab import plots, sampling
from cgan_lab.widgets import samples as widgets_samples


def pixels(control):
    return np.asarray(Image.open(io.BytesIO(control.image.value)))


class Sampler:
    """Draws a picture whose brightness is the share of label 8 and whose first pixel is the noise's first number."""

    def __init__(self):
        self.asked = []

    def __call__(self, labels, noise):
        self.asked.append((np.array(labels), np.array(noise)))
        images = np.zeros((len(labels), 28, 28), np.uint8)
        images += np.rint(200 * labels[:, 8]).astype(np.uint8)[:, None, None]
        images[:, 0, 0] = np.clip(128 + 40 * noise[:, 0], 0, 255)
        return images


def test_the_film_goes_from_one_label_to_the_other():
    sampler = Sampler()
    film = widgets_samples.film(sampler, latent=4)
    assert "3 to 8: <b>0%</b>" in film.text.value
    film.place.value = widgets_samples.STEPS - 1
    assert "3 to 8: <b>100%</b>" in film.text.value
    (first, noise), (last, same) = sampler.asked[0], sampler.asked[-1]
    assert np.array_equal(first, sampling.one_hot(np.full(10, 3), 10))
    assert np.array_equal(last, sampling.one_hot(np.full(10, 8), 10)) and np.array_equal(
        noise, same
    )
    assert np.array_equal(
        pixels(film),
        np.asarray(Image.open(io.BytesIO(plots.enlarged_png(sampler(last, same), times=3)))),
    )


def test_the_film_of_noise_keeps_the_label_and_walks_the_arc():
    sampler = Sampler()
    film = widgets_samples.film(sampler, latent=4)
    film.moves.value = "noise"
    film.place.value = 5
    labels, noise = sampler.asked[-1]
    start, end = sampling.noise(10, 4, seed=0), sampling.noise(10, 4, seed=1)
    arcs = [
        sampling.latent_path(a, b, widgets_samples.STEPS)[5]
        for a, b in zip(start, end, strict=True)
    ]
    assert np.allclose(noise, arcs) and (labels.argmax(axis=1) == 3).all()
    assert "label 3, ten noises on their way" in film.text.value


def test_a_sampler_that_fails_is_told_and_the_film_goes_on():
    sampler = Sampler()
    film = widgets_samples.film(sampler, latent=4)
    film.sample = lambda labels, noise: 1 / 0
    film.place.value = 1
    assert "<b>No samples.</b> ZeroDivisionError" in film.text.value
    film.sample = sampler
    film.place.value = 2
    assert "3 to 8" in film.text.value
    assert (
        repr(film)
        == "film: from one label or noise to another, step by step (run this cell to use it)"
    )


@pytest.fixture
def table():
    requested = np.repeat([0, 1, 2], [3, 3, 60])
    recognised = np.array([0, 0, 1, 1, 1, 1] + [2] * 50 + [0] * 10)
    images = np.arange(66, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    return widgets_samples.mistake_table(images, requested, recognised, ("zero", "one", "<two>"))


def test_the_table_counts_and_starts_at_the_most_frequent_mistake(table):
    counts = [[int(table.cells[i, j].description) for j in range(3)] for i in range(3)]
    assert counts == [[2, 1, 0], [0, 3, 0], [10, 0, 50]]
    assert table.text.value == "asked for <b>&lt;two&gt;</b>, read as <b>zero</b>: 10"
    assert np.array_equal(
        pixels(table), np.asarray(Image.open(io.BytesIO(plots.enlarged_png(table.images[56:]))))
    )


def test_a_click_shows_the_images_of_its_cell(table):
    table.cells[0, 1].click()
    assert table.text.value == "asked for <b>zero</b>, read as <b>one</b>: 1"
    assert np.array_equal(
        pixels(table), np.asarray(Image.open(io.BytesIO(plots.enlarged_png(table.images[2:3]))))
    )
    table.cells[2, 2].click()
    assert table.text.value.endswith(": 50, the first 40")


def test_empty_cells_cannot_be_pressed_and_all_have_words(table):
    assert [key for key, cell in table.cells.items() if cell.disabled] == [
        (0, 2),
        (1, 0),
        (1, 2),
        (2, 1),
    ]
    assert table.cells[2, 0].tooltip == "asked for <two>, read as zero: 10"


def test_a_table_of_unequal_parts_is_refused():
    with pytest.raises(
        ValueError, match="3 images, 2 requested and 3 recognised labels, expected as many of each"
    ):
        widgets_samples.mistake_table(np.zeros((3, 28, 28), np.uint8), [0, 1], [0, 1, 1])
