"""The interactive pages, opened from their files: they compute what the package computes.

Each is walked with the keyboard, and its words, names and contrasts are read. Screenshots go to
build/screenshots, for people to look at.
"""

import base64
import re
import subprocess
import sys

import numpy as np
import pytest
from chromium import AXE, in_browser, with_axe
from playwright.sync_api import expect
from test_browser import CONTRASTS, MINUTES, ROOT, SHOTS

from cgan_lab import cgan, data, forward, sampling, toy
from cgan_lab.networks import LATENT

PAGES = ("draw", "game")
EDITIONS = (*PAGES, *(f"zh/{name}" for name in PAGES))
MODELS = ("mnist-dense", "mnist-conv")
SIZE = 5_000_000  # bytes
N = 1000
PART = 250  # pictures at a time, so that a message between Python and the page stays small

pytestmark = [
    pytest.mark.long,
    in_browser,
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Make the pages as a person would; return their folder."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "tools.site.pages", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return out


@pytest.fixture
def visit(site, browser):
    """Return a function that opens a page from its file; an error in it, or a request to any
    host, fails the test at its end."""
    wrong, pages = [], []

    def visit(name, width=1300, scheme="light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        pages.append(page)
        page.set_default_timeout(2 * MINUTES)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text))
        page.on("request", lambda asked: check(asked.url))
        page.goto((site / f"{name}.html").as_uri())
        if name.endswith("draw"):
            page.wait_for_selector("body[data-ready=judged]")
        return page

    def check(address):
        if not address.startswith((site.as_uri() + "/", "data:,")):
            wrong.append(address)

    yield visit
    for page in pages:
        page.close()
    assert wrong == []


def drawn(page, name, labels, noise):
    """Return the page's pictures (n, 28, 28), the digits (n,) read and their probabilities."""
    code = """async ([name, labels, noise]) => {
      const w = await forward.load(name);
      const judge = await forward.load("judge");
      const pictures = noise.map((z, k) => forward.draw(name, w, z, labels[k]));
      const read = pictures.map(picture => forward.read(judge, picture));
      return {pixels: pictures.flatMap(picture => [...picture]), digits: read.map(r => r.digit),
              shares: read.map(r => r.probabilities)};
    }"""
    parts = []
    for start in range(0, len(noise), PART):
        part = slice(start, start + PART)
        parts.append(page.evaluate(code, [name, labels[part].tolist(), noise[part].tolist()]))
    images = np.concatenate([part["pixels"] for part in parts]).reshape(-1, 28, 28)
    digits = np.concatenate([part["digits"] for part in parts])
    return images.astype(np.uint8), digits, np.concatenate([part["shares"] for part in parts])


@pytest.mark.parametrize("name", MODELS)
def test_a_thousand_pictures_and_readings_are_those_of_numpy_and_keras(visit, name):
    labels, noise = np.arange(N) % 10, sampling.noise(N, seed=0)
    images, digits, shares = drawn(visit("draw"), name, labels, noise)
    for way in (forward, cgan):
        wanted = way.shipped(name).sample(labels, noise)
        off = np.abs(images.astype(int) - wanted)
        print(f"{name}, {way.__name__}: {(off > 0).sum()} of {off.size} pixels differ")
        assert off.max() <= 1 and wanted.std() > 50
    assert np.array_equal(digits, forward.look(images)[0])
    assert shares.sum(axis=1) == pytest.approx(1) and np.array_equal(shares.argmax(axis=1), digits)


def test_ten_thousand_digits_are_read_as_by_numpy(visit):
    whole = data.load("digits")
    images = np.concatenate([whole.x_train, whole.x_test])
    code = """async text => {
      const pixels = Uint8Array.from(atob(text), c => c.charCodeAt(0));
      const judge = await forward.load("judge");
      const at = k => pixels.subarray(784 * k, 784 * k + 784);
      return Array.from({length: pixels.length / 784}, (_, k) => forward.read(judge, at(k)).digit);
    }"""
    page = visit("draw")
    digits = page.evaluate(code, base64.b64encode(images.tobytes()).decode())
    assert len(digits) == 10_000 and np.array_equal(digits, forward.look(images)[0])


def test_a_mixture_of_labels_is_that_of_the_package(visit):
    mixed, noise = sampling.label_path(3, 8, 9), sampling.noise(9, seed=4)
    images = drawn(visit("draw"), "mnist-dense", mixed, noise)[0].astype(int)
    wanted = forward.shipped("mnist-dense").sample(mixed, noise)
    assert np.abs(images - wanted).max() <= 1


