"""The controls in JupyterLab in Chromium: pressed, dragged, played and typed at as a person would.

One lesson is run as it is; the other controls stand in a notebook that this file makes, over the shipped generator and
small trainings, since their lessons take minutes. Screenshots go to build/screenshots, for people to look at.
"""

import contextlib
import io
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
import pytest
from loopback import free_ports
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from cgan_lab import judge

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "build" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MINUTES = 60_000  # what Playwright counts in
expect.set_options(timeout=2 * MINUTES)
CELLS = [
    """import numpy as np
import tiny
from cgan_lab import cgan, clinic, data, sampling, widgets
from cgan_lab.widgets import latent as widgets_latent, samples as widgets_samples, toy as widgets_toy
from cgan_lab.widgets import clinic as widgets_clinic, dashboard as widgets_training
whole, model = data.load("digits"), cgan.shipped("mnist-dense")
few = data.Digits("digits", *(part[:640] for part in (whole.x_train, whole.y_train, whole.x_test, whole.y_test)),
                  whole.class_names)
labels = sampling.label_grid(range(10), 20)
images = model.sample(labels, seed=0)
def moody(labels, noise):
    if labels[0] == 4:
        raise RuntimeError("out of ink")
    return model.sample(labels, noise=noise)
row = {"d_loss": 1.2, "g_loss": 1.1, "agreement": 0.9, "diversity": 0.8, "darkest": 0.0}
healthy = clinic.Chart(clinic.Setting(epochs=2), [row | {"epoch": k} for k in (1, 2)], images[np.arange(200) % 20 < 10])
""",
    "widgets_toy.toy_console()",
    "widgets_samples.film(model.sample)",
    "widgets_samples.mistake_table(images, labels, np.where(np.arange(200) % 20 < 3, 8, labels))",
    "widgets.digit_picker(moody)",
    "widgets_latent.steering_explorer(model.sample, np.eye(100))",
    "widgets_training.dashboard(tiny.cgan(), few)",
    "widgets_clinic.clinic_console(few, healthy)",
    "widgets.minimax_explorer()",
]
# What a cell shows -> a text in its control by which it is found.
FOUND_BY = {
    "toy": "Step both",
    "film": "what moves",
    "table": "asked \\ read",
    "picker": "how many",
    "steering": "share of the second",
    "dashboard": "epochs to train",
    "clinic": "patient",
    "minimax": "generator's width",
}

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on loopback with a token, over a copy of the notebooks; return its address and token."""
    home = tmp_path_factory.mktemp("jupyter")
    shutil.copytree(ROOT / "notebooks", home / "course" / "notebooks")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(made, home / "course" / "notebooks" / "made.ipynb")
    (port,), token = free_ports(1), secrets.token_hex(16)
    news = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)  # a question about news would hide a corner of the screenshots
    news.write_text('{"checkForUpdates": false, "fetchNews": "false"}')
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    folders["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    options = [f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'course'}"]
    options += ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0"]
    options += ["--LabApp.expose_app_in_browser=True"]  # so that a test can change the theme
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **folders, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=5)
                break
            except OSError:
                assert server.poll() is None, (home / "log").read_text()
                time.sleep(0.5)
        else:
            pytest.fail(f"JupyterLab did not answer within a minute:\n{(home / 'log').read_text()[-2000:]}")
        yield f"http://127.0.0.1:{port}", token
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def opened(lab, browser, name):
    """Open a notebook, run all of its cells, and yield the page and what its console called an error until now."""
    address, token = lab
    SHOTS.mkdir(parents=True, exist_ok=True)
    page, errors = browser.new_page(viewport={"width": 1400, "height": 1300}), []
    page.set_default_timeout(MINUTES)
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/lab/tree/notebooks/{name}?token={token}&reset")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=2 * MINUTES)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    # JupyterLab keeps cells out of sight out of the page, so the kernel's own light says when all have run.
    light = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator")
    expect(light).to_have_attribute("data-status", "busy")
    expect(light).to_have_attribute("data-status", "idle", timeout=5 * MINUTES)
    yield page, errors
    page.close()


@pytest.fixture
def lesson(lab, browser):
    """Lesson 00, opened and run; errors in the browser's console fail the test at its end."""
    with opened(lab, browser, "00_start_here.ipynb") as (page, errors):
        yield page
        assert errors == []


@pytest.fixture(scope="module")
def made_once(lab, browser):
    with opened(lab, browser, "made.ipynb") as (page, errors):
        yield page, errors


@pytest.fixture
def made(made_once):
    """The notebook of this file, opened and run once for all tests; errors since the last one fail the test."""
    page, errors = made_once
    errors.clear()
    yield page
    assert errors == []


