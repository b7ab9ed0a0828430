"""CGAN: a keras.Model that trains a conditional generator and samples from it. Reads and writes no file."""

import numpy as np

from cgan_lab import data, engine, losses, networks, recipes, sampling
from cgan_lab._support import distributed, files, runtime

tf = runtime.tensorflow()

import keras  # noqa: E402

SHIPPED = {"mnist-dense": "dense", "mnist-conv": "conv", "fashion-conv": "conv"}  # an asset's name, and its recipe


def build(name="dense", classes=10, seed=0, precision="float32", networks=None, **changes):
    """Return a compiled, untrained `CGAN` after the recipe ``name``. Seeds Keras with ``seed``. Shown in lesson 03.

    ``precision``: one of `networks.PRECISIONS`. To vary a recipe, ``networks`` is a dict of options for its function in
    `models` and ``changes`` are fields of its `recipes.Recipe`: ``build(networks={"spectral": True}, loss="hinge")``.
    Raises ValueError for an unknown recipe, precision, loss, penalty or field.
    """
    function, recipe = networks.get(name), recipes.changed(name, **changes)
    keras.utils.set_random_seed(seed)
    with networks.precision(precision):
        pair = function(classes, **(networks or {}))
    options = {field: getattr(recipe, field) for field in ("loss", "penalty", "auxiliary", "ema")}
    cgan = CGAN(*pair, seed=seed, name=f"cgan_{name}", **options)
    cgan.compile(recipe.adam("g"), recipe.adam("d"))
    return cgan


def shipped(name):
    """Return the shipped model ``name`` to sample from; its discriminator is untrained. Shown in lesson 00.

    Raises ValueError, naming those there are.
    """
    if name not in SHIPPED:
        raise ValueError(f"no shipped model {name!r}; there are {', '.join(SHIPPED)}.")
    cgan = build(SHIPPED[name])
    files.read_weights(files.asset(f"{name}.npz"), cgan.averaged)
    cgan.generator.set_weights(cgan.averaged.get_weights())
    return cgan


