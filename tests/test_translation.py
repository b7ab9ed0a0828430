"""The Chinese edition: whole, current, and equal to the English one in all but its words."""

import copy
import os
import re
import subprocess
import sys

import messages
import nbformat
import page_words
import polib
import pytest
import translation

from cgan_lab import checks, plots
from cgan_lab.__main__ import main
from cgan_lab._support import language

PATHS = sorted(translation.NOTEBOOKS.glob("*.ipynb"))
TABLE = translation.terms("zh")
HAN = re.compile("[\u4e00-\u9fff]")


# Texts


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_text_is_translated_and_current(path):
    notebook = nbformat.read(path, as_version=4)
    assert translation.check(notebook, translation.text_of(path, "zh"), TABLE) == []


def test_lessons_are_called_by_their_own_titles_and_figures_described_once():
    assert list(translation.titles("zh")) == []


def test_every_term_of_the_glossary_has_one_chinese_word_and_no_two_have_the_same():
    glossary = nbformat.read(translation.NOTEBOOKS / "D_glossary_and_papers.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in glossary.cells if cell.cell_type == "markdown")
    terms = re.findall(r"^\| \*\*(.+?)\*\*", text, re.MULTILINE)
    rows = [term.english for term in TABLE]
    assert len(terms) > 60 and set(terms) <= set(rows) and len(set(rows)) == len(rows)
    words = [term.word for term in TABLE]
    assert all(words) and len(set(words)) == len(words)
    allowed = {word for term in TABLE for word in (term.word, *term.otherwise)}
    assert [word for term in TABLE for word in term.wrong if word in allowed] == []


SOURCE = """## The **label** of $D$

A picture of `z`, 10,000 times; see [lesson 03](03_training.ipynb#Recap).

| a | b |
|---|---|
| 1 | $x$ |

- one

<details><summary>Answer</summary>

Noise decides.
</details>"""
GOOD = """## $D$ 的 **标签**

`z` 的图，10,000 次；见[第 03 课](03_training.ipynb#Recap)。

| 甲 | 乙 |
|---|---|
| 1 | $x$ |

- 一

<details><summary>答案</summary>

由噪声决定。
</details>"""


def test_a_good_translation_passes():
    assert found(GOOD) == []


def found(text, source=SOURCE, checksum=None):
    checksum = checksum or translation.sum_of(source)
    return list(translation.problems_of("X-01", source, checksum, text, TABLE))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("## ", "### "), "heading levels"),
        (("$D$", "$G$"), "formulas"),
        (("`z`", "z"), "code"),
        (("10,000", "1,000"), "numbers"),
        (("第 03 课", "第 3 课"), "numbers"),
        (("03_training", "04_training"), "links"),
        (("| 1 | $x$ |", "| 1 |"), "table columns"),
        (("- 一", "一"), "list items"),
        (("<details>", ""), "HTML tags"),
        (("标签", "标记"), "'label' is '标签'"),
        (("噪声", "噪音"), "'noise' is '噪声'"),
        (("，", ","), "half-width"),
        (("第 03 课", "第03课"), "no space"),
        (("$D$ 的 **标签**", "$D$ 的**标签：**好"), "stars"),
    ],
)
def test_what_differs_is_named(change, sentence):
    assert change[0] in GOOD
    assert sentence in " ".join(found(GOOD.replace(*change)))


def test_what_is_not_translated_or_behind_is_named(tmp_path):
    assert found(SOURCE) == ["it is not translated."]
    assert "has changed since" in found(GOOD, SOURCE + " More.", translation.sum_of(SOURCE))[0]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(SOURCE, id="X-01")])
    path = tmp_path / "X.md"
    assert "X-01: has no translation" in translation.check(notebook, path, TABLE)[0]
    translation.write(path, {"X-02": (translation.sum_of(SOURCE), GOOD)})
    said = " ".join(translation.check(notebook, path, TABLE))
    assert "X-02: there is no such text" in said and "X-01: has no translation" in said
    path.write_text("<!-- X-01 01234567 -->\na\n<!-- X-01 01234567 -->\nb\n")
    with pytest.raises(ValueError, match="more than once"):
        translation.read(path)


