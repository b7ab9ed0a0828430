"""Where a class keeps its files, and nbgrader with the right settings. Knows no marks.

A class folder is nbgrader's own: `source/`, `release/`, `submitted/STUDENT/NAME/`, `autograded/`,
`feedback/`, `gradebook.db`. Ours are `roster.csv`, `marked/NAME/STUDENT.json` (what was marked, and
what came of it), `variants/` (what a seed chose, and each student's own source, release and
rubric), `handed_out/` with the notebooks to give away, and what `receipt` keeps. nbgrader's
formgrader can be opened on the folder at any time.
"""

import contextlib
import io
import json
import logging
import os
import re
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

# nbformat and nbgrader take seconds to import. They are imported where they are needed, so that a
# wrong word on the command line is told at once.

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = ROOT / "notebooks" / "assignments"
MAX_MB = 20  # of a notebook: with its outputs one has a tenth of it
STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(([+][A-Za-z0-9._+-]+)?@[A-Za-z0-9.-]+)?")


@dataclass(frozen=True)
class Course:
    """A class folder, and the folder with the sources and rubrics that it teaches from."""

    root: Path
    assignments: Path = ASSIGNMENTS

    def __post_init__(self):
        """Refuse a class folder that a commit of the course could take along."""
        object.__setattr__(self, "root", Path(self.root).expanduser().resolve())
        if self.root.exists() and not self.root.is_dir():
            raise ValueError(f"The class folder {self.root} is a file. Name a folder.")
        if self.root.is_relative_to(ROOT):
            raise ValueError(
                f"The class folder {self.root} lies inside the course's repository, where a commit "
                "could publish solutions and marks. Name a folder outside of it."
            )

    @property
    def book(self):
        """The address of nbgrader's gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def path(self, kind, name, student=""):
        """Return the notebook ``name`` in the folder ``kind``, such as `release`."""
        return self.root / kind / student / name / f"{name}.ipynb"

    def own(self, kind, name, student=""):
        """Return the `source` or `release` of a student: their own, where each has one.

        That of a student for whom none was made is not there.
        """
        folder = self.root / "variants" / name
        if student and folder.is_dir():
            return folder / student / f"{kind}.ipynb"
        return self.path(kind, name)

    def rubric(self, name):
        """Return the text of the rubric, empty where there is none."""
        path = self.assignments / "rubrics" / f"{name}.md"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def source(self, name):
        """Return the teacher's notebook ``name``, or raise FileNotFoundError with all names."""
        if name not in self.names():
            raise FileNotFoundError(
                f"There is no assignment {name!r} in {self.assignments}; there are {self.names()}."
            )
        return self.assignments / "source" / name / f"{name}.ipynb"

    def names(self):
        """Return the names of all assignments, sorted."""
        found = self.assignments.glob("source/*/*.ipynb")
        return sorted(path.stem for path in found if path.stem == path.parent.name)

    def students(self, name):
        """Return who handed in the assignment ``name``, sorted, whatever their files are called."""
        found = self.root.glob(f"submitted/*/{name}")
        return sorted(folder.parent.name for folder in found if folder.is_dir())

    def check_released(self, name):
        """Raise FileNotFoundError if there is no such assignment or it was not released yet."""
        if not self.path("release", name).is_file():
            self.source(name)
            raise FileNotFoundError(
                f"{name} was not released in {self.root} yet: run `release` first."
            )

    def released(self, name, student=""):
        """Return the released notebook, the student's own where each has one.

        Raises FileNotFoundError before the release, and ValueError for a student without a notebook
        of their own.
        """
        self.check_released(name)
        path = self.own("release", name, student)
        if not path.is_file():
            raise ValueError(
                f"each student has an own {name}, and none was made for {student}: add them to the "
                "roster and run `release` again, with the same words"
            )
        return read(path)

    def config(self):
        """Return nbgrader's settings for this folder."""
        from traitlets.config import Config
        from traitlets.config.loader import PyFileConfigLoader

        loader = PyFileConfigLoader("nbgrader_config.py", path=str(self.assignments))
        config = Config(loader.load_config())
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = self.book
        config.Exchange.root = str(self.root / "exchange")
        return config

    def nbgrader(self, step, *names, config=None, **options):
        """Let nbgrader do ``step``, such as `autograde`. Raises RuntimeError with its reason."""
        from nbgrader.apps import NbGraderAPI
        from sqlalchemy.exc import SAWarning

        prepare_path()
        # These concern nbgrader's own database; a teacher can do nothing about them.
        warnings.filterwarnings("ignore", category=SAWarning)
        api = NbGraderAPI(config=config or self.config())
        api.log_level = logging.ERROR
        with contextlib.redirect_stdout(io.StringIO()):
            answer = getattr(api, step)(*names, force=True, **options)
        if not answer["success"]:
            log = (answer.get("log") or answer.get("error") or "it gave no reason").strip()
            # The first line of the last traceback that is no code, or the log's last line.
            found = re.search(
                r"^(?: {4})?(\w\S*: .*)", log.rpartition("Traceback ")[2], re.MULTILINE
            )
            reason = found[1] if found else log.splitlines()[-1]
            raise RuntimeError(f"nbgrader could not {step} {' '.join(names)}: {reason[:500]}")

    def gradebook(self):
        """Return nbgrader's gradebook; close it by `with`."""
        from nbgrader.api import Gradebook

        prepare_path()
        return Gradebook(self.book, "cgan_lab")

    def make(self):
        """Make the folder, readable by its owner alone, with nbgrader's settings in it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)
        (self.root / "exchange").mkdir(exist_ok=True)  # nbgrader complains without it
        shutil.copyfile(self.assignments / "nbgrader_config.py", self.root / "nbgrader_config.py")

    def record(self, name, student):
        """Return what `mark` noted about a submission, or an empty dictionary."""
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            path = self.root / "marked" / name / f"{student}.json"
            return json.loads(path.read_text(encoding="utf-8"))
        return {}

    def note(self, name, student, record):
        """Keep ``record`` about a submission."""
        path = self.root / "marked" / name / f"{student}.json"
        self.write(path, json.dumps(record, indent=1))

    def write(self, path, text):
        """Write a file aside first, so that it is there whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)


