"""Makes HTML of Markdown: formulas in MathML, links to pages. Knows neither cells nor files.

What cannot be shown, or not without another host, is added to a list `wrong`; then the build fails.
"""

import re
from html import escape, unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert
from mistune.block_parser import BlockState
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathBlockParser

from cgan_lab._support.language import said

NOTEBOOK = re.compile(r"([^/:#]+)\.ipynb(#.*)?")
FORMULA = re.compile(r"\$([^$]+)\$")
SCROLLS = '<{0} class="scroll {1}" role="group" tabindex="0" aria-label="{2}">{3}</{0}>'
# What latex2mathml writes and browsers draw otherwise than TeX: \sim is a relation; a star and the
# comma of thousands have no space of their own, "log x" has one; bars stay as high as their line;
# browsers know no mathvariant but "normal". In HTML no formula names its format.
BETTER = (
    (' xmlns="http://www.w3.org/1998/Math/MathML"', ""),
    ("<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"),
    ("<mo>&#x0002A;</mo>", "<mo>&#x02217;</mo>"),
    ("<mo>&#x02016;</mo>", '<mo stretchy="false">&#x02016;</mo>'),
    ("<mrow><mo>&#x0002C;</mo></mrow>", '<mo lspace="0" rspace="0">,</mo>'),
    ('<mi mathvariant="double-struck">E</mi>', "<mi>&#x1D53C;</mi>"),
    ('"negativethinmathspace"', '"-0.167em"'),
    (
        r"(?<!<msub>)(?<!<msup>)(<mi>(?:log|sin|cos)</mi>)(?=<m(?!o))",
        r'\1<mspace width="0.167em" />',
    ),
)
UNDRAWN = re.compile(r'\\\w+|mathvariant="(?!normal)[^"]*"')
# How many parts each of these has; latex2mathml lets a half-written one pass.
PARTS = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
LONG = 20  # letters of a formula that may not fit beside each other on a telephone


def scrolling(kind, label, html, tag="div"):
    """Return ``html`` in a part of the page that scrolls by itself and can be reached with Tab."""
    return SCROLLS.format(tag, kind, label, html)


def formula(tex, display="inline"):
    """Return the MathML of a formula. Raises ValueError if a part of it has no MathML.

    ``tex``: without its dollars. ``display``: "inline" or "block".
    """
    try:
        mathml = convert(tex, display=display)
    except Exception as error:  # of many kinds, IndexError among them
        raise ValueError(f"{type(error).__name__}: {error}") from error
    for pattern, better in BETTER:
        mathml = re.sub(pattern, better, mathml)
    if undrawn := UNDRAWN.search(mathml):
        raise ValueError(f"no browser draws {undrawn[0]}")
    for part in ElementTree.fromstring(mathml).iter():
        if len(part) != PARTS.get(part.tag, len(part)):
            raise ValueError(f"{part.tag} has {len(part)} of its {PARTS[part.tag]} parts")
    return mathml.replace("<math ", f'<math alttext="{escape(" ".join(tex.split()))}" ', 1)


class Blocks(MathBlockParser):
    """Keeps a heading's own text, of which JupyterLab makes its anchor."""

    def parse_atx_heading(self, m, state: BlockState):
        end = super().parse_atx_heading(m, state)
        heading = state.tokens[-1]
        heading["attrs"]["anchor"] = heading["text"].replace(" ", "-")
        return end


class Renderer(IPythonRenderer):
    """Draws the parts of one cell's text.

    ``anchors``: those that the page already has; the cell's are added. ``wrong``: a list to which a
    sentence is added for each part that cannot be shown.
    """

    def __init__(self, anchors, wrong, attachments=None):
        super().__init__(escape=False, attachments=attachments)
        self.anchors, self.wrong = anchors, wrong

    def heading(self, text, level, anchor="", **attrs):
        free, number = anchor, 1
        while free in self.anchors:
            number += 1
            free = f"{anchor}-{number}"
        self.anchors.add(free)
        return f'<h{level} id="{escape(free)}">{text}</h{level}>\n'

    def inline_math(self, body):
        html = self.math(body)
        letters = len(unescape(re.sub("<[^>]*>", "", html)))
        return scrolling("long", said("Formula"), html, "span") if letters > LONG else html

    def block_math(self, body):
        return scrolling("formula", said("Formula"), self.math(body, "block"), "span")

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def math(self, tex, display="inline"):
        try:
            return formula(tex, display)
        except ValueError as error:
            self.wrong.append(f"the formula {tex} cannot be shown ({error}); write it otherwise.")
            return escape(tex)

    def block_html(self, html):
        """Formulas in HTML are drawn in JupyterLab, too."""
        return FORMULA.sub(lambda found: self.inline_math(unescape(found[1])), html)

    def link(self, text, url, title=None):
        if url.startswith("../"):  # the pages hold the notebooks alone
            path = url.replace("../", "").partition("#")[0]
            words = "" if path.startswith(text) else f"{text}: "
            return f"{words}<code>{escape(path)}</code> {said('in the repository')}"
        if page := NOTEBOOK.fullmatch(url):
            url = f"{page[1]}.html{page[2] or ''}"
        return super().link(text, url, title)

    def image(self, text, url, title=None):
        html = super().image(text, url, title)
        if 'src="data:' not in html:
            self.wrong.append(f"the picture {url} is not in the notebook; attach it to the cell.")
        if not text.strip():
            self.wrong.append(f"the picture {url[:40]} has no words; write ![words]({url[:40]}).")
        return html

    def block_code(self, code, info=None):
        return scrolling("code", said("Code"), super().block_code(code, info))

    def table(self, text):
        return scrolling("table", said("Table"), f"<table>\n{text}</table>") + "\n"

    def table_cell(self, text, align=None, head=False):
        style = f' style="text-align:{align}"' if align else ""
        # An empty corner is no heading of its column.
        tag, scope = ("th", ' scope="col"') if head and text.strip() else ("td", "")
        return f"<{tag}{scope}{style}>{text}</{tag}>\n"


def html_of(text, anchors, wrong, attachments=None):
    """Return the HTML of Markdown ``text``; for ``anchors`` and ``wrong`` see `Renderer`."""
    return MarkdownWithMath(Renderer(anchors, wrong, attachments), block=Blocks()).render(text)
