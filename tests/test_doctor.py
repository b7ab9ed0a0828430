"""The doctor: every illness has a cure in words."""

import importlib.metadata

import pytest

from cgan_lab import doctor, files, runtime


def ill():
    return [finding for finding in doctor.examine() if not finding.well]


def test_this_machine_is_well():
    assert ill() == []


@pytest.mark.parametrize(
    ("found", "cured"), [("2.19.0", False), ("2.20.0rc1", True), ("2.21.0", True), ("2.22.0", False)]
)
def test_versions_are_compared_as_numbers(monkeypatch, found, cured):
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: found if name == "tensorflow" else real(name))
    assert ([f.name for f in ill()] == []) is cured
    if not cured:
        assert ill()[0].found == found and "pip install 'tensorflow>=2.20,<2.22'" in ill()[0].cure


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(doctor.VERSIONS, "no-such-package", ("1", None))
    assert [(f.found, f.well) for f in ill()] == [("not installed", False)]


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 2, "final", 0))
    assert "Python 3.11, 3.12 or 3.13" in ill()[0].cure


def test_a_tensorflow_that_does_not_start_is_reported_not_raised(monkeypatch):
    def broken():
        raise ImportError("DLL load failed")

    monkeypatch.setattr(runtime, "device", broken)
    assert ill()[0].cure == "DLL load failed"


def test_a_damaged_asset_and_a_folder_that_cannot_be_written_are_found(monkeypatch, tmp_path):
    (tmp_path / "manifest.json").write_text('{"digits.npz": {"sha256": "0"}}')
    monkeypatch.setattr(files, "ASSETS", tmp_path)

    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    assert [f.name for f in ill()] == ["shipped file digits.npz", "this folder can be written"]
