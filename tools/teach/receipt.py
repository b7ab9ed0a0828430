"""When each hand-in was received, and how late that is. Takes no points away.

In the class folder: `received/NAME/STUDENT.json` and nbgrader's `timestamp.txt` beside the
hand-in, `due.json` with the due times and extensions, and `earlier/NAME/STUDENT/` with what a later
hand-in has replaced.
"""

import contextlib
import json
import shutil
from datetime import UTC, datetime, timedelta

from . import platforms, roster

SHAPE = "a day and a time such as '2026-11-27 23:59'"


def read_time(text):
    """Return the time that ``text`` says, on this machine's clock if it names no other.

    Raises ValueError for anything but a day with a time.
    """
    with contextlib.suppress(ValueError):
        if ":" in text:
            return datetime.fromisoformat(text.strip()).astimezone()
    raise ValueError(f"The time {text!r} cannot be read; expected {SHAPE}.")


def read_extension(text):
    """Return (student, hours) of ``text``, such as `s01=48`. Raises ValueError for another text."""
    student, sign, extra = text.rpartition("=")
    if not sign or not student:
        raise ValueError(f"The extension {text!r} cannot be read; expected ID=HOURS, as in s01=48.")
    return student, roster.hours(extra, f"The extension {text!r}")


def dues(where):
    """Return {assignment: {`due`: time or None, `extra`: {student: hours}}}, as it was told."""
    path = where.root / "due.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ValueError(
            f"{path} cannot be read ({error}): remove it, and say --due again."
        ) from error


def keep_due(where, name, due=None, extensions=()):
    """Keep a due time and extensions of the assignment ``name``; None and () leave what is there.

    Returns the due time as it is now, or None.
    """
    found = dues(where)
    own = found.setdefault(name, {"due": None, "extra": {}})
    if due:
        own["due"] = due.isoformat()
    own["extra"] |= dict(extensions)
    if due or extensions:
        where.write(where.root / "due.json", json.dumps(found, indent=1))
    return datetime.fromisoformat(own["due"]) if own["due"] else None


def due_of(where, name, people=None):
    """Return a function that returns a student's own due time, or None where none was told.

    ``people``: the roster's rows, whose column `extra_hours` counts for all assignments. An
    extension of this assignment comes before it.
    """
    own = dues(where).get(name, {"due": None, "extra": {}})

    def due(student):
        """Return the time."""
        if not own["due"]:
            return None
        row = (people or {}).get(student, {}).get(roster.HOURS) or "0"
        extra = own["extra"].get(student, roster.hours(row, roster.HOURS))
        return datetime.fromisoformat(own["due"]) + timedelta(hours=extra)

    return due


def of(path, inside):
    """Return the record of a file that arrived.

    Args:
        path: the file.
        inside: the parts of its path below the folder of all hand-ins.
    """
    said = platforms.said_by(inside)
    changed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC).astimezone()
    when = said.when if said and said.when else changed
    how = f"by {said.platform}" if said and said.when else "by the file's time"
    late = said.platform if said and said.late else ""
    return {"received": when.isoformat(), "how": how, "file": inside[-1], "late": late}


def record(where, name, student):
    """Return the record of the hand-in that counts; a hub's holds nbgrader's time alone."""
    path = where.root / "received" / name / f"{student}.json"
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return json.loads(path.read_text(encoding="utf-8"))
    when = stamped(where.path("submitted", name, student).with_name("timestamp.txt"))
    return {"received": when.isoformat(), "how": "by nbgrader", "late": ""} if when else {}


def stamped(stamp):
    """Return the time in nbgrader's `timestamp.txt`, or None where there is none to be read."""
    with contextlib.suppress(OSError, ValueError, OverflowError):
        if stamp.is_file():
            when = datetime.fromisoformat(stamp.read_text().strip().removesuffix(" UTC"))
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone()
    return None


