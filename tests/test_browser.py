"""The controls in JupyterLab in Chromium: pressed, dragged, played and typed at as a person would.

One lesson is run as it is. The other controls are in a notebook that this file makes, over the
shipped generator and small trainings, since their lessons take minutes. Screenshots go to
build/screenshots, for people to look at.
"""

import contextlib
import io
import os
import re
import secrets
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from chromium import AXE, in_browser, with_axe
from loopback import free_ports, serving, until
from PIL import Image
from playwright.sync_api import expect

from cgan_lab import judge

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "build" / "screenshots"
MINUTES = 60_000  # what Playwright counts in
expect.set_options(timeout=2 * MINUTES)
CELLS = [
    """import numpy as np
import tiny
from cgan_lab import cgan, clinic, data, sampling, widgets
whole, model = data.load("digits"), cgan.shipped("mnist-dense")
parts = (whole.x_train, whole.y_train, whole.x_test, whole.y_test)
few = data.Dataset("digits", *(part[:640] for part in parts), whole.class_names)
labels = sampling.label_grid(range(10), 20)
images = model.sample(labels, seed=0)
def moody(labels, noise):
    if labels[0] == 4:
        raise RuntimeError("out of ink")
    return model.sample(labels, noise=noise)
def stepwise(labels, noise, steps, guidance):
    return model.sample(labels, noise=guidance / 2 * noise[:, :100])
row = {"d_loss": 1.2, "g_loss": 1.1, "agreement": 0.9, "diversity": 0.8, "darkest": 0.0}
rows = [row | {"epoch": k} for k in (1, 2)]
healthy = clinic.Chart(clinic.Setting(epochs=2), rows, images[np.arange(200) % 20 < 10])
""",
    "widgets.toy_console()",
    "widgets.film(model.sample)",
    "widgets.mistake_table(images, labels, np.where(np.arange(200) % 20 < 3, 8, labels))",
    "widgets.digit_picker(moody)",
    "widgets.steering_explorer(model.sample, np.eye(100))",
    "widgets.knob_explorer(model.sample, stepwise)",
    "widgets.dashboard(tiny.cgan(), few)",
    "widgets.clinic_console(few, healthy)",
    "widgets.minimax_explorer()",
]
# What a cell shows -> a text in its control by which it is found.
FOUND_BY = {
    "toy": "Step both",
    "film": "what moves",
    "table": "asked \\ read",
    "picker": "how many",
    "steering": "share of the second",
    "knobs": "scale of the GAN's noise",
    "dashboard": "epochs to train",
    "clinic": "patient",
    "minimax": "generator's width",
}

pytestmark = [
    pytest.mark.long,
    in_browser,
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab over a copy of the notebooks; yield its address, with %s for the path."""
    home = tmp_path_factory.mktemp("jupyter")
    shutil.copytree(ROOT / "notebooks", home / "course" / "notebooks")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    made.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    nbformat.write(made, home / "course" / "notebooks" / "made.ipynb")
    (port,) = free_ports(1)
    token = secrets.token_hex(16)
    news = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)  # a question about news would hide a corner of the screenshots
    news.write_text('{"checkForUpdates": false, "fetchNews": "false"}')
    variables = {f"JUPYTER_{name}_DIR": str(home) for name in ("CONFIG", "DATA", "RUNTIME")}
    variables["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    variables["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    options = [f"--port={port}", f"--IdentityProvider.token={token}", "--ip=127.0.0.1"]
    options += [f"--ServerApp.root_dir={home / 'course'}", "--no-browser", "--allow-root"]
    options += [f"--LabApp.extra_labextensions_path={ROOT / 'tools' / 'labextensions'}"]
    options += ["--LabApp.expose_app_in_browser=True"]  # so that a test can change the theme
    address = f"http://127.0.0.1:{port}/%s?token={token}"
    command = [sys.executable, "-m", "jupyterlab", *options]
    with serving(command, address % "api/status", home, **variables):
        yield address


@contextlib.contextmanager
def opened(lab, browser, name):
    """Open a notebook and run its cells; yield the page and what its console calls an error."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1400, "height": 1300})
    errors = []
    page.set_default_timeout(MINUTES)
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab % f"lab/tree/notebooks/{name}" + "&reset")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle")
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    # JupyterLab removes hidden cells from the page, so the kernel's light says when all have run.
    panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    light = panel.locator(".jp-Notebook-ExecutionIndicator")
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
    with opened(lab, browser, "made.ipynb") as both:
        yield both


