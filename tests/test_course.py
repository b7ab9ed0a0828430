"""The course hangs together: links and anchors, the papers, the glossary, and what every lesson has.

Each check is a function that yields what is wrong, and is tried on a faulty copy of a notebook as well.
"""

import copy
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.ipynb"))}
LESSONS = {name: notebook for name, notebook in NOTEBOOKS.items() if name[:2].isdigit()}
GLOSSARY = "D_glossary_and_papers.ipynb"

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ARXIV = re.compile(r"arxiv(?:\.org/abs/|[ :])(\d{4}\.\d{4,5})", re.IGNORECASE)
# Figures that no caption follows, by the id of their cell, and why.
UNCAPTIONED = {
    "00-19": "a game: a caption would give the answer away",
    "00-29": "the reader's own number",
}


def source(cell):
    return "".join(cell["source"])


def text_of(notebook, kind="markdown"):
    """Return the sources of all cells of ``kind`` ("markdown", "code", or "" for both), one after the other."""
    return "\n\n".join(source(cell) for cell in notebook["cells"] if cell["cell_type"].startswith(kind))


def without_code(markdown):
    """Return ``markdown`` without fenced and inline code, in which nothing is a heading or a link."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL))


def anchors(notebook):
    """Return the anchors of a notebook's headings as JupyterLab and nbconvert make them: spaces become hyphens."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", without_code(text_of(notebook)), re.MULTILINE)
    return {heading.replace(" ", "-") for heading in headings}


def dead_links(name, notebook):
    """Yield each link of ``notebook`` that leads to no file, or to a heading that is not there."""
    for target in LINK.findall(without_code(text_of(notebook))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        file = file or name
        if not (FOLDER / file).is_file():
            yield f"{name} links to {file}, which does not exist"
        elif anchor and file in NOTEBOOKS:
            there = anchors(notebook if file == name else NOTEBOOKS[file])
            if anchor not in there:
                yield f"{name} links to #{anchor} of {file}, which has {sorted(there)}"
        elif anchor:
            yield f"{name} links into {file}#{anchor}; anchors are checked in notebooks only"


def missing_parts(name, notebook):
    """Yield what a lesson should have and ``notebook`` has not."""
    cells = notebook["cells"]
    opening, closing, whole = source(cells[0]), source(cells[-1]), text_of(notebook)
    number = name[:2]
    yield from (
        f"{name}: {what}"
        for what, there in {
            f"its title does not begin with {number}": opening.startswith(f"# {number} · "),
            "its opening has no **Afterwards you can** with a list": re.search(
                r"\*\*Afterwards you can\*\*\n- ", opening
            ),
            "its opening has no **Before**": "**Before**" in opening,
            "its opening does not say the minutes of reading": re.search(r"\*\*Time\*\* about \d+ minutes", opening),
            "its opening does not say what the cells take to compute": re.search(
                r"compute.*(second|minute)", opening.partition("**Time**")[2]
            ),
            "it asks no prediction question": re.search(r"\*\*(Predict|Diagnose)\b", whole),
            "it has no recap": re.search(r"^## Recap$", whole, re.MULTILINE),
            "it has no exercise": re.search(r"\*\*(Exercise\b|\d+\. )|^## Exercises?$", whole, re.MULTILINE),
            "no exercise is checked": f'checks.check("{number}.' in text_of(notebook, "code"),
            "its last cell leads to no other notebook": any(
                target.partition("#")[0] in NOTEBOOKS for target in LINK.findall(closing)
            ),
        }.items()
        if not there
    )


def pictures(notebook):
    """Yield (index of the cell, the output) for each picture among the outputs of ``notebook``."""
    for index, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", []):
            if any(kind.startswith("image/") for kind in output.get("data", {})):
                yield index, output


def silent_pictures(name, notebook):
    """Yield the pictures without alt text, and those that no caption or question follows."""
    cells = notebook["cells"]
    for index, output in pictures(notebook):
        cell = cells[index].get("id", index)
        kind = next(kind for kind in output["data"] if kind.startswith("image/"))
        if not output.get("metadata", {}).get(kind, {}).get("alt", "").strip():
            yield f"{name}: the picture of cell {cell} has no alt text"
        following = next((source(later) for later in cells[index + 1 :] if later["cell_type"] == "markdown"), "")
        if cell not in UNCAPTIONED and not re.search(r"\*What to see|^\*\*Diagnose\.\*\*", following):
            yield f"{name}: after the picture of cell {cell} nothing says what to see"


def cited(notebook):
    """Return the arXiv numbers that ``notebook`` cites."""
    return set(ARXIV.findall(text_of(notebook)))


def table_rows(notebook, heading):
    """Return the rows, lists of cells, of all tables between the heading ``heading`` and the next of its rank."""
    part = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", text_of(notebook), re.MULTILINE | re.DOTALL)[1]
    lines = [line for line in part.splitlines() if line.startswith("| ") and not line.startswith("|--")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def paper_faults(glossary, notebooks):
    """Yield the papers cited and not listed, listed twice, or listed for a notebook that does not cite them."""
    rows = [(set(ARXIV.findall(row[0])), row) for row in table_rows(glossary, "Papers") if ARXIV.search(row[0])]
    listed = [number for numbers, _ in rows for number in numbers]
    yield from (f"{number} is listed twice" for number in set(listed) if listed.count(number) > 1)
    for name, notebook in notebooks.items():
        if name != GLOSSARY:
            yield from (f"{name} cites {number}, which the papers lack" for number in cited(notebook) - set(listed))
    for numbers, row in rows:
        for name in LINK.findall(row[-1]):
            if name in notebooks and not numbers <= cited(notebooks[name]):
                yield f"{numbers} is listed for {name}, which does not cite it"


def flat(text):
    """Return ``text`` in lower case, with hyphens and line breaks as spaces and without emphasis."""
    return re.sub(r"[\s\-]+", " ", text.replace("*", "").lower())


def glossary_faults(glossary, notebooks):
    """Yield terms that stand twice, out of order, without a meaning, or do not occur in the lesson they lead to."""
    rows = [row for row in table_rows(glossary, "Glossary") if row[0].startswith("**")]
    terms = [row[0].strip("*") for row in rows]
    keys = [term.lower().replace("é", "e") for term in terms]
    if keys != sorted(set(keys)):
        yield "the terms are not in alphabetical order, or one stands twice"
    for term, row in zip(terms, rows, strict=True):
        if len(row) != 4 or len(row[2]) < 20:
            yield f"{term} has no meaning, or its row has not four cells"
            continue
        lesson = unquote(LINK.findall(row[3])[0]).partition("#")[0]
        if flat(term) not in flat(text_of(notebooks[lesson], "")):
            yield f"{term} does not occur in {lesson}, where it should be shown"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_link_leads_somewhere(name):
    assert list(dead_links(name, NOTEBOOKS[name])) == []


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_has_its_parts(name):
    assert list(missing_parts(name, LESSONS[name])) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_picture_has_alt_text_and_a_caption(name):
    assert list(silent_pictures(name, NOTEBOOKS[name])) == []


def test_every_cited_paper_is_listed_and_used_where_the_list_says():
    assert list(paper_faults(NOTEBOOKS[GLOSSARY], NOTEBOOKS)) == []


def test_papers_cited_in_the_package_and_the_benchmarks_are_listed():
    files = [*(ROOT / "cgan_lab").glob("*.py"), ROOT / "benchmarks" / "README.md"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    numbers = set(ARXIV.findall(text)) | set(re.findall(r"\((\d{4}\.\d{4,5})\)", text))  # "(1801.04406)" in comments
    assert numbers - cited(NOTEBOOKS[GLOSSARY]) == set()


def test_every_glossary_term_occurs_in_the_lesson_it_leads_to():
    assert list(glossary_faults(NOTEBOOKS[GLOSSARY], NOTEBOOKS)) == []


def test_lessons_lead_to_one_another_in_order():
    names = sorted(LESSONS)
    for name, following in zip(names, names[1:], strict=False):
        assert following in LINK.findall(source(LESSONS[name]["cells"][-1])), f"{name} does not lead to {following}"


# Each check can fail: a faulty copy is caught, for its fault.


def changed(name, old, new):
    """Return a copy of the notebook ``name`` in whose sources ``old``, which must occur, has become ``new``."""
    notebook = copy.deepcopy(NOTEBOOKS[name])
    assert any(old in source(cell) for cell in notebook["cells"])
    for cell in notebook["cells"]:
        cell["source"] = source(cell).replace(old, new)
    return notebook


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("03_training.ipynb", "03_trainings.ipynb", "which does not exist"),
        ("#4-·-Patient-C", "#4-·-Patient-Z", "#4-·-Patient-Z of 06"),
        ("## 2 · The generator", "## 2 · [a](#nowhere) The generator", "#nowhere of 02"),
    ],
)
def test_a_dead_link_is_seen(old, new, said):
    name = "02_generator_and_discriminator.ipynb"
    found = list(dead_links(name, changed(name, old, new)))
    assert found and all(said in text for text in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("**Afterwards you can**", "**You can**", "Afterwards you can"),
        ("**Before**", "Before", "no **Before**"),
        ("**Time** about", "**Time** around", "minutes of reading"),
        ("compute", "run", "take to compute"),
        ("**Predict", "**Guess", "no prediction question"),
        ("## Recap", "## Summary", "no recap"),
        ("checks.check", "print", "no exercise is checked"),
        ("ipynb", "html", "leads to no other notebook"),
        ("# 05 ·", "# 5 ·", "title"),
    ],
)
def test_a_missing_part_is_seen(old, new, said):
    name = "05_evaluation.ipynb"
    found = list(missing_parts(name, changed(name, old, new)))
    assert found and all(said in text for text in found)


