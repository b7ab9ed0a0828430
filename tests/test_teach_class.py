"""A class is marked by commands; a rerun marks only what is new; the marks come out right."""

import base64
import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import mark, release, report, sandbox
from tools.teach.course import Course

CLASS = 40
GOOD = "def double(x):\n    return x + x"
ANSWERS = {GOOD: 3, "def double(x):\n    return 2.0 * x": 2, None: 0, "def double(x": 0}


@pytest.fixture
def tell(capsys):
    """A function that runs one command of the class; it returns (exit code, what it printed)."""
    unconfined = [] if teaching.level() == "confined" else ["--unconfined"]

    def run(where, verb, *words):
        """Run the command `verb`."""
        more = [*map(str, words), *(unconfined if verb == "mark" else [])]
        options = command.parser().parse_args(["--class", str(where.root), verb, "tiny", *more])
        return options.do(where, options), capsys.readouterr().out

    return run


def test_a_hand_in_goes_through_all_commands(tmp_path, tell):
    where = teaching.tiny_course(tmp_path)
    assert tell(where, "release") == (
        0,
        f"Nothing leaks. Hand out what is in {where.root / 'handed_out' / 'tiny'}\n",
    )
    answer = "def double(x):\n    print('asked', x)\n    return 4 if x == 2 else 'aa'"
    notebook = teaching.filled(where.released("tiny"), tiny_double=answer)
    (tmp_path / "handed_in" / "s1").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "handed_in" / "s1" / "tiny.ipynb")
    code, said = tell(where, "collect", tmp_path / "handed_in")
    assert code == 0 and "taken: 1, not taken: 0" in said
    code, said = tell(where, "mark")
    assert code == 0 and "[1/1] s1: marked in" in said
    assert sandbox.LEVELS[teaching.level()] in said
    assert where.record("tiny", "s1")["level"] == teaching.level()
    assert tell(where, "feedback")[0] == 0
    text = where.path("feedback", "tiny", "s1").with_suffix(".html").read_text(encoding="utf-8")
    assert "1.4142135" not in text and "2.828427" not in text and "HIDDEN" not in text
    assert "AssertionError: no" in text, "the message of the test is for the student"
    assert "def" in text and "asked" in text, "what the student wrote is theirs to see"
    assert tell(where, "export")[0] == 0
    assert "s1,1,1,3,marked," in (where.root / "tiny.csv").read_text(encoding="utf-8")


