"""What comes out at the end: CSV files for the teacher, and a page for each student.

nbgrader's own feedback shows hidden tests, by their source and in tracebacks. Ours does not.
"""

import contextlib
import html
import re

from nbgrader import preprocessors as steps
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback

from . import course, index, leaks, receipt, sheets
from .pages import sealed

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


def feedback(where, name, partial=False, people=None):
    """Write `feedback/STUDENT/NAME/NAME.html` for each marked student.

    Returns ({student: path}, {student: why there is no page}). No page shows a hidden test.
    ``partial``: also while answers are unread, which the page then says; without it ValueError.
    ``people``: the roster's rows.
    """
    unread = waiting(where, name)
    refuse_unread(unread, partial)
    config = where.config()
    usual = GenerateFeedback.preprocessors.default_args[0]
    config.GenerateFeedback.preprocessors = [HideTests, *usual]
    due = receipt.due_of(where, name, people)
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
            text = sealed(page.read_text(encoding="utf-8"))
            plain = re.sub(r"<[^>]+>", "", html.unescape(text))
            # The tests that ran, which need not be those that the course has now.
            secrets = leaks.secrets_of(course.read(where.own("source", name, student))).items()
            secrets = {text: what for text, what in secrets if what.startswith("a hidden test")}
            found = [said for said in leaks.in_text(plain, secrets) if said.startswith("shows")]
            if found:
                raise ValueError(f"it {', '.join(found)}, and was removed")
            came = receipt.lateness(where, name, student, due)
            text = index.written(text, entries(where, name, student), came)
            page.write_text(text, encoding="utf-8")
        except (ValueError, RuntimeError, OSError) as error:
            page.unlink(missing_ok=True)
            reasons[student] = str(error)
        else:
            pages[student] = page
    return pages, reasons


def entries(where, name, student):
    """Return what the index of a student's page lists, cell by cell, as `index.Entry`."""
    titles = index.titles(where.released(name, student))
    with where.gradebook() as book:
        notebook = book.find_submission_notebook(name, name, student)
        grades = {grade.name: grade for grade in notebook.grades}
        said = {comment.name for comment in notebook.comments if comment.comment}
        return [
            index.Entry(
                cell,
                title,
                None if unread(grades[cell]) else grades[cell].score,
                grades[cell].max_score,
                kind,
                cell in said,
            )
            for cell, (title, kind) in titles.items()
            if cell in grades
        ]


def unread(grade):
    """Return whether a person has to read the answer before it has points."""
    return grade.needs_manual_grade and grade.manual_score is None


def waiting(where, name):
    """Return {student: the cells whose answers nobody has read yet} of what is marked."""
    found = {}
    with where.gradebook() as book:
        for student in where.students(name):
            if where.record(name, student).get("status") in (None, *NO_POINTS):
                continue
            with contextlib.suppress(MissingEntry):
                grades = book.find_submission_notebook(name, name, student).grades
                cells = [grade.name for grade in grades if unread(grade)]
                found |= {student: sorted(cells)} if cells else {}
    return found


def refuse_unread(unread, partial):
    """Raise ValueError with who and what waits for a reader, unless that is accepted."""
    if unread and not partial:
        lines = "\n".join(f"  {student}: {', '.join(cells)}" for student, cells in unread.items())
        raise ValueError(
            f"Nothing was written, since answers of {len(unread)} students are not read yet:\n"
            f"{lines}\nRead them (`answers` and `points`, or the Formgrader), or say --partial."
        )


def task(grade_id):
    """Return the task that a cell belongs to: `ps1_value` for `ps1_value_2_hidden`."""
    return re.sub(r"_\d+(_hidden)?$", "", grade_id)


def rows(where, name, students=(), people=None):
    """Return (columns, one dictionary per student).

    A row has the points of each task, their sum, what there was to get, status and reason, when the
    hand-in was received, how late, and a note. A task that waits for a reader has an empty field.
    ``students``: further ids, from a roster; ``people``: the roster's rows.
    """
    handed_in = where.students(name)
    due = receipt.due_of(where, name, people)
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
            row["received"], row["late"], row["note"] = receipt.lateness(where, name, student, due)
            with contextlib.suppress(MissingEntry):
                if record.get("status") not in (None, *NO_POINTS):
                    row |= points(book.find_submission_notebook(name, name, student).grades)
            table.append(row)
    return ["student", *tasks, *"points of status reason received late note".split()], table


def points(grades):
    """Return the points of each task, and their sum.

    A task of which a part waits for its reader has no points yet.
    """
    parts = {}
    for grade in grades:
        parts.setdefault(task(grade.name), []).append(None if unread(grade) else grade.score)
    found = {name: "" if None in scores else f"{sum(scores):g}" for name, scores in parts.items()}
    total = sum(score or 0 for scores in parts.values() for score in scores)
    return found | {"points": f"{total:g}"}


def export(where, name, path, students=(), partial=False, people=None):
    """Write the CSV file ``path`` and return its rows.

    Raises ValueError while answers are unread, unless ``partial``; then their rows' notes say so.
    """
    unread = waiting(where, name)
    refuse_unread(unread, partial)
    columns, table = rows(where, name, students, people)
    for row in table:
        cells = unread.get(row["student"])
        said = [f"partial: not read yet: {', '.join(cells)}"] if cells else []
        row["note"] = "; ".join([*said, *filter(None, [row["note"]])])
    sheets.write(path, columns, table)
    return table
