"""Helpers of the tests of tools.teach: a class folder, hand-ins, and a run of mutants."""

import ast
import asyncio
import contextlib
import copy
import dataclasses
import functools
import importlib
import itertools
import json
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
SOURCES = ROOT / "notebooks" / "assignments" / "source"
NAMES = sorted(p.stem for p in SOURCES.glob("*/*.ipynb") if p.stem == p.parent.name)
# The seeds that are tried, if not the first ten: ps1 is quick; ten of ps2 leave out a form; ps6
# trains, and ps4 trains twice for each, so these have few that draw each form.
SEEDS = {
    "ps1_objective": range(2001, 2051),
    "ps2_conditioning": range(2001, 2017),
    "ps4_digits": (2003, 2004, 2009),
    "ps6_clinic": (2003, 2005, 2007),
}


@functools.cache
def level():
    """`confined` where that works; else `unconfined`, for answers that are the tests' own."""
    from tools.teach import sandbox

    return "unconfined" if sandbox.refusal() else "confined"


def run(*cells, level="confined", files=(), **limits):
    """Run cells and return for each the names of its errors and what it printed."""
    from tools.teach import runner, sandbox

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    asyncio.run(runner.run(notebook, level, 0, sandbox.Limits(**limits), files))
    return [[out.get("ename") or out.get("text") for out in c.outputs] for c in notebook.cells]


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


@functools.cache
def empty_book():
    """The bytes of a gradebook without assignments; nbgrader takes seconds to make one."""
    from tools.teach.course import Course

    with tempfile.TemporaryDirectory() as folder:
        with Course(folder).gradebook():
            return (Path(folder) / "gradebook.db").read_bytes()


def tiny_course(folder, notebook=None):
    """A course with the assignment `tiny` alone, not released yet."""
    from tools.teach.course import ASSIGNMENTS, Course

    path = folder / "assignments" / "source" / "tiny" / "tiny.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook or tiny_source(), path)
    shutil.copy(ASSIGNMENTS / "nbgrader_config.py", folder / "assignments")
    return made(Course(folder / "class", folder / "assignments"))


def with_a_question(folder):
    """The tiny course with an open question too, released."""
    from tools.teach import release

    source = tiny_source()
    why = nbformat.v4.new_markdown_cell("Your answer.", id="tiny-why")
    why.metadata = cell("tiny_why", "", grade=True, solution=True, points=4).metadata
    source.cells.append(why)
    where = tiny_course(folder, source)
    release.release(where, "tiny")
    return where


def mark_all(where):
    """Mark all that was handed in for `tiny`."""
    from tools.teach import mark, sandbox

    students = where.students("tiny")
    work = mark.mark(where, "tiny", sandbox.Limits(), students, level(), say=lambda line: None)
    asyncio.run(work)


def made(where):
    """The course ``where`` with its folder made, and an empty gradebook in it."""
    where.make()
    (where.root / "gradebook.db").write_bytes(empty_book())
    return where


def colab(notebook, keep_nbgrader=True, keep_ids=True):
    """The notebook as Colab saves it: format 4.0, ids in the metadata, keys of its own."""
    found = json.loads(nbformat.writes(copy.deepcopy(notebook)))
    found["nbformat_minor"] = 0
    kernel = {"name": "python3", "display_name": "Python 3"}
    found["metadata"] = {"colab": {"provenance": []}, "kernelspec": kernel}
    for number, cell in enumerate(found["cells"]):
        identity = cell.pop("id")
        cell["metadata"] = cell["metadata"] if keep_nbgrader else {}
        cell["metadata"]["id"] = identity if keep_ids else f"Xy{number}zKq"
        if cell["cell_type"] == "code":
            place = {"base_uri": "https://localhost:8080/"}
            cell["metadata"] |= {"colab": place, "outputId": f"out-{number}"}
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["colab\n"]}]
            cell["execution_count"] = number + 1
    return json.dumps(found)


