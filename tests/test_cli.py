"""The command line: what it writes, and one sentence for everything that it cannot do."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from cgan_lab import __main__ as cli
from cgan_lab import data, recipes, runs


@pytest.fixture(scope="module")
def small_data(tmp_path_factory):
    whole = data.load("digits")
    path = tmp_path_factory.mktemp("data") / "small.npz"
    np.savez(
        path,
        x_train=whole.x_train[:256],
        y_train=whole.y_train[:256],
        x_test=whole.x_test,
        y_test=whole.y_test,
    )
    return str(path)


@pytest.fixture(scope="module")
def run(small_data, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("runs") / "a")
    assert (
        cli.main(
            ["train", "--data", small_data, "--epochs", "2", "--batch-size", "64", "--out", folder]
        )
        == 0
    )
    return folder


def test_train_writes_state_history_config_and_pictures(run):
    # On a slow machine the model was also saved on the way, and the one before is kept.
    assert set(os.listdir(run)) - {"previous.npz"} == {
        "state.npz",
        "history.csv",
        "config.json",
        "epochs",
    }
    with open(os.path.join(run, "history.csv"), newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]


def test_sample_writes_a_picture_and_an_archive(run, tmp_path):
    png, npz = str(tmp_path / "grid.png"), str(tmp_path / "samples.npz")
    arguments = [
        "sample",
        run,
        "--labels",
        "7,0",
        "--per-label",
        "3",
        "--seed",
        "4",
        "--png",
        png,
        "--npz",
        npz,
    ]
    assert cli.main(arguments) == 0
    with np.load(npz, allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    assert (
        images.shape == (6, 28, 28)
        and images.dtype == np.uint8
        and labels.tolist() == [7, 7, 7, 0, 0, 0]
    )
    assert np.array_equal(images, runs.load(run).sample(labels, seed=4))
    assert Image.open(png).size == (2 * (3 * 30 + 2), 2 * (2 * 30 + 2))


def test_evaluate_prints_a_table_and_writes_the_same_numbers(run, small_data, capsys):
    assert cli.main(["evaluate", run, "--n", "100"]) == 0
    found = json.loads(open(os.path.join(run, "metrics.json")).read())
    assert found["n"] == 100 and np.sum(found["confusion"]) == 100
    assert found["data"] == small_data  # a run knows its data
    assert f"label agreement      {100 * found['agreement']:.2f} %" in capsys.readouterr().out
    assert {"parzen", "nearest", "recall"} <= set(found) and "shown" not in found
    for name in ("confusion", "neighbourhoods"):
        assert Image.open(os.path.join(run, f"metrics-{name}.png")).width > 400


def test_evaluate_trains_on_synthetic_when_asked(run, small_data, tmp_path, capsys):
    out = str(tmp_path / "found.json")
    arguments = [
        "evaluate",
        run,
        "--data",
        small_data,
        "--n",
        "100",
        "--train-on-synthetic",
        "--json",
        out,
    ]
    assert cli.main(arguments) == 0
    found = json.loads(open(out).read())["train_on_synthetic"]
    assert found["n"] == 250 and set(found["classifiers"]) == {"logistic", "mlp", "cnn"}
    assert "trained on 250 images" in capsys.readouterr().out


def test_a_shipped_model_is_sampled_by_name(tmp_path):
    for name in recipes.SHIPPED:
        assert cli.main(["sample", name, "--png", str(tmp_path / f"{name}.png")]) == 0


def test_doctor_finds_this_machine_well(capsys):
    assert cli.main(["doctor"]) == 0
    assert all(line.startswith("ok") for line in capsys.readouterr().out.splitlines())


def test_doctor_names_the_cure_and_returns_1(monkeypatch, capsys):
    monkeypatch.setattr("importlib.metadata.requires", lambda name: ["numpy>=99"])
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "     why:  the lessons were tested" in out and "-m pip install 'numpy>=99'" in out


BAD = [
    (["train"], "the following arguments are required: --out"),
    (["train", "--out", "{tmp}/x", "--epochs", "none"], "'none' came, expected a whole number"),
    (
        ["train", "--out", "{tmp}/x", "--epochs", "0"],
        "--epochs: '0' came, expected a whole number from 1 to",
    ),
    (
        ["train", "--out", "{tmp}/x", "--seed", "-1"],
        "--seed: '-1' came, expected a whole number from 0 to",
    ),
    (
        ["train", "--out", "{tmp}/x", "--recipe", "unet"],
        "no recipe 'unet'; there are article, dense",
    ),
    (["train", "--out", "{tmp}/x", "--data", "minst"], "no data set 'minst'"),
    (["train", "--out", "{tmp}/x", "--data", "{tmp}/text.npz"], "it is neither a whole one nor"),
    (
        ["train", "--out", "{tmp}/x", "--batch-size", "9000"],
        "batch_size is 9000, but digits has only 8000 images",
    ),
    (["train", "--out", "{tmp}/text.npz/x"], "cannot write to the folder"),
    (["sample", "{tmp}/none", "--png", "{tmp}/a.png"], "no run"),
    (["sample", "{tmp}", "--png", "{tmp}/a.png"], "no trained model at"),
    (["sample", "mnist-dense"], "nothing to write: give --png FILE, --npz FILE or both"),
    (
        ["sample", "mnist-dense", "--labels", "0,x", "--png", "{tmp}/a.png"],
        "'0,x' came, expected labels such as",
    ),
    (
        ["sample", "mnist-dense", "--labels", "11", "--png", "{tmp}/a.png"],
        "labels run from 11 to 11",
    ),
    (
        ["sample", "mnist-dense", "--per-label", "0", "--png", "{tmp}/a.png"],
        "--per-label: '0' came, expected a whole",
    ),
    (["sample", "mnist-dense", "--png", "{tmp}/none/a.png"], "does not exist. Make it first"),
    (["sample", "mnist-dense", "--png", "{tmp}"], "it is a folder"),
    (["evaluate", "mnist-dense", "--n", "25"], "n is 25, expected a multiple of 10"),
    (["evaluate", "mnist-dense", "--data", "fashion"], "fashion shows another kind of things"),
    (["train", "--out", "{tmp}/x", "--precision", "int8"], "no precision 'int8'"),
    (["train", "--out", "{tmp}/x", "--strategy", "two"], "no strategy 'two'"),
    (["train", "--out", "~nobody-of-this-name/x"], "'~nobody-of-this-name/x' is no path"),
    (["evaluate", "mnist-dense", "--json", "{tmp}/none/m.json"], "does not exist"),
    (["train", "--out", ""], "the path is empty"),
    (["train", "--out", "mnist-dense"], "mnist-dense is the name of a model that ships"),
    (["train", "--out", "{tmp}/x", "--data", "./digits"], "/digits': it is neither one of digits"),
    (
        ["train", "--out", "{tmp}/x", "--seed", "9999999999"],
        "'9999999999' came, expected a whole number from 0 to",
    ),
    (["sample", "./mnist-dense", "--png", "{tmp}/a.png"], "neither a folder nor a shipped model"),
    (["sample", "mnist-dense", "--png=a", "--npz=a"], "--png and --npz name the same file, a"),
    (["evaluate", "{tmp}/text.npz"], "is no run: give the folder of one"),
    (["paint"], "invalid choice: 'paint'"),
    ([], "required: COMMAND"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD]
)
def test_bad_input_gets_one_sentence_exit_code_2_and_no_file(tmp_path, capsys, arguments, sentence):
    (tmp_path / "text.npz").write_text("not an archive")
    try:
        code = cli.main([argument.format(tmp=tmp_path) for argument in arguments])
    except SystemExit as stop:  # argparse exits by itself
        code = stop.code
    captured = capsys.readouterr()
    assert code == 2 and captured.out == ""
    assert (
        captured.err.startswith("error: ")
        and sentence in captured.err
        and captured.err.count("\n") == 1
    )
    assert [path.name for path in tmp_path.iterdir()] == ["text.npz"]


def test_bad_input_is_told_before_tensorflow_is_imported(tmp_path):
    """It takes seconds; NumPy alone takes a fifth of one."""
    (tmp_path / "text.npz").write_text("not an archive")
    calls = [[argument.format(tmp=tmp_path) for argument in arguments] for arguments, _ in BAD]
    program = f"""
