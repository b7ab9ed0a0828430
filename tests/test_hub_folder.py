"""A class server without a hub: its folder, what class.toml may say, and how a server starts."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.config.loader import PyFileConfigLoader

pytest.importorskip("pwd", reason="a hub with system accounts needs Linux")
ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "hub"
LESSONS = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="root lays out a class server's folder")


def program(path, script):
    """Write a program for sh."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def configuration(folder, **lines):
    """Load the hub's configuration with ``lines`` in class.toml, for accounts that Linux has."""
    shutil.copytree(TOOLS, folder / "hub")
    given = {"teacher": "daemon", "group": "daemon", **lines}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in given.items())
    (folder / "class.toml").write_text(text)
    return PyFileConfigLoader(str(folder / "hub" / "jupyterhub_config.py")).load_config()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"url": "http://0.0.0.0:80"}, "open to a network without encryption"),
        ({"url": "http://:8000"}, "open to a network without encryption"),
        ({"url": "http://school.example:8000"}, "open to a network without encryption"),
        ({"url": "https://127.0.0.1:8000"}, "needs both certificate and key"),
        ({"url": "0.0.0.0:8000"}, "expected http://"),
        ({"url": "https://0.0.0.0", "certificate": "/no/cert", "key": "/no/key"}, "no file /no/c"),
        ({"teacher": "nobody-of-this-name"}, "useradd -m nobody-of-this-name"),
        ({"teacher": "root"}, "The teacher is root"),
        ({"group": "no-such-group"}, "groupadd no-such-group"),
        ({"teacher": "Anna"}, "There is no account 'Anna'"),
        ({"teacher": 5}, "teacher = 5: expected a text"),
        ({"memory_gb": "8"}, "memory_gb = '8': expected a number above 0"),
        ({"idle_hours": 0}, "expected a number above 0"),
        ({"idle_hour": 3}, r"\['idle_hour'\]: not known. There are .*'idle_hours'"),
    ],
)
def test_settings_that_would_harm_are_refused_with_a_sentence(lines, message, tmp_path):
    with pytest.raises(ValueError, match=f"class.toml: .*{message}"):
        configuration(tmp_path, **lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\ufeffteacher = 'daemon'\r\ngroup = 'daemon'\r\n".encode(), None),
        (b"teacher = daemon\n", 'Invalid value .*Expected lines such as teacher = "anna"'),
        ("teacher = 'Jörg'\n".encode("cp1252"), "can't decode .* in UTF-8"),
    ],
)
def test_settings_from_any_editor_are_read_or_refused_with_a_sentence(text, message, tmp_path):
    shutil.copytree(TOOLS, tmp_path / "hub")
    (tmp_path / "class.toml").write_bytes(text)
    loader = PyFileConfigLoader(str(tmp_path / "hub" / "jupyterhub_config.py"))
    if message is None:
        assert loader.load_config().PAMAuthenticator.allowed_users == {"daemon"}
    else:
        with pytest.raises(ValueError, match=f"class.toml: .*{message}"):
            loader.load_config()


def test_members_whose_names_have_capitals_are_named(tmp_path, monkeypatch, capsys):
    """JupyterHub would log them in by small letters, and find no such account."""
    members = SimpleNamespace(gr_mem=["bob", "Anna"])
    monkeypatch.setattr("grp.getgrnam", lambda name: members)
    configuration(tmp_path)
    assert capsys.readouterr().err == "Anna cannot log in: usermod -l anna Anna\n"
    monkeypatch.setattr("pwd.getpwnam", lambda name: None)
    with pytest.raises(ValueError, match="small letters alone: usermod -l NEW Anna"):
        configuration(tmp_path / "other", teacher="Anna")


PAGE = (ROOT / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def server(tmp_path):
    """A function that runs the page's block that holds ``word``, where accounts are files."""
    shutil.copytree(TOOLS, tmp_path / "tools" / "hub")
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "carl").touch()
    accounts = tmp_path / "accounts"
    # Debian's useradd takes capitals, and neither spaces nor carriage returns.
    program(tmp_path / "bin/id", f'[ -e "{accounts}/$2" ]')
    refuse = 'case "$6" in *[![:graph:]]*) echo "invalid user name" >&2; exit 3;; esac'
    program(tmp_path / "bin/useradd", f'{refuse}\necho "$*" > "{accounts}/$6"')
    program(tmp_path / "bin/chpasswd", f'cat >> "{tmp_path}/chpasswd.txt"')

    def run(word):
        """Run the only such block and return what came of it."""
        (block,) = [block for block in BLOCKS if word in block]
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        told = {"cwd": tmp_path, "env": os.environ | {"PATH": path}}
        return subprocess.run(["sh", "-c", block], capture_output=True, text=True, **told)

    return run


