"""The steering explorer, moved without a browser: which labels and which noise it asks for, and what it shows."""

import io

import numpy as np
import pytest
from PIL import Image

from cgan_lab import sampling
from cgan_lab.widgets import latent as widgets_latent

ROWS = np.eye(4)


class Sampler:
    """Remembers what it was asked for; a picture's brightness is its place in the batch."""

    def __call__(self, labels, noise):
        self.labels, self.noise = np.array(labels), np.array(noise)
        return np.repeat(np.arange(len(noise), dtype=np.uint8), 784).reshape(-1, 28, 28)


@pytest.fixture
def sampler():
    return Sampler()


@pytest.fixture
def explorer(sampler):
    return widgets_latent.steering_explorer(sampler, ROWS)


def test_a_label_button_asks_for_that_label(explorer, sampler):
    assert sampler.labels.shape == (10, 10) and np.all(sampler.labels[:, 3] == 1)
    explorer.label.value = 7
    assert np.all(sampler.labels[:, 7] == 1) and "100%</b> 7" in explorer.text.value


def test_a_mixture_shares_out_one_between_two_labels(explorer, sampler):
    explorer.second.value, explorer.share.value = 0, 0.3
    assert np.allclose(sampler.labels[:, [0, 3]], [0.3, 0.7]) and np.allclose(
        sampler.labels.sum(axis=1), 1
    )
    assert "70%</b> 3 and <b>30%</b> 0" in explorer.text.value


def test_a_slider_pushes_all_noise_along_its_direction(explorer, sampler):
    start = sampler.noise
    assert len(explorer.moves) == 3 and start.shape == (10, 4)
    explorer.moves[1].value = 2.0
    assert np.allclose(sampler.noise - start, [0, 2, 0, 0], atol=1e-6)


def test_new_noise_is_new_and_keeps_label_and_push(explorer, sampler):
    explorer.moves[0].value = -6.0
    before = sampler.noise
    explorer.again.click()
    assert not np.allclose(sampler.noise, before) and np.all(sampler.labels[:, 3] == 1)
    assert np.allclose(
        sampler.noise - [-6, 0, 0, 0], sampling.noise(100, 4, seed=1)[:10], atol=1e-6
    )
    assert "noise 1" in explorer.text.value


def test_one_to_a_hundred_samples_keep_the_first_noise(explorer, sampler):
    ten = sampler.noise
    for count, size in ((1, (96, 906)), (50, (5 * 60 + 4, 604)), (100, (604, 604))):
        explorer.count.value = count
        assert sampler.noise.shape == (count, 4) and np.array_equal(sampler.noise[:10], ten[:count])
        assert np.asarray(Image.open(io.BytesIO(explorer.image.value))).shape == size


def test_the_same_noise_is_shown_under_every_label(explorer, sampler):
    explorer.count.value = 6
    noise = sampler.noise
    explorer.view.value = "all"
    assert sampler.labels.tolist() == np.repeat(np.arange(10), 6).tolist()
    assert np.array_equal(sampler.noise, np.tile(noise, (10, 1)))
    picture = np.asarray(Image.open(io.BytesIO(explorer.image.value)))
    assert picture.shape == (10 * 60 + 4, 6 * 60 + 4)  # a row a label, a column a noise
    assert picture[80, 80] == 255 - 7  # the second row's second picture is the eighth drawn
    assert (
        "a row a label, from 0 down to <b>9</b>" in explorer.text.value
        and "<b>6</b> of them" in explorer.text.value
    )


def test_few_directions_have_few_sliders_and_other_names_their_buttons():
    explorer = widgets_latent.steering_explorer(
        Sampler(), np.eye(3)[:1], class_names=[f"name {k}" for k in range(10)]
    )
    assert len(explorer.moves) == 1 and explorer.label.style.button_width == "5.5em"
    assert repr(explorer).startswith("steering explorer: labels and their mixture")
