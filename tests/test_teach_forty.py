"""One class of forty, with all that happens in one, from the release to the last table."""

import csv
import os
import shutil
from datetime import datetime

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command

DUE = "2026-11-27 23:59"
IN_TIME, LATE = "2026-11-27 10:00", "2026-11-28 01:59"
GOOD = "def double(x):\n    return x + x"
ALIKE = """def double(x):
    {0} = 0
    for part in (x, x):
        {0} = {0} + part
    if {0} != 2 * x and not isinstance(x, str):
        raise ValueError("no number: " + repr(x))
    return {0}
""".replace("= 0", "= type(x)()")
IDS = [f"s{number:02d}" for number in range(1, 41)]
FIRST = "Ada Émile Zoë José Åsa Łucja Ülkü Søren".split()
LAST = "Lovelace,Noether,van Dam,Kovalévskaja,Müller".split(",")
NAMES = {one: f"{FIRST[n % 8]} {LAST[n // 8]}" for n, one in enumerate(IDS)}
TWO = ("s38", "s39")  # whose answers are alike
UNREAD = "s05"


def answers(student):
    """The answers of a student, by cell."""
    code = ALIKE.format("total" if student == TWO[0] else "n") if student in TWO else GOOD
    words = " ".join(f"w{student}x{n}" for n in range(20))
    return {"tiny_double": code, "tiny_why": f"{words} {student}"}


def put(where, folder, path, student, time=IN_TIME, **more):
    """Write a student's notebook below a folder, with the time of its file."""
    path = folder / path
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = teaching.filled(where.released("tiny"), **(answers(student) | more))
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    os.utime(path, (datetime.fromisoformat(time).timestamp(),) * 2)


def plain(name):
    """A name as Canvas writes it: the last name first, small letters alone."""
    first, _, last = name.partition(" ")
    table = str.maketrans("éëåłüøĵ", "eealuoj")
    return f"{last}{first}".lower().replace(" ", "").translate(table)


def handed_in(where, folder):
    """What arrives in time or late from five platforms and by mail, in a folder each."""
    for one in IDS[:8]:
        put(where, folder / "moodle", f"{NAMES[one]}_47_assignsubmission_file_/x.ipynb", one)
    for one in IDS[8:16]:
        late = "_LATE" if one == "s16" else ""
        put(where, folder / "canvas", f"{plain(NAMES[one])}{late}_1_2_tiny.ipynb", one)
    again = f"{plain(NAMES['s15'])}_1_9_tiny-1.ipynb"
    put(where, folder / "canvas", again, "s15", tiny_double="def double(x):\n    return 4")
    for one in IDS[16:23]:
        put(where, folder / "blackboard", f"tiny_{one}_attempt_2026-11-27-10-00-00_a.ipynb", one)
    put(where, folder / "blackboard", "tiny_s23_attempt_2026-11-28-01-59-00_a.ipynb", "s23",
        tiny_double="def double(x):\n    return 'aa'")  # fmt: skip
    for one in IDS[23:29]:
        last = NAMES[one].partition(" ")[2]
        name = f"1-2 - {NAMES[one].partition(' ')[0]} {last} - Nov 27, 2026 1000 AM - a.ipynb"
        put(where, folder / "brightspace", name, one)
    for one in IDS[29:34]:
        put(where, folder / "classroom", f"Copy of tiny - {NAMES[one]}.ipynb", one)
    for number, one in enumerate(("s35", "s36")):
        name = f"homework {number}.ipynb"
        put(where, folder / "mail", name, one, tiny_student=f"student = {NAMES[one]!r}")
    (folder / "mail" / "tiny_s37.ipynb").touch()
    put(where, folder / "ids", "s38/tiny.ipynb", "s38", LATE)  # with an extension
    put(where, folder / "ids", "s39/tiny.ipynb", "s39", LATE)