def test_begin_keeps_what_there_is_and_adds_english_in_its_place(tmp_path):
    cells = [nbformat.v4.new_markdown_cell(text, id=key) for key, text in (("a", "A"), ("b", "B"))]
    path = tmp_path / "X.md"
    translation.write(path, {"b": (translation.sum_of("B"), "乙")})
    translation.begin(nbformat.v4.new_notebook(cells=cells), path)
    texts = translation.read(path)
    assert list(texts) == ["a", "b"] and texts["a"][1] == "A" and texts["b"][1] == "乙"


def test_tidy_puts_spaces_around_latin_letters_and_changes_nothing_else():
    text = "训练`z`和$x$共10轮，GAN好。[课](a.ipynb#甲b)\n```\n中a\n```"
    want = "训练 `z` 和 $x$ 共 10 轮，GAN 好。[课](a.ipynb#甲b)\n```\n中a\n```"
    assert translation.spaced(text) == want == translation.spaced(want)


# Whole notebooks


def without_words(notebook):
    """Return what both editions share: all but Markdown and the words of figures."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = ""
        for output in translation.figures(cell):
            output.metadata["image/png"]["alt"] = output.data["text/plain"] = ""
    return nbformat.writes(notebook)


def test_both_editions_share_code_ids_counts_and_outputs():
    for path, notebook in translation.edition("zh"):
        english = nbformat.read(path, as_version=4)
        assert without_words(notebook) == without_words(english), path.name
        words = [text for text in translation.english(notebook).values() if text.strip()]
        assert all(HAN.search(text) for text in words), path.name


def test_every_link_of_the_chinese_notebooks_leads_to_a_file_and_a_heading():
    notebooks = {path.name: notebook for path, notebook in translation.edition("zh")}
    texts = {name: translation.english(notebook).values() for name, notebook in notebooks.items()}
    anchors = {name: set(map_of(values)) for name, values in texts.items()}
    for name in notebooks:
        for text in texts[name]:
            for target in translation.TARGET.findall(text):
                file, _, anchor = target.partition("#")
                if re.match("[a-z]+:", target):
                    continue
                place = translation.NOTEBOOKS / "zh" / file
                assert not file or file in notebooks or place.resolve().is_file(), (name, target)
                assert not anchor or anchor in anchors[file or name], (name, target)


def map_of(texts):
    return [anchor for text in texts for anchor in translation.headings(text)]


def test_notebooks_are_written_once_and_a_learners_work_stays(tmp_path):
    assert translation.write_edition("zh", tmp_path) == []
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [path.name for path in PATHS]
    assert translation.write_edition("zh", tmp_path) == []
    work = tmp_path / names[0]
    work.write_text("a learner's work")
    (kept,) = translation.write_edition("zh", tmp_path)
    assert kept.startswith(names[0]) and work.read_text() == "a learner's work"


# Messages


def test_every_message_is_translated():
    assert messages.check("zh") == []


def test_a_message_that_the_catalogue_lacks_or_that_is_gone_is_named(monkeypatch):
    there = messages.messages()
    first = next(iter(there))
    now = {text: place for text, place in there.items() if text != first} | {"quite new": "x.py"}
    monkeypatch.setattr(messages, "messages", lambda: now)
    lacks, gone = messages.check("zh")
    assert "lacks 'quite new'" in lacks and repr(first) in gone and "is gone" in gone


def test_the_package_ships_the_messages_and_the_figures_words():
    shipped = polib.mofile(str(messages.TARGET / "zh.mo"))
    assert {entry.msgid: entry.msgstr for entry in shipped} == messages.known("zh")


@pytest.mark.parametrize(
    ("text", "said", "sentence"),
    [
        ("at {0} of {1}", "在 {0}", "values"),
        ("call `f` now", "现在调用 f", "code"),
        ("write 7 lines", "写 8 行", "numbers"),
        ("the label is lost", "标记丢了", "'label' is '标签'"),
        ("it is here", "", "not translated"),
    ],
)
def test_a_message_that_differs_is_named(text, said, sentence):
    assert sentence in " ".join(messages.problems_of(text, said, TABLE))


def test_what_people_read_is_found_in_the_code_and_docstrings_are_not():
    code = '"""A module."""\ndef f(x):\n    "It does."\n    raise E(f"got {x}, " f"not {x:.2f}")'
    assert list(messages.sentences(messages.ast.parse(code), set())) == ["got {0}, not {1}"]
    label = messages.ast.parse('slider("steps", 1)')
    named = messages.labels(label, messages.PARTS)
    assert list(messages.sentences(label, named)) == ["steps"]


def test_of_the_other_modules_errors_are_found_and_names_are_not():
    code = (
        'hint = " Convert them: f(x)." if low else ""\n'
        'names = ("a shipped model", "mnist")\n'
        'tell("Interrupted.")\n'
        'raise E(f"{x} is no run")\n'
    )
    tree = messages.ast.parse(code)
    named = messages.labels(tree, messages.CALLS)
    found = list(messages.sentences(tree, named, messages.complaints(tree)))
    assert found == [" Convert them: f(x).", "Interrupted.", "{0} is no run"]


PAGE = """<html lang="en"><title>A page</title><nav aria-label="Pages"><a href="x.html">One</a>
<a href="zh/x.html" hreflang="zh">中文</a></nav><p>Of <i>z</i>
and more.</p><p>7 <b></b></p><script src="x.js"></script></html>"""
SCRIPT = "say(said`Row ${row} of ${all.length}`, `not this ${one}`, said`no`);"


def test_the_words_of_a_page_and_of_its_script_are_found_and_replaced():
    texts = ["A page", "One", "Of <i>z</i> and more.", "Pages"]
    assert page_words.in_page(PAGE) == texts
    assert page_words.in_script(SCRIPT) == ["Row {0} of {1}", "no"]
    words = {"One": "一", "Of <i>z</i> and more.": "关于 <i>z</i>", "Pages": "页面", "no": "否"}
    soup = page_words.replaced(PAGE, [SCRIPT], lambda text: words.get(text, text))
    assert soup.p.decode_contents() == "关于 <i>z</i>" and soup.nav["aria-label"] == "页面"
    assert [link.string for link in soup.find_all("a")] == ["一", "中文"]
    inline, loaded = soup.find_all("script")
    assert '"no": "否"' in inline.string and loaded["src"] == "x.js"


@pytest.fixture
def spoken(monkeypatch):
    """A function that looks texts up in a small catalogue."""
    known = {
        "good morning": "早上好",
        "{0} has shape {1}, expected {2}.": "{0} 的形状是 {1}，应为 {2}。",
        "the labels": "标签",
        "in {0}": "在{0}",
        "lesson 07": "第 07 课",
        "see {0} {1}": "见 {0} {1}",
        "{0} of {0}": "",
    }
    entries = {text.strip(): said for text, said in known.items() if said}
    templates = [language._template(text, said) for text, said in entries.items() if "{0}" in text]
    monkeypatch.setattr(language, "_catalogue", lambda name: (entries, templates))
    monkeypatch.setenv("CGAN_LAB_LANG", "zh")
    language._said.cache_clear()
    yield language.said
    language._said.cache_clear()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("good morning", "早上好"),
        ("good morning.", "早上好。"),
        ("good morning; good morning, what", "早上好；早上好，what"),
        ("unheard of", "unheard of"),
        ("", ""),
        ("the labels has shape (2,), expected (6,).", "标签 的形状是 (2,)，应为 (6,)。"),
        ("good morning. the labels has shape 1, expected 2.", "早上好。标签 的形状是 1，应为 2。"),
        ("in lesson 07.", "在第 07 课。"),
        ("see what: good morning.", "见 what：早上好。"),
        ("Mind. the labels", "Mind. 标签"),
    ],
)
def test_messages_are_known_whole_by_what_stands_between_values_and_in_parts(spoken, text, said):
    assert spoken(text) == said


def test_the_language_is_that_of_the_variable_or_of_the_open_edition(monkeypatch):
    monkeypatch.delenv("CGAN_LAB_LANG", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert language.chosen() == "en" and language.said("Start") == "Start"
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/anna/notebooks/zh/00_start_here.ipynb")
    assert language.chosen() == "zh"
    monkeypatch.setenv("CGAN_LAB_LANG", "en")
    assert language.chosen() == "en"
    monkeypatch.setenv("CGAN_LAB_LANG", "xx")
    assert language.chosen() == "zh"


def test_without_the_catalogue_english_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("CGAN_LAB_LANG", "zh")
    monkeypatch.setattr(language, "ASSETS", tmp_path)
    language._catalogue.cache_clear()
    language._said.cache_clear()
    assert language.said("Start") == "Start"
    language._catalogue.cache_clear()
    language._said.cache_clear()


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("CGAN_LAB_LANG", "zh")
    monkeypatch.setenv("CGAN_LAB_PROGRESS", "")


def test_a_check_speaks_chinese_and_its_verdict_is_the_same(chinese, capsys):
    wrong = checks.check("04.style_grid", lambda noise, labels: (labels, noise))
    assert wrong.state == "wrong" and repr(wrong).startswith("✗ 不对: ")
    assert "应当是 (6,)" in repr(wrong) and "checks.hint('04.style_grid')" in repr(wrong)
    for number in (1, 2, 3):
        checks.hint("04.style_grid", number)
    checks.solution("04.style_grid")
    lines = capsys.readouterr().out.splitlines()
    assert all(HAN.search(line) for line in lines if line.startswith(("提示", "从中")))
    assert sum(line.startswith("提示") for line in lines) == 3


CELLS = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
for cell in ("from cgan_lab import data, sampling", "data.load('nowhere')", "int('data.load')",
             "sampling.label_path(0, 1, 1)", "1 / 0"):
    print(shell.run_cell(cell).success)
"""


