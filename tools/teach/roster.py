"""Who is in the class: a CSV file as a spreadsheet saves it, and the spellings of names."""

import csv
import io
import re
import unicodedata
from pathlib import Path

from .course import STUDENT_ID

CURE = 'Save it in the spreadsheet as "CSV UTF-8", with a first line such as id,name,email.'
OWN_FORMATS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls


def read(path):
    """Return {student id: all spellings of the student's names} from a CSV file with a column `id`.

    Further columns, such as `name` and `email`, are names too. Takes what spreadsheets save: UTF-8,
    UTF-16 or Windows' Western code, and fields between commas, semicolons or tabs. Raises
    ValueError for a file without ids, an id that is no folder's name, or one that comes twice.
    """
    text = text_of(path)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("sep=")]
    first = lines[0] if lines else ""
    separator = max(",;\t", key=first.count)
    source = io.StringIO(text, newline="")
    table = csv.reader(source, delimiter=separator, skipinitialspace=True, strict=True)
    try:
        rows = [(table.line_num, [field.strip() for field in row]) for row in table]
        rows = [(line, row) for line, row in rows if any(row) and not row[0].startswith("sep=")]
        columns = [name.casefold() for name in rows.pop(0)[1]]
        number = columns.index("id")
    except (csv.Error, ValueError, IndexError) as error:
        raise ValueError(
            f"{path}: expected the columns id,name,... and one line per student, but it begins "
            f"with {first[:60]!r}. {CURE}"
        ) from error
    roster = {}
    for line, row in rows:
        student = row[number] if number < len(row) else ""
        refuse(f"{path}, line {line}", student, row[len(columns) :], roster)
        roster[student] = {form for value in row for form in forms(value)}
    if not roster:
        raise ValueError(f"{path}: there is no student below the columns. {CURE}")
    return roster


def refuse(place, student, surplus, roster):
    """Raise ValueError for an id that cannot be used, or for more fields than there are columns."""
    if any(surplus):
        raise ValueError(
            f"{place}: it has more fields than the first line: {surplus}. A field "
            'with a comma in it needs quotes, as in s2,"Noether, Emmy".'
        )
    if not STUDENT_ID.fullmatch(student) or student in roster:
        rounded = " A spreadsheet rounds long numbers: make the column a text there."
        raise ValueError(
            f"{place}: the id {student!r} is empty, comes twice, or is neither made "
            "of A-Z a-z 0-9 . _ - nor an e-mail address."
            + (rounded if re.search(r"E\+\d", student) else "")
        )


def text_of(path):
    """Return the text of a file, whatever a spreadsheet wrote it in."""
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    data = path.read_bytes()
    if data.startswith(OWN_FORMATS):
        raise ValueError(f"{path} is a spreadsheet's own file, not CSV. {CURE}")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for code in ["utf-16"] if wide else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(code)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{path} is in no code that is known here. {CURE}")


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
