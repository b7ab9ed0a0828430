"""Runs a student's notebook in a `sandbox`, within its limits. Knows no marks.

First the tests, in a process of their own (`verdicts`). Then all other cells in a kernel, for what
they print and draw. The kernel is the student's: it gets no test, and decides nothing.
"""

import asyncio
import contextlib
import os
import queue
import sys
import time
from dataclasses import dataclass, field

import zmq
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output

from . import verdicts
from .processes import end_tree, memory, open_files, tree
from .sandbox import MB, Sandbox

GRACE = 5  # seconds that an interrupted kernel has to come back


@dataclass
class Outcome:
    """What became of one run.

    ``status`` is `marked` if every cell ran, else what ended it; ``reasons`` are sentences.
    """

    status: str = "marked"
    reasons: list = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: int = 0

    def end(self, status, reason):
        """Note what ended the run; the first cause stands."""
        if self.status == "marked":
            self.status = status
            self.reasons.append(reason)


class BoxedKernelManager(AsyncKernelManager):
    """Starts the kernel in a `Sandbox`."""

    box = None

    def format_kernel_cmd(self, extra_arguments=None):
        """Return the kernel's command with the sandbox's before it."""
        if self.box.uid is not None:
            os.chown(self.connection_file, self.box.uid, self.box.uid)
        words = ["-m", "ipykernel_launcher", "-f", self.connection_file, *(extra_arguments or [])]
        return self.box.command([sys.executable, *words])


class Client(NotebookClient):
    """Keeps the beginning of what a cell prints, and ends a kernel that floods."""

    outcome = None
    limits = None
    printed = 0

    async def note_error(self, cell, cell_index, execute_reply):
        """Give a failed cell its error where the message with it was lost in a flood of others."""
        reply = execute_reply["content"]
        known = any(output.output_type == "error" for output in cell.outputs)
        if reply["status"] != "ok" and not known:
            text = str(reply.get("evalue", ""))[:2000]
            cell.outputs.append(failure(reply.get("ename", "Error"), text))

    def process_message(self, msg, cell, cell_index):
        """Count what comes, and keep what fits."""
        kind, content = msg["msg_type"], msg["content"]
        size = sum(len(str(value)) for value in content.values())
        if kind not in ("stream", "display_data", "execute_result", "update_display_data", "error"):
            self.printed += size
            # What widgets say to a browser is for nobody here, and nbclient would keep it.
            kept = not kind.startswith("comm_") and self.printed <= self.limits.flood_mb * MB
            return super().process_message(msg, cell, cell_index) if kept else None
        left = self.limits.output_kb * 1024 - cell.get("printed", 0)
        cell["printed"] = cell.get("printed", 0) + size
        self.printed += size
        if self.printed > self.limits.flood_mb * MB:
            reason = f"it printed more than {self.limits.flood_mb} MB in all"
            self.outcome.end("output limit", reason)
            end_tree(self.km.provisioner.pid)
        elif kind == "error":
            content["evalue"] = content["evalue"][:2000]
            content["traceback"] = [line[:2000] for line in content["traceback"][-100:]]
        elif size > left:
            kb = self.limits.output_kb
            reason = f"cell {cell_index + 1} printed more than {kb} kB, the rest is cut"
            if reason not in self.outcome.reasons:
                self.outcome.reasons.append(reason)
            if kind != "stream":
                return None
            content["text"] = content["text"][: max(0, left)]
        return super().process_message(msg, cell, cell_index)


async def run(notebook, level, slot, limits, files=()):
    """Execute ``notebook`` in place in a sandbox and return an `Outcome`.

    A cell that did not run, or was cut short, gets an error as its output, so that no test counts
    as passed for want of a word. Afterwards nothing of the submission runs any more, and nothing
    that it wrote is left. ``limits`` hold for the tests, and again for the kernel.

    Args:
        notebook: with the cells to run; their former outputs are removed.
        level: `confined` or `unconfined`.
        slot: which of the kernels that run at the same time this is.
        limits: a `Limits`.
        files: paths of what lies beside the notebook.
    """
    outcome = Outcome()
    start = time.monotonic()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with Sandbox(level, slot, limits, files) as box:
        errors = await run_tests(notebook, box, outcome)
    with Sandbox(level, slot, limits, files) as box:
        ran = await run_kernel(notebook, box, outcome)
    for number, error in errors.items():
        notebook.cells[number].outputs = [failure(*error)] if error else []
    fail_what_did_not_run(notebook, outcome, ran | set(errors))
    outcome.seconds = time.monotonic() - start
    return outcome


async def run_tests(notebook, box, outcome):
    """Return {number of a test cell that ran: its error, or None}."""
    if not any(
        cell.cell_type == "code" and verdicts.kind(cell) == "test" for cell in notebook.cells
    ):
        return {}
    tester = verdicts.Tester(box, outcome, box.limits)
    watch = asyncio.ensure_future(watch_over(lambda: tester.pid, outcome, box))
    try:
        return await verdicts.judge(notebook, tester)
    finally:
        watch.cancel()
        await tester.stop()


