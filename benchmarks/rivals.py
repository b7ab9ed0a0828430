"""The training loops that `speed.py` compares; it runs and measures them: python
benchmarks/speed.py

Each function takes (images, labels, batch) and returns ``run(steps)``, which trains that many steps
on ``images`` float32 ``(n, 28, 28, 1)`` in [-1, 1] and ``labels`` int32 ``(n,)``. Rows in EPOCHWISE
run whole passes: there ``n`` is a multiple of ``batch`` and ``steps`` one of ``n // batch``.
``run.draw(noise, label)`` returns pictures, in the range and number of pixels of ``images``, of the
generator as it stands; of its running average where the row keeps one.
TensorFlow, PyTorch and cgan_lab are imported inside the functions, so that a process needs only the
one that it runs.
"""

import functools
import itertools

import numpy as np

LATENT, CLASSES, PIXELS = 100, 10, 28 * 28
G_RATE, D_RATE, BETAS = 4e-4, 1.2e-3, (0.0, 0.999)  # the recipe `dense`, for every row but (a)
EMA, LABEL_SCALE, SLOPE = 0.999, 5.0, 0.2
EPOCHWISE = "bcfghil"  # a row's own way to train counts in epochs
STEPS_PER_CALL = 50  # of Keras' `fit`; more gained nothing


def article(images, labels, batch):
    """(a) The article's loop with the smallest repair:

    ``combined`` is built, D frozen inside it.
    """
    import keras
    from keras import layers

    def hidden(x, *sizes):
        for units in sizes:
            x = layers.Dense(units, activation="relu")(x)
        return x

    noise_in, label_in = layers.Input((LATENT,)), layers.Input((CLASSES,))
    x = hidden(layers.Concatenate()([noise_in, label_in]), 256, 512, 1024)
    x = layers.Reshape((28, 28, 1))(layers.Dense(PIXELS, activation="tanh")(x))
    generator = keras.Model([noise_in, label_in], x)
    image_in, label_in = layers.Input((28, 28, 1)), layers.Input((CLASSES,))
    x = hidden(layers.Concatenate()([layers.Flatten()(image_in), label_in]), 512, 256)
    discriminator = keras.Model([image_in, label_in], layers.Dense(1, activation="sigmoid")(x))
    discriminator.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    noise_in, label_in = layers.Input((LATENT,)), layers.Input((CLASSES,))
    combined = keras.Model(
        [noise_in, label_in], discriminator([generator([noise_in, label_in]), label_in])
    )
    combined.compile(optimizer="adam", loss="binary_crossentropy")
    rng = np.random.default_rng(0)

    def train_on_batch(model, inputs, target):
        discriminator.trainable = model is discriminator  # Keras 3 reads it when the call is traced
        return model.train_on_batch(inputs, np.full((batch, 1), target))

    def run(steps):
        for _ in range(steps):
            index = rng.integers(0, len(images), batch)
            real_label = keras.utils.to_categorical(labels[index], CLASSES)
            label = keras.utils.to_categorical(rng.integers(0, CLASSES, batch), CLASSES)
            fakes = generator.predict([rng.normal(size=(batch, LATENT)), label], verbose=0)
            train_on_batch(discriminator, [images[index], real_label], 1.0)
            train_on_batch(discriminator, [fakes, label], 0.0)
            label = keras.utils.to_categorical(rng.integers(0, CLASSES, batch), CLASSES)
            train_on_batch(combined, [rng.normal(size=(batch, LATENT)), label], 1.0)

    run.draw = drawn_by(generator)
    return run


def drawn_by(generator):
    """Return a function (noise, label) that draws with a generator of Keras."""
    return lambda noise, label: generator.predict([noise, label], batch_size=1000, verbose=0)


