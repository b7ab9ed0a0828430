"""Networks: shapes, counts by hand, and the ways a label enters."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import cgan, conditioning, networks

LABELS = np.eye(10, dtype=np.float32)


def pixels(n, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, 28, 28, 1)).astype(np.float32)


@pytest.mark.parametrize("name", networks.MODELS)
@pytest.mark.parametrize(("classes", "latent"), [(10, 100), (3, 7)])
def test_shapes_and_range(name, classes, latent):
    generator, discriminator = networks.MODELS[name](classes, latent)
    noise = np.random.default_rng(0).normal(size=(5, latent)).astype(np.float32) * 10
    label = np.eye(classes, dtype=np.float32)[[0, 1, 2, 1, 0]]
    images = np.array(generator([noise, label]))
    assert images.shape == (5, 28, 28, 1) and np.abs(images).max() <= 1
    shapes = [part.shape for part in keras.tree.flatten(discriminator([images, label]))]
    assert shapes == [(5, 1)] + [(5, classes)] * (name in ("conv", "deep"))


def test_the_article_and_dense_count_their_weights_as_printed():
    def count(*sizes):
        return sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))

    generator, discriminator = networks.article()
    assert generator.count_params() == count(110, 256, 512, 1024, 784) == 1_488_912
    assert discriminator.count_params() == count(794, 512, 256, 1) == 538_625
    generator, discriminator = networks.dense()
    assert generator.count_params() == 1_488_912
    # ten inputs fewer, and ten directions of 256 more
    assert discriminator.count_params() == 538_625 - 10 * 512 + 10 * 256


def test_width_multiplies_units_and_channels():
    generator, discriminator = networks.dense(10, 8, width=1 / 8)
    units = [layer.units for layer in generator.layers if hasattr(layer, "units")]
    assert units == [32, 64, 128, 784]
    units = [layer.units for layer in discriminator.layers if hasattr(layer, "units")]
    assert units[:2] == [64, 32]
    for deep, channels in ((False, [4, 1, 2, 4]), (True, [4, 2, 1, 2, 4, 8])):
        pair = networks.conv(10, 8, width=1 / 16, deep=deep)
        layers = [layer for part in pair for layer in part.layers]
        assert [layer.filters for layer in layers if hasattr(layer, "filters")] == channels


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
    x, y = np.random.default_rng(0).normal(size=(6, 4, 5, 2)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
    y[5] = [0.2, 0.3, 0.5]  # a mixture
    out = np.array(model([x, y]))
    assert out.shape == (6, 4, 5, 5) and np.allclose(out[..., :2], x, atol=1e-6)
    assert np.allclose(out[..., 2:], y[:, None, None, :] * np.ones((1, 4, 5, 1)), atol=1e-6)


def test_an_embedding_picks_rows_and_mixes_them():
    label = keras.Input((3,))
    model = keras.Model(label, conditioning.embed(label, 7))
    rows = model.layers[-1].get_weights()[0]
    assert rows.shape == (3, 7)
    mixed = model(np.array([[0, 0, 1], [1, 0, 0], [0.5, 0.5, 0]]))
    assert np.allclose(mixed, [rows[2], rows[0], rows[:2].mean(axis=0)], atol=1e-6)


def by_hand(x, label, gamma, beta):
    """Return what `conditioning.modulate` promises, written with loops over pictures."""
    rows = zip(x, label, strict=True)
    return np.stack([f * (1 + y @ gamma) + y @ beta for f, y in rows])


@pytest.mark.parametrize("shape", [(7,), (2, 6, 7), (6, 2, 7)])
def test_modulation_is_the_papers_formula_and_mixes(shape):
    rng = np.random.default_rng(0)
    features, label = keras.Input(shape), keras.Input((3,))
    model = keras.Model([features, label], conditioning.modulate(features, label))
    x, y = rng.normal(size=(6, *shape)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
    y[5] = [0.2, 0.3, 0.5]  # a mixture
    assert np.array_equal(model([x, y]), x.astype(np.float32))  # the identity before training
    gamma, beta = matrices = rng.normal(size=(2, 3, 7))
    assert [w.shape for w in model.get_weights()] == [(3, 7), (3, 7)]  # no bias
    model.set_weights(matrices)
    assert np.allclose(model([x, y]), by_hand(x, y, gamma, beta), atol=1e-5)


def test_behind_a_normalisation_modulation_is_conditional_batch_normalisation():
    pair = networks.conv(10, 8, width=1 / 16, modulation="alone")
    normal = [part for part in pair[0].layers if isinstance(part, keras.layers.BatchNormalization)]
    assert [(part.center, part.scale) for part in normal] == [(False, False)] * 2
    rng = np.random.default_rng(0)
    for weight in pair[0].trainable_variables:
        weight.assign(rng.normal(size=weight.shape))
    first = keras.Model(
        pair[0].inputs,
        [normal[0].input, next(p.output for p in pair[0].layers if "leaky" in p.name)],
    )
    noise, label = rng.normal(size=(50, 8)), np.repeat(LABELS, 5, axis=0)
    before, after = (np.array(part) for part in first([noise, label], training=True))
    gamma, beta = (w for w in pair[0].get_weights() if w.shape == (10, 8))
    scaled = (before - before.mean(axis=(0, 1, 2))) / np.sqrt(before.var(axis=(0, 1, 2)) + 1e-5)
    want = by_hand(scaled, 5 * label, gamma, beta)
    assert np.allclose(after, np.where(want > 0, want, 0.2 * want), atol=1e-2)


@pytest.mark.parametrize("name", ["dense", "conv", "deep"])
def test_a_modulated_generator_starts_as_the_other_and_hears_the_label_by_training(name):
    def built(modulation):
        keras.utils.set_random_seed(0)
        return networks.MODELS[name](10, 8, width=1 / 16, modulation=modulation)

    (plain, judge), (both, _), (alone, same) = map(built, ("off", "both", "alone"))
    noise = np.random.default_rng(0).normal(size=(1, 8)).repeat(10, axis=0)
    assert np.array_equal(plain([noise, LABELS]), both([noise, LABELS]))
    assert len(np.unique(alone([noise, LABELS]), axis=0)) == 1  # its input is the noise alone
    for generator, size in ((plain, 18), (alone, 8)):
        sizes = {p.kernel.shape[0] for p in generator.layers if isinstance(p, keras.layers.Dense)}
        assert sizes & {8, 18} == {size}
    assert all(map(np.array_equal, judge.get_weights(), same.get_weights()))
    model = cgan.CGAN(alone, same)
    model.compile()
    for images in np.split(pixels(64), 2):
        model.step(tf.constant(images), tf.range(32) % 10)
    assert len(np.unique(model.sample(np.arange(10), noise=noise[:10]), axis=0)) == 10
    assert all(np.any(w) for w in alone.get_weights())  # no gamma or beta stays at 0


@pytest.mark.parametrize("way", networks.WAYS)
def test_every_way_trains_and_uses_the_label(way):
    keras.utils.set_random_seed(0)
    generator, discriminator = networks.dense(10, 8, width=0.05, way=way)
    model = cgan.CGAN(generator, discriminator)
    model.compile()
    before = generator.get_weights() + discriminator.get_weights()
    for images in np.split(pixels(64), 2):
        model.step(tf.constant(images), tf.range(32) % 10)  # tracing would take longer
    after = generator.get_weights() + discriminator.get_weights()
    assert all(np.any(a != b) for a, b in zip(before, after, strict=True))
    assert all(np.isfinite(w).all() for w in model.get_weights())
    noise = np.random.default_rng(0).normal(size=(1, 8)).repeat(10, axis=0)
    assert len(np.unique(model.sample(np.arange(10), noise=noise), axis=0)) == 10


@pytest.mark.parametrize(
    ("build", "options"),
    [("dense", {"way": "auxiliary"}), ("dense", {"way": "both"}), ("conv", {})],
)
def test_class_logits_do_not_depend_on_the_label_and_the_projection_does(build, options):
    discriminator = networks.MODELS[build](10, 8, width=0.05, **options)[1]
    (logit, classes), (other, same) = (
        discriminator([pixels(1), LABELS[k : k + 1]]) for k in (0, 7)
    )
    assert logit.shape == (1, 1) and classes.shape == (1, 10)
    assert np.array_equal(classes, same)
    assert np.array_equal(logit, other) == (options == {"way": "auxiliary"})


def label_gradient(discriminator):
    """Return the norm of the logits' gradient with respect to the labels of 64 random images."""
    label = tf.constant(LABELS[np.arange(64) % 10])
    with tf.GradientTape() as tape:
        tape.watch(label)
        logits = discriminator([tf.constant(pixels(64)), label])
    return float(tf.norm(tape.gradient(logits, label)))


def test_an_untrained_projection_hears_the_label_louder_than_the_articles_network():
    louder = []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        article, dense = (
            label_gradient(build()[1]) for build in (networks.article, networks.dense)
        )
        louder.append(dense / article)
    assert min(louder) > 2, louder


def test_unknown_names_hear_which_there_are():
    with pytest.raises(ValueError, match="no way 'film'; there are one_hot, scaled_one_hot"):
        networks.dense(way="film")
    with pytest.raises(ValueError, match="no modulation 'film'; there are off, alone, both"):
        networks.dense(modulation="film")
