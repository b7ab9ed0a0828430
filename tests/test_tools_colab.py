"""Every notebook's first cell: nothing on a laptop; on Colab it installs the course alone."""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import colab
import pytest
import teaching
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import notebooks

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ASSIGNMENTS = sorted((ROOT / "notebooks" / "assignments").rglob("*.ipynb"))
HERE = ("https://github.com/someone/cgan-lab", "v0.1.0")
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
HANDED_OUT = "https://github.com/teacher/handed-out"
COLAB = "https://colab.research.google.com"
BADGE = (
    f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]"
    f"({COLAB}/github/someone/cgan-lab/blob/v0.1.0/notebooks/03_training.ipynb)"
)
# The budget `gpu`, or an experiment of the learner's own, with the recipe and data of their choice.
LARGE = r"training\.budget\(\)|^def attempt\(seed, real="
TITLE = "# 03 · Training\n\n"


def stamped(repository=HERE[0]):
    """Return a small lesson with badge and cell."""
    cells = [new_markdown_cell(f"{TITLE}Text."), new_code_cell("print(1)", execution_count=1)]
    notebook = new_notebook(cells=cells)
    notebooks.clean(notebook, "03_training")
    assert colab.stamp(notebook, "03_training.ipynb", repository, HERE[1])
    return notebook


def test_a_stamp_puts_the_badge_below_the_title_and_the_cell_below_that():
    notebook = stamped()
    cell = notebook.cells[1]
    assert notebook.cells[0].source == f"{TITLE}{BADGE}\n\nText."
    assert 'wheels or ["git+https://github.com/someone/cgan-lab@v0.1.0"]' in cell.source
    assert cell.metadata == {"tags": ["colab"]} | FOLDED and cell.execution_count is None
    assert notebook.cells[2].id == "03-02"  # the others keep their names


@pytest.mark.parametrize(
    ("repository", "where"),
    [(None, "raise"), ("https://git.example/c", '["git+https://git.example/c@v0.1.0"]')],
)
def test_without_an_address_that_colab_opens_there_is_no_badge(repository, where):
    notebook = stamped(repository)
    assert notebook.cells[0].source == f"{TITLE}Text."
    assert where in notebook.cells[1].source
    assert ("git+" in notebook.cells[1].source) is bool(repository)


def test_stamping_again_changes_nothing_and_another_address_changes_both():
    notebook = stamped()
    notebook.cells[1].execution_count = 1
    before = copy.deepcopy(notebook)
    assert not colab.stamp(notebook, "03_training.ipynb", *HERE) and notebook == before
    other = ("https://github.com/other/place", "v0.2.0")
    assert not colab.stamp(notebook, "03_training.ipynb", *other)
    text = notebooks.text_of(notebook)
    assert text.count("other/place") == 2 and "someone" not in text
    assert notebook.cells[1].execution_count == 1  # it does nothing here, whatever it says
    notebook.cells.append(notebook.cells.pop(1))
    assert colab.stamp(notebook, "03_training.ipynb", *HERE)
    assert notebook.cells[1].execution_count is None
    tagged = [colab.TAG in cell.metadata.get("tags", []) for cell in notebook.cells]
    assert tagged == [False, True, False]


def assignment():
    """Return the source of a small assignment."""
    marks = {"grade_id": "ps9_task", "locked": False, "solution": True, "grade": False}
    solution = "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION"
    task = new_code_cell(solution, metadata={"nbgrader": marks | {"schema_version": 3}})
    notebook = new_notebook(cells=[new_markdown_cell("# Assignment 9"), task])
    notebooks.clean(notebook, "ps9_game")
    return notebook


def test_the_badge_of_an_assignment_opens_the_handed_out_copy_and_never_the_source():
    """The source holds the solutions. Without an address for copies there is no badge at all."""
    notebook = assignment()
    colab.stamp(notebook, "ps9_game.ipynb", *HERE)
    assert notebook.cells[0].source == "# Assignment 9"
    colab.stamp(notebook, "ps9_game.ipynb", *HERE, HANDED_OUT)
    target = f"{COLAB}/github/teacher/handed-out/blob/main/ps9_game/ps9_game.ipynb"
    assert notebook.cells[0].source.endswith(f"({target})")
    assert "someone" not in notebook.cells[0].source and "someone" in notebook.cells[1].source
    for path in ASSIGNMENTS:
        notebook = notebooks.read(path)
        colab.stamp(notebook, path.name, *HERE, HANDED_OUT)
        (badge,) = [
            word for cell in notebook.cells for word in cell.source.split() if "/blob/" in word
        ]
        assert badge.endswith(f"/teacher/handed-out/blob/main/{path.stem}/{path.name})")


