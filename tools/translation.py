"""Translations of the notebooks: the English ones are the only notebooks, the rest is text.

    python tools/translation.py begin zh NOTEBOOKS  # add what has no translation, in English
    python tools/translation.py tidy zh NOTEBOOKS   # put spaces between Chinese and Latin letters
    python tools/translation.py check zh            # say what is missing, stale or different

`notebooks/zh/03_training.md` holds the text of each Markdown cell, and the words of each figure,
behind a line with the cell's id and a checksum of the English text:

    <!-- 03-07 5d2f0c1e -->
    <!-- 03-08 alt 1 9a0b3c4d -->

`terms.md` beside it has the one word for each term. `python tools/notebooks.py translate zh` makes
whole notebooks of both.
"""

import argparse
import copy
import hashlib
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import nbformat

from cgan_lab._support import files, names

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
HEAD = re.compile(r"^<!-- (\S+(?: alt \d+)?) ([0-9a-f]{8}) -->$", re.MULTILINE)
FENCE = re.compile(
    r"^```(?!markdown).*?^```$", re.MULTILINE | re.DOTALL
)  # a report to fill in is text
CODE = re.compile(r"`[^`\n]+`")
FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)[^$\n]+?(?<!\s)\$", re.DOTALL)
TARGET = re.compile(r"(?<=\]\()(?:[^)\s]*[./#:][^)\s]*|LICENSE)(?=\))")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s#]+\.ipynb)\)")
TAG = re.compile(r"</?(?:details|summary|br|b|i|sub|sup|kbd)\b[^>]*>")
HEADING = re.compile(r"^#+(?= )", re.MULTILINE)
ITEM = re.compile(r"^ *(?:[-*]|\d+\.) ", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?[½¼¾]?|[½¼¾]")
HAN = r"\u4e00-\u9fff"
HALF = re.compile(rf"[{HAN}](?:[,;:?!]|\.(?=\s|$))|(?:[,;:?!])(?=[{HAN}])")
# Between Chinese and Latin letters, digits, code and formulas stands a space.
TIGHT = re.compile(rf"(?<=[{HAN}])(?=[A-Za-z0-9$`])|(?<=[A-Za-z0-9%$`])(?=[{HAN}])")
BOUND = re.compile(r"\*+")


class Term(NamedTuple):
    """A row of the table: its word, what the English word may be as no term, words not to use."""

    english: str
    word: str
    otherwise: tuple
    wrong: tuple


def sum_of(text):
    """Return the checksum of an English text: eight hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def english(notebook):
    """Return {key: text} of a notebook: Markdown cells "03-07", figures' words "03-08 alt 1"."""
    texts = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            texts[cell.id] = cell.source
        for number, output in enumerate(figures(cell), 1):
            texts[f"{cell.id} alt {number}"] = output.metadata["image/png"]["alt"]
    return texts


def figures(cell):
    """Return the outputs of a cell that are figures."""
    return [output for output in cell.get("outputs", ()) if "image/png" in output.get("data", {})]


def read(path):
    """Return {key: (checksum, text)} of a translation; ValueError if a key comes twice."""
    if not path.is_file():
        return {}
    parts = HEAD.split(path.read_text(encoding="utf-8"))[1:]
    keys = parts[::3]
    if twice := [key for key, count in Counter(keys).items() if count > 1]:
        raise ValueError(f"{path}: {twice} more than once.")
    return {key: (sum, text.strip("\n")) for key, sum, text in zip(*[iter(parts)] * 3, strict=True)}


def write(path, texts):
    """Write {key: (checksum, text)} to ``path``."""
    parts = [f"<!-- {key} {sum} -->\n\n{text}\n" for key, (sum, text) in texts.items()]
    path.write_text("\n".join(parts), encoding="utf-8", newline="\n")


def terms(language):
    """Return the `Term` of each row of ``terms.md``, in its order."""
    text = (NOTEBOOKS / language / "terms.md").read_text(encoding="utf-8")
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()][2:]
    rows = [[cell.strip() for cell in row] for row in rows]
    return [Term(row[0], row[1], words(row[2]), words(row[3])) for row in rows]


def words(cell):
    return tuple(word for word in cell.split("、") if word)


# What both texts must share


