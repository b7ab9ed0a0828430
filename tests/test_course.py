"""The course fits together: links and anchors, papers, glossary, and what every lesson has.

Each check is a function that yields what is wrong. It is tried on a faulty copy of a notebook, too.
"""

import copy
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
NOTEBOOKS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in PATHS}
LESSONS = {name: notebook for name, notebook in NOTEBOOKS.items() if name[:2].isdigit()}
GLOSSARY = "D_glossary_and_papers.ipynb"
EVALUATION = "05_evaluation.ipynb"

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
    """Return the joined sources of all cells of ``kind``: "markdown", "code", or "" for both."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"].startswith(kind)]
    return "\n\n".join(map(source, cells))


def without_code(markdown):
    """Return ``markdown`` without code, in which nothing is a heading or a link."""
    return re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", markdown)


def anchors(notebook):
    """Return the anchors of a notebook's headings: JupyterLab turns spaces into hyphens."""
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
        elif anchor and file not in NOTEBOOKS:
            yield f"{name} links into {file}#{anchor}; anchors are checked in notebooks only"
        elif anchor:
            there = anchors(notebook if file == name else NOTEBOOKS[file])
            if anchor not in there:
                yield f"{name} links to #{anchor} of {file}, which has {sorted(there)}"


def missing_parts(name, notebook):
    """Yield what a lesson should have and ``notebook`` has not."""
    opening = source(notebook["cells"][0])
    closing = source(notebook["cells"][-1])
    whole = text_of(notebook)
    code = text_of(notebook, "code")
    parts = {
        f"its title does not begin with {name[:2]}": (rf"\A# {name[:2]} · ", opening),
        "it has no **Afterwards you can** with a list": (r"\*Afterwards you can\*\*\n- ", opening),
        "its opening has no **Before**": (r"\*\*Before\*\*", opening),
        "it does not say the minutes of reading": (r"\*\*Time\*\* about \d+ minutes", opening),
        "it does not say what the cells take to compute": (
            r"(?s)\*\*Time\*\*.*compute[^\n]*(second|minute)",
            opening,
        ),
        "it asks no prediction question": (r"\*\*(Predict|Diagnose)\b", whole),
        "it has no recap": (r"(?m)^## Recap$", whole),
        "it has no exercise": (r"(?m)\*\*(Exercise\b|\d+\. )|^## Exercises?$", whole),
        "no exercise is checked": (rf'checks\.check\("{name[:2]}\.', code),
    }
    for what, (pattern, text) in parts.items():
        if not re.search(pattern, text):
            yield f"{name}: {what}"
    sections = [int(number) for number in re.findall(r"(?m)^## (\d+) · ", whole)]
    if sections != list(range(1, len(sections) + 1)):
        yield f"{name}: its sections are numbered {sections}"
    if not any(target.partition("#")[0] in NOTEBOOKS for target in LINK.findall(closing)):
        yield f"{name}: its last cell leads to no other notebook"


def afternoon_faults(name, notebook):
    """Yield each section that the line **In an afternoon** names and ``notebook`` has not."""
    line = re.search(r"(?m)^\*\*In an afternoon\*\* .*", source(notebook["cells"][0]))
    named = re.findall(r"\b\d+\b(?! minutes)", line[0]) if line else []
    sections = re.findall(r"(?m)^## (\d+) · ", text_of(notebook))
    yield from (f"{name} has no section {number}" for number in named if number not in sections)


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
        texts = [source(one) for one in cells[index + 1 :] if one["cell_type"] == "markdown"]
        caption = re.search(r"\*What to see|^\*\*Diagnose\.\*\*", "".join(texts[:1]))
        if not caption and cell not in UNCAPTIONED:
            yield f"{name}: after the picture of cell {cell} nothing says what to see"


def cited(notebook):
    """Return the arXiv numbers that ``notebook`` cites."""
    return set(ARXIV.findall(text_of(notebook)))


def table_rows(notebook, heading):
    """Return the rows, as lists of cells, of all tables in the section ``heading``."""
    part = re.search(rf"(?ms)^## {heading}$(.*?)(?=^## |\Z)", text_of(notebook))[1]
    lines = re.findall(r"(?m)^\| .*", part)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def paper_faults(glossary, notebooks):
    """Yield papers that are cited and not listed, listed twice, or listed and not cited."""
    rows = [(set(ARXIV.findall(row[0])), row) for row in table_rows(glossary, "Papers")]
    rows = [(numbers, row) for numbers, row in rows if numbers]
    listed = [number for numbers, _ in rows for number in numbers]
    yield from (f"{number} is listed twice" for number in set(listed) if listed.count(number) > 1)
    for name, notebook in notebooks.items():
        if name != GLOSSARY:
            yield from (
                f"{name} cites {number}, which the papers lack"
                for number in cited(notebook) - set(listed)
            )
    for numbers, row in rows:
        for name in LINK.findall(row[-1]):
            if name in notebooks and not numbers <= cited(notebooks[name]):
                yield f"{numbers} is listed for {name}, which does not cite it"


def flat(text):
    """Return ``text`` in lower case, with spaces for hyphens and line breaks, without emphasis."""
    return re.sub(r"[\s\-]+", " ", text.replace("*", "").lower())


