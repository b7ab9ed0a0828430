"""Lines of class.toml that a hub must be started for: an address with https, and the end of what is idle.

Each test starts a hub of its own on loopback, with one account. See tests/hub.py.
"""

import json
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hub as hubs
import pytest
import requests

pytest.importorskip("pwd", reason="a hub with system accounts needs Linux")
LESSON = "lessons/00_start_here.ipynb"


@pytest.fixture(scope="module")
def possible():
    """Skip where no hub can be started."""
    if missing := hubs.what_is_missing():
        pytest.skip(missing)


@pytest.fixture
def certificate(tmp_path):
    """Paths of a certificate that openssl made for 127.0.0.1 and signed with its own key, and of that key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    paths = {"certificate": str(tmp_path / "certificate.pem"), "key": str(tmp_path / "key.pem")}
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=class"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", paths["certificate"], "-keyout", paths["key"]]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)
    Path(paths["key"]).chmod(0o600)
    return paths


def test_a_hub_with_a_certificate_answers_https_alone(possible, certificate):
    """Login, lesson 0 and a cell through wss, all compared with the certificate; cookies stay off plain http."""
    with hubs.accounts("teacher") as (group, people), hubs.running(group, people["teacher"].name, **certificate) as hub:
        person = people["teacher"]
        assert person.login(hub).url == f"{hub.url}/hub/home" and hub.url.startswith("https://")
        person.start()
        hubs.until("the server is ready", person.ready)
        page = person.web.get(f"{person.base}/lab/tree/{LESSON}", timeout=60)
        assert page.status_code == 200 and "jupyter-config-data" in page.text
        lesson, kernel = person.open(LESSON)
        assert lesson.cells and kernel.says("print(6 * 7)") == "42"
        assert kernel.socket.sock.version().startswith("TLSv1."), "the websocket is encrypted, too"

        cookies = {cookie.name: cookie for cookie in person.web.cookies}
        assert {"jupyterhub-hub-login", "jupyterhub-session-id", f"jupyterhub-user-{person.name}"} <= set(cookies)
        # `_xsrf` opens nothing: without the session's cookie it is not accepted.
        assert [name for name, cookie in cookies.items() if not cookie.secure] == ["_xsrf"]
        assert cookies["jupyterhub-hub-login"].has_nonstandard_attr("HttpOnly")

        with pytest.raises(requests.exceptions.SSLError):  # who does not know the certificate is warned
            requests.get(f"{hub.url}/hub/login", timeout=30)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{hub.url.replace('https', 'http')}/hub/login", timeout=30)


IDLE = 10  # seconds; a kernel that takes longer to start would be ended before
POLL = "c.Spawner.poll_interval = 1\n"  # for the hub to see that a server has ended
# Jupyter Server looks once a minute whether it is used, whatever is set; here it looks at all once a second.
OFTEN = """
from jupyter_server import serverapp
from jupyter_server.services.kernels import kernelmanager

class Often(kernelmanager.PeriodicCallback):
    def __init__(self, what, milliseconds):
        super().__init__(what, min(milliseconds, 1000))

serverapp.ioloop.PeriodicCallback = kernelmanager.PeriodicCallback = Often
"""
COMPUTE = "import os\nwhile not os.path.exists(os.path.expanduser('~/enough')):\n    pass\nprint('computed')"
PRINT = "until [ -e ~/printed ]; do echo; sleep 1; done; exit\r"


def states(person):
    """Return what the server says of its kernels, by their ids."""
    return {one["id"]: one["execution_state"] for one in person.call("GET", "api/kernels").json()}


def kernels_of(person):
    """Return how many kernels a person's account runs, without a word to the server, which would count as use."""
    lines = subprocess.run(["ps", "-o", "args=", "-u", person.name], capture_output=True, text=True).stdout
    return sum("ipykernel" in line for line in lines.splitlines())


def test_what_is_idle_ends_and_what_computes_does_not(possible):
    """An idle kernel, one that computes, a terminal that prints; then the server. Files stay as they were saved."""
    with (
        hubs.accounts("teacher") as (group, people),
        hubs.running(group, people["teacher"].name, more=POLL, servers=OFTEN, idle_hours=IDLE / 3600) as hub,
    ):
        person = people["teacher"]
        person.login(hub)
        person.start()
        hubs.until("the server is ready", person.ready)
        lesson, idle = person.open(LESSON)
        lesson.cells[0].source = "what was saved"
        saved = person.call("PUT", f"api/contents/{LESSON}", json={"type": "notebook", "content": lesson})
        assert saved.status_code == 200
        content = (person.home / LESSON).read_bytes()
        _, busy = person.open("lessons/01_the_minimax_objective.ipynb")
        terminal = person.call("POST", "api/terminals").json()["name"]
        socket = person.connect(f"terminals/websocket/{terminal}")
        socket.send(json.dumps(["stdin", PRINT]))
        socket.close()  # as by who closes the page
        with ThreadPoolExecutor(1) as thread:
            computed = thread.submit(busy.says, COMPUTE)
            hubs.until("one computes", lambda: "busy" in states(person).values())
            # JupyterLab asks for this when a page with widgets is opened. That it is answered is reported as "idle".
            busy.send("control", "create_subshell_request", {})
            asked = time.monotonic()
            hubs.until("the idle kernel is ended", lambda: idle.identity not in states(person))
            time.sleep(max(0, asked + IDLE + 3 - time.monotonic()))
            assert list(states(person)) == [busy.identity]
            (person.home / "enough").touch()
            assert computed.result() == "computed"
        hubs.until("the kernel that has computed is ended", lambda: not kernels_of(person))
        time.sleep(4)  # no kernel is left, and nobody has asked the server anything for longer than it would wait
        assert person.ready(), "the terminal keeps it"
        (person.home / "printed").touch()
        hubs.until("the server is stopped", lambda: not person.api("GET", f"users/{person.name}").json()["servers"])
        assert "server stopped, with exit code: 0" in hub.log()
        assert content == (person.home / LESSON).read_bytes() and b"what was saved" in content
