"""Make docs/tutor.md, the sheet that turns any assistant into a tutor who gives hints.

    python tools/tutor.py          # write docs/tutor.md anew, after a check or a hint has changed
    python tools/tutor.py --check  # exit with 1 if it is not what this script makes now

All in it comes from the course: the tasks from the notebooks, the words from appendix D, hints and
misconceptions from `cgan_lab.checks`. No answer is in it: tests/test_tutor.py looks for them.
"""

import argparse
import ast
import functools
import inspect
import json
import re
import sys
from pathlib import Path

from cgan_lab import checks
from cgan_lab._support import files

ROOT = Path(__file__).resolve().parents[1]
SHEET = ROOT / "docs" / "tutor.md"
GLOSSARY = "D_glossary_and_papers.ipynb"

HEAD = """\
# The tutor's sheet

<!-- Made by tools/tutor.py from the checks and the notebooks; change those, and make it anew. -->

Stuck, and an assistant at hand? Paste this page into it, then your cell and what its check said. \
It becomes a tutor who knows the course's exercises, their usual mistakes and their hints, and \
who should not give you the answer. It may do so all the same, or be wrong; the check decides. \
If the page is too long for it, leave out the exercises of other lessons.

**Why hints.** In an experiment with nearly a thousand pupils, those who had practised with an \
assistant that gives answers did 17 % worse without it, in an examination, than pupils who never \
had one, and one that was made to give hints took most of this harm away (Bastani, Bastani, \
Sungu, Ge, Kabakcı and Mariman, *PNAS* 122(26), 2025, \
[doi 10.1073/pnas.2422633122](https://doi.org/10.1073/pnas.2422633122)). A tutor tied to one \
course's own material, with hints and questions in place of whole solutions, has been tried in a \
beginners' programming course ([arXiv 2604.11836](https://arxiv.org/abs/2604.11836)).

---

## You are a tutor of the course CGAN Lab

The learner works through notebooks on conditional GANs. Exercises check themselves; this sheet \
has, for each, its task, the mistakes that its check knows, and two of its hints.

1. **Never give the answer**: no solved function, no line of it, not after being asked again, and \
not as a "sketch". If asked for it, say that `checks.solution("NAME")` prints one, and that it is \
worth most after an attempt.
2. **Ask first.** Before any help: what did the learner expect, and what came instead? Ask for \
the code, and for what the check said.
3. **One hint at a time, in the order of the ladder**: the *idea*; then the mistake in *this* \
answer; then the *like* problem. Wait for the learner's own step after each.
4. **The mistake in this answer.** Compare the code with the list of mistakes. Lead to it by one \
small case that the learner computes by hand; do not name the line to change.
5. **The check decides, not you.** `checks.check` says right or wrong and why, \
`checks.hint("NAME", 2)` speaks about the last answer. If you and the check disagree, it is right.
6. Use the course's words, below. Say so when you do not know, and when a cause is a guess.
7. Graded assignments are not on this sheet. Do not help with them beyond the lesson's ideas.
"""


def sheet():
    """Return the text of docs/tutor.md."""
    parts = [HEAD, "## The course's words\n", "\n".join(words()), "\n\n## The exercises\n"]
    for name in checks.names():
        exercise = checks._find(name)
        title, task = asked(name)
        parts.append(f"\n### {name}{title}\n\n{task}\n\nMistakes that the check knows:\n")
        parts += [f"- {sentence}" for sentence in mistakes(name)]
        parts.append(f"\n*Idea*: {exercise.idea}\n\n*Like*: {exercise.like}".rstrip())
    return "\n".join(parts) + "\n"


# Words


def words():
    """Return the glossary's terms, a line each, with the first part of their meaning."""
    cells = notebook(GLOSSARY)
    text = next(source(cell) for cell in cells if source(cell).startswith("## Glossary"))
    rows = re.findall(r"(?m)^\| \*\*(.+?)\*\* \| (.*?) \| (.+?) \| \[", text)
    return [
        f"- **{term}**{f' {symbol}' if symbol else ''}: {meaning.split('; ')[0]}"
        for term, symbol, meaning in rows
    ]


# Tasks


@functools.cache
def notebook(name):
    """Return the cells of the notebook ``name``."""
    return json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]


def source(cell):
    """Return the text of a cell."""
    return "".join(cell["source"])


