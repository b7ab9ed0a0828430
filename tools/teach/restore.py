"""Puts a hand-in back into the shape of its release. Compares cells; runs nothing.

Colab renames and drops metadata, students delete, copy and move cells. So the release is the skeleton: its cells
in their order, each with what the student wrote for it; what they added stays behind the cell that it followed.
"""

import ast
import copy
import re
import uuid

from nbformat.v4 import new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from . import course


class Restore(NbGraderPreprocessor):
    """nbgrader's first step of marking: `restore`."""

    root = Unicode("", help="the class folder").tag(config=True)

    def preprocess(self, nb, resources):
        """Return the restored notebook."""
        released = course.Course(self.root).released(resources["nbgrader"]["assignment"])
        return restore(nb, released)[0], resources


def restore(notebook, released):
    """Return (the notebook in the release's shape, sentences on what had to be mended)."""
    place, notes = match(notebook.cells, released.cells)
    cells, anchors = [], {index: number for number, index in place.items()}
    follow, last = {}, None
    for index, cell in enumerate(notebook.cells):
        if index in anchors:
            last = anchors[index]
        elif not (course.grade_id(cell) is None and same_text(cell, released.cells)):
            follow.setdefault(last, []).append(plain(cell))
    cells += follow.get(None, [])
    for number, model in enumerate(released.cells):
        cell = copy.deepcopy(model)
        grader = cell.metadata.get("nbgrader", {})
        if number in place and grader.get("solution"):
            cell.source = source(notebook.cells[place[number]])
        elif number in place and not grader.get("locked"):
            cell.source = source(notebook.cells[place[number]])
        elif number not in place and grader:
            notes.append(f"{grader['grade_id']} was missing and was put back")
        if not any(grader.get(part) for part in ("grade", "solution", "locked", "task")):
            cell = plain(cell)  # nbgrader's book knows only these, and stumbles over others
        cells.append(cell)
        cells += follow.get(number, [])
    return new_notebook(cells=cells, metadata=copy.deepcopy(released.metadata)), notes


def match(cells, models):
    """Return ({number of the released cell: index of the student's}, notes). Each is matched at most once.

    By nbgrader's name, by the cell's id, by what the cell defines, by its text; at last an answer in words by its
    place between two matched neighbours.
    """
    place, notes, free = {}, [], set(range(len(cells)))

    def take(number, found):
        """Give the released cell ``number`` the last of the student's cells ``found``."""
        if found:
            place[number] = found[-1]
            free.discard(found[-1])

    wanted = [number for number, model in enumerate(models) if course.grade_id(model)]
    for number in wanted:
        found = [
            i for i in sorted(free) if course.grade_id(cells[i]) == course.grade_id(models[number])
        ]
        if len(found) > 1:
            notes.append(
                f"{course.grade_id(models[number])} was there {len(found)} times; the last one counts"
            )
        take(number, found)
    ways = (same_id, same_definitions, same_source)
    for way in ways:
        for number in wanted:
            if number not in place:
                take(number, [i for i in sorted(free) if way(cells[i], models[number])])
    for number in wanted:
        if number not in place and models[number].metadata.nbgrader.get("solution"):
            before = max((place[n] for n in place if n < number), default=-1)
            after = min((place[n] for n in place if n > number), default=len(cells))
            kind = models[number].cell_type
            between = [
                i for i in sorted(free) if before < i < after and cells[i].get("cell_type") == kind
            ]
            between = [i for i in between if not same_text(cells[i], models)]
            take(number, between if len(between) == 1 else [])
    return place, notes


def source(cell):
    """Return a cell's text."""
    text = cell.get("source", "")
    return "".join(text) if isinstance(text, list) else str(text)


def plain(cell):
    """Return the cell without any claim to be one of nbgrader's."""
    cell = copy.deepcopy(cell)
    cell.metadata.pop("nbgrader", None)
    cell.setdefault(
        "id", uuid.uuid4().hex[:8]
    )  # a cell that was added on Colab has its own in the metadata alone
    return cell


def identity(cell):
    """Return a cell's id; Colab keeps it in the metadata."""
    return cell.get("id") or cell.metadata.get("id")


def same_id(cell, model):
    """Return whether both have the same id."""
    return bool(identity(model)) and identity(model) in (cell.get("id"), cell.metadata.get("id"))


def same_definitions(cell, model):
    """Return whether a code cell defines the functions, classes or `student` that the released one does."""
    wanted = definitions(model)
    return bool(wanted) and wanted <= definitions(cell)


def definitions(cell):
    """Return the names that a solution cell or the cell with the student's name defines."""
    if cell.get("cell_type") != "code":
        return set()
    try:
        nodes = ast.parse(source(cell)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # A student's slip in one line does not hide what the cell is for.
        return set(re.findall(r"^(?:def|class) (\w+)", source(cell), re.MULTILINE))
    named = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [t for node in nodes if isinstance(node, ast.Assign) for t in node.targets]
    return named | ({"student"} & {t.id for t in targets if isinstance(t, ast.Name)})


def same_source(cell, model):
    """Return whether both say the same, whatever the spaces."""
    same_kind = cell.get("cell_type") == model.get("cell_type")
    return same_kind and re.sub(r"\s+", "", source(cell)) == re.sub(r"\s+", "", source(model))


def same_text(cell, models):
    """Return whether the cell is one of the release's cells that nbgrader has no name for."""
    return any(not course.grade_id(model) and same_source(cell, model) for model in models)
