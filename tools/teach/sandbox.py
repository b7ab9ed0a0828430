"""The place where a student's kernel runs: its limits, its folders, and what this machine can enforce.

Knows no notebook. See `jail` for what the kernel may do there, `runner` for what is run.
"""

import json
import os
import shutil
import site
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JAIL = Path(__file__).with_name("jail.py")
# One user id a kernel that runs at the same time, others for another marking; none of them has an account or a file.
FIRST_UID = 61_000 + os.getpid() % 500 * 128
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/sys/devices/system/cpu")
SYSTEM += tuple(
    f"/etc/{name}"
    for name in ("ld.so.cache", "passwd", "group", "localtime", "fonts", "mime.types")
)
MB = 2**20
LEVELS = {
    "namespaces": "own root folder, own network, own processes, limits",
    "user": "another user id and limits; sockets and the class folder are refused by a hook that an attack can avoid",
    "plain": "limits alone: a student's code has your rights",
}


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Memory is what its processes hold together; output is what a cell may print."""

    seconds: float = 240
    cell_seconds: float = 60
    memory_mb: int = 4096
    output_kb: int = 256
    flood_mb: int = 64  # of printed text in all: beyond it the kernel is ended
    processes: int = 512  # threads count too, and TensorFlow starts a few for each core
    file_mb: int = 64

    def of_a_process(self, own_user):
        """Return the limits that the system enforces on each process, by their names in `resource`.

        The number of processes is counted by user, so without one of its own a kernel would pay for the teacher's.
        """
        limits = {
            # Private writable memory; address space would count what TensorFlow reserves and never touches.
            "RLIMIT_DATA": self.memory_mb * MB,
            "RLIMIT_AS": (self.memory_mb + 16_384) * MB,
            "RLIMIT_CPU": int(self.seconds * 2 * (os.cpu_count() or 1)) + 1,
            "RLIMIT_FSIZE": self.file_mb * MB,
            "RLIMIT_NOFILE": 1024,
            "RLIMIT_CORE": 0,
        }
        return limits | ({"RLIMIT_NPROC": self.processes} if own_user else {})


def survey(limits=None):
    """Return the strongest level that works here, by starting Python in it."""
    for level in LEVELS:
        if level == "namespaces" and sys.platform != "linux":
            continue
        if level == "user" and not as_root():
            continue
        if works(level, limits or Limits()):
            return level
    raise RuntimeError("No Python can be started here, not even without any protection.")


def as_root():
    """Return whether this process may take another user's id."""
    return os.name == "posix" and os.getuid() == 0


def works(level, limits):
    """Return whether Python starts in a jail of ``level``."""
    with Cell(level, 0, limits, hidden=[]) as cell:
        command = [*cell.command(), sys.executable, "-m", "timeit", "-n1", "-r1", "pass"]
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def closed_to_others(paths):
    """Return the folders among ``paths`` and above them that another user may not enter, the topmost of each path."""
    found = []
    for path in map(Path, paths):
        line = [folder for folder in (*reversed(path.parents), path) if folder.is_dir()]
        found += [folder for folder in line if not folder.stat().st_mode & stat.S_IXOTH][:1]
    return sorted(set(found))


def python_folders():
    """Return the folders that Python and its libraries need, in no order."""
    found = {
        sys.prefix,
        sys.base_prefix,
        os.path.dirname(os.path.realpath(sys.executable)),
        str(ROOT / "cgan_lab"),
    }
    found |= set(site.getsitepackages()) | {os.path.dirname(os.__file__)}
    found = {path for path in found if not path.startswith(("/usr/", "/lib"))}
    return sorted(
        path for path in found if not any(path.startswith(other + os.sep) for other in found)
    )


class Cell:
    """The folders of one kernel on this machine, made on entry and removed on exit: sockets, files, work, root."""

    def __init__(self, level, slot, limits, hidden, files=()):
        self.level, self.limits, self.hidden, self.given = level, limits, hidden, files
        self.uid = FIRST_UID + slot if as_root() and level != "plain" else None

    def __enter__(self):
        # A socket's path may have about 100 characters, so the folders have short names in the system's own place.
        parent = (
            tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 or os.name == "nt" else "/tmp"
        )
        self.home = Path(tempfile.mkdtemp(prefix="mark-", dir=parent))
        for name in ("s", "f", "w", "r"):
            (self.home / name).mkdir()
        target = self.home / ("f" if self.level == "namespaces" else "w")
        for file in self.given:
            shutil.copyfile(file, target / Path(file).name)
        if self.uid is not None:
            self.home.chmod(0o711)
            for path in (self.home / "s", self.home / "w", *(self.home / "w").iterdir()):
                os.chown(path, self.uid, self.uid)
                path.chmod(0o700)
        (self.home / "spec.json").write_text(json.dumps(self.spec()), encoding="utf-8")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.home, ignore_errors=True)

    def spec(self):
        """Return what `jail` needs to know."""
        work = str(self.home / "w")
        kept = ("LANG", "LC_ALL", "SYSTEMROOT", "CGAN_LAB_BUDGET")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        path = os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"])
        env |= {
            "PATH": path,
            "HOME": work,
            "USERPROFILE": work,
            "USER": "student",
            "MPLBACKEND": "agg",
        }
        env |= dict.fromkeys(
            ("TMPDIR", "TEMP", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MPLCONFIGDIR"), work
        )
        env |= {"PYTHONNOUSERSITE": "1", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
        return {
            "level": self.level,
            "uid": self.uid,
            "limits": self.limits.of_a_process(own_user=self.level != "plain"),
            "disk": self.limits.file_mb * 4 * MB,
            "readable": [*SYSTEM, *python_folders()],
            "hidden": [str(path) for path in self.hidden],
            "stage": str(self.home / "r"),
            "files": str(self.home / "f"),
            "sockets": str(self.home / "s"),
            "work": work,
            "env": env,
        }

    def command(self):
        """Return the words that start a command in the jail; the command follows them."""
        return [sys.executable, "-I", str(JAIL), str(self.home / "spec.json")]
