"""Do the tests pass with the oldest and the newest packages that pyproject.toml admits? Installs them and runs.

    python tools/matrix.py                                   # oldest, newest and Colab's, with this Python
    python tools/matrix.py --pythons python3.11,python3.13   # with others
    python tools/matrix.py --sets oldest tests/test_cgan.py  # one set, some tests

Each set goes into a new virtual environment in --folder, which is kept: a second call installs only what has changed.
Prints a table in Markdown; exits with 1 if a test failed. The last table stands in docs/versions.md.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
SHOWN = ("tensorflow", "keras", "numpy", "ipywidgets", "matplotlib", "pillow")
# What Colab had in August 2026, of what could have a say.
COLAB = ("tensorflow==2.20.0", "keras==3.13.2", "numpy==2.1.3", "ipywidgets==7.7.1", "matplotlib==3.10.0")
COLAB += ("ipython==7.34.0", "ipykernel==6.17.1", "pillow==11.3.0", "protobuf==5.29.6", "h5py==3.16.0")
LATER = {("numpy", "3.13"): "2.1"}  # the first that has builds for this Python
FAST = [f"tests/test_{name}.py" for name in "data files objective sampling losses models cgan training".split()]
FAST += [
    f"tests/test_{name}.py" for name in "runtime doctor widgets_samples widgets_objective plots_evaluation".split()
]
FAST += ["notebooks/00_start_here.ipynb", "notebooks/A_summary.ipynb"]
TOOLS = (
    "pytest>=8.4",
    "pytest-xdist",
    "nbval>=0.11",
    "nbclient",
    "nbformat",
    "packaging",
    "scipy",
    "scikit-learn",
    "prdc",
)
BUILT = "tensorflow,numpy,h5py,matplotlib,pillow,scipy,scikit-learn"  # nobody wants to compile these


def pins(name, python):
    """Return the requirements that make the set ``name`` for ``python``, such as ``"3.11"``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if name == "newest":
        return list(project["dependencies"])
    if name == "colab":
        return list(COLAB)
    oldest = []
    for requirement in map(Requirement, project["dependencies"]):
        low = next((clause.version for clause in requirement.specifier if clause.operator == ">="), None)
        low = LATER.get((requirement.name, python), low)
        if low:  # the floor 2.20 admits every 2.20.x, of which the last has the fewest faults
            oldest.append(f"{requirement.name}=={low}" + ("" if low.count(".") == 2 else ".*"))
    return oldest


def install(python, name, folder):
    """Make the environment of the set ``name`` and return its Python. Raises CalledProcessError with pip's words."""
    version = said([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    place = folder / f"{name}-{version}"
    if not (place / "made").exists():
        said([python, "-m", "venv", "--clear", str(place)])
        (place / "made").touch()
    inside = str(place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    pip = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    upgrade = ["--upgrade"] if name == "newest" else []
    said([*pip, *upgrade, "--only-binary", BUILT, *pins(name, version), *TOOLS])
    said([*pip, "--no-deps", "-e", str(ROOT)])
    return inside


def said(command):
    """Return what a command printed."""
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise subprocess.CalledProcessError(answer.returncode, command, answer.stdout, answer.stderr)
    return answer.stdout


def versions(inside):
    """Return the versions in an environment, Python's first."""
    code = (
        "import sys, importlib.metadata as m; print('%d.%d.%d' % sys.version_info[:3], *map(m.version, sys.argv[1:]))"
    )
    return said([inside, "-c", code, *SHOWN]).split()


def run(inside, tests):
    """Run the tests in an environment and return (pytest's exit code, its last line, the tests that failed)."""
    command = [inside, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--durations=5", *tests]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    failed = re.findall(r"^(?:FAILED|ERROR) (.*)$", answer.stdout, re.MULTILINE)
    last = (answer.stdout.strip().splitlines() or answer.stderr.strip().splitlines() or ["nothing was said"])[-1]
    return answer.returncode, last.strip("= "), failed


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", default=FAST, help="what pytest runs (default: a subset)")
    parser.add_argument("--pythons", default=sys.executable, help="interpreters, with commas between them")
    parser.add_argument("--sets", default="oldest,newest,colab")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv-matrix")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    rows, ill = [["set", "Python", *SHOWN, "tests"], ["---"] * (len(SHOWN) + 3)], []
    for python in options.pythons.split(","):
        for name in options.sets.split(","):
            try:
                inside = install(python, name, options.folder)
                code, last, failed = run(inside, options.tests)
                rows.append([name, *versions(inside), last])
                ill += [f"{name}: {test}" for test in failed] or ([f"{name}: {last}"] if code else [])
            except (OSError, subprocess.CalledProcessError) as error:
                reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
                ill.append(f"{name} with {python}: not installed: {reason}")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    print("\n".join(ill))
    return 1 if ill else 0


if __name__ == "__main__":
    sys.exit(main())