import contextlib, sys
from cgan_lab import __main__ as cli
for arguments in {calls!r}:
    with contextlib.suppress(SystemExit):
        assert cli.main(arguments) == 2
    for module in ("tensorflow", "keras", "matplotlib"):
        assert module not in sys.modules, (arguments, module)
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def few(path, labels, tests=300, **more):
    """Write digits with these labels, as many of each as there are in the first images."""
    whole = data.load("digits")
    train = np.flatnonzero(np.isin(whole.y_train[:1500], labels))
    test = np.flatnonzero(np.isin(whole.y_test, labels))[:tests]
    arrays = {"x_train": whole.x_train[train], "y_train": whole.y_train[train]}
    arrays |= {"x_test": whole.x_test[test], "y_test": whole.y_test[test]}
    np.savez(path, **{**arrays, **more})
    return arrays


def trained(folder, path, *more):
    assert cli.main(["train", "--data", str(path), "--epochs", "1", "--out", folder, *more]) == 0
    return folder


@pytest.mark.parametrize(
    ("labels", "tests", "missing"),
    [
        ([0, 1], 300, set()),
        ([3, 5, 8], 300, {"per_label", "diversity_per_label"}),
        ([0, 1, 2], 4, {"real", "shown"}),
    ],
)
def test_any_number_of_labels_is_judged_as_far_as_it_can_be(tmp_path, labels, tests, missing):
    few(tmp_path / "few.npz", labels, tests)
    run = trained(str(tmp_path / "run"), tmp_path / "few.npz")
    assert cli.main(["evaluate", run, "--n", str(20 * len(labels))]) == 0

    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    found = json.loads((tmp_path / "run" / "metrics.json").read_text(), parse_constant=refuse)
    assert found["n"] == 20 * len(labels) and np.shape(found["confusion"]) == (max(labels) + 1, 10)
    assert set(found.get("missing", {})) == missing - {"shown"}
    assert all(found["missing"].values()) if missing else "missing" not in found
    known = [value for value in found["per_label"] if value is not None]
    assert len(known) == len(labels) and found["agreement"] == pytest.approx(np.mean(known))
    assert found["diversity"] > 0 and found["recall"] is not None
    assert cli.main(["sample", run, "--png", str(tmp_path / "a.png")]) == 0
    assert Image.open(tmp_path / "a.png").height == 2 * (30 * (max(labels) + 1) + 2)


