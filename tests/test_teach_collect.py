"""Hand-ins find their student by cell or file name, survive Colab, and are never guessed."""

import copy

import nbformat
import pytest
import teaching

from tools import colab
from tools.teach import collect, release, restore

ROSTER = """id,name,email
s01,Ada Lovelace,ada@example.org
s02,"Noether, Emmy",
s03,Sofja Kovalévskaja,
s04,Ada Byron,
"""
GOOD = "def double(x):\n    return x + x"


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """The released tiny course, with a roster."""
    course = teaching.tiny_course(tmp_path_factory.mktemp("collect"))
    release.release(course, "tiny")
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return course


@pytest.fixture
def folder(tmp_path):
    """The folder of what students handed in, not made yet."""
    return tmp_path / "hand_ins"


def answered(where, student="", code=GOOD):
    """The released notebook, filled in by a student."""
    said = f"student = {student!r}"
    return teaching.filled(where.released("tiny"), tiny_student=said, tiny_double=code)


def write(folder, **files):
    """Write notebooks, by name."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", " ")).with_suffix(".ipynb").write_text(text, encoding="utf-8")


def taken(where, folder):
    """Collect and return ({file: student}, {file: reason})."""
    roster = collect.read_roster(where.root / "roster.csv")
    found = {one.path.stem: one for one in collect.collect(where, "tiny", folder, roster)}
    students = {name: one.student for name, one in found.items()}
    return students, {name: one.reason for name, one in found.items()}


def mended(where, text):
    """Put the notebook ``text`` back into the shape of its release."""
    return restore.restore(nbformat.reads(text, as_version=4), where.released("tiny"))


def sources(notebook):
    """The texts of the cells."""
    return [cell.source for cell in notebook.cells]


@pytest.mark.parametrize("keep_nbgrader", [True, False])
@pytest.mark.parametrize("keep_ids", [True, False])
def test_a_notebook_from_colab_gets_its_shape_back(where, keep_nbgrader, keep_ids):
    text = teaching.colab(answered(where, "s01"), keep_nbgrader, keep_ids)
    found, notes = mended(where, text)
    nbformat.validate(found)
    released = where.released("tiny")
    marks = [[teaching.grader(c) for c in each.cells][1:] for each in (found, released)]
    assert marks[0] == marks[1]
    assert sources(found) == ["student = 's01'", GOOD, *sources(released)[2:]]
    assert notes == []


def test_students_are_found_by_cell_and_by_file_name(where, folder):
    write(
        folder,
        any_name=teaching.colab(answered(where, "s01")),
        second=teaching.colab(answered(where, " emmy NOETHER ")),
        Copy__of__tiny__sofja__kovalevskaja=teaching.colab(answered(where)),
        tiny_s04=teaching.colab(answered(where)),
    )
    students, reasons = taken(where, folder)
    assert sorted(students.values()) == ["s01", "s02", "s03", "s04"]
    assert reasons["any_name"] == "by its cell" and reasons["tiny_s04"] == "by the file's name"
    assert where.students("tiny") == ["s01", "s02", "s03", "s04"]


@pytest.mark.parametrize(
    ("name", "student", "reason"),
    [
        ("tiny", "", "the cell `student` is empty, and the file's name names nobody"),
        ("tiny", "Ada", "'Ada', who is not on the roster"),
        ("s02_tiny", "s01", "the cell says s01, the file's name s02"),
        ("s02_tiny", "Grace Hopper", "who is not on the roster, the file's name s02"),
        ("s01_s02_tiny", "", "it fits several students: ['s01', 's02']"),
    ],
)
def test_what_is_not_clear_is_reported_and_not_guessed(where, folder, name, student, reason):
    write(folder, **{name: teaching.colab(answered(where, student))})
    students, reasons = taken(where, folder)
    assert students == {name: ""}
    assert reason in reasons[name]


def test_two_files_of_one_student_are_taken_only_if_they_are_the_same(where, folder):
    one = teaching.colab(answered(where, "s01"))
    other = teaching.colab(answered(where, "s01", "def double(x):\n    return 2 * x"))
    write(folder, a=one, b=other, c=teaching.colab(answered(where, "s02")))
    students, reasons = taken(where, folder)
    assert students == {"a": "", "b": "", "c": "s02"} and "files that differ" in reasons["a"]
    write(folder, b=one)
    assert taken(where, folder)[0]["b"] == "s01"


def test_what_is_no_hand_in_is_reported(where, folder):
    cells = [nbformat.v4.new_code_cell("student = 's01'\nprint('another one')")]
    other = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    write(folder, s01=other, s02="no notebook", s03="[]", s04='{"cells": 3, "nbformat": 4}')
    (folder / "link.ipynb").symlink_to("/etc/hostname")
    students, reasons = taken(where, folder)
    assert set(students.values()) == {""}
    assert "fewer than half of the answers" in reasons["s01"]
    assert all("not a notebook" in reasons[name] for name in ("s02", "s03", "s04"))
    assert reasons["link"] == "link.ipynb is a link."


def test_a_folder_per_student_needs_no_cell(where, folder):
    for path in ("s01/tiny.ipynb", "s02/tiny/tiny.ipynb", "s99/tiny.ipynb"):
        (folder / path).parent.mkdir(parents=True)
        nbformat.write(answered(where), folder / path)
    roster = collect.read_roster(where.root / "roster.csv")
    found = collect.collect(where, "tiny", folder, roster)
    assert [one.path.relative_to(folder).parts[0] for one in found] == ["s01", "s02", "s99"]
    assert [one.student for one in found] == ["s01", "s02", ""]


def test_cells_that_were_moved_copied_deleted_and_added(where):
    notebook = answered(where, "s01")
    student, task, _, second = notebook.cells
    helper = nbformat.v4.new_code_cell("def helper(x):\n    return x + x")
    old = copy.deepcopy(task)
    old.source = "def double(x):\n    return 7"
    task.source = "def double(x):\n    return helper(x)"
    notebook.cells = [second, student, old, helper, task]
    found, notes = restore.restore(notebook, where.released("tiny"))
    assert helper.source in sources(found)
    assert sources(found)[-2:] == sources(where.released("tiny"))[-2:]
    space = {}
    for text in sources(found):
        exec(text, space)  # noqa: S102 (written above)
    twice = "tiny_double was there 2 times; the last one counts"
    assert notes == [twice, "tiny_double_1 was missing and was put back"]


def test_a_student_cannot_promote_a_cell_of_their_own(where):
    notebook = answered(where, "s01")
    own = teaching.cell("tiny_double_9", "pass", grade=True, locked=True, points=99)
    notebook.cells.append(own)
    notebook.cells[2].metadata.nbgrader.points = 99
    found, _ = restore.restore(notebook, where.released("tiny"))
    points = [teaching.grader(cell).get("points") for cell in found.cells]
    assert points == [None, None, 2, 1, None]


@pytest.fixture(scope="module")
def stamped(tmp_path_factory):
    """The tiny course with the first cell for Colab."""
    source = teaching.tiny_source()
    source.cells.insert(0, nbformat.v4.new_markdown_cell("# Tiny"))
    colab.stamp(source, "tiny.ipynb", "https://github.com/someone/cgan-lab", "v0.1.0")
    colab.notebooks.clean(source, "tiny")
    course = teaching.tiny_course(tmp_path_factory.mktemp("stamped"), source)
    release.release(course, "tiny")
    return course


def test_a_release_keeps_the_cell_for_colab_folded_and_the_runtime(stamped):
    made = stamped.released("tiny")
    assert colab.notebooks.FOLDED.items() <= made.cells[1].metadata.items()
    assert made.metadata.colab == colab.notebooks.METADATA["colab"]


@pytest.mark.parametrize("keep", [True, False])
def test_the_cell_for_colab_is_the_sources_whatever_the_student_made_of_it(stamped, keep):
    notebook = answered(stamped, "s01")
    found, notes = mended(stamped, teaching.colab(notebook, keep, keep))
    assert notes == [] and sources(found) == sources(notebook)

    notebook.cells[1].source = "import os\nos.system('pip install worse')"
    found, notes = mended(stamped, teaching.colab(notebook, keep, keep))
    first = [c.source for c in found.cells if teaching.grader(c).get("grade_id") == "tiny_colab"]
    assert first == [colab.cell_source("https://github.com/someone/cgan-lab", "v0.1.0")]
    # A cell that looks like one of the student's own stays, and is noted; it is confined too.
    assert ("worse" in "".join(sources(found))) == bool(notes) == (not keep)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nAda\n", "expected the columns"),
        ("id\n../up\n", "'../up'"),
        ("id\ns1\ns1\n", "'s1'"),
        ("", "expected the columns"),
    ],
)
def test_a_bad_roster_is_refused(tmp_path, text, message):
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        collect.read_roster(path)


def test_files_side_by_side_need_a_roster(where, folder):
    write(folder, s01=teaching.colab(answered(where, "s01")))
    with pytest.raises(ValueError, match="need a roster"):
        collect.collect(where, "tiny", folder)
