"""Run tests with the oldest and the newest packages that pyproject.toml admits, and with Colab's.

    python tools/matrix.py                                   # all three sets, with this Python
    python tools/matrix.py --pythons python3.11,python3.13   # with others
    python tools/matrix.py --sets oldest tests/test_cgan.py  # one set, some tests
    python tools/matrix.py --sets newest tests lessons       # all tests but LEFT_OUT, all lessons
    python tools/matrix.py --pythons python3.12 --sets 2026.07,2026.04  # past runtimes of Colab

Each set goes into a virtual environment in --folder, which is kept: a second call installs only
what has changed. Prints the rows of the table in docs/versions.md, which tests failed, and why some
were skipped; exits with 1 if a test failed. All that pytest said is in a file in --folder.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from cgan_lab._support import names

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHOWN = ("tensorflow", "keras", "numpy", "ipywidgets", "matplotlib", "pillow")
# What Colab had in August 2026, of the packages that matter here.
COLAB = """tensorflow==2.20.0 keras==3.13.2 numpy==2.1.3 ipywidgets==7.7.1 matplotlib==3.10.0
    pillow==11.3.0 tqdm==4.67.3 ipython==7.34.0 ipykernel==6.17.1 notebook==6.5.7 protobuf==5.29.6
    h5py==3.16.0""".split()
# What its past runtimes have instead, all on Python 3.12. Those before 2026.04 have Keras 3.10 or
# older, which the course does not admit.
PAST = {
    "2026.07": {"numpy==2.1.3": "numpy==2.0.2"},
    "2026.04": {"numpy==2.1.3": "numpy==2.0.2", "tensorflow==2.20.0": "tensorflow==2.19.0"},
}
# ipywidgets 7 pulls in notebook, and notebook 7 JupyterLab 4, where ipywidgets 7 has no controls.
OLDEST = ("notebook<7",)
# The first that have builds for this Python.
LATER = {("numpy", "3.13"): "2.1", ("tensorflow", "3.13"): "2.20"}
FAST = "data files objective sampling losses networks cgan training runs doctor plots".split()
FAST += ["widgets_explorers", "widgets_samples"]
FAST = [f"tests/test_{name}.py" for name in FAST]
FAST += ["notebooks/00_start_here.ipynb", "notebooks/A_summary.ipynb"]
# They need Chromium, nbgrader or JupyterHub, look at the repository alone, or are about load.
LEFT_OUT = "browser site teach_ hub house architecture tools_ fuzz soak class_server".split()
TOOLS = "pytest>=8.4 pytest-xdist nbval>=0.11 nbclient nbformat packaging scipy scikit-learn prdc"
# Packages that take too long to compile.
BUILT = "tensorflow,numpy,h5py,matplotlib,pillow,scipy,scikit-learn"
VERSIONS = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"


def said(command):
    """Return what a command printed. Raises CalledProcessError if it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def pins(name, python):
    """Return the requirements of the set ``name`` for ``python``, such as ``"3.11"``."""
    project = PROJECT["project"]["dependencies"]
    if name != "oldest":
        past = {past: [instead.get(pin, pin) for pin in COLAB] for past, instead in PAST.items()}
        return {"newest": list(project), "colab": COLAB, **past}[name]
    oldest = list(OLDEST)
    for requirement in map(Requirement, project):
        low = [one.version for one in requirement.specifier if one.operator == ">="]
        version = LATER.get((requirement.name, python), *low)
        # The floor 2.20 admits every 2.20.x, of which the last has the fewest faults.
        every = "" if not version or version.count(".") == 2 else ".*"
        oldest.append(requirement.name + (f"=={version}{every}" if version else ""))
    return oldest


def install(python, name, folder):
    """Make the environment of the set ``name``; return its Python and that one's version."""
    version = said([python, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]).strip()
    short = version.rpartition(".")[0]
    place = folder / f"{name}-{short}"
    if not (place / "made").exists():
        said([python, "-m", "venv", "--clear", str(place)])
        (place / "made").touch()
    inside = str(place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    pip = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    upgrade = ["--upgrade"] if name == "newest" else []
    build = PROJECT["build-system"]["requires"]
    packages = [*pins(name, short), *TOOLS.split(), *build]
    said([*pip, *upgrade, "--only-binary", BUILT, *packages])
    said([*pip, "--no-deps", "-e", str(ROOT)])
    return inside, version


def files(words):
    """Return the files that ``words`` mean: quick, tests, lessons, or a file's own path."""
    tests = [f"tests/{path.name}" for path in sorted(ROOT.glob("tests/test_*.py"))]
    left_out = tuple(f"tests/test_{name}" for name in LEFT_OUT)
    groups = {
        "quick": FAST,
        "tests": [test for test in tests if not test.startswith(left_out)],
        "lessons": [f"notebooks/{path.name}" for path in sorted(ROOT.glob("notebooks/*.ipynb"))],
    }
    return [file for word in words for file in groups.get(word, [word])]


def run(inside, tests, record):
    """Run tests in an environment; return (their counts, what failed, why some were skipped).

    All that pytest says goes into the file ``record``.
    """
    command = [inside, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-rfEs", *tests]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    record.write_text(answer.stdout + answer.stderr, encoding="utf-8")
    failed = re.findall(r"^(?:FAILED|ERROR) (.*)$", answer.stdout, re.MULTILINE)
    skipped = re.findall(r"^SKIPPED (.*)$", answer.stdout, re.MULTILINE)
    last = (answer.stdout.strip() or answer.stderr.strip() or "nothing").splitlines()[-1]
    # Not its seconds, which mean nothing here.
    counts = re.findall(r"\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed)", last)
    said_last = ", ".join(counts) or last.strip("= ")
    return said_last, failed or [said_last] * bool(answer.returncode), skipped


def main(arguments=None):
    """Run the command line and return its exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    group = "files, or quick, tests, lessons (default: quick)"
    parser.add_argument("tests", nargs="*", default=["quick"], help=group)
    parser.add_argument("--pythons", default=sys.executable, help="interpreters, with commas")
    sets = f"with commas (default: oldest,newest,colab; also {', '.join(PAST)})"
    parser.add_argument("--sets", default="oldest,newest,colab", help=sets)
    parser.add_argument("--folder", type=names.path, default=ROOT / ".venv-matrix")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    which = " ".join(Path(word).stem for word in given.tests)
    rows = [["set", "Python", *SHOWN, "tests", "result"], ["---"] * (len(SHOWN) + 4)]
    problems = []
    notes = []
    for python in given.pythons.split(","):
        for name in given.sets.split(","):
            try:
                inside, version = install(python, name, given.folder)
                found = said([inside, "-c", VERSIONS, *SHOWN]).split()
            except (OSError, subprocess.CalledProcessError) as error:
                reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
                problems.append(f"{name} with {python}: not installed: {reason}")
                continue
            record = given.folder / f"{name}-{version}.txt"
            counts, failed, skipped = run(inside, files(given.tests), record)
            rows.append([name, version, *found, which, counts])
            problems += [f"{name}: {test}" for test in failed]
            notes += [f"{name}: skipped {test}" for test in skipped]
    table = [f"| {' | '.join(row)} |" for row in rows]
    print("\n".join([*table, *notes, *problems]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
