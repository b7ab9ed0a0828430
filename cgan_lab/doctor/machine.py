"""The doctor's look at the machine: Python, processor, memory, disk, network, text. Imports no framework."""

import dataclasses
import os
import platform
import shutil
import struct
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from cgan_lab._support import runtime

PROC, CGROUP, DEV = Path("/proc"), Path("/sys/fs/cgroup"), Path("/dev")
GIB = 2**30
LEAST_MEMORY, LEAST_DISK = 1.0, 1.0  # GiB; a lesson's training takes about the one, its files less than the other
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
SIGNS = "é … × ✓"  # the lessons and checks print such


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at. ``found``: what there is; ``cure``: what to do, empty if it is well; ``why`` it matters."""

    name: str
    found: str
    cure: str = ""
    why: str = ""

    @property
    def well(self):
        """Whether nothing need be done."""
        return not self.cure


def setting(name, value):
    """Return the command that sets an environment variable in this system's terminal; an empty ``value`` removes it."""
    if os.name == "nt":
        return f"set {name}={value}"
    return f"export {name}={value}" if value else f"unset {name}"


def python():
    """Is this a Python that TensorFlow has wheels for?"""
    title, found = "Python 3.11 to 3.13", ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding(title, found)
    return Finding(
        title,
        found,
        "make a new environment with Python 3.11, 3.12 or 3.13, for example: python3.12 -m venv .venv",
        "TensorFlow has no build for this Python: pip answers that it finds no matching distribution.",
    )


def bits():
    """Is this a 64-bit Python?"""
    title, found = "Python of 64 bits", f"{8 * struct.calcsize('P')} bits"
    if struct.calcsize("P") == 8:
        return Finding(title, found)
    return Finding(
        title,
        found,
        "install the 64-bit Python, and make the environment with it: python -m venv .venv",
        "TensorFlow has no build for 32 bits.",
    )


def avx():
    """Has the processor the instructions that TensorFlow's builds for x86 are made of?"""
    title = "the processor has AVX"
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return Finding(title, f"not needed on {platform.machine()}")
    if _has_avx():
        return Finding(title, "yes")
    return Finding(
        title,
        "no",
        "use another machine or Colab; in a virtual machine, pass the host's processor on (QEMU: -cpu host).",
        "TensorFlow's builds use AVX, and without it Python dies at the import: Illegal instruction.",
    )


def _has_avx():
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(39))  # PF_AVX_INSTRUCTIONS_AVAILABLE
    try:
        text = (PROC / "cpuinfo").read_text(errors="replace")
    except OSError:
        return True  # cannot be told
    flags = [line.split() for line in text.splitlines() if line.startswith("flags")]
    return not flags or "avx" in flags[0]


def gpu(device):
    """Is a GPU used that the machine has? ``device``: what `runtime.device` says."""
    title = "a GPU, if there is one, is used"
    has_driver = any(path.exists() for path in (PROC / "driver/nvidia/version", DEV / "nvidia0"))
    has_driver = has_driver or bool(shutil.which("nvidia-smi"))
    if device == "gpu" or not has_driver:
        return Finding(title, "used" if device == "gpu" else "none")
    for name in ("CUDA_VISIBLE_DEVICES", "CGAN_LAB_BUDGET"):
        if os.environ.get(name) in ("", "-1", "cpu"):
            return Finding(title, f"not wanted: {name} is {os.environ[name]!r}")
    if sys.platform == "win32":
        return Finding(title, "an NVIDIA GPU, which TensorFlow uses under WSL2 only; every lesson runs without")
    return Finding(
        title,
        "an NVIDIA driver, but TensorFlow sees no GPU",
        f"run: {sys.executable} -m pip install 'tensorflow[and-cuda]'   "
        f"or do without, which every lesson can: {setting('CGAN_LAB_BUDGET', 'cpu')}",
        "TensorFlow needs CUDA's libraries beside the driver; without them it trains on the processor.",
    )


def memory():
    """Is there memory for a training?"""
    title, free = f"memory: {LEAST_MEMORY:.0f} GiB free", _free_memory()
    if free is None:
        return Finding(title, "cannot be told here")
    if free >= LEAST_MEMORY:
        return Finding(title, f"{free:.1f} GiB")
    return Finding(
        title,
        f"{free:.1f} GiB",
        "shut down other notebooks (menu Kernel, Shut Down All Kernels) and programs, or ask for a larger server.",
        "a kernel that runs out of memory is killed without a word: 'The kernel appears to have died'.",
    )


