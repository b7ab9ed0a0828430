"""The doctor's look at Jupyter: which Python and which copy of the package the lessons run with."""

import json
import os
import shutil
import sys
from pathlib import Path

from cgan_lab._support.console import command
from cgan_lab.doctor._finding import install, looks_for, version

HERE = Path(__file__).resolve().parents[1]  # the folder of the package
FIT = {7: 1, 8: 3}  # major version of ipywidgets -> of the jupyterlab_widgets that draws them


@looks_for("this Python is the one with the course in it")
def installed():
    """Is the course installed in this Python, or does this kernel have another environment?"""
    if version("cgan-lab"):
        return sys.prefix
    cure = "in JupyterLab: menu Kernel, Change Kernel, and choose the course's; in a terminal: "
    cure += f"activate its environment, or {install('-e', str(HERE.parent))}"
    why = "each environment has its own packages; another one has none or others for the lessons."
    return f"{sys.executable} has no cgan-lab", cure, why


@looks_for("JupyterLab starts this Python")
def kernel():
    """Does JupyterLab start this Python for the lessons, and can it?"""
    missing = [name for name in ("ipykernel", "nbformat") if not version(name)]
    if missing and not (version("jupyterlab") or shutil.which("jupyter-lab")):
        return "no Jupyter here; the command line needs none"
    if missing:
        why = "without ipykernel no notebook can run here."
        return f"no {' and no '.join(missing)}", install(*missing), why
    from jupyter_core.paths import jupyter_path

    specs = [Path(path) / "kernel.json" for path in jupyter_path("kernels", "python3")]
    spec = next(filter(Path.is_file, specs), None)
    if spec is None:
        return "yes"  # the server uses its own Python
    try:
        started = json.loads(spec.read_text(encoding="utf-8"))["argv"][0]
    except (OSError, ValueError, LookupError, TypeError):
        return "its kernel.json is damaged", install("--force-reinstall", "ipykernel")
    ours = (os.path.dirname(sys.executable), os.path.join(sys.prefix, "bin"))
    if os.path.dirname(started) in ("", *ours):  # "": JupyterLab takes a bare `python` for its own
        return "yes"
    options = ("-m", "ipykernel", "install", "--sys-prefix", "--name", "cgan-lab")
    cure = f"run: {command(sys.executable, *options)}   and choose "
    cure += f"the kernel cgan-lab; or remove the folder {spec.parent}"
    return f"no, but {started}", cure, "the lessons would run in another environment than this one."


@looks_for("the package is the copy in this folder")
def copy():
    """Is the package that is imported the one next to the notebooks?"""
    for folder in (Path.cwd(), *Path.cwd().parents):
        other = folder / "cgan_lab"
        if (other / "assets/manifest.json").is_file() and (folder / "pyproject.toml").is_file():
            if other.resolve() == HERE:
                return "yes"
            cure = f"{install('-e', str(folder))}   and restart the kernel"
            why = "your changes here would have no effect, and lessons may fit another version."
            return f"no: it comes from {HERE}", cure, why
    return "no other copy here"


@looks_for("ipywidgets and JupyterLab fit")
def widgets():
    """Do ipywidgets, in the kernel, and jupyterlab_widgets, in JupyterLab, fit together?"""
    versions = [version(name) for name in ("jupyterlab", "ipywidgets", "jupyterlab_widgets")]
    if not all(versions[:2]):
        return "no ipywidgets here" if versions[0] else "no JupyterLab here"
    lab, kernel, page = (int(found.split(".")[0]) if found else None for found in versions)
    found = "JupyterLab {}, ipywidgets {}, jupyterlab_widgets {}".format(*versions)
    if page and lab >= 4 and FIT.get(kernel) == page:
        return found
    fitting = "'jupyterlab>=4.4,<5' 'ipywidgets>=8,<9' 'jupyterlab_widgets>=3,<4'"
    cure = f"{install('--upgrade', fitting)}   and reload the page"
    return found, cure, "the controls would stay empty: 'Error displaying widget: model not found'."
