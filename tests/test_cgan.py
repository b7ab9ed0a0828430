"""The model: what a step changes, what a sample is, and what survives a save."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import augmentation, cgan, data, engine, judge, networks, recipes, sampling, training


@pytest.fixture
def batch(digits):
    return tf.constant(data.to_model(digits.x_train[:32])), tf.constant(
        digits.y_train[:32], tf.int32
    )


def descend(tape, loss, network):
    """Plain gradient descent at the rate 0.1, written out."""
    weights = network.trainable_variables
    for weight, slope in zip(weights, tape.gradient(loss, weights), strict=True):
        weight.assign_sub(0.1 * slope)


def assert_near(network, twin):
    """The same weights but for rounding."""
    for a, b in zip(network.get_weights(), twin.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-6)


def plain_twins(g_rate, way="projection", **options):
    """Two equal small models with plain gradient descent, 0.1 for D; the noise's seed is 0."""

    def built():
        keras.utils.set_random_seed(0)
        model = cgan.CGAN(*networks.dense(10, 4, width=0.05, way=way), ema=0.0, seed=0, **options)
        model.compile(keras.optimizers.SGD(g_rate), keras.optimizers.SGD(0.1))
        return model

    return built(), built()


def test_a_step_is_the_papers_two_updates_in_turn(small_cgan, batch):
    """Plain gradient descent written out: D first; then G, through the D just updated."""
    model = small_cgan(ema=0.0)
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    twin = small_cgan(ema=0.0)
    images, labels = batch
    y = tf.one_hot(labels, 10)
    z = tf.random.stateless_normal((32, 4), seed=[0, 0])
    g, d = twin.generator, twin.discriminator
    with tf.GradientTape() as tape:
        real, fake = d([images, y]), d([g([z, y]), y])
        d_loss = -tf.reduce_mean(tf.math.log_sigmoid(real)) - tf.reduce_mean(
            tf.math.log(1 - tf.sigmoid(fake))
        )
    descend(tape, d_loss, d)
    with tf.GradientTape() as tape:
        g_loss = -tf.reduce_mean(tf.math.log_sigmoid(d([g([z, y]), y])))
    descend(tape, g_loss, g)
    got = model.step(images, labels)
    assert [float(loss) for loss in got] == pytest.approx([float(d_loss), float(g_loss)], rel=1e-5)
    assert_near(model.generator, g)
    assert_near(model.discriminator, d)


def test_a_classifier_learns_from_real_images_and_pays_the_generator_by_its_weight(batch):
    """Plain gradient descent written out, with the class loss in D's turn on real images alone."""
    images, labels = batch
    y = tf.one_hot(labels, 10)
    z = tf.random.stateless_normal((32, 4), seed=[0, 0])
    model, twin = plain_twins(0.1, way="both", auxiliary=0.3)
    g, d = twin.generator, twin.discriminator
    log_loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    with tf.GradientTape() as tape:
        (real, classes), (fake, _) = d([images, y]), d([g([z, y]), y])
        d_loss = (
            tf.reduce_mean(tf.nn.softplus(-real))
            + tf.reduce_mean(tf.nn.softplus(fake))
            + log_loss(y, classes)
        )
    descend(tape, d_loss, d)
    with tf.GradientTape() as tape:
        fake, classes = d([g([z, y]), y])
        g_loss = tf.reduce_mean(tf.nn.softplus(-fake)) + 0.3 * log_loss(y, classes)
    descend(tape, g_loss, g)
    model.step(images, labels)
    assert_near(model.generator, g)
    assert_near(model.discriminator, d)
    assert cgan.CGAN.from_config(model.get_config()).auxiliary == 0.3
    with pytest.raises(ValueError, match="auxiliary is -1, expected a weight from 0 up"):
        cgan.CGAN(*networks.dense(10, 4, width=0.05), auxiliary=-1)


