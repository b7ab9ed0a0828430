"""Hand-ins find their student by cell or file name, survive Colab, and are never guessed."""

import copy
import os

import nbformat
import pytest
import teaching

from tools import colab
from tools.teach import collect, release, restore, roster

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
    folder.mkdir(exist_ok=True, parents=True)
    for name, text in files.items():
        (folder / name.replace("__", " ")).with_suffix(".ipynb").write_text(text, encoding="utf-8")


def taken(where, folder):
    """Collect and return ({file: student}, {file: reason})."""
    people = roster.read(where.root / "roster.csv")
    found = collect.collect(where, "tiny", folder, people)
    found = {str(one.path.relative_to(folder)).removesuffix(".ipynb"): one for one in found}
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
    assert students == {"a": "", "b": "", "c": "s02"}
    assert "only one of a.ipynb, b.ipynb can count" in reasons["a"]
    write(folder, b=one)
    assert taken(where, folder)[0] == {"a": "s01", "b": None, "c": "s02"}


def test_what_is_no_hand_in_is_reported(where, folder):
    cells = [nbformat.v4.new_code_cell("student = 's01'\nprint('another one')")]
    other = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    write(folder, s01=other, s02="no notebook", s03="[]", s04='{"cells": 3, "nbformat": 4}')
    (folder / "link.ipynb").symlink_to("/etc/hostname")
    students, reasons = taken(where, folder)
    assert set(students.values()) == {""}
    assert "fewer than half of the answers" in reasons["s01"]
    assert all("not a notebook" in reasons[name] for name in ("s02", "s03", "s04"))
    assert reasons["link"] == collect.NO_FILE


def test_what_is_no_file_or_too_much_ends_no_collecting(where, folder):
    for student in ("s01", "s02", "s03"):
        write(folder / student, tiny=teaching.colab(answered(where, student)))
    (folder / "s01" / "tiny.ipynb").unlink()
    os.mkfifo(folder / "s01" / "tiny.ipynb")
    (folder / "s02" / "/".join("d" * 200)).mkdir(parents=True)
    (folder / "s02" / "huge.bin").touch()
    os.truncate(folder / "s02" / "huge.bin", 2**36)
    (folder / "s03" / "small.csv").write_text("1")
    students, reasons = taken(where, folder)
    assert (students["s02/tiny"], students["s03/tiny"]) == ("s02", "s03")
    assert students["s03/small.csv"] is None
    named = {name for name, student in students.items() if student == ""}
    assert named == {"s01/tiny", "s02/huge.bin", f"s02/{'/'.join('d' * 16)}"}
    own = where.path("submitted", "tiny", "s03").parent
    assert (own / "small.csv").read_text() == "1"


def test_a_folder_per_student_needs_no_cell(where, folder):
    for path in ("s01/tiny.ipynb", "s02/tiny/tiny.ipynb", "s99/tiny.ipynb"):
        (folder / path).parent.mkdir(parents=True)
        nbformat.write(answered(where), folder / path)
    students, reasons = taken(where, folder)
    assert students == {"s01/tiny": "s01", "s02/tiny/tiny": "s02", "s99/tiny": ""}
    assert reasons["s99/tiny"] == "s99 is not on the roster"


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("Ada Byron (1).ipynb", "s04"),
        ("tiny_S04-Copy1.ipynb", "s04"),
        ("s01/tiny-Copy1.ipynb", "s01"),
        ("s01/My homework.ipynb", "s01"),
        ("s01/tiny (final).ipynb", "s01"),
        ("s01/tiny/tiny-Copy1.ipynb", "s01"),
        ("s01/tiny.ipynb.txt", "s01"),
        ("S01/week 1/TINY.IPYNB", "s01"),
        ("Ada Lovelace_4711_assignsubmission_file_/answer.ipynb", "s01"),
    ],
)
def test_a_hand_in_is_taken_whatever_its_file_is_called(where, folder, path, student):
    (folder / path).parent.mkdir(parents=True)
    nbformat.write(answered(where), folder / "x")
    (folder / "x").rename(folder / path)
    assert list(taken(where, folder)[0].values()) == [student]
    assert where.path("submitted", "tiny", student).read_bytes() == (folder / path).read_bytes()


OTHER = "def double(x):\n    return 2 * x"


