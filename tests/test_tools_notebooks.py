"""The notebooks' normal form: each fault is found and named, and the committed notebooks have none."""

import base64
import copy
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PIXEL = base64.b64encode(b"not looked at").decode()
WIDGET = {"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2, "version_minor": 0}}

spec = importlib.util.spec_from_file_location("notebooks_tool", ROOT / "tools" / "notebooks.py")
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def picture(alt="Three digits in a row, 3, 1 and 4.", plain=None):
    metadata = {"image/png": {"alt": alt}} if alt else {}
    return new_output("display_data", data={"image/png": PIXEL, "text/plain": plain or alt}, metadata=metadata)


def widget(plain="IntSlider(value=0)"):
    return new_output("display_data", data={**WIDGET, "text/plain": plain})


def good():
    """A notebook with a text, a picture, a widget and an expected error, in normal form."""
    cells = [
        new_markdown_cell("# A title\n\nSee [this one](01_good.ipynb#A-title), where $E[D](x)$ is defined."),
        new_code_cell("print(1)", execution_count=1, outputs=[stream("1\n")]),
        new_code_cell("show()", execution_count=2, outputs=[picture()]),
        new_code_cell("slider", execution_count=3, outputs=[widget()]),
        new_code_cell("1 / 0", execution_count=4, metadata={"tags": ["raises-exception"]}),
    ]
    cells[4].outputs = [new_output("error", ename="ZeroDivisionError", evalue="by zero", traceback=["by zero"])]
    notebook = new_notebook(cells=cells)
    tool.clean(notebook, "01_good")
    return notebook


def save(notebook, folder, name="01_good.ipynb"):
    path = folder / name
    path.write_text(tool.text_of(notebook), encoding="utf-8")
    return path


def test_a_good_notebook_has_no_problems(tmp_path):
    assert tool.check(save(good(), tmp_path)) == []


def not_run(nb):
    nb.cells[1].execution_count = None


def run_out_of_order(nb):
    nb.cells[1].execution_count, nb.cells[2].execution_count = 2, 1


def unexpected_error(nb):
    nb.cells[4].metadata = {}


def stderr(nb):
    nb.cells[1].outputs.append(stream("oneDNN custom operations are on\n", "stderr"))


def widget_state(nb):
    nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def timestamps(nb):
    nb.cells[1].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}


def path_in_source(nb):
    nb.cells[1].source = "open('/home/ada/digits.npz')"


def path_in_output(nb):
    nb.cells[1].outputs = [stream("saved to /tmp/tmpab12/a.png\n")]


def windows_path(nb):
    nb.cells[1].outputs = [stream("C:\\Users\\ada\\a.png\n")]


def path_in_traceback(nb):
    nb.cells[4].outputs[0].traceback = ["in /root/course/a.py"]


def long_cell(nb):
    nb.cells[1].source = "\n".join(["pass"] * 41)


def many_ignored(nb):
    nb.cells += [new_code_cell("print()", execution_count=5 + i, id=f"01-{6 + i:02d}") for i in range(4)]
    for cell in nb.cells[5:]:
        cell.metadata["tags"] = ["nbval-ignore-output"]


def skipped(nb):
    nb.cells[1].metadata["tags"] = ["nbval-skip"]


def nbval_comment(nb):
    nb.cells[1].source = "# NBVAL_IGNORE_OUTPUT\nprint(1)"


def no_alt(nb):
    nb.cells[2].outputs = [picture(alt=None, plain="A caption.")]


def trivial_plain_text(nb):
    nb.cells[2].outputs = [picture(plain="<Figure size 640x480 with 1 Axes>")]


def widget_without_picture(nb):
    nb.cells[2].outputs = []


def picture_in_another_section(nb):
    nb.cells.insert(3, new_markdown_cell("Text.\n\n## 2 · The next section"))


def second_widget_shares_a_picture(nb):
    nb.cells[3].outputs.append(widget())


def broken_link(nb):
    nb.cells[0].source += " And [the next](02_missing.ipynb)."


def broken_html_link(nb):
    nb.cells[0].source += ' <a href="02_missing.ipynb">the next</a>'


