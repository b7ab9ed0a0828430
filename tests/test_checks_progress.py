"""What the checks said is kept in one small file, and shown lesson by lesson."""

import json

import pytest

from cgan_lab import checks


@pytest.fixture
def kept(tmp_path, monkeypatch):
    path = tmp_path / "progress.json"
    monkeypatch.setenv("CGAN_LAB_PROGRESS", str(path))
    return path


def right(share, error):
    return -(-share * (1 - share) // error**2)


def test_right_and_wrong_are_kept_and_blank_is_not(kept):
    checks.check("05.samples_needed", None)
    assert not kept.exists()
    assert checks.check("05.samples_needed", right).state == "right"
    assert checks.check("05.frechet_1d", lambda a, b: 0.0).state == "wrong"
    assert json.loads(kept.read_text()) == {"05.samples_needed": "right", "05.frechet_1d": "wrong"}
    checks.check("05.frechet_1d", None)
    assert json.loads(kept.read_text())["05.frechet_1d"] == "wrong"
    checks.check("05.samples_needed", lambda share, error: 1)
    assert json.loads(kept.read_text())["05.samples_needed"] == "wrong"
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]  # nothing written aside


def test_progress_names_what_is_wrong_and_open(kept, capsys):
    checks.check("05.samples_needed", right)
    checks.check("05.frechet_1d", lambda a, b: 0.0)
    checks.progress()
    lines = capsys.readouterr().out.splitlines()
    line = next(line for line in lines if line.startswith("05"))
    still = "kernel_distance, nearest_copy, precision_recall"
    assert line == f"05   ✓ 1 of 5   ✗ wrong: frechet_1d   … open: {still}"
    lessons = [line.split()[0] for line in lines[:-1]]
    assert lessons == sorted({name.split(".")[0] for name in checks.names()})
    assert lines[-1] == f"kept in {kept}"
    everything = "".join(lines)
    assert all(name.split(".", 1)[1] in everything for name in checks.names() if "05.s" not in name)


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"05.frechet_1d": 3}', '{"nothing": "right"}']
)
def test_a_broken_file_counts_as_none_and_is_replaced(kept, content, capsys):
    kept.write_text(content)
    checks.progress()
    assert "05   ✓ 0 of 5" in capsys.readouterr().out
    checks.check("05.samples_needed", right)
    assert json.loads(kept.read_text())["05.samples_needed"] == "right"


def test_a_place_that_cannot_be_written_ends_no_check(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CGAN_LAB_PROGRESS", str(tmp_path / "none" / "progress.json"))
    assert checks.check("05.samples_needed", right).state == "right"
    checks.progress()
    assert "05   ✓ 0 of 5" in capsys.readouterr().out


def test_an_empty_variable_keeps_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CGAN_LAB_PROGRESS", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    checks.check("05.samples_needed", right)
    checks.progress()
    assert "nothing is kept" in capsys.readouterr().out and not list(tmp_path.iterdir())


def test_without_a_variable_it_lies_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("CGAN_LAB_PROGRESS")
    monkeypatch.setenv("HOME", str(tmp_path))
    checks.check("05.samples_needed", right)
    assert (tmp_path / ".cgan_lab_progress.json").is_file()
