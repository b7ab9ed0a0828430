"""The checks of lesson 04. That of the build starts TensorFlow, on a tiny generator."""

import numpy as np

from cgan_lab import sampling
from cgan_lab.checks._kit import (
    NotAttempted,
    Wrong,
    blank,
    call,
    close,
    exercise,
    expect,
    must_be_function,
)


@exercise(
    "04.style_grid",
    "a column is one handwriting, a row is one label.",
    idea="write the small case by hand first: labels 7 and 4, noises a, b and c. Row after "
    "row, which label stands in each of the six places, and which noise? One list repeats "
    "each entry, the other repeats as a whole.",
    like="a timetable of 2 days and 3 hours, day after day: the days are Mo Mo Mo Tu Tu Tu, "
    "`np.repeat(days, 3)`; the hours are 8 9 10 8 9 10, `np.tile(hours, 2)`. Your noises "
    "are rows of a matrix: what must np.tile be told so that it repeats rows and not "
    "columns?",
    learn="shapes are equal either way, so nothing crashes. A grid is tested by single places: "
    "the first row, the first column.",
)
def _style_grid(answer):
    noise, labels = np.arange(12.0).reshape(3, 4), np.array([7, 4])
    got = call(answer, noise, labels)
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong("expected two things, the labels and the noise: return labels, noise.")
    want_labels, want_noise = sampling.style_grid(noise, labels)
    if np.shape(got[0]) == want_labels.shape and np.shape(got[1]) == want_noise.shape:
        alternate = np.array_equal(got[0], np.tile(labels, 3))
        beside = np.array_equal(got[1], np.repeat(noise, 2, axis=0))
        if alternate and beside:
            raise Wrong("every pair is there, but a row would be one noise and a column one label.")
        if alternate:
            raise Wrong("the labels alternate, 7 4 7 4; a row should be one label: 7 7 7 4 4 4.")
        if beside:
            raise Wrong("the noises are a a b b c c; a column should be one noise: a b c a b c.")
    close(got[0], want_labels, "the labels")
    close(got[1], want_noise, "the noise")


@exercise(
    "04.label_path",
    "each row is a mixture of the two, and sums to 1.",
    idea="a label is a row of shares here. At the start all of the share is with the first "
    "label, at the end with the second; between them one share falls as the other rises. "
    "Numbers of labels never appear in the arithmetic.",
    like="from red (1, 0, 0) to blue (0, 0, 1) in 3 steps: the shares of blue are 0, 0.5, 1, "
    "as a column; red times 1 minus the column, plus blue times the column, gives (1, 0, "
    "0), (0.5, 0, 0.5), (0, 0, 1). How do you get the two rows of your labels?",
    learn="classes are names, not amounts: halfway from 3 to 1 lies no 2. So mix the one-hot "
    "rows. A column (steps, 1) times a row (classes,) gives all steps at once.",
)
def _label_path(answer):
    want = sampling.label_path(3, 1, 5, 4)
    share = np.linspace(0, 1, 5)[:, None]
    start, end = np.eye(4)[[3, 1]]
    numbers = np.eye(4)[[3, 2, 2, 2, 1]]
    if np.shape(call(answer, 3, 1, 5, 4)) == (5,):
        raise Wrong("these are five numbers; each step is a row of 4, the shares of all classes.")
    mistakes = {
        "it runs the wrong way, from end to start.": want[::-1],
        "both labels have the same share; one falls while the other rises.": share * (start + end),
        "interpolated numbers: from 3 to 1 it asks for a 2. Mix the one-hot rows.": numbers,
        "only the second label is there; the first must fade from 1 to 0.": share * end,
    }
    expect(answer, (3, 1, 5, 4), want, "the path", mistakes)


