"""The commands in the documents parse, and what they name exists. They are not run here."""

import re
import shlex
import tomllib
from pathlib import Path

import hand_ins
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_page_of_hand_ins_is_what_the_tests_try():
    assert hand_ins.TARGET.read_text(encoding="utf-8") == hand_ins.page(), "see tests/hand_ins.py"


def commands(text):
    """Return the words of each line in a page's code blocks that runs Python, pip or make."""
    lines = []
    fence = None
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fence = line.lstrip("` ") if fence is None else None
        elif fence == "" or (fence is None and line.startswith("    ")):
            lines.append(line.replace("\\", "/"))
    lines = [line for line in lines if re.match(r" *(\S*python3?|py|make|pip) ", line)]
    return [shlex.split(line, comments=True) for line in lines]


def wrong(words):
    """Yield what a command names that is not here: an extra, constraints, a target of make."""
    if words[0] == "make":
        yield from (word for word in words[1:] if "=" not in word and word not in TARGETS)
    for option, value in zip(words, words[1:], strict=False):
        if option == "-c" and "pip" in words and not (ROOT / value).is_file():
            yield value
    for extras in re.findall(r"(?:\.|cgan-lab)\[([\w,]+)\]", " ".join(words)):
        yield from set(extras.split(",")) - set(PROJECT["project"]["optional-dependencies"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_name_extras_files_and_targets_that_exist(page):
    found = [(words, list(wrong(words))) for words in commands(page.read_text(encoding="utf-8"))]
    assert [(words, names) for words, names in found if names] == []


def test_every_command_that_opens_the_course_gives_figures_their_words():
    places = [*PAGES, ROOT / "Makefile"]
    lines = [line for page in places for line in page.read_text(encoding="utf-8").splitlines()]
    opening = [line for line in lines if re.search(r"jupyter(lab| lab) .*00_start_here", line)]
    option = re.compile(r"--LabApp\.extra_labextensions_path=tools[/\\]labextensions ")
    assert len(opening) == 4 and all(map(option.search, opening))
    assert (ROOT / "tools/labextensions/cgan-lab/package.json").is_file()


@pytest.mark.parametrize(
    "line", ['pip install ".[labs]"', "pip install -c none.txt .", "make labs"]
)
def test_a_command_that_names_what_is_not_there_is_seen(line):
    (words,) = commands(f"Text.\n\n```\n{line}  # a comment\n```\n")
    assert list(wrong(words)) and commands(f"Text.\n\n    {line}\n") == [words]


def value(words, *names):
    """Return what follows one of the options ``names``."""
    return next(after for word, after in zip(words, words[1:], strict=False) if word in names)


def test_the_class_machine_is_made_from_the_folder_that_was_filled():
    """Folder, extra and build tool are the same in all commands, and no command needs a network."""
    page = commands((ROOT / "docs" / "classroom.md").read_text(encoding="utf-8"))
    (fill,) = [words for words in page if "wheel" in words]
    (make,) = [words for words in page if words[0] == "make"]
    installs = [words for words in page if "install" in words]
    folder = value(fill, "-w")
    assert value(fill, "-c") == "constraints.txt" and ".[lab]" in fill
    assert set(PROJECT["build-system"]["requires"]) <= set(
        fill
    )  # pip builds the course on the class machine
    assert make == ["make", "lab", "PIP_NO_INDEX=1", f"PIP_FIND_LINKS={folder}"]
    for words in installs:
        assert "--no-index" in words and value(words, "--find-links") == folder
        assert value(words, "-e").startswith(".[lab")
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert len(installs) == 2 and f"{folder}/" in ignored
