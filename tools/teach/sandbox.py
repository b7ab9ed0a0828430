"""The place where a student's kernel runs: its limits, its folders, and bubblewrap around them.

Knows no notebook. See `runner` for what is run.
"""

import contextlib
import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = str(Path(__file__).with_name("inside.py"))
TESTER = str(Path(__file__).with_name("tester.py"))
# One user id for each kernel that runs at the same time, and others for another marking. None of
# them has an account or a file.
FIRST_UID = 61_000 + os.getpid() % 500 * 128
SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/sys/devices/system/cpu"]
SYSTEM += [f"/etc/{name}" for name in ("ld.so.cache", "passwd", "group", "localtime", "fonts")]
SYSTEM += ["/etc/mime.types"]
MB = 2**20
# In a user namespace of its own (0x10000000) a kernel could mount memory without a limit.
CHECK = """import ctypes, sys
if not ctypes.CDLL(None).unshare(0x10000000):
    sys.exit("it lets a program make namespaces of its own")
import zmq"""
LEVELS = {
    "confined": "confined by bubblewrap: own files, no network, no other processes, limits",
    "unconfined": "UNCONFINED, within limits alone: it has your rights over all of your files",
}


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    seconds: float = 240.0
    cell_seconds: float = 60.0
    memory_mb: int = 4096  # of all its processes together
    output_kb: int = 256  # of one cell
    flood_mb: int = 64  # of printed text in all: beyond it the kernel is ended
    processes: int = 512  # threads count too, and TensorFlow starts a few for each core
    file_mb: int = 64  # of one file; each folder that it may write to holds four times as much
    files: int = 20_000  # in each of these folders

    def of_a_process(self, confined):
        """Return the limits that the system enforces on a process, by their names in `resource`.

        The system counts the processes of a user. An unconfined kernel would pay for the teacher's.
        """
        limits = {
            # Private writable memory. TensorFlow reserves address space that it never touches.
            "RLIMIT_DATA": self.memory_mb * MB,
            "RLIMIT_AS": (self.memory_mb + 16_384) * MB,
            "RLIMIT_CPU": int(self.seconds * 2 * (os.cpu_count() or 1)) + 1,
            "RLIMIT_FSIZE": self.file_mb * MB,
            "RLIMIT_NOFILE": 1024,
            "RLIMIT_CORE": 0,
        }
        return limits | ({"RLIMIT_NPROC": self.processes} if confined else {})


def refusal(limits=None):
    """Return why bubblewrap cannot confine a kernel on this machine, or an empty text if it can."""
    if not shutil.which("bwrap"):
        return "the program bwrap is not installed"
    with Sandbox("confined", 0, limits or Limits()) as box:
        command = box.command([sys.executable, "-c", CHECK])
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return "bwrap does not answer here"
    said = answer.stderr.strip().splitlines() or [f"it ends with {answer.returncode}"]
    return f"bwrap does not work here ({said[-1]})" if answer.returncode else ""


def python_folders():
    """Return the folders outside of /usr and /lib that Python and its libraries need, sorted."""
    found = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    found |= {*site.getsitepackages(), os.path.dirname(os.__file__), str(ROOT / "cgan_lab")}
    found = {path for path in found if not path.startswith(("/usr/", "/lib"))}
    return sorted(p for p in found if not any(p.startswith(other + os.sep) for other in found))


def readable(paths):
    """Return bubblewrap's words for showing files and folders, read-only."""
    words = []
    for path in paths:
        for parent in [*reversed(Path(path).parents)][1:]:
            words += ["--perms", "0755", "--dir", str(parent)]  # else others may not enter it
        words += ["--ro-bind", path, path]
    return words