def test_data_that_no_judge_reads_are_judged_on_pixels(tmp_path, capsys):
    """Letters, say: here digits whose labels are shuffled, with 26 names."""
    y = np.arange(400) % 26
    names = np.array([chr(97 + k) for k in range(26)])
    x = data.load("digits").x_train[:400]
    np.savez(tmp_path / "l.npz", x_train=x, y_train=y, x_test=x, y_test=y, class_names=names)
    run = trained(str(tmp_path / "run"), tmp_path / "l.npz")
    assert cli.main(["evaluate", run, "--n", "52"]) == 0
    found = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert found["agreement"] is None and found["diversity"] > 0 and "nearest" in found
    assert "no judge reads the real test images" in found["missing"]["agreement"]
    out = capsys.readouterr().out
    assert "not measured         judge, agreement" in out and "requested \\ recognised" not in out


def test_a_run_is_judged_beside_its_own_kind_of_data(tmp_path, capsys):
    """The same content under another spelling, a mended file, another kind, other classes."""
    path = tmp_path / "mine.npz"
    arrays = few(path, list(range(10)))
    run = trained(str(tmp_path / "run"), path)
    (tmp_path / "d").mkdir()
    assert (
        cli.main(["train", "--data", f"{tmp_path}/d/../mine.npz", "--epochs", "1"] + ["--out", run])
        == 0
    )
    arrays["y_train"][:20] = 0
    np.savez(path, **arrays)
    again = ["train", "--data", str(path), "--epochs", "2", "--out", run]
    few(tmp_path / "two.npz", [0, 1])
    refused = {
        "holds another run (it differs in the content of the data)": again,
        "mine.npz has changed since": ["evaluate", run, "--n", "20"],
        "fashion shows another kind": ["evaluate", run, "--n", "20", "--data", "fashion"],
        "draws 10 classes and": ["evaluate", run, "--data", str(tmp_path / "two.npz")],
    }
    for sentence, arguments in refused.items():
        assert cli.main(arguments) == 2 and sentence in capsys.readouterr().err
    assert not (tmp_path / "run" / "metrics.json").exists()
    assert cli.main(["evaluate", run, "--n", "20", "--data", str(path)]) == 0