def keras_parts():
    """Return generator, discriminator, Adam of each and the loss on logits, for the rows (b), (c),
    (i) and (l), on any backend.
    """
    import keras
    from keras import layers

    def hidden(x, *sizes):
        for units in sizes:
            x = layers.LeakyReLU(SLOPE)(layers.Dense(units)(x))
        return x

    noise, label = layers.Input((LATENT,)), layers.Input((CLASSES,))
    x = layers.Concatenate()([noise, layers.Rescaling(LABEL_SCALE)(label)])
    x = layers.Dense(PIXELS, activation="tanh")(hidden(x, 256, 512, 1024))
    generator = keras.Model([noise, label], layers.Reshape((28, 28, 1))(x))
    image, label = layers.Input((28, 28, 1)), layers.Input((CLASSES,))
    features = hidden(layers.Flatten()(image), 512, 256)
    direction = layers.Dense(256, use_bias=False)(label)
    logit = layers.Add()([layers.Dense(1)(features), layers.Dot(axes=1)([direction, features])])
    discriminator = keras.Model([image, label], logit)
    adams = [keras.optimizers.Adam(rate, *BETAS) for rate in (G_RATE, D_RATE)]
    return generator, discriminator, *adams, keras.losses.BinaryCrossentropy(from_logits=True)


def keras_fit(images, labels, batch, **compile_options):
    """(b) A ``keras.Model`` with its own ``train_step``; ``compile`` and ``fit`` as they come."""
    import keras
    import tensorflow as tf

    generator, discriminator, g_adam, d_adam, cross_entropy = keras_parts()

    class Conditional(keras.Model):
        def __init__(self):
            super().__init__()
            self.generator, self.discriminator = generator, discriminator
            self.draw = keras.random.SeedGenerator(0)
            self.built = True  # both networks are, and this model is never called

        def train_step(self, batch_of_data):
            real, digit = batch_of_data
            count, label = tf.shape(real)[0], tf.one_hot(digit, CLASSES)
            noise = keras.random.normal((count, LATENT), seed=self.draw)
            both = tf.concat([real, self.generator([noise, label])], axis=0)
            target = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
            with tf.GradientTape() as tape:
                logit = self.discriminator([both, tf.concat([label, label], axis=0)])
                d_loss = cross_entropy(target, logit)
            weights = self.discriminator.trainable_weights
            d_adam.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
            noise = keras.random.normal((count, LATENT), seed=self.draw)
            with tf.GradientTape() as tape:
                logit = self.discriminator([self.generator([noise, label]), label])
                g_loss = cross_entropy(tf.ones((count, 1)), logit)
            weights = self.generator.trainable_weights
            g_adam.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
            return {"d_loss": d_loss, "g_loss": g_loss}

    model = Conditional()
    model.compile(**compile_options)

    def run(steps):
        epochs = steps // (len(images) // batch)
        model.fit(images, labels, batch_size=batch, epochs=epochs, verbose=0)

    run.draw = drawn_by(generator)
    return run


# (i) the same with the two options that make Keras fast
keras_fast = functools.partial(keras_fit, jit_compile=True, steps_per_execution=STEPS_PER_CALL)


