"""The rows of the speed benchmark that run on TensorFlow train, and draw what was trained."""

import numpy as np
import pytest
import rivals
import speed

BATCH = 32


@pytest.mark.long
@pytest.mark.parametrize("row", "abcfi")
def test_a_row_trains_whole_passes_and_draws(row, digits):
    images = digits.x_train[: 2 * BATCH, ..., np.newaxis] / np.float32(127.5) - np.float32(1.0)
    run = rivals.ROWS[row](images, digits.y_train[: 2 * BATCH].astype(np.int32), BATCH)
    before = speed.drawn(run.draw, rivals)
    run(2)
    after = speed.drawn(run.draw, rivals)
    assert after.shape == (speed.SAMPLES, 28, 28) and after.dtype == np.uint8
    assert (after != before).any()


def test_every_row_has_a_name_and_a_function():
    assert set(rivals.ROWS) == set(speed.ROWS)
    assert set(rivals.EPOCHWISE) <= set(rivals.ROWS) >= set(speed.FRAMEWORKS)


def test_a_row_s_passes_are_counted_until_its_digits_are_good(digits, monkeypatch):
    class Worker:
        """One that draws real digits after its third call."""

        calls = 0

        def train_and_draw(self, row, samples):
            Worker.calls += 1
            shown = digits.x_train[np.argsort(digits.y_train[:100], kind="stable")]
            np.save(samples, shown if Worker.calls == 3 else np.zeros_like(shown))

    import speedrun

    monkeypatch.setattr(speed, "SAMPLES", 100)
    monkeypatch.setitem(speedrun.TARGETS, "good", {"frechet_distance": ("<=", 60.0)})
    good = speed.passes_to_good({"tensorflow": Worker()}, ["g"])
    assert good["g"]["passes"] == 3 * speed.PASSES
    assert list(good["g"]["found"]) == [5, 10, 15]
    monkeypatch.setattr(speed, "MOST_PASSES", 10)
    assert speed.passes_to_good({"tensorflow": Worker()}, ["g"])["g"]["passes"] is None
