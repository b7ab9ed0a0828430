"""Train on synthetic, test on real: good samples teach, bad ones do not."""

import numpy as np
import pytest

from cgan_lab import data, synthetic


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", limit=2000)


def training_images(digits):
    """A sampler that returns real training images of the labels asked for."""

    def sample(labels, seed):
        rng = np.random.default_rng(seed)
        pools = {label: np.flatnonzero(digits.y_train == label) for label in range(10)}
        return digits.x_train[[rng.choice(pools[label]) for label in labels]]

    return sample


def test_real_images_teach_as_much_as_real_images(digits):
    found = synthetic.evaluate(training_images(digits), digits, classifiers=("mlp",), runs=2, progress=False)
    rows = found["classifiers"]["mlp"]
    assert found["n"] == 2000 and len(rows["synthetic"]) == len(rows["real"]) == 2
    # Drawn with replacement, a third of the images is missing.
    assert np.mean(rows["real"]) - 0.05 < np.mean(rows["synthetic"]) <= np.mean(rows["real"]) + 0.01
    assert np.mean(rows["real"]) > 0.88


def test_one_image_a_label_teaches_little_and_wrong_labels_nothing(digits):
    first = digits.x_train[[np.argmax(digits.y_train == label) for label in range(10)]]

    def deaf(labels, seed):
        return digits.x_train[np.random.default_rng(seed).integers(0, 2000, len(labels))]

    collapsed = synthetic.evaluate(lambda labels, seed: first[labels], digits, classifiers=("mlp",), progress=False)
    assert 0.2 < collapsed["classifiers"]["mlp"]["synthetic"][0] < 0.7
    ignored = synthetic.evaluate(deaf, digits, classifiers=("mlp",), progress=False)
    assert ignored["classifiers"]["mlp"]["synthetic"][0] < 0.5


@pytest.mark.parametrize(("name", "least"), [("logistic", 0.7), ("mlp", 0.8), ("cnn", 0.85)])
def test_each_classifier_learns_and_repeats(digits, name, least):
    found = [synthetic.accuracy(name, digits.x_train, digits.y_train, digits, seed=s, epochs=5) for s in (0, 0)]
    assert found[0] == found[1] > least


def test_the_logistic_regression_is_as_good_as_scikit_learns(digits):
    from sklearn.linear_model import LogisticRegression

    flat = digits.x_train.reshape(-1, 784) / 255.0
    theirs = LogisticRegression(C=1.0, max_iter=200).fit(flat, digits.y_train)
    theirs = theirs.score(digits.x_test.reshape(-1, 784) / 255.0, digits.y_test)
    ours = synthetic.accuracy("logistic", digits.x_train, digits.y_train, digits, epochs=30)
    assert ours == pytest.approx(theirs, abs=0.02)


def test_the_bar_counts_every_epoch_and_the_table_shows_all(digits, capsys):
    found = synthetic.evaluate(training_images(digits), digits, n=200, classifiers=("logistic", "mlp"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[-1].startswith("mlp trained on real images, seed 0") and "about 0 s" in lines[-1]
    table = synthetic.table(found).splitlines()
    assert "200 images" in table[0] and [line.split()[0] for line in table[1:]] == ["logistic", "mlp"]


def test_bad_input_is_refused_before_any_work(digits):
    with pytest.raises(ValueError, match="no classifier 'svm'; there are logistic, mlp, cnn"):
        synthetic.evaluate(None, digits, classifiers=("svm",))
    with pytest.raises(ValueError, match="n is 0, expected at least one image of each of the 10 classes"):
        synthetic.evaluate(None, digits, n=9)
    with pytest.raises(TypeError, match="dtype float32, expected uint8"):
        synthetic.accuracy("mlp", data.to_model(digits.x_train)[..., 0], digits.y_train, digits)
