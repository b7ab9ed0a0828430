"""The judge reads digits, and its verdicts tell good samplers from bad ones."""

import dataclasses

import numpy as np
import pytest

from cgan_lab import data, judge, metrics


@pytest.fixture(scope="module")
def whole():
    return data.load("digits")


def real_digits(digits):
    """A sampler that cheats: it returns real training images of the labels asked for."""

    def sample(labels, seed):
        rng, images = np.random.default_rng(seed), np.empty((len(labels), 28, 28), np.uint8)
        for label in np.unique(labels):
            pool = np.flatnonzero(digits.y_train == label)
            images[labels == label] = digits.x_train[rng.permutation(pool)[: np.sum(labels == label)]]
        return images

    return sample


def test_the_judge_reads_the_shipped_test_digits(whole):
    labels, features = judge.look(whole.x_test)
    assert metrics.agreement(whole.y_test, labels) >= 0.993
    assert labels.dtype == np.int64 and features.shape == (2000, 128) and features.min() >= 0


def test_the_judge_does_not_care_how_images_are_grouped(whole):
    labels, features = judge.look(whole.x_test[:600])
    alone, seen = judge.look(whole.x_test[590:600])
    assert np.array_equal(labels[590:], alone) and np.allclose(features[590:], seen, atol=1e-3)
    assert judge.look(whole.x_test[:0])[0].shape == (0,)


def test_only_pixels_are_judged(whole):
    with pytest.raises(TypeError, match="dtype float32, expected uint8"):
        judge.look(data.to_model(whole.x_test)[..., 0])


def test_real_digits_get_full_marks(whole):
    found = judge.evaluate(real_digits(whole), whole, n=2000)
    assert found["agreement"] > 0.99 and 0.97 < found["diversity"] < 1.03 and found["repeated"] == 0
    assert found["frechet_distance"] < 3 * found["frechet_floor"] < 10
    assert np.sum(found["confusion"]) == found["n"] == 2000 and min(found["per_label"]) > 0.97


def test_a_collapsed_sampler_agrees_but_is_not_diverse(whole):
    first = {label: whole.x_train[np.argmax(whole.y_train == label)] for label in range(10)}
    found = judge.evaluate(lambda labels, seed: np.stack([first[int(label)] for label in labels]), whole, n=1000)
    assert found["agreement"] == 1.0 and found["diversity"] < 1e-9 and found["repeated"] == 990
    assert found["frechet_distance"] > 20 * found["frechet_floor"]


def test_a_sampler_that_ignores_the_label_agrees_by_chance(whole):
    def deaf(labels, seed):
        return whole.x_train[np.random.default_rng(seed).permutation(len(whole.x_train))[: len(labels)]]

    found = judge.evaluate(deaf, whole, n=2000)
    assert 0.07 < found["agreement"] < 0.13 and found["frechet_distance"] < 5


def test_data_that_the_judge_cannot_read_are_refused(whole):
    upside_down = dataclasses.replace(whole, x_test=255 - whole.x_test)
    with pytest.raises(ValueError, match="the judge reads only .* of the real test images"):
        judge.evaluate(real_digits(whole), upside_down, n=100)
    with pytest.raises(ValueError, match="n is 105, expected a multiple of 10"):
        judge.evaluate(real_digits(whole), whole, n=105)


def test_the_table_shows_what_was_found(whole):
    lines = judge.table(judge.evaluate(real_digits(whole), whole, n=1000, seed=3)).splitlines()
    assert "1,000 (seed 3)" in lines[0] and "label agreement" in lines[2] and "diversity" in lines[3]
    assert len(lines) == 8 + 10 and lines[-1].split()[0] == "9"
    assert sum(map(int, lines[-1].split()[1:])) == 100
