"""Files are whole or absent, and shipped ones are what was shipped."""

import json
import os
import zipfile

import numpy as np
import pytest

from cgan_lab._support import files


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such links and pipes")
def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    with files.replacing(tmp_path / "link.json") as part:
        part.write_text("new")
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "real.json").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with files.replacing(tmp_path / "pipe") as part:
        part.write_text("sent")
    assert os.read(reader, 9) == b"sent" and (tmp_path / "pipe").is_fifo()
    os.close(reader)
    assert {file.name for file in tmp_path.iterdir()} == {"real.json", "link.json", "pipe"}


def test_every_shipped_file_is_listed_small_and_whole():
    listed = files.manifest()
    assert set(listed) == {path.name for path in files.ASSETS.glob("*.npz")}
    for name, entry in listed.items():
        assert files.asset(name).stat().st_size == entry["bytes"] < 4_200_000
    assert listed["digits.npz"]["bytes"] < 2_000_000
    readme = (files.ASSETS / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in listed), "each asset has its provenance"


@pytest.mark.parametrize("damage", ["absent", "altered"])
def test_a_damaged_asset_is_refused(tmp_path, monkeypatch, damage):
    (tmp_path / "manifest.json").write_text(json.dumps({"a.npz": {"sha256": "00"}}))
    if damage == "altered":
        (tmp_path / "a.npz").write_bytes(b"x")
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    with pytest.raises(
        (FileNotFoundError, ValueError), match="is missing|is not the file that was shipped"
    ):
        files.asset("a.npz")
    with pytest.raises(
        FileNotFoundError, match="no shipped file is called 'b.npz'; there are a.npz"
    ):
        files.asset("b.npz")


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), files.replacing(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_the_same_arrays_give_the_same_bytes(tmp_path):
    for name in "ab":
        files.write_npz(tmp_path / name, x=np.arange(5), y=np.eye(2))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with np.load(tmp_path / "a", allow_pickle=False) as archive:
        assert archive["x"].tolist() == [0, 1, 2, 3, 4]


def test_objects_are_never_written(tmp_path):
    with pytest.raises(ValueError):
        files.write_npz(tmp_path / "a.npz", x=np.array([{}], object))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"<html>", b"\x80\x04binary", {"a.txt": b"text"}])
def test_an_npz_file_without_arrays_is_refused_without_advice_to_unpickle_it(tmp_path, content):
    path = tmp_path / "a.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", content["a.txt"])
    with pytest.raises(ValueError, match="does not start as one|a.txt is no array") as raised:
        files.read_npz(path)
    assert "unsafe" not in str(raised.value)