@pytest.mark.long
def test_forty_are_marked_by_one_command_and_a_rerun_marks_what_is_new(tmp_path, tell):
    where = teaching.tiny_course(tmp_path)
    release.release(where, "tiny")
    want = {}
    for number in range(CLASS):
        answer, points = [*ANSWERS.items()][number % len(ANSWERS)]
        answers = {} if answer is None else {"tiny_double": answer}
        student = f"s{number:02d}"
        teaching.hand_in(where, "tiny", student, teaching.filled(where.released("tiny"), **answers))
        want[student] = points
    (where.root / "roster.csv").write_text("id\n" + "\n".join([*want, "s40"]), encoding="utf-8")

    code, said = tell(where, "mark")
    assert code == 0 and "tiny: 40 to mark, 0 marked before and unchanged" in said
    assert [f"[{number}/40]" in said for number in range(1, CLASS + 1)] == [True] * CLASS
    code, said = tell(where, "mark")
    assert code == 0 and "tiny: 0 to mark, 40 marked before and unchanged" in said
    other = teaching.filled(where.released("tiny"), tiny_double=GOOD)
    teaching.hand_in(where, "tiny", "s02", other)
    code, said = tell(where, "mark")
    assert "tiny: 1 to mark, 39 marked before and unchanged" in said and "[1/1] s02: marked" in said

    code, said = tell(where, "export")
    assert code == 0 and "41 students" in said
    with open(where.root / "tiny.csv", encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {student: float(rows[student]["points"]) for student in want} == want | {"s02": 3}
    more = ["points", "of", "status", "reason", "received", "late", "note"]
    assert list(rows["s00"]) == ["student", "tiny_double", *more]
    assert rows["s40"]["status"] == "no hand-in" and rows["s40"]["points"] == ""


def test_without_confinement_nothing_is_marked_unless_told(small, monkeypatch, capsys):
    monkeypatch.setattr(sandbox, "refusal", lambda limits: "bwrap does not work here (no rights)")
    words = ["--class", str(small.root), "mark", "tiny", "--anew"]
    before = small.record("tiny", "s1")
    assert command.main(words) == 1
    said = capsys.readouterr().err
    assert "Nothing was marked: bwrap does not work here (no rights)" in said
    for part in ("apt-get install bubblewrap", "dnf install bubblewrap", "--unconfined", "rights"):
        assert part in said
    assert small.record("tiny", "s1") == before
    assert command.main([*words, "--unconfined"]) == 0
    assert "Student code runs UNCONFINED" in capsys.readouterr().out
    assert small.record("tiny", "s1")["level"] == "unconfined"
    assert row_of(small)["points"] == "1"


@pytest.fixture(scope="module")
def marked_class(tmp_path_factory):
    """A class of one, with an open question too; the student fails a hidden test. It is marked."""
    folder = tmp_path_factory.mktemp("one")
    where = teaching.with_a_question(folder)
    code = "def double(x):\n    return 4 if x == 2 else 'aa'"
    notebook = teaching.filled(where.released("tiny"), tiny_double=code, tiny_why="So.")
    teaching.hand_in(where, "tiny", "s1", notebook)
    teaching.mark_all(where)
    return folder


@pytest.fixture
def small(marked_class, tmp_path):
    """A copy of the class of one."""
    shutil.copytree(marked_class, tmp_path / "copy")
    return Course(tmp_path / "copy" / "class", tmp_path / "copy" / "assignments")


def row_of(where, student="s1"):
    """The student's row of the table."""
    return {row["student"]: row for row in report.rows(where, "tiny")[1]}[student]


def test_a_persons_points_survive_a_rerun_and_nbgraders_own_buttons_refuse(small):
    """Its formgrader has buttons that would run student code here and print hidden tests."""
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("", "1")
    with small.gradebook() as book:
        book.find_grade("tiny_why", "tiny", "tiny", "s1").manual_score = 3
        book.db.commit()
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")
    assert mark.to_do(small, "tiny") == []
    for step in ("generate_feedback", "autograde"):
        with pytest.raises(RuntimeError, match="by the command line alone"):
            small.nbgrader(step, "tiny", "s1")
    assert list(small.root.glob("feedback/**/*.html")) == []
    # `autograde` takes its old result away before it is refused.
    assert mark.to_do(small, "tiny") == ["s1"]
    teaching.mark_all(small)
    assert (row_of(small)["tiny_why"], row_of(small)["points"]) == ("3", "4")
    assert mark.to_do(small, "tiny") == []


def changed(where, change):
    """Change the cells of the assignment's source."""
    path = where.source("tiny")
    source = nbformat.read(path, as_version=4)
    change(source.cells)
    nbformat.write(source, path)


def test_an_assignment_changed_in_place_after_marking_is_marked_anew(small):
    def change(cells):
        """Give a test more points, and make another one wrong for the student."""
        cells[2].metadata.nbgrader.points = 5
        cells[3].source = "assert double(2) == 4 and double(3) == 'aa'"

    changed(small, change)
    assert mark.to_do(small, "tiny") == []
    release.release(small, "tiny")
    assert mark.to_do(small, "tiny") == ["s1"]
    teaching.mark_all(small)
    assert (row_of(small)["tiny_double"], row_of(small)["of"]) == ("1", "10")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("tiny_double_3", {"grade": True, "points": 5}, "tiny_double_3 would be added or removed"),
        ("tiny_colab", {}, "tiny_colab would be added or removed"),
        # nbgrader refuses two cells of one name
        ("tiny_double_2", {"grade": True, "points": 5}, "nbgrader could not generate_assignment"),
    ],
)
def test_new_cells_after_marking_are_refused_and_the_release_stays(small, name, kind, message):
    kept = [small.path("handed_out", "tiny"), small.path("release", "tiny")]
    before = [path.read_bytes() for path in kept]
    new = teaching.cell(name, "assert True", locked=True, **kind)
    changed(small, lambda cells: cells.insert(4, new))
    with pytest.raises((ValueError, RuntimeError), match=message):
        release.release(small, "tiny")
    assert [path.read_bytes() for path in kept] == before