def glossary_faults(glossary, notebooks):
    """Yield terms listed twice, out of order, without a meaning, or missing from their lesson."""
    rows = [row for row in table_rows(glossary, "Glossary") if row[0].startswith("**")]
    terms = [row[0].strip("*") for row in rows]
    keys = [term.lower().replace("é", "e") for term in terms]
    if keys != sorted(set(keys)):
        yield "the terms are not in alphabetical order, or one is listed twice"
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


@pytest.mark.parametrize("name", LESSONS)
def test_the_afternoon_asks_for_sections_that_a_lesson_has(name):
    assert list(afternoon_faults(name, LESSONS[name])) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_picture_has_alt_text_and_a_caption(name):
    assert list(silent_pictures(name, NOTEBOOKS[name])) == []


def test_every_cited_paper_is_listed_and_used_where_the_list_says():
    assert list(paper_faults(NOTEBOOKS[GLOSSARY], NOTEBOOKS)) == []


def test_papers_cited_in_the_package_and_the_benchmarks_are_listed():
    files = [*(ROOT / "cgan_lab").rglob("*.py"), ROOT / "benchmarks" / "README.md"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    numbers = set(ARXIV.findall(text)) | set(
        re.findall(r"\((\d{4}\.\d{4,5})\)", text)
    )  # "(1801.04406)" in comments
    assert numbers - cited(NOTEBOOKS[GLOSSARY]) == set()


def test_every_glossary_term_occurs_in_the_lesson_it_leads_to():
    assert list(glossary_faults(NOTEBOOKS[GLOSSARY], NOTEBOOKS)) == []


def test_lessons_lead_to_one_another_in_order():
    names = sorted(LESSONS)
    for name, following in zip(names, names[1:], strict=False):
        assert following in LINK.findall(source(LESSONS[name]["cells"][-1])), (
            f"{name} does not lead to {following}"
        )


# Each check can fail: a faulty copy is caught, for its fault.


def changed(name, old, new):
    """Return a copy of the notebook ``name`` in which ``old``, which must occur, is ``new``."""
    notebook = copy.deepcopy(NOTEBOOKS[name])
    assert any(old in source(cell) for cell in notebook["cells"])
    for cell in notebook["cells"]:
        cell["source"] = source(cell).replace(old, new)
    return notebook


@pytest.mark.parametrize(
    ("check", "old", "new", "said"),
    [
        (dead_links, "03_training.ipynb", "03_trainings.ipynb", "which does not exist"),
        (dead_links, "#4-·-Patient-C", "#4-·-Patient-Z", "#4-·-Patient-Z of 06"),
        (dead_links, "## 2 · The g", "## 2 · [a](#nowhere) The g", "#nowhere of 02"),
        (missing_parts, "**Afterwards you can**", "**You can**", "Afterwards you can"),
        (missing_parts, "**Before**", "Before", "no **Before**"),
        (missing_parts, "**Time** about", "**Time** around", "minutes of reading"),
        (missing_parts, "compute", "run", "take to compute"),
        (missing_parts, "**Predict", "**Guess", "no prediction question"),
        (missing_parts, "## Recap", "## Summary", "no recap"),
        (missing_parts, "checks.check", "print", "no exercise is checked"),
        (missing_parts, "ipynb", "html", "leads to no other notebook"),
        (missing_parts, "# 05 ·", "# 5 ·", "title"),
        (missing_parts, "## 6 · ", "", "numbered [1, 2, 3, 4, 5, 7, 8, 9]"),
        (silent_pictures, "*What to see", "*Look", "nothing says what to see"),
    ],
)
def test_a_fault_of_a_lesson_is_seen(check, old, new, said):
    name = "02_generator_and_discriminator.ipynb" if check is dead_links else EVALUATION
    found = list(check(name, changed(name, old, new)))
    assert found and all(said in text for text in found)


def test_a_section_that_the_afternoon_asks_for_in_vain_is_seen():
    name = "00_start_here.ipynb"
    faulty = changed(name, "read all of it", "read sections 2 to 8 (15 minutes)")
    assert list(afternoon_faults(name, faulty)) == [f"{name} has no section 8"]


def test_a_picture_without_alt_text_is_seen():
    notebook = copy.deepcopy(NOTEBOOKS[EVALUATION])
    index, first = next(pictures(notebook))
    first["metadata"] = {}
    cell = notebook["cells"][index]["id"]
    said = f"{EVALUATION}: the picture of cell {cell} has no alt text"
    assert list(silent_pictures(EVALUATION, notebook)) == [said]


def test_a_paper_that_is_not_listed_or_not_used_is_seen():
    shorter = changed(GLOSSARY, "1704.00028", "0000.00000")
    found = list(paper_faults(shorter, NOTEBOOKS))
    assert any("cites 1704.00028, which the papers lack" in text for text in found)
    name = "07_better_cgans.ipynb"
    without = {**NOTEBOOKS, name: changed(name, "1704.00028", "1234.56789")}
    unlisted, unused = sorted(paper_faults(NOTEBOOKS[GLOSSARY], without))
    assert "1234.56789" in unlisted and "does not cite it" in unused


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("loudness", "loudliness", "loudliness does not occur in 02"),
        ("Adam", "Zadam", "the terms are not in alphabetical order, or one is listed twice"),
    ],
)
def test_a_term_that_no_lesson_shows_or_out_of_order_is_seen(old, new, said):
    faulty = changed(GLOSSARY, f"| **{old}** |", f"| **{new}** |")
    assert any(said in text for text in glossary_faults(faulty, NOTEBOOKS))
