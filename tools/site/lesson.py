"""Makes a page of one notebook, its figures, and what the search looks through. Writes no file."""

import base64
import copy
import re
import struct
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString
from jinja2 import pass_context
from nbconvert import HTMLExporter

from cgan_lab._support.language import said
from tools.notebooks import BADGE_LINE, COLAB, PROGRESS, WIDGET, tags

from .prose import html_of

HERE = Path(__file__).parent
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
RAISED = ("msub", "msup", "msubsup", "mfrac", "msqrt", "munder", "mover", "munderover")
CONTROL = re.compile(r" *\(run this cell to use it\)$")


class Maker:
    """Turns notebooks into pages.

    ``wrong`` gathers what a page could not show, as ``file: cell: sentence``.
    """

    def __init__(self):
        self.wrong = []
        self.exporter = HTMLExporter(template_name="template", extra_template_basedirs=[str(HERE)])
        self.exporter.register_filter("words", self.words)
        self.exporter.environment.globals["_"] = said

    def draw(self, template, **values):
        """Return the text of one of the templates that are not a notebook's."""
        return self.exporter.environment.get_template(template).render(**values)

    @pass_context
    def words(self, context, text):
        """Return the HTML of a cell's Markdown; a filter of the template."""
        cell, site = context["cell"], context["resources"]["site"]
        found = []
        html = html_of(text, site["anchors"], found, cell.get("attachments"))
        self.wrong += [f"{site['notebook']}: {cell.id}: {sentence}" for sentence in found]
        return html

    def page(self, notebook, site):
        """Return the soup of a notebook's page, and its figures as name -> bytes of a PNG.

        ``site``: what the frame says (title, notebook, previous, following; see `build.frame`).
        """
        notebook = copy.deepcopy(notebook)
        notebook.cells = [cell for cell in notebook.cells if COLAB not in tags(cell)]
        notebook.cells[0].source = BADGE_LINE.sub("", notebook.cells[0].source)
        figures = {}
        for cell in notebook.cells:
            for sentence in prepare(cell, figures):
                self.wrong.append(f"{site['notebook']}: {cell.id}: {sentence}")
        site = site | {"anchors": {"main", "q"}}
        html, _ = self.exporter.from_notebook_node(notebook, {"site": site})
        soup = BeautifulSoup(html, "html.parser")
        add_contents(soup)
        return soup, figures


def prepare(cell, figures):
    """Leave in each output of ``cell`` the one form that the page shows; yield what is wrong.

    Pictures go to ``figures``, name -> bytes; their name, words and size to the output's metadata.
    """
    kept = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        plain = data.get("text/plain", "").strip()
        if "image/png" in data:
            picture = base64.b64decode(data["image/png"])
            name = f"{cell.id}-{len(kept)}.png"
            figures[name] = picture
            width, height = struct.unpack(">II", picture[16:24])
            words = output.metadata.get("image/png", {}).get("alt", "").strip()
            if not words:
                yield "this figure has no words; show it with plots.show(figure, alt)."
            output.metadata["figure"] = {
                "name": name,
                "words": words,
                "width": width,
                "height": height,
            }
            output.data = {"image/png": ""}
        elif WIDGET in data:
            if PROGRESS.match(plain):
                continue
            output.data = {"text/html": CONTROL.sub("", plain)}
        elif "text/markdown" in data:
            output.data = {"text/markdown": data["text/markdown"]}
        elif data and set(data) != {"text/plain"}:
            yield f"this page shows no output of the kinds {sorted(data)}."
        kept.append(output)
    if "outputs" in cell:
        cell.outputs = kept


def add_contents(soup):
    """Fill the list "On this page" with links to the sections; without any, take it out."""
    place = soup.find(id="contents")
    for heading in soup.main.find_all("h2"):
        link = soup.new_tag("a", href=f"#{heading['id']}")
        link.extend(BeautifulSoup(heading.decode_contents(), "html.parser").contents)
        item = soup.new_tag("li")
        item.append(link)
        place.append(item)
    if not place.contents:
        place.find_parent("nav").decompose()


def sections(main):
    """Return ``[anchor, heading, text]`` for each part of a page from one heading to the next."""
    found = []
    apart = None  # what is not read word by word: a heading, a formula with heights, a label
    for node in main.descendants:
        if node.name in HEADINGS:
            found.append([node["id"], " ".join(node.get_text().split()), []])
            apart = node
        elif node.name == "math" and node.find(RAISED):
            found[-1][2].append(" … " if node["display"] == "block" else node["alttext"])
            apart = node
        elif node.name == "summary" and node.find_parent("figure"):
            apart = node
        elif isinstance(node, NavigableString) and found and apart not in node.parents:
            found[-1][2].append(str(node))
    return [[anchor, title, " ".join("".join(text).split())] for anchor, title, text in found]
