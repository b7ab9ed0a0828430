"""The controls of the lessons, by name. Using a name imports the module that holds its class."""

import importlib

_HOME = {
    "clinic_console": "clinic.ClinicConsole",
    "cloud_explorer": "explorers.CloudExplorer",
    "dashboard": "training.Dashboard",
    "digit_picker": "samples.DigitPicker",
    "film": "samples.Film",
    "gradient_explorer": "explorers.GradientExplorer",
    "knob_explorer": "samples.KnobExplorer",
    "minimax_explorer": "explorers.MinimaxExplorer",
    "mistake_table": "samples.MistakeTable",
    "projection_explorer": "explorers.ProjectionExplorer",
    "snapshot": "toy.snapshot",
    "steering_explorer": "samples.SteeringExplorer",
    "toy_console": "toy.ToyConsole",
}
__all__ = list(_HOME)


def __getattr__(name):
    """Import the control ``name`` (PEP 562), so that an explorer needs no TensorFlow."""
    if name not in _HOME:
        raise AttributeError(f"no control {name!r}; there are {', '.join(__all__)}.")
    module, _, found = _HOME[name].partition(".")
    return getattr(importlib.import_module(f"{__name__}.{module}"), found)
