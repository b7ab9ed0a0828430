"""Damaged files end in a sentence, or in what the whole file means.

A mutation depends on its seed alone. `CGAN_LAB_FUZZ=10` makes ten times as many.
"""

import io
import os
import random
import zipfile

import numpy as np
import pytest

from cgan_lab import data
from cgan_lab._support import files

TIMES = int(os.environ.get("CGAN_LAB_FUZZ", "1"))
ARRAYS = {
    "x_train": np.arange(3 * 784).astype(np.uint8).reshape(3, 28, 28),
    "y_train": np.arange(3, dtype=np.uint8),
    "x_test": np.zeros((2, 28, 28), np.uint8),
    "y_test": np.arange(2),
}


def zipped(parts, compression=zipfile.ZIP_STORED):
    """Return a zip archive, with right checksums, of (name, bytes) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


PARTS = [(f"{name}.npy", npy(array)) for name, array in ARRAYS.items()]
ARCHIVES = [zipped(PARTS), zipped(PARTS, zipfile.ZIP_DEFLATED)]


def damaged(content, dice):
    """Return ``content`` with one to four places changed, cut out, doubled or overwritten."""
    content = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at = dice.randrange(len(content) + 1)
        size = dice.choice((1, 2, 8, 64, 500))
        match dice.randrange(5):
            case 0 if content:
                content[min(at, len(content) - 1)] ^= 1 << dice.randrange(8)
            case 1:
                content[at : at + size] = dice.choice((b"\x00", b"\xff", b"\x7f")) * size
            case 2:
                del content[at:]
            case 3:
                del content[at : at + size]
            case _:
                content[at:at] = content[at : at + size]
    return bytes(content)


@pytest.fixture
def load(tmp_path):
    def load(content):
        (tmp_path / "a.npz").write_bytes(content)
        return data.load(tmp_path / "a.npz")

    return load


def outcomes(count, damage, load):
    """Load ``count`` damaged files; return those that could be loaded, with their seeds."""
    loaded = []
    for seed in range(count * TIMES):
        content = damage(random.Random(seed))
        try:
            loaded.append((seed, load(content)))
        except (ValueError, TypeError) as error:
            assert len(str(error)) > 20, f"seed {seed} says only {error!r}"
        except Exception as error:
            raise AssertionError(f"seed {seed} ends in {error!r}") from error
    return loaded


@pytest.mark.long
def test_6000_archives_with_damaged_bytes_give_a_sentence_or_the_same_digits(load):
    loaded = outcomes(6000, lambda dice: damaged(dice.choice(ARCHIVES), dice), load)
    assert loaded
    for seed, digits in loaded:
        for name, array in ARRAYS.items():
            assert np.array_equal(getattr(digits, name), array), seed


@pytest.mark.long
def test_700_archives_with_damaged_parts_and_right_checksums_give_a_sentence_or_a_data_set(load):
    def damage(dice):
        parts = dict(PARTS)
        name = dice.choice(list(parts))
        return zipped({**parts, name: damaged(parts[name], dice)}.items())

    for seed, digits in outcomes(700, damage, load):
        for part in ("train", "test"):
            x = getattr(digits, f"x_{part}")
            y = getattr(digits, f"y_{part}")
            assert x.dtype == np.uint8 and x.shape == (len(y), 28, 28), seed
            assert 0 <= y.min() <= y.max() <= 9, seed


HUGE = PARTS[0][1].replace(b"(3, 28, 28), }           ", b"(109951162777, 28,28), }")
WHOLE = "is not a whole .npz file.*again"
FALSE = {
    "an array of 86 TB": (zipped([("x_train.npy", HUGE), *PARTS[1:]]), WHOLE),
    "objects": (
        zipped([("x_train.npy", PARTS[0][1].replace(b"|u1", b"|O1")), *PARTS[1:]]),
        "holds Python objects|" + WHOLE,
    ),
    "text": (
        zipped([("y_train.npy", npy(np.array(["0", "1", "2"]))), *PARTS[:1], *PARTS[2:]]),
        "expected whole numbers. Convert them",
    ),
    "another file": (b"GIF89a" + bytes(300), "is no .npz file: it is neither a whole one.*again"),
    "one array": (npy(np.zeros(3)), "is an .npy file, one array"),
}


@pytest.mark.parametrize("name", FALSE)
def test_an_archive_that_says_something_false_is_refused_with_a_sentence(load, name):
    content, sentence = FALSE[name]
    with pytest.raises((ValueError, TypeError), match=sentence):
        load(content)


@pytest.mark.long
def test_500_damaged_weight_files_give_a_sentence_or_the_same_weights(tmp_path):
    path = tmp_path / "w.npz"
    weights = [np.ones((4, 3), np.float16), np.arange(3, dtype=np.float16)]
    files.write_npz(path, w00=weights[0], w01=weights[1])
    content = path.read_bytes()

    def read(damaged):
        path.write_bytes(damaged)
        return files.read_npz(path)

    for seed, arrays in outcomes(500, lambda dice: damaged(content, dice), read):
        same = [np.array_equal(arrays.get(f"w0{i}"), w) for i, w in enumerate(weights)]
        assert all(same) or len(arrays) < 2, seed
