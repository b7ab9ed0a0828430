"""Data in: exact contents, declared ranges, and a sentence for everything that does not fit."""

import dataclasses
import hashlib
import re
import zipfile

import numpy as np
import pytest

from cgan_lab import data
from cgan_lab._support.arrays import check_labels


def test_the_shipped_digits_are_the_ten_thousand_of_the_package():
    digits = data.load("digits")
    assert digits.x_train.shape == (8000, 28, 28) and digits.x_test.shape == (2000, 28, 28)
    assert digits.x_train.dtype == np.uint8 and digits.y_train.dtype == np.int64
    counts = np.bincount(np.concatenate([digits.y_train, digits.y_test]))
    assert counts.tolist() == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
    assert digits.class_names == tuple("0123456789") and digits.classes == 10


def test_no_digit_ships_twice_so_none_is_in_both_halves():
    digits = data.load("digits")
    images = np.concatenate([digits.x_train, digits.x_test])
    assert len({hashlib.sha256(image.tobytes()).digest() for image in images}) == 10_000


def test_the_shipped_clothes_are_the_first_of_fashion_mnist():
    clothes = data.load("fashion")
    assert clothes.x_train.shape == (8000, 28, 28) and clothes.x_test.shape == (2000, 28, 28)
    assert np.bincount(np.concatenate([clothes.y_train, clothes.y_test])).tolist() == [
        947,
        1063,
        1023,
        997,
        982,
        990,
        1004,
        1018,
        986,
        990,
    ]
    assert [clothes.class_names[label] for label in clothes.y_train[:3]] == [
        "Ankle boot",
        "T-shirt/top",
        "T-shirt/top",
    ]


def test_limit_keeps_the_first_images():
    digits = data.load("digits", limit=7)
    assert (
        len(digits.x_train) == len(digits.y_train) == len(digits.x_test) == len(digits.y_test) == 7
    )
    assert np.array_equal(digits.x_train, data.load("digits").x_train[:7])


@pytest.mark.parametrize("limit", [0, -3, 2.5, "ten", True])
def test_a_wrong_limit_is_refused(limit):
    with pytest.raises(ValueError, match="limit is .* expected a whole number"):
        data.load("digits", limit=limit)


def test_digits_at_rest_cannot_be_swapped(digits):
    with pytest.raises(AttributeError):
        digits.x_train = None


def test_every_pixel_value_survives_the_way_to_the_model_and_back():
    images = np.arange(784).astype(np.uint8).reshape(1, 28, 28)
    x = data.to_model(images)
    assert x.shape == (1, 28, 28, 1) and x.dtype == np.float32 and (x.min(), x.max()) == (-1.0, 1.0)
    assert np.array_equal(data.to_pixels(x), images)


def test_black_is_minus_one_and_white_is_one():
    images = np.zeros((2, 28, 28), np.uint8)
    images[1] = 255
    assert (data.to_model(images)[0] == -1).all() and (data.to_model(images)[1] == 1).all()


@pytest.mark.parametrize(
    ("images", "error", "sentence"),
    [
        (np.zeros((2, 28, 28), np.float32), TypeError, "dtype float32, expected uint8"),
        (
            np.zeros((2, 28, 28, 1), np.uint8),
            ValueError,
            r"shape \(2, 28, 28, 1\), expected \(n, 28, 28\)",
        ),
        (np.zeros((28, 28), np.uint8), ValueError, r"expected \(n, 28, 28\)"),
        (np.uint8(3), ValueError, r"shape \(\), expected \(n, 28, 28\)"),
        (np.full((1, 28, 28), np.nan), TypeError, "784 are NaN or infinite"),
    ],
)
def test_only_uint8_images_go_in(images, error, sentence):
    with pytest.raises(error, match=sentence):
        data.to_model(images)