@pytest.fixture
def made(made_once):
    """This file's notebook, run once for all tests; errors since the last test fail this one."""
    page, errors = made_once
    errors.clear()
    yield page
    assert errors == []


def control(page, text):
    """Scroll until the output whose control says ``text`` is in the page, and return it."""
    with_text = page.locator(".jp-OutputArea-output", has=page.get_by_text(text, exact=False))
    output = with_text.filter(has=page.locator(".widget-image"))
    page.mouse.move(700, 600)
    for step in (-100_000, *[700] * 120):
        if output.count():
            break
        page.mouse.wheel(0, step)
        page.wait_for_timeout(150)
    output.first.scroll_into_view_if_needed()
    return output.first


def shown(output):
    """Return the control's picture as a uint8 array (height, width), as the browser shows it."""
    bytes_of = "async i => Array.from(new Uint8Array(await (await fetch(i.src)).arrayBuffer()))"
    content = bytes(output.locator(".widget-image").first.evaluate(bytes_of))
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


class Picture:
    """The picture of a control, followed from change to change."""

    def __init__(self, output):
        self.output = output
        self.now = shown(output)

    def changed(self):
        """Wait until the control shows another picture, and return that."""
        before = self.now

        def another():
            self.now = shown(self.output)
            return not np.array_equal(self.now, before)

        until("another picture", another, 10)
        return self.now


def share_read(picture, digits, column=False, times=2):
    """Return the share of ``digits`` that the judge reads in the first row, or first column.

    ``picture``: dark on white, as `plots.enlarged_png` makes it, ``times`` enlarged.
    """
    small = 255 - picture[::times, ::times]
    small = small.T if column else small
    tiles = [small[2:, 2 + 30 * place :][:28, :28] for place in range(len(digits))]
    tiles = np.stack([tile.T if column else tile for tile in tiles])
    return np.mean(judge.look(tiles)[0] == digits)


def photograph(output, name):
    """Save a picture of the control alone."""
    output.scroll_into_view_if_needed()
    output.screenshot(path=SHOTS / f"{name}.png")


def press(output, name):
    """Press the button with this name."""
    output.get_by_role("button", name=name, exact=True).click()


def drag_to_the_end(page, slider):
    """Drag a slider to its right end, faster than pictures can be drawn."""
    handle = slider.locator(".noUi-handle")
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = handle.bounding_box()
    track = slider.locator(".noUi-base").bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, height)
    page.mouse.down()
    for share in np.linspace(0.2, 1.05, 25):
        page.mouse.move(track["x"] + share * track["width"], height)
    page.mouse.up()


def test_a_pressed_button_brings_the_digit_and_a_dragged_slider_ends_on_its_last_value(lesson):
    picker = control(lesson, "New noise")
    picture = Picture(picker)
    for button, noise in (("7", 0), ("New noise", 1)):
        press(picker, button)
        expect(picker).to_contain_text(f"10 times 7, noise number {noise}.")
        one_row = picture.changed()
        assert share_read(one_row, [7] * 10) >= 0.8
    drag_to_the_end(lesson, picker)
    expect(picker).to_contain_text("100 times 7")
    assert picture.changed().shape[0] > 5 * one_row.shape[0]  # ten rows of ten
    picker.locator(".noUi-handle").focus()
    lesson.keyboard.press("ArrowLeft")
    expect(picker).to_contain_text("99 times 7")
    lesson.screenshot(path=SHOTS / "lesson_00.png")


