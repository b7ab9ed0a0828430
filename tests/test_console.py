"""A line that cannot be written never ends the work that it tells of."""

import io
import os
import subprocess
import sys

import pytest

from cgan_lab._support import console


def test_what_the_encoding_lacks_is_spelled_out():
    file = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\n")
    console.say("数 Übung", file)
    assert file.buffer.getvalue() == b"\\u6570 \xdcbung\n"


@pytest.mark.parametrize(
    "make", [lambda: os.pipe(), lambda: (None, os.open(os.devnull, os.O_RDONLY))]
)
def test_a_file_that_takes_nothing_is_left_alone(make):
    reader, writer = make()
    file = os.fdopen(os.dup(writer), "w")
    if reader is not None:
        os.close(reader)
    os.close(writer)
    console.say("one", file)
    console.say("two", file)
    file.close()
    console.say("three", file)


def test_a_reader_that_goes_away_leaves_no_complaint_at_the_end():
    program = "from cgan_lab._support.console import say; [say('x' * 9999) for _ in range(99)]"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 0 and said == b""


def test_a_command_can_be_pasted(monkeypatch):
    words = ("/my course/.venv/bin/python", "-m", "pip", "install", "numpy>=2")
    assert console.command(*words) == "'/my course/.venv/bin/python' -m pip install 'numpy>=2'"
    monkeypatch.setattr(os, "name", "nt")
    found = console.command(r"C:\my course\python.exe", "-m", "pip", "numpy>=2")
    monkeypatch.undo()
    assert found == r'"C:\my course\python.exe" -m pip "numpy>=2"'
