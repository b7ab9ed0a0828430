"""Damage to files, drawn from a seed: bytes, zip archives, `.npy` headers, JSON and CSV. For test_fuzz.py."""

import contextlib
import io
import json
import os
import random
import signal
import struct
import tracemalloc
import warnings
import zipfile

TIMES = int(os.environ.get("CGAN_LAB_FUZZ", "1"))  # how many times as many mutations as CI runs
MOST_BYTES, MOST_SECONDS = 64 * 2**20, 30  # of a loader on a file of a few hundred kB: no harm, whatever the file says
EXTREMES = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
    b"\xff\xff\xff\x7f",
    b"\x00" * 8,
)
TOKENS = (
    *("NaN", "Infinity", "-1", "1e999", "9" * 5000, "null", "true", "{}", "[]", '""', "[" * 20_000, '{"a":' * 20_000),
    *(
        ",",
        "\n",
        "\r",
        "\0",
        "\ufeff",
        '"',
        "'",
        "\\",
        "\\u0000",
        "\\ud800",
        "=1+1",
        "__import__('os')",
        "é",
        "0x10",
        "1_0",
    ),
)


def bytes_damaged(content, dice):
    """Return ``content`` with one to four places damaged; ``dice`` is a `random.Random`."""
    content = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at, size = dice.randrange(len(content) + 1), dice.choice((1, 2, 8, 64, 500))
        match dice.randrange(7):
            case 0 if content:
                content[min(at, len(content) - 1)] ^= 1 << dice.randrange(8)
            case 1:
                extreme = dice.choice(EXTREMES)
                content[at : at + len(extreme)] = extreme
            case 2:
                del content[at:]
            case 3:
                del content[at : at + size]
            case 4:
                content[at:at] = content[at : at + size]
            case 5:
                content[at:at] = dice.randbytes(size)
            case 6:
                other = dice.randrange(len(content) + 1)
                content[at : at + size] = content[other : other + size]
    return bytes(content)


def text_damaged(content, dice):
    """Return the UTF-8 text ``content``, as bytes, with a token put in or over something, or its bytes damaged."""
    if dice.random() < 0.4:
        return bytes_damaged(content, dice)
    at, token = dice.randrange(len(content) + 1), dice.choice(TOKENS).encode("utf-8")
    return content[:at] + token + content[at + dice.choice((0, 0, 1, len(token), 10_000)) :]


def json_damaged(content, dice):
    """Return the JSON ``content``, still JSON, with one value somewhere in it replaced, removed or moved."""
    whole = json.loads(content)
    places = [
        (holder, key)
        for holder in _holders(whole)
        for key in (holder if isinstance(holder, dict) else range(len(holder)))
    ]
    holder, key = dice.choice(places)
    match dice.randrange(4):
        case 0:
            holder[key] = dice.choice((None, True, -1, 0, 1e300, 2**70, "", "NaN", "no such", [], {}, [[]], {"": 0}))
        case 1 if isinstance(holder, dict):
            del holder[key]
        case _:
            other, other_key = dice.choice(places)
            holder[key] = json.loads(json.dumps(other[other_key]))
    return json.dumps(whole).encode()


def _holders(value):
    if isinstance(value, (dict, list)) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def zipped(parts, compression=zipfile.ZIP_STORED):
    """Return a zip archive, whole and with right checksums, of ``parts``: pairs of name and bytes."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # two parts of one name are meant
        for name, content in parts:
            part = zipfile.ZipInfo(name)  # of the fixed date 1980-01-01, so that a seed means one file
            part.compress_type = compression
            archive.writestr(part, content)
    return buffer.getvalue()


def unzipped(content):
    """Return the parts of a zip archive, as `zipped` takes them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def archive_damaged(content, dice, damage=bytes_damaged):
    """Return the archive with one part damaged and its checksum right, so that the damage is not seen by the zip."""
    parts = unzipped(content)
    index = dice.randrange(len(parts))
    name, inner = parts[index]
    match dice.randrange(10):
        case 0:
            parts[index] = (dice.choice(("../" + name, "/" + name, name.upper(), "x", name + "\0", parts[0][0])), inner)
        case 1:
            del parts[index]
        case 2:
            parts.append(dice.choice(parts))
        case _:
            parts[index] = (name, damage(inner, dice))
    return zipped(parts, dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))


SHAPES = (
    (2**40, 28, 28),
    (2**63, 28, 28),
    (-3, 28, 28),
    (3, 28),
    (0, 28, 28),
    (),
    (3, 28, 28, 1),
    (2**31, 2**31, 4),
    (True, 28, 28),
)
DTYPES = (
    "|u1",
    "<f8",
    "|O",
    ">i8",
    "|V100",
    "<U1000000",
    "|S0",
    "<M8[s]",
    "nothing",
    "__import__('os')",
    [("a", "|O")],
    None,
)


def npy_damaged(content, dice):
    """Return an `.npy` part whose header says something else than what follows it, or the bytes damaged."""
    if dice.random() < 0.3:
        return bytes_damaged(content, dice)
    length = struct.unpack("<H", content[8:10])[0]
    fields = {"descr": "|u1", "fortran_order": False, "shape": (3, 28, 28)}
    match dice.randrange(5):
        case 0:
            fields["shape"] = dice.choice(SHAPES)
        case 1:
            fields["descr"] = dice.choice(DTYPES)
        case 2:
            fields["fortran_order"] = dice.choice((True, 3, None, "no"))
        case 3:
            fields[dice.choice(("more", ""))] = "(" * dice.choice((1, 90, 9000))
        case 4:
            del fields[dice.choice(tuple(fields))]
    text = dice.choice(
        (repr(fields), repr(fields), "{" * 3000, "9" * 9000, "-" * 9000 + "1", "[" * 900 + "]" * 900)
    ).encode()
    if dice.random() < 0.3:
        return (
            b"\x93NUMPY\x02\x00"
            + struct.pack("<I", dice.choice((len(text), 2**31, 2**32 - 1)))
            + text
            + content[10 + length :]
        )
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", dice.choice((len(text), 65535, 0))) + text + content[10 + length :]


@contextlib.contextmanager
def harmless(seed):
    """Fail, naming the seed, if the block takes much memory or hangs; what it raises goes on."""

    def late(number, frame):
        raise AssertionError(f"the mutation of seed {seed} hangs")

    if hasattr(signal, "SIGALRM"):
        before = signal.signal(signal.SIGALRM, late)
        signal.alarm(MOST_SECONDS)
    tracemalloc.reset_peak()
    start = tracemalloc.get_traced_memory()[0]
    try:
        yield
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
    peak = tracemalloc.get_traced_memory()[1] - start
    assert peak < MOST_BYTES, f"the mutation of seed {seed} took {peak} bytes"


def dice(seed):
    """Return a generator of random numbers that depends on ``seed`` alone."""
    return random.Random(seed)