def broken_badge(nb):
    nb.cells[0].source += " [Colab](https://example.org/github/o/r/blob/main/notebooks/99_missing.ipynb)"


def empty_cell(nb):
    nb.cells[1].source = " \n"


def foreign_metadata(nb):
    nb.cells[1].metadata["collapsed"] = True


def foreign_id(nb):
    nb.cells[1].id = "3f2a91bc"


FAULTS = [
    (not_run, ":2: its execution count is None, expected 1"),
    (run_out_of_order, ":2: its execution count is 2, expected 1"),
    (unexpected_error, ":5: it failed with ZeroDivisionError"),
    (stderr, ":2: it wrote to standard error: 'oneDNN custom"),
    (widget_state, ": metadata.widgets holds widget state"),
    (timestamps, ":2: its metadata holds the time of execution"),
    (path_in_source, ":2: its source names a path on one machine (/home/ada/digits.npz"),
    (path_in_output, ":2: its output names a path on one machine (/tmp/tmpab12/a.png"),
    (windows_path, ":2: its output names a path on one machine (C:\\Users\\ada"),
    (path_in_traceback, ":5: its output names a path on one machine (/root/course"),
    (long_cell, ":2: it has 41 lines of code"),
    (many_ignored, ":9: more than 3 cells are tagged nbval-ignore-output"),
    (skipped, ":2: it is tagged nbval-skip"),
    (nbval_comment, ":2: a comment NBVAL_..."),
    (no_alt, ":3: this picture has no alt text"),
    (trivial_plain_text, ":3: this picture has no alt text"),
    (widget_without_picture, ":4: this widget has no picture before it"),
    (picture_in_another_section, ":5: this widget has no picture before it in its section"),
    (second_widget_shares_a_picture, ":4: this widget has no picture before it"),
    (broken_link, ":1: its link leads to 02_missing.ipynb, which does not exist"),
    (broken_html_link, ":1: its link leads to 02_missing.ipynb, which does not exist"),
    (broken_badge, ":1: its link leads to notebooks/99_missing.ipynb, which is not in the repository"),
    (empty_cell, ":2: this code cell is empty"),
    (foreign_metadata, ": the file is not in normal form"),
    (foreign_id, ": the file is not in normal form"),
]


