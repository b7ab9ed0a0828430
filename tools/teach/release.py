"""From the teacher's source to the notebook that students get. Refuses what leaks."""

import contextlib
import copy
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader import preprocessors as steps
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment

from . import course, leaks, variants

IGNORED = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
# Done for the class, whose cells have the same metadata: the gradebook, and a slow look at these.
OF_THE_CLASS = (steps.SaveCells, steps.InstantiateTests, steps.CheckCellMetadata)


@dataclass(frozen=True)
class Form:
    """An assignment as it is going to be released: what was drawn, the source, the rubric."""

    drawn: variants.Drawn | None
    notebook: nbformat.NotebookNode
    rubric: str


def release(where, name, seed=None, students=None):
    """Make `release/NAME` and `handed_out/NAME` in the class folder; return the path of the latter.

    The cells to mark go into nbgrader's gradebook, with their tests. Raises ValueError, with each
    place named, if anything of the solution, the hidden tests or the rubric would leak, or if cells
    were added or removed after students' work was marked, or another seed given. Then nothing is
    handed out, and an earlier release stays as it was.

    Args:
        where: the `Course`.
        name: the assignment.
        seed: draws numbers and a variant of each task; by default all is as in the source.
        students: ids of those who get a notebook of their own each, in `handed_out/NAME/STUDENT/`.
            Whoever got one with this seed before keeps it.
    """
    earlier = variants.record_of(where, name)
    if students is not None and earlier.get("seed") == seed:
        students = {*students, *earlier.get("students", ())}
    forms = forms_of(where, name, seed, students)
    for form in forms.values():
        refuse(name, leaks.in_source(form.notebook))
    where.make()
    refuse_new_cells(where, name)
    refuse_other_seed(where, name, earlier, seed, students is not None)
    own = {student: form for student, form in forms.items() if student}
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        shutil.copytree(where.source(name).parent, made / "source" / name, ignore=IGNORED)
        if seed is not None:
            nbformat.write(forms[""].notebook, made / "source" / name / f"{name}.ipynb")
        generate(where, name, made)
        refuse(name, leaks.in_folder(made / "release" / name, secrets_of(forms[""])))
        shutil.copytree(made / "release" / name, made / "handed_out" / name)
        for student, form in own.items():
            make_own(where, name, made, student, form)
        for kind in ("source", "release", "handed_out", "variants"):
            shutil.rmtree(where.root / kind / name, ignore_errors=True)
            if (made / kind / name).is_dir():
                shutil.copytree(made / kind / name, where.root / kind / name)
    note(where, name, seed, forms, students is not None)
    return where.root / "handed_out" / name


def note(where, name, seed, forms, per_student):
    """Keep for the teacher what was drawn, and the rubric that fits it."""
    drawn = {student: form.drawn for student, form in forms.items()}
    variants.note(where, name, variants.recorded(seed, drawn, per_student))
    rubric = where.root / "variants" / f"{name}.md"
    rubric.unlink(missing_ok=True)
    if seed is not None and not per_student:
        rubric.write_text(forms[""].rubric, encoding="utf-8")


def forms_of(where, name, seed, students):
    """Return {student, or empty for the class: `Form`}."""
    notebook, rubric = course.read(where.source(name)), where.rubric(name)
    if seed is None:
        return {"": Form(None, notebook, rubric)}
    space = variants.read_space(where, name)
    forms = {}
    for student in ["", *sorted(students or ())]:
        drawn = variants.draw(space, name, seed, student)
        forms[student] = Form(drawn, *variants.varied(notebook, rubric, space, drawn))
    return forms


def secrets_of(form):
    """Return what must stay with the teacher of one form."""
    return leaks.secrets_of(form.notebook, form.rubric)


def generate(where, name, made):
    """Let nbgrader make `release/NAME` from `source/NAME` in the folder ``made``."""
    config = where.config()
    config.CourseDirectory.root = str(made)
    where.nbgrader("generate_assignment", name, config=config)


def make_own(where, name, made, student, form):
    """Put a student's own notebook into the folder ``made``: to hand out, and to mark by."""
    if made.joinpath("handed_out", name, f"{name}.ipynb").is_file():
        shutil.rmtree(made / "handed_out" / name)
    given = made / "handed_out" / name / student
    shutil.copytree(made / "release" / name, given)
    kept = made / "variants" / name / student
    kept.mkdir(parents=True)
    nbformat.write(form.notebook, kept / "source.ipynb")
    nbformat.write(without_secrets(where, form.notebook), kept / "release.ipynb")
    (kept / "rubric.md").write_text(form.rubric, encoding="utf-8")
    shutil.copyfile(kept / "release.ipynb", given / f"{name}.ipynb")
    found = leaks.in_folder(given, secrets_of(form))
    refuse(name, [f"{student}, {text}" for text in found])


def without_secrets(where, notebook):
    """Return what nbgrader's `generate_assignment` makes of ``notebook``."""
    notebook = copy.deepcopy(notebook)  # its steps work in place
    config, resources = where.config(), {"nbgrader": {}}
    for step in GenerateAssignment.preprocessors.default_args[0]:
        if step not in OF_THE_CLASS:
            notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook


def refuse_new_cells(where, name):
    """Raise ValueError if nbgrader has marks for other cells than the source has now."""
    cells = course.read(where.source(name)).cells
    kinds = ("grade", "solution", "task", "locked")
    marked = [cell for cell in cells if any(course.grader(cell).get(kind) for kind in kinds)]
    with where.gradebook() as book, contextlib.suppress(MissingEntry):
        found = book.find_notebook(name, name)
        known = [found.grade_cells, found.solution_cells, found.task_cells, found.source_cells]
        known = {cell.name for kind in known for cell in kind}
        changed = sorted(known ^ {course.grade_id(cell) for cell in marked})
        if changed and book.assignment_submissions(name):
            raise ValueError(
                f"{name} was not released: students' work is marked already, and "
                f"{', '.join(changed)} would be added or removed. Change cells in place, or "
                "release it in a new class folder."
            )


def refuse_other_seed(where, name, earlier, seed, per_student):
    """Raise ValueError if work is there, collected or marked, of a release of another seed."""
    before = earlier.get("seed"), earlier.get("per_student", False)
    if before == (seed, per_student) or not where.path("release", name).is_file():
        return
    there = bool(where.students(name))
    with where.gradebook() as book, contextlib.suppress(MissingEntry):
        there = there or bool(book.assignment_submissions(name))
    if there:
        raise ValueError(
            f"{name} was not released: students' work is there already, of a release "
            f"{words(*before)}; one {words(seed, per_student)} would ask for other answers. "
            "Release it as before, or in a new class folder."
        )


def words(seed, per_student):
    """Return how a release is asked for."""
    return f"with --seed {seed}{' --per-student' * per_student}" if seed else "without --seed"


def refuse(name, problems):
    """Raise ValueError with the ``problems`` of a release, if there are any."""
    if problems:
        reasons = "\n".join(f"  {text}" for text in problems)
        raise ValueError(f"{name} was not released, since something would leak:\n{reasons}")
