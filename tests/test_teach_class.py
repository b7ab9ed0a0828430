"""A class is marked by commands; a rerun marks only what is new; the marks come out right."""

import asyncio
import csv
import shutil
import subprocess
import sys

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import mark, release, report, sandbox
from tools.teach.course import Course

CLASS = 40
GOOD = "def double(x):\n    return x + x"
ANSWERS = {GOOD: 3, "def double(x):\n    return 2.0 * x": 2, None: 0, "def double(x": 0}


@pytest.fixture
def tell(capsys):
    """A function that runs one command of the class; it returns (exit code, what it printed)."""
    unconfined = [] if teaching.level() == "confined" else ["--unconfined"]

    def run(where, verb, *words):
        """Run the command `verb`."""
        more = [*map(str, words), *(unconfined if verb == "mark" else [])]
        options = command.parser().parse_args(["--class", str(where.root), verb, "tiny", *more])
        return options.do(where, options), capsys.readouterr().out

    return run


def test_a_hand_in_goes_through_all_commands(tmp_path, tell):
    where = teaching.tiny_course(tmp_path)
    assert tell(where, "release") == (
        0,
        f"Nothing leaks. Hand out what is in {where.root / 'handed_out' / 'tiny'}\n",
    )
    answer = "def double(x):\n    print('asked', x)\n    return 4 if x == 2 else 'aa'"
    notebook = teaching.filled(where.released("tiny"), tiny_double=answer)
    (tmp_path / "handed_in" / "s1").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "handed_in" / "s1" / "tiny.ipynb")
    code, said = tell(where, "collect", tmp_path / "handed_in")
    assert code == 0 and "taken: 1, not taken: 0" in said
    code, said = tell(where, "mark")
    assert code == 0 and "[1/1] s1: marked in" in said
    assert sandbox.LEVELS[teaching.level()] in said
    assert where.record("tiny", "s1")["level"] == teaching.level()
    assert tell(where, "feedback")[0] == 0
    text = where.path("feedback", "tiny", "s1").with_suffix(".html").read_text(encoding="utf-8")
    assert "1.4142135" not in text and "2.828427" not in text and "HIDDEN" not in text
    assert "AssertionError: no" in text, "the message of the test is for the student"
    assert "def" in text and "asked" in text, "what the student wrote is theirs to see"
    assert tell(where, "export")[0] == 0
    assert "s1,1,1,3,marked," in (where.root / "tiny.csv").read_text(encoding="utf-8")


