"""The command line of a class, from release to export."""

import argparse
import asyncio
import dataclasses
import functools
import sys

# The other modules need nbgrader, which takes seconds to import. Each verb first checks what it can
# without it.
from cgan_lab._support.console import say
from cgan_lab._support.names import path

from . import receipt, roster, sandbox, sheets, variants
from .course import Course, printable
from .options import ADD, LIMITS
from .verbs import do_answers, do_points, do_similar, do_table, rows_of

INSTALL = (
    "Install bubblewrap 0.8 or later (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf "
    "install bubblewrap), or mark as root (docs/marking.md says more). With --unconfined the code "
    "of your students runs with your rights: it can read, change and delete your files."
)


def parser():
    """Return the parser of `python -m tools.teach`."""
    about = "Runs a class on the assignments."
    words = argparse.ArgumentParser(prog="python -m tools.teach", description=about)
    words.add_argument(
        "--class",
        dest="root",
        type=path,
        required=True,
        help="the class folder, outside of this one",
    )
    verbs = words.add_subparsers(required=True)
    for verb in VERBS:
        word = verb.__name__[3:]
        added = verbs.add_parser(word, help=verb.__doc__, description=verb.__doc__)
        added.set_defaults(do=verb)
        if verb is not do_table:
            added.add_argument("name", help="the assignment, such as ps1_objective")
        if word in ADD:
            ADD[word](added)
    return words


def main(arguments=None):
    """Carry out one verb and return the exit code.

    0, 1 (something needs a person), 2 (a wrong word), 130 (interrupted).
    """
    try:
        options = parser().parse_args(arguments)
        return options.do(Course(options.root), options)
    except KeyboardInterrupt:
        say("Interrupted. What was finished is kept; the same command goes on.", sys.stderr)
        return 130
    except (ValueError, OSError, RuntimeError) as error:
        say(str(error), sys.stderr)
        return 1
    finally:
        say("", end="")  # what argparse has printed


def roster_of(where, options):
    """Return the roster that was named or lies in the class folder, or None."""
    file = options.roster or where.root / "roster.csv"
    return roster.read(file) if options.roster or file.is_file() else None


def do_release(where, options):
    """Make the notebook that students get."""
    where.source(options.name)
    if options.seed is None and (options.per_student or options.dry_run):
        raise ValueError("Only what is drawn can be per student or shown: give a --seed too.")
    people = roster_of(where, options) if options.per_student else None
    if options.per_student and not people:
        raise ValueError(
            f"A notebook for each student needs to know them: put a roster.csv into {where.root}, "
            "with the columns id,name, or name one with --roster."
        )
    space = variants.read_space(where, options.name) if options.seed else None
    for student in (sorted(people) if people else [""]) if space else []:
        drawn = variants.draw(space, options.name, options.seed, student)
        say("\n".join(variants.told(space, drawn, student)))
    if options.dry_run:
        return 0
    from . import release

    target = release.release(where, options.name, options.seed, people)
    say(f"Nothing leaks. Hand out what is in {target}")
    return 0


def do_collect(where, options):
    """Take what students hand in."""
    where.check_released(options.name)
    people = roster_of(where, options)
    check_folder(where, options.folder, people)
    due = keep_due(where, options, people)
    from . import collect

    found = collect.collect(where, options.name, options.folder, people)
    taken = [one for one in found if one.student]
    lost = [one for one in found if one.student == ""]
    for one in lost:
        say(printable(f"not taken: {one.path.relative_to(options.folder)}: {one.reason}"))
    for one in taken:
        if one.replaced:
            file = one.path.relative_to(options.folder)
            say(printable(f"{one.student}: {file}: {one.replaced}"))
    missing = sorted(set(people or ()) - set(where.students(options.name)))
    rest = len(found) - len(taken) - len(lost)  # other assignments, files beside, nothing new
    counted = f"taken: {len(taken)}, not taken: {len(lost)}, not needed or beside: {rest}"
    say(f"{counted}, on the roster without a hand-in: {len(missing)}")
    if missing:
        say("without: " + ", ".join(missing))
    if due:
        tell_late(where, options, due)
    return 1 if lost else 0


