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
from typing import NamedTuple

import nbformat
from bs4 import BeautifulSoup

from cgan_lab._support.language import said
from tools import translation

from . import prose
from .lesson import HERE, Maker, sections
from .pages import PAGES, speaking
from .pages import make as write_interactive

ROOT = HERE.parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OUT = ROOT / "build" / "site"
LOADED = ("course.css", "course.js", "search.js")
# The sections of lesson 00 whose tables make the map.
MAP = ("Three ways through the course", "Map of the course")


class Edition(NamedTuple):
    """One language: ``code``, its name in itself, the subfolder, the way back, how to open it."""

    code: str
    name: str
    folder: str
    root: str
    lab: str


ENGLISH = Edition("en", "English", "", "", "make lab")
CHINESE = Edition("zh", "中文", "zh/", "../", "make lab EDITION=zh")


def frame(edition, file, title):
    """Return what the frame of the page ``file`` says."""
    other = CHINESE if edition is ENGLISH else ENGLISH
    link = {"page": f"{edition.root}{other.folder}{file}", "lang": other.code, "name": other.name}
    return {
        "title": title,
        "lang": edition.code,
        "root": edition.root,
        "lab": edition.lab,
        "other": link,
    }


def map_of(notebook, headings, titles):
    """Return the HTML of the tables that lead through the course, with their headings.

    ``notebook``: lesson 00. ``titles``: title -> page, since lesson 00 does not link to itself.
    """
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    parts = []
    for heading in headings:
        section = re.search(rf"^## {heading}\n\n(\|.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
        if not section:
            raise ValueError(f"lesson 00 has no table under '## {heading}', of which the map is.")
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
    for path in (HERE / name for name in PAGES):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        found.append((path, soup.title.get_text()))
    return found


def emptied(folder):
    """Make ``folder``, without an earlier build's files. Raises ValueError if it has others."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "search.html").is_file():
        raise ValueError(f"{folder} holds files of somebody else; name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "figures").mkdir(parents=True)
    (folder / CHINESE.folder).mkdir()


def write_lessons(maker, folder, edition, notebooks, pages):
    """Write the notebooks' pages and figures; return what the search looks through.

    ``notebooks``: a dict path -> notebook. ``pages``: a ``(file, title)`` for each.
    """
    index = []
    for number, (path, notebook) in enumerate(notebooks.items()):
        file, title = pages[number]
        site = frame(edition, file, title) | {
            "notebook": edition.folder + path.name,
            "previous": pages[number - 1] if number else None,
            "following": pages[number + 1] if number + 1 < len(pages) else None,
        }
        soup, figures = maker.page(notebook, site)
        write(folder / edition.folder / file, str(soup))
        for name, picture in figures.items():
            (folder / "figures" / name).write_bytes(picture)
        index += [[number, *section] for section in sections(soup.main)]
    return index


def write_edition(folder, edition, notebooks, headings):
    """Write the pages of one language; return what is wrong, as sentences."""
    maker = Maker()
    pages = [
        (f"{path.stem}.html", translation.heading(notebook.cells[0].source))
        for path, notebook in notebooks.items()
    ]
    index = write_lessons(maker, folder, edition, notebooks, pages)
    index = {"pages": pages, "sections": index, "said": results()}
    index = json.dumps(index, ensure_ascii=False)
    index = index.replace("<", "\\u003c")  # in HTML a script ends at the first "</script"
    site = frame(edition, "search.html", said("Search"))
    text = maker.draw("search.html.j2", site=site, index=index)
    write(folder / edition.folder / "search.html", text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first = next(iter(notebooks.values()))
    values = {
        "site": frame(edition, "index.html", "CGAN Lab"),
        "description": said(project["description"]),
        "map": map_of(first, headings, {title: page for page, title in pages}),
        "others": [(path.name, title) for path, title in extras()],
    }
    write(folder / edition.folder / "index.html", maker.draw("map.html.j2", **values))
    return maker.wrong


def results():
    """Return what the search says; {0} sections, {1} what was typed, {2} how many are shown."""
    return {
        "none": said("Type a word above."),
        "one": said("{0} section found for “{1}”."),
        "some": said("{0} sections found for “{1}”."),
        "most": said("{0} sections found for “{1}”, the first {2} are shown."),
    }


def build(folder, paths=NOTEBOOKS):
    """Write the site into ``folder``; return what is wrong, as sentences.

    ``paths``: of the notebooks in their order, lesson 00 first.
    """
    emptied(folder)
    english = {path: nbformat.read(path, as_version=4) for path in paths}
    with speaking(ENGLISH.code):
        wrong = write_edition(folder, ENGLISH, english, MAP)
    texts = translation.read(translation.text_of(paths[0], CHINESE.code))
    anchors = translation.anchors_of(english[paths[0]], texts)
    headings = [anchors[heading.replace(" ", "-")].replace("-", " ") for heading in MAP]
    with speaking(CHINESE.code):
        chinese = dict(translation.edition(CHINESE.code, paths))
        wrong += write_edition(folder, CHINESE, chinese, headings)
    for name in LOADED:
        shutil.copy(HERE / "template" / name, folder)
    write_interactive(folder)
    return wrong


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
