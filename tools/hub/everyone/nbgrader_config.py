"""nbgrader's settings on the hub: one course, one teacher, one exchange folder."""

import os
import pwd
import stat
from datetime import datetime
from pathlib import Path

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

c = get_config()  # noqa: F821 (nbgrader defines it)


class Collect(ExchangeCollect):
    """Collects hand-ins by the account that owns them.

    nbgrader goes by a folder's name, which anyone can choose, and follows links: a link to the
    solutions would be read with the teacher's rights, and come back as feedback.
    """

    def _path_to_record(self, path):
        uid = os.lstat(path).st_uid
        owner = {account.pw_uid: account.pw_name for account in pwd.getpwall()}.get(uid, str(uid))
        try:
            record = super()._path_to_record(path)
        except (ExchangeError, ValueError):  # one unreadable name must not stop the class
            record = {"filename": os.path.basename(path), "timestamp": datetime.min}
        if record.get("username") != owner:
            self.log.error("%s belongs to %s and counts as theirs", path, owner)
        return record | {"username": owner}

    def do_copy(self, src, dest, log=None):
        """Copy the plain files in the folder ``src`` that belong to its owner; name all others."""
        owner = os.lstat(src).st_uid
        os.makedirs(dest)
        for name in os.listdir(src):
            try:
                with open(os.path.join(src, name), "rb", opener=open_at_once) as file:
                    # Ask the opened file: somebody can exchange a name before it is opened.
                    found = os.fstat(file.fileno())
                    if found.st_uid != owner or not stat.S_ISREG(found.st_mode):
                        raise PermissionError("not a file of the account that handed it in")
                    if found.st_size > 1000 * self.coursedir.max_file_size:
                        raise OSError(f"larger than {self.coursedir.max_file_size} kB")
                    Path(dest, name).write_bytes(file.read())
            except OSError as error:
                self.log.error("%s in %s was left out: %s", name, src, error)


def open_at_once(path, flags):
    """Open a file, but no link, and without waiting for somebody to write into a pipe."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


# The course's own settings refuse the buttons that would run students' code with the teacher's
# rights, or show hidden tests. lay_out.sh puts them beside this file.
load_subconfig(str(Path(__file__).with_name("course_config.py")))  # noqa: F821 (nbgrader's, too)
c.ExchangeFactory.collect = Collect
# The Formgrader shows hand-ins inside the teacher's own pages, where a script in one could do what
# the teacher can.
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
c.SanitizeHTML.enabled = True
c.Exchange.root = os.environ["CGAN_EXCHANGE"]
# Fetched assignments lie beside the lessons, wherever in the home nbgrader is called.
c.Exchange.assignment_dir = str(Path.home() / "assignments")
# The class folder of `python -m tools.teach`, for the teacher's Formgrader.
if "CGAN_CLASS" in os.environ:
    c.CourseDirectory.root = os.environ["CGAN_CLASS"]
