"""A real hub on loopback with accounts of this system, and what a person does there. Helpers of tests/test_hub*.py."""

import contextlib
import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import nbformat
import requests
import websocket
from loopback import free_ports

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 180  # of patience with anything here; a quiet machine needs a tenth


def until(what, condition, seconds=SECONDS):
    """Return the first true value of ``condition()``, or fail with ``what`` was awaited."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.25)
    raise AssertionError(f"{what}: not within {seconds} s")


# Programs that every account can start


def closed_folders():
    """Return {folder that other accounts cannot enter: what this Python and the course need below it}."""
    found = {}
    for path in {ROOT, Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}:
        closed = [folder for folder in path.parents if not folder.stat().st_mode & 0o001]
        if closed:
            found.setdefault(closed[-1], set()).add(path)
    return {folder: {p for p in paths if not paths & set(p.parents)} for folder, paths in found.items()}


def opened(command):
    """Return ``command`` such that in it, and nowhere else, other accounts can enter the closed folders.

    A Python in root's home is nothing that accounts can start. So the command gets mounts of its own, in which a
    closed folder holds what is needed and nothing else.
    """
    steps, held = [], Path("/mnt")
    for folder, paths in closed_folders().items():
        places = {path: held / f"held{number}" for number, path in enumerate(sorted(paths))}
        steps += [f"mount -t tmpfs -o mode=755 none {held}"]
        for path, place in places.items():
            steps += [f"mkdir {place}", f"mount --bind {shlex.quote(str(path))} {place}"]
        steps += [f"mount -t tmpfs -o mode=755 none {shlex.quote(str(folder))}"]
        for path, place in places.items():
            steps += [f"mkdir -p {shlex.quote(str(path))}", f"mount --bind {place} {shlex.quote(str(path))}"]
    if not steps:
        return command
    script = " && ".join([*steps, 'exec "$@"'])
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *map(str, command)]


def what_is_missing():
    """Return why no hub can be started here, or an empty text."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a hub with system accounts needs Linux and root"
    beside = Path(sys.prefix) / "hub-proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
    if not (beside.exists() or shutil.which("configurable-http-proxy")):
        return "no configurable-http-proxy here: make hub-proxy"
    if lacking := [name for name in ("useradd", "userdel", "chpasswd", "prlimit") if not shutil.which(name)]:
        return f"this system has no {', '.join(lacking)}"
    # An account must be able to start this Python, else nothing of a hub would work.
    python = [sys.executable, "-c", "import cgan_lab"]
    tried = subprocess.run(opened(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *python]))
    return "" if tried.returncode == 0 else f"other accounts cannot start {sys.executable}, and mounts are not allowed"


# Accounts


