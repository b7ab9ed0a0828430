"""Where a class keeps its files, and nbgrader with the right settings. Knows neither marks nor students' code.

A class folder is nbgrader's own: `source/`, `release/`, `submitted/STUDENT/NAME/`, `autograded/`, `feedback/`,
`gradebook.db`. Ours are `roster.csv`, `marked/NAME/STUDENT.json` (what was marked, and what came of it) and
`handed_out/` with the notebooks to give away. nbgrader's formgrader can be opened on the folder at any time.
"""

import contextlib
import json
import logging
import os
import re
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = ROOT / "notebooks" / "assignments"
MAX_MB = 20  # of a notebook: with its outputs one has a tenth of it
STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Course:
    """A class folder, and the folder with the sources and rubrics that it teaches from."""

    root: Path
    assignments: Path = ASSIGNMENTS

    def __post_init__(self):
        """Refuse a class folder that a commit of the course could take along."""
        object.__setattr__(self, "root", Path(self.root).resolve())
        if self.root.is_relative_to(ROOT):
            raise ValueError(
                f"The class folder {self.root} lies inside the course's repository, where a commit could publish "
                "solutions and marks. Name a folder outside of it."
            )

    def path(self, kind, name, student=""):
        """Return the notebook ``name`` in the folder ``kind``, such as `release`; of ``student`` if one is given."""
        return self.root / kind / student / name / f"{name}.ipynb"

    def source(self, name):
        """Return the teacher's notebook ``name``. Raises FileNotFoundError with the names that there are."""
        path = self.assignments / "source" / name / f"{name}.ipynb"
        if not path.is_file():
            raise FileNotFoundError(
                f"There is no assignment {name!r} in {path.parents[1]}; there are {self.names()}."
            )
        return path

    def names(self):
        """Return the names of the assignments that can be released."""
        return sorted(
            path.stem
            for path in self.assignments.glob("source/*/*.ipynb")
            if path.stem == path.parent.name
        )

    def students(self, name):
        """Return who handed in the assignment ``name``, sorted."""
        return sorted(
            path.parents[1].name for path in self.root.glob(f"submitted/*/{name}/{name}.ipynb")
        )

    def released(self, name):
        """Return what was released. Raises FileNotFoundError before the release."""
        path = self.path("release", name)
        if not path.is_file():
            raise FileNotFoundError(
                f"{name} was not released in {self.root} yet: run `release` first."
            )
        return read(path)

    def config(self):
        """Return nbgrader's settings for this folder."""
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.assignments)).load_config()
        config.CourseDirectory.root = str(self.root)
        config.Exchange.root = str(self.root / "exchange")
        return Config(config)

    def nbgrader(self, config=None):
        """Return nbgrader's API for this folder. Its own messages are kept for the case of a failure."""
        prepare_path()
        # nbgrader's own, about its database; nothing that a teacher could act on
        warnings.filterwarnings("ignore", category=SAWarning)
        api = NbGraderAPI(config=config or self.config())
        api.log_level = logging.ERROR
        return api

    def gradebook(self):
        """Return nbgrader's gradebook; close it by `with`."""
        prepare_path()
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "cgan_lab")

    def make(self):
        """Make the folder, readable by its owner alone, with nbgrader's settings in it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)
        (self.root / "exchange").mkdir(exist_ok=True)  # nbgrader complains without it
        shutil.copyfile(self.assignments / "nbgrader_config.py", self.root / "nbgrader_config.py")

    def record(self, name, student):
        """Return what `mark` noted about a submission, or an empty dictionary."""
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads(
                (self.root / "marked" / name / f"{student}.json").read_text(encoding="utf-8")
            )
        return {}

    def note(self, name, student, record):
        """Keep ``record`` about a submission."""
        path = self.root / "marked" / name / f"{student}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".tmp")
        aside.write_text(json.dumps(record, indent=1), encoding="utf-8")
        aside.replace(path)


def read(path):
    """Return the notebook at ``path`` in format 4. Raises ValueError if the file is not one, a link, or too large."""
    path = Path(path)
    if path.is_symlink():
        raise ValueError(f"{path.name} is a link.")
    if path.is_file() and path.stat().st_size > MAX_MB * 2**20:
        raise ValueError(f"{path.name} has more than {MAX_MB} MB.")
    try:
        notebook = nbformat.read(path, as_version=4)
        if not isinstance(notebook.cells, list):
            raise ValueError("it has no list of cells")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError, OSError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise ValueError(f"{path.name} is not a notebook of format 4 ({reason}).") from error
    return notebook


def prepare_path():
    """Let nbgrader find the program `alembic`, which stands beside this Python also if no one activated it."""
    folder = os.path.dirname(sys.executable)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])


def grade_id(cell):
    """Return nbgrader's name of a cell, or None."""
    return (
        cell.metadata.get("nbgrader", {}).get("grade_id")
        if isinstance(cell.get("metadata"), dict)
        else None
    )