@pytest.mark.parametrize(
    "names",
    [
        b"anna\nbob\n",
        b"anna\nbob",
        b"Anna\r\nBOB\r\n",
        b"  anna \r\n\r\n\tbob",
        "\ufeffanna\r\nbob".encode(),
        "\ufeffAnna\r\nBob\r\n".encode("utf-16-le"),
    ],
)
def test_the_pages_command_makes_an_account_for_each_name(server, tmp_path, names):
    (tmp_path / "names.txt").write_bytes(names)
    (tmp_path / "passwords.txt").write_text("dora secret\n")
    answer = server("names.txt")
    assert (answer.returncode, answer.stderr) == (0, "")
    made = {path.name: path.read_text() for path in (tmp_path / "accounts").iterdir()}
    words = "-m -s /bin/bash -G cgan-class"
    assert made == {"carl": "", "anna": f"{words} anna\n", "bob": f"{words} bob\n"}
    earlier, *lines = (tmp_path / "passwords.txt").read_text().splitlines()
    assert earlier == "dora secret", "those of before stay"
    assert [line.split()[0] for line in lines] == ["anna", "bob"]
    told = (tmp_path / "chpasswd.txt").read_text().splitlines()
    assert told == [line.replace(" ", ":") for line in lines]
    assert all(len(line.split()[1]) == 12 for line in lines)


def test_a_name_that_is_no_account_is_named_and_costs_no_other(server, tmp_path):
    (tmp_path / "names.txt").write_text("Anna Müller\njörg\n-x\ncarl\nbob\n", encoding="utf-8")
    answer = server("names.txt")
    assert answer.returncode == 1
    for said in ("not made: 'anna m", "not made: 'j", "not made: '-x'", "carl is there already"):
        assert said in answer.stderr
    assert sorted(path.name for path in (tmp_path / "accounts").iterdir()) == ["bob", "carl"]
    assert (tmp_path / "passwords.txt").read_text().startswith("bob ")
    assert (tmp_path / "passwords.txt").stat().st_mode & 0o777 == 0o600
    (tmp_path / "names.txt").unlink()
    answer = server("names.txt")
    assert answer.returncode == 1 and "There is no file names.txt" in answer.stderr


