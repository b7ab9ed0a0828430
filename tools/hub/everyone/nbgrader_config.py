"""nbgrader's settings on the hub: one course, one teacher, hand-ins and pages through one exchange folder."""

import os
import pwd
import shutil
import stat
from datetime import datetime
from functools import partial
from pathlib import Path

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import ignore_patterns

c = get_config()  # noqa: F821 (nbgrader defines it)


def account_of(path):
    """Return the name of the account that owns ``path``, itself and not what it may link to."""
    owner = os.lstat(path).st_uid
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)


def copy_owned(owner, source, target):
    """Copy one file that belongs to ``owner``. Raises OSError for any other file.

    Whose it is, is asked of the opened file: between a look at a name and its opening the name can be exchanged.
    """
    descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe would wait for a writer
    with open(descriptor, "rb") as file:
        what = os.fstat(descriptor)
        if what.st_uid != owner or not stat.S_ISREG(what.st_mode):
            raise PermissionError(f"{source} is not a file of the account that handed it in")
        with open(target, "wb") as copy:
            shutil.copyfileobj(file, copy)


class Collect(ExchangeCollect):
    """Collects by whose folder it is. nbgrader goes by the folder's name, which anyone can choose, and follows links.

    A hand-in under another's name counts as its owner's. Links and files of others are left out: a link to the
    solutions would otherwise be read with the teacher's rights, and come back as feedback.
    """

    def _path_to_record(self, path):
        owner = account_of(path)
        try:
            record = super()._path_to_record(path)
        except (ExchangeError, ValueError):  # one name that cannot be read must not stop the class
            record = {"filename": os.path.basename(path), "timestamp": datetime.min}
        if record.get("username") != owner:
            self.log.error("%s belongs to %s and counts as theirs", path, owner)
        return record | {"username": owner}

    def do_copy(self, src, dest, log=None):
        directory, owner = self.coursedir, os.lstat(src).st_uid
        usual = ignore_patterns(directory.ignore, directory.include, directory.max_file_size, self.log)

        def ignore(folder, names):
            links = [name for name in names if os.path.islink(os.path.join(folder, name))]
            if links:
                self.log.error("left out, since a link can lead anywhere: %s in %s", ", ".join(links), src)
            return {*links, *usual(folder, names)}

        try:
            shutil.copytree(src, dest, ignore=ignore, copy_function=partial(copy_owned, owner))
        except OSError as error:  # copytree goes on after a file that it could not copy, and tells at its end
            self.log.error("not all was taken from %s: %s", src, error)


class Refuse(NbGraderPreprocessor):
    """Stands in the place of two buttons of the Formgrader: the one runs students' code with the teacher's rights,
    the other shows students the hidden tests. `python -m tools.teach` does both as it should, with settings of its own.
    """

    def preprocess(self, nb, resources):
        raise ValueError(
            "Not here: Autograde would run students' code with your rights, and Generate Feedback would show the "
            "hidden tests. In a terminal use `python -m tools.teach --class ~/class mark NAME`, then `feedback NAME`."
        )


c.Autograde.sanitize_preprocessors = [Refuse]
c.Autograde.autograde_preprocessors = [Refuse]
c.GenerateFeedback.preprocessors = [Refuse]
c.ExchangeFactory.collect = Collect
# The Formgrader shows hand-ins inside the teacher's own pages; a script in one could do there what the teacher can.
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
c.SanitizeHTML.enabled = True
c.CourseDirectory.course_id = "cgan_lab"  # as in notebooks/assignments/nbgrader_config.py
c.Exchange.root = os.environ["CGAN_EXCHANGE"]
# Fetched assignments lie beside the lessons, wherever in the home nbgrader is called.
c.Exchange.assignment_dir = str(Path.home() / "assignments")
# The class folder of `python -m tools.teach`, for the teacher's Formgrader.
if "CGAN_CLASS" in os.environ:
    c.CourseDirectory.root = os.environ["CGAN_CLASS"]
