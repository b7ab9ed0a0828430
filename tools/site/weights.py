"""Turn shipped weights into scripts that a page opened from a file can read: weights-NAME.js.

A page opened from a file may load scripts, nothing else. So the bytes of the half-precision weights
go into a string: all high bytes, then all low bytes (alike stands beside alike), gzipped, and 15
bits a character from U+3000 on, in UTF-16. That costs a fifteenth more than the bytes; base64 costs
a third. The mark of the byte order at the start tells each browser the encoding, whatever the
server says. Nothing is rounded: what the page computes with is what Keras computes with.
"""

import gzip
import json

import numpy as np

from cgan_lab import sampling
from cgan_lab._support import files
from cgan_lab.networks import LATENT

NAMES = ("mnist-dense", "mnist-conv", "judge")
FIRST = 0x3000  # from here to 0xAFFF: no quote, no line end, no half of a pair
BITS = 15
DIRECTIONS = 3


def script(name):
    """Return the bytes of weights-NAME.js: its shapes, directions of noise and packed weights."""
    arrays = files.read_npz(files.asset(f"{name}.npz"))
    arrays = [arrays[key] for key in sorted(arrays)]
    if any(array.dtype != np.float16 for array in arrays):
        raise TypeError(f"{name}.npz holds {arrays[0].dtype}, expected float16 throughout.")
    halves = np.concatenate([array.ravel() for array in arrays]).astype("<f2")
    planes = halves.view(np.uint8).reshape(-1, 2)[:, ::-1].T  # (2, n): high bytes, low bytes
    data = gzip.compress(planes.tobytes(), 9, mtime=0)
    facts = {"bytes": len(data), "shapes": [array.shape for array in arrays]}
    if name != "judge":
        facts["directions"] = directions(arrays[0])
    start = f"weights[{json.dumps(name)}] = {json.dumps(facts)[:-1]}, "
    text = [f'\ufeff{start}"packed": "', '"};\n']
    before, after = (part.encode("utf-16-le") for part in text)
    return before + packed(data) + after


def packed(data):
    """Return ``data`` as characters of 15 bits each, in UTF-16 with the low byte first."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    bits = np.pad(bits, (0, -len(bits) % BITS)).reshape(-1, BITS)
    places = (1 << np.arange(BITS - 1, -1, -1)).astype(np.uint16)
    return (FIRST + bits @ places).astype("<u2").tobytes()


def directions(first):
    """Return lesson 04's first directions of noise, of the weights (110, units), as lists."""
    square = np.linalg.qr(first[:LATENT].T.astype(np.float64), mode="r").T  # same U and s
    return np.round(sampling.directions(square)[:DIRECTIONS], 6).astype(float).tolist()
