"""The notebooks' normal form: run them, clean them, check them. Knows the files, not what they teach.

    python tools/notebooks.py run   notebooks/03_train_it.ipynb   # execute top to bottom, then clean
    python tools/notebooks.py clean notebooks/03_train_it.ipynb   # normalise without executing
    python tools/notebooks.py check notebooks/*.ipynb             # say what is wrong, change nothing

Cells are counted from 1, text cells included. `check` exits with 1 if it finds anything.
"""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

import nbformat

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 40  # of code in a cell: more does not fit on a screen
MAX_IGNORED = 3  # cells a notebook whose outputs are not compared
CELL_METADATA = ("tags", "nbgrader", "editable", "deletable")
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")
WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\s*\d+%\|")  # how a progress bar begins, which needs no picture
TIMES = ("execution", "ExecuteTime")
IGNORED, SKIPPED = "nbval-ignore-output", "nbval-skip"
SECTION = re.compile(r"^##? ", re.MULTILINE)
# A path on somebody's machine; a letter before it means that it is part of a web address.
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:root|home|work|tmp|Users)/|[A-Za-z]:\\+Users\\")
# The file in a Markdown or HTML link. Its ending tells it from a formula such as E[D](x).
LINK = re.compile(r"(?:\]\(\s*<?|(?:href|src)=[\"'])([^)\s>\"'#]+\.[A-Za-z]\w*)(?=[)\s>\"'#])")
# A frame of a traceback that lies outside the notebook, behind IPython's colour codes.
LIBRARY_FRAME = re.compile(r"(?:\x1b\[[\d;]*m)*File ")
# The part of a web address after the repository and its branch, as on Colab and GitHub.
HOSTED = re.compile(r"/blob/[^/]+/(.+\.ipynb)$")


# Cleaning


def clean(notebook, stem):
    """Bring ``notebook`` into normal form in place. ``stem``: its file name without the ending.

    Cell ids are the notebook's number and a counter, ``01-07``. A cell keeps the id that it has, a
    new one gets the next number, so that inserting a cell changes no other line of the file.
    """
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    set_ids(notebook.cells, stem.split("_")[0])
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
        if not kept.get("tags", True):
            del kept["tags"]
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            for output in cell.outputs:
                clean_output(output)


def set_ids(cells, prefix):
    """Give each cell that has no id of the form ``prefix-07``, or one seen before, the next free number."""
    numbers, waiting = set(), []
    for cell in cells:
        match = re.fullmatch(re.escape(prefix) + r"-(\d{2,})", cell.get("id", ""))
        if match and int(match[1]) not in numbers:
            numbers.add(int(match[1]))
        else:
            waiting.append(cell)
    for number, cell in enumerate(waiting, max(numbers, default=0) + 1):
        cell.id = f"{prefix}-{number:02d}"


def clean_output(output):
    """Keep of an output's metadata only the pictures' alt texts, and of a traceback only the notebook's part."""
    if "metadata" in output:
        alts = {kind: output.metadata[kind].get("alt") for kind in IMAGES if kind in output.metadata}
        output.metadata = nbformat.from_dict({kind: {"alt": alt} for kind, alt in alts.items() if alt})
    if "traceback" in output:
        output.traceback = [frame for frame in output.traceback if not LIBRARY_FRAME.match(frame)]


def write(notebook, path):
    """Write ``notebook`` beside ``path`` and rename it, so that ``path`` is never half a file."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text_of(notebook))
        os.chmod(aside, path.stat().st_mode)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise


def text_of(notebook):
    """Return the text of the file that holds ``notebook``."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def read(path):
    """Return the notebook at ``path``. Raises ValueError if the file is not one."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, KeyError, AttributeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{path}: this is not a notebook of format 4 ({reason}).") from error
    return notebook


def run(notebook, path, timeout):
    """Execute ``notebook`` in a fresh kernel in its own folder, and return what went wrong, or None."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent.resolve())}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        started = [i for i, cell in enumerate(notebook.cells, 1) if cell.get("execution_count") or cell.get("outputs")]
        return f"{path}:{max(started, default=1)}: {str(error).strip()}\nThe file is left as it was."
    return None


# Checking


def check(path):
    """Return what is wrong with the notebook at ``path``, as a list of ``file:cell: sentence``."""
    try:
        notebook = read(path)
    except ValueError as error:
        return [str(error)]
    problems = [f"{path}:{number}: {text}" for number, text in sorted(problems_of(notebook, path))]
    if "widgets" in notebook.metadata:
        problems.append(f"{path}: metadata.widgets holds widget state, which GitHub refuses; run clean.")
    before = path.read_text(encoding="utf-8")
    clean(notebook, path.stem)
    if before != text_of(notebook):
        problems.append(f"{path}: the file is not in normal form (metadata, ids or spacing); run clean.")
    return problems


