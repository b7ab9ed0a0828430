"""The engine: compiled steps are the plain steps; and what Keras users expect of `fit`."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import cgan, data, engine, losses, training
from cgan_lab._support.tensorflow import device


def trained(model, digits, epochs=2):
    training.train(model, digits, batch_size=64, epochs=epochs, progress=False)
    return engine.snapshot(model)


def test_every_image_comes_once_an_epoch_and_the_order_changes():
    first, second = (engine.epoch_order(100, 10, seed=0, epoch=epoch) for epoch in (1, 2))
    assert first.shape == (10, 10) and sorted(first.ravel()) == list(range(100))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, engine.epoch_order(100, 10, seed=0, epoch=1))
    assert engine.epoch_order(105, 10, seed=0, epoch=1).shape == (10, 10)


def test_the_compiled_loop_is_the_plain_loop(small_cgan, digits):
    """Compiled alike: XLA draws other noise from the same seed than plain execution does."""
    fast, plain = small_cgan(xla=None), small_cgan()
    step = tf.function(plain.step, jit_compile=True)
    history = training.train(fast, digits, batch_size=64, epochs=1, progress=False)
    x, losses = data.to_model(digits.x_train), []
    for batch in engine.epoch_order(320, 64, seed=0, epoch=1):
        losses.append(
            [float(v) for v in step(tf.constant(x[batch]), tf.constant(digits.y_train[batch]))]
        )
    assert [history.rows[0]["d_loss"], history.rows[0]["g_loss"]] == pytest.approx(
        np.mean(losses, axis=0), rel=1e-4
    )
    for a, b in zip(fast.generator.get_weights(), plain.generator.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-4)


def test_the_losses_do_not_depend_on_how_the_steps_are_cut_into_calls(
    small_cgan, digits, monkeypatch
):
    x, y = tf.constant(data.to_model(digits.x_train)), tf.constant(digits.y_train, tf.int32)
    order, results, calls = engine.epoch_order(320, 16, seed=0, epoch=1), [], []
    for first, seconds in ((20, 9.0), (3, 0.0)):
        monkeypatch.setattr(engine, "FIRST_CALL", first)
        monkeypatch.setattr(engine, "SECONDS_PER_CALL", seconds)
        model, seen = small_cgan(xla=None), []

        class Ends(engine.Listener):
            def on_steps(self, start, stop, losses, seen=seen):
                seen.append((start, stop))

        losses = engine.run_epoch(model, x, y, order, [Ends()])
        results.append((losses, engine.snapshot(model)))
        calls.append(seen)
    assert (
        calls[0] == [(0, 20)]
        and calls[1][:3] == [(0, 3), (3, 4), (4, 5)]
        and calls[1][-1] == (19, 20)
    )
    assert results[0][0] == results[1][0]
    assert all(np.array_equal(a, b) for a, b in zip(results[0][1], results[1][1], strict=True))


def test_callbacks_stop_save_and_log_as_in_keras(small_cgan, digits, tmp_path):
    x, seen = data.to_model(digits.x_train), []
    callbacks = [
        keras.callbacks.EarlyStopping(monitor="g_loss", mode="min", patience=0, min_delta=1e9),
        keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras"),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append((batch, sorted(logs)))
        ),
    ]
    model = small_cgan()
    history = model.fit(x, digits.y_train, batch_size=64, epochs=9, verbose=0, callbacks=callbacks)
    assert history.epoch == [0, 1]  # nothing improves by 1e9, so patience ends after the second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.keras", "2.keras", "log.csv"]
    assert seen[-1][1] == ["d_loss", "g_loss"]
    again = keras.models.load_model(tmp_path / "2.keras")
    assert np.array_equal(again.sample([1], seed=0), model.sample([1], seed=0))


def test_fit_prints_keras_bar(small_cgan, digits, capsys):
    small_cgan().fit(
        data.to_model(digits.x_train), digits.y_train, batch_size=64, epochs=2, verbose=2
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2" and "d_loss: " in lines[1] and "5/5" in lines[1]


def test_a_data_set_goes_through_keras_own_loop(small_cgan, digits):
    images = tf.data.Dataset.from_tensor_slices(
        (data.to_model(digits.x_train), digits.y_train)
    ).batch(64)
    model = small_cgan()
    history = model.fit(images, epochs=2, verbose=0)
    assert len(history.history["g_loss"]) == 2 and int(model.steps) == 10


def test_fit_says_that_a_gan_has_no_validation_loss(small_cgan, digits):
    x = data.to_model(digits.x_train)
    model = small_cgan()
    for option in ({"validation_split": 0.1}, {"validation_data": (x, digits.y_train)}):
        with pytest.raises(ValueError, match="no validation loss; measure it on its samples"):
            model.fit(x, digits.y_train, verbose=0, **option)
    assert int(model.steps) == 0


def test_fit_says_that_there_is_nothing_to_train_on(small_cgan, digits):
    x = data.to_model(digits.x_train[:0])
    with pytest.raises(ValueError, match="cannot train on 0 images"):
        small_cgan().fit(x, digits.y_train[:0], verbose=0)


def test_compiling_again_trains_with_the_new_optimizers(small_cgan, digits):
    model = small_cgan()
    trained(model, digits, epochs=1)
    before = model.generator.get_weights()
    model.compile(keras.optimizers.Adam(0.0), keras.optimizers.Adam(0.0))
    trained(model, digits, epochs=2)
    assert all(
        np.array_equal(a, b) for a, b in zip(before, model.generator.get_weights(), strict=True)
    )


def test_xla_is_used_unless_told(small_cgan):
    model = small_cgan(xla=None)
    assert model.jit_compile is True
    model.compile(jit_compile=False)
    assert model.jit_compile is False


def test_convolutions_train_without_xla_on_a_cpu():
    """Where XLA's take fifteen times as long."""
    model = cgan.build("conv")
    assert model.jit_compile is (device() == "gpu")


