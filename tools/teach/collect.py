"""From what students hand in to nbgrader's `submitted/`. It never guesses, and runs nothing.

Two shapes are taken: a folder for each student, as nbgrader, JupyterHub and learning platforms
leave it, and a flat folder of exported notebooks, as Colab students send them. Each file that
arrived is taken or named.
"""

import ast
import contextlib
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from . import course, platforms, receipt, restore, roster, sandbox

NOISE = re.compile(r"\b(copy of|kopie von)\b|-?\bcopy\d*\b|\b\d+ assignsubmission file\b|\.ipynb\b")
# What systems leave beside the files that somebody meant to hand in.
LEFTOVERS = re.compile(
    r"\.(?!ipynb$).*|~\$.*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini|timestamp\.txt",
    re.IGNORECASE,
)

# Bytes of what lies beside a hand-in, in all: the folder in which it runs takes no larger file.
LARGE = sandbox.Limits().file_mb * sandbox.MB
DEPTH = 16  # folders in folders; learning platforms make three
NO_FILE = "it is no file: a link, a pipe, or a folder in too many folders"
NO_NOTEBOOK = "it is no notebook: unpack it, if it is packed, or ask for the .ipynb file"


@dataclass(frozen=True)
class HandIn:
    """One file: whose it is, and the reason.

    ``student`` is empty for a file that needs a person, and None for one that need not be taken.
    ``replaced`` says what became of an earlier hand-in, or that this one is the earlier.
    """

    path: Path
    student: str | None
    reason: str
    replaced: str = ""


def filled_in(notebook):
    """Return what the cells `student = "..."` say, sorted, without the empty ones."""
    values = [value for cell in notebook.cells for value in restore.students_in(cell)]
    texts = {str(v.value).strip() for v in values if isinstance(v, ast.Constant)}
    return sorted(texts - {""})


def named_by_file(stem, name, people):
    """Return the students whom a file's or folder's name names, sorted.

    Where a platform wrote it, its own place for a name counts alone, since its numbers could be
    ids. Else it is the whole name, a part between dashes, or a word that is an id.
    """
    said = platforms.said(stem)
    if said:
        return platforms.named(said, people)
    parts = re.sub(r"\(\d+\)", " ", stem.replace(name, " ")).split(" - ")
    parts = [" ".join(NOISE.sub(" ", roster.normal(part)).split()) for part in parts]
    ids = {roster.normal(student): student for student in people}
    named = {student for part in parts for student in roster.named_by(part, people)}
    return sorted(named or {ids[word] for part in parts for word in part.split() if word in ids})


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
    elif cell and file and cell[0] not in file:
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


def owner(path, inside, name, people):
    """Return a `HandIn` that says whose a notebook is, whatever is in it.

    Args:
        path: the file.
        inside: the parts of its path below the folder of all hand-ins.
        name: the assignment.
        people: as `roster.read` returns it, or empty.
    """
    if len(inside) == 1:
        try:
            return identify(path, course.read(path), name, people)
        except ValueError as error:
            return HandIn(path, "", str(error))
    student, *below = inside[:-1]
    named = [student] if student in people else named_by_file(student, name, people)
    if not people and course.STUDENT_ID.fullmatch(student) and below in ([], [name]):
        named = [student]
    if len(named) == 1:
        return HandIn(path, named[0], "by its folder")
    who = f"fits several students: {named}" if named else "is not on the roster"
    no_id = f"{student!r} is no student's folder with an id as its name; a roster may name it"
    return HandIn(path, "", f"{student} {who}" if people else no_id)


def is_notebook(path):
    """Return whether a file's name says so, as `ps1.ipynb.txt` does too, which a mailer made."""
    return ".ipynb" in path.name.lower()


def beside(path):
    """Return the plain files beside a notebook that are none themselves, sorted, without links.

    They must fit into the folder in which a notebook runs; those that do not are left out.
    """
    found = [other for other in path.parent.iterdir() if not LEFTOVERS.fullmatch(other.name)]
    found = sorted(p for p in found if is_file(p) and not is_notebook(p))
    left, fit = LARGE, []
    for file in found:
        left -= file.stat().st_size
        fit += [file] if left >= 0 else []
    return fit


def is_file(path):
    """Return whether a path is a plain file itself: no link, no pipe, no device."""
    return path.is_file() and not path.is_symlink()


def below(folder):
    """Return what lies below a folder, sorted, without the folders themselves.

    A folder that lies too deep stands for all that is in it.
    """
    found, waiting = [], [(folder, 0)]
    for here, depth in waiting:
        for path in here.iterdir():
            if path.is_dir() and not path.is_symlink() and depth < DEPTH:
                waiting.append((path, depth + 1))
            else:
                found.append(path)
    return sorted(found)


def choose(paths, name, released, usual=""):
    """Return (which of a student's notebooks counts, or None; {another: why it does not count}).

    One without an answer does not count beside others, and the ``usual`` name comes first. There is
    no reason, but None, where nobody needs the other one.
    """
    reasons = {}
    filled = {}
    cells = [n for n, cell in enumerate(released.cells) if course.grader(cell).get("solution")]
    for path in paths:
        try:
            own = course.read(path).cells
        except ValueError as error:
            reasons[path] = str(error)
            continue
        place, _ = restore.match(own, released.cells)
        held = [n for n in cells if n in place]
        if len(held) * 2 < len(cells):
            reasons[path] = f"it holds fewer than half of the answers of {name}: is it another one?"
        else:
            same = [restore.same_source(own[place[n]], released.cells[n]) for n in held]
            filled[path] = not all(same)
    best = [path for path in filled if filled[path]] or list(filled)
    best = [path for path in best if path.name == usual] or best
    contents = {path: path.read_bytes() for path in filled}
    if len({contents[path] for path in best}) != 1:
        names = ", ".join(path.name for path in best)
        reason = f"only one of {names} can count: leave that one there"
        return None, reasons | dict.fromkeys(filled, reason)
    for path in filled:
        needless = contents[path] == contents[best[0]] or not filled[path]
        reasons[path] = None if needless else f"{best[0].name} counts, which lies beside it"
    return best[0], reasons