def test_a_submission_that_is_a_link_or_too_large_is_not_read(small):
    for student in ("s2", "s3"):
        small.path("submitted", "tiny", student).parent.mkdir(parents=True)
    small.path("submitted", "tiny", "s2").symlink_to(small.path("release", "tiny"))
    with open(small.path("submitted", "tiny", "s3"), "wb") as file:
        file.truncate(30 * 2**20)
    teaching.mark_all(small)
    assert [row_of(small, student)["status"] for student in ("s2", "s3")] == ["unreadable"] * 2


def test_links_and_pipes_beside_a_notebook_are_not_followed(small):
    own = small.path("submitted", "tiny", "s1").parent
    (own / "book").symlink_to(small.root / "gradebook.db")
    (own / "folder").symlink_to(small.root / "source")
    os.mkfifo(own / "pipe")
    (own / "mine.txt").write_text("x")
    teaching.mark_all(small)
    row = row_of(small, "s1")
    assert row["status"] == "marked"
    for name in ("book", "folder", "pipe"):
        assert f"{name} was no file, but a link or the like" in row["reason"]
    copied = {path.name for path in small.path("autograded", "tiny", "s1").parent.iterdir()}
    assert "mine.txt" in copied and not copied & {"book", "folder", "pipe"}
    report.feedback(small, "tiny", partial=True)
    shown = {path.name for path in small.path("feedback", "tiny", "s1").parent.iterdir()}
    assert not shown & {"book", "folder", "pipe", "gradebook.db"}


def test_a_formula_in_the_table_stays_a_text(tmp_path, small):
    small.note("tiny", "s1", {**small.record("tiny", "s1"), "reasons": ["=1+1"]})
    report.export(small, "tiny", tmp_path / "t.csv", partial=True)
    assert "'=1+1" in (tmp_path / "t.csv").read_text(encoding="utf-8")


PICTURE = base64.b64encode(b"a picture").decode()
PASTED = {"a b.png": {"image/png": PICTURE}}
SHOWN = f"data:image/png;base64,{PICTURE}"
ABSENT = "data:image/svg+xml;base64,"
HALF = "\ud83d"  # of an emoji
# What a student makes of the cell with the answer -> what must stand on both pages.
BROUGHT = {
    "pasted": ({"source": "![a](attachment:a%20b.png)", "attachments": PASTED}, SHOWN),
    "resized": ({"source": "<img src='attachment:a b.png'>", "attachments": PASTED}, SHOWN),
    "copied": ({"source": "![a](attachment:gone.png)"}, ABSENT),
    "referred": ({"source": "![a][b]\n\n[b]: attachment:gone.png", "attachments": {}}, ABSENT),
    "empty": ({"source": "![a](attachment:a.png)", "attachments": {"a.png": {}}}, ABSENT),
    "half": ({"source": f"so {HALF} it is"}, "so \ufffd it is"),
    "raw": ({"cell_type": "raw", "source": "so *it* is"}, "so <em>it</em> is"),
    "deep": ({"source": ">" * 3000 + "so"}, "so"),
    "code": (
        {"cell_type": "code", "source": "so it is", "outputs": [], "execution_count": 1},
        "so",
    ),
    "spoiled": ({"source": "so"}, "so"),  # after marking
}
ADDED = nbformat.v4.new_raw_cell("*a* <b> ```c```")
MALFORMED = {
    "no_metadata": lambda notebook: notebook["cells"][-1].pop("metadata"),
    "no_cells": lambda notebook: notebook.update(cells=[3]),
    "attached": lambda notebook: notebook["cells"][-1].update(attachments=[]),
    "no_notebook": lambda notebook: notebook.clear(),
}


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """A class whose members handed in what is in BROUGHT and in MALFORMED; it is marked."""
    where = teaching.with_a_question(tmp_path_factory.mktemp("brought"))
    for student in [*BROUGHT, *MALFORMED]:
        notebook = json.loads(
            nbformat.writes(teaching.filled(where.released("tiny"), tiny_double=GOOD))
        )
        if student in BROUGHT:
            notebook["cells"][-1] |= BROUGHT[student][0]
            notebook["cells"].append(ADDED)
        else:
            MALFORMED[student](notebook)
        path = where.path("submitted", "tiny", student)
        path.parent.mkdir(parents=True)
        path = path.with_name("My homework.ipynb") if student == "raw" else path
        path.write_text(json.dumps(notebook))
    teaching.mark_all(where)
    return where