@pytest.mark.parametrize(
    ("x", "error", "sentence"),
    [
        (
            np.full((1, 28, 28, 1), 1.01),
            ValueError,
            r"runs from 1.01 to 1.01, expected values in \[-1, 1\]",
        ),
        (np.full((1, 28, 28, 1), np.nan), ValueError, "runs from nan"),
        (np.zeros((1, 28, 28)), ValueError, r"expected \(n, 28, 28, 1\)"),
        (np.zeros((1, 28, 28, 1), int), TypeError, "expected floats"),
    ],
)
def test_only_the_declared_range_comes_out(x, error, sentence):
    with pytest.raises(error, match=sentence):
        data.to_pixels(x)


def test_images_from_zero_to_one_are_refused_for_a_tanh_generator(digits):
    with pytest.raises(ValueError, match=r"that is \[0, 1\], but the generator ends in tanh"):
        data.check_model_range(digits.x_train[..., None] / 255.0)
    with pytest.raises(ValueError, match=r"run from 0 to 255, expected \[-1, 1\]"):
        data.check_model_range(digits.x_train[..., None])
    data.check_model_range(data.to_model(digits.x_train))


@pytest.mark.parametrize(
    ("labels", "error", "sentence"),
    [
        ([0, 10], ValueError, "run from 0 to 10, expected 0 to 9 for 10 classes"),
        ([-1, 3], ValueError, "run from -1 to 3"),
        ([0.5, 1.0], TypeError, "dtype float64, expected whole numbers"),
        (np.eye(10), ValueError, r"shape \(10, 10\), expected \(n,\)"),
        ([1, 2, 3], ValueError, "3 labels came with 2 images"),
    ],
)
def test_wrong_labels_are_refused(labels, error, sentence):
    with pytest.raises(error, match=sentence):
        check_labels(labels, 10, count=2)


def write(path, **changes):
    arrays = {
        "x_train": np.zeros((3, 28, 28), np.uint8),
        "y_train": np.arange(3, dtype=np.uint8),
        "x_test": np.zeros((2, 28, 28), np.uint8),
        "y_test": np.arange(2, dtype=np.uint8),
    }
    arrays.update(changes)
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def test_a_file_with_keras_keys_is_loaded(tmp_path):
    digits = data.load(write(tmp_path / "mine.npz"))
    assert digits.y_train.tolist() == [0, 1, 2] and digits.x_test.shape == (2, 28, 28)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"y_test": None}, ValueError, "lacks the arrays y_test"),
        (
            {"x_train": np.zeros((3, 28, 28))},
            TypeError,
            "x_train of .* have dtype float64, expected uint8",
        ),
        ({"x_train": np.zeros((3, 32, 32), np.uint8)}, ValueError, r"shape \(3, 32, 32\)"),
        ({"y_train": np.array([0, 1, 12])}, ValueError, "run from 0 to 12.* class_names=names"),
        ({"y_train": np.array([0, 1])}, ValueError, "2 labels y_train of .* came with 3 images"),
        (
            {"x_test": np.zeros((0, 28, 28), np.uint8), "y_test": np.zeros(0, np.uint8)},
            ValueError,
            "holds no image",
        ),
        (
            {"y_train": np.array([{}, {}, {}], object)},
            ValueError,
            "y_train in .* holds Python objects.* y_train = np.array",
        ),
    ],
)
def test_a_file_with_other_contents_is_refused(tmp_path, changes, error, sentence):
    with pytest.raises(error, match=sentence):
        data.load(write(tmp_path / "mine.npz", **changes))