def test_a_silent_picture_is_seen():
    name = "05_evaluation.ipynb"
    assert "nothing says what to see" in next(silent_pictures(name, changed(name, "*What to see", "*Look")))
    notebook = copy.deepcopy(NOTEBOOKS[name])
    next(output for _, output in pictures(notebook))["metadata"] = {}
    assert list(silent_pictures(name, notebook)) == [f"{name}: the picture of cell 05-06 has no alt text"]


def test_a_paper_that_is_not_listed_or_not_used_is_seen():
    shorter = changed(GLOSSARY, "1704.00028", "0000.00000")
    assert any("cites 1704.00028, which the papers lack" in text for text in paper_faults(shorter, NOTEBOOKS))
    without = {**NOTEBOOKS, "07_better_cgans.ipynb": changed("07_better_cgans.ipynb", "1704.00028", "1234.56789")}
    found = list(paper_faults(NOTEBOOKS[GLOSSARY], without))
    assert len(found) == 2 and any("1234.56789" in text for text in found)
    assert any("does not cite it" in text for text in found)


def test_a_term_that_no_lesson_shows_is_seen():
    faulty = changed(GLOSSARY, "| **loudness** |", "| **loudliness** |")
    assert any("loudliness does not occur in 02" in text for text in glossary_faults(faulty, NOTEBOOKS))
    faulty = changed(GLOSSARY, "| **Adam** |", "| **Zadam** |")
    assert "the terms are not in alphabetical order, or one stands twice" in list(glossary_faults(faulty, NOTEBOOKS))