def published(folder, monkeypatch, assignments):
    """Let the tool read its addresses from a folder of the test's own."""
    urls = f'{{ Repository = "{HERE[0]}", Assignments = "{assignments}" }}'
    (folder / "pyproject.toml").write_text(f"[project]\nurls = {urls}\n", encoding="utf-8")
    (folder / "cgan_lab").mkdir()
    (folder / "cgan_lab" / "__init__.py").write_text('__version__ = "0.1.0"\n', encoding="utf-8")
    monkeypatch.setattr(colab, "ROOT", folder)


@pytest.mark.parametrize(
    "wrong",
    [HERE[0], "https://github.com/Someone/CGAN-lab.git/", f"{HANDED_OUT}/tree/main"],
)
def test_handed_out_copies_beside_the_solutions_are_refused(wrong, tmp_path, monkeypatch, capsys):
    published(tmp_path, monkeypatch, wrong)
    assert colab.main(["stamp"]) == 1
    assert "expected a repository of its own" in capsys.readouterr().out


def test_both_addresses_come_from_the_projects_urls(tmp_path, monkeypatch):
    published(tmp_path, monkeypatch, HANDED_OUT + "/")
    assert colab.address() == (*HERE, HANDED_OUT)


def test_nbgrader_keeps_the_cell_of_an_assignment_as_its_source_has_it():
    notebook = assignment()
    assert not colab.stamp(notebook, "ps9_game.ipynb", *HERE), "a source is not executed"
    cell = notebook.cells[1]
    marks = {"grade_id": "ps9_colab", "locked": True, "schema_version": 3}
    marks |= {"grade": False, "solution": False, "task": False}
    assert cell.metadata.nbgrader == marks
    assert cell.source == stamped().cells[1].source and cell.execution_count is None
    cell.metadata.nbgrader.locked = False
    colab.stamp(notebook, "ps9_game.ipynb", *HERE)
    assert notebook.cells[1].metadata.nbgrader.locked and len(notebook.cells) == 3
    before = copy.deepcopy(notebook)
    colab.stamp(notebook, "ps9_game.ipynb", *HERE)
    assert notebook == before


@pytest.mark.parametrize("cells", [[], [new_code_cell("1")], [new_markdown_cell("no title")]])
def test_a_notebook_without_a_title_is_refused(cells):
    with pytest.raises(ValueError, match="its first cell is no title"):
        colab.stamp(new_notebook(cells=cells), "a.ipynb", *HERE)


def test_stamped_copies_of_all_lessons_are_well_but_for_the_run_that_is_due(tmp_path, capsys):
    copies = [str(tmp_path / path.name) for path in LESSONS]
    for path, made in zip(LESSONS, copies, strict=True):
        fresh = notebooks.read(path)
        fresh.cells = [one for one in fresh.cells if colab.TAG not in one.metadata.get("tags", [])]
        Path(made).write_text(notebooks.text_of(fresh), encoding="utf-8")
    assert colab.main(["check", *copies]) == 1
    said = capsys.readouterr().out
    assert said.count("do not fit no public address at v0.1.0; run stamp.") == len(LESSONS)
    assert colab.main(["stamp", *copies]) == 0
    said = capsys.readouterr().out
    assert said.startswith("execute these again: python tools/notebooks.py run ")
    assert colab.main(["check", *copies]) == 0
    for made in copies:
        problems = [text for text in notebooks.check(Path(made)) if "does not exist" not in text]
        assert problems and all("its execution count is None" in text for text in problems)
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["check"], ["format", "--check"]):
        config = ["--config", str(ROOT / "notebooks" / "ruff.toml"), str(tmp_path)]
        assert subprocess.run([*ruff, *words, *config]).returncode == 0


def test_badges_cells_and_address_agree_in_all_notebooks(capsys):
    """All have the cell and the badge that pyproject's address and the version ask for."""
    assert set(colab.every()) == {*LESSONS, *ASSIGNMENTS} and len(ASSIGNMENTS) >= 5
    assert colab.main(["check"]) == 0, capsys.readouterr().out
    found = [notebooks.read(path) for path in colab.every()]
    assert len({one.cells[1].source for one in found}) == 1
    assert all(one.cells[1].source.startswith("# @title On Google Colab: ") for one in found)
    assert all(FOLDED.items() <= one.cells[1].metadata.items() for one in found)


