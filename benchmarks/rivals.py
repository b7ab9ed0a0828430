"""The training loops that `speed.py` compares; it runs and measures them: python
benchmarks/speed.py

Each function takes (images, labels, batch) and returns ``run(steps)``, which trains that many steps
on ``images`` float32 ``(n, 28, 28, 1)`` in [-1, 1] and ``labels`` int32 ``(n,)``. Rows in EPOCHWISE
run whole passes: there ``n`` is a multiple of ``batch`` and ``steps`` one of ``n // batch``.
TensorFlow, PyTorch and cgan_lab are imported inside the functions, so that a process needs only the
one that it runs.
"""

import functools
import itertools

import numpy as np

LATENT, CLASSES, PIXELS = 100, 10, 28 * 28
G_RATE, D_RATE, BETAS = 4e-4, 1.2e-3, (0.0, 0.999)  # the recipe `dense`, for every row but (a)
EMA, LABEL_SCALE, SLOPE = 0.999, 5.0, 0.2
EPOCHWISE = "bcfgh"  # a row's own way to train counts in epochs


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

    return run


def keras_parts():
    """Return generator, discriminator, Adam of each and the loss on logits, for the rows (b) and
    (c).
    """
    import keras

    from cgan_lab import networks

    adams = [keras.optimizers.Adam(rate, *BETAS) for rate in (G_RATE, D_RATE)]
    return *networks.dense(), *adams, keras.losses.BinaryCrossentropy(from_logits=True)


def keras_fit(images, labels, batch):
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
    model.compile()
    return lambda steps: model.fit(
        images, labels, batch_size=batch, epochs=steps // (len(images) // batch), verbose=0
    )


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

    return run


def ours_fit(images, labels, batch):
    """(f) Ours through ``CGAN.fit``."""
    from cgan_lab import cgan

    model, steps_an_epoch = cgan.build("dense"), len(images) // batch
    return lambda steps: model.fit(
        images, labels, batch_size=batch, epochs=steps // steps_an_epoch, verbose=0
    )


def ours_train(images, labels, batch, precision="float32"):
    """(g) Ours through ``training.train``, with all that it does between two epochs."""
    from cgan_lab import cgan, data, training

    model, shipped, steps_an_epoch = (
        cgan.build("dense", precision=precision),
        data.load("digits"),
        len(images) // batch,
    )

    def run(steps):
        last = (
            int(model.epochs) + steps // steps_an_epoch
        )  # `train` counts the passes of all its calls
        training.train(model, shipped, epochs=last, batch_size=batch, progress=False)

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


def torch_eager(images, labels, batch, compiled=False):
    """(d) PyTorch, one operation after the other; batches are picked from tensors in memory."""
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

    def step(real, digit):
        label = one_hot(digit, CLASSES).float()
        with torch.no_grad():
            both = torch.cat([real, fakes(label)])
        on_real, on_fakes = logits(both, torch.cat([label, label])).chunk(2)
        d_gradients = torch.autograd.grad(
            softplus(-on_real).mean() + softplus(on_fakes).mean(), d_weights
        )
        with torch.no_grad():
            d_adam(d_gradients)
        g_gradients = torch.autograd.grad(softplus(-logits(fakes(label), label)).mean(), g_weights)
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

    return run


torch_compiled = functools.partial(torch_eager, compiled=True)  # (e) the same under torch.compile
ours_bfloat16 = functools.partial(
    ours_train, precision="mixed_bfloat16"
)  # (h) the same, products in 16 bits
LOOPS = (
    article,
    keras_fit,
    tape_loop,
    torch_eager,
    torch_compiled,
    ours_fit,
    ours_train,
    ours_bfloat16,
)
ROWS = dict(zip("abcdefgh", LOOPS, strict=True))
