"""Many training steps in one compiled function, and the loop of epochs. Writes no file.

A model is anything with ``step(images, labels)`` -> losses, such as `cgan.CGAN`.
"""

import time

import numpy as np

from cgan_lab._support import distributed
from cgan_lab._support.tensorflow import tf

FIRST_CALL = 16  # steps; later calls take as many as fit into SECONDS_PER_CALL
SECONDS_PER_CALL = 0.5  # long enough that calling costs little, short enough to hear Ctrl-C soon


def compiled_steps(model):
    """Return the compiled function (images, labels, order, start, stop, sums) -> the new sums.

    It runs ``model.step`` on the rows ``start..stop-1`` of ``order``, int32 ``(steps, batch)``,
    whose numbers point into ``images`` ``(n, 28, 28, 1)`` and ``labels`` ``(n,)``: one call, one
    compilation, many steps. ``sums``, float32 ``(losses,)``, grows by the losses of each step.
    ``model.jit_compile`` says whether XLA compiles it. A model built under a strategy runs each
    step on all of its devices. Shown in lesson 03.
    """
    if getattr(model, "_compiled_steps", None) is None:
        strategy = model.distribute_strategy

        @tf.function(jit_compile=model.jit_compile)
        def run(images, labels, order, start, stop, sums):
            # Not tf.range: XLA would take its ends for constants, and compile for every pair.
            while start < stop:
                batch = order[start]  # (b,)
                x = tf.gather(images, batch)
                y = tf.gather(labels, batch)
                sums += tf.stack(distributed.step(strategy, model.step, x, y))
                start += 1
            return sums

        model._compiled_steps = run
    return model._compiled_steps


def epoch_order(n, batch_size, seed, epoch):
    """Return the batches of an epoch: int32 ``(n // batch_size, batch_size)``, no image twice.

    Shown in lesson 03.
    """
    steps = n // batch_size
    order = np.random.default_rng([seed, epoch]).permutation(n)[: steps * batch_size]
    return order.reshape(steps, batch_size).astype(np.int32)


def epochs(model, images, labels, batch_size, seed, numbers, listeners=()):
    """Train for an epoch per number in ``numbers`` and yield (number, mean losses) after each.

    Args:
        model: see `compiled_steps`; its losses are those of D and G, or any number of them.
        images: ``(n, 28, 28, 1)``, a tensor on the device.
        labels: int ``(n,)``, a tensor on the device.
        batch_size: images per step.
        seed: of the order of the images, together with the epoch's number.
        numbers: an iterable of epoch numbers.
        listeners: objects whose ``on_steps(start, stop, losses)`` is called after each compiled
            call, with the epoch's mean losses so far. What they raise ends the training.

    Raises:
        FloatingPointError: as soon as a loss is not a finite number.
    """
    for number in numbers:
        order = epoch_order(len(images), batch_size, seed, number)
        yield number, run_epoch(model, images, labels, order, listeners)


def run_epoch(model, images, labels, order, listeners=()):
    """Run the steps of ``order`` and return the mean losses, a tuple. See `epochs`.

    How many steps a call takes depends on the clock; the result does not. Several workers, who must
    make the same calls, always take `FIRST_CALL`.
    """
    run = compiled_steps(model)
    order_on_device = tf.constant(order)
    first = tf.constant(0)
    sums = tf.zeros(_losses(model))
    # Traced here and not in a call, or TensorFlow would warn whoever trains a handful of models.
    run.get_concrete_function(images, labels, order_on_device, first, first, sums)
    start = 0
    size = FIRST_CALL
    while start < len(order):
        began = time.perf_counter()
        stop = min(start + size, len(order))
        ends = tf.constant(start), tf.constant(stop)
        sums = run(images, labels, order_on_device, *ends, sums)
        means = sums.numpy().astype(float) / stop  # waits for the steps to end
        if not np.isfinite(means).all():
            raise FloatingPointError(
                "a loss stopped being a finite number. Likely causes: learning rates that are too "
                "high, a loss without a bound on D, or float16 without loss scaling. Lower the "
                "rates and go on."
            )
        for listener in listeners:
            listener.on_steps(start, stop, means)
        if not distributed.several_workers(model.distribute_strategy):
            seconds = max(time.perf_counter() - began, 1e-6)
            size = max(1, int((stop - start) * SECONDS_PER_CALL / seconds))
        start = stop
    return tuple(float(mean) for mean in means)


def _losses(model):
    """Return how many losses a step of ``model`` has."""
    return getattr(model, "losses_per_step", 2)


class Listener:
    """Hears how a training goes. A subclass overrides what it wants to hear."""

    def on_steps(self, start, stop, losses):
        """Called after each compiled call: steps of the epoch, its mean losses so far."""

    def on_epoch(self, row):
        """Called after each whole epoch with its row, a dict."""

    def on_end(self, rows):
        """Called once, when the model stands after its last whole epoch, with all rows."""


def average(averaged, network, decay, steps):
    """Move the weights of ``averaged`` towards those of ``network``; with decay 0 leave them.

    ``steps``: how many there were. Early on the average follows closely, or it would hold on to the
    untrained weights.
    """
    if not decay:
        return
    t = tf.cast(tf.convert_to_tensor(steps), tf.float32)
    decay = tf.minimum(decay, (1.0 + t) / (10.0 + t))
    for old, weight in zip(averaged.weights, network.weights, strict=True):
        old.assign(old + (1.0 - decay) * (weight - old))


def snapshot(model):
    """Return the values of all that training changes: networks, average, counters, optimizers."""
    return [variable.numpy() for variable in _variables(model)]


def restore(model, values):
    """Put back what `snapshot` returned. Raises ValueError if the values do not fit the model."""
    variables = _variables(model)
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [np.shape(value) for value in values]:
        raise ValueError("the values do not have the shapes of the model's weights.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def batched(model, arrays, size=1000):
    """Return ``model([*arrays])`` as NumPy, computed in batches of at most ``size`` rows."""
    if not hasattr(model, "_compiled_call"):
        # For any number of rows: without the signature, each other number would be traced again.
        signature = [tf.TensorSpec((None, *np.shape(a)[1:]), a.dtype) for a in arrays]
        model._compiled_call = tf.function(
            lambda *inputs: model(list(inputs), training=False), input_signature=signature
        )
    parts = []
    for start in range(0, max(len(arrays[0]), 1), size):
        inputs = [tf.convert_to_tensor(a[start : start + size]) for a in arrays]
        model._compiled_call.get_concrete_function(*inputs)  # as in `run_epoch`
        parts.append(model._compiled_call(*inputs))
    return np.concatenate([part.numpy() for part in parts])


def _variables(model):
    return [*model.variables, *model.g_optimizer.variables, *model.d_optimizer.variables]
