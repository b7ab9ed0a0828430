"""The machines of a training that several share: which they are, and waiting until all are there. No TensorFlow."""

import contextlib
import json
import os
import socket
import sys
import time

PATIENCE = 3600.0  # seconds to wait for the others; people start them by hand
PAUSE = 0.2  # seconds between two looks


def read(text):
    """Return what a ``TF_CONFIG`` says: the workers, each ``host:port``, and which of them this process is.

    Raises ValueError unless ``text`` names workers and nothing else, this process among them.
    """
    try:
        config = json.loads(text or "")
        (kind,), task = config["cluster"], config["task"]  # no other kind of task
        workers = config["cluster"]["worker"]
        if kind == task["type"] == "worker" and task["index"] in range(len(workers)):
            for worker in workers:
                _address(worker)
            return list(workers), task["index"]
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    came = f"is {text}" if text else "is not set"
    like = '{"cluster": {"worker": ["host1:9000", "host2:9000"]}, "task": {"type": "worker", "index": 0}}'
    raise ValueError(f"the environment variable TF_CONFIG {came}; expected, each worker with its own index: {like}")


def meet(workers, own, patience=PATIENCE):
    """Return once something listens at every address of ``workers`` but ``workers[own]``, where this process does.

    TensorFlow would wait as well, but hear neither Ctrl-C nor SIGTERM meanwhile. Says on stderr whom it waits for.
    Raises ValueError if this worker's own port cannot be had, TimeoutError after ``patience`` seconds.
    """
    absent, told, end = [worker for i, worker in enumerate(workers) if i != own], None, time.monotonic() + patience
    with _listening(workers[own]):
        while absent := [worker for worker in absent if not _answers(worker)]:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{', '.join(absent)} did not come within {patience:.0f} s. See that the same command runs there, "
                    "that TF_CONFIG names the same workers in the same order on each, and that no firewall is between."
                )
            if absent != told:
                print(f"waiting until {', '.join(absent)} is there; Ctrl-C ends it ...", file=sys.stderr, flush=True)
                told = absent
            time.sleep(PAUSE)


def _address(worker):
    """Return host and port of ``worker``. Raises ValueError, or another error if it is no text."""
    host, _, port = worker.rpartition(":")
    if not host or int(port) not in range(1, 65536):
        raise ValueError(f"{worker!r} is no host:port.")
    return host.strip("[]"), int(port)


@contextlib.contextmanager
def _listening(worker):
    """Let others connect to this worker's port, for TensorFlow has not opened it yet."""
    _, port = _address(worker)
    with socket.socket() as own:
        if os.name == "posix":  # elsewhere it means that a port may be had twice
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind(("", port))
            own.listen()
        except OSError as error:
            raise ValueError(
                f"this worker cannot have its port {port} ({error.strerror}). End what uses it, or name another port "
                "in TF_CONFIG, the same on all workers."
            ) from error
        yield


def _answers(worker):
    """Return whether something accepts connections at the address of ``worker``."""
    with contextlib.suppress(OSError), socket.create_connection(_address(worker), timeout=2.0) as ours:
        # On one machine the port that the system chose for our end can be the very one that we ask for: then TCP
        # joins the socket with itself, though nobody listens.
        return ours.getsockname() != ours.getpeername()
    return False
