"""From what students hand in to nbgrader's `submitted/`. It never guesses, and runs nothing.

Two shapes are taken: a folder for each student, as nbgrader, JupyterHub and learning platforms
leave it, and a flat folder of exported notebooks, as Colab students send them. Each file that
arrived is taken or named.
"""

import ast
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import course, restore, roster

NOISE = re.compile(r"\b(copy of|kopie von)\b|-?\bcopy\d*\b|\b\d+ assignsubmission file\b|\.ipynb\b")
# What systems leave beside the files that somebody meant to hand in.
LEFTOVERS = re.compile(
    r"\.(?!ipynb$).*|~\$.*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini", re.IGNORECASE
)


@dataclass(frozen=True)
class HandIn:
    """One file: whose it is, and the reason.

    ``student`` is empty for a file that needs a person, and None for one that need not be taken.
    """

    path: Path
    student: str | None
    reason: str


def filled_in(notebook):
    """Return what the cells `student = "..."` say, sorted, without the empty ones."""
    values = [value for cell in notebook.cells for value in restore.students_in(cell)]
    texts = {str(v.value).strip() for v in values if isinstance(v, ast.Constant)}
    return sorted(texts - {""})


def named_by_file(stem, name, people):
    """Return the students whom a file's or folder's name names: as a whole, or by a word: an id."""
    stem = re.sub(r"\(\d+\)", " ", stem.replace(name, " "))
    stem = NOISE.sub(" ", roster.normal(stem))
    ids = {roster.normal(student): student for student in people}
    named = roster.named_by(stem, people)
    return named or sorted({ids[word] for word in stem.split() if word in ids})


def identify(path, notebook, name, people):
    """Return a `HandIn` for one file; its cell and its name must not contradict each other."""
    said = filled_in(notebook)
    cell = roster.named_by(said[0], people) if said else []
    file = named_by_file(path.stem, name, people)
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


def identify_folder(path, inside, name, people):
    """Return a `HandIn` for a file in a student's folder, whose path below all is ``inside``."""
    student, *below = inside[:-1]
    named = [student] if student in people else named_by_file(student, name, people)
    if len(named) == 1:
        return HandIn(path, named[0], "by its folder")
    if people:
        who = f"fits several students: {named}" if named else "is not on the roster"
        return HandIn(path, "", f"{student} {who}")
    if not course.STUDENT_ID.fullmatch(student):
        return HandIn(
            path, "", f"{student!r} is no student's id: rename the folder, or name a roster"
        )
    if below not in ([], [name]):
        return HandIn(path, "", "it lies deeper than a student's folder: move it there")
    return HandIn(path, student, "by its folder")


def is_notebook(path):
    """Return whether a file's name says so, as `ps1.ipynb.txt` does too, which a mailer made."""
    return ".ipynb" in path.name.lower()


def beside(path):
    """Return the plain files beside a notebook that are none themselves, sorted, without links."""
    found = [other for other in path.parent.iterdir() if not LEFTOVERS.fullmatch(other.name)]
    return sorted(p for p in found if p.is_file() and not p.is_symlink() and not is_notebook(p))


def answers(notebook, released):
    """Return whether it has at least half of the answers' cells, and whether one is filled in."""
    place, _ = restore.match(notebook.cells, released.cells)
    cells = [n for n, cell in enumerate(released.cells) if course.grader(cell).get("solution")]
    held = [n for n in cells if n in place]
    filled = any(not restore.same_source(notebook.cells[place[n]], released.cells[n]) for n in held)
    return len(held) * 2 >= len(cells), filled


def read(path, name, released):
    """Return the notebook at ``path``. Raises ValueError if it is not one of the assignment."""
    notebook = course.read(path)
    if not answers(notebook, released)[0]:
        raise ValueError(
            f"it holds fewer than half of the answers of {name}: is it another notebook?"
        )
    return notebook


def choose(paths, usual, released):
    """Return which of a student's notebooks counts, or None if that is not clear.

    One without an answer does not count beside others, and the ``usual`` name comes first.
    """
    filled = [path for path in paths if answers(course.read(path), released)[1]] or paths
    named = [path for path in filled if path.name == usual] or filled
    return named[0] if len({path.read_bytes() for path in named}) == 1 else None


def look(folder, where, name, people):
    """Return a `HandIn` for each file in ``folder``, flat or with one folder per student."""
    released = where.released(name)
    others = set(where.names()) - {name}
    found = []
    rest = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        link = path.is_symlink()
        if (path.is_dir() and not link) or any(LEFTOVERS.fullmatch(part) for part in inside):
            continue
        if name not in path.name and any(other in part for other in others for part in inside):
            found.append(HandIn(path, None, "it is of another assignment"))
        elif not is_notebook(path):
            rest.append(path)
        else:
            try:
                notebook = read(path, name, released)
            except ValueError as error:
                found.append(HandIn(path, "", str(error)))
                continue
            flat = len(inside) == 1
            who = identify(path, notebook, name, people) if flat else None
            found.append(who or identify_folder(path, inside, name, people))
    found = one_each(found, folder, name, released)
    taken = {one.path.parent for one in found if one.student} - {folder}
    reason = "it is no notebook: unpack it, if it is packed, or ask for the .ipynb file"
    along = [path for path in rest if path.parent in taken and not path.is_symlink()]
    found += [HandIn(path, None if path in along else "", reason) for path in rest]
    return found


def one_each(found, folder, name, released):
    """Return ``found`` with at most one notebook for each student."""
    files = {}
    for one in found:
        if one.student:
            files.setdefault(one.student, []).append(one.path)
    counts = {}
    for student, paths in files.items():
        flat = any(path.parent == folder for path in paths)
        counts[student] = choose(paths, None if flat else f"{name}.ipynb", released)
    return [
        one if not one.student else against(one, counts[one.student], released) for one in found
    ]


def against(one, counts, released):
    """Return the `HandIn` ``one``, given the file of its student that counts, or None."""
    if one.path == counts:
        return one
    if counts is None:
        reason = f"{one.student} handed in files that differ; leave one in the folder"
        return HandIn(one.path, "", reason)
    student = "" if adds(one.path, counts, released) else None
    return HandIn(one.path, student, f"{counts.name} of {one.student} counts")


def adds(path, counts, released):
    """Return whether a notebook holds what the one that ``counts`` does not, as far as is known."""
    try:
        if path.read_bytes() == counts.read_bytes():
            return False
        fits, filled = answers(course.read(path), released)
    except (ValueError, OSError):
        return True
    return filled or not fits


def collect(where, name, folder, people=None):
    """Copy the hand-ins of ``folder`` into `submitted/` and return a `HandIn` for each file.

    ``people``: as `roster.read` returns it; a flat folder needs one. What lies beside a notebook in
    a student's folder comes along. A student who hands in again replaces what was there. Nothing is
    marked.
    """
    found = look(folder, where, name, people or {})
    for one in found:
        if one.student:
            target = where.path("submitted", name, one.student)
            shutil.rmtree(target.parent, ignore_errors=True)
            target.parent.mkdir(parents=True)
            for path in beside(one.path) if one.path.parent != folder else ():
                shutil.copyfile(path, target.with_name(path.name))
            shutil.copyfile(one.path, target)
            target.chmod(0o600)
    return found