def bare(text, *patterns):
    """Return ``text`` with a space for each match of the patterns."""
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def shared(text):
    """Return {what: a Counter or a list} of all in a text that a translation keeps."""
    outside = bare(text, FENCE)
    plain = bare(outside, CODE)
    return {
        "blocks of code": Counter(FENCE.findall(text)),
        "code": Counter(CODE.findall(outside)),
        "formulas": Counter(FORMULA.findall(bare(plain, TARGET))),
        "links": Counter(TARGET.findall(plain)),
        "HTML tags": TAG.findall(plain),
        "heading levels": HEADING.findall(plain),
        "list items": [len(ITEM.findall(plain))],
        "table columns": [
            line.count("|")
            for line in bare(plain, TARGET, FORMULA).splitlines()
            if line.startswith("|")
        ],
        "numbers": Counter(NUMBER.findall(bare(plain, TARGET, FORMULA, TAG))),
    }


def difference(source, translation):
    """Yield one sentence for each thing that the two texts do not share.

    Code and formulas may come again, where a translation names what the English text points at.
    """
    want, have = shared(source), shared(translation)
    for what, value in want.items():
        if not isinstance(value, Counter):
            if value != have[what]:
                yield f"{what}: {have[what]}, expected {value}."
            continue
        lost, new = sorted(value - have[what]), sorted(have[what] - value)
        if what in ("code", "formulas"):
            new = [one for one in new if one not in value]
        if lost or new:
            yield f"{what}: missing {lost}, not in the English text {new}."


def prose(text):
    """Return ``text`` without code, formulas, addresses and tags."""
    return bare(text, FENCE, CODE, TARGET, FORMULA, TAG)


def misspelt(text):
    """Yield what is wrong with the punctuation, spaces and emphasis of a Chinese text."""
    plain = prose(text)
    if found := HALF.findall(plain):
        yield f"half-width punctuation beside Chinese: {found[:5]}; write ，；：？！。"
    if text != spaced(text):
        yield "no space between Chinese and Latin letters, digits, code or formulas; run tidy."
    if broken := loose(text):
        yield f"stars that Markdown shows, near {broken!r}: put space or punctuation outside them."


def spaced(text):
    """Return ``text`` with a space where Chinese meets Latin letters, digits, code, formulas."""
    kept = []

    def keep(match):
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x01"

    for pattern in (FENCE, TAG, TARGET):
        text = pattern.sub(keep, text)
    inside = re.compile(f"{CODE.pattern}|{FORMULA.pattern}", re.DOTALL)
    text = inside.sub(
        lambda match: f"`{keep(match)}`", text
    )  # its edges count, and not what is inside
    text = TIGHT.sub(" ", text)
    text = re.sub("`\x00(\\d+)\x01`", lambda match: kept[int(match[1])], text)
    while "\x00" in text:
        text = re.sub("\x00(\\d+)\x01", lambda match: kept[int(match[1])], text)
    return text


def loose(text):
    """Return what stands around the first star that neither opens nor closes emphasis, or None.

    CommonMark's rule of flanking (section 6.2): after punctuation, stars close only before a space
    or punctuation. Formulas count as punctuation, since JupyterLab puts "@@0@@" in their place
    before it looks for stars.
    """
    for pattern in (FENCE, TARGET, FORMULA, CODE):
        text = pattern.sub("@", text)
    text = ITEM.sub(lambda match: " " * len(match[0]), text)
    waiting = []
    for run in BOUND.finditer(text):
        before, after = (
            text[run.start() - 1 : run.start()] or " ",
            text[run.end() : run.end() + 1] or " ",
        )
        left = not after.isspace() and (not is_mark(after) or before.isspace() or is_mark(before))
        right = not before.isspace() and (not is_mark(before) or after.isspace() or is_mark(after))
        if right and waiting and waiting[-1][0] == run[0]:
            waiting.pop()
            continue
        waiting.append((run[0], run.start()))
        if not left:
            break
    if not waiting:
        return None
    at = waiting[-1][1]
    return text[max(at - 8, 0) : at + 10]


def is_mark(character):
    return unicodedata.category(character)[0] in "PS"