def test_a_classifier_learns_from_fakes_too_where_it_is_asked_to(batch):
    """Odena et al.: the class loss of D's turn on both; G's turn stays as it was."""
    images, labels = batch
    y = tf.one_hot(labels, 10)
    z = tf.random.stateless_normal((32, 4), seed=[0, 0])
    model, twin = plain_twins(0.1, way="auxiliary", class_on_fakes=True)
    usual, _ = plain_twins(0.1, way="auxiliary")
    g, d = twin.generator, twin.discriminator
    log_loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    with tf.GradientTape() as tape:
        (real, classes), (fake, drawn) = d([images, y]), d([g([z, y]), y])
        d_loss = tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))
        d_loss += log_loss(y, classes) + log_loss(y, drawn)
    descend(tape, d_loss, d)
    with tf.GradientTape() as tape:
        fake, drawn = d([g([z, y]), y])
        g_loss = tf.reduce_mean(tf.nn.softplus(-fake)) + log_loss(y, drawn)
    descend(tape, g_loss, g)
    model.step(images, labels)
    assert_near(model.generator, g)
    assert_near(model.discriminator, d)
    usual.step(images, labels)
    head = [m.discriminator.get_layer("class_logits").kernel.numpy() for m in (model, usual)]
    assert np.abs(head[0] - head[1]).max() > 1e-3
    assert cgan.CGAN.from_config(model.get_config()).class_on_fakes is True


@pytest.mark.parametrize("penalty", [None, "r1_r2"])
def test_a_pair_of_one_label_is_compared_in_both_turns(batch, penalty):
    """The relativistic pair written out; G is compared with the real pictures of D's turn."""
    images, labels = batch
    y = tf.one_hot(labels, 10)
    z = tf.random.stateless_normal((32, 4), seed=[0, 0])
    model, twin = plain_twins(0.1, loss="relativistic", penalty=penalty)
    g, d = twin.generator, twin.discriminator
    fakes = g([z, y])
    with tf.GradientTape() as tape, tf.GradientTape() as slopes:
        slopes.watch([images, fakes])
        real, fake = d([images, y]), d([fakes, y])
        d_loss = -tf.reduce_mean(tf.math.log_sigmoid(real - fake))
        logits = tf.reduce_sum(real) + tf.reduce_sum(fake)
        if penalty:  # gamma = 0.1
            with slopes.stop_recording():
                found = slopes.gradient(logits, [images, fakes])
            d_loss += 0.05 * sum(tf.reduce_sum(slope**2) for slope in found) / 32
    descend(tape, d_loss, d)
    partners = d([images, y])
    start = g.get_weights()
    with tf.GradientTape() as tape:
        g_loss = -tf.reduce_mean(tf.math.log_sigmoid(d([g([z, y]), y]) - partners))
    descend(tape, g_loss, g)
    told = model.step(images, labels)
    assert_near(model.generator, g)
    assert_near(model.discriminator, d)
    game = -tf.reduce_mean(tf.math.log_sigmoid(real - fake))
    assert [float(loss) for loss in told] == pytest.approx([float(game), float(g_loss)], rel=1e-5)
    # With other partners G goes elsewhere.
    moved = g.get_weights()
    g.set_weights(start)
    with tf.GradientTape() as tape:
        g_loss = -tf.reduce_mean(tf.math.log_sigmoid(d([g([z, y]), y]) - partners[::-1]))
    descend(tape, g_loss, g)
    farthest = max(np.abs(a - b).max() for a, b in zip(moved, g.get_weights(), strict=True))
    assert farthest > 1e-5