@exercise(
    "04.latent_path",
    "it keeps the length that noise has, all along the path.",
    idea="both ends have one length, and the angle between them is known from their inner "
    "product. The weights of the two ends are sines of parts of this angle, as in section "
    "3. What are they at t = 0 and at t = 1?",
    like="from (1, 0) to (0.5, 0.87), 60 degrees apart, halfway: both weights are sin(30) / "
    "sin(60) = 0.577, which gives (0.87, 0.5), of length 1. The plain mean (0.75, 0.43) "
    "has length 0.87. What is the angle of your two vectors?",
    learn="test a path at both ends, and by its length in between. In many dimensions two "
    "random vectors are nearly at a right angle, and there cos and sin of t pi/2 would do "
    "almost as well.",
)
def _latent_path(answer):
    start, end = np.random.default_rng(5).normal(size=(2, 20))
    end *= np.linalg.norm(start) / np.linalg.norm(end)
    want = sampling.latent_path(start, end, 7)
    t = np.linspace(0, 1, 7)[:, None]
    angle = np.arccos(start @ end / (start @ start))
    line = (1 - t) * start + t * end
    quarter = np.cos(t * np.pi / 2) * start + np.sin(t * np.pi / 2) * end
    mistakes = {
        "this is the straight line: halfway it is much too short. Go along the arc.": line,
        "without the division by sin(w) the ends are not start and end.": want * np.sin(angle),
        "it runs the wrong way, from end to start.": want[::-1],
        "sin and cos of t pi/2 are right only for a right angle; use the angle they have.": quarter,
    }
    expect(answer, (start, end, 7), want, "the path", mistakes, tolerance=1e-4)


class _Pen:
    """A tiny generator in which each number of the noise darkens four pixels of its own.

    The label darkens the same groups of pixels, so that other noise can stand in for it.
    """

    def __init__(self):
        import keras
        import tensorflow as tf

        rng = np.random.default_rng(4)
        layers = keras.layers
        noise, label = keras.Input((6,)), keras.Input((3,))
        stroke = layers.Dense(24, use_bias=False)
        form = layers.Dense(24, use_bias=False)
        drawn = layers.Activation("tanh")(layers.Add()([stroke(noise), form(label)]))
        self.model = keras.Model([noise, label], layers.Reshape((4, 6, 1))(drawn))
        self.shift = rng.normal(size=(3, 6))  # noise that does what a label does
        stroke.set_weights([0.5 * np.repeat(np.eye(6), 4, axis=1)])
        form.set_weights([0.5 * np.repeat(self.shift, 4, axis=1)])
        self.label = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1]]
        self.hidden = rng.normal(size=(5, 6)).astype(np.float32)
        self.noise = rng.normal(size=(5, 6)).astype(np.float32)
        self.pictures = self.model([self.hidden, self.label]).numpy()
        self.start = [weight.numpy() for weight in self.model.weights]
        self.tf = tf

    def find(self, invert, steps, rate=0.1):
        """Return what the learner's ``invert`` finds, after checking its shape and the weights."""
        must_be_function(invert)
        batch = (np.copy(x) for x in (self.pictures, self.label, self.noise))
        try:
            found = invert(self.model, *batch, steps, rate)
        except (ValueError, TypeError) as error:
            for part, sentence in _OBSTACLES.items():
                if part in str(error):
                    raise Wrong(sentence) from error
            raise
        pairs = zip(self.model.weights, self.start, strict=True)
        if any((weight.numpy() != before).any() for weight, before in pairs):
            raise Wrong(
                "the generator's weights moved. They stay; the gradient is asked with respect to "
                "the noise, and the noise alone is updated."
            )
        if blank(found):
            raise NotAttempted
        if np.shape(found) != self.noise.shape:
            kind = "pictures" if np.shape(found) == self.pictures.shape else "something else"
            raise Wrong(
                f"it returns {kind} of shape {np.shape(found)}; expected the noise, "
                f"{self.noise.shape}, one row per picture."
            )
        return np.asarray(found)

    def error(self, noise, pictures=None, label=None):
        """Return the largest difference of a pixel from ``pictures`` under this noise."""
        label = self.label if label is None else label
        drawn = self.model([noise.astype(np.float32), label.astype(np.float32)]).numpy()
        return np.abs(drawn - (self.pictures if pictures is None else pictures)).max()


_MISSED = "no gradient reaches the noise: make it a tf.Variable, and draw from it inside the tape."
_OBSTACLES = {  # part of what TensorFlow or Keras says -> the sentence
    "mix tensors and non-tensors": (
        "Keras takes tensors together, not a tensor and an array: tf.constant makes one of label."
    ),
    "NoneType": _MISSED,
    "No gradients": _MISSED,
    "None gradient": _MISSED,
}


