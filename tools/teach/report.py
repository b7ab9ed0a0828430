"""What comes out at the end: a CSV file for the teacher, a page for each student. Reads nbgrader's gradebook.

nbgrader's own feedback shows hidden tests, by their source and in tracebacks. Ours does not.
"""

import contextlib
import csv
import html
import io
import re
from pathlib import Path

from nbgrader import preprocessors as steps
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback

from . import leaks


class HideTests(steps.NbGraderPreprocessor):
    """Takes hidden tests out of a marked notebook, and of a failed test all but its last line."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Return the cell as its student may see it."""
        cell.source = re.sub(
            r"(?ms)^[ \t]*### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS[^\n]*\n?|\Z)",
            "",
            cell.source,
        )
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            errors = [output for output in cell.outputs if output.output_type == "error"]
            for output in errors:
                output.traceback = [f"{output.ename}: {output.evalue}"]
            cell.outputs = errors
        return cell, resources


def feedback(where, name):
    """Write `feedback/STUDENT/NAME/NAME.html` for each marked student and return the paths.

    Raises ValueError if a page would show a hidden test; then no page is left.
    """
    config = where.config()
    config.GenerateFeedback.preprocessors = [
        HideTests,
        *GenerateFeedback.preprocessors.default_args[0],
    ]
    secrets = {
        text: what
        for text, what in leaks.secrets_in(name, where).items()
        if what.startswith("a hidden test")
    }
    pages = []
    for student in marked(where, name):
        with contextlib.redirect_stdout(io.StringIO()):
            answer = where.nbgrader(config).generate_feedback(name, student, force=True)
        if not answer["success"]:
            reason = answer.get("log") or answer.get("error")
            raise RuntimeError(f"nbgrader could not write the feedback of {student}:\n{reason}")
        page = where.root / "feedback" / student / name / f"{name}.html"
        text = re.sub(r"<[^>]+>", "", html.unescape(page.read_text(encoding="utf-8")))
        found = [
            sentence for sentence in leaks.in_text(text, secrets) if sentence.startswith("shows")
        ]
        if found:
            page.unlink()
            raise ValueError(f"The feedback of {student} {', '.join(found)}; no page was left.")
        pages.append(page)
    return pages


def marked(where, name):
    """Return whose submission is in the gradebook, sorted."""
    with where.gradebook() as book, contextlib.suppress(MissingEntry):
        return sorted(
            one.student.id
            for one in book.assignment_submissions(name)
            if autograded(where, name, one)
        )
    return []


def autograded(where, name, submission):
    """Return whether nbgrader has marked the submission to its end."""
    return where.path("autograded", name, submission.student.id).is_file()


def task(grade_id):
    """Return the task that a cell belongs to: `ps1_value` for `ps1_value_2`."""
    return re.sub(r"_\d+$", "", grade_id)


def rows(where, name, students=()):
    """Return (columns, one dictionary a student): points a task, their sum, what there was to get, status, reason.

    A task that waits for a reader has an empty field. ``students``: further ids, from a roster.
    """
    with where.gradebook() as book:
        cells = [
            grade
            for notebook in book.find_assignment(name).notebooks
            for grade in notebook.grade_cells
        ]
        tasks = list(dict.fromkeys(task(cell.name) for cell in cells))
        most = sum(cell.max_score for cell in cells)
        table = {}
        for student in sorted({*students, *where.students(name)}):
            record = where.record(name, student)
            row = {"student": student, **dict.fromkeys(tasks, ""), "points": "", "of": f"{most:g}"}
            row |= {
                "status": record.get(
                    "status",
                    "not marked" if record or student in where.students(name) else "no hand-in",
                )
            }
            row |= {"reason": "; ".join(record.get("reasons", []))}
            with contextlib.suppress(MissingEntry):
                if record.get("status") not in (None, "unreadable", "failed"):
                    row |= points(book.find_submission_notebook(name, name, student).grades)
            table[student] = row
    return ["student", *tasks, "points", "of", "status", "reason"], list(table.values())


def points(grades):
    """Return points a task, and their sum; a task of which a part waits for its reader has none yet."""
    parts = {}
    for grade in grades:
        waits = grade.needs_manual_grade and grade.manual_score is None
        parts.setdefault(task(grade.name), []).append(None if waits else grade.score)
    found = {name: "" if None in scores else f"{sum(scores):g}" for name, scores in parts.items()}
    return found | {
        "points": f"{sum(score or 0 for scores in parts.values() for score in scores):g}"
    }


def export(where, name, path, students=()):
    """Write the CSV file ``path`` and return its rows."""
    columns, table = rows(where, name, students)
    path = Path(path)
    aside = path.with_name(path.name + ".tmp")
    with open(aside, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        # A spreadsheet takes a field that begins with one of these signs for a formula.
        writer.writerows(
            {k: f"'{v}" if str(v)[:1] in "=+@-" and v else v for k, v in row.items()}
            for row in table
        )
    aside.replace(path)
    return table