def test_the_cell_for_colab_is_one_line_that_says_so(lab, browser):
    page = browser.new_page(viewport={"width": 1400, "height": 1300})
    page.goto(lab % "lab/tree/notebooks/03_training.ipynb" + "&reset")
    cell = page.locator(".jp-CodeCell").first
    expect(cell.locator(".jp-PlaceholderText")).to_have_text(re.compile("On Google Colab: install"))
    assert cell.bounding_box()["height"] < 60
    figures = page.locator(".jp-RenderedImage img")  # as stored: nothing has been run
    expect(figures.nth(3)).to_have_attribute("alt", re.compile("."))
    assert all(figures.evaluate_all("all => all.map(one => one.alt)"))
    page.screenshot(path=SHOTS / "first-cell.png")
    page.close()


def test_the_toy_steps_plays_and_pauses(made):
    console = control(made, FOUND_BY["toy"])
    picture = Picture(console)
    for button, said in (("Step D", "D has taken 10 steps, G 0"), ("Step G", "10 steps, G 10")):
        press(console, button)
        expect(console).to_contain_text(said)
        picture.changed()

    def taken():
        return int(re.search(r"D has taken (\d+) steps", console.inner_text())[1])

    play = console.locator(".jupyter-widgets.widget-play, .jupyter-widgets-play").first
    play.locator("button").first.click()
    until("the toy has played", lambda: taken() >= 100)
    play.locator("button").first.click()  # the same button pauses
    made.wait_for_timeout(1500)
    paused = taken()
    made.wait_for_timeout(1500)
    assert taken() == paused
    photograph(console, "toy")


def test_the_film_plays_to_its_end(made):
    film = control(made, FOUND_BY["film"])
    picture = Picture(film)
    film.locator(".widget-play button").first.click()
    expect(film).to_contain_text("From label 3 to label 8: 100%")
    assert share_read(picture.changed(), [8] * 10, times=3) >= 0.8
    photograph(film, "film")


def test_a_cell_of_the_table_shows_its_images(made):
    table = control(made, FOUND_BY["table"])
    picture = Picture(table)
    table.get_by_title("Asked for 5, read as 8: 3.").click()
    expect(table).to_contain_text("Asked for 5, read as 8: 3.")
    assert share_read(picture.changed(), [5] * 3) >= 0.6
    photograph(table, "table")


def test_the_same_noise_is_shown_under_every_label(made):
    explorer = control(made, FOUND_BY["steering"])
    picture = Picture(explorer)
    press(explorer, "each noise under every label")
    expect(explorer).to_contain_text("One row per label, from 0 down to 9")
    assert share_read(picture.changed(), np.arange(10), column=True) >= 0.7
    photograph(explorer, "steering")


def test_both_models_draw_the_label_that_the_knob_explorer_asks_for(made):
    explorer = control(made, FOUND_BY["knobs"])
    picture = Picture(explorer)
    press(explorer, "7")
    expect(explorer).to_contain_text(
        "10 times 7, noise number 0. Above: the diffusion model, guidance 2, 25"
    )
    assert share_read(picture.changed(), [7] * 10, times=3) >= 0.7
    photograph(explorer, "knobs")


def test_a_sampler_that_fails_is_reported_beside_the_control_which_still_works(made):
    picker = control(made, FOUND_BY["picker"])
    press(picker, "4")
    expect(picker).to_contain_text("No digits. RuntimeError: out of ink")
    photograph(picker, "error")
    press(picker, "5")
    expect(picker).to_contain_text("10 times 5, noise number 0.")


def test_the_dashboard_trains_pauses_resumes_and_stops(made):
    board = control(made, FOUND_BY["dashboard"])
    board.locator(".noUi-handle").first.focus()
    made.keyboard.press("End")
    picture = Picture(board)
    press(board, "Start")
    # Epoch 2 may pass unseen.
    expect(board).to_contain_text(re.compile(r"Training goes on\. Epoch (?!1 )\d+ of 100"))
    picture.changed()
    press(board, "Pause")
    expect(board).to_contain_text("Paused for now. Epoch")
    said = board.inner_text()
    made.wait_for_timeout(1500)
    assert board.inner_text() == said  # nothing moves
    photograph(board, "dashboard")
    press(board, "Resume")
    expect(board).to_contain_text("Training goes on. Epoch")
    press(board, "Stop")
    expect(board).to_contain_text("the last whole one is kept")
    whole = int(re.search(r"Stopped after (\d+) of 100", board.inner_text())[1])
    assert whole >= 1 and f"Epochs in all: {whole}." in board.inner_text()


