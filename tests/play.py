"""Play a learner through the course: right everywhere, nothing answered, or wrong everywhere.

    python tests/play.py                           # all three ways through all lessons
    python tests/play.py --way right --lessons 02,03
    python tests/play.py --table                   # the builds and their size; executes nothing

Each way has a folder of its own, in which the checks keep what was right, so what is built in one
lesson goes on in the next. It stops at the first cell that fails, and at a verdict or a build that
does not fit the way. A whole way takes about as long as the lessons compute: a quarter of an hour.
"""

import argparse
import ast
import copy
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import builds
import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from cgan_lab import checks
from cgan_lab._support.tensorflow import tf

TESTS = Path(__file__).resolve().parent
NOTEBOOKS = TESTS.parent / "notebooks"
WAYS = ("right", "skipped", "wrong")
SECONDS = 900  # for a cell, on a machine that does something else too
CHECK = re.compile(r'^checks\.check\("(?P<name>[^"]+)", (?P<local>\w+)\)', re.MULTILINE)
BUILT = re.compile(r"^(\w+): (yours|the package's).*?(?:of|from) lesson (\w+)", re.MULTILINE)


# Answers


def right(name, local):
    """Return code that defines ``local`` as the right answer to the exercise ``name``."""
    module = checks._solutions(name)
    tree = ast.parse(inspect.getsource(module))
    own = name.split(".", 1)[1]
    (node,) = [node for node in tree.body if checks._defines(node, own)]
    return imports(tree, node) + renamed(ast.unparse(node), own, local)


def imports(tree, node):
    """Return those imports of a solutions' module that ``node`` needs."""
    used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    lines = []
    for one in tree.body:
        if isinstance(one, ast.Import | ast.ImportFrom):
            one = copy.deepcopy(one)
            one.names = [alias for alias in one.names if (alias.asname or alias.name) in used]
            lines += [ast.unparse(one) + "\n"] if one.names else []
    return "".join(lines)


def renamed(code, own, local):
    """Return ``code`` that defines ``local`` where it defined ``own``."""
    return re.sub(rf"(?m)^(def )?{own}\b", rf"\g<1>{local}", code)


def wrong(name, local):
    """Return code that checks each listed mistake in turn and leaves the last one in ``local``."""
    said = f'    assert one.state == "wrong" and part in one.text, ("{name}", part, one)\n'
    if name in builds.mutants():
        tree = ast.parse(inspect.getsource(checks._solutions(name)))
        code = imports(tree, tree)  # a mistake may need what the right answer does not
        for part, swaps in builds.mutants()[name].items():
            code += renamed(builds.source(name, swaps), name.split(".", 1)[1], local)
            code += f"\nfor part, one in [({part!r}, checks.check({name!r}, {local}))]:\n{said}"
        return code
    listed = f"WRONG[{name!r}]"
    if "repair" in name:  # those that are told without a training
        letter = name[-1].upper()
        unchanged = f'"as it came in": clinic.PATIENTS["{letter}"]'
        listed = f'{{"expected a clinic.Setting": {{}}, {unchanged}}}'
    return (
        f"import sys\n\nsys.path.append({str(TESTS)!r})\nfrom test_checks import WRONG\n\n"
        f"for part, {local} in {listed}.items():\n    one = checks.check({name!r}, {local})\n{said}"
    )


ANSWERS = {"right": right, "skipped": None, "wrong": wrong}


# Notebooks


