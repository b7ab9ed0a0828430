"""Gives every lesson the same first cell, which installs the course on Google Colab, and a badge that opens it there.

    python tools/colab.py stamp notebooks/*.ipynb   # write cell and badge; then execute: tools/notebooks.py run
    python tools/colab.py check notebooks/*.ipynb   # say which lessons are out of step, change nothing

The address is `Repository` under `[project.urls]` of pyproject.toml, the revision the tag `v` and the package's
version. Without an address there is no badge, and the cell asks for the wheel.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

import nbformat

import notebooks

ROOT = notebooks.ROOT
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


def address():
    """Return (the repository's address or None, the revision), both as pyproject.toml and the package say."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = (ROOT / "cgan_lab" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', package, re.MULTILINE)[1]
    return project.get("urls", {}).get("Repository", "").rstrip("/") or None, f"v{version}"


def cell_source(repository, revision):
    """Return the first cell's source."""
    return CELL.replace("{repository}", repr([f"git+{repository}@{revision}"] if repository else []).replace("'", '"'))


def badge(repository, revision, name):
    """Return the badge of the lesson ``name`` in Markdown, empty where Colab cannot open the repository."""
    if not (repository or "").startswith(HOST):
        return ""
    target = (
        f"https://colab.research.google.com/github/{repository.removeprefix(HOST)}/blob/{revision}/notebooks/{name}"
    )
    return "\n\n" + BADGE.format(target=target)


def stamp(notebook, name, repository, revision):
    """Bring badge and first cell of ``notebook`` into step in place; return whether it must be executed again.

    The badge follows the title; the cell, tagged `colab`, follows the first cell. A cell that changes loses its
    execution count, so that `tools/notebooks.py check` asks for a run. Raises ValueError where the first
    cell is no title.
    """
    title = notebook.cells[0] if notebook.cells else None
    if title is None or title.cell_type != "markdown" or not title.source.startswith("# "):
        raise ValueError(f"{name}: its first cell is no title in Markdown, such as '# 03 · Training'.")
    head, *rest = BADGE_LINE.sub("", title.source).split("\n", 1)
    title.source = head + badge(repository, revision, name) + "".join(f"\n{text}" for text in rest)
    source = cell_source(repository, revision)
    ours = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]
    if ours == notebook.cells[1:2] and ours[0].source == source:
        return False
    notebook.cells = [cell for cell in notebook.cells if cell not in ours]
    cell = ours[0] if ours else nbformat.v4.new_code_cell(metadata={"tags": [TAG]})
    cell.source, cell.outputs, cell.execution_count = source, [], None
    notebook.cells.insert(1, cell)
    return True


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("stamp", "check"))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    repository, revision = address()
    problems, again = [], []
    for path in options.files:
        try:
            notebook = notebooks.read(path)
            before = notebooks.text_of(notebook)
            if stamp(notebook, path.name, repository, revision):
                again.append(str(path))
        except (OSError, ValueError) as error:
            problems.append(str(error))
            continue
        notebooks.clean(notebook, path.stem)
        if options.command == "stamp":
            notebooks.write(notebook, path)
        elif before != notebooks.text_of(notebook):
            problems.append(f"{path}: badge or first cell is out of step with {repository} at {revision}; run stamp.")
    if options.command == "stamp" and again:
        print(f"execute these again: python tools/notebooks.py run {' '.join(again)}")
    print("\n".join(problems) or f"nothing to report in {len(options.files)} file(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
