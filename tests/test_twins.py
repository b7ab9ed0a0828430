"""A lesson's function in a cell tagged `twin` answers as the package's function of that name."""

import ast
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import conditioning, losses, metrics, objective

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
RNG = np.random.default_rng(0)
X = np.linspace(-4.0, 4.0, 81)
P, Q = objective.gaussian(X, -1.0, 0.8), objective.gaussian(X, 1.5, 0.5)
D = RNG.uniform(0.05, 0.95, X.size)
A = RNG.normal(0.0, 4.0, 30)  # logits
REAL, FAKE = tf.constant(RNG.normal(size=(2, 8, 1)), tf.float32)
FEATURES, LABEL = tf.constant(RNG.normal(size=(5, 6)), tf.float32), tf.one_hot([0, 3, 3, 1, 2], 4)
IMAGES = RNG.integers(0, 256, (9, 28, 28)).astype(np.uint8)
CLOUDS = RNG.normal(size=(40, 3)), RNG.normal(1.0, 2.0, size=(30, 3))


def spread(images):
    return metrics.spread(images, np.zeros(len(images), int), 1)[0]


# Twins of the name that the package has -> the arguments on which both are called
CASES = {
    objective: {
        "expectation": [(X, P, D), (X, P, np.log(Q))],
        "value": [(X, P, Q, D), (X, P, Q, (D > 0.5).astype(float))],
        "optimal_discriminator": [(P, Q), (np.eye(3)[0], np.eye(3)[1])],
        "bumps": [(X[::9],)],
        "learned_discriminator": [(X[:20], X[30:50], X, 7, 0.5)],
        "kl_divergence": [(X, P, Q)],
        "js_divergence": [(X, P, Q), (X, P, P)],
        "conditional_value": [(X, np.stack([P, Q]), np.stack([Q, Q]), D, [0.3, 0.7])],
        "saturating_loss": [(A,)],
        "non_saturating_loss": [(A,)],
        "saturating_gradient": [(A,)],
        "non_saturating_gradient": [(A,)],
        "shift_gradients": [(X, P, Q)],
        "bilinear_step": [(1.0, -2.0, 0.3)],
    },
    conditioning: {
        "concatenate": [(FEATURES, LABEL), (FEATURES, LABEL, 5.0)],
        "project": [(FEATURES, LABEL)],
    },
}
# name in the lesson -> the package's twin and those arguments
TWINS = {
    "discriminator_loss": (losses.get("non_saturating").discriminator, [(REAL, FAKE)]),
    "generator_loss": (losses.get("non_saturating").generator, [(FAKE,)]),
    "spread": (spread, [(IMAGES,)]),
    "frechet": (metrics.frechet_distance, [CLOUDS]),
}
for module, cases in CASES.items():
    TWINS |= {name: (getattr(module, name), arguments) for name, arguments in cases.items()}


def definitions():
    """Return (lesson, name, source) of every function in a cell tagged ``twin``, in order."""
    found = []
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if "twin" in cell["metadata"].get("tags", []):
                tree = ast.parse("".join(cell["source"]))
                functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
                assert functions, f"a cell of {path.name} is tagged twin and defines no function"
                found += [(path.stem, node.name, ast.unparse(node)) for node in functions]
    return found


DEFINITIONS = definitions()


def lesson_function(lesson, name, changed=lambda source: source):
    """Return ``name`` as ``lesson`` defines it after its other twins; ``changed`` on its source."""
    space = {"np": np, "tf": tf, "keras": keras, "layers": keras.layers, "objective": objective}
    for other, function, source in DEFINITIONS:
        if other == lesson:
            exec(changed(source) if function == name else source, space)
            if function == name:
                return space[name]
    raise LookupError(f"{lesson} has no twin {name}")


def agree(mine, name):
    """Return whether ``mine`` answers as the package's twin of ``name`` on all its arguments."""
    twin, cases = TWINS[name]

    def answer(function, case):
        keras.utils.set_random_seed(0)  # layers made in either start with the same weights
        return np.asarray(function(*case))

    pairs = [(answer(mine, case), answer(twin, case)) for case in cases]
    return all(np.allclose(*pair, rtol=1e-5, atol=1e-7, equal_nan=True) for pair in pairs)


@pytest.mark.parametrize(("lesson", "name"), [found[:2] for found in DEFINITIONS])
def test_the_lesson_and_the_package_agree(lesson, name):
    assert name in TWINS, f"{lesson} defines the twin {name}; give it a line in CASES or TWINS"
    assert agree(lesson_function(lesson, name), name)


def test_every_twin_is_shown_in_a_lesson():
    assert set(TWINS) == {name for _, name, _ in DEFINITIONS}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("value", "np.log1p(-d)", "np.log1p(d)"),
        ("bilinear_step", "y + eta * x", "y - eta * x"),
        ("project", "layers.Dot(axes=1)", "layers.Multiply()"),
        ("concatenate", "[x, label]", "[label, x]"),
        ("discriminator_loss", "softplus(-real)", "softplus(real)"),
        ("spread", "ddof=1", "ddof=0"),
        ("frechet", "2 * np", "1 * np"),
    ],
)
def test_a_slip_in_a_lesson_is_seen(name, right, wrong):
    lesson, source = next(
        (lesson, source) for lesson, found, source in DEFINITIONS if found == name
    )
    assert right in source
    slip = lesson_function(lesson, name, lambda text: text.replace(right, wrong))
    assert not agree(slip, name)
