"""What the course says outside the notebooks, in other languages: one gettext catalogue for each.

    python tools/messages.py find zh     # bring notebooks/zh/messages.po into line with the code
    python tools/messages.py check zh    # say what is missing or different
    python tools/messages.py compile zh  # make cgan_lab/assets/zh.mo of it and the figures' words

Messages are the sentences in the checks, the doctor, the controls and the site, and the errors of
the whole package, as they stand in the code: in an f-string, each value is a number in braces. The
package looks them up with `cgan_lab._support.language.said`.
"""

import argparse
import ast
import re
import sys
import tomllib

import nbformat
import page_words
import polib
import translation
from translation import NOTEBOOKS, ROOT

PLACES = ("checks", "doctor", "widgets")
SITE = ROOT / "tools" / "site"
SAID = re.compile(r"""(?:\b_|\bsaid)\(["']([^"']+)["']\)""")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGE = ROOT / "cgan_lab"
PARTS = ("slider", "int_slider", "choice", "buttons", "label_buttons", "player", "button", "said")
CALLS = ("said", "tell")
# Values of one word, which no rule tells from names of the code.
WORDS = {
    "cgan_lab/checks/__init__.py": ("right", "wrong", "yes", "no"),
    "cgan_lab/doctor/machine.py": ("none", "used", "64 bits"),
    "cgan_lab/widgets/clinic.py": ("healthy",),
    "cgan_lab/widgets/explorers.py": ("joined", "projected"),
    "cgan_lab/runs.py": ("the content of the data",),
    "cgan_lab/training.py": ("the environment variable CGAN_LAB_BUDGET",),
}
TARGET = PACKAGE / "assets"
PLACE = re.compile(r"\{\d*\}")


def messages():
    """Return {message: where it stands}, in the order of the files."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "solutions":
            continue
        place = path.relative_to(PACKAGE).parts[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = labels(tree, PARTS if place == "widgets" else CALLS)
        texts = sentences(tree, named, None if place in PLACES else complaints(tree))
        for text in texts:
            found.setdefault(text, str(path.relative_to(ROOT)))
    for path in sorted(SITE.rglob("*")):
        for text in marked(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    for place, words in WORDS.items():
        for word in words:
            found.setdefault(word, place)
    found.setdefault(PROJECT["description"], "pyproject.toml")
    return found


def marked(path):
    """Return the texts of a page of the site, or those that a script or template marks as said."""
    if not path.is_file():
        return []
    read = {
        ".html": page_words.in_page,
        ".js": page_words.in_script,
        ".j2": SAID.findall,
        ".py": SAID.findall,
    }
    return read.get(path.suffix, lambda text: [])(path.read_text(encoding="utf-8"))


def complaints(tree):
    """Return the texts of a module's errors: all in a ``raise``, and each that ends as a sentence.

    The others are names of things, code to paste, or the words of figures.
    """
    raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    inside = {part for node in raised for part in ast.walk(node)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr))
    ends = re.compile(r"[.:]\s*(\{\d*\})*$")
    return {node for node in texts if node in inside or ends.search(template(node))}


def sentences(tree, named, among=None):
    """Yield the texts in a module that are for people: sentences, no docstrings, and ``named``.

    ``among``: where the sentences are looked for; None is everywhere.
    """
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(node.value)  # a docstring
        if isinstance(node, ast.JoinedStr):
            inside.update(child for child in ast.walk(node) if child is not node)
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    for node in sorted(texts, key=lambda node: (node.lineno, node.col_offset)):
        text = template(node)
        looked_at = among is None or node in among
        if node in named or (node not in inside and looked_at and is_sentence(text)):
            yield text


def labels(tree, calls):
    """Return the first argument of each of ``calls``; in controls, of tuples (name, what, how)."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            found |= {node.args[0]} if name in calls else set()
        if calls is PARTS and isinstance(node, ast.Tuple) and len(node.elts) == 3:
            found.add(node.elts[0])
    return {node for node in found if re.search("[A-Za-z]", PLACE.sub("", template(node)))}


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
