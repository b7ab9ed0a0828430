"""Makes a student's cell one that every page can show: the marker's, and the student's feedback.

nbconvert makes both pages, and gives up the whole page over one picture that it does not find.
"""

import base64
import contextlib
import re
from urllib.parse import unquote

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_code_cell, new_markdown_cell

from .course import source, whole

DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="24">'
    '<text y="17">This picture is not in the notebook.</text></svg>'
)
ABSENT = {"image/svg+xml": base64.b64encode(DRAWN.encode()).decode()}


class Pictures(dict):
    """The pictures of a cell, by name, and one that says so for each that is asked for in vain."""

    def __init__(self, cell):
        held = cell.get("attachments")
        for name, data in held.items() if isinstance(held, dict) else ():
            if isinstance(data, dict) and data:
                self[whole(name)] = {whole(mime): whole(str(text)) for mime, text in data.items()}
        self.asked = set()

    def __contains__(self, name):
        if not super().__contains__(name):  # a name may be written as in an address
            held = {unquote(held): held for held in self}.get(unquote(name))
            self.asked.add(held)
            self[name] = self.get(held, ABSENT)
        self.asked.add(name)
        return True


def shown(cell, kind):
    """Return a new cell of the ``kind`` with the text and the pictures of ``cell``.

    What is neither code nor Markdown, or cannot be shown, stands there letter by letter.
    """
    text = source(cell)
    if kind == "code":
        return new_code_cell(text)
    pictures = Pictures(cell)
    body = fenced(text)
    if kind == "markdown":
        # Whatever breaks here would break the page.
        with contextlib.suppress(Exception):
            MarkdownWithMath(IPythonRenderer(escape=False, attachments=pictures)).render(text)
            body = text
    # In HTML, where nbconvert does not look for pictures, JupyterLab does.
    shown_there = pictures.asked if body == text else set()
    for number, name in enumerate(sorted(set(pictures) - shown_there)):
        if f"attachment:{name}" in unquote(text):
            pictures[f"picture-{number}"] = pictures[name]
            body += f"\n\n![{number}](attachment:picture-{number})"
    return new_markdown_cell(body, **({"attachments": dict(pictures)} if pictures else {}))


def fenced(text):
    """Return Markdown that shows ``text`` letter by letter."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"
