"""What holds for every control: named parts, errors in words, bursts of events drawn once."""

import asyncio
import os
import subprocess
import sys
import types
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import tiny
from shown import Sampler

from cgan_lab import clinic, widgets
from cgan_lab.widgets import _control, _parts, explorers


def mistakes(digits):
    return widgets.mistake_table(np.zeros((4, 28, 28), np.uint8), [0, 1, 2, 3], [0, 1, 2, 4])


def console(digits):
    row = {"epoch": 1, "d_loss": 1.0, "g_loss": 1.0, "agreement": 0.9, "diversity": 0.8}
    images = np.zeros((100, 28, 28), np.uint8)
    healthy = clinic.Chart(clinic.Setting(epochs=1), [row | {"darkest": 0.0}], images)
    return widgets.clinic_console(digits, healthy)


CONTROLS = {
    "minimax explorer: two sliders": lambda digits: widgets.minimax_explorer(),
    "gradient explorer: one slider": lambda digits: widgets.gradient_explorer(),
    "projection explorer: three sliders": lambda digits: widgets.projection_explorer(),
    "cloud explorer: two sliders": lambda digits: widgets.cloud_explorer(),
    "digit picker: a button for": lambda digits: widgets.digit_picker(Sampler(), latent=3),
    "steering explorer: labels": lambda digits: widgets.steering_explorer(Sampler(), np.eye(3)),
    "knob explorer: guidance": lambda digits: widgets.knob_explorer(
        Sampler(), lambda labels, noise, steps, guidance: Sampler()(labels, noise), latent=3
    ),
    "film: from one label": lambda digits: widgets.film(Sampler(), latent=3),
    "table of requested and": mistakes,
    "toy console: buttons that": lambda digits: widgets.toy_console(),
    "clinic console: choose": console,
    "training dashboard: start": lambda digits: widgets.dashboard(tiny.cgan(), digits),
}
MOVED = (ipywidgets.widget_description.DescriptionWidget, ipywidgets.Button)


@pytest.fixture(scope="module", params=CONTROLS)
def control(request, digits):
    made = CONTROLS[request.param](digits)
    made.begins = request.param
    yield made
    made.close()


def test_every_part_has_a_name_in_words(control):
    parts = _control.walk(control)
    moved = [p for p in parts if isinstance(p, MOVED) and not isinstance(p, ipywidgets.HTML)]
    assert moved and [type(part).__name__ for part in moved if not part.description.strip()] == []
    pressed = [part for part in moved if isinstance(part, ipywidgets.Button)]
    assert all(button.tooltip for button in pressed)
    pictures = [part for part in parts if isinstance(part, ipywidgets.Image)]
    assert pictures and all(part.tooltip and "<" not in part.tooltip for part in pictures)
    said = repr(control)  # stands in for the control where no widget can be shown
    assert said.startswith(control.begins) and said.endswith(" (run this cell to use it)")
    assert len(said) <= 110  # ipywidgets cuts off longer ones


def test_a_drawing_that_fails_once_is_shown_in_words_and_the_control_goes_on(control):
    draw, picture = control.draw, control.image.value

    def fails():
        control.draw = draw
        raise RuntimeError("out of <ink>")

    control.draw = fails
    control.show()
    assert f"<b>{control.failure}</b> RuntimeError: out of &lt;ink&gt;" in control.text.value
    assert control.image.value == picture
    control.show()
    assert "out of" not in control.text.value and control.text.value


def test_closing_closes_every_part(control):
    parts = _control.walk(control)
    control.close()
    assert [type(part).__name__ for part in parts if part.comm is not None] == []


def test_a_name_that_is_no_control_is_refused_with_those_that_are():
    with pytest.raises(AttributeError, match="no control 'movie'; there are .*film"):
        _ = widgets.movie


class Trial(explorers.Explorer):
    """One slider; remembers the values for which it drew, and takes no value over 90."""

    name = "trial"

    def __init__(self):
        self.drawn = []
        super().__init__(_parts.slider("a", 0.0, 0.0, 100.0, 1.0))
        self.drawn.clear()

    def at(self, value):
        if value > 90:
            raise ValueError(f"{value:.0f} is <too> large")
        self.drawn.append(value)
        return b"%d" % value, f"{value:.0f}"


@pytest.fixture
def trial(monkeypatch):
    """An explorer whose values come from a front end, where a loop runs."""
    monkeypatch.setattr(_control, "front_end_loop", asyncio.get_running_loop)
    made = Trial()
    yield made
    made.close()


def test_an_action_that_fails_is_not_hidden_by_a_picture_that_waits(trial):
    async def events():
        trial.follow()  # as after a moved slider
        trial.act(lambda: 1 / 0)
        await asyncio.sleep(3 * _control.PATIENCE)

    asyncio.run(events())
    assert "ZeroDivisionError" in trial.text.value and trial.image.value == b"0"


