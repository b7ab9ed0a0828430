"""A class on JupyterHub: a real hub on loopback with its own configuration, accounts and nbgrader.

Everything happens as in a class: passwords go through PAM, the hub starts servers, cells run
through its websockets, and code in one account's kernel tries to reach another account.
"""

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import teaching
from chromium import in_browser

pytest.importorskip("pwd", reason="a hub with system accounts needs Linux")
import hub as hubs  # noqa: E402 (it needs `pwd`)

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[1]
LESSON = "lessons/00_start_here.ipynb"
NAME = "ps1_objective"
COURSE = {"course_id": "cgan_lab", "assignment_id": NAME}


@pytest.fixture(scope="module")
def school():
    """A running hub with anna, bob and a teacher, who have lesson 0 open, and with a stranger."""
    with hubs.accounts("anna", "bob", "teacher", "stranger") as (group, people):
        stranger = people["stranger"].name
        subprocess.run(["gpasswd", "-d", stranger, group], check=True, capture_output=True)
        with hubs.running(group, people["teacher"].name) as hub:
            members = [people[role] for role in ("anna", "bob", "teacher")]
            for person in members:
                person.login(hub)
                person.start()
            for person in members:
                person.wait()
                person.lesson, person.kernel = person.open(LESSON)
            yield SimpleNamespace(hub=hub, members=members, **people)


def run_all(person):
    """Run a person's lesson; return the cells whose outputs are not the stored ones."""
    cells = [cell for cell in person.lesson.cells if cell.cell_type == "code"]
    ran = [
        (cell.source, hubs.texts(person.kernel.run(cell.source)), cell.outputs) for cell in cells
    ]
    return [(source, found) for source, found, stored in ran if found != hubs.texts(stored)]


def test_three_accounts_open_lesson_0_and_run_it_to_what_is_stored(school):
    """Three kernels with TensorFlow at once, each in the home of its learner."""
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(run_all, school.members)) == [[], [], []]
    lessons = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    for person in school.members:
        said = person.kernel.says("import os, getpass; print(os.getcwd(), getpass.getuser())")
        assert said == f"/home/{person.name}/lessons {person.name}"
        assert sorted(path.name for path in (person.home / "lessons").iterdir()) == lessons
    assert len({person.uid for person in school.members}) == 3


def test_only_members_of_the_class_log_in_and_only_with_their_password(school):
    refused = school.stranger.login(school.hub)
    assert refused.status_code == 403 and school.stranger.name not in refused.url
    again = hubs.Person(school.anna.name, school.anna.password)
    assert again.login(school.hub, password="not " + again.password).status_code == 403
    assert again.login(school.hub).url == f"{school.hub.url}/hub/home"


def test_the_hub_lets_nobody_into_anothers_server(school):
    anna, bob, teacher = school.members
    for who in (bob, teacher):  # the teacher's rights do not reach into a learner's server either
        for path in (f"api/contents/{LESSON}", "api/kernels", "api/terminals", "api/sessions"):
            assert who.call("GET", path, base=anna.base).status_code == 403, path
        assert who.call("DELETE", f"api/contents/{LESSON}", base=anna.base).status_code == 403
        assert who.web.get(f"{anna.base}/lab", timeout=60).status_code == 403
        assert who.api("POST", f"users/{anna.name}/tokens", json={}).status_code in (403, 404)
    assert anna.call("GET", f"api/contents/{LESSON}").status_code == 200, "her own token opens it"
    # A learner does not see who is there; the teacher does, and can stop what hangs.
    assert bob.api("GET", f"users/{anna.name}").status_code == 404
    assert bob.api("GET", "users").status_code == 403
    assert {one["name"] for one in teacher.api("GET", "users").json()} >= {anna.name, bob.name}
    assert bob.api("DELETE", f"users/{anna.name}/server").status_code in (403, 404)


TRY = """
import json, os, socket
def attempt(action, given):
    try:
        return repr(action(given))[:80]
    except OSError as error:
        return type(error).__name__
def connect(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(path)
def write(path):
    with open(path, "a") as file:
        file.write(" ")
actions = {"read": lambda path: open(path, "rb").read(1), "list": os.listdir, "connect": connect,
           "write": write, "kill": lambda number: os.kill(number, 0),
           "move": lambda path: os.rename(path, path + "x")}
print(json.dumps([attempt(actions[what], given) for what, given in json.loads(QUESTIONS)]))
"""


def attempts(person, **questions):
    """Let a person's kernel try each action on its paths; return {(action, path): what came}."""
    pairs = [(what, given) for what, many in questions.items() for given in many]
    asked = [(what, given if what == "kill" else str(given)) for what, given in pairs]
    said = person.kernel.says(f"QUESTIONS = {json.dumps(asked)!r}\n{TRY}")
    return dict(zip(asked, json.loads(said), strict=True))


