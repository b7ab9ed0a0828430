"""With the network refused, everything works but `mnist` and `fashion_mnist` by name, and those say what to fetch."""

import os
import subprocess
import sys

OFFLINE = """
import socket, sys

def refuse(*arguments, **options):
    raise OSError("no network in this test")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse

import numpy as np
from cgan_lab import __main__ as cli, cgan, data, doctor, judge

assert all(finding.well for finding in doctor.examine())
for name in data.SHIPPED:
    assert data.load(name).x_train.shape == (8000, 28, 28)
for name in cgan.SHIPPED:
    images = cgan.shipped(name).sample([1, 2])
    assert judge.look(images, "fashion" if name.startswith("fashion") else "digits")[0].shape == (2,)
whole = data.load("digits", limit=200)
np.savez("small.npz", x_train=whole.x_train, y_train=whole.y_train, x_test=whole.x_test, y_test=whole.y_test)
train = ["train", "--data", "small.npz", "--model", "dense", "--epochs", "1", "--batch-size", "50", "--out", "run"]
assert cli.main(train) == 0 and cli.main(["sample", "run", "--png", "run/a.png"]) == 0
for name in ("mnist", "fashion_mnist"):
    try:
        data.load(name)
    except ConnectionError as error:
        print(error)
"""


def test_only_mnist_and_fashion_by_name_need_a_network_and_they_say_what_to_fetch_and_where_to_put_it(tmp_path):
    environment = os.environ | {"KERAS_HOME": str(tmp_path / "keras"), "CGAN_LAB_BUDGET": "cpu"}
    command = [sys.executable, "-c", OFFLINE]
    answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    mnist, fashion = answer.stdout.strip().splitlines()[-2:]
    for said, files in ((mnist, ["mnist.npz"]), (fashion, ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])):
        assert "could not be downloaded" in said and "fetch " in said and "from https://" in said
        assert all(file in said for file in files)
    assert f"put it into {tmp_path / 'keras' / 'datasets'};" in mnist
    assert f"put it into {tmp_path / 'keras' / 'datasets' / 'fashion-mnist'};" in fashion
