"""nbgrader's settings, read by `python -m tools.teach` and by nbgrader itself in a class folder."""

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "cgan_lab"
# A test cell that a student deleted is put back, and counts as failed only if it fails.
c.OverwriteCells.add_missing_cells = True
# What a student reads where the solution stood; the cell fails until it is replaced.
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