@exercise(
    "04.invert",
    "the same descent as in training, with the noise in the place of the weights.",
    idea="training asks which weights make the loss small, with the pictures given. Here weights "
    "and pictures are given and the noise is sought: so what has to be a variable, what does the "
    "tape differentiate, and what does the optimizer move?",
    like="which x gives x^2 = 9, starting at 1? The loss is (x^2 - 9)^2, its slope 4 x (x^2 - 9) = "
    "-32, so with rate 0.01 x moves to 1.32, then 1.70, and settles at 3. From -1 it would settle "
    "at -3: as right. In TensorFlow x is a `tf.Variable`, the loss is computed inside the tape, "
    "the optimizer gets the slope together with [x]. Which is your x, and which your 9?",
    learn="a gradient leads to whatever is differentiated: weights in training, pixels in a "
    "penalty, noise here. What is found depends on the start, so try several and keep the best.",
    used="lesson 04, section 6, and lesson 05",
)
def _invert(answer):
    pen = _Pen()
    found = pen.find(answer, 100)
    moved = found - pen.noise
    if not moved.any():
        raise Wrong("the noise did not move: the slope is never used to update it.")
    if not np.array_equal(found, pen.find(answer, 100)):
        raise Wrong("two calls, two results: it draws noise of its own. Begin at `noise`.")
    case = (
        f"on a tiny generator a pixel is off by up to {pen.error(found):.2f} after 100 steps of "
        f"0.1; at the start it was {pen.error(pen.noise):.2f}, and 0 can be reached."
    )
    if np.ptp(moved, axis=0).max() < 1e-3 or np.ptp(found, axis=0).max() < 1e-3:
        raise Wrong(
            "all rows make the same step: the batch is mixed. Each picture has its own noise and "
            "its own slope; do not average over the batch.",
            case,
        )
    unlike = np.broadcast_to(pen.pictures.mean(axis=0), pen.pictures.shape)
    if pen.error(found, unlike) < 0.1:
        raise Wrong("every picture is compared with the mean of all of them.", case)
    if pen.error(found) > 0.05:
        for other in (np.zeros_like(pen.label), *(np.tile(row, (5, 1)) for row in np.eye(3))):
            if pen.error(found, label=other) < 0.05:
                raise Wrong("the label is not used: G must draw under each picture's own.", case)
        if pen.error(found) > pen.error(pen.noise):
            raise Wrong("it moves away from the pictures: descend, do not climb.", case)
        raise Wrong(
            "it comes nearer, but not near: sum the squares over pixels and pictures, and let Adam "
            "take all the steps with the rate given.",
            case,
        )
    _obeys(answer, pen)
    off = np.abs(found - pen.hidden).max()
    return f"On a tiny generator the noise comes back to within {off:.2f}."


def _obeys(answer, pen):
    """Raise `Wrong` unless a search that arrives begins at `noise`, heeds steps, rate and Adam."""
    kept = pen.find(answer, 0)
    if pen.error(kept) < 0.05:
        raise Wrong("steps is not used: with 0 steps the noise must come back as it was.")
    if not np.allclose(kept, pen.noise):
        raise Wrong("it does not start from the noise given: after 0 steps it is another one.")
    if np.abs(pen.find(answer, 3, 1e-4) - pen.noise).max() > 0.05:
        raise Wrong("rate is not used: 3 steps of 0.0001 moved the noise far.")
    first = np.abs(pen.find(answer, 1) - pen.noise)
    if not first.any():
        raise Wrong("one step too few: with 1 step the noise must have moved once.")
    if np.ptp(first) > 0.5 * first.max():
        raise Wrong(
            "this is plain descent: its steps grow with the slope, and the rates of the lesson are "
            "Adam's. Let Adam take the steps."
        )
    sizes = np.abs(pen.find(answer, 10) - pen.find(answer, 9)) / 0.1
    if np.abs(sizes - 1).max() < 0.05:
        raise Wrong(
            "each step is as long as the first: an optimizer that is made anew in the loop has no "
            "memory of earlier slopes. Make it once, before the loop."
        )
