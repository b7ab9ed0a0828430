"""Train on synthetic, test on real: good samples teach, bad ones do not."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cgan_lab import data, synthetic


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", limit=2000)


@pytest.fixture(autouse=True)
def no_xla(monkeypatch):
    """XLA compiles these classifiers longer than they train."""
    monkeypatch.setattr(synthetic, "xla", lambda *_, **__: False)


@pytest.fixture
def real_images(digits):
    """A sampler that returns real training images of the labels asked for."""
    pools = [np.flatnonzero(digits.y_train == label) for label in range(10)]

    def sample(labels, seed):
        rng = np.random.default_rng(seed)
        return digits.x_train[[rng.choice(pools[label]) for label in labels]]

    return sample


def test_real_images_teach_as_much_as_real_images(digits, real_images):
    options = {"classifiers": ("mlp",), "runs": 2, "progress": False}
    found = synthetic.evaluate(real_images, digits, **options)
    drawn, real = found["classifiers"]["mlp"]["synthetic"], found["classifiers"]["mlp"]["real"]
    assert found["n"] == 2000 and len(drawn) == len(real) == 2
    # Drawn with replacement, a third of the images is missing.
    assert np.mean(real) - 0.05 < np.mean(drawn) <= np.mean(real) + 0.01
    assert np.mean(real) > 0.88


def test_one_image_per_label_teaches_little_and_wrong_labels_nothing(digits):
    labels = np.repeat(np.arange(10), 200)
    one_each = digits.x_train[[np.argmax(digits.y_train == label) for label in labels]]
    assert 0.2 < synthetic.accuracy("mlp", one_each, labels, digits) < 0.7
    any_digits = np.random.default_rng(0).permutation(digits.x_train)
    assert synthetic.accuracy("mlp", any_digits, labels, digits) < 0.5


@pytest.mark.parametrize("name", synthetic.CLASSIFIERS)
def test_each_classifier_maps_images_to_logits(name):
    images = np.zeros((2, 28, 28, 1), np.float32)
    assert synthetic.classifier(name, 7)(images).shape == (2, 7)


@pytest.mark.parametrize(
    ("name", "least"),
    [("logistic", 0.7), ("mlp", 0.8), pytest.param("cnn", 0.85, marks=pytest.mark.long)],
)
def test_each_classifier_learns_and_repeats(digits, name, least):
    train = digits.x_train, digits.y_train
    first, again = (synthetic.accuracy(name, *train, digits, seed=0, epochs=5) for _ in range(2))
    assert first == again > least


def test_the_logistic_regression_is_as_good_as_scikit_learns(digits):
    train, test = (x.reshape(-1, 784) / 255.0 for x in (digits.x_train, digits.x_test))
    theirs = LogisticRegression(C=1.0, max_iter=200, tol=1e-3).fit(train, digits.y_train)
    ours = synthetic.accuracy("logistic", digits.x_train, digits.y_train, digits, epochs=30)
    assert ours == pytest.approx(theirs.score(test, digits.y_test), abs=0.02)


def test_the_bar_counts_every_epoch_and_the_table_shows_all(digits, real_images, capsys):
    found = synthetic.evaluate(real_images, digits, n=200, classifiers=("logistic", "mlp"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("mlp trained on real images, seed 0") and "about 0 s" in lines[-1]
    table = synthetic.table(found).splitlines()
    assert "200 images" in table[0]
    assert [line.split()[0] for line in table[1:]] == ["logistic", "mlp"]


def test_bad_input_is_refused_before_any_work(digits):
    with pytest.raises(ValueError, match="no classifier 'svm'; there are logistic, mlp, cnn"):
        synthetic.evaluate(None, digits, classifiers=("svm",))
    with pytest.raises(ValueError, match="n is 0, expected at least one image of each of the 10"):
        synthetic.evaluate(None, digits, n=9)
    with pytest.raises(TypeError, match="dtype float32, expected uint8"):
        synthetic.accuracy("mlp", data.to_model(digits.x_train)[..., 0], digits.y_train, digits)
