"""The command line of a class: release, collect, mark, feedback, export."""

import argparse
import asyncio
import dataclasses
import functools
import sys
from pathlib import Path

from . import collect, mark, release, report, sandbox
from .course import Course

INSTALL = (
    "Install bubblewrap 0.8 or later (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf "
    "install bubblewrap), or mark as root (docs/teaching.md says more). With --unconfined the code "
    "of your students runs with your rights: it can read, change and delete your files."
)
LIMITS = {
    "seconds": "of one submission",
    "cell_seconds": "of one cell",
    "memory_mb": "of one submission",
}


def parser():
    """Return the parser of `python -m tools.teach`."""
    about = "Runs a class on the assignments."
    words = argparse.ArgumentParser(prog="python -m tools.teach", description=about)
    words.add_argument(
        "--class",
        dest="root",
        type=Path,
        required=True,
        help="the class folder, outside of this one",
    )
    verbs = words.add_subparsers(required=True)
    for verb in (do_release, do_collect, do_mark, do_feedback, do_export):
        added = verbs.add_parser(verb.__name__[3:], help=verb.__doc__, description=verb.__doc__)
        added.set_defaults(do=verb)
        added.add_argument("name", help="the assignment, such as ps1_objective")
        if verb is do_collect:
            added.add_argument(
                "folder", type=Path, help="notebooks side by side, or one folder per student"
            )
        if verb in (do_collect, do_export):
            added.add_argument(
                "--roster", type=Path, help="CSV file: id,name,... (default: roster.csv, if any)"
            )
        if verb is do_export:
            added.add_argument("--out", type=Path, help="the file (default: NAME.csv in the class)")
        if verb is do_mark:
            add_marking(added)
    return words


def add_marking(added):
    """Add the options of `mark`."""
    added.add_argument("--anew", action="store_true", help="mark all again, not only what is new")
    added.add_argument("--workers", type=int, help="submissions at a time (default: one per core)")
    for name, text in LIMITS.items():
        usual = getattr(sandbox.Limits, name)
        option = f"--{name.replace('_', '-')}"
        added.add_argument(
            option, type=type(usual), default=usual, help=f"{text} (default: {usual:g})"
        )
    added.add_argument(
        "--unconfined", action="store_true", help="accept that student code runs with your rights"
    )


def main(arguments=None):
    """Carry out one verb and return the exit code: 1 if something needs a person."""
    options = parser().parse_args(arguments)
    try:
        return options.do(Course(options.root), options)
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1


def roster_of(where, options):
    """Return the roster that was named or lies in the class folder, or None."""
    path = options.roster or where.root / "roster.csv"
    return collect.read_roster(path) if options.roster or path.is_file() else None


def do_release(where, options):
    """Make the notebook that students get."""
    target = release.release(where, options.name)
    print(f"Nothing leaks. Hand out what is in {target}")
    return 0


def do_collect(where, options):
    """Take what students hand in."""
    roster = roster_of(where, options)
    found = collect.collect(where, options.name, options.folder, roster)
    lost = [one for one in found if not one.student]
    for one in lost:
        print(f"not taken: {one.path.relative_to(options.folder)}: {one.reason}")
    missing = sorted(set(roster or ()) - set(where.students(options.name)))
    print(f"taken: {len(found) - len(lost)}, not taken: {len(lost)}", end=", ")
    print(f"on the roster without a hand-in: {len(missing)}")
    if missing:
        print("without: " + ", ".join(missing))
    return 1 if lost else 0


def do_mark(where, options):
    """Run and mark what is new or changed."""
    where.released(options.name)
    changed = {name: getattr(options, name) for name in LIMITS}
    limits = dataclasses.replace(sandbox.Limits(), **changed)
    level = "unconfined" if options.unconfined else "confined"
    reason = "" if options.unconfined else sandbox.refusal(limits)
    if reason:
        raise RuntimeError(f"Nothing was marked: {reason}. {INSTALL}")
    print(f"Student code runs {sandbox.LEVELS[level]}.", flush=True)
    students = mark.to_do(where, options.name, options.anew)
    known = len(where.students(options.name)) - len(students)
    print(
        f"{options.name}: {len(students)} to mark, {known} marked before and unchanged", flush=True
    )

    # nbgrader's thread turns sys.stdout away for a while; the lines must not be lost then.
    say = functools.partial(print, file=sys.stdout, flush=True)
    work = mark.mark(where, options.name, limits, students, level, options.workers, say)
    records = asyncio.run(work)
    return 1 if any(record["status"] != "marked" for record in records.values()) else 0


def do_feedback(where, options):
    """Write a page for each student."""
    pages = report.feedback(where, options.name)
    print(f"{len(pages)} pages in {where.root / 'feedback'}, without hidden tests")
    return 0


def do_export(where, options):
    """Write the points as a CSV file."""
    path = options.out or where.root / f"{options.name}.csv"
    table = report.export(where, options.name, path, roster_of(where, options) or ())
    print(f"{len(table)} students in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
