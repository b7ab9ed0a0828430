"""Networks: shapes, counts by hand, and the ways a label enters."""

import keras
import numpy as np
import pytest

from cgan_lab import cgan, conditioning, networks


@pytest.mark.parametrize("name", networks.MODELS)
@pytest.mark.parametrize(("classes", "latent"), [(10, 100), (3, 7)])
def test_shapes_and_range(name, classes, latent):
    generator, discriminator = networks.get(name)(classes, latent)
    noise, label = np.random.default_rng(0).normal(size=(5, latent)) * 10, np.eye(classes)[[0, 1, 2, 1, 0]]
    noise, label = noise.astype(np.float32), label.astype(np.float32)
    images = generator([noise, label])
    assert images.shape == (5, 28, 28, 1) and -1 <= np.min(images) and np.max(images) <= 1
    logits, *class_logits = keras.tree.flatten(discriminator([np.array(images), label]))
    assert logits.shape == (5, 1) and [part.shape for part in class_logits] == [(5, classes)] * (name == "conv")


def test_the_article_counts_its_weights_as_printed():
    generator, discriminator = networks.article()
    sizes = (110, 256, 512, 1024, 784)
    assert generator.count_params() == sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False)) == 1_488_912
    sizes = (794, 512, 256, 1)
    assert discriminator.count_params() == sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False)) == 538_625


def test_dense_has_the_articles_sizes_and_a_projection():
    generator, discriminator = networks.dense()
    assert generator.count_params() == networks.article()[0].count_params()
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


def test_planes_are_constant_and_carry_the_label():
    image, label = keras.Input((4, 5, 2)), keras.Input((3,))
    model = keras.Model([image, label], conditioning.planes(image, label))
    pixels, y = np.random.default_rng(0).normal(size=(6, 4, 5, 2)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
    y[5] = [0.2, 0.3, 0.5]  # a mixture
    out = np.array(model([pixels, y]))
    assert out.shape == (6, 4, 5, 5) and np.allclose(out[..., :2], pixels, atol=1e-6)
    assert np.allclose(out[..., 2:], y[:, None, None, :] * np.ones((1, 4, 5, 1)), atol=1e-6)


def test_planes_by_a_flat_repeat_would_be_scrambled():
    """The fault that `planes` avoids: repeating without an axis and reshaping spreads a label over all channels."""
    label = np.eye(10)[3]
    wrong = np.repeat(label, 784).reshape(28, 28, 10)
    assert wrong.sum() == 784 and all(0 < wrong[..., k].sum() < 784 for k in range(10))


def test_an_embedding_picks_rows_and_mixes_them():
    label = keras.Input((3,))
    model = keras.Model(label, conditioning.embed(label, 7))
    rows = model.layers[-1].get_weights()[0]
    assert rows.shape == (3, 7)
    assert np.allclose(model(np.eye(3)[[2, 0]]), rows[[2, 0]], atol=1e-6)
    assert np.allclose(model(np.array([[0.5, 0.5, 0.0]])), rows[:2].mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("way", networks.WAYS)
def test_every_way_trains_and_uses_the_label(way):
    keras.utils.set_random_seed(0)
    generator, discriminator = networks.dense(10, 8, width=0.05, way=way)
    model = cgan.CGAN(generator, discriminator)
    model.compile()
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (64, 28, 28, 1)).astype(np.float32)
    before = [np.array(w) for w in model.get_weights()]
    model.fit(images, np.arange(64) % 10, batch_size=32, epochs=1, verbose=0)
    after = model.get_weights()
    count = len(generator.weights) + len(discriminator.weights)
    assert all(np.any(a != b) for a, b in zip(before[:count], after[:count], strict=True))
    assert np.isfinite(np.concatenate([np.ravel(w) for w in after])).all()
    noise = rng.normal(size=(1, 8)).repeat(10, axis=0)
    assert len(np.unique(model.sample(np.arange(10), noise=noise), axis=0)) == 10


def test_the_auxiliary_discriminator_is_not_shown_the_label():
    discriminator = networks.dense(10, 8, width=0.05, way="auxiliary")[1]
    image = np.zeros((1, 28, 28, 1), np.float32)
    answers = [discriminator([image, np.eye(10, dtype=np.float32)[k : k + 1]]) for k in (0, 7)]
    assert [part.shape for part in answers[0]] == [(1, 1), (1, 10)]
    assert all(np.array_equal(a, b) for a, b in zip(*answers, strict=True))


def test_asked_both_ways_the_logit_hears_the_label_and_the_class_logits_do_not():
    for discriminator in (networks.dense(10, 8, width=0.05, way="both")[1], networks.conv(10, 8, width=4)[1]):
        image = np.random.default_rng(0).uniform(-1, 1, (1, 28, 28, 1)).astype(np.float32)
        answers = [discriminator([image, np.eye(10, dtype=np.float32)[k : k + 1]]) for k in (0, 7)]
        assert not np.array_equal(answers[0][0], answers[1][0])
        assert np.array_equal(answers[0][1], answers[1][1])


def test_an_unknown_way_says_which_there_are():
    with pytest.raises(ValueError, match="way is 'film', expected one of one_hot, scaled_one_hot"):
        networks.dense(way="film")


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
        pair = [label_gradient(build()[1]) for build in (networks.article, networks.dense)]
        louder.append(pair[1] / pair[0])
    assert min(louder) > 2, louder


def test_an_unknown_model_says_which_there_are():
    with pytest.raises(ValueError, match="no model 'unet'; there are article, dense"):
        networks.get("unet")
