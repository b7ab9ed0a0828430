"""The play: answers are put into a notebook's cells, and what does not fit a way is told."""

import ast
import sys

import nbformat
import play
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cgan_lab import checks

IMPORTS = "from cgan_lab import checks\n\nimport numpy as np"
BATCH = """\
def batch_value(d_real, d_fake):
    '''Answers of D -> V.'''
    # two means
    ...


checks.check("01.value", batch_value)"""
AVERAGE = """\
def moving_average(average, weights, decay):
    ...


checks.check("03.moving_average", moving_average)"""
REPAIR = 'repair_b = ...  # a setting\nchecks.check("06.repair_b", repair_b)'
BUILT = 'moving_average = checks.built("03.moving_average")'


def tiny(*cells):
    """A notebook of these code cells."""
    return new_notebook(cells=[new_markdown_cell("# 03"), *map(new_code_cell, cells)])


@pytest.fixture
def lesson(tmp_path):
    """A function that writes a notebook for `play.play`; it imports NumPy alone."""

    def write(*cells):
        path = tmp_path / "03_tiny.ipynb"
        nbformat.write(tiny(IMPORTS, *cells), path)
        return path

    return write


def test_a_skipped_lesson_is_as_it_is_committed():
    notebook = tiny(BATCH, REPAIR)
    assert play.answered(notebook, "skipped") == notebook


def test_the_right_answer_has_the_name_that_it_has_in_the_notebook():
    notebook = tiny(BATCH)
    cell = play.answered(notebook, "right").cells[1].source
    assert cell.startswith("import numpy as np\n") and "def batch_value(d_real, d_fake):" in cell
    assert "np.log(1 - d_fake)" in cell and "..." not in cell
    assert cell.endswith('checks.check("01.value", batch_value)')
    assert notebook.cells[1].source == BATCH  # of a copy


def test_a_repair_is_answered_by_a_setting():
    cell = play.answered(tiny(REPAIR), "right").cells[1].source
    assert "repair_b = dataclasses.replace(clinic.PATIENTS['B'], g_rate=0.0004)" in cell
    assert "import dataclasses\n" in cell and "from cgan_lab import clinic\n" in cell


@pytest.mark.parametrize("way", ["right", "wrong"])
@pytest.mark.parametrize("name", checks.names())
def test_every_exercise_can_be_played(name, way):
    """What is put into a cell is Python, and defines the notebook's name."""
    code = play.ANSWERS[way](name, "mine")
    tree = ast.parse(code)
    assert "mine" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("right", "1 right, 0 wrong   03.moving_average yours"),
        ("skipped", "0 right, 0 wrong   03.moving_average the package's"),
        ("wrong", "0 right, 1 wrong   03.moving_average the package's"),
    ],
)
def test_a_lesson_is_played(way, said, lesson, tmp_path):
    line = play.play(lesson(AVERAGE, BUILT), way, tmp_path, ["03"])
    assert line.startswith(f"03 {way}") and line.endswith(said)
    if way == "right":  # and in the next lesson, by another kernel
        line = play.play(lesson(BUILT), way, tmp_path, ["03", "04"])
        assert line.endswith("03.moving_average yours")


def test_a_cell_that_fails_ends_the_play_and_is_named(lesson, tmp_path):
    with pytest.raises(SystemExit, match="03_tiny.ipynb, skipped: cell 3 fails: ZeroDivisionError"):
        play.play(lesson("1 / 0", "print()"), "skipped", tmp_path, [])


def test_what_does_not_fit_a_way_is_told():
    yours, theirs = ("d_turn", "yours", "03"), ("d_turn", "the package's", "03")
    assert play.unfit("right", {"03.d_turn": "right"}, [yours], ["03"]) == []
    assert play.unfit("right", {}, [theirs], ["03"]) == [
        "03.d_turn is the package's, expected yours"
    ]
    assert play.unfit("right", {}, [theirs], ["04"]) == []  # lesson 03 was not played
    assert play.unfit("right", {"03.d_turn": "open"}, [], []) == ["03.d_turn is open"]
    assert play.unfit("wrong", {"03.d_turn": "wrong"}, [theirs], ["03"]) == []
    assert len(play.unfit("wrong", {"03.d_turn": "right"}, [yours], ["03"])) == 2
    assert play.unfit("skipped", {"03.d_turn": "open"}, [theirs], ["03"]) == []
    assert play.unfit("skipped", {}, [yours], ["03"]) == [
        "03.d_turn is yours, expected the package's"
    ]


def test_a_name_that_the_cell_does_not_define_once_is_refused():
    with pytest.raises(ValueError, match="batch_value is defined 0 times"):
        play.put('checks.check("01.value", batch_value)', "batch_value", "")


def test_lessons_are_chosen_by_number():
    assert [path.name[:2] for path in play.lessons()] == [f"{n:02}" for n in range(13)] + [
        "B_",
        "E_",
    ]
    assert [path.stem for path in play.lessons(["B", "03"])] == ["03_training", "B_the_article"]
    with pytest.raises(SystemExit, match="no lesson 99; there are 00, 01"):
        play.lessons(["99"])


def test_the_table_has_a_row_for_every_build(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["play.py", "--table"])
    play.main()
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 2 + len(play.builds.mutants())
    assert "| 03 | moving_average | 1 | 1 | 4 |" in rows


@pytest.mark.long
@pytest.mark.parametrize("way", play.WAYS)
def test_lesson_02_is_played(way, tmp_path):
    (path,) = play.lessons(["02"])
    line = play.play(path, way, tmp_path, ["02"])
    assert line.startswith(f"02 {way}")
