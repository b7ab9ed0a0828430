"""The doctor's look at the machine: Python, processor, memory, disk, network, text encoding."""

import os
import platform
import shutil
import struct
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from cgan_lab._support.folders import keras_home
from cgan_lab.doctor._finding import install, looks_for, setting

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
DEV = Path("/dev")
CONTAINER = (  # files with the limit and the use of memory, in both versions of cgroup
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)
GIB = 2**30
LEAST_MEMORY = 1.0  # GiB; a lesson's training takes about as much
LEAST_DISK = 1.0  # GiB; a lesson's files take less
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
FOLDERS = ("MPLCONFIGDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
SIGNS = "é … × ✓"  # lessons and checks print signs like these


@looks_for("Python 3.11 to 3.13")
def python():
    """Is this a Python that TensorFlow has wheels for?"""
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return found
    cure = "make an environment with Python 3.11, 3.12 or 3.13, as in: python3.12 -m venv .venv"
    why = "TensorFlow has no build for this Python: pip finds no matching distribution."
    return found, cure, why


@looks_for("Python of 64 bits")
def bits():
    """Is this a 64-bit Python?"""
    found = 8 * struct.calcsize("P")
    if found == 64:
        return "64 bits"
    cure = "install the 64-bit Python, and make the environment with it: python -m venv .venv"
    return f"{found} bits", cure, "TensorFlow has no build for 32 bits."


@looks_for("the processor has AVX")
def avx():
    """Does the processor have the instructions that TensorFlow's builds for x86 use?"""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return f"not needed on {platform.machine()}"
    if _has_avx():
        return "yes"
    cure = "use another machine or Colab; a virtual machine needs the host's CPU (QEMU: -cpu host)."
    return "no", cure, "without AVX, importing TensorFlow ends Python: Illegal instruction."


def _has_avx():
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(39))  # AVX
    try:
        text = (PROC / "cpuinfo").read_text(errors="replace")
    except OSError:
        return True  # unknown
    flags = [line.split() for line in text.splitlines() if line.startswith("flags")]
    return not flags or "avx" in flags[0]


@looks_for("a GPU, if there is one, is used")
def gpu(device):
    """Does TensorFlow, whose ``device`` is "gpu", "cpu" or None (not started), use the GPU?"""
    drivers = (PROC / "driver/nvidia/version", DEV / "nvidia0")
    if device == "gpu":
        return "used"
    if not shutil.which("nvidia-smi") and not any(path.exists() for path in drivers):
        return "none"
    for name in ("CUDA_VISIBLE_DEVICES", "CGAN_LAB_BUDGET"):
        if os.environ.get(name) in ("", "-1", "cpu"):
            return f"not wanted: {name} is {os.environ[name]!r}"
    if sys.platform == "win32":
        return "an NVIDIA GPU, which TensorFlow uses under WSL2 only; every lesson runs without"
    cure = f"{install('tensorflow[and-cuda]')}   or do without, which every lesson can: "
    cure += setting("CGAN_LAB_BUDGET", "cpu")
    why = "TensorFlow needs CUDA's libraries as well; without them it trains on the processor."
    return "an NVIDIA driver, but TensorFlow sees no GPU", cure, why


@looks_for(f"memory: {LEAST_MEMORY:.0f} GiB free")
def memory():
    """Is there enough memory for a training?"""
    free = _free_memory()
    if free is None:
        return "unknown here"
    if free >= LEAST_MEMORY:
        return f"{free:.1f} GiB"
    cure = "shut down other notebooks (menu Kernel, Shut Down All Kernels) and programs, or ask "
    cure += "for a larger server."
    why = "a kernel without memory is killed: 'The kernel appears to have died'."
    return f"{free:.1f} GiB", cure, why


def _free_memory():
    """Return the GiB that this machine and its container have free, or None if unknown."""
    free = []
    try:
        lines = dict(line.split(":", 1) for line in (PROC / "meminfo").read_text().splitlines())
        free.append(int(lines["MemAvailable"].split()[0]) / 2**20)
    except (OSError, KeyError, ValueError):
        pass
    for limit, used in CONTAINER:
        try:
            left = int((CGROUP / limit).read_text()) - int((CGROUP / used).read_text())
            free.append(left / GIB)
        except (OSError, ValueError):  # no container, or no limit
            pass
    return min(free, default=None)