def test_a_burst_of_messages_is_drawn_once_with_the_last_value(trial):
    async def burst():
        for value in range(1, 51):
            trial.controls[0].value = value
        assert trial.drawn == []
        await asyncio.sleep(3 * _control.PATIENCE)

    asyncio.run(burst())
    assert trial.drawn == [50] and trial.image.value == b"50" and trial.text.value == "50"


def test_messages_that_never_rest_are_drawn_all_the_same(trial, monkeypatch):
    monkeypatch.setattr(_control, "QUIET", 10.0)  # no rest is long enough

    async def stream():
        for value in range(1, 11):
            trial.controls[0].value = value
            await asyncio.sleep(_control.PATIENCE / 2)
        await asyncio.sleep(3 * _control.PATIENCE)

    asyncio.run(stream())
    assert 2 <= len(trial.drawn) < 10 and trial.drawn[-1] == 10


def test_values_that_code_sets_are_drawn_at_once_and_one_that_fails_leaves_the_picture():
    trial = Trial()
    trial.controls[0].value = 7.0
    trial.controls[0].value = 8.0
    assert trial.drawn == [7, 8] and trial.image.value == b"8"
    trial.controls[0].value = 95.0
    assert "No picture for these values" in trial.text.value
    assert "ValueError: 95 is &lt;too&gt; large" in trial.text.value and trial.image.value == b"8"
    trial.controls[0].value = 9.0
    assert trial.text.value == "9"


def test_only_a_message_to_a_widget_puts_the_drawing_off(monkeypatch):
    asked = {"msg_type": "execute_request"}
    kernel = types.SimpleNamespace(get_parent=lambda: {"header": asked})
    ipython = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=kernel))
    monkeypatch.setitem(sys.modules, "IPython", ipython)

    async def loop():
        return _control.front_end_loop()

    assert asyncio.run(loop()) is None  # a cell that sets a value, in a kernel whose loop runs
    asked["msg_type"] = "comm_msg"
    assert asyncio.run(loop()) is not None
    assert _control.front_end_loop() is None  # this thread has no loop
    ipython.get_ipython = lambda: None
    assert asyncio.run(loop()) is None  # no kernel


def test_one_to_a_hundred_digits_are_one_compilation():
    """Otherwise the first move to each other number would take as long as twenty later ones."""
    model = tiny.cgan()
    for n in (1, 2, 10, 50, 100):
        model.sample(np.zeros(n, int), seed=0)
    assert model._compiled_call.experimental_get_tracing_count() == 1


IN_KERNEL = """
import time
from cgan_lab.widgets import _parts, explorers
class Trial(explorers.Explorer):
    def at(self, value):
        drawn.append(value)
        time.sleep(0.02)  # as long as a picture takes
        return b"%d" % value, f"{value:.0f}"
drawn = []
trial = Trial(_parts.slider("a", 0.0, 0.0, 100.0, 1.0))
drawn.clear()
print(trial.controls[0].model_id)
"""


def test_in_a_real_kernel_fifty_queued_messages_are_a_few_pictures_and_end_on_the_last():
    """A front end that does not hold its messages back, as JupyterLab's does."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:

        def printed(code):
            said = []

            def hear(message):
                said.append(message["content"].get("text", ""))

            client.execute_interactive(code, timeout=60, output_hook=hear)
            return "".join(said).strip()

        slider = printed(IN_KERNEL)
        client.execute("time.sleep(0.5)")  # the kernel is busy while they come
        for value in range(1, 51):
            data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
            message = client.session.msg("comm_msg", {"comm_id": slider, "data": data})
            client.shell_channel.send(message)
        for _ in range(100):
            drawn = printed("print(*drawn)").split()
            if drawn[-1:] == ["50.0"]:
                break
        assert drawn[-1:] == ["50.0"] and len(drawn) <= 10, drawn
        by_code = "trial.controls[0].value = 7.0; print(trial.text.value)"
        assert printed(by_code) == "7"  # at once
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


COLAB = """
import sys
from cgan_lab.widgets import _control
import google.protobuf  # the stand-in must not hide Google's other packages
from google.colab import output
print(output.calls)
"""


@pytest.mark.parametrize(("version", "answer"), [("8.1.9", "1\n"), ("7.7.1", "0\n")])
def test_colab_is_asked_for_widgets_only_where_it_needs_to_be(tmp_path, version, answer):
    """A stand-in for ``google.colab``, and one for the record of the installed ipywidgets."""
    folder = tmp_path / "google" / "colab"
    folder.mkdir(parents=True)  # no google/__init__.py: it would hide google.protobuf
    (folder / "__init__.py").write_text("")
    (folder / "output.py").write_text(
        "calls = 0\ndef enable_custom_widget_manager():\n    global calls\n    calls += 1\n"
    )
    record = tmp_path / f"ipywidgets-{version}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: ipywidgets\nVersion: {version}\n"
    )
    root = Path(__file__).resolve().parents[1]
    answered = subprocess.run(
        [sys.executable, "-c", COLAB],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
    )
    assert answered.stdout == answer, answered.stderr


def test_outside_colab_nothing_is_switched_on():
    assert _control.enable_colab_widgets() is False
