"""The shape of the package: who may import whom, how long a module is, what importing costs."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "cgan_lab").glob("*.py"))
MODULES = {path.stem for path in FILES}
MODULE_LINES, FUNCTION_LINES = 270, 50  # one sitting, one screen

# What each module may import of ours. A new module gets its line here.
MAY_IMPORT = {
    "__init__": set(),
    "runtime": set(),
    "files": set(),
    "objective": set(),
    "sampling": set(),
    "metrics": set(),
    "plots": set(),
    "plots_networks": {"plots"},
    "plots_training": {"plots"},
    "plots_evaluation": {"plots"},
    "data": {"files", "runtime"},
    "losses": {"replicas", "runtime"},
    "conditioning": {"runtime"},
    "models": {"conditioning", "replicas", "runtime"},
    "doctor": {"doctor_jupyter", "doctor_machine", "doctor_packages", "runtime"},
    "doctor_jupyter": {"doctor_machine", "doctor_packages"},
    "doctor_machine": {"runtime"},
    "doctor_packages": {"doctor_machine", "files", "runtime"},
    "workers": set(),
    "replicas": {"runtime", "workers"},
    "engine": {"replicas", "runtime"},
    "recipes": {"losses", "runtime"},
    "cgan": {"engine", "losses", "models", "recipes", "replicas", "sampling", "data", "files", "runtime"},
    "saved": {"files", "runtime"},
    "checkpoints": {"cgan", "engine", "files", "runtime", "saved"},
    "training": {"checkpoints", "data", "engine", "files", "plots", "replicas", "runtime"},
    "judge": {"metrics", "data", "files", "runtime", "sampling"},
    "report": set(),
    "synthetic": {"data", "runtime", "sampling"},
    "toy": {"objective"},
    "plots_toy": {"plots"},
    "background": set(),
    "widgets_parts": {"runtime"},
    "widgets_samples": {"metrics", "plots", "sampling", "widgets_parts"},
    "widgets_latent": {"plots", "sampling", "widgets_parts"},
    "widgets_toy": {"objective", "plots_toy", "toy", "widgets_parts"},
    "widgets_training": {
        *("background", "judge", "metrics", "plots", "plots_training", "sampling", "training", "widgets_parts")
    },
    "widgets_clinic": {"clinic", "losses", "models", "plots", "plots_training", "widgets_parts", "widgets_training"},
    "widgets": {"metrics", "plots", "plots_evaluation", "plots_networks", "sampling", "objective", "widgets_parts"},
    "exercises": set(),
    "clinic": {"cgan", "data", "engine", "judge", "metrics", "runtime", "sampling"},
    "exercises_clinic": {"clinic", "data", "exercises"},
    "exercises_article": {"exercises"},
    "exercises_better": {"exercises"},
    "exercises_capstone": {"exercises"},
    "exercises_start": {"exercises"},
    "exercises_objective": {"exercises", "objective"},
    "exercises_networks": {"exercises"},
    "exercises_sampling": {"exercises", "sampling"},
    "exercises_evaluation": {"exercises", "metrics"},
    "exercises_training": {"exercises", "metrics", "objective"},
    "checks": {name for name in MODULES if name.startswith("exercises")},
    "__main__": {
        name
        for name in MODULES
        if not name.startswith(("__main__", "background", "widgets", "checks", "clinic", "exercises"))
    },
}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of_ours(path):
    """Return the names of our modules that the file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, ["cgan_lab" if node.level else "", node.module or ""]))
            names = [base] + [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("cgan_lab.")} & MODULES
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports_go_one_way(path):
    assert path.stem in MAY_IMPORT, f"give {path.stem} its line in MAY_IMPORT"
    assert imports_of_ours(path) <= MAY_IMPORT[path.stem]


def test_the_import_reader_sees_every_form(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("import cgan_lab.data\ndef f():\n    from cgan_lab import losses\n    from .runtime import asset\n")
    assert imports_of_ours(file) == {"data", "losses", "runtime"}


def test_only_lessons_use_the_checks():
    scripts = [*FILES, *(ROOT / "tools").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
    users = [path.name for path in scripts if "checks" in imports_of_ours(path)]
    assert users == []


@pytest.mark.parametrize("name", ["cgan_lab", "cgan_lab.objective", "cgan_lab.sampling"])
def test_importing_it_loads_no_framework(name):
    code = f"import sys, {name}; print(sorted({{'tensorflow', 'keras', 'torch', 'jax'}} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_module_is_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_function_is_one_screen(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_everything_public_has_a_docstring(path):
    module = tree(path)
    public = [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(module), "the module's first sentence says what it does and does not know"
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_unpickled(path):
    """Data and models come from strangers; loading them must not run their code."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert node.value.value is False
        if isinstance(node, ast.keyword) and node.arg == "safe_mode":
            assert node.value.value is True
    assert not re.search(r"^\s*(import|from) (pickle|dill|joblib)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
