"""Open answers go out to one table and their points come back; nothing unread is published."""

import csv
import re
import shutil

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import answers, index, release, report, sheets, table
from tools.teach.course import Course

GOOD = "def double(x):\n    return x + x"
SAID = 'Because:\n=1+1; σ, and\n"so".'
ANSWERED = {"s1": SAID, "s2": "=SUM(A1)", "s3": None}  # s3 has left the question as it was


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """The folder of a class of three and of one whose file is no notebook; it is marked."""
    folder = tmp_path_factory.mktemp("answers")
    where = teaching.with_a_question(folder)
    for student, text in ANSWERED.items():
        said = {"tiny_why": text} if text else {}
        notebook = teaching.filled(where.released("tiny"), tiny_double=GOOD, **said)
        teaching.hand_in(where, "tiny", student, notebook)
    where.path("submitted", "tiny", "s4").parent.mkdir(parents=True)
    where.path("submitted", "tiny", "s4").write_text("nonsense")
    (where.root / "roster.csv").write_text("id,name,E-Mail\ns1,Ada,a@x.org\ns5,=Emmy,\n")
    teaching.mark_all(where)
    return folder


@pytest.fixture
def where(marked, tmp_path):
    """A copy of the marked class."""
    shutil.copytree(marked, tmp_path / "copy")
    return Course(tmp_path / "copy" / "class", tmp_path / "copy" / "assignments")


@pytest.fixture
def tell(where, capsys):
    """A function that runs one command; it returns (exit code, what it printed)."""

    def run(verb, *words):
        """Run the command `verb` on `tiny`."""
        name = [] if verb == "table" else ["tiny"]
        options = command.parser().parse_args(["--class=x", verb, *name, *map(str, words)])
        try:
            return options.do(where, options), capsys.readouterr().out
        except ValueError as error:
            return 1, str(error)

    return run


