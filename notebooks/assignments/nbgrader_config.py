"""nbgrader's settings, read by `python -m tools.teach` and by nbgrader itself in a class folder."""

import re

import nh3
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.preprocessors import NbGraderPreprocessor

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "cgan_lab"
# A test cell that a student deleted is put back, and counts as failed only if it fails.
c.OverwriteCells.add_missing_cells = True
# What a student reads where the solution stood; the cell fails until it is replaced.
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}


class OnlyByCommand(NbGraderPreprocessor):
    """Stands where nbgrader's own buttons and commands would begin; `python -m tools.teach` brings its own steps."""

    def preprocess(self, nb, resources):
        """Raise RuntimeError, before any code of a student's runs and before a page is written."""
        raise RuntimeError(
            "Students' code runs in a sandbox, and feedback without hidden tests is made, by the command line alone: "
            "python -m tools.teach --class FOLDER mark NAME, then ... feedback NAME (docs/marking.md)."
        )


# nbgrader would run students' code with your rights, and show hidden tests in its feedback.
c.Autograde.sanitize_preprocessors = [OnlyByCommand]
c.GenerateFeedback.preprocessors = [OnlyByCommand]

# What a student wrote or drew is shown in a teacher's browser, in the formgrader and on pages: text, pictures that
# are part of it, links; no script, no style, nothing that loads from elsewhere or lies over what is the teacher's.
SHOWN = {"img": {"src", "alt", "title", "width", "height"}, "a": {"href", "title"}, "*": {"class"}}
PICTURE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
COLOURS = re.compile(r"highlight|hl-\w+|ansi-[\w-]+|[a-z]{1,2}\d?")  # of code and of terminals, none of a page's layout


# What a formula consists of.
MATHS = "math mi mo mn mrow msup msub msubsup mfrac msqrt mroot mtext mspace mstyle mover munder munderover".split()
MATHS += ["mtable", "mtr", "mtd"]
SHOWN["math"] = {"display"}
SHOWN |= {tag: {"mathvariant", "stretchy", "fence", "accent", "width", "displaystyle"} for tag in MATHS[1:]}


def attribute(tag, name, value):
    """Return what an attribute of a student's HTML may be, or None."""
    if (tag, name) == ("img", "src"):
        return value if PICTURE.fullmatch(value) else None
    if name == "class":
        return " ".join(word for word in value.split() if COLOURS.fullmatch(word))
    return value


def clean(html):
    """Return HTML of a student's with nothing in it that runs, loads or covers."""
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
    tags = nh3.ALLOWED_TAGS - {"map", "area"} | set(MATHS)
    schemes = {"http", "https", "mailto", "data"}
    return nh3.clean(text, tags=tags, attributes=SHOWN, attribute_filter=attribute, url_schemes=schemes)


class Formulas(IPythonRenderer):
    """Shows formulas by what every browser knows, since a page loads no program for them."""

    def formula(self, text, display):
        """Return a formula in MathML, or as it is written if it is none."""
        try:
            return convert(text, display=display)
        except Exception:  # its authors' own errors do not tell what is no LaTeX
            return self.escape_html(text)

    def inline_math(self, body):
        """Return a formula in a line."""
        return self.formula(body, "inline")

    def block_math(self, body):
        """Return a formula of its own."""
        return self.formula(body, "block")


@pass_context
def markdown(context, source):
    """Return Markdown as clean HTML: nbgrader's templates show it as it comes."""
    pictures = context.get("cell", {}).get("attachments", {})
    return clean(MarkdownWithMath(Formulas(escape=False, attachments=pictures)).render(source))


c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"clean_html": clean, "markdown2html": markdown}
