"""The sets of versions that tools/matrix.py installs are what pyproject.toml admits."""

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
spec = importlib.util.spec_from_file_location("matrix", ROOT / "tools" / "matrix.py")
matrix = importlib.util.module_from_spec(spec)
spec.loader.exec_module(matrix)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FLOORS = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_oldest_set_pins_every_floor(python):
    floors = [Requirement(pin) for pin in matrix.pins("oldest", python) if pin not in matrix.OLDEST]
    assert {r.name for r in floors} == set(FLOORS)
    for name, version in {r.name: str(r.specifier)[2:].removesuffix(".*") for r in floors}.items():
        if not version:
            assert ">=" not in str(FLOORS[name])
            continue
        assert FLOORS[name].contains(version) and (f">={version}" in str(FLOORS[name])) is (
            (name, python) not in matrix.LATER
        )


def test_the_other_sets_are_admitted_too():
    assert matrix.pins("newest", "3.11") == PROJECT["dependencies"]
    colab = {
        requirement.name: str(requirement.specifier)[2:]
        for requirement in map(Requirement, matrix.pins("colab", "3.13"))
    }
    assert set(FLOORS) <= set(colab)  # the package itself is installed without what it requires
    assert all(FLOORS[name].contains(version) for name, version in colab.items() if name in FLOORS)


def test_every_test_of_the_fast_subset_exists():
    assert [test for test in matrix.FAST if not (ROOT / test).is_file()] == []


def test_tests_and_lessons_are_all_of_them_but_those_left_out():
    found = matrix.files(["tests", "lessons", "a.py"])
    assert set(matrix.files(["quick"])) < set(found) and "notebooks/03_training.ipynb" in found and found[-1] == "a.py"
    assert [file for file in found if "browser" in file or "teach" in file] == []
    for name in matrix.LEFT_OUT:  # a name that leaves nothing out is a slip
        assert list((ROOT / "tests").glob(f"test_{name}*.py"))


TESTS = """
import pytest
def test_well(): pass
def test_ill(): assert 1 == 2
def test_not_here(): pytest.skip("no such thing")
"""
ROW = "| oldest | 3.11.7 | 1 | 2 | 3 | 4 | 5 | 6 | test_it | 1 failed, 1 passed, 1 skipped |"


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """The arguments for a run of three tests in this very environment, which passes for an installed one."""
    (tmp_path / "test_it.py").write_text(TESTS)
    monkeypatch.setattr(matrix, "install", lambda python, name, folder: sys.executable)
    monkeypatch.setattr(matrix, "versions", lambda inside: ["3.11.7", *"123456"])
    return ["--sets", "oldest", "--folder", str(tmp_path / "venvs"), str(tmp_path / "test_it.py")]


def test_failing_and_skipped_tests_are_named_and_the_exit_code_tells(stand_in, capsys):
    assert matrix.main(stand_in) == 1
    out = capsys.readouterr().out
    assert ROW in out.splitlines() and "no such thing" in out and "test_ill" in out.splitlines()[-1]
    assert "assert 1 == 2" in Path(stand_in[3], "oldest-3.11.7.txt").read_text()


def test_a_row_takes_the_place_of_its_like_in_the_table_and_the_others_stay(stand_in, tmp_path):
    table, other = tmp_path / "versions.md", ROW.replace("3.11.7", "3.12.1")
    lines = matrix.markdown([])
    table.write_text("\n".join(["Before.", "", *lines, other, ROW.replace("3 |", "0 |"), "", "After.", ""]))
    assert matrix.main(["--table", str(table), *stand_in]) == 1
    assert table.read_text().splitlines() == ["Before.", "", *lines, ROW, other, "", "After."]


def test_the_table_of_the_last_runs_can_be_gone_on_with(tmp_path):
    last = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
    (tmp_path / "versions.md").write_text(last, encoding="utf-8")
    matrix.written(tmp_path / "versions.md", [])
    assert (tmp_path / "versions.md").read_text(encoding="utf-8") == last


def test_a_file_without_a_table_is_refused_and_stays_as_it_is(tmp_path):
    file = tmp_path / "versions.md"
    file.write_text("None here.\n")
    with pytest.raises(ValueError, match="has not one table in Markdown"):
        matrix.written(file, [ROW.strip("| ").split(" | ")])
    assert file.read_text() == "None here.\n"


def test_what_cannot_be_installed_is_said_and_not_raised(tmp_path, capsys):
    assert matrix.main(["--pythons", "/no/such/python", "--folder", str(tmp_path)]) == 1
    assert "oldest with /no/such/python: not installed" in capsys.readouterr().out
