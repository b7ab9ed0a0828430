"""From what students hand in to nbgrader's `submitted/`. It never guesses, and runs nothing.

Two shapes are taken: a folder `STUDENT/NAME.ipynb` or `STUDENT/NAME/NAME.ipynb`, as nbgrader and
JupyterHub leave it, and a flat folder of exported notebooks, as Colab students send them.
"""

import ast
import csv
import re
import shutil
import unicodedata
from dataclasses import dataclass, replace

from . import course, restore

NOISE = re.compile(r"\bcopy of\b|\bkopie von\b|\(\d+\)|\bcopy\b|\.ipynb$")


@dataclass(frozen=True)
class HandIn:
    """One file: whose it is, or why that is not known (then ``student`` is empty)."""

    path: object
    student: str
    reason: str


def read_roster(path):
    """Return {student id: all spellings of the student's names} from a CSV file with a column `id`.

    Further columns, such as `name` and `email`, are names too. Raises ValueError for a file without
    ids, an id that is no folder's name, or one that comes twice.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "id" not in rows[0]:
        raise ValueError(f"{path}: expected the columns id,name,... and one line per student.")
    roster = {}
    for row in rows:
        student = (row["id"] or "").strip()
        if not course.STUDENT_ID.fullmatch(student) or student in roster:
            raise ValueError(
                f"{path}: the id {student!r} is empty, comes twice, or has signs other than "
                "A-Z a-z 0-9 . _ -"
            )
        values = [value for value in row.values() if isinstance(value, str) and value.strip()]
        roster[student] = {form for value in values for form in forms(value)}
    return roster


def forms(name):
    """Return the spellings of ``name``: no accents, no capitals, `Last, First` turned too."""
    last, comma, first = name.partition(",")
    turned = [f"{first} {last}"] if comma else []
    return {normal(form) for form in [name, *turned]} - {""}


def normal(text):
    """Return ``text`` in small letters without accents, with one space between its words."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w@.+-]+|_", " ", plain).split())


def named_by(text, roster):
    """Return the students whom ``text`` names, sorted: one if it is clear."""
    return sorted(student for student, names in roster.items() if forms(text) & names)


def filled_in(notebook):
    """Return what the cells `student = "..."` say, sorted, without the empty ones."""
    values = [value for cell in notebook.cells for value in restore.students_in(cell)]
    texts = {str(v.value).strip() for v in values if isinstance(v, ast.Constant)}
    return sorted(texts - {""})


def named_by_file(path, name, roster):
    """Return the students whom the file's name names: as a whole, or by one word that is an id."""
    stem = NOISE.sub(" ", normal(path.stem.replace(name, " ")))
    ids = {normal(student): student for student in roster}
    return named_by(stem, roster) or sorted({ids[word] for word in stem.split() if word in ids})


def identify(path, notebook, name, roster):
    """Return a `HandIn` for one file; its cell and its name must not contradict each other."""
    said = filled_in(notebook)
    cell = named_by(said[0], roster) if said else []
    file = named_by_file(path, name, roster)
    stranger = f"the cell says {said[0]!r}, who is not on the roster" if said and not cell else ""
    if len(said) > 1:
        reason = f"the cell `student` names several people: {said}"
    elif len(cell) > 1 or (not cell and len(file) > 1):
        reason = f"it fits several students: {cell or file}"
    elif cell and file and cell != file:
        reason = f"the cell says {cell[0]}, the file's name {file[0]}"
    elif stranger and file:
        reason = f"{stranger}, the file's name {file[0]}"
    elif not cell and not file:
        said = stranger or "the cell `student` is empty"
        reason = f"{said}, and the file's name names nobody"
    else:
        how = "by its cell" if cell else "by the file's name"
        return HandIn(path, (cell or file)[0], how)
    return HandIn(path, "", reason)


def look(folder, name, released, roster):
    """Return a `HandIn` for each file in ``folder``, flat or with one folder per student."""
    found = []
    for path in sorted(folder.rglob("*.ipynb")):
        inside = path.relative_to(folder).parts
        # Others are of another assignment, or lie beside the notebook that counts.
        counts = len(inside) == 1 or inside[1:] in ((f"{name}.ipynb",), (name, f"{name}.ipynb"))
        if counts and ".ipynb_checkpoints" not in path.parts:
            found.append(look_at(path, inside, name, released, roster))
    return found


def look_at(path, inside, name, released, roster):
    """Return a `HandIn` for one file.

    Args:
        path: the file.
        inside: the parts of its path below the folder of all hand-ins.
        name: the assignment.
        released: its released notebook.
        roster: as `read_roster` returns it, or empty.
    """
    try:
        notebook = course.read(path)
        place, _ = restore.match(notebook.cells, released.cells)
    except ValueError as error:
        return HandIn(path, "", str(error))
    answers = [n for n, cell in enumerate(released.cells) if course.grader(cell).get("solution")]
    if sum(n in place for n in answers) * 2 < len(answers):
        reason = f"it holds fewer than half of the answers of {name}: is it another notebook?"
        return HandIn(path, "", reason)
    if len(inside) == 1:
        return identify(path, notebook, name, roster)
    student = inside[0]
    if student in roster if roster else course.STUDENT_ID.fullmatch(student):
        return HandIn(path, student, "by its folder")
    return HandIn(path, "", f"{student} is not on the roster")


def without_doubles(found):
    """Return ``found`` with no student for the files of a student that differ from each other."""
    files = {}
    for one in found:
        if one.student:
            files.setdefault(one.student, set()).add(one.path.read_bytes())
    reason = "{} handed in files that differ; leave one in the folder"
    return [
        replace(one, student="", reason=reason.format(one.student))
        if len(files.get(one.student, ())) > 1
        else one
        for one in found
    ]


def collect(where, name, folder, roster=None):
    """Copy the hand-ins of ``folder`` into `submitted/` and return a `HandIn` for each file.

    ``roster``: as `read_roster` returns it; a flat folder needs one. A student who hands in again
    replaces what was there. Nothing is marked.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    if roster is None and any(folder.glob("*.ipynb")):
        raise ValueError(
            "Files side by side need a roster to match them: a CSV file with the columns id,name."
        )
    found = without_doubles(look(folder, name, where.released(name), roster or {}))
    for one in found:
        if one.student:
            target = where.path("submitted", name, one.student)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.path, target)
            target.chmod(0o600)
    return found
