"""A class folder, hand-ins and a run of an assignment's cells without a kernel. Helpers of the tests of tools.teach."""

import ast
import copy
import importlib
import json
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SOURCES = ROOT / "notebooks" / "assignments" / "source"
NAMES = sorted(path.parent.name for path in SOURCES.glob("*/*.ipynb") if path.stem == path.parent.name)


def grader(cell):
    """nbgrader's metadata of a cell, or an empty dictionary."""
    return cell.metadata.get("nbgrader", {})


def source(name):
    """The teacher's notebook."""
    return nbformat.read(SOURCES / name / f"{name}.ipynb", as_version=4)


def points(notebook):
    """grade_id -> points of the cells that a machine marks."""
    return {
        grader(cell).grade_id: grader(cell).points
        for cell in notebook.cells
        if grader(cell).get("grade") and not grader(cell).get("solution")
    }


def mutants(name):
    """The library of wrong answers to an assignment."""
    return importlib.import_module(f"mutants.{name}").MUTANTS


def hand_in(where, name, student, notebook):
    """Write a submission in nbgrader's layout."""
    path = where.path("submitted", name, student)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def filled(released, **answers):
    """The released notebook with the given cells replaced, by grade_id."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        if grader(cell).get("grade_id") in answers:
            cell.source = answers[grader(cell).grade_id]
    return notebook


def names_in(code, kind):
    """The names that the code stores or loads, at any depth; functions count as stored."""
    nodes = list(ast.walk(ast.parse(code)))
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return found | (defined if kind is ast.Store else set())


def lost_by_mutants(name):
    """{(task, mutant's name): the test cells that it fails}, and under "reference" what the solution fails.

    All run in one fresh process: the reference once, and for each mutant the cells from the task's on that use
    what it defines.
    """
    cells = [(grader(cell).get("grade_id"), cell.source) for cell in source(name).cells if cell.cell_type == "code"]
    wrong = [(task, mutant.name, mutant.source) for task, library in mutants(name).items() for mutant in library]
    given = json.dumps({"cells": cells, "tests": sorted(points(source(name))), "wrong": wrong})
    command = [sys.executable, str(Path(__file__).resolve()), "run"]
    answer = subprocess.run(command, input=given, capture_output=True, text=True, cwd=SOURCES / name)
    assert answer.returncode == 0, answer.stderr[-3000:]
    return {tuple(key): set(lost) for key, lost in json.loads(answer.stdout.splitlines()[-1])}


def run_all(cells, tests, wrong):
    """Run the reference and then each mutant; return [(key, failed tests)]."""
    space, before, failed = {"__name__": "__main__"}, {}, []
    for index, (identity, code) in enumerate(cells):
        before[identity] = (index, dict(space))
        if not run_one(code, space) and identity in tests:
            failed.append(identity)
    found = [(("reference",), failed)]
    for task, name, code in wrong:
        start, space = before[task]
        found.append(((task, name), run_from(cells[start:], tests, task, code, dict(space))))
    return found


def run_from(cells, tests, task, code, space):
    """Run the mutant ``code`` and the later cells that it may change; return the tests that fail."""
    changed, failed = names_in(cells[0][1], ast.Store) | names_in(code, ast.Store), []
    run_one(code, space)
    for identity, later in cells[1:]:
        own = identity in tests and identity.rpartition("_")[0] == task
        if own or names_in(later, ast.Load) & changed:
            if identity not in tests:
                changed |= names_in(later, ast.Store)
            if not run_one(later, space) and identity in tests:
                failed.append(identity)
    return failed


def run_one(code, space):
    """Run one cell and return whether it ended well."""
    try:
        exec(compile(code, "cell", "exec"), space)  # noqa: S102 (the repository's own code)
    except Exception:
        return False
    return True


if __name__ == "__main__":
    import contextlib

    with contextlib.redirect_stdout(sys.stderr):
        result = run_all(**json.load(sys.stdin))
    print(json.dumps(result))
