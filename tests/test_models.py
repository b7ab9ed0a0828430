"""Networks: shapes, counts by hand, and the ways a label enters."""

import keras
import numpy as np
import pytest

from cgan_lab import conditioning, models


@pytest.mark.parametrize("name", models.MODELS)
@pytest.mark.parametrize(("classes", "latent"), [(10, 100), (3, 7)])
def test_shapes_and_range(name, classes, latent):
    generator, discriminator = models.get(name)(classes, latent)
    noise, label = np.random.default_rng(0).normal(size=(5, latent)) * 10, np.eye(classes)[[0, 1, 2, 1, 0]]
    noise, label = noise.astype(np.float32), label.astype(np.float32)
    images = generator([noise, label])
    assert images.shape == (5, 28, 28, 1) and -1 <= np.min(images) and np.max(images) <= 1
    assert discriminator([np.array(images), label]).shape == (5, 1)


def test_the_article_counts_its_weights_as_printed():
    generator, discriminator = models.article()
    sizes = (110, 256, 512, 1024, 784)
    assert generator.count_params() == sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False)) == 1_488_912
    sizes = (794, 512, 256, 1)
    assert discriminator.count_params() == sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False)) == 538_625


def test_dense_has_the_articles_sizes_and_a_projection():
    generator, discriminator = models.dense()
    assert generator.count_params() == models.article()[0].count_params()
    # ten pixels' worth of inputs fewer, ten directions of 256 more
    assert discriminator.count_params() == 538_625 - 10 * 512 + 10 * 256


def test_concatenate_scales_only_the_label():
    x, label = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0, 0.0]])
    assert np.array(conditioning.concatenate(x, label, scale=5.0)).tolist() == [[1, 2, 0, 5, 0]]


def test_projection_is_the_papers_formula():
    features, label = keras.Input((4,)), keras.Input((3,))
    model = keras.Model([features, label], conditioning.project(features, label))
    direction = model.get_layer("label_direction").get_weights()[0]  # (3, 4)
    plane, bias = next(w for w in (layer.get_weights() for layer in model.layers) if len(w) == 2)
    f, y = np.random.default_rng(0).normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
    want = f @ plane + bias + np.sum((y @ direction) * f, axis=1, keepdims=True)
    assert np.allclose(model([f, y]), want, atol=1e-5)


def label_gradient(discriminator):
    """Return the norm of the gradient of the logits with respect to the labels of 64 random images."""
    import tensorflow as tf

    rng = np.random.default_rng(0)
    images = tf.constant(rng.uniform(-1, 1, (64, 28, 28, 1)), tf.float32)
    label = tf.constant(np.eye(10)[np.arange(64) % 10], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(label)
        logits = discriminator([images, label])
    return float(tf.norm(tape.gradient(logits, label)))


def test_an_untrained_projection_hears_the_label_louder_than_the_articles_network():
    louder = []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        pair = [label_gradient(build()[1]) for build in (models.article, models.dense)]
        louder.append(pair[1] / pair[0])
    assert min(louder) > 2, louder


def test_an_unknown_model_says_which_there_are():
    with pytest.raises(ValueError, match="no model 'unet'; there are article, dense"):
        models.get("unet")
