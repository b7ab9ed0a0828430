"""The builds: the right answer, the mutants and their sentences, and what later lessons get."""

import operator

import builds
import numpy as np
import pytest

from cgan_lab import checks
from cgan_lab.checks import _builds
from cgan_lab.checks._kit import EXERCISES

BUILDS = [name for name in checks.names() if EXERCISES[name].used]
MUTANTS = builds.mutants()
MISTAKES = [(name, part, swaps) for name, of in MUTANTS.items() for part, swaps in of.items()]


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A place of its own for what the checks keep, and a kernel that has found nothing right."""
    monkeypatch.setenv("CGAN_LAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(_builds, "_right", {})
    return tmp_path / "progress_builds"


def test_every_build_has_three_mutants_of_which_each_meets_another_sentence():
    assert sorted(MUTANTS) == BUILDS
    few = {name: len(of) for name, of in MUTANTS.items() if len(of) < 3}
    assert few == {}


@pytest.mark.parametrize("name", BUILDS)
def test_the_right_build_is_right(name):
    verdict = checks.check(name, builds.solution(name))
    assert verdict.state == "right", verdict
    assert verdict.text.startswith(EXERCISES[name].praise)


@pytest.mark.parametrize(
    ("name", "part", "swaps"), MISTAKES, ids=[": ".join(m[:2]) for m in MISTAKES]
)
def test_a_mutant_meets_its_own_sentence(name, part, swaps, capsys):
    verdict = checks.check(name, builds.answer(name, swaps))
    assert verdict.state == "wrong" and part in verdict.text, verdict
    checks.hint(name, 2)  # the hint about this answer says the same, and more
    assert part in capsys.readouterr().out


@pytest.mark.parametrize("name", BUILDS)
def test_a_blank_or_half_a_build_is_not_attempted(name, kept):
    for answer in (None, ..., lambda *arguments: None):
        assert checks.check(name, answer).state == "not attempted"
    assert not kept.exists()


def learners(folder, source):
    """Return the function of a learner who wrote ``source`` into a cell; it can be read."""
    path = folder / "cell.py"
    path.write_text(source, encoding="utf-8")
    space = {"np": np}
    exec(compile(source, str(path), "exec"), space)
    return next(value for value in space.values() if getattr(value, "__code__", None))


AVERAGE = "def my_average(average, weights, decay):\n    return average + (1 - decay) * {}\n"


def test_a_right_build_is_used_in_this_kernel_and_in_the_next(kept, tmp_path, monkeypatch, capsys):
    mine = learners(tmp_path, AVERAGE.format("(weights - average)"))
    assert checks.built("03.moving_average") is builds.solution("03.moving_average")
    assert "moving_average: the package's" in capsys.readouterr().out
    verdict = checks.check("03.moving_average", mine)
    assert verdict.text.endswith("Used in lesson 03, sections 4 to 7.")
    assert checks.built("03.moving_average") is mine
    monkeypatch.setattr(_builds, "_right", {})  # as in another kernel
    again = checks.built("03.moving_average")
    assert again is not mine and again(1.0, 2.0, 0.5) == 1.5
    assert capsys.readouterr().out.splitlines() == 2 * ["moving_average: yours, from lesson 03"]
    assert [path.name for path in kept.iterdir() if path.is_file()] == ["03_moving_average.py"]


def test_a_later_mistake_leaves_the_last_right_one(kept, tmp_path):
    mine = learners(tmp_path, AVERAGE.format("(weights - average)"))
    checks.check("03.moving_average", mine)
    assert checks.check("03.moving_average", lambda a, w, d: a).state == "wrong"
    assert checks.built("03.moving_average") is mine


def test_a_build_that_leans_on_another_cell_is_right_here_only(kept, tmp_path, monkeypatch):
    source = AVERAGE.format("apart(weights, average)")
    mine = learners(tmp_path, source)
    mine.__globals__["apart"] = operator.sub
    verdict = checks.check("03.moving_average", mine)
    assert verdict.state == "right"
    assert "here only: alone it does not run: name 'apart' is not defined" in verdict.text
    assert checks.built("03.moving_average") is mine
    monkeypatch.setattr(_builds, "_right", {})
    assert checks.built("03.moving_average") is builds.solution("03.moving_average")


@pytest.mark.parametrize("content", ["", "def half(", "raise SystemError", "average = 3"])
def test_a_kept_file_that_somebody_broke_gives_the_packages(kept, content, capsys):
    kept.mkdir()
    (kept / "03_moving_average.py").write_text(content)
    assert checks.built("03.moving_average") is builds.solution("03.moving_average")
    assert "the package's" in capsys.readouterr().out


def test_a_disk_that_refuses_costs_no_verdict(kept, tmp_path, monkeypatch):
    mine = learners(tmp_path, AVERAGE.format("(weights - average)"))
    monkeypatch.setenv("CGAN_LAB_PROGRESS", str(tmp_path / "cell.py" / "progress.json"))
    verdict = checks.check("03.moving_average", mine)
    assert verdict.state == "right" and "here only: it could not be written" in verdict.text
    monkeypatch.setenv("CGAN_LAB_PROGRESS", "")
    assert "nothing is kept" in checks.check("03.moving_average", mine).text


def test_the_second_hint_is_about_the_last_answer(monkeypatch, capsys):
    monkeypatch.setattr(checks, "_last", {})  # as in a new kernel
    checks.hint("04.latent_path", 2)
    checks.check("03.moving_average", lambda a, w, d: a + w)
    checks.hint("03.moving_average", 2)
    checks.check("03.moving_average", builds.solution("03.moving_average"))
    checks.hint("03.moving_average", 2)
    first, second, third = capsys.readouterr().out.splitlines()
    assert "run the check on one first" in first
    assert (
        "your answer gave [[3.0, 2.0], [1.0, -8.0]]; [[1.1, 1.8], [0.1, -4.0]] is right" in second
    )
    assert "your last answer was right" in third


def test_what_a_learners_code_raises_is_told_with_its_line():
    def d_turn(generator, discriminator, d_adam, real, label, noise):
        fakes = generator([noise, label])
        return fakes @ np.zeros((28, 28))

    text = checks.check("03.d_turn", d_turn).text
    assert "(in its line 3)" in text and "\n" not in text
    assert text.endswith(
        "The check tries it on tiny networks: take every shape from the arguments."
    )


def test_a_missing_return_is_told():
    def moving_average(average, weights, decay):
        decay * average + (1 - decay) * weights

    assert "is the `return` missing?" in checks.check("03.moving_average", moving_average).text
