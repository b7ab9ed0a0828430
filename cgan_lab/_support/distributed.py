"""One training step on several devices or machines, by tf.distribute. Knows no model.

A *replica* is one device's copy of the networks. Each takes its share of every batch, and the
gradients are added up, so that R replicas with b images each make the step that one would make with
R * b images: `rows` gives each its part of the same noise, `share` turns the sum of the gradients
into their mean. Shown in docs/many-devices.md.
"""

import contextlib
import functools
import json
import os
import socket
import sys
import time
import zlib

import numpy as np

from cgan_lab._support.names import pick
from cgan_lab._support.tensorflow import quiet, tf

STRATEGIES = ("one", "mirrored", "workers")
# Their replicas take each step together; under a parameter server, say, they would drift apart.
SYNCHRONOUS = ("OneDeviceStrategy", "MirroredStrategy", "MultiWorkerMirroredStrategy")
PATIENCE = 3600.0  # seconds to wait for the other workers; people start them by hand
PAUSE = 0.2  # seconds between two attempts to reach them


def strategy(name):
    """Return the strategy to build a model under: ``with strategy("mirrored").scope(): ...``.

    ``one``: no strategy, one device. ``mirrored``: all GPUs of this machine, or its CPU.
    ``workers``: the machines in the environment variable ``TF_CONFIG``, each running the same
    program; it must be made before TensorFlow computes anything. Raises ValueError for another name
    or a ``TF_CONFIG`` that does not fit, TimeoutError if the other workers do not come.
    """
    return (
        tf.distribute.get_strategy() if pick("strategy", name, STRATEGIES) == "one" else _made(name)
    )


@functools.cache  # two in one process would give different collective operations the same number
def _made(name):
    if name == "mirrored":
        with quiet():
            return tf.distribute.MirroredStrategy()
    meet(*read_cluster(os.environ.get("TF_CONFIG")))
    try:
        with quiet():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, tf.errors.OpError) as error:
        raise ValueError(
            f"cannot join the workers ({str(error)[:200]}). Make the strategy before TensorFlow "
            "computes anything, and see that this worker's own port is free."
        ) from error


# Inside a step


def count():
    """Return how many replicas share the step that is being built; 1 outside of any strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def rows(draw, n):
    """Return this replica's ``n`` rows of ``draw(rows in all)``, which must be the same everywhere.

    So the noise of a step does not depend on how many replicas share it. One replica: ``draw(n)``.
    """
    return draw(n) if count() == 1 else _own(draw(n * count()), n)


def share(loss):
    """Return this replica's part of a mean loss: the parts' gradients add up to the whole's."""
    return loss if count() == 1 else loss / count()


def _own(values, n):
    """Return the ``n`` rows of ``values`` that belong to this replica."""
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * n
    return values[first : first + n]


def step(strategy, function, images, labels):
    """Run ``function(images, labels)`` on every replica's rows of a batch; return mean losses.

    ``images``, ``labels``: tensors of the whole batch, which the replicas can share evenly.
    """
    if not _synchronous(strategy):
        return function(images, labels)
    replicas = strategy.num_replicas_in_sync

    def part(images, labels):
        n = tf.shape(images)[0] // replicas
        return function(_own(images, n), _own(labels, n))

    losses = strategy.run(part, (images, labels))
    return [strategy.reduce("MEAN", loss, axis=None) for loss in losses]


def check(strategy):
    """Raise ValueError for a strategy whose replicas do not take their steps together."""
    if tf.distribute.has_strategy() and not _synchronous(strategy):
        names = ", ".join(SYNCHRONOUS)
        raise ValueError(f"cannot train under a {type(strategy).__name__}; there are {names}.")


def _synchronous(strategy):
    return isinstance(strategy, tuple(getattr(tf.distribute, name) for name in SYNCHRONOUS))


def check_batch(strategy, batch_size):
    """Raise ValueError unless the replicas can share a batch evenly."""
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(
            f"batch_size is {batch_size}, which {replicas} replicas cannot share evenly; it counts "
            f"the images of all. Choose {-(-batch_size // replicas) * replicas}."
        )


# Between workers


def several_workers(strategy):
    """Return whether ``strategy`` spans more than one process."""
    cluster = getattr(strategy, "cluster_resolver", None)
    return bool(cluster) and len(cluster.cluster_spec().as_dict().get("worker", [])) > 1


def first_worker(strategy):
    """Return whether this process is the one that reads and writes files and prints."""
    return not several_workers(strategy) or strategy.cluster_resolver.task_id == 0


def from_first(strategy, values):
    """Return the first worker's arrays ``values``; shapes and types must agree everywhere."""
    return _summed(strategy, values, first_only=True)


