"""Make the interactive pages in one folder: python -m tools.site.pages --out FOLDER

The folder needs no server: open draw.html or game.html in a browser, or the same in the folder zh.
`build` makes them beside the lessons' pages.
"""

import argparse
import os
import re
import shutil
from pathlib import Path
from unittest import mock

from cgan_lab._support.language import said
from tools import page_words

from . import weights

HERE = Path(__file__).resolve().parent
KINDS = (".html", ".js", ".css")
PAGES = ("draw.html", "game.html")
CHINESE = "zh"


def speaking(language):
    """Return a context in which the package speaks ``language``, such as "zh"."""
    return mock.patch.dict(os.environ, CGAN_LAB_LANG=language)


def make(out):
    """Write the pages, what they use and the weights into ``out``; return name -> bytes."""
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(HERE.iterdir()):
        if file.suffix in KINDS:
            shutil.copyfile(file, out / file.name)
    for name in weights.NAMES:
        (out / f"weights-{name}.js").write_bytes(weights.script(name))
    (out / CHINESE).mkdir(exist_ok=True)
    for name in PAGES:
        page = chinese((HERE / name).read_text(encoding="utf-8"), name)
        (out / CHINESE / name).write_text(page, encoding="utf-8", newline="\n")
    return {file.name: file.stat().st_size for file in sorted(out.iterdir()) if file.is_file()}


def chinese(html, name):
    """Return the Chinese twin of the page ``name``: other words, a folder deeper."""
    loaded = re.findall(r'<script src="([^"]+)"', html)
    scripts = [(HERE / file).read_text(encoding="utf-8") for file in loaded]
    with speaking(CHINESE):
        soup = page_words.replaced(html, scripts, said)
    soup.html["lang"] = CHINESE
    for tag, key in (("link", "href"), ("script", "src")):
        for element in soup.find_all(
            tag, attrs={key: lambda value: value and "data:" not in value}
        ):
            element[key] = f"../{element[key]}"
    other = soup.find(hreflang=CHINESE)
    other.attrs = {"href": f"../{name}", "lang": "en", "hreflang": "en"}
    other.string = "English"
    return str(soup)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/site"), help="the folder")
    out = parser.parse_args().out
    for name, size in make(out).items():
        print(f"{size:10,} {out / name}")


if __name__ == "__main__":
    main()
