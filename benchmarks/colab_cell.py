"""Seconds that the first cell of a notebook takes on Colab's versions, and what it changes there.

    python benchmarks/colab_cell.py python3.12                            # the cell, five times
    python benchmarks/colab_cell.py python3.12 notebooks/00_start_here.ipynb # then whole notebooks

The Python named should be Colab's. In a new environment of the versions in the runtime that the
notebooks ask Colab for (tools/matrix.py), with a stand-in for `google.colab` that IPython loads as
Colab's does, and with a wheel of this folder beside the notebook, the cell runs in a kernel: pip
really installs, without an index. Before each run the package is taken away again. Fails if the
cell changed anything else. Colab's own machine, its network and its Drive are not measured.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from cgan_lab._support.names import path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import colab  # noqa: E402
import matrix  # noqa: E402

import notebooks  # noqa: E402

STAND_IN = "def load_ipython_extension(shell):\n    pass\n"
LOADED = 'get_config().InteractiveShellApp.extensions.append("google.colab")\n'
RUN = """
import json, sys
from datetime import datetime
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
times = [{k: datetime.fromisoformat(v) for k, v in cell.metadata.execution.items()}
         for cell in notebook.cells if cell.cell_type == "code"]
seconds = [t["shell.execute_reply"] - t["iopub.status.busy"] for t in times]
print(json.dumps([time.total_seconds() for time in seconds]))
"""


def environment(python, folder):
    """Make an environment of Colab's versions with the stand-in in it, unless it is there; return
    its Python.
    """
    inside = folder / "venv" / "bin" / "python"
    if not (folder / "made").exists():
        matrix.said([python, "-m", "venv", "--clear", str(folder / "venv")])
        pip = [str(inside), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        matrix.said([*pip, *matrix.pins(max(matrix.PAST), ""), "nbclient", "nbformat"])
        where = matrix.said(
            [str(inside), "-c", "import site; print(site.getsitepackages()[0])"]
        ).strip()
        for file, text in (
            (Path(where) / "google" / "colab" / "__init__.py", STAND_IN),
            (folder / "venv" / "etc" / "ipython" / "ipython_config.py", LOADED),
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        (folder / "made").touch()
    return str(inside)


def freeze(inside):
    """Return what is installed, a line each."""
    return set(
        matrix.said([inside, "-m", "pip", "freeze", "--disable-pip-version-check"]).splitlines()
    )


def executed(inside, notebook):
    """Run ``notebook`` where it lies, without the package at first; return the seconds of each of
    its code cells.

    Raises RuntimeError if more changed than that the package is there.
    """
    subprocess.run(
        [inside, "-m", "pip", "uninstall", "-q", "-y", "cgan-lab"], check=True, capture_output=True
    )
    before = freeze(inside)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(notebook.parent), "PIP_NO_INDEX": "1"}
    answer = subprocess.run(
        [inside, "-c", RUN, str(notebook)],
        cwd=notebook.parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise RuntimeError(answer.stderr[-3000:])
    after = freeze(inside)
    gone, new = before - after, after - before
    if gone or [line.split(" ")[0] for line in new] != ["cgan-lab"]:
        raise RuntimeError(
            f"gone: {sorted(gone)}, new: {sorted(new)}; expected cgan-lab as the only change"
        )
    return json.loads(answer.stdout)


def main():
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("python", help="the Python to make the environment with")
    parser.add_argument(
        "files", nargs="*", type=path, metavar="NOTEBOOK", help="run these from top to bottom too"
    )
    parser.add_argument("--runs", type=int, default=5, help="of the first cell alone (default: 5)")
    parser.add_argument(
        "--folder", type=path, default=ROOT / "build" / "colab", help="kept between calls"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    inside = environment(options.python, options.folder.resolve())
    beside = options.folder.resolve() / "content"
    shutil.rmtree(beside, ignore_errors=True)
    matrix.said(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(beside), str(ROOT)]
    )
    alone = notebooks.read(colab.every()[0])
    alone.cells = alone.cells[1:2]
    (beside / "alone.ipynb").write_text(notebooks.text_of(alone), encoding="utf-8")
    seconds = [executed(inside, beside / "alone.ipynb")[0] for _ in range(options.runs)]
    print(
        f"first cell, {options.runs} runs: median {statistics.median(seconds):.1f} s, "
        f"{min(seconds):.1f} to {max(seconds):.1f} s; cgan-lab is the only package that changed"
    )
    for file in options.files:
        times = executed(inside, Path(shutil.copy(file, beside)))
        print(
            f"{file.name}: {len(times)} code cells ran; the first took {times[0]:.1f} s, "
            f"all {sum(times):.1f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
