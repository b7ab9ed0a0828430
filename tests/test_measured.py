"""Numbers that a lesson's cell types out are those that a script in benchmarks/ measured."""

import ast
import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def results(name):
    """Return a dict from row to its runs of the seeds 0, 1 and 2, in this order."""
    kept = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))
    rows = {}
    for run in sorted(kept["runs"], key=lambda run: run["seed"]):
        rows.setdefault(run["row"], []).append(run)
    assert all([run["seed"] for run in runs] == [0, 1, 2] for runs in rows.values())
    return rows


def sources(notebook, kind):
    """Return the sources of the cells of a kind in ``notebook``, a pattern such as "02_*.ipynb"."""
    cells = json.loads(next((ROOT / "notebooks").glob(notebook)).read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def code_of(notebook):
    """Return the sources of the code cells of ``notebook``."""
    return sources(notebook, "code")


def text_of(notebook):
    """Return all text cells of ``notebook`` as one text."""
    return "".join(sources(notebook, "markdown"))


def assigned(notebook, name):
    """Return what a cell of ``notebook`` assigns to ``name``, as a syntax tree."""
    for source in code_of(notebook):
        for node in ast.parse(source).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return node.value
    raise LookupError(f"no cell of {notebook} assigns {name}")


WAYS = {
    "article: one-hot, ReLU": "article",
    "one-hot": "one_hot",
    "one-hot times 5": "scaled_one_hot",
    "embedding": "embedding",
    "label planes": "planes",
    "projection": "projection",
    "auxiliary classifier": "auxiliary",
    "projection + auxiliary": "both",
}


def test_the_race_of_lesson_03_is_the_race_that_was_run():
    shown = ast.literal_eval(assigned("03_*.ipynb", "race"))
    loudness = ast.literal_eval(assigned("03_*.ipynb", "loudness"))
    assert set(shown) == set(loudness) == set(WAYS)
    race = results("race")
    for name, row in WAYS.items():
        runs = race[row]
        found = [round(100 * x) for run in runs for x in run["agreement"][4::5]]
        assert [int(x) for x in shown[name].split()] == found, name
        assert loudness[name] == round(float(np.mean([run["loudness"] for run in runs])), 2)


COMPARED = {
    "the recipe": "projection",
    "one-hot": "one_hot",
    "one-hot times 5": "scaled_one_hot",
    "embedding": "embedding",
    "label planes": "planes",
    "auxiliary": "auxiliary",
    "hinge": "hinge",
    "least squares": "least squares",
    "R1": "R1",
    "WGAN-GP": "WGAN-GP",
    "spectral, hinge": "spectral hinge",
    "not averaged": "not averaged",
}


def test_every_run_of_lesson_07s_table_is_one_of_the_comparison():
    shown = ast.literal_eval(assigned("07_*.ipynb", "rows"))
    figures = ("agreement", "diversity", "precision", "recall")
    compared = results("compare")
    assert list(shown) == list(COMPARED)
    for name, row in COMPARED.items():
        found = [run[figure] for figure in figures for run in compared[row]]
        assert shown[name] == pytest.approx([10_000 * x for x in found], abs=0.51), name


BEATEN = {
    "`dense`, 30 epochs": "dense",
    "the same, not averaged": "dense, not averaged",
    "`conv`, 5 epochs": "conv",
}


def test_the_table_to_beat_of_lesson_08_is_the_one_that_was_measured():
    tree = assigned("08_*.ipynb", "to_beat")
    measured = results("capstone")
    figures = ("agreement", "diversity", "recall", "frechet_distance")
    assert [ast.literal_eval(key) for key in tree.keys] == list(BEATEN)
    for key, call in zip(tree.keys, tree.values, strict=True):
        runs = measured[BEATEN[ast.literal_eval(key)]]
        for argument, run in zip(call.args, runs, strict=True):
            found = [run[figure] for figure in figures]
            want = [round(x, places) for x, places in zip(found, (4, 3, 3, 2), strict=True)]
            assert list(ast.literal_eval(argument)) == want, (run["row"], run["seed"])


def test_the_table_of_lesson_02_is_the_race_at_thirty_epochs():
    (source,) = [text for text in code_of("02_*.ipynb") if "agreement |= " in text]
    nodes = ast.parse(source).body[:2]
    shown = {k: v for node in nodes for k, v in ast.literal_eval(node.value).items()}
    assert set(shown) < set(WAYS) and len(shown) == 6
    race = results("race")
    for name, bounds in shown.items():
        found = [round(100 * run["agreement"][29]) for run in race[WAYS[name]]]
        assert bounds == (min(found), max(found)), name
    means = [np.mean(bounds) for bounds in shown.values()]
    assert means == sorted(means)  # the order that the cell's comment promises


def test_the_spans_that_appendix_a_types_were_measured_on_its_own_code():
    text = text_of("A_*.ipynb")
    page = results("page")
    for row, figure, scale, places in (
        ("D not told", "agreement", 100, 1),
        ("as it stands", "agreement", 100, 1),
        ("as it stands", "diversity", 1, 2),
    ):
        found = sorted(scale * run[figure] for run in page[row])
        low, high = (f"{value:.{places}f}" for value in (found[0], found[-1]))
        span = f"{low} to {high}" if low != high else f"{figure} {low} each time"
        assert span in text, (row, figure)


def of_diffusion(name):
    """Return the benchmark's row of what lesson 09's table calls ``name``."""
    if name == "GAN: recipe dense":
        return "GAN, noise times 1"
    if name == "25 steps, guidance 1":
        return "diffusion, steps 25, guidance 1"
    steps = next(word for word in name.split() if word.isdigit())
    new = ", new noise" if "new noise" in name else ""
    return f"diffusion, steps {steps}, guidance 2{new}"


def test_the_tables_of_lesson_09_are_those_that_were_measured():
    measured = results("diffusion")
    table = ast.literal_eval(assigned("09_*.ipynb", "table"))
    figures = ("agreement", "precision", "recall", "coverage", "diversity")
    assert len(table) == 7
    for name, shown in table.items():
        runs = measured[of_diffusion(name)]
        found = [1000 * run[figure] for figure in figures for run in runs]
        found += [10 * run["frechet_distance"] for run in runs]
        assert [int(x) for x in shown.split()] == pytest.approx(found, abs=0.51), name
    for name, shown in ast.literal_eval(assigned("09_*.ipynb", "cnn")).items():
        kind = "real" if name == "real digits" else "synthetic"
        runs = measured[of_diffusion("GAN: recipe dense" if kind == "real" else name)]
        assert shown == pytest.approx([10_000 * run["cnn"][kind] for run in runs], abs=0.51), name


def test_the_times_and_knobs_of_lesson_09_are_those_that_were_measured():
    kept = json.loads((ROOT / "benchmarks" / "results" / "diffusion.json").read_text("utf-8"))
    for name, shown in ast.literal_eval(assigned("09_*.ipynb", "milliseconds")).items():
        rounds = kept["milliseconds"][of_diffusion(name)]
        found = [np.median(rounds[count]) for count in ("alone", "of 1000")]
        assert shown == pytest.approx(found, rel=0.01), name
    measured = results("diffusion")
    shown = ast.literal_eval(assigned("09_*.ipynb", "knobs"))
    rows = {
        "GAN, scale of the noise": "GAN, noise times {}",
        "diffusion, guidance": "diffusion, steps 25, guidance {}",
    }
    assert set(shown) == set(rows)
    for name, points in shown.items():
        for value, *figures in points:
            runs = measured[rows[name].format(value)]
            means = [
                np.mean([run[one] for run in runs]) for one in ("recall", "precision", "agreement")
            ]
            assert figures == pytest.approx(means, abs=0.0006), (name, value)


def test_what_lesson_10_says_of_three_seeds_is_what_was_measured():
    text = text_of("10_*.ipynb")
    rows = results("modulation")
    first = {row: [run["trained"][0][0] for run in runs] for row, runs in rows.items()}
    assert {round(x, 2) for x in first["concatenated"]} == {0.24}
    assert {round(x, 2) for x in first["FiLM"]} == {0.05}
    assert "share is 0.24 in the concatenated $G$ and 0.05 in the modulated one" in text
    heard = {row: [round(100 * run["agreement"]) for run in runs] for row, runs in rows.items()}
    film, plain = (f"{min(heard[row])} to {max(heard[row])}" for row in ("FiLM", "concatenated"))
    assert f"agreement {film} %, concatenated {plain} |" in text


def test_the_longer_trainings_of_lesson_10_are_those_that_were_measured():
    text = text_of("10_*.ipynb")
    measured = results("newer")
    for shown, row in {
        "`dense`, 30 epochs: concatenated": "projection",
        "FiLM": "FiLM",
        "both": "FiLM and concatenated",
        "`conv`, 5 epochs: concatenated": "conv",
        "conditional batch normalisation": "conv: conditional BN",
    }.items():
        columns = AGREEMENT, ("diversity", 1, ".2f"), RECALL
        assert f"| {shown} | {ranges(measured[row], columns)} |" in text, row


def ranges(runs, columns):
    """Return the cells of a table's row, "12.3 to 12.4 | 0.5 to 0.6"."""
    cells = []
    for figure, factor, form in columns:
        values = [factor * run[figure] for run in runs]
        cells.append(f"{min(values):{form}} to {max(values):{form}}")
    return " | ".join(cells)


AGREEMENT, RECALL = ("agreement", 100, ".1f"), ("recall", 1, ".2f")
BY_HEART = ("heart", 1, ".2f"), ("copies", 100, ".1f")
OF_FIVES = {
    "all fives": "8000",
    "all fives, shifted": "8000 shift",
    "40 fives, as they come": "rare",
    "40, as often as other labels": "rare equal",
    "40, shifted": "rare shift",
    "40, as often, shifted": "rare equal shift",
}


def test_the_tables_of_lesson_11_are_those_that_were_measured():
    text = text_of("11_*.ipynb")
    rows = results("few")
    columns = (AGREEMENT, ("frechet_distance", 1, ".0f"), RECALL, *BY_HEART)
    for n, change, long in product((500, 2000, 8000), ("", "shift"), ("", ", longer")):
        runs = rows[f"{n} {change}".strip() + long]
        assert len(runs) == 3
        shown = f"{n:,}{', shifted' if change else ''}{long}"
        assert f"| {shown} | {ranges(runs, columns)} |" in text, shown
    for shown, row in OF_FIVES.items():
        fives = [run["label_5"] for run in rows[row]]
        assert len(fives) == 3
        assert f"| {shown} | {ranges(fives, (AGREEMENT, RECALL, *BY_HEART))} |" in text, shown


def test_the_two_auxiliary_classifiers_of_lesson_07_are_those_that_were_measured():
    rows, compared = results("newer"), results("compare")
    real, fakes = rows["auxiliary"], rows["auxiliary on fakes too"]
    assert [run["recall"] for run in fakes] == [run["recall"] for run in compared["auxiliary"]]
    said = [
        f"{min(values):{form}} to {max(values):{form}}"
        for runs in (real, fakes)
        for form, values in (
            (".3f", [run["agreement"] for run in runs]),
            (".2f", [run["recall"] for run in runs]),
        )
    ]
    text = text_of("07_*.ipynb")
    assert f"agreement is {said[0]} and its recall {said[1]}" in text
    assert f"with fakes {said[2]} and {said[3]}" in text


PAIRED = {
    "the recipe": "non-saturating",
    "pair": "relativistic",
    "R1 and R2": "non-saturating with R1 and R2",
    "pair, R1 and R2": "relativistic with R1 and R2",
    "G's half only": "only G relativistic",
    "other labels": "relativistic, other labels",
    "all pairs": "relativistic, all pairs",
}


def test_the_runs_of_the_relativistic_pair_are_those_that_were_made():
    kept = json.loads((ROOT / "benchmarks" / "results" / "pairs.json").read_text("utf-8"))["runs"]
    notebook = "12_*.ipynb"
    shown = ast.literal_eval(assigned(notebook, "rows"))
    heard = ast.literal_eval(assigned(notebook, "heard"))
    assert list(shown) == list(PAIRED) and set(heard) < set(PAIRED)
    figures = ("agreement", "diversity", "precision", "recall")
    for name, row in PAIRED.items():
        runs = sorted((run for run in kept if run["row"] == row), key=lambda run: run["seed"])
        assert [run["seed"] for run in runs] == [0, 1, 2], row
        found = [run[figure] for figure in figures for run in runs]
        assert shown[name] == pytest.approx([10_000 * x for x in found], abs=0.51), name
        if name in heard:
            curves = [[int(x) for x in seed.split()] for seed in heard[name].split(",")]
            assert curves == [[round(100 * x) for x in run["heard"]] for run in runs], name


def originals(name):
    """Return the runs of a network of `benchmarks/original.py`, by seed; no rows for a failure."""
    text = (ROOT / "benchmarks" / "results" / f"original-{name}.json").read_text("utf-8")
    return {run["seed"]: run for run in json.loads(text)["runs"]}


REBUILT = {"the text": "mirza", "the older code's start": "mirza_start", "and Adam": "mirza_adam"}


@pytest.mark.parametrize(
    ("shown", "figure", "scale"), [("d_loss", "d_loss", 100), ("nats", "validation", 1)]
)
def test_the_curves_of_appendix_e_are_those_of_the_rebuilt_networks(shown, figure, scale):
    typed = ast.literal_eval(assigned("E_*.ipynb", shown))
    assert list(typed) == list(REBUILT)
    for name, network in REBUILT.items():
        runs = originals(network)
        rows = [runs[seed].get("rows", [])[::3] for seed in (0, 1, 2)]
        want = [[round(scale * row[figure]) for row in run] for run in rows]
        assert [[int(x) for x in line.split()] for line in typed[name]] == want, name


def test_the_table_of_appendix_e_has_every_run_with_its_failures():
    text = text_of("E_*.ipynb")
    best = -np.inf
    for network in REBUILT.values():
        for seed, run in originals(network).items():
            if "failed" in run:
                assert f"| {seed} | a loss stopped being a number in epoch 1 | | |" in text
                continue
            nats = run["parzen"]["log_likelihood"]
            best = max(best, nats)
            figures = f"{nats:.1f} ± {run['parzen']['standard_error']:.1f}"
            figures += f" | {100 * run['agreement']:.1f} % | {run['diversity']:.2f} |"
            assert f"| {seed} | {figures}" in text, (network, seed)
    assert f"nine runs, the best at {best:.1f} nats" in text
    beside = json.loads((ROOT / "benchmarks/results/original-conv.json").read_text("utf-8"))
    for score in beside["beside"].values():
        assert f"{score['log_likelihood']:.1f} ± {score['standard_error']:.1f}" in text
    span = sorted(run["parzen"]["log_likelihood"] for run in beside["runs"])
    assert f"the recipe `conv` {span[0]:.1f} to {span[-1]:.1f}" in text


def span(values):
    """Return the lowest and the highest of ``values`` in words, "0.41 to 0.55"."""
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"


def test_the_boxes_of_lesson_06_say_what_three_seeds_said():
    folder = ROOT / "benchmarks" / "results"
    fields = json.loads((folder / "clinic_fields.json").read_text("utf-8"))
    patients = json.loads((folder / "clinic.json").read_text("utf-8"))

    def agreement(runs, of):
        return span([of([row["agreement"] for row in rows]) for rows in runs.values()])

    def last(column):
        return column[-1]

    alone, ahead = (agreement(fields[name], last) for name in ("loss=minimax", "head_start=125"))
    both = agreement(patients["D"], last)
    text = text_of("06_*.ipynb")
    said = f"minimax alone ends at an agreement of {alone}, the head start alone at {ahead}, both"
    assert f"{said} at {both}" in text
    shown, bare = agreement(patients["G"], max), agreement(fields["G, ema=0.0"], max)
    assert f"{shown} with the average, {bare} without" in text


def test_the_box_of_lesson_07_on_averaging_says_what_three_seeds_said():
    compared = results("compare")
    average, last = (
        {name: span([run[name] for run in compared[row]]) for name in ("diversity", "recall")}
        for row in ("projection", "not averaged")
    )
    said = f"the average has a diversity of {average['diversity']} each time, "
    said += f"the last weights {last['diversity']}, but a recall of {average['recall']} "
    assert f"{said}against {last['recall']}" in text_of("07_*.ipynb")