def test_d_plays_against_real_images_under_wrong_labels_too(batch):
    """D's turn written out; the wrong labels are read off the model, and are wrong, each alike."""
    images, labels = batch
    y = tf.one_hot(labels, 10)
    z = tf.random.stateless_normal((32, 4), seed=[0, 0])
    model, twin = plain_twins(0.0, mismatch=0.3)
    wrong = model._other(tf.constant(labels), tf.constant([0, 0]))
    assert not np.any(np.argmax(wrong, 1) == labels)
    many = model._other(tf.zeros(9000, tf.int32), tf.constant([0, 0]))
    assert np.allclose(tf.reduce_sum(many, 0), [0] + 9 * [1000], atol=100)
    d = twin.discriminator
    with tf.GradientTape() as tape:
        real, fake, other = d([images, y]), d([twin.generator([z, y]), y]), d([images, wrong])
        d_loss = (
            1.3 * tf.reduce_mean(tf.nn.softplus(-real))
            + tf.reduce_mean(tf.nn.softplus(fake))
            + 0.3 * tf.reduce_mean(tf.nn.softplus(other))
        )
    descend(tape, d_loss, d)
    told, _ = model.step(images, labels)
    assert_near(model.discriminator, d)
    # The loss that is told is the game's against G alone, so that it compares between recipes.
    game = tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))
    assert float(told) == pytest.approx(float(game), rel=1e-5)
    assert cgan.CGAN.from_config(model.get_config()).mismatch == 0.3
    with pytest.raises(ValueError, match="mismatch is -1, expected a weight from 0 up"):
        cgan.CGAN(*networks.dense(10, 4, width=0.05), mismatch=-1)
    # With one class no label is wrong: the weight changes nothing.
    single = cgan.CGAN(*networks.dense(1, 4, width=0.05), mismatch=0.3)
    single.compile()
    assert np.isfinite(single.step(images, 0 * labels)).all()


def test_both_turns_see_changed_images_and_the_gradient_comes_back_through_the_change(batch):
    """Plain gradient descent written out: real images and fakes each with numbers of their own."""
    images, labels = batch
    y = tf.one_hot(labels, 10)
    z = tf.random.stateless_normal((32, 4), seed=[0, 0])
    model, twin = plain_twins(0.1, augment="diffaugment")
    g, d = twin.generator, twin.discriminator
    seeds = [tf.random.experimental.stateless_fold_in(tf.constant([0, 0]), k) for k in (3, 4)]
    change = augmentation.get("diffaugment").of
    real_seen = change(images, seeds[0])
    with tf.GradientTape() as tape:
        real, fake = d([real_seen, y]), d([change(g([z, y]), seeds[1]), y])
        d_loss = tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))
    descend(tape, d_loss, d)
    with tf.GradientTape() as tape:
        g_loss = tf.reduce_mean(tf.nn.softplus(-d([change(g([z, y]), seeds[1]), y])))
    descend(tape, g_loss, g)
    got = model.step(images, labels)
    assert [float(loss) for loss in got] == pytest.approx([float(d_loss), float(g_loss)], rel=1e-5)
    assert_near(model.generator, g)
    assert_near(model.discriminator, d)
    assert cgan.CGAN.from_config(model.get_config()).augment.name == "diffaugment"


def test_each_optimizer_moves_its_own_network_only(small_cgan, batch, same_weights):
    for still, moving in (("generator", "discriminator"), ("discriminator", "generator")):
        model = small_cgan()
        rates = {"generator": 1e-3, "discriminator": 1e-3, still: 0.0}
        model.compile(
            *(keras.optimizers.SGD(rates[name]) for name in ("generator", "discriminator"))
        )
        before = {name: getattr(model, name).get_weights() for name in rates}
        model.step(*batch)
        assert same_weights(before[still], getattr(model, still).get_weights())
        assert not same_weights(before[moving], getattr(model, moving).get_weights())


def test_the_noise_is_new_each_step_and_the_same_each_run(small_cgan, batch):
    losses = []
    for _ in range(2):
        model = small_cgan(seed=3)
        model.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
        losses.append([float(model.step(*batch)[1]) for _ in range(3)])
    assert losses[0] == losses[1] and len(set(losses[0])) == 3


