"""Self-checks for the exercises: not attempted, wrong with a hint, right. Knows answers, not notebooks.

A check calls the learner's answer on fixed inputs and compares it with the package's own. It needs
neither the notebook file nor a network, and says the same in JupyterLab, in Colab and in a test.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from cgan_lab import objective

EXERCISES = {}


class Wrong(Exception):
    """Raised inside a check; its text names the likely misunderstanding."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a check found. ``state``: ``"not attempted"``, ``"wrong"`` or ``"right"``; ``text``: why."""

    state: str
    text: str

    def __repr__(self):
        mark = {"not attempted": "…", "wrong": "✗", "right": "✓"}[self.state]
        return f"{mark} {self.state}: {self.text}"


@dataclasses.dataclass(frozen=True)
class Exercise:
    """One exercise: the function that inspects an answer, what to say when it is right, its hints in order."""

    inspect: Callable
    praise: str
    hints: tuple


def exercise(name, praise, hints):
    """Register the decorated function, which takes the answer and raises `Wrong`, as the check ``name``."""

    def register(inspect):
        EXERCISES[name] = Exercise(inspect, praise, tuple(hints))
        return inspect

    return register


def check(name, answer):
    """Return the `Verdict` on ``answer``, the learner's value or function, for the exercise ``name``.

    A value that is None or ``...``, and a function that returns one of these, is not attempted.
    An exception in the learner's function is a wrong answer whose text is the exception's.
    Raises ValueError for an unknown exercise. Shown in lesson 00.
    """
    found = _find(name)
    if _blank(answer):
        return Verdict("not attempted", "replace the ... and run this cell again.")
    try:
        found.inspect(answer)
    except _NotAttempted:
        return Verdict("not attempted", "replace the ... and run this cell again.")
    except Wrong as why:
        return Verdict("wrong", f"{why} For help: checks.hint({name!r}).")
    except Exception as error:  # whatever the learner's code raises is theirs to read
        return Verdict("wrong", f"your code raised {type(error).__name__}: {error}")
    return Verdict("right", found.praise)


def hint(name, number=1):
    """Print hint ``number`` of the exercise ``name``, counted from 1; each says a little more."""
    hints = _find(name).hints
    if not 1 <= number <= len(hints):
        raise ValueError(f"{name!r} has the hints 1 to {len(hints)}, not {number}.")
    more = f" (there is another: checks.hint({name!r}, {number + 1}))" if number < len(hints) else ""
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}{more}")


def call(answer, *arguments):
    """Call the learner's function; a result that is None or ``...`` means not attempted."""
    if not callable(answer):
        raise Wrong(f"expected a function, got {type(answer).__name__}.")
    result = answer(*arguments)
    if _blank(result):
        raise _NotAttempted
    return result


def close(got, want, what, tolerance=1e-5):
    """Raise `Wrong` unless ``got`` has the shape and, within ``tolerance``, the values of ``want``."""
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    if got.shape != want.shape:
        raise Wrong(f"{what} has shape {got.shape}, expected {want.shape}.")
    if not np.allclose(got, want, rtol=tolerance, atol=tolerance):
        worst = np.unravel_index(np.argmax(np.abs(got - want)), want.shape)
        raise Wrong(f"{what} is {got[worst]:.4g} where {want[worst]:.4g} was expected.")


class _NotAttempted(Exception):
    pass


def _blank(value):
    return value is None or value is Ellipsis


def _find(name):
    if name not in EXERCISES:
        raise ValueError(f"no exercise {name!r}; there are {', '.join(EXERCISES)}.")
    return EXERCISES[name]


# Lesson 01


@exercise(
    "01.value",
    "that is the number D climbs and G descends. The pairs (x, y) enter through D's answers alone.",
    (
        "each expectation becomes the mean over its own batch: one mean for the real pairs, one for the fakes.",
        "V = mean(log D(x|y)) + mean(log(1 - D(G(z|y)|y))), and each mean has its own batch size.",
        "np.mean(np.log(d_real)) + np.mean(...) with 1 - d_fake in it; the same on densities: objective.value.",
    ),
)
def _value(answer):
    real, fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1])
    log_real, log_fake = np.log(real), np.log(1 - fake)
    want = log_real.mean() + log_fake.mean()
    got = call(answer, real, fake)
    _unless(got, log_real.mean() + np.log(fake).mean(), "the second term takes log D of a fake; it is log(1 - D).")
    twice_real = log_real.mean() + np.log(1 - real).mean()
    _unless(got, twice_real, "both terms average over real pairs; the second is over fakes.")
    _unless(got, log_real.mean(), "the fakes are missing: add the mean of log(1 - D) over them.")
    _unless(got, log_real.mean() - log_fake.mean(), "the second term is added, not subtracted.")
    _unless(got, -want, "the sign is turned: this is D's loss, and V is minus that.")
    _unless(got, log_real.sum() + log_fake.sum(), "these are sums; an expectation becomes a mean.")
    pooled = np.concatenate([log_real, log_fake]).mean()
    _unless(got, pooled, "one mean over both batches together; each expectation has its own mean.")
    close(got, want, "V")