def wheel(folder):
    """A wheel of the course, of one module, that requires a package that does not exist."""
    path = folder / "cgan_lab-9.9.9-py3-none-any.whl"
    info = "cgan_lab-9.9.9.dist-info"
    files = {
        "cgan_lab_of_the_test.py": "HERE = True\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: cgan_lab\nVersion: 9.9.9\n"
        "Requires-Dist: no-such-package-anywhere\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
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
    """Return {(task, mutant's name): the test cells that it fails}.

    All run in one fresh process: the notebook's cells without tests once, and for each mutant those
    from the task's on that use what it defines.
    """
    return {tuple(key): set(lost) for key, lost in json.loads(in_a_fresh_process(name, "mutants"))}


def in_a_fresh_process(name, what):
    """Return the last line that this file prints when it runs ``what`` of an assignment."""
    command = [sys.executable, str(Path(__file__).resolve()), name, what]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=SOURCES / name)
    assert answer.returncode == 0, answer.stderr[-3000:]
    return answer.stdout.splitlines()[-1]


def not_passed_alone(name):
    """Return {test cell: its error} of the tests that fail when no other test runs before them."""
    return json.loads(in_a_fresh_process(name, "alone"))


def run_alone(name):
    """Run the cells without tests, and each test on a copy of what they leave."""
    space, tests, errors = {"__name__": "__main__"}, points(source(name)), {}
    for cell in source(name).cells:
        if cell.cell_type == "code":
            identity = grader(cell).get("grade_id")
            error = run_one(cell.source, dict(space) if identity in tests else space)
            if error:
                errors[identity] = error
    return errors


def run_mutants(name):
    """Run the solutions and then each mutant; return [(key, failed tests)]."""
    library = importlib.import_module(f"mutants.{name}")
    cells = [(grader(c).get("grade_id"), c.source) for c in source(name).cells]
    kinds = [c.cell_type for c in source(name).cells]
    cells = [cell for cell, kind in zip(cells, kinds, strict=True) if kind == "code"]
    tests = points(source(name))
    space = {"__name__": "__main__"}
    before = {}
    for index, (identity, code) in enumerate(cells):
        before[identity] = (index, dict(space))
        if identity not in tests and (error := run_one(code, space)):
            raise RuntimeError(f"The cell {identity} of the solution fails: {error}")
        share_all(name, space)
    found = []
    for task, wrong in library.MUTANTS.items():
        start, earlier = before[task]
        for mutant in wrong:
            # What no mutant changes is as the solution left it.
            now = {**space, **earlier}
            failed = run_from(cells[start:], tests, task, mutant.source, now)
            found.append(((task, mutant.name), failed))
    return found


def share_all(name, space):
    """Let all answers to an assignment share the results of what its mutants name as `SHARED`."""
    for path in getattr(importlib.import_module(f"mutants.{name}"), "SHARED", ()):
        share(path, space)


def share(path, space):
    """Let all answers share the results of a function that gives equal results for equal arguments.

    ``path``: its owner and name, as the notebook has them, such as `judge.look`.
    """
    owner, name = path.split(".")
    function = getattr(space.get(owner), name, None)
    if function is None or hasattr(function, "results"):
        return

    def shared(*args, **kwargs):
        """Return a copy of the result, since a mutant may change it."""
        key = pickle.dumps((args, sorted(kwargs.items())))
        if key not in shared.results:
            shared.results[key] = function(*args, **kwargs)
        return copy.deepcopy(shared.results[key])

    shared.results = {}
    setattr(space[owner], name, shared)


def run_from(cells, tests, task, code, space):
    """Run the mutant ``code`` and the later cells that it may change; return the failed tests."""
    from tools.teach import report

    changed = defined_in(cells[0][1]) | defined_in(code)
    failed = []
    run_one(code, space)
    for identity, later in cells[1:]:
        own = identity in tests and report.task(identity) == task
        if own or used_in(later) & changed:
            changed |= set() if identity in tests else defined_in(later)
            if run_one(later, space) and identity in tests:
                failed.append(identity)
    return failed


