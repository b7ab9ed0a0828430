"""From the teacher's source to the notebook that students get. Uses nbgrader; refuses what leaks."""

import shutil

from . import course, leaks


def release(where, name):
    """Make `release/NAME` and `handed_out/NAME` in the class folder and return the path of the latter.

    The cells to mark go into nbgrader's gradebook, tests and all. Raises ValueError, with each place named, if
    anything of the solution, the hidden tests or the rubric would leave; then nothing is handed out.
    """
    source = where.source(name)
    problems = leaks.in_source(course.read(source))
    if problems:
        raise ValueError(refusal(name, problems))
    where.make()
    shutil.rmtree(where.root / "source" / name, ignore_errors=True)
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(source.parent, where.root / "source" / name, ignore=ignored)
    target = where.root / "handed_out" / name
    shutil.rmtree(target, ignore_errors=True)
    answer = where.nbgrader().generate_assignment(name, force=True)
    if not answer["success"]:
        raise ValueError(f"nbgrader could not release {name}:\n{answer.get('log') or answer.get('error')}")
    problems = leaks.in_folder(where.root / "release" / name, leaks.secrets_in(name, where))
    if problems:
        shutil.rmtree(where.root / "release" / name)
        raise ValueError(refusal(name, problems))
    shutil.copytree(where.root / "release" / name, target)
    return target


def refusal(name, problems):
    """Return the sentence that refuses a release, with its reasons."""
    return f"{name} was not released, since something would leak:\n" + "\n".join(f"  {text}" for text in problems)
