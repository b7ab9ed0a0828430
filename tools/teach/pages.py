"""Makes a student's cell one that every page can show: the marker's, and the student's feedback.

nbconvert makes both pages, and gives up the whole page over one picture that it does not find.
"""

import base64
import contextlib
import re
from urllib.parse import unquote

from nbconvert.filters import ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_code_cell, new_markdown_cell

from .course import source, whole

DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="24">'
    '<text y="17">This picture is not in the notebook.</text></svg>'
)
# A page of a student's is only a page: nothing in it runs or loads, and nothing leaves its frame.
SEAL = """<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'">
<style>#notebook { contain: layout paint; }</style>
"""
PICTURES = ("image/png", "image/jpeg")
MOST = 20_000  # letters of a cell that are read as Markdown: some of it takes time by their cube
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
    if kind == "markdown" and len(text) <= MOST:
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


def sealed(page):
    """Return the HTML of a page with the rule that forbids it to run or load anything."""
    head, found, rest = page.partition("<head>")
    if not found:
        raise ValueError("the page has no head, so nothing can be forbidden in it")
    rest = re.sub(r"<script\b.*?</script>", "", rest, flags=re.DOTALL)  # nbgrader's own
    return f"{head}{found}\n{SEAL}{rest}"


def printed(outputs):
    """Return the outputs of a student's cell as any page can show them: text and pictures."""
    found = []
    for output in outputs:
        for part in ("text", "evalue"):
            if part in output:
                output[part] = coloured(output[part])
        if "traceback" in output:
            output.traceback = [coloured(line) for line in output.traceback]
        data = output.get("data")
        if isinstance(data, dict):
            kept = {mime: text for mime, text in data.items() if mime in PICTURES and whole64(text)}
            plain = data.get("text/plain")
            if not kept and not isinstance(plain, str):
                plain = f"(an output of another kind is not shown here: {', '.join(sorted(data))})"
            output.data = kept | {"text/plain": plain if isinstance(plain, str) else ""}
            output.metadata = {}
            if "execution_count" in output:
                output.execution_count = None
        found.append(output)
    return found


def coloured(text):
    """Return text whose signs for colours nbconvert understands, or the text without them."""
    text = whole(text)
    try:
        ansi2html(text)
    except Exception:
        return strip_ansi(text)
    return text


def whole64(text):
    """Return whether ``text`` is base64 and nothing else."""
    with contextlib.suppress(ValueError, TypeError):
        base64.b64decode("".join(text.split()), validate=True)
        return True
    return False
