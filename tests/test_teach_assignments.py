"""Each assignment marks right: all points for the solution, none for the release, some between."""

import asyncio
import importlib
import re

import nbformat
import pytest
import teaching
from teaching import grader

from tools.teach import leaks, mark, release, report, restore, sandbox
from tools.teach.course import Course

pytestmark = pytest.mark.skipif(not teaching.NAMES, reason="there are no assignments")


@pytest.fixture(params=teaching.NAMES)
def name(request):
    """The name of an assignment."""
    return request.param


@pytest.fixture(scope="module", params=teaching.NAMES)
def marked(request, tmp_path_factory):
    """(an assignment, its class, what is handed out, {student: row}), with two students' work."""
    name = request.param
    where = teaching.made(Course(tmp_path_factory.mktemp("class") / "c"))
    handed_out = nbformat.read(release.release(where, name) / f"{name}.ipynb", as_version=4)
    teaching.hand_in(where, name, "solution", teaching.source(name))
    teaching.hand_in(where, name, "untouched", handed_out)
    students = where.students(name)
    level = teaching.level()
    # How long it takes depends on what else runs here, so that no limit of time may cut it.
    limits = sandbox.Limits(seconds=3000, cell_seconds=900)
    asyncio.run(mark.mark(where, name, limits, students, level, say=lambda line: None))
    return name, where, handed_out, {row["student"]: row for row in report.rows(where, name)[1]}


@pytest.mark.long
@pytest.mark.parametrize(("student", "share"), [("solution", 1), ("untouched", 0)])
def test_the_solution_gets_full_marks_and_the_untouched_release_none(marked, student, share):
    name, where, _, table = marked
    with where.gradebook() as book:
        grades = book.find_submission_notebook(name, name, student).grades
        got = {grade.name: grade.auto_score for grade in grades}
    want = teaching.points(teaching.source(name))
    assert {cell: got[cell] for cell in want} == {cell: share * n for cell, n in want.items()}
    assert table[student]["status"] == "marked", table[student]["reason"]
    assert float(table[student]["points"]) == share * sum(want.values())
    assert where.record(name, student)["peak_mb"] < sandbox.Limits().memory_mb


@pytest.mark.long
def test_the_solution_waits_for_a_reader_at_the_open_questions(marked):
    name, _, _, table = marked
    questions = [cell for cell in open_questions(name) if "why" in cell]
    assert questions
    assert [table["solution"][question] for question in questions] == [""] * len(questions)


def open_questions(name):
    """Return the names of the cells that a person reads."""
    marks = [grader(cell) for cell in teaching.source(name).cells]
    return [mark.grade_id for mark in marks if mark.get("grade") and mark.get("solution")]


@pytest.mark.long
def test_a_notebook_back_from_colab_without_its_metadata_is_put_together_again(marked):
    name, _, handed_out, _ = marked
    answers = solutions(teaching.source(name))
    filled = teaching.filled(handed_out, **answers)
    text = teaching.colab(filled, keep_nbgrader=False, keep_ids=False)
    mended, notes = restore.restore(nbformat.reads(text, as_version=4), handed_out)
    assert solutions(mended) == answers
    assert notes == []


def solutions(notebook):
    """Return {grade_id: text} of the cells that a student fills in."""
    cells = [cell for cell in notebook.cells if grader(cell).get("solution")]
    return {grader(cell).grade_id: cell.source for cell in cells}


@pytest.mark.long
def test_nothing_of_the_solution_leaves_nor_does_the_feedback_show_a_hidden_test(marked):
    name, where, handed_out, _ = marked
    secrets = leaks.secrets_in(name, where)
    assert len(secrets) > 10
    assert leaks.in_notebook(handed_out, secrets) == []
    found = (where.root / "handed_out" / name).rglob("*.ipynb")
    assert [path.name for path in found] == [f"{name}.ipynb"]
    pages, reasons = report.feedback(where, name, partial=True)
    assert len(pages) == 2 and reasons == {}


def answers(name):
    """Return {task: answers} of other hands.

    `right: ...` is written in another style than the solution, `lazy: ...` is a shortcut that could
    pass tests, and each other one is a misunderstanding.
    """
    return importlib.import_module(f"mutants.{name}").MUTANTS


def mutants(name):
    """Return the wrong answers to an assignment."""
    library = answers(name).items()
    return {task: [m for m in all_ if not m.name.startswith("right: ")] for task, all_ in library}


