"""One table over all assignments of a class, with names from the roster."""

from . import report, sheets


def rows(where, people):
    """Return (columns, one dictionary per student): names, points by assignment, sum, a note.

    An assignment that waits for a reader has an empty field, and the sum then too. One that is
    missing counts nothing, and the note says so. ``people``: the roster's rows, or empty.
    """
    names = released(where)
    if not names:
        raise FileNotFoundError(f"Nothing was released in {where.root} yet: run `release` first.")
    ids = {*people, *(student for name in names for student in where.students(name))}
    found = {
        student: {"student": student, **of_roster(people.get(student, {})), "note": []}
        for student in sorted(ids)
    }
    sums = dict.fromkeys(found, 0.0)
    most = 0.0
    for name in names:
        unread = report.waiting(where, name)
        for row in report.rows(where, name, ids, people)[1]:
            student = row["student"]
            waits = student in unread
            found[student][name] = "" if waits else row["points"]
            found[student]["note"] += remarks(name, row, unread.get(student, ()))
            sums[student] += float("nan") if waits else float(row["points"] or 0)
        most += float(row["of"])
    for student, row in found.items():
        unknown = sums[student] != sums[student]
        row |= {"points": "" if unknown else f"{sums[student]:g}", "of": f"{most:g}"}
        row["note"] = "; ".join(row["note"])
    return ["student", "name", "email", *names, "points", "of", "note"], [*found.values()]


def of_roster(row):
    """Return name and e-mail address of a roster's row, under whatever it calls them."""
    email = row.get("email") or row.get("e-mail") or row.get("mail") or ""
    return {"name": row.get("name", ""), "email": email}


def released(where):
    """Return the names of the assignments that were released in this class, sorted."""
    return sorted(path.stem for path in where.root.glob("release/*/*.ipynb") if own(path))


def own(path):
    """Return whether it is an assignment's notebook."""
    return path.stem == path.parent.name


def remarks(name, row, unread):
    """Return what there is to say on one student's work on one assignment."""
    found = [] if row["status"] == "marked" else [row["status"]]
    found += [f"{row['late']} late"] if row["late"] else []
    found += [row["note"]] if row["note"] else []
    found += [f"not read: {', '.join(unread)}"] if unread else []
    return [f"{name}: {', '.join(found)}"] if found else []


def write(where, path, people):
    """Write the table as a CSV file and return its rows."""
    columns, found = rows(where, people)
    sheets.write(path, columns, found, encoding="utf-8-sig")
    return found
