"""A class of forty is marked by one command with progress; a rerun marks only what is new; the marks come out right."""

import asyncio
import csv
import os
import subprocess
import sys

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import mark, release, report, sandbox

CLASS = 40
ANSWERS = {
    0: "def double(x):\n    return x + x",
    1: "def double(x):\n    return 2.0 * x",
    2: None,
    3: "def double(x",
}
POINTS = {0: 3, 1: 2, 2: 0, 3: 0}


def tell(where, capsys, *words):
    """Run one command of the class and return (exit code, what it printed)."""
    options = command.parser().parse_args(["--class", str(where.root), *words])
    code = getattr(command, f"do_{words[0]}")(where, options)
    return code, capsys.readouterr().out


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """A class of forty with four kinds of answers, handed in."""
    course = teaching.tiny_course(tmp_path_factory.mktemp("forty"))
    release.release(course, "tiny")
    for number in range(CLASS):
        answer = ANSWERS[number % len(ANSWERS)]
        filled = {} if answer is None else {"tiny_double": answer}
        teaching.hand_in(
            course, "tiny", f"s{number:02d}", teaching.filled(course.released("tiny"), **filled)
        )
    ids = "\n".join(f"s{number:02d}" for number in range(CLASS + 1))
    (course.root / "roster.csv").write_text(f"id\n{ids}\n", encoding="utf-8")
    return course


