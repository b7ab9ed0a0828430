"""What is to be tried on a GPU runs from end to end without one, and one failure ends no run."""

import json

import gpu
import pytest
import speedrun


@pytest.fixture
def small(monkeypatch, digits, tmp_path):
    """A function that runs parts on a few digits and returns (exit status, the table)."""
    monkeypatch.setattr(speedrun, "SAMPLES", 100)
    monkeypatch.setattr(gpu.data, "load", lambda name: digits)

    def run(*parts):
        out = tmp_path / "gpu.json"
        status = gpu.main(["--small", "--parts", ",".join(parts), "--out", str(out)])
        return status, json.loads(out.read_text())

    return run


@pytest.mark.long  # XLA compiles six networks
def test_every_part_gives_its_rows(small):
    status, table = small("machine", "speed", "resume", "places", "slider", "good")
    assert not status, table
    assert table["machine"][0]["gpus"] == []
    assert len(table["speed"]) == 6 and all(row["images/s"] > 0 for row in table["speed"])
    factors = {row["precision"]: row["loss factor"] for row in table["speed"]}
    assert factors["mixed_float16"] > 1 and factors["float32"] is None
    assert all(row["went on, largest difference"] == row["loaded"] == 0 for row in table["resume"])
    same, *trained = table["places"]
    assert same["grey levels apart"] == 0 and 0 <= trained[0]["agreement"] <= 1
    assert [row["pictures"] for row in table["slider"]] == 3 * [1, 100]
    assert [row["entry"] for row in table["good"]] == list(speedrun.ENTRIES)
    assert all(row["epoch"] == 1 for row in table["good"])


def test_what_raises_is_a_row_and_the_rest_goes_on(small, monkeypatch, capsys):
    def broken(precision, size):
        if precision == "mixed_float16":
            raise RuntimeError("no such kernel")
        return {"loaded": 0.0}

    def lost(size):
        yield {"first": 1}
        raise OSError("gone")

    monkeypatch.setattr(gpu, "parted", broken)
    monkeypatch.setitem(gpu.PARTS, "slider", lost)
    status, table = small("resume", "slider", "machine")
    assert status and [row.get("failed") for row in table["resume"]] == [
        None,
        None,
        "RuntimeError: no such kernel",
    ]
    assert table["slider"] == [{"first": 1}, {"failed": "OSError: gone"}] and table["machine"]
    assert "2 rows failed" in capsys.readouterr().out


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit):
        gpu.main(["--parts", "speed,colour"])
    assert "no part colour; there are machine, speed" in capsys.readouterr().err
