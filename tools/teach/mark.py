"""Marks a class: each submission runs in a sandbox, several at a time, and nbgrader counts points.

Student code never runs in this process. nbgrader's own pipeline does the rest: it puts the tests
back from the source, reads the outputs, and keeps the gradebook.
"""

import asyncio
import codecs
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader import preprocessors as steps
from traitlets import Unicode

from . import answers, collect, course, pages, receipt, runner, sandbox
from .restore import Restore, restore

MANY = 1000  # files beside a hand-in


class RestoreOwn(Restore):
    """nbgrader's first step of marking: `restore`, in the shape of the student's own release."""

    def preprocess(self, nb, resources):
        """Return the restored notebook."""
        names = resources["nbgrader"]
        released = course.Course(self.root).released(names["assignment"], names["student"])
        return restore(nb, released)[0], resources


class OwnCells(steps.NbGraderPreprocessor):
    """Puts the student's own tests where nbgrader, which knows one notebook, put the class's."""

    root = Unicode("", help="the class folder").tag(config=True)

    def preprocess(self, nb, resources):
        """Return the notebook with the cells of the student's own source, where there is one."""
        where, names = course.Course(self.root), resources["nbgrader"]
        name, student = names["assignment"], names["student"]
        if where.own("source", name, student) == where.path("source", name):
            return nb, resources
        tests = course.read(where.own("source", name, student)).cells
        own = {course.grade_id(cell): cell for cell in tests}
        given = {course.grade_id(cell): cell for cell in where.released(name, student).cells}
        for cell in nb.cells:
            marks = course.grader(cell)
            if marks.get("solution"):
                # By this nbgrader knows an answer that was not touched.
                marks["checksum"] = course.grader(given[course.grade_id(cell)])["checksum"]
            elif marks.get("locked") or marks.get("grade"):
                cell.source = own[course.grade_id(cell)].source
        return nb, resources


MENDING = [
    RestoreOwn,
    steps.ClearOutput,
    steps.DeduplicateIds,
    steps.OverwriteKernelspec,
    steps.OverwriteCells,
    OwnCells,
    steps.CheckCellMetadata,
]


class TakeOutputs(steps.NbGraderPreprocessor):
    """Takes the outputs of the run in the sandbox, where nbgrader would execute the notebook."""

    executed = {}

    def preprocess(self, nb, resources):
        """Return the executed notebook, if it is the one that nbgrader is about to mark."""
        names = resources["nbgrader"]
        ran = self.executed.pop((names["student"], names["assignment"]))
        if [cell.source for cell in ran.cells] != [cell.source for cell in nb.cells]:
            raise ValueError("The submission changed while it was marked; mark it again.")
        return ran, resources


def settings(where):
    """Return nbgrader's settings with our first step and our way to execute."""
    config = where.config()
    config.Restore.root = config.OwnCells.root = str(where.root)
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
    """Return a hash of all that decides on the marks: the submission and the source."""
    own = where.path("submitted", name, student)
    found = sorted(p for p in own.parent.iterdir() if p.name != "timestamp.txt")
    files = [*found, where.own("source", name, student)]
    files.sort(key=lambda path: path != own)
    contents = [contents_of(path) for path in files if collect.is_file(path)]
    return hashlib.sha256(b"".join(contents)).hexdigest()


def contents_of(path):
    """Return what is in a file; of one that is too large for any use, what it is."""
    held = path.stat()
    if held.st_size > collect.LARGE:
        return f"{path.name} {held.st_size} {held.st_mtime_ns}".encode()
    return path.read_bytes()


def drop_what_is_no_file(own):
    """Take links, pipes and the like from beside the notebook ``own``; return a sentence on each.

    nbgrader copies what lies there, and follows links: to the gradebook, for instance. Raises
    ValueError if the folder itself is one, or a file too large to be copied.
    """
    notes = []
    folder = own.parent
    if folder.is_symlink():
        raise ValueError(f"its folder {folder.name} is a link")
    there = collect.below(folder)
    if len(there) > MANY:
        raise ValueError(f"{len(there)} files lie beside it: take away those that it does not need")
    for path in there:
        shown = course.printable(str(path.relative_to(folder)))
        if path.is_dir() and not path.is_symlink():
            raise ValueError(f"beside it are folders in too many folders: {shown}")
        if collect.is_file(path) and path.stat().st_size > collect.LARGE:
            mb = collect.LARGE // sandbox.MB
            raise ValueError(f"{shown} has more than {mb} MB: take it away")
        if not collect.is_file(path) and path != own:
            path.unlink()
            notes.append(f"{shown} was no file, but a link or the like")
        elif shown != str(path.relative_to(folder)):
            named = os.fsencode(path.name).decode("utf-8", "replace")
            path.rename(path.with_name(course.printable(named)))  # nbgrader stumbles over it
    stamp = folder / "timestamp.txt"
    if stamp.is_dir():
        shutil.rmtree(stamp)
    elif stamp.exists() and not receipt.stamped(stamp):
        stamp.unlink()  # nbgrader would end over it
        notes.append("its timestamp.txt says no time")
    return notes


def to_do(where, name, anew=False):
    """Return the students whose submission is not marked yet, or has changed since."""
    return [student for student in where.students(name) if anew or not done(where, name, student)]