def attempts(ones, folder):
    """Return one student's `HandIn`s as lists, an attempt each, in the order of the attempts.

    Without a platform that tells them apart all are one attempt.
    """
    said = {one: platforms.said_by(one.path.relative_to(folder).parts) for one in ones}
    orders = {one: found.order if found else None for one, found in said.items()}
    if None in orders.values() or len({order[0] for order in orders.values()}) != 1:
        return [ones]
    return [[one for one in ones if orders[one] == order] for order in sorted({*orders.values()})]


def counted(ones, folder, name, released):
    """Return one student's `HandIn`s, with those not to be taken as such."""
    usual = "" if any(one.path.parent == folder for one in ones) else f"{name}.ipynb"
    found = []
    for attempt in attempts(ones, folder):
        counts, reasons = choose([one.path for one in attempt], name, released, usual)
        for one in attempt:
            if one.path == counts:
                found.append(one)
            else:
                reason = reasons[one.path]
                found.append(HandIn(one.path, "" if reason else None, reason or "it adds nothing"))
    return found


def look(folder, where, name, people):
    """Return a `HandIn` for each file in ``folder``, flat or with one folder per student."""
    released = where.released(name)
    others = set(where.names()) - {name}
    found = []
    files = {}
    rest = []
    for path in below(folder):
        inside = path.relative_to(folder).parts
        if any(LEFTOVERS.fullmatch(part) for part in inside):
            continue
        if name not in path.name and any(other in part for other in others for part in inside):
            found.append(HandIn(path, None, "it is of another assignment"))
        elif not is_file(path):
            found.append(HandIn(path, "", NO_FILE))
        elif is_notebook(path):
            one = owner(path, inside, name, people)
            files.setdefault(one.student or path, []).append(one)
        else:
            rest.append(path)
    for ones in files.values():
        student = ones[0].student
        own = released
        with contextlib.suppress(ValueError):  # the marking will say that none was made
            own = where.released(name, student) if student else released
        found += counted(ones, folder, name, own) if student else ones
    taken = [one.path for one in found if one.student and one.path.parent != folder]
    along = {file for path in taken for file in beside(path)}
    for path in rest:
        comes = path in along
        comes = comes or (path.parent == folder and platforms.NOTES.fullmatch(path.name))
        found.append(HandIn(path, None if comes else "", NO_NOTEBOOK))
    return found


def collect(where, name, folder, people=None):
    """Copy the hand-ins of ``folder`` into `submitted/` and return a `HandIn` for each file.

    ``people``: as `roster.read` returns it; a flat folder needs one. What lies beside a notebook in
    a student's folder comes along. The newest hand-in of a student counts; each other one is kept
    in `earlier/`. Nothing is marked.
    """
    found = look(folder, where, name, people or {})
    return [attempt(where, name, folder, one) if one.student else one for one in found]


def attempt(where, name, folder, one):
    """Return what `take` returns, or why it could not: one hand-in must not end the others'."""
    try:
        return take(where, name, folder, one)
    except OSError as error:
        return replace(one, student="", reason=f"it could not be copied ({error.strerror})")


def take(where, name, folder, one):
    """Put one hand-in where it belongs and return it, with what became of another one."""
    note = receipt.of(one.path, one.path.relative_to(folder).parts)
    target = where.path("submitted", name, one.student)
    new = where.root / "received" / name / f"{one.student}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for path in beside(one.path) if one.path.parent != folder else ():
        shutil.copyfile(path, new / path.name)
    shutil.copyfile(one.path, new / target.name)
    (new / target.name).chmod(0o600)
    (new / "timestamp.txt").write_text(receipt.stamp(note), encoding="ascii")
    replaced = ""
    if target.parent.is_dir():
        before = receipt.record(where, name, one.student)
        if same_files(new, target.parent):
            # Collected again, perhaps downloaded again: it came when it came first.
            note = note if not before or receipt.older(note, before) else before
        elif receipt.older(note, before):
            kept = receipt.put_aside(where, name, one.student, new, note)
            there = f"the one of {receipt.shown(receipt.time_of(before))} is newer and counts"
            return replace(one, replaced=f"{there}; this one is {kept.relative_to(where.root)}")
        else:
            kept = receipt.put_aside(where, name, one.student, target.parent, before)
            replaced = f"the earlier one is {kept.relative_to(where.root)}"
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.parent.mkdir(parents=True, exist_ok=True)
    new.replace(target.parent)
    target.with_name("timestamp.txt").write_text(receipt.stamp(note), encoding="ascii")
    receipt.keep(where, name, one.student, note)
    return replace(one, replaced=replaced)


def same_files(one, other):
    """Return whether two folders hold the same files, whenever they came."""

    def contents(folder):
        """Return what is in the files, by name."""
        files = [path for path in folder.iterdir() if path.name != "timestamp.txt"]
        return {path.name: path.read_bytes() for path in files if path.is_file()}

    return contents(one) == contents(other)