def unlike_the_table(source, translation, table):
    """Yield where a term of the English text is not its one word."""
    low, text = prose(source).lower(), prose(translation)
    for term in sorted(table, key=lambda term: -len(term.english)):
        pattern = re.compile(rf"(?<![\w-]){re.escape(term.english.lower())}(?:s|es)?(?![\w-])")
        found = pattern.search(low)
        low = pattern.sub(" ", low)  # so that "label" is not looked for in "label agreement"
        if found and not any(word in text for word in (term.word, *term.otherwise)):
            yield f"{term.english!r} is {term.word!r} in terms.md; the text has it not."
        for word in term.wrong:
            if found and word in text:
                yield f"{word!r}: {term.english!r} is {term.word!r} in terms.md."


def problems_of(key, source, sum, translation, table):
    """Yield what is wrong with the translation of one text."""
    if sum != sum_of(source):
        yield f"the English text has changed since; translate it again, and put {sum_of(source)}."
        return
    if re.search(r"[A-Za-z]{2}", prose(source)) and not re.search(f"[{HAN}]", translation):
        yield "it is not translated."
        return
    yield from difference(source, translation)
    yield from misspelt(translation if " alt " not in key else translation.replace("*", ""))
    yield from unlike_the_table(source, translation, table)


def check(notebook, path, table):
    """Return what is wrong with the translation of ``notebook`` at ``path``, as sentences."""
    sources, texts = english(notebook), read(path)
    name = f"{path.parent.name}/{path.name}"
    found = [
        f"{name}: {key}: there is no such text in the notebook."
        for key in texts
        if key not in sources
    ]
    for key, source in sources.items():
        if key not in texts:
            found.append(f"{name}: {key}: has no translation; begin adds it.")
            continue
        found += [f"{name}: {key}: {one}" for one in problems_of(key, source, *texts[key], table)]
    if not found and list(texts) != list(sources):
        found.append(f"{name}: its texts are in another order than in the notebook.")
    return found


def titles(language):
    """Yield each link that calls a lesson by its English title, and not by its own in the other.

    So does a figure's description that two lessons share, and that is not the same in both.
    """
    both = {
        path.name: (english(nbformat.read(path, as_version=4)), read(text_of(path, language)))
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))
    }
    title = {
        name: (heading(next(iter(sources.values()))), heading(next(iter(texts.values()))[1]))
        for name, (sources, texts) in both.items()
    }
    described = {}
    for name, (sources, texts) in both.items():
        for key, source in sources.items():
            text = texts.get(key, ("", ""))[1]
            if " alt " in key and described.setdefault(source, text) != text:
                yield f"{name}: {key}: {text!r}; elsewhere {described[source]!r}."
            called = {}
            for link, target in LINK.findall(source):
                called.setdefault(target, set()).add(link)
            for link, target in LINK.findall(text):
                before, after = title.get(target, ("", ""))
                if called.get(target) == {before} and link != after:
                    yield f"{name}: {key}: [{link}]({target}), whose title is {after!r}."


# Pages beside the notebooks


