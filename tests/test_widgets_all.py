"""What holds for every control: named parts, errors in words, bursts of events drawn once, nothing left open."""

import asyncio
import sys
import types

import ipywidgets
import numpy as np
import pytest

from cgan_lab import clinic, data, widgets
from cgan_lab.widgets import _control as widgets_parts
from cgan_lab.widgets import clinic as widgets_clinic
from cgan_lab.widgets import explorers
from cgan_lab.widgets import latent as widgets_latent
from cgan_lab.widgets import samples as widgets_samples
from cgan_lab.widgets import toy as widgets_toy
from cgan_lab.widgets import training as training_controls


def blank(labels, noise):
    return np.zeros((len(labels), 28, 28), np.uint8)


def mistakes():
    return widgets_samples.mistake_table(
        np.zeros((4, 28, 28), np.uint8), [0, 1, 2, 3], [0, 1, 2, 4]
    )


def console():
    row = {
        "epoch": 1,
        "d_loss": 1.0,
        "g_loss": 1.0,
        "agreement": 0.9,
        "diversity": 0.8,
        "darkest": 0.0,
    }
    chart = clinic.Chart(clinic.Setting(epochs=1), [row], np.zeros((100, 28, 28), np.uint8))
    return widgets_clinic.clinic_console(data.load("digits"), chart)


CONTROLS = {
    "minimax": widgets.minimax_explorer,
    "gradient": widgets.gradient_explorer,
    "projection": widgets.projection_explorer,
    "cloud": widgets.cloud_explorer,
    "picker": lambda: widgets.digit_picker(blank, latent=3),
    "steering": lambda: widgets_latent.steering_explorer(blank, np.eye(3)),
    "film": lambda: widgets_samples.film(blank, latent=3),
    "table": mistakes,
    "toy": widgets_toy.toy_console,
    "console": console,
}


@pytest.fixture(params=[*CONTROLS, "dashboard"])
def control(request, small_cgan, digits):
    if request.param == "dashboard":
        made = training_controls.dashboard(small_cgan(), digits)
    else:
        made = CONTROLS[request.param]()
    yield made
    made.close()


MOVED = (ipywidgets.widget_description.DescriptionWidget, ipywidgets.Button)


def test_every_part_has_a_name_in_words(control):
    parts = widgets_parts.walk(control)
    moved = [
        part for part in parts if isinstance(part, MOVED) and not isinstance(part, ipywidgets.HTML)
    ]
    assert moved and [type(part).__name__ for part in moved if not part.description.strip()] == []
    pictures = [part for part in parts if isinstance(part, ipywidgets.Image)]
    assert pictures and all(part.tooltip and "<" not in part.tooltip for part in pictures)
    assert len(repr(control)) <= 110 and repr(control).endswith("(run this cell to use it)")


def test_a_drawing_that_fails_once_is_told_beside_the_control_which_goes_on(control):
    draw, picture, failed = control.draw, control.image.value, []

    def fails_once():
        if not failed:
            failed.append(True)
            raise RuntimeError("out of <ink>")
        return draw()

    control.draw = fails_once
    control.show()
    assert f"<b>{control.failure}</b> RuntimeError: out of &lt;ink&gt;" in control.text.value
    assert control.image.value == picture
    control.show()
    assert "out of" not in control.text.value and control.text.value


def test_closing_closes_every_part(control):
    parts = widgets_parts.walk(control)
    control.close()
    assert [type(part).__name__ for part in parts if part.comm is not None] == []


def test_an_action_that_fails_is_not_hidden_by_a_picture_that_waits():
    trial = widgets_parts.Control("trial", [], lambda: (b"picture", "fine"))

    async def events():
        trial.follow()  # as after a moved slider
        trial.act(lambda: 1 / 0)
        await asyncio.sleep(3 * widgets_parts.PATIENCE)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(widgets_parts, "front_end_loop", asyncio.get_running_loop)
        asyncio.run(events())
    assert "ZeroDivisionError" in trial.text.value and trial.image.value == b"picture"


