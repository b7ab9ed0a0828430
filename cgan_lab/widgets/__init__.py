"""The controls of the lessons, by name. A module of controls is imported when one of its names is used."""

import importlib

_HOME = {
    "explorers": (
        "cloud_explorer",
        "digit_picker",
        "gradient_explorer",
        "minimax_explorer",
        "projection_explorer",
    ),
    "toy": ("snapshot", "toy_console"),
    "samples": ("film", "mistake_table"),
    "latent": ("steering_explorer",),
    "training": ("dashboard",),
    "clinic": ("clinic_console",),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE)


def __getattr__(name):
    """Import the module of the control ``name`` (PEP 562), so that an explorer needs no TensorFlow."""
    if name not in _MODULE:
        raise AttributeError(f"no control {name!r}; there are {', '.join(__all__)}.")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE[name]}"), name)
