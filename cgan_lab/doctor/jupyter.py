"""The doctor's look at Jupyter: which Python runs the lessons, which copy of the package, which controls."""

import json
import os
import shutil
import sys
from pathlib import Path

from cgan_lab.doctor import packages
from cgan_lab.doctor.machine import Finding

HERE = Path(__file__).resolve().parents[1]  # the folder of the package
FIT = {7: 1, 8: 3}  # the major version of jupyterlab_widgets that draws what ipywidgets of this major version send


def installed():
    """Is the course installed in this Python? If not, this is another kernel, or another environment, than its own."""
    title, found = "this Python is the one with the course in it", packages.version("cgan-lab")
    if found:
        return Finding(title, sys.prefix)
    return Finding(
        title,
        f"{sys.executable} has no cgan-lab",
        f"in JupyterLab: menu Kernel, Change Kernel, and take the course's; "
        f"in a terminal: activate its environment, or {packages.PIP} install -e {HERE.parent}",
        "each environment has its own packages; in another one the lessons find none, or others.",
    )


def kernel():
    """Does JupyterLab start this Python for the lessons, and can it?"""
    title, lab = "JupyterLab starts this Python", packages.version("jupyterlab") or shutil.which("jupyter-lab")
    missing = [name for name in ("ipykernel", "nbformat") if not packages.version(name)]
    if missing and lab:
        cure, why = f"run: {packages.PIP} install {' '.join(missing)}", "without ipykernel no notebook can run here."
        return Finding(title, f"no {' and no '.join(missing)}", cure, why)
    if missing:
        return Finding(title, "no Jupyter here; the command line needs none")
    from jupyter_core.paths import jupyter_path

    spec = next((path for path in jupyter_path("kernels", "python3") if (Path(path) / "kernel.json").is_file()), None)
    if spec is None:
        return Finding(title, "yes")  # then the server takes its own Python
    try:
        started = json.loads((Path(spec) / "kernel.json").read_text(encoding="utf-8"))["argv"][0]
    except (OSError, ValueError, LookupError, TypeError):
        return Finding(title, "its kernel.json is damaged", f"run: {packages.PIP} install --force-reinstall ipykernel")
    if os.path.dirname(started) in ("", os.path.dirname(sys.executable), os.path.join(sys.prefix, "bin")):
        return Finding(title, "yes")  # JupyterLab takes a bare `python` for its own
    return Finding(
        title,
        f"no, but {started}",
        f"run: {sys.executable} -m ipykernel install --sys-prefix --name cgan-lab   and choose the kernel cgan-lab; "
        f"or remove the folder {spec}",
        "the lessons would run in another environment than this one.",
    )


def copy():
    """Is this the copy of the package that lies beside the notebooks?"""
    title, here = "the package is the copy in this folder", Path.cwd()
    for folder in (here, *here.parents):
        other = folder / "cgan_lab"
        if (other / "assets" / "manifest.json").is_file() and (folder / "pyproject.toml").is_file():
            if other.resolve() == HERE:
                return Finding(title, "yes")
            return Finding(
                title,
                f"no: it comes from {HERE}",
                f"run: {packages.PIP} install -e {folder}   and restart the kernel",
                "what you change here would have no effect, and lessons may fit another version.",
            )
    return Finding(title, "no other copy here")


def widgets():
    """Do ipywidgets, in the kernel, and JupyterLab's part of it speak one language?"""
    title, lab, kernel, page = (
        "ipywidgets and JupyterLab fit",
        *map(packages.version, ("jupyterlab", "ipywidgets", "jupyterlab_widgets")),
    )
    if not lab or not kernel:
        return Finding(title, "no JupyterLab here" if not lab else "no ipywidgets here")
    found = f"JupyterLab {lab}, ipywidgets {kernel}, jupyterlab_widgets {page or 'missing'}"
    if page and packages.numbers(lab) >= (4,) and FIT.get(packages.numbers(kernel)[0]) == packages.numbers(page)[0]:
        return Finding(title, found)
    return Finding(
        title,
        found,
        f"run: {packages.PIP} install --upgrade 'jupyterlab>=4.4,<5' 'ipywidgets>=8,<9' 'jupyterlab_widgets>=3,<4'   "
        "and reload the page",
        "the controls would stay empty: 'Error displaying widget: model not found'.",
    )
