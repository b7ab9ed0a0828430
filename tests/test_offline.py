"""Without a network all works but `mnist` and `fashion_mnist`, which say what to fetch."""

import os
import subprocess
import sys

import pytest

OFFLINE = """
import socket, sys

def refuse(*arguments, **options):
    raise OSError("no network in this test")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = refuse

import numpy as np
from cgan_lab import __main__ as cli, cgan, data, doctor, judge, recipes

assert all(finding.well for finding in doctor.examine())
for name in data.SHIPPED:
    assert data.load(name).x_train.shape == (8000, 28, 28)
for name in recipes.SHIPPED:
    images = cgan.shipped(name).sample([1, 2])
    of = "fashion" if name.startswith("fashion") else "digits"
    assert judge.look(images, of)[0].shape == (2,)
whole = data.load("digits", limit=200)
parts = {part: getattr(whole, part) for part in ("x_train", "y_train", "x_test", "y_test")}
np.savez("small.npz", **parts)
train = "train --data small.npz --model dense --epochs 1 --batch-size 50 --out run".split()
assert cli.main(train) == 0 and cli.main(["sample", "run", "--png", "run/a.png"]) == 0
for name in ("mnist", "fashion_mnist"):
    try:
        data.load(name)
    except ConnectionError as error:
        print(error)
"""


@pytest.mark.long
def test_only_two_whole_data_sets_need_a_network_and_say_what_to_fetch_and_where(tmp_path):
    environment = os.environ | {"KERAS_HOME": str(tmp_path / "keras"), "CGAN_LAB_BUDGET": "cpu"}
    command = [sys.executable, "-c", OFFLINE]
    answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    mnist, fashion = answer.stdout.strip().splitlines()[-2:]
    archives = ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    keras = tmp_path / "keras" / "datasets"
    for said, names, place in (
        (mnist, ["mnist.npz"], keras),
        (fashion, archives, keras / "fashion-mnist"),
    ):
        wanted = ["could not be downloaded", "fetch ", "from https://", f"put it into {place};"]
        assert [text for text in wanted + names if text not in said] == []
