"""Gives every notebook the same first cell, which installs the course on Google Colab, and a badge that opens it there.

    python tools/colab.py stamp   # write cells and badges; then execute the lessons: tools/notebooks.py run
    python tools/colab.py check   # say which notebooks are out of step, change nothing

Both take all lessons and the sources of all assignments, or the FILEs that are named. The address is `Repository` under
`[project.urls]` of pyproject.toml, the revision the tag `v` and the package's version. Without an address there is no
badge, and the cell asks for the wheel.

The badge of an assignment opens what students get, never the source, which holds the solutions. It is made where
`Assignments` names a repository of handed-out copies, with `NAME/NAME.ipynb` on its branch `main`.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

import nbformat

import notebooks

ROOT = notebooks.ROOT
EVERY = ("notebooks/*.ipynb", "notebooks/assignments/source/*/*.ipynb")
TAG = "colab"
CELL = """\
# Only on Google Colab: installs the course beside Colab's own packages, of which it replaces none.
import sys

if "google.colab" in sys.modules:
    from glob import glob
    from subprocess import run

    places = ("drive/MyDrive/*/", "drive/MyDrive/", "")  # the last one found counts: beside this notebook
    wheels = [wheel for place in places for wheel in sorted(glob(f"{place}cgan_lab-*.whl"))]
    repository = {repository}
    sources = repository + wheels
    if not sources:
        raise FileNotFoundError(
            "Upload the course's wheel, cgan_lab-....whl, with the folder button on the left, or put it into your "
            "Drive and mount that, and run this cell again."
        )
    run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", sources[-1]], check=True)"""
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({target})"
BADGE_LINE = re.compile(r"\n\n\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")
HOST = "https://github.com/"


def every():
    """Return the paths of all notebooks that get cell and badge."""
    return [path for pattern in EVERY for path in sorted(ROOT.glob(pattern))]


def address():
    """Return where the course is: (its repository or None, the revision, the repository of handed-out copies or None).

    All as pyproject.toml and the package say. Raises ValueError where the handed-out copies would be looked for beside
    the solutions.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = (ROOT / "cgan_lab" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', package, re.MULTILINE)[1]
    urls = project.get("urls", {})
    repository, handed_out = (
        urls.get(name, "").rstrip("/").removesuffix(".git") or None for name in ("Repository", "Assignments")
    )
    if handed_out and (handed_out.count("/") > HOST.count("/") + 1 or same(handed_out, repository)):
        raise ValueError(
            f"Assignments under [project.urls] is {handed_out}; expected a repository of its own, such as "
            f"{HOST}OWNER/NAME, which holds what `release` hands out and no solution."
        )
    return repository, f"v{version}", handed_out


def same(one, other):
    """Return whether two addresses name one repository; capitals do not matter to the host."""
    return one.casefold() == (other or "").casefold()


def cell_source(repository, revision):
    """Return the first cell's source."""
    return CELL.replace("{repository}", repr([f"git+{repository}@{revision}"] if repository else []).replace("'", '"'))


def badge(name, repository, revision, handed_out, assignment):
    """Return the badge of the notebook ``name`` in Markdown, empty where Colab cannot open the repository."""
    place, path = (handed_out, f"main/{Path(name).stem}") if assignment else (repository, f"{revision}/notebooks")
    if not (place or "").startswith(HOST):
        return ""
    target = f"https://colab.research.google.com/github/{place.removeprefix(HOST)}/blob/{path}/{name}"
    return "\n\n" + BADGE.format(target=target)


def first_cell(name, repository, revision, assignment):
    """Return the first code cell of the notebook ``name``. In an assignment nbgrader takes it from the source."""
    cell = nbformat.v4.new_code_cell(cell_source(repository, revision), metadata={"tags": [TAG]})
    if assignment:
        marks = dict.fromkeys(("grade", "solution", "task"), False) | {"locked": True, "schema_version": 3}
        cell.metadata["nbgrader"] = nbformat.from_dict(marks | {"grade_id": f"{Path(name).stem.split('_')[0]}_{TAG}"})
    return cell


def stamp(notebook, name, repository, revision, handed_out=None):
    """Bring badge and first cell of ``notebook`` into step in place; return whether it must be executed again.

    The badge follows the title; the cell, tagged `colab`, follows the first cell. A lesson's cell that changes loses
    its execution count, so that `tools/notebooks.py check` asks for a run; an assignment's source has none. Raises
    ValueError where the first cell is no title.
    """
    title = notebook.cells[0] if notebook.cells else None
    if title is None or title.cell_type != "markdown" or not title.source.startswith("# "):
        raise ValueError(f"{name}: its first cell is no title in Markdown, such as '# 03 · Training'.")
    assignment = any("nbgrader" in cell.metadata for cell in notebook.cells)
    head, *rest = BADGE_LINE.sub("", title.source).split("\n", 1)
    head += badge(name, repository, revision, handed_out, assignment)
    title.source = head + "".join(f"\n{text}" for text in rest)
    cell = first_cell(name, repository, revision, assignment)
    ours = [found for found in notebook.cells if TAG in found.metadata.get("tags", [])]
    if ours == notebook.cells[1:2] and (ours[0].source, ours[0].metadata) == (cell.source, cell.metadata):
        return False
    notebook.cells = [found for found in notebook.cells if found not in ours]
    cell.id = ours[0].id if ours else cell.id
    notebook.cells.insert(1, cell)
    return not assignment


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("stamp", "check"))
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: every notebook")
    options = parser.parse_args(arguments)
    try:
        where = address()
    except ValueError as error:
        print(error)
        return 1
    files = options.files or every()
    problems, again = [], []
    for path in files:
        try:
            notebook = notebooks.read(path)
            notebooks.clean(notebook, path.stem)
            before = notebooks.text_of(notebook)
            if stamp(notebook, path.name, *where):
                again.append(str(path))
        except (OSError, ValueError) as error:
            problems.append(str(error))
            continue
        notebooks.clean(notebook, path.stem)
        if options.command == "stamp":
            notebooks.write(notebook, path)
        elif before != notebooks.text_of(notebook):
            problems.append(f"{path}: badge or first cell is out of step with {where[0]} at {where[1]}; run stamp.")
    if options.command == "stamp" and again:
        print(f"execute these again: python tools/notebooks.py run {' '.join(again)}")
    print("\n".join(problems) or f"nothing to report in {len(files)} file(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
