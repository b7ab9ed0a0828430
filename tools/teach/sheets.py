"""CSV files as spreadsheets save them, and tables that no spreadsheet takes for formulas."""

import csv
import io
import re
from pathlib import Path

CURE = 'Save it in the spreadsheet as "CSV UTF-8".'
ANSWERS = ["student", "task", "maximum", "answer", "points", "comment"]  # of the open answers
# A spreadsheet takes a field that begins with one of these signs for a formula.
FORMULA = re.compile(r"'*[=+@\t\r-]")


def read(path, needed, example):
    """Return (small names of the columns, [(line, {column: field})]) of a CSV file.

    Takes what spreadsheets save: UTF-8, UTF-16 or Windows' Western code, and fields between commas,
    semicolons or tabs.

    Args:
        path: the file.
        needed: the columns that must be there.
        example: says in the error what was expected.

    Raises FileNotFoundError without a file, and ValueError without the columns or a line below.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    text = decoded(path.read_bytes())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("sep=")]
    first = lines[0] if lines else ""
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(2**24)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        rows = [(table.line_num, [field.strip() for field in row]) for row in table]
        rows = [(line, row) for line, row in rows if any(row) and not row[0].startswith("sep=")]
        columns = [column.casefold() for column in rows[0][1]]
        if not set(needed) <= set(columns) or not rows[1:]:
            raise ValueError("a column is missing, or there is no line")
    except (csv.Error, ValueError, IndexError) as error:
        raise ValueError(
            f"{path}: expected {example}, but it begins with {first[:60]!r}. {CURE}"
        ) from error
    # A line may be shorter than the first one, or longer.
    return columns, [(line, dict(zip(columns, row, strict=False))) for line, row in rows[1:]]


def decoded(data):
    """Return the text of a file in one of the codes that spreadsheets write."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def write(path, columns, rows, encoding="utf-8"):
    """Write a CSV file, aside first, so that a table is there whole or not at all."""
    path = Path(path)
    unfinished = path.with_name(path.name + ".tmp")
    with open(unfinished, "w", encoding=encoding, errors="backslashreplace", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({key: guarded(text) for key, text in row.items()} for row in rows)
    unfinished.replace(path)


def guarded(text):
    """Return ``text`` so that a spreadsheet leaves it a text."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text):
    """Return what `guarded` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def check(path):
    """Raise ValueError if no file can be written at ``path``."""
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"{path} cannot be written: name a file in a folder that is there.")
