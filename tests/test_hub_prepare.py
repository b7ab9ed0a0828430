"""A class server's folder: `tools/hub/prepare.py` lays it out as root, also while learners' servers start."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("pwd", reason="a hub with system accounts needs Linux")
ROOT = Path(__file__).resolve().parents[1]
LESSON = "lessons/00_start_here.ipynb"
sys.path.insert(0, str(ROOT / "tools" / "hub"))
import handout  # noqa: E402 (it lies in tools/hub, where the hub finds it)
import prepare  # noqa: E402

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a class server's folder is laid out by root")


def test_a_place_that_others_could_exchange_or_not_reach_is_refused(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(ValueError, match="Learners cannot enter"):
        prepare.prepare(tmp_path / "cgan", "daemon", "daemon", "http://127.0.0.1:8000")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o777)
        with pytest.raises(ValueError, match="changed by others than root"):
            prepare.prepare(Path(folder) / "cgan", "daemon", "daemon", "http://127.0.0.1:8000")
        os.chmod(folder, 0o755)
        place = Path(folder) / "cgan"
        prepare.prepare(place, "daemon", "daemon", "http://127.0.0.1:8000")
        (place / "class.toml").write_text('teacher = "daemon"\ngroup = "daemon"\nidle_hours = 5\n')
        (place / LESSON).write_text("old")
        prepare.prepare(place, "daemon", "daemon", "http://127.0.0.1:8000")
        assert "idle_hours = 5" in (place / "class.toml").read_text(), "what was set stays"
        assert (place / LESSON).read_bytes() == (ROOT / "notebooks" / "00_start_here.ipynb").read_bytes()
        assert not (place / "lessons" / "assignments").exists(), "sources hold solutions"
        modes = {path.name: oct(path.stat().st_mode & 0o7777) for path in place.iterdir() if path.is_dir()}
        assert modes["state"] == "0o700" and modes["exchange"] == "0o1777" and modes["lessons"] == "0o755"


def test_a_server_that_starts_meanwhile_hands_out_whole_lessons(tmp_path, monkeypatch):
    """Each copy stops half-way: a learner's server starts there, and then the copy fails or goes on."""
    usual, seen, fails = shutil.copyfile, {}, True

    def half_way(source, target):
        whole = Path(source).read_bytes()
        Path(target).write_bytes(whole[: len(whole) // 2])
        home = tmp_path / f"home{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        handout.hand_out(place / "lessons", home)
        for path in (home / "lessons").iterdir():
            seen.setdefault(path.name, set()).add(path.read_bytes())
        if fails and Path(source).suffix == ".ipynb":
            raise OSError("No space left on device")
        return usual(source, target)

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        place = Path(folder) / "cgan"
        given = (place, "daemon", "daemon", "http://127.0.0.1:8000")
        prepare.prepare(*given)
        new = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
        old = {name: b"old " + name.encode() for name in new}
        for name, content in old.items():
            (place / "lessons" / name).write_bytes(content)
        monkeypatch.setattr(prepare.shutil, "copyfile", half_way)
        with pytest.raises(OSError, match="No space left"):
            prepare.prepare(*given)
        assert {path.name: path.read_bytes() for path in (place / "lessons").iterdir()} == old, "and no half"
        fails = False
        prepare.prepare(*given)
        assert {path.name: path.read_bytes() for path in (place / "lessons").iterdir()} == new
        assert seen.keys() == new.keys()
        assert [name for name in new if not seen[name] <= {old[name], new[name]}] == []
        for path in (place / name for name in ("hub", "lessons")):
            for inside in (path, *path.rglob("*")):
                what = inside.stat()
                assert (what.st_uid, what.st_mode & 0o7777) == (0, 0o755 if inside.is_dir() else 0o644), inside
