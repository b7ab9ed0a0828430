"""A class on JupyterHub: a real hub on loopback with its own configuration, three system accounts and nbgrader.

Everything happens as in a class: passwords go through PAM, servers are started by the hub, cells run through its
websockets, and one account's attempts to reach another are made by code in its own kernel. See tests/hub.py.
"""

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import hub as hubs
import nbformat
import pytest
import teaching

pytest.importorskip("pwd", reason="a hub with system accounts needs Linux")
ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "hub"
LESSON = "lessons/00_start_here.ipynb"
NAME = "ps1_objective"
COURSE = {"course_id": "cgan_lab", "assignment_id": NAME}
sys.path.insert(0, str(TOOLS))
import classroom  # noqa: E402 (it lies in tools/hub, where the hub finds it)
import handout  # noqa: E402
import prepare  # noqa: E402


@pytest.fixture(scope="module")
def school():
    """A running hub with anna, bob and a teacher, each logged in and with lesson 0 open; and a stranger."""
    if missing := hubs.what_is_missing():
        pytest.skip(missing)
    with hubs.accounts("anna", "bob", "teacher", "stranger") as (group, people):
        stranger = people["stranger"]
        subprocess.run(["gpasswd", "-d", stranger.name, group], check=True, capture_output=True)
        with hubs.running(group, people["teacher"].name) as hub:
            members = [people[role] for role in ("anna", "bob", "teacher")]
            for person in members:
                person.login(hub)
                person.start()
            for person in members:
                hubs.until(f"the server of {person.name} is ready", person.ready)
            for person in members:
                person.lesson, person.kernel = person.open(LESSON)
            yield SimpleNamespace(hub=hub, members=members, **people)


def run_all(person):
    """Run a person's lesson from top to bottom; return the cells whose outputs are not the stored ones."""
    cells = [cell for cell in person.lesson.cells if cell.cell_type == "code"]
    ran = [(cell.source, hubs.texts(person.kernel.run(cell.source)), hubs.texts(cell.outputs)) for cell in cells]
    return [one for one in ran if one[1] != one[2]]


def test_three_accounts_open_lesson_0_and_run_it_to_what_is_stored(school):
    """Three kernels with TensorFlow at once, each in its learner's home, over its learner's own copy."""
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(run_all, school.members)) == [[], [], []]
    for person in school.members:
        where, who = person.kernel.says("import os, getpass; print(os.getcwd(), getpass.getuser())").split()
        assert (where, who) == (f"/home/{person.name}/lessons", person.name)
        lessons = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
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
    # A learner does not even learn who is there; the teacher sees it, and can stop what hangs.
    assert bob.api("GET", f"users/{anna.name}").status_code == 404 and bob.api("GET", "users").status_code == 403
    assert {one["name"] for one in teacher.api("GET", "users").json()} >= {anna.name, bob.name}
    assert bob.api("DELETE", f"users/{anna.name}/server").status_code in (403, 404)


TRY = """
import json, os, socket, signal
def attempt(action, *given):
    try:
        return repr(action(*given))[:80]
    except OSError as error:
        return type(error).__name__
def connect(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(path)
def write(path):
    with open(path, "a") as file:
        file.write(" ")
actions = {"read": lambda path: open(path, "rb").read(1), "list": os.listdir, "connect": connect, "write": write,
           "kill": lambda number: os.kill(number, 0), "enter": os.chdir}
print(json.dumps([attempt(actions[what], given) for what, given in json.loads(QUESTIONS)]))
"""


REFUSED = "except PermissionError:\n    print('refused')"


def attempts(person, questions):
    """Let a person's kernel try what ``questions`` name; return {question: what came of it}."""
    said = person.kernel.says(f"QUESTIONS = {json.dumps(questions)!r}\n{TRY}")
    return dict(zip(map(tuple, questions), json.loads(said), strict=True))


def test_the_disk_lets_nobody_into_anothers_files_nor_into_the_hubs(school):
    anna, bob, teacher = school.members
    state, run = school.hub.place / "state", anna.home / ".jupyter" / "run"
    inside = [anna.home / LESSON, anna.home / ".local/share/jupyter/notebook_secret", *run.glob("*.json")]
    inside += [state / "jupyterhub.sqlite", state / "cookie_secret", teacher.home / LESSON]
    inside += [Path(f"/proc/{number}/environ") for number in hubs.processes_of(anna.uid)]  # where tokens stand
    assert len(inside) >= 8 and all(path.exists() for path in inside), "what is not there cannot be found closed"
    sockets = [str(path) for path in run.iterdir() if path.is_socket()]
    assert len(sockets) == 5, "a kernel that listens on ports tells its outputs to every account"
    questions = [["read", str(path)] for path in inside]
    questions += [["list", str(path)] for path in (anna.home, run, teacher.home, state)]
    questions += [["connect", path] for path in sockets]
    questions += [["kill", number] for number in hubs.processes_of(anna.uid)]
    place = school.hub.place
    shared = [place / LESSON, place / "hub" / "jupyterhub_config.py", place / "class.toml", place / "keras" / "a"]
    questions += [["write", str(path)] for path in shared]
    found = attempts(bob, questions)
    assert {question: came for question, came in found.items() if came != "PermissionError"} == {}
    own = attempts(anna, questions[: len(inside) - 4])
    assert "b'{'" in own.values(), "the same questions succeed where they may"


