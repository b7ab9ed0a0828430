"""What the course says outside the notebooks, in other languages: one gettext catalogue for each.

    python tools/messages.py find zh     # bring notebooks/zh/messages.po into line with the code
    python tools/messages.py check zh    # say what is missing or different
    python tools/messages.py compile zh  # make cgan_lab/assets/zh.mo of it and the figures' words

Messages are the sentences in the checks, the doctor, the controls and the site, as they stand in
the code: in an f-string, each value is a number in braces. The package looks them up with
`cgan_lab._support.language.said`.
"""

import argparse
import ast
import re
import sys
import tomllib

import nbformat
import polib
import translation
from translation import NOTEBOOKS, ROOT

PLACES = ("checks", "doctor", "widgets")
SITE = ROOT / "tools" / "site"
SAID = re.compile(r"""(?:\b_|\bsaid)\(["']([^"']+)["']\)|<title>([^<{]+)</title>""")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGE = ROOT / "cgan_lab"
PARTS = ("slider", "int_slider", "choice", "buttons", "label_buttons", "player", "button", "said")
TARGET = PACKAGE / "assets"
PLACE = re.compile(r"\{\d*\}")


def messages():
    """Return {message: where it stands}, in the order of the files."""
    found = {}
    for path in sorted(path for place in PLACES for path in (PACKAGE / place).rglob("*.py")):
        if path.parent.name == "solutions":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = labels(tree) if "widgets" in path.parts else set()
        for text in sentences(tree, named):
            found.setdefault(text, str(path.relative_to(ROOT)))
    for path in sorted(SITE.rglob("*")):
        for text in marked(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    for state in ("right", "wrong"):
        found.setdefault(state, "cgan_lab/checks/__init__.py")
    found.setdefault(PROJECT["description"], "pyproject.toml")
    return found


def marked(path):
    """Return the texts that a file of the site marks as said, and its title."""
    if path.suffix not in (".py", ".j2", ".html"):
        return []
    return [said or title for said, title in SAID.findall(path.read_text(encoding="utf-8"))]


def sentences(tree, named):
    """Yield the texts in a module that are for people: sentences, no docstrings, and ``named``."""
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(node.value)  # a docstring
        if isinstance(node, ast.JoinedStr):
            inside.update(child for child in ast.walk(node) if child is not node)
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    for node in sorted(texts, key=lambda node: (node.lineno, node.col_offset)):
        text = template(node)
        if node not in inside and (node in named or is_sentence(text)):
            yield text


def labels(tree):
    """Return the names of parts of controls: of calls, and of tuples (name, what it does, how)."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            found |= {node.args[0]} if name in PARTS else set()
        if isinstance(node, ast.Tuple) and len(node.elts) == 3:
            found.add(node.elts[0])
    return {node for node in found if template(node)}


def template(node):
    """Return the text of a constant, or of an f-string with {0}, {1}, ... for its values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    values = iter(range(100))
    parts = [
        part.value if isinstance(part, ast.Constant) else f"{{{next(values)}}}"
        for part in node.values
    ]
    return "".join(parts)


def is_sentence(text):
    """Return whether a text has two words or more, beside its values."""
    literal = PLACE.sub(" ", text)
    return " " in text.strip() and len(re.findall(r"[A-Za-z]{2,}", literal)) >= 2


def catalogue(language):
    """Return the catalogue ``messages.po``, empty if there is none."""
    path = NOTEBOOKS / language / "messages.po"
    return polib.pofile(str(path)) if path.is_file() else polib.POFile(wrapwidth=100)


def find(language):
    """Bring the entries of the catalogue into line with the code; what is translated stays."""
    old = {entry.msgid: entry.msgstr for entry in catalogue(language)}
    new = polib.POFile(wrapwidth=100)
    new.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": language}
    for text, place in messages().items():
        new.append(polib.POEntry(msgid=text, msgstr=old.get(text, ""), occurrences=[(place, "")]))
    new.save(str(NOTEBOOKS / language / "messages.po"))


def check(language):
    """Return what is wrong with the catalogue, as sentences."""
    entries = {entry.msgid: entry.msgstr for entry in catalogue(language)}
    table = translation.terms(language)
    now = messages()
    found = [f"messages.po lacks {text!r}; find adds it." for text in now if text not in entries]
    found += [f"messages.po has {text!r}, which is gone." for text in entries if text not in now]
    for text, said in entries.items():
        found += [f"messages.po: {text!r}: {one}" for one in problems_of(text, said, table)]
    return found


def problems_of(text, said, table):
    """Yield what is wrong with the translation ``said`` of a message."""
    if not said:
        yield "it is not translated."
        return
    if sorted(PLACE.findall(text)) != sorted(PLACE.findall(said)):
        yield f"values: {PLACE.findall(said)}, expected {PLACE.findall(text)}."
    source, said = (PLACE.sub("@", one) for one in (text, said))  # its numbers are no numbers
    yield from translation.difference(source, said)
    if re.search(f"[{translation.HAN}]", said):
        yield from translation.misspelt(said.replace("*", " "))
        yield from translation.unlike_the_table(source, said, table)


def compile(language):
    """Write what the package ships: the messages that are translated, and the figures' words."""
    whole = polib.MOFile()
    whole.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": language}
    for text, said in sorted(known(language).items()):
        whole.append(polib.POEntry(msgid=text, msgstr=said))
    whole.save(str(TARGET / f"{language}.mo"))


def known(language):
    """Return {English: translation} of messages and figures' words."""
    texts = {entry.msgid: entry.msgstr for entry in catalogue(language) if entry.msgstr}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        translations = translation.read(translation.text_of(path, language))
        for key, source in translation.english(notebook).items():
            checksum, words = translations.get(key, ("", ""))
            if " alt " in key and checksum == translation.sum_of(source):
                texts[source] = words
    return texts


def main(arguments=None):
    """Run the command line and return its exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("command", choices=("find", "check", "compile"))
    parser.add_argument("language", choices=("zh",))
    given = parser.parse_args(arguments)
    found = {"find": find, "check": check, "compile": compile}[given.command](given.language)
    print("\n".join(found or ()) or "nothing to report")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
