"""What comes out at the end: a CSV file for the teacher, and a page for each student.

nbgrader's own feedback shows hidden tests, by their source and in tracebacks. Ours does not.
"""

import contextlib
import csv
import html
import re
from pathlib import Path

from nbgrader import preprocessors as steps
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback

from . import course, leaks

HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS[^\n]*\n?|\Z)", re.MULTILINE | re.DOTALL
)

NO_POINTS = ("unreadable", "failed")


class HideTests(steps.NbGraderPreprocessor):
    """Takes hidden tests out of a marked notebook, and of a failed test all but its last line."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Return the cell as its student may see it."""
        cell.source = HIDDEN.sub("", cell.source)
        if cell.cell_type == "code" and course.grader(cell).get("grade"):
            cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
            for output in cell.outputs:
                output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


def feedback(where, name):
    """Write `feedback/STUDENT/NAME/NAME.html` for each marked student.

    Returns ({student: path}, {student: why there is no page}). No page shows a hidden test.
    """
    config = where.config()
    usual = GenerateFeedback.preprocessors.default_args[0]
    config.GenerateFeedback.preprocessors = [HideTests, *usual]
    pages = {}
    reasons = {}
    for student in where.students(name):
        status = where.record(name, student).get("status", "not marked yet")
        page = where.path("feedback", name, student).with_suffix(".html")
        if status in NO_POINTS or not where.path("autograded", name, student).is_file():
            reasons[student] = status
            continue
        try:
            where.nbgrader("generate_feedback", name, student, config=config)
            text = re.sub(r"<[^>]+>", "", html.unescape(page.read_text(encoding="utf-8")))
            # The tests that ran, which need not be those that the course has now.
            secrets = leaks.secrets_of(course.read(where.own("source", name, student))).items()
            secrets = {text: what for text, what in secrets if what.startswith("a hidden test")}
            found = [said for said in leaks.in_text(text, secrets) if said.startswith("shows")]
            if found:
                page.unlink()
                raise ValueError(f"it {', '.join(found)}, and was removed")
        except (ValueError, RuntimeError, OSError) as error:
            reasons[student] = str(error)
        else:
            pages[student] = page
    return pages, reasons


def task(grade_id):
    """Return the task that a cell belongs to: `ps1_value` for `ps1_value_2_hidden`."""
    return re.sub(r"_\d+(_hidden)?$", "", grade_id)


def rows(where, name, students=()):
    """Return (columns, one dictionary per student).

    A row has the points of each task, their sum, what there was to get, status and reason. A task
    that waits for a reader has an empty field. ``students``: further ids, from a roster.
    """
    handed_in = where.students(name)
    with where.gradebook() as book:
        notebooks = book.find_assignment(name).notebooks
        cells = [grade for notebook in notebooks for grade in notebook.grade_cells]
        tasks = list(dict.fromkeys(task(cell.name) for cell in cells))
        most = sum(cell.max_score for cell in cells)
        table = []
        for student in sorted({*students, *handed_in}):
            record = where.record(name, student)
            usual = "not marked" if record or student in handed_in else "no hand-in"
            row = {"student": student, **dict.fromkeys(tasks, ""), "points": "", "of": f"{most:g}"}
            row["status"] = record.get("status", usual)
            row["reason"] = "; ".join(record.get("reasons", []))
            with contextlib.suppress(MissingEntry):
                if record.get("status") not in (None, *NO_POINTS):
                    row |= points(book.find_submission_notebook(name, name, student).grades)
            table.append(row)
    return ["student", *tasks, "points", "of", "status", "reason"], table


def points(grades):
    """Return the points of each task, and their sum.

    A task of which a part waits for its reader has no points yet.
    """
    parts = {}
    for grade in grades:
        waits = grade.needs_manual_grade and grade.manual_score is None
        parts.setdefault(task(grade.name), []).append(None if waits else grade.score)
    found = {name: "" if None in scores else f"{sum(scores):g}" for name, scores in parts.items()}
    total = sum(score or 0 for scores in parts.values() for score in scores)
    return found | {"points": f"{total:g}"}


def export(where, name, path, students=()):
    """Write the CSV file ``path`` and return its rows."""
    columns, table = rows(where, name, students)
    path = Path(path)
    unfinished = path.with_name(path.name + ".tmp")
    with open(unfinished, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in table:
            # A spreadsheet takes a field that begins with one of these signs for a formula.
            formulas = {key: f"'{text}" for key, text in row.items() if text[:1] in tuple("=+@-")}
            writer.writerow(row | formulas)
    unfinished.replace(path)
    return table
