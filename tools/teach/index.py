"""The head of a student's page: an index by tasks, what is not read yet, and when it came.

nbgrader's template calls every test `Test cell` and an answer that nobody has read `0 / 4`.
"""

import html
import re
from dataclasses import dataclass

from . import course

TITLE = re.compile(r"^#{1,6} +(.+?)(?: *\(\d[\d.]* points?\))? *#*$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)  # a comment is no heading
TOC = re.compile(r'(<div id="toc">\s*).*?(\s*</div>)', re.DOTALL)
SUM = re.compile(r"\(Score: [^)]*\)(</h4>)")
SEEN, HIDDEN, ANSWER = "tests you see", "hidden tests", "your answer"
UNREAD = "not read yet"


@dataclass(frozen=True)
class Entry:
    """A marked cell: its name, its task's title, its points (None: not read yet), its kind."""

    cell: str
    title: str
    points: float | None
    most: float
    kind: str
    comment: bool = False

    @property
    def said(self):
        """Return its points in words."""
        return UNREAD if self.points is None else f"{self.points:g} / {self.most:g}"


def titles(released):
    """Return {name of a marked cell: (the heading before it, its kind)}, in order."""
    found = {}
    title = ""
    for cell in released.cells:
        marks = course.grader(cell)
        if cell.cell_type == "markdown" and not marks.get("solution"):
            headings = TITLE.findall(FENCED.sub("", cell.source))
            title = headings[-1] if headings else title
        if marks.get("grade"):
            hidden = HIDDEN if marks["grade_id"].endswith("_hidden") else SEEN
            kind = ANSWER if marks.get("solution") else hidden
            found[marks["grade_id"]] = (title or marks["grade_id"], kind)
    return found


def written(page, entries, came=("", "", "")):
    """Return the ``page`` with its index by tasks. Raises ValueError if a place is not found.

    ``came``: as `receipt.lateness` returns it.
    """
    groups = {}
    for entry in entries:
        groups.setdefault(entry.title, []).append(entry)
    made = [
        f"<li>{html.escape(title)}: {summed(ones)}{group(ones)}</li>"
        for title, ones in groups.items()
    ]
    made = f"{received(came)}<ul>{''.join(made)}</ul>"
    page = once(TOC, lambda found: f"{found[1]}{made}{found[2]}", page)
    waits = any(entry.points is None for entry in entries)
    so_far = summed(entries, known=True) + (", not all is read yet" if waits else "")
    page = once(SUM, lambda found: f"({so_far}){found[1]}", page)
    for entry in entries:
        if entry.points is None:
            place = rf'(<a name="{re.escape(entry.cell)}"></a>.{{0,400}}?)Score: [\d.]+ / [\d.]+'
            page = once(re.compile(place, re.DOTALL), lambda found: found[1] + UNREAD, page)
    return page


def summed(entries, known=False):
    """Return the points of some cells together; ``known``: of those that have points."""
    points = [entry.points for entry in entries if entry.points is not None]
    if len(points) < len(entries) and not known:
        return UNREAD
    return f"{sum(points):g} / {sum(entry.most for entry in entries):g}"


def once(pattern, make, page):
    """Return ``page`` with the first match replaced by what ``make`` returns for it."""
    page, found = pattern.subn(make, page, count=1)
    if not found:
        raise ValueError("nbgrader's page has no place for the index: is this another nbgrader?")
    return page


def group(entries):
    """Return a list of one task's cells; of several of a kind each has its number."""
    count = {}
    lines = []
    for entry in entries:
        count[entry.kind] = count.get(entry.kind, 0) + 1
        several = sum(other.kind == entry.kind for other in entries) > 1
        label = f"{entry.kind} {count[entry.kind]}" if several else entry.kind
        line = f'<a href="#{entry.cell}">{label}</a>: {entry.said}'
        if entry.comment:
            line += f' (<a href="#comment-{entry.cell}">comment</a>)'
        lines.append(f"<li>{line}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def received(came):
    """Return a line on when the hand-in was received, or nothing."""
    when, late, _ = came
    said = f"Received {when}" + (f", {late} late" if late else "")
    return f"<p>{said}.</p>" if when else ""
