"""What a hub must be started for: an https address, and the end of what is idle.

Each test starts a hub of its own on loopback, with one account. See tests/hub.py.
"""

import json
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

pytest.importorskip("pwd", reason="a hub with system accounts needs Linux")
import hub as hubs  # noqa: E402 (it needs `pwd`)
from loopback import until  # noqa: E402

pytestmark = pytest.mark.long
LESSON = "lessons/00_start_here.ipynb"


@pytest.fixture
def teacher():
    """A group and its only account, a teacher."""
    with hubs.accounts("teacher") as (group, people):
        yield group, people["teacher"]


@pytest.fixture
def certificate(tmp_path):
    """Paths of a self-signed certificate that openssl made for 127.0.0.1, and of its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    paths = {"certificate": str(tmp_path / "certificate.pem"), "key": str(tmp_path / "key.pem")}
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=class"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", paths["certificate"], "-keyout", paths["key"]]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)
    Path(paths["key"]).chmod(0o600)
    return paths


def test_a_hub_with_a_certificate_answers_https_alone(teacher, certificate):
    """Login, lesson 0 and a cell go over TLS; no cookie that opens anything leaves it."""
    group, person = teacher
    with hubs.running(group, person.name, **certificate) as hub:
        assert person.login(hub).url == f"{hub.url}/hub/home" and hub.url.startswith("https://")
        person.start()
        person.wait()
        page = person.web.get(f"{person.base}/lab/tree/{LESSON}", timeout=60)
        assert page.status_code == 200 and "jupyter-config-data" in page.text
        lesson, kernel = person.open(LESSON)
        assert lesson.cells and kernel.says("print(6 * 7)") == "42"
        assert kernel.socket.sock.version().startswith("TLSv1."), "the websocket, too"

        cookies = {cookie.name: cookie for cookie in person.web.cookies}
        own = f"jupyterhub-user-{person.name}"
        assert {"jupyterhub-hub-login", "jupyterhub-session-id", own} <= set(cookies)
        # `_xsrf` opens nothing: without the session's cookie it is not accepted.
        assert [name for name, cookie in cookies.items() if not cookie.secure] == ["_xsrf"]
        assert cookies["jupyterhub-hub-login"].has_nonstandard_attr("HttpOnly")

        with pytest.raises(requests.exceptions.SSLError):  # without the certificate
            requests.get(f"{hub.url}/hub/login", timeout=30)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{hub.url.replace('https', 'http')}/hub/login", timeout=30)


IDLE = 10  # seconds; a kernel that takes longer to start would be ended before
POLL = "c.Spawner.poll_interval = 1\n"  # for the hub to see that a server has ended
# Jupyter Server looks at kernels at most once a minute; here it looks once a second.
OFTEN = """
from jupyter_server import serverapp
from jupyter_server.services.kernels import kernelmanager

class Often(kernelmanager.PeriodicCallback):
    def __init__(self, what, milliseconds):
        super().__init__(what, min(milliseconds, 1000))

serverapp.ioloop.PeriodicCallback = kernelmanager.PeriodicCallback = Often
"""
COMPUTE = "import os\nwhile not os.path.exists(os.path.expanduser('~/enough')):\n    pass\nprint(7)"
PRINT = "until [ -e ~/printed ]; do echo; sleep 1; done; exit\r"


def kernels(person):
    """Return {id: state} of the kernels, as the server says."""
    return {one["id"]: one["execution_state"] for one in person.call("GET", "api/kernels").json()}


def test_what_is_idle_ends_and_what_computes_does_not(teacher):
    """An idle kernel ends, one that computes does not, nor a terminal that prints; files stay."""
    group, person = teacher
    often = {"more": POLL, "servers": OFTEN, "idle_hours": IDLE / 3600}
    with hubs.running(group, person.name, **often) as hub:
        person.login(hub)
        person.start()
        person.wait()
        lesson, idle = person.open(LESSON)
        lesson.cells[0].source = "what was saved"
        content = {"type": "notebook", "content": lesson}
        assert person.call("PUT", f"api/contents/{LESSON}", json=content).status_code == 200
        saved = (person.home / LESSON).read_bytes()
        _, busy = person.open("lessons/01_the_minimax_objective.ipynb")
        terminal = person.call("POST", "api/terminals").json()["name"]
        socket = person.connect(f"terminals/websocket/{terminal}")
        socket.send(json.dumps(["stdin", PRINT]))
        socket.close()  # as when the page is closed
        with ThreadPoolExecutor(1) as thread:
            computed = thread.submit(busy.says, COMPUTE)
            until("one computes", lambda: "busy" in kernels(person).values())
            # JupyterLab sends this when it opens a page with widgets, and hears "idle".
            busy.send("control", "create_subshell_request", {})
            asked = time.monotonic()
            until("the idle kernel is ended", lambda: idle.identity not in kernels(person), 180)
            time.sleep(max(0, asked + IDLE + 3 - time.monotonic()))
            assert list(kernels(person)) == [busy.identity]
            (person.home / "enough").touch()
            assert computed.result() == "7"
        # Ask the system: a question to the server would count as use.
        until("it is ended", lambda: "ipykernel" not in "".join(person.processes("args")), 180)
        time.sleep(4)  # the server would wait less if the terminal did not keep it
        assert person.ready(), "the terminal keeps it"
        (person.home / "printed").touch()
        until("the server is stopped", lambda: not person.servers(), 180)
        assert "server stopped, with exit code: 0" in hub.log()
        assert saved == (person.home / LESSON).read_bytes() and b"what was saved" in saved
