"""The files around the package agree: dependencies, constraints, environment, Makefile, CI."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PYTHONS = ("3.11", "3.12", "3.13")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|conda\.anaconda\.org"
)


def requirements():
    """Return every requirement in pyproject.toml, but for the package's own extras."""
    lines = [line for group in (PROJECT["dependencies"], *EXTRAS.values()) for line in group]
    return [
        requirement
        for requirement in map(Requirement, lines)
        if requirement.name != PROJECT["name"]
    ]


def constraints(python):
    """Return name -> version of the constraints that hold for ``python`` on Linux."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    where = {"python_version": python, "python_full_version": f"{python}.9"}
    where |= {"sys_platform": "linux", "os_name": "posix", "implementation_name": "cpython"}
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for pin in pins), (
        "a constraint is an exact version"
    )
    held = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(where)]
    assert len({pin.name for pin in held}) == len(held), (
        "two versions of one package for one Python"
    )
    return {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in held}


def our_files():
    """Return the files that git tracks, or would track if they were added now."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_name_a_fitting_version_of_each_requirement(python):
    pins = constraints(python)
    for requirement in requirements():
        name = canonicalize_name(requirement.name)
        assert name in pins, f"constraints.txt lacks {name}"
        assert requirement.specifier.contains(pins[name]), f"{requirement} and {name}=={pins[name]}"


def test_constraints_say_how_they_are_made():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert "uv pip compile pyproject.toml --all-extras" in " ".join(lines[:2])


def test_every_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[tool.")[0]
    listed = re.findall(r'^  "([^"]+)",(.*)$', text, re.MULTILINE)
    assert len(listed) == len(requirements()) + 1
    assert [name for name, rest in listed if "#" not in rest] == []


def test_conda_environment_matches_the_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    named = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    assert "pip" in named
    python = next(entry.split("=")[1] for entry in named if entry.startswith("python="))
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
    own = next(entry for entry in pip if entry.startswith("-e"))
    extras = re.fullmatch(r"-e \.\[([\w,]+)\]", own)[1].split(",")
    assert set(extras) <= set(EXTRAS)
    for file in (entry.removeprefix("-c ") for entry in pip if entry.startswith("-c ")):
        assert (ROOT / file).is_file()
    ours = {requirement.name: requirement.specifier for requirement in requirements()}
    for requirement in map(Requirement, (entry for entry in pip if not entry.startswith("-"))):
        assert requirement.specifier == ours[requirement.name]


def test_the_supported_pythons_are_the_tested_ones():
    supported = SpecifierSet(PROJECT["requires-python"])
    assert (
        tuple(f"3.{minor}" for minor in range(8, 20) if supported.contains(f"3.{minor}.1"))
        == PYTHONS
    )
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert tuple(workflow["jobs"]["test"]["strategy"]["matrix"]["python"]) == PYTHONS
    assert {"run": ".ci/run"} in workflow["jobs"]["test"]["steps"]


def test_the_makefile_has_the_promised_targets():
    targets = re.findall(
        r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {"lab", "demo", "quick", "test", "test-long", "bench", "lint", "clean"} <= set(targets)


def test_every_name_of_the_quick_lane_is_a_file():
    from conftest import QUICK

    assert [name for name in QUICK if not (ROOT / f"tests/test_{name}.py").is_file()] == []


def test_ci_runs_what_the_readme_says():
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111, "git must keep it executable"
    assert script.read_text(encoding="utf-8").rstrip().endswith("make test\nmake test-long")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_file_names_a_registry():
    """A lock file with addresses works only where they are reached."""
    files = our_files()
    assert not [
        path.name for path in files if path.name in ("uv.lock", "poetry.lock", "Pipfile.lock")
    ]
    assert [
        str(path.relative_to(ROOT))
        for path in files
        if REGISTRIES.search(path.read_text(errors="ignore"))
    ] == []


@pytest.mark.parametrize("command", ["check .", "format --check ."])
def test_ruff_finds_nothing(command):
    """The package, the tests, the tools and the notebooks are linted and formatted alike."""
    command = [sys.executable, "-m", "ruff", *command.split()]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_hooks_are_local_and_run_tools_that_exist():
    """A hook that is fetched would need a network, and would be another ruff than the tests'."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    for hook in hooks[0]["hooks"]:
        words = hook["entry"].split()
        assert words[0] == "python" and hook["language"] == "system"
        assert words[1] == "-m" or (ROOT / words[1]).is_file()


def test_the_citation_names_this_version_and_licence():
    import cgan_lab

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == cgan_lab.__version__ and citation["license"] == PROJECT["license"]
    assert f"\n## {cgan_lab.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_issue_forms_ask_for_something():
    """GitHub drops a form without a name, a description or a body."""
    forms = [
        path
        for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
        if path.stem != "config"
    ]
    assert len(forms) == 2
    for path in forms:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert form["name"] and form["description"]
        assert all(field["id"] and field["attributes"]["label"] for field in form["body"])


def test_git_compares_notebooks_with_nbdime():
    assert (
        "*.ipynb text eol=lf diff=jupyternotebook merge=jupyternotebook"
        in (ROOT / ".gitattributes").read_text()
    )
    assert "nbdime config-git --enable" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_links_of_the_documents_lead_somewhere():
    for page in [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


# They measure TensorFlow itself, or the patients of the clinic, and take numbers alone.
NEED_TENSORFLOW = {
    "few.py",
    "clinic_seeds.py",
    "controls.py",
    "original.py",
    "profile_step.py",
    "rivals.py",
}


def test_a_wrong_word_to_a_script_is_told_before_tensorflow_starts():
    scripts = [
        str(path)
        for folder in ("benchmarks", "tools", "tools/assets")
        for path in sorted((ROOT / folder).glob("*.py"))
        if path.name not in NEED_TENSORFLOW
    ]
    program = f"""
import contextlib, io, runpy, sys
for script in {scripts!r}:
    sys.argv = [script, "--no-such-option"]
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as stop:
            assert stop.code == 2, script
    assert "tensorflow" not in sys.modules, script
"""
    folders = [str(ROOT / "benchmarks"), str(ROOT / "tools")]
    setting = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run([sys.executable, "-c", program], env=setting, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def test_every_path_that_a_script_takes_is_read_with_its_home_folder():
    """The shell leaves ``~`` alone after ``=``; `names.path` does not."""
    wrong = []
    for folder in ("benchmarks", "tools", "tools/assets", "tools/teach"):
        for file in sorted((ROOT / folder).glob("*.py")):
            text = file.read_text(encoding="utf-8")
            wrong += [str(file)] if "type=Path" in text else []
            wrong += re.findall(r'add_argument\(\s*"--(?:out|json|folder)",\s(?!\s*type=)', text)
    assert wrong == []
