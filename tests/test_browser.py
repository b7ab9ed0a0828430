"""The controls in JupyterLab in Chromium: pressed, dragged and played as a person would.

Screenshots go to build/screenshots, for people to look at.
"""

import io
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from cgan_lab import judge

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "build" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MINUTES = 60_000  # what Playwright counts in

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on loopback with a token, over a copy of the notebooks; return its address and token."""
    home = tmp_path_factory.mktemp("jupyter")
    shutil.copytree(ROOT / "notebooks", home / "course" / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port, token = free.getsockname()[1], secrets.token_hex(16)
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    options = [f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'course'}"]
    options += ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0"]
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **folders, "PYTHONPATH": str(ROOT)},
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


@pytest.fixture
def lesson(lab, browser):
    """A function that opens a lesson, runs all of its cells and returns the page; errors fail the test at its end."""
    address, token = lab
    SHOTS.mkdir(parents=True, exist_ok=True)
    page, errors = browser.new_page(viewport={"width": 1400, "height": 1000}), []
    page.set_default_timeout(MINUTES)
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def opened(name):
        page.goto(f"{address}/lab/tree/notebooks/{name}?token={token}&reset")
        expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=2 * MINUTES)
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
        # JupyterLab keeps cells out of sight out of the page, so the kernel's own light says when all have run.
        light = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator")
        expect(light).to_have_attribute("data-status", "busy")
        expect(light).to_have_attribute("data-status", "idle", timeout=5 * MINUTES)
        return page

    yield opened
    page.close()
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
    content = bytes(output.locator(".widget-image").evaluate(script))
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


def changed(output, before, page):
    """Wait until the control's picture is another than ``before`` and return it."""
    for _ in range(100):
        now = shown(output)
        if now.shape != before.shape or np.any(now != before):
            return now
        page.wait_for_timeout(100)
    pytest.fail("the picture did not change within ten seconds")


def read_digits(picture, count, times=2, gap=2):
    """Return what the judge reads in a picture of `plots.enlarged_png`: dark on white, each pixel ``times`` as wide."""
    small = 255 - picture[::times, ::times]
    tiles = [small[:, gap // 2 + k * (28 + gap) :][:28, :28] for k in range(count)]
    tiles = [tile if tile.shape == (28, 28) else np.zeros((28, 28), np.uint8) for tile in tiles]
    return judge.look(np.stack(tiles).astype(np.uint8))[0]


def test_a_pressed_button_brings_the_digit_asked_for(lesson):
    page = lesson("00_start_here.ipynb")
    picker = control(page, "New noise")
    before = shown(picker)
    picker.get_by_role("button", name="7", exact=True).click()
    expect(picker).to_contain_text("10 times 7, noise 0")
    seven = changed(picker, before, page)
    assert np.mean(read_digits(seven, 10) == 7) >= 0.8
    picker.get_by_role("button", name="New noise").click()
    expect(picker).to_contain_text("10 times 7, noise 1")
    again = changed(picker, seven, page)
    assert np.mean(read_digits(again, 10) == 7) >= 0.8
    page.screenshot(path=SHOTS / "digit_picker.png")


def test_a_dragged_slider_ends_on_its_last_value(lesson):
    page = lesson("00_start_here.ipynb")
    picker = control(page, "New noise")
    before = shown(picker)
    handle = picker.locator(".noUi-handle")
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box, track = handle.bounding_box(), picker.locator(".noUi-base").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in np.linspace(0.2, 1.05, 25):  # faster than 25 pictures can be drawn
        page.mouse.move(track["x"] + share * track["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(picker).to_contain_text("50 times 0")
    assert changed(picker, before, page).shape[0] > before.shape[0]  # five rows of ten
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(picker).to_contain_text("49 times 0")
    page.screenshot(path=SHOTS / "slider.png")


def test_the_toy_steps_plays_and_pauses(lesson):
    page = lesson("01_the_minimax_objective.ipynb")
    console = control(page, "Step both")
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
    page.screenshot(path=SHOTS / "toy.png")