def test_the_average_follows_its_formula(small_cgan, batch):
    model = small_cgan(ema=0.15)
    average = model.averaged.get_weights()
    for step in (1, 2, 3):
        model.step(*batch)
        decay = min(0.15, (1 + step) / (10 + step))
        average = [
            a + (1 - decay) * (w - a)
            for a, w in zip(average, model.generator.get_weights(), strict=True)
        ]
    for a, b in zip(average, model.averaged.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-6)


def test_samples_come_in_the_order_asked_for(small_cgan):
    model, labels, noise = small_cgan(), np.array([7, 0, 7, 3]), sampling.noise(4, 4, seed=1)
    images = model.sample(labels, noise=noise)
    assert images.shape == (4, 28, 28) and images.dtype == np.uint8
    order = [2, 0, 3, 1]
    assert np.array_equal(model.sample(labels[order], noise=noise[order]), images[order])


def test_more_samples_than_a_batch_are_the_same_samples(small_cgan):
    model = small_cgan()
    labels, noise = np.arange(1500) % 10, sampling.noise(1500, 4, seed=0)
    images = model.sample(labels, noise=noise)
    assert len(images) == 1500
    assert (
        np.abs(images[1490:].astype(int) - model.sample(labels[1490:], noise=noise[1490:])).max()
        <= 1
    )


def test_a_seed_repeats_the_samples_and_none_is_a_sample_too(small_cgan):
    model = small_cgan()
    assert np.array_equal(model.sample([1, 2], seed=5), model.sample([1, 2], seed=5))
    assert not np.array_equal(model.sample([1, 2], seed=5), model.sample([1, 2], seed=6))
    assert model.sample(np.zeros(0, int)).shape == (0, 28, 28)


def test_a_pure_mixture_is_the_label(small_cgan):
    model, noise = small_cgan(), sampling.noise(2, 4, seed=0)
    assert np.array_equal(
        model.sample([3, 8], noise=noise), model.sample(np.eye(10)[[3, 8]], noise=noise)
    )


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"labels": [10]}, ValueError, "labels run from 10 to 10, expected 0 to 9"),
        ({"labels": [1.5]}, TypeError, "expected whole numbers"),
        (
            {"labels": [1], "noise": np.zeros((1, 5))},
            ValueError,
            r"noise has shape \(1, 5\), expected \(1, 4\)",
        ),
        ({"labels": [1, 2], "noise": np.zeros((1, 4))}, ValueError, r"expected \(2, 4\)"),
    ],
)
def test_a_sample_that_cannot_be_drawn_says_why(small_cgan, arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        small_cgan().sample(**arguments)


def test_keras_users_fit_with_callbacks_and_one_seed_gives_one_result(
    small_cgan, digits, same_weights
):
    x, weights, seen = data.to_model(digits.x_train), [], []
    for _ in range(2):
        model = small_cgan()
        count = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: seen.append(sorted(logs))
        )
        history = model.fit(
            x, digits.y_train, batch_size=64, epochs=2, verbose=0, callbacks=[count]
        )
        assert len(history.history["d_loss"]) == len(history.history["g_loss"]) == 2
        weights.append(model.generator.get_weights())
    assert seen == [["d_loss", "g_loss"]] * 4 and int(model.steps) == 10
    assert same_weights(*weights)


def test_fit_refuses_the_wrong_range_and_wrong_labels_before_it_trains(small_cgan, digits):
    model, x = small_cgan(), data.to_model(digits.x_train)
    with pytest.raises(ValueError, match="the generator ends in tanh"):
        model.fit((x + 1) / 2, digits.y_train, verbose=0)
    with pytest.raises(ValueError, match="expected 0 to 9"):
        model.fit(x, digits.y_train + 1, verbose=0)
    with pytest.raises(ValueError, match="5 labels came with 320 images"):
        model.fit(x, digits.y_train[:5], verbose=0)
    assert int(model.steps) == 0