@pytest.mark.parametrize(
    ("files", "students", "reason"),
    [
        # Someone worked in a copy, and left what was handed out.
        ({"tiny": None, "tiny-Copy1": GOOD}, {"tiny": None, "tiny-Copy1": "s01"}, "adds nothing"),
        (
            {"tiny": GOOD, "tiny-Copy1": OTHER},
            {"tiny": "s01", "tiny-Copy1": ""},
            "tiny.ipynb counts",
        ),
        ({"a": GOOD, "b": GOOD}, {"a": "s01", "b": None}, "adds nothing"),
        ({"a": GOOD, "b": OTHER}, {"a": "", "b": ""}, "only one of a.ipynb, b.ipynb can count"),
        ({"a": GOOD, "answer.zip": ""}, {"a": "s01", "answer.zip": None}, "unpack it"),
        ({"answer.pdf": ""}, {"answer.pdf": ""}, "no notebook"),
        ({"other": ""}, {"other": None}, "of another assignment"),
    ],
)
def test_of_several_files_each_is_taken_or_named(where, folder, files, students, reason):
    other = where.assignments / "source/other/other.ipynb"
    other.parent.mkdir(exist_ok=True)
    other.touch()
    (folder / "s01").mkdir(parents=True)
    (folder / "s01/.DS_Store").touch()
    for name, code in files.items():
        path = folder / "s01" / (name if "." in name else f"{name}.ipynb")
        notebook = where.released("tiny") if code is None else answered(where, code=code or GOOD)
        path.write_text("" if code == "" else nbformat.writes(notebook))
    found, reasons = taken(where, folder)
    assert {path.removeprefix("s01/"): who for path, who in found.items()} == students
    assert any(reason in said for said in reasons.values()), reasons


def test_what_lies_beside_a_notebook_comes_along_and_replaces_what_was_there(where, folder):
    for name in ("data.csv", "pictures.ipynb/a.png", "s02.zip"):
        path = folder / ("" if name == "s02.zip" else "s01") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    nbformat.write(answered(where), folder / "s01/tiny.ipynb")
    (folder / "s01/link.csv").symlink_to("/etc/hostname")
    submitted = where.path("submitted", "tiny", "s01").parent
    submitted.mkdir(parents=True, exist_ok=True)
    (submitted / "old.csv").touch()
    students, _ = taken(where, folder)
    there = ["data.csv", "timestamp.txt", "tiny.ipynb"]
    assert sorted(path.name for path in submitted.iterdir()) == there
    named = {path for path, student in students.items() if student == ""}
    assert named == {"s01/pictures.ipynb/a.png", "s01/link.csv", "s02.zip"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [("Ada B/tiny.ipynb", "with an id as its name"), ("all/s01/tiny.ipynb", "a roster may name")],
)
def test_without_a_roster_only_a_folder_that_can_be_an_id_is_one(where, folder, path, reason):
    (folder / path).parent.mkdir(parents=True)
    nbformat.write(answered(where), folder / path)
    (one,) = collect.collect(where, "tiny", folder)
    assert one.student == "" and reason in one.reason


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


LINES = "E-Mail;ID ;Name\r\n;s1; Ada Byron\r\n;ada@Example.org;Müller, Ada\r\n;;\r\n"


@pytest.mark.parametrize(
    "data",
    [
        LINES.encode("utf-8"),
        LINES.encode("utf-8-sig"),
        LINES.encode("cp1252"),
        LINES.replace(";", "\t").encode("utf-16"),
        LINES.replace("\r\n", "\r").encode("cp1252"),
        f"sep=;\n{LINES}".encode(),
        b'\nid, name\ns1, Ada Byron\nada@Example.org, "M\xc3\xbcller, Ada"',
    ],
)
def test_a_roster_is_read_as_spreadsheets_save_it(tmp_path, data):
    (tmp_path / "roster.csv").write_bytes(data)
    people = roster.read(tmp_path / "roster.csv")
    assert list(people) == ["s1", "ada@Example.org"]
    assert people["s1"] == {"s1", "ada byron"}
    assert people["ada@Example.org"] >= {"ada@example.org", "ada muller"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"name\nAda\n", "expected the columns id,name,.* begins with 'name'.* \"CSV UTF-8\""),
        (b"", "expected the columns"),
        (b"id,name\n", "one line per student"),
        (b"id\n../up\n", "roster.csv, line 2: the id '../up'"),
        (b"id\ns1\n\ns1\n", "line 4: the id 's1' is empty, comes twice"),
        (b"id\n1.23E+11\n", "'1.23E[+]11' .* rounds long numbers, unless the column is a text"),
        (b"PK\x03\x04\x81", 'begins with .*Save it in the spreadsheet as "CSV UTF-8"'),
    ],
)
def test_a_bad_roster_is_refused_with_its_cure(tmp_path, data, message):
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=message):
        roster.read(path)
