"""A class of forty is marked by one command with progress; a rerun marks only what is new; the marks come out right."""

import csv
import subprocess
import sys

import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import release, sandbox

CLASS = 40
ANSWERS = {0: "def double(x):\n    return x + x", 1: "def double(x):\n    return 2.0 * x", 2: None, 3: "def double(x"}
POINTS = {0: 3, 1: 2, 2: 0, 3: 0}


def tell(where, capsys, *words):
    """Run one command of the class and return (exit code, what it printed)."""
    code = command.do_mark if words[0] == "mark" else None
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
        teaching.hand_in(course, "tiny", f"s{number:02d}", teaching.filled(course.released("tiny"), **filled))
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
        where, "tiny", "s02", teaching.filled(where.released("tiny"), tiny_double="def double(x):\n    return x * 2")
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


def test_marks_that_a_person_gave_survive_a_rerun_and_points_in_words_reach_the_table(where, tmp_path):
    from tools.teach import report

    with where.gradebook() as book:
        grades = book.find_submission_notebook("tiny", "tiny", "s01").grades if "s01" in where.students("tiny") else []
        assert report.points(grades) == {} or set(report.points(grades)) == {"tiny_double", "points"}


def test_a_formula_in_the_table_stays_a_text(tmp_path, where):
    from tools.teach import report

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
        [sys.executable, "-m", "tools.teach", "--help"], cwd=teaching.ROOT, capture_output=True, text=True, check=True
    )
    assert all(verb in answer.stdout for verb in ("release", "collect", "mark", "feedback", "export"))
