"""A real hub on loopback with accounts of this system. Helpers of tests/test_hub*.py."""

import contextlib
import json
import os
import pwd
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import nbformat
import pytest
import requests
import websocket
from loopback import free_ports, until

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 180  # of patience with anything here; a quiet machine needs a tenth


def opened(command):
    """Return ``command`` such that other accounts can start this Python in it, and nowhere else.

    An account cannot start a Python in root's home. So the command gets mounts of its own, in which
    a closed folder holds what the course needs, and nothing else.
    """
    closed = {}  # path -> the outermost folder above it that other accounts cannot enter
    for path in map(Path, (ROOT, sys.prefix, sys.base_prefix)):
        for folder in path.parents:
            if not folder.stat().st_mode & 0o001:
                closed[shlex.quote(str(path))] = shlex.quote(str(folder))
    if not closed:
        return command
    empty = "mount -t tmpfs -o mode=755 none"
    steps = [f"{empty} /mnt"]
    steps += [f"mkdir /mnt/{n} && mount --bind {path} /mnt/{n}" for n, path in enumerate(closed)]
    steps += [f"{empty} {folder}" for folder in set(closed.values())]
    steps += [f"mkdir -p {path} && mount --bind /mnt/{n} {path}" for n, path in enumerate(closed)]
    script = " && ".join([*steps, 'exec "$@"'])
    private = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]
    return [*private, *map(str, command)]


def what_is_missing():
    """Return why no hub can be started here, or an empty text."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a hub with system accounts needs Linux and root"
    beside = Path(sys.prefix) / "hub-proxy/node_modules/.bin/configurable-http-proxy"
    if not (beside.exists() or shutil.which("configurable-http-proxy")):
        return "no configurable-http-proxy here: make hub-proxy"
    if lacking := [name for name in ("useradd", "chpasswd", "prlimit") if not shutil.which(name)]:
        return f"this system has no {', '.join(lacking)}"
    # An account must be able to start this Python, else nothing of a hub would work.
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    tried = subprocess.run(opened([*nobody, sys.executable, "-c", "import cgan_lab"]))
    return "" if tried.returncode == 0 else f"other accounts cannot start {sys.executable}"


@contextlib.contextmanager
def accounts(*roles):
    """Make a system group and one account in it per role; yield (group, {role: `Person`}).

    Skips the test where no hub can be started.
    """
    if missing := what_is_missing():
        pytest.skip(missing)
    group = f"cgan{secrets.token_hex(3)}"
    people = {}
    subprocess.run(["groupadd", group], check=True)
    try:
        for role in roles:
            person = people[role] = Person(f"{group}-{role}", secrets.token_urlsafe(16))
            make = ["useradd", "-m", "-s", "/bin/bash", "-G", group, person.name]
            subprocess.run(make, check=True)
            secret = f"{person.name}:{person.password}"
            subprocess.run(["chpasswd"], input=secret, text=True, check=True)
            person.home.chmod(0o755)  # as on systems whose useradd leaves homes open
        yield group, people
    finally:
        for person in people.values():
            for number in person.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(number), signal.SIGKILL)
            subprocess.run(["userdel", "-r", person.name], capture_output=True)
        subprocess.run(["groupdel", group], capture_output=True)


class Hub:
    """A hub, started by `running`: its address, its folder and its log."""

    def __init__(self, folder, url, certificate):
        self.folder = folder
        self.place = folder / "cgan"
        self.url = url
        self.certificate = certificate or True  # `requests` compares an https address with it
        self.process = None

    def log(self):
        """Return what hub, proxy and servers wrote."""
        return (self.folder / "log").read_text(errors="replace")

    def answers(self):
        """Return whether the hub answers; fail with the end of its log if it has ended."""
        assert self.process.poll() is None, self.log()[-4000:]
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/hub/api/", timeout=5, verify=self.certificate).ok
        return False

    def end(self):
        """End the hub with all that it started."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@contextlib.contextmanager