def read(path):
    """A CSV file: {student: row}."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture
def tell(tmp_path, capsys):
    """(the course, a function that runs one command; it returns (exit code, what was printed))."""
    where = teaching.with_a_question(tmp_path)
    shutil.rmtree(where.root / "handed_out")
    lines = [f'{one},"{NAMES[one]}",{one}@x.org,{24 * (one == "s38")}' for one in IDS]
    (where.root / "roster.csv").write_text("\n".join(["id,name,email,extra_hours", *lines]))

    def run(verb, *words, name=("tiny",)):
        """Run the command `verb`."""
        words = ["--class", str(where.root), verb, *name, *map(str, words)]
        options = command.parser().parse_args(words)
        try:
            return options.do(where, options), capsys.readouterr().out
        except ValueError as error:
            return 1, str(error)

    return where, run


@pytest.mark.long
def test_a_class_of_forty_from_release_to_table(tmp_path, tell):
    where, tell = tell
    assert tell("release")[0] == 0
    folder = tmp_path / "in"
    handed_in(where, folder)
    said = {}
    for number, path in enumerate(sorted(folder.iterdir())):
        due = ["--due", DUE] if number == 0 else []
        code, said[path.name] = tell("collect", path, *due)
        assert code == (path.name == "mail"), said[path.name]
    assert where.students("tiny") == [one for one in IDS if one not in ("s37", "s40")]
    assert "not taken: tiny_s37.ipynb: tiny_s37.ipynb is not a notebook" in said["mail"]
    assert said["moodle"].splitlines()[-2:] == [
        "without: s37, s40",
        f"due {DUE}, late: s23 (2 h), s39 (2 h)",
    ]
    assert "the earlier one is earlier/tiny/s15/2026-11-27_10-00-00.ipynb" in said["canvas"]

    marked = tell("mark", *([] if teaching.level() == "confined" else ["--unconfined"]))
    assert marked[0] == 0 and "tiny: 38 to mark" in marked[1] and "late: s23 (2 h)" in marked[1]
    out = where.root / "tiny_answers.csv"
    assert tell("answers")[1] == f"38 answers in {out}, 38 of them not read yet\n"
    rows = read(out)
    for row in rows.values():
        row["points"] = "" if row["student"] == UNREAD else "3"
    with open(out, "w", encoding="cp1252", newline="") as file:
        writer = csv.DictWriter(file, list(rows["s01"]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows.values())
    code, said = tell("points", out)
    end = "changed: 37; students with an answer that is not read yet: 1"
    assert code == 0 and said.splitlines()[-1] == end
    for verb in ("feedback", "export"):
        code, said = tell(verb)
        assert code == 1 and f"  {UNREAD}: tiny_why\n" in said
    check_partial(where, tell)

    out.write_text(f"student,task,points\n{UNREAD},tiny_why,4\n")
    assert tell("points", out)[0] == 0
    assert tell("feedback") == (0, f"38 pages in {where.root / 'feedback'}, without hidden tests\n")
    assert tell("export")[0] == tell("table", name=())[0] == 0
    check_points(where)
    one, last = tell("similar")[1].splitlines()
    assert one.startswith("s38 and s39: tiny_double: 100 % alike, ") and last.startswith("1 pairs")


def check_partial(where, tell):
    """With --partial all is written, and says what is not read."""
    assert tell("export", "--partial")[0] == 0
    row = read(where.root / "tiny.csv")[UNREAD]
    assert row["tiny_why"] == "" and row["note"] == "partial: not read yet: tiny_why"
    assert tell("feedback", "--partial")[0] == 0
    page = where.path("feedback", "tiny", UNREAD).with_suffix(".html")
    assert "your answer</a>: not read yet" in page.read_text(encoding="utf-8")


def check_points(where):
    """Each has the points of the hand-in that counts; nothing was taken away for being late."""
    rows = read(where.root / "tiny.csv")
    want = dict.fromkeys(IDS, "6") | {"s37": "", "s40": "", UNREAD: "7", "s15": "3", "s23": "4"}
    assert {one: row["points"] for one, row in rows.items()} == want
    late = {one: row["late"] for one, row in rows.items() if row["late"]}
    assert late == {"s23": "2 h", "s39": "2 h"}
    assert rows["s23"]["note"] == "a hand-in of 2026-11-27 10:00 was in time: it is in earlier/"
    assert rows["s16"]["note"] == "Canvas calls it late" and rows["s38"]["received"] == LATE
    assert rows["s40"]["status"] == "no hand-in"
    table = read(where.root / "table.csv")
    assert {one: row["tiny"] for one, row in table.items()} == want
    assert {one: row["name"] for one, row in table.items()} == NAMES
    assert table["s40"]["note"] == "tiny: no hand-in" and table["s40"]["points"] == "0"
    assert table["s39"]["note"] == "tiny: 2 h late" and table["s01"]["email"] == "s01@x.org"