@looks_for(f"disk: {LEAST_DISK:.0f} GiB free")
def disk():
    """Is there enough room here and for temporary files?"""
    folders = {os.getcwd(), tempfile.gettempdir()}
    free, folder = min((shutil.disk_usage(folder).free / GIB, folder) for folder in folders)
    if free >= LEAST_DISK:
        return f"{free:.0f} GiB"
    remove = "rmdir /s" if os.name == "nt" else "rm -r"
    cure = f"remove what you no longer need, old runs first: {remove} runs"
    why = "a notebook or a model that cannot be written completely is lost."
    return f"{free:.2f} GiB in {folder}", cure, why


@looks_for("the home folder and the caches can be written")
def home():
    """Can Keras, Matplotlib and Jupyter write their files?"""
    cure = f"{setting('HOME', '/my/folder')} and {setting('KERAS_HOME', '/my/folder/.keras')}"
    try:
        folders = [Path.home()]
    except RuntimeError as error:  # a user of a container, without an entry or HOME
        return f"no home folder: {error}", cure, "Keras, Matplotlib and Jupyter keep files there."
    folders += [*filter(None, map(os.environ.get, FOLDERS))]
    # The data sets of a class server are read by all and need not be writable.
    readable = os.access(keras_home() / "datasets", os.R_OK | os.X_OK)
    if not (readable and os.environ.get("KERAS_HOME")):
        folders.append(keras_home())
    if os.name == "nt":
        cure = setting("KERAS_HOME", "%TEMP%\\keras")
    for folder in folders:
        try:
            _write_in(folder)
        except OSError as error:
            why = "JupyterLab does not start, and Keras downloads MNIST each time."
            return f"no: {folder} ({error.strerror})", cure, why
    return "yes"


@looks_for("this folder can be written")
def here():
    """Can files be written to this folder?"""
    try:
        _write_in(os.getcwd())
    except OSError as error:
        cure = f"leave {os.getcwd()}: copy the course to a folder of your own."
        return f"no ({error.strerror})", cure, "notebooks and runs could not be saved."
    return "yes"


def _write_in(folder):
    """Write a file in ``folder`` or its nearest parent that exists; raise OSError otherwise."""
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    with tempfile.TemporaryFile(dir=folder):
        pass


@looks_for("proxy and certificates")
def proxy():
    """Do the settings let downloads out, and let this machine talk to itself? Calls nobody."""
    environ = {key.lower(): value for key, value in os.environ.items() if value}
    for name in CERTIFICATES:
        if name in os.environ and not Path(os.environ[name]).exists():
            why = "every download fails: CERTIFICATE_VERIFY_FAILED or a missing file."
            return f"{name} names a file that does not exist", setting(name), why
    hosts = set()
    for name in filter(environ.get, PROXIES):
        address = urlsplit(environ[name])
        if not address.scheme or not address.hostname:
            example = setting(name, "http://proxy.example:3128")
            cure = f"{example} (ask for your school's), or: {setting(name)}"
            why = "without 'http://' and a name, downloads of MNIST and of packages fail."
            return f"{name} is not a complete address", cure, why
        hosts.add(address.hostname)  # the rest of the address may hold a password
    exempt = environ.get("no_proxy", "").replace(" ", "").split(",")
    if hosts and not {"*", "localhost", "127.0.0.1"} & set(exempt):
        cure = setting("NO_PROXY", "localhost,127.0.0.1")
        why = "JupyterLab answers at 127.0.0.1, which no proxy can reach."
        return "a proxy also between this machine and itself", cure, why
    return ", ".join(sorted(hosts)) or "none"


@looks_for("text is UTF-8")
def encoding():
    """Can letters and signs beyond ASCII be printed and read?"""
    found = getattr(sys.stdout, "encoding", None) or "unknown"
    try:
        SIGNS.encode(found)
        if sys.getfilesystemencoding().lower() in ("utf-8", "utf8", "mbcs"):
            return found
        found = f"{sys.getfilesystemencoding()} for file names"
    except (UnicodeEncodeError, LookupError):
        pass
    why = "printing such a sign raises UnicodeEncodeError, and notebooks are read wrongly."
    return found, setting("PYTHONUTF8", "1"), why
