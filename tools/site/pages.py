"""Make the interactive pages in one folder: python -m tools.site.pages --out FOLDER

The folder needs no server: open draw.html or game.html in a browser. `build` makes them beside the
lessons' pages.
"""

import argparse
import shutil
from pathlib import Path

from . import weights

HERE = Path(__file__).resolve().parent
KINDS = (".html", ".js", ".css")


def make(out):
    """Write the pages, what they use and the weights into ``out``; return name -> bytes."""
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(HERE.iterdir()):
        if file.suffix in KINDS:
            shutil.copyfile(file, out / file.name)
    for name in weights.NAMES:
        (out / f"weights-{name}.js").write_bytes(weights.script(name))
    return {file.name: file.stat().st_size for file in sorted(out.iterdir()) if file.is_file()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/site"), help="the folder")
    out = parser.parse_args().out
    for name, size in make(out).items():
        print(f"{size:10,} {out / name}")


if __name__ == "__main__":
    main()