def test_the_disk_lets_nobody_into_anothers_files_nor_into_the_hubs(school):
    anna, bob, teacher = school.members
    place = school.hub.place
    run = anna.home / ".jupyter" / "run"
    numbers = [int(number) for number in anna.processes()]
    own = [anna.home / LESSON, anna.home / ".local/share/jupyter/notebook_secret"]
    own += run.glob("*.json")
    closed = [place / "state/jupyterhub.sqlite", place / "state/cookie_secret"]
    closed += [teacher.home / LESSON, *own]
    closed += [Path(f"/proc/{number}/environ") for number in numbers]  # where tokens stand
    assert len(closed) >= 8 and all(path.exists() for path in closed), "else closed proves nothing"
    sockets = [path for path in run.iterdir() if path.is_socket()]
    assert len(sockets) == 5, "every account could listen to a kernel's ports"
    folders = [anna.home, run, teacher.home, place / "state"]
    shared = [place / LESSON, place / "hub/jupyterhub_config.py", place / "class.toml"]
    shared.append(place / "keras/a")
    found = attempts(bob, read=closed, list=folders, connect=sockets, kill=numbers, write=shared)
    assert {question: came for question, came in found.items() if came != "PermissionError"} == {}
    assert "b'{'" in attempts(anna, read=own).values(), "the same succeeds where it may"


def test_limits_hold_for_a_process_and_an_account_and_cannot_be_undone(school):
    said = school.bob.kernel.says(
        "import resource, numpy\n"
        "for limit in (resource.RLIMIT_DATA, resource.RLIMIT_NPROC):\n"
        "    try:\n        resource.setrlimit(limit, (2**40, 2**40))\n"
        "    except ValueError:\n        print(resource.getrlimit(limit)[1])\n"
        "try:\n    numpy.zeros(9 * 2**30, numpy.uint8)\nexcept MemoryError:\n    print('refused')"
    )
    assert said.split() == [str(8 * 2**30), "4096", "refused"]


def test_a_learner_has_the_assignment_list_and_the_teacher_the_formgrader(school):
    for person, status in ((school.anna, 404), (school.teacher, 200)):
        assert person.call("GET", "formgrader").status_code == status
        assert person.call("GET", "assignments?course_id=cgan_lab").json()["success"]
    page = school.anna.call("GET", "lab").text
    assert (
        "@jupyter/nbgrader:formgrader" in page and "@jupyter/nbgrader:assignment-list" not in page
    )


def teach(person, *commands, code="0"):
    """Run verbs of tools.teach as docs/marking.md has them; return what the last one said."""
    for verb in commands:
        name, *options = verb.split()
        line = f"python -m tools.teach --class ~/class {name} {NAME} {' '.join(options)}"
        call = f"r = subprocess.run({line!r}, shell=True, cwd={str(ROOT)!r}, capture_output=True)"
        said = person.kernel.says(
            f"import subprocess\n{call}\nprint(r.returncode, r.stdout, r.stderr)"
        )
        assert said.split()[0] == code, said
    return said


def press(person, what):
    """Press a button of nbgrader's Formgrader; return (whether it succeeded, what it says)."""
    answer = person.call("POST", f"formgrader/api/{what}")
    assert answer.status_code == 200, answer.text
    return answer.json()["success"], answer.json().get("log") or answer.json().get("error")


SCRIPT = """
from IPython.display import HTML
display(HTML('<b>shown</b><i onclick=steal()></i><script>steal()</script>'))"""
# bob hands in for anna, later than she; and for himself links to the solutions, later still.
ATTACK = """
import os
anna, bob, name, solutions = GIVEN
os.chdir(os.path.join(os.environ["CGAN_EXCHANGE"], "cgan_lab", "inbound"))
theirs = f"{anna}+{name}+2900-01-01 00:00:00.000000 UTC+x"
own = f"{bob}+{name}+2901-01-01 00:00:00.000000 UTC+x"
for folder in (theirs, own, f"x+{name}+rubbish"):
    os.mkdir(folder)
with open(f"{theirs}/{name}.ipynb", "w") as file:
    file.write("nonsense")
os.chdir(own)
os.symlink(f"{solutions}/{name}.ipynb", f"{name}.ipynb")
os.symlink(solutions, "folder")
os.symlink(".", "loop")
os.mkfifo("pipe")
with open("mine.txt", "w") as file:
    file.write("mine")
"""


def solve(notebook):
    """Put the right answers into a fetched notebook, and a script with each."""
    source = teaching.source(NAME).cells
    right = {teaching.grader(cell).get("grade_id"): cell.source for cell in source}
    for cell in notebook.cells:
        if not teaching.grader(cell).get("solution"):
            continue
        if cell.cell_type == "code":
            cell.source = right[teaching.grader(cell)["grade_id"]] + SCRIPT
        else:
            cell.source = "what anna wrote <img src='x' onerror='steal()'> <script>steal()</script>"


