"""Each fault of a notebook is found and named, and the committed notebooks have none."""

import base64
import copy
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import notebooks as tool

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PIXEL = base64.b64encode(b"not looked at").decode()
WIDGET = {"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2}}


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def picture(alt="Three digits in a row, 3, 1 and 4.", plain=None):
    metadata = {"image/png": {"alt": alt}} if alt else {}
    data = {"image/png": PIXEL, "text/plain": plain or alt}
    return new_output("display_data", data=data, metadata=metadata)


def widget(plain="IntSlider(value=0)"):
    return new_output("display_data", data={**WIDGET, "text/plain": plain})


def good():
    """A notebook with a text, a picture, a widget and an expected error, in normal form."""
    text = "# A title\n\nSee [this one](01_good.ipynb#A-title), where $E[D](x)$ is defined."
    failed = new_output("error", ename="ZeroDivisionError", evalue="0", traceback=["by zero"])
    cells = [
        new_markdown_cell(text),
        new_code_cell("print(1)", execution_count=1, outputs=[stream("1\n")]),
        new_code_cell("show()", execution_count=2, outputs=[picture()]),
        new_code_cell("slider", execution_count=3, outputs=[widget()]),
        new_code_cell("1 / 0", execution_count=4, outputs=[failed]),
    ]
    cells[4].metadata["tags"] = ["raises-exception"]
    notebook = new_notebook(cells=cells)
    tool.clean(notebook, "01_good")
    return notebook


def save(notebook, folder, name="01_good.ipynb"):
    path = folder / name
    path.write_text(tool.text_of(notebook), encoding="utf-8")
    return path


def test_a_good_notebook_has_no_problems(tmp_path):
    assert tool.check(save(good(), tmp_path)) == []


def fault(cell, output=None, **values):
    """Return a function that sets ``values`` of a cell of a notebook, or of one of its outputs."""

    def break_it(notebook):
        part = notebook.cells[cell]
        (part if output is None else part.outputs[output]).update(nbformat.from_dict(values))

    return break_it


def widget_state(notebook):
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def gpu(notebook):
    notebook.metadata["accelerator"] = "GPU"


def many_ignored(notebook):
    for number in range(6, 10):
        cell = new_code_cell("print()", execution_count=number - 1, id=f"01-{number:02d}")
        cell.metadata["tags"] = ["nbval-ignore-output"]
        notebook.cells.append(cell)


def section_between(notebook):
    notebook.cells.insert(3, new_markdown_cell("Text.\n\n## 2 · The next section"))


def second_widget(notebook):
    notebook.cells[3].outputs.append(widget())


RULE = "# A title\n\n"
HOST = "https://example.org/github/o/r/blob/main/notebooks"
TIMES = {"execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"}}
FAULTS = {
    "not run": (fault(1, execution_count=None), ":2: its execution count is None, expected 1"),
    "out of order": (fault(1, execution_count=2), ":2: its execution count is 2, expected 1"),
    "error": (fault(4, metadata={}), ":5: it failed with ZeroDivisionError"),
    "stderr": (
        fault(1, outputs=[stream("oneDNN custom operations are on\n", "stderr")]),
        ":2: it wrote to standard error: 'oneDNN custom",
    ),
    "a verdict without its number": (
        fault(1, outputs=[stream("seen: 3\nabove 95 %: True\nend\n")]),
        ":2: it says True without a number",
    ),
    "widget state": (widget_state, ": the file is not in normal form"),
    "timestamps": (fault(1, metadata=TIMES), ": the file is not in normal form"),
    "foreign metadata": (
        fault(1, metadata={"collapsed": True}),
        ": the file is not in normal form",
    ),
    "code out of sight": (
        fault(1, metadata={"jupyter": {"source_hidden": True}}),
        ": the file is not in normal form",
    ),
    "the cell for Colab in full": (
        fault(1, metadata={"tags": ["colab"]}),
        ": the file is not in normal form",
    ),
    "a GPU for nothing": (gpu, ": the file is not in normal form"),
    "foreign id": (fault(1, id="3f2a91bc"), ": the file is not in normal form"),
    "path in source": (
        fault(1, source="open('/home/ada/digits.npz')"),
        ":2: its source names a path on one machine (/home/ada/digits.npz",
    ),
    "path in output": (
        fault(1, outputs=[stream("saved to /tmp/tmpab12/a.png\n")]),
        ":2: its output names a path on one machine (/tmp/tmpab12/a.png",
    ),
    "Windows path": (
        fault(1, outputs=[stream("C:\\Users\\ada\\a.png\n")]),
        ":2: its output names a path on one machine (C:\\Users\\ada",
    ),
    "path in traceback": (
        fault(4, 0, traceback=["in /root/course/a.py"]),
        ":5: its output names a path on one machine (/root/course",
    ),
    "long cell": (fault(1, source="\n".join(["pass"] * 41)), ":2: it has 41 lines of code"),
    "many ignored": (many_ignored, ":9: more than 3 cells are tagged nbval-ignore-output"),
    "skipped": (fault(1, metadata={"tags": ["nbval-skip"]}), ":2: it is tagged nbval-skip"),
    "nbval's comment": (fault(1, source="# NBVAL_IGNORE_OUTPUT\n1"), ":2: a comment NBVAL_..."),
    "empty cell": (fault(1, source=" \n"), ":2: this code cell is empty"),
    "no alt text": (
        fault(2, outputs=[picture(alt=None, plain="A caption.")]),
        ":3: this picture has no alt text",
    ),
    "alt text of a class": (
        fault(2, outputs=[picture(plain="<Figure size 640x480 with 1 Axes>")]),
        ":3: this picture has no alt text",
    ),
    "no picture": (fault(2, outputs=[]), ":4: this widget has no picture before it"),
    "picture elsewhere": (
        section_between,
        ":5: this widget has no picture before it in its section",
    ),
    "shared picture": (second_widget, ":4: this widget has no picture before it"),
    "dead link": (
        fault(0, source=f"{RULE}[the next](02_missing.ipynb)"),
        ":1: its link leads to 02_missing.ipynb, which does not exist",
    ),
    "dead HTML link": (
        fault(0, source=f'{RULE}<a href="02_missing.ipynb">the next</a>'),
        ":1: its link leads to 02_missing.ipynb, which does not exist",
    ),
    "dead badge": (
        fault(0, source=f"{RULE}[Colab]({HOST}/99_missing.ipynb)"),
        ":1: its link leads to notebooks/99_missing.ipynb, which is not in the repository",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_check_finds_the_fault_and_names_its_cell(name, tmp_path, capsys):
    notebook = good()
    (break_it, message) = FAULTS[name]
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
    before_any_picture, after_one = notebook.cells[1:3]
    before_any_picture.outputs.append(widget("  0%|          | 0/125 [00:00<?, ?step/s]"))
    after_one.outputs.append(widget(" 10%|#         | 12/125"))
    assert tool.check(save(notebook, tmp_path)) == []


@pytest.mark.parametrize(
    "address", ["https://example.org/home/a", "www.example.org/tmp/b", "a/home/b", "data/tmp/x"]
)
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
    for name in ("widget state", "timestamps", "foreign id"):
        FAULTS[name][0](notebook)
    notebook.metadata["language_info"]["version"] = "3.11.7"
    notebook.metadata["toc"] = {}
    notebook.cells[2].outputs[0].metadata["image/png"]["width"] = 640
    frames = ["Cell In[4], line 1", "\x1b[36mFile \x1b[32m/root/a.py:3", "by zero"]
    notebook.cells[4].outputs[0].traceback = frames
    path = save(notebook, tmp_path)
    assert tool.main(["clean", str(path)]) == 0
    assert tool.check(path) == []
    cleaned = nbformat.read(path, as_version=4)
    assert [cell.id for cell in cleaned.cells] == ["01-01", "01-06", "01-03", "01-04", "01-05"]
    assert cleaned.cells[4].metadata == {"tags": ["raises-exception"]}
    assert cleaned.cells[4].outputs[0].traceback == ["Cell In[4], line 1", "by zero"]
    assert cleaned.cells[2].outputs == good().cells[2].outputs
    assert cleaned.metadata == good().metadata


def test_clean_folds_the_cell_for_colab_which_gets_a_gpu_where_one_pays():
    """Colab writes other keys beside these, and takes `source_hidden` away."""
    notebook = good()
    notebook.metadata["colab"] = {"provenance": [], "gpuType": "T4", "name": "a.ipynb"}
    notebook.cells[1].metadata = nbformat.from_dict({"tags": ["colab"], "outputId": "1"})
    tool.clean(notebook, "03_training")
    folded = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["colab"]}
    assert notebook.cells[1].metadata == folded
    assert notebook.metadata == good().metadata | {"accelerator": "GPU"}


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
    """A notebook that needs no library: it prints and computes."""
    sources = ("print('six')\nprint('seven')", "6 * 7")
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_run_executes_and_leaves_normal_form(tmp_path, capsys):
    notebook = tiny()
    notebook.cells.append(new_code_cell("import glob\nsorted(glob.glob('*'))"))
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
    assert f"{path}:2:" in out and "NameError" in out
    assert path.read_bytes() == before


def nbval(path):
    """Run nbval on ``path`` as `make test` does, away from this run's own settings."""
    rules = f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval.cfg'}"
    options = f"--nbval --nbval-current-env --nbval-cell-timeout=60 -q -p no:cacheprovider {rules}"
    where = ["--rootdir", str(path.parent), "-c", os.devnull, str(path)]
    command = [sys.executable, "-m", "pytest", *options.split(), *where]
    environment = {name: os.environ[name] for name in os.environ if name[:6] != "PYTEST"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


@pytest.mark.long
def test_nbval_fails_when_a_stored_output_differs(tmp_path):
    path = save(tiny(), tmp_path)
    tool.main(["run", str(path)])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs[0].data["text/plain"] = "43"
    changed = save(notebook, tmp_path, "02_changed.ipynb")
    for file, code, counts in ((path, 0, "2 passed"), (changed, 1, "1 failed, 1 passed")):
        answer = nbval(file)
        assert answer.returncode == code and counts in answer.stdout, answer.stdout


@pytest.mark.long
def test_nbval_compares_all_but_the_number_of_a_measured_value(tmp_path):
    said = "label agreement ≈ 98.7 % (above 95 %: yes), 8000 images, loss ≈ -1.3e-02"
    same = said.replace("98.7", "9.25").replace("-1.3e-02", " 0.7")
    others = {
        "another verdict": said.replace("yes", "no"),
        "another exact number": said.replace("8000", "8001"),
        "another unit": said.replace("7 %", "7"),
        "no number": said.replace("≈ 98.7", "≈"),
        "no sign": said.replace("≈ 98.7", "98.7"),
    }
    notebook = tiny()
    notebook.cells[1].source = f"print({said!r})"
    notebook.cells[1].execution_count = 1
    for name, stored in {"the same": same, **others}.items():
        notebook.cells[1].outputs = [new_output("stream", name="stdout", text=stored + "\n")]
        answer = nbval(save(notebook, tmp_path, "03_stored.ipynb"))
        assert answer.returncode == (name != "the same"), f"{name}: {answer.stdout}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_committed_notebook_is_in_normal_form(path):
    assert tool.check(path) == []
