"""Alike answers are listed as pairs; what the release or many of the class write is not."""

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import similar

CODE = """def double(x):
    # {note}
    {a} = 0
    for {b} in (x, x):
        {a} = {a} + {b}
    if {a} != 2 * x:
        raise ValueError("this is no number: " + repr(x))
    return {a}
"""
OWN = """def double(x):
    parts = [x] * 2
    while len(parts) > 1:
        parts = [sum(parts[:2]), *parts[2:]]
    assert parts, "nothing came in here"
    return parts.pop()
"""
TEXT = (
    "The generator has no way to see the labels of the real images, so the discriminator {} for "
    "the class as well and pushes it away from whatever it cannot tell apart in a batch"
)
PLAIN = (
    "Sums of small errors grow with the number of steps, and nobody notices before the curve bends"
)


@pytest.fixture
def where(tmp_path):
    """A released class without hand-ins."""
    return teaching.with_a_question(tmp_path)


def hand_in(where, student, code, text):
    """Hand in both answers."""
    notebook = teaching.filled(where.released("tiny"), tiny_double=code, tiny_why=text)
    teaching.hand_in(where, "tiny", student, notebook)


def listed(where):
    """{(students, task): pair}."""
    return {(*pair.students, pair.task): pair for pair in similar.pairs(where, "tiny")[0]}


def test_other_names_and_comments_do_not_hide_a_copy(where):
    hand_in(where, "s1", CODE.format(a="total", b="part", note="adds"), TEXT.format("looks"))
    hand_in(where, "s2", CODE.format(a="n", b="one", note="my own"), TEXT.format("has an eye"))
    hand_in(where, "s3", OWN, PLAIN)
    found = listed(where)
    assert set(found) == {("s1", "s2", "tiny_double"), ("s1", "s2", "tiny_why")}
    code, text = found["s1", "s2", "tiny_double"], found["s1", "s2", "tiny_why"]
    assert code.alike == 1 and code.longest > 40 and code.unit == "tokens"
    # 34 words, 31 stretches of four; those with the exchanged word differ.
    words = similar.words(nbformat.v4.new_markdown_cell(TEXT.format("looks")))
    at = words.index("looks")
    assert text.alike == pytest.approx((len(words) - 3 - 4) / (len(words) - 3))
    assert text.longest == max(at, len(words) - at - 1) and text.unit == "words"


def test_what_many_write_and_what_the_release_says_is_not_listed(where):
    for number in range(8):
        code = CODE.format(a=f"a{number}", b="b", note="") if number < 4 else None
        released = where.released("tiny").cells
        hand_in(where, f"s{number}", code or released[1].source, released[4].source)
    assert listed(where) == {}
    hand_in(where, "s8", OWN, PLAIN)
    hand_in(where, "s9", OWN.replace("parts", "pieces"), PLAIN)
    assert set(listed(where)) == {("s8", "s9", "tiny_double"), ("s8", "s9", "tiny_why")}


def test_short_answers_are_alike_by_nature(where):
    for student in ("s1", "s2"):
        hand_in(where, student, "def double(x):\n    return x + x", "Because of the sum.")
    assert listed(where) == {}


def test_code_that_does_not_parse_is_compared_too_and_nothing_stops_the_list(where, capsys):
    broken = CODE.format(a="total", b="part", note="adds") + "\n    return ((total"
    hand_in(where, "s1", broken, PLAIN)
    hand_in(where, "s2", broken.replace("total", "n"), "So.")
    where.path("submitted", "tiny", "s3").parent.mkdir(parents=True)
    where.path("submitted", "tiny", "s3").write_text("nonsense")
    options = command.parser().parse_args(["--class=x", "similar", "tiny"])
    assert options.do(where, options) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("s1 and s2: tiny_double: 100 % alike, ")
    assert said[0].endswith("tokens in one piece")
    assert said[1:] == [
        "not compared: s3: its file cannot be read",
        "1 pairs to read. Alike answers can have an honest cause: this is no verdict.",
    ]
