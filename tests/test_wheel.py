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
pytestmark = pytest.mark.long


def run(*command, **options):
    """Run a command without this process' PYTHONPATH and return its answer."""
    options |= {"capture_output": True, "text": True}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([*map(str, command)], env=environment, **options)


def pip(*words):
    """Run pip without a network."""
    answer = run(sys.executable, "-m", "pip", *words)
    assert answer.returncode == 0, answer.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built with the setuptools that is here: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):  # a copy: building leaves things behind
        shutil.copy(ROOT / name, source)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "cgan_lab", source / "cgan_lab", ignore=ignore)
    here = ("--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    pip("wheel", "-q", *here, source)
    return next(folder.glob("cgan_lab-*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The Python of a new environment with the wheel in it, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder)
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip("--python", inside, "install", "-q", "--no-index", "--no-deps", wheel)
    return inside


def test_the_wheel_holds_the_package_and_what_ships_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = ROOT / "cgan_lab"
    paths = [*package.rglob("*.py"), *(package / "assets").iterdir()]
    assert names == {path.relative_to(ROOT).as_posix() for path in paths}


def test_in_an_empty_environment_the_doctor_says_what_to_install(python, tmp_path):
    answer = run(python, "-m", "cgan_lab", "doctor", cwd=tmp_path)
    assert answer.returncode == 1 and answer.stderr == ""
    for name in ("tensorflow", "keras", "numpy"):
        assert f"BAD  {name} " in answer.stdout and f"-m pip install '{name}>=" in answer.stdout
    assert "ok   this Python is the one with the course in it" in answer.stdout


def test_with_its_requirements_there_the_doctor_is_content(python, tmp_path):
    """A path file lends it this environment's packages: installing them would need a network."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = run(python, "-c", where).stdout.strip()
    lent = Path(packages) / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib") + "\n")
    try:
        answer = run(python, "-m", "cgan_lab", "doctor", cwd=tmp_path)
        code = "import cgan_lab; print(cgan_lab.__file__)"
        where = run(python, "-c", code, cwd=tmp_path).stdout
    finally:
        lent.unlink()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert where.startswith(packages)
