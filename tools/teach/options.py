"""The words of the command line that single verbs take. Imports nothing that takes seconds."""

import argparse
import contextlib

from cgan_lab._support.names import path

from . import receipt, sandbox

LIMITS = {
    "seconds": "of one submission",
    "cell_seconds": "of one cell",
    "memory_mb": "of one submission",
}


def add_collecting(added):
    """Add the folder and the options of `collect`."""
    added.add_argument(
        "folder", type=path, help="notebooks side by side, or one folder per student"
    )
    add_due(added)
    add_roster(added)


def add_due(added):
    """Add the options that say when an assignment is due."""
    added.add_argument(
        "--due", type=worded(receipt.read_time), help=f"when it is due: {receipt.SHAPE}; kept"
    )
    added.add_argument(
        "--extension",
        type=worded(receipt.read_extension),
        action="append",
        default=[],
        metavar="ID=HOURS",
        help="hours that a student has longer (repeat it for others); kept",
    )


def add_roster(added):
    """Add the option for the roster."""
    added.add_argument(
        "--roster", type=path, help="CSV file: id,name,... (default: roster.csv, if any)"
    )


def add_out(added, usual="NAME.csv"):
    """Add the options of a verb that writes a table with all students."""
    added.add_argument("--out", type=path, help=f"the file (default: {usual} in the class)")


def add_partial(added):
    """Add the options of `feedback`."""
    text = "also while answers are not read yet; what is written says so"
    added.add_argument("--partial", action="store_true", help=text)
    add_roster(added)


def add_exporting(added):
    """Add the options of `export`."""
    add_out(added)
    add_partial(added)


def add_table(added):
    """Add the options of `table`."""
    add_out(added, "table.csv")
    add_roster(added)


def add_points(added):
    """Add the file of `points`."""
    added.add_argument("file", type=path, help="the table of `answers`, filled in")


def worded(read):
    """Return ``read`` so that argparse shows the message of its errors."""

    def one(text):
        """Read one word of the command line."""
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return one


def add_marking(added):
    """Add the options of `mark`."""
    added.add_argument("--anew", action="store_true", help="mark all again, not only what is new")
    text = "mark this one alone (repeat it for others)"
    added.add_argument("--student", action="append", metavar="ID", help=text)
    text = "submissions at a time (default: one per core)"
    added.add_argument("--workers", type=above_zero(int), help=text)
    for name, text in LIMITS.items():
        usual = getattr(sandbox.Limits, name)
        option = f"--{name.replace('_', '-')}"
        added.add_argument(
            option, type=above_zero(type(usual)), default=usual, help=f"{text} (default: {usual:g})"
        )
    add_due(added)
    add_roster(added)
    added.add_argument(
        "--unconfined", action="store_true", help="accept that student code runs with your rights"
    )


def above_zero(kind):
    """Return a function that reads a number of the ``kind`` that a limit can be."""

    def number(text):
        with contextlib.suppress(ValueError):
            if 0 < kind(text) < 1e9:
                return kind(text)
        raise argparse.ArgumentTypeError(f"expected a number above 0, not {text!r}")

    return number


def add_seed(added):
    """Add the options of `release`."""
    text = "draw numbers and a variant of each task by this number (default: as in the source)"
    added.add_argument("--seed", type=above_zero(int), help=text)
    text = "draw for each student on the roster"
    added.add_argument("--per-student", action="store_true", help=text)
    added.add_argument("--dry-run", action="store_true", help="show what is drawn, release nothing")
    add_roster(added)


ADD = {
    "release": add_seed,
    "collect": add_collecting,
    "mark": add_marking,
    "answers": lambda added: add_out(added, "NAME_answers.csv"),
    "points": add_points,
    "feedback": add_partial,
    "export": add_exporting,
    "table": add_table,
}