def check_same(strategy, settings):
    """Raise ValueError on every worker unless all have the same ``settings``, a JSON-like dict."""
    texts = [json.dumps(value, sort_keys=True).encode() for value in settings.values()]
    ours = np.array([zlib.crc32(text) for text in texts], np.int64)
    (first,) = from_first(strategy, [ours])
    (unlike,) = _summed(strategy, [(ours != first).astype(np.int64)])
    if unlike.any():
        names = [name for name, differs in zip(settings, unlike, strict=True) if differs]
        raise ValueError(
            f"the workers do not run the same training; they differ in {', '.join(names)}."
        )


def _summed(strategy, arrays, first_only=False):
    """Return the sums of ``arrays`` over all replicas, or the first replica's alone."""
    arrays = [np.asarray(array) for array in arrays]

    def given():
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        counts = tf.equal(replica, 0) | (not first_only)
        return [tf.where(counts, array, tf.zeros_like(array)) for array in arrays]

    @tf.function(autograph=False)  # TensorFlow warns that it would be slow without
    def run():
        return [strategy.reduce("SUM", value, axis=None) for value in strategy.run(given)]

    return [total.numpy() for total in run()]


@contextlib.contextmanager
def together(strategy):
    """Turn TensorFlow's errors about a lost worker into a ConnectionError with a cure."""
    errors = tf.errors
    lost = (errors.UnavailableError, errors.AbortedError)
    lost += (errors.InternalError, errors.DeadlineExceededError)
    try:
        yield
    except lost as error:
        if not several_workers(strategy):
            raise
        raise ConnectionError(
            "another worker went away. The model here stands after the last whole epoch. Start all "
            "workers again with the same call: training goes on from what the first one saved."
        ) from error


# Meeting, before TensorFlow joins the workers


def read_cluster(text):
    """Return what a ``TF_CONFIG`` says: the workers, each ``host:port``, and this process's index.

    Raises ValueError unless ``text`` names workers and nothing else, this process among them.
    """
    try:
        config = json.loads(text or "")
        (kind,) = config["cluster"]  # no other kind of task
        task = config["task"]
        workers = config["cluster"]["worker"]
        if kind == task["type"] == "worker" and task["index"] in range(len(workers)):
            for worker in workers:
                _address(worker)
            return list(workers), task["index"]
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    came = f"is {text}" if text else "is not set"
    like = (
        '{"cluster": {"worker": ["host1:9000", "host2:9000"]}, '
        '"task": {"type": "worker", "index": 0}}'
    )
    raise ValueError(
        f"the environment variable TF_CONFIG {came}; expected, each worker with its own index: "
        f"{like}"
    )


def meet(workers, own, patience=PATIENCE):
    """Wait until something listens at every address of ``workers`` other than ``workers[own]``.

    This process listens at its own. TensorFlow would wait as well, but would hear neither Ctrl-C
    nor SIGTERM. Says on stderr whom it waits for. Raises ValueError if this worker's own port is
    taken, TimeoutError after ``patience`` seconds.
    """
    absent = [worker for i, worker in enumerate(workers) if i != own]
    announced = None
    end = time.monotonic() + patience
    with _listening(workers[own]):
        while absent := [worker for worker in absent if not _answers(worker)]:
            names = ", ".join(absent)
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{names} did not come within {patience:.0f} s. See that the same command runs "
                    "there, that TF_CONFIG names the same workers in the same order on each, and "
                    "that no firewall is between."
                )
            if names != announced:
                print(
                    f"waiting until {names} is there; Ctrl-C ends it ...",
                    file=sys.stderr,
                    flush=True,
                )
                announced = names
            time.sleep(PAUSE)


def _address(worker):
    """Return host and port of ``worker``. Raises ValueError, or another error if it is no text."""
    host, _, port = worker.rpartition(":")
    if not host or int(port) not in range(1, 65536):
        raise ValueError(f"{worker!r} is no host:port.")
    return host.strip("[]"), int(port)


@contextlib.contextmanager
def _listening(worker):
    """Let others connect to this worker's port, which TensorFlow has not opened yet."""
    _, port = _address(worker)
    with socket.socket() as own:
        if os.name == "posix":  # elsewhere it means that two processes may have one port
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind(("", port))
            own.listen()
        except OSError as error:
            raise ValueError(
                f"this worker cannot have its port {port} ({error.strerror}). End what uses it, or "
                "name another port in TF_CONFIG, the same on all workers."
            ) from error
        yield


def _answers(worker):
    """Return whether something accepts connections at the address of ``worker``."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(_address(worker), timeout=2.0) as ours,
    ):
        # On one machine the system can give our end the very port that we ask for: TCP then joins
        # the socket with itself, though nobody listens.
        return ours.getsockname() != ours.getpeername()
    return False