@pytest.mark.parametrize("precision", networks.PRECISIONS)
@pytest.mark.parametrize("recipe", recipes.RECIPES)
def test_every_variable_of_a_step_can_stand_on_a_gpu(recipe, precision):
    """TensorFlow keeps int32 beside the processor, and XLA refuses a step that reaches there."""
    model = cgan.build(recipe, precision=precision)
    assert {value.dtype.name for value in engine.snapshot(model)} == {"float32", "int64"}


def test_a_saved_model_samples_and_goes_on_as_if_it_had_never_been_saved(
    small_cgan, batch, tmp_path, same_weights
):
    model = small_cgan()
    for _ in range(3):
        model.step(*batch)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(again, cgan.CGAN) and int(again.steps) == 3
    assert np.array_equal(model.sample([4, 5], seed=0), again.sample([4, 5], seed=0))
    for both in (model, again):
        both.step(*batch)
    assert same_weights(
        [np.array(v) for v in model.variables], [np.array(v) for v in again.variables]
    )
    assert same_weights(
        [np.array(v) for v in model.g_optimizer.variables],
        [np.array(v) for v in again.g_optimizer.variables],
    )


def test_a_recipe_repeats_with_its_seed(same_weights):
    a, b, c = (cgan.build("article", seed=seed) for seed in (1, 1, 2))
    assert same_weights(a.get_weights(), b.get_weights()) and not same_weights(
        a.get_weights(), c.get_weights()
    )
    with pytest.raises(ValueError, match="no recipe 'unet'"):
        cgan.build("unet")
    assert {recipe.networks for recipe in recipes.RECIPES.values()} == set(networks.MODELS)
    assert a.recipe == recipes.RECIPES["article"] and a.recipe.batch_size == 64
    a.compile()  # with other optimizers than the recipe's
    assert a.recipe is None


def test_a_recipe_can_be_varied():
    model = cgan.build(way="planes", width=0.05, loss="hinge", penalty="r1", g_rate=1e-5, ema=0.5)
    assert (model.adversarial.name, model.penalty.name, model.ema) == ("hinge", "r1", 0.5)
    assert float(model.g_optimizer.learning_rate) == pytest.approx(1e-5)
    assert float(model.d_optimizer.learning_rate) == pytest.approx(recipes.RECIPES["dense"].d_rate)
    assert (
        model.recipe.loss == "hinge" and model.count_params() < 400_000
    )  # not the recipe's 2 million
    for change, text in (
        ({"rate": 1.0}, "a recipe has no rate; it has networks, way, width"),
        ({"loss": "none"}, "no loss 'none'"),
        ({"penalty": "fine"}, "no penalty 'fine'"),
        ({"augment": "flip"}, "no augmentation 'flip'; there are shift, cutout"),
        ({"way": "film"}, "no way 'film'; there are one_hot"),
        ({"modulation": "film"}, "no modulation 'film'; there are off, alone, both"),
        ({"recipe": "article", "modulation": "both"}, "'article' have no option modulation"),
        ({"recipe": "article", "way": "planes"}, "networks of 'article' have no option way"),
        ({"batch_size": 0}, "batch_size is 0, expected a whole number from 1 up"),
        ({"ema": 1.0}, "ema is 1.0"),
        ({"g_rate": -1.0}, "g_rate is -1.0, expected a number from 0 up"),
    ):
        with pytest.raises(ValueError, match=text):
            cgan.build(**change)


def test_spectral_normalisation_holds_the_largest_singular_value_at_one(batch):
    model = cgan.build(spectral=True, width=0.05, d_rate=1e-2)
    for _ in range(30):
        model.step(*batch)
    model.discriminator([batch[0], tf.one_hot(batch[1], 10)], training=True)
    kernels = [w.numpy() for w in model.discriminator.trainable_weights if w.name == "kernel"][:2]
    assert [kernel.shape[0] for kernel in kernels] == [784, 26]
    assert [np.linalg.norm(kernel, 2) for kernel in kernels] == pytest.approx([1.0, 1.0], abs=0.05)


