"""The judge reads digits as their labels say."""

import dataclasses

import numpy as np
import pytest

from cgan_lab import data, judge, metrics


@pytest.fixture(scope="module")
def whole():
    return data.load("digits")


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


def test_the_judge_of_a_data_set_is_the_one_that_reads_it(whole):
    clothes = data.load("fashion")
    for dataset, name in ((whole, "digits"), (clothes, "fashion")):
        found, accuracy, features = judge.judge_of(dataset)
        assert found == name and accuracy > 0.9 and features.shape == (2000, 128)
    upside_down = dataclasses.replace(whole, x_test=255 - whole.x_test)
    with pytest.raises(ValueError, match="no judge reads the real test images of digits"):
        judge.judge_of(upside_down)
    with pytest.raises(ValueError, match="no judge 'cats'; there are digits, fashion"):
        judge.look(whole.x_test[:1], "cats")
