"""Verdicts on samples tell good samplers from bad ones."""

import dataclasses
import json

import numpy as np
import pytest

from cgan_lab import data, evaluation, judge


@pytest.fixture(scope="module")
def whole():
    return data.load("digits")


def real_digits(digits):
    """A sampler that cheats: it returns real training images of the labels asked for."""

    def sample(labels, seed):
        rng, images = np.random.default_rng(seed), np.empty((len(labels), 28, 28), np.uint8)
        for label in np.unique(labels):
            pool = np.flatnonzero(digits.y_train == label)
            images[labels == label] = digits.x_train[
                rng.permutation(pool)[: np.sum(labels == label)]
            ]
        return images

    return sample


def test_real_digits_get_full_marks(whole):
    found = evaluation.evaluate(real_digits(whole), whole, n=2000)
    assert found.agreement > 0.99 and 0.97 < found.diversity < 1.03 and found.repeated == 0
    assert found.frechet_distance < 3 * found.frechet_floor < 10
    assert np.sum(found.confusion) == found.n == 2000 and min(found.per_label) > 0.97


def test_a_collapsed_sampler_agrees_but_is_not_diverse(whole):
    first = {label: whole.x_train[np.argmax(whole.y_train == label)] for label in range(10)}
    found = evaluation.evaluate(
        lambda labels, seed: np.stack([first[int(label)] for label in labels]), whole, n=500
    )
    assert found.agreement == 1.0 and found.diversity < 1e-9 and found.repeated == 490
    assert found.frechet_distance > 20 * found.frechet_floor


def test_a_sampler_that_ignores_the_label_agrees_by_chance(whole):
    def deaf(labels, seed):
        return whole.x_train[
            np.random.default_rng(seed).permutation(len(whole.x_train))[: len(labels)]
        ]

    found = evaluation.evaluate(deaf, whole, n=500)
    assert 0.05 < found.agreement < 0.15 and found.frechet_distance < 12


def test_real_test_digits_score_their_own_floor(whole):
    """A sampler that returns the test images is measured as the test images are."""
    order = {label: np.flatnonzero(whole.y_test == label) for label in range(10)}
    few = min(map(len, order.values()))

    def test_images(labels, seed):
        return np.concatenate([whole.x_test[order[label][:few]] for label in range(10)])

    found = evaluation.evaluate(test_images, whole, n=10 * few)
    assert found.frechet_distance < 2 * found.frechet_floor  # from fewer images it is larger
    assert abs(found.kernel_distance - found.kernel_floor) < found.kernel_deviation
    for key in evaluation.NEIGHBOURHOODS:
        assert getattr(found, key) == pytest.approx(found.real[key], abs=0.06)
        assert found.real[key] > 0.8


def test_thin_strokes_alone_cost_recall_and_not_precision(whole):
    """The thinnest fifth of each digit: all look real, but most of what people write is missing."""
    ink, thin = whole.x_train.sum(axis=(1, 2), dtype=np.int64), np.zeros(len(whole.x_train), bool)
    for label in range(10):
        mine = whole.y_train == label
        thin |= mine & (ink < np.quantile(ink[mine], 0.2))
    few = dataclasses.replace(whole, x_train=whole.x_train[thin], y_train=whole.y_train[thin])
    found, full = (
        evaluation.evaluate(real_digits(digits), whole, n=500) for digits in (few, whole)
    )
    assert found.precision > full.precision - 0.02 and found.recall < full.recall - 0.05
    assert found.diversity < 0.95 < full.diversity


def test_the_same_real_images_are_read_once_and_changed_ones_again(whole, monkeypatch):
    few = {name: getattr(whole, name)[:700] for name in data.KEYS}
    mine = dataclasses.replace(whole, **few | {"x_train": few["x_train"].copy()})
    look, seen = judge.look, []
    monkeypatch.setattr(judge, "look", lambda x, *more: seen.append(len(x)) or look(x, *more))
    first = evaluation.evaluate(real_digits(whole), mine, n=500)
    first.real["recall"] = None  # theirs, not what is kept
    assert sorted(seen) == [500, len(mine.x_test), len(mine.x_train)]
    again = evaluation.evaluate(real_digits(whole), mine, n=500)
    assert seen[3:] == [500] and 0.0 < again.real.pop("recall") <= 1.0
    first.real.pop("recall")
    assert again == first
    mine.x_train[0] = 0  # in place: the same object with other images
    changed = evaluation.evaluate(real_digits(whole), mine, n=500)
    assert sorted(seen[4:]) == [500, len(mine.x_test), len(mine.x_train)]
    assert changed.frechet_floor != again.frechet_floor


