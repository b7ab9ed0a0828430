"""Marks a class: each submission runs in a jail, several at a time, and nbgrader turns what came out into points.

Student code never runs in this process. nbgrader's own pipeline does the rest: it puts the tests back from the
source, reads the outputs, and keeps the gradebook.
"""

import asyncio
import contextlib
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader import preprocessors as steps

from . import course, runner
from .restore import Restore, restore

MENDING = [
    Restore,
    steps.ClearOutput,
    steps.DeduplicateIds,
    steps.OverwriteKernelspec,
    steps.OverwriteCells,
    steps.CheckCellMetadata,
]


class TakeOutputs(steps.NbGraderPreprocessor):
    """Stands where nbgrader would execute: takes the outputs of the run in the jail."""

    executed = {}

    def preprocess(self, nb, resources):
        """Return the executed notebook. Raises ValueError if it is not the one that nbgrader is about to mark."""
        names = resources["nbgrader"]
        ran = self.executed.pop((names["student"], names["assignment"]))
        if [cell.source for cell in ran.cells] != [cell.source for cell in nb.cells]:
            raise ValueError("The submission changed while it was marked; mark it again.")
        return ran, resources


def settings(where):
    """Return nbgrader's settings with our first step and our way to execute."""
    config = where.config()
    config.Restore.root = str(where.root)
    config.Autograde.sanitize_preprocessors = MENDING
    config.Autograde.autograde_preprocessors = [
        TakeOutputs,
        steps.IgnorePattern,
        ClearMetadataPreprocessor,
        steps.LimitOutput,
        steps.SaveAutoGrades,
        steps.AssignLatePenalties,
        steps.CheckCellMetadata,
    ]
    config.ClearMetadataPreprocessor.enabled = False
    return config


def digest(where, name, student):
    """Return a checksum of all that decides on the marks: the submission and the source."""
    total = hashlib.sha256()
    for path in (where.path("submitted", name, student), where.path("source", name)):
        total.update(path.read_bytes())
    return total.hexdigest()


def to_do(where, name, anew=False):
    """Return who handed in something that is not marked yet, or differently since."""
    return [student for student in where.students(name) if anew or not done(where, name, student)]


def done(where, name, student):
    """Return whether what came of the submission as it is now is still there; nbgrader's own buttons may remove it."""
    record = where.record(name, student)
    there = (
        record.get("status") == "unreadable" or where.path("autograded", name, student).is_file()
    )
    return there and record.get("digest") == digest(where, name, student)


def mended(where, name, student, config):
    """Return (the notebook as nbgrader is going to mark it, what had to be mended)."""
    notebook = course.read(where.path("submitted", name, student))
    _, notes = restore(notebook, where.released(name))
    url = f"sqlite:///{where.root / 'gradebook.db'}"
    resources = {
        "nbgrader": {"assignment": name, "notebook": name, "student": student, "db_url": url}
    }
    for step in MENDING:
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook, notes


def given_files(where, name, student):
    """Return the files that lie beside the notebook: the assignment's, and the student's own, without links."""
    beside = [
        *(where.root / "release" / name).iterdir(),
        *where.path("submitted", name, student).parent.iterdir(),
    ]
    return [
        path
        for path in beside
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
    ]


async def mark(where, name, limits, students, level, workers=None, say=print):
    """Mark ``students`` and return {student: record}. A submission that fails does so alone.

    ``workers``: how many run at the same time, by default one a core. ``say``: gets a line a submission.
    """
    slots, records, count = asyncio.Queue(), {}, 0
    for slot in range(workers or os.cpu_count() or 1):
        slots.put_nowait(slot)
    config = settings(where)
    hidden = [where.root, course.ASSIGNMENTS, course.ROOT / "tests"]
    # SQLite wants one writer, and nbgrader changes the working folder: one thread does all of its work.
    with ThreadPoolExecutor(1) as book:
        call = asyncio.get_running_loop().run_in_executor

        async def one(student):
            """Mark one submission, from the file to the record."""
            nonlocal count
            slot, before = await slots.get(), None
            try:
                before = digest(where, name, student)
                notebook, notes = await call(book, mended, where, name, student, config)
                files = given_files(where, name, student)
                outcome = await runner.run(notebook, level, slot, limits, hidden, files)
                outcome.reasons[:0] = notes
                await call(book, keep, where, name, student, notebook, config)
            except ValueError as error:
                outcome = runner.Outcome("unreadable", [str(error)])
            except Exception as error:  # noqa: BLE001 (one submission must not end the class)
                outcome = runner.Outcome("failed", [f"{type(error).__name__}: {error}"])
            finally:
                slots.put_nowait(slot)
            record = {**asdict(outcome), "digest": before, "level": level}
            if outcome.status == "failed":
                record.pop("digest")  # the fault may be ours: the next run tries again
            await call(book, where.note, name, student, record)
            records[student] = record
            count += 1
            reasons = f": {'; '.join(outcome.reasons)}" if outcome.reasons else ""
            say(
                f"[{count}/{len(students)}] {student}: {outcome.status} in {outcome.seconds:.1f} s{reasons}"
            )

        await asyncio.gather(*map(one, students))
    return records


def keep(where, name, student, notebook, config):
    """Let nbgrader mark the executed ``notebook`` into `autograded/` and the gradebook, or raise RuntimeError."""
    for cell in notebook.cells:
        # nbgrader counts a warning in a test cell as a failure, and a result there as the points.
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
    nbformat.validate(notebook)
    TakeOutputs.executed[(student, name)] = notebook
    with contextlib.redirect_stdout(io.StringIO()):
        answer = where.nbgrader(config).autograde(name, student, force=True, create=True)
    if not answer["success"]:
        raise RuntimeError(
            (answer.get("log") or answer.get("error") or "nbgrader gave no reason").strip()[-500:]
        )


def with_limits(limits, **changes):
    """Return ``limits`` with the ``changes`` that are not None."""
    return replace(limits, **{name: value for name, value in changes.items() if value is not None})
