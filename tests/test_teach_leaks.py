"""Nothing of a solution, a hidden test or a rubric leaks, in the release or in the wheel."""

import base64
import subprocess
import sys
import zipfile

import nbformat
import pytest
import teaching

from tools.teach import leaks, release
from tools.teach.course import ROOT, Course

SOLUTION = "twice_the_number_given = x + x"
HIDDEN = "assert double(1.4142135) == 2.828427, 'no'"
MARKER = "holds nbgrader's marker '### BEGIN SOLUTION'"


def in_text(notebook, what):
    notebook.cells[0].source += f"\n\n    {what}"


def in_text_spaced_otherwise(notebook, what):
    in_text(notebook, what.replace(" ", "  "))


def in_metadata(notebook, what):
    notebook.cells[0].metadata["note"] = what


def in_nbgraders_metadata(notebook, what):
    notebook.cells[3].metadata.nbgrader["hint"] = what


def in_notebook_metadata(notebook, what):
    notebook.metadata["note"] = {"deep": [what]}


def in_attachment(notebook, what):
    notebook.cells[0]["attachments"] = {"a.txt": {"text/plain": what}}


def in_base64(notebook, what):
    image = base64.b64encode(what.encode()).decode()
    notebook.cells[0]["attachments"] = {"a.png": {"image/png": image}}


def in_another_cell(notebook, what):
    notebook.cells.append(nbformat.v4.new_code_cell(what))


def in_the_students_cell(notebook, what):
    notebook.cells[1].source += f"\n# {what}\n{what}"


def planted(place, what):
    """The source of `tiny`, after a cell of text, with ``what`` planted at ``place``."""
    notebook = teaching.tiny_source()
    text = "Double a number · it may be as large as you want."
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    if place:
        place(notebook, what)
    return notebook


PLACES = [in_text, in_text_spaced_otherwise, in_metadata, in_nbgraders_metadata]
PLACES += [in_notebook_metadata, in_attachment, in_base64, in_another_cell, in_the_students_cell]


@pytest.mark.parametrize("place", PLACES)
def test_a_planted_solution_is_found(place):
    secrets = leaks.secrets_of(teaching.tiny_source())
    in_solution = f"cell 3, source: {MARKER}"
    assert leaks.in_notebook(planted(None, ""), secrets)[:1] == [in_solution]
    solution = {text: what for text, what in secrets.items() if what.startswith("the sol")}
    found = leaks.in_notebook(planted(place, SOLUTION), solution)
    found = [text for text in found if "cell 3, source" not in text]
    assert any("shows the solution of tiny_double" in text for text in found)


def test_a_picture_of_the_solution_does_not_stay_when_its_text_goes(tmp_path):
    notebook = teaching.tiny_source()
    why = nbformat.v4.new_markdown_cell(
        "### BEGIN SOLUTION\n![a](attachment:a.png)\n### END SOLUTION",
        attachments={"a.png": {"image/png": base64.b64encode(b"a picture").decode()}},
    )
    why.metadata = teaching.cell("tiny_why", "", grade=True, solution=True, points=4).metadata
    notebook.cells.append(why)
    with pytest.raises(ValueError, match=r"cell 5, attachments: no text shows a\.png; remove it"):
        release.release(teaching.tiny_course(tmp_path, notebook), "tiny")


@pytest.mark.parametrize(
    ("place", "what"), [(in_text, SOLUTION), (in_metadata, HIDDEN), (in_another_cell, HIDDEN)]
)
def test_a_release_in_which_something_was_planted_is_refused_with_its_place(tmp_path, place, what):
    where = teaching.tiny_course(tmp_path, planted(place, what))
    reason = r"tiny\.ipynb, cell \d, \w+: shows (the solution|a hidden test|a number)"
    with pytest.raises(ValueError, match=reason):
        release.release(where, "tiny")
    assert not (where.root / "handed_out").exists()
    assert not (where.root / "release" / "tiny").exists()


def with_outputs(cell):
    cell.outputs = [nbformat.v4.new_output("stream", text="2.828427")]


def not_known_as_a_solution(cell):
    cell.metadata.nbgrader.solution = False


def not_closed(cell):
    cell.source = cell.source.replace("### END SOLUTION", "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_outputs, "cell 2: it holds outputs"),
        (not_known_as_a_solution, "cell 2: a solution stands in a cell that nbgrader does not"),
        (not_closed, "cell 2: a marker is not closed"),
    ],
)
def test_a_source_that_nbgrader_would_copy_whole_is_refused(tmp_path, change, reason):
    notebook = teaching.tiny_source()
    change(notebook.cells[1])
    with pytest.raises(ValueError, match=reason):
        release.release(teaching.tiny_course(tmp_path, notebook), "tiny")


def test_a_file_beside_the_source_is_looked_at_too(tmp_path):
    where = teaching.tiny_course(tmp_path)
    (where.source("tiny").parent / "answers.txt").write_text(SOLUTION)
    with pytest.raises(ValueError, match=r"answers\.txt: shows the solution"):
        release.release(where, "tiny")


def test_the_answer_as_a_number_and_the_rubric_are_secrets():
    rubric = "a full answer names the loss of the other player"
    secrets = leaks.secrets_of(teaching.tiny_source(), f"- {rubric}")
    number = ["shows a number in a hidden test of tiny_double_1"]
    assert leaks.in_text("it is 2.828427", secrets) == number
    assert leaks.in_text(rubric.replace("the loss", "the\nloss"), secrets) == ["shows the rubric"]
    assert leaks.in_text("it is 2.8", secrets) == []


def test_what_a_test_says_openly_is_no_secret():
    notebook = teaching.tiny_source()
    notebook.cells[2].source = HIDDEN + "\n" + notebook.cells[2].source
    assert not any("hidden" in what for what in leaks.secrets_of(notebook).values())


def test_a_clean_release_says_where_it_is_and_holds_no_answer(tmp_path):
    where = teaching.tiny_course(tmp_path)
    target = release.release(where, "tiny")
    text = (target / "tiny.ipynb").read_text(encoding="utf-8")
    assert "NotImplementedError" in text and "double(2) == 4" in text
    assert not any(answer in text for answer in ("twice", "2.828427", "SOLUTION"))
    assert release.release(where, "tiny") == target, "it can be released again"


def test_a_class_folder_inside_the_repository_is_refused():
    with pytest.raises(ValueError, match="inside the course's repository"):
        Course(ROOT / "runs" / "class")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that `pip` builds from the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    command += ["-w", str(folder), str(ROOT)]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if "No module named 'setuptools'" in answer.stderr:
        pytest.skip("no wheel can be built without a network: setuptools is not installed here")
    assert answer.returncode == 0, answer.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_and_no_answer(wheel, tmp_path):
    where = Course(tmp_path / "class")
    secrets = {}
    for name in teaching.NAMES:
        secrets |= leaks.secrets_in(name, where)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        read = [name for name in names if name.endswith((".py", ".md"))]
        texts = {name: archive.read(name).decode("utf-8", "ignore") for name in read}
    folders = {name.split("/")[0] for name in names if not name.startswith("cgan_lab-")}
    assert folders == {"cgan_lab"}
    assert not [name for name in names if name.endswith(".ipynb")]
    leaking = {name: leaks.in_text(text, secrets) for name, text in texts.items()}
    assert leaking == dict.fromkeys(texts, [])