@exercise(
    "01.optimal_discriminator",
    "with half of the batch real it is p / (p + q) again.",
    (
        "at one x, D's answer t earns real_share * p * log t + (1 - real_share) * q * log(1 - t).",
        "set the derivative to zero: real_share * p / t = (1 - real_share) * q / (1 - t), and solve for t.",
        "call objective.optimal_discriminator with real_share * p for p and (1 - real_share) * q for q.",
    ),
)
def _optimal_discriminator(answer):
    p, q, share = np.array([0.4, 0.2, 0.1]), np.array([0.1, 0.2, 0.3]), 0.8
    want = objective.optimal_discriminator(share * p, (1 - share) * q)
    got = call(answer, p, q, share)
    _unless(got, p / (p + q), "this D takes half of the batch for real: real_share does not enter.")
    ratio = share * p / ((1 - share) * q)
    for wrong in (p / q, ratio):
        _unless(got, wrong, "this is the ratio of the densities; D* divides by their sum and stays below 1.")
    _unless(got, 1 - want, "this is how likely the example is a fake; D answers how likely it is real.")
    swapped = objective.optimal_discriminator((1 - share) * p, share * q)
    _unless(got, swapped, "the shares are swapped: real_share belongs to p, the data.")
    _unless(got, share * p / (p + q), "weigh both densities, below the line too: q has the share 1 - real_share.")
    close(got, want, "D*")


@exercise(
    "01.generator_gradients",
    "the same chain rule runs from D's logit back through every layer of a real generator.",
    (
        "use the chain rule: d loss / d m = (d loss / d a) * (d a / d x) * (d x / d m), with x = m + z.",
        "d a / d x is w and d x / d m is 1. Average over the fakes: the loss is a mean.",
        "with a = w * fakes + b: the means of w * objective.saturating_gradient(a) and w * objective."
        "non_saturating_gradient(a).",
    ),
)
def _generator_gradients(answer):
    fakes, w, b = np.array([-3.0, -1.0, 0.5]), 2.0, -1.0
    a = w * fakes + b
    slopes = np.stack([objective.saturating_gradient(a), objective.non_saturating_gradient(a)])
    want = (w * slopes).mean(axis=1)
    got = call(answer, fakes, w, b)
    _unless(got, slopes.mean(axis=1), "this is the gradient on the logit; the chain rule goes on to m, by w.")
    _unless(got, -want, "the sign is turned: both losses fall as the logit grows, so here both are below 0.")
    _unless(got, want[::-1], "the pair is in the wrong order: saturating first.")
    _unless(got, (w * slopes).sum(axis=1), "this sums over the fakes; the loss is their mean.")
    middle = w * fakes.mean() + b
    at_mean = w * np.array([objective.saturating_gradient(middle), objective.non_saturating_gradient(middle)])
    _unless(got, at_mean, "this is the gradient at the mean fake; take the mean of the gradients.")
    close(got, want, "the pair of gradients")


@exercise(
    "01.alternating_step",
    "run the cell below to see where it leads.",
    (
        "two lines: first y moves, then x moves.",
        "when x moves, y has already moved: use the new y.",
        "y = y + eta * x, then x = x - eta * y with that new y; objective.alternating_step does the same.",
    ),
)
def _alternating_step(answer):
    x, y, eta = 1.0, 2.0, 0.5
    want = objective.alternating_step(x, y, eta)
    got = call(answer, x, y, eta)
    _unless(got, objective.bilinear_step(x, y, eta), "this is the simultaneous step: x answered the old y.")
    first = x - eta * y
    _unless(got, (first, y + eta * first), "x moved first; here y, the maximiser, goes first, as D does.")
    both = y + eta * x
    _unless(got, (x + eta * both, both), "both ascend; x descends, so its step is subtracted.")
    _unless(got, want[::-1], "the pair is in the wrong order: return x, then y.")
    down = y - eta * x
    for wrong in ((x - eta * down, down), (x + eta * down, down)):
        _unless(got, wrong, "y descends here; y is the maximiser, so its step is added.")
    close(got, want, "the new place")


def _unless(got, mistake, text):
    """Raise `Wrong` with ``text`` if ``got`` is the result of a known mistake."""
    got = np.asarray(got, dtype=float)
    if got.shape == np.shape(mistake) and np.allclose(got, mistake, rtol=1e-5, atol=1e-7):
        raise Wrong(text)


# Lesson 00


@exercise(
    "00.labels_of",
    praise="those are the digits, in reading order.",
    hints=(
        "str(1905) is '1905', and a string can be read letter by letter.",
        "int('9') is 9. A list comprehension over the letters gives the list of labels.",
        "np.array([int(letter) for letter in str(number)]) does it.",
    ),
)
def _labels_of(answer):
    for number in (1905, 7, 40, 0):
        want = [int(letter) for letter in str(number)]
        got = np.asarray(call(answer, number))
        if got.dtype.kind in "US":
            raise Wrong("these are letters; labels are whole numbers.")
        if got.dtype.kind == "f":
            raise Wrong("these are floats; labels are whole numbers, so keep the dtype an integer.")
        if len(want) > 1 and got.tolist() == want[::-1]:
            raise Wrong("the digits are all there, but from right to left.")
        if got.ndim != 1 or got.tolist() != want:
            raise Wrong(f"for {number} expected the labels {want}, got {got.tolist()}.")


from cgan_lab import exercises_training  # noqa: E402, F401  (it registers its checks, and needs the names above)
