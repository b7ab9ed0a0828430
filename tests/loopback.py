"""Servers that tests start on this machine: free ports for them, and waiting for them."""

import contextlib
import socket
import time


def free_ports(count):
    """Return ports on loopback that nothing listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def until(what, condition, seconds=60):
    """Return the first true value of ``condition()``; fail if ``what`` takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds} s")