def control(page, text):
    """Scroll until the output with the control that says ``text`` is in the page, and return it."""
    output = page.locator(".jp-OutputArea-output", has=page.get_by_text(text, exact=False)).filter(
        has=page.locator(".widget-image")
    )
    page.mouse.move(700, 600)
    for step in (-100_000, *[700] * 120):
        if output.count():
            break
        page.mouse.wheel(0, step)
        page.wait_for_timeout(150)
    output.first.scroll_into_view_if_needed()
    return output.first


def shown(output):
    """Return the control's picture as a uint8 array (height, width), read from what the browser shows."""
    script = "async image => Array.from(new Uint8Array(await (await fetch(image.src)).arrayBuffer()))"
    content = bytes(output.locator(".widget-image").first.evaluate(script))
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


def changed(output, before, page):
    """Wait until the control's picture is another than ``before`` and return it."""
    for _ in range(100):
        now = shown(output)
        if now.shape != before.shape or np.any(now != before):
            return now
        page.wait_for_timeout(100)
    pytest.fail("the picture did not change within ten seconds")


def read_digits(picture, places, times=2, gap=2):
    """Return what the judge reads at places (row, column) of a picture of `plots.enlarged_png`, dark on white."""
    small, step = 255 - picture[::times, ::times], 28 + gap
    tiles = [small[gap + row * step :, gap + column * step :][:28, :28] for row, column in places]
    return judge.look(np.stack(tiles).astype(np.uint8))[0]


def in_row(count):
    """Return the first places of the first row."""
    return [(0, column) for column in range(count)]


def photograph(page, output, name):
    """Save a picture of the control alone."""
    output.scroll_into_view_if_needed()
    output.screenshot(path=SHOTS / f"{name}.png")


