"""JupyterHub for a class: system accounts of one Linux server, each with its own JupyterLab and its own files.

docs/jupyterhub.md says how to set the server up. What differs from class to class stands in class.toml, a folder
above this file; `classroom.py` reads it and refuses what would harm. No secret is here: the hub makes its own.
"""

import os
import shutil
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub defines it)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import classroom  # noqa: E402 (it lies beside this file)

PLACE = HERE.parent  # where prepare.py put lessons, exchange, data and the hub's own files
PROGRAMS = Path(sys.prefix) / "bin"
settings = classroom.read_settings(PLACE / "class.toml")

# Who comes in: members of one group of the system, with the password of their account. Nobody else, root neither.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {settings.group}
c.PAMAuthenticator.allowed_users = {settings.teacher}
c.PAMAuthenticator.blocked_users = {"root"}
# A hub's admin may open every server. The teacher may not, but sees whose server runs and can stop it.
c.PAMAuthenticator.admin_users = set()
c.JupyterHub.load_roles = [
    {
        "name": "teacher",
        "users": [settings.teacher],
        "scopes": ["admin-ui", "list:users", "read:servers", "delete:servers"],
    }
]
# Who leaves a class-room computer without logging out is logged out for the next day.
c.JupyterHub.cookie_max_age_days = 0.5

# Where it answers: on this machine alone, unless class.toml has a certificate; `classroom.py` refuses the rest.
c.JupyterHub.bind_url = settings.url
c.JupyterHub.ssl_cert = settings.certificate
c.JupyterHub.ssl_key = settings.key
# The proxy comes from npm. Beside this Python it cannot be another user's; elsewhere it must be on PATH.
beside = Path(sys.prefix) / "hub-proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(beside) if beside.exists() else "configurable-http-proxy"]

# Names, tokens and the secret that signs cookies: in a folder that root alone can enter.
STATE = PLACE / "state"
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")

# A server is a process of its learner, in the learner's home. This spawner enforces no limit of its own: its
# mem_limit and cpu_limit are only told to the server. So the kernel does it, through prlimit, which nobody can undo:
# memory for each process, processes and threads for each account. The whole class is limited by cgan-hub.service.
c.JupyterHub.spawner_class = "localprocess"
limits = [f"--data={settings.memory_gb * 2**30}", f"--nproc={settings.processes}", "--core=0"]
c.Spawner.cmd = [shutil.which("prlimit") or "prlimit", *limits, str(PROGRAMS / "jupyterhub-singleuser")]
# Cores are not divided: the scheduler shares them, and whoever trains while others read has them all. Nor are threads
# set, because a number that fits a full room is wrong for an empty one.
c.Spawner.start_timeout = 180  # thirty people who log in at the same minute share the cores, too
c.Spawner.http_timeout = 120

c.Spawner.notebook_dir = "~"
c.Spawner.environment = {
    "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}",  # nbgrader calls alembic; terminals, python
    "KERAS_HOME": str(PLACE / "keras"),  # MNIST once for all; learners can read it and not change it
    "CGAN_EXCHANGE": str(PLACE / "exchange"),  # for everyone/nbgrader_config.py
}
# Lessons that are not there yet are copied before each start, by the learner's own rights; see handout.py.
c.Spawner.pre_spawn_hook = classroom.before_start(PLACE, settings)

# What is not used gives its memory back. A kernel that computes is not idle, however long it takes and whoever has
# closed the page; that is why the server does this itself, and not a service that sees no more than page views.
# everyone/jupyter_server_config.py says what counts as idle.
seconds = max(1, round(settings.idle_hours * 3600))  # 0 would mean never
c.Spawner.args = [
    # By default every account of this machine can listen to a kernel's outputs on its port. A socket's file lies in
    # the learner's home.
    "--KernelManager.transport=ipc",
    f"--MappingKernelManager.cull_idle_timeout={seconds}",
    f"--MappingKernelManager.cull_interval={min(seconds, 60)}",
    # What a terminal's program prints counts, with the page closed, too.
    f"--TerminalManager.cull_inactive_timeout={seconds}",
    f"--TerminalManager.cull_interval={min(seconds, 60)}",
    "--MappingKernelManager.cull_connected=True",  # a page that was left open in the class-room does not hold it
    f"--ServerApp.shutdown_no_activity_timeout={seconds}",  # with no kernel and no terminal left
]