def test_colab_gives_a_gpu_to_lessons_that_train_whole_data_sets_and_to_no_other():
    """And all notebooks open with one past runtime, whatever is new there."""
    texts = {path.stem: notebooks.read(path) for path in colab.every()}
    runtimes = [one.metadata.colab.runtime_attributes.runtime_version for one in texts.values()]
    assert len(set(runtimes)) == 1
    asking = {name for name, one in texts.items() if "accelerator" in one.metadata}
    assert all(texts[name].metadata.accelerator == "GPU" for name in asking)
    words = {name: "\n".join(cell.source for cell in one.cells) for name, one in texts.items()}
    assert asking == {name for name, text in words.items() if re.search(LARGE, text, re.M)} != set()


# The cell itself, run in a process of its own. The stand-in for Colab is a module, and a pip that
# writes down what it is asked for.
RUN = """
import json, subprocess, sys, types
on_colab, source = json.loads(sys.argv[1]), open(sys.argv[2]).read()
if on_colab:
    sys.modules["google.colab"] = types.ModuleType("google.colab")
    subprocess.run = lambda command, check: print(json.dumps(command)) if check else None
before = set(sys.modules)
exec(source)
if not on_colab:
    print(sorted(set(sys.modules) - before))
"""


def run_cell(folder, on_colab=True, repository=HERE[0]):
    """Run the cell in ``folder`` and return the process' answer."""
    source = folder / "cell.py"
    source.write_text(colab.cell_source(repository, HERE[1]), encoding="utf-8")
    command = [sys.executable, "-c", RUN, json.dumps(on_colab), str(source)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def installed(folder, repository=HERE[0]):
    """Return what the cell asked pip to install."""
    answer = run_cell(folder, repository=repository)
    assert answer.returncode == 0, answer.stderr
    command = json.loads(answer.stdout)
    assert command[1:-1] == ["-m", "pip", "install", "-q", "--no-deps"]  # nothing else changes
    return command[-1]


def test_on_a_laptop_the_cell_imports_and_prints_nothing(tmp_path):
    (tmp_path / "cgan_lab-0.1.0-py3-none-any.whl").touch()
    answer = run_cell(tmp_path, on_colab=False)
    assert (answer.stdout, answer.stderr, answer.returncode) == ("[]\n", "", 0)


def test_on_colab_the_nearest_newest_wheel_is_taken_and_else_the_repository(tmp_path):
    assert installed(tmp_path) == "git+https://github.com/someone/cgan-lab@v0.1.0"
    drive = tmp_path / "drive" / "MyDrive"
    for place in (drive / "course", drive, tmp_path):
        place.mkdir(parents=True, exist_ok=True)
        for version in ("0.1.0", "0.2.0"):
            (place / f"cgan_lab-{version}-py3-none-any.whl").touch()
        expected = place.relative_to(tmp_path) / "cgan_lab-0.2.0-py3-none-any.whl"
        for repository in (HERE[0], None):
            assert installed(tmp_path, repository=repository) == str(expected)


def test_on_colab_without_wheel_and_address_one_sentence_says_how_to_bring_it(tmp_path):
    answer = run_cell(tmp_path, repository=None)
    said = answer.stderr.strip().splitlines()[-1]
    assert answer.returncode == 1
    assert said.startswith("FileNotFoundError: Upload the wheel cgan_lab-")
    assert said.count(". ") == 0 and said.endswith("or mount your Drive with it.")


def test_a_wheel_installed_by_the_cell_is_imported_by_the_next(tmp_path):
    """With the real pip: a wheel made by hand, with a requirement that no registry has."""
    teaching.wheel(tmp_path)
    stand_in = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('c')"
    code = f"{stand_in}\n{colab.cell_source(None, 'v0.1.0')}\nimport cgan_lab_of_the_test\n"
    target = tmp_path / "packages"
    target.mkdir()
    paths = dict.fromkeys(("PIP_TARGET", "PYTHONPATH"), str(target))
    options = {"cwd": tmp_path, "env": os.environ | paths | {"PIP_NO_INDEX": "1"}}
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, **options)
    assert answer.returncode == 0, answer.stderr
    assert (target / "cgan_lab_of_the_test.py").is_file()


@pytest.mark.parametrize("repository", [None, HERE[0]])
def test_the_cell_is_short_enough_to_be_read(repository):
    lines = colab.cell_source(repository, "v0.1.0").splitlines()
    assert len(lines) <= 12 and max(map(len, lines)) <= 120