@pytest.mark.parametrize("name", MODELS)
def test_the_directions_are_those_of_lesson_04(visit, name):
    code = "async name => { await forward.load(name); return weights[name].directions; }"
    directions = np.array(visit("draw").evaluate(code, name))  # (3, 100)
    first = forward._weights(f"{name}.npz")[0][:LATENT].astype(float)
    lengths = np.linalg.svd(first, compute_uv=False)[:3]
    assert np.linalg.norm(directions @ first, axis=1) == pytest.approx(lengths, rel=1e-4)
    assert directions @ directions.T == pytest.approx(np.eye(3), abs=1e-4)
    if name == "mnist-dense":
        assert directions == pytest.approx(sampling.directions(first)[:3], abs=1e-5)


def test_the_film_walks_on_the_arc_of_the_package(visit):
    start, end = sampling.noise(2, seed=5).astype(float)
    code = "([a, b]) => [0, 0.25, 0.5, 0.75, 1].map(s => onTheArc(a, b, s))"
    walked = visit("draw").evaluate(code, [start.tolist(), end.tolist()])
    assert np.array(walked) == pytest.approx(sampling.latent_path(start, end, 5), abs=1e-5)


def test_the_page_with_both_generators_and_the_judge_is_small_and_nothing_is_left_out(site):
    for page in PAGES:
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        used = set(re.findall(r'(?:src|href)="([^"]+)"', text)) - {"data:,", "index.html"}
        used -= {f"zh/{page}.html"}
        assert {f"{page}.js", "style.css"} <= used and all((site / name).is_file() for name in used)
        if page == "draw":
            used |= {f"weights-{name}.js" for name in (*MODELS, "judge")}
            size = sum((site / name).stat().st_size for name in used)
    print(f"draw.html and all that it loads: {size:,} bytes")
    assert size < SIZE


