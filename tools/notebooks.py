"""Run, clean and check notebooks. Knows the files, not what they teach.

    python tools/notebooks.py run notebooks/03_*.ipynb    # execute top to bottom, then clean
    python tools/notebooks.py clean notebooks/03_*.ipynb  # normalise without executing
    python tools/notebooks.py check notebooks/*.ipynb     # say what is wrong, change nothing
    python tools/notebooks.py translate zh                # write Chinese notebooks to notebooks/zh

Cells are counted from 1, text cells included. `check` exits with 1 if it finds anything.
"""

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.reader import NotJSONError

from cgan_lab._support import files, names

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 40  # of code in a cell: more does not fit on a screen
MAX_IGNORED = 3  # cells per notebook whose outputs are not compared
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
    # What Colab opens the notebook with, whatever is new there: docs/versions.md.
    "colab": {"runtime_attributes": {"runtime_version": "2026.07"}},
}
# A GPU pays where a learner trains on a whole data set, or networks of convolutions; elsewhere it
# would be taken from somebody who needs it.
GPU = ("03_training", "08_capstone")
CELL_METADATA = ("tags", "nbgrader", "editable", "deletable")
COLAB = "colab"  # the tag of the cell that tools/colab.py writes, which is of use on Colab alone
BADGE_LINE = re.compile(r"\n\n\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")  # of a lesson's first cell
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}  # on Colab, and in JupyterLab
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")
WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\s*\d+%\|")  # how a progress bar begins, which needs no picture
# A verdict without its number, "above 95 %: True".
BARE = re.compile(r"^(?:.*[:=] *)?(True|False)\s*$", re.MULTILINE)
IGNORED = "nbval-ignore-output"
SKIPPED = "nbval-skip"
SECTION = re.compile(r"^##? ", re.MULTILINE)
# A path on somebody's machine; a letter before it means that it is part of a web address.
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:root|home|work|tmp|Users)/\S*|[A-Za-z]:\\+Users\\\S*")
# The file in a Markdown or HTML link. Its ending tells it from a formula such as E[D](x).
LINK = re.compile(r"(?:\]\(\s*<?|(?:href|src)=[\"'])([^)\s>\"'#]+\.[A-Za-z]\w*)(?=[)\s>\"'#])")
# A frame of a traceback outside the notebook, behind IPython's colour codes.
LIBRARY_FRAME = re.compile(r"(?:\x1b\[[\d;]*m)*File ")
# The part of a web address after the repository and its branch, as on Colab and GitHub.
HOSTED = re.compile(r"/blob/[^/]+/(.+\.ipynb)$")


# Cleaning


def clean(notebook, stem):
    """Bring ``notebook`` into normal form in place. ``stem``: its file name without the ending.

    A cell's id is the notebook's number and a counter, ``01-07``. A cell keeps the id that it has,
    a new one gets the next number, so that inserting a cell changes no other line of the file.
    """
    machine = {"accelerator": "GPU"} if stem in GPU else {}
    notebook.metadata = nbformat.from_dict(METADATA | machine)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    set_ids(notebook.cells, stem.split("_")[0])
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
        if not kept.get("tags", True):
            del kept["tags"]
        kept |= FOLDED if COLAB in tags(cell) else {}
        cell.metadata = nbformat.from_dict(kept)
        for output in cell.get("outputs", []):
            clean_output(output)


def set_ids(cells, prefix):
    """Give the next number to each cell whose id is not ``prefix-07``, or is another cell's too."""
    numbers = set()
    waiting = []
    for cell in cells:
        match = re.fullmatch(re.escape(prefix) + r"-(\d{2,})", cell.get("id", ""))
        if match and int(match[1]) not in numbers:
            numbers.add(int(match[1]))
        else:
            waiting.append(cell)
    for number, cell in enumerate(waiting, max(numbers, default=0) + 1):
        cell.id = f"{prefix}-{number:02d}"


def clean_output(output):
    """Keep the alt texts of an output's metadata, and the notebook's own part of a traceback."""
    if "metadata" in output:
        alts = {kind: output.metadata.get(kind, {}).get("alt") for kind in IMAGES}
        alts = {kind: {"alt": alt} for kind, alt in alts.items() if alt}
        output.metadata = nbformat.from_dict(alts)
    if "traceback" in output:
        output.traceback = [frame for frame in output.traceback if not LIBRARY_FRAME.match(frame)]


def text_of(notebook):
    """Return the text of the file that holds ``notebook``."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def write(notebook, path):
    """Write ``notebook`` to ``path``, which is never half a file."""
    with files.replacing(path) as new:
        new.write_text(text_of(notebook), encoding="utf-8", newline="\n")
        new.chmod(path.stat().st_mode)


def read(path):
    """Return the notebook at ``path``. Raises ValueError if the file is not one."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (NotJSONError, nbformat.ValidationError, KeyError, AttributeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{path}: this is not a notebook of format 4 ({reason}).") from error
    return notebook


