"""A server's settings on the hub: what counts as idle. For how long is in jupyterhub_config.py."""

from jupyter_client.session import Session
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server_terminals.app import TerminalsExtensionApp

c = get_config()  # noqa: F821 (Jupyter Server defines it)


class Kernels(AsyncMappingKernelManager):
    """Ends no idle kernel before every request that it began has ended.

    Jupyter Server takes a kernel's last word, busy or idle, for its state. But a kernel answers widgets and JupyterLab
    beside the cell that runs, in threads of their own, and each of these says "idle" when it has ended.
    """

    def start_watching_activity(self, kernel_id):
        super().start_watching_activity(kernel_id)
        kernel = self._kernels[kernel_id]
        session = Session(config=kernel.session.config, key=kernel.session.key)
        kernel.began = began = set()
        kernel.add_restart_callback(began.clear, "restart")  # after its death; what it had begun never ends

        def note(frames):
            message = session.deserialize(session.feed_identities(frames)[1])
            if message["msg_type"] == "status" and message["parent_header"]:
                change = {"busy": began.add, "idle": began.discard}.get(message["content"]["execution_state"])
                if change:
                    change(message["parent_header"]["msg_id"])

        kernel.states = kernel.connect_iopub()
        kernel.states.on_recv(note)

    def stop_watching_activity(self, kernel_id):
        super().stop_watching_activity(kernel_id)
        states = self._kernels[kernel_id].states
        if not states.closed():
            states.close()

    async def restart_kernel(self, kernel_id, now=False):
        answer = await super().restart_kernel(kernel_id, now=now)
        self._kernels[kernel_id].began.clear()
        return answer

    async def cull_kernel_if_idle(self, kernel_id):
        kernel = self._kernels[kernel_id]
        if kernel.execution_state == "dead" or not kernel.began:
            await super().cull_kernel_if_idle(kernel_id)


c.ServerApp.kernel_manager_class = Kernels
# An open terminal keeps its server, as the documentation of Jupyter Server has it; but this stays False by itself.
TerminalsExtensionApp.terminals_available = True
