"""The sets of versions that tools/matrix.py installs are what pyproject.toml admits."""

import sys
import tomllib
from pathlib import Path

import matrix
import pytest
from packaging.requirements import Requirement

import notebooks

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FLOORS = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}


def versions(pins):
    """Return {name: version} of exact pins; an empty version where there is none."""
    return {r.name: str(r.specifier)[2:].removesuffix(".*") for r in map(Requirement, pins)}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_oldest_set_pins_every_floor(python):
    pins = [pin for pin in matrix.pins("oldest", python) if pin not in matrix.OLDEST]
    floors = versions(pins)
    assert set(floors) == set(FLOORS)
    for name, version in floors.items():
        if not version:
            assert ">=" not in str(FLOORS[name])
            continue
        assert FLOORS[name].contains(version)
        assert (f">={version}" in str(FLOORS[name])) is ((name, python) not in matrix.LATER)


@pytest.mark.parametrize("name", ["colab", *matrix.PAST])
def test_colab_has_all_that_the_package_requires_now_and_in_past_runtimes(name):
    """Installing there must replace none of its packages; the kernel would need a restart."""
    assert matrix.pins("newest", "3.11") == PROJECT["dependencies"]
    colab = versions(matrix.pins(name, "3.13"))
    assert set(FLOORS) <= set(colab)  # the package is installed without what it requires
    assert [name for name in FLOORS if not FLOORS[name].contains(colab[name])] == []
    assert all(set(instead) <= set(matrix.COLAB) for instead in matrix.PAST.values())


def test_notebooks_ask_colab_for_the_newest_runtime_that_was_tried():
    wanted = notebooks.METADATA["colab"]["runtime_attributes"]["runtime_version"]
    assert wanted == max(matrix.PAST)
    table = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
    assert f"\n| {wanted} | 3.12." in table


def test_quick_tests_exist_and_tests_and_lessons_are_all_but_those_left_out():
    assert [test for test in matrix.FAST if not (ROOT / test).is_file()] == []
    found = matrix.files(["tests", "lessons", "a.py"])
    assert set(matrix.files(["quick"])) < set(found) and found[-1] == "a.py"
    assert "notebooks/03_training.ipynb" in found
    assert [file for file in found if "browser" in file or "teach" in file] == []
    for name in matrix.LEFT_OUT:  # a name that leaves nothing out is a slip
        assert list((ROOT / "tests").glob(f"test_{name}*.py"))


TESTS = """
import pytest
def test_well(): pass
def test_ill(): assert 1 == 2
def test_not_here(): pytest.skip("no such thing")
"""


@pytest.mark.long
def test_failing_and_skipped_tests_are_named_and_the_exit_code_tells(monkeypatch, tmp_path, capsys):
    """The environment of this test replaces an installed one."""
    (tmp_path / "test_it.py").write_text(TESTS)
    monkeypatch.setattr(matrix, "install", lambda python, name, folder: (sys.executable, "3.11.7"))
    venvs = tmp_path / "venvs"
    arguments = ["--sets", "oldest", "--folder", str(venvs), str(tmp_path / "test_it.py")]
    assert matrix.main(arguments) == 1
    out = capsys.readouterr().out
    (row,) = [line for line in out.splitlines() if line.startswith("| oldest | 3.11.7 |")]
    assert row.endswith("| test_it | 1 failed, 1 passed, 1 skipped |")
    assert row.count("|") == len(matrix.SHOWN) + 5
    assert "no such thing" in out and "test_ill" in out.splitlines()[-1]
    assert "assert 1 == 2" in (venvs / "oldest-3.11.7.txt").read_text()


def test_what_cannot_be_installed_is_said_and_not_raised(tmp_path, capsys):
    assert matrix.main(["--pythons", "/no/such/python", "--folder", str(tmp_path)]) == 1
    assert "oldest with /no/such/python: not installed" in capsys.readouterr().out