@pytest.mark.long
def test_forty_are_marked_by_one_command_and_a_rerun_marks_what_is_new(tmp_path, tell):
    where = teaching.tiny_course(tmp_path)
    release.release(where, "tiny")
    want = {}
    for number in range(CLASS):
        answer, points = [*ANSWERS.items()][number % len(ANSWERS)]
        answers = {} if answer is None else {"tiny_double": answer}
        student = f"s{number:02d}"
        teaching.hand_in(where, "tiny", student, teaching.filled(where.released("tiny"), **answers))
        want[student] = points
    (where.root / "roster.csv").write_text("id\n" + "\n".join([*want, "s40"]), encoding="utf-8")

    code, said = tell(where, "mark")
    assert code == 0 and "tiny: 40 to mark, 0 marked before and unchanged" in said
    assert [f"[{number}/40]" in said for number in range(1, CLASS + 1)] == [True] * CLASS
    code, said = tell(where, "mark")
    assert code == 0 and "tiny: 0 to mark, 40 marked before and unchanged" in said
    other = teaching.filled(where.released("tiny"), tiny_double=GOOD)
    teaching.hand_in(where, "tiny", "s02", other)
    code, said = tell(where, "mark")
    assert "tiny: 1 to mark, 39 marked before and unchanged" in said and "[1/1] s02: marked" in said

    code, said = tell(where, "export")
    assert code == 0 and "41 students" in said
    with open(where.root / "tiny.csv", encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {student: float(rows[student]["points"]) for student in want} == want | {"s02": 3}
    assert list(rows["s00"]) == ["student", "tiny_double", "points", "of", "status", "reason"]
    assert rows["s40"]["status"] == "no hand-in" and rows["s40"]["points"] == ""


def test_without_confinement_nothing_is_marked_unless_told(small, monkeypatch, capsys):
    monkeypatch.setattr(sandbox, "refusal", lambda limits: "bwrap does not work here (no rights)")
    words = ["--class", str(small.root), "mark", "tiny", "--anew"]
    before = small.record("tiny", "s1")
    assert command.main(words) == 1
    said = capsys.readouterr().err
    assert "Nothing was marked: bwrap does not work here (no rights)" in said
    for part in ("apt-get install bubblewrap", "dnf install bubblewrap", "--unconfined", "rights"):
        assert part in said
    assert small.record("tiny", "s1") == before
    assert command.main([*words, "--unconfined"]) == 0
    assert "Student code runs UNCONFINED" in capsys.readouterr().out
    assert small.record("tiny", "s1")["level"] == "unconfined"
    assert row_of(small)["points"] == "1"


@pytest.fixture(scope="module")
def marked_class(tmp_path_factory):
    """A class of one, with an open question too; the student fails a hidden test. It is marked."""
    source = teaching.tiny_source()
    why = nbformat.v4.new_markdown_cell("Your answer.", id="tiny-why")
    why.metadata = teaching.cell("tiny_why", "", grade=True, solution=True, points=4).metadata
    source.cells.append(why)
    folder = tmp_path_factory.mktemp("one")
    where = teaching.tiny_course(folder, source)
    release.release(where, "tiny")
    code = "def double(x):\n    return 4 if x == 2 else 'aa'"
    notebook = teaching.filled(where.released("tiny"), tiny_double=code, tiny_why="So.")
    teaching.hand_in(where, "tiny", "s1", notebook)
    mark_again(where)
    return folder


@pytest.fixture
def small(marked_class, tmp_path):
    """A copy of the class of one."""
    shutil.copytree(marked_class, tmp_path / "copy")
    return Course(tmp_path / "copy" / "class", tmp_path / "copy" / "assignments")


def row_of(where, student="s1"):
    """The student's row of the table."""
    return {row["student"]: row for row in report.rows(where, "tiny")[1]}[student]


def mark_again(where):
    """Mark all that was handed in."""
    work = mark.mark(
        where,
        "tiny",
        sandbox.Limits(),
        where.students("tiny"),
        teaching.level(),
        say=lambda line: None,
    )
    asyncio.run(work)


def test_a_persons_points_survive_a_rerun_and_nbgraders_own_buttons_refuse(small):
    """Its formgrader has buttons that would run student code here and print hidden tests."""
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("", "1")
    with small.gradebook() as book:
        book.find_grade("tiny_why", "tiny", "tiny", "s1").manual_score = 3
        book.db.commit()
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")
    assert mark.to_do(small, "tiny") == []
    for step in ("generate_feedback", "autograde"):
        with pytest.raises(RuntimeError, match="by the command line alone"):
            small.nbgrader(step, "tiny", "s1")
    assert list(small.root.glob("feedback/**/*.html")) == []
    # `autograde` takes its old result away before it is refused.
    assert mark.to_do(small, "tiny") == ["s1"]
    mark_again(small)
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")
    assert mark.to_do(small, "tiny") == []


def changed(where, change):
    """Change the cells of the assignment's source."""
    path = where.source("tiny")
    source = nbformat.read(path, as_version=4)
    change(source.cells)
    nbformat.write(source, path)


def test_an_assignment_changed_in_place_after_marking_is_marked_anew(small):
    def change(cells):
        """Give a test more points, and make another one wrong for the student."""
        cells[2].metadata.nbgrader.points = 5
        cells[3].source = "assert double(2) == 4 and double(3) == 'aa'"

    changed(small, change)
    assert mark.to_do(small, "tiny") == []
    release.release(small, "tiny")
    assert mark.to_do(small, "tiny") == ["s1"]
    mark_again(small)
    assert (row_of(small)["tiny_double"], row_of(small)["of"]) == ("1", "10")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("tiny_double_3", {"grade": True, "points": 5}, "tiny_double_3 would be added or removed"),
        ("tiny_colab", {}, "tiny_colab would be added or removed"),
        # nbgrader refuses two cells of one name
        ("tiny_double_2", {"grade": True, "points": 5}, "nbgrader could not generate_assignment"),
    ],
)
def test_new_cells_after_marking_are_refused_and_the_release_stays(small, name, kind, message):
    kept = [small.path("handed_out", "tiny"), small.path("release", "tiny")]
    before = [path.read_bytes() for path in kept]
    new = teaching.cell(name, "assert True", locked=True, **kind)
    changed(small, lambda cells: cells.insert(4, new))
    with pytest.raises((ValueError, RuntimeError), match=message):
        release.release(small, "tiny")
    assert [path.read_bytes() for path in kept] == before


def test_a_submission_that_is_a_link_or_too_large_is_not_read(small):
    for student in ("s2", "s3"):
        small.path("submitted", "tiny", student).parent.mkdir(parents=True)
    small.path("submitted", "tiny", "s2").symlink_to(small.path("release", "tiny"))
    with open(small.path("submitted", "tiny", "s3"), "wb") as file:
        file.truncate(30 * 2**20)
    mark_again(small)
    assert [row_of(small, student)["status"] for student in ("s2", "s3")] == ["unreadable"] * 2


def test_a_formula_in_the_table_stays_a_text(tmp_path, small):
    small.note("tiny", "s1", {**small.record("tiny", "s1"), "reasons": ["=1+1"]})
    report.export(small, "tiny", tmp_path / "t.csv")
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
    words = [sys.executable, "-m", "tools.teach", "--help"]
    told = {"cwd": teaching.ROOT, "capture_output": True, "text": True, "check": True}
    answer = subprocess.run(words, **told)
    assert all(verb in answer.stdout for verb in ("release", "collect", "mark", "feedback"))
    assert "export" in answer.stdout