def test_the_clinic_trains_a_patient_and_complains(made):
    console = control(made, FOUND_BY["clinic"])
    console.get_by_label("patient").select_option("B")
    expect(console).to_contain_text("in: g_rate, d_rate")
    console.locator(".noUi-handle").first.focus()
    made.keyboard.press("Home")
    expect(console).to_contain_text("in: g_rate, d_rate, epochs")
    picture = Picture(console)
    press(console, "Start")
    expect(console).to_contain_text("Finished after 1 of 1 epochs")
    expect(console).to_contain_text("Complaints of the clinic: label agreement is")
    picture.changed()
    photograph(console, "clinic")


INTERACTIVE = (
    "button:not([disabled]), select, input:not([type=hidden]), [role=slider], "
    "[contenteditable=true]"
)


@pytest.mark.parametrize("name", FOUND_BY)
def test_every_part_is_reached_with_tab_and_the_picture_has_a_name(made, name):
    output = control(made, FOUND_BY[name])
    images = output.get_by_role("img")
    assert all(images.evaluate_all("images => images.map(image => image.title)"))
    parts = output.locator(INTERACTIVE).locator("visible=true")
    number = "(parts, name) => parts.forEach((part, k) => { part.dataset.place = name + k; })"
    parts.evaluate_all(number, name)
    wanted = {f"{name}{k}" for k in range(parts.count())}
    parts.first.focus()
    reached = set()
    for _ in range(len(wanted) + 5):
        reached.add(made.evaluate("document.activeElement.dataset.place"))
        made.keyboard.press("Tab")
    assert wanted and wanted <= reached


def test_with_the_keyboard_alone_a_digit_is_asked_for(made):
    picker = control(made, FOUND_BY["picker"])
    picker.get_by_role("button", name="0", exact=True).focus()
    for key in [*["Tab"] * 7, "Space"]:
        made.keyboard.press(key)
    expect(picker).to_contain_text("10 times 7, noise number 0.")
    for key in [*["Tab"] * 3, "ArrowRight"]:  # past 8 and 9, to the slider
        made.keyboard.press(key)
    expect(picker).to_contain_text("11 times 7, noise number 0.")


# How a part of a control is moved by a key -> which key, and what then differs.
MOVED = {
    "[role=slider]": (["ArrowRight", "ArrowLeft"], "part => part.ariaValueNow"),
    "select": (["ArrowDown", "ArrowUp"], "part => part.value"),
    ".widget-toggle-button:not(.mod-active)": (["Enter"], "part => part.className"),
}


@pytest.mark.parametrize("name", FOUND_BY)
def test_every_part_is_moved_by_keys(made, name):
    output = control(made, FOUND_BY[name])
    for kind, (keys, value) in MOVED.items():
        marked = "(parts, name) => parts.map((part, k) => { part.dataset.moved = name + k; })"
        parts = output.locator(kind)
        parts.evaluate_all(marked, name)  # pressed, a toggle is no longer of its kind
        for k in range(parts.count()):
            part = output.locator(f"[data-moved={name}{k}]")
            before = part.evaluate(value)
            for key in keys:  # a slider that stands at its end moves the other way
                part.focus()
                made.keyboard.press(key)
                if part.evaluate(value) != before:
                    break
            else:
                pytest.fail(f"{kind} number {k} of {name} does not hear {keys}")
        output.locator("[data-moved]").evaluate_all(
            "parts => parts.map(part => { delete part.dataset.moved; })"
        )


