"""One training step on several devices or machines, by tf.distribute. Knows strategies and tensors, and no model.

A *replica* is one device's copy of the networks. Each takes its share of every batch, and the gradients are added up,
so that R replicas with b images each make the step that one would make with R * b images: `rows` gives each its part
of the same noise, `share` makes the sum of the gradients their mean. Shown in docs/many-devices.md.
"""

import contextlib
import functools
import json
import os
import zlib

import numpy as np

from cgan_lab._support import runtime, workers

tf = runtime.tensorflow()

STRATEGIES = ("one", "mirrored", "workers")
# Those whose replicas take each step together; under others, a parameter server's for one, they would drift apart.
SYNCHRONOUS = (tf.distribute.OneDeviceStrategy, tf.distribute.MirroredStrategy)
SYNCHRONOUS += (tf.distribute.MultiWorkerMirroredStrategy,)


def strategy(name):
    """Return the strategy ``name`` to build a model under: ``with distributed.strategy("mirrored").scope(): ...``.

    ``one``: no strategy, one device. ``mirrored``: all GPUs of this machine, or its CPU. ``workers``: the machines
    that the environment variable ``TF_CONFIG`` names, each running the same program; it must be made before
    TensorFlow computes anything. Raises ValueError for another name or a ``TF_CONFIG`` that does not fit, TimeoutError
    if the others do not come.
    """
    if name not in STRATEGIES:
        raise ValueError(f"no strategy {name!r}; there are {', '.join(STRATEGIES)}.")
    return tf.distribute.get_strategy() if name == "one" else _made(name)


@functools.cache  # two in one process would give different collective operations the same number
def _made(name):
    if name == "mirrored":
        with runtime.quiet():
            return tf.distribute.MirroredStrategy()
    workers.meet(*workers.read(os.environ.get("TF_CONFIG")))
    try:
        with runtime.quiet():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, tf.errors.OpError) as error:
        raise ValueError(
            f"cannot join the workers ({str(error)[:200]}). Make the strategy before TensorFlow computes anything, and "
            "see that this worker's own port is free."
        ) from error


def count():
    """Return how many replicas take part in the step that is being built: 1 outside of any strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def rows(draw, n):
    """Return this replica's ``n`` rows of ``draw(rows in all)``, which must give every replica the same.

    So what is random in a step does not depend on how many replicas share it. With one replica: ``draw(n)``.
    """
    return draw(n) if count() == 1 else own(draw(n * count()), n)


def own(values, n):
    """Return the ``n`` of ``values``' rows that are this replica's."""
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * n
    return values[first : first + n]


def share(loss):
    """Return the part of a mean loss whose gradients, added up over the replicas, are those of the mean over all."""
    return loss if count() == 1 else loss / count()


def several_workers(strategy):
    """Return whether ``strategy`` spans more than one process."""
    cluster = getattr(strategy, "cluster_resolver", None)
    return bool(cluster) and len(cluster.cluster_spec().as_dict().get("worker", [])) > 1


def first_worker(strategy):
    """Return whether this process is the one that reads, writes and speaks for all."""
    return not several_workers(strategy) or strategy.cluster_resolver.task_id == 0


def step(strategy, function, images, labels):
    """Run ``function(images, labels)`` -> scalars once a replica, each on its rows of the batch; return their means.

    ``images``, ``labels``: tensors of the whole batch, whose number of rows the replicas divide.
    """
    if not isinstance(strategy, SYNCHRONOUS):
        return function(images, labels)
    replicas = strategy.num_replicas_in_sync

    def part(images, labels):
        return function(*(own(values, tf.shape(values)[0] // replicas) for values in (images, labels)))

    losses = strategy.run(part, (images, labels))
    return [strategy.reduce("MEAN", loss, axis=None) for loss in losses]


def check(strategy):
    """Raise ValueError for a strategy whose replicas do not take their steps together."""
    if tf.distribute.has_strategy() and not isinstance(strategy, SYNCHRONOUS):
        names = ", ".join(kind.__name__ for kind in SYNCHRONOUS)
        raise ValueError(f"cannot train under a {type(strategy).__name__}; there are {names}.")


def check_batch(strategy, batch_size):
    """Raise ValueError unless the replicas can share a batch evenly."""
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(
            f"batch_size is {batch_size}, which {replicas} replicas cannot share evenly; it counts the images of all. "
            f"Choose {-(-batch_size // replicas) * replicas}."
        )


def from_first(strategy, values):
    """Return the arrays ``values`` as the first worker has them; shapes and types must be the same everywhere."""
    return _summed(strategy, values, first_only=True)


def check_same(strategy, settings):
    """Raise ValueError on every worker unless all have the same ``settings``, a dict of what JSON can hold."""
    ours = np.array([zlib.crc32(json.dumps(value, sort_keys=True).encode()) for value in settings.values()], np.int64)
    (first,) = from_first(strategy, [ours])
    (unlike,) = _summed(strategy, [(ours != first).astype(np.int64)])
    if unlike.any():
        names = [name for name, workers in zip(settings, unlike, strict=True) if workers]
        raise ValueError(f"the workers do not run the same training; they differ in {', '.join(names)}.")


def _summed(strategy, arrays, first_only=False):
    """Return the sums over all replicas of each one's ``arrays``, or the very first replica's alone."""
    arrays = [np.asarray(array) for array in arrays]

    def given():
        counts = tf.equal(tf.distribute.get_replica_context().replica_id_in_sync_group, 0) | (not first_only)
        return [tf.where(counts, array, tf.zeros_like(array)) for array in arrays]

    @tf.function(autograph=False)  # TensorFlow warns that it would be slow without
    def run():
        return [strategy.reduce("SUM", value, axis=None) for value in strategy.run(given)]

    return [total.numpy() for total in run()]


@contextlib.contextmanager
def together(strategy):
    """Turn TensorFlow's errors about a worker that went away into a ConnectionError with a cure."""
    errors = tf.errors
    try:
        yield
    except (errors.UnavailableError, errors.AbortedError, errors.InternalError, errors.DeadlineExceededError) as error:
        if not several_workers(strategy):
            raise
        raise ConnectionError(
            "another worker went away. The model here stands after the last whole epoch. Start all workers again with "
            "the same call: training goes on from what the first one saved."
        ) from error
