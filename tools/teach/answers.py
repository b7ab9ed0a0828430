"""The open answers of a class out to one CSV file, and the points for them back in.

The points and comments are those of nbgrader's Formgrader: the same fields of the same gradebook.
"""

import contextlib
import re

from nbgrader.api import MissingEntry

from . import course, report, sheets

WRITTEN = 30_000  # letters of an answer: a spreadsheet has room for 32,767
COMPARED = 15_000  # letters and digits among these


def rows(where, name):
    """Return one dictionary for each open answer that is marked, by task and student.

    ``points`` is empty for one that nobody has read.
    """
    found = []
    with where.gradebook() as book:
        for student, task, grade, comment in open_grades(where, name, book):
            points = "" if report.unread(grade) else f"{grade.score:g}"
            said = comment.manual_comment or ""
            most = f"{grade.max_score:g}"
            row = (student, task, most, answer(where, name, student, task), points, said)
            found.append(dict(zip(sheets.ANSWERS, row, strict=True)))
    return sorted(found, key=lambda row: (row["task"], row["student"]))


def open_grades(where, name, book, students=None):
    """Yield (student, task, grade, comment) of nbgrader's book for each open answer.

    ``students``: whose answers, by default all.
    """
    tasks = [cell for cell in where.released(name).cells if course.grader(cell).get("solution")]
    tasks = [course.grade_id(cell) for cell in tasks if course.grader(cell).get("grade")]
    for student in students or where.students(name):
        if where.record(name, student).get("status") in (None, *report.NO_POINTS):
            continue
        for task in tasks:
            with contextlib.suppress(MissingEntry):
                grade = book.find_grade(task, name, name, student)
                yield student, task, grade, book.find_comment(task, name, name, student)


def answer(where, name, student, task):
    """Return the text of an answer as it was marked."""
    path = where.path("autograded", name, student)
    cells = course.read(path).cells if path.is_file() else []
    return next((course.source(cell) for cell in cells if course.grade_id(cell) == task), "")


def changed(where, name, student, notebook):
    """Return sentences on the answers with points of a person that are others in ``notebook``."""
    if not where.path("autograded", name, student).is_file():
        return []
    new = {course.grade_id(cell): course.source(cell) for cell in notebook.cells}
    with where.gradebook() as book:
        return [
            f"{task} has changed since it was read: read it again"
            for _, task, grade, _ in open_grades(where, name, book, [student])
            if grade.manual_score is not None and answer(where, name, student, task) != new[task]
        ]


def write(where, name, path):
    """Write the answers to the CSV file ``path`` and return (how many, how many are unread)."""
    found = rows(where, name)
    for row in found:
        row["answer"] = row["answer"][:WRITTEN]
    # With its mark at the beginning a spreadsheet knows that it is UTF-8.
    sheets.write(path, sheets.ANSWERS, found, encoding="utf-8-sig")
    return len(found), sum(not row["points"] for row in found)


def read(where, name, path, lines):
    """Take points and comments and return sentences on what changed.

    ``lines``: of the CSV file ``path``, as `sheets.read` returns them. An empty field leaves what
    is there. Raises ValueError with all lines that are wrong; then nothing is changed.
    """
    problems, seen = [], set()
    with where.gradebook() as book:
        there = {one[:2]: one[2:] for one in open_grades(where, name, book)}
        for line, row in lines:
            row |= {column: sheets.unguarded(text) for column, text in row.items()}
            key = row.get("student", ""), row.get("task", "")
            problem = f"{key[1]} of {key[0]} comes twice" if key in seen else ""
            problem = problem or wrong(where, name, row, there)
            problems += [f"  line {line}: {problem}"] if problem else []
            seen.add(key)
        if problems:
            text = "\n".join(problems)
            raise ValueError(f"{path}: nothing was changed, since something is wrong:\n{text}")
        found = []
        for _, row in lines:
            found += take(row, *there[row["student"], row["task"]])
        book.db.commit()
    return found


def wrong(where, name, row, there):
    """Return what is wrong with a row, or an empty text."""
    student, task = row.get("student", ""), row.get("task", "")
    if student not in {one for one, _ in there}:
        return f"no answer of {student!r} is marked"
    if (student, task) not in there:
        tasks = ", ".join(sorted({other for _, other in there}))
        return f"{task!r} is no open question of {name}, which has {tasks}"
    most = there[student, task][0].max_score
    points = row.get("points", "")
    if points and not (re.fullmatch(r"\d+([.,]\d+)?", points) and number(points) <= most):
        return f"the points are {points!r}, expected a number from 0 to {most:g}, or nothing"
    if row.get("answer"):
        now = answer(where, name, student, task)
        if not same(row["answer"], now):
            return f"the answer of {student} to {task} is another one now: run `answers` again"
    return ""


def same(one, other):
    """Return whether two answers have the same letters and digits, whatever a spreadsheet lost."""
    one, other = (re.sub(r"[^0-9A-Za-z]", "", text[:WRITTEN])[:COMPARED] for text in (one, other))
    return one == other


def number(points):
    """Return points as a number; some spreadsheets write a comma."""
    return float(points.replace(",", "."))


def take(row, grade, comment):
    """Give a grade and a comment of nbgrader's book what the row says; return what changed."""
    found = []
    place = f"{row['student']} {row['task']}"
    if row["points"] and (report.unread(grade) or number(row["points"]) != grade.score):
        before = "not read" if report.unread(grade) else f"{grade.score:g}"
        grade.manual_score = number(row["points"])
        grade.needs_manual_grade = False
        found.append(f"{place}: {grade.manual_score:g} points (before: {before})")
    before = comment.manual_comment or ""
    if row.get("comment") and row["comment"].split() != before.split():
        found.append(f"{place}: {'another' if before else 'a'} comment")
        comment.manual_comment = row["comment"]
    return found