def test_networks_that_do_not_fit_are_refused():
    g, d = networks.dense(classes=10)
    with pytest.raises(ValueError, match="the generator knows 10 classes and the discriminator 3"):
        cgan.CGAN(g, networks.dense(classes=3)[1])
    with pytest.raises(ValueError, match=r"expected two \(noise, label\)"):
        cgan.CGAN(d, g)
    with pytest.raises(ValueError, match="ema is 1.0"):
        cgan.CGAN(g, d, ema=1.0)
    with pytest.raises(ValueError, match="no loss 'mse'"):
        cgan.CGAN(g, d, loss="mse")


def batches(images, labels, size=32):
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(size)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda x, y: (x * 127.5 + 127.5, y), r"run from 0 to 255, expected \[-1, 1\]"),
        (lambda x, y: (x / 2 + 0.5, y), r"that is \[0, 1\]"),
        (lambda x, y: (x, y + 1), "labels run from 1 to 10, expected 0 to 9.*labels - 1"),
        (lambda x, y: (x, np.eye(10, dtype=np.float32)[y]), "not one-hot rows"),
        (lambda x, y: (x, y.astype(np.float32)), "dtype float32, expected whole numbers"),
        (lambda x, y: (x[..., 0], y), r"expected batches \(images, labels\)"),
    ],
)
def test_fit_refuses_data_sets_as_it_refuses_arrays(small_cgan, digits, spoil, sentence):
    model = small_cgan()
    with pytest.raises((ValueError, TypeError), match=sentence):
        model.fit(batches(*spoil(data.to_model(digits.x_train), digits.y_train)), verbose=0)


def test_fit_checks_every_batch_of_a_data_set_and_refuses_other_containers(small_cgan, digits):
    x = data.to_model(digits.x_train)
    labels = digits.y_train.copy()
    labels[40] = 10
    bright = x.copy()
    bright[32:64] = 1.0  # a batch without black, after others: no sign of [0, 1]
    assert small_cgan().fit(batches(bright, digits.y_train), verbose=0)
    bright[40] = 2.0
    with pytest.raises(ValueError, match="run from 1 to 2"):
        small_cgan().fit(batches(bright, digits.y_train), verbose=0)
    model = small_cgan()
    with pytest.raises(ValueError, match="labels run from 0 to 10"):
        model.fit(batches(x, labels), verbose=0)
    assert model.fit(batches(x, digits.y_train), verbose=0).history["d_loss"][0] > 0
    with pytest.raises(ValueError, match="expected batches"):
        model.fit(batches(x, digits.y_train).unbatch(), verbose=0)
    with pytest.raises(ValueError, match="expected batches"):
        model.fit(batches(x, digits.y_train).map(lambda x, y: x), verbose=0)
    with pytest.raises(TypeError, match="x is a generator, expected images and labels"):
        model.fit(((x, digits.y_train) for _ in range(2)), verbose=0)
    with pytest.raises(ValueError, match="labels run from 1 to 10"):
        model.fit(tf.constant(x), tf.constant(digits.y_train + 1), verbose=0)


def test_settings_of_another_course_change_no_network(small_cgan, digits):
    def made():
        model = cgan.build("conv", width=0.1)
        training.train(model, digits, epochs=1, batch_size=64, progress=False)
        return model, judge.build()

    usual, reader = made()
    before = keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found, again = made()
        assert keras.config.image_data_format() == "channels_first"
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_image_data_format(before[1])
        keras.config.set_dtype_policy(before[2])
    assert np.array_equal(found.sample([3], seed=0), usual.sample([3], seed=0))
    assert [w.dtype for w in again.weights] == [w.dtype for w in reader.weights]
    assert again.output_shape == reader.output_shape
