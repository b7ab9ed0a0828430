"""Another form by a seed: each variant marks right, no other form's answer passes, none leaks."""

import json
import subprocess
import sys
import tomllib
from decimal import Decimal

import nbformat
import pytest
import teaching

from tools.teach import __main__ as command
from tools.teach import leaks, release, report, variants
from tools.teach.course import ASSIGNMENTS, Course

SPACES = sorted(path.stem for path in (ASSIGNMENTS / "variants").glob("*.toml"))
SEEDS = range(2001, 2051)
LINE = 120


@pytest.fixture(params=SPACES)
def name(request):
    """The name of an assignment with variants."""
    return request.param


def code_tasks(name):
    """The tasks that a machine marks."""
    return [
        teaching.grader(cell).grade_id
        for cell in teaching.source(name).cells
        if teaching.grader(cell).get("solution") and not teaching.grader(cell).get("grade")
        if not teaching.grader(cell).grade_id.endswith("_student")
    ]


def test_each_task_has_another_form(name):
    assert sorted(teaching.space_of(name).variants) == sorted(code_tasks(name))


@pytest.mark.long
def test_each_form_earns_all_and_any_other_form_loses(name):
    found = json.loads(teaching.in_a_fresh_process(name, "variants"))
    assert {task for task, *_ in found} == set(code_tasks(name))
    for task, answer, asked, errors in found:
        if answer == asked:
            assert errors == {}, (task, answer)
        else:
            assert any(cell.startswith(f"{task}_") for cell in errors), (task, answer, asked)


def test_the_seeds_that_are_tried_draw_each_form(name):
    drawn = teaching.drawn_by_seeds(name).values()
    found = {(task, form) for one in drawn for task, form in one.variants.items()}
    forms = teaching.space_of(name).variants.items()
    assert {(task, form) for task, others in forms for form in others} <= found


@pytest.mark.long
def test_what_a_seed_draws_earns_all_on_its_own_tests_and_less_on_anothers(name):
    found = json.loads(teaching.in_a_fresh_process(name, "seeds"))
    assert [seed for seed, *_ in found] == list(teaching.drawn_by_seeds(name))
    assert [(seed, errors, passed) for seed, errors, passed in found if errors or passed] == []