def keep_due(where, options, people):
    """Keep what was said on the due time, and return it as it is now, or None."""
    known = {*where.students(options.name), *(people or ())}
    for student, _ in options.extension:
        if people is not None and student not in known:
            raise ValueError(f"The extension is for {student!r}, who is not on the roster.")
    return receipt.keep_due(where, options.name, options.due, options.extension)


def tell_late(where, options, due):
    """Say when it was due and who is late."""
    own = receipt.due_of(where, options.name, rows_of(where, options))
    late = [
        f"{student} ({late})"
        for student in where.students(options.name)
        if (late := receipt.lateness(where, options.name, student, own)[1])
    ]
    say(f"due {receipt.shown(due)}, late: {', '.join(late) or 'nobody'}")


def check_folder(where, folder, people):
    """Raise an error if nothing can be collected from ``folder``."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}; what is packed must be unpacked.")
    if folder.resolve().is_relative_to(where.root / "submitted"):
        raise ValueError(f"What is in {folder} is collected already: run `mark`.")
    if people is None and any(folder.glob("*.[iI][pP][yY][nN][bB]*")):
        raise ValueError(
            "Files side by side need a roster to match them: a CSV file with the columns id,name."
        )


def do_mark(where, options):
    """Run and mark what is new or changed."""
    where.check_released(options.name)
    there = where.students(options.name)
    for student in options.student or ():
        if student not in there:
            raise ValueError(
                f"{student!r} has handed in nothing for {options.name}; who has: "
                f"{', '.join(there) or 'nobody'}."
            )
    due = keep_due(where, options, roster_of(where, options))
    changed = {name: getattr(options, name) for name in LIMITS}
    limits = dataclasses.replace(sandbox.Limits(), **changed)
    level = "unconfined" if options.unconfined else "confined"
    reason = "" if options.unconfined else sandbox.refusal(limits)
    if reason:
        raise RuntimeError(f"Nothing was marked: {reason}. {INSTALL}")
    from . import mark

    say(f"Student code runs {sandbox.LEVELS[level]}.")
    asked = [one for one in there if one in (options.student or there)]
    students = [one for one in mark.to_do(where, options.name, options.anew) if one in asked]
    known = len(asked) - len(students)
    say(f"{options.name}: {len(students)} to mark, {known} marked before and unchanged")
    if due:
        tell_late(where, options, due)

    # nbgrader's thread turns sys.stdout away for a while; the lines must not be lost then.
    tell = functools.partial(say, file=sys.stdout)
    work = mark.mark(where, options.name, limits, students, level, options.workers, tell)
    records = asyncio.run(work)
    return 1 if any(record["status"] != "marked" for record in records.values()) else 0


def do_feedback(where, options):
    """Write a page for each student."""
    where.check_released(options.name)
    people = rows_of(where, options)
    from . import report

    pages, reasons = report.feedback(where, options.name, options.partial, people)
    for student, reason in reasons.items():
        say(f"no page: {student}: {reason}")
    say(f"{len(pages)} pages in {where.root / 'feedback'}, without hidden tests")
    return 1 if reasons else 0


def do_export(where, options):
    """Write the points as a CSV file."""
    path = options.out or where.root / f"{options.name}.csv"
    where.check_released(options.name)
    sheets.check(path)
    people = rows_of(where, options) or {}
    from . import report

    table = report.export(where, options.name, path, people, options.partial, people)
    say(f"{len(table)} students in {path}")
    return 0


VERBS = (do_release, do_collect, do_mark, do_answers, do_points, do_feedback, do_export, do_table)
VERBS += (do_similar,)

if __name__ == "__main__":
    sys.exit(main())