@pytest.mark.parametrize("page", ["jupyterhub.md", "classroom.md"])
def test_the_blocks_of_a_page_are_commands_of_a_shell_and_what_they_name_is_here(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        subprocess.run(["sh", "-n", "-c", block], check=True)
        for path in re.findall(r"\btools/\S+|\bconstraints\.txt", block):
            assert (ROOT / path).is_file(), path
        for code in re.findall(r'python3? -c "(.*)"', block):
            compile(code, page, "exec")


def test_a_key_that_others_can_read_is_refused(tmp_path):
    paths = {name: str(tmp_path / name) for name in ("certificate", "key")}
    for path in paths.values():
        Path(path).touch(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        configuration(tmp_path / "open", url="https://0.0.0.0:443", **paths)
    Path(paths["key"]).chmod(0o600)
    loaded = configuration(tmp_path / "closed", url="https://0.0.0.0:443", **paths)
    assert loaded.JupyterHub.ssl_key == paths["key"]


@pytest.mark.long
def test_a_hub_that_would_be_open_does_not_start(tmp_path):
    """The configuration itself refuses, so it does not matter how the hub is started."""
    with pytest.raises(ValueError, match="without encryption"):
        configuration(tmp_path, url="http://0.0.0.0:8000")
    command = [sys.executable, "-m", "jupyterhub", "-f", tmp_path / "hub/jupyterhub_config.py"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert answer.returncode != 0
    assert "class.toml: url = 'http://0.0.0.0:8000' is open to a network" in answer.stderr


def start(hub, home, user="anna"):
    """Start a server up to the point at which Jupyter would; return its environment."""
    program(home.parent / "bin/jupyterhub-singleuser", "env")
    where = f"{home.parent / 'bin'}:{os.environ['PATH']}"
    environment = {"HOME": str(home), "USER": user, "CGAN_TEACHER": "teacher", "PATH": where}
    command = ["sh", str(hub / "start.sh")]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in answer.stdout.splitlines())


def test_handing_out_replaces_nothing_and_closes_the_home(tmp_path):
    shutil.copytree(TOOLS, tmp_path / "hub")
    lessons = tmp_path / "lessons"
    home = tmp_path / "home"
    for folder in (lessons, home):
        folder.mkdir()
    (lessons / "00_a.ipynb").write_text("first")
    home.chmod(0o755)
    said = start(tmp_path / "hub", home)
    assert said["JUPYTERHUB_DEFAULT_URL"] == "/lab/tree/lessons/00_start_here.ipynb"
    assert (home / "lessons/00_a.ipynb").read_text() == "first"
    assert home.stat().st_mode & 0o777 == 0o700
    (home / "lessons/00_a.ipynb").write_text("a learner's work")
    (lessons / "00_a.ipynb").write_text("mended")
    (lessons / "01_b.ipynb").write_text("new")
    assert "JUPYTERHUB_DEFAULT_URL" not in start(tmp_path / "hub", home)
    have = {path.name: path.read_text() for path in (home / "lessons").iterdir()}
    assert have == {"00_a.ipynb": "a learner's work", "01_b.ipynb": "new"}


@pytest.fixture
def place():
    """A folder for the class that other accounts can enter."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder) / "cgan"


def lay_out(place, **environment):
    """Lay out the folder ``place`` and return the script's exit code."""
    command = ["sh", str(TOOLS / "lay_out.sh"), "daemon", "daemon", str(place)]
    return subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL
    ).returncode


@only_root
def test_a_layout_for_nobody_makes_nothing_and_a_short_path_is_where_it_was_typed(place):
    command = ["sh", str(TOOLS / "lay_out.sh"), "nobody-of-this-name", "daemon", "cgan"]
    answer = subprocess.run(command, cwd=place.parent, capture_output=True, text=True)
    assert answer.returncode != 0 and "nobody-of-this-name" in answer.stderr
    assert not list(place.parent.iterdir())
    command[2] = "daemon"
    subprocess.run(command, cwd=place.parent, check=True)
    assert (place / "class.toml").is_file()


@only_root
def test_a_second_layout_renews_lessons_and_keeps_settings_and_rights(place):
    assert lay_out(place) == 0
    with open(place / "class.toml", "a") as file:
        file.write("idle_hours = 5\n")
    (place / "lessons/00_start_here.ipynb").write_text("old")
    assert lay_out(place) == 0
    text = 'teacher = "daemon"\ngroup = "daemon"\nidle_hours = 5\n'
    assert (place / "class.toml").read_text() == text, "what was set stays"
    lessons = {path.name: path.read_bytes() for path in (place / "lessons").iterdir()}
    assert lessons == LESSONS, "no sources of assignments, which hold solutions"
    modes = {path.name: oct(path.stat().st_mode & 0o7777) for path in place.iterdir()}
    assert modes["state"] == "0o700" and modes["exchange"] == "0o1777"
    assert oct((place / "exchange/cgan_lab/inbound").stat().st_mode & 0o7777) == "0o3733"
    assert (place / "labextensions/cgan-lab/package.json").is_file()
    for folder in (place / "hub", place / "labextensions", place / "lessons"):
        for inside in (folder, *folder.rglob("*")):
            found = inside.stat()
            mode = 0o755 if inside.is_dir() else 0o644
            assert (found.st_uid, found.st_mode & 0o7777) == (0, mode), inside


@pytest.mark.long
@only_root
def test_a_server_that_starts_meanwhile_hands_out_whole_lessons(place, tmp_path):
    """Each copy stops half-way, and a server starts; then the copy fails, or it goes on."""
    assert lay_out(place) == 0
    old = {name: b"old " + name.encode() for name in LESSONS}
    for name, content in old.items():
        (place / "lessons" / name).write_bytes(content)
    (tmp_path / "homes").mkdir()
    program(tmp_path / "bin/jupyterhub-singleuser", "true")
    program(
        tmp_path / "bin/install",
        f"""usual={shutil.which("install")}
        [ "$1" = -d ] && exec "$usual" "$@"
        mkdir -p "${{5%/*}}" && head -c 100 "$4" > "$5"
        HOME=$(mktemp -d {tmp_path}/homes/XXXXXX) USER=anna CGAN_TEACHER=x sh {place}/hub/start.sh
        case $4 in *.ipynb) [ ! "$FULL" ] || exit 1;; esac
        exec "$usual" "$@" """,
    )
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    assert lay_out(place, PATH=path, FULL="yes") != 0
    now = {path.name: path.read_bytes() for path in (place / "lessons").glob("*.ipynb")}
    assert now == old, "and no half"
    assert lay_out(place, PATH=path, FULL="") == 0
    now = {path.name: path.read_bytes() for path in (place / "lessons").iterdir()}
    assert now == LESSONS
    seen = {}
    for path in tmp_path.glob("homes/*/lessons/*"):
        seen.setdefault(path.name, set()).add(path.read_bytes())
    assert {name: found | {old[name], LESSONS[name]} for name, found in seen.items()} == {
        name: {old[name], LESSONS[name]} for name in LESSONS
    }
