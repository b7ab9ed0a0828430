"""Hostile submissions are held, marked with their reason, and harm no other."""

import asyncio
import dataclasses
import os
import subprocess
import sys

import nbformat
import pytest
import teaching

from tools import colab
from tools.teach import jail, mark, processes, release, report, runner, sandbox

LIMITS = sandbox.Limits(
    seconds=60, cell_seconds=3, memory_mb=400, output_kb=20, flood_mb=4, processes=60, file_mb=8
)
GOOD = "def double(x):\n    return x + x"
FORK = "import os\nfor _ in range(10_000):\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
HOSTILE = {
    "good": GOOD,
    "loops": "while True:\n    pass",
    "loops_deaf": f"{GOOD}\nimport signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
    "eats": f"{GOOD}\nheld = []\nwhile True:\n    held.append(bytearray(10**7))",
    "eats_by_children": f"{GOOD}\nimport os, time\nfor _ in range(8):\n    if not os.fork():\n"
    "        held = bytearray(os.urandom(9 * 10**7))\n        time.sleep(60)\ntime.sleep(60)",
    "no_import": "import a_module_that_nobody_has",
    "prints": f"{GOOD}\nfor i in range(1_000_000):\n    print(i % 10)",
    "floods": f"{GOOD}\nimport time\nwhile True:\n    print('x' * 10**6, flush=True)\n    time.sleep(0.01)",
    "forks": f"{GOOD}\n{FORK}",
    "dies": f"{GOOD}\nimport os\nos._exit(3)",
    "fills_the_disk": f"{GOOD}\nopen('big', 'wb').write(bytes(10**8))",
    "swallows": f"{GOOD}\nget_ipython().run_cell = None\nget_ipython().showtraceback = lambda *a, **k: None\n"
    "get_ipython().run_cell_async.__func__.__code__ = (lambda *a, **k: None).__code__",
    "patches": f"import numpy\nnumpy.allclose = lambda *a, **k: True\n{GOOD}",
    "raises_huge": "raise ValueError('x' * 10**6)",
    "partial_credit": "class Cheat(int):\n    def __eq__(self, other): return True\ndef double(x): return Cheat()",
}


@pytest.fixture(scope="module")
def level():
    return sandbox.survey()


@pytest.fixture(scope="module")
def marked(tmp_path_factory, level):
    """Every hostile submission and three good ones, marked in one go with small limits."""
    where = teaching.tiny_course(tmp_path_factory.mktemp("hostile"))
    release.release(where, "tiny")
    released = where.released("tiny")
    # Without a user of its own nothing keeps a fork bomb from the teacher's other programs.
    tried = [
        student
        for student in HOSTILE
        if level != "plain" or student not in ("forks", "eats_by_children")
    ]
    for student in tried:
        code = HOSTILE[student]
        teaching.hand_in(where, "tiny", student, teaching.filled(released, tiny_double=code))
    cut = teaching.filled(released, tiny_double=GOOD)
    cut.cells = [cell for cell in cut.cells if not teaching.grader(cell).get("grade")]
    teaching.hand_in(where, "tiny", "deletes_tests", cut)
    changed = teaching.filled(
        released, tiny_double="double = 0", tiny_double_1="pass", tiny_double_2="pass"
    )
    teaching.hand_in(where, "tiny", "rewrites_tests", changed)
    path = where.path("submitted", "tiny", "no_notebook")
    path.parent.mkdir(parents=True)
    path.write_text("{'cells': [}", encoding="utf-8")
    lines = []
    asyncio.run(mark.mark(where, "tiny", LIMITS, where.students("tiny"), level, say=lines.append))
    return {row["student"]: row for row in report.rows(where, "tiny")[1]}, lines, where


def test_a_good_submission_beside_hostile_ones_has_all_points(marked):
    assert (marked[0]["good"]["points"], marked[0]["good"]["status"]) == ("3", "marked")


@pytest.mark.parametrize(
    ("student", "points", "status", "reason"),
    [
        ("loops", "0", "marked", "cell 2 ran longer than 3 seconds"),
        ("loops_deaf", "0", "time limit", "could not be interrupted"),
        ("eats", "3", "marked", ""),  # its own MemoryError ends the cell, not the kernel
        ("no_import", "0", "marked", ""),
        ("prints", "3", "marked", "printed more than 20 kB"),
        ("floods", "0", "output limit", "more than 4 MB in all"),
        ("dies", "0", "stopped", "its kernel ended"),
        ("fills_the_disk", "3", "marked", ""),
        ("patches", "3", "tampered", "a check that must fail did not"),
        ("raises_huge", "0", "marked", ""),
        ("deletes_tests", "3", "marked", "tiny_double_1 was missing and was put back"),
        ("rewrites_tests", "0", "marked", ""),
        ("no_notebook", "", "unreadable", "not a notebook"),
    ],
)
def test_it_is_marked_with_its_reason(marked, student, points, status, reason):
    row = marked[0][student]
    assert (row["points"], row["status"]) == (points, status), row
    assert reason in row["reason"]


