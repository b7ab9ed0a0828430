"""Changes of images before D sees them: against SciPy and loops, their gradients, their draws."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from cgan_lab import augmentation, recipes

NAMES = sorted(augmentation.AUGMENTATIONS)


def images_of(n, seed=0):
    """Return n images of noise, float32 (n, 28, 28, 1) in [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1, 1, (n, 28, 28, 1)).astype(np.float32)


def changed(name, images, seed=(1, 2), compiled=False):
    """Return ``images`` as the augmentation ``name`` changes them, by XLA if ``compiled``."""
    of = augmentation.get(name).of
    if compiled:
        of = tf.function(of, jit_compile=True)
    return of(tf.constant(images), tf.constant(seed)).numpy()


def test_each_image_moves_by_its_own_pixels_and_black_comes_in():
    images = images_of(6)
    by = np.array([[0, 0], [1, 0], [0, -2], [3, 3], [-3, 2], [28, 0]], np.int32)
    moved = augmentation.shifted(tf.constant(images), tf.constant(by)).numpy()
    for image, (down, right), got in zip(images, by, moved, strict=True):
        want = ndimage.shift(image[..., 0], (down, right), order=0, cval=-1.0)
        np.testing.assert_allclose(got[..., 0], want, atol=1e-6)
    assert (moved[5] == -1).all()  # moved out of sight


def test_each_image_loses_its_own_square():
    images = images_of(4)
    corner = np.array([[0, 0], [7, 9], [-7, 20], [28, 28]], np.int32)
    got = augmentation.cut(tf.constant(images), tf.constant(corner)).numpy()
    want = images.copy()
    side = augmentation.CUTOUT
    for k, (top, left) in enumerate(corner):
        for i, j in np.ndindex(28, 28):
            if top <= i < top + side and left <= j < left + side:
                want[k, i, j] = -1.0
    np.testing.assert_allclose(got, want, atol=1e-6)
    np.testing.assert_allclose(got[3], images[3], atol=1e-6)  # the square lies outside


def test_light_is_multiplied_and_black_stays():
    images = images_of(3)
    images[:, :5] = -1.0
    got = augmentation.lit(tf.constant(images), tf.constant([1.0, 0.5, 1.5])).numpy()
    want = np.array([1.0, 0.5, 1.5]).reshape(-1, 1, 1, 1) * (images + 1) - 1
    np.testing.assert_allclose(got, want, atol=1e-6)
    np.testing.assert_allclose(got[0], images[0], atol=1e-6)
    assert (got[:, :5] == -1).all()


# XLA draws other floats from a seed than TensorFlow does, so each is compared with itself.
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_one_change_of_its_own_to_each_image(name, compiled):
    same = np.repeat(images_of(1), 200, axis=0)
    got = changed(name, same, compiled=compiled)
    assert got.shape == same.shape and got.dtype == np.float32
    assert np.array_equal(got, changed(name, same, compiled=compiled))
    assert not np.allclose(got, changed(name, same, (1, 3), compiled), atol=0.01)
    assert len(np.unique(got.reshape(200, -1).round(4), axis=0)) > 40
    assert got.min() >= -1.0 - 1e-6
    assert got.max() <= (2.0 if name in ("brightness", "diffaugment") else 1.0) + 1e-6


def test_the_draws_reach_as_far_as_the_constants_say():
    dots = np.full((4000, 28, 28, 1), -1.0, np.float32)
    dots[:, 14, 14] = 1.0
    places = np.argwhere(changed("shift", dots) > 0)[:, 1:3] - 14
    reach = augmentation.SHIFT
    for axis in (0, 1):
        steps, counts = np.unique(places[:, axis], return_counts=True)
        assert steps.tolist() == list(range(-reach, reach + 1))
        assert np.allclose(counts / 4000, 1 / (2 * reach + 1), atol=0.03)
    white = np.ones((4000, 28, 28, 1), np.float32)
    middles = changed("cutout", white).mean(axis=(0, 3))  # every pixel is hit, the middle most
    assert middles.max() < 1 and middles[14, 14] < middles[0, 0] - 0.3
    light = changed("brightness", white)[:, 0, 0, 0] + 1
    low, high = (2 * factor for factor in augmentation.LIGHT)
    assert low <= light.min() < low + 0.01 and high - 0.01 < light.max() <= high


def test_all_three_are_one_after_another_with_numbers_of_their_own():
    images, seed = images_of(5), (4, 5)
    want = images
    for k, name in enumerate(("brightness", "shift", "cutout")):
        own = tf.random.experimental.stateless_fold_in(tf.constant(seed), k)
        want = augmentation.get(name).of(tf.constant(want), own)
    assert np.array_equal(changed("diffaugment", images, seed), want)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_comes_back_to_the_pixels_that_are_seen(name):
    """A change is linear in the light, so the gradient of a weighted sum is its other product."""
    images = tf.constant(images_of(20))
    weights = tf.constant(images_of(20, seed=1))
    of = augmentation.get(name).of
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(weights * (of(images, (1, 2)) + 1.0))
    gradient = tape.gradient(total, images)
    assert float(tf.reduce_sum(gradient * (images + 1.0))) == pytest.approx(float(total), rel=1e-4)
    seen = np.abs(gradient).max(axis=(1, 2, 3))
    assert (seen > 0).all()


def test_an_unknown_change_is_refused_by_name_and_none_is_none():
    assert augmentation.get(None) is None
    with pytest.raises(ValueError, match="no augmentation 'flip'; there are shift, cutout"):
        recipes.get(augment="flip")
    assert recipes.get(augment="shift").as_json()["augment"] == "shift"
