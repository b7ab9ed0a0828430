"""A class folder, hand-ins and a run of an assignment's cells without a kernel. Helpers of the tests of tools.teach."""

import ast
import copy
import importlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
SOURCES = ROOT / "notebooks" / "assignments" / "source"
NAMES = sorted(
    path.parent.name for path in SOURCES.glob("*/*.ipynb") if path.stem == path.parent.name
)


EMPTY_BOOK = []  # made once a process


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


def cell(identity, code, **marks):
    """A code cell with nbgrader's metadata; ``marks`` are grade, solution, locked and points."""
    found = nbformat.v4.new_code_cell(code, id=identity.replace("_", "-"))
    base = {
        "schema_version": 3,
        "grade_id": identity,
        "grade": False,
        "solution": False,
        "locked": False,
    }
    found.metadata = nbformat.from_dict({"nbgrader": {**base, "task": False, **marks}})
    return found


def tiny_source():
    """An assignment of one task and two tests, which needs no library."""
    answer = (
        "def double(x):\n    ### BEGIN SOLUTION\n    twice_the_number_given = x + x\n"
        "    return twice_the_number_given\n    ### END SOLUTION"
    )
    hidden = (
        "### BEGIN HIDDEN TESTS\nassert double(1.4142135) == 2.828427, 'no'\n### END HIDDEN TESTS"
    )
    cells = [
        cell("tiny_student", 'student = ""'),
        cell("tiny_double", answer, solution=True),
        cell(
            "tiny_double_1",
            f"assert double(2) == 4, 'two and two'\n{hidden}",
            grade=True,
            locked=True,
            points=2,
        ),
        cell("tiny_double_2", "assert double('a') == 'aa'", grade=True, locked=True, points=1),
    ]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def tiny_course(folder, notebook=None):
    """A course with the assignment `tiny` alone, not released yet."""
    from tools.teach.course import ASSIGNMENTS, Course

    path = folder / "assignments" / "source" / "tiny" / "tiny.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook or tiny_source(), path)
    (folder / "assignments" / "nbgrader_config.py").write_bytes(
        (ASSIGNMENTS / "nbgrader_config.py").read_bytes()
    )
    where = Course(folder / "class", folder / "assignments")
    where.make()
    book = where.root / "gradebook.db"
    if not EMPTY_BOOK:
        with where.gradebook():  # nbgrader starts a program to make it, which takes seconds
            EMPTY_BOOK.append(book.read_bytes())
    book.write_bytes(EMPTY_BOOK[0])
    return where


def colab(notebook, keep_nbgrader=True, keep_ids=True):
    """The notebook as Colab saves it: format 4.0, ids in the metadata, its own keys, outputs with ids of their own."""
    found = json.loads(nbformat.writes(copy.deepcopy(notebook)))
    found["nbformat_minor"] = 0
    found["metadata"] = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }
    for number, cell in enumerate(found["cells"]):
        identity = cell.pop("id")
        cell["metadata"] = cell["metadata"] if keep_nbgrader else {}
        cell["metadata"]["id"] = identity if keep_ids else f"Xy{number}zKq"
        if cell["cell_type"] == "code":
            cell["metadata"] |= {
                "colab": {"base_uri": "https://localhost:8080/"},
                "outputId": f"out-{number}",
            }
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["colab\n"]}]
            cell["execution_count"] = number + 1
    return json.dumps(found)


def wheel(folder):
    """A wheel of the course with one module in it, made by hand, and a requirement that no registry has."""
    path = folder / "cgan_lab-9.9.9-py3-none-any.whl"
    info = "cgan_lab-9.9.9.dist-info"
    about = "Metadata-Version: 2.1\nName: cgan_lab\nVersion: 9.9.9\nRequires-Dist: no-such-package-anywhere\n"
    kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cgan_lab_of_the_test.py", "HERE = True\n")
        archive.writestr(f"{info}/METADATA", about)
        archive.writestr(f"{info}/WHEEL", kind)
        archive.writestr(f"{info}/RECORD", "")
    return path


def used_in(code):
    """The names that the code reads, at any depth."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def defined_in(code):
    """The names that the code leaves behind: not what lives inside its functions."""
    found, waiting = set(), list(ast.parse(code).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        else:
            found |= (
                {node.id}
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                else set()
            )
            waiting += ast.iter_child_nodes(node)
    return found


def lost_by_mutants(name):
    """{(task, mutant's name): the test cells that it fails}, and under "reference" what the solution fails.

    All run in one fresh process: the reference once, and for each mutant the cells from the task's on that use
    what it defines.
    """
    cells = [
        (grader(cell).get("grade_id"), cell.source)
        for cell in source(name).cells
        if cell.cell_type == "code"
    ]
    wrong = [
        (task, mutant.name, mutant.source)
        for task, library in mutants(name).items()
        for mutant in library
    ]
    given = json.dumps({"cells": cells, "tests": sorted(points(source(name))), "wrong": wrong})
    command = [sys.executable, str(Path(__file__).resolve()), "run"]
    answer = subprocess.run(
        command, input=given, capture_output=True, text=True, cwd=SOURCES / name
    )
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
        start, earlier = before[task]
        # What no mutant changes is as the reference left it.
        found.append(
            ((task, name), run_from(cells[start:], tests, task, code, {**space, **earlier}))
        )
    return found


def run_from(cells, tests, task, code, space):
    """Run the mutant ``code`` and the later cells that it may change; return the tests that fail."""
    changed, failed = defined_in(cells[0][1]) | defined_in(code), []
    run_one(code, space)
    for identity, later in cells[1:]:
        own = identity in tests and identity.rpartition("_")[0] == task
        if own or used_in(later) & changed:
            changed |= set() if identity in tests else defined_in(later)
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
