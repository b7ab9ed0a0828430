"""The tutor's sheet: as it would be made now, with every known mistake, and without an answer."""

import ast
import dataclasses
import inspect
import re
import sys

import builds
import pytest
import tutor
from test_checks import WRONG, telling_lines

from cgan_lab import checks
from cgan_lab.checks._kit import EXERCISES
from tools.teach import course, leaks

NAMES = checks.names()


def code_of(name):
    """Return the code of the right answer to the exercise ``name``."""
    module = checks._solutions(name)
    source = inspect.getsource(module)
    (node,) = [n for n in ast.parse(source).body if checks._defines(n, name.split(".", 1)[1])]
    return ast.unparse(node)


def answers_in(text):
    """Return the exercises of which ``text`` holds a line of the right answer, spaces aside.

    Names alone, as in ``return precision, recall``, tell nothing: the task has them, too.
    """
    squeezed = re.sub(r"\s", "", text)
    found = []
    for name in NAMES:
        lines = telling_lines(code_of(name))
        lines = [line for line in lines if not re.fullmatch(r"\(?\w+(,\w+)*\)?", line)]
        found += [name] if any(line in squeezed for line in lines) else []
    return found


def assignments():
    """Return the names of the assignments whose sources are in the repository."""
    return sorted(path.name for path in (course.ASSIGNMENTS / "source").iterdir() if path.is_dir())


def test_the_sheet_is_what_the_script_makes_now():
    """If not: python tools/tutor.py."""
    assert tutor.SHEET.read_text(encoding="utf-8") == tutor.sheet()


def test_a_stale_sheet_is_told_and_written_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tutor, "SHEET", tmp_path / "tutor.md")
    monkeypatch.setattr(sys, "argv", ["tutor.py", "--check"])
    assert tutor.main() == 1 and "is stale" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["tutor.py"])
    assert tutor.main() == 0
    monkeypatch.setattr(sys, "argv", ["tutor.py", "--check"])
    assert tutor.main() == 0


def test_no_answer_to_an_exercise_is_in_the_sheet():
    assert answers_in(tutor.sheet()) == []


@pytest.mark.parametrize("name", assignments())
def test_no_answer_to_an_assignment_is_in_the_sheet(name):
    secrets = {}
    for path in (course.ASSIGNMENTS / "source" / name).glob("*.ipynb"):
        secrets |= leaks.secrets_of(course.read(path))
    assert len(secrets) > 5
    assert leaks.in_text(tutor.sheet(), secrets) == []


@pytest.mark.parametrize("rung", ["idea", "like"])
def test_a_hint_with_a_line_of_the_answer_is_seen(rung, monkeypatch):
    told = {rung: "it is np.mean(np.log(d_real)) + np.mean( np.log(1 - d_fake) ), of course."}
    monkeypatch.setitem(EXERCISES, "01.value", dataclasses.replace(EXERCISES["01.value"], **told))
    assert "01.value" in answers_in(tutor.sheet())


def test_an_answer_of_an_assignment_is_seen():
    name = assignments()[0]
    (path,) = (course.ASSIGNMENTS / "source" / name).glob("*.ipynb")
    secrets = leaks.secrets_of(course.read(path))
    line = next(text for text, what in secrets.items() if what.startswith("the solution"))
    assert leaks.in_text(f"{tutor.sheet()}\n{line}", secrets) == [f"shows {secrets[line]}"]


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_has_its_place_with_a_task_mistakes_and_hints(name):
    (part,) = re.findall(
        rf"(?ms)^### {re.escape(name)}(?: · .*?)?$(.*?)(?=^### |\Z)", tutor.sheet()
    )
    task, mistakes, ladder = re.split(r"Mistakes that the check knows:|(?=\*Idea\*)", part)
    assert len(task.strip()) > 8
    assert mistakes.count("\n- ") >= 3
    assert EXERCISES[name].idea in ladder and EXERCISES[name].like in ladder
    assert EXERCISES[name].learn not in ladder or not EXERCISES[name].learn


GENERAL = r"has shape|was expected|is right\.|expected a function|raised"  # of any exercise


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.filterwarnings("ignore:overflow")
def test_what_a_check_says_to_a_typical_mistake_is_on_its_list(name):
    listed = [re.escape(one).replace("…", ".*") for one in tutor.mistakes(name)]
    for answer in WRONG[name].values():
        said = checks.check(name, answer).text
        assert any(re.search(one, said) for one in listed) or re.search(GENERAL, said), said


@pytest.mark.parametrize("name", builds.mutants())
def test_most_mistakes_in_a_build_are_on_its_list_word_for_word(name):
    """The others name numbers or types of the answer, for which the list has a …."""
    listed = "\n".join(tutor.mistakes(name))
    parts = list(builds.mutants()[name])
    assert sum(part in listed for part in parts) >= len(parts) / 2


def test_the_words_are_those_of_the_glossary():
    words = "\n".join(tutor.words())
    assert words.count("\n") > 50
    assert "- **generator** $G(z\\mid y)$: the network that turns noise and a label" in words


@pytest.mark.parametrize(
    ("text", "heading", "task"),
    [
        ("Before.\n\n**Exercise 2 · Count.** Return it.", " · Count", "Return it."),
        ("**2. Hinge.** From logits.", " · Hinge", "From logits."),
        ("**Build · The entry.** Write it.\n1. First", " · The entry", "Write it."),
        ("### Build 2 · G's turn\n\nNow it.\n\nMore.", " · G's turn", "Now it."),
        ("**Exercise 1.** Write this.", "", "Write this."),
        ("**Repair it**, by one change.", "", "Repair it, by one change."),
        ("No task.", "", ""),
    ],
)
def test_a_task_is_the_last_paragraph_in_bold(text, heading, task):
    code = 'def f(x):\n    """A number -> twice\n    of it."""\n    ...\n'
    said = f"{task}\n\n`f(x)`: A number -> twice of it.".strip()
    assert tutor.described(text, code) == (heading, said)


def test_where_the_sheet_looks_for_sentences():
    """Tables by letter, helpers and dicts count; docstrings, cases and what is returned do not."""
    assert tutor.is_sentence("the bias is missing here.") and not tutor.is_sentence("the bias")
    of_a, of_g = (tutor.mistakes(f"06.repair_{letter}") for letter in "ag")
    assert of_a != of_g and set(of_a) & set(of_g)
    said = tutor.mistakes("08.entry")
    assert any("not compiled" in one for one in said)  # of a helper
    assert not any(one.startswith("Return") for one in said)
