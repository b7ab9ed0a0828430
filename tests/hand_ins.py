"""Writes docs/hand-ins.md: the hand-ins that the tests try, and what becomes of each.

python tests/hand_ins.py
"""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "hand-ins.md"
PROMISES = "marking.md#untrusted-code-what-is-held-back-and-what-is-not"
BEGINNING = f"""# Hand-ins that were tried

For whoever wants to know what [marking]({PROMISES}) holds \
back. Each line is a hand-in of the tests in `tests/test_teach_forging.py`, \
`test_teach_sandbox.py` and `test_teach_pages.py`, which mark them all, as root and as an ordinary \
user, and compare what is said here. `python tests/hand_ins.py` writes this page.
"""


def table(columns, rows):
    """Return the lines of a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def cell(text):
    """Return a text that a table can hold."""
    return text.replace("|", "\\|")


def named(names):
    """Return names as a sentence."""
    return "; ".join(name.replace("_", " ") for name in names) + "."


def page():
    """Return the text of docs/hand-ins.md."""
    tests = (f"test_teach_{name}" for name in ("forging", "sandbox", "pages"))
    forging, harm, pages = map(importlib.import_module, tests)
    told = [(name, f"`{why}`") for name, (_, why) in forging.FORGERIES.items() if why]
    quiet = [name for name, (_, why) in forging.FORGERIES.items() if not why]
    hostile = [
        (
            name.replace("_", " "),
            "any" if points is None else " or ".join(points) or "none yet",
            status or "any",
            f"`{why}`" if why else "–",
        )
        for name, (_, points, status, why) in harm.HOSTILE.items()
    ]
    parts = [
        BEGINNING,
        f"## {len(forging.FORGERIES)} ways to want points for a wrong answer\n",
        "None gets any of the four points. These do nothing to a test, and nothing is said: "
        + named(quiet),
        "\nThese are seen and told, since they may have been meant otherwise:\n",
        table(["it", "the *reason* names"], told),
        f"\n## {len(forging.HONEST)} right answers in one's own way\n",
        f"Each earns all points, and nothing is said: {named(forging.HONEST)}\n",
        "Beside these something goes on while they are tested, which is said and costs nothing: "
        + named(forging.BESIDE),
        f"\n## {len(hostile)} careless and hostile ones\n",
        "All are marked in one run, which none of them stops. A right answer is worth three "
        "points. Afterwards no process and no file of theirs is on the machine.\n",
        table(["it", "points", "status", "the *reason* says"], hostile),
        f"\n## {len(pages.WORDS) + len(pages.SHOWS)} ways to be more than a page\n",
        "In Chromium, on the page of feedback and in the form for graders: nothing runs, nothing "
        "is loaded, nothing covers the marks.\n",
        f"In words: {named(pages.WORDS)}\n",
        f"Shown by code: {named(pages.SHOWS)}\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tools")]  # as pytest does
    TARGET.write_text(page(), encoding="utf-8")
    print(f"written: {TARGET}")
