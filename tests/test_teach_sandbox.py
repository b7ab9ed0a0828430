"""Hostile submissions are held, marked with their reason, and harm no other."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
import teaching
from teaching import run

from tools import colab
from tools.teach import mark, processes, release, report, runner, sandbox

LIMITS = sandbox.Limits(
    seconds=60,
    cell_seconds=3,
    memory_mb=400,
    output_kb=20,
    flood_mb=4,
    processes=60,
    file_mb=8,
    files=2000,
)
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock")
GOOD = "def double(x):\n    return x + x\n"
SWALLOW = """shell = get_ipython()
shell.run_cell = None
shell.showtraceback = lambda *a, **k: None
shell.run_cell_async.__func__.__code__ = (lambda *a, **k: None).__code__"""
BAD = "def double(x):\n    return 7\n"
HOOK = """def clear(result):
    result.error_in_exec = result.error_before_exec = None
get_ipython().events.register('post_run_cell', clear)
get_ipython().showtraceback = lambda *a, **k: None"""
TRANSFORM = """import ast
class Spare(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Spare())"""
YES = """class Yes:
    def __eq__(self, other):
        return True
    __hash__ = None
def double(x):
    return Yes()"""
YES_ARRAY = """import numpy as np
class Yes(np.ndarray):
    def __eq__(self, other):
        return True
    def __array_function__(self, *words):
        return True
    def __bool__(self):
        return True
def double(x):
    return np.zeros(1).view(Yes)"""
CHILDREN = """import os, time
for _ in range(8):
    if not os.fork():
        held = bytearray(os.urandom(9 * 10**7))
        time.sleep(60)
