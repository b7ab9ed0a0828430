"""From the teacher's source to the notebook that students get. Uses nbgrader; refuses what leaks."""

import contextlib
import shutil

from nbgrader.api import MissingEntry

from . import course, leaks

MADE = ("source", "release", "handed_out")


def release(where, name):
    """Make `release/NAME` and `handed_out/NAME` in the class folder and return the path of the latter.

    The cells to mark go into nbgrader's gradebook, tests and all. Raises ValueError, with each place named, if
    anything of the solution, the hidden tests or the rubric would leave, or if cells were added or removed after
    students' work was marked. Then nothing is handed out, and an earlier release stays as it was.
    """
    source = where.source(name)
    problems = leaks.in_source(course.read(source))
    if problems:
        raise ValueError(refusal(name, problems))
    where.make()
    refuse_new_cells(where, name)
    with undone_on_failure([where.root / kind / name for kind in MADE]):
        ignored = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        shutil.copytree(source.parent, where.root / "source" / name, ignore=ignored)
        answer = where.nbgrader().generate_assignment(name, force=True)
        if not answer["success"]:
            raise ValueError(
                f"nbgrader could not release {name}:\n{answer.get('log') or answer.get('error')}"
            )
        problems = leaks.in_folder(where.root / "release" / name, leaks.secrets_in(name, where))
        if problems:
            raise ValueError(refusal(name, problems))
        return shutil.copytree(where.root / "release" / name, where.root / "handed_out" / name)


def refuse_new_cells(where, name):
    """Raise ValueError if the gradebook has marks for other cells than the source has now; nbgrader cannot mix them."""
    cells = course.read(where.source(name)).cells
    kinds = ("grade", "solution", "task", "locked")
    booked = {
        course.grade_id(c)
        for c in cells
        if any(c.metadata.get("nbgrader", {}).get(kind) for kind in kinds)
    }
    with where.gradebook() as book, contextlib.suppress(MissingEntry):
        found = book.find_notebook(name, name)
        cells = [*found.grade_cells, *found.solution_cells, *found.task_cells, *found.source_cells]
        changed = sorted({cell.name for cell in cells} ^ booked)
        if changed and book.assignment_submissions(name):
            raise ValueError(
                f"{name} was not released: students' work is marked already, and {', '.join(changed)} would be added "
                "or removed. Change cells in place, or release it in a new class folder."
            )


@contextlib.contextmanager
def undone_on_failure(folders):
    """Move ``folders`` aside; bring them back if the block fails, and remove them if it does not."""
    aside = {folder: folder.with_name(f".{folder.name}.before") for folder in folders}
    for folder, before in aside.items():
        shutil.rmtree(before, ignore_errors=True)
        if folder.exists():
            folder.rename(before)
    try:
        yield
    except BaseException:
        for folder, before in aside.items():
            shutil.rmtree(folder, ignore_errors=True)
            if before.exists():
                before.rename(folder)
        raise
    for before in aside.values():
        shutil.rmtree(before, ignore_errors=True)


def refusal(name, problems):
    """Return the sentence that refuses a release, with its reasons."""
    return f"{name} was not released, since something would leak:\n" + "\n".join(
        f"  {text}" for text in problems
    )
