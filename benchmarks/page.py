"""How good is the network of appendix A, and what becomes of it if D is not told the label?

    python benchmarks/page.py --out benchmarks/results/page.json

Runs the code cells of notebooks/A_summary.ipynb up to its measures with the seeds 0, 1 and 2, as
they stand and with the label kept from D, and prints a line for each. About five minutes.
"""

import argparse
import json
import runpy
import sys
import tempfile
from pathlib import Path

from cgan_lab._support.files import write_json
from cgan_lab._support.names import path

PAGE = Path(__file__).resolve().parents[1] / "notebooks" / "A_summary.ipynb"
TOLD, UNTOLD = "use_bias=False)(label)", "use_bias=False)(0 * label)"
LAST = "diversity ="  # what the last cell that is run assigns


def cells():
    """Return the page's code cells up to the measures, without Colab's."""
    code = [
        "".join(cell["source"])
        for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code" and "colab" not in cell["metadata"].get("tags", [])
    ]
    last = next(i for i, source in enumerate(code) if LAST in source)
    return code[: last + 1]


def run(seed, told):
    """Run the page with ``seed``; return its agreement and diversity."""
    from cgan_lab import plots

    plots.show = lambda figure, alt: None
    changes = {"set_random_seed(0)": f"set_random_seed({seed})", "_rng(0)": f"_rng({seed})"}
    changes |= {} if told else {TOLD: UNTOLD}
    source = "\n\n".join(cells())
    for old, new in changes.items():
        if source.count(old) != 1:
            sys.exit(f"The page has {old!r} {source.count(old)} times, expected once.")
        source = source.replace(old, new)
    with tempfile.TemporaryDirectory() as folder:  # a file, since TensorFlow reads loops from it
        script = Path(folder) / "page.py"
        script.write_text(source, encoding="utf-8")
        names = runpy.run_path(str(script))
    return {name: round(float(names[name]), 4) for name in ("agreement", "diversity")}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=path)
    arguments = parser.parse_args()
    runs = []
    for row, told in (("as it stands", True), ("D not told", False)):
        for seed in (0, 1, 2):
            runs.append({"row": row, "seed": seed, **run(seed, told)})
            print(runs[-1], flush=True)
    if arguments.out:
        write_json(arguments.out, {"runs": runs})


if __name__ == "__main__":
    main()
