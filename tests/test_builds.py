"""The builds: the right answer, the mutants and their sentences, and what later lessons get."""

import builds
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
