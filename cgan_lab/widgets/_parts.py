"""What people move in a control: sliders, dropdowns, buttons, a player. Knows no control."""

import html

import ipywidgets

from cgan_lab._support.language import said

WIDE = {"style": {"description_width": "13em"}, "layout": {"width": "36em", "max_width": "100%"}}
WRAPPED = {"flex_flow": "row wrap"}


def slider(description, value, low, high, step):
    """Return a float slider with room for its name, which reports while it is moved.

    Args:
        description: its name.
        value: where it starts.
        low: its lowest value.
        high: its highest value.
        step: between two values; it shows one decimal if this is below 1.
    """
    decimals = ".1f" if step < 1 else ".0f"
    shown = {"description": said(description), "readout_format": decimals, **WIDE}
    return ipywidgets.FloatSlider(value, min=low, max=high, step=step, **shown)


def int_slider(description, value, low, high, **style):
    """Return a slider over the whole numbers from ``low`` to ``high``."""
    shown = {"description": said(description), **(style or WIDE)}
    return ipywidgets.IntSlider(value, min=low, max=high, **shown)


def choice(description, options, value):
    """Return a dropdown as wide as a `slider`. ``options``: pairs (shown, value), or values."""
    return ipywidgets.Dropdown(options=options, value=value, description=said(description), **WIDE)


def named(class_names):
    """Return the options (name, label) of a control that chooses one of ``class_names``."""
    return [(name, label) for label, name in enumerate(class_names)]


def buttons(description, options, value, width):
    """Return one button per option, of which one is pressed. ``options``: pairs (shown, value)."""
    style = {"button_width": width} if width else {}
    options = [(said(shown), value) for shown, value in options]
    return ipywidgets.ToggleButtons(
        options=options, value=value, description=said(description), style=style
    )


def label_buttons(description, class_names, value):
    """Return one button per label, wide enough for its name."""
    width = "5.5em" if max(map(len, class_names)) > 2 else "2.6em"
    return buttons(description, named(class_names), value, width)


def player(description, **options):
    """Return (a player, a row with its name and it): no front end shows a player's description."""
    made = ipywidgets.Play(interval=150, description=description, **options)
    name = ipywidgets.HTML(html.escape(said(description)))
    return made, ipywidgets.HBox([name, made], layout={"grid_gap": "8px"})
