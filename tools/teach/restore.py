"""Puts a hand-in back into the shape of its release. Compares cells; runs nothing.

Colab renames and drops metadata, students delete, copy and move cells. So the release is the
skeleton: its cells in their order, each with what the student wrote for it. What they added stays
behind the cell that it followed.
"""

import ast
import copy
import re

from nbformat.v4 import new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from . import pages
from .course import Course, grade_id, grader, source

KINDS = ("grade", "solution", "locked", "task")


class Restore(NbGraderPreprocessor):
    """nbgrader's first step of marking: `restore`."""

    root = Unicode("", help="the class folder").tag(config=True)

    def preprocess(self, nb, resources):
        """Return the restored notebook."""
        released = Course(self.root).released(resources["nbgrader"]["assignment"])
        return restore(nb, released)[0], resources


def restore(notebook, released):
    """Return (the notebook in the release's shape, sentences on what had to be mended)."""
    place, notes = match(notebook.cells, released.cells)
    followers = added(notebook.cells, released.cells, place)
    cells = followers.get(None, [])
    for number, model in enumerate(released.cells):
        cell = copy.deepcopy(model)
        marks = grader(cell)
        if number not in place and marks:
            notes.append(f"{marks['grade_id']} was missing and was put back")
        elif number in place and (marks.get("solution") or not marks.get("locked")):
            own = pages.shown(notebook.cells[place[number]], kind(model))
            if pages.ABSENT in own.get("attachments", {}).values():
                notes.append(f"{marks['grade_id']} shows a picture that is not in the notebook")
            cell |= {key: own[key] for key in ("source", "attachments") if key in own}
        if not any(marks.get(kind) for kind in KINDS):
            # nbgrader's book knows only these kinds, and fails over others.
            cell.metadata.pop("nbgrader", None)
        cells += [cell, *followers.get(number, [])]
    return new_notebook(cells=cells, metadata=copy.deepcopy(released.metadata)), notes


def added(cells, models, place):
    """Return {number of a released cell, or None for the start: what the student added there}."""
    anchors = {index: number for number, index in place.items()}
    followers = {}
    last = None
    for index, cell in enumerate(cells):
        if index in anchors:
            last = anchors[index]
        elif grade_id(cell) or not same_text(cell, models):
            # It comes without any claim to be one of nbgrader's.
            followers.setdefault(last, []).append(pages.shown(cell, kind(cell)))
    return followers


def match(cells, models):
    """Return ({number of the released cell: index of the student's}, notes).

    A cell is matched by nbgrader's name, by its id, by what it defines, or by its text; at last an
    answer in words by its place between two matched neighbours. Each is matched at most once.
    """
    place = {}
    notes = []
    free = set(range(len(cells)))

    def take(number, found):
        """Match the released cell ``number`` with the last of the student's cells ``found``."""
        if found:
            place[number] = found[-1]
            free.discard(found[-1])

    wanted = [number for number, model in enumerate(models) if grade_id(model)]
    for way in (same_name, same_id, same_definitions, same_source):
        for number in wanted:
            if number not in place:
                found = [i for i in sorted(free) if way(cells[i], models[number])]
                if way is same_name and len(found) > 1:
                    name = grade_id(models[number])
                    notes.append(f"{name} was there {len(found)} times; the last one counts")
                take(number, found)
    for number in wanted:
        if number not in place and grader(models[number]).get("solution"):
            before = max((place[n] for n in place if n < number), default=-1)
            after = min((place[n] for n in place if n > number), default=len(cells))
            between = [i for i in sorted(free) if before < i < after]
            between = [i for i in between if kind(cells[i]) == kind(models[number])]
            between = [i for i in between if not same_text(cells[i], models)]
            take(number, between if len(between) == 1 else [])
    return place, notes


def kind(cell):
    """Return whether it is a `code` or a `markdown` cell."""
    return cell.get("cell_type")


def same_name(cell, model):
    """Return whether nbgrader has the same name for both."""
    return grade_id(cell) == grade_id(model)


def same_id(cell, model):
    """Return whether both have the same id. Colab keeps it in the metadata."""
    wanted = model.get("id") or model.metadata.get("id")
    return bool(wanted) and wanted in (cell.get("id"), cell.metadata.get("id"))


def same_definitions(cell, model):
    """Return whether a code cell defines all that the released one defines."""
    wanted = definitions(model)
    return bool(wanted) and wanted <= definitions(cell)


def statements(cell):
    """Return the statements of a code cell, or None where it is no Python."""
    try:
        return ast.parse(source(cell)).body if kind(cell) == "code" else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def definitions(cell):
    """Return the functions and classes that a code cell defines, and `student` if it does."""
    nodes = statements(cell)
    if nodes is None:  # a student's slip in one line does not hide what the cell is for
        return set(re.findall(r"^(?:def|class) (\w+)", source(cell), re.MULTILINE))
    named = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return named | ({"student"} if students_in(cell) else set())


def students_in(cell):
    """Return what is assigned to `student` in a code cell, as nodes."""
    nodes = [node for node in statements(cell) or () if isinstance(node, ast.Assign)]
    return [n.value for n in nodes if any(getattr(t, "id", "") == "student" for t in n.targets)]


def same_source(cell, model):
    """Return whether both say the same, whatever the spaces."""
    texts = [re.sub(r"\s+", "", source(each)) for each in (cell, model)]
    return kind(cell) == kind(model) and texts[0] == texts[1]


def same_text(cell, models):
    """Return whether the cell is one of the release's cells that nbgrader has no name for."""
    return any(not grade_id(model) and same_source(cell, model) for model in models)
