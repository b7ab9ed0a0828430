"""A server's settings on the hub: what counts as idle. jupyterhub_config.py says for how long."""

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server_terminals.app import TerminalsExtensionApp

c = get_config()  # noqa: F821 (Jupyter Server defines it)
BUSY = 0.1  # of one core: more is a kernel that computes


class Kernels(AsyncMappingKernelManager):
    """Ends no kernel that computes, even if it has said that it is idle.

    While a cell runs, a kernel answers widgets and JupyterLab in other threads, and says "idle"
    after each answer. Jupyter Server takes that for the state of the cell.
    """

    async def cull_kernel_if_idle(self, kernel_id):
        """Look how much the kernel has computed since the last look, and end it if it is idle."""
        kernel = self._kernels[kernel_id]
        with contextlib.suppress(psutil.Error):  # it has ended
            now = time.monotonic()
            used = cpu_seconds(kernel.provisioner.pid)
            then, used_then = getattr(kernel, "last_look", (0, 0))
            kernel.last_look = now, used
            if used - used_then > BUSY * (now - then):
                kernel.last_activity = datetime.now(UTC)
        await super().cull_kernel_if_idle(kernel_id)


def cpu_seconds(pid):
    """Return how many processor seconds a process and its children have used."""
    process = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:4]) for one in [process, *process.children(recursive=True)])


c.ServerApp.kernel_manager_class = Kernels
# Figures have words and controls have names; lay_out.sh puts the extension there.
c.LabApp.extra_labextensions_path = [str(Path(__file__).resolve().parents[2] / "labextensions")]
# The documentation of Jupyter Server says that an open terminal keeps its server. Without this line
# it does not.
TerminalsExtensionApp.terminals_available = True