def run(notebook, path, timeout):
    """Execute ``notebook`` in a fresh kernel in its folder. Raises ValueError if a cell fails."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    options = {"timeout": timeout, "kernel_name": "python3"}
    options |= {"record_timing": False, "coalesce_streams": True}
    try:
        nbclient.execute(notebook, cwd=str(path.parent.resolve()), **options)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cells = enumerate(notebook.cells, 1)
        begun = [n for n, cell in cells if cell.get("execution_count") or cell.get("outputs")]
        where = f"{path}:{max(begun, default=1)}"
        raise ValueError(f"{where}: {str(error).strip()}\nThe file is left as it was.") from error


# Checking


def check(path):
    """Return what is wrong with the notebook at ``path``, as a list of ``file:cell: sentence``."""
    notebook = read(path)
    problems = [f"{path}:{number}: {text}" for number, text in sorted(problems_of(notebook, path))]
    before = path.read_text(encoding="utf-8")
    clean(notebook, path.stem)
    if before != text_of(notebook):
        problems.append(
            f"{path}: the file is not in normal form (metadata, ids, space); run clean."
        )
    return problems


def problems_of(notebook, path):
    """Yield ``(cell number, sentence)`` for each problem in the cells of ``notebook``."""
    code = [(n, cell) for n, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    for expected, (number, cell) in enumerate(code, 1):
        if cell.execution_count != expected:
            was = cell.execution_count
            yield number, f"its execution count is {was}, expected {expected}; use run."
        for output in cell.outputs:
            yield from ((number, text) for text in output_problems(output, tags(cell)))
    ignored = [number for number, cell in code if IGNORED in tags(cell)]
    for number in ignored[MAX_IGNORED:]:
        yield number, f"more than {MAX_IGNORED} cells are tagged {IGNORED}; print what is the same."
    for number, cell in enumerate(notebook.cells, 1):
        yield from ((number, text) for text in source_problems(cell))
        yield from ((number, text) for text in link_problems(cell, path))
    yield from widget_problems(notebook.cells)


def tags(cell):
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def widget_problems(cells):
    """Yield ``(cell number, sentence)`` for each control without a picture of its own before it."""
    picture = False
    for number, cell in enumerate(cells, 1):
        if cell.cell_type != "code" and SECTION.search(cell.source):
            picture = False
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            control = WIDGET in data and not PROGRESS.match(data.get("text/plain", ""))
            if control and not picture:
                yield number, "this widget has no picture before it in its section; show one."
            picture = (picture or any(kind in data for kind in IMAGES)) and not control


def source_problems(cell):
    """Yield what is wrong with a cell's source and metadata."""
    if path := MACHINE_PATH.search(cell.source):
        yield f"its source names a path on one machine ({path[0]}); use a relative one."
    if cell.cell_type != "code":
        return
    if not cell.source.strip():
        yield "this code cell is empty; remove it."
    lines = cell.source.count("\n") + 1
    if lines > MAX_LINES:
        yield f"it has {lines} lines of code, and at most {MAX_LINES} fit on a screen."
    if re.search(r"#\s*NBVAL_", cell.source):
        yield f"a comment NBVAL_... distracts the learner; use a tag, such as {IGNORED}."
    if SKIPPED in tags(cell):
        yield f"it is tagged {SKIPPED}, so no test would run it; remove the tag."


def output_problems(output, tags):
    """Yield what is wrong with one output of a cell with these ``tags``."""
    if output.output_type == "error" and "raises-exception" not in tags:
        yield f"it failed with {output.ename}; if that is the lesson, tag it raises-exception."
    if output.get("name") == "stderr":
        yield f"it wrote to standard error: {output.text.strip().splitlines()[0][:80]!r}."
    data = output.get("data", {})
    if bare := BARE.search(output.get("text", "") or data.get("text/plain", "")):
        yield f"it says {bare[1]} without a number; print one behind ≈, and checks.yes(...)."
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    texts += [str(value) for kind, value in data.items() if kind not in IMAGES[:2]]
    if path := MACHINE_PATH.search("\n".join(texts)):
        yield f"its output names a path on one machine ({path[0]}); print a relative one."
    for kind in set(IMAGES) & set(data):
        alt = output.metadata.get(kind, {}).get("alt", "")
        plain = data.get("text/plain", "")
        if not alt.strip() or not plain.strip() or plain.lstrip().startswith("<"):
            yield "this picture has no alt text; show it with plots.show(figure, alt)."


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


def apply(command, path, timeout):
    """Carry out ``command`` on one file and return what went wrong, as sentences."""
    if not path.is_file():
        return [f"{path}: there is no such file."]
    try:
        if command == "check":
            return check(path)
        notebook = read(path)
        if command == "run":
            run(notebook, path, timeout)
    except ValueError as error:
        return [str(error)]
    clean(notebook, path.stem)
    write(notebook, path)
    return []


def translate(language):
    """Write the notebooks in ``language`` beside their texts, and say which ones were kept."""
    import translation  # here: it is of no use to the other commands

    kept = translation.write_edition(language)
    print("\n".join(kept) or f"the notebooks are in notebooks/{language}")
    return 0


def main(arguments=None):
    """Run the command line and return its exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("command", choices=("run", "clean", "check", "translate"))
    parser.add_argument("files", nargs="+", type=names.path, metavar="FILE")
    parser.add_argument("--timeout", type=int, default=600, help="seconds per cell (default: 600)")
    given = parser.parse_args(arguments)
    if given.command == "translate":
        return translate(*map(str, given.files))
    problems = []
    for path in given.files:
        problems += apply(given.command, path, given.timeout)
    print("\n".join(problems) or f"nothing to report in {len(given.files)} file(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
