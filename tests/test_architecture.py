"""The shape of the package: who may import whom, what a newcomer sees, what importing costs."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cgan_lab"
FILES = sorted(PACKAGE.rglob("*.py"))
VISIBLE = 28  # entries that a newcomer sees on opening the package
FUNCTION_LINES = 45  # one screen
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path)) for path in FILES}


def walk(kind):
    """Yield (file and line, node) for each node of this ``kind`` in the package."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_imports_go_one_way():
    """The layers are in pyproject.toml; import-linter compares every import with them."""
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    answer = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_newcomer_sees_the_subject_and_little_else():
    seen = [path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len(seen) <= VISIBLE, sorted(seen)


def test_only_lessons_use_the_checks():
    scripts = [*(ROOT / "tools").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
    used = re.compile(r"from cgan_lab import .*\bchecks\b|cgan_lab\.checks")
    using = [path.name for path in scripts if used.search(path.read_text(encoding="utf-8"))]
    assert using == ["tutor.py"]  # which makes a sheet of what they say


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".objective",
        ".sampling",
        ".metrics",
        ".data",
        ".plots",
        ".checks",
        ".doctor",
        ".forward",
    ],
)
def test_importing_it_loads_no_framework(name):
    heavy = "{'tensorflow', 'keras', 'torch', 'jax'}"
    code = f"import sys, cgan_lab{name}; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_a_function_is_one_screen():
    functions = walk(ast.FunctionDef | ast.AsyncFunctionDef)
    lengths = {place: node.end_lineno - node.lineno + 1 for place, node in functions}
    assert {place: lines for place, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_everything_public_has_a_docstring():
    """The first sentence of a module says what it does and does not know."""
    assert [str(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []
    defined = [(path, node) for path, tree in TREES.items() for node in tree.body]
    kinds = ast.FunctionDef | ast.ClassDef
    public = [
        (path, node) for path, node in defined if isinstance(node, kinds) and node.name[0] != "_"
    ]
    assert len(public) > 100
    assert [
        f"{path.name}: {node.name}" for path, node in public if not ast.get_docstring(node)
    ] == []


def test_nothing_is_unpickled():
    """Data and models come from strangers; loading them must not run their code."""
    wanted = {"allow_pickle": False, "safe_mode": True}
    keywords = [(place, node) for place, node in walk(ast.keyword) if node.arg in wanted]
    assert keywords
    assert [place for place, node in keywords if node.value.value is not wanted[node.arg]] == []
    pickles = re.compile(r"^\s*(import|from) (pickle|dill|joblib)\b", re.MULTILINE)
    assert [str(path) for path in FILES if pickles.search(path.read_text(encoding="utf-8"))] == []
