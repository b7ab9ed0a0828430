"""CGAN: a keras.Model that trains a conditional generator and samples from it."""

import numpy as np

from cgan_lab import augmentation, data, engine, losses, networks, recipes, sampling
from cgan_lab._support import distributed, files
from cgan_lab._support.arrays import check_labels
from cgan_lab._support.names import decay, pick
from cgan_lab._support.tensorflow import keras, tf, usual, xla


def build(recipe="dense", classes=10, seed=0, precision="float32", **changes):
    """Return a compiled, untrained `CGAN` of a recipe. Seeds Keras with ``seed``.

    ``recipe``: a name in `recipes.RECIPES`, or a `recipes.Recipe`; ``changes``: fields of it to
    change, ``build(spectral=True, loss="hinge")``. ``precision``: one of `networks.PRECISIONS`.
    Raises ValueError for an unknown recipe, field, option or precision. Shown in lesson 03.
    """
    recipe = recipes.get(recipe, **changes)
    keras.utils.set_random_seed(seed)
    with networks.precision(precision):
        generator, discriminator = recipe.pair(classes)
    with usual():
        cgan = CGAN(
            generator,
            discriminator,
            loss=recipe.loss,
            ema=recipe.ema,
            seed=seed,
            penalty=recipe.penalty,
            auxiliary=recipe.auxiliary,
            mismatch=recipe.mismatch,
            class_on_fakes=recipe.class_on_fakes,
            augment=recipe.augment,
            name=f"cgan_{recipe.networks}",
        )
        cgan.compile(recipe.adam("g"), recipe.adam("d"))
    cgan.recipe = recipe
    return cgan


def shipped(name):
    """Return the shipped model ``name`` to sample from; its discriminator is untrained.

    Raises ValueError, listing the shipped models, for another name. Shown in lesson 00.
    """
    cgan = build(pick("shipped model", name, recipes.SHIPPED))
    files.read_weights(files.asset(f"{name}.npz"), cgan.averaged)
    cgan.generator.set_weights(cgan.averaged.get_weights())
    return cgan