def test_a_truncated_or_altered_file_is_refused(tmp_path):
    whole = write(tmp_path / "mine.npz").read_bytes()
    for number, damaged in enumerate((b"", whole[: len(whole) // 2], b"no archive at all")):
        path = tmp_path / f"{number}.npz"
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="is no .npz file: it is neither a whole one"):
            data.load(path)
    altered = bytearray(whole)
    altered[200] ^= 0xFF
    (tmp_path / "altered.npz").write_bytes(altered)
    with pytest.raises(ValueError):
        data.load(tmp_path / "altered.npz")


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(
        FileNotFoundError,
        match="neither one of digits, fashion, mnist, fashion_mnist nor an existing",
    ):
        data.load("minst")


def test_a_failed_download_names_the_cure(monkeypatch):
    import keras

    def refuse():
        raise Exception("URL fetch failure: Network is unreachable")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", refuse)
    with pytest.raises(
        ConnectionError,
        match="could not be downloaded .*mnist.npz from https.* put it into .*datasets.*'digits'",
    ):
        data.load("mnist")


def test_mnist_and_fashion_come_from_keras_loaders(monkeypatch):
    import keras

    arrays = (
        (np.zeros((3, 28, 28), np.uint8), np.arange(3)),
        (np.zeros((2, 28, 28), np.uint8), np.arange(2)),
    )
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: arrays)
    assert data.load("fashion_mnist").class_names[9] == "Ankle boot"


def test_the_checksum_is_that_of_the_content(digits):
    same = dataclasses.replace(digits, name="other", x_train=digits.x_train.copy())
    assert same.checksum() == digits.checksum()
    same.x_train[0, 0, 0] ^= 1  # in place
    assert same.checksum() != digits.checksum()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"y_train": np.arange(320) % 10 + 1}, "labels y_train of digits run from 1 to 10"),
        ({"y_train": np.zeros(5, int)}, "5 labels y_train of digits came with 320 images"),
        ({"x_train": np.zeros((320, 28, 28))}, "x_train of digits have dtype float64"),
        ({"y_test": np.array(["a"] * 100)}, "If they are words, number them"),
    ],
)
def test_a_data_set_of_ones_own_is_checked_too(digits, changes, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        dataclasses.replace(digits, **changes)


def test_labels_of_any_whole_kind_are_the_same_content(digits):
    other = dataclasses.replace(digits, y_train=digits.y_train.astype(">i2"))
    assert other.y_train.dtype == np.int64 and other.checksum() == digits.checksum()


def test_digits_touch_no_network(monkeypatch):
    import socket

    monkeypatch.setattr(socket, "socket", lambda *a, **k: pytest.fail("a socket was opened"))
    assert data.load("digits").name == "digits"


def labelled(path, labels, **more):
    """Write a data set whose training labels are ``labels``."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    return write(path, x_train=images, y_train=np.asarray(labels), **more)


@pytest.mark.parametrize(
    ("labels", "class_names", "expected"),
    [
        ([0, 1, 1], None, ("0", "1")),
        ([3, 5, 8], None, tuple("012345678")),  # 0, 1, 2, 4, 6, 7 are missing
        ([0, 1, 2], np.array(["cat", "dog", "Übung", "none"]), ("cat", "dog", "Übung", "none")),
        ([0, 25, 3], np.array([chr(97 + k) for k in range(26)]), tuple(map(chr, range(97, 123)))),
    ],
)
def test_a_file_may_have_any_number_of_classes(tmp_path, labels, class_names, expected):
    found = data.load(labelled(tmp_path / "mine.npz", labels, class_names=class_names))
    assert found.class_names == expected and found.classes == len(expected)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["cat", "dog", "cat"]),
        np.array(["3", "1", "2"]),
        np.array(["3.0", "1.0", "2.0"]),
        np.array([3.0, 1.0, 2.0]),
        np.array([True, False, True]),
        np.array([3, 1, 2], object),
        np.array(["cat", "dog", "cat"], object),
        np.array([[3], [1], [2]]),
        np.eye(10)[[3, 1, 2]],
        np.array([1, 10, 2]),
        np.array([b"3", b"1", b"2"]),
        np.array(["cat", "dög", "cat"]),
        np.char.encode(["cat", "dög", "cat"]),
        np.char.encode(["cat", "dög", "cat"], "latin-1"),
    ],
    ids=lambda labels: f"{labels.dtype}{labels.shape}{labels.ravel()[0]}",
)
def test_the_cure_of_labels_of_another_kind_mends_them(labels):
    right = {
        "cat": [0, 1, 0],
        "b'cat'": [0, 1, 0],
        "3": [3, 1, 2],
        "True": [1, 0, 1],
        "1": [0, 9, 1],
    }
    with pytest.raises((TypeError, ValueError)) as raised:
        check_labels(labels, 10, count=3)
    line = str(raised.value).rsplit(": ", 1)[1].rstrip(".")
    line = line if "=" in line.split("(")[0] else f"labels = {line}"
    found = {"np": np, "labels": labels}
    exec(line, found)
    mended = check_labels(found["labels"], 10, count=3).tolist()
    assert mended == right.get(str(labels.ravel()[0]).removesuffix(".0"), [3, 1, 2])


@pytest.mark.parametrize(
    "images",
    [
        np.full((2, 28, 28), 0.5),
        np.full((2, 28, 28), 128.0),
        np.full((2, 28, 28), 128, np.int64),
        np.zeros((2, 784), np.uint8),
        np.zeros((2, 28, 28, 1), np.uint8),
        np.zeros((2, 28, 28, 3), np.uint8),
        np.zeros((2, 32, 32), np.uint8),
        np.zeros((28, 28, 5), np.uint8),
        np.zeros((2, 28, 28, 4), np.uint8),
        np.zeros((2, 32, 32, 3), np.uint8),
        np.zeros((2, 40, 32, 4), np.uint8),
        np.zeros((2, 32, 32, 1), np.uint8),
        np.zeros((2, 3, 32, 32), np.uint8),
        np.zeros((2, 1, 32, 32), np.uint8),
    ],
    ids=lambda images: f"{images.dtype}{images.shape}",
)
def test_the_cure_of_images_of_another_kind_mends_them(images):
    with pytest.raises((TypeError, ValueError)) as raised:
        data.check_images(images)
    line = str(raised.value).rsplit("Convert them: ", 1)[1].rstrip(".")
    line = line if "=" in line.split("(")[0] else f"images = {line}"
    found = {"np": np, "data": data, "images": images}
    exec(line, found)
    assert data.check_images(found["images"]).max() == (
        0 if not images.max() else 127 + (images.max() > 1)
    )


def containers(folder):
    """Write ten images and labels as other programs keep them; return their paths by kind."""
    import gzip
    import pickle

    import h5py
    import scipy.io
    from PIL import Image

    x = np.random.default_rng(0).integers(0, 256, (10, 28, 28)).astype(np.uint8)
    y = np.arange(10, dtype=np.uint8) % 3
    idx_x = b"\0\0\x08\x03" + np.array([10, 28, 28], ">i4").tobytes() + x.tobytes()
    idx_y = b"\0\0\x08\x01" + np.array([10], ">i4").tobytes() + y.tobytes()
    np.save(folder / "images.npy", x)
    np.save(folder / "labels.npy", y)
    np.savez(folder / "xy.npz", images=x, labels=y)
    names = ("train_images", "train_labels", "test_images", "test_labels")
    np.savez(folder / "four.npz", **dict(zip(names, (x[..., None], y[:, None]) * 2, strict=True)))
    table = np.column_stack([y, x.reshape(10, -1)])
    np.savetxt(folder / "t.csv", table, "%d", delimiter=",", header="label,pixels", comments="")
    with h5py.File(folder / "a.h5", "w") as file:
        file.update({"images": x, "labels": y})
    scipy.io.savemat(folder / "a.mat", {"images": x, "labels": y})
    (folder / "a.pkl").write_bytes(pickle.dumps((x, y)))
    (folder / "images").write_bytes(idx_x)
    (folder / "labels").write_bytes(idx_y)
    (folder / "images.gz").write_bytes(gzip.compress(idx_x))
    (folder / "labels.gz").write_bytes(gzip.compress(idx_y))
    for number, (image, label) in enumerate(zip(x, y, strict=True)):
        (folder / "pictures" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / "pictures" / str(label) / f"{number}.png")


@pytest.mark.parametrize(
    "name",
    ["images.npy", "xy.npz", "four.npz", "t.csv", "a.h5", "a.mat", "a.pkl", "images", "images.gz"]
    + ["pictures"],
)
def test_the_lines_for_another_container_make_a_data_set(tmp_path, monkeypatch, name):
    containers(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.npz").write_bytes(b"mine")
    found = mended(name)
    assert (tmp_path / "data.npz").read_bytes() == b"mine"
    assert found.classes == 3 and len(found.x_train) + len(found.x_test) in (10, 20)
    x = np.load("images.npy")
    pairs = {(image.tobytes(), label) for image, label in zip(x, np.arange(10) % 3, strict=True)}
    assert {(i.tobytes(), k) for i, k in zip(found.x_train, found.y_train, strict=True)} <= pairs


def mended(name):
    """Return the data set that the lines printed for ``name`` make."""
    with pytest.raises((TypeError, ValueError)) as raised:
        data.load(name)
    code = str(raised.value).split(":\n")[1].replace("\n    ", "\n").strip()
    exec(code, {})
    return data.load(re.findall(r"savez\('(data-\d+.npz)'", code)[0])


@pytest.mark.parametrize("kind", ["U", "S"])
@pytest.mark.parametrize("keys", [data.KEYS, ("images", "labels")])
def test_words_are_numbered_alike_in_both_parts(tmp_path, monkeypatch, kind, keys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.npz").touch()
    (tmp_path / "data-2.npz").touch()
    x = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    words = np.array(["cat", "dög", "owl", "cat", "owl", "owl"])
    words = np.char.encode(words) if kind == "S" else words
    parts = (x[:4], words[:4], x[4:], words[4:])
    np.savez("w.npz", **dict(zip(keys, parts if len(keys) == 4 else (x, words), strict=True)))
    found = mended("w.npz")
    assert found.class_names == ("cat", "dög", "owl")
    words = words if kind == "U" else np.char.decode(words)
    for part in ("train", "test"):
        images, labels = getattr(found, f"x_{part}"), getattr(found, f"y_{part}")
        named = [found.class_names[k] for k in labels]
        assert named == words[images[:, 0, 0]].tolist()


@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
@pytest.mark.parametrize(
    ("header", "column", "label", "encoding"),
    [
        (None, 0, "{}", "utf-8"),
        ("label,{}", 0, "{}", "utf-8-sig"),
        (",".join(["label", *map(str, range(784))]), 0, "{}", "utf-8"),
        ("{},class", -1, "{}", "utf-16"),
        (None, -1, "word{}", "utf-8"),
        ("label,{}", 0, '"word{}"', "utf-8"),
    ],
)
def test_the_lines_for_a_table_fit_its_first_line(
    tmp_path, monkeypatch, separator, header, column, label, encoding
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.npz").touch()
    rows = [] if header is None else [header.format(",".join(f"p{k}" for k in range(784)))]
    for k in range(6):
        row = [str(k + 10)] * 784
        row.insert(0 if column == 0 else 784, label.format(k % 3))
        rows.append(",".join(row))
    (tmp_path / "t").write_text("\n".join(rows).replace(",", separator), encoding=encoding)
    found = mended("t")
    assert found.classes == 3 and len(found.x_train) == 5
    assert np.array_equal(found.x_train[:, 0, 0], found.x_train[:, 27, 27])
    assert np.array_equal(found.x_train[:, 0, 0] % 3, (found.y_train + 1) % 3)


def test_a_folder_of_photographs_names_its_classes(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.npz").touch()
    for number, name in enumerate(["cat/1.JPG", "dog/2.jpeg", "dog/3.png", "cat/4.bmp"]):
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), (number * 60,) * 3).save(tmp_path / "p" / name)
    (tmp_path / "p" / "cat" / "notes.txt").touch()
    assert mended("p").class_names == ("cat", "dog")


@pytest.mark.parametrize("suffix", [".npz", ".bin"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\n<!DOCTYPE html><html>", "a web page, .* fetch the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "run git lfs pull"),
        (b"\x89PNG\r\n\x1a\n", "one picture; a data set needs a folder"),
        (b"\xff\xd8\xff\xe0", "one picture; a data set needs a folder"),
        ("Grüße\n".encode("utf-16"), "nor of a kind known here: .npy, HDF5"),
        (b"\x80\x00\x01binary", "nor of a kind known here: .npy, HDF5"),
        (b"1.2.3,4,5,6", "a table with the label first"),
        (b"", "nor of a kind known here: .npy, HDF5"),
        (b"only words", "nor of a kind known here: .npy, HDF5"),
        ({"a.png": b"", "b.png": b""}, "without arrays, but with a.png, b.png: unpack it first"),
        ({"data.npz": b"PK"}, "without arrays, but with data.npz: unpack it first"),
        (
            {"[Content_Types].xml": b"", "xl/workbook.xml": b""},
            "of a spreadsheet .* save its table as .csv",
        ),
        ({"m/data.pkl": b""}, "of PyTorch, .* np.savez"),
    ],
)
def test_a_file_without_arrays_is_called_what_it_is(tmp_path, content, sentence, suffix):
    path = tmp_path / f"a{suffix}"
    if isinstance(content, dict):
        with zipfile.ZipFile(path, "w") as archive:
            for name, inner in content.items():
                archive.writestr(name, inner)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as raised:
        data.load(path)
    assert "load it unsafely" not in str(raised.value)


@pytest.mark.parametrize(
    ("labels", "error", "sentence"),
    [
        (np.array(["2020-01-01"] * 3, "M8[D]"), TypeError, "Such values are no labels.$"),
        (np.array([1, 2, 3], "m8[s]"), TypeError, "Such values are no labels.$"),
        (
            np.zeros(3, [("id", int), ("kind", int)]),
            TypeError,
            "are no labels. Take the right field of 'id', 'kind'",
        ),
        (np.array([1j, 2, 3]), TypeError, "Such values are no labels.$"),
        (np.array([1, np.nan, 2]), TypeError, "NaN, .* are no labels: leave them"),
        (np.array([1, 1e30, 2]), TypeError, "beyond 2.*63"),
        (np.array([1, None, 2]), TypeError, "None, .* are no labels: leave them out"),
        (np.array([0, 2**64 - 1, 1], np.uint64), ValueError, "run from 0 to 18446744073709551615"),
        (np.array([0, 10**30, 1], object), ValueError, "run from 0 to 10{30}, expected 0 to 2"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_labels_of_a_kind_that_is_none_are_refused(tmp_path, labels, error, sentence):
    with pytest.raises(error, match=sentence):
        check_labels(labels, 3)
    if labels.dtype != object:  # which NumPy would have to pickle
        names = np.array(["a", "b", "c"])
        with pytest.raises(error, match=sentence):
            data.load(write(tmp_path / "mine.npz", y_train=labels, class_names=names))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (
            [["a", "b"], ["c", "d"]],
            r"shape \(2, 2\) and dtype <U1, .* expected 2 or more different",
        ),
        (["a", " ", "c"], r"\('a', ' ', 'c'\); expected 2 or more different texts"),
        (["a", "b", "a"], r"\('a', 'b', 'a'\); expected 2 or more different texts"),
        (np.zeros(3, "M8[D]"), "dtype datetime64.* expected 2 or more different"),
    ],
)
def test_class_names_are_one_text_per_class(tmp_path, names, sentence):
    with pytest.raises(ValueError, match=sentence):
        data.load(write(tmp_path / "mine.npz", class_names=np.asarray(names)))