@pytest.mark.parametrize("code", ["zh", "en"])
def test_below_an_error_of_the_package_stands_what_it_says_in_chinese(code):
    variables = os.environ | {"CGAN_LAB_LANG": code}
    command = [sys.executable, "-c", CELLS]
    run = subprocess.run(command, env=variables, capture_output=True, encoding="utf-8", check=True)
    lines = run.stdout.splitlines()
    (error,) = [
        line for line in lines if line.startswith("FileNotFoundError: no data set 'nowhere'")
    ]
    below = lines[lines.index(error) + 1]
    if code == "zh":
        assert below.startswith("没有") and "'nowhere'" in below
        assert sum(bool(HAN.search(line)) for line in lines) == 2  # of the package's two errors
    else:
        assert below == "False" and not HAN.search(run.stdout)
    assert [line for line in lines if line in ("True", "False")] == ["True", *["False"] * 4]


def test_the_command_line_says_its_errors_in_chinese(chinese, capsys):
    assert main(["sample", "mnist-dense"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("错误：") and "--png FILE" in said and "nothing" not in said
    with pytest.raises(SystemExit):
        main(["train", "--out", "x", "--epochs", "none"])
    said = capsys.readouterr().err
    assert said.startswith("错误：") and "'none'" in said and "--help" in said


def test_a_figure_is_described_in_chinese(chinese, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: shown.append(data))
    path = PATHS[0]
    stored = nbformat.read(path, as_version=4)
    key, source = next(item for item in translation.english(stored).items() if " alt " in item[0])
    plots.show(plots.whole(), source)
    assert shown[0]["text/plain"] == translation.read(translation.text_of(path, "zh"))[key][1]


# Pages


@pytest.mark.parametrize("page", translation.pages("zh").items(), ids=lambda both: both[0].name)
def test_pages_are_translated_and_current(page):
    assert translation.page_problems(*page, TABLE) == []


def test_the_readme_and_what_learners_need_have_a_chinese_page():
    names = {page.name for page in translation.pages("zh")}
    assert {"README.md", "troubles.md", "colab.md", "accessibility.md"} <= names


def test_a_page_that_is_behind_or_leads_elsewhere_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(translation, "ROOT", tmp_path)
    page, target = tmp_path / "docs" / "a.md", tmp_path / "docs" / "zh" / "a.md"
    target.parent.mkdir(parents=True)
    page.write_text("# The label\n\nSee [b](b.md) and [it](../x.py).\n")
    good = "# 标签\n\n看 [乙](../b.md) 和 [它](../../x.py)。"
    source = translation.sum_of(page.read_text())

    def problems(checksum, text):
        translation.write(target, {"docs/a.md": (checksum, text)})
        return " ".join(translation.page_problems(page, target, TABLE))

    assert problems(source, good) == ""
    (target.parent / "b.md").write_text("")
    assert problems(source, good.replace("../b.md", "b.md")) == "" == problems(source, good)
    assert "links" in problems(source, good.replace("../../x.py", "../x.py"))
    assert "has changed since" in problems("01234567", good)
    translation.write(target, {"a.md": (source, good)})
    assert "expected <!-- docs/a.md" in translation.page_problems(page, target, TABLE)[0]
