"""Servers that tests start on this machine: free ports for them, and waiting for them."""

import contextlib
import os
import subprocess
import time
import urllib.error
import urllib.request

from workers import free_ports  # noqa: F401  (for the tests that start servers)


def until(what, condition, seconds=60):
    """Return the first true value of ``condition()``; fail if ``what`` takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds} s")


@contextlib.contextmanager
def serving(command, address, folder, **variables):
    """Start a server, go on when it answers at ``address``, and end it afterwards.

    ``folder``: for its log. ``variables``: of its environment.
    """
    with open(folder / "log", "wb") as log:
        environment = os.environ | variables
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def answers():
        assert server.poll() is None, (folder / "log").read_text()
        try:
            return urllib.request.urlopen(address, timeout=5)
        except urllib.error.HTTPError:  # without a token it is an answer, too
            return True
        except OSError:
            return False

    try:
        until("the server answers", answers, 240)
        yield
    finally:
        server.terminate()
        server.wait(60)
