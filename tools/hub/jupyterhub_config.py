"""JupyterHub for a class: one Linux server, whose accounts have a JupyterLab and a home each.

docs/jupyterhub.md says how to set the server up. What differs from class to class is in class.toml,
in the folder above this file. There is no secret here: the hub makes its own.
"""

import grp
import os
import pwd
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

c = get_config()  # noqa: F821 (JupyterHub defines it)

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent  # lay_out.sh puts the lessons, the exchange and the data sets there
STATE = PLACE / "state"
PROGRAMS = Path(sys.prefix) / "bin"
DEFAULTS = {
    "teacher": "teacher",
    "group": "cgan-class",
    "url": "http://127.0.0.1:8000",
    "certificate": "",
    "key": "",
    "memory_gb": 8,  # per process; TensorFlow's threads on many cores count, used or not
    "processes": 4096,  # per account; threads count, and TensorFlow starts some for each core
    "idle_hours": 2,
}


def problem(settings):
    """Return why a class with these settings would fail or be unsafe; None if all is well."""
    if unknown := sorted(set(settings) - set(DEFAULTS)):
        return f"{unknown}: not known. There are {sorted(DEFAULTS)}."
    for name, value in settings.items():
        number = name in ("memory_gb", "processes", "idle_hours")
        if number and not (isinstance(value, int | float) and 0 < value < 1e6):
            return f"{name} = {value!r}: expected a number above 0."
        if not number and not isinstance(value, str):
            return f'{name} = {value!r}: expected a text, as in {name} = "...".'
    teacher = settings["teacher"]
    group = settings["group"]
    try:
        pwd.getpwnam(teacher)
        grp.getgrnam(group)
    except KeyError:
        return (
            f"There is no account {teacher!r} or no group {group!r}: make them with "
            f"`groupadd {group}` and `useradd -m {teacher}`."
        )
    if teacher != teacher.lower():
        return f"JupyterHub knows people by small letters alone: usermod -l NEW {teacher}"
    if teacher == "root":
        return "The teacher is root, who would open hand-ins with all rights. Make an account."
    return address_problem(settings["url"], settings["certificate"], settings["key"])


def address_problem(url, certificate, key):
    """Return why passwords would cross a network unencrypted, or others read the key, or None."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return f"url = {url!r}: expected http://ADDRESS:PORT or https://ADDRESS:PORT."
    if {bool(certificate), bool(key)} != {parts.scheme == "https"}:
        return "An https address needs both certificate and key; an http address has neither."
    for path in filter(None, (certificate, key)):
        if not os.path.isfile(path):
            return f"There is no file {path}."
    if key and os.stat(key).st_mode & 0o077:
        return f"{key} can be read by others than its owner: chmod 600 {key}"
    if not key and not re.fullmatch(r"localhost|127(\.\d+){3}|::1", parts.hostname or ""):
        return (
            f"url = {url!r} is open to a network without encryption: everybody there could read "
            "passwords. Keep 127.0.0.1 and put a web server with TLS before it, or set "
            "certificate, key and an https address."
        )
    return None


try:
    text = (PLACE / "class.toml").read_text(encoding="utf-8-sig")
    settings = DEFAULTS | tomllib.loads(text)
except ValueError as error:  # no UTF-8, or no TOML
    why = f'{error}. Expected lines such as teacher = "anna", in UTF-8.'
    raise ValueError(f"{PLACE / 'class.toml'}: {why}") from error
if why := problem(settings):
    raise ValueError(f"{PLACE / 'class.toml'}: {why}")

for member in grp.getgrnam(settings["group"]).gr_mem:
    if member != member.lower():
        print(f"{member} cannot log in: usermod -l {member.lower()} {member}", file=sys.stderr)

# Who logs in: members of one group of the system, with the password of their account; never root.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {settings["group"]}
c.PAMAuthenticator.allowed_users = {settings["teacher"]}
c.PAMAuthenticator.blocked_users = {"root"}
# An admin of a hub may open every server. The teacher may only see them and stop them.
c.PAMAuthenticator.admin_users = set()
scopes = ["admin-ui", "list:users", "read:servers", "delete:servers"]
c.JupyterHub.load_roles = [{"name": "teacher", "users": [settings["teacher"]], "scopes": scopes}]
# If somebody forgets to log out on a class-room computer, the login ends before the next day.
c.JupyterHub.cookie_max_age_days = 0.5

c.JupyterHub.bind_url = settings["url"]
c.JupyterHub.ssl_cert = settings["certificate"]
c.JupyterHub.ssl_key = settings["key"]
# The proxy comes from npm. Beside this Python it cannot be another user's; else it must be on PATH.
beside = Path(sys.prefix) / "hub-proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(beside) if beside.exists() else "configurable-http-proxy"]

# Names, tokens and the secret that signs cookies: in a folder that only root can enter.
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")

# A server is a process of its learner, in the learner's home. This spawner does not enforce its own
# mem_limit and cpu_limit, so the system's kernel sets limits, which a learner cannot raise again.
# Cores are not divided: the scheduler shares them, and one who trains while others read has all.
c.JupyterHub.spawner_class = "localprocess"
limits = [f"--data={round(settings['memory_gb'] * 2**30)}", f"--nproc={settings['processes']}"]
c.Spawner.cmd = ["prlimit", *limits, "--core=0", "sh", str(HERE / "start.sh")]
c.Spawner.start_timeout = 180  # thirty people who log in within a minute share the cores
c.Spawner.http_timeout = 120
c.Spawner.notebook_dir = "~"
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    # nbgrader calls alembic, and terminals call python
    "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    "KERAS_HOME": str(PLACE / "keras"),  # MNIST once for all; learners cannot change it
    "CGAN_EXCHANGE": str(PLACE / "exchange"),
    "CGAN_TEACHER": settings["teacher"],
}

# What is idle gives its memory back. The server itself looks: a service of the hub sees only page
# views, and would end kernels that compute. everyone/jupyter_server_config.py says what is idle.
seconds = max(1, round(settings["idle_hours"] * 3600))  # 0 would mean never
c.Spawner.args = [
    # Every account of this machine could listen to a kernel's ports. Its sockets are in the home.
    "--KernelManager.transport=ipc",
    f"--MappingKernelManager.cull_idle_timeout={seconds}",
    f"--MappingKernelManager.cull_interval={min(seconds, 60)}",
    "--MappingKernelManager.cull_connected=True",  # a page that was left open does not keep it
    # What a terminal's program prints counts, even with the page closed.
    f"--TerminalManager.cull_inactive_timeout={seconds}",
    f"--TerminalManager.cull_interval={min(seconds, 60)}",
    f"--ServerApp.shutdown_no_activity_timeout={seconds}",  # with no kernel and no terminal left
]