def tape_loop(images, labels, batch):
    """(c) One ``@tf.function`` a step, two tapes over the same fakes, fed by a ``tf.data``
    pipeline.
    """
    import tensorflow as tf

    generator, discriminator, g_adam, d_adam, cross_entropy = keras_parts()
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(batch)

    @tf.function
    def train_step(real, digit):
        label, noise = tf.one_hot(digit, CLASSES), tf.random.normal((batch, LATENT))
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fakes = generator([noise, label], training=True)
            on_real = discriminator([real, label], training=True)
            on_fakes = discriminator([fakes, label], training=True)
            g_loss = cross_entropy(tf.ones_like(on_fakes), on_fakes)
            d_loss = cross_entropy(tf.ones_like(on_real), on_real) + cross_entropy(
                tf.zeros_like(on_fakes), on_fakes
            )
        g_weights, d_weights = generator.trainable_variables, discriminator.trainable_variables
        g_gradients, d_gradients = (
            g_tape.gradient(g_loss, g_weights),
            d_tape.gradient(d_loss, d_weights),
        )
        g_adam.apply_gradients(zip(g_gradients, g_weights, strict=True))
        d_adam.apply_gradients(zip(d_gradients, d_weights, strict=True))

    def run(steps):
        for _ in range(steps // (len(images) // batch)):
            for real, digit in dataset:
                train_step(real, digit)

    run.draw = drawn_by(generator)
    return run


def keras_on_jax(images, labels, batch):
    """(l) The networks and optimizers of Keras on JAX: an epoch is one compiled ``lax.scan``."""
    import jax
    from jax import numpy as jnp

    generator, discriminator, g_adam, d_adam, _ = keras_parts()
    for adam, network in ((g_adam, generator), (d_adam, discriminator)):
        adam.build(network.trainable_variables)
    images, labels = jnp.asarray(images), jnp.asarray(labels)

    def fakes(g, key, label):
        noise = jax.random.normal(key, (batch, LATENT))
        return generator.stateless_call(g, [], [noise, label])[0]

    def logits(d, image, label):
        return discriminator.stateless_call(d, [], [image, label])[0]

    def d_loss(d, both, label):
        on_real, on_fakes = jnp.split(logits(d, both, jnp.concatenate([label, label])), 2)
        return jax.nn.softplus(-on_real).mean() + jax.nn.softplus(on_fakes).mean()

    def g_loss(g, d, key, label):
        return jax.nn.softplus(-logits(d, fakes(g, key, label), label)).mean()

    def step(state, pick):
        g, d, g_state, d_state, averaged, key = state
        key, first, second = jax.random.split(key, 3)
        label = jax.nn.one_hot(labels[pick], CLASSES)
        both = jnp.concatenate([images[pick], fakes(g, first, label)])
        d, d_state = d_adam.stateless_apply(d_state, jax.grad(d_loss)(d, both, label), d)
        g, g_state = g_adam.stateless_apply(g_state, jax.grad(g_loss)(g, d, second, label), g)
        averaged = [EMA * old + (1 - EMA) * new for old, new in zip(averaged, g, strict=True)]
        return (g, d, g_state, d_state, averaged, key), None

    epoch = jax.jit(lambda state, order: jax.lax.scan(step, state, order)[0])
    kept = generator, discriminator, g_adam, d_adam
    parts = [[jnp.array(v.value) for v in one.variables] for one in kept]
    run_state = [(*parts, list(parts[0]), jax.random.key(0))]
    rng = np.random.default_rng(0)

    def run(steps):
        for _ in range(steps // (len(images) // batch)):
            order = rng.permutation(len(images)).reshape(-1, batch)
            run_state[0] = epoch(run_state[0], order)
        jax.block_until_ready(run_state[0])

    def draw(noise, label):
        return np.asarray(generator.stateless_call(run_state[0][4], [], [noise, label])[0])

    run.draw = draw
    return run


def ours_fit(images, labels, batch):
    """(f) Ours through ``CGAN.fit``."""
    from cgan_lab import cgan

    model = cgan.build("dense")

    def run(steps):
        epochs = steps // (len(images) // batch)
        model.fit(images, labels, batch_size=batch, epochs=epochs, verbose=0)

    run.draw = drawn_by(model.averaged)
    return run


def ours_train(images, labels, batch, precision="float32"):
    """(g) Ours through ``training.train``, with all that it does between two epochs."""
    from cgan_lab import cgan, data, training

    model = cgan.build("dense", precision=precision)
    shipped = data.load("digits")

    def run(steps):
        # `train` counts the passes of all its calls.
        last = int(model.epochs) + steps // (len(images) // batch)
        training.train(model, shipped, epochs=last, batch_size=batch, progress=False)

    run.draw = drawn_by(model.averaged)
    return run


def torch_networks():
    """Return (generator, discriminator in three named parts) with the layers of ``dense`` in
    PyTorch.
    """
    from torch import nn

    def hidden(*sizes):
        return [
            part
            for pair in itertools.pairwise(sizes)
            for part in (nn.Linear(*pair), nn.LeakyReLU(SLOPE))
        ]

    generator = nn.Sequential(
        *hidden(LATENT + CLASSES, 256, 512, 1024), nn.Linear(1024, PIXELS), nn.Tanh()
    )
    direction = nn.Linear(CLASSES, 256, bias=False)
    parts = {
        "features": nn.Sequential(*hidden(PIXELS, 512, 256)),
        "plane": nn.Linear(256, 1),
        "direction": direction,
    }
    return generator, nn.ModuleDict(parts)


def torch_adam(weights, rate, traced):
    """Return a function (gradients) that makes one step of Adam, ``traced`` so that torch.compile
    can look inside.
    """
    import torch

    if not traced:
        adam = torch.optim.Adam(
            weights, rate, BETAS, fused=True
        )  # the fastest of its three on a CPU

        def step(gradients):
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.grad = gradient
            adam.step()

        return step
    means, squares = [torch.zeros_like(w) for w in weights], [torch.zeros_like(w) for w in weights]
    count = torch.zeros(())  # a tensor: torch.compile would take a plain number for a constant

    def traced_step(gradients):
        count.add_(1)
        torch._foreach_lerp_(means, gradients, 1 - BETAS[0])
        torch._foreach_mul_(squares, BETAS[1])
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - BETAS[1])
        unbiased = torch.sqrt(1 - BETAS[1] ** count) / (1 - BETAS[0] ** count)
        roots = torch._foreach_add(torch._foreach_sqrt(squares), 1e-8)
        moves = torch._foreach_mul(torch._foreach_div(means, roots), -rate * unbiased)
        torch._foreach_add_(weights, moves)

    return traced_step


def torch_eager(images, labels, batch, compiled=False, bfloat16=False):
    """(d) PyTorch, one operation after the other; batches are picked from tensors in memory.

    ``bfloat16``: products under ``torch.autocast``; weights, losses and Adam stay in float32.
    """
    import torch
    from torch.nn.functional import one_hot, softplus

    torch.manual_seed(0)
    generator, discriminator = torch_networks()
    g_weights, d_weights = list(generator.parameters()), list(discriminator.parameters())
    g_adam, d_adam = (
        torch_adam(g_weights, G_RATE, compiled),
        torch_adam(d_weights, D_RATE, compiled),
    )
    averaged = [weight.detach().clone() for weight in g_weights]
    images, labels = torch.from_numpy(images).flatten(1), torch.from_numpy(labels).long()

    def fakes(label):
        return generator(torch.cat([torch.randn(batch, LATENT), LABEL_SCALE * label], 1))

    def logits(image, label):
        f = discriminator["features"](image)
        return discriminator["plane"](f) + (discriminator["direction"](label) * f).sum(
            1, keepdim=True
        )

    def autocast():
        return torch.autocast("cpu", torch.bfloat16, enabled=bfloat16)

    def step(real, digit):
        label = one_hot(digit, CLASSES).float()
        with torch.no_grad(), autocast():
            both = torch.cat([real, fakes(label).float()])
        with autocast():
            on_real, on_fakes = logits(both, torch.cat([label, label])).float().chunk(2)
        d_gradients = torch.autograd.grad(
            softplus(-on_real).mean() + softplus(on_fakes).mean(), d_weights
        )
        with torch.no_grad():
            d_adam(d_gradients)
        with autocast():
            on_fakes = logits(fakes(label), label).float()
        g_gradients = torch.autograd.grad(softplus(-on_fakes).mean(), g_weights)
        with torch.no_grad():
            g_adam(g_gradients)
            torch._foreach_lerp_(averaged, g_weights, 1 - EMA)

    if compiled:
        # The whole step is one graph, both gradients and both updates included. PyTorch's own
        # optimizers break it in two, hence `torch_adam`. Each batch size gets a graph of its own.
        torch._dynamo.config.trace_autograd_ops = True
        torch._dynamo.config.recompile_limit = 64
        step = torch.compile(step, fullgraph=True, dynamic=False)

    def run(steps):
        for start in range(0, steps * batch, batch):
            if start % len(images) == 0:
                run.order = torch.randperm(len(images))
            pick = run.order[start % len(images) :][:batch]
            step(images.index_select(0, pick), labels.index_select(0, pick))

    def draw(noise, label):
        names = [name for name, _ in generator.named_parameters()]
        inputs = torch.from_numpy(np.concatenate([noise, LABEL_SCALE * label], 1))
        with torch.no_grad():
            weights = dict(zip(names, averaged, strict=True))
            return torch.func.functional_call(generator, weights, (inputs,)).numpy()

    run.draw = draw
    return run


torch_compiled = functools.partial(torch_eager, compiled=True)  # (e) the same under torch.compile
torch_bfloat16 = functools.partial(torch_eager, bfloat16=True)  # (j) products in 16 bits
torch_both = functools.partial(torch_eager, compiled=True, bfloat16=True)  # (k)
ours_bfloat16 = functools.partial(ours_train, precision="mixed_bfloat16")  # (h)
ROWS = {
    "a": article,
    "b": keras_fit,
    "c": tape_loop,
    "d": torch_eager,
    "e": torch_compiled,
    "f": ours_fit,
    "g": ours_train,
    "h": ours_bfloat16,
    "i": keras_fast,
    "j": torch_bfloat16,
    "k": torch_both,
    "l": keras_on_jax,
}
