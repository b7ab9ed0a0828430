"""The sets of versions that tools/matrix.py installs are what pyproject.toml admits."""

import importlib.util
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
    pinned = {r.name: str(r.specifier)[2:].removesuffix(".*") for r in map(Requirement, matrix.pins("oldest", python))}
    assert set(pinned) == {name for name, specifier in FLOORS.items() if ">=" in str(specifier)}
    for name, version in pinned.items():
        assert FLOORS[name].contains(version) and (f">={version}" in str(FLOORS[name])) is (
            (name, python) not in matrix.LATER
        )


def test_the_other_sets_are_admitted_too():
    assert matrix.pins("newest", "3.11") == PROJECT["dependencies"]
    for requirement in map(Requirement, matrix.pins("colab", "3.13")):
        version = str(requirement.specifier)[2:]
        assert requirement.name not in FLOORS or FLOORS[requirement.name].contains(version)


def test_every_test_of_the_fast_subset_exists():
    assert [test for test in matrix.FAST if not (ROOT / test).is_file()] == []


def test_a_failing_test_is_named_and_the_exit_code_tells(monkeypatch, tmp_path, capsys):
    (tmp_path / "test_it.py").write_text("def test_well(): pass\ndef test_ill(): assert 1 == 2\n")
    monkeypatch.setattr(matrix, "install", lambda python, name, folder: python)
    monkeypatch.setattr(matrix, "versions", lambda inside: ["3.11.7", *"123456"])
    arguments = ["--sets", "oldest", "--folder", str(tmp_path / "venvs")]
    assert matrix.main([*arguments, str(tmp_path / "test_it.py")]) == 1
    out = capsys.readouterr().out
    assert (
        "| oldest | 3.11.7 | 1 | 2 | 3 | 4 | 5 | 6 | 1 failed, 1 passed" in out and "test_ill" in out.splitlines()[-1]
    )


def test_what_cannot_be_installed_is_said_and_not_raised(tmp_path, capsys):
    assert matrix.main(["--pythons", "/no/such/python", "--folder", str(tmp_path)]) == 1
    assert "oldest with /no/such/python: not installed" in capsys.readouterr().out