def test_malformed_hand_ins_are_unreadable_and_not_tried_again(brought):
    table = {row["student"]: row for row in report.rows(brought, "tiny")[1]}
    found = {student: (row["status"], row["tiny_double"]) for student, row in table.items()}
    assert found == dict.fromkeys(BROUGHT, ("marked", "3")) | dict.fromkeys(
        MALFORMED, ("unreadable", "")
    )
    assert mark.to_do(brought, "tiny") == []


def formgrader(where, student):
    """The page that nbgrader's Formgrader shows of a marked hand-in."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    page = HTMLExporter(template_name="formgrade", extra_template_basedirs=[handlers.template_path])
    there = {"base_url": "", "index": 0, "total": 1, "notebook_id": "tiny", "submission_id": "1"}
    return page.from_filename(str(where.path("autograded", "tiny", student)), resources=there)[0]


def test_a_page_costs_no_other_and_shows_what_was_handed_in(brought, tell):
    spoiled = brought.path("autograded", "tiny", "spoiled")
    spoiled.chmod(0o600)
    spoiled.write_text(spoiled.read_text(encoding="utf-8").replace("markdown", "no such kind"))
    code, said = tell(brought, "feedback", "--partial")
    unwritten = set(re.findall("no page: (\\w+):", said))
    assert code == 1 and unwritten == {"spoiled", *MALFORMED}, said
    assert f"{len(BROUGHT) - 1} pages in" in said and "Traceback" not in said
    for student, (_, shown) in BROUGHT.items():
        if student == "spoiled":
            continue
        page = brought.path("feedback", "tiny", student).with_suffix(".html")
        for text in (page.read_text(encoding="utf-8"), formgrader(brought, student)):
            assert shown in text and text.count(SHOWN) == (shown == SHOWN), student
            assert "*a* &lt;b&gt; ```c```" in text, "a raw cell, letter by letter"


@pytest.mark.parametrize(
    ("files", "counts", "notes"),
    [
        ({"My homework": GOOD}, "My homework", []),
        ({"tiny": None, "tiny-Copy1": GOOD}, "tiny-Copy1", []),
        ({"tiny": GOOD, "tiny-Copy1": "double = 2"}, "tiny", ["tiny-Copy1.ipynb"]),
        ({"tiny": "no notebook", "tiny-Copy1": GOOD}, "tiny-Copy1", ["tiny as it was.ipynb"]),
        ({"a": GOOD, "b": "double = 2"}, None, ["a.ipynb, b.ipynb"]),
        ({"answer.pdf": ""}, None, ["answer.pdf"]),
    ],
)
def test_a_folder_from_a_hub_is_marked_whatever_its_file_is_called(small, files, counts, notes):
    own = small.path("submitted", "tiny", "s2")
    own.parent.mkdir(parents=True)
    for name, code in files.items():
        answers = {"tiny_double": code} if code else {}
        text = nbformat.writes(teaching.filled(small.released("tiny"), **answers))
        path = own.with_name(name if "." in name else f"{name}.ipynb")
        path.write_text("nonsense" if code == "no notebook" else text)
    assert small.students("tiny") == ["s1", "s2"]
    if counts is None:
        with pytest.raises(ValueError, match=f"not clear .{notes[0]}.: call it tiny.ipynb"):
            mark.settle(small, "tiny", "s2")
        return
    wanted = own.with_name(f"{counts}.ipynb").read_bytes()
    said = mark.settle(small, "tiny", "s2")
    assert own.read_bytes() == wanted
    assert [f"not marked: {name}, which lies beside it" for name in notes] == said
    before = mark.digest(small, "tiny", "s2")
    assert mark.settle(small, "tiny", "s2") == said and mark.digest(small, "tiny", "s2") == before
    own.with_name("helper.py").touch()
    own.with_name("helper.py").write_text("new")
    assert mark.digest(small, "tiny", "s2") != before, "what lies beside it counts, too"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["release", "ps9"], "There is no assignment 'ps9'"),
        (["export", "ps9"], "There is no assignment 'ps9'"),
        (["mark", "ps1_objective"], "was not released"),
        (["feedback", "ps1_objective"], "was not released"),
        (["collect", "tiny", "nowhere"], "There is no folder nowhere"),
        (["collect", "tiny", "a.zip"], "There is no folder a.zip; what is packed must be unpacked"),
        (["collect", "tiny", "flat"], "need a roster to match them"),
        (["collect", "tiny", "class/submitted"], "is collected already"),
        (["collect", "tiny", "flat", "--roster=none.csv"], "There is no file none.csv"),
        (["export", "tiny", "--out=none/t.csv"], "none/t.csv cannot be written"),
        (["export", "tiny", "--out=class"], "class cannot be written"),
        (["mark", "tiny", "--workers", "-1"], "--workers: expected a number above 0, not '-1'"),
        (["mark", "tiny", "--seconds=nan"], "--seconds: expected a number above 0, not 'nan'"),
        (["mark", "tiny", "--student=s9"], "'s9' has handed in nothing for tiny; who has: nobody"),
        (["collect", "tiny", "flat", "--due=soon"], "The time 'soon' cannot be read; expected a"),
        (["collect", "tiny", "flat", "--due=2026-11-27"], "a day and a time such as '2026-11-27 2"),
        (["collect", "tiny", "flat", "--extension=s1"], "expected ID=HOURS, as in s01=48"),
        (["collect", "tiny", "flat", "--extension=s1=soon"], "expected hours such as 24 or 1.5"),
        (["points", "tiny", "none.csv"], "There is no file none.csv"),
        (["points", "tiny", "a.zip"], "expected the columns student,task,maximum"),
        (["answers", "tiny", "--out=class"], "class cannot be written"),
        (["table", "--out=none/t.csv"], "none/t.csv cannot be written"),
        (["similar", "ps9"], "There is no assignment 'ps9'"),
        (["export", "tiny", "--out=~nobody-here/t.csv"], "'~nobody-here/t.csv' is no path"),
    ],
)
def test_a_wrong_word_is_answered_at_once_with_what_to_do(tmp_path, words, message):
    """Before anything is imported that takes seconds."""
    release_of_tiny = tmp_path / "class/release/tiny/tiny.ipynb"
    for path in (release_of_tiny, tmp_path / "flat/a.ipynb", tmp_path / "a.zip"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "class/submitted").mkdir()
    python = [sys.executable, "-X", "importtime", "-m", "tools.teach", "--class=class"]
    where = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(teaching.ROOT)}}
    answer = subprocess.run([*python, *words], capture_output=True, text=True, **where)
    said = [line for line in answer.stderr.splitlines() if not line.startswith("import time:")]
    imported = set(re.findall(r"\| +([a-z]+)$", answer.stderr, re.MULTILINE))
    assert answer.returncode in (1, 2) and message in "\n".join(said)
    assert "Traceback" not in answer.stderr
    assert "argparse" in imported and not imported & {"nbformat", "nbgrader", "nbconvert", "zmq"}


def test_a_tilde_is_the_home_folder_in_each_path(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    words = ["--class=~/class", "collect", "tiny", "~/in", "--roster=~/r.csv"]
    options = command.parser().parse_args(words)
    assert [options.root, options.folder, options.roster] == [
        tmp_path / name for name in ("class", "in", "r.csv")
    ]
    words = ["--class=~/class", "export", "tiny", "--out=~/t.csv"]
    assert command.parser().parse_args(words).out == tmp_path / "t.csv"
    assert Course("~/class").root == (tmp_path / "class").resolve()


@pytest.mark.parametrize("reader", ["cp1252", "gone"])
def test_a_message_that_cannot_be_written_ends_nothing(small, monkeypatch, tmp_path, reader):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    if reader == "gone":
        ours, theirs = os.pipe()
        os.close(ours)
        stream = os.fdopen(theirs, "w")
    monkeypatch.setattr(sys, "stdout", stream)
    path = tmp_path / "数据 Übung.csv"
    words = ["--class", str(small.root), "export", "tiny", f"--out={path}", "--partial"]
    assert command.main(words) == 0
    assert "s1,1," in path.read_text(encoding="utf-8")
    if reader == "cp1252":
        assert stream.buffer.getvalue().decode("cp1252").strip().endswith(r"\u6570\u636e Übung.csv")
    stream.close()


def test_whoever_interrupts_is_told_how_to_go_on(small, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command.roster, "rows", interrupt)
    (small.root / "roster.csv").touch()
    assert command.main(["--class", str(small.root), "export", "tiny"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


@pytest.mark.parametrize("reader", ["here", "gone"])
def test_the_command_explains_itself(reader):
    ours, theirs = os.pipe()
    if reader == "gone":
        os.close(ours)
    words = [sys.executable, "-m", "tools.teach", "--help"]
    answer = subprocess.run(words, cwd=teaching.ROOT, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    assert (answer.returncode, answer.stderr) == (0, b"")
    if reader == "here":
        with os.fdopen(ours) as file:
            said = file.read()
        verbs = "release collect mark answers points feedback export table similar"
        assert all(verb in said for verb in verbs.split())


@pytest.mark.parametrize("page", ["marking.md", "first-class.md", "jupyterhub.md"])
def test_the_commands_in_the_documents_are_known(page):
    from nbgrader.apps.nbgraderapp import NbGraderApp

    text = (Path(teaching.ROOT) / "docs" / page).read_text(encoding="utf-8")
    lines = re.findall(
        r"^(?:(?:\S+/)?python -m (tools\.teach)|(nbgrader)) (.*)$", text, re.MULTILINE
    )
    assert len(lines) >= 5
    for ours, _, words in lines:
        if ours:
            options = command.parser().parse_args(shlex.split(words))
            assert options.do is command.do_table or options.name in teaching.NAMES
        else:
            assert words.split()[0] in NbGraderApp.subcommands


# What lies where a hand-in should be, made from a right one -> what becomes of it.
ODD = {
    "pipe": (lambda own: (own.unlink(), os.mkfifo(own)), "unreadable"),
    "folder": (lambda own: (own.unlink(), own.mkdir()), "unreadable"),
    "mark_first": (lambda own: own.write_bytes(b"\xef\xbb\xbf" + own.read_bytes()), "marked"),
    "far_time": (
        lambda own: own.with_name("timestamp.txt").write_text("9999-12-31T23:59:59-23:59"),
        "marked",
    ),
    "no_time": (lambda own: own.with_name("timestamp.txt").write_bytes(b"\xff\xfe"), "marked"),
    "time_folder": (lambda own: own.with_name("timestamp.txt").mkdir(), "marked"),
    "deep": (lambda own: (own.parent / "/".join("d" * 40)).mkdir(parents=True), "unreadable"),
    "huge": (lambda own: os.truncate(touched(own, "huge.bin"), 2**36), "unreadable"),
    "many": (lambda own: [touched(own, f"{n}.txt") for n in range(1001)], "unreadable"),
    "odd_name": (lambda own: os.rename(own, os.fsencode(own.parent) + b"/\xff.ipynb"), "marked"),
    "pipe_beside": (lambda own: os.mkfifo(own.with_name("x.ipynb")), "marked"),
}
COLOURS = "print('\\x1b[38m')\n" + GOOD
HALVES = "def double(x):\n    raise ValueError('\\ud800')"


def touched(own, name):
    """Make an empty file beside a hand-in and return its path."""
    own.with_name(name).touch()
    return own.with_name(name)


@pytest.mark.long
def test_no_hand_in_ends_a_step_for_the_others(tmp_path, tell):
    where = teaching.with_a_question(tmp_path)
    answers = dict.fromkeys(ODD, GOOD) | {"colours": COLOURS, "halves": HALVES, "long": GOOD}
    for student, code in answers.items():
        notebook = teaching.filled(where.released("tiny"), tiny_double=code)
        if student == "long":
            notebook.cells[-1].source = "so " * 6_000_000
        teaching.hand_in(where, "tiny", student, notebook)
    for student, (change, _) in ODD.items():
        change(where.path("submitted", "tiny", student))
    tell(where, "mark", "--due", "2026-11-27 23:59")
    table = {row["student"]: row for row in report.rows(where, "tiny")[1]}
    wanted = {student: status for student, (_, status) in ODD.items()}
    assert {student: table[student]["status"] for student in table} == {
        student: wanted.get(student, "marked") for student in answers
    }
    assert mark.to_do(where, "tiny") == []
    well = {student for student, row in table.items() if row["status"] == "marked"}
    assert {table[student]["tiny_double"] for student in well - {"halves"}} == {"3"}
    _, said = tell(where, "feedback", "--partial")
    assert f"{len(well)} pages in" in said, said
    assert tell(where, "export", "--partial")[0] == tell(where, "similar")[0] == 0
    assert tell(where, "answers")[0] == 0
    filled = where.root / "tiny_answers.csv"
    assert tell(where, "points", filled)[0] == 0, "an answer of 18 MB is cut"
