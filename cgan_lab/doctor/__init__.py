"""Is this machine ready for the course? Looks and names cures; changes nothing, calls nobody."""

import os

from cgan_lab.doctor import jupyter, machine, packages
from cgan_lab.doctor._finding import Finding, install, looks_for

__all__ = ["Finding", "examine"]


def examine():
    """Return a list of `Finding`, the same as ``python -m cgan_lab doctor``. Shown in lesson 00.

    TensorFlow is started only if nothing is found that would end Python when it is imported.
    """
    bits, avx = machine.bits(), machine.avx()
    shadows, backend, settings = packages.shadows(), packages.backend(), packages.settings()
    device = budget = error = None
    ready = all(finding.well for finding in (bits, avx, shadows, backend))
    if ready and "XLA_FLAGS" not in settings.found:
        try:
            device, budget = _start()
        except Exception as raised:  # a broken installation can raise anything
            error = raised
    findings = [machine.python(), bits, avx, jupyter.installed(), jupyter.kernel(), jupyter.copy()]
    findings += [shadows, *packages.versions(), packages.one_tensorflow(), backend, settings]
    findings += [packages.legacy(), packages.builds(error), _works(device, budget, error)]
    findings += [machine.gpu(device), jupyter.widgets(), packages.assets(), packages.downloads()]
    findings += [machine.here(), machine.home(), machine.memory(), machine.disk()]
    return [*findings, machine.proxy(), machine.encoding()]


def _start():
    """Start TensorFlow and return the device, ``"gpu"`` or ``"cpu"``, and the budget's name."""
    from cgan_lab import training
    from cgan_lab._support.tensorflow import device

    return device(), training.budget().name


@looks_for("TensorFlow works, with Keras on top")
def _works(device, budget, error):
    why = "every network of the course runs on it."
    if error is not None:
        return type(error).__name__, str(error) or install("tensorflow"), why
    if device is None:
        return "not tried", "first cure what is named above", why
    return f"{device.upper()}, {os.cpu_count()} cores, budget {budget}"