def counted(patched):
    """Return an explorer with one slider, and the values for which it drew."""
    drawn = []

    def draw(value):
        drawn.append(value)
        return b"%d" % value, f"{value:.0f}"

    explorer = explorers.Explorer("trial", [widgets_parts.slider("a", 0.0, 0.0, 100.0, 1.0)], draw)
    patched.setattr(widgets_parts, "front_end_loop", asyncio.get_running_loop)
    drawn.clear()
    return explorer, drawn


def test_a_burst_of_messages_is_drawn_once_with_the_last_value(monkeypatch):
    explorer, drawn = counted(monkeypatch)

    async def burst():
        for value in range(1, 51):
            explorer.controls[0].value = value
        assert drawn == []
        await asyncio.sleep(3 * widgets_parts.PATIENCE)

    asyncio.run(burst())
    assert drawn == [50] and explorer.image.value == b"50" and explorer.text.value == "50"


def test_messages_that_never_rest_are_drawn_all_the_same(monkeypatch):
    monkeypatch.setattr(widgets_parts, "QUIET", 10.0)  # no rest is long enough
    explorer, drawn = counted(monkeypatch)

    async def stream():
        for value in range(1, 11):
            explorer.controls[0].value = value
            await asyncio.sleep(widgets_parts.PATIENCE / 2)
        await asyncio.sleep(3 * widgets_parts.PATIENCE)

    asyncio.run(stream())
    assert 2 <= len(drawn) < 10 and drawn[-1] == 10


def test_values_that_code_sets_are_drawn_at_once(monkeypatch):
    explorer, drawn = counted(monkeypatch)
    monkeypatch.setattr(widgets_parts, "front_end_loop", lambda: None)
    explorer.controls[0].value = 7.0
    explorer.controls[0].value = 8.0
    assert drawn == [7, 8] and explorer.image.value == b"8"


def test_only_a_message_to_a_widget_puts_the_drawing_off(monkeypatch):
    asked = {"msg_type": "execute_request"}
    kernel = types.SimpleNamespace(get_parent=lambda: {"header": asked})
    shell = types.SimpleNamespace(kernel=kernel)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))

    async def loop():
        return widgets_parts.front_end_loop()

    assert asyncio.run(loop()) is None  # a cell that sets a value, in a kernel whose loop runs
    asked["msg_type"] = "comm_msg"
    assert (
        asyncio.run(loop()) is not None and widgets_parts.front_end_loop() is None
    )  # no loop in this thread
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert asyncio.run(loop()) is None  # no kernel


def test_one_to_a_hundred_digits_are_one_compilation():
    """Otherwise the first move to each other number would take as long as twenty later ones."""
    import tiny

    model = tiny.cgan()
    for n in (1, 2, 10, 50, 100):
        model.sample(np.zeros(n, int), seed=0)
    assert model._compiled_call.experimental_get_tracing_count() == 1


IN_KERNEL = """
import time
from cgan_lab.widgets import explorers
from cgan_lab.widgets import _control as widgets_parts
drawn = []
def draw(value):
    drawn.append(value)
    time.sleep(0.02)  # as long as a picture takes
    return b"%d" % value, f"{value:.0f}"
explorer = explorers.Explorer("trial", [widgets_parts.slider("a", 0.0, 0.0, 100.0, 1.0)], draw)
drawn.clear()
print(explorer.controls[0].model_id)
"""


def test_in_a_real_kernel_fifty_queued_messages_are_a_few_pictures_and_end_on_the_last():
    """A front end that does not hold its messages back, as JupyterLab's does."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:

        def printed(code):
            said = []
            client.execute_interactive(
                code,
                timeout=60,
                output_hook=lambda message: said.append(message["content"].get("text", "")),
            )
            return "".join(said).strip()

        slider = printed(IN_KERNEL)
        client.execute("time.sleep(0.5)")  # the kernel is busy while they come
        for value in range(1, 51):
            data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
            client.shell_channel.send(
                client.session.msg("comm_msg", {"comm_id": slider, "data": data})
            )
        for _ in range(100):
            drawn = printed("print(*drawn)").split()
            if drawn[-1:] == ["50.0"]:
                break
        assert drawn[-1:] == ["50.0"] and len(drawn) <= 10, drawn
        assert (
            printed("explorer.controls[0].value = 7.0; print(explorer.text.value)") == "7"
        )  # by code: at once
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
