"""The doctor: twenty failures, each provoked; each is found alone, says why it matters, and names a cure."""

import collections
import gzip
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest

from cgan_lab import doctor
from cgan_lab._support import files, runtime
from cgan_lab.doctor import jupyter as doctor_jupyter
from cgan_lab.doctor import machine as doctor_machine
from cgan_lab.doctor.packages import VERSIONS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """A machine of which the tests say what it has: an empty home, no proxy, ample memory."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in (*doctor_machine.PROXIES, "no_proxy", *doctor_machine.CERTIFICATES, "KERAS_BACKEND", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("TF_USE_LEGACY_KERAS", "CGAN_LAB_BUDGET", "CUDA_VISIBLE_DEVICES", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(doctor_machine, "DEV", tmp_path / "no devices")
    return folder


def ill():
    return [finding for finding in doctor.examine() if not finding.well]


def only_one(name, found="", cure="", why=""):
    """Check that the doctor finds this failure and no other."""
    findings = ill()
    assert [finding.name for finding in findings] == [name]
    assert found in findings[0].found and cure in findings[0].cure and findings[0].why and why in findings[0].why


def with_versions(monkeypatch, **versions):
    """Let packages have these versions; None stands for one that is not installed."""
    real = importlib.metadata.version

    def version(name):
        if name.replace("-", "_") not in versions:
            return real(name)
        if versions[name.replace("-", "_")] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name.replace("-", "_")]

    monkeypatch.setattr(importlib.metadata, "version", version)


def refused(monkeypatch, *folders):
    """Let these folders be ones that may not be written."""
    real = doctor_machine.tempfile.TemporaryFile

    def create(dir):
        if Path(dir) in folders:
            raise PermissionError(13, "Permission denied")
        return real(dir=dir)

    monkeypatch.setattr(doctor_machine, "tempfile", types.SimpleNamespace(TemporaryFile=create, gettempdir=os.getcwd))


def test_this_machine_is_well_and_every_finding_has_a_name_of_its_own():
    findings = doctor.examine()
    assert [finding for finding in findings if not finding.well] == []
    assert max(collections.Counter(finding.name for finding in findings).values()) == 1
    assert all(finding.found for finding in findings)


def test_1_the_wrong_kernel_has_no_course(monkeypatch):
    with_versions(monkeypatch, cgan_lab=None)
    only_one("this Python is the one with the course in it", sys.executable, "menu Kernel, Change Kernel")


def test_1_a_kernel_that_starts_another_python_is_named(monkeypatch, tmp_path):
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    for python, name in (
        (sys.executable, []),
        ("python", []),
        ("/opt/conda/bin/python", ["JupyterLab starts this Python"]),
    ):
        (folder / "kernel.json").write_text(json.dumps({"argv": [python, "-m", "ipykernel_launcher"]}))
        assert [finding.name for finding in ill()] == name
    only_one("JupyterLab starts this Python", "no, but /opt/conda/bin/python", "ipykernel install --sys-prefix")
    (folder / "kernel.json").write_text("{")
    assert ill()[0].found == "its kernel.json is damaged"


def test_2_two_tensorflows_are_found(monkeypatch):
    real = importlib.metadata.distributions
    other = types.SimpleNamespace(metadata={"Name": "tensorflow_cpu"})
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [*real(), other])
    only_one("one TensorFlow", "tensorflow, tensorflow-cpu", "uninstall -y tensorflow tensorflow-cpu")
    names = [types.SimpleNamespace(metadata={"Name": name}) for name in ("tensorflow", "tensorflow-intel")]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: names)
    assert ill() == []  # so it is on Windows


@pytest.mark.parametrize("machine", ["x86_64", "AMD64"])
def test_3_a_processor_without_avx_is_found_before_tensorflow_starts(monkeypatch, tmp_path, machine):
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags : fpu sse sse2\n")
    monkeypatch.setattr(doctor_machine.platform, "machine", lambda: machine)
    monkeypatch.setattr(runtime, "device", lambda: pytest.fail("TensorFlow was started, which would end Python"))
    monkeypatch.setattr(doctor_machine, "PROC", tmp_path)
    found = ill()
    assert [f.name for f in found] == ["the processor has AVX", "TensorFlow works, with Keras on top"]
    assert "Illegal instruction" in found[0].why and found[1].found == "not tried"
    monkeypatch.setattr(doctor_machine.platform, "machine", lambda: "arm64")
    assert doctor_machine.avx().well


def test_4_a_gpu_that_tensorflow_does_not_see_is_found(monkeypatch, tmp_path):
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(doctor_machine, "DEV", tmp_path)
    only_one("a GPU, if there is one, is used", "sees no GPU", "'tensorflow[and-cuda]'")
    monkeypatch.setenv("CGAN_LAB_BUDGET", "cpu")
    assert ill() == []  # whoever says so does without
    monkeypatch.delenv("CGAN_LAB_BUDGET")
    assert doctor_machine.gpu("gpu").found == "used"
    monkeypatch.setattr(doctor_machine.sys, "platform", "win32")
    assert "under WSL2 only" in doctor_machine.gpu("cpu").found and doctor_machine.gpu("cpu").well


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
def test_5_half_a_download_is_found_and_the_whole_is_well(tmp_path, kept):
    datasets = tmp_path / ".keras" / "datasets"
    (datasets / "fashion-mnist").mkdir(parents=True)
    with zipfile.ZipFile(datasets / "mnist.npz", "w") as archive:
        archive.writestr("x_train.npy", bytes(1000))
    clothes = datasets / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    clothes.write_bytes(gzip.compress(os.urandom(3000)))
    assert ill() == []
    for path in (datasets / "mnist.npz", clothes):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(kept * len(whole))])
        only_one("downloaded data sets are whole", f"only part of {path.name}", str(path), "taken for the whole")
        path.write_bytes(whole)


def test_6_a_home_that_cannot_be_written_is_found(monkeypatch, tmp_path):
    refused(monkeypatch, tmp_path)
    only_one("the home folder and the caches can be written", f"no: {tmp_path} (Permission denied)", "KERAS_HOME")


def test_6_a_cache_that_cannot_be_written_is_found(monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache" / "keras"))
    only_one("the home folder and the caches can be written", "no: ", "KERAS_HOME")


def test_6_a_class_servers_copy_of_the_data_may_be_read_only(monkeypatch, tmp_path):
    """Learners of a class read one copy; nothing is ill about that."""
    shared = tmp_path / "shared"
    (shared / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(shared))
    refused(monkeypatch, shared)
    assert ill() == []


def test_6_a_folder_that_cannot_be_written_is_found(monkeypatch, elsewhere):
    refused(monkeypatch, elsewhere)
    only_one("this folder can be written", "no (Permission denied)", "copy the course to a folder of your own")


@pytest.mark.parametrize(
    ("lab", "kernel", "page", "well"),
    [
        ("4.6.6", "8.1.9", "3.0.17", True),
        ("4.6.6", "7.8.5", "1.1.11", True),
        ("4.6.6", "7.7.1", "3.0.17", False),
        ("4.6.6", "8.1.9", "1.1.11", False),
        ("4.6.6", "8.1.9", None, False),
        ("3.6.8", "8.1.9", "3.0.17", False),
        (None, "7.7.1", "3.0.17", True),  # Colab draws them itself
    ],
)
def test_7_ipywidgets_and_jupyterlab_out_of_step_are_found(monkeypatch, lab, kernel, page, well):
    with_versions(monkeypatch, jupyterlab=lab, ipywidgets=kernel, jupyterlab_widgets=page)
    if well:
        assert ill() == []
    else:
        only_one(
            "ipywidgets and JupyterLab fit", f"ipywidgets {kernel}", "'jupyterlab_widgets>=3,<4'", "model not found"
        )


def test_8_low_memory_is_found_in_the_machine_and_in_the_container(monkeypatch, tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 4000000 kB\nMemAvailable: 512000 kB\n")
    (tmp_path / "cpuinfo").write_text("flags : avx\n")
    monkeypatch.setattr(doctor_machine, "PROC", tmp_path)
    monkeypatch.setattr(doctor_machine, "CGROUP", tmp_path)
    only_one("memory: 1 GiB free", "0.5 GiB", "shut down other notebooks", "killed")
    (tmp_path / "meminfo").write_text("MemAvailable: 8000000 kB\n")
    assert ill() == []
    (tmp_path / "memory.max").write_text(f"{2 * 2**30}\n")
    (tmp_path / "memory.current").write_text(f"{2 * 2**30 - 2**28}\n")
    only_one("memory: 1 GiB free", "0.2 GiB")
    (tmp_path / "memory.max").write_text("max\n")  # no limit
    assert ill() == []
    (tmp_path / "meminfo").unlink()
    assert doctor_machine.memory().found == "cannot be told here"


def test_9_a_full_disk_is_found(monkeypatch):
    monkeypatch.setattr(doctor_machine.shutil, "disk_usage", lambda folder: types.SimpleNamespace(free=2**28))
    only_one("disk: 1 GiB free", "0.25 GiB in ", "runs", "lost")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"HTTPS_PROXY": "proxy.school:3128"}, "https_proxy is no whole address"),
        ({"https_proxy": "http://"}, "https_proxy is no whole address"),
        (
            {"HTTP_PROXY": "http://me:secret@proxy.school:3128"},
            "a proxy that also stands between this machine and itself",
        ),
        ({"REQUESTS_CA_BUNDLE": "/no/such.pem"}, "REQUESTS_CA_BUNDLE names a file that does not exist"),
    ],
)
def test_10_a_proxy_in_the_way_is_found_and_nobody_is_called(monkeypatch, variables, found):
    monkeypatch.setattr("socket.socket", lambda *a, **k: pytest.fail("a socket was opened"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    only_one("proxy and certificates", found)
    assert "secret" not in str(ill())


def test_10_a_proxy_that_leaves_this_machine_alone_is_well_and_its_password_kept(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.school:3128")
    monkeypatch.setenv("NO_PROXY", "localhost, 127.0.0.1")
    assert doctor_machine.proxy() == doctor_machine.Finding("proxy and certificates", "proxy.school")


def test_11_another_backend_is_found_in_the_environment_and_in_keras_json(monkeypatch, tmp_path):
    names = ["Keras runs on TensorFlow", "TensorFlow works, with Keras on top"]
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert [finding.name for finding in ill()] == names
    assert ill()[0].found == "KERAS_BACKEND says 'torch'" and "KERAS_BACKEND=tensorflow" in ill()[0].cure
    monkeypatch.delenv("KERAS_BACKEND")
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text('{"backend": "jax"}')
    assert [finding.name for finding in ill()] == names and "keras.json says 'jax'" in ill()[0].found


def test_12_legacy_keras_is_found(monkeypatch):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    only_one(
        "tf.keras is Keras 3", "TF_USE_LEGACY_KERAS is 1", "unset TF_USE_LEGACY_KERAS" if os.name != "nt" else "set"
    )


@pytest.mark.parametrize("name", ["keras.py", "tensorflow/__init__.py"])
def test_13_a_file_that_hides_a_package_is_found(elsewhere, name):
    path = elsewhere / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("raise SystemExit")
    package = name.split("/")[0].removesuffix(".py")
    assert ill()[0].found.endswith(f"is imported instead of {package}") and f"my_{package}" in ill()[0].cure
    path.unlink()
    (elsewhere / "numpy").mkdir()  # a folder without __init__.py gives way to the package
    assert ill() == []


@pytest.mark.parametrize("version", [(3, 10, 2, "final", 0), (3, 14, 0, "final", 0)])
def test_14_a_python_too_old_or_too_new_for_tensorflow_is_found(monkeypatch, version):
    monkeypatch.setattr(doctor_machine, "sys", types.SimpleNamespace(**{**vars(sys), "version_info": version}))
    only_one("Python 3.11 to 3.13", "3.1", "Python 3.11, 3.12 or 3.13", "no matching distribution")


def test_15_a_32_bit_python_is_found(monkeypatch):
    monkeypatch.setattr(doctor_machine.struct, "calcsize", lambda kind: 4)
    assert ill()[0] == doctor_machine.bits() and ill()[0].found == "32 bits" and "64-bit" in ill()[0].cure


def test_16_damaged_assets_are_found(monkeypatch, tmp_path):
    (tmp_path / "manifest.json").write_text('{"digits.npz": {"sha256": "0"}}')
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    only_one("the shipped files are whole", "damaged: digits.npz", "git checkout -- cgan_lab/assets")
    (tmp_path / "manifest.json").write_text("{")
    only_one("the shipped files are whole", "damaged: manifest.json")


@pytest.mark.parametrize(
    "said",
    [
        "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.4.6 as it may crash.",
        "numpy.core.multiarray failed to import",
        "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88",
        "_ARRAY_API not found",
    ],
)
def test_17_a_package_built_for_another_numpy_is_found(monkeypatch, said):
    def broken():
        raise ImportError(said)

    monkeypatch.setattr(runtime, "device", broken)
    assert [f.name for f in ill()] == ["packages are built for this NumPy", "TensorFlow works, with Keras on top"]
    assert "--force-reinstall --no-cache-dir" in ill()[0].cure


@pytest.mark.parametrize("missing", ["ipykernel", "nbformat"])
def test_18_what_a_notebook_needs_is_missed_where_there_is_jupyterlab(monkeypatch, missing):
    with_versions(monkeypatch, **{missing: None, "jupyterlab": None})
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "jupyter-lab" else None)
    only_one("JupyterLab starts this Python", f"no {missing}", f"pip install {missing}")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert ill() == []  # a server that only trains needs no notebook


def test_19_another_copy_of_the_package_beside_the_notebooks_is_found(monkeypatch, elsewhere):
    (elsewhere / "cgan_lab" / "assets").mkdir(parents=True)
    (elsewhere / "cgan_lab" / "assets" / "manifest.json").touch()
    (elsewhere / "pyproject.toml").touch()
    (elsewhere / "notebooks").mkdir()
    monkeypatch.chdir(elsewhere / "notebooks")
    only_one(
        "the package is the copy in this folder", f"no: it comes from {ROOT / 'cgan_lab'}", f"install -e {elsewhere}"
    )
    monkeypatch.chdir(ROOT / "notebooks")
    assert doctor_jupyter.copy().found == "yes"


@pytest.mark.parametrize("used", ["ascii", "latin-1", "cp1252"])
def test_20_text_that_is_not_utf_8_is_found(monkeypatch, used):
    output = types.SimpleNamespace(encoding=used)
    monkeypatch.setattr(doctor_machine, "sys", types.SimpleNamespace(**{**vars(sys), "stdout": output}))
    only_one("text is UTF-8", used, "PYTHONUTF8=1", "UnicodeEncodeError")


@pytest.mark.parametrize(
    ("found", "cured"), [("2.19.0", False), ("2.20.0rc1", True), ("2.21.0", True), ("2.22.0", False), (None, False)]
)
def test_versions_are_compared_as_numbers(monkeypatch, found, cured):
    with_versions(monkeypatch, tensorflow=found)
    assert (ill() == []) is cured
    if not cured:
        name, cure = "tensorflow 2.20 or newer, below 2.22", "pip install 'tensorflow>=2.20,<2.22'"
        only_one(name, found or "not installed", cure)


def test_the_versions_are_those_of_pyproject():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name, (low, high) in VERSIONS.items():
        assert f'"{name}>={low}' + (f',<{high}"' if high else '"') in text


def test_a_tensorflow_that_does_not_start_is_reported_not_raised(monkeypatch):
    def broken():
        raise ImportError("DLL load failed")

    monkeypatch.setattr(runtime, "device", broken)
    only_one("TensorFlow works, with Keras on top", "ImportError", "DLL load failed")
    monkeypatch.undo()
    monkeypatch.setenv("CGAN_LAB_BUDGET", "huge")
    assert "CGAN_LAB_BUDGET is 'huge'" in ill()[0].cure


def test_the_page_on_troubles_explains_every_finding():
    page = (ROOT / "docs" / "troubles.md").read_text(encoding="utf-8")
    packages = {
        f"{name} {low} or newer" + (f", below {high}" if high else "") for name, (low, high) in VERSIONS.items()
    }
    explained = re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)
    assert set(explained) == {f.name for f in doctor.examine()} - packages | {"NAME LOWEST or newer, below NEXT"}


def test_the_doctor_itself_loads_no_framework():
    """Where TensorFlow cannot even be imported, the doctor still comes."""
    heavy = "{'tensorflow', 'keras', 'h5py', 'matplotlib'}"
    code = f"import sys; from cgan_lab import doctor; print({heavy} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