def _free_memory():
    """Return the free memory in GiB, the container's where that is less, or None where it cannot be told."""
    free = []
    try:
        lines = dict(line.split(":", 1) for line in (PROC / "meminfo").read_text().splitlines())
        free.append(int(lines["MemAvailable"].split()[0]) / 2**20)
    except (OSError, KeyError, ValueError):
        pass
    for most, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            free.append((int((CGROUP / most).read_text()) - int((CGROUP / used).read_text())) / GIB)
        except (OSError, ValueError):  # no container, or no limit
            pass
    return min(free, default=None)


def disk():
    """Is there room for runs, here and where temporary files go?"""
    title, least = f"disk: {LEAST_DISK:.0f} GiB free", []
    for folder in {os.getcwd(), tempfile.gettempdir()}:
        least.append((shutil.disk_usage(folder).free / GIB, folder))
    free, folder = min(least)
    if free >= LEAST_DISK:
        return Finding(title, f"{free:.0f} GiB")
    return Finding(
        title,
        f"{free:.2f} GiB in {folder}",
        f"remove what you no longer need, old runs first: {'rmdir /s' if os.name == 'nt' else 'rm -r'} runs",
        "a notebook or a model that cannot be written whole is lost.",
    )


def home():
    """Can Keras, Matplotlib and Jupyter write where they keep their files?"""
    title = "the home folder and the caches can be written"
    homes = [Path.home()]
    # A class server's copy of the data sets, which all read and nobody may change, needs no writing.
    if not (os.environ.get("KERAS_HOME") and os.access(runtime.keras_home() / "datasets", os.R_OK | os.X_OK)):
        homes.append(runtime.keras_home())
    homes += [
        os.environ[name] for name in ("MPLCONFIGDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR") if os.environ.get(name)
    ]
    for folder in homes:
        try:
            _write_in(folder)
        except OSError as error:
            return Finding(
                title,
                f"no: {folder} ({error.strerror})",
                f"{setting('HOME', '/path/to/a/folder/of/yours')} and {setting('KERAS_HOME', '/path/to/it/.keras')}"
                if os.name != "nt"
                else setting("KERAS_HOME", "%TEMP%\\keras"),
                "JupyterLab does not start, and Keras downloads MNIST anew each time.",
            )
    return Finding(title, "yes")


def here():
    """Can this folder be written?"""
    title = "this folder can be written"
    try:
        _write_in(os.getcwd())
    except OSError as error:
        return Finding(
            title,
            f"no ({error.strerror})",
            f"change to another than {os.getcwd()}: copy the course to a folder of your own.",
            "notebooks could not be saved, nor runs kept.",
        )
    return Finding(title, "yes")


def _write_in(folder):
    """Write a file in ``folder``, or in the nearest folder above it that exists. Raises OSError if that fails."""
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    with tempfile.TemporaryFile(dir=folder):
        pass


def proxy():
    """Do the proxy's settings let downloads out, and this machine talk to itself? Calls nobody."""
    title, environ = "proxy and certificates", {key.lower(): value for key, value in os.environ.items() if value}
    for name in CERTIFICATES:
        if name in os.environ and os.environ[name] and not Path(os.environ[name]).exists():
            return Finding(
                title,
                f"{name} names a file that does not exist",
                setting(name, ""),
                "every download fails with CERTIFICATE_VERIFY_FAILED or a missing file.",
            )
    found = {name: environ[name] for name in PROXIES if name in environ}
    for name, address in found.items():
        if not urlsplit(address).scheme or not urlsplit(address).hostname:
            return Finding(
                title,
                f"{name} is no whole address",
                f"{setting(name, 'http://proxy.example:3128')} (ask for your school's), or: {setting(name, '')}",
                "without 'http://' and a name, downloads of MNIST and of packages fail.",
            )
    exempt = environ.get("no_proxy", "").replace(" ", "").split(",")
    if found and not {"*", "localhost", "127.0.0.1"} & set(exempt):
        return Finding(
            title,
            "a proxy that also stands between this machine and itself",
            setting("NO_PROXY", "localhost,127.0.0.1"),
            "JupyterLab answers at 127.0.0.1, which no proxy can reach.",
        )
    # The address may hold a password: only the host is told.
    return Finding(title, ", ".join(sorted({urlsplit(address).hostname for address in found.values()})) or "none")


def encoding():
    """Can text with letters and signs beyond ASCII be printed and read?"""
    title, used = "text is UTF-8", getattr(sys.stdout, "encoding", None) or "unknown"
    try:
        SIGNS.encode(used)
        if sys.getfilesystemencoding().lower() in ("utf-8", "utf8", "mbcs"):
            return Finding(title, used)
        used = f"{sys.getfilesystemencoding()} for file names"
    except (UnicodeEncodeError, LookupError):
        pass
    return Finding(
        title,
        used,
        setting("PYTHONUTF8", "1"),
        "printing such a sign ends in UnicodeEncodeError, and notebooks are read wrongly.",
    )