def asked(notebook):
    """Yield (cell, exercise, the name in the notebook) for each check."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for found in CHECK.finditer(cell.source):
                yield cell, found["name"], found["local"]


def answered(notebook, way):
    """Return a copy of ``notebook`` in which each exercise is answered in this ``way``."""
    notebook = copy.deepcopy(notebook)
    for cell, name, local in asked(notebook):
        if ANSWERS[way]:
            cell.source = put(cell.source, local, ANSWERS[way](name, local))
    return notebook


def put(cell, local, code):
    """Return ``cell`` with ``code`` in place of what defines ``local``. Raises ValueError."""
    nodes = [node for node in ast.parse(cell).body if checks._defines(node, local)]
    if len(nodes) != 1:
        raise ValueError(f"{local} is defined {len(nodes)} times in the cell of its check.")
    lines = cell.splitlines()
    before, after = lines[: nodes[0].lineno - 1], lines[nodes[0].end_lineno :]
    return "\n".join([*before, code.rstrip(), *after])


def lessons(chosen=()):
    """Return the notebooks with exercises, in order; of those ``chosen`` if any are."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    paths = [path for path in paths if CHECK.search("\n".join(sources(path)))]
    known = {path.name.split("_")[0]: path for path in paths}
    if unknown := set(chosen) - set(known):
        raise SystemExit(f"no lesson {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    return [path for lesson, path in known.items() if not chosen or lesson in chosen]


def sources(path):
    """Return the sources of the code cells of the notebook at ``path``."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


# Playing


def play(path, way, folder, played):
    """Execute the notebook at ``path`` answered in this ``way``, and return a line about it.

    ``folder``: where it runs, and where the checks keep what was right. ``played``: the lessons of
    this way, this one included. Raises SystemExit for what does not fit.
    """
    notebook = answered(nbformat.read(path, as_version=4), way)
    progress = folder / "progress.json"
    start = time.perf_counter()
    execute(notebook, path, way, folder, progress)
    seconds = time.perf_counter() - start
    kept = json.loads(progress.read_text(encoding="utf-8")) if progress.is_file() else {}
    names = list(dict.fromkeys(name for _, name, _ in asked(notebook)))
    states = {name: kept.get(name, "open") for name in names}
    used = sorted(set(built(notebook)))
    faults = unfit(way, states, used, played) + printed(notebook, "here only")
    if faults:
        raise SystemExit(f"{path.name}, {way}: " + "; ".join(faults))
    counts = [f"{list(states.values()).count(state)} {state}" for state in ("right", "wrong")]
    builds_used = ", ".join(f"{lesson}.{part} {whose}" for part, whose, lesson in used)
    return f"{path.stem[:2]} {way:8}{seconds:6.0f} s   {', '.join(counts)}   {builds_used or '-'}"


def execute(notebook, path, way, folder, progress):
    """Run ``notebook`` in place in a kernel of its own. Raises SystemExit where a cell fails."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    environment = os.environ | {"CGAN_LAB_PROGRESS": str(progress), "CGAN_LAB_BUDGET": "cpu"}
    where = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources=where
    )
    try:
        client.execute(env=environment, stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        numbered = enumerate(notebook.cells, 1)
        begun = [n for n, cell in numbered if cell.get("execution_count") or cell.get("outputs")]
        trace = re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip()
        cell, last = max(begun, default=1), trace.splitlines()[-1]
        said = f"{trace}\n\n{path.name}, {way}: cell {cell} fails: {last}"
        raise SystemExit(said) from error


def texts(notebook):
    """Yield what the cells printed and returned."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("text", "") or output.get("data", {}).get("text/plain", "")


def built(notebook):
    """Yield (part, "yours" or "the package's", lesson) for each line of `checks.built`."""
    for text in texts(notebook):
        yield from BUILT.findall(text)


def printed(notebook, words):
    """Return the lines of verdicts that say ``words``."""
    return [text for text in texts(notebook) if text.startswith("✓") and words in text]


def unfit(way, states, used, played):
    """Return what does not fit the way, as sentences."""
    faults = []
    if way != "skipped":
        faults += [f"{name} is {state}" for name, state in states.items() if state != way]
    for part, whose, lesson in used:
        wanted = "yours" if way == "right" and lesson in played else "the package's"
        if whose != wanted:
            faults.append(f"{lesson}.{part} is {whose}, expected {wanted}")
    return faults


# The table


def table():
    """Return a table of all builds, as lines of Markdown.

    Lines and steps (statements) are those of the right answer, without its head and docstring.
    """
    rows = ["| lesson | build | lines | steps | mutants |", "|---|---|---|---|---|"]
    for name, mutants in sorted(builds.mutants().items()):
        (function,) = ast.parse(textwrap.dedent(builds.source(name))).body
        body = function.body[1:] if ast.get_docstring(function) else function.body
        code = "\n".join(ast.unparse(node) for node in body)
        statements = sum(isinstance(n, ast.stmt) for node in body for n in ast.walk(node))
        lesson, part = name.split(".", 1)
        lines = len(code.splitlines())
        rows.append(f"| {lesson} | {part} | {lines} | {statements} | {len(mutants)} |")
    return rows


def main():
    """Play the ways and lessons asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--way", choices=WAYS, help="one way; without it all three")
    parser.add_argument("--lessons", default="", help="such as 02,03; without it all")
    parser.add_argument("--table", action="store_true", help="only the table of the builds")
    options = parser.parse_args()
    if options.table:
        print("\n".join(table()))
        return
    paths = lessons([one for one in options.lessons.split(",") if one])
    print(f"with TensorFlow {tf.__version__}", flush=True)  # started here, without its own lines
    for way in [options.way] if options.way else WAYS:
        played = []
        with tempfile.TemporaryDirectory() as folder:
            for path in paths:
                played.append(path.name.split("_")[0])
                print(play(path, way, Path(folder), played), flush=True)


if __name__ == "__main__":
    sys.exit(main())
