"""The wheel: built offline, installed into an empty environment, looked over by its own doctor."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command, **options):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built with the setuptools that is here: no network."""
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):  # a copy: building leaves things behind
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "cgan_lab", source / "cgan_lab", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps", "--no-build-isolation"]
    answer = run(*pip, "--wheel-dir", folder, source, cwd=folder)
    assert answer.returncode == 0, answer.stderr
    return next(folder.glob("cgan_lab-*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The Python of a new environment into which the wheel was installed, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder)
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", inside, "install", "-q", "--no-index", "--no-deps"]
    answer = run(*pip, wheel, cwd=folder)
    assert answer.returncode == 0, answer.stderr
    return inside


def test_the_wheel_holds_the_package_and_what_ships_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "cgan_lab").rglob("*.py")}
    assets = {f"cgan_lab/assets/{path.name}" for path in (ROOT / "cgan_lab" / "assets").iterdir()}
    assert names == package | assets


def test_in_an_empty_environment_the_doctor_says_what_to_install(python, tmp_path):
    answer = run(python, "-m", "cgan_lab", "doctor", cwd=tmp_path)
    assert answer.returncode == 1 and answer.stderr == ""
    for name in ("tensorflow", "keras", "numpy"):
        assert f"BAD  {name} " in answer.stdout and f"-m pip install '{name}>=" in answer.stdout
    assert "ok   this Python is the one with the course in it" in answer.stdout


def test_with_its_requirements_there_the_doctor_is_content(python, tmp_path):
    """The requirements are those of this environment, lent by a path file: installing them would need a network."""
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    lent = Path(packages) / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib") + "\n")
    try:
        answer = run(python, "-m", "cgan_lab", "doctor", cwd=tmp_path)
        where = run(python, "-c", "import cgan_lab; print(cgan_lab.__file__)", cwd=tmp_path).stdout
    finally:
        lent.unlink()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert where.startswith(packages)
