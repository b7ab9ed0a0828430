"""Many kernels share a cache and a folder and damage neither; JupyterLab keeps its token."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from loopback import free_ports, serving

from cgan_lab._support import files

ROOT = Path(__file__).resolve().parents[1]
KERNELS = int(os.environ.get("CGAN_LAB_KERNELS", "6"))  # fifty for a whole class

WRITE = """
import sys
import numpy as np
from cgan_lab._support import files
path, mine = sys.argv[1], int(sys.argv[2])
for _ in range(20):
    files.write_npz(path, a=np.full(50_000, mine), b=np.full(1000, mine))
    seen = files.read_npz(path)
    assert len({*seen["a"].tolist(), *seen["b"].tolist()}) == 1, "two halves of two kernels"
"""

# Keras' loader writes directly into the file that it reads. This one takes its time.
DOWNLOAD = """
import json, os, sys, time, types
from pathlib import Path
from cgan_lab import data
import numpy as np
cache = Path(os.environ["KERAS_HOME"]) / "datasets" / "mnist.txt"
def load_data():
    if not cache.exists():
        print("fetched", file=sys.stderr)  # the package keeps Keras' own words off standard output
        with open(cache, "w") as file:
            for digit in range(10):
                file.write(str(digit)); file.flush(); time.sleep(0.02)
    assert cache.read_text() == "0123456789", "half a download was taken for the whole"
    return 2 * ((np.zeros((10, 28, 28), np.uint8), np.array([int(c) for c in cache.read_text()])),)
some = types.SimpleNamespace
keras = some(datasets=some(mnist=some(load_data=load_data)))
sys.modules["cgan_lab._support.tensorflow"] = some(keras=keras)
assert data.load("mnist").y_test.tolist() == list(range(10))
"""


def all_at_once(code, *arguments, **environment):
    """Run ``code`` in as many processes as there are kernels; return what they printed."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    options = {"cwd": ROOT, "env": os.environ | environment, **pipes}
    processes = [subprocess.Popen([*command, str(n)], **options) for n in range(KERNELS)]
    said = [process.communicate(timeout=280)[0] for process in processes]
    assert {process.returncode for process in processes} == {0}, said
    return "".join(said)


def test_kernels_that_write_one_file_leave_one_kernels_whole_file(tmp_path):
    all_at_once(WRITE, tmp_path / "shared.npz")
    arrays = files.read_npz(tmp_path / "shared.npz")
    assert np.ptp(arrays["a"]) == 0 and arrays["a"][0] == arrays["b"][0]
    assert [path.name for path in tmp_path.iterdir()] == ["shared.npz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no lock that ends with its process")
def test_one_kernel_downloads_and_the_others_wait_for_the_whole_file(tmp_path):
    assert all_at_once(DOWNLOAD, KERAS_HOME=str(tmp_path)).split() == ["fetched"]


def test_a_lock_that_cannot_be_made_keeps_nobody_out(tmp_path):
    with files.alone(tmp_path / "no such folder" / "lock") as nothing:
        assert nothing is None


def test_two_writers_with_one_process_number_write_to_two_files(tmp_path, monkeypatch):
    """In containers that share a folder, every kernel may be process 7."""
    monkeypatch.setattr(os, "getpid", lambda: 7)
    with (
        files.replacing(tmp_path / "model.keras") as first,
        files.replacing(tmp_path / "model.keras") as second,
    ):
        assert first != second
        first.touch(), second.touch()


def lab_recipe(*options):
    """Return the lines that `make lab` would run, also where another make started this test.

    That other make hands its number on, and this one would then say which folder it enters.
    """
    command = ["make", "--no-print-directory", "-n", "lab", *options]
    planned = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return [line for line in planned.stdout.splitlines() if line.strip()]


def lab_command():
    """Return the command with which `make lab` starts JupyterLab."""
    recipe = next(line for line in lab_recipe() if "-m jupyterlab" in line)
    return recipe.replace(".venv/bin/python", sys.executable).split()


def test_make_lab_opens_the_chinese_edition_when_asked(monkeypatch):
    monkeypatch.setenv("MAKELEVEL", "1")  # as under `make test`
    translates, opens = lab_recipe("EDITION=zh")[-2:]
    assert translates == ".venv/bin/python tools/notebooks.py translate zh"
    assert "CGAN_LAB_LANG=zh" in opens and "/lab/tree/notebooks/zh/00_start_here.ipynb" in opens
    assert "CGAN_LAB_LANG" not in " ".join(lab_command())


def test_make_lab_names_loopback_and_takes_no_protection_away():
    command = " ".join(lab_command())
    assert "--ip=127.0.0.1" in command
    taken = r"token|password|allow_origin|allow-root|disable_check_xsrf|allow_remote_access"
    assert not re.search(taken, command)


@pytest.mark.long
def test_the_server_of_make_lab_answers_on_loopback_to_its_token_only(tmp_path):
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}/api/contents"
    folders = ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")
    variables = dict.fromkeys(folders, str(tmp_path)) | {"JUPYTER_TOKEN": ""}
    root = ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []  # containers of CI
    options = ["--no-browser", f"--port={port}", f"--notebook-dir={tmp_path}", *root]
    with serving([*lab_command(), *options], address, tmp_path, **variables):
        server = json.loads(next(tmp_path.glob("jpserver-*.json")).read_text())
        assert server["hostname"] == "127.0.0.1" and not server["password"]
        assert len(server["token"]) >= 40
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(address)
        assert urllib.request.urlopen(f"{address}?token={server['token']}").status == 200
