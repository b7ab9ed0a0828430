"""Make the lessons' pages, to be read in a browser without Python, a server or a network.

    python -m tools.site.build                # into build/site
    python -m tools.site.build --out FOLDER

All prose, figures and printed outputs are the stored ones of notebooks/*.ipynb. Exits with 1, and says
file and cell, if a figure has no words or a formula cannot be shown.
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

ROOT = HERE.parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OUT = ROOT / "build" / "site"
# Pages that are no notebook's: where one stands beside this file, it is copied, and the map names it.
EXTRAS = ("draw.html", "game.html")
# The sections of lesson 00 whose tables make the map.
MAP = ("Three ways through the course", "Map of the course")


def title_of(path):
    """Return the title of the notebook at ``path``: its first heading."""
    return nbformat.read(path, as_version=4).cells[0].source.split("\n")[0].removeprefix("# ")


def page_of(path):
    """Return the name of a notebook's page."""
    return f"{path.stem}.html"


def map_of(path, titles):
    """Return the HTML of the tables that lead through the course, with their headings.

    ``path``: of lesson 00. ``titles``: title -> page; lesson 00 does not link to itself, the map does.
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
    there = [HERE / name for name in EXTRAS if (HERE / name).is_file()]
    pages = [
        (path, BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")) for path in there
    ]
    return [(path, soup.title.get_text() if soup.title else path.stem) for path, soup in pages]


def emptied(folder):
    """Make ``folder``, or remove what an earlier build left. Raises ValueError if it is another's."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "search.html").is_file():
        raise ValueError(
            f"{folder} holds files that are no pages of the course; name another folder."
        )
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "figures").mkdir(parents=True)


def build(folder, paths=NOTEBOOKS):
    """Write the site into ``folder``; return what is wrong, as sentences.

    ``paths``: of the notebooks in their order, lesson 00 first.
    """
    maker = Maker()
    files = [(page_of(path), title_of(path)) for path in paths]
    emptied(folder)
    index = []
    for number, path in enumerate(paths):
        site = {
            "title": files[number][1],
            "previous": files[number - 1] if number else None,
            "following": files[number + 1] if number + 1 < len(files) else None,
        }
        soup, figures = maker.page(path, site)
        write(folder / files[number][0], str(soup))
        for name, picture in figures.items():
            (folder / "figures" / name).write_bytes(picture)
        index += [[number, *section] for section in sections(soup.main)]
    other = extras()
    for path, _ in other:
        shutil.copy(path, folder)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pages = map_of(paths[0], {title: page for page, title in files})
    others = [(path.name, title) for path, title in other]
    values = {"description": project["description"], "map": pages, "others": others}
    write(folder / "index.html", maker.draw("map.html.j2", site={"title": "CGAN Lab"}, **values))
    # In HTML a script ends at the first "</script", wherever that stands.
    data = json.dumps({"pages": files, "sections": index}, ensure_ascii=False).replace(
        "<", "\\u003c"
    )
    write(
        folder / "search.html", maker.draw("search.html.j2", site={"title": "Search"}, index=data)
    )
    for name in ("course.css", "course.js", "search.js"):
        shutil.copy(HERE / "template" / name, folder)
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