@keras.saving.register_keras_serializable("cgan_lab")
class CGAN(keras.Model):
    """A conditional GAN: generator G(z|y) against discriminator D(x|y).

    ``compile``, ``fit``, callbacks, ``save`` and ``keras.models.load_model`` work as for any Keras
    model. Networks built under one of Keras' mixed policies train in 16 bits. Mirza and Osindero
    2014 (arXiv 1411.1784). Shown in lesson 03.

    Args:
        generator: noise ``(n, latent)``, label ``(n, classes)`` -> images ``(n, 28, 28, 1)`` in
            [-1, 1].
        discriminator: such images, label ``(n, classes)`` -> logits ``(n, 1)`` and, if it holds an
            auxiliary classifier, class logits ``(n, classes)``.
        loss: a name in `losses.LOSSES`.
        ema: decay of the averaged generator that `sample` uses; 0 samples from the last weights.
        seed: of the noise drawn in training.
        penalty: a name in `losses.PENALTIES`, None, or a function of your own, called as
            `losses.Penalty.of` is. A model with one of your own cannot be saved as a whole.
        auxiliary: weight of the class loss in G's turn, if there is such a classifier.
        mismatch: weight of a second game in D's turn, real images under their own labels against
            the same ones under wrong labels: Reed et al. 2016 (arXiv 1605.05396), algorithm 1.
            With one class there is no wrong label.
        class_on_fakes: whether the auxiliary classifier learns the classes of fakes, too, as in
            Odena et al. 2017 (arXiv 1610.09585), equation 3.
        augment: a name in `augmentation.AUGMENTATIONS`, or None: how images are changed before D
            sees them, real ones and fakes, in both turns.

    Raises:
        ValueError: for networks that do not fit each other, and for unknown names or numbers.
    """

    recipe = None  # the `recipes.Recipe` of a model that `build` made and nobody compiled anew

    def __init__(
        self,
        generator,
        discriminator,
        loss="non_saturating",
        ema=0.998,
        seed=0,
        penalty=None,
        auxiliary=1.0,
        mismatch=0.0,
        class_on_fakes=False,
        augment=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        networks.check_pair(generator, discriminator)
        for name, weight in {"auxiliary": auxiliary, "mismatch": mismatch}.items():
            if not weight >= 0.0:
                raise ValueError(f"{name} is {weight!r}, expected a weight from 0 up.")
        self.generator = generator
        self.discriminator = discriminator
        self.adversarial = losses.get(loss)
        self.penalty = losses.as_penalty(penalty)
        self.ema = decay("ema", ema)
        self.seed = int(seed)
        self.auxiliary = float(auxiliary)
        self.mismatch = float(mismatch)
        self.class_on_fakes = bool(class_on_fakes)
        self.augment = augmentation.get(augment)
        self.precision = next(
            layer.dtype_policy.name for layer in generator.layers if layer.weights
        )
        self.latent = generator.inputs[0].shape[1]
        self.classes = generator.inputs[1].shape[1]
        self.averaged = keras.models.clone_model(generator)
        self.averaged.set_weights(generator.get_weights())
        self.averaged.trainable = False
        # Steps in all, and epochs of `training.train`; saved, so that a run can go on.
        self.steps = self._counter("steps")
        self.epochs = self._counter("epochs")
        self.d_loss = keras.metrics.Mean("d_loss")
        self.g_loss = keras.metrics.Mean("g_loss")
        self.built = True

    def _counter(self, name):
        # TensorFlow keeps int32 in the processor's memory, where XLA on a GPU does not reach it.
        return self.add_weight(
            shape=(), dtype="int64", initializer="zeros", trainable=False, name=name
        )

    # Training

    @tf.autograph.experimental.do_not_convert  # half of the tracing time, and nothing to convert
    def step(self, images, labels):
        """Update D, then G, then the averaged generator: one step of the game.

        Algorithm 1 of Goodfellow et al. 2014 (arXiv 1406.2661) with k = 1, but for one thing: the
        fakes that D has just learned from are shown again to the updated D to train G, which saves
        a pass through G. ``images``: ``(b, 28, 28, 1)`` in [-1, 1]; ``labels``: int ``(b,)``.
        Returns the adversarial losses of D and of G before their updates, float32 scalars.
        """
        label = tf.one_hot(labels, self.classes)  # (b, classes)
        seed = tf.stack([self.seed, tf.cast(self.steps, tf.int32)])
        z = self._noise(tf.shape(images)[0], seed)  # (b, latent)
        with tf.GradientTape() as g_tape:
            fakes = tf.cast(self.generator([z, label], training=True), tf.float32)  # (b, 28, 28, 1)
            images, fakes = self._augmented(images, fakes, seed)
            with tf.GradientTape() as d_tape:
                shown = tf.stop_gradient(fakes)
                real, real_class = self._judged(images, label)
                fake, fake_class = self._judged(shown, label)
                d_loss = self.adversarial.discriminator(real, fake)
                d_total = d_loss + real_class
                if self.class_on_fakes:
                    d_total += fake_class
                if self.mismatch and self.classes > 1:
                    # XLA computes D's layers below the label once for `real` and `wrong`.
                    wrong, _ = self._judged(images, self._other(labels, seed))
                    d_total += self.mismatch * self.adversarial.discriminator(real, wrong)
                if self.penalty:
                    d_total += self.penalty.of(self.discriminator, images, shown, label, seed)
                d_total = _to_descend(d_total, self.d_optimizer)
            with g_tape.stop_recording():
                _descend(d_tape, d_total, self.discriminator, self.d_optimizer)
            fake, fake_class = self._judged(fakes, label)
            against = [self._judged(images, label)[0]] if self.adversarial.paired else []
            g_loss = self.adversarial.generator(fake, *against)
            g_total = _to_descend(g_loss + self.auxiliary * fake_class, self.g_optimizer)
        _descend(g_tape, g_total, self.generator, self.g_optimizer)
        self.steps.assign(self.steps + 1)
        engine.average(self.averaged, self.generator, self.ema, self.steps)
        return d_loss, g_loss

    def _noise(self, n, seed):
        """Return a step's noise. It depends on ``seed`` alone, so that a run can go on exactly."""

        def draw(n):
            return tf.random.stateless_normal((n, self.latent), seed)

        return distributed.rows(draw, n)

    def _other(self, labels, seed):
        """Return a wrong label for each image, one-hot ``(b, classes)``, each equally often."""
        seed = tf.random.experimental.stateless_fold_in(seed, 2)  # other numbers than the noise

        def draw(n):
            return tf.random.stateless_uniform((n,), seed, 1, self.classes, tf.int32)

        steps = distributed.rows(draw, tf.shape(labels)[0])
        return tf.one_hot((tf.cast(labels, tf.int32) + steps) % self.classes, self.classes)

    def _augmented(self, images, fakes, seed):
        """Return both as D is shown them, each image changed in its own way."""
        if not self.augment:
            return images, fakes
        seeds = [tf.random.experimental.stateless_fold_in(seed, k) for k in (3, 4)]
        return self.augment.of(images, seeds[0]), self.augment.of(fakes, seeds[1])

    def _judged(self, images, label):
        """Return D's logits ``(b, 1)`` and its auxiliary classifier's loss, 0 if it has none."""
        outputs = self.discriminator([images, label], training=True)
        logits, *classes = tf.nest.flatten(outputs)
        class_loss = losses.auxiliary(classes[0], label) if classes else 0.0
        return tf.cast(logits, tf.float32), class_loss

    # As Keras users expect

    @property
    def metrics(self):
        """The running means of both losses; Keras resets them every epoch."""
        return [self.d_loss, self.g_loss]

    def compile(self, g_optimizer=None, d_optimizer=None, **kwargs):
        """Set both optimizers (default: those of the recipe ``dense``), then compile as Keras does.

        ``jit_compile``: whether XLA compiles; by default where it is faster, while Keras' own
        ``"auto"`` leaves it out on every CPU. ``steps_per_execution``: 16 by default. Raises
        ValueError under a strategy whose replicas do not step together.
        """
        distributed.check(tf.distribute.get_strategy())
        kwargs.pop("optimizer", None)
        kwargs.setdefault("steps_per_execution", 16)
        if kwargs.get("jit_compile", "auto") == "auto":
            convolutions = any(map(networks.convolves, (self.generator, self.discriminator)))
            allowed = not tf.distribute.has_strategy()
            kwargs["jit_compile"] = allowed and xla(self.precision, convolutions)
        super().compile(optimizer=None, **kwargs)
        self.recipe = None
        self._compiled_steps = None  # the engine's compiled steps hold the old optimizers
        dense = recipes.RECIPES["dense"]
        self.g_optimizer = self._scaling(keras.optimizers.get(g_optimizer or dense.adam("g")))
        self.d_optimizer = self._scaling(keras.optimizers.get(d_optimizer or dense.adam("d")))
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)

    def _scaling(self, optimizer):
        # float16 has no numbers below 6e-8: the loss is scaled up and the gradients back down.
        scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        if self.precision != "mixed_float16" or scales:
            return optimizer
        return keras.optimizers.LossScaleOptimizer(optimizer)

    def fit(self, x=None, y=None, **kwargs):
        """Train as ``keras.Model.fit`` does, after arrays were checked for range and labels.

        `training.train` is faster, keeps the last whole epoch when it is interrupted, and can go on
        from a folder. ``x``: images ``(n, 28, 28, 1)`` in [-1, 1]; ``y``: labels ``(n,)``; or a
        ``tf.data.Dataset`` of batches of both. Raises ValueError or TypeError for those that do not
        fit, of a data set when the first batch comes that does not.
        """
        if kwargs.get("validation_data") is not None or kwargs.get("validation_split"):
            self.test_step(None)
        if isinstance(x, tf.data.Dataset):
            refused = []
            kwargs.setdefault("shuffle", False)  # Keras shuffles arrays alone, and says so
            try:
                history = super().fit(self._checked(x, refused), **kwargs)
            except Exception:  # Keras' complaint of too few batches
                if not refused:
                    raise
            if refused:
                raise refused[0]
            return history
        if callable(x) or hasattr(x, "__next__") or not hasattr(x, "__len__") or y is None:
            raise TypeError(
                f"x is a {type(x).__name__}, expected images and labels y as arrays, or a "
                "tf.data.Dataset of batches (images, labels)."
            )
        x = np.asarray(x)
        y = check_labels(y, self.classes, count=len(x))
        if not len(x):
            raise ValueError("cannot train on 0 images.")
        data.check_model_range(x)
        return super().fit(x, y, **kwargs)

    def _checked(self, batches, refused):
        """Return a data set of ``batches`` that ends before the first one that does not fit.

        ``refused`` gets the error: raised inside TensorFlow, it would come out as one of its own.
        """
        spec = batches.element_spec
        shapes = [getattr(part, "shape", None) for part in tf.nest.flatten(spec)]
        if not isinstance(spec, tuple) or len(shapes) != 2 or shapes[0].rank not in (None, 4):
            raise ValueError(
                f"the data set holds {spec}, expected batches (images, labels) of shapes "
                "(b, 28, 28, 1) and (b,). Make them: tf.data.Dataset.from_tensor_slices((images, "
                "labels)).batch(128)."
            )
        seen = []

        def check(images, labels):
            try:
                if not seen or images.min() < -1.0 or images.max() > 1.0:
                    data.check_model_range(images)  # a later batch may be bright throughout
                seen.append(True)
                labels = check_labels(labels, self.classes, len(images))
                return images.astype(np.float32), labels, True
            except (ValueError, TypeError) as error:
                refused.append(error)
                self.stop_training = True
                return np.zeros((0, 28, 28, 1), np.float32), np.zeros(0, np.int64), False

        def checked(*batch):
            images, labels, fits = tf.numpy_function(check, batch, (tf.float32, tf.int64, tf.bool))
            images.set_shape((None, 28, 28, 1))
            labels.set_shape((None,))
            fits.set_shape(())
            return images, labels, fits

        fitting = batches.map(checked).take_while(lambda images, labels, fits: fits)
        return fitting.map(lambda images, labels, fits: (images, labels))

    def train_step(self, batch):
        """Make one step of Keras' ``fit`` on (images, labels)."""
        d_loss, g_loss = self.step(*batch)
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result()}

    def test_step(self, batch):
        """Raise ValueError: the losses of a game measure nothing on data that were held back."""
        raise ValueError(
            "a GAN has no validation loss; measure it on its samples: evaluation.evaluate."
        )

    def call(self, inputs):
        """Return images ``(n, 28, 28, 1)`` for (noise, label), averaged generator first."""
        return tf.cast((self.averaged if self.ema else self.generator)(list(inputs)), tf.float32)

    def sample(self, labels, noise=None, seed=None):
        """Draw one image per label, in the order asked for.

        ``labels``: whole numbers ``(n,)`` or class mixtures ``(n, classes)``; ``noise``:
        ``(n, latent)``, or None to draw it with ``seed``. Returns uint8 ``(n, 28, 28)``. Raises
        TypeError or ValueError for labels or noise of another kind. Shown in lesson 00.
        """
        label = sampling.one_hot(labels, self.classes)
        noise = sampling.given_or_new(noise, len(label), self.latent, seed)
        return data.to_pixels(engine.batched(self, [noise, label]))

    def get_config(self):
        """Return what `from_config` needs: both networks, the loss, the average and the seed.

        Raises ValueError for a penalty of your own: a saved model holds no code.
        """
        if self.penalty not in (None, *losses.PENALTIES.values()):
            raise ValueError(
                f"the penalty {self.penalty.name!r} is a function of your own, and a saved model "
                "holds no code. Set model.penalty = None before you save; samples need none."
            )
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "loss": self.adversarial.name,
            "ema": self.ema,
            "seed": self.seed,
            "penalty": self.penalty.name if self.penalty else None,
            "auxiliary": self.auxiliary,
            "mismatch": self.mismatch,
            "class_on_fakes": self.class_on_fakes,
            "augment": self.augment.name if self.augment else None,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        """Rebuild the model that `get_config` described, untrained."""
        config = dict(config)
        for part in ("generator", "discriminator"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)

    def get_compile_config(self):
        """Return both optimizers' settings, so that a loaded model goes on training."""
        if not self.compiled:
            return None
        return {
            "g_optimizer": keras.optimizers.serialize(self.g_optimizer),
            "d_optimizer": keras.optimizers.serialize(self.d_optimizer),
        }

    def compile_from_config(self, config):
        """Compile as `get_compile_config` says."""
        self.compile(**{key: keras.optimizers.deserialize(value) for key, value in config.items()})


def _to_descend(loss, optimizer):
    """Return the loss whose gradients ``optimizer`` can apply: this device's share, and scaled."""
    return optimizer.scale_loss(distributed.share(loss))


def _descend(tape, loss, network, optimizer):
    """Move ``network``'s weights down the gradient of ``loss``, which ``tape`` recorded."""
    weights = network.trainable_variables
    slopes = tape.gradient(loss, weights)
    optimizer.apply(slopes, weights)
