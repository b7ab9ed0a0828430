"""Do the tests pass with the oldest and the newest packages that pyproject.toml admits? Installs them and runs.

    python tools/matrix.py                                   # oldest, newest and Colab's, with this Python
    python tools/matrix.py --pythons python3.11,python3.13   # with others
    python tools/matrix.py --sets oldest tests/test_cgan.py  # one set, some tests
    python tools/matrix.py --sets newest tests lessons       # all of both, but for LEFT_OUT
    python tools/matrix.py --table docs/versions.md          # writes its rows into the table there

Each set goes into a new virtual environment in --folder, which is kept: a second call installs only what has changed.
Prints a table in Markdown, what failed, and why tests were skipped; exits with 1 if a test failed. What pytest said
stands in --folder, beside the environment. With --table, a row takes the place of the one there of the same set,
Python and tests; the other rows stay.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHOWN = ("tensorflow", "keras", "numpy", "ipywidgets", "matplotlib", "pillow")
# What Colab had in August 2026, of what could have a say.
COLAB = "tensorflow==2.20.0 keras==3.13.2 numpy==2.1.3 ipywidgets==7.7.1 matplotlib==3.10.0 pillow==11.3.0 tqdm==4.67.3"
COLAB += " ipython==7.34.0 ipykernel==6.17.1 notebook==6.5.7 protobuf==5.29.6 h5py==3.16.0"
# ipywidgets 7 pulls in notebook, and notebook 7 JupyterLab 4, for which ipywidgets 7 has no controls.
OLDEST = ("notebook<7",)
LATER = {("numpy", "3.13"): "2.1"}  # the first that has builds for this Python
FAST = [f"tests/test_{name}.py" for name in "data files objective sampling losses models cgan training".split()]
FAST += [
    f"tests/test_{name}.py" for name in "runtime doctor widgets_samples widgets_objective plots_evaluation".split()
]
FAST += ["notebooks/00_start_here.ipynb", "notebooks/A_summary.ipynb"]
# The tests that are not run: they need Chromium, nbgrader or JupyterHub, look at the repository alone, or are about
# load.
LEFT_OUT = ("browser", "teach_", "hub", "house", "architecture", "tools_", "fuzz", "soak", "class_server")
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
    project = PROJECT["project"]
    if name == "newest":
        return list(project["dependencies"])
    if name == "colab":
        return COLAB.split()
    oldest = list(OLDEST)
    for requirement in map(Requirement, project["dependencies"]):
        low = next((clause.version for clause in requirement.specifier if clause.operator == ">="), None)
        low = LATER.get((requirement.name, python), low)
        # The floor 2.20 admits every 2.20.x, of which the last has the fewest faults.
        version = f"=={low}" + ("" if low.count(".") == 2 else ".*") if low else ""
        oldest.append(requirement.name + version)
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
    said([*pip, *upgrade, "--only-binary", BUILT, *pins(name, version), *TOOLS, *PROJECT["build-system"]["requires"]])
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


def files(words):
    """Return the files that ``words`` mean: quick, tests, lessons, or a file's own path."""
    left_out = tuple(f"test_{name}" for name in LEFT_OUT)
    groups = {
        "quick": FAST,
        "tests": [f"tests/{p.name}" for p in sorted(ROOT.glob("tests/test_*.py")) if not p.name.startswith(left_out)],
        "lessons": [f"notebooks/{p.name}" for p in sorted(ROOT.glob("notebooks/*.ipynb"))],
    }
    return [file for word in words for file in groups.get(word, [word])]


def run(inside, tests, record):
    """Run tests in an environment and return (pytest's exit code, its counts, what failed, why some were skipped).

    All that pytest said goes into the file ``record``.
    """
    command = [inside, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-rfEs", *tests]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    record.write_text(answer.stdout + answer.stderr, encoding="utf-8")
    failed = re.findall(r"^(?:FAILED|ERROR) (.*)$", answer.stdout, re.MULTILINE)
    skipped = re.findall(r"^SKIPPED (.*)$", answer.stdout, re.MULTILINE)
    last = (answer.stdout.strip().splitlines() or answer.stderr.strip().splitlines() or ["nothing was said"])[-1]
    counts = re.findall(r"\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed)", last)  # its seconds mean nothing here
    return answer.returncode, ", ".join(counts) or last.strip("= "), failed, skipped


def written(table, rows):
    """Put ``rows`` into the table in the file ``table``, in place of those of the same set, Python and tests.

    Raises ValueError for a file that has no table, or two.
    """

    def key(row):
        return row[0], ".".join(row[1].split(".")[:2]), row[-2]

    lines = table.read_text(encoding="utf-8").splitlines()
    at = [number for number, line in enumerate(lines) if line.startswith("|")]
    if not at or at[-1] - at[0] != len(at) - 1 or len(at) < 2:
        raise ValueError(f"{table} has not one table in Markdown, into which the rows could go.")
    kept = {key(row): row for row in ([part.strip() for part in lines[n].strip("| ").split(" | ")] for n in at[2:])}
    kept |= {key(row): row for row in rows}
    lines[at[0] : at[-1] + 1] = markdown([kept[name] for name in sorted(kept)])
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def markdown(rows):
    """Return the lines of the table that has ``rows``."""
    rows = [["set", "Python", *SHOWN, "tests", "result"], ["---"] * (len(SHOWN) + 4), *rows]
    return [f"| {' | '.join(row)} |" for row in rows]


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", default=["quick"], help="files, or quick, tests, lessons (default: quick)")
    parser.add_argument("--pythons", default=sys.executable, help="interpreters, with commas between them")
    parser.add_argument("--sets", default="oldest,newest,colab")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv-matrix")
    parser.add_argument("--table", type=Path, help="a file with the table of earlier runs")
    options = parser.parse_args(arguments)
    if options.table:
        written(options.table, [])  # a file that will not do is refused before the hours, not after
    options.folder.mkdir(parents=True, exist_ok=True)
    which = " ".join(Path(word).stem for word in options.tests)
    rows, ill, notes = [], [], []
    for python in options.pythons.split(","):
        for name in options.sets.split(","):
            try:
                inside = install(python, name, options.folder)
                found = versions(inside)
                record = options.folder / f"{name}-{found[0]}.txt"
                code, counts, failed, skipped = run(inside, files(options.tests), record)
                rows.append([name, *found, which, counts])
                ill += [f"{name}: {test}" for test in failed] or ([f"{name}: {counts}"] if code else [])
                notes += [f"{name}: skipped {test}" for test in skipped]
            except (OSError, subprocess.CalledProcessError) as error:
                reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
                ill.append(f"{name} with {python}: not installed: {reason}")
    print("\n".join([*markdown(rows), *notes, *ill]))
    if options.table:
        written(options.table, rows)
    return 1 if ill else 0


if __name__ == "__main__":
    sys.exit(main())