def problems_of(notebook, path):
    """Yield ``(cell number, sentence)`` for each problem in the cells of ``notebook``."""
    runs, ignored, picture = 0, 0, False
    for number, cell in enumerate(notebook.cells, 1):
        for text in [*source_problems(cell), *link_problems(cell, path)]:
            yield number, text
        if cell.cell_type != "code":
            picture = picture and not SECTION.search(cell.source)
            continue
        runs += 1
        if cell.execution_count != runs:
            yield (
                number,
                f"its execution count is {cell.execution_count}, expected {runs}: the notebook was not "
                "executed from top to bottom in one run; use run.",
            )
        if IGNORED in cell.metadata.get("tags", []):
            ignored += 1
            if ignored > MAX_IGNORED:
                yield number, f"more than {MAX_IGNORED} cells are tagged {IGNORED}; print something that is the same."
        for output in cell.outputs:
            for text in output_problems(output, cell):
                yield number, text
            data = output.get("data", {})
            control = WIDGET in data and not PROGRESS.match("".join(data.get("text/plain", "")))
            if control and not picture:
                yield (
                    number,
                    "this widget has no picture before it in its section; readers on the web see nothing else.",
                )
            # Each control needs a picture of its own.
            picture = (picture or any(kind in data for kind in IMAGES)) and not control


def source_problems(cell):
    """Yield what is wrong with a cell's source and metadata."""
    if MACHINE_PATH.search(cell.source):
        yield f"its source names a path on one machine ({found(cell.source)}); use a path relative to the notebook."
    if any(key in cell.metadata for key in TIMES):
        yield "its metadata holds the time of execution, which changes with each run; run clean."
    if cell.cell_type != "code":
        return
    if not cell.source.strip():
        yield "this code cell is empty; remove it."
    if cell.source.count("\n") + 1 > MAX_LINES:
        yield f"it has {cell.source.count(chr(10)) + 1} lines of code, and at most {MAX_LINES} fit on a screen."
    if re.search(r"#\s*NBVAL_", cell.source):
        yield "a comment NBVAL_... stands in the learner's way; use a tag (nbval-ignore-output, raises-exception)."
    if SKIPPED in cell.metadata.get("tags", []):
        yield f"it is tagged {SKIPPED}, so no test would run it; remove the tag."


def output_problems(output, cell):
    """Yield what is wrong with one output of ``cell``."""
    if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
        yield f"it failed with {output.ename}; if that is the lesson, tag it raises-exception."
    if output.get("name") == "stderr":
        yield f"it wrote to standard error: {output.text.strip().splitlines()[0][:80]!r}."
    text = "\n".join(texts_of(output))
    if MACHINE_PATH.search(text):
        yield f"its output names a path on one machine ({found(text)}); print a name or a relative path."
    for kind in IMAGES:
        if kind in output.get("data", {}):
            alt, plain = output.metadata.get(kind, {}).get("alt", ""), output.data.get("text/plain", "")
            if not alt.strip() or not plain.strip() or plain.lstrip().startswith("<"):
                yield "this picture has no alt text; show it with plots.show(figure, alt)."


def texts_of(output):
    """Yield the texts that an output holds; pictures are not text."""
    yield from (output[key] for key in ("text", "evalue") if key in output)
    yield from output.get("traceback", [])
    yield from (str(value) for kind, value in output.get("data", {}).items() if kind not in IMAGES[:2])


def found(text):
    """Return the machine path in ``text`` with a little of what follows."""
    return re.match(r"\S{,30}", text[MACHINE_PATH.search(text).start() :])[0]


def link_problems(cell, path):
    """Yield the links of a text cell that lead to no file of this repository."""
    if cell.cell_type != "markdown":
        return
    for target in map(unquote, LINK.findall(cell.source)):
        hosted = HOSTED.search(target)
        if hosted and not (ROOT / hosted[1]).is_file():
            yield f"its link leads to {hosted[1]}, which is not in the repository."
        elif not re.match(r"[a-z]+:|//", target) and not (path.parent / target).is_file():
            yield f"its link leads to {target}, which does not exist."


# The command line


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "clean", "check"))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--timeout", type=int, default=600, help="seconds a cell may take in run (default: 600)")
    options = parser.parse_args(arguments)
    problems = [problem for path in options.files for problem in apply(options.command, path, options.timeout)]
    print("\n".join(problems) or f"nothing to report in {len(options.files)} file(s)")
    return 1 if problems else 0


def apply(command, path, timeout):
    """Carry out ``command`` on one file and return what went wrong, as sentences."""
    if not path.is_file():
        return [f"{path}: there is no such file."]
    if command == "check":
        return check(path)
    try:
        notebook = read(path)
    except ValueError as error:
        return [str(error)]
    failure = run(notebook, path, timeout) if command == "run" else None
    if failure:
        return [failure]
    clean(notebook, path.stem)
    write(notebook, path)
    return []


if __name__ == "__main__":
    sys.exit(main())