time.sleep(60)"""
FORKS = """import os
for _ in range(10_000):
    try:
        os.fork()
    except OSError:
        pass"""
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
FLOOD = "import time\nwhile True:\n    print('x' * 10**6, flush=True)\n    time.sleep(0.01)"
# What the task's cell holds -> (points that it may have, status, what the reason says).
HOSTILE = {
    "good": (GOOD, "3", "marked", ""),
    "loops": ("while True:\n    pass", "0", "marked", "cell 2 ran longer than 3 seconds"),
    # Its function is right, and is tested where nothing waits for a loop.
    "loops_deaf": (GOOD + DEAF, "3", "time limit", "could not be interrupted"),
    # Its own MemoryError ends the cell, not the kernel.
    "eats": (f"{GOOD}held = []\nwhile True:\n    held.append(bytearray(10**7))", "3", "marked", ""),
    "eats_by_children": (GOOD + CHILDREN, "03", "memory limit", "held more than 400 MB"),
    "no_import": ("import a_module_that_nobody_has", "0", "marked", ""),
    "prints": (
        f"{GOOD}for i in range(1_000_000):\n    print(i % 10)",
        "3",
        "marked",
        "printed more than 20 kB",
    ),
    "floods": (GOOD + FLOOD, "3", "output limit", "more than 4 MB in all"),
    "forks": (GOOD + FORKS, None, None, ""),
    "dies": (f"{GOOD}import os\nos._exit(3)", "0", "stopped", "its tests ended"),
    "fills_the_disk": (f"{GOOD}open('big', 'wb').write(bytes(10**8))", "3", "marked", ""),
    # What it does to its own kernel decides nothing, and needs no word.
    "swallows": (GOOD + SWALLOW, "3", "marked", ""),
    "swallows_and_errs": (BAD + SWALLOW, "0", "marked", ""),
    "hooks": (BAD + HOOK, "0", "marked", ""),
    "transforms": (BAD + TRANSFORM, "0", "marked", ""),
    "equals_everything": (YES, "0", "marked", ""),
    "equals_by_numpy": (YES_ARRAY, "0", "marked", ""),
    "patches": (
        f"import numpy\nnumpy.allclose = lambda *a, **k: True\n{GOOD}",
        "3",
        "tampered",
        "changed numpy.allclose, which was put back",
    ),
    "makes_files": (
        f"{GOOD}import time\nfor n in range(3000):\n    open('/tmp/' + str(n), 'w').close()\n"
        "time.sleep(9)",
        "03",
        "file limit",
        "made more than 2000 files in /tmp",
    ),
    "nests_folders": (
        f"{GOOD}import os\nfor n in range(3000):\n    os.mkdir('x')\n    os.chdir('x')",
        "03",
        None,
        "",
    ),
    "speaks_nonsense": (
        f"{GOOD}k = get_ipython().kernel\nk.session.send(k.iopub_socket, 'error', content='x')\n"
        "k.session.send(k.iopub_socket, 'stream', content={'text': 7}, parent=k.get_parent())",
        "3",
        None,
        "",
    ),
    "writes_on_disk": (
        f"{GOOD}import os, time\nfolder = os.path.dirname(os.getcwd()) + '/s'\n"
        "os.chmod(folder, 0o700)\nopen(f'{folder}/x', 'w').close()\ntime.sleep(9)",
        "3",  # where it is tested, this folder is not there
        None,
        "",
    ),
    "holds_memory_elsewhere": (
        f"{GOOD}import os, time\nheld = [os.memfd_create('x') for _ in range(80)]\n"
        "for one in held:\n    os.write(one, bytes(7 * 10**6))\ntime.sleep(9)",
        "03",
        "memory limit",
        "held more than 400 MB",
    ),
    "stays": (
        f"{GOOD}import os, signal, time\nif not os.fork():\n    os.setsid()\n"
        "    for number in range(1, 30):\n        try:\n"
        "            signal.signal(number, signal.SIG_IGN)\n        except OSError:\n"
        "            pass\n    if not os.fork():\n        time.sleep(600)\n    os._exit(0)",
        "3",
        None,
        "",
    ),
    "links_and_pipes": (
        f"{GOOD}import os\nos.symlink('/etc/passwd', 'a')\nos.mkfifo('b')\nos.link('b', 'c')",
        "3",
        "marked",
        "",
    ),
    "raises_huge": ("raise ValueError('x' * 10**6)", "0", "marked", ""),
    "deletes_tests": (GOOD, "3", "marked", "tiny_double_1 was missing and was put back"),
    "rewrites_tests": ("double = 0", "0", "marked", ""),
    "no_notebook": ("", "", "unreadable", "not a notebook"),
}


@pytest.fixture(scope="module")
def confined():
    """Skip where no student code can be confined."""
    reason = sandbox.refusal()
    if reason:
        pytest.skip(f"student code cannot be confined here: {reason}")


@pytest.fixture(scope="module")
def marked(tmp_path_factory, confined):
    """({student: row of the table}, lines of progress, the marker's folder) of all, in one go."""
    where = teaching.tiny_course(tmp_path_factory.mktemp("hostile"))
    release.release(where, "tiny")
    for student, (code, *_) in HOSTILE.items():
        notebook = teaching.filled(where.released("tiny"), tiny_double=code)
        if student == "deletes_tests":
            notebook.cells = [c for c in notebook.cells if not teaching.grader(c).get("grade")]
        elif student == "rewrites_tests":
            notebook = teaching.filled(notebook, tiny_double_1="pass", tiny_double_2="pass")
        teaching.hand_in(where, "tiny", student, notebook)
    where.path("submitted", "tiny", "no_notebook").write_text("{'cells': [}", encoding="utf-8")
    lines = []
    students = where.students("tiny")
    folder = Path(tempfile.mkdtemp(prefix="m-", dir="/tmp"))  # short: sockets will lie below
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        asyncio.run(mark.mark(where, "tiny", LIMITS, students, "confined", say=lines.append))
    assert {where.record("tiny", student)["level"] for student in students} == {"confined"}
    yield {row["student"]: row for row in report.rows(where, "tiny")[1]}, lines, folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.long
@pytest.mark.parametrize("student", [name for name, held in HOSTILE.items() if held[1] is not None])
def test_it_is_marked_with_its_reason(marked, student):
    row = marked[0][student]
    _, points, status, reason = HOSTILE[student]
    assert row["points"] in (points, *points) and status in (row["status"], None), row
    assert row["status"] != "failed", row
    assert reason in row["reason"]


@pytest.mark.long
def test_nothing_is_left_on_the_machine(marked):
    """No process, though some fork and some do not listen; no file in any place for those."""
    assert list(marked[2].iterdir()) == []
    if os.getuid() == 0:  # then each kernel has a user of its own
        users = range(sandbox.FIRST_UID, sandbox.FIRST_UID + 128)
        places = [Path("/proc").glob("[0-9]*"), *(Path(p).iterdir() for p in PLACES)]
        left = [path for place in places for path in place if owner(path) in users]
    else:
        left = [pid for pid in processes.tree(os.getpid()) if b"inside.py" in command_line(pid)]
    assert left == []


@pytest.mark.long
def test_a_fork_bomb_is_marked(marked):
    row = marked[0]["forks"]
    assert row["status"] in ("marked", "time limit", "stopped", "memory limit"), row


def owner(path):
    """Return who owns a file, or None if it is gone."""
    return path.stat().st_uid if path.exists() else None


def command_line(pid):
    """Return the words of a process, or nothing if it has ended."""
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_bytes() if path.exists() else b""


@pytest.mark.long
def test_every_submission_has_its_line_of_progress(marked):
    rows, lines, _ = marked
    assert len(lines) == len(rows)
    assert lines[-1].startswith(f"[{len(rows)}/{len(rows)}]")


def test_it_sees_neither_files_nor_network_nor_processes_of_others(tmp_path, confined):
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    secret.chmod(0o644)
    source = teaching.SOURCES / "ps1_objective" / "ps1_objective.ipynb"
    read, source, connect, write, others, user, environment, mount, rights = run(
        f"open({str(secret)!r})",
        f"open({str(source)!r})",
        "import socket\nprint(socket.if_nameindex())\n"
        "socket.create_connection(('192.0.2.1', 9), timeout=2)",
        f"open({str(teaching.ROOT / 'cgan_lab' / 'x.py')!r}, 'w')",
        "import os\nprint(max(int(p) for p in os.listdir('/proc') if p.isdigit()) < 10)",
        "print(os.getuid() != 0, os.environ['HOME'] == os.getcwd())",
        "print('SECRET' in os.environ)\nopen('/proc/1/environ').read()",
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "print([libc.unshare(flag) for flag in (0x20000, 0x10000000)])",
        "lines = open('/proc/self/status').read().splitlines()\n"
        "print([l.split()[1] for l in lines if l.startswith(('CapEff', 'CapPrm', 'NoNewPrivs'))])",
    )
    assert read == source == ["FileNotFoundError"]
    assert connect == ["[(1, 'lo')]\n", "OSError"], "it has a loopback of its own and nothing else"
    assert write == ["OSError"]
    assert others == ["True\n"]
    assert user == ["True True\n"]
    assert environment[0] == "False\n"
    assert mount == ["[-1, -1]\n"], "it can make no mounts and no namespaces of its own"
    assert rights == [f"{['0' * 16, '0' * 16, '1']}\n"]


def test_its_own_files_arrive_and_its_folder_is_writable_up_to_a_size(tmp_path, confined):
    given = Path("/tmp" if os.access("/tmp", os.W_OK) else tmp_path, f"given-{os.getpid()}.txt")
    given.write_text("numbers")
    given.chmod(0o644)
    fill = """import os
def fill(folder):
    try:
        for number in range(100):
            with open(os.path.join(folder, str(number)), 'wb') as file:
                file.write(bytes(10**6))
    except OSError as error:
        return error.errno, 3 <= number <= 4
print([fill(folder) for folder in ('.', '/tmp', '/dev/shm')])"""
    try:
        own, saved, full, elsewhere = run(
            f"with open({given.name!r}, 'r+') as f:\n    f.write('Numbers')\n"
            f"print(open({given.name!r}).read())",
            "import numpy as np\nnp.save('result.npy', np.arange(3))\nprint(np.load('result.npy'))",
            fill,
            "print([f for f in ('/', '/dev', '/etc', '/usr', '/sys') if os.access(f, os.W_OK)])",
            files=[str(given)],
            file_mb=1,
        )
        assert given.read_text() == "numbers", "the student has a copy"
    finally:
        given.unlink()
    assert own == ["Numbers\n"] and saved == ["[0 1 2]\n"]
    assert full == ["[(28, True), (28, True), (28, True)]\n"]
    assert elsewhere == ["[]\n"]


def test_memory_and_processes_are_limited(confined):
    many = """import subprocess
found = []
try:
    for _ in range(90):
        found.append(subprocess.Popen(['sleep', '9']))
except OSError as error:
    print(type(error).__name__)
for one in found:
    one.kill()"""
    memory, started = run("bytearray(10**9)", many, memory_mb=400, processes=60)
    assert memory == ["MemoryError"] and started == ["BlockingIOError\n"]


def test_whoever_plays_colab_in_the_sandbox_installs_nothing(tmp_path, confined):
    """The first cell would install a wheel beside the notebook, if `google.colab` were there."""
    play = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('colab')"
    cells = (play, colab.cell_source(None, "v0.1.0"), "print('still here')")
    _, tried, later = run(*cells, files=[teaching.wheel(tmp_path)])
    assert "CalledProcessError" in tried and later == ["still here\n"]
    command = [sys.executable, "-c", "import cgan_lab_of_the_test"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert "ModuleNotFoundError" in answer.stderr


def test_a_figure_is_shown_in_the_usual_way(confined):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(draw)])
    asyncio.run(runner.run(notebook, "confined", 0, sandbox.Limits()))
    assert any("image/png" in output.get("data", {}) for output in notebook.cells[0].outputs)


@pytest.mark.parametrize("level", sandbox.LEVELS)
def test_what_ends_a_cell_or_the_kernel_counts_as_failed(level, request, tmp_path):
    if level == "confined":
        request.getfixturevalue("confined")
    file = tmp_path / "given.txt"
    file.write_text("numbers")
    loop, size, later, last, never = run(
        "while True: pass",
        "open('big', 'wb').write(bytes(3 * 10**6))",
        "open('own.txt', 'w').write('x')\nprint(open('given.txt').read())",
        "import os\nos._exit(0)",
        "assert True",
        level=level,
        files=[file],
        cell_seconds=1,
        file_mb=2,
    )
    assert "TimeLimit" in loop and size == ["OSError"] and later == ["numbers\n"]
    assert last[-1] == never[-1] == "NotRun"


@pytest.mark.parametrize(
    ("script", "reason"),
    [(None, "the program bwrap is not installed"), ("no namespaces", "no namespaces")],
)
def test_without_bubblewrap_the_reason_is_named(tmp_path, monkeypatch, script, reason):
    if script:
        (tmp_path / "bwrap").write_text(f"#!/bin/sh\necho {script} >&2\nexit 1\n")
        (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert reason in sandbox.refusal()
