"""What every control is: a picture and a sentence, and how they follow what is moved.

A control never prints or plots. It sets the ``value`` of an Image (PNG bytes) and of an HTML (the
same in words), which JupyterLab, Colab and a test can all show. Works with ipywidgets 7.7 and 8.
"""

import asyncio
import html
import importlib.metadata
import importlib.util
import re
import sys
import threading

import ipywidgets
import traitlets

from cgan_lab._support.language import said


def enable_colab_widgets():
    """Let Google Colab show ipywidgets 8, if it has that; return whether it was switched on.

    Colab's own version, 7.7.1, needs nothing: its front end knows the core widgets, of which all
    controls are made.
    """
    if int(importlib.metadata.version("ipywidgets").split(".")[0]) < 8:
        return False
    if not (importlib.util.find_spec("google") and importlib.util.find_spec("google.colab")):
        return False
    from google.colab import output

    output.enable_custom_widget_manager()
    return True


enable_colab_widgets()

QUIET = 0.004  # seconds without a message from the front end before a picture is drawn
PATIENCE = 0.03  # seconds that a picture waits for such a pause at most


class Picture(ipywidgets.Image):
    """An image in its own size; the box around it would stretch and blur it.

    ``tooltip``: what it shows, in words. The front end of ipywidgets 8 makes this the image's
    title, which a screen reader reads out. It asks for a description too, which an Image lacks. The
    front end of 7.7 ignores both.
    """

    description = traitlets.Unicode("").tag(sync=True)
    tooltip = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(self):
        super().__init__(format="png", layout={"align_self": "flex-start", "max_width": "100%"})


def words_of(error):
    """Return an exception as HTML text: its kind and what it says."""
    return html.escape(f"{type(error).__name__}: {error}")


class Coalesced:
    """Calls ``draw`` at once for values that code sets, and once for many messages of a front end.

    Messages that came while the kernel was busy wait in its queue. One picture for each would lag
    behind the hand. So each message puts the drawing off until `QUIET` seconds have passed without
    another one, but for `PATIENCE` at most; ``draw`` then reads the latest values.
    """

    def __init__(self, draw):
        self.draw = draw
        self.waiting = None
        self.since = 0.0

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
        """Drop the drawing that waits, if there is one."""
        if self.waiting is not None:
            self.waiting.cancel()
        self.waiting = None


def front_end_loop():
    """Return the event loop of a kernel that handles a front end's message to a widget, or None."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None or kernel.get_parent().get("header", {}).get("msg_type") != "comm_msg":
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # this thread has none
        return None


class Control(ipywidgets.VBox):
    """What people move, and below it a sentence and a picture that follow: ``text``, ``image``.

    A subclass has ``draw()``, which returns (PNG bytes, HTML text) for the values of the moment,
    and ``name``, which stands in for the control where no widget can be shown. ``draw`` runs after
    each change of the ``value`` of ``moved``, widgets among the ``parts`` shown. What it raises is
    shown in place of the sentence; the picture stays, and the control goes on working.
    """

    name = "control"
    failure = "No picture for these values."

    def __init__(self, parts, moved=()):
        self.image = Picture()
        self.text = ipywidgets.HTML()
        self.follow = Coalesced(self.show)
        self.drawing = threading.RLock()
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
                self.text.value = self.failed(error)
                return
            sentence = said(sentence)
            if self.image.value != drawn:
                self.image.value = drawn
            self.text.value = sentence
            self.image.tooltip = html.unescape(re.sub("<[^>]*>", " ", sentence)).strip()

    def act(self, action):
        """Run ``action()``, what a button is for, and show what it changed or what it raised."""
        try:
            action()
        except Exception as error:
            self.follow.cancel()  # a picture that waits would hide the sentence
            self.show()
            self.text.value = self.failed(error)
        else:
            self.follow()

    def failed(self, error):
        """Return ``error`` as HTML text that says what did not work."""
        return f"<b>{said(self.failure)}</b> {words_of(error)}"

    def button(self, description, tooltip, action):
        """Return a button that runs ``action()`` as `act` does."""
        layout = {"width": "8em"}
        words = {"description": said(description), "tooltip": said(tooltip)}
        button = ipywidgets.Button(**words, layout=layout)
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
        return said(f"{said(self.name)} (run this cell to use it)")


def walk(widget):
    """Return ``widget`` and all widgets inside it, as people see them from top to bottom."""
    inside = [inner for child in getattr(widget, "children", ()) for inner in walk(child)]
    return [widget, *inside]
