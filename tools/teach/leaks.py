"""Looks for what students must not see: solutions, hidden tests, answers. Runs and writes nothing.

What is secret follows from the source: the lines between nbgrader's markers, the long numbers in
them, and the rubric. A line counts wherever it stands, in text, code, outputs, metadata,
attachments or another file, and whatever the spaces in it. A cell of the source that shows such a
line on purpose carries the tag `shown`.
"""

import base64
import contextlib
import re
from pathlib import Path

from . import course

REGION = re.compile(r"### (BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
SHORTEST = 24  # characters without spaces; shorter lines, such as `return x`, stand everywhere
NUMBER = re.compile(r"(?<![\w.])-?\d*\.\d{5,}(?:e-?\d+)?")
CELL_METADATA = {"nbgrader", "tags", "deletable", "editable", "cellView", "jupyter"}
NOTEBOOK_METADATA = {"kernelspec", "language_info", "colab", "accelerator"}


def squeeze(line):
    """Return ``line`` without its spaces and its comment."""
    return re.sub(r"\s+", "", re.sub(r"(^|\s)# .*$", "", line))


def lines_of(cell):
    """Yield (line, `the solution`, `a hidden test` or None) for each line that is no marker."""
    whole = course.grader(cell).get("solution") and not REGION.search(cell.source)
    kind = "the solution" if whole else None
    for line in cell.source.splitlines():
        found = REGION.search(line)
        if not found:
            yield line, kind
        elif found[1] == "END":
            kind = None
        else:
            kind = "a hidden test" if found[2] == "HIDDEN TESTS" else "the solution"


def secrets_of(notebook, rubric=""):
    """Return {text without spaces: what it is} of all that must stay with the teacher."""
    shown = ""
    hidden = {}
    for cell in notebook.cells:
        name = course.grade_id(cell)
        for line, kind in lines_of(cell):
            if kind and name:
                hidden[squeeze(line)] = f"{kind} of {name}"
                hidden |= dict.fromkeys(NUMBER.findall(line), f"a number in {kind} of {name}")
            elif course.grader(cell).get("grade") or is_shown(cell):
                # What a test says openly, it may also say behind the marker.
                shown += squeeze(line)
    for line in rubric.splitlines():
        hidden[squeeze(line.lstrip("-*#| "))] = "the rubric"
    numbers = set(NUMBER.findall(shown))
    found = {}
    for text, what in hidden.items():
        number = NUMBER.fullmatch(text)
        if (number or len(text) >= SHORTEST) and text not in (numbers if number else shown):
            found[text] = what
    return found


def is_shown(cell):
    """Return whether the cell shows on purpose what is secret elsewhere."""
    return "shown" in cell.metadata.get("tags", [])


def in_text(text, secrets):
    """Return which of the ``secrets`` stand in ``text``, as sentences without a subject."""
    found = [f"holds nbgrader's marker {mark[0]!r}" for mark in REGION.finditer(text)][:1]
    numbers = set(NUMBER.findall(text))
    squeezed = re.sub(r"\s+", "", text)
    for secret, what in secrets.items():
        if secret in (numbers if NUMBER.fullmatch(secret) else squeezed):
            found.append(f"shows {what}")
    return sorted(set(found))


def texts(value):
    """Yield every text in ``value``, decoded too if it is base64, as pictures are."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        if value and all(isinstance(inner, str) for inner in value):
            yield "".join(value)
        for inner in value:
            yield from texts(inner)
    elif value is not None:
        yield str(value)
        plain = re.sub(r"^data:[^,]*,|\s+", "", str(value))
        if len(plain) >= SHORTEST:
            with contextlib.suppress(ValueError):
                yield base64.b64decode(plain, validate=True).decode("utf-8", errors="ignore")


def in_notebook(notebook, secrets):
    """Return what leaks from a release, as a list of ``place: sentence``. Cells count from 1."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        place = f"cell {number}"
        parts = {part: cell.get(part, []) for part in ("outputs", "metadata", "attachments")}
        found += within(f"{place}, source", cell.source, {} if is_shown(cell) else secrets)
        for part, held in parts.items():
            found += within(f"{place}, {part}", held, secrets)
        # nbgrader takes the solution's text out, and leaves the pictures that it showed.
        left = [picture for picture in cell.get("attachments", {}) if picture not in cell.source]
        found += [f"{place}, attachments: no text shows {picture}; remove it" for picture in left]
        if cell.get("outputs"):
            found.append(f"{place}, outputs: a release has none")
        found += unexpected(f"{place}, metadata", cell.metadata, CELL_METADATA)
    found += within("notebook metadata", notebook.metadata, secrets)
    return found + unexpected("notebook metadata", notebook.metadata, NOTEBOOK_METADATA)


def within(place, value, secrets):
    """Return what leaks from any text in ``value``."""
    found = {sentence for text in texts(value) for sentence in in_text(text, secrets)}
    return [f"{place}: {sentence}" for sentence in sorted(found)]


def unexpected(place, metadata, known):
    """Return a complaint about the keys of ``metadata`` that a release does not need."""
    extra = ", ".join(sorted(set(metadata) - known))
    return [f"{place}: {extra} is none of {', '.join(sorted(known))}"] if extra else []


def in_source(notebook):
    """Return why ``notebook`` may not be released: outputs, or markers that nbgrader ignores."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        problems = []
        if cell.get("outputs") or cell.get("execution_count"):
            problems.append("it holds outputs or an execution count; a source has none")
        begun = [mark[2] for mark in REGION.finditer(cell.source) if mark[1] == "BEGIN"]
        if "SOLUTION" in begun and not course.grader(cell).get("solution"):
            problems.append("a solution stands in a cell that nbgrader does not know as one")
        if "HIDDEN TESTS" in begun and not course.grader(cell).get("grade"):
            problems.append("hidden tests stand in a cell that nbgrader does not know as a test")
        if len(begun) * 2 != len(REGION.findall(cell.source)):
            problems.append("a marker is not closed")
        found += [f"cell {number}: {problem}" for problem in problems]
    return found


def in_folder(folder, secrets):
    """Return what leaks from the files below ``folder``, as a list of ``file: sentence``."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix == ".ipynb":
            found += [f"{path.name}, {text}" for text in in_notebook(course.read(path), secrets)]
        elif path.is_file():
            text = path.read_bytes().decode("utf-8", errors="ignore")
            found += [f"{path.name}: {sentence}" for sentence in in_text(text, secrets)]
    return found


def secrets_in(name, where):
    """Return the secrets of the assignment ``name`` of the course ``where``, with its rubric's."""
    return secrets_of(course.read(where.source(name)), where.rubric(name))