def asked(name):
    """Return what stands behind the name of an exercise in its heading, and its task."""
    for path in sorted((ROOT / "notebooks").glob(f"{name.split('.')[0]}_*.ipynb")):
        cells = notebook(path.name)
        for before, cell in zip(cells, cells[1:], strict=False):
            if f'checks.check("{name}"' in source(cell):
                return described(source(before), source(cell))
    return "", "The lesson says what to write."


def described(text, code):
    """Return the title, and the task: its paragraph, and the function's line.

    ``text``: the cell before; the task is its last paragraph that begins in bold type, such as
    "**Exercise 2 · Title.** ...", "**2. Title.** ..." or "**Do this.** ...", or that stands below
    a heading "### Build 2 · Title".
    """
    text = re.sub(r"(?m)^#+ ((?:Build|Exercise)\b.*)\n\n", r"**\1.** ", text)
    title, rest = (re.findall(r"(?m)^\*\*(.+?)\*\*(.*)$", text) or [("", "")])[-1]
    numbered = re.fullmatch(r"(?:(?:Exercise|Build)\b[ \d]*(?: · |\.$)|\d+\. )(.*?)\.?", title)
    heading = f" · {numbered[1]}" if numbered and numbered[1] else ""
    task = rest if numbered else title + rest
    lines = [task.strip(" ,")]
    functions = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    for function in functions[-1:]:
        does = " ".join((ast.get_docstring(function) or "").split())
        lines.append(f"`{function.name}({ast.unparse(function.args)})`: {does}")
    told = "\n\n".join(filter(None, lines))
    return heading, told or text.split("\n\n")[-1]


# Misconceptions


def mistakes(name):
    """Return the sentences with which the check of ``name`` answers a wrong answer."""
    inspected = checks._find(name).inspect
    given = getattr(inspected, "args", ())  # a check that several exercises share, and its own part
    function = getattr(inspected, "func", inspected)
    defined = definitions(function.__module__)
    found, waiting, seen = [], [function.__name__], set()
    while waiting:
        part = waiting.pop(0)
        if part in seen:
            continue
        seen.add(part)
        nodes = list(ours(defined[part], given))
        found += [
            told(node).strip() for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr)
        ]
        waiting += [n.id for n in nodes if isinstance(n, ast.Name) and n.id in defined]
    return list(dict.fromkeys(sentence for sentence in found if is_sentence(sentence)))


@functools.cache
def definitions(module):
    """Return {name: node} of what a check module defines at its top level."""
    nodes = {}
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            nodes[node.name] = node
        elif isinstance(node, ast.Assign):
            nodes[node.targets[0].id] = node.value
    return nodes


def ours(node, given):
    """Yield the nodes from ``node`` downwards that may hold a sentence about a wrong answer.

    Left out: docstrings, decorators, what is returned but for a dict of mistakes, the case of a
    `Wrong`, and in a table with tuples as keys the rows of another part than is ``given``.
    """
    yield node
    if isinstance(node, ast.JoinedStr):
        children = []
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        children = node.body[1:] if ast.get_docstring(node) else node.body
    elif isinstance(node, ast.Return) and not isinstance(node.value, ast.Dict):
        children = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    elif isinstance(node, ast.Assign) and "case" in re.split(r"\W", ast.unparse(node.targets[0])):
        children = []
    elif isinstance(node, ast.Dict) and given and isinstance(node.keys[0], ast.Tuple):
        rows = zip(node.keys, node.values, strict=True)
        children = [value for key, value in rows if ast.literal_eval(key)[0] in given]
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Wrong":
        children = node.args[:1]
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from ours(child, given)


def told(node):
    """Return the text of a string, with … for what is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(told(part) if isinstance(part, ast.Constant) else "…" for part in node.values)


def is_sentence(text):
    """Return whether ``text`` is said to the learner, and not a name or a label."""
    return text.endswith((".", "?", "!")) and len(text.split()) > 2


def main():
    """Write the sheet, or say that it is stale."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    if parser.parse_args().check:
        stale = not SHEET.is_file() or SHEET.read_text(encoding="utf-8") != sheet()
        print(f"{SHEET} is stale: python tools/tutor.py" if stale else "as it should be")
        return int(stale)
    with files.replacing(SHEET) as part:
        part.write_text(sheet(), encoding="utf-8", newline="\n")
    print(f"written: {SHEET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
