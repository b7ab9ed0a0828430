"""Nothing of a solution, a hidden test or a rubric leaves: not in the release, not in the wheel, wherever it hides."""

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


def planted(where, what):
    """The source of `tiny` with ``what`` planted at ``where``."""
    notebook = teaching.tiny_source()
    text = nbformat.v4.new_markdown_cell("Double a number.")
    if where == "text":
        text.source += f"\n\n    {what}"
    elif where == "text, spaced otherwise":
        text.source += "\n\n    " + what.replace(" ", "  ")
    elif where == "metadata":
        text.metadata["note"] = what
    elif where == "nbgrader metadata":
        notebook.cells[2].metadata.nbgrader["hint"] = what
    elif where == "notebook metadata":
        notebook.metadata["note"] = {"deep": [what]}
    elif where == "attachment":
        text["attachments"] = {"a.txt": {"text/plain": what}}
    elif where == "attachment in base64":
        text["attachments"] = {"a.png": {"image/png": base64.b64encode(what.encode()).decode()}}
    elif where == "another cell":
        notebook.cells.append(nbformat.v4.new_code_cell(what))
    elif where == "the student's cell":
        notebook.cells[0].source += f"\n# {what}\nnone = '{what[:0]}'\n{what}"
    notebook.cells.insert(0, text)
    return notebook


PLACES = [
    "text",
    "text, spaced otherwise",
    "metadata",
    "nbgrader metadata",
    "notebook metadata",
    "attachment",
]
PLACES += ["attachment in base64", "another cell", "the student's cell"]


@pytest.mark.parametrize("place", PLACES)
def test_a_planted_solution_is_found(place):
    secrets = leaks.secrets_of(teaching.tiny_source())
    assert leaks.in_notebook(planted("nowhere", ""), secrets)[:1] == [f"cell 3, source: {MARKER}"]
    found = leaks.in_notebook(
        planted(place, SOLUTION), {k: v for k, v in secrets.items() if v.startswith("the sol")}
    )
    assert [
        text
        for text in found
        if "shows the solution of tiny_double" in text and "cell 3, source" not in text
    ]


MARKER = "holds nbgrader's marker '### BEGIN SOLUTION'"


@pytest.mark.parametrize(
    ("place", "what"), [("text", SOLUTION), ("metadata", HIDDEN), ("another cell", HIDDEN)]
)
def test_a_release_in_which_something_was_planted_is_refused_with_its_place(tmp_path, place, what):
    where = teaching.tiny_course(tmp_path, planted(place, what))
    with pytest.raises(
        ValueError, match=r"tiny\.ipynb, cell \d, \w+: shows (the solution|a hidden test|a number)"
    ):
        release.release(where, "tiny")
    assert not (where.root / "handed_out").exists()
    assert not (where.root / "release" / "tiny").exists()


def test_outputs_in_a_source_are_refused(tmp_path):
    notebook = teaching.tiny_source()
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="2.828427")]
    with pytest.raises(ValueError, match="cell 2: it holds outputs"):
        release.release(teaching.tiny_course(tmp_path, notebook), "tiny")


def test_a_solution_in_a_cell_that_nbgrader_would_copy_is_refused(tmp_path):
    notebook = teaching.tiny_source()
    notebook.cells[1].metadata.nbgrader.solution = False
    with pytest.raises(ValueError, match="cell 2: a solution stands in a cell"):
        release.release(teaching.tiny_course(tmp_path, notebook), "tiny")


def test_a_file_beside_the_source_is_looked_at_too(tmp_path):
    where = teaching.tiny_course(tmp_path)
    (where.source("tiny").parent / "answers.txt").write_text(SOLUTION)
    with pytest.raises(ValueError, match=r"answers\.txt: shows the solution"):
        release.release(where, "tiny")


def test_the_answer_as_a_number_and_the_rubric_are_secrets():
    secrets = leaks.secrets_of(
        teaching.tiny_source(), "- a full answer names the loss of the other player"
    )
    assert leaks.in_text("it is 2.828427", secrets) == [
        "shows a number in a hidden test of tiny_double_1"
    ]
    assert leaks.in_text("a full answer names the\nloss of the other player", secrets) == [
        "shows the rubric"
    ]
    assert leaks.in_text("it is 2.8", secrets) == []


def test_what_a_test_says_openly_is_no_secret():
    notebook = teaching.tiny_source()
    notebook.cells[2].source = HIDDEN + "\n" + notebook.cells[2].source
    assert [what for what in leaks.secrets_of(notebook).values() if "hidden" in what] == []


def test_a_clean_release_says_where_it_is_and_holds_no_answer(tmp_path):
    where = teaching.tiny_course(tmp_path)
    target = release.release(where, "tiny")
    text = (target / "tiny.ipynb").read_text(encoding="utf-8")
    assert "NotImplementedError" in text and "double(2) == 4" in text
    assert "twice" not in text and "2.828427" not in text and "SOLUTION" not in text
    assert release.release(where, "tiny") == target, "it can be released again"


def test_a_class_folder_inside_the_repository_is_refused():
    with pytest.raises(ValueError, match="inside the course's repository"):
        Course(ROOT / "runs" / "class")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that `pip` builds from the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if "No module named 'setuptools'" in answer.stderr:
        pytest.skip("setuptools is not installed here, so no wheel can be built without a network")
    assert answer.returncode == 0, answer.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_and_no_answer(wheel, tmp_path):
    where = Course(tmp_path / "class")
    secrets = {
        text: what
        for name in teaching.NAMES
        for text, what in leaks.secrets_in(name, where).items()
    }
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = {
            name: archive.read(name).decode("utf-8", "ignore")
            for name in names
            if name.endswith((".py", ".md"))
        }
    assert {name.split("/")[0] for name in names if not name.startswith("cgan_lab-")} == {
        "cgan_lab"
    }
    assert not [name for name in names if name.endswith(".ipynb")]
    found = {name: leaks.in_text(text, secrets) for name, text in texts.items()}
    assert {name: what for name, what in found.items() if what} == {}
