"""Lines of class.toml that a hub must be started for: an address with https, and the end of what is idle.

Each test starts a hub of its own on loopback, with one account. See tests/hub.py.
"""

import shutil
import subprocess
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
