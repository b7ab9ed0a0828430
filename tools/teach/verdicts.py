"""Decides which tests a hand-in passes: `tester` runs them in a process of its own in the sandbox.

The student's kernel gets no test. So what a hand-in does to IPython, to its kernel or to its own
names decides nothing here. What it can still do is said in docs/marking.md.
"""

import ast
import asyncio
import contextlib
import json
import re
import secrets
import sys
import warnings

from . import course
from .processes import end_tree
from .sandbox import MB, TESTER

GRACE = 5  # seconds beyond a cell's own until the process is ended
# Names by which code leaves its own place. Honest answers do without them.
REACHING = {"_getframe", "settrace", "setprofile", "ctypes", "f_globals", "f_locals", "f_back"}
REACHING |= {"__globals__", "__builtins__", "__code__", "get_objects", "get_referrers", "_exit"}
REACHING |= {"currentframe", "__subclasses__", "setitimer", "SIGALRM", "memfd_create"}
REACHING |= {"getmembers", "getsignal", "attrgetter", "getclosurevars", "_thread", "__closure__"}
# Names that a notebook alone knows.
NOTEBOOK = {"get_ipython", "_", "__", "___", "In", "Out", "exit", "quit"}
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)  # of text that is none
# Names of Keras that a network of the student's own could define anew, to look smaller than it is.
SIZES = {"count_params", "get_weights", "weights", "variables"}


def kind(cell):
    """Return what a code cell is to the tester: `test`, `given` (the assignment's) or `own`."""
    marks = course.grader(cell)
    if marks.get("grade") and not marks.get("solution"):
        return "test"
    return "given" if marks.get("locked") and not marks.get("solution") else "own"


def imports(notebook):
    """Return the lines by which the assignment's own cells import, joined.

    With those on what their libraries import late: what there is before the student's first line
    is known to be no student's.
    """
    lines = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and kind(cell) != "own":
            tree = ast.parse(cell.source)
            lines += [
                ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)
            ]
    if re.search(r"\b(tf|keras|networks|cgan)\b", "\n".join(lines)):
        lines += ["import tensorflow, keras"]
    return "\n".join(dict.fromkeys(lines))


def students_code(notebook):
    """Return the text of each code cell of the student's."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [course.source(cell) for cell in code if kind(cell) == "own"]


def parsed(code):
    """Return the syntax tree of ``code``, or raise one of `NO_PYTHON`."""
    with warnings.catch_warnings(action="ignore"):  # on its slips, which are for its author
        return ast.parse(code)


def needs_shell(notebook):
    """Return whether the student's cells hold magics, or what else a notebook alone knows."""
    used, given = set(), set()
    for code in students_code(notebook):
        try:
            tree = parsed(code)
            with warnings.catch_warnings(action="ignore"):
                compile(tree, "", "exec", dont_inherit=True)  # which refuses an `await` outside
        except NO_PYTHON:
            return True
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        used |= {node.id for node in names if isinstance(node.ctx, ast.Load)}
        given |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return bool((used & NOTEBOOK) - given)


def reaching(notebook):
    """Return the names in the student's code by which it reaches into the interpreter, sorted."""
    found = set()
    for code in students_code(notebook):
        found |= set(re.findall(r"\w+|/proc/", code)) & {*REACHING, "/proc/"}
        with contextlib.suppress(*NO_PYTHON):
            for node in ast.walk(parsed(code)):
                if isinstance(node, ast.ClassDef):
                    found |= SIZES & {getattr(part, "name", "") for part in node.body}
    return sorted(found)


class Tester:
    """The process that runs the tests of one hand-in."""

    def __init__(self, box, outcome, limits):
        self.box = box
        self.outcome = outcome
        self.limits = limits
        self.process = None

    async def start(self):
        """Start it in the sandbox."""
        with open(self.box.home / "tester", "wb") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *self.box.command([sys.executable, "-I", TESTER], sockets=False),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                cwd=str(self.box.given),
                env=self.box.environment(),
                limit=MB,
            )

    @property
    def pid(self):
        """Return the id of the process, or None."""
        return self.process.pid if self.process and self.process.returncode is None else None

    async def ask(self, what, name, source):
        """Let it run one cell and return its answer, or None if it will not answer any more."""
        word = secrets.token_hex(16)
        seconds = self.limits.cell_seconds
        order = {"kind": what, "name": name, "source": source, "seconds": seconds, "word": word}
        try:
            self.process.stdin.write((json.dumps(order) + "\n").encode())
            await self.process.stdin.drain()
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds + GRACE)
            answer = json.loads(line)
            return answer if answer["word"] == word else None
        except (TimeoutError, OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    async def stop(self):
        """End it and all that it started."""
        if self.process:
            end_tree(self.pid)
            with contextlib.suppress(ProcessLookupError):
                await self.process.wait()


async def judge(notebook, tester):
    """Run all cells in the tester and return {number of a test cell: its error, or None}.

    A test that did not run is not in it. Notes on the outcome what was changed or looks strange.
    """
    outcome = tester.outcome
    await tester.start()
    errors = {}
    changed = []
    hidden = threads = False
    shell = needs_shell(notebook)
    if shell:
        await tester.ask("shell", "shell", "")
    await tester.ask("import", "imports", imports(notebook))
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        what = kind(cell)
        name = course.grade_id(cell) or f"cell {number + 1}"
        order = "cell" if shell and what == "own" else what
        answer = await tester.ask(order, name, course.source(cell))
        if answer is None:
            said = f"the process of its tests ended or did not answer, in cell {number + 1}"
            outcome.end("stopped", said)
            break
        changed += answer["changed"]
        threads = threads or answer.get("threads")
        if what == "test":
            error = answer["error"]
            if error is None and answer["changed"]:
                error = ["Changed", f"it changed {', '.join(answer['changed'])} meanwhile", True]
            errors[number] = error and shown(error, name, course.source(cell), hidden)
            hidden = hidden or name.endswith("_hidden")
    if changed:
        listed = ", ".join(dict.fromkeys(map(course.printable, changed)))
        outcome.end("tampered", f"its code changed {listed[:300]}, which was put back")
    if threads:
        beside = "a progress bar, an open pool and a cell in bash have one"
        outcome.reasons.append(f"a thread of its own still ran while it was tested ({beside})")
    if strange := reaching(notebook):
        names = ", ".join(strange)
        outcome.reasons.append(f"its code uses {names}: read it before you trust the marks")
    return errors


def shown(error, name, source, hidden):
    """Return (type, text) of a failed test's error as its student may read it.

    What a student's function says while hidden tests run may hold what they passed to it, and it
    may keep that for later: ``hidden`` says whether one has run. Then the text of a test that its
    student sees stays if it stands in the test's ``source``.
    """
    title, text, from_test = (*error, True)[:3]
    text = course.whole(str(text))[:2000]
    if name.endswith("_hidden") and not from_test:
        text = "raised by your own code while a hidden test ran"
    elif hidden and not (name.endswith("_hidden") or (from_test and text in source)):
        text = "run this test in your notebook to read what it says"
    return course.whole(str(title))[:100], text
