"""The shipped generators and judges as NumPy products: no TensorFlow, no training.

What Keras computes with the same weights, `cgan.shipped` and `judge.look`, these functions compute
in a few lines, and start in a fraction of a second. Images are (n, h, w, channels) throughout.
"""

import functools

import numpy as np

from cgan_lab import data, sampling
from cgan_lab._support import files
from cgan_lab._support.arrays import check_images
from cgan_lab._support.names import pick
from cgan_lab.judge import CLASSES, FEATURES, JUDGES
from cgan_lab.networks import LABEL_SCALE, LATENT
from cgan_lab.recipes import SHIPPED

PART = 250  # images at a time, so that a thousand need no more memory than some


class Generator:
    """A shipped generator G(z|y): ``sample`` as `cgan.CGAN.sample`, to a rounding of the pixels."""

    classes, latent = 10, LATENT

    def __init__(self, name):
        self._layers = {"dense": _dense, "deep": _deep}[pick("shipped model", name, SHIPPED)]
        self._weights = _weights(f"{name}.npz")

    def __call__(self, noise, label):
        """Return images float32 ``(n, 28, 28, 1)`` in [-1, 1] for noise and label, as G does."""
        inputs = np.concatenate([noise, LABEL_SCALE * np.asarray(label)], axis=1, dtype=np.float32)
        parts = [np.zeros((0, 28, 28, 1), np.float32)]
        for start in range(0, len(inputs), PART):
            parts.append(self._layers(inputs[start : start + PART], iter(self._weights)))
        return np.concatenate(parts)

    def sample(self, labels, noise=None, seed=None):
        """Draw one image per label: arguments, result and errors are those of `CGAN.sample`."""
        label = sampling.one_hot(labels, self.classes)
        noise = sampling.given_or_new(noise, len(label), self.latent, seed)
        return data.to_pixels(self(noise, label))


def shipped(name):
    """Return the shipped `Generator` of this name; ValueError, listing them, for another."""
    return Generator(name)


def look(images, judge="digits"):
    """Return (labels int64 ``(n,)``, features float32 ``(n, 128)``): `judge.look` in NumPy."""
    images = check_images(images)
    file, _ = pick("judge", judge, JUDGES)
    weights = _weights(file)
    logits = [np.zeros((0, CLASSES), np.float32)]
    features = [np.zeros((0, FEATURES), np.float32)]
    for start in range(0, len(images), PART):
        w = iter(weights)
        x = images[start : start + PART, ..., np.newaxis].astype(np.float32) / np.float32(255)
        for _ in range(2):
            x = _pooled(np.maximum(_normalised(_convolved(x, next(w)), w, 1e-3), 0))
        features.append(np.maximum(_product(x.reshape(len(x), -1), w), 0))
        logits.append(_product(features[-1], w))
    return np.concatenate(logits).argmax(axis=1), np.concatenate(features)


@functools.cache
def _weights(file):
    return files.ordered_weights(files.asset(file))


def _dense(x, w):
    for _ in range(3):
        x = _leaky(_product(x, w))
    return np.tanh(_product(x, w)).reshape(-1, 28, 28, 1)


def _deep(x, w):
    x = (x @ next(w)).reshape(-1, 7, 7, 128)
    x = _leaky(_normalised(x, w))
    for _ in range(2):  # to (14, 14, 64) and (28, 28, 32)
        x = _leaky(_normalised(_stamped(x, next(w)), w))
    return np.tanh(_convolved(x, next(w)) + next(w))


def _product(x, w):
    return x @ next(w) + next(w)


def _leaky(x):
    return np.where(x > 0, x, np.float32(0.2) * x)


def _normalised(x, w, epsilon=1e-5):
    """Return ``x`` less its running mean, over its spread, scaled and shifted."""
    gamma, beta, mean, variance = next(w), next(w), next(w), next(w)
    scale = gamma / np.sqrt(variance + np.float32(epsilon))
    return x * scale + (beta - mean * scale)


def _convolved(x, kernel):
    """Return ``x`` (n, h, w, in) seen through ``kernel`` (k, k, in, out), k odd: (n, h, w, out).

    At each place the sum over the window, black around: what Keras calls padding "same".
    """
    height, width = x.shape[1:3]
    size = len(kernel)
    padded = np.pad(x, [(0, 0), (size // 2, size // 2), (size // 2, size // 2), (0, 0)])
    return sum(
        padded[:, i : i + height, j : j + width] @ kernel[i, j]
        for i in range(size)
        for j in range(size)
    )


def _stamped(x, kernel):
    """Return the transposed convolution 4 x 4 with stride 2: (n, h, w, in) -> (n, 2h, 2w, out).

    Each pixel of ``x`` puts a stamp, ``kernel`` (4, 4, out, in) times its channels, every second
    pixel; stamps add up where they meet, and the outermost ring is cut off.
    """
    n, height, width, _ = x.shape
    out = np.zeros((n, 2 * height + 2, 2 * width + 2, kernel.shape[2]), np.float32)
    for i in range(4):
        for j in range(4):
            out[:, i : i + 2 * height : 2, j : j + 2 * width : 2] += x @ kernel[i, j].T
    return out[:, 1:-1, 1:-1]


def _pooled(x):
    """Return the largest of each 2 x 2 pixels."""
    n, height, width, channels = x.shape
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