@pytest.mark.long
def test_each_answer_of_another_hand_loses_exactly_the_points_it_should(name):
    library = answers(name).items()
    wanted = {(task, answer.name): answer.loses for task, all_ in library for answer in all_}
    assert teaching.lost_by_mutants(name) == wanted


@pytest.mark.long
def test_each_test_cell_passes_alone(name):
    # A cell that leans on another one would cost points for that one's failure.
    assert teaching.not_passed_alone(name) == {}


def test_every_task_has_three_right_answers_in_other_styles_which_lose_nothing(name):
    right = {
        task: [m for m in all_ if m not in mutants(name)[task]]
        for task, all_ in answers(name).items()
    }
    assert [task for task, all_ in right.items() if len(all_) < 3] == []
    assert [m.name for all_ in right.values() for m in all_ if m.loses] == []


def test_every_task_has_three_wrong_answers_and_every_test_catches_one(name):
    library = mutants(name)
    assert set(library) == set(solutions(teaching.source(name))) - set(open_questions(name))
    assert [task for task, wrong in library.items() if len(wrong) < 3] == []
    assert [m.name for wrong in library.values() for m in wrong if not m.loses] == []
    caught = {cell for wrong in library.values() for mutant in wrong for cell in mutant.loses}
    assert caught == set(teaching.points(teaching.source(name)))


def test_the_source_follows_the_format(name):
    notebook = teaching.source(name)
    prefix = name.split("_")[0]
    nbformat.validate(notebook)
    named = [cell for cell in notebook.cells if grader(cell)]
    ids = [grader(cell).grade_id for cell in named]
    assert len(set(ids)) == len(ids)
    assert all(identity.startswith(prefix + "_") for identity in ids)
    assert all(grader(cell).schema_version == 3 for cell in named)
    assert f"{prefix}_student" in ids
    assert leaks.in_source(notebook) == []
    assert [cell for cell in ids if cell.endswith("_hidden")]


def test_hidden_tests_have_cells_and_half_of_the_points_of_their_own(name):
    worth = teaching.points(teaching.source(name))
    seen = {cell: share for cell, share in worth.items() if not cell.endswith("_hidden")}
    assert {f"{cell}_hidden": share for cell, share in seen.items()} == {
        cell: share for cell, share in worth.items() if cell.endswith("_hidden")
    }
    for cell in teaching.source(name).cells:
        identity = grader(cell).get("grade_id", "")
        lines = cell.source.splitlines()
        if identity.endswith("_hidden"):
            # One line stays when the tests are taken out.
            assert lines[0].startswith(f"# {identity}: further tests, which you do not see, run")
            assert (lines[1], lines[-1]) == ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
        else:
            assert "HIDDEN TESTS" not in cell.source


def test_the_rubric_shares_out_the_points_of_each_open_question(name):
    rubric = teaching.SOURCES.parent / "rubrics" / f"{name}.md"
    text = rubric.read_text(encoding="utf-8")
    questions = open_questions(name)
    assert questions
    assert [question for question in questions if question not in text] == []


def needed(name):
    """Return the lessons that an assignment's head says it needs."""
    said = re.search(
        r"\*\*Before\*\* you need lessons? ([^.:,]*)", teaching.source(name).cells[0].source
    )
    return set(re.findall(r"\b0\d\b", said[1]))


def plans():
    """Return (the semester's rows, the week's rows, the table of needs) of docs/teaching.md."""
    text = (teaching.ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    tables = re.findall(r"(?:^\|.*\n)+", text[: text.index("## Lesson by lesson\n")], re.MULTILINE)
    return [[row.strip("| \n").split("|") for row in t.splitlines()[2:]] for t in tables[:3]]


def taught_before(cells, number):
    """Return the lessons that the cells of a plan name before they set assignment ``number``."""
    before = " ".join(cells)
    place = re.search(rf"assignment {number}\b", before)
    return set(re.findall(r"\b0\d\b", before[: place.start()]))


def test_both_plans_teach_what_an_assignment_needs_before_they_set_it(name):
    semester, week, table = plans()
    number = name.removeprefix("ps").split("_")[0]
    assert needed(name)
    for plan in (semester, week):
        cells = [cell for row in plan for cell in row[1:]]
        assert needed(name) <= taught_before(cells, number)
    told = {row[0].strip()[0]: set(re.findall(r"\b0\d\b", row[1])) for row in table}
    assert told[number] == needed(name)


def test_no_assignment_needs_what_half_the_time_leaves_out(name):
    text = (teaching.ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    left_out = re.search(r"With half the time leave out lessons (\d\d) and (\d\d)", text).groups()
    assert not needed(name) & set(left_out)