def test_fifty_seeds_give_notebooks_as_the_house_wants_them_and_nothing_leaks(name, tmp_path):
    space, source = teaching.space_of(name), teaching.source(name)
    where, found = Course(tmp_path / "class"), {}
    rubric = where.rubric(name)
    for seed in SEEDS:
        drawn = variants.draw(space, name, seed)
        notebook, marking = variants.varied(source, rubric, space, drawn)
        nbformat.validate(notebook)
        path = tmp_path / f"{seed}.ipynb"
        nbformat.write(notebook, path)
        found[seed] = path.read_bytes()
        text = "\n".join(cell.source for cell in notebook.cells)
        assert not [value for value in drawn.values if f"<{value}>" in text]
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert [line for cell in code for line in cell.splitlines() if len(line) > LINE] == []
        assert leaks.in_source(notebook) == []
        given = release.without_secrets(where, notebook)
        assert leaks.in_notebook(given, leaks.secrets_of(notebook, marking)) == []
    assert len(set(found.values())) == len(SEEDS)
    words = [sys.executable, "-m", "ruff"]
    for step in (["check"], ["format", "--check"]):
        more = [
            "--no-cache",
            "--config",
            str(teaching.ROOT / "notebooks" / "ruff.toml"),
            str(tmp_path),
        ]
        answer = subprocess.run([*words, *step, *more], capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout[-2000:]


TINY = """
[draw]
word = { among = ["indeed", "never", "not at all"] }

[[swap]]
cell = "tiny_double_1"
old = "'no'"
new = "'no, <word>'"

[variant.tiny_double.triple]
about = "three times"
swap = [
  { cell = "tiny_double", old = "number_given = x + x", new = "number_given = x + x + x" },
  { cell = "tiny_double_1", old = "double(2) == 4, 'two and two'", new = "double(2) == 6, 'twos'" },
  { cell = "tiny_double_1", old = "(1.4142135) == 2.828427", new = "(1.7320508) == 5.1961524" },
  { cell = "tiny_double_2", old = "'aa'", new = "'aaa'" },
  { cell = "rubric", old = "Two and two make four.", new = "Three twos make six." },
]
"""
AS_IT_STANDS, TRIPLE = "x + x", "x + x + x"
RUBRIC = "Two and two make four."


def tiny_with_variants(folder, space=TINY):
    """The tiny course with a second form of its task."""
    where = teaching.tiny_course(folder)
    path = where.assignments / "variants" / "tiny.toml"
    path.parent.mkdir()
    path.write_text(space, encoding="utf-8")
    rubric = where.assignments / "rubrics" / "tiny.md"
    rubric.parent.mkdir()
    rubric.write_text(RUBRIC, encoding="utf-8")
    return where


def seed_with(where, **forms):
    """A seed that draws these forms of the task: {student: variant}, `of_class` for all."""
    space = variants.read_space(where, "tiny")
    for seed in range(1, 1000):
        drawn = {s: variants.draw(space, "tiny", seed, s.replace("of_class", "")) for s in forms}
        if {s: one.variants["tiny_double"] for s, one in drawn.items()} == forms:
            return seed
    raise AssertionError("no seed draws this")


def say(capsys, where, verb, *words):
    """Run one command; return (exit code, what it printed)."""
    words = ["--class", str(where.root), verb, "tiny", *map(str, words)]
    if verb == "mark" and teaching.level() != "confined":
        words.append("--unconfined")
    options = command.parser().parse_args(words)
    return options.do(where, options), capsys.readouterr().out


def hand_in(where, student, answer):
    """Hand in an answer in the notebook that this student got."""
    given = where.released("tiny", student)
    code = f"def double(x):\n    return {answer}"
    teaching.hand_in(where, "tiny", student, teaching.filled(given, tiny_double=code))


def points_of(where):
    """{student: points} of the tiny assignment."""
    return {row["student"]: row["points"] for row in report.rows(where, "tiny")[1]}


def test_a_class_is_released_and_marked_by_its_seed(tmp_path, capsys):
    where = tiny_with_variants(tmp_path)
    seed = seed_with(where, of_class="triple")
    line = "tiny_double: triple (three times)"
    assert say(capsys, where, "release", "--seed", seed, "--dry-run") == (0, f"{line}\n")
    assert not where.root.joinpath("handed_out").exists()
    assert say(capsys, where, "release", "--seed", seed)[1].startswith(f"{line}\nNothing leaks.")
    kept = json.loads((where.root / "variants" / "tiny.json").read_text(encoding="utf-8"))
    rubric = where.root / "variants" / "tiny.md"
    assert rubric.read_text(encoding="utf-8") == "Three twos make six."
    assert (kept["seed"], kept["variants"]) == (seed, {"tiny_double": "triple"})
    given = (where.root / "handed_out" / "tiny" / "tiny.ipynb").read_text(encoding="utf-8")
    assert "double(2) == 6" in given and "1.7320508" not in given and TRIPLE not in given
    for student, answer in (("s1", TRIPLE), ("s2", AS_IT_STANDS), ("s3", "6 if x == 2 else 'aaa'")):
        hand_in(where, student, answer)
    where.source("tiny").write_text("{}", encoding="utf-8")  # the class has its own
    assert say(capsys, where, "mark")[0] == 0
    assert points_of(where) == {"s1": "3", "s2": "0", "s3": "1"}
    assert say(capsys, where, "feedback")[0] == 0
    page = where.path("feedback", "tiny", "s3").with_suffix(".html").read_text(encoding="utf-8")
    assert "AssertionError: no, " in page and "5.1961524" not in page


@pytest.fixture
def two(tmp_path, capsys):
    """(a class of two, each with a form of their own, marked; the seed)."""
    where = tiny_with_variants(tmp_path)
    (where.root / "roster.csv").write_text("id,name\ns1,A\ns2,B\n", encoding="utf-8")
    seed = seed_with(where, s1="", s2="triple", s3="triple")
    code, said = say(capsys, where, "release", "--seed", seed, "--per-student")
    assert code == 0 and said.startswith("s1: tiny_double -\ns2: tiny_double triple\n")
    hand_in(where, "s1", AS_IT_STANDS)
    hand_in(where, "s2", TRIPLE)
    assert say(capsys, where, "mark")[0] == 0
    return where, seed


def test_each_student_is_marked_by_the_tests_of_their_own_notebook(two, capsys):
    where, _ = two
    found = sorted((where.root / "handed_out" / "tiny").rglob("*.ipynb"))
    assert [path.parent.name for path in found] == ["s1", "s2"]
    assert "double(2) == 4" in found[0].read_text(encoding="utf-8")
    assert "double(2) == 6" in found[1].read_text(encoding="utf-8")
    rubrics = [where.root / "variants" / "tiny" / s / "rubric.md" for s in ("s1", "s2")]
    assert [path.read_text("utf-8") for path in rubrics] == [RUBRIC, "Three twos make six."]
    assert points_of(where) == {"s1": "3", "s2": "3"}
    hand_in(where, "s1", TRIPLE)  # the neighbour's answer
    hand_in(where, "s2", "6 if x == 2 else 'aaa'")
    assert "tiny: 2 to mark" in say(capsys, where, "mark")[1]
    assert points_of(where) == {"s1": "0", "s2": "1"}
    assert say(capsys, where, "feedback")[0] == 0
    texts = {
        student: where.path("feedback", "tiny", student).with_suffix(".html").read_text("utf-8")
        for student in ("s1", "s2")
    }
    assert "two and two" in texts["s1"] and "twos" in texts["s2"]
    assert not [text for text in texts.values() if "5.1961524" in text or "2.828427" in text]


def test_a_page_with_a_hidden_test_of_this_student_is_not_kept(two):
    where, _ = two
    path = where.path("autograded", "tiny", "s2")
    path.chmod(0o600)
    text = path.read_text(encoding="utf-8").replace("### BEGIN HIDDEN TESTS", "# nothing hidden")
    path.write_text(text, encoding="utf-8")
    pages, reasons = report.feedback(where, "tiny")
    assert list(pages) == ["s1"] and "shows a hidden test of tiny_double_1" in reasons["s2"]


def test_who_came_later_gets_a_notebook_and_the_others_keep_theirs(two, capsys):
    where, seed = two
    before = (where.root / "variants" / "tiny" / "s1" / "source.ipynb").read_bytes()
    teaching.hand_in(where, "tiny", "s3", where.released("tiny", "s2"))
    assert "s3: unreadable" in say(capsys, where, "mark")[1]
    assert "none was made for s3" in where.record("tiny", "s3")["reasons"][0]
    (where.root / "roster.csv").write_text("id,name\ns3,C\n", encoding="utf-8")
    assert say(capsys, where, "release", "--seed", seed, "--per-student")[0] == 0
    assert (where.root / "variants" / "tiny" / "s1" / "source.ipynb").read_bytes() == before
    said = say(capsys, where, "mark")[1]
    assert "1 to mark, 2 marked before" in said and "s3: marked" in said


def test_another_seed_is_refused_once_work_was_marked(two):
    where, seed = two
    people = ["s1", "s2"]
    reason = rf"of a release with --seed {seed} --per-student; one .* would ask for other answers"
    for other in ((None, None), (seed, None), (seed + 1, people)):
        with pytest.raises(ValueError, match=reason):
            release.release(where, "tiny", *other)
    assert (where.root / "handed_out" / "tiny" / "s2" / "tiny.ipynb").is_file()


def test_another_seed_is_refused_once_work_was_collected(tmp_path):
    where = tiny_with_variants(tmp_path)
    release.release(where, "tiny")
    release.release(where, "tiny", seed=1)  # nobody has handed in yet
    hand_in(where, "s1", AS_IT_STANDS)
    with pytest.raises(ValueError, match="of a release with --seed 1; one without --seed would"):
        release.release(where, "tiny")
    release.release(where, "tiny", seed=1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "1", "--per-student"], "put a roster.csv into"),
        (["--per-student"], "give a --seed too"),
        (["--dry-run"], "give a --seed too"),
    ],
)
def test_a_draw_without_seed_or_roster_is_answered_before_any_work(tmp_path, words, message):
    where = tiny_with_variants(tmp_path)
    options = command.parser().parse_args(["--class", str(where.root), "release", "tiny", *words])
    with pytest.raises(ValueError, match=message):
        options.do(where, options)
    assert not (where.root / "release").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("'aa'", "'bb'", r"tiny\.toml: in the cell 'tiny_double_2' this text stands 0 times"),
        ('cell = "tiny_double_2"', 'cell = "tiny"', r"tiny\.toml: there is no cell 'tiny'"),
        ("about =", "abuot =", r"variant\.tiny_double\.triple: it has \['abuot', 'swap'\]"),
        ("among", "amongst", r"draw\.word: it has \['amongst'\]"),
        ("[draw]", "[draw", "is no TOML"),
        ('["indeed", "never", "not at all"]', "[]", r"draw\.word: there is nothing to choose"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(tmp_path, old, new, message):
    where = tiny_with_variants(tmp_path, TINY.replace(old, new))
    with pytest.raises(ValueError, match=message):
        space = variants.read_space(where, "tiny")
        drawn = variants.Drawn({"word": "so"}, {"tiny_double": "triple"})
        variants.varied(teaching.tiny_source(), RUBRIC, space, drawn)


def test_an_assignment_without_variants_is_not_drawn(tmp_path):
    with pytest.raises(FileNotFoundError, match="tiny has no variants to draw from"):
        release.release(teaching.tiny_course(tmp_path), "tiny", seed=1)


def test_a_value_is_drawn_from_its_steps_and_written_as_the_file_has_it():
    text = "[draw]\nrate = { from = 0.6, to = 0.75, step = 0.05 }\npair = { among = [[1, 7]] }\n"
    table = tomllib.loads(text, parse_float=Decimal)["draw"]
    assert list(map(str, variants.possible(table["rate"]))) == ["0.60", "0.65", "0.70", "0.75"]
    values = {"rate": Decimal("0.65"), "pair": [1, 7]}
    assert variants.filled("<rate> <pair> <pair.1> <b> a<b>", values) == "0.65 [1, 7] 7 <b> a<b>"


def test_a_seed_draws_the_same_in_each_process_and_year():
    space = variants.Space("", {"n": {"among": list(range(1000))}}, [], {"t": {"a": {}, "b": {}}})
    drawn = [variants.draw(space, "ps", seed, who) for seed, who in ((2026, ""), (2026, "s1"))]
    assert [(one.values["n"], one.variants["t"]) for one in drawn] == [(911, "a"), (222, "")]


def test_a_students_release_is_made_as_nbgrader_makes_the_classs(tmp_path):
    where = teaching.tiny_course(tmp_path)
    release.release(where, "tiny")
    made = release.without_secrets(where, teaching.tiny_source())
    assert made.cells == where.released("tiny").cells
