"""What learning platforms write into the names of files: who, when, which attempt, whether late."""

import re
from dataclasses import dataclass
from datetime import datetime

from . import roster

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Each is matched with a file's name without `.ipynb`, or with a folder's.
PATTERNS = {
    "Moodle": r"(?P<who>.+?)_\d+_assignsubmission_(?:file|onlinetext)(?:_.*)?",
    "Blackboard": r"(?P<who>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_.*)?",
    "Brightspace": r"\d+-\d+ - (?P<who>.+?) - (?P<date>[A-Za-z]{3,9} \d{1,2}, \d{4} \d{3,4} [AP]M)"
    r"(?: - .*)?",
    "Canvas": r"(?P<who>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_\d+_.+?(?:-(?P<again>\d+))?",
}
# What platforms lay beside the files: their own notes on a hand-in.
NOTES = re.compile(r".+_attempt_\d{4}(-\d\d){5}\.txt|index\.html")


@dataclass(frozen=True)
class Said:
    """What one name says; ``when`` is None where it says nothing of the time."""

    platform: str
    who: str
    when: datetime | None = None
    late: bool = False
    again: int = 0

    @property
    def order(self):
        """Return what orders the attempts of one student, or None."""
        if self.when:
            return (self.platform, self.when.isoformat())
        return (self.platform, f"{self.again:09d}") if self.platform == "Canvas" else None


def said(name):
    """Return what a file's or folder's ``name`` says in the way of a platform, or None."""
    stem = re.sub(r"\.ipynb.*$", "", name, flags=re.IGNORECASE)
    for platform, pattern in PATTERNS.items():
        found = re.fullmatch(pattern, stem)
        if found:
            parts = found.groupdict()
            return Said(
                platform,
                parts["who"],
                time(parts),
                bool(parts.get("late")),
                int(parts.get("again") or 0),
            )
    return None


def said_by(inside):
    """Return what the name of a file says, or the nearest folder's, or None."""
    return next(filter(None, map(said, reversed(inside))), None)


def time(parts):
    """Return the time in the ``parts`` of a name, on this machine's clock, or None."""
    try:
        if parts.get("time"):
            return datetime.strptime(parts["time"], "%Y-%m-%d-%H-%M-%S").astimezone()
        if parts.get("date"):
            month, day, year, clock, half = parts["date"].replace(",", "").split()
            hour = int(clock[:-2]) % 12 + (12 if half == "PM" else 0)
            number = MONTHS.index(month[:3].lower()) + 1
            return datetime(int(year), number, int(day), hour, int(clock[-2:])).astimezone()
    except ValueError:
        return None
    return None


def named(said, people):
    """Return the students whom a name names that a platform wrote, sorted: one if it is clear."""
    if said.platform == "Blackboard":  # the assignment's name, which may hold any sign, then the id
        parts = said.who.split("_")
        ends = ["_".join(parts[start:]) for start in range(len(parts))]
        return sorted({student for end in ends for student in roster.named_by(end, people)})
    if said.platform == "Canvas":
        return roster.written(said.who, people, roster.joined)
    return roster.named_by(said.who, people) or roster.written(said.who, people, roster.words)
