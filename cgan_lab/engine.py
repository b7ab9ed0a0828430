"""Many training steps in one compiled function. Knows a model by its ``step``, and neither files nor screens.

`CGAN.fit`, `training.train` and the command line all run their steps here.
"""

import time

import numpy as np

from cgan_lab._support import distributed, runtime

tf = runtime.tensorflow()

import keras  # noqa: E402

FIRST_CALL = 16  # steps; later calls take as many as fit into SECONDS_A_CALL
SECONDS_A_CALL = 0.5  # so long that calling costs next to nothing, so short that Ctrl-C is soon heard


def compiled_steps(model):
    """Return ``model``'s compiled function (images, labels, order, start, stop, sums) -> the new sums.

    It runs ``model.step`` on the rows ``start..stop-1`` of ``order``, int32 ``(steps, batch)``, whose numbers
    point into ``images`` ``(n, 28, 28, 1)`` and ``labels`` ``(n,)``: one call, one compilation, many steps.
    ``sums``, float32 ``(2,)``, grows by the losses of D and G at each step. ``model.jit_compile``
    says whether XLA compiles it. A model built under a strategy of `replicas` runs each step on all of its devices.
    Shown in lesson 03.
    """
    if getattr(model, "_compiled_steps", None) is None:
        strategy = model.distribute_strategy

        @tf.function(jit_compile=model.jit_compile)
        def run(images, labels, order, start, stop, sums):
            # Not tf.range: XLA would take its ends for constants, and compile again for every other pair.
            while start < stop:
                batch = order[start]  # (b,)
                losses = distributed.step(strategy, model.step, tf.gather(images, batch), tf.gather(labels, batch))
                sums += tf.stack(losses)
                start += 1
            return sums

        model._compiled_steps = run
    return model._compiled_steps


def epoch_order(n, batch_size, seed, epoch):
    """Return the batches of an epoch: int32 ``(n // batch_size, batch_size)``, no image twice. Shown in lesson 03."""
    steps = n // batch_size
    order = np.random.default_rng([seed, epoch]).permutation(n)[: steps * batch_size]
    return order.reshape(steps, batch_size).astype(np.int32)


def run_epoch(model, images, labels, order, advance=None):
    """Run the steps of ``order`` and return the two mean losses, of D and of G.

    ``images``, ``labels``: tensors on the device; ``advance(start, stop, means)`` is called after each call of
    the compiled function. How many steps a call takes depends on the clock, the result does not; several workers, who
    must make the same calls, have clocks of their own and take `FIRST_CALL` always.
    Raises FloatingPointError as soon as a loss is not a finite number.
    """
    run, start, size, sums = compiled_steps(model), 0, FIRST_CALL, tf.zeros(2)
    order_on_device = tf.constant(order)
    # Traced here and not in a call, or TensorFlow would warn whoever trains a handful of models.
    run.get_concrete_function(images, labels, order_on_device, tf.constant(0), tf.constant(0), sums)
    while start < len(order):
        stop, began = min(start + size, len(order)), time.perf_counter()
        sums = run(images, labels, order_on_device, tf.constant(start), tf.constant(stop), sums)
        means = sums.numpy().astype(float) / stop  # waits for the steps to end
        if not np.isfinite(means).all():
            raise FloatingPointError(
                "a loss stopped being a finite number. Likely causes: learning rates that are too high, a loss "
                "without a bound on D, or float16 without loss scaling. Lower the rates and go on."
            )
        if advance:
            advance(start, stop, means)
        if not distributed.several_workers(model.distribute_strategy):
            size = max(1, int((stop - start) * SECONDS_A_CALL / max(time.perf_counter() - began, 1e-6)))
        start = stop
    return tuple(float(mean) for mean in means)


def each(*functions):
    """Return a function that calls those of ``functions`` that are not None, in their order."""
    functions = [function for function in functions if function is not None]

    def call(*arguments):
        for function in functions:
            function(*arguments)

    return call


def fit(model, images, labels, batch_size, epochs, initial_epoch, shuffle, verbose, callbacks):
    """Train as ``keras.Model.fit`` does, with Keras' callbacks and bar; return its History.

    ``images`` ``(n, 28, 28, 1)`` and ``labels`` ``(n,)`` are arrays. Callbacks hear of batches once a
    call of the compiled function, as under Keras' ``steps_per_execution``.
    """
    distributed.check_batch(model.distribute_strategy, batch_size)
    steps = len(images) // batch_size
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        verbose = 1 if verbose == "auto" else verbose
        callbacks = keras.callbacks.CallbackList(
            callbacks, True, verbose != 0, model, verbose=verbose, epochs=epochs, steps=steps
        )
    images, labels, logs = tf.constant(images, tf.float32), tf.constant(labels, tf.int32), {}

    def advance(start, stop, means):
        callbacks.on_train_batch_begin(start)
        callbacks.on_train_batch_end(stop - 1, dict(zip(("d_loss", "g_loss"), means, strict=True)))

    model.stop_training = False
    callbacks.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        callbacks.on_epoch_begin(epoch)
        if shuffle:
            order = epoch_order(len(images), batch_size, model.seed, int(model.epochs.numpy()) + 1)
        else:
            order = np.arange(steps * batch_size, dtype=np.int32).reshape(steps, batch_size)
        logs = dict(zip(("d_loss", "g_loss"), run_epoch(model, images, labels, order, advance), strict=True))
        model.epochs.assign_add(1)
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    callbacks.on_train_end(logs)
    return model.history


def snapshot(model):
    """Return the values of all that training changes: networks, average, counters, both optimizers."""
    return [variable.numpy() for variable in _variables(model)]


def restore(model, values):
    """Put back what `snapshot` returned."""
    for variable, value in zip(_variables(model), values, strict=True):
        variable.assign(value)


def batched(model, arrays, size=1000):
    """Return ``model([*arrays])`` as NumPy, in compiled batches of at most ``size``; no arguments are checked."""
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
