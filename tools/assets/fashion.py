"""Rebuild cgan_lab/assets/fashion.npz, byte for byte, from Fashion-MNIST as Keras packs it.

    python tools/assets/fashion.py PATH/fashion_mnist.npz cgan_lab/assets/fashion.npz

It holds the first 8,000 training images and the first 2,000 test images. Neither the judge nor any
generator that ships has learned from the test images.
"""

import argparse
import hashlib
import zipfile

from cgan_lab import data
from cgan_lab._support import files
from cgan_lab._support.names import path

TRAIN, TEST = 8_000, 2_000


def main():
    """Write the file and print its size and checksum."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("whole", type=path, help="the .npz file with all 70,000 images")
    parser.add_argument("out", type=path, help="the .npz file to write")
    arguments = parser.parse_args()
    clothes = data.load(arguments.whole)
    files.write_npz(
        arguments.out,
        compression=zipfile.ZIP_BZIP2,  # as in tools/assets/digits.py
        x_train=clothes.x_train[:TRAIN],
        y_train=clothes.y_train[:TRAIN].astype("uint8"),
        x_test=clothes.x_test[:TEST],
        y_test=clothes.y_test[:TEST].astype("uint8"),
    )
    packed = arguments.out.read_bytes()
    print(
        TRAIN + TEST, "images", len(packed), "bytes", "sha256", hashlib.sha256(packed).hexdigest()
    )


if __name__ == "__main__":
    main()
