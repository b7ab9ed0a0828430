"""The lessons' pages: whole, linked, readable for everybody, and loading nothing from elsewhere.

Each check is a function that yields what is wrong. It is tried on a faulty page, too.
"""

import base64
import codecs
import json
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from chromium import AXE, in_browser, with_axe
from colab import BADGE_LINE
from playwright.sync_api import expect

from cgan_lab import plots
from tools.notebooks import COLAB, PROGRESS, WIDGET, tags
from tools.site import build, lesson, prose, weights

ROOT = Path(__file__).resolve().parents[1]
PATHS = build.NOTEBOOKS
NAMES = [path.stem for path in PATHS]
ALL = [*NAMES, "index", "search"]
EDITIONS = [*ALL, *(f"zh/{name}" for name in ALL)]
# A word of each lesson that somebody may look for.
SOUGHT = {
    "00_start_here": "handwriting",
    "01_the_minimax_objective": "best discriminator",
    "02_generator_and_discriminator": "projection",
    "03_training": "moving average",
    "04_sampling_and_control": "interpolat",
    "05_evaluation": "precision",
    "06_failure_clinic": "patient e",
    "07_better_cgans": "spectral",
    "08_capstone": "fashion",
    "09_diffusion_beside_it": "guidance",
    "10_conditions_that_modulate": "film",
    "11_few_pictures": "by heart",
    "12_the_relativistic_pair": "relativistic",
    "A_summary": "thirty minutes",
    "B_the_article": "listing",
    "C_why_gans": "one pass",
    "D_glossary_and_papers": "glossary",
    "E_132_nats": "maxout",
}
AA = 4.5  # contrast of text, WCAG 2.1, 1.4.3


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site; return its folder."""
    folder = tmp_path_factory.mktemp("site") / "pages"
    assert build.build(folder) == []
    return folder


@pytest.fixture(scope="module")
def soups(site):
    """Return name -> soup of each page."""
    pages = {
        path.relative_to(site).with_suffix("").as_posix(): path for path in site.rglob("*.html")
    }
    return {name: soup_of(path.read_text(encoding="utf-8")) for name, path in pages.items()}


def soup_of(html):
    return BeautifulSoup(html, "html.parser")


def cells_of(name):
    """Return the cells of a notebook that its page shows."""
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    return [cell for cell in cells if COLAB not in tags(cell)]


def outputs_of(name):
    """Return the outputs of a notebook, but for bars of progress."""
    outputs = [output for cell in cells_of(name) for output in cell.get("outputs", [])]
    plain = [output.get("data", {}).get("text/plain", "") for output in outputs]
    return [o for o, text in zip(outputs, plain, strict=True) if not PROGRESS.match(text)]


# What is wrong with a page


def foreign(text):
    """Yield what a browser would fetch from another host for this HTML, CSS or script."""
    soup = soup_of(text)
    for tag in soup.find_all(True):
        loads = {"src", "srcset", "data", "poster", "action", "background", "xlink:href"}
        loads |= {"href"} if tag.name != "a" else set()
        for name in loads & set(tag.attrs):
            if re.match(r"(https?:)?//", tag[name].strip(), re.IGNORECASE):
                yield f"{tag.name} {name}={tag[name]}"
        if tag.name == "base" or tag.get("http-equiv", "").lower() == "refresh":
            yield str(tag)
    styles = [tag["style"] for tag in soup.find_all(style=True)]
    for code in [
        text if not soup.find(True) else "",
        *styles,
        *map(str, soup(["script", "style"])),
    ]:
        if 'type="application/json"' not in code:
            yield from re.findall(r"@import[^;]*|url\([^)]*\)|https?:\S*|[\"'(]//\S*", code)


def ill_formed(soup):
    """Yield what a person who hears the page, or reads it with the keyboard, would miss."""
    if soup.html.get("lang") not in ("en", "zh") or not soup.title.get_text().strip():
        yield "no language or no title"
    for part in ("header", "main", "footer"):
        if len(soup.find_all(part)) != 1:
            yield f"not one {part}"
    landmarks = [nav.get("aria-label") for nav in soup.find_all("nav")]
    if None in landmarks or len(set(landmarks)) != len(landmarks):
        yield f"navigations without a name of their own: {landmarks}"
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile(r"^h[1-6]$"))]
    if levels.count(1) != 1 or levels[0] != 1:
        yield "not one h1, at the head"
    if any(below > above + 1 for above, below in zip(levels, levels[1:], strict=False)):
        yield f"headings leave out a level: {levels}"
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    yield from (f"two parts are {name}" for name in set(ids) if ids.count(name) > 1)
    yield from (f"no words: {img['src']}" for img in soup("img") if not img.get("alt", "").strip())
    for wide in soup(["table", "pre"]):
        around = wide.find_parent(class_="scroll")
        if not around or around.get("tabindex") != "0" or not around.get("aria-label"):
            yield f"a {wide.name} that does not scroll by itself"


def dead(name, soups, site):
    """Yield each link, figure or file of a page that leads nowhere."""
    for tag in soups[name].find_all(True):
        target = tag.get("href") or tag.get("src") or tag.get("action") or ""
        if not target or re.match("https?:|data:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        path = ((site / name).parent / file).resolve() if file else site.resolve() / f"{name}.html"
        if not path.is_file():
            yield f"{target} leads to no file"
            continue
        page = path.relative_to(site.resolve()).with_suffix("").as_posix()
        if anchor and not soups[page].find(id=anchor):
            yield f"{target} leads to no part of {file}"


def test_every_notebook_has_its_page_and_the_pages_a_way_through(soups):
    interactive = [page.stem for page, _ in build.extras()]
    assert set(soups) == {*EDITIONS, *interactive, *(f"zh/{name}" for name in interactive)}
    for before, after in zip(NAMES, NAMES[1:], strict=False):
        assert soups[before].find(rel="next")["href"] == f"{after}.html"
        assert soups[after].find(rel="prev")["href"] == f"{before}.html"
    linked = {link["href"] for link in soups["index"].main.find_all("a")}
    assert {f"{name}.html" for name in NAMES} <= linked


def test_each_page_leads_to_the_same_page_in_the_other_language(soups):
    for name in ALL:
        for page, other in ((name, f"zh/{name}.html"), (f"zh/{name}", f"../{name}.html")):
            (link,) = soups[page].header.find_all("a", hreflang=True)
            assert link["href"] == other and link["lang"] == link["hreflang"]
        english, chinese = soups[name], soups[f"zh/{name}"]
        assert (english.html["lang"], chinese.html["lang"]) == ("en", "zh")
        code, translated = (
            [pre.get_text() for pre in s.find_all("pre")] for s in (english, chinese)
        )
        assert code == translated or name == "08_capstone"  # whose report to fill in is text


HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", ALL)
def test_the_frame_of_a_chinese_page_is_chinese(name, soups):
    page = soups[f"zh/{name}"]
    labels = [tag["aria-label"] for tag in page.find_all(attrs={"aria-label": True})]
    labels += [tag.get_text() for tag in page.find_all(["summary", "button", "label"])]
    labels += [tag.get_text() for tag in page.footer.find_all("p")]
    assert labels and [label for label in labels if not HAN.search(label)] == []
    english = soups[name]
    assert not HAN.search(english.get_text().replace("中文", "")) or name == "B_the_article"


@pytest.mark.parametrize("name", EDITIONS)
def test_a_page_is_well_formed_and_no_link_of_it_is_dead(name, soups, site):
    assert list(ill_formed(soups[name])) == []
    assert list(dead(name, soups, site)) == []


def test_nothing_is_fetched_from_elsewhere(site):
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css", ".js")]
    texts = {path.name: path.read_bytes() for path in files}
    marked = {name for name, text in texts.items() if text.startswith(codecs.BOM_UTF16_LE)}
    assert marked == {f"weights-{name}.js" for name in weights.NAMES}
    found = {
        name: list(foreign(text.decode("utf-16" if name in marked else "utf-8")))
        for name, text in texts.items()
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert {path.suffix for path in site.rglob("*.*")} == {".html", ".css", ".js", ".png"}


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://a.example/x.png">',
        '<link rel="stylesheet" href="//a.example/x.css">',
        '<p style="background: url(//a.example/x.png)">x</p>',
        "<style>@import 'https://a.example/x.css'</style>",
        '<script>fetch("https://a.example/x")</script>',
        '<base href="https://a.example/">',
        "p { background: url(https://a.example/x.png) }",
        'import "//a.example/x.js"',
    ],
)
def test_what_would_be_fetched_is_seen(text):
    assert list(foreign(text))
    assert list(foreign('<a href="https://arxiv.org">a link in a text</a>')) == []


@pytest.mark.parametrize(
    "change, sentence",
    [
        (('lang="en"', ""), "language"),
        (("<h2", "<h5"), "leave out a level"),
        (("<h2", "<h1"), "not one h1"),
        (('id="main"', 'id="q"'), "two parts"),
        ((' alt="', ' title="'), "no words"),
        (("</main>", "</main><main></main>"), "not one main"),
        ((' tabindex="0"', ""), "scroll by itself"),
        (('aria-label="Course"', ""), "navigations"),
    ],
)
def test_what_is_ill_formed_is_seen(change, sentence, soups):
    faulty = soup_of(str(soups["01_the_minimax_objective"]).replace(*change))
    assert sentence in " ".join(ill_formed(faulty))


def test_a_dead_link_is_seen(soups, site):
    for target in ("99_none.html", "03_training.html#none", "#none", "figures/none.png"):
        faulty = soups | {"index": soup_of(f'<a href="{target}">x</a>')}
        assert len(list(dead("index", faulty, site))) == 1


# Nothing of a notebook is lost


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_its_words_twice_and_every_control_a_sentence(name, soups):
    main = soups[name].main
    data = [output.get("data", {}) for output in outputs_of(name)]
    words = [
        o.metadata["image/png"]["alt"] for o in outputs_of(name) if "image/png" in o.get("data", {})
    ]
    assert [image["alt"] for image in main.find_all("img")] == words
    assert [tag.details.p.get_text() for tag in main.find_all("figure")] == words
    controls = [tag.get_text() for tag in main.select(".control")]
    assert len(controls) == sum(WIDGET in kinds for kinds in data)
    assert all("works in JupyterLab" in text and "run this cell" not in text for text in controls)


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_code_and_of_output_is_there(name, soups):
    shown = [tag.get_text().strip("\n") for tag in soups[name].main.find_all("pre")]
    code = [cell.source for cell in cells_of(name) if cell.cell_type == "code"]
    plain = [
        o.get("text") or o.get("data", {}).get("text/plain", "")
        for o in outputs_of(name)
        if set(o.get("data", {})) <= {"text/plain"}
    ]
    assert [text for text in (*code, *plain) if text.strip("\n") not in shown] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_mathml(name, soups):
    main = soups[name].main
    text = "\n\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "markdown")
    text = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", text)
    text = re.sub(r"\]\([^)]*\.ipynb[^)]*\)", "]", text)  # an anchor may hold a formula
    formulas = [" ".join(tex.split()) for _, tex in re.findall(r"(\$\$?)([^$]+)\1", text)]
    assert sorted(math["alttext"] for math in main.find_all("math")) == sorted(formulas)
    left = main.find_all(string=re.compile(r"\$|\\[a-zA-Z]"))
    assert [str(part) for part in left if not part.find_parent(["pre", "code"])] == []


def test_answers_stay_folded_and_the_cell_for_colab_is_gone(soups):
    for name in NAMES:
        sources = [cell.source for cell in cells_of(name) if cell.cell_type == "markdown"]
        folded = sum(source.count("<details") for source in sources)
        figures = len(soups[name].main.find_all("figure"))
        assert len(soups[name].main.find_all("details")) == folded + figures
        assert "google.colab" not in soups[name].get_text()


def test_the_search_looks_through_every_lesson(soups):
    index = json.loads(soups["search"].find(id="index").string)
    assert set(SOUGHT) == set(NAMES)
    assert [page for page, _ in index["pages"]] == [f"{name}.html" for name in NAMES]
    for number, name in enumerate(NAMES):
        parts = [part for part in index["sections"] if part[0] == number]
        assert all(soups[name].find(id=anchor) for _, anchor, _, _ in parts)
        found = [part for part in parts if SOUGHT[name] in f"{part[2]} {part[3]}".lower()]
        assert found, f"{SOUGHT[name]} is not found in {name}"


# What stops the build


def made(tmp_path, *cells):
    """Return what is wrong with a notebook of these cells, and its page."""
    title = nbformat.v4.new_markdown_cell("# X · Title\n\n## Part")
    notebook = nbformat.v4.new_notebook(cells=[title, *cells])
    maker = lesson.Maker()
    site = build.frame(build.ENGLISH, "X.html", "X") | {"notebook": "X.ipynb"}
    soup, _ = maker.page(notebook, site)
    return maker.wrong, soup


def output(data, **metadata):
    """Return a code cell with one output of ``data``."""
    shown = nbformat.v4.new_output("display_data", data, metadata=metadata)
    return nbformat.v4.new_code_cell("x", outputs=[shown], id="X-07")


DOT = base64.b64encode(plots.enlarged_png(np.zeros((1, 28, 28), np.uint8))).decode()


@pytest.mark.parametrize(
    "cell, sentence",
    [
        (output({"image/png": DOT}), "no words"),
        (output({"image/png": DOT}, **{"image/png": {"alt": " "}}), "no words"),
        (output({"text/html": "<b>x</b>"}), "no output of the kinds"),
        (nbformat.v4.new_markdown_cell(r"$\frac{1}$", id="X-07"), "1 of its 2 parts"),
        (nbformat.v4.new_markdown_cell(r"$\left(x$", id="X-07"), "formula"),
        (nbformat.v4.new_markdown_cell(r"$$\unheardof{x}$$", id="X-07"), "formula"),
        (nbformat.v4.new_markdown_cell("![a](https://a.example/x.png)", id="X-07"), "picture"),
    ],
)
def test_what_cannot_be_shown_stops_the_build_and_names_its_cell(cell, sentence, tmp_path):
    (wrong,), _ = made(tmp_path, cell)
    assert wrong.startswith("X.ipynb: X-07: ") and sentence in wrong


def test_headings_that_are_alike_have_anchors_of_their_own(tmp_path):
    wrong, soup = made(tmp_path, nbformat.v4.new_markdown_cell("## Part\n\n## A $D$, asked?"))
    anchors = [tag["id"] for tag in soup.main.find_all("h2")]
    assert anchors == ["Part", "Part-2", "A-$D$,-asked?"] and wrong == []


def test_links_lead_to_pages_and_what_is_not_here_is_named():
    anchors, wrong = set(), []
    html = prose.html_of("[a](03_training.ipynb#Recap) [b](../docs/marking.md)", anchors, wrong)
    soup = soup_of(html)
    assert [link["href"] for link in soup.find_all("a")] == ["03_training.html#Recap"]
    assert "b: docs/marking.md in the repository" in soup.get_text()


def test_the_badge_is_the_one_that_colab_py_writes():
    assert lesson.BADGE_LINE.pattern == BADGE_LINE.pattern


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="somebody else"):
        build.build(tmp_path, PATHS[:1])
    assert (tmp_path / "thesis.txt").is_file()


# Colours


def light(colour):
    """Return the relative luminance of "#rrggbb" as WCAG 2.1 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_of_text_stands_out(theme):
    css = (build.HERE / "template" / "course.css").read_text(encoding="utf-8")
    colours = re.findall(r"--(\w+): (#\w{6});", css)
    palette = dict(colours[theme * len(colours) // 2 :][: len(colours) // 2])
    assert len(palette) == 11
    for name, colour in palette.items():
        for ground in {"page", "panel"} - {name}:
            wanted = 3 if name == "line" else 0 if name in ("page", "panel") else AA
            assert contrast(colour, palette[ground]) >= wanted, (name, ground)
    assert re.search(r"\ba \{[^}]*text-decoration: underline", css)


# In a browser, from the file


@pytest.fixture
def page(browser):
    """A page as wide as a telephone; what it asks of a network, or reports as an error, fails."""
    page = browser.new_page(viewport={"width": 360, "height": 800})
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert errors == []
    page.close()


@pytest.mark.long
@in_browser
def test_no_page_is_wider_than_a_telephone(page, site):
    for name in ALL:
        page.goto((site / f"{name}.html").as_uri())
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        beyond = """() => [...document.querySelectorAll('body *')].filter(part =>
          part.getBoundingClientRect().right > innerWidth + 1
          && !part.parentElement.closest('.scroll')
        ).map(part => part.outerHTML.slice(0, 200))"""
        assert page.evaluate(beyond) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") == 360, name


@pytest.mark.long
@in_browser
def test_a_search_is_announced_and_leads_to_the_section(page, site):
    page.goto((site / "index.html").as_uri())
    page.get_by_label("Search all lessons").fill("frechet clouds")
    page.keyboard.press("Enter")
    status = page.get_by_role("status")
    expect(status).to_contain_text("found for “frechet clouds”")
    first = page.locator("#results a").first
    expect(first).to_contain_text("Fréchet distance: do the clouds lie on each other?")
    first.click()
    expect(page.locator("h1")).to_have_text("05 · Evaluation")
    section = page.locator("h2", has_text="4 · Fréchet distance")
    assert abs(section.bounding_box()["y"]) < 100
    page.goto((site / "search.html").as_uri())
    page.get_by_label("Search all lessons").press_sequentially("zzzz")
    expect(status).to_have_text("0 sections found for “zzzz”.")


@pytest.mark.long
@in_browser
def test_with_the_keyboard_the_text_is_one_step_away_and_what_is_wide_can_be_scrolled(page, site):
    page.goto((site / "03_training.html").as_uri())
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    reached = page.evaluate("""() => [...document.querySelectorAll('.scroll')].map(
      part => [part.scrollWidth > part.clientWidth, part.tabIndex === 0])""")
    assert all(wide == stop for wide, stop in reached) and any(wide for wide, _ in reached)


@pytest.mark.long
@in_browser
@with_axe
@pytest.mark.parametrize("name", [*ALL, "zh/index", "zh/search", "zh/01_the_minimax_objective"])
def test_axe_finds_nothing(name, browser, site):
    page = browser.new_page()
    page.goto((site / f"{name}.html").as_uri())
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    contrast = "{runOnly: ['color-contrast']}"  # all that the theme changes
    for theme, rules in (("light", "{preload: false}"), ("dark", contrast)):
        page.emulate_media(color_scheme=theme)
        found = page.evaluate(f"axe.run({rules})")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
        assert "color-contrast" in [rule["id"] for rule in found["passes"]]
    page.close()