def running(group, teacher, more="", servers="", **settings):
    """Lay out a class server, start its hub on free ports, and yield the `Hub`.

    ``settings``: further lines of class.toml. ``more`` and ``servers``: further lines of the hub's
    configuration and of its servers' one.
    """
    folder = Path(tempfile.mkdtemp(prefix="cgan-hub-", dir="/tmp"))
    folder.chmod(0o755)
    port, inner, control = free_ports(3)
    kind = "https" if "certificate" in settings else "http"
    hub = Hub(folder, f"{kind}://127.0.0.1:{port}", settings.get("certificate"))
    try:
        lay_out = ["sh", ROOT / "tools/hub/lay_out.sh", teacher, group, hub.place]
        subprocess.run(lay_out, check=True, capture_output=True)
        lines = {"url": hub.url, **settings}
        with open(hub.place / "class.toml", "a") as file:
            file.writelines(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        with open(hub.place / "hub/everyone/jupyter_server_config.py", "a") as file:
            file.write(servers)
        (folder / "config.py").write_text(
            f"load_subconfig({str(hub.place / 'hub/jupyterhub_config.py')!r})\n"
            f"c.JupyterHub.hub_port = {inner}\n"
            f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{control}'\n{more}"
        )
        command = opened([sys.executable, "-m", "jupyterhub", "-f", folder / "config.py"])
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        with open(folder / "log", "wb") as log:
            output = {"stdout": log, "stderr": log, "start_new_session": True}
            hub.process = subprocess.Popen(command, cwd="/", env=kept, **output)
        until("the hub answers", hub.answers, SECONDS)
        yield hub
    finally:
        hub.end()
        shutil.rmtree(folder)


class Person:
    """An account with its password; after `login` also a browser's cookies, and then a token."""

    def __init__(self, name, password):
        self.name = name
        self.password = password
        self.web = requests.Session()

    @property
    def uid(self):
        return pwd.getpwnam(self.name).pw_uid

    @property
    def home(self):
        return Path(pwd.getpwnam(self.name).pw_dir)

    def processes(self, what="pid"):
        """Return a line for each process of this account: its id, or its ``args``."""
        command = ["ps", "-o", f"{what}=", "-u", self.name]
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()

    def login(self, hub, password=None):
        """Send the login form as a browser does; return the page that follows."""
        self.hub = hub
        self.base = f"{hub.url}/user/{self.name}"
        # Else a variable of this machine that names certificates would count for more.
        self.web.verify = hub.certificate
        self.web.trust_env = False
        self.web.get(f"{hub.url}/hub/login", timeout=30)
        form = {"username": self.name, "password": password or self.password}
        form["_xsrf"] = self.web.cookies["_xsrf"]
        return self.web.post(f"{hub.url}/hub/login?next=/hub/home", data=form, timeout=60)

    def api(self, method, path, **more):
        """Call the hub's API as this person's browser does."""
        headers = {"X-XSRFToken": self.web.cookies.get("_xsrf", path="/hub/")}
        headers["Referer"] = f"{self.hub.url}/hub/home"
        url = f"{self.hub.url}/hub/api/{path}"
        return self.web.request(method, url, headers=headers, timeout=60, **more)

    def start(self):
        """Ask for the server, and for a token for it; `wait` returns when it is there."""
        made = self.api("POST", f"users/{self.name}/tokens", json={"note": "test"})
        assert made.status_code == 201, made.text
        self.token = made.json()["token"]
        asked = self.api("POST", f"users/{self.name}/server")
        assert asked.status_code in (201, 202), asked.text

    def servers(self):
        """Return what the hub says about this person's server: {} or {"": ...}."""
        return self.api("GET", f"users/{self.name}").json().get("servers", {})

    def ready(self):
        """Return whether the server is ready; fail with the hub's log if it has ended."""
        servers = self.servers()
        assert servers, self.hub.log()[-4000:]
        return servers[""]["ready"]

    def wait(self):
        """Wait until the server is ready."""
        until(f"the server of {self.name} is ready", self.ready, SECONDS)

    def call(self, method, path, base=None, **more):
        """Call the API of this person's server, or with their token another one at ``base``."""
        more |= {"headers": {"Authorization": f"token {self.token}"}}
        more |= {"verify": self.hub.certificate, "timeout": 120}
        return requests.request(method, f"{base or self.base}/{path}", **more)

    def connect(self, path):
        """Return a websocket of this person's server."""
        return websocket.create_connection(
            f"{self.base.replace('http', 'ws', 1)}/{path}",
            header={"Authorization": f"token {self.token}"},
            timeout=SECONDS,
            sslopt={"ca_certs": self.hub.certificate} if self.base.startswith("https") else None,
        )

    def open(self, path):
        """Open a notebook as JupyterLab does; return it and a running `Kernel` for it."""
        found = self.call("GET", f"api/contents/{path}")
        assert found.status_code == 200, found.text
        asked = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        made = self.call("POST", "api/sessions", json=asked)
        assert made.status_code == 201, made.text
        return nbformat.from_dict(found.json()["content"]), Kernel(
            self, made.json()["kernel"]["id"]
        )


class Kernel:
    """A kernel on the hub, reached through its websocket."""

    def __init__(self, person, identity):
        self.identity = identity
        self.socket = person.connect(f"api/kernels/{identity}/channels")

    def send(self, channel, kind, content):
        """Send one message and return its identity."""
        identity = uuid.uuid4().hex
        header = {"msg_id": identity, "msg_type": kind, "username": "", "session": "t"}
        message = {"header": header | {"version": "5.3"}, "parent_header": {}, "metadata": {}}
        self.socket.send(json.dumps(message | {"content": content, "channel": channel}))
        return identity

    def run(self, code):
        """Run one cell and return its outputs, when the kernel says that it is idle again."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        identity = self.send("shell", "execute_request", content | {"user_expressions": {}})
        outputs = []
        while True:
            answer = message_of(self.socket.recv())
            if (answer["parent_header"].get("msg_id"), answer["channel"]) != (identity, "iopub"):
                continue
            kind = answer["msg_type"]
            if kind in ("stream", "display_data", "execute_result", "error"):
                outputs.append(nbformat.v4.output_from_msg(answer))
            elif kind == "status" and answer["content"]["execution_state"] == "idle":
                return outputs

    def says(self, code):
        """Run one cell and return what it printed; fail if it failed."""
        found = texts(self.run(code))
        assert not found["errors"], found
        return found["stdout"].strip()


def message_of(frame):
    """Return the message in a frame of the websocket.

    A frame is JSON, or bytes: the number of parts, their places, JSON and a control's pictures.
    """
    if isinstance(frame, bytes):
        count, *places = (int.from_bytes(frame[k : k + 4], "big") for k in range(0, 12, 4))
        frame = frame[places[0] : places[1] if count > 1 else None]
    return json.loads(frame)


def texts(outputs):
    """Return what nbval compares of a cell's outputs: printed text, and the text of all others."""
    return {
        "stdout": "".join(output.text for output in outputs if output.get("name") == "stdout"),
        "shown": [output.data.get("text/plain") for output in outputs if "data" in output],
        "errors": [output.evalue for output in outputs if output.output_type == "error"],
    }
