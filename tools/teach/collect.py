"""From what students hand in to nbgrader's `submitted/`. Says whom it cannot tell instead of guessing; runs nothing.

Two shapes are taken: a folder `STUDENT/NAME.ipynb` or `STUDENT/NAME/NAME.ipynb`, as nbgrader and JupyterHub leave it,
and a flat folder of exported notebooks, as Colab students send them.
"""

import ast
import csv
import hashlib
import re
import shutil
import unicodedata
from dataclasses import dataclass

from . import course, restore

NOISE = re.compile(r"\bcopy of\b|\bkopie von\b|\(\d+\)|\bcopy\b|\.ipynb$")


@dataclass(frozen=True)
class HandIn:
    """One file: whose it is, or why that is not known (then ``student`` is empty)."""

    path: object
    student: str
    reason: str


def read_roster(path):
    """Return {student id: every way in which a student may call themselves} from a CSV file with a column `id`.

    Further columns, such as `name` and `email`, are names too. Raises ValueError for a file without ids, an id
    that is no folder's name, or one that comes twice.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "id" not in rows[0]:
        raise ValueError(f"{path}: expected the columns id,name,... and a student a line.")
    roster = {}
    for row in rows:
        student = (row["id"] or "").strip()
        if not course.STUDENT_ID.fullmatch(student) or student in roster:
            raise ValueError(
                f"{path}: the id {student!r} is empty, twice there, or has signs other than A-Z a-z 0-9 . _ -"
            )
        values = [value for value in row.values() if isinstance(value, str) and value.strip()]
        roster[student] = {form for value in values for form in forms(value)}
    return roster


def forms(name):
    """Return the spellings of ``name`` that count as the same: no accents, no case, `Last, First` turned."""
    last, comma, first = name.partition(",")
    turned = [f"{first} {last}"] if comma else []
    return {normal(form) for form in [name, *turned]} - {""}


def normal(text):
    """Return ``text`` in small letters without accents, with one space between its words."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w@.+-]+|_", " ", plain).split())


def who_says(text, roster):
    """Return the students whom ``text`` names, sorted: one if it is clear."""
    return sorted(student for student, names in roster.items() if forms(text) & names)


def filled_in(notebook):
    """Return what the cell `student = "..."` says, every version of it, without the empty ones."""
    found = set()
    for cell in notebook.cells:
        if cell.get("cell_type") == "code" and re.search(
            r"^student\s*=", restore.source(cell), re.MULTILINE
        ):
            try:
                nodes = ast.parse(restore.source(cell)).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            for node in nodes:
                if isinstance(node, ast.Assign) and any(
                    getattr(t, "id", "") == "student" for t in node.targets
                ):
                    value = node.value.value if isinstance(node.value, ast.Constant) else ""
                    found |= {str(value).strip()} - {""}
    return sorted(found)


def by_file_name(path, name, roster):
    """Return the students whom the file's name names: as a whole, or by one word that is an id."""
    stem = NOISE.sub(" ", normal(path.stem.replace(name, " ")) or "")
    students = who_says(stem, roster)
    ids = {normal(student): student for student in roster}
    return students or sorted({ids[word] for word in normal(stem).split() if word in ids})


def identify(path, notebook, name, roster):
    """Return a `HandIn` for one exported file; the cell and the file's name must not contradict each other."""
    said = filled_in(notebook)
    if len(said) > 1:
        return HandIn(path, "", f"the cell `student` names several people: {said}")
    cell = who_says(said[0], roster) if said else []
    file = by_file_name(path, name, roster)
    if len(cell) > 1 or (not cell and len(file) > 1):
        return HandIn(path, "", f"it fits several students: {cell or file}")
    if cell and file and cell != file:
        return HandIn(path, "", f"the cell says {cell[0]}, the file's name {file[0]}")
    if said and not cell and file:
        return HandIn(
            path,
            "",
            f"the cell says {said[0]!r}, who is not on the roster, the file's name {file[0]}",
        )
    if not cell and not file:
        said = (
            f"the cell says {said[0]!r}, who is not on the roster"
            if said
            else "the cell `student` is empty"
        )
        return HandIn(path, "", f"{said}, and the file's name names nobody")
    return HandIn(path, (cell or file)[0], "by its cell" if cell else "by the file's name")


def look(folder, name, released, roster):
    """Return a `HandIn` for each file in ``folder``, which is flat or has a folder a student."""
    found = []
    for path in sorted(folder.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        inside = path.relative_to(folder).parts
        if len(inside) > 1 and inside[1:] not in ((f"{name}.ipynb",), (name, f"{name}.ipynb")):
            continue  # another assignment, or a notebook beside the one that counts
        found.append(look_at(path, inside, name, released, roster))
    return found


def look_at(path, inside, name, released, roster):
    """Return a `HandIn` for one file that may be read."""
    try:
        notebook = course.read(path)
        place, _ = restore.match(notebook.cells, released.cells)
    except ValueError as error:
        return HandIn(path, "", str(error))
    answers = [
        n
        for n, model in enumerate(released.cells)
        if model.metadata.get("nbgrader", {}).get("solution")
    ]
    if sum(n in place for n in answers) * 2 < len(answers):
        return HandIn(
            path, "", f"it holds fewer than half of the answers of {name}: is it another notebook?"
        )
    if len(inside) == 1:
        return identify(path, notebook, name, roster)
    student = inside[0]
    known = student in roster if roster else course.STUDENT_ID.fullmatch(student)
    return HandIn(
        path,
        student if known else "",
        "by its folder" if known else f"{student} is not on the roster",
    )


def without_doubles(found):
    """Return ``found`` in which no student has two files that differ: then none of them is taken."""
    files = {}
    for one in found:
        if one.student:
            files.setdefault(one.student, set()).add(
                hashlib.sha256(one.path.read_bytes()).hexdigest()
            )
    doubled = {student for student, digests in files.items() if len(digests) > 1}
    return [
        HandIn(one.path, "", f"{one.student} handed in files that differ; leave one in the folder")
        if one.student in doubled
        else one
        for one in found
    ]


def collect(where, name, folder, roster=None):
    """Copy the hand-ins of ``folder`` into `submitted/` and return a list of `HandIn`, the unmatched ones included.

    ``roster``: as `read_roster` returns it; a flat folder needs one. A student who hands in again replaces what was
    there; nothing is marked.
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