def test_one_label_alone_is_judged_and_not_taken_for_another_order(whole):
    """Every sample of the 0 looks like an 8: a bad generator, not a wrong order."""
    nought = {f"{k}_{part}": None for k in "xy" for part in ("train", "test")}
    for part in ("train", "test"):
        mine = getattr(whole, f"y_{part}") == 0
        for k in "xy":
            nought[f"{k}_{part}"] = getattr(whole, f"{k}_{part}")[mine]
    alone = dataclasses.replace(whole, **nought)
    eights = whole.x_train[whole.y_train == 8]
    found = evaluation.evaluate(lambda labels, seed: eights[: len(labels)], alone, n=50)
    assert found.agreement < 0.1 and found.confusion[0][8] > 40 and found.n == 50


def test_data_that_no_judge_reads_and_uneven_numbers_are_refused(whole):
    upside_down = dataclasses.replace(whole, x_test=255 - whole.x_test)
    with pytest.raises(ValueError, match="no judge reads the real test images of digits"):
        evaluation.evaluate(real_digits(whole), upside_down, n=100)
    with pytest.raises(ValueError, match="n is 105, expected a multiple of 10"):
        evaluation.evaluate(real_digits(whole), whole, n=105)


@pytest.mark.parametrize(
    ("spoil", "error", "sentence"),
    [
        (
            lambda images: data.to_model(images),
            TypeError,
            "samples have dtype float32, expected uint8",
        ),
        (lambda images: images // 255, ValueError, r"run from 0 to 1: that looks like \[0, 1\]"),
        (lambda images: images // 2 + 127, ValueError, "real images have black pixels"),
        (lambda images: 255 - images, ValueError, "black on white"),
        (lambda images: images[:-1], ValueError, "199 samples came for 200 labels"),
    ],
)
def test_samples_in_another_range_are_refused(whole, spoil, error, sentence):
    with pytest.raises(error, match=sentence):
        evaluation.evaluate(
            lambda labels, seed: spoil(real_digits(whole)(labels, seed)), whole, n=200
        )


def test_labels_in_another_order_are_refused(whole):
    def shifted(labels, seed):
        return real_digits(whole)((labels + 1) % 10, seed)

    with pytest.raises(
        ValueError, match="the labels disagree: asked for 0 shows 1, .* in 9.% of the samples"
    ):
        evaluation.evaluate(shifted, whole, n=200)


def test_full_adds_memorisation_and_parzen(whole):
    found = evaluation.evaluate(real_digits(whole), whole, n=400, full=True)
    assert found.nearest["samples"] == pytest.approx(0.0, abs=1e-3)  # they are training images
    assert found.nearest["copies"] == found.nearest["copies_features"] == 1.0
    assert found.nearest["test"] > 3 and 0.005 < found.nearest["copies_test"] < 0.02
    assert set(found.parzen) == {"samples", "real", "centroids"}
    assert found.parzen["centroids"]["log_likelihood"] > found.parzen["real"]["log_likelihood"]
    shown = found.shown
    assert shown["outside"].dtype == shown["missed"].dtype == np.uint8
    assert 0 < len(shown["missed"]) <= evaluation.SHOWN
    assert shown["samples"].shape == shown["real"].shape == (400, 2)
    assert "Parzen" in found.table()
    assert {"parzen", "nearest"} <= set(found.as_json()) and "shown" not in found.as_json()
    assert json.loads(json.dumps(found.as_json())) == found.as_json()


def test_training_images_moved_by_a_pixel_are_found_to_be_copies(whole):
    def moved(labels, seed):
        return np.roll(real_digits(whole)(labels, seed), 1, axis=2)

    found = evaluation.evaluate(moved, whole, n=400, full=True)
    assert found.nearest["copies"] == 1.0 and found.nearest["samples"] < 1e-3
    assert found.nearest["copies_features"] > 0.1  # the judge hardly minds a pixel
    assert "nearer than 99 % of the real test images of its label, by features" in found.table()


def test_digits_that_were_not_trained_on_are_no_copies(whole):
    """As many real test images: about one percent is as near as their nearest hundredth."""
    pool = dataclasses.replace(whole, x_train=whole.x_test, y_train=whole.y_test)
    found = evaluation.evaluate(real_digits(pool), whole, n=400, full=True)
    assert found.nearest["copies"] < 0.03 and found.nearest["copies_features"] < 0.03


def test_the_table_shows_what_was_found(whole):
    lines = evaluation.evaluate(real_digits(whole), whole, n=500, seed=3).table().splitlines()
    assert "500 (seed 3)" in lines[0] and "label agreement" in lines[2] and "diversity" in lines[3]
    assert len(lines) == 14 + 10 and lines[-1].split()[0] == "9"
    assert sum(map(int, lines[-1].split()[1:])) == 50