def test_plain_tensorflow_trains_too(small_cgan, digits):
    model, start = small_cgan(), small_cgan()
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), jit_compile=False)
    trained(model, digits, epochs=1)
    assert any(
        np.any(a != b) for a, b in zip(model.get_weights(), start.get_weights(), strict=True)
    )


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_sixteen_bits_train_as_thirty_two_do(small_cgan, digits, precision):
    """With the same noise and order the weights go nearly the same way. XLA draws other noise."""
    half, full, start = (
        small_cgan(precision=precision),
        small_cgan(),
        small_cgan().generator.get_weights(),
    )
    assert half.precision == precision and {weight.dtype for weight in half.weights} == {
        "float32",
        "int64",
    }
    for model in (half, full):
        model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), jit_compile=False)
        trained(model, digits, epochs=4)
    for a, b, c in zip(
        half.generator.get_weights(), full.generator.get_weights(), start, strict=True
    ):
        assert 0 < np.linalg.norm(a - b) < 0.3 * np.linalg.norm(b - c)
    assert half.sample([3, 4], seed=0).shape == (2, 28, 28)


def test_float16_scales_its_losses_and_goes_on_after_loading(
    small_cgan, digits, tmp_path, same_weights
):
    model = small_cgan(precision="mixed_float16", xla=None)
    assert isinstance(model.g_optimizer, keras.optimizers.LossScaleOptimizer)
    trained(model, digits, epochs=1)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.precision == "mixed_float16"
    assert same_weights(trained(model, digits), trained(again, digits))


def test_an_unknown_precision_is_refused_and_the_policy_stays():
    with pytest.raises(ValueError, match="no precision 'int8'; there are float32, mixed_bfloat16"):
        cgan.build("dense", precision="int8")
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("penalty", ["wgan_gp", "r1"])
def test_every_penalty_trains_and_is_saved(small_cgan, digits, penalty, tmp_path):
    model, without = small_cgan(loss="wasserstein", penalty=penalty), small_cgan(loss="wasserstein")
    trained(model, digits)
    trained(without, digits)
    assert np.isfinite(np.concatenate([w.ravel() for w in model.get_weights()])).all()
    pairs = zip(model.discriminator.get_weights(), without.discriminator.get_weights(), strict=True)
    assert any(np.any(a != b) for a, b in pairs)
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").penalty.name == penalty


def test_a_penalty_of_ones_own_trains_and_is_not_saved(small_cgan, digits, tmp_path):
    def own(*arguments):
        return losses.PENALTIES["r1"].of(*arguments)

    model, named = (small_cgan(loss="wasserstein", penalty=penalty) for penalty in (own, "r1"))
    trained(model, digits)
    trained(named, digits)
    pairs = zip(model.get_weights(), named.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    with pytest.raises(ValueError, match="the penalty 'own' is a function of your own"):
        model.save(tmp_path / "model.keras")
    model.penalty = None
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").penalty is None


def test_one_compilation_serves_every_cut(small_cgan, digits):
    """If XLA took the ends for constants, each call with other ends would compile for seconds."""
    model = small_cgan(xla=None)
    x, y = tf.constant(data.to_model(digits.x_train)), tf.constant(digits.y_train, tf.int32)
    order, run = (
        tf.constant(engine.epoch_order(320, 64, seed=0, epoch=1)),
        engine.compiled_steps(model),
    )

    def program(start, stop):
        lower = run.experimental_get_compiler_ir(
            x, y, order, tf.constant(start), tf.constant(stop), tf.zeros(2)
        )
        return lower(stage="hlo")

    assert program(0, 2) == program(1, 5)


def test_many_models_are_trained_and_sampled_without_a_warning(small_cgan, digits, caplog):
    for seed in range(8):
        model = small_cgan(seed=seed)
        trained(model, digits, epochs=1)
        model.sample([1, 2], seed=0)
    assert "retracing" not in caplog.text