def written(path):
    """The rows of a CSV file, as Python reads them."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, rows, encoding="utf-8", separator=","):
    """Write rows as a spreadsheet would."""
    with open(path, "w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)


def grade(where, student):
    """(manual points, whether it waits, manual comment) as the Formgrader has them."""
    with where.gradebook() as book:
        one = book.find_grade("tiny_why", "tiny", "tiny", student)
        comment = book.find_comment("tiny_why", "tiny", "tiny", student).manual_comment
        return one.manual_score, one.needs_manual_grade, comment


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t")],
)
def test_points_and_comments_go_out_and_in_and_survive_marking(where, tell, encoding, separator):
    out = where.root / "tiny_answers.csv"
    assert tell("answers") == (0, f"3 answers in {out}, 2 of them not read yet\n")
    rows = written(out)
    assert [row["student"] for row in rows] == ["s1", "s2", "s3"]
    assert [row["points"] for row in rows] == ["", "", "0"], "nothing written is worth nothing"
    assert {(row["task"], row["maximum"]) for row in rows} == {("tiny_why", "4")}
    assert [row["answer"] for row in rows] == [SAID, "'=SUM(A1)", "YOUR ANSWER HERE"]
    rows[0] |= {"points": "2,5", "comment": "'-so it is\nor not"}
    rows[1] |= {"points": "4"}
    fill(out, rows, encoding, separator)
    code, said = tell("points", out)
    assert code == 0 and said.splitlines() == [
        "s1 tiny_why: 2.5 points (before: not read)",
        "s1 tiny_why: a comment",
        "s2 tiny_why: 4 points (before: not read)",
        "changed: 3; students with an answer that is not read yet: 0",
    ]
    assert grade(where, "s1") == (2.5, False, "-so it is\nor not")
    assert grade(where, "s3") == (None, False, None)
    assert tell("points", out)[1].startswith("changed: 0;")
    if encoding == "utf-8":
        teaching.mark_all(where)
        assert grade(where, "s1")[0::2] == (2.5, "-so it is\nor not")
    tell("answers")
    assert [row["points"] for row in written(out)] == ["2.5", "4", "0"]
    assert written(out)[0]["comment"] == "'-so it is\nor not"


def test_an_empty_field_takes_nothing_away(where, tell):
    out = where.root / "tiny_answers.csv"
    tell("answers")
    rows = written(out)
    rows[0] |= {"points": "3", "comment": "yes"}
    fill(out, rows)
    tell("points", out)
    rows[0] |= {"points": "", "comment": ""}
    rows[1] |= {"points": "1"}
    fill(out, rows)
    assert "changed: 1;" in tell("points", out)[1]
    assert grade(where, "s1") == (3, False, "yes") and grade(where, "s2")[0] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"student": "s9"}, "line 5: no answer of 's9' is marked"),
        ({"student": "s4"}, "no answer of 's4' is marked"),
        ({"task": "ps1_why"}, "'ps1_why' is no open question of tiny, which has tiny_why"),
        ({"task": "tiny_double_1"}, "'tiny_double_1' is no open question"),
        ({"points": "4.5"}, "the points are '4.5', expected a number from 0 to 4, or nothing"),
        ({"points": "'-1"}, "the points are '-1'"),
        ({"points": "nan"}, "the points are 'nan'"),
        ({"points": "two"}, "the points are 'two'"),
        ({"answer": "Another one."}, "the answer of s2 to tiny_why is another one now"),
        ({"student": "s1", "answer": ""}, "tiny_why of s1 comes twice"),
    ],
)
def test_one_wrong_line_and_nothing_is_changed(where, tell, change, message):
    out = where.root / "tiny_answers.csv"
    tell("answers")
    rows = written(out)
    rows[0]["points"] = "3"
    fill(out, [rows[0], rows[1] | {"points": "2"} | change])
    code, said = tell("points", out)
    assert code == 1 and "nothing was changed" in said
    assert message.removeprefix("line 5: ") in said and len(said.splitlines()) == 2, said
    assert grade(where, "s1") == grade(where, "s2") == (None, True, None)


def test_a_text_that_looks_like_a_formula_comes_back_as_it_was():
    for text in ("=1", "'=1", "''-x", "+", "@a", "\tx", "'plain", "plain", "", "-"):
        assert sheets.unguarded(sheets.guarded(text)) == text
        assert sheets.guarded(text)[:1] not in tuple("=+-@\t")


@pytest.mark.parametrize("verb", ["feedback", "export"])
def test_nothing_is_written_while_an_answer_is_unread(where, tell, verb):
    code, said = tell(verb)
    assert code == 1 and "s1: tiny_why\n  s2: tiny_why\n" in said and "--partial" in said
    assert "s3" not in said
    assert not (where.root / "feedback").exists() and not (where.root / "tiny.csv").exists()


def test_what_is_written_all_the_same_says_what_is_unread(where, tell):
    assert tell("export", "--partial")[0] == 0
    rows = {row["student"]: row for row in written(where.root / "tiny.csv")}
    assert (rows["s1"]["tiny_why"], rows["s1"]["points"]) == ("", "3")
    assert rows["s1"]["note"] == "partial: not read yet: tiny_why"
    assert (rows["s3"]["tiny_why"], rows["s3"]["note"]) == ("0", "")
    assert tell("feedback", "--partial")[0] == 1, "s4 has no page"
    page = where.path("feedback", "tiny", "s1").with_suffix(".html").read_text(encoding="utf-8")
    head, _, body = page.partition('id="notebook"')
    assert "(3 / 7, not all is read yet)</h4>" in head
    assert '<a href="#tiny_why">your answer</a>: not read yet</li>' in head
    assert "not read yet <a" in body and "0.0 / 4" not in page
    page = where.path("feedback", "tiny", "s3").with_suffix(".html").read_text(encoding="utf-8")
    assert "not read yet" not in page and "(3 / 7)</h4>" in page


def test_a_page_begins_with_the_tasks_by_their_titles(tmp_path):
    source = teaching.tiny_source()
    heading, code = "## 1 · Double $x<\\infty$ (3 points)", "```\n# no title\n```"
    for place, text in ((1, f"# Tiny\n\n{heading}"), (4, code)):
        source.cells.insert(place, nbformat.v4.new_markdown_cell(text))
    hidden = teaching.cell("tiny_double_1_hidden", "assert True", grade=True, locked=True, points=2)
    source.cells.append(hidden)
    where = teaching.tiny_course(tmp_path, source)
    release.release(where, "tiny")
    notebook = teaching.filled(where.released("tiny"), tiny_double=GOOD)
    teaching.hand_in(where, "tiny", "s1", notebook)
    where.path("submitted", "tiny", "s1").with_name("timestamp.txt").write_text(
        "2026-11-27 10:00:00.000000 UTC"
    )
    teaching.mark_all(where)
    pages, reasons = report.feedback(where, "tiny")
    head, _, _ = pages["s1"].read_text(encoding="utf-8").partition('id="notebook"')
    listed = re.findall(r"<li>.*</li>", head)
    assert reasons == {} and len(listed) == 1 and "Test cell" not in head
    seen = [
        f'<li><a href="#tiny_double_{n}">tests you see {n}</a>: {p} / {p}</li>'
        for n, p in ((1, 2), (2, 1))
    ]
    hidden = '<li><a href="#tiny_double_1_hidden">hidden tests</a>: 2 / 2</li>'
    title = "1 · Double $x&lt;\\infty$"
    assert listed == [f"<li>{title}: 5 / 5<ul>{''.join(seen)}{hidden}</ul></li>"]
    assert re.search(r"<p>Received 2026-11-2\d \d\d:\d\d.</p>", head)


@pytest.mark.parametrize("name", teaching.NAMES)
def test_every_marked_cell_of_an_assignment_has_a_title(name):
    titles = index.titles(teaching.source(name))
    assert set(teaching.points(teaching.source(name))) <= set(titles)
    kinds = {cell: kind for cell, (_, kind) in titles.items()}
    assert all((kind == index.HIDDEN) == cell.endswith("_hidden") for cell, kind in kinds.items())
    assert index.ANSWER in kinds.values()
    assert len({title for title, _ in titles.values()}) > 2, "tasks have headings of their own"
    assert not any("points)" in title or title == cell for cell, (title, _) in titles.items())


def test_the_table_has_names_and_says_what_is_missing(where, tell):
    second = where.root / "release" / "other" / "other.ipynb"
    assert not second.exists()
    code, said = tell("table")
    assert code == 0 and f"5 students in {where.root / 'table.csv'}" in said
    rows = {row["student"]: row for row in written(where.root / "table.csv")}
    assert list(rows["s1"]) == ["student", "name", "email", "tiny", "points", "of", "note"]
    one = {"name": "Ada", "email": "a@x.org", "tiny": "", "points": "", "of": "7"}
    assert rows["s1"] == {"student": "s1", **one, "note": "tiny: not read: tiny_why"}
    assert (rows["s3"]["points"], rows["s3"]["note"]) == ("3", "")
    assert (rows["s4"]["points"], rows["s4"]["note"]) == ("0", "tiny: unreadable")
    assert (rows["s5"]["name"], rows["s5"]["note"]) == ("'=Emmy", "tiny: no hand-in")


def test_one_is_marked_alone(where, capsys):
    with where.gradebook() as book:
        book.find_grade("tiny_why", "tiny", "tiny", "s2").manual_score = 3
        book.db.commit()
    for student in ("s1", "s2"):
        notebook = teaching.filled(where.released("tiny"), tiny_why=f"{student} anew")
        teaching.hand_in(where, "tiny", student, notebook)
    stamp = where.path("submitted", "tiny", "s1").with_name("timestamp.txt")
    stamp.write_text("2026-11-29 12:00:00.000000 UTC")  # as nbgrader leaves it on a hub
    words = ["--class=x", "mark", "tiny", "--student", "s2", "--due", "2026-11-27 23:59"]
    words += [] if teaching.level() == "confined" else ["--unconfined"]
    options = command.parser().parse_args(words)
    assert options.do(where, options) == 0
    said = capsys.readouterr().out
    assert "tiny: 1 to mark, 0 marked before and unchanged" in said and "[1/1] s2: marked" in said
    assert "due 2026-11-27 23:59, late: s1 (1 d " in said
    assert "tiny_why has changed since it was read: read it again" in said
    assert grade(where, "s2")[0] == 3, "the points stay"
    found = {row["student"]: row["answer"] for row in answers.rows(where, "tiny")}
    assert found["s2"] == "s2 anew" and found["s1"] == SAID
    options = command.parser().parse_args([*words, "--student", "s9"])
    with pytest.raises(ValueError, match="'s9' has handed in nothing for tiny; who has: s1, s2"):
        options.do(where, options)


def test_the_table_needs_a_release(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `release` first"):
        table.rows(Course(tmp_path / "class"), {})
