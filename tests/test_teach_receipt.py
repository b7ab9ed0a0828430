"""When a hand-in came, whose it is by a platform's name, and what became of the one before."""

import os
import shutil
from datetime import datetime

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import collect, platforms, receipt, release, roster
from tools.teach.course import Course

ROSTER = """id,name,extra_hours
s01,Ada Lovelace,
s02,"Noether, Emmy",24
s03,Sofja Kovalévskaja,
s04,Ludwig van Beethoven,
s05,Anna Maria Müller,
s06,Chen Wei,
s07,Chen Wei,
456,Grace Hopper,
"""
GOOD = "def double(x):\n    return x + x"
OTHER = "def double(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The folder of a released tiny course with a roster."""
    folder = tmp_path_factory.mktemp("receipt")
    where = teaching.tiny_course(folder)
    release.release(where, "tiny")
    (where.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return folder


@pytest.fixture
def where(released, tmp_path):
    """A copy of the course with nothing handed in."""
    shutil.copytree(released, tmp_path / "copy")
    return Course(tmp_path / "copy" / "class", tmp_path / "copy" / "assignments")


def put(where, path, code=GOOD, time="2026-11-27 10:00"):
    """Write a hand-in below the folder of all of them, with the time of its file; return it."""
    path = where.root.parent / "in" / path
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = teaching.filled(where.released("tiny"), tiny_double=code)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    os.utime(path, (at(time).timestamp(),) * 2)
    return path


def at(text):
    """A time of this machine's clock."""
    return datetime.fromisoformat(text).astimezone()


def taken(where):
    """Collect and return {file: (student, what became of another one)}."""
    people = roster.read(where.root / "roster.csv")
    folder = where.root.parent / "in"
    found = collect.collect(where, "tiny", folder, people)
    return {str(one.path.relative_to(folder)): (one.student, one.replaced) for one in found}


def lateness(where, student):
    """What `export` says of a hand-in: when it came, how late, a note."""
    people = roster.rows(where.root / "roster.csv")
    return receipt.lateness(where, "tiny", student, receipt.due_of(where, "tiny", people))


def code_of(path):
    """The answer in a notebook."""
    return nbformat.read(path, as_version=4).cells[1].source


MOODLE = "{}_4711_assignsubmission_file_"


@pytest.mark.parametrize(
    ("path", "student"),
    [
        (f"{MOODLE.format('Ada Lovelace')}/tiny.ipynb", "s01"),
        (f"{MOODLE.format('Lovelace Ada')}/tiny.ipynb", "s01"),
        (f"{MOODLE.format('Emmy Noether')}tiny.ipynb", "s02"),
        (f"{MOODLE.format('Sofja Kovalevskaja')}tiny.ipynb", "s03"),
        (f"{MOODLE.format('Beethoven, Ludwig van')}tiny.ipynb", "s04"),
        (f"{MOODLE.format('Anna Maria Mueller')}tiny.ipynb", "s05"),
        (f"{MOODLE.format('Chen Wei')}tiny.ipynb", ""),
        (f"{MOODLE.format('Anna Müller')}tiny.ipynb", ""),
        ("lovelaceada_123_456_tiny.ipynb", "s01"),  # 456 is somebody's id, not here
        ("noetheremmy_LATE_123_789_tiny-1.ipynb", "s02"),
        ("vanbeethovenludwig_123_456_tiny.ipynb", "s04"),
        ("beethovenludwigvan_123_456_tiny.ipynb", "s04"),
        ("mllerannamaria_123_456_tiny.ipynb", ""),
        ("strangera_123_456_tiny.ipynb", ""),
        ("tiny_s01_attempt_2026-11-27-10-00-00_ps1.ipynb", "s01"),
        ("The tiny_one_456_attempt_2026-11-27-10-00-00.ipynb", "456"),
        ("tiny_s99_attempt_2026-11-27-10-00-00_s01.ipynb", ""),
        ("12345-67890 - Ada Lovelace - Nov 27, 2026 1000 AM - ps1.ipynb", "s01"),
        ("12345-67890 - Sofja Kovalévskaja - Nov 7, 2026 145 PM/ps1.ipynb", "s03"),
        ("12345-67890 - Chen Wei - Nov 27, 2026 1000 AM - ps1.ipynb", ""),
        ("Copy of tiny - Ada Lovelace.ipynb", "s01"),
        ("Emmy Noether - tiny (1).ipynb", "s02"),
        ("Copy of tiny - Chen Wei.ipynb", ""),
        ("Ada Lovelace - Emmy Noether - tiny.ipynb", ""),
    ],
)
def test_a_name_that_a_platform_wrote_names_one_student_or_none(where, path, student):
    put(where, path)
    assert taken(where) == {path: (student, "")}
    assert where.students("tiny") == ([student] if student else [])


def test_two_of_one_name_are_named_and_their_cell_decides(where):
    path = put(where, "Copy of tiny - Chen Wei.ipynb")
    people = roster.read(where.root / "roster.csv")
    (one,) = collect.look(path.parent, where, "tiny", people)
    assert one.reason == "it fits several students: ['s06', 's07']"
    notebook = teaching.filled(where.released("tiny"), tiny_student="student = 's07'")
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert taken(where) == {path.name: ("s07", "")}


@pytest.mark.parametrize(
    ("name", "time", "late"),
    [
        ("tiny_s01_attempt_2026-11-27-22-05-09_ps1.ipynb", "2026-11-27 22:05:09", ""),
        ("1-2 - Ada Lovelace - Nov 27, 2026 1205 AM - ps1.ipynb", "2026-11-27 00:05", ""),
        ("1-2 - Ada Lovelace - Nov 27, 2026 105 PM - ps1.ipynb", "2026-11-27 13:05", ""),
        ("1-2 - Ada Lovelace - Nov 31, 2026 105 PM - ps1.ipynb", "2026-11-20 10:00", ""),
        ("lovelaceada_LATE_1_2_tiny.ipynb", "2026-11-20 10:00", "Canvas"),
        ("Copy of tiny - Ada Lovelace.ipynb", "2026-11-20 10:00", ""),
    ],
)
def test_the_time_is_the_platforms_or_the_files(where, name, time, late):
    put(where, name, time="2026-11-20 10:00")
    taken(where)
    note = receipt.record(where, "tiny", "s01")
    assert (receipt.time_of(note), note["late"], note["file"]) == (at(time), late, name)
    from nbgrader.utils import parse_utc

    stamp = where.path("submitted", "tiny", "s01").with_name("timestamp.txt")
    utc = at(time).astimezone(receipt.UTC).replace(tzinfo=None)
    assert parse_utc(stamp.read_text()) == utc, "nbgrader reads the same time"
    (where.root / "received" / "tiny" / "s01.json").unlink()  # as after a hub's collecting
    assert receipt.time_of(receipt.record(where, "tiny", "s01")) == at(time)


def test_late_is_what_comes_after_a_students_own_time(where):
    for student in ("s01", "s02", "s03", "s04"):
        put(where, f"{student}/tiny.ipynb", time="2026-11-29 01:59")
    put(where, "s05/tiny.ipynb", time="2026-11-27 23:59")
    taken(where)
    assert lateness(where, "s03") == ("2026-11-29 01:59", "", ""), "no due time was told"
    receipt.keep_due(where, "tiny", at("2026-11-27 23:59"), [("s04", 48.0)])
    receipt.keep_due(where, "tiny")
    late = {student: lateness(where, student)[1] for student in where.students("tiny")}
    own = {"s01": "1 d 2 h", "s02": "2 h", "s03": "1 d 2 h", "s04": "", "s05": ""}
    assert late == own
    receipt.keep_due(where, "tiny", extensions=[("s02", 30.0)])
    assert lateness(where, "s02")[1] == "", "what was said for this assignment counts"


def test_what_a_platform_calls_late_is_told_where_no_time_says_so(where):
    put(where, "lovelaceada_LATE_1_2_tiny.ipynb")
    taken(where)
    assert lateness(where, "s01")[1:] == ("", "Canvas calls it late")


def test_a_later_hand_in_counts_and_the_earlier_is_kept_with_its_files(where):
    first = put(where, "s01/tiny.ipynb", GOOD)
    first.with_name("data.csv").write_text("1")
    assert taken(where) == {"s01/tiny.ipynb": ("s01", ""), "s01/data.csv": (None, "")}
    assert taken(where)["s01/tiny.ipynb"] == ("s01", ""), "the same again is no other one"
    put(where, "s01/tiny.ipynb", OTHER, "2026-11-28 10:00")
    kept = "earlier/tiny/s01/2026-11-27_10-00-00.ipynb"
    assert taken(where)["s01/tiny.ipynb"] == ("s01", f"the earlier one is {kept}")
    assert code_of(where.path("submitted", "tiny", "s01")) == OTHER
    assert code_of(where.root / kept) == GOOD
    assert (where.root / kept).with_suffix("").joinpath("data.csv").read_text() == "1"
    receipt.keep_due(where, "tiny", at("2026-11-27 23:59"))
    note = "a hand-in of 2026-11-27 10:00 was in time: it is in earlier/"
    assert lateness(where, "s01") == ("2026-11-28 10:00", "10 h 1 min", note)


def test_an_older_file_does_not_replace_a_newer_one_and_is_kept_once(where):
    put(where, "s01/tiny.ipynb", OTHER, "2026-11-28 10:00")
    taken(where)
    put(where, "s01/tiny.ipynb", GOOD, "2026-11-27 10:00")
    for _ in range(2):
        ((student, said),) = taken(where).values()
        assert student == "s01" and "2026-11-28 10:00 is newer and counts" in said
    assert code_of(where.path("submitted", "tiny", "s01")) == OTHER
    (kept,) = receipt.earlier(where, "tiny", "s01")
    assert code_of(kept) == GOOD
    put(where, "s01/tiny.ipynb", "double = 3", "2026-11-27 10:00")
    taken(where)
    codes = [code_of(path) for path in receipt.earlier(where, "tiny", "s01")]
    assert sorted(codes) == sorted([GOOD, "double = 3"]), "two of one second are both kept"


def test_the_same_file_downloaded_again_is_not_late_by_that(where):
    put(where, "s01/tiny.ipynb", time="2026-11-27 10:00")
    taken(where)
    put(where, "s01/tiny.ipynb", time="2026-12-24 10:00")
    taken(where)
    assert lateness(where, "s01")[0] == "2026-11-27 10:00"
    assert receipt.earlier(where, "tiny", "s01") == []


@pytest.mark.parametrize(
    "names",
    [
        [f"tiny_s01_attempt_2026-11-{day}-10-00-00_x.ipynb" for day in (27, 28)],
        ["lovelaceada_1_2_tiny.ipynb", "lovelaceada_LATE_1_9_tiny-1.ipynb"],
        [f"{n}-7 - Ada Lovelace - Nov {n}, 2026 1000 AM - x.ipynb" for n in (9, 10)],
    ],
)
def test_of_a_platforms_attempts_the_last_counts_and_the_others_are_kept(where, names):
    for name, code, hour in zip(names, (GOOD, OTHER), (10, 9), strict=True):
        put(where, name, code, f"2026-11-27 {hour:02}:00")  # in the order of downloading
    found = taken(where)
    assert [found[name][0] for name in names] == ["s01", "s01"]
    assert found[names[0]][1] == "" and "the earlier one is" in found[names[1]][1]
    assert code_of(where.path("submitted", "tiny", "s01")) == OTHER
    taken(where)
    assert code_of(where.path("submitted", "tiny", "s01")) == OTHER
    assert [code_of(path) for path in receipt.earlier(where, "tiny", "s01")] == [GOOD]


def test_a_platforms_own_notes_need_no_person(where):
    put(where, "tiny_s01_attempt_2026-11-27-10-00-00_ps1.ipynb")
    for name in ("tiny_s01_attempt_2026-11-27-10-00-00.txt", "index.html"):
        (where.root.parent / "in" / name).touch()
    assert sorted(str(student) for student, _ in taken(where).values()) == ["None", "None", "s01"]


def test_a_plain_name_is_no_platforms():
    names = ["ps1_objective", "Ada Lovelace", "ps1_objective_s01", "Ada - ps1", "s_1_2", "ps1_2_3"]
    assert [platforms.said(name) for name in names] == [None] * len(names)


def test_an_extension_for_a_stranger_is_refused_before_anything_is_done(where):
    folder = put(where, "s01/tiny.ipynb").parents[1]
    words = ["--class=x", "collect", "tiny", str(folder), "--due", "2026-11-27 23:59"]
    options = command.parser().parse_args([*words, "--extension", "s99=24"])
    with pytest.raises(ValueError, match="The extension is for 's99', who is not on the roster"):
        options.do(where, options)
    assert where.students("tiny") == [] and not (where.root / "due.json").exists()


@pytest.mark.parametrize("hours", ["a day", "-3", "1e3"])
def test_a_roster_with_other_than_hours_is_refused(tmp_path, hours):
    path = tmp_path / "roster.csv"
    path.write_text(f"id,extra_hours\ns1,{hours}\n")
    with pytest.raises(ValueError, match="line 2, column extra_hours: expected hours such as 24"):
        roster.read(path)


def test_hours_are_no_name(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("id;name;extra_hours\ns1;Ada;1,5\ns2;Emmy\n")
    assert roster.read(path) == {"s1": {"s1", "ada"}, "s2": {"s2", "emmy"}}


def test_a_broken_file_of_due_times_says_what_to_do(where):
    (where.root / "due.json").write_text("{")
    with pytest.raises(
        ValueError, match="due.json cannot be read .*: remove it, and say --due again"
    ):
        receipt.dues(where)
