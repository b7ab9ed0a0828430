"""Training on several devices and machines: the step of one, and no half-written run."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from loopback import free_ports

from cgan_lab import engine, training
from cgan_lab._support import distributed

ROOT = Path(__file__).resolve().parents[1]
# Two devices out of one processor must be made before TensorFlow computes anything.
TWO = """
import runpy, sys, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.argv = ["distributed_run.py", "mirrored"]
runpy.run_path("tests/distributed_run.py", run_name="__main__")
"""


def started(*words, **environment):
    """Start a process of this folder that imports the package and the tests' helpers."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, **pipes)


def answers(processes, seconds=600):
    """Return what each process printed last, or None, and its exit code. Ends those that hang."""
    try:
        said = [(process.communicate(timeout=seconds), process.returncode) for process in processes]
    finally:
        for process in processes:
            process.kill()
    lines = [(out.strip().splitlines(), code, error) for (out, error), code in said]
    return [(json.loads(out[-1]) if out else None, code, error) for out, code, error in lines]


def workers(*options):
    """Run two workers on loopback, each with its own ``options``; return what they answered."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    configs = [
        json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}}) for i in range(2)
    ]
    made = [
        started("tests/distributed_run.py", "worker", *map(str, words), TF_CONFIG=config)
        for words, config in zip(options, configs, strict=True)
    ]
    return answers(made)


@pytest.mark.long
def test_two_devices_make_the_steps_of_one_with_twice_the_batch():
    """Noise, penalty and batch normalisation are the whole batch's; what is left is rounding."""
    ((answer, code, error),) = answers([started("-c", TWO)])
    assert code == 0, error
    for name in ("tiny", "penalty", "conv"):
        assert answer[name]["grey"] <= 2 and answer[name]["jit"] is False
        assert answer[name]["d_loss"][0] == pytest.approx(answer[name]["d_loss"][1], rel=1e-3)
    assert (
        "65, which 2 replicas cannot share evenly" in answer["odd"] and "Choose 66" in answer["odd"]
    )


@pytest.mark.long
def test_two_workers_reach_what_one_reaches_and_only_the_first_writes(digits, small_cgan, tmp_path):
    (first, code, error), (second, other_code, _) = workers(
        (tmp_path / "a", 2), (tmp_path / "b", 2)
    )
    assert (code, other_code) == (0, 0), error
    assert first == second and first["rows"] == 2 and not (tmp_path / "b").exists()
    one = small_cgan(penalty="wgan_gp", loss="wasserstein")
    training.train(one, digits, batch_size=64, epochs=2, progress=False)
    for ours, theirs in zip(engine.snapshot(one), first["weights"], strict=True):
        assert np.allclose(ours, theirs, atol=1e-4)


@pytest.mark.long
def test_a_worker_that_dies_ends_the_others_with_a_sentence_and_the_run_goes_on(tmp_path):
    (first, code, _), (second, died, _) = workers((tmp_path, 50), (tmp_path, 50, "dies"))
    assert died == 3 and second is None and code == 0
    assert "another worker went away" in first["error"] and first["epochs"] >= 1
    (again, _, error), (other, _, _) = workers((tmp_path, 4), (tmp_path / "nothing-here", 4))
    assert again and again["rows"] == 4, error
    assert again == other  # the second took model and history from the first


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_who_waits_for_an_absent_worker_hears_to_stop(tmp_path, heard_ctrl_c):
    """TensorFlow's own waiting hears neither."""
    waiting = []
    for _ in range(2):
        cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
        config = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0}})
        words = ("-m", "cgan_lab", "train", "--strategy", "workers", "--out", str(tmp_path))
        waiting.append(started(*words, TF_CONFIG=config))
    try:
        for process, how, code in zip(
            waiting, (signal.SIGINT, signal.SIGTERM), (130, -signal.SIGTERM), strict=True
        ):
            said = []
            while not said or "waiting until 127.0.0.1:" not in said[-1]:
                said.append(process.stderr.readline())
                assert said[-1], said
            process.send_signal(how)
            process.communicate(timeout=60)
            assert process.returncode == code
    finally:
        for process in waiting:
            process.kill()


def test_an_unknown_strategy_names_those_there_are():
    with pytest.raises(ValueError, match="no strategy 'many'; there are one, mirrored, workers"):
        distributed.strategy("many")


def test_workers_joined_too_late_are_told_so(monkeypatch):
    (port,) = free_ports(1)
    cluster = {"cluster": {"worker": [f"127.0.0.1:{port}"]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    distributed.tf.constant(0.0)
    with pytest.raises(ValueError, match="before TensorFlow computes anything"):
        distributed.strategy("workers")


def config(addresses, index=0, kind="worker", **others):
    return json.dumps(
        {"cluster": {"worker": addresses, **others}, "task": {"type": kind, "index": index}}
    )


def test_a_cluster_is_read():
    assert distributed.read_cluster(config(["a:1", "[::1]:9000"], 1)) == (["a:1", "[::1]:9000"], 1)


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "7", config(["a:1"], 1), config(["a:1"], -1), config(["a:1"], ps=["b:1"])]
    + [config([address]) for address in ("a", ":1", "a:port", "a:0", "a:65536", 9000, None)],
)
def test_a_cluster_that_does_not_fit_is_refused_before_anything_waits(text):
    with pytest.raises(ValueError, match="the environment variable TF_CONFIG .* expected"):
        distributed.read_cluster(text)


def test_all_go_on_when_the_last_has_come(capsys):
    addresses, done, come = [f"127.0.0.1:{port}" for port in free_ports(3)], [], threading.Event()

    def one(own):
        if own == 2:
            come.wait()
        distributed.meet(addresses, own, patience=30)
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
        distributed.meet(addresses, 0, patience=1)


def test_a_socket_that_is_joined_with_itself_is_no_worker(monkeypatch):
    """The system chooses our end's port, and of some 28,000 it may be the one that is asked for."""
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda to, timeout: connect(to, timeout, source_address=to)
    )
    with pytest.raises(TimeoutError, match="did not come within 1 s"):
        distributed.meet([f"127.0.0.1:{port}" for port in free_ports(2)], 0, patience=1)


def test_a_worker_alone_waits_for_nobody(capsys):
    distributed.meet([f"127.0.0.1:{free_ports(1)[0]}"], 0, patience=0)
    assert capsys.readouterr().err == ""


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ValueError, match=f"cannot have its port {port}.*name another"):
            distributed.meet([f"127.0.0.1:{port}"], 0)
