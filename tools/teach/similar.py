"""Pairs of hand-ins whose answers are alike, for a person to read. No verdict; runs nothing.

An answer is a row of words: of code, its tokens, with one word for all names that the student
chose and without comments; of text, its words in small letters. Two answers share the stretches
that stand in both. What the release says itself does not count, nor what many of the class write.
"""

import builtins
import difflib
import io
import keyword
import re
import tokenize
from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from . import course
from .restore import restore

STRETCH = {"code": 8, "markdown": 4}  # words of the stretches that are compared
LONGEST = {"code": 25, "markdown": 12}  # words that two alike answers share in one piece at least
MOST = 4000  # words of an answer that are compared: it takes time by their square
ALIKE = 0.5  # of the shorter answer's own stretches, those that the other one has too
MANY = 0.2  # of the class: what more than these have written, and more than three, does not count
SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER)
KEPT = {*keyword.kwlist, *dir(builtins)}


@dataclass(frozen=True)
class Pair:
    """Two students' answers to one task; ``alike`` is a share, ``longest`` a number of words."""

    students: tuple
    task: str
    alike: float
    longest: int
    unit: str


def pairs(where, name):
    """Return ([`Pair`], most alike first; [students whose file cannot be read])."""
    released = where.released(name)
    given = {course.grade_id(cell): cell for cell in released.cells if answers(cell)}
    texts, unreadable = {task: {} for task in given}, []
    for student in where.students(name):
        try:
            notebook = course.read(where.path("submitted", name, student))
            notebook, _ = restore(notebook, released)
        except (ValueError, KeyError, TypeError, AttributeError):
            unreadable.append(student)
            continue
        for cell in notebook.cells:
            if course.grade_id(cell) in given:
                texts[course.grade_id(cell)][student] = words(cell)
    shown = {cell.cell_type: [] for cell in given.values()}
    for cell in released.cells:
        shown.setdefault(cell.cell_type, []).append(words(cell))
    found = [
        pair for task, cell in given.items() for pair in of_task(task, cell, texts[task], shown)
    ]
    return sorted(found, key=lambda pair: (-pair.alike, -pair.longest, pair.students)), unreadable


def answers(cell):
    """Return whether students write into the cell."""
    return course.grader(cell).get("solution")


def of_task(task, cell, texts, shown):
    """Return the alike pairs of one task. ``texts``: {student: words}."""
    kind = cell.cell_type
    size = STRETCH[kind]
    given = {stretch for text in shown[kind] for stretch in stretches(text, size)}
    held = {student: stretches(text, size) - given for student, text in texts.items()}
    count = Counter(stretch for own in held.values() for stretch in own)
    common = {stretch for stretch, n in count.items() if n > max(3, MANY * len(texts))}
    held = {student: own - common for student, own in held.items()}
    unit = "tokens" if kind == "code" else "words"
    found = []
    for pair in combinations(sorted(student for student, own in held.items() if own), 2):
        one, other = (held[student] for student in pair)
        alike = len(one & other) / min(len(one), len(other))
        if alike >= ALIKE and (longest := stretch_of(*(texts[s] for s in pair), one & other, size)):
            if longest >= LONGEST[kind]:
                found.append(Pair(pair, task, alike, longest, unit))
    return found


def stretches(text, size):
    """Return all stretches of ``size`` words."""
    return {tuple(text[start : start + size]) for start in range(len(text) - size + 1)}


def stretch_of(one, other, shared, size):
    """Return the length of the longest piece that both have and that counts, in words."""
    longest = 0
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for block in matcher.get_matching_blocks():
        run = 0
        for start in range(block.a, block.a + block.size - size + 1):
            run = run + 1 if tuple(one[start : start + size]) in shared else 0
            longest = max(longest, run + size - 1 if run else 0)
    return longest


def words(cell):
    """Return the words of a cell's text, as the beginning of this file says."""
    text = course.source(cell)
    if cell.cell_type != "code":
        return re.findall(r"\w+", text.casefold())[:MOST]
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in SKIPPED:
                found.append(word(token, found[-1] if found else ""))
    except (tokenize.TokenError, SyntaxError):
        pass  # what stands before the slip counts
    return found[:MOST]


def word(token, before):
    """Return a token's word. What follows a dot is a library's name, and no student chose it."""
    if token.type == tokenize.NAME and token.string not in KEPT and before != ".":
        return "name"
    if token.type == tokenize.STRING:
        return "text"
    return {tokenize.INDENT: "indent", tokenize.DEDENT: "dedent"}.get(token.type, token.string)
