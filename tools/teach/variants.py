"""Another form of an assignment for each year, or for each student: numbers and steps, by a seed.

`notebooks/assignments/variants/NAME.toml` says what may change. `[draw]` has the values of the
whole assignment, and each `[[swap]]` a place where one of them stands. `[variant.TASK.NAME]` is
another form of a task, with its `about` and its own `[[variant.TASK.NAME.swap]]`. A swap has `cell`
(nbgrader's name, a cell's id, or `rubric`), `old`, `new`, and `count` where `old` stands more than
once. In `new`, `<name>` is the drawn value, and `<name.0>` the first part of one that is a list.
"""

import copy
import json
import random
import re
import tomllib
from dataclasses import asdict, dataclass
from decimal import Decimal

RUBRIC = "rubric"
SOURCE = ""  # the form of a task that stands in the source
ABOUT_SOURCE = "as it stands in the source"


@dataclass(frozen=True)
class Space:
    """What may change in an assignment, as its file says."""

    file: str
    draw: dict
    swaps: list
    variants: dict


@dataclass(frozen=True)
class Drawn:
    """What was drawn: {name: value}, and {task: name of its variant, or `SOURCE`}."""

    values: dict
    variants: dict


def read_space(where, name):
    """Return the `Space` of the assignment ``name``.

    Raises FileNotFoundError where there is none, and ValueError, with the file and the place, for
    what is not of the format.
    """
    path = where.assignments / "variants" / f"{name}.toml"
    if not path.is_file():
        raise FileNotFoundError(f"{name} has no variants to draw from: there is no file {path}.")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}.") from error
    check(path, "the file", table, {"draw", "swap", "variant"}, set())
    for key, choice in table.get("draw", {}).items():
        kinds = {"among"} if "among" in choice else {"from", "to", "step"}
        check(path, f"draw.{key}", choice, kinds, kinds)
        if not possible(choice):
            raise ValueError(f"{path}, draw.{key}: there is nothing to choose from.")
    forms = table.get("variant", {})
    for task, others in forms.items():
        for form, parts in others.items():
            check(path, f"variant.{task}.{form}", parts, {"about", "swap"}, {"about", "swap"})
    swaps = [one for others in forms.values() for form in others.values() for one in form["swap"]]
    for swap in [*table.get("swap", []), *swaps]:
        needed = {"cell", "old", "new"}
        check(path, f"a swap in {swap.get('cell')}", swap, needed | {"count"}, needed)
    return Space(str(path), table.get("draw", {}), table.get("swap", []), forms)


def check(path, place, table, known, needed):
    """Raise ValueError if ``table`` lacks a needed key or has an unknown one."""
    keys = set(table)
    if keys - known or needed - keys:
        raise ValueError(
            f"{path}, {place}: it has {sorted(keys)}; known are {sorted(known)}, "
            f"needed {sorted(needed)}."
        )


def possible(choice):
    """Return all values that a ``choice`` of `[draw]` allows."""
    if "among" in choice:
        return choice["among"]
    low, high, step = choice["from"], choice["to"], choice["step"]
    if step <= 0:
        return []
    return [low + step * number for number in range(int((high - low) // step) + 1)]


def draw(space, name, seed, student=""):
    """Return what the ``seed`` chooses for an assignment and a student: the same at each call.

    Each choice has a draw of its own, so a new variant of one task leaves the others as they were.
    """

    def one(key, choices):
        """Return one of the ``choices``, each as probable as any other."""
        return random.Random(f"{name}/{seed}/{student}/{key}").choice(choices)

    values = {key: one(f"draw/{key}", possible(choice)) for key, choice in space.draw.items()}
    forms = {task: [SOURCE, *sorted(others)] for task, others in space.variants.items()}
    return Drawn(values, {task: one(f"variant/{task}", all_) for task, all_ in forms.items()})


def written(value):
    """Return a drawn value as it stands in a text."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return str(value)


def filled(text, values):
    """Return ``text`` with the drawn values in the place of their names."""

    def of(found):
        """Return the value of one name."""
        name, _, part = found[1].partition(".")
        if name not in values:
            return found[0]
        return written(values[name][int(part)] if part else values[name])

    return re.sub(r"<(\w+(?:\.\d+)?)>", of, text)


def varied(notebook, rubric, space, drawn):
    """Return (the notebook, the rubric) as ``drawn`` has them. Variants come before values.

    Raises ValueError, with file, cell and text, where a swap does not find its old text.
    """
    notebook = copy.deepcopy(notebook)
    texts = {RUBRIC: rubric}
    places = {}
    for number, cell in enumerate(notebook.cells):
        texts[number] = cell.source
        named = cell.metadata.get("nbgrader", {}).get("grade_id")
        places |= dict.fromkeys({cell.get("id"), named} - {None}, number)
    chosen = [(task, form) for task, form in drawn.variants.items() if form != SOURCE]
    swaps = [swap for task, form in chosen for swap in space.variants[task][form]["swap"]]
    for swap in [*swaps, *space.swaps]:
        old, count = swap["old"], swap.get("count", 1)
        place = RUBRIC if swap["cell"] == RUBRIC else places.get(swap["cell"])
        if place is None:
            raise ValueError(f"{space.file}: there is no cell {swap['cell']!r} to change.")
        found = texts[place].count(old)
        if found != count:
            raise ValueError(
                f"{space.file}: in the cell {swap['cell']!r} this text stands {found} times, "
                f"expected {count}: {old!r}. Say what stands there now, or give a `count`."
            )
        texts[place] = texts[place].replace(old, filled(swap["new"], drawn.values))
    for number, cell in enumerate(notebook.cells):
        cell.source = texts[number]
    return notebook, texts[RUBRIC]


def told(space, drawn, student=""):
    """Return a line for each task: its variant, and what it is about. For a student, one line."""
    if student:
        return [f"{student}: " + ", ".join(f"{t} {f or '-'}" for t, f in drawn.variants.items())]
    abouts = {
        task: space.variants[task][form]["about"] if form else ABOUT_SOURCE
        for task, form in drawn.variants.items()
    }
    return [f"{task}: {drawn.variants[task] or '-'} ({about})" for task, about in abouts.items()]


def record_of(where, name):
    """Return what `release` noted of the seed and its choices, or an empty dictionary."""
    path = where.root / "variants" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def recorded(seed, drawn, per_student):
    """Return the record of a release: the seed, and what it chose for the class or each student.

    ``drawn``: {student, or empty for the class: `Drawn`}.
    """
    if seed is None:
        return {}
    chosen = {student: asdict(one) for student, one in drawn.items()}
    of_class = chosen.pop("")
    record = {"seed": seed, "per_student": per_student}
    record |= {"students": chosen} if per_student else of_class
    return json.loads(json.dumps(record, default=str))


def note(where, name, record):
    """Keep the ``record`` of a release for the teacher; an empty one takes the old one away."""
    path = where.root / "variants" / f"{name}.json"
    if not record:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(record, indent=1), encoding="utf-8")
    unfinished.replace(path)
