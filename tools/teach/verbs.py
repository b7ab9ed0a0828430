"""What the verbs after marking do: answers out, points in, the whole table, alike pairs."""

from cgan_lab._support.console import say

from . import roster, sheets


def rows_of(where, options):
    """Return the rows of the roster that was named or lies in the class folder, or None."""
    file = options.roster or where.root / "roster.csv"
    return roster.rows(file) if options.roster or file.is_file() else None


def do_answers(where, options):
    """Write the open answers as a CSV file, to be given points and comments."""
    path = options.out or where.root / f"{options.name}_answers.csv"
    where.check_released(options.name)
    sheets.check(path)
    from . import answers

    count, unread = answers.write(where, options.name, path)
    say(f"{count} answers in {path}, {unread} of them not read yet")
    return 0


def do_points(where, options):
    """Read the points and comments from the file of `answers` back in."""
    where.check_released(options.name)
    example = f"the columns {','.join(sheets.ANSWERS)}, as `answers` writes them"
    _, lines = sheets.read(options.file, ["student", "task", "points"], example)
    from . import answers, report

    for line in (changed := answers.read(where, options.name, options.file, lines)):
        say(line)
    unread = report.waiting(where, options.name)
    say(f"changed: {len(changed)}; students with an answer that is not read yet: {len(unread)}")
    return 0


def do_table(where, options):
    """Write one table over all assignments, with names and sums."""
    path = options.out or where.root / "table.csv"
    sheets.check(path)
    people = rows_of(where, options) or {}
    if not (where.root / "release").is_dir():
        raise FileNotFoundError(f"Nothing was released in {where.root} yet: run `release` first.")
    from . import table

    found = table.write(where, path, people)
    say(f"{len(found)} students in {path}")
    return 0


def do_similar(where, options):
    """List pairs of alike answers, for you to read; the list is no verdict."""
    where.check_released(options.name)
    from . import similar

    pairs, unreadable = similar.pairs(where, options.name)
    for pair in pairs:
        one, other = pair.students
        alike = f"{100 * pair.alike:.0f} % alike, {pair.longest} {pair.unit} in one piece"
        say(f"{one} and {other}: {pair.task}: {alike}")
    for student in unreadable:
        say(f"not compared: {student}: its file cannot be read")
    say(f"{len(pairs)} pairs to read. Alike answers can have an honest cause: this is no verdict.")
    return 0