def time_of(note):
    """Return the time in a record, or None."""
    return datetime.fromisoformat(note["received"]) if note.get("received") else None


def older(note, before):
    """Return whether a hand-in is older than another one: by Canvas' number, else by the time."""
    numbers = [platforms.said(one.get("file", "")) for one in (note, before)]
    numbers = [said.again for said in numbers if said and said.platform == "Canvas"]
    if len({*numbers}) == 2:
        return numbers[0] < numbers[1]
    return bool(time_of(before)) and time_of(note) < time_of(before)


def stamp(note):
    """Return the text of nbgrader's `timestamp.txt`."""
    return time_of(note).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def keep(where, name, student, note):
    """Keep the record of the hand-in that counts now."""
    path = where.root / "received" / name / f"{student}.json"
    where.write(path, json.dumps(note, indent=1))


def earlier(where, name, student):
    """Return the files and folders of a student's earlier hand-ins, oldest first."""
    return sorted((where.root / "earlier" / name / student).glob("*.ipynb"))


def put_aside(where, name, student, folder, note):
    """Move the hand-in in ``folder`` to `earlier/` and return where its notebook is now.

    What was beside the notebook goes into a folder of the same name. Nothing is overwritten: the
    same hand-in is kept once, another one of the same second gets a number.
    """
    notebook = folder / f"{name}.ipynb"
    if not notebook.is_file():  # a hub's folder, with a notebook of another name
        notebook = next(iter(sorted(folder.glob("*.ipynb"))), None)
    when = time_of(note) or datetime.fromtimestamp(folder.stat().st_mtime).astimezone()
    place = where.root / "earlier" / name / student
    place.mkdir(parents=True, exist_ok=True)
    usual = stem = when.strftime("%Y-%m-%d_%H-%M-%S")
    number = 1
    while (place / f"{stem}.ipynb").exists() or (place / stem).exists():
        alone = {path.name for path in folder.iterdir()} <= {f"{name}.ipynb", "timestamp.txt"}
        if notebook and alone and same(notebook, place / f"{stem}.ipynb"):
            shutil.rmtree(folder)
            return place / f"{stem}.ipynb"
        number += 1
        stem = f"{usual}_{number}"
    if notebook:
        notebook.replace(place / f"{stem}.ipynb")
    folder.joinpath("timestamp.txt").unlink(missing_ok=True)
    if any(folder.iterdir()):
        folder.replace(place / stem)
    else:
        folder.rmdir()
    where.write(place / f"{stem}.json", json.dumps(note, indent=1))
    return place / f"{stem}.ipynb"


def same(one, other):
    """Return whether two files hold the same."""
    return other.is_file() and one.read_bytes() == other.read_bytes()


def lateness(where, name, student, due):
    """Return (when the hand-in was received, how late, a remark), as texts.

    How late is empty for a hand-in in time and where no due time was told. The remark says that an
    earlier hand-in was in time, or that a platform calls late what no due time does.
    """
    note = record(where, name, student)
    when = time_of(note)
    if not when:
        return "", "", ""
    own, remark = due(student), ""
    late = span((when - own).total_seconds()) if own and when > own else ""
    if late:
        times = [file.with_suffix(".json") for file in earlier(where, name, student)]
        times = [time_of(json.loads(file.read_text())) for file in times if file.is_file()]
        in_time = [time for time in times if time and time <= own]
        if in_time:
            remark = f"a hand-in of {shown(max(in_time))} was in time: it is in earlier/"
    elif note.get("late"):
        remark = f"{note['late']} calls it late"
    return shown(when), late, remark


def shown(when):
    """Return a time for a person to read."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


def span(seconds):
    """Return a length of time for a person to read, rounded up to minutes."""
    minutes = max(1, -int(-seconds // 60))
    days, minutes = divmod(minutes, 24 * 60)
    parts = zip((days, *divmod(minutes, 60)), ("d", "h", "min"), strict=True)
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
