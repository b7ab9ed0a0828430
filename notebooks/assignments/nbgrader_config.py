"""nbgrader's settings, read by `python -m tools.teach` and by nbgrader itself in a class folder."""

from nbgrader.preprocessors import NbGraderPreprocessor

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "cgan_lab"
# A test cell that a student deleted is put back, and counts as failed only if it fails.
c.OverwriteCells.add_missing_cells = True
# What a student reads where the solution stood; the cell fails until it is replaced.
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}


class OnlyByCommand(NbGraderPreprocessor):
    """Stands where nbgrader's own buttons and commands would begin; `python -m tools.teach` brings its own steps."""

    def preprocess(self, nb, resources):
        """Raise RuntimeError, before any code of a student's runs and before a page is written."""
        raise RuntimeError(
            "Students' code runs in a sandbox, and feedback without hidden tests is made, by the command line alone: "
            "python -m tools.teach --class FOLDER mark NAME, then ... feedback NAME (docs/teaching.md)."
        )


# nbgrader would run students' code with your rights, and show hidden tests in its feedback.
c.Autograde.sanitize_preprocessors = [OnlyByCommand]
c.GenerateFeedback.preprocessors = [OnlyByCommand]
