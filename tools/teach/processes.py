"""Measures and ends what a kernel has started.

Reads /proc, which Linux alone has; on other systems it knows one process.
"""

import contextlib
import os
import signal
from pathlib import Path


def tree(pid):
    """Return the ids of ``pid`` and of all that it started, parents first."""
    children = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def open_files(pids):
    """Return {(device, number): (name, bytes)} of what the processes ``pids`` have open.

    The bytes are those that are taken on a disk or, for a file without a name, in memory.
    """
    found = {}
    for one in pids:
        with contextlib.suppress(OSError):
            for file in os.scandir(f"/proc/{one}/fd"):
                with contextlib.suppress(OSError):
                    held = os.stat(file.path)
                    name = os.readlink(file.path)
                    found[held.st_dev, held.st_ino] = name, held.st_blocks * 512
    return found


def memory(pids, files):
    """Return the bytes that the processes ``pids`` hold; shared memory counts once.

    ``files``: what `open_files` returned, for those that lie in memory.
    """
    total = sum(size for name, size in files.values() if name.startswith("/memfd:"))
    for one in pids:
        with contextlib.suppress(OSError, IndexError, ValueError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def end_tree(pid):
    """End ``pid`` and all that it started. Nothing can escape this from a sandbox."""
    if pid is None:
        return
    for one in reversed(tree(pid)):
        with contextlib.suppress(OSError):
            os.kill(one, getattr(signal, "SIGKILL", signal.SIGTERM))
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