def test_memory_of_all_its_processes_counts(marked, level):
    if level != "namespaces":
        pytest.skip(f"this machine offers the level {level!r} only")
    row = marked[0]["eats_by_children"]
    assert row["status"] in ("memory limit", "marked") and float(row["points"] or 0) in (0, 3), row


def test_a_fork_bomb_leaves_nothing_behind(marked, level):
    if level == "plain":
        pytest.skip(f"this machine offers the level {level!r} only: {sandbox.LEVELS[level]}")
    assert marked[0]["forks"]["status"] in ("marked", "time limit", "stopped", "memory limit"), (
        marked[0]["forks"]
    )
    if sys.platform == "linux":
        mine = [pid for pid in processes.tree(os.getpid()) if b"jail.py" in command_line(pid)]
        assert mine == []


def command_line(pid):
    """Return the words of a process, or nothing if it has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_swallowed_failures_do_not_pass_unseen(marked):
    assert marked[0]["swallows"]["status"] != "marked", marked[0]["swallows"]


def test_every_submission_has_its_line_of_progress(marked):
    rows, lines, _ = marked
    assert len(lines) == len(rows)
    assert lines[-1].startswith(f"[{len(rows)}/{len(rows)}]")


def run(level, *cells, hidden=(), files=(), limits=LIMITS):
    """Run cells and return for each the name of its error or what it printed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    asyncio.run(runner.run(notebook, level, 0, limits, hidden, files))
    return [
        [out.get("ename") or out.get("text") for out in cell.outputs] for cell in notebook.cells
    ]


def test_it_sees_neither_files_nor_network_nor_processes_of_others(tmp_path, level):
    if level != "namespaces":
        pytest.skip(f"this machine offers the level {level!r} only: {sandbox.LEVELS[level]}")
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    secret.chmod(0o644)
    read, source, listen, write, others, user, jailer = run(
        level,
        f"print(open({str(secret)!r}).read())",
        f"print(open({str(teaching.SOURCES / 'ps1_objective' / 'ps1_objective.ipynb')!r}).read())",
        "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=2)",
        f"open({str(teaching.ROOT / 'cgan_lab' / 'x.py')!r}, 'w')",
        "import os\nprint(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == [1])",
        "print(os.getuid() != 0, os.environ.get('HOME') == os.getcwd())",
        "import ctypes\nprint(ctypes.CDLL(None).unshare(0x20000))",
    )
    assert read == source == ["FileNotFoundError"]
    assert listen == ["OSError"] and write == ["OSError"]
    assert others == ["True\n"]
    assert user == [f"{os.getuid() == 0 or True} True\n"]
    assert jailer == ["-1\n"], "it has no rights over its own jail"


def test_without_namespaces_sockets_and_the_class_folder_are_still_refused(tmp_path):
    """The second best, which a determined student can avoid; the tool asks before it relies on this."""
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    read, connect, fine = run(
        "plain",
        f"open({str(secret)!r})",
        "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=2)",
        "import cgan_lab\nprint('fine')",
        hidden=[tmp_path],
    )
    assert read == connect == ["PermissionError"]
    assert fine == ["fine\n"]


def test_whoever_plays_colab_in_the_jail_installs_nothing(tmp_path, level):
    """The first cell would install a wheel that lies beside the notebook, if `google.colab` were there."""
    if level == "plain":
        pytest.skip(f"this machine offers the level {level!r} only: {sandbox.LEVELS[level]}")
    play = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('colab')"
    limits = dataclasses.replace(LIMITS, cell_seconds=30)
    cells = (play, colab.cell_source(None, "v0.1.0"), "print('still here')")
    _, tried, later = run(level, *cells, files=[teaching.wheel(tmp_path)], limits=limits)
    assert later == ["still here\n"]
    assert level != "namespaces" or "CalledProcessError" in tried, tried
    answer = subprocess.run(
        [sys.executable, "-c", "import cgan_lab_of_the_test"], capture_output=True, text=True
    )
    assert "ModuleNotFoundError" in answer.stderr


def test_a_cell_that_did_not_run_is_no_passed_test():
    first, second = run("plain", "import os\nos._exit(0)", "assert True")
    assert first[-1] == second[-1] == "NotRun"


def test_the_next_task_still_counts_after_an_endless_loop():
    loop, later = run("plain", "while True: pass", "print('still here')")
    assert "TimeLimit" in loop
    assert later == ["still here\n"]


def test_a_folder_that_keeps_another_user_from_python_is_named(tmp_path):
    inner = tmp_path / "home" / "python" / "lib"
    inner.mkdir(parents=True)
    open_above = set(sandbox.closed_to_others([inner]))  # the system's own, if any
    (tmp_path / "home").chmod(0o700)
    inner.chmod(0o700)
    assert set(sandbox.closed_to_others([inner, inner / "os.py"])) == (
        open_above or {tmp_path / "home"}
    )


def test_the_jail_keeps_the_flags_of_what_it_shows():
    """Where the kernel does not own a mount, dropping `nosuid` from it would be refused, and the mount with it."""
    assert jail.KEPT_FLAGS[os.ST_NOSUID] == jail.MS_NOSUID
