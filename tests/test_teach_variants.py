"""Another form by a seed: each variant marks right, no other form's answer passes, none leaks."""

import json
import subprocess
import sys

import nbformat
import pytest
import teaching

from tools.teach import leaks, release, variants
from tools.teach.course import ASSIGNMENTS, Course

SPACES = sorted(path.stem for path in (ASSIGNMENTS / "variants").glob("*.toml"))
SEEDS = range(2001, 2051)
LINE = 120


@pytest.fixture(params=SPACES)
def name(request):
    """The name of an assignment with variants."""
    return request.param


def code_tasks(name):
    """The tasks that a machine marks."""
    return [
        teaching.grader(cell).grade_id
        for cell in teaching.source(name).cells
        if teaching.grader(cell).get("solution") and not teaching.grader(cell).get("grade")
        if not teaching.grader(cell).grade_id.endswith("_student")
    ]


def test_each_task_has_another_form(name):
    assert sorted(teaching.space_of(name).variants) == sorted(code_tasks(name))


@pytest.mark.long
def test_each_form_earns_all_and_any_other_form_loses(name):
    found = json.loads(teaching.in_a_fresh_process(name, "variants"))
    assert {task for task, *_ in found} == set(code_tasks(name))
    for task, answer, asked, errors in found:
        if answer == asked:
            assert errors == {}, (task, answer)
        else:
            assert any(cell.startswith(f"{task}_") for cell in errors), (task, answer, asked)


@pytest.mark.long
def test_what_a_seed_draws_earns_all_on_its_own_tests_and_less_on_anothers(name):
    found = json.loads(teaching.in_a_fresh_process(name, "seeds"))
    assert len(found) >= 10
    assert [(seed, errors, passed) for seed, errors, passed in found if errors or passed] == []


def test_fifty_seeds_give_notebooks_as_the_house_wants_them_and_nothing_leaks(name, tmp_path):
    space, source = teaching.space_of(name), teaching.source(name)
    where, found = Course(tmp_path / "class"), {}
    rubric = where.rubric(name)
    for seed in SEEDS:
        drawn = variants.draw(space, name, seed)
        notebook, marking = variants.varied(source, rubric, space, drawn)
        nbformat.validate(notebook)
        path = tmp_path / f"{seed}.ipynb"
        nbformat.write(notebook, path)
        found[seed] = path.read_bytes()
        text = "\n".join(cell.source for cell in notebook.cells)
        assert not [value for value in drawn.values if f"<{value}>" in text]
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert [line for cell in code for line in cell.splitlines() if len(line) > LINE] == []
        assert leaks.in_source(notebook) == []
        given = release.without_secrets(where, notebook)
        assert leaks.in_notebook(given, leaks.secrets_of(notebook, marking)) == []
    assert len(set(found.values())) == len(SEEDS)
    words = [sys.executable, "-m", "ruff"]
    for step in (["check"], ["format", "--check"]):
        more = [
            "--no-cache",
            "--config",
            str(teaching.ROOT / "notebooks" / "ruff.toml"),
            str(tmp_path),
        ]
        answer = subprocess.run([*words, *step, *more], capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout[-2000:]