def test_forty_are_marked_by_one_command_and_a_rerun_marks_what_is_new(where, capsys):
    plain = ["--without-sandbox"] if sandbox.survey() == "plain" else []
    code, said = tell(where, capsys, "mark", "tiny", *plain)
    assert code == 0 and "tiny: 40 to mark, 0 marked before and unchanged" in said
    assert [f"[{number}/40]" in said for number in range(1, CLASS + 1)] == [True] * CLASS

    code, said = tell(where, capsys, "mark", "tiny", *plain)
    assert code == 0 and "tiny: 0 to mark, 40 marked before and unchanged" in said

    teaching.hand_in(
        where,
        "tiny",
        "s02",
        teaching.filled(where.released("tiny"), tiny_double="def double(x):\n    return x * 2"),
    )
    code, said = tell(where, capsys, "mark", "tiny", *plain)
    assert "tiny: 1 to mark, 39 marked before and unchanged" in said and "[1/1] s02: marked" in said

    code, said = tell(where, capsys, "export", "tiny")
    assert code == 0 and "41 students" in said
    with open(where.root / "tiny.csv", encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    want = {f"s{number:02d}": POINTS[number % len(POINTS)] for number in range(CLASS)} | {"s02": 3}
    assert {student: float(rows[student]["points"]) for student in want} == want
    assert list(rows["s00"]) == ["student", "tiny_double", "points", "of", "status", "reason"]
    assert rows["s40"]["status"] == "no hand-in" and rows["s40"]["points"] == ""


def test_it_asks_before_student_code_runs_with_the_teachers_rights(where, capsys, monkeypatch):
    monkeypatch.setattr(sandbox, "survey", lambda limits: "plain")
    with pytest.raises(RuntimeError, match="read and delete your files"):
        tell(where, capsys, "mark", "tiny", "--anew")
    monkeypatch.setattr(sandbox, "closed_to_others", lambda paths: ["/root"])
    monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.raises(RuntimeError, match="no other user may enter /root"):
        tell(where, capsys, "mark", "tiny", "--anew")


@pytest.fixture
def small(tmp_path):
    """A class of one, whose assignment has an open question too; the student fails a hidden test and answers it."""
    source = teaching.tiny_source()
    why = nbformat.v4.new_markdown_cell("Your answer.", id="tiny-why")
    why.metadata = teaching.cell("tiny_why", "", grade=True, solution=True, points=4).metadata
    source.cells.append(why)
    course = teaching.tiny_course(tmp_path, source)
    release.release(course, "tiny")
    code = "def double(x):\n    print('asked', x)\n    return 4 if x == 2 else 'aa'"
    teaching.hand_in(
        course,
        "tiny",
        "s1",
        teaching.filled(course.released("tiny"), tiny_double=code, tiny_why="So."),
    )
    return course


def row_of(where, student="s1"):
    return {row["student"]: row for row in report.rows(where, "tiny")[1]}[student]


def marked_anew(where):
    level = sandbox.survey()
    asyncio.run(
        mark.mark(
            where, "tiny", sandbox.Limits(), where.students("tiny"), level, say=lambda line: None
        )
    )


def test_points_that_a_person_gave_reach_the_table_and_survive_a_rerun(small):
    marked_anew(small)
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("", "1")
    with small.gradebook() as book:
        book.find_grade("tiny_why", "tiny", "tiny", "s1").manual_score = 3
        book.db.commit()
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")
    marked_anew(small)
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")


def test_nbgraders_own_steps_run_no_student_code_and_show_no_hidden_test(small):
    """Its formgrader has buttons for both, which would run on the teacher's account and print the hidden tests."""
    marked_anew(small)
    with small.gradebook() as book:
        book.find_grade("tiny_why", "tiny", "tiny", "s1").manual_score = 3
        book.db.commit()
    for step in ("generate_feedback", "autograde"):
        answer = getattr(small.nbgrader(), step)("tiny", "s1", force=True)
        assert not answer["success"] and "by the command line alone" in answer["log"], step
    assert not (small.root / "feedback").exists() or not list(
        (small.root / "feedback").rglob("*.html")
    )
    assert mark.to_do(small, "tiny") == ["s1"], (
        "autograde takes its old result away before it is refused"
    )
    marked_anew(small)
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")
    assert mark.to_do(small, "tiny") == []


def test_as_another_user_it_is_marked_too(small):
    """What root gets where there are no namespaces."""
    if not hasattr(os, "getuid") or os.getuid() or not sandbox.works("user", sandbox.Limits()):
        pytest.skip("this needs root, and a Python that another user can read")
    asyncio.run(mark.mark(small, "tiny", sandbox.Limits(), ["s1"], "user", say=lambda line: None))
    assert (row_of(small)["points"], row_of(small)["status"]) == ("1", "marked")


def test_the_feedback_of_a_failed_hidden_test_does_not_show_it(small):
    marked_anew(small)
    (page,) = report.feedback(small, "tiny")
    text = page.read_text(encoding="utf-8")
    assert "1.4142135" not in text and "2.828427" not in text and "HIDDEN" not in text
    assert "AssertionError: no" in text, "the message of the test is for the student"
    assert "def" in text and "asked" in text, "what the student wrote is theirs to see"


def test_an_assignment_changed_in_place_after_marking_is_marked_anew(small):
    marked_anew(small)
    path = small.source("tiny")
    source = nbformat.read(path, as_version=4)
    source.cells[2].metadata.nbgrader.points = 5
    source.cells[3].source = "assert double(2) == 4 and double(3) == 'aa'"
    nbformat.write(source, path)
    assert mark.to_do(small, "tiny") == []
    release.release(small, "tiny")
    assert mark.to_do(small, "tiny") == ["s1"]
    marked_anew(small)
    assert (row_of(small)["tiny_double"], row_of(small)["of"]) == ("1", "10")


def test_new_cells_after_marking_are_refused_and_the_release_stays(small):
    marked_anew(small)
    before = (small.root / "handed_out" / "tiny" / "tiny.ipynb").read_bytes()
    path = small.source("tiny")
    source = nbformat.read(path, as_version=4)
    source.cells.insert(
        4, teaching.cell("tiny_double_3", "assert True", grade=True, locked=True, points=5)
    )
    nbformat.write(source, path)
    with pytest.raises(ValueError, match="tiny_double_3 would be added or removed"):
        release.release(small, "tiny")
    source.cells[4] = teaching.cell("tiny_colab", "pass", locked=True)
    nbformat.write(source, path)
    with pytest.raises(ValueError, match="tiny_colab would be added or removed"):
        release.release(small, "tiny")
    source.cells[4] = teaching.cell(
        "tiny_double_2", "assert True", grade=True, locked=True, points=5
    )
    nbformat.write(source, path)  # nbgrader refuses two cells of one name
    with pytest.raises(ValueError, match="nbgrader could not release tiny"):
        release.release(small, "tiny")
    assert (small.root / "handed_out" / "tiny" / "tiny.ipynb").read_bytes() == before
    assert small.path("release", "tiny").read_bytes() == before


def test_a_submission_that_is_a_link_or_too_large_is_not_read(small, tmp_path):
    path = small.path("submitted", "tiny", "s2")
    path.parent.mkdir(parents=True)
    path.symlink_to(small.path("release", "tiny"))
    large = small.path("submitted", "tiny", "s3")
    large.parent.mkdir(parents=True)
    with open(large, "wb") as file:
        file.truncate(30 * 2**20)
    marked_anew(small)
    assert [row_of(small, student)["status"] for student in ("s2", "s3")] == ["unreadable"] * 2


def test_a_formula_in_the_table_stays_a_text(tmp_path, where):
    where.note("tiny", "s39", {**where.record("tiny", "s39"), "reasons": ["=1+1"]})
    report.export(where, "tiny", tmp_path / "t.csv")
    assert "'=1+1" in (tmp_path / "t.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["release", "ps9"], "There is no assignment 'ps9'"),
        (["mark", "ps1_objective"], "was not released"),
        (["collect", "ps1_objective", "nowhere"], "There is no folder nowhere"),
    ],
)
def test_a_wrong_word_is_answered_with_what_to_do(tmp_path, words, message, capsys):
    assert command.main(["--class", str(tmp_path / "c"), *words]) == 1
    assert message in capsys.readouterr().err


def test_the_command_explains_itself():
    answer = subprocess.run(
        [sys.executable, "-m", "tools.teach", "--help"],
        cwd=teaching.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(
        verb in answer.stdout for verb in ("release", "collect", "mark", "feedback", "export")
    )
