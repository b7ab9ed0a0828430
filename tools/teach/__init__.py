"""Runs a class on the assignments with nbgrader: `python -m tools.teach --help`.

Solutions and hidden tests are read here; nothing of this folder is part of the `cgan_lab` package.
"""
