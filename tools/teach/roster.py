"""Who is in the class: a CSV file as a spreadsheet saves it, and the spellings of names."""

import csv
import io
import re
import unicodedata

from .course import STUDENT_ID

CURE = 'Save it in the spreadsheet as "CSV UTF-8", with a first line such as id,name,email.'


def read(path):
    """Return {student id: all spellings of the student's names} from a CSV file with a column `id`.

    Further columns, such as `name` and `email`, are names too. Takes what spreadsheets save: UTF-8,
    UTF-16 or Windows' Western code, and fields between commas, semicolons or tabs. Raises
    ValueError for a file without ids, an id that is no folder's name, or one that comes twice.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    data = path.read_bytes()
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("sep=")]
    first = lines[0] if lines else ""
    separator = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        rows = [(table.line_num, [field.strip() for field in row]) for row in table]
        rows = [(line, row) for line, row in rows if any(row) and not row[0].startswith("sep=")]
        column = [name.casefold() for name in rows[0][1]].index("id")
        found = [(line, row[column], row) for line, row in rows[1:]]
        if not found:
            raise ValueError("no student")
    except (csv.Error, ValueError, IndexError) as error:
        raise ValueError(
            f"{path}: expected the columns id,name,... and one line per student, but it begins "
            f"with {first[:60]!r}. {CURE}"
        ) from error
    roster = {}
    for line, student, row in found:
        if not STUDENT_ID.fullmatch(student) or student in roster:
            raise ValueError(
                f"{path}, line {line}: the id {student!r} is empty, comes twice, or is neither "
                "made of A-Z a-z 0-9 . _ - nor an e-mail address. A spreadsheet rounds long "
                "numbers, unless the column is a text there."
            )
        roster[student] = {form for value in row for form in forms(value)}
    return roster


def forms(name):
    """Return the spellings of ``name``: no accents, no capitals, `Last, First` turned too."""
    last, comma, first = name.partition(",")
    turned = [f"{first} {last}"] if comma else []
    return {normal(form) for form in [name, *turned]} - {""}


def normal(text):
    """Return ``text`` in small letters without accents, with one space between its words."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w@.+-]+|_", " ", plain).split())


def named_by(text, roster):
    """Return the students whom ``text`` names, sorted: one if it is clear."""
    return sorted(student for student, names in roster.items() if forms(text) & names)