class Sandbox:
    """The folders of one kernel, made on entry and removed on exit, and the command to start there.

    ``slot``: which of the kernels that run at the same time this is. ``files``: what lies in its
    working folder. A kernel that root starts runs as a user of its own.
    """

    def __init__(self, level, slot, limits, files=()):
        self.confined = level == "confined"
        self.limits = limits
        self.files = files
        as_root = self.confined and os.getuid() == 0
        self.uid = FIRST_UID + slot if as_root else None

    def __enter__(self):
        # The path of a socket may have about 100 characters, so the folders have short names.
        usual = tempfile.gettempdir()
        short = len(usual) < 60 or os.name == "nt"
        self.home = Path(tempfile.mkdtemp(prefix="mark-", dir=usual if short else "/tmp"))
        self.sockets = self.home / "s"
        self.given = self.home / "f"
        self.work = self.home / "w" if self.confined else self.given
        self.sockets.mkdir()
        self.given.mkdir()
        self.given.chmod(0o755)
        for file in self.files:
            copy = shutil.copyfile(file, self.given / Path(file).name)
            copy.chmod(0o644)
        if self.uid is not None:
            os.chown(self.sockets, self.uid, self.uid)
        return self

    def __exit__(self, *_):
        self.sockets.chmod(0o700)  # an ordinary user could not empty what `close` has closed
        try:
            shutil.rmtree(self.home, ignore_errors=True)
        except RecursionError:  # folders in folders, more than Python goes down
            subprocess.run(["rm", "-rf", "--", str(self.home)])

    def close(self):
        """Let nothing new come into the folder of sockets, which lies on this machine's disk."""
        if self.uid is not None:
            os.chown(self.sockets, 0, 0)
        self.sockets.chmod(0o555)

    def disturbed(self, names):
        """Return whether the folder of sockets holds more than the few sockets of a kernel.

        ``names``: of the files that are open, since one that was removed still takes its place.
        """
        there = list(self.sockets.iterdir())
        mine = str(self.sockets / "k.json")
        inside = [name for name in names if name.startswith(f"{self.sockets}/") and name != mine]
        foreign = [p for p in there if not p.is_socket() and str(p) != mine]
        return len(there) > 16 or bool(inside or foreign)

    def crowded(self, pid):
        """Return the folder in which the process ``pid`` keeps too many files, or None."""
        for folder in ("/tmp", "/dev/shm", str(self.work)) if self.confined else ():
            with contextlib.suppress(OSError):
                held = os.statvfs(f"/proc/{pid}/root{folder}")
                if held.f_files - held.f_ffree > self.limits.files:
                    return folder
        return None

    def command(self, words, sockets=True):
        """Return the command that starts the program ``words`` here.

        ``sockets``: whether it has the folder for a kernel's sockets.
        """
        if os.name != "posix":
            return words  # Windows has neither limits nor bubblewrap
        order = {
            "given": str(self.given) if self.confined else None,
            "uid": self.uid,
            "bwrap": None if self.uid is None else shutil.which("bwrap"),
            "limits": self.limits.of_a_process(self.confined),
            "env": self.environment(),
        }
        start = [sys.executable, "-I", INSIDE, json.dumps(order), *words]
        return [*self.bwrap(sockets), *start] if self.confined else start

    def environment(self):
        """Return all that the kernel's environment holds: nothing of the teacher's own."""
        work = str(self.work)
        kept = ("LANG", "LC_ALL", "SYSTEMROOT", "CGAN_LAB_BUDGET")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        path = os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"])
        env |= {"PATH": path, "HOME": work, "USERPROFILE": work, "USER": "student"}
        folders = ("TMPDIR", "TEMP", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MPLCONFIGDIR")
        env |= dict.fromkeys(folders, work)
        env["PYTHONNOUSERSITE"] = "1"
        return env | {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}

    def bwrap(self, sockets):
        """Return bubblewrap's command line, up to the program that runs inside."""
        words = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
        words += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        words += ["--unshare-cgroup-try"]
        if self.uid is None:
            words += ["--unshare-user", "--disable-userns"]
        else:  # `inside` becomes the kernel's own user, and these two go with that
            words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        words += ["--proc", "/proc", "--dev", "/dev"]
        # Before what is read, which may lie below /tmp itself: a later mount would hide it.
        for path in ("/tmp", "/dev/shm", str(self.work)):
            size = str(self.limits.file_mb * 4 * MB)
            words += ["--size", size, "--perms", "1777", "--tmpfs", path]
        words += ["--perms", "0755", "--dir", "/etc"]  # else others may not enter it
        for path in SYSTEM:
            link = os.path.islink(path)
            words += ["--symlink", os.readlink(path)] if link else ["--ro-bind-try", path]
            words += [path]
        words += readable([*python_folders(), INSIDE, TESTER, str(self.given)])
        if sockets:
            words += ["--bind", str(self.sockets), str(self.sockets)]
        return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(self.work)]