@pytest.mark.parametrize(("break_it", "message"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_check_finds_the_fault_and_names_its_cell(break_it, message, tmp_path, capsys):
    notebook = good()
    break_it(notebook)
    path = save(notebook, tmp_path)
    assert tool.main(["check", str(path)]) == 1
    assert f"{path}{message}" in capsys.readouterr().out


def test_three_ignored_outputs_are_allowed(tmp_path):
    notebook = good()
    many_ignored(notebook)
    del notebook.cells[-1]
    assert tool.check(save(notebook, tmp_path)) == []


def test_a_progress_bar_needs_no_picture_and_takes_none(tmp_path):
    notebook = good()
    notebook.cells[1].outputs.append(widget("  0%|          | 0/125 [00:00<?, ?step/s]"))  # before the first picture
    notebook.cells[2].outputs.append(widget(" 10%|#         | 12/125"))  # between a picture and its control
    assert tool.check(save(notebook, tmp_path)) == []


@pytest.mark.parametrize("address", ["https://example.org/home/a", "www.example.org/tmp/b", "a/home/b", "data/tmp/x"])
def test_a_web_address_or_a_relative_path_is_no_machine_path(address, tmp_path):
    notebook = good()
    notebook.cells[1].outputs = [stream(address)]
    assert tool.check(save(notebook, tmp_path)) == []


def test_a_file_that_is_no_notebook_is_named(tmp_path, capsys):
    path = tmp_path / "01_text.ipynb"
    path.write_text("hello")
    assert tool.main(["check", str(path), str(tmp_path / "none.ipynb")]) == 1
    out = capsys.readouterr().out
    assert "01_text.ipynb: this is not a notebook of format 4" in out
    assert "none.ipynb: there is no such file" in out


def test_clean_removes_noise_and_keeps_what_matters(tmp_path):
    notebook = good()
    for add_noise in (widget_state, timestamps, foreign_metadata, foreign_id):
        add_noise(notebook)
    notebook.metadata["language_info"]["version"] = "3.11.7"
    notebook.metadata["toc"] = {}
    notebook.cells[2].outputs[0].metadata["image/png"]["width"] = 640
    notebook.cells[4].outputs[0].traceback = ["Cell In[4], line 1", "\x1b[36mFile \x1b[32m/root/a.py:3", "by zero"]
    path = save(notebook, tmp_path)
    assert tool.main(["clean", str(path)]) == 0
    assert tool.check(path) == []
    cleaned = nbformat.read(path, as_version=4)
    assert [cell.id for cell in cleaned.cells] == ["01-01", "01-06", "01-03", "01-04", "01-05"]
    assert cleaned.cells[4].metadata == {"tags": ["raises-exception"]}
    assert cleaned.cells[4].outputs[0].traceback == ["Cell In[4], line 1", "by zero"]
    assert cleaned.cells[2].outputs == good().cells[2].outputs
    assert cleaned.metadata == good().metadata


def test_clean_twice_is_clean_once(tmp_path):
    path = save(good(), tmp_path)
    before = path.read_bytes()
    tool.main(["clean", str(path)])
    assert path.read_bytes() == before
    assert before.endswith(b"}\n")


def test_inserting_a_cell_changes_no_other_id():
    notebook = good()
    ids = [cell.id for cell in notebook.cells]
    notebook.cells.insert(1, new_code_cell("new"))
    tool.clean(notebook, "01_good")
    assert [cell.id for cell in notebook.cells] == [ids[0], "01-06", *ids[1:]]


def test_a_cell_copied_with_its_id_gets_its_own():
    notebook = good()
    notebook.cells.append(copy.deepcopy(notebook.cells[1]))
    tool.clean(notebook, "01_good")
    assert notebook.cells[-1].id == "01-06"


def tiny():
    """A notebook that needs no library: it prints, writes a file where it lies, and computes."""
    return new_notebook(cells=[new_code_cell("print('six')\nprint('seven')"), new_code_cell("6 * 7")])


def test_run_executes_and_leaves_normal_form(tmp_path, capsys):
    notebook = tiny()
    notebook.cells.append(new_code_cell("import os\nsorted(name for name in os.listdir() if name[0] != '.')"))
    path = save(notebook, tmp_path)
    assert tool.main(["run", str(path)]) == 0, capsys.readouterr().out
    assert tool.check(path) == []
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].outputs == [stream("six\nseven\n")]
    assert cells[2].outputs[0].data["text/plain"] == "['01_good.ipynb']"
    assert [file.name for file in tmp_path.iterdir()] == ["01_good.ipynb"]


def test_run_leaves_the_file_alone_when_a_cell_fails(tmp_path, capsys):
    notebook = tiny()
    notebook.cells.insert(1, new_code_cell("undefined_name"))
    path = save(notebook, tmp_path)
    before = path.read_bytes()
    assert tool.main(["run", str(path)]) == 1
    out = capsys.readouterr().out
    assert f"{path}:2:" in out
    assert "NameError" in out
    assert path.read_bytes() == before


def nbval(path):
    """Run nbval on ``path`` as `make test` does, away from this run's own settings."""
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-q", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", str(path.parent), "-c", os.devnull, str(path)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def test_nbval_fails_when_a_stored_output_differs(tmp_path):
    path = save(tiny(), tmp_path)
    tool.main(["run", str(path)])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs[0].data["text/plain"] = "43"
    changed = save(notebook, tmp_path, "02_changed.ipynb")
    unchanged = nbval(path)
    assert unchanged.returncode == 0, unchanged.stdout
    assert "2 passed" in unchanged.stdout
    bitten = nbval(changed)
    assert bitten.returncode == 1, bitten.stdout
    assert "1 failed, 1 passed" in bitten.stdout


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_committed_notebook_is_in_normal_form(path):
    assert tool.check(path) == []