def test_limits_hold_for_a_process_and_an_account_and_cannot_be_undone(school):
    said = school.bob.kernel.says(
        "import resource, numpy\n"
        "for limit, name in ((resource.RLIMIT_DATA, 'data'), (resource.RLIMIT_NPROC, 'processes')):\n"
        "    try:\n        resource.setrlimit(limit, (2**40, 2**40))\n"
        "    except ValueError:\n        print(name, resource.getrlimit(limit)[1])\n"
        "try:\n    numpy.zeros(9 * 2**30, numpy.uint8)\nexcept MemoryError:\n    print('refused')"
    )
    assert said.split() == ["data", str(8 * 2**30), "processes", "4096", "refused"]


def test_a_learner_has_the_assignment_list_and_the_teacher_the_formgrader(school):
    for person, status in ((school.anna, 404), (school.teacher, 200)):
        assert person.call("GET", "formgrader").status_code == status
        assert person.call("GET", "assignments?course_id=cgan_lab").json()["success"]
    settings = school.anna.call("GET", "lab").text
    assert "@jupyter/nbgrader:formgrader" in settings and "@jupyter/nbgrader:assignment-list" not in settings


def teach(person, *commands):
    """Run commands in a terminal's place: in the person's home, with the environment of their server."""
    answers = []
    for command in commands:
        code = f"import subprocess; r = subprocess.run({command!r}, shell=True, capture_output=True, text=True)"
        answers.append(person.kernel.says(f"{code}; print(r.returncode, r.stdout, r.stderr)"))
        assert answers[-1].split()[0] == "0", answers[-1]
    return answers[-1]


def in_class(verb, *more):
    """A command of tools.teach, as docs/teaching.md has it."""
    return f"cd {ROOT} && python -m tools.teach --class ~/class {' '.join([verb, NAME, *more])}"


SCRIPT = (
    "from IPython.display import HTML\ndisplay(HTML('<b>shown</b><i onclick=steal()></i><script>steal()</script>'))"
)
ATTACK = f"""
os.chdir(os.path.join(os.environ["CGAN_EXCHANGE"], "cgan_lab", "inbound"))
for name in names.values():
    os.mkdir(name)
with open(os.path.join(names["theirs"], "{NAME}.ipynb"), "w") as file:
    file.write("nonsense")
os.chdir(names["own"])
os.symlink(os.path.join(solutions, "{NAME}.ipynb"), "{NAME}.ipynb")
os.symlink(solutions, "folder")
os.symlink(".", "loop")
os.mkfifo("pipe")
with open("mine.txt", "w") as file:
    file.write("mine")
"""


def press(person, what):
    """Press a button of nbgrader's Formgrader; return (whether it succeeded, what it says)."""
    answer = person.call("POST", f"formgrader/api/{what}")
    assert answer.status_code == 200, answer.text
    return answer.json()["success"], answer.json().get("log") or answer.json().get("error")


@pytest.fixture(scope="module")
def handed_in(school):
    """The assignment was released, fetched by anna and bob, solved and handed in by anna, and attacked by bob."""
    anna, bob, teacher = school.members
    teach(teacher, in_class("release"))
    assert press(teacher, f"assignment/{NAME}/release")[0]
    for person in (anna, bob):
        listed = person.call("POST", "assignments/fetch", json=COURSE).json()["value"]
        assert [(one["assignment_id"], one["status"]) for one in listed] == [(NAME, "fetched")]
    path = f"api/contents/assignments/{NAME}/{NAME}.ipynb"
    notebook = nbformat.from_dict(anna.call("GET", path).json()["content"])
    source = teaching.source(NAME).cells
    right = {teaching.grader(cell).get("grade_id"): cell.source for cell in source if cell.cell_type == "code"}
    for cell in notebook.cells:
        if teaching.grader(cell).get("solution") and cell.cell_type == "code":
            cell.source = f"{right[teaching.grader(cell)['grade_id']]}\n{SCRIPT}"
        elif teaching.grader(cell).get("solution"):
            cell.source = "what anna wrote <img src='x' onerror='steal()'> <script>steal()</script>"
    assert anna.call("PUT", path, json={"type": "notebook", "content": notebook}).status_code == 200
    listed = anna.call("POST", "assignments/submit", json=COURSE).json()["value"]
    assert [one["status"] for one in listed] == ["fetched", "submitted"]

    # bob hands in for anna, later than she; and for himself links to the solutions, later still
    names = {"theirs": f"{anna.name}+{NAME}+2900-01-01 00:00:00.000000 UTC+x"}
    names |= {"own": f"{bob.name}+{NAME}+2901-01-01 00:00:00.000000 UTC+x", "rubbish": f"x+{NAME}+rubbish"}
    bob.kernel.says(
        f"import os\nnames, solutions = {names}, {str(teacher.home / 'class' / 'source' / NAME)!r}\n{ATTACK}"
    )
    return school