def pages(language):
    """Return {English page: its translation} of README and documents, in ``docs/zh``."""
    folder = ROOT / "docs" / language
    names = {path.name: path for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
    return {names[path.name]: path for path in sorted(folder.glob("*.md")) if path.name in names}


def page_problems(page, path, table):
    """Return what is wrong with the translation at ``path`` of ``page``, one text as a whole."""
    source = page.read_text(encoding="utf-8")
    key = page.relative_to(ROOT).as_posix()
    texts = read(path)
    if list(texts) != [key]:
        return [f"{path.name}: begins with {list(texts)}, expected <!-- {key} checksum -->."]
    checksum, text = texts[key]
    here, there = path.parent, page.parent
    text = TARGET.sub(lambda match: based(match[0], here, here), text)
    source_here = TARGET.sub(lambda match: based(match[0], there, here), source)
    if checksum == sum_of(source):
        checksum = sum_of(source_here)
    return [f"{path.name}: {one}" for one in problems_of(key, source_here, checksum, text, table)]


def based(target, folder, here):
    """Return a link's target, in a file of ``folder``, from the root; that of its translation."""
    file, hash, anchor = target.partition("#")
    if not file or re.match(r"[a-z]+:", target):
        return target
    path = (folder / file).resolve().relative_to(ROOT)
    translated = here / path.name
    if path.suffix == ".md" and path.parent in (Path("docs"), Path(".")) and translated.is_file():
        path = translated.relative_to(ROOT)
    return f"./{path.as_posix()}{hash}{anchor}"


# Whole notebooks


def translated(notebook, texts, anchors):
    """Return a copy of ``notebook`` in another language, with the same code, ids and outputs.

    ``texts``: {key: (checksum, text)}; what has none, or a stale one, stays English. ``anchors``:
    {file: {English anchor: anchor}} of all lessons. The copy lies a folder deeper.
    """
    new = copy.deepcopy(notebook)
    sources = english(notebook)
    current = {
        key: texts[key][1]
        for key, source in sources.items()
        if key in texts and texts[key][0] == sum_of(source)
    }
    for cell in new.cells:
        if cell.cell_type == "markdown":
            source = current.get(cell.id, cell.source)
            cell.source = TARGET.sub(lambda match: moved(match[0], anchors), source)
        for number, output in enumerate(figures(cell), 1):
            words = current.get(f"{cell.id} alt {number}")
            if words:
                output.metadata["image/png"]["alt"] = output.data["text/plain"] = words
    return new


def moved(target, anchors):
    """Return a link's target as it is a folder deeper, with the anchor in the other language."""
    file, hash, anchor = target.partition("#")
    if re.match(r"[a-z]+:", target):
        return target
    if file in anchors:  # "" is this notebook
        return file + hash + anchors[file].get(unquote(anchor), anchor)
    return f"../{target}"


def anchors_of(notebook, texts):
    """Return {English anchor: translated anchor} for the headings of a notebook."""
    found = {}
    for key, source in english(notebook).items():
        before = headings(source)
        after = headings(texts.get(key, ("", source))[1])
        found |= dict(zip(before, after, strict=False))
    return found


def headings(text):
    """Return the anchors that JupyterLab gives to the headings of a text."""
    lines = re.findall(r"^#+ (.+)$", bare(text, FENCE), re.MULTILINE)
    return [line.strip().replace(" ", "-") for line in lines]


def heading(text):
    """Return the title at the head of a lesson's first text."""
    return text.split("\n")[0].removeprefix("# ")


def text_of(path, language):
    """Return the file with the translation of the notebook at ``path``."""
    return NOTEBOOKS / language / f"{path.stem}.md"


def edition(language, paths=None):
    """Yield (path, notebook) of each English notebook and its whole translation."""
    both = {}
    for path in paths or sorted(NOTEBOOKS.glob("*.ipynb")):
        both[path] = (
            nbformat.read(path, as_version=4),
            read(text_of(path, language)),
        )
    anchors = {path.name: anchors_of(*pair) for path, pair in both.items()}
    for path, (notebook, texts) in both.items():
        within = anchors | {"": anchors[path.name]}
        yield path, translated(notebook, texts, within)


def write_edition(language, folder=None):
    """Write the whole notebooks beside their texts; return what was left as it is, as sentences.

    A notebook that stands there and differs may hold somebody's work, and stays.
    """
    folder = folder or NOTEBOOKS / language
    kept = []
    for path, notebook in edition(language):
        target = folder / path.name
        text = nbformat.writes(notebook).rstrip("\n") + "\n"
        if not target.exists():
            with files.replacing(target) as part:
                part.write_text(text, encoding="utf-8", newline="\n")
        elif target.read_text(encoding="utf-8") != text:
            kept.append(f"{target.name} is kept as you left it; move it away to get it anew.")
    return kept


# The command line


def begin(notebook, path):
    """Put the English text of what has no translation into the file at ``path``, in its place."""
    texts = read(path)
    write(
        path, {key: texts.get(key, (sum_of(text), text)) for key, text in english(notebook).items()}
    )


def tidy(path):
    """Put the spaces into the file at ``path``."""
    write(path, {key: (sum, spaced(text)) for key, (sum, text) in read(path).items()})


def main(arguments=None):
    """Run the command line and return its exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("command", choices=("begin", "tidy", "check"))
    parser.add_argument("language", choices=("zh",))
    parser.add_argument("files", nargs="*", type=names.path, metavar="NOTEBOOK")
    given = parser.parse_args(arguments)
    found = []
    table = terms(given.language)
    for path in given.files or sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        target = text_of(path, given.language)
        if given.command == "begin":
            begin(notebook, target)
        elif given.command == "tidy":
            tidy(target)
        else:
            found += check(notebook, target, table)
    print("\n".join(found) or "nothing to report")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