@contextlib.contextmanager
def accounts(*roles):
    """Make a group of the system and an account a role in it; yield (group, {role: `Person`}); remove all again."""
    group, people = f"cgan{secrets.token_hex(3)}", {}
    subprocess.run(["groupadd", group], check=True)
    try:
        for role in roles:
            person = Person(f"{group}-{role}", secrets.token_urlsafe(16))
            subprocess.run(["useradd", "-m", "-s", "/bin/bash", "-G", group, person.name], check=True)
            people[role] = person
            subprocess.run(["chpasswd"], input=f"{person.name}:{person.password}", text=True, check=True)
            person.home.chmod(0o755)  # as on systems whose useradd leaves homes open
        yield group, people
    finally:
        for person in people.values():
            for number in processes_of(person.uid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            subprocess.run(["userdel", "-r", person.name], capture_output=True)
        subprocess.run(["groupdel", group], capture_output=True)


def processes_of(uid):
    """Return the ids of the processes of one account."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError):  # it has ended since
            if path.stat().st_uid == uid:
                found.append(int(path.name))
    return found


# The hub


class Hub:
    """A hub, started by `running`: its address, its folder, what it wrote."""

    def __init__(self, folder, url, certificate):
        self.folder, self.place, self.url = folder, folder / "cgan", url
        self.certificate = certificate or True  # what `requests` compares an address with https to

    def log(self):
        """Return what hub, proxy and servers wrote."""
        return (self.folder / "log").read_text(errors="replace")

    def answers(self):
        """Return whether the hub is there; raise AssertionError with its last words if it has ended."""
        assert self.process.poll() is None, self.log()[-4000:]
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/hub/api/", timeout=5, verify=self.certificate).ok
        return False


@contextlib.contextmanager
def running(group, teacher, more="", servers="", **settings):
    """Prepare a class server's folder and start its hub by its own configuration; yield the `Hub`; end all of it.

    ``settings``: further lines of class.toml. ``more`` and ``servers``: further lines after the hub's configuration
    and after that of its servers.
    """
    folder = Path(tempfile.mkdtemp(prefix="cgan-hub-", dir="/tmp"))
    folder.chmod(0o755)
    port, inner, control = free_ports(3)
    kind = "https" if "certificate" in settings else "http"
    hub = Hub(folder, f"{kind}://127.0.0.1:{port}", settings.get("certificate"))
    hub.process = None
    words = ["--teacher", teacher, "--group", group, "--to", hub.place]
    lines = {"teacher": teacher, "group": group, "url": hub.url, **settings}
    try:
        subprocess.run([sys.executable, ROOT / "tools" / "hub" / "prepare.py", *words], check=True, capture_output=True)
        toml = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        (hub.place / "class.toml").write_text(toml)
        with open(hub.place / "hub" / "everyone" / "jupyter_server_config.py", "a") as file:
            file.write(servers)
        own = folder / "config.py"  # the class's configuration, on ports that are free here
        own.write_text(
            f"load_subconfig({str(hub.place / 'hub' / 'jupyterhub_config.py')!r})\n"
            f"c.JupyterHub.hub_port = {inner}\nc.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{control}'\n{more}"
        )
        command = opened([sys.executable, "-m", "jupyterhub", "-f", own])
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        with open(folder / "log", "wb") as log:
            hub.process = subprocess.Popen(
                command, cwd="/", env=environment, stdout=log, stderr=log, start_new_session=True
            )
        until("the hub answers", hub.answers)
        yield hub
    finally:
        end(hub.process)
        shutil.rmtree(folder)


def end(process):
    """End a hub with what it started: kindly, then not."""
    if process is None:
        return
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


# A person


class Person:
    """An account with its password, and after `login` a browser's cookies and a token."""

    def __init__(self, name, password):
        self.name, self.password, self.web = name, password, requests.Session()

    @property
    def uid(self):
        return int(subprocess.run(["id", "-u", self.name], capture_output=True, text=True, check=True).stdout)

    @property
    def home(self):
        return Path("~" + self.name).expanduser()

    def login(self, hub, password=None):
        """Send the login form as a browser does; return the page that follows."""
        self.hub, self.base = hub, f"{hub.url}/user/{self.name}"
        # A variable of this machine that names certificates would otherwise count for more than `verify`.
        self.web.verify, self.web.trust_env = hub.certificate, False
        self.web.get(f"{hub.url}/hub/login", timeout=30)
        form = {"username": self.name, "password": password or self.password, "_xsrf": self.web.cookies["_xsrf"]}
        return self.web.post(f"{hub.url}/hub/login?next=/hub/home", data=form, timeout=60)

    def api(self, method, path, **more):
        """Call the hub's API as this person's browser, or with its token once there is one."""
        headers = {"X-XSRFToken": self.web.cookies.get("_xsrf", path="/hub/"), "Referer": f"{self.hub.url}/hub/home"}
        return self.web.request(method, f"{self.hub.url}/hub/api/{path}", headers=headers, timeout=60, **more)

    def start(self):
        """Ask for the server and get a token for it; `ready` says when it is there."""
        made = self.api("POST", f"users/{self.name}/tokens", json={"note": "test"})
        assert made.status_code == 201, made.text
        self.token = made.json()["token"]
        asked = self.api("POST", f"users/{self.name}/server")
        assert asked.status_code in (201, 202), asked.text

    def ready(self):
        """Return whether the server is ready."""
        servers = self.api("GET", f"users/{self.name}").json().get("servers", {})
        assert servers, self.hub.log()[-4000:]
        return servers[""]["ready"]

    def call(self, method, path, base=None, **more):
        """Call the API of this person's server, or with their token that of another one at ``base``."""
        more |= {"headers": {"Authorization": f"token {self.token}"}, "verify": self.hub.certificate}
        return requests.request(method, f"{base or self.base}/{path}", timeout=120, **more)

    def connect(self, path):
        """Return a websocket of this person's server."""
        address = f"{self.base.replace('http', 'ws', 1)}/{path}"
        headers = {"Authorization": f"token {self.token}"}
        trusted = {"ca_certs": self.hub.certificate} if address.startswith("wss") else None
        return websocket.create_connection(address, header=headers, timeout=SECONDS, sslopt=trusted)

    def open(self, path):
        """Open a notebook as JupyterLab does; return it and a running `Kernel` for it."""
        found = self.call("GET", f"api/contents/{path}")
        assert found.status_code == 200, found.text
        asked = {"path": path, "name": Path(path).name, "type": "notebook", "kernel": {"name": "python3"}}
        made = self.call("POST", "api/sessions", json=asked)
        assert made.status_code == 201, made.text
        return nbformat.from_dict(found.json()["content"]), Kernel(self, made.json()["kernel"]["id"])


class Kernel:
    """A kernel on the hub, spoken to through its websocket."""

    def __init__(self, person, identity):
        self.identity, self.socket = identity, person.connect(f"api/kernels/{identity}/channels")

    def send(self, channel, kind, content):
        """Send one message and return its identity."""
        identity = uuid.uuid4().hex
        header = {"msg_id": identity, "msg_type": kind, "username": "", "session": "t", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}
        self.socket.send(json.dumps(message))
        return identity

    def run(self, code):
        """Run one cell and return its outputs; its end is the kernel's own word that it is idle again."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        content["user_expressions"] = {}
        identity = self.send("shell", "execute_request", content)
        outputs = []
        while True:
            answer = message_of(self.socket.recv())
            if answer["parent_header"].get("msg_id") != identity or answer["channel"] != "iopub":
                continue
            kind = answer["msg_type"]
            if kind in ("stream", "display_data", "execute_result", "error"):
                outputs.append(nbformat.v4.output_from_msg(answer))
            elif kind == "status" and answer["content"]["execution_state"] == "idle":
                return outputs

    def says(self, code):
        """Run one cell and return what it printed; fail if it failed."""
        outputs = self.run(code)
        assert not [output for output in outputs if output.output_type == "error"], outputs
        return texts(outputs)["stdout"].strip()


def message_of(frame):
    """Return the message in a frame of the websocket: JSON, or numbers, JSON and pictures of a control in bytes."""
    if isinstance(frame, bytes):
        parts = int.from_bytes(frame[:4], "big")
        begin, *rest = (int.from_bytes(frame[4 * n : 4 * n + 4], "big") for n in range(1, parts + 1))
        frame = frame[begin : rest[0] if rest else None]
    return json.loads(frame)


def texts(outputs):
    """Return what nbval compares of a cell's outputs: printed text, and the text of results and pictures."""
    printed = "".join(output.text for output in outputs if output.get("name") == "stdout")
    shown = [output.data.get("text/plain") for output in outputs if "data" in output]
    return {"stdout": printed, "shown": shown, "errors": [o.evalue for o in outputs if o.output_type == "error"]}