def test_a_hand_in_is_the_teachers_to_see_and_not_anothers(handed_in):
    anna, bob, teacher = handed_in.members
    inbound = handed_in.hub.place / "exchange" / "cgan_lab" / "inbound"
    (submission,) = [path for path in inbound.glob(f"{anna.name}+*") if path.lstat().st_uid == anna.uid]
    questions = [["list", str(inbound)], ["list", str(anna.home / "assignments")]]
    assert set(attempts(bob, questions).values()) == {"PermissionError"}
    # Who knew the name, which cannot be guessed, could not take it away, nor put another course in this one's place.
    for path in (submission, inbound.parent):
        said = bob.kernel.says(f"import os\ntry:\n    os.rename({str(path)!r}, {str(path) + 'x'!r})\n" + REFUSED)
        assert said == "refused"
    listed = bob.call("GET", "assignments?course_id=cgan_lab").json()["value"]
    assert [one["status"] for one in listed] == ["fetched"], "bob's own list knows nothing of anna's hand-in"
    assert attempts(teacher, questions[:1])[("list", str(inbound))].startswith("[")


def test_the_teacher_collects_marks_and_gives_back_and_nobody_reads_the_solutions(handed_in):
    anna, bob, teacher = handed_in.members
    collected, said = press(teacher, f"assignment/{NAME}/collect")
    assert collected
    submitted = teacher.home / "class" / "submitted"
    assert sorted(path.name for path in submitted.iterdir()) == sorted([anna.name, bob.name])
    taken = (submitted / anna.name / NAME / f"{NAME}.ipynb").read_text()
    assert "nonsense" not in taken and "raise NotImplementedError" not in taken, "hers, and not what bob put there"
    assert [path.name for path in (submitted / bob.name / NAME).iterdir()] == ["mine.txt"]
    assert "counts as theirs" in said and "a link can lead anywhere" in said

    # Two buttons that would run hand-ins with the teacher's rights, and show hidden tests, say what to do instead.
    autograde, feedback = (
        f"submission/{NAME}/{anna.name}/autograde",
        f"assignment/{NAME}/{anna.name}/generate_feedback",
    )
    done, reason = press(teacher, autograde)
    assert not done and "tools.teach --class ~/class mark" in reason, reason
    said = teach(teacher, in_class("mark", "--without-sandbox"))
    done, reason = press(teacher, f"assignment/{NAME}/{anna.name}/generate_feedback")
    assert not done and "tools.teach --class ~/class mark" in reason, reason

    # What a learner wrote is shown, and not carried out, where the teacher reads it.
    (one,) = teacher.call("GET", f"formgrader/api/submitted_notebooks/{NAME}/{NAME}").json()
    page = teacher.call("GET", f"formgrader/submissions/{one['id']}/?index=0").text
    assert "what anna wrote" in page and "<b>shown</b>" in page
    assert not re.findall(r"<script>steal|<[^>]+ on(?:error|click)=[^>]*(?:steal|s\(\))", page)

    teach(teacher, in_class("feedback"), in_class("export"))
    (line,) = [line for line in (teacher.home / "class" / f"{NAME}.csv").read_text().splitlines() if anna.name in line]
    assert ",marked," in line, said
    assert press(teacher, f"assignment/{NAME}/release_feedback")[0]
    for person, pages in ((anna, 1), (bob, 0)):
        person.call("POST", "assignments/fetch_feedback", json=COURSE)
        assert len(list((person.home / "assignments" / NAME).rglob("*.html"))) == pages
    feedback = handed_in.hub.place / "exchange" / "cgan_lab" / "feedback"
    assert set(attempts(bob, [["list", str(feedback)]]).values()) == {"PermissionError"}


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")
def test_a_learner_sees_lesson_0_after_the_login_page(school):
    from playwright.sync_api import sync_playwright

    shots = ROOT / "build" / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(school.hub.url)
        page.fill("#username_input", school.anna.name)
        page.fill("#password_input", school.anna.password)
        page.click("#login_submit")
        page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        page.locator(".jp-NotebookPanel h1").first.wait_for()  # its text is drawn, not only its frame
        page.screenshot(path=shots / "hub.png")
        assert f"/user/{school.anna.name}/lab" in page.url
        chromium.close()