async def run_kernel(notebook, box, outcome):
    """Return the numbers of the cells that ran in the kernel."""
    ran = set()
    client = client_of(notebook, box, outcome)
    watch = None
    try:
        async with contextlib.AsyncExitStack() as stack:
            await start_kernel(client, box)
            box.close()
            stack.push_async_callback(stop_kernel, client)
            pid = client.km.provisioner.pid
            watch = asyncio.ensure_future(watch_over(lambda: pid, outcome, box))
            await run_cells(client, ran)
    except (DeadKernelError, RuntimeError) as error:
        outcome.end("stopped", f"its kernel ended ({str(error).splitlines()[0][:80]})")
    except Exception as error:  # noqa: BLE001 (the kernel is the student's, and may send anything)
        outcome.end("stopped", f"its kernel sent what cannot be read ({type(error).__name__})")
    finally:
        if watch:
            watch.cancel()
    return ran


def client_of(notebook, box, outcome):
    """Return the `Client` that runs ``notebook`` in ``box``, through sockets in its folder."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, 128 * MB)  # of one message
    manager = BoxedKernelManager(
        kernel_name="python3", connection_file=str(box.sockets / "k.json"), context=context
    )
    if os.name == "posix":
        manager.transport, manager.ip = "ipc", str(box.sockets / "k")
    manager.box = box
    client = Client(
        notebook,
        km=manager,
        timeout=int(box.limits.cell_seconds),
        startup_timeout=60,
        iopub_timeout=10,
        allow_errors=True,
        coalesce_streams=True,
    )
    client.on_cell_executed = client.note_error
    client.outcome = outcome
    client.limits = box.limits
    return client


async def start_kernel(client, box):
    """Start the kernel and wait until it answers."""
    with open(box.home / "stderr", "wb") as errors:
        await client.km.start_kernel(
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            env=box.environment(),
            cwd=str(box.given),
            stdout=errors,
            stderr=errors,
        )
    client.kc = client.km.client()
    client.kc.start_channels()
    try:
        await client.kc.wait_for_ready(timeout=client.startup_timeout)
    except RuntimeError as error:
        await stop_kernel(client)
        said = (box.home / "stderr").read_text(errors="replace").strip().splitlines()
        raise RuntimeError(said[-1] if said else str(error)) from error
    client.kc.allow_stdin = False


async def stop_kernel(client):
    """End all processes of the submission. The kernel is not asked, since it may not listen."""
    end_tree(client.km.provisioner.pid if client.km.provisioner else None)
    client.kc.stop_channels()
    await client.km.shutdown_kernel(now=True)
    client.km.context.destroy(linger=0)


async def run_cells(client, ran):
    """Send one code cell after the other, but no test."""
    outcome = client.outcome
    seconds = client.limits.cell_seconds
    for number, cell in enumerate(client.nb.cells):
        if cell.cell_type != "code" or verdicts.kind(cell) == "test":
            continue
        try:
            await client.async_execute_cell(cell, number)
            ran.add(number)
        except CellTimeoutError:
            cell.outputs.append(failure("TimeLimit", f"stopped after {seconds:g} seconds"))
            ran.add(number)
            reason = f"cell {number + 1} ran longer than {seconds:g} seconds"
            if not await interrupted(client):
                outcome.end("time limit", reason + " and could not be interrupted")
                return
            outcome.reasons.append(reason)
        except asyncio.CancelledError as error:
            raise DeadKernelError("the kernel died") from error


async def ask(client, code, seconds):
    """Run ``code`` unseen; return the kernel's reply, or None if none comes within ``seconds``."""
    identity = client.kc.execute(code, silent=True)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            reply = await client.kc.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if reply["parent_header"].get("msg_id") == identity:
            return reply["content"]
    return None


async def interrupted(client):
    """Interrupt the kernel and return whether it listens again within a few seconds."""
    client.kc.control_channel.send(client.kc.session.msg("interrupt_request", content={}))
    reply = await ask(client, "None", GRACE)
    return reply is not None and reply["status"] == "ok"


async def watch_over(pid_of, outcome, box):
    """End the process when it has had its time, holds too much memory, or writes on this disk."""
    limits = box.limits
    start = time.monotonic()
    while True:
        await asyncio.sleep(0.25)
        pid = pid_of()
        if pid is None:
            continue
        pids = tree(pid)
        files = open_files(pids)
        held = memory(pids, files) // MB
        outcome.peak_mb = max(outcome.peak_mb, held)
        if held > limits.memory_mb:
            ended = "memory limit", f"its processes held more than {limits.memory_mb} MB"
        elif time.monotonic() - start > limits.seconds:
            ended = "time limit", f"it ran longer than {limits.seconds:g} seconds in all"
        elif box.disturbed(name for name, _ in files.values()):
            ended = "tampered", "it wrote into the folder of its sockets"
        elif folder := box.crowded(pids[-1]):
            ended = "file limit", f"it made more than {limits.files} files in {folder}"
        else:
            continue
        outcome.end(*ended)
        end_tree(pid)
        return


def failure(name, text):
    """Return an output that nbgrader counts as a failed test."""
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])


def fail_what_did_not_run(notebook, outcome, ran):
    """Give each code cell not in ``ran`` an error, since nbgrader takes silence for success."""
    reason = outcome.reasons[-1] if outcome.reasons else "the run ended before"
    for number, cell in enumerate(notebook.cells):
        cell.pop("printed", None)
        if cell.cell_type == "code" and number not in ran and cell.source.strip():
            cell.outputs.append(failure("NotRun", reason))
