"""What the hub's settings need of Python: class.toml read and checked, and what happens before a server starts.

Knows JupyterHub only by the spawner that it is given, and starts nothing by itself.
"""

import asyncio
import grp
import ipaddress
import os
import pwd
import sys
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
FIRST_PAGE = "/lab/tree/lessons/00_start_here.ipynb"


@dataclass(frozen=True)
class Settings:
    """The lines of class.toml, with what holds where one is left out."""

    teacher: str
    group: str
    url: str = "http://127.0.0.1:8000"
    certificate: str = ""
    key: str = ""
    memory_gb: int = 8  # of one process: TensorFlow's threads on many cores count, used or not
    processes: int = 4096  # threads count, and a kernel with TensorFlow has some for each core
    idle_hours: float = 2

    def __post_init__(self):
        """Raise ValueError with what to do, where a class would not work or stand open."""
        for field in fields(self):
            kind = (int, float) if field.type is float else field.type
            value = getattr(self, field.name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise ValueError(f"{field.name} = {value!r}: expected {field.type.__name__}.")
        for name in ("memory_gb", "processes", "idle_hours"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} = {getattr(self, name)}: expected a number above 0.")
        check_accounts(self.teacher, self.group)
        check_address(self.url, self.certificate, self.key)


def read_settings(path):
    """Return the `Settings` in the file ``path``. Raises ValueError that names the file and the cure."""
    try:
        with open(path, "rb") as file:
            given = tomllib.load(file)
        known = {field.name for field in fields(Settings)}
        if set(given) - known:
            raise ValueError(f"{sorted(set(given) - known)}: not known. There are {sorted(known)}.")
        return Settings(**given)
    except FileNotFoundError:
        raise ValueError(f"{path} is not there: run prepare.py, which writes it.") from None
    except (ValueError, TypeError) as error:  # tomllib's own error is a ValueError
        raise ValueError(f"{path}: {error}") from None


def check_accounts(teacher, group):
    """Raise ValueError if the system knows no such account or group."""
    try:
        pwd.getpwnam(teacher)
    except KeyError:
        raise ValueError(f"There is no account {teacher!r}: make it with `useradd -m {teacher}`.") from None
    try:
        grp.getgrnam(group)
    except KeyError:
        raise ValueError(f"There is no group {group!r}: make it with `groupadd {group}`.") from None
    if teacher == "root":
        raise ValueError("The teacher is root: whoever opens a hand-in would run it with all rights. Make an account.")


def check_address(url, certificate, key):
    """Raise ValueError if passwords would cross a network in the clear, or the key could be read by others."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"url = {url!r}: expected http://ADDRESS:PORT or https://ADDRESS:PORT.")
    if bool(certificate) != bool(key) or (parts.scheme == "https") != bool(key):
        raise ValueError("An address with https needs both, certificate and key; one with http has neither.")
    for path in filter(None, (certificate, key)):
        if not os.path.isfile(path):
            raise ValueError(f"There is no file {path}.")
    if key and os.stat(key).st_mode & 0o077:
        raise ValueError(f"{key} can be read by others than its owner: chmod 600 {key}")
    if not key and not is_loopback(parts.hostname or ""):
        raise ValueError(
            f"url = {url!r} is open to a network without encryption, and everybody there could read passwords. "
            "Keep 127.0.0.1 and put a web server with TLS before it, or name certificate and key, and https."
        )


def is_loopback(host):
    """Return whether ``host`` is this machine alone; an empty one is every address that it has."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def before_start(place, settings):
    """Return the coroutine function that JupyterHub awaits before it starts a server, with its spawner."""

    async def hook(spawner):
        account = pwd.getpwnam(spawner.user.name)
        teacher = account.pw_name == settings.teacher
        first = await hand_out(place / "lessons", account, ["assignments", "class"] if teacher else ["assignments"])
        spawner.default_url = FIRST_PAGE if first else "/lab"
        # Kernels' sockets lie here; a socket's path may have 107 characters, and Jupyter's own folder uses up 85.
        spawner.environment["JUPYTER_RUNTIME_DIR"] = f"{account.pw_dir}/.jupyter/run"
        # The teacher has nbgrader's Formgrader and Create Assignment, a learner the Assignment List alone.
        folders = [HERE / "everyone"] if teacher else [HERE / "learner", HERE / "everyone"]
        spawner.environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(map(str, folders))
        if teacher:
            spawner.environment["CGAN_CLASS"] = f"{account.pw_dir}/class"

    return hook


async def hand_out(lessons, account, folders):
    """Run handout.py as the owner of ``account`` and return whether these are the first lessons there.

    With the owner's rights, since whatever root does in somebody's home can be led elsewhere by a link.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(HERE / "handout.py"), str(lessons), *folders),
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        cwd="/",
        env={"HOME": account.pw_dir, "LANG": "C.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await process.communicate()
    if process.returncode:
        last = (wrong.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        error = RuntimeError(f"The lessons could not be copied to {account.pw_dir}: {last}")
        error.jupyterhub_message = str(error)  # what the learner reads
        raise error
    return said.strip() == b"first"
