"""Give every notebook a first cell that installs the course on Google Colab, and a badge.

    python tools/colab.py stamp   # write cells and badges
    python tools/colab.py check   # say which notebooks are out of step, change nothing

Both take all lessons and the sources of all assignments, or the FILEs that are named. The address
is `Repository` under `[project.urls]` of pyproject.toml, the revision is `v` and the package's
version. Without an address there is no badge, and the cell asks for the wheel.

The badge of an assignment opens what students get, never the source, which holds the solutions. It
is made where `Assignments` names a repository of handed-out copies, with `NAME/NAME.ipynb` on its
branch `main`.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

import nbformat

import notebooks
from cgan_lab._support import names

ROOT, TAG = notebooks.ROOT, notebooks.COLAB
EVERY = ("notebooks/*.ipynb", "notebooks/assignments/source/*/*.ipynb")
CELL = """\
# @title On Google Colab: install the course. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from glob import glob
    from subprocess import run

    places = ("drive/MyDrive/*/", "drive/MyDrive/", "")  # the last wheel counts: beside this file
    wheels = [wheel for place in places for wheel in sorted(glob(f"{place}cgan_lab-*.whl"))]
    {otherwise}
    run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", wheels[-1]], check=True)"""
SAID = "Upload the wheel cgan_lab-....whl (folder button, left), or mount your Drive with it."
COLAB = "https://colab.research.google.com"
BADGE = f"\n\n[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({COLAB}/github/%s/blob/%s)"
BADGE_LINE = notebooks.BADGE_LINE
HOST = "https://github.com/"


def every():
    """Return the paths of all notebooks that get cell and badge."""
    return [path for pattern in EVERY for path in sorted(ROOT.glob(pattern))]


def address():
    """Return (the repository or None, the revision, the repository of handed-out copies or None).

    Raises ValueError if the handed-out copies would be looked for beside the solutions.
    """
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"].get("urls", {})
    package = (ROOT / "cgan_lab" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', package, re.MULTILINE)[1]
    repository, copies = (
        urls.get(name, "").rstrip("/").removesuffix(".git")
        for name in ("Repository", "Assignments")
    )
    # Capitals do not matter to the host.
    if copies and (copies.count("/") > 4 or copies.casefold() == repository.casefold()):
        raise ValueError(
            f"Assignments under [project.urls] is {copies}; expected a repository of its own, such "
            f"as {HOST}OWNER/NAME, which holds what `release` hands out and no solution."
        )
    return repository or None, f"v{version}", copies or None


def cell_source(repository, revision):
    """Return the source of the first cell."""
    otherwise = f'if not wheels:\n        raise FileNotFoundError("{SAID}")'
    if repository:
        otherwise = f'wheels = wheels or ["git+{repository}@{revision}"]'
    return CELL.replace("{otherwise}", otherwise)


def first_cell(name, source, assignment):
    """Return the first code cell; nbgrader keeps that of an assignment as the source has it."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": [TAG]} | notebooks.FOLDED)
    if assignment:
        number = Path(name).stem.split("_")[0]
        marks = dict.fromkeys(("grade", "solution", "task"), False)
        marks |= {"locked": True, "schema_version": 3, "grade_id": f"{number}_{TAG}"}
        cell.metadata["nbgrader"] = nbformat.from_dict(marks)
    return cell


def stamp(notebook, name, repository, revision, copies=None):
    """Write badge and first cell into ``notebook``; return whether it must be executed again.

    The badge follows the title; the cell, tagged `colab`, follows the first cell. Where it stood
    there before it keeps its execution count: without Colab it does nothing, whatever it says. New
    in a lesson, it needs a run. Raises ValueError where the first cell is no title.
    """
    title = notebook.cells[0] if notebook.cells else None
    if title is None or title.cell_type != "markdown" or not title.source.startswith("# "):
        raise ValueError(f"{name}: its first cell is no title in Markdown, such as '# 03 · GANs'.")
    assignment = any("nbgrader" in cell.metadata for cell in notebook.cells)
    folder = f"main/{Path(name).stem}" if assignment else f"{revision}/notebooks"
    place = (copies if assignment else repository) or ""
    badge = BADGE % (place.removeprefix(HOST), f"{folder}/{name}")
    if not place.startswith(HOST):  # Colab opens no other
        badge = ""
    head, *rest = BADGE_LINE.sub("", title.source).split("\n", 1)
    title.source = "\n".join([head + badge, *rest])
    cell = first_cell(name, cell_source(repository, revision), assignment)
    ours = [found for found in notebook.cells if TAG in notebooks.tags(found)]
    kept = bool(ours) and notebook.cells[1] is ours[0]
    if kept and not assignment:
        cell.execution_count = ours[0].execution_count
    cell.id = ours[0].id if ours else cell.id
    rest = [found for found in notebook.cells[1:] if found not in ours]
    notebook.cells = [title, cell, *rest]
    return not (kept or assignment)


def apply(command, path, where):
    """Carry out ``command`` on one file; return (what is wrong, or None; whether to execute it)."""
    try:
        notebook = notebooks.read(path)
        notebooks.clean(notebook, path.stem)
        again = stamp(notebook, path.name, *where)
    except (OSError, ValueError) as error:
        return str(error), False
    notebooks.clean(notebook, path.stem)
    if command == "stamp":
        notebooks.write(notebook, path)
    elif path.read_text(encoding="utf-8") != notebooks.text_of(notebook):
        at = f"{where[0] or 'no public address'} at {where[1]}"
        return f"{path}: badge, first cell or metadata do not fit {at}; run stamp.", False
    return None, again


def main(arguments=None):
    """Run the command line and return its exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("command", choices=("stamp", "check"))
    parser.add_argument("files", nargs="*", type=names.path, metavar="FILE", help="default: all")
    given = parser.parse_args(arguments)
    try:
        where = address()
    except ValueError as error:
        print(error)
        return 1
    files = given.files or every()
    found = {str(path): apply(given.command, path, where) for path in files}
    again = [path for path, (_, changed) in found.items() if changed]
    problems = [problem for problem, _ in found.values() if problem]
    if given.command == "stamp" and again:
        print(f"execute these again: python tools/notebooks.py run {' '.join(again)}")
    print("\n".join(problems) or f"nothing to report in {len(files)} file(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