def test_a_learner_draws_steers_and_looks_into_the_network(visit):
    page = visit("draw")
    page.get_by_label("Your year of birth").fill("2007")
    expect(page.locator("#year-said")).to_have_text(
        re.compile(r"reads (\d \([\d.]+ %\)(, |: )){4}")
    )
    expect(page.get_by_label("The digits 2 0 0 7, drawn by mnist-dense.")).to_have_count(1)
    page.get_by_label("Your year of birth").fill("born?")
    expect(page.locator("#year-said")).to_contain_text("No digit is asked for")
    page.get_by_label("Share of the second label").fill("50")
    expect(page.locator("#one-said")).to_contain_text(
        "50 % of the digit 5 and 50 % of the digit 8: the judge"
    )
    page.get_by_role("button", name="All sliders back").click()
    expect(page.locator("#one-said")).to_contain_text("Asked for the digit 5: the judge reads 5")
    page.locator("#one-picture").click(position={"x": 5.5 * 11, "y": 20.5 * 11})
    expect(page.locator("#pixel-said")).to_contain_text("Row 20, column 5 holds")
    page.get_by_role("button", name="label 7").click()
    expect(page.locator("#other-said")).to_contain_text("Label 7 instead of the digit 5:")
    expect(page.get_by_role("button", name="label 7")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Generator").select_option("mnist-conv")
    expect(page.get_by_label("drawn by mnist-conv")).to_have_count(1)


def test_only_the_words_where_the_learner_acts_are_read_aloud(visit):
    page = visit("draw")
    aloud = page.locator(".said[aria-live=polite]")
    for control, words in (
        ("Your year of birth", "year-said"),
        ("Share of the second label", "one-said"),
        ("Row of the pixel", "pixel-said other-said"),
        ("Place on the way", "film-said"),
    ):
        page.get_by_label(control).focus()
        assert " ".join(aloud.evaluate_all("all => all.map(one => one.id)")) == words


def test_weights_that_are_missing_are_named(site, browser, tmp_path):
    for file in site.iterdir():
        if file.is_file() and not file.name.startswith("weights"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    page = browser.new_page()
    page.goto((tmp_path / "draw.html").as_uri())
    expect(page.locator("#year-said")).to_contain_text("weights-mnist-dense.js is missing here")
    page.close()


def test_the_change_of_a_pixel_is_the_difference_of_two_pictures(visit):
    page = visit("draw")
    page.get_by_label("Row of the pixel").fill("8")
    said = page.locator("#bars .number").all_inner_texts()
    z = np.array(page.evaluate("[...pushed(noiseOf(1))]"))
    images = forward.shipped("mnist-dense").sample(range(10), np.tile(z, (10, 1))).astype(int)
    wanted = images[:, 8, 13] - images[5, 8, 13]
    assert np.abs(wanted).max() > 50
    assert np.abs(wanted - [int(text.replace("−", "-")) for text in said]).max() <= 2


def test_the_film_plays_in_silence_and_pauses(visit):
    page = visit("draw")
    play = page.get_by_role("button", name="Play the film")
    place = "Number(document.getElementById('film').value)"
    play.click()
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#film-said")).to_have_attribute("aria-live", "off")
    page.wait_for_function(f"{place} > 2")
    play.click()
    expect(page.locator("#film-said")).to_have_attribute("aria-live", "polite")
    paused = page.evaluate(place)
    page.wait_for_timeout(300)
    assert page.evaluate(place) == paused
    expect(page.locator("#film-said")).to_contain_text(f"{paused} % of the way")


DIFFERENCES = """([g, d, z, real, labels]) => {
  const toy = new Toy(0);
  for (const [player, given] of [["g", g], ["d", d]]) {
    for (const name of Object.keys(given)) toy[player][name] = Float64Array.from(given[name]);
  }
  const fake = z.map((one, i) => toy.generate(one, labels[i]));
  const losses = {d: () => toy.dLoss(real, fake, labels), g: () => toy.gLoss(z, labels)};
  const slopes = {d: toy.dGradients(real, fake, labels), g: toy.gGradients(z, labels)};
  const found = {losses: [losses.d(), losses.g()], fake, slopes: {}, differences: {}};
  found.pushes = fake.map((point, i) => toy.push(point, labels[i]));
  for (const player of ["d", "g"]) {
    for (const [name, weights] of Object.entries(toy[player])) {
      const key = player + "." + name;
      found.slopes[key] = [...slopes[player][name]];
      found.differences[key] = [...weights.keys()].map((i) => {
        const was = weights[i];
        const [up, down] = [1e-5, -1e-5].map((far) => {
          weights[i] = was + far;
          return losses[player]();
        });
        weights[i] = was;
        return (up - down) / 2e-5;
      });
    }
  }
  return found;
}"""


def test_the_gradients_by_hand_are_finite_differences_and_those_of_the_package(visit):
    game = toy.Toy(seed=3)
    for _ in range(50):
        game.step_d()
        game.step_g()
    rng = np.random.default_rng(0)
    labels, z = np.arange(30) % 3, rng.normal(size=(30, 2))
    real = toy.real_points(labels, rng)
    given = [
        {name: w.ravel().tolist() for name, w in player.items()} for player in (game.g, game.d)
    ]
    found = visit("game").evaluate(
        DIFFERENCES, [*given, z.tolist(), real.tolist(), labels.tolist()]
    )
    fake = game.generate(z, labels)
    d_loss, d_slopes = game.d_gradients(real, fake, labels)
    g_loss, g_slopes = game.g_gradients(z, labels)
    assert found["losses"] == pytest.approx([d_loss, g_loss], abs=1e-12)
    assert np.array(found["fake"]) == pytest.approx(fake, abs=1e-12)
    assert np.array(found["pushes"]) == pytest.approx(game.pushes(fake, labels), abs=1e-12)
    for player, slopes in (("d", d_slopes), ("g", g_slopes)):
        for name, slope in slopes.items():
            by_hand = np.array(found["slopes"][f"{player}.{name}"])
            assert by_hand == pytest.approx(np.ravel(slope), abs=1e-12), name
            assert by_hand == pytest.approx(found["differences"][f"{player}.{name}"], abs=1e-7)
            assert np.abs(by_hand).max() > 1e-4


def test_the_toy_steps_runs_pauses_and_starts_again(visit):
    page = visit("game")
    said = page.locator("#said")
    begin = said.inner_text()
    for button, words in (
        ("Step of D", "D has taken 10 steps, G 0."),
        ("Step of G", "10 steps, G 10."),
    ):
        page.get_by_role("button", name=button).click()
        expect(said).to_contain_text(words)
    run = page.get_by_role("button", name="Run both")
    run.click()
    page.wait_for_function("toy.steps.g > 1000")
    run.click()
    expect(said).to_have_attribute("aria-live", "polite")
    steps = page.evaluate("toy.steps.d")
    page.wait_for_timeout(300)
    assert page.evaluate("toy.steps.d") == steps
    covered = page.locator("#losses .number").all_inner_texts()
    assert sum(int(text[:-2]) > 60 for text in covered[4:]) >= 2  # the two spots may be half
    page.get_by_role("button", name="Reset").click()
    assert said.inner_text() == begin


CONTROLS = "main input, main select, main button"
NAMELESS = f"""() => [...document.querySelectorAll('{CONTROLS}')].filter(control => {{
  const named = control.tagName === 'BUTTON' ? control : control.labels[0];
  return !named || !named.innerText.trim();
}}).map(control => control.outerHTML)"""
MOVED = """() => [...document.querySelectorAll('main input, main select')].map(c => c.value)"""


@pytest.mark.parametrize("name", EDITIONS)
def test_each_control_has_a_visible_name_and_each_picture_words(visit, name):
    page = visit(name)
    assert page.evaluate(NAMELESS) == []
    pictures = page.locator("canvas")
    assert pictures.count() == page.get_by_role("img").and_(pictures).count()
    words = pictures.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert all(text and "Nothing" not in text for text in words)
    levels = page.locator("h1, h2, h3").evaluate_all(
        "all => all.map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    language = "zh" if name.startswith("zh/") else "en"
    assert page.locator("html").get_attribute("lang") == language and page.title()


# Names, and what is code, in the Chinese pages. The button is called as in the lesson.
LATIN = {
    "CGAN",
    "GAN",
    "Lab",
    "English",
    "JavaScript",
    "mnist",
    "dense",
    "conv",
    "toy",
    "js",
    "seed",
}
LATIN |= {"Reset"}
WORDS = """() => [document.title, document.body.innerText,
    ...[...document.querySelectorAll('[aria-label]')].map(one => one.ariaLabel)].join('\\n')"""


@pytest.mark.parametrize("name", PAGES)
def test_the_chinese_page_says_all_in_chinese_and_leads_back(visit, name):
    page = visit(f"zh/{name}")
    if name == "draw":
        page.get_by_label("第二个标签的占比").fill("30")
        expect(page.locator("#one-said")).to_contain_text(
            "70 % 的数字 5 加 30 % 的数字 8：裁判读作"
        )
        page.get_by_label("你的出生年份").fill("born?")
        expect(page.locator("#year-said")).to_contain_text("还没有指定数字")
    else:
        page.get_by_role("button", name="让双方走几步").click()
        expect(page.locator("#said")).to_contain_text("D 走了 10 步，G 走了 10 步。D 的损失")
    left = set(re.findall("[A-Za-z]{2,}", page.evaluate(WORDS))) - LATIN
    assert left == set()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh"


@pytest.mark.parametrize("name", PAGES)
def test_with_tab_and_keys_alone_each_control_is_reached_and_moved(visit, name):
    page = visit(name)
    controls = page.locator(CONTROLS)
    controls.evaluate_all("all => all.forEach((one, k) => { one.dataset.place = k; })")
    wanted, reached = set(range(controls.count())), []
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        code = "() => { const {dataset, tagName, type} = document.activeElement;"
        place, tag, kind = page.evaluate(code + "return [dataset.place, tagName, type]; }")
        if place is None:
            continue
        reached.append(int(place))
        before = page.evaluate(MOVED)
        if tag == "BUTTON":
            page.evaluate(
                "p => { document.activeElement.onclick = () => { window.last = p; }; }", place
            )
            page.keyboard.press("Space")
            assert page.evaluate("window.last") == place
            continue
        page.keyboard.press({"range": "ArrowRight", "text": "7"}.get(kind, "ArrowUp"))
        if page.evaluate(MOVED) == before:
            page.keyboard.press("ArrowDown")  # it stood at its upper end
        assert page.evaluate(MOVED) != before, page.evaluate("document.activeElement.id")
    assert set(reached) == wanted and reached[: len(wanted)] == sorted(wanted)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EDITIONS)
def test_text_is_readable_and_nothing_scrolls_sideways(visit, name, scheme):
    for width in (360, 1300):
        page = visit(name, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=SHOTS / f"{name.replace('/', '_')}_{scheme}_{width}.png", full_page=True
        )
    found = page.evaluate(f"({CONTRASTS})(document.body)")
    assert len(found) > 20 and [text for contrast, text in found if contrast < 4.5] == []


@with_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EDITIONS)
def test_axe_finds_no_violation(visit, name, scheme):
    page = visit(name, scheme=scheme)
    page.add_script_tag(path=AXE)
    violations = page.evaluate("async () => (await axe.run({preload: false})).violations")
    found = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations]
    assert found == []