def run_one(code, space):
    """Run one cell and return its error, empty if it ended well."""
    try:
        exec(compile(code, "cell", "exec"), space)  # noqa: S102 (the repository's own code)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def space_of(name):
    """The space of variants of an assignment."""
    from tools.teach import variants
    from tools.teach.course import ASSIGNMENTS, Course

    return variants.read_space(Course("/nowhere", ASSIGNMENTS), name)


def form_of(name, drawn):
    """The source as ``drawn`` has it; without values, all numbers stay."""
    from tools.teach import variants

    space = space_of(name)
    space = space if drawn.values else dataclasses.replace(space, swaps=[])
    rubric = (SOURCES.parent / "rubrics" / f"{name}.md").read_text(encoding="utf-8")
    return variants.varied(source(name), rubric, space, drawn)[0]


def code_of(notebook):
    """grade_id -> text of the code cells; a cell without one has its id."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {grader(cell).get("grade_id", cell.id): cell.source for cell in cells}


def run_variants(name):
    """Run each form of each task, answers of one on the tests of the other.

    Returns [(task, form of the answer, form of the tests, errors by cell)].
    """
    from tools.teach import variants

    tests, cells, space, before = points(source(name)), code_of(source(name)), {}, {}
    variety = space_of(name).variants
    for identity, code in cells.items():
        before[identity] = dict(space)
        if variety.keys() <= before.keys():
            break  # what follows the last task with forms may train for long
        if identity not in tests and (error := run_one(code, space)):
            raise RuntimeError(f"The cell {identity} of the solution fails: {error}")
        share_all(name, space)
    found = []
    for task, forms in variety.items():
        codes = {
            form: code_of(form_of(name, variants.Drawn({}, {task: form}))) for form in ["", *forms]
        }
        for answer, asked in itertools.product(codes, codes):
            own = codes[asked] | {task: codes[answer][task]}
            errors = run_task(own, tests, task, dict(before[task]), one=answer != asked)
            found.append((task, answer, asked, errors))
    return found


def run_task(cells, tests, task, space, one=False):
    """Run the cells from a task's answer to the last of its tests; return the errors by cell.

    ``one``: the first lost test is enough, so nothing runs after it.
    """
    from tools.teach import report

    names = list(cells)
    last = max(n for n, identity in enumerate(names) if report.task(identity) == task)
    errors = {}
    for identity in names[names.index(task) : last + 1]:
        if identity in tests and report.task(identity) != task:
            continue
        if error := run_one(cells[identity], space):
            errors[identity] = error
            if one and identity in tests:
                break
    return errors


def drawn_by_seeds(name):
    """What the seeds that are tried draw: {seed: `Drawn`}."""
    from tools.teach import variants

    seeds = SEEDS.get(name, range(2001, 2011))
    return {seed: variants.draw(space_of(name), name, seed) for seed in seeds}


def run_seeds(name):
    """Run some seeds' references on their own tests, and on those of the seed before.

    Returns [(seed, errors by cell, tasks in which another form's answer lost nothing)].
    """
    drawn = drawn_by_seeds(name)
    seeds = list(drawn)
    codes = {seed: code_of(form_of(name, one)) for seed, one in drawn.items()}
    found = []
    for number, seed in enumerate(seeds):
        space, before, errors = {"__name__": "__main__"}, {}, {}
        for identity, code in codes[seed].items():
            before[identity] = dict(space)
            if error := run_one(code, space):
                errors[identity] = error
            share_all(name, space)
        other = seeds[number - 1]
        passed = []
        for task, form in drawn[seed].variants.items():
            if form != drawn[other].variants[task]:
                cells = codes[seed] | {task: codes[other][task]}
                lost = run_task(cells, points(source(name)), task, before[task], one=True)
                passed += [] if lost else [task]
        found.append((seed, errors, passed))
    return found


if __name__ == "__main__":
    runs = {"mutants": run_mutants, "alone": run_alone, "variants": run_variants}
    runs["seeds"] = run_seeds
    with contextlib.redirect_stdout(sys.stderr):
        result = runs[sys.argv[2]](sys.argv[1])
    print(json.dumps(result))
