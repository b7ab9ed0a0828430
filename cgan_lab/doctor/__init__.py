"""Is this machine ready for the course? Looks, reports and names cures; changes nothing, calls nobody."""

import os

from cgan_lab._support import runtime
from cgan_lab.doctor import jupyter, machine, packages
from cgan_lab.doctor.machine import Finding


def examine():
    """Return the list of `Finding` of this machine, the same as ``python -m cgan_lab doctor``. Shown in lesson 00.

    Light things first. TensorFlow is started only where nothing is found that would end Python at its import.
    """
    bits, avx, shadows, backend = machine.bits(), machine.avx(), packages.shadows(), packages.backend()
    findings = [machine.python(), bits, avx, jupyter.installed(), jupyter.kernel(), jupyter.copy(), shadows]
    findings += [*packages.versions(), packages.one_tensorflow(), backend, packages.legacy()]
    may_start = all(finding.well for finding in (bits, avx, shadows, backend))
    device, error = _started() if may_start else (None, None)
    findings += [packages.builds(error), _works(device, error), machine.gpu(device), jupyter.widgets()]
    findings += [packages.assets(), packages.downloads(), machine.here(), machine.home()]
    return findings + [machine.memory(), machine.disk(), machine.proxy(), machine.encoding()]


def _started():
    """Return (device, None), or (None, what was raised) where TensorFlow does not start."""
    try:
        runtime.budget()
        return runtime.device(), None
    except Exception as error:  # a broken install can raise anything
        return None, error


def _works(device, error):
    title, why = "TensorFlow works, with Keras on top", "every network of the course runs on it."
    if error is not None:
        return Finding(title, type(error).__name__, str(error) or f"run: {packages.PIP} install tensorflow", why)
    if device is None:
        return Finding(title, "not tried", "first cure what is named above", why)
    return Finding(title, f"{device.upper()}, {os.cpu_count()} cores, budget {runtime.budget().name}")
