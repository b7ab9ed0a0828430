"""The command line of a class: release, collect, mark, feedback, export. Knows the words, not the work."""

import argparse
import asyncio
import sys
from pathlib import Path

from . import collect, mark, release, report, sandbox
from .course import Course


def parser():
    """Return the parser of `python -m tools.teach`."""
    words = argparse.ArgumentParser(
        prog="python -m tools.teach", description="Runs a class on the assignments."
    )
    words.add_argument(
        "--class",
        dest="root",
        type=Path,
        required=True,
        help="the class folder, outside of this one",
    )
    verbs = words.add_subparsers(dest="verb", required=True)
    for verb, text in (
        ("release", "make the notebook that students get"),
        ("collect", "take what they hand in"),
        ("mark", "run and mark what is new"),
        ("feedback", "write a page for each student"),
        ("export", "write the points as a CSV file"),
    ):
        added = verbs.add_parser(verb, help=text, description=text)
        added.add_argument("name", help="the assignment, such as ps1_objective")
        if verb == "collect":
            added.add_argument(
                "folder", type=Path, help="exported notebooks side by side, or a folder a student"
            )
        if verb in ("collect", "export"):
            added.add_argument(
                "--roster",
                type=Path,
                help="CSV file: id,name,... (default: roster.csv there, if any)",
            )
        if verb == "export":
            added.add_argument(
                "--out", type=Path, help="the file (default: NAME.csv in the class folder)"
            )
        if verb == "mark":
            add_limits(added)
    return words


def add_limits(added):
    """Give `mark` its options."""
    limits = sandbox.Limits()
    added.add_argument(
        "--anew", action="store_true", help="mark all again, not only what is new or changed"
    )
    added.add_argument(
        "--workers", type=int, help="submissions at the same time (default: one a core)"
    )
    added.add_argument(
        "--seconds", type=float, help=f"of one submission (default: {limits.seconds:g})"
    )
    added.add_argument(
        "--cell-seconds", type=float, help=f"of one cell (default: {limits.cell_seconds:g})"
    )
    added.add_argument(
        "--memory-mb", type=int, help=f"of one submission (default: {limits.memory_mb})"
    )
    added.add_argument(
        "--without-sandbox",
        action="store_true",
        help="accept that student code runs with your rights",
    )


def main(arguments=None):
    """Carry out one verb and return the exit code: 1 if something needs a person."""
    options = parser().parse_args(arguments)
    try:
        return globals()[f"do_{options.verb}"](Course(options.root), options)
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1


def roster_of(where, options):
    """Return the roster that was named or lies in the class folder, or None."""
    path = options.roster or where.root / "roster.csv"
    return collect.read_roster(path) if options.roster or path.is_file() else None


def do_release(where, options):
    """Release one assignment."""
    print(f"Nothing leaks. Hand out what is in {release.release(where, options.name)}")
    return 0


def do_collect(where, options):
    """Collect, and say who is missing and what could not be matched."""
    roster = roster_of(where, options)
    found = collect.collect(where, options.name, options.folder, roster)
    lost = [one for one in found if not one.student]
    for one in lost:
        print(f"not taken: {one.path.relative_to(options.folder)}: {one.reason}")
    missing = sorted(set(roster or ()) - set(where.students(options.name)))
    print(
        f"taken: {len(found) - len(lost)}, not taken: {len(lost)}, on the roster without a hand-in: {len(missing)}"
    )
    if missing:
        print("without: " + ", ".join(missing))
    return 1 if lost else 0


def do_mark(where, options):
    """Mark what is new or changed."""
    where.released(options.name)
    changes = {name: getattr(options, name) for name in ("seconds", "cell_seconds", "memory_mb")}
    limits = mark.with_limits(sandbox.Limits(), **changes)
    level = sandbox.survey(limits)
    print(f"Student code runs with: {sandbox.LEVELS[level]}.", flush=True)
    if level == "plain" and not options.without_sandbox:
        raise RuntimeError(
            "This machine offers no way to hold student code back: it could read and delete your files. Mark on Linux "
            "or in a container (docs/teaching.md says how), or accept this with --without-sandbox."
            + out_of_reach()
        )
    students = mark.to_do(where, options.name, options.anew)
    known = len(where.students(options.name)) - len(students)
    print(
        f"{options.name}: {len(students)} to mark, {known} marked before and unchanged", flush=True
    )
    say = lambda line: print(line, flush=True)  # noqa: E731
    records = asyncio.run(
        mark.mark(where, options.name, limits, students, level, options.workers, say)
    )
    return 1 if any(record["status"] != "marked" for record in records.values()) else 0


def out_of_reach():
    """Return a sentence on what keeps root from running student code as another user, or nothing."""
    closed = sandbox.closed_to_others(sandbox.python_folders()) if sandbox.as_root() else []
    if not closed:
        return ""
    return f" As root you need a Python that another user can read; no other user may enter {closed[0]}."


def do_feedback(where, options):
    """Write the feedback."""
    pages = report.feedback(where, options.name)
    print(f"{len(pages)} pages in {where.root / 'feedback'}, without hidden tests")
    return 0


def do_export(where, options):
    """Write the CSV file."""
    path = options.out or where.root / f"{options.name}.csv"
    table = report.export(where, options.name, path, roster_of(where, options) or ())
    print(f"{len(table)} students in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
