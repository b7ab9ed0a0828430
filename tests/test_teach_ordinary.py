"""What holds while root marks holds while an ordinary user does: the same tests, run by one."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import teaching

from tools.teach import sandbox

USER = 65534


def as_ordinary_user():
    """Return the words before a command that make root an ordinary user who can read Python."""
    needed = [*sandbox.python_folders(), str(teaching.ROOT)]
    lines = [[*reversed(Path(path).parents), Path(path)] for path in needed]
    closed = [[p for p in line if not p.stat().st_mode & stat.S_IXOTH][:1] for line in lines]
    words = ["bwrap", "--dev-bind", "/", "/", "--cap-add", "ALL"]
    for path in {str(p) for found in closed for p in found}:
        words += ["--tmpfs", path]
    words += sandbox.readable(needed)
    return [*words, "setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"]


@pytest.fixture
def home():
    """A short folder of the ordinary user's own."""
    folder = tempfile.mkdtemp(prefix="ord-", dir="/tmp")
    os.chown(folder, USER, USER)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root")
@pytest.mark.parametrize("file", ["forging", "sandbox", "pages", "forty"])
def test_an_ordinary_user_marks_as_root_does(file, home):
    if reason := sandbox.refusal():
        pytest.skip(f"student code cannot be confined here: {reason}")
    user = as_ordinary_user()
    check = "from tools.teach import sandbox; print(sandbox.refusal())"
    there = {"cwd": teaching.ROOT, "capture_output": True, "text": True}
    there["env"] = os.environ | {"HOME": home, "TMPDIR": home}
    answer = subprocess.run([*user, sys.executable, "-c", check], **there)
    if answer.stdout.strip():
        pytest.skip(f"an ordinary user cannot confine code here: {answer.stdout.strip()}")
    words = ["-m", "pytest", "-p", "no:cacheprovider", "-q", "-n0", f"--basetemp={home}/t"]
    command = [*user, sys.executable, *words, f"tests/test_teach_{file}.py"]
    answer = subprocess.run(command, **there)
    assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-1000:]
    assert " passed" in answer.stdout
