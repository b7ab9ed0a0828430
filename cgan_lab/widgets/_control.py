"""What every control is made of: its picture and sentence, its sliders, and how it follows them. Knows no figure.

A control never prints or plots: it sets the ``value`` of an Image (PNG bytes) and of an HTML (the
same in words), which shows in JupyterLab, Colab and a test alike. Works with ipywidgets 7.7 and 8.
"""

import asyncio
import html
import re
import sys
import threading

import ipywidgets
import traitlets

from cgan_lab._support import runtime

runtime.enable_colab_widgets()

QUIET, PATIENCE = (
    0.004,
    0.03,
)  # seconds without an event before a picture is drawn, and the longest wait for them
MOST = 100  # samples that a control shows at a time
WIDE = {"style": {"description_width": "13em"}, "layout": {"width": "36em", "max_width": "100%"}}


class Picture(ipywidgets.Image):
    """An image in its own size whose ``tooltip`` says in words what it shows; the box would stretch and blur it.

    The front end of ipywidgets 8 makes the tooltip the image's title, by which a screen reader names it. For that it
    asks for a description, which an Image of its own lacks. That of 7.7 takes no notice of either.
    """

    description = traitlets.Unicode("").tag(sync=True)
    tooltip = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(self):
        super().__init__(format="png", layout={"align_self": "flex-start", "max_width": "100%"})


def slider(description, value, low, high, step):
    """Return a float slider whose name is not cut off and which reports while it is moved."""
    return ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=".1f" if step < 1 else ".0f",
        continuous_update=True,
        **WIDE,
    )


def choice(description, options, value):
    """Return a dropdown as wide as a `slider`. ``options``: pairs (shown, value), or values."""
    return ipywidgets.Dropdown(options=options, value=value, description=description, **WIDE)


def named(class_names):
    """Return the options (name, label) of a control that chooses one of ``class_names``."""
    return [(name, label) for label, name in enumerate(class_names)]


def label_buttons(description, class_names, value):
    """Return a button a label, wide enough for its name."""
    width = "5.5em" if max(map(len, class_names)) > 2 else "2.6em"
    return ipywidgets.ToggleButtons(
        options=named(class_names),
        value=value,
        description=description,
        style={"button_width": width},
    )


def player(description, **options):
    """Return (a player, a row of the player and its name), since no front end shows a player's description."""
    made = ipywidgets.Play(interval=150, description=description, **options)
    row = ipywidgets.HBox(
        [ipywidgets.HTML(html.escape(description)), made], layout={"grid_gap": "8px"}
    )
    return made, row


def words_of(error):
    """Return an exception as HTML text: its kind and what it says."""
    return html.escape(f"{type(error).__name__}: {error}")


class Coalesced:
    """Calls ``draw`` at once for values that code sets, and once for a burst of messages from a front end.

    Messages that came while the kernel was busy wait in its queue, and a picture for each would run behind the hand.
    So each puts the drawing off until `QUIET` seconds have passed without another, but for `PATIENCE` at most; then
    ``draw`` reads the values of that moment, the last ones.
    """

    def __init__(self, draw):
        self.draw, self.waiting, self.since = draw, None, 0.0

    def __call__(self, change=None):
        loop = front_end_loop()
        if loop is None:
            self.cancel()
            self.draw()
            return
        now = loop.time()
        if self.waiting is None:
            self.since = now
        self.cancel()
        self.waiting = loop.call_at(min(now + QUIET, self.since + PATIENCE), self._run)

    def _run(self):
        self.waiting = None
        self.draw()

    def cancel(self):
        """Draw no more for the events that came until now."""
        if self.waiting is not None:
            self.waiting.cancel()
        self.waiting = None


def front_end_loop():
    """Return the running event loop of a kernel that handles a front end's message to a widget, else None."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None or kernel.get_parent().get("header", {}).get("msg_type") != "comm_msg":
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # a thread without one
        return None


class Control(ipywidgets.VBox):
    """What people move, with a sentence and a picture below that follow. Parts: ``text``, ``image``.

    ``draw()`` returns (PNG bytes, HTML text) for the values of the moment; it runs after each change of the ``value``
    of ``moved``, widgets among the ``parts`` shown. What it raises is told in place of the sentence, the picture stays,
    and the control goes on working. ``name``: what stands in for the control where no widget shows.
    """

    failure = "No picture for these values."

    def __init__(self, name, parts, draw, moved=()):
        self.name, self.draw = name, draw
        self.image, self.text = Picture(), ipywidgets.HTML()
        self.follow, self.drawing = Coalesced(self.show), threading.RLock()
        for part in moved:
            part.observe(self.follow, names="value")
        super().__init__(children=[*parts, self.text, self.image])
        self.show()

    def show(self):
        """Draw now."""
        with self.drawing:
            try:
                drawn, sentence = self.draw()
            except Exception as error:  # in a callback it would vanish into a log
                self.tell(error)
                return
            if self.image.value != drawn:
                self.image.value = drawn
            self.text.value = sentence
            self.image.tooltip = html.unescape(re.sub("<[^>]*>", " ", sentence)).strip()

    def act(self, action):
        """Run ``action()``, what a button is for, and show what it changed; what it raises is told."""
        try:
            action()
        except Exception as error:
            self.follow.cancel()  # a picture that waits would hide the sentence
            self.show()
            self.tell(error)
        else:
            self.follow()

    def tell(self, error):
        """Show ``error`` in words in place of the sentence."""
        self.text.value = f"<b>{self.failure}</b> {words_of(error)}"

    def button(self, description, tooltip, action):
        """Return a button that runs ``action()`` as `act` does."""
        button = ipywidgets.Button(
            description=description, tooltip=tooltip, layout={"width": "8em"}
        )
        button.on_click(lambda button: self.act(action))
        return button

    def close(self):
        """Close the control and all that it is made of."""
        if getattr(self, "follow", None):
            self.follow.cancel()
        for part in walk(self):
            if part is not self:
                part.close()
        super().close()

    def __repr__(self):  # the usual one holds the picture's bytes
        return f"{self.name} (run this cell to use it)"


def walk(widget):
    """Return ``widget`` and all widgets inside it, as people see them from top to bottom."""
    return [widget, *(inner for child in getattr(widget, "children", ()) for inner in walk(child))]