@keras.saving.register_keras_serializable("cgan_lab")
class CGAN(keras.Model):
    """A conditional GAN: generator G(z|y) against discriminator D(x|y).

    ``generator``: noise ``(n, latent)``, label ``(n, classes)`` -> images ``(n, 28, 28, 1)`` in [-1, 1].
    ``discriminator``: such images, label ``(n, classes)`` -> logits ``(n, 1)`` and, if it holds an auxiliary
    classifier, class logits ``(n, classes)``.
    ``loss``: a name in `losses.LOSSES`; ``penalty``: one in `losses.PENALTIES`, or None.
    ``auxiliary``: weight of the class loss in G's turn, if there is such a classifier.
    ``ema``: decay of the averaged generator that `sample` uses; 0 samples from the last weights.
    ``seed``: of the noise drawn in training.

    ``compile``, ``fit``, callbacks, ``save`` and ``keras.models.load_model`` work as for any Keras
    model; ``fit`` takes images in [-1, 1] and whole-number labels ``(n,)``. Networks built under one of
    Keras' mixed policies train in 16 bits. Mirza and Osindero 2014
    (arXiv 1411.1784). Shown in lesson 03.
    """

    def __init__(
        self,
        generator,
        discriminator,
        loss="non_saturating",
        ema=0.998,
        seed=0,
        penalty=None,
        auxiliary=1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        networks.check_pair(generator, discriminator)
        if not 0.0 <= ema < 1.0:
            raise ValueError(f"ema is {ema!r}, expected a decay from 0 (no average) to below 1.")
        self.generator, self.discriminator = generator, discriminator
        self.adversarial, self.penalty = losses.get(loss), losses.get_penalty(penalty)
        if not auxiliary >= 0.0:
            raise ValueError(f"auxiliary is {auxiliary!r}, expected a weight from 0 up.")
        self.ema, self.seed, self.auxiliary = float(ema), int(seed), float(auxiliary)
        self.precision = next(layer.dtype_policy.name for layer in generator.layers if layer.weights)
        self.latent, self.classes = generator.inputs[0].shape[1], generator.inputs[1].shape[1]
        self.averaged = keras.models.clone_model(generator)
        self.averaged.set_weights(generator.get_weights())
        self.averaged.trainable = False
        self.steps = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False, name="steps")
        # How many epochs `training.train` has finished; saved with the model, so that a run can go on.
        self.epochs = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False, name="epochs")
        self.d_loss, self.g_loss = keras.metrics.Mean("d_loss"), keras.metrics.Mean("g_loss")
        self.built = True

    @property
    def metrics(self):
        """The running means of both losses; Keras resets them every epoch."""
        return [self.d_loss, self.g_loss]

    def compile(self, g_optimizer=None, d_optimizer=None, **kwargs):
        """Set both optimizers (default: Adam as in the recipe ``dense``); the rest goes to ``keras.Model.compile``.

        Unless told by ``jit_compile``, XLA compiles where `runtime.xla` says so; Keras' own ``"auto"`` leaves it
        out on every CPU. Raises ValueError under a strategy whose replicas do not step together.
        """
        distributed.check(tf.distribute.get_strategy())
        kwargs.pop("optimizer", None)
        if kwargs.get("jit_compile", "auto") == "auto":
            convolutions = any(map(networks.convolves, (self.generator, self.discriminator)))
            kwargs["jit_compile"] = runtime.xla(self.precision, convolutions) and not tf.distribute.has_strategy()
        super().compile(optimizer=None, **kwargs)
        self._compiled_steps = None  # those of `engine` hold the old optimizers
        self.g_optimizer = self._scaled(keras.optimizers.get(g_optimizer or recipes.RECIPES["dense"].adam("g")))
        self.d_optimizer = self._scaled(keras.optimizers.get(d_optimizer or recipes.RECIPES["dense"].adam("d")))
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)

    def _scaled(self, optimizer):
        # float16 has no numbers below 6e-8, so the loss is scaled up and the gradients back down.
        if self.precision != "mixed_float16" or isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            return optimizer
        return keras.optimizers.LossScaleOptimizer(optimizer)

    def call(self, inputs):
        """Return images ``(n, 28, 28, 1)`` for (noise, label), from the averaged generator if there is one."""
        return tf.cast((self.averaged if self.ema else self.generator)(list(inputs)), tf.float32)

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, **kwargs):
        """Train as ``keras.Model.fit`` does. Arrays are checked for range and labels, and run through `engine`.

        ``x``: images ``(n, 28, 28, 1)`` in [-1, 1]; ``y``: labels ``(n,)``; ``batch_size``: 32 unless told, and
        every batch is full: what is left over when an epoch's shuffled images run out comes in a later
        epoch. ``shuffle`` and ``initial_epoch`` mean what they mean in Keras. Anything else as ``x``, a
        ``tf.data.Dataset`` of (images, labels) for one, goes through Keras' own loop. Raises ValueError
        for arrays that do not fit and for options about validation, which a GAN's losses cannot give.
        """
        if not isinstance(x, np.ndarray):
            return super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)
        options = {"shuffle": True, "initial_epoch": 0}
        if unknown := [name for name, value in kwargs.items() if value is not None and name not in options]:
            raise ValueError(
                f"fit on arrays does not take {', '.join(unknown)}; measure a GAN on its samples: judge.evaluate."
            )
        if not len(x) or (batch_size is not None and batch_size < 1):
            raise ValueError(f"cannot train on {len(x)} images in batches of {batch_size}; both must be 1 or more.")
        data.check_model_range(x)
        y = data.check_labels(y, self.classes, count=len(x))
        options.update({name: value for name, value in kwargs.items() if value is not None})
        batch_size = min(batch_size or 32, len(x))
        return engine.fit(self, x, y, batch_size, epochs, verbose=verbose, callbacks=callbacks, **options)

    def train_step(self, batch):
        """One step of Keras' ``fit`` on (images, labels)."""
        d_loss, g_loss = self.step(*batch)
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result()}

    def step(self, images, labels):
        """Update D, then G, then the averaged generator, on images ``(b, 28, 28, 1)`` and labels ``(b,)``.

        Algorithm 1 of Goodfellow et al. 2014 (arXiv 1406.2661) with k = 1, but for one thing: the
        fakes that D has just learned from are shown again to the updated D to train G, which
        saves a pass through G. Returns the two adversarial losses before their updates, float32 scalars.
        """
        label = tf.one_hot(labels, self.classes)  # (b, classes)
        # Stateless: the noise depends on the seed and the step alone, so a run that was stopped goes on exactly.
        seed = tf.stack([self.seed, tf.convert_to_tensor(self.steps)])
        z = distributed.rows(lambda n: tf.random.stateless_normal((n, self.latent), seed), tf.shape(images)[0])
        with tf.GradientTape() as g_tape:
            fakes = tf.cast(self.generator([z, label], training=True), tf.float32)  # (b, 28, 28, 1)
            with tf.GradientTape() as d_tape:
                shown = tf.stop_gradient(fakes)
                (real, real_class), (fake, _) = self._judged(images, label), self._judged(shown, label)
                d_loss = self.adversarial.discriminator(real, fake)
                d_total = d_loss + real_class
                if self.penalty:
                    d_total += self.penalty.of(self.discriminator, images, shown, label, seed)
                d_scaled = self.d_optimizer.scale_loss(distributed.share(d_total))
            d_weights = self.discriminator.trainable_variables
            with g_tape.stop_recording():
                self.d_optimizer.apply(d_tape.gradient(d_scaled, d_weights), d_weights)
            fake, fake_class = self._judged(fakes, label)
            g_loss = self.adversarial.generator(fake)
            g_scaled = self.g_optimizer.scale_loss(distributed.share(g_loss + self.auxiliary * fake_class))
        g_weights = self.generator.trainable_variables
        self.g_optimizer.apply(g_tape.gradient(g_scaled, g_weights), g_weights)
        self.steps.assign(self.steps + 1)
        self._average()
        return d_loss, g_loss

    def _judged(self, images, label):
        """Return D's logits ``(b, 1)`` and the loss of its auxiliary classifier, 0 if it has none."""
        logits, *classes = tf.nest.flatten(self.discriminator([images, label], training=True))
        return tf.cast(logits, tf.float32), losses.auxiliary(classes[0], label) if classes else 0.0

    def _average(self):
        if not self.ema:
            return
        # Early on the average follows closely, or it would hold on to the untrained weights.
        t = tf.cast(tf.convert_to_tensor(self.steps), tf.float32)
        decay = tf.minimum(self.ema, (1.0 + t) / (10.0 + t))
        for average, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign(average + (1.0 - decay) * (weight - average))

    def sample(self, labels, noise=None, seed=None):
        """Draw one image a label, in the order asked for.

        ``labels``: whole numbers ``(n,)`` or class mixtures ``(n, classes)``; ``noise``: ``(n, latent)``
        or None to draw it with ``seed``. Returns uint8 ``(n, 28, 28)``. Raises TypeError or
        ValueError, saying what came, for labels or noise of another kind. Shown in lesson 00.
        """
        label = sampling.one_hot(labels, self.classes)
        if noise is None:
            noise = sampling.noise(len(label), self.latent, seed)
        noise = np.asarray(noise, np.float32)
        if noise.shape != (len(label), self.latent):
            raise ValueError(f"noise has shape {noise.shape}, expected ({len(label)}, {self.latent}).")
        return data.to_pixels(engine.batched(self, [noise, label]))

    def get_config(self):
        """Return what `from_config` needs: both networks, the loss, the average and the seed."""
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "loss": self.adversarial.name,
            "ema": self.ema,
            "seed": self.seed,
            "penalty": self.penalty.name if self.penalty else None,
            "auxiliary": self.auxiliary,
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
