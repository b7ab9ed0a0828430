"""Each assignment marks right: the reference has all points, the release none, a wrong answer loses what it should."""

import asyncio

import nbformat
import pytest
import teaching

from tools.teach import leaks, mark, release, report, restore, sandbox
from tools.teach.course import Course

pytestmark = pytest.mark.skipif(not teaching.NAMES, reason="there are no assignments")


@pytest.fixture(scope="module", params=teaching.NAMES)
def marked(request, tmp_path_factory):
    """An assignment, released and marked by nbgrader: handed in as the reference, and untouched."""
    name, where = request.param, Course(tmp_path_factory.mktemp("class") / "c")
    handed_out = nbformat.read(release.release(where, name) / f"{name}.ipynb", as_version=4)
    teaching.hand_in(where, name, "reference", teaching.source(name))
    teaching.hand_in(where, name, "untouched", handed_out)
    students, lines = where.students(name), []
    level = sandbox.survey()
    asyncio.run(mark.mark(where, name, sandbox.Limits(), students, level, say=lines.append))
    _, table = report.rows(where, name)
    return name, where, handed_out, {row["student"]: row for row in table}


def scores(where, name, student):
    """Return grade_id -> what nbgrader gave by itself."""
    with where.gradebook() as book:
        return {
            grade.name: grade.auto_score
            for grade in book.find_submission_notebook(name, name, student).grades
        }


def test_the_reference_gets_full_marks(marked):
    name, where, _, table = marked
    want = teaching.points(teaching.source(name))
    got = scores(where, name, "reference")
    assert {cell: got[cell] for cell in want} == want
    assert table["reference"]["status"] == "marked", table["reference"]["reason"]


def test_the_untouched_release_gets_zero_and_does_not_crash(marked):
    name, where, _, table = marked
    got = scores(where, name, "untouched")
    assert {cell: got[cell] for cell in teaching.points(teaching.source(name))} == dict.fromkeys(
        teaching.points(teaching.source(name)), 0
    )
    assert table["untouched"]["status"] == "marked", table["untouched"]["reason"]
    assert float(table["untouched"]["points"]) == 0


def test_the_reference_waits_for_a_reader_at_the_open_questions(marked):
    name, _, _, table = marked
    cells = teaching.source(name).cells
    open_questions = [
        teaching.grader(c).grade_id
        for c in cells
        if teaching.grader(c).get("grade") and "why" in teaching.grader(c).grade_id
    ]
    assert open_questions
    assert [table["reference"][question] for question in open_questions] == [""] * len(
        open_questions
    )


def test_marking_one_submission_is_bounded_by_the_default_limits(marked):
    name, where, _, _ = marked
    record = where.record(name, "reference")
    assert record["seconds"] < sandbox.Limits().seconds
    assert record["peak_mb"] < sandbox.Limits().memory_mb


def test_a_notebook_back_from_colab_without_its_metadata_is_put_together_again(marked):
    name, _, handed_out, _ = marked
    solved = [cell for cell in teaching.source(name).cells if teaching.grader(cell).get("solution")]
    answers = {teaching.grader(cell).grade_id: cell.source for cell in solved}
    text = teaching.colab(
        teaching.filled(handed_out, **answers), keep_nbgrader=False, keep_ids=False
    )
    mended, notes = restore.restore(nbformat.reads(text, as_version=4), handed_out)
    assert {
        teaching.grader(c).grade_id: c.source
        for c in mended.cells
        if teaching.grader(c).get("solution")
    } == answers
    assert notes == []


def test_nothing_of_the_solution_stands_in_what_students_get(marked):
    name, where, handed_out, _ = marked
    secrets = leaks.secrets_in(name, where)
    assert len(secrets) > 10
    assert leaks.in_notebook(handed_out, secrets) == []
    assert sorted(path.name for path in (where.root / "handed_out" / name).rglob("*.ipynb")) == [
        f"{name}.ipynb"
    ]


def test_the_feedback_shows_no_hidden_test(marked):
    name, where, _, _ = marked
    assert len(report.feedback(where, name)) == 2


@pytest.fixture(scope="module", params=teaching.NAMES)
def losses(request):
    """What each mutant of an assignment loses."""
    return request.param, teaching.lost_by_mutants(request.param)


def test_each_wrong_answer_loses_exactly_the_points_it_should(losses):
    name, lost = losses
    wanted = {
        (task, m.name): set(m.loses)
        for task, library in teaching.mutants(name).items()
        for m in library
    }
    assert lost.pop(("reference",)) == set()
    assert lost == wanted


@pytest.mark.parametrize("name", teaching.NAMES)
def test_every_task_has_three_wrong_answers_and_every_test_catches_one(name):
    tasks = {
        teaching.grader(c).grade_id
        for c in teaching.source(name).cells
        if teaching.grader(c).get("solution") and not teaching.grader(c).get("grade")
    }
    library = teaching.mutants(name)
    assert set(library) == tasks
    assert [task for task, wrong in library.items() if len(wrong) < 3] == []
    caught = {cell for wrong in library.values() for mutant in wrong for cell in mutant.loses}
    assert caught == set(teaching.points(teaching.source(name)))


@pytest.mark.parametrize("name", teaching.NAMES)
def test_the_source_follows_the_format(name):
    notebook = teaching.source(name)
    prefix = name.split("_")[0]
    nbformat.validate(notebook)
    named = [cell for cell in notebook.cells if teaching.grader(cell)]
    ids = [teaching.grader(cell).grade_id for cell in named]
    assert len(set(ids)) == len(ids)
    assert all(identity.startswith(prefix + "_") for identity in ids)
    assert all(teaching.grader(cell).schema_version == 3 for cell in named)
    assert f"{prefix}_student" in ids
    assert leaks.in_source(notebook) == []
    hidden = [cell for cell in named if "### BEGIN HIDDEN TESTS" in cell.source]
    assert len(hidden) >= len(teaching.points(notebook)) / 2, "most test cells have hidden tests"


@pytest.mark.parametrize("name", teaching.NAMES)
def test_the_rubric_shares_out_the_points_of_each_open_question(name):
    rubric = (teaching.SOURCES.parent / "rubrics" / f"{name}.md").read_text(encoding="utf-8")
    questions = [
        c
        for c in teaching.source(name).cells
        if teaching.grader(c).get("grade") and teaching.grader(c).get("solution")
    ]
    assert questions
    assert [
        teaching.grader(c).grade_id for c in questions if teaching.grader(c).grade_id not in rubric
    ] == []
