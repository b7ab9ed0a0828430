"""From the teacher's source to the notebook that students get. Refuses what leaks."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from nbgrader.api import MissingEntry

from . import course, leaks


def release(where, name):
    """Make `release/NAME` and `handed_out/NAME` in the class folder; return the path of the latter.

    The cells to mark go into nbgrader's gradebook, with their tests. Raises ValueError, with each
    place named, if anything of the solution, the hidden tests or the rubric would leak, or if cells
    were added or removed after students' work was marked. Then nothing is handed out, and an
    earlier release stays as it was.
    """
    source = where.source(name)
    refuse(name, leaks.in_source(course.read(source)))
    where.make()
    refuse_new_cells(where, name)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        ignored = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        shutil.copytree(source.parent, made / "source" / name, ignore=ignored)
        config = where.config()
        config.CourseDirectory.root = folder
        where.nbgrader("generate_assignment", name, config=config)
        refuse(name, leaks.in_folder(made / "release" / name, leaks.secrets_in(name, where)))
        for kind in ("source", "release", "handed_out"):
            shutil.rmtree(where.root / kind / name, ignore_errors=True)
            origin = made / ("source" if kind == "source" else "release") / name
            shutil.copytree(origin, where.root / kind / name)
    return where.root / "handed_out" / name


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


def refuse(name, problems):
    """Raise ValueError with the ``problems`` of a release, if there are any."""
    if problems:
        reasons = "\n".join(f"  {text}" for text in problems)
        raise ValueError(f"{name} was not released, since something would leak:\n{reasons}")