@pytest.fixture(scope="module")
def handed_in(school):
    """The school after release, fetching, anna's correct hand-in and bob's attack."""
    anna, bob, teacher = school.members
    teach(teacher, "release")
    assert press(teacher, f"assignment/{NAME}/release")[0]
    for person in (anna, bob):
        listed = person.call("POST", "assignments/fetch", json=COURSE).json()["value"]
        assert [(one["assignment_id"], one["status"]) for one in listed] == [(NAME, "fetched")]
    path = f"api/contents/assignments/{NAME}/{NAME}.ipynb"
    notebook = nbformat.from_dict(anna.call("GET", path).json()["content"])
    solve(notebook)
    content = {"type": "notebook", "content": notebook}
    assert anna.call("PUT", path, json=content).status_code == 200
    listed = anna.call("POST", "assignments/submit", json=COURSE).json()["value"]
    assert [one["status"] for one in listed] == ["fetched", "submitted"]
    given = (anna.name, bob.name, NAME, str(teacher.home / "class" / "source" / NAME))
    bob.kernel.says(f"GIVEN = {given}\n{ATTACK}")
    return school


def test_a_hand_in_is_the_teachers_to_see_and_not_anothers(handed_in):
    anna, bob, teacher = handed_in.members
    inbound = handed_in.hub.place / "exchange/cgan_lab/inbound"
    (submission,) = [path for path in inbound.glob(f"{anna.name}+*") if path.owner() == anna.name]
    # Even with the name, nobody can take it away, or put another course in its place.
    folders = [inbound, anna.home / "assignments"]
    found = attempts(bob, list=folders, move=[submission, inbound.parent])
    assert set(found.values()) == {"PermissionError"}
    listed = bob.call("GET", "assignments?course_id=cgan_lab").json()["value"]
    assert [one["status"] for one in listed] == ["fetched"], "bob's list has nothing of anna's"
    assert attempts(teacher, list=[inbound])[("list", str(inbound))].startswith("[")


def test_the_teacher_collects_marks_and_gives_back_and_nobody_reads_the_solutions(handed_in):
    anna, bob, teacher = handed_in.members
    collected, said = press(teacher, f"assignment/{NAME}/collect")
    assert collected
    submitted = teacher.home / "class" / "submitted"
    assert {path.name for path in submitted.iterdir()} == {anna.name, bob.name}
    taken = (submitted / anna.name / NAME / f"{NAME}.ipynb").read_text()
    assert "nonsense" not in taken and "what anna wrote" in taken, "hers, not what bob put there"
    assert [path.name for path in (submitted / bob.name / NAME).iterdir()] == ["mine.txt"]
    assert "counts as theirs" in said and said.count("was left out") == 4

    # Two buttons would run hand-ins with the teacher's rights, and show hidden tests.
    def refused(button):
        done, reason = press(teacher, button)
        assert not done and "tools.teach --class FOLDER mark NAME" in reason, reason

    refused(f"submission/{NAME}/{anna.name}/autograde")
    said = teach(teacher, "mark --unconfined", code="1")
    assert "which file counts is not clear (mine.txt" in said, "bob's, and it costs no other"
    refused(f"assignment/{NAME}/{anna.name}/generate_feedback")

    # The teacher reads what a learner wrote, and no script in it runs.
    (one,) = teacher.call("GET", f"formgrader/api/submitted_notebooks/{NAME}/{NAME}").json()
    page = teacher.call("GET", f"formgrader/submissions/{one['id']}/?index=0").text
    assert "what anna wrote" in page and "IPython.core.display.HTML object" in page
    assert not re.findall(r"<script>steal|<[^>]+ on(?:error|click)=[^>]*(?:steal|s\(\))", page)

    assert f"no page: {bob.name}: unreadable" in teach(teacher, "feedback --partial", code="1")
    teach(teacher, "export --partial")
    lines = (teacher.home / "class" / f"{NAME}.csv").read_text().splitlines()
    (line,) = [line for line in lines if anna.name in line]
    assert ",marked," in line, said
    assert press(teacher, f"assignment/{NAME}/release_feedback")[0]
    for person, pages in ((anna, 1), (bob, 0)):
        person.call("POST", "assignments/fetch_feedback", json=COURSE)
        assert len(list((person.home / "assignments" / NAME).rglob("*.html"))) == pages
    found = attempts(bob, list=[handed_in.hub.place / "exchange/cgan_lab/feedback"])
    assert set(found.values()) == {"PermissionError"}


@in_browser
def test_a_learner_sees_lesson_0_after_the_login_page_and_its_figures_have_words(school, browser):
    shots = ROOT / "build" / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(school.hub.url)
    page.fill("#username_input", school.anna.name)
    page.fill("#password_input", school.anna.password)
    page.click("#login_submit")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
    page.locator(".jp-NotebookPanel h1").first.wait_for()  # its text is drawn, too
    page.screenshot(path=shots / "hub.png")
    assert f"/user/{school.anna.name}/lab" in page.url
    page.locator(".jp-RenderedImage img[alt]").first.wait_for(state="attached")
    page.close()
