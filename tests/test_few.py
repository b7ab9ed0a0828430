"""The benchmark of few pictures: what a row has, what D is shown, and what is counted as a copy."""

import few
import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import augmentation, data

LABELS = data.load("digits").y_train


@pytest.mark.parametrize(
    ("row", "each"),
    [("500", 50), ("2000", 200), ("8000", None), ("rare", None)],
)
def test_a_row_has_the_first_digits_of_each_label(row, each):
    mine = few.chosen(few.ROWS[row], LABELS)
    whole, counts = np.bincount(LABELS), np.bincount(LABELS[mine])
    want = whole if each is None else np.full(10, each)
    want[few.RARE] = few.OF_RARE if row == "rare" else want[few.RARE]
    assert counts.tolist() == want.tolist()
    for label in range(10):
        of_label = mine[LABELS[mine] == label]
        assert np.array_equal(of_label, np.flatnonzero(LABELS == label)[: len(of_label)])


@pytest.mark.parametrize(("row", "steps"), [("500", 1860), ("500, longer", 5580)])
def test_every_row_makes_its_steps_in_whole_epochs(row, steps):
    labels = LABELS[few.chosen(few.ROWS[row], LABELS)]
    order = few.order_of(few.ROWS[row], labels, seed=0)
    assert order.shape == (steps, 128) and order.max() < 500
    assert len(np.unique(order[:3])) == 384  # an epoch shows no digit twice


def test_drawn_equally_a_rare_label_comes_as_often_as_others():
    row = few.ROWS["rare equal"]
    labels = LABELS[few.chosen(row, LABELS)]
    drawn = np.bincount(labels[few.order_of(row, labels, seed=0).ravel()]) / (1860 * 128)
    assert np.allclose(drawn, 0.1, atol=0.015)
    usual = labels[few.order_of(few.ROWS["rare"], labels, seed=0).ravel()]
    assert np.mean(usual == few.RARE) == pytest.approx(40 / 7355, rel=0.05)


def test_d_is_shown_changed_what_the_row_says():
    """What `_judged` gets in a step: real images and fakes in D's turn, fakes in G's."""
    rows = {
        "both": few.ROWS["500 shift"],
        **{sees: few.ROWS[f"500 shift, {sees}"] for sees in ("real alone", "D's turn alone")},
    }
    images = tf.fill((8, 28, 28, 1), 1.0)  # white, so that a move shows as black at an edge
    moved = augmentation.get("shift").of
    changed = {}
    for name, row in rows.items():
        model = few.build(row, seed=0)
        network = model.discriminator
        shown = []

        def keep(inputs, training, shown=shown, network=network):
            shown.append(inputs[0])
            return network(inputs, training=training)

        keep.trainable_variables = network.trainable_variables
        object.__setattr__(model, "discriminator", keep)
        model.step(images, tf.range(8))
        real, fakes, again = shown
        assert not np.allclose(real, images)
        changed[name] = bool(np.allclose(fakes, again))
        plain = few.build(row, seed=0)
        z = tf.random.stateless_normal((8, 100), [0, 0])
        drawn = plain.generator([z, tf.one_hot(tf.range(8), 10)], training=True)
        seed = tf.random.experimental.stateless_fold_in(tf.constant([0, 0]), 4)
        want = drawn if name == "real alone" else moved(drawn, seed)
        np.testing.assert_allclose(fakes, want, atol=1e-5)
        if name == "D's turn alone":
            np.testing.assert_allclose(again, drawn, atol=1e-5)
    assert changed == {"both": True, "real alone": True, "D's turn alone": False}


def test_copies_are_counted_and_others_are_not():
    digits = data.load("digits")
    seen = digits.x_train[:2000], digits.y_train[:2000]
    unseen = digits.x_test, digits.y_test
    copies = few.copied(*seen, seen, unseen)
    assert copies["copies"] == 1.0 and copies["to_seen"] > 0.7  # not all of the 2,000 are searched
    others = few.copied(digits.x_train[4000:5000], digits.y_train[4000:5000], seen, unseen)
    assert others["copies"] < 0.03 and 0.45 < others["to_seen"] < 0.55
    one = few.copied(*seen, seen, unseen, label=5)
    assert one["copies"] == 1.0


def test_digits_lie_in_the_middle_and_moved_ones_beside_it():
    digits = data.load("digits").x_train[:500]
    assert few.off_centre(digits) < 0.5
    assert few.off_centre(np.roll(digits, 2, axis=1)) == pytest.approx(2.0, abs=0.2)
