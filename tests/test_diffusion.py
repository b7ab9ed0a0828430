"""The diffusion model: closed forms of noise and steps, training, and samples by their rules."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pytest import approx

from cgan_lab import data, diffusion, judge, metrics, sampling

TIMES = (0.1, 0.5, 0.9)


@pytest.fixture
def batch(rng):
    return [rng.normal(size=(5, 28, 28, 1)).astype(np.float32) for _ in range(2)]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def small(seed=0, **options):
    keras.utils.set_random_seed(seed)
    return diffusion.Diffusion(diffusion.denoiser(width=16, depth=1), seed=seed, **options)


def test_noise_comes_in_as_the_image_goes_and_the_variance_stays(batch):
    images, noise = batch
    assert np.allclose(diffusion.noised(images, noise, 0.0), images)
    assert np.allclose(diffusion.noised(images, noise, 1.0), noise, atol=1e-6)
    for t in TIMES:
        assert np.var(diffusion.noised(images, noise, t)) == approx(1.0, abs=0.05)
    each = np.reshape([0.0, 0.3, 0.5, 0.8, 1.0], (5, 1, 1, 1))
    mixed = np.asarray(diffusion.noised(images, noise, each))
    for k, t in enumerate(each.ravel()):
        assert np.allclose(mixed[k], diffusion.noised(images[k], noise[k], t), atol=1e-6)


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("to", (0.0, 0.05))
def test_a_step_with_the_true_image_leads_to_the_true_mixture(batch, t, to):
    images, noise = batch
    back = diffusion.step(diffusion.noised(images, noise, t), images, t, to)
    assert np.allclose(back, diffusion.noised(images, noise, to), atol=1e-5)


def test_fresh_noise_is_that_of_the_ddpms_posterior(batch):
    # Ho et al. 2020, equations 6 and 7: mean and variance of x at `to`, given x at t and the image.
    images, noise = batch
    t, to = 0.6, 0.4
    a, a_to = (np.cos(np.pi / 2 * time) ** 2 for time in (t, to))  # alpha-bar of both times
    alpha = a / a_to
    noisy = np.asarray(diffusion.noised(images, noise, t))
    mean = np.sqrt(a_to) * (1 - alpha) / (1 - a) * images
    mean += np.sqrt(alpha) * (1 - a_to) / (1 - a) * noisy
    deviation = np.sqrt((1 - a_to) / (1 - a) * (1 - alpha))
    none, one = (diffusion.step(noisy, images, t, to, fresh) for fresh in (0.0 * noise, noise))
    assert np.allclose(none, mean, atol=1e-5)
    assert np.allclose(one - none, deviation * noise, atol=1e-5)
    assert np.allclose(diffusion.step(noisy, images, t, 0.0, noise), images, atol=1e-5)


def test_guidance_goes_from_the_answer_without_the_label_through_the_one_with_it(batch):
    labelled, unlabelled = batch
    for guidance, want in ((0.0, unlabelled), (1.0, labelled), (2.0, 2 * labelled - unlabelled)):
        assert np.allclose(diffusion.guided(labelled, unlabelled, guidance), want, atol=1e-6)


def test_the_denoiser_tells_times_and_labels_apart_once_it_has_learned(digits):
    model = small()
    label = sampling.one_hot([3, 4], 10)
    noisy = np.repeat(sampling.noise(1, 784, seed=0).reshape(1, 28, 28, 1), 2, axis=0)
    start = np.asarray(model.answer(noisy, 0.5, label))
    assert start.shape == (2, 28, 28, 1) and np.abs(start).max() <= 1.0
    assert np.allclose(start[0], start[1])  # no label is heard at first
    rows = diffusion.train(model, digits, 40, progress=False)
    assert [row["epoch"] for row in rows] == list(range(1, 41)) and model.epochs == 40
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"]
    after = np.asarray(model.answer(noisy, 0.5, label))
    assert not np.allclose(after[0], after[1], atol=0.003)
    later = model.answer(noisy, 0.9, label)
    assert not np.allclose(after, later, atol=0.02)


def test_the_same_seed_gives_the_same_training_and_the_same_samples(digits):
    found = []
    for seed in (0, 0, 1):
        model = small(seed)
        (row,) = diffusion.train(model, digits, 1, seed=seed, progress=False)
        found.append((row["loss"], model.sample([1, 2], seed=5, steps=3)))
    assert found[0][0] == found[1][0] != found[2][0]
    assert np.array_equal(found[0][1], found[1][1])


def test_samples_follow_noise_steps_and_guidance():
    model = small()
    noise = sampling.noise(3, 784, seed=1)
    images = model.sample([0, 1, 2], noise, steps=4)
    assert images.shape == (3, 28, 28) and images.dtype == np.uint8
    again = model.sample([0, 1, 2], noise, steps=4, guidance=1.0)
    assert np.array_equal(again, model.sample([0, 1, 2], noise, steps=4, guidance=1.0))
    by_hand, way = noise.reshape(3, 28, 28, 1), (1.0, 0.75, 0.5, 0.25, 0.0)
    for t, to in zip(way, way[1:], strict=False):
        clean = model.answer(by_hand, t, sampling.one_hot([0, 1, 2], 10))
        by_hand = np.asarray(diffusion.step(by_hand, clean, t, to))
    assert np.array_equal(again, data.to_pixels(by_hand))
    assert model.sample(np.zeros(0, int)).shape == (0, 28, 28)


def test_the_functions_of_a_learner_take_the_places_of_the_modules(digits):
    asked = []

    def noised(images, noise, t):
        asked.append("noised")
        return diffusion.noised(images, noise, t)

    def step(noisy, clean, t, to):
        asked.append("step")
        return diffusion.step(noisy, clean, t, to)

    def guided(labelled, unlabelled, guidance):
        asked.append("guided")
        return diffusion.guided(labelled, unlabelled, guidance)

    model = small(noised=noised, step=step, guided=guided)
    diffusion.train(model, digits, 1, progress=False)
    model.sample([0], seed=0, steps=2)
    assert set(asked) == {"noised", "step", "guided"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"labels": [10]}, "0 to 9"),
        ({"labels": [1], "steps": 0}, "steps is 0"),
        ({"labels": [1], "noise": np.zeros((1, 100))}, r"noise has shape \(1, 100\), expected"),
    ],
)
def test_what_cannot_be_drawn_is_told(arguments, said):
    with pytest.raises(ValueError, match=said):
        small().sample(**arguments)


def test_a_training_ends_when_it_is_told_to_and_keeps_what_it_has(digits, monkeypatch):
    model = small()
    rows = diffusion.train(model, digits, 9, progress=False, going=lambda row: row["epoch"] < 2)
    assert len(rows) == model.epochs == 2

    def interrupt(row):
        raise KeyboardInterrupt

    assert len(diffusion.train(model, digits, 9, progress=False, going=interrupt)) == 1
    assert model.epochs == 3


def test_a_few_epochs_of_the_shipped_digits_draw_what_was_asked_for():
    digits = data.load("digits")
    model = diffusion.build()
    diffusion.train(model, digits, 3, progress=False)
    asked = sampling.label_grid(range(10), 20)
    read = judge.look(model.sample(asked, seed=0, steps=10))[0]
    assert metrics.agreement(asked, read) > 0.6


def test_all_of_a_step_runs_inside_xla():
    step = tf.function(diffusion.step, jit_compile=True)
    x = tf.ones((2, 28, 28, 1))
    assert np.allclose(step(x, x, 0.5, 0.25, x), diffusion.step(x, x, 0.5, 0.25, x), atol=1e-5)