def test_a_pressed_button_brings_the_digit_and_a_dragged_slider_ends_on_its_last_value(lesson):
    page = lesson
    picker = control(page, "New noise")
    before = shown(picker)
    picker.get_by_role("button", name="7", exact=True).click()
    expect(picker).to_contain_text("10 times 7, noise 0")
    seven = changed(picker, before, page)
    assert np.mean(read_digits(seven, in_row(10)) == 7) >= 0.8
    picker.get_by_role("button", name="New noise").click()
    expect(picker).to_contain_text("10 times 7, noise 1")
    again = changed(picker, seven, page)
    assert np.mean(read_digits(again, in_row(10)) == 7) >= 0.8
    handle = picker.locator(".noUi-handle")
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box, track = handle.bounding_box(), picker.locator(".noUi-base").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in np.linspace(0.2, 1.05, 25):  # faster than 25 pictures can be drawn
        page.mouse.move(track["x"] + share * track["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(picker).to_contain_text("100 times 7")
    assert changed(picker, again, page).shape[0] > 5 * again.shape[0]  # ten rows of ten
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(picker).to_contain_text("99 times 7")
    page.screenshot(path=SHOTS / "lesson_00.png")


def test_the_toy_steps_plays_and_pauses(made):
    page = made
    console = control(page, FOUND_BY["toy"])
    before = shown(console)
    console.get_by_role("button", name="Step D", exact=True).click()
    expect(console).to_contain_text("D has taken 10 steps, G 0")
    before = changed(console, before, page)
    console.get_by_role("button", name="Step G", exact=True).click()
    expect(console).to_contain_text("D has taken 10 steps, G 10")
    changed(console, before, page)

    def taken():
        return int(re.search(r"D has taken (\d+) steps", console.inner_text())[1])

    play = console.locator(".jupyter-widgets.widget-play, .jupyter-widgets-play").first
    play.locator("button").first.click()
    for _ in range(100):
        if taken() >= 100:
            break
        page.wait_for_timeout(100)
    play.locator("button").first.click()  # the same button pauses
    page.wait_for_timeout(1500)
    paused = taken()
    assert paused >= 100
    page.wait_for_timeout(1500)
    assert taken() == paused
    photograph(page, console, "toy")


def test_the_film_plays_to_its_end(made):
    film = control(made, FOUND_BY["film"])
    before = shown(film)
    film.locator(".widget-play button").first.click()
    expect(film).to_contain_text("3 to 8: 100%")
    assert np.mean(read_digits(changed(film, before, made), in_row(10), times=3) == 8) >= 0.8
    photograph(made, film, "film")


def test_a_cell_of_the_table_shows_its_images(made):
    table = control(made, FOUND_BY["table"])
    before = shown(table)
    table.get_by_title("asked for 5, read as 8: 3").click()
    expect(table).to_contain_text("asked for 5, read as 8: 3")
    assert np.mean(read_digits(changed(table, before, made), in_row(3)) == 5) >= 0.6
    photograph(made, table, "table")


def test_the_same_noise_is_shown_under_every_label(made):
    explorer = control(made, FOUND_BY["steering"])
    before = shown(explorer)
    explorer.get_by_role("button", name="each noise under every label").click()
    expect(explorer).to_contain_text("a row a label, from 0 down to 9")
    grid = changed(explorer, before, made)
    column = [(row, 0) for row in range(10)]
    assert np.mean(read_digits(grid, column) == np.arange(10)) >= 0.7
    photograph(made, explorer, "steering")


def test_a_sampler_that_fails_is_told_beside_the_control_which_goes_on(made):
    picker = control(made, FOUND_BY["picker"])
    picker.get_by_role("button", name="4", exact=True).click()
    expect(picker).to_contain_text("No digits. RuntimeError: out of ink")
    photograph(made, picker, "error")
    picker.get_by_role("button", name="5", exact=True).click()
    expect(picker).to_contain_text("10 times 5, noise 0")


def test_the_dashboard_trains_pauses_resumes_and_stops(made):
    page, board = made, control(made, FOUND_BY["dashboard"])
    board.locator(".noUi-handle").first.focus()
    page.keyboard.press("End")
    start, pause, stop = (board.get_by_role("button", name=name, exact=True) for name in ("Start", "Pause", "Stop"))
    before = shown(board)
    start.click()
    expect(board).to_contain_text(re.compile(r"Training\. Epoch (?!1 )\d+ of 100"))  # epoch 2 may pass unseen
    changed(board, before, page)
    pause.click()
    expect(board).to_contain_text("Paused. Epoch")
    said = board.inner_text()
    page.wait_for_timeout(1500)
    assert board.inner_text() == said  # nothing moves
    photograph(page, board, "dashboard")
    board.get_by_role("button", name="Resume", exact=True).click()
    expect(board).to_contain_text("Training. Epoch")
    stop.click()
    expect(board).to_contain_text("the last whole one is kept")
    whole = int(re.search(r"Stopped after (\d+) of 100", board.inner_text())[1])
    assert whole >= 1 and f"Epochs in all: {whole}." in board.inner_text()


def test_the_clinic_trains_a_patient_and_complains(made):
    console = control(made, FOUND_BY["clinic"])
    console.get_by_label("patient").select_option("B")
    expect(console).to_contain_text("in: g_rate, d_rate")
    epochs = console.locator(".noUi-handle").first
    epochs.focus()
    made.keyboard.press("Home")
    expect(console).to_contain_text("in: g_rate, d_rate, epochs")
    before = shown(console)
    console.get_by_role("button", name="Start", exact=True).click()
    expect(console).to_contain_text("Done: 1 of 1 epochs")
    expect(console).to_contain_text("Complaints: label agreement is")
    changed(console, before, made)
    photograph(made, console, "clinic")


INTERACTIVE = "button:not([disabled]), select, input:not([type=hidden]), [role=slider], [contenteditable=true]"


@pytest.mark.parametrize("name", FOUND_BY)
def test_every_part_is_reached_with_tab_and_the_picture_has_a_name(made, name):
    page, output = made, control(made, FOUND_BY[name])
    assert all(output.get_by_role("img").evaluate_all("images => images.map(image => image.title)"))
    parts = output.locator(INTERACTIVE).locator("visible=true")
    parts.evaluate_all("parts => parts.forEach((part, k) => { part.dataset.place = k; })")
    parts.first.focus()
    reached = set()
    for _ in range(parts.count() + 5):
        place = page.evaluate("document.activeElement.dataset.place")
        if place is None:
            break
        reached.add(int(place))
        page.keyboard.press("Tab")
    assert reached == set(range(parts.count()))


def test_with_the_keyboard_alone_a_digit_is_asked_for(made):
    page, picker = made, control(made, FOUND_BY["picker"])
    picker.get_by_role("button", name="0", exact=True).focus()
    for _ in range(7):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(picker).to_contain_text("10 times 7, noise 0")
    for _ in range(3):  # past 8 and 9, to the slider
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(picker).to_contain_text("11 times 7, noise 0")


CONTRASTS = """root => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(
      v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opaque = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      const parts = colour.match(/[\\d.]+/g).map(Number);
      if (parts.length < 4 || parts[3] > 0.5) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  for (const node of root.querySelectorAll('*')) {
    const text = [...node.childNodes].filter(c => c.nodeType === 3).map(c => c.data.trim()).join('');
    if (!text || !node.offsetParent || node.disabled || node.tagName === 'OPTION') continue;
    const [a, b] = [light(getComputedStyle(node).color), light(opaque(node))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), text]);
  }
  return found;
}"""


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_text_is_readable_in_either_theme(made, theme):
    change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    made.evaluate(change, f"JupyterLab {theme}")
    expect(made.locator("body")).to_have_attribute("data-jp-theme-light", str(theme == "Light").lower())
    for name, text in FOUND_BY.items():
        output = control(made, text)
        found = output.evaluate(CONTRASTS)
        photograph(made, output, f"{name}_{theme.lower()}")
        assert found and [text for contrast, text in found if contrast < 4.5] == [], name
