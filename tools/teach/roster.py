"""Who is in the class: a CSV file as a spreadsheet saves it, and the spellings of names."""

import re
import unicodedata

from . import sheets
from .course import STUDENT_ID

HOURS = "extra_hours"
# Letters that no accent is taken from, and the other spelling of those that have two.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def rows(path):
    """Return {student id: {column: field}} from a CSV file with a column `id`.

    Raises ValueError for a file without ids, an id that is no folder's name, or one that comes
    twice, and for a column `extra_hours` that holds something else than hours.
    """
    example = "the columns id,name,... and one line per student"
    _, lines = sheets.read(path, ["id"], example)
    found = {}
    for line, row in lines:
        student = row.get("id", "")
        if not STUDENT_ID.fullmatch(student) or student in found:
            raise ValueError(
                f"{path}, line {line}: the id {student!r} is empty, comes twice, or is neither "
                "made of A-Z a-z 0-9 . _ - nor an e-mail address. A spreadsheet rounds long "
                "numbers, unless the column is a text there."
            )
        hours(row.get(HOURS) or "0", f"{path}, line {line}, column {HOURS}")
        found[student] = row
    return found


def hours(text, place):
    """Return the hours that ``text`` says; ``place`` says in the error where it stood."""
    if not re.fullmatch(r"\d{1,4}([.,]\d+)?", text):
        raise ValueError(f"{place}: expected hours such as 24 or 1.5, not {text!r}.")
    return float(text.replace(",", "."))


def read(path):
    """Return {student id: all spellings of the student's names}.

    Each column of the roster, such as `name` and `email`, holds names, but for `extra_hours`.
    """
    return {
        student: {form for key, value in row.items() if key != HOURS for form in forms(value)}
        for student, row in rows(path).items()
    }


def forms(name):
    """Return the spellings of ``name``: no accents, no capitals, `Last, First` turned too."""
    last, comma, first = name.partition(",")
    turned = [f"{first} {last}"] if comma else []
    texts = [name, *turned]
    texts += [unicodedata.normalize("NFC", text).casefold().translate(SPELT) for text in texts]
    return {normal(text) for text in texts} - {""}


def normal(text):
    """Return ``text`` in small letters without accents, with one space between its words."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(PLAIN)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w@.+-]+|_", " ", plain).split())


def named_by(text, roster):
    """Return the students whom ``text`` names, sorted: one if it is clear."""
    return sorted(student for student, names in roster.items() if forms(text) & names)


def written(text, roster, key):
    """Return the students one of whose names has the same ``key`` as ``text``, sorted.

    ``key`` returns all that a platform may make of a name.
    """
    wanted = {made for form in forms(text) for made in key(form)}
    return sorted(
        student for student, names in roster.items() if any(wanted & key(form) for form in names)
    )


def words(name):
    """Return the words of a name without their order, in a set: platforms turn names around."""
    return {" ".join(sorted(name.split()))}


def joined(name):
    """Return the letters of a name from each of its words on, as `lovelaceada` for Ada Lovelace."""
    parts = [re.sub(r"[\W_]", "", part) for part in name.split()]
    return {"".join(parts[start:] + parts[:start]) for start in range(len(parts))}
