"""What a student wrote or drew is shown and does nothing else: in Chromium, where it would run."""

import asyncio
import contextlib
import html
import json
import shutil
import sys
import urllib.request

import nbformat
import pytest
import teaching
from loopback import free_ports, serving
from playwright.sync_api import sync_playwright

from tools.teach import mark, pages, release, report, sandbox

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FAR = "https://192.0.2.1/x"
RAN = "document.documentElement.dataset.ran=1"
COVER = "position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:99999;background:white"
# What stands in an answer in words.
WORDS = {
    "script": f"<script>{RAN}</script>",
    "onerror": f"<img src=x onerror='{RAN}'>",
    "svg": f"<svg onload='{RAN}'><script>{RAN}</script></svg>",
    "iframe": f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    "object": f"<object data='data:text/html,<script>{RAN}</script>'></object><embed src='{FAR}'>",
    "details": f"<details open ontoggle='{RAN}'>x</details>",
    "autofocus": f"<input autofocus onfocus='{RAN}'><form action='{FAR}'><button>x</button></form>",
    "link": f"[click](javascript:{RAN}) <a href='javascript:{RAN}'>click</a>",
    "math": f"<math><mtext><mglyph><style><img src=x onerror='{RAN}'></style></math>",
    "markdown": f'![x](x"onerror="{RAN}) ![y]({FAR}.png)',
    "style": "<style>.panel-heading {display: none} body:before {content: 'Score'}</style>",
    "cover": f"<div style='{COVER}'>Score: 3.0 / 3.0</div>",
    "class": "<div class='navbar navbar-fixed-top modal-backdrop'>Score: 3.0 / 3.0</div>",
    "base": f"<base href='{FAR}'><meta http-equiv='refresh' content='0;url={FAR}'>"
    f"<link rel=stylesheet href='{FAR}'>",
    "title": f"</title></style></textarea></pre></div></div></div></body><script>{RAN}</script>",
    "attachment": "![a](attachment:a.png)",
    "formula": f"$x^2$, $\\text{{<script>{RAN}</script>}}$, $\\href{{javascript:{RAN}}}{{x}}$",
}
# What code shows.
SHOWS = {
    "html": f"HTML('''{WORDS['onerror']}{WORDS['cover']}<script>{RAN}</script>''')",
    "javascript": f"Javascript({RAN!r})",
    "svg": f"SVG(\"<svg xmlns='http://www.w3.org/2000/svg' onload='{RAN}'></svg>\")",
    "markdown": f"Markdown('''{WORDS['onerror']}''')",
    "latex": f"Latex('''$x$<script>{RAN}</script>''')",
    "picture": "{'image/png': 'x\" onerror=\"" + RAN + "'}, raw=True",
    "size": "{'image/png': 'AAAA'}, raw=True, metadata={'image/png': {'width': WIDTH}}",
    "widget": "{'application/vnd.jupyter.widget-view+json': {'model_id': '</script><script>"
    + RAN
    + "</script>'}}, raw=True",
    "prints": f"print('<script>{RAN}</script>')",
    "colours": f"print('\\x1b[31m<img src=x onerror={RAN}>\\x1b[0m')",
    "raises": f"raise ValueError('<script>{RAN}</script>')",
}


def hand_in(notebook):
    """Put all of it into a released notebook."""
    cells = notebook.cells
    own = [nbformat.v4.new_markdown_cell(text) for text in WORDS.values()]
    cell = own[list(WORDS).index("attachment")]
    cell.attachments = {"a.png": {f'image/png" onerror="{RAN}': "AAAA"}}
    start = "from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display\n"
    start += f"WIDTH = '1 onerror={RAN}'\n"
    as_it_is = ("print", "raise")
    shows = [start + (t if t[:5] in as_it_is else f"display({t})") for t in SHOWS.values()]
    cells += [*own, *map(nbformat.v4.new_code_cell, shows)]
    cells[1].source = "def double(x):\n    return x + x"
    return notebook


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """A class with a marked hand-in that holds all of it."""
    where = teaching.tiny_course(tmp_path_factory.mktemp("pages"))
    release.release(where, "tiny")
    teaching.hand_in(where, "tiny", "s01", hand_in(where.released("tiny")))
    work = mark.mark(where, "tiny", sandbox.Limits(), ["s01"], teaching.level(), say=str)
    asyncio.run(work)
    assert where.record("tiny", "s01")["status"] == "marked"
    return where


@pytest.fixture(scope="module")
def page(where):
    """Its feedback page."""
    found, reasons = report.feedback(where, "tiny")
    assert reasons == {}
    return found["s01"]


@contextlib.contextmanager
def opened(address, asked):
    """Open a page in Chromium and wait; ``asked`` gets what it loads and says meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: asked.append(dialog.message))
        tab.goto(address)
        tab.wait_for_timeout(1500)
        yield tab
        browser.close()


def nothing_happened(tab, asked, heading):
    """Fail if something ran, was loaded from elsewhere, or covers what is marked."""
    assert tab.evaluate("document.documentElement.dataset.ran || ''") == ""
    assert [url for url in asked if "192.0.2.1" in url] == []
    script = """(heading) => {
        const box = document.querySelector(heading).getBoundingClientRect();
        const top = document.elementFromPoint(box.x + 5, box.y + 5);
        return top !== null && top.closest(heading) !== null;
    }"""
    assert tab.evaluate(script, heading)
    fixed = tab.evaluate(
        "[...document.querySelectorAll('#notebook *')].filter(e =>"
        "['fixed', 'absolute'].includes(getComputedStyle(e).position)).map(e => e.outerHTML)"
    )
    assert [part for part in fixed if "anchor" not in part] == []


@pytest.mark.long
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")
def test_on_the_page_of_feedback_nothing_runs_loads_or_covers(page):
    assert pages.SEAL in page.read_text(encoding="utf-8")
    asked = []
    with opened(page.as_uri(), asked) as tab:
        nothing_happened(tab, asked, ".panel-heading")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.long
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")
def test_in_the_form_for_graders_nothing_runs_loads_or_covers(where, tmp_path):
    """Its pages are nbgrader's own and carry no rule: the cleaning alone must do."""
    (port,) = free_ports(1)
    server = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--IdentityProvider.token=", f"--notebook-dir={where.root}"]
    folders = ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    variables = dict.fromkeys(folders, str(tmp_path))
    with (
        contextlib.chdir(where.root),
        serving(command, f"{server}/api/status", tmp_path, **variables),
    ):
        ask = f"{server}/formgrader/api/submitted_notebooks/tiny/tiny"
        (one,) = json.load(urllib.request.urlopen(ask))
        asked = []
        with opened(f"{server}/formgrader/submissions/{one['id']}/?index=0", asked) as tab:
            assert "Student's answer" in tab.inner_text("body")
            nothing_happened(tab, asked, ".navbar")


@pytest.mark.long
def test_words_pictures_and_tables_are_still_shown(page):
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;document" in text, "what is printed stands there letter by letter"
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in text
    assert "<IPython.core.display.HTML object>" in html.unescape(text)
