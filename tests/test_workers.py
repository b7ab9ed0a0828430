"""The machines of a training: what TF_CONFIG may say, and that they wait for each other."""

import json
import socket
import threading

import pytest
from loopback import free_ports

from cgan_lab._support import workers


def config(addresses, index=0, kind="worker", **others):
    return json.dumps({"cluster": {"worker": addresses, **others}, "task": {"type": kind, "index": index}})


def test_a_cluster_is_read():
    assert workers.read(config(["a:1", "[::1]:9000"], 1)) == (["a:1", "[::1]:9000"], 1)


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "7", config(["a:1"], 1), config(["a:1"], -1), config(["a:1"], ps=["b:1"])]
    + [config([address]) for address in ("a", ":1", "a:port", "a:0", "a:65536", 9000, None)],
)
def test_a_cluster_that_does_not_fit_is_refused_before_anything_waits(text):
    with pytest.raises(ValueError, match="the environment variable TF_CONFIG .* expected"):
        workers.read(text)


def test_all_go_on_when_the_last_has_come(capsys):
    addresses, done, come = [f"127.0.0.1:{port}" for port in free_ports(3)], [], threading.Event()

    def one(own):
        if own == 2:
            come.wait()
        workers.meet(addresses, own, patience=30)
        done.append((own, come.is_set()))
        # As TensorFlow does, which opens the port after us, and some may have not looked yet.
        host, port = addresses[own].split(":")
        server = socket.create_server((host, int(port)))
        servers.append(server)

    servers = []
    threads = [threading.Thread(target=one, args=(own,)) for own in range(3)]
    for thread in threads:
        thread.start()
    threads[0].join(1.0)
    assert done == []
    come.set()
    for thread in threads:
        thread.join(30)
    for server in servers:
        server.close()
    assert sorted(done) == [(0, True), (1, True), (2, True)]
    assert f"waiting until {addresses[2]} is there" in capsys.readouterr().err


def test_who_does_not_come_is_named():
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    with pytest.raises(TimeoutError, match=f"{addresses[1]} did not come within 1 s"):
        workers.meet(addresses, 0, patience=1)


def test_a_socket_that_is_joined_with_itself_is_no_worker(monkeypatch):
    """The system chooses our end's port, and of some 28,000 it may be the one that is asked for."""
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda to, timeout: connect(to, timeout, source_address=to))
    with pytest.raises(TimeoutError, match="did not come within 1 s"):
        workers.meet([f"127.0.0.1:{port}" for port in free_ports(2)], 0, patience=1)


def test_a_worker_alone_waits_for_nobody(capsys):
    workers.meet([f"127.0.0.1:{free_ports(1)[0]}"], 0, patience=0)
    assert capsys.readouterr().err == ""


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ValueError, match=f"cannot have its port {port}.*name another"):
            workers.meet([f"127.0.0.1:{port}"], 0)