# A film near its end may have ended before the test looks: so the page writes down its names.
WRITE_DOWN = """button => {
  button.dataset.names = "";
  const watcher = new MutationObserver(() => { button.dataset.names += button.ariaLabel + "; "; });
  watcher.observe(button, { attributeFilter: ["aria-label"] });
}"""


@pytest.mark.parametrize("name", FOUND_BY)
def test_every_player_is_started_and_stopped_by_keys(made, name):
    for button in control(made, FOUND_BY[name]).locator(".widget-play button:first-child").all():
        expect(button).to_have_attribute("aria-label", re.compile(": play$"))
        button.evaluate(WRITE_DOWN)
        button.press("Enter")
        expect(button).to_have_attribute("data-names", re.compile(": pause; "))
        button.press("Enter")  # pauses; or a film that has ended is played once more
        expect(button).to_have_attribute("data-names", re.compile(": pause; .*: play; "))
        expect(button).to_have_attribute("aria-label", re.compile(": play$"))


def change_theme(page, theme):
    """Change JupyterLab to ``theme``, Dark or Light."""
    change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    page.evaluate(change, f"JupyterLab {theme}")
    light = str(theme == "Light").lower()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)


def violations(part):
    """Return what axe-core finds in a part of the page: {rule: the elements' HTML}."""
    part.evaluate(AXE.read_text(encoding="utf-8"))
    found = part.evaluate("part => axe.run(part)")["violations"]
    return {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found}


@with_axe
@pytest.mark.parametrize("theme", ["Dark", "Light"])
@pytest.mark.parametrize("name", FOUND_BY)
def test_axe_finds_nothing_in_a_control(made, name, theme):
    change_theme(made, theme)
    assert violations(control(made, FOUND_BY[name])) == {}


# Violations in a notebook that are JupyterLab's own: rule -> what each of its elements is.
JUPYTERLABS = {
    "aria-input-field-name": 'class="cm-content"',  # the editors of cells
    "aria-required-children": 'role="feed"',  # the list of cells
    "button-name": "jp-collapseHeadingButton",
}


@with_axe
@pytest.mark.parametrize("name", ["00_start_here", "01_the_minimax_objective"])
def test_axe_finds_only_what_is_jupyterlabs_own_in_a_lesson(lab, browser, name):
    stored = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    outputs = [output for cell in stored.cells for output in cell.get("outputs", ())]
    words = [o.metadata["image/png"]["alt"] for o in outputs if "image/png" in o.get("data", ())]
    with opened(lab, browser, f"{name}.ipynb") as (page, errors):
        panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        figures = panel.locator(".jp-RenderedImage")
        alts = figures.locator("img").evaluate_all("images => images.map(image => image.alt)")
        folded = figures.locator("details p").all_text_contents()
        assert alts == folded == words and len(words) > 5
        for theme in ("Dark", "Light"):
            change_theme(page, theme)
            found = violations(panel.locator(".jp-Notebook"))
            print(f"{name}, {theme}: { ({rule: len(nodes) for rule, nodes in found.items()}) }")
            editors = panel.locator(".cm-content").count()
            most = {"aria-required-children": 1, "aria-input-field-name": editors, "button-name": 1}
            for rule, nodes in found.items():
                others = [node for node in nodes if JUPYTERLABS.get(rule, "none") not in node]
                assert others == [] and len(nodes) <= most[rule], rule
        assert errors == []


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
    const texts = [...node.childNodes].filter(c => c.nodeType === 3);
    const text = texts.map(c => c.data.trim()).join('');
    if (!text || !node.offsetParent || node.disabled || node.tagName === 'OPTION') continue;
    const [a, b] = [light(getComputedStyle(node).color), light(opaque(node))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), text]);
  }
  return found;
}"""


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_text_is_readable_in_either_theme(made, theme):
    change_theme(made, theme)
    for name, text in FOUND_BY.items():
        output = control(made, text)
        found = output.evaluate(CONTRASTS)
        photograph(output, f"{name}_{theme.lower()}")
        assert found and [text for contrast, text in found if contrast < 4.5] == [], name
