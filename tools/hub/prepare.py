"""Lays out a class server's folder. Run as root; a second run brings newer lessons and settings and keeps the rest.

    python tools/hub/prepare.py --teacher NAME [--group cgan-class] [--to /srv/cgan] [--url http://127.0.0.1:8000]

What root runs must belong to root, so the hub's files are copied out of the repository, which is its teacher's.
"""

import argparse
import json
import os
import pwd
import shutil
import sys
import tempfile
from pathlib import Path

import classroom

REPOSITORY = Path(__file__).resolve().parents[2]
COURSE = "cgan_lab"  # nbgrader's name of the course, as in everyone/nbgrader_config.py
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}


def prepare(place, teacher, group, url):
    """Make or renew the folder ``place``. Raises ValueError where the class could not work in it or stand open."""
    if not (place / "class.toml").exists():
        classroom.Settings(teacher=teacher, group=group, url=url)
    check_place(place)
    for name in ("hub", "lessons", "keras", "keras/datasets"):
        make(place / name, 0o755)
    make(place / "state", 0o700)
    # Sticky: who may write here may not rename or remove what belongs to others.
    make(place / "exchange", 0o1777)
    write_settings(place / "class.toml", teacher, group, url)
    copy_all(REPOSITORY / "tools" / "hub", place / "hub")
    for lesson in sorted((REPOSITORY / "notebooks").glob("*.ipynb")):
        copy(lesson, place / "lessons" / lesson.name)
    for file in filter(Path.is_file, (place / "lessons").iterdir()):  # what was put there by hand, too
        file.chmod(0o644)
    settings = classroom.read_settings(place / "class.toml")
    make_exchange(place / "exchange" / COURSE, pwd.getpwnam(settings.teacher))


def check_place(place):
    """Raise ValueError if learners could not reach ``place``, or somebody else than root could exchange it."""
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    for folder in (place, *place.parents):
        what = folder.stat()
        if not what.st_mode & 0o001:
            raise ValueError(f"Learners cannot enter {folder}: name another place with --to, or chmod o+x {folder}")
        if what.st_uid != 0 or (what.st_mode & 0o022 and not what.st_mode & 0o1000):
            raise ValueError(f"{folder} can be changed by others than root: name another place with --to.")


def copy_all(source, target):
    """Copy a folder's files and folders into ``target``; what else lies there stays."""
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_dir() and not LEFT_OUT.intersection(inside.parts):
            make(target / inside, 0o755)
        elif not LEFT_OUT.intersection(inside.parts):
            copy(path, target / inside)


def copy(source, target):
    """Copy one file such that a server that starts meanwhile finds the old one or the new one, never half of it.

    Until it is whole it lies in a hidden folder that root alone can enter, where nothing takes it for a lesson.
    """
    with tempfile.TemporaryDirectory(prefix=".new", dir=Path(target).parent) as folder:
        half = shutil.copyfile(source, Path(folder) / "half")
        os.chmod(half, 0o644)
        os.replace(half, target)


def make(path, mode, owner=None):
    """Make the folder ``path`` if need be, and give it ``mode`` and, if named, an owner."""
    path.mkdir(exist_ok=True)
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(mode)  # after the owner, since a change of owner clears some of its bits


def make_exchange(course, teacher):
    """Make the course's part of the exchange, in which nbgrader would make the same folders with fewer rights taken."""
    make(course, 0o755, teacher)
    make(course / "outbound", 0o755, teacher)
    make(course / "feedback", 0o711, teacher)  # pages have names that only their student can know
    # Learners can put things in and not list it; sticky, so that a known name is not enough to remove one.
    make(course / "inbound", 0o3733, teacher)


def write_settings(path, teacher, group, url):
    """Write class.toml, unless there is one."""
    if not path.exists():
        lines = {"teacher": teacher, "group": group, "url": url}
        text = "# What differs from class to class; read when the hub starts. docs/jupyterhub.md lists the rest.\n"
        text += "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", required=True, help="the account that releases and collects assignments")
    parser.add_argument("--group", default="cgan-class", help="the group whose members may log in")
    parser.add_argument("--to", type=Path, default=Path("/srv/cgan"), help="the folder (default: /srv/cgan)")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the hub answers")
    options = parser.parse_args(arguments)
    try:
        if os.geteuid() != 0:
            raise ValueError("Run it as root: the hub's folder must belong to root.")
        prepare(options.to.resolve(), options.teacher, options.group, options.url)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Ready. Start the class with  jupyterhub -f {options.to / 'hub' / 'jupyterhub_config.py'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