# What does not need a hub


def settings(**changes):
    """Settings for accounts that every Linux has."""
    return classroom.Settings(**{"teacher": "daemon", "group": "daemon", **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "http://0.0.0.0:80"}, "open to a network without encryption"),
        ({"url": "http://:8000"}, "open to a network without encryption"),
        ({"url": "http://school.example:8000"}, "open to a network without encryption"),
        ({"url": "https://127.0.0.1:8000"}, "needs both, certificate and key"),
        ({"url": "0.0.0.0:8000"}, "expected http://"),
        ({"url": "https://0.0.0.0", "certificate": "/no/cert", "key": "/no/key"}, "no file /no/cert"),
        ({"teacher": "nobody-of-this-name"}, "useradd -m nobody-of-this-name"),
        ({"teacher": "root"}, "The teacher is root"),
        ({"group": "no-such-group"}, "groupadd no-such-group"),
        ({"memory_gb": "8"}, "expected int"),
        ({"idle_hours": 0}, "expected a number above 0"),
    ],
)
def test_settings_that_would_harm_are_refused_with_a_sentence(changes, message):
    with pytest.raises(ValueError, match=message):
        settings(**changes)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    files = {name: tmp_path / name for name in ("certificate", "key")}
    for path in files.values():
        path.write_text("")
    given = {name: str(path) for name, path in files.items()} | {"url": "https://0.0.0.0:443"}
    files["key"].chmod(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        settings(**given)
    files["key"].chmod(0o600)
    assert settings(**given).key == str(files["key"])


def test_a_file_of_settings_says_what_it_does_not_know(tmp_path):
    path = tmp_path / "class.toml"
    with pytest.raises(ValueError, match="run prepare.py"):
        classroom.read_settings(path)
    path.write_text('teacher = "daemon"\ngroup = "daemon"\nidle_hour = 3\n')
    with pytest.raises(ValueError, match=r"class.toml: \['idle_hour'\]: not known"):
        classroom.read_settings(path)
    path.write_text('teacher = "daemon"\n')
    with pytest.raises(ValueError, match="class.toml: .*group"):
        classroom.read_settings(path)


def test_a_hub_that_would_be_open_does_not_start(tmp_path):
    """The sentence comes from the configuration, whoever starts the hub and however."""
    shutil.copytree(TOOLS, tmp_path / "hub")
    (tmp_path / "class.toml").write_text('teacher = "daemon"\ngroup = "daemon"\nurl = "http://0.0.0.0:8000"\n')
    command = [sys.executable, "-m", "jupyterhub", "-f", tmp_path / "hub" / "jupyterhub_config.py"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert answer.returncode != 0
    assert "class.toml: url = 'http://0.0.0.0:8000' is open to a network without encryption" in answer.stderr


def test_handing_out_replaces_nothing_and_closes_the_home(tmp_path):
    lessons, home = tmp_path / "lessons", tmp_path / "home"
    for folder in (lessons, home):
        folder.mkdir()
    (lessons / "00_a.ipynb").write_text("first")
    home.chmod(0o755)
    assert handout.hand_out(lessons, home) is True
    assert (home / "lessons" / "00_a.ipynb").read_text() == "first" and (home.stat().st_mode & 0o777) == 0o700
    (home / "lessons" / "00_a.ipynb").write_text("a learner's work")
    (lessons / "00_a.ipynb").write_text("mended")
    (lessons / "01_b.ipynb").write_text("new")
    assert handout.hand_out(lessons, home) is False
    have = {path.name: path.read_text() for path in (home / "lessons").iterdir()}
    assert have == {"00_a.ipynb": "a learner's work", "01_b.ipynb": "new"}


def test_the_hub_and_the_class_folder_call_the_course_the_same():
    line = 'c.CourseDirectory.course_id = "cgan_lab"'
    for path in (TOOLS / "everyone" / "nbgrader_config.py", ROOT / "notebooks/assignments/nbgrader_config.py"):
        assert line in path.read_text(encoding="utf-8")
    assert prepare.COURSE == "cgan_lab"
