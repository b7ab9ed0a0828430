"""Looks for what students must not see: solutions, hidden tests, answers. Reads notebooks; runs and writes nothing.

What is secret follows from the source: the lines between nbgrader's markers, the long numbers in them, and the
rubric. A line counts wherever it stands, in text, code, outputs, metadata, attachments or another file, and
whatever the spaces in it. A cell of the source that shows such a line on purpose carries the tag `shown`.
"""

import base64
import binascii
import re
from pathlib import Path

from . import course

REGION = re.compile(r"### (BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
SHORTEST = 24  # characters without spaces; shorter lines, such as `return x`, stand everywhere
NUMBER = re.compile(r"(?<![\w.])-?\d*\.\d{5,}(?:e-?\d+)?")
CELL_METADATA = {"nbgrader", "tags", "deletable", "editable"}
NOTEBOOK_METADATA = {"kernelspec", "language_info"}


def squeeze(line):
    """Return ``line`` without its spaces and its comment."""
    return re.sub(r"\s+", "", re.sub(r"(^|\s)# .*$", "", line))


def secrets_of(notebook, rubric=""):
    """Return what must not leave the teacher's side: a dictionary from the text (without spaces) to what it is."""
    shown, hidden = "", {}
    for cell in notebook.cells:
        grader = cell.metadata.get("nbgrader", {})
        whole = grader.get("solution") and not REGION.search(cell.source)
        kind = "the solution of" if whole else None
        for line in cell.source.splitlines():
            found = REGION.search(line)
            if found:
                end, part = (
                    found[1] == "END",
                    "a hidden test of" if found[2] == "HIDDEN TESTS" else "the solution of",
                )
                kind = None if end else part
            elif kind and grader.get("grade_id"):
                hidden[squeeze(line)] = f"{kind} {grader['grade_id']}"
                hidden |= dict.fromkeys(
                    NUMBER.findall(line), f"a number in {kind} {grader['grade_id']}"
                )
            elif grader.get("grade") or "shown" in cell.metadata.get("tags", []):
                # What a test says openly, it may also say behind the marker.
                shown += squeeze(line)
    for line in rubric.splitlines():
        hidden[squeeze(line.lstrip("-*#| "))] = "the rubric"
    long = {
        text: what
        for text, what in hidden.items()
        if NUMBER.fullmatch(text) or len(text) >= SHORTEST
    }
    numbers = set(NUMBER.findall(shown))
    return {
        text: what
        for text, what in long.items()
        if text not in (numbers if NUMBER.fullmatch(text) else shown)
    }


def in_text(text, secrets):
    """Return what of ``secrets`` stands in ``text``, as sentences without a subject."""
    found = [f"holds nbgrader's marker {mark[0]!r}" for mark in REGION.finditer(text)][:1]
    numbers = set(NUMBER.findall(text))
    squeezed = re.sub(r"\s+", "", text)
    for secret, what in secrets.items():
        if secret in numbers if NUMBER.fullmatch(secret) else secret in squeezed:
            found.append(f"shows {what}")
    return sorted(set(found))


def texts(value):
    """Yield every text in ``value``, base64 undone: attachments and pictures may carry text too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        if value and all(isinstance(inner, str) for inner in value):
            yield "".join(value)
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value
        plain = re.sub(r"^data:[^,]*,|\s+", "", value)
        if len(plain) >= SHORTEST and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", plain):
            try:
                yield base64.b64decode(plain, validate=True).decode("utf-8", errors="ignore")
            except binascii.Error:
                pass
    elif value is not None:
        yield str(value)


def in_notebook(notebook, secrets):
    """Return what leaks from a release, as a list of ``place: sentence``. Cells are counted from 1, texts included."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        place = f"cell {number}"
        shown = "shown" in cell.metadata.get("tags", [])
        parts = {
            "source": [cell.source],
            "outputs": list(texts(cell.get("outputs", []))),
            "metadata": list(texts(cell.metadata)),
            "attachments": list(texts(cell.get("attachments", {}))),
        }
        for part, held in parts.items():
            known = {} if shown and part == "source" else secrets
            found += [
                f"{place}, {part}: {text}"
                for text in sorted({t for one in held for t in in_text(one, known)})
            ]
        if cell.get("outputs"):
            found.append(f"{place}, outputs: a release has none")
        extra = set(cell.metadata) - CELL_METADATA
        if extra:
            found.append(
                f"{place}, metadata: {', '.join(sorted(extra))} is none of {', '.join(sorted(CELL_METADATA))}"
            )
    found += [
        f"notebook metadata: {text}"
        for one in texts(notebook.metadata)
        for text in in_text(one, secrets)
    ]
    extra = set(notebook.metadata) - NOTEBOOK_METADATA
    if extra:
        found.append(f"notebook metadata: {', '.join(sorted(extra))} is not needed")
    return found


def in_source(notebook):
    """Return why ``notebook`` may not be released: stored outputs, or markers that nbgrader would ignore."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        grader = cell.metadata.get("nbgrader", {})
        if cell.get("outputs") or cell.get("execution_count"):
            found.append(
                f"cell {number}: it holds outputs or an execution count; a source has none"
            )
        marks = [mark[2] for mark in REGION.finditer(cell.source) if mark[1] == "BEGIN"]
        if "SOLUTION" in marks and not grader.get("solution"):
            found.append(
                f"cell {number}: a solution stands in a cell that nbgrader does not know as one"
            )
        if "HIDDEN TESTS" in marks and not grader.get("grade"):
            found.append(
                f"cell {number}: hidden tests stand in a cell that nbgrader does not know as a test"
            )
        if len(marks) != len([mark for mark in REGION.finditer(cell.source) if mark[1] == "END"]):
            found.append(f"cell {number}: a marker is not closed")
    return found


def in_folder(folder, secrets):
    """Return what leaks from the files below ``folder``, as a list of ``file: sentence``."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and path.suffix == ".ipynb":
            found += [f"{path.name}, {text}" for text in in_notebook(course.read(path), secrets)]
        elif path.is_file():
            text = path.read_bytes().decode("utf-8", errors="ignore")
            found += [f"{path.name}: {sentence}" for sentence in in_text(text, secrets)]
    return found


def secrets_in(name, where):
    """Return the secrets of the assignment ``name`` of the course ``where``, its rubric's included."""
    rubric = where.assignments / "rubrics" / f"{name}.md"
    text = rubric.read_text(encoding="utf-8") if rubric.is_file() else ""
    return secrets_of(course.read(where.source(name)), text)