def done(where, name, student):
    """Return whether the submission as it is now was marked, and the result is still there.

    nbgrader's own buttons may remove the result.
    """
    record = where.record(name, student)
    there = where.path("autograded", name, student).is_file()
    there = there or record.get("status") == "unreadable"
    return there and record.get("digest") == digest(where, name, student)


def mended(where, name, student, config):
    """Return (the notebook as nbgrader is going to mark it, what had to be mended)."""
    notebook = course.read(where.path("submitted", name, student))
    _, notes = restore(notebook, where.released(name, student))
    resources = {"assignment": name, "notebook": name, "student": student, "db_url": where.book}
    resources = {"nbgrader": resources}
    for step in MENDING:
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook, notes


def given_files(where, name, student):
    """Return the files beside the notebook, the assignment's and the student's, without links."""
    notebooks = where.path("release", name), where.path("submitted", name, student)
    return [path for notebook in notebooks for path in collect.beside(notebook)]


def settle(where, name, student):
    """Give the notebook that counts its name, and return notes on others beside it.

    On a hub students hand in a folder, with copies, or with a notebook of another name. Raises
    ValueError if it is not clear which one counts.
    """
    own = where.path("submitted", name, student)
    if collect.is_file(own) and own.read_bytes().startswith(codecs.BOM_UTF8):
        own.write_bytes(own.read_bytes().removeprefix(codecs.BOM_UTF8))  # nbgrader stumbles over it
    there = sorted(own.parent.iterdir())
    notebooks = [path for path in there if collect.is_notebook(path)]
    if notebooks == [own]:
        return []
    counts, reasons = collect.choose(notebooks, name, where.released(name, student), own.name)
    if counts is None and own not in notebooks:
        names = ", ".join(path.name for path in there)
        reason = f"which file counts is not clear ({names}): call it {own.name} in {own.parent}"
        raise ValueError(reason)
    if counts not in (None, own):
        if own in notebooks:
            own.replace(own.with_name(f"{name} as it was.ipynb"))
        shutil.copyfile(counts, own)
        return settle(where, name, student)
    left = [path.name for path, reason in reasons.items() if reason and path != own]
    return [f"not marked: {', '.join(left)}, which lies beside it"] if left else []


async def mark(where, name, limits, students, level, workers=None, say=print):
    """Mark submissions and return {student: record}. A submission that fails does so alone.

    Args:
        where: the `Course`.
        name: the assignment.
        limits: the `Limits` of one submission.
        students: whose submissions to mark.
        level: `confined` or `unconfined`, as in `runner.run`.
        workers: how many run at the same time, by default one per core.
        say: gets one line for each submission.
    """
    slots = asyncio.Queue()
    for slot in range(min(workers or os.cpu_count() or 1, 128)):  # the sandbox has 128 users
        slots.put_nowait(slot)
    records = {}
    # SQLite wants one writer, and nbgrader changes the working folder: one thread does its work.
    with ThreadPoolExecutor(1) as thread:
        in_thread = partial(asyncio.get_running_loop().run_in_executor, thread)

        async def one(student):
            """Mark one submission, when one of the workers is free."""
            slot = await slots.get()
            run = partial(runner.run, level=level, slot=slot, limits=limits)
            try:
                outcome, before = await attempt(where, name, student, run, in_thread)
            finally:
                slots.put_nowait(slot)
            record = {**asdict(outcome), "digest": before, "level": level}
            await in_thread(where.note, name, student, record)
            records[student] = record
            reasons = f": {'; '.join(outcome.reasons)}" if outcome.reasons else ""
            result = f"{student}: {outcome.status} in {outcome.seconds:.1f} s{reasons}"
            say(f"[{len(records)}/{len(students)}] {result}")

        await asyncio.gather(*map(one, students))
    return records


async def attempt(where, name, student, run, in_thread):
    """Run and mark one submission; return (its `Outcome`, the hash of what was marked).

    ``run`` runs a notebook with files beside it; ``in_thread`` calls a function in nbgrader's
    thread. The hash is None where the next run has to try again.
    """
    config = settings(where)
    before = None
    try:
        before = digest(where, name, student)
        beside = drop_what_is_no_file(where.path("submitted", name, student))
        beside += settle(where, name, student)
        before = digest(where, name, student)
        notebook, notes = await in_thread(mended, where, name, student, config)
        outcome = await run(notebook, files=given_files(where, name, student))
        outcome.reasons[:0] = beside + notes
        outcome.reasons += await in_thread(answers.changed, where, name, student, notebook)
        await in_thread(keep, where, name, student, notebook, config)
    except ValueError as error:
        return runner.Outcome("unreadable", [str(error)]), before
    except Exception as error:  # noqa: BLE001 (one submission must not end the class)
        return runner.Outcome("failed", [f"{type(error).__name__}: {error}"]), None
    return outcome, before


def keep(where, name, student, notebook, config):
    """Let nbgrader mark the executed notebook into `autograded/` and the gradebook."""
    for cell in notebook.cells:
        # nbgrader counts a warning in a test cell as a failure, and a result there as the points.
        if cell.cell_type == "code" and course.grader(cell).get("grade"):
            cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
        elif cell.cell_type == "code":
            cell.outputs = pages.printed(cell.outputs)
            cell.execution_count = None
    nbformat.validate(notebook)
    TakeOutputs.executed[(student, name)] = notebook
    where.nbgrader("autograde", name, student, config=config, create=True)
