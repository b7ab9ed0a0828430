"""The doctor: each failure is provoked, found alone, and comes with a reason and a cure."""

import collections
import gzip
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path
from unittest.mock import Mock

import pytest
from packaging.requirements import Requirement

from cgan_lab import doctor
from cgan_lab._support import files
from cgan_lab.doctor import jupyter, machine, packages

ROOT = Path(__file__).resolve().parents[1]
WORKS = "TensorFlow works, with Keras on top"
VARIABLES = ("KERAS_BACKEND", "KERAS_HOME", "TF_USE_LEGACY_KERAS", "CGAN_LAB_BUDGET", "no_proxy")
VARIABLES += ("CUDA_VISIBLE_DEVICES", *machine.FOLDERS, *machine.PROXIES, *machine.CERTIFICATES)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """A healthy machine: an empty home, an empty working folder, no GPU, no proxy."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(machine, "DEV", tmp_path / "no devices")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def ill():
    return [finding for finding in doctor.examine() if not finding.well]


def only_one(name, found="", cure="", why=""):
    """Check that the doctor finds this failure and no other."""
    (finding,) = ill()
    assert finding.name == name and finding.why
    assert found in finding.found and cure in finding.cure and why in finding.why


def before_tensorflow(name, found, cure, why):
    """Check that the doctor finds this failure and therefore does not start TensorFlow."""
    first, second = ill()
    assert first.name == name and (second.name, second.found) == (WORKS, "not tried")
    assert found in first.found and cure in first.cure and why in first.why


@pytest.fixture
def with_versions(monkeypatch):
    """A function that sets the versions of packages; None means not installed."""
    real = importlib.metadata.version

    def fake(**versions):
        def version(name):
            key = name.replace("-", "_")
            if versions.get(key, "") is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return versions.get(key) or real(name)

        monkeypatch.setattr(importlib.metadata, "version", version)

    return fake


@pytest.fixture
def read_only(monkeypatch):
    """A function that makes a folder one that cannot be written to."""
    real = machine.tempfile.TemporaryFile

    def make(folder):
        def create(dir):
            if Path(dir) == folder:
                raise PermissionError(13, "Permission denied")
            return real(dir=dir)

        fake = types.SimpleNamespace(TemporaryFile=create, gettempdir=os.getcwd)
        monkeypatch.setattr(machine, "tempfile", fake)

    return make


def with_sys(monkeypatch, **values):
    monkeypatch.setattr(machine, "sys", types.SimpleNamespace(**{**vars(sys), **values}))


def test_this_machine_is_well_and_every_finding_has_a_name_of_its_own():
    findings = doctor.examine()
    assert [finding for finding in findings if not finding.well] == []
    assert max(collections.Counter(finding.name for finding in findings).values()) == 1
    assert all(finding.found for finding in findings)


def test_the_wrong_kernel_has_no_course(with_versions):
    with_versions(cgan_lab=None)
    name = "this Python is the one with the course in it"
    only_one(name, sys.executable, "menu Kernel, Change Kernel")


def test_a_kernel_that_starts_another_python_is_named(monkeypatch, tmp_path):
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    name = "JupyterLab starts this Python"
    for python, names in ((sys.executable, []), ("python", []), ("/opt/conda/bin/python", [name])):
        spec.write_text(json.dumps({"argv": [python, "-m", "ipykernel_launcher"]}))
        assert [finding.name for finding in ill()] == names
    only_one(name, "no, but /opt/conda/bin/python", "ipykernel install --sys-prefix")
    spec.write_text("{")
    assert ill()[0].found == "its kernel.json is damaged"


def test_two_tensorflows_are_found(with_versions):
    with_versions(tensorflow_cpu="2.21.0")
    cure = "uninstall -y tensorflow tensorflow-cpu"
    only_one("one TensorFlow", "tensorflow, tensorflow-cpu", cure)
    with_versions(tensorflow_intel="2.21.0")
    assert ill() == []  # so it is on Windows


@pytest.mark.parametrize("name", ["x86_64", "AMD64"])
def test_a_processor_without_avx_is_found_before_tensorflow_starts(monkeypatch, tmp_path, name):
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags : fpu sse sse2\n")
    monkeypatch.setattr(machine, "PROC", tmp_path)
    monkeypatch.setattr(machine.platform, "machine", lambda: name)
    monkeypatch.setattr(doctor, "_start", lambda: pytest.fail("this would end Python"))
    before_tensorflow("the processor has AVX", "no", "-cpu host", "Illegal instruction")
    monkeypatch.setattr(machine.platform, "machine", lambda: "arm64")
    assert machine.avx().well


def test_a_gpu_that_tensorflow_does_not_see_is_found(monkeypatch, tmp_path):
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(machine, "DEV", tmp_path)
    only_one("a GPU, if there is one, is used", "sees no GPU", "'tensorflow[and-cuda]'")
    monkeypatch.setenv("CGAN_LAB_BUDGET", "cpu")
    assert ill() == []  # the learner does not want it
    monkeypatch.delenv("CGAN_LAB_BUDGET")
    assert machine.gpu("gpu").found == "used"
    with_sys(monkeypatch, platform="win32")
    assert "under WSL2 only" in machine.gpu("cpu").found and machine.gpu("cpu").well


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
def test_half_a_download_is_found_and_the_whole_is_well(tmp_path, kept):
    datasets = tmp_path / ".keras" / "datasets"
    clothes = datasets / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    clothes.parent.mkdir(parents=True)
    clothes.write_bytes(gzip.compress(os.urandom(3000)))
    with zipfile.ZipFile(datasets / "mnist.npz", "w") as archive:
        archive.writestr("x_train.npy", bytes(1000))
    assert ill() == []
    for path in (datasets / "mnist.npz", clothes):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(kept * len(whole))])
        name, found = "downloaded data sets are whole", f"only part of {path.name}"
        only_one(name, found, str(path), "taken for the whole")
        path.write_bytes(whole)


HOME = "the home folder and the caches can be written"


def test_a_home_that_cannot_be_written_is_found(read_only, tmp_path):
    read_only(tmp_path)
    only_one(HOME, f"no: {tmp_path} (Permission denied)", "KERAS_HOME")


@pytest.mark.parametrize("name", ["KERAS_HOME", "MPLCONFIGDIR"])
def test_a_cache_that_cannot_be_written_is_found(monkeypatch, tmp_path, name):
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv(name, str(tmp_path / "cache" / "below"))
    only_one(HOME, "no: ", "KERAS_HOME")


def test_a_class_servers_copy_of_the_data_may_be_read_only(monkeypatch, read_only, tmp_path):
    shared = tmp_path / "shared"
    (shared / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(shared))
    read_only(shared)
    assert ill() == []


def test_a_folder_that_cannot_be_written_is_found(read_only, elsewhere):
    read_only(elsewhere)
    cure = "copy the course to a folder of your own"
    only_one("this folder can be written", "no (Permission denied)", cure)


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
def test_ipywidgets_that_do_not_fit_jupyterlab_are_found(with_versions, lab, kernel, page, well):
    with_versions(jupyterlab=lab, ipywidgets=kernel, jupyterlab_widgets=page)
    if well:
        assert ill() == []
    else:
        name, cure = "ipywidgets and JupyterLab fit", "'jupyterlab_widgets>=3,<4'"
        only_one(name, f"ipywidgets {kernel}", cure, "model not found")


def test_low_memory_is_found_in_the_machine_and_in_the_container(monkeypatch, tmp_path):
    name = "memory: 1 GiB free"
    (tmp_path / "meminfo").write_text("MemTotal: 4000000 kB\nMemAvailable: 512000 kB\n")
    (tmp_path / "cpuinfo").write_text("flags : avx\n")
    monkeypatch.setattr(machine, "PROC", tmp_path)
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    only_one(name, "0.5 GiB", "shut down other notebooks", "killed")
    (tmp_path / "meminfo").write_text("MemAvailable: 8000000 kB\n")
    assert ill() == []
    (tmp_path / "memory.max").write_text(f"{2 * 2**30}\n")
    (tmp_path / "memory.current").write_text(f"{2 * 2**30 - 2**28}\n")
    only_one(name, "0.2 GiB")
    (tmp_path / "memory.max").write_text("max\n")  # no limit
    assert ill() == []
    (tmp_path / "meminfo").unlink()
    assert machine.memory().found == "unknown here"


def test_a_full_disk_is_found(monkeypatch):
    full = types.SimpleNamespace(free=2**28)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: full)
    only_one("disk: 1 GiB free", "0.25 GiB in ", "runs", "lost")


SECRET = "http://me:secret@proxy.school:3128"


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        ("HTTPS_PROXY", "proxy.school:3128", "https_proxy is not a complete address"),
        ("https_proxy", "http://", "https_proxy is not a complete address"),
        ("HTTP_PROXY", SECRET, "a proxy also between this machine and itself"),
        (
            "REQUESTS_CA_BUNDLE",
            "/no/such.pem",
            "REQUESTS_CA_BUNDLE names a file that does not exist",
        ),
    ],
)
def test_a_proxy_in_the_way_is_found_and_nobody_is_called(monkeypatch, variable, value, found):
    monkeypatch.setattr("socket.socket", lambda *a, **k: pytest.fail("a socket was opened"))
    monkeypatch.setenv(variable, value)
    only_one("proxy and certificates", found)
    assert "secret" not in str(ill())


def test_a_proxy_that_exempts_this_machine_is_well_and_its_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", SECRET)
    monkeypatch.setenv("NO_PROXY", "localhost, 127.0.0.1")
    assert machine.proxy() == doctor.Finding("proxy and certificates", "proxy.school")


def test_another_backend_is_found_in_the_environment_and_in_keras_json(monkeypatch, tmp_path):
    name, cure = "Keras runs on TensorFlow", "KERAS_BACKEND=tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    before_tensorflow(name, "KERAS_BACKEND says 'torch'", cure, "written in TensorFlow")
    monkeypatch.delenv("KERAS_BACKEND")
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text('{"backend": "jax"}')
    before_tensorflow(name, "keras.json says 'jax'", cure, "written in TensorFlow")


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        (
            "keras.json",
            '{"image_data_format": "channels_first"}',
            "image_data_format is 'channels_l",
        ),
        ("keras.json", '{"floatx": "float64", "epsilon": 1e-7}', "floatx is 'float32' by default"),
        ("OMP_NUM_THREADS", "1", "OMP_NUM_THREADS"),
        ("PYTHONOPTIMIZE", "1", "PYTHONOPTIMIZE"),
        ("PYTHONWARNINGS", "error::DeprecationWarning", "PYTHONWARNINGS"),
        ("MATPLOTLIBRC", "figure.dpi: 30", "rename"),
    ],
)
def test_settings_of_another_course_are_found(monkeypatch, tmp_path, name, value, cure):
    if name == "keras.json":
        (tmp_path / ".keras").mkdir()
        (tmp_path / ".keras" / "keras.json").write_text(value)
    elif name == "MATPLOTLIBRC":
        (tmp_path / "matplotlibrc").write_text(value)
        monkeypatch.setenv(name, str(tmp_path))
    else:
        monkeypatch.setenv(name, value)
    only_one("no settings of another course", value if "_" in name else "", cure)


def test_a_flag_that_could_end_python_is_found_before_tensorflow(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_of_another_version")
    before_tensorflow("no settings of another course", "XLA_FLAGS=--xla", "XLA_FLAGS", "layers")


def test_legacy_keras_is_found(monkeypatch):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    cure = "unset TF_USE_LEGACY_KERAS" if os.name != "nt" else "set TF_USE_LEGACY_KERAS="
    only_one("tf.keras is Keras 3", "TF_USE_LEGACY_KERAS is 1", cure)


@pytest.mark.parametrize("name", ["keras.py", "tensorflow/__init__.py"])
def test_a_file_that_hides_a_package_is_found(elsewhere, name):
    path = elsewhere / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("raise SystemExit")
    package = name.split("/")[0].removesuffix(".py")
    found, cure = f"is imported instead of {package}", f"my_{package}"
    before_tensorflow("no file hides a package", found, cure, "has no attribute")
    path.unlink()
    (elsewhere / "numpy").mkdir()  # Python prefers the package to a folder without __init__.py
    assert ill() == []


@pytest.mark.parametrize("version", [(3, 10, 2, "final", 0), (3, 14, 0, "final", 0)])
def test_a_python_too_old_or_too_new_for_tensorflow_is_found(monkeypatch, version):
    with_sys(monkeypatch, version_info=version)
    cure = "Python 3.11, 3.12 or 3.13"
    only_one("Python 3.11 to 3.13", f"3.{version[1]}", cure, "no matching distribution")


def test_a_32_bit_python_is_found(monkeypatch):
    monkeypatch.setattr(machine.struct, "calcsize", lambda kind: 4)
    before_tensorflow("Python of 64 bits", "32 bits", "64-bit", "no build for 32 bits")


def test_damaged_assets_are_found(monkeypatch, tmp_path):
    name = "the shipped files are whole"
    (tmp_path / "manifest.json").write_text('{"digits.npz": {"sha256": "0"}}')
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    only_one(name, "damaged: digits.npz", "git checkout -- cgan_lab/assets")
    (tmp_path / "manifest.json").write_text("{")
    only_one(name, "damaged: manifest.json")


@pytest.mark.parametrize(
    "said",
    [
        "A module compiled using NumPy 1.x cannot be run in NumPy 2.4.6 as it may crash.",
        "numpy.core.multiarray failed to import",
        "numpy.dtype size changed, may indicate binary incompatibility. Expected 96, got 88",
        "_ARRAY_API not found",
    ],
)
def test_a_package_built_for_another_numpy_is_found(monkeypatch, said):
    monkeypatch.setattr(doctor, "_start", Mock(side_effect=ImportError(said)))
    first, second = ill()
    assert (first.name, second.name) == ("packages are built for this NumPy", WORKS)
    assert "--force-reinstall --no-cache-dir" in first.cure and "'numpy>=1.26,<3'" in first.cure


@pytest.mark.parametrize("missing", ["ipykernel", "nbformat"])
def test_what_a_notebook_needs_is_missed_only_with_jupyterlab(monkeypatch, with_versions, missing):
    with_versions(**{missing: None, "jupyterlab": None})
    lab = {"jupyter-lab": "/usr/bin/jupyter-lab"}
    monkeypatch.setattr(shutil, "which", lab.get)
    only_one("JupyterLab starts this Python", f"no {missing}", f"pip install {missing}")
    lab.clear()
    assert ill() == []  # a server that only trains needs no notebook


def test_another_copy_of_the_package_next_to_the_notebooks_is_found(monkeypatch, elsewhere):
    for path in ("cgan_lab/assets/manifest.json", "pyproject.toml", "notebooks/00.ipynb"):
        (elsewhere / path).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / path).touch()
    monkeypatch.chdir(elsewhere / "notebooks")
    found = f"no: it comes from {ROOT / 'cgan_lab'}"
    only_one("the package is the copy in this folder", found, f"install -e {elsewhere}")
    monkeypatch.chdir(ROOT / "notebooks")
    assert jupyter.copy().found == "yes"


@pytest.mark.parametrize("used", ["ascii", "latin-1", "cp1252"])
def test_text_that_is_not_utf_8_is_found(monkeypatch, used):
    with_sys(monkeypatch, stdout=types.SimpleNamespace(encoding=used))
    only_one("text is UTF-8", used, "PYTHONUTF8=1", "UnicodeEncodeError")


VERSIONS = {"2.18.0": False, "2.19.0rc1": True, "2.21.0": True, "2.22.0": False, None: False}


@pytest.mark.parametrize(("found", "well"), VERSIONS.items())
def test_a_version_outside_the_range_of_pyproject_is_found(with_versions, found, well):
    with_versions(tensorflow=found)
    assert (ill() == []) is well
    if not well:
        name, cure = "tensorflow 2.19 or newer, below 2.22", "pip install 'tensorflow>=2.19,<2.22'"
        only_one(name, found or "not installed", cure)


def test_without_packaging_a_missing_package_is_found_all_the_same(monkeypatch, with_versions):
    """In an empty environment there is no `packaging` to compare versions with."""
    monkeypatch.setitem(sys.modules, "packaging", None)
    with_versions(tensorflow=None, keras="1.0")
    missing = [finding for finding in packages.versions() if not finding.well]
    assert [finding.found for finding in missing] == ["not installed"]


def test_the_ranges_are_those_of_pyproject():
    """They are read from what was installed: this fails where that is older than pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {found.name: found for found in map(Requirement, project["dependencies"])}
    for name in packages.CHECKED:
        read = Requirement(name + packages.wanted_versions(name))
        assert read.specifier and read == wanted[name]


def test_a_tensorflow_that_does_not_start_is_reported_not_raised(monkeypatch):
    monkeypatch.setattr(doctor, "_start", Mock(side_effect=ImportError("DLL load failed")))
    only_one(WORKS, "ImportError", "DLL load failed")
    monkeypatch.undo()
    monkeypatch.setenv("CGAN_LAB_BUDGET", "huge")
    assert "CGAN_LAB_BUDGET is 'huge'" in ill()[0].cure


def test_the_page_on_troubles_explains_every_finding():
    page = (ROOT / "docs" / "troubles.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)
    versions = "NAME LOWEST or newer, below NEXT"
    names = {versions if " or newer" in f.name else f.name for f in doctor.examine()}
    assert set(explained) == names


def test_the_doctor_itself_loads_no_framework():
    """Where TensorFlow cannot even be imported, the doctor works all the same."""
    heavy = "{'tensorflow', 'keras', 'h5py', 'matplotlib'}"
    code = f"import sys; from cgan_lab import doctor; print({heavy} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