def test_a_runs_own_files_are_not_written_over(run, capsys):
    for name in ("config.json", "state.npz"):
        before = open(os.path.join(run, name), "rb").read()
        assert cli.main(["sample", run, "--npz", os.path.join(run, name)]) == 2
        assert "it is a file of the run itself" in capsys.readouterr().err
        assert open(os.path.join(run, name), "rb").read() == before


def test_pictures_that_cannot_be_drawn_or_written_cost_no_figures(tmp_path, small_data, capsys):
    names = np.array([r"$\frac$", *"123456789"])
    few(tmp_path / "f.npz", list(range(10)), class_names=names)
    run = trained(str(tmp_path / "run"), tmp_path / "f.npz")
    (tmp_path / "run" / "metrics-neighbourhoods.png").mkdir()
    assert cli.main(["evaluate", run, "--n", "20"]) == 0
    assert "metrics-neighbourhoods.png was not written" in capsys.readouterr().err
    assert (tmp_path / "run" / "metrics.json").is_file()
    assert (tmp_path / "run" / "metrics-confusion.png").is_file()


def test_the_kind_of_data_is_asked_for_where_nobody_knows_it(tmp_path, capsys):
    """A ``.keras`` file names no data; a run's own file may have moved away."""
    path = tmp_path / "mine.npz"
    few(path, list(range(10)))
    run = trained(str(tmp_path / "run"), path)
    keras_file = str(tmp_path / "m.keras")
    runs.load(run).save(keras_file)
    assert cli.main(["evaluate", keras_file, "--n", "20"]) == 2
    assert "does not say what it was trained on; give --data" in capsys.readouterr().err
    assert cli.main(["evaluate", keras_file, "--n", "20", "--data", "fashion"]) == 0
    path.rename(tmp_path / "moved.npz")
    assert cli.main(["evaluate", run, "--n", "20"]) == 2
    assert "say where it is now with --data" in capsys.readouterr().err
    assert cli.main(["evaluate", run, "--n", "20", "--data", "digits"]) == 2
    assert "another kind of things, as far as can be seen" in capsys.readouterr().err
    assert cli.main(["evaluate", run, "--n", "20", "--data", str(tmp_path / "moved.npz")]) == 0


def test_no_message_makes_finished_work_a_failure(tmp_path, small_data):
    """A code page without the folder's letters, and a reader that is gone."""
    out = tmp_path / "数据 Übung" / "run"
    arguments = ["train", "--data", small_data, "--epochs", "1", f"--out={out}"]
    command = [sys.executable, "-m", "cgan_lab", *arguments]
    setting = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, env=setting, capture_output=True)
    assert done.returncode == 0 and b"\\u6570\\u636e \xdcbung" in done.stdout
    with subprocess.Popen(
        [*command[:-2], "2", command[-1]], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 0 and said == b""
    assert int(runs.load(out).epochs) == 2


@pytest.mark.skipif(
    os.name == "nt", reason="sends SIGINT to another process, which Windows does not offer"
)
def test_ctrl_c_during_train_leaves_the_last_whole_epoch(tmp_path, small_data, heard_ctrl_c):
    out = tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "cgan_lab",
        "train",
        "--data",
        small_data,
        "--epochs",
        "100000",
        "--out",
        str(out),
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, **pipes)
    for line in process.stdout:
        if line.startswith("epoch 3/"):
            break
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said
    with open(out / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 3 and f"keeps epoch {len(rows)}. The same command goes on" in said
    model = runs.load(out)
    assert int(model.epochs) == len(rows) and model.sample([3]).shape == (1, 28, 28)
