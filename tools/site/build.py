"""Make the lessons' pages, to be read in a browser without Python, a server or a network.

    python -m tools.site.build                # into build/site
    python -m tools.site.build --out FOLDER

All prose, figures and printed outputs are the stored ones of notebooks/*.ipynb. Exits with 1, and
says file and cell, if a figure has no words or a formula cannot be shown.
"""

import argparse
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from . import prose
from .lesson import HERE, Maker, sections
from .pages import make as write_interactive

ROOT = HERE.parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OUT = ROOT / "build" / "site"
# Pages that are no notebook's, which the map names.
EXTRAS = ("draw.html", "game.html")
LOADED = ("course.css", "course.js", "search.js")
# The sections of lesson 00 whose tables make the map.
MAP = ("Three ways through the course", "Map of the course")


def title_of(path):
    """Return the title of the notebook at ``path``: its first heading."""
    return nbformat.read(path, as_version=4).cells[0].source.split("\n")[0].removeprefix("# ")


def map_of(path, titles):
    """Return the HTML of the tables that lead through the course, with their headings.

    ``path``: of lesson 00. ``titles``: title -> page, since lesson 00 does not link to itself.
    """
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    parts = []
    for heading in MAP:
        section = re.search(rf"^## {heading}\n\n(\|.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
        if not section:
            raise ValueError(f"{path.name} has no table under '## {heading}', of which the map is.")
        parts.append(f"## {heading}\n\n{section[1]}")
    wrong = []
    soup = BeautifulSoup(prose.html_of("\n\n".join(parts), {"main", "q"}, wrong), "html.parser")
    for bold in soup.find_all("strong"):
        if page := titles.get(bold.get_text()):
            bold.wrap(soup.new_tag("a", href=page))
    return str(soup)


def extras():
    """Return ``(file, title)`` of the pages that are no notebook's and stand here."""
    found = []
    for path in (HERE / name for name in EXTRAS):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        found.append((path, soup.title.get_text()))
    return found


def emptied(folder):
    """Make ``folder``, without an earlier build's files. Raises ValueError if it has others."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "search.html").is_file():
        raise ValueError(f"{folder} holds files of somebody else; name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "figures").mkdir(parents=True)


def write_lessons(maker, folder, paths, pages):
    """Write the notebooks' pages and figures; return what the search looks through.

    ``pages``: a ``(file, title)`` for each of ``paths``.
    """
    index = []
    for number, path in enumerate(paths):
        site = {
            "title": pages[number][1],
            "previous": pages[number - 1] if number else None,
            "following": pages[number + 1] if number + 1 < len(pages) else None,
        }
        soup, figures = maker.page(path, site)
        write(folder / pages[number][0], str(soup))
        for name, picture in figures.items():
            (folder / "figures" / name).write_bytes(picture)
        index += [[number, *section] for section in sections(soup.main)]
    return index


def build(folder, paths=NOTEBOOKS):
    """Write the site into ``folder``; return what is wrong, as sentences.

    ``paths``: of the notebooks in their order, lesson 00 first.
    """
    maker = Maker()
    pages = [(f"{path.stem}.html", title_of(path)) for path in paths]
    emptied(folder)
    index = write_lessons(maker, folder, paths, pages)
    index = json.dumps({"pages": pages, "sections": index}, ensure_ascii=False)
    index = index.replace("<", "\\u003c")  # in HTML a script ends at the first "</script"
    text = maker.draw("search.html.j2", site={"title": "Search"}, index=index)
    write(folder / "search.html", text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    values = {
        "site": {"title": "CGAN Lab"},
        "description": project["description"],
        "map": map_of(paths[0], {title: page for page, title in pages}),
        "others": [(path.name, title) for path, title in extras()],
    }
    write(folder / "index.html", maker.draw("map.html.j2", **values))
    for name in LOADED:
        shutil.copy(HERE / "template" / name, folder)
    write_interactive(folder)
    return maker.wrong


def write(path, text):
    """Write ``text`` to ``path``, the same on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments=None):
    """Run the command line and return its exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        wrong = build(given.out)
    except ValueError as error:
        wrong = [str(error)]
    print("\n".join(wrong) or f"{len(NOTEBOOKS)} lessons: open {given.out / 'index.html'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