def read(path):
    """Return the notebook at ``path`` in format 4.

    Raises ValueError if the file is no notebook, a link, or too large.
    """
    import nbformat

    path = Path(path)
    if path.is_symlink():
        raise ValueError(f"{path.name} is a link.")
    if path.exists() and not path.is_file():
        raise ValueError(f"{path.name} is no file.")
    if path.is_file() and path.stat().st_size > MAX_MB * 2**20:
        raise ValueError(f"{path.name} has more than {MAX_MB} MB.")
    warnings.filterwarnings("ignore", message="Non-unique cell id")  # `restore` looks for that
    try:
        # Some editors write a mark of the byte order first.
        notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        if not isinstance(notebook.cells, list):
            raise ValueError("it has no list of cells")
        for cell in notebook.cells:
            if not isinstance(cell.get("metadata"), dict):
                cell["metadata"] = nbformat.NotebookNode()
    except Exception as error:
        # nbformat stumbles in many ways over what is no notebook. One file must not end the class.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise ValueError(f"{path.name} is not a notebook of format 4 ({reason}).") from error
    return notebook


def prepare_path():
    """Let nbgrader find the program `alembic` beside this Python, if no one activated it."""
    folder = os.path.dirname(sys.executable)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])


def grader(cell):
    """Return nbgrader's metadata of a cell, or an empty dictionary."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def grade_id(cell):
    """Return nbgrader's name of a cell, or None."""
    return grader(cell).get("grade_id")


def source(cell):
    """Return a cell's text."""
    text = cell.get("source", "")
    return whole("".join(map(str, text)) if isinstance(text, list) else str(text))


def whole(text):
    """Return ``text`` with a sign for each half of a character, which no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def printable(text):
    """Return ``text`` with nothing in it that a terminal obeys."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
