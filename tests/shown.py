"""What a control shows, read back; and a sampler that remembers what it was asked for."""

import io
import re

import numpy as np
from PIL import Image


def pixels(shown):
    """Return the pixels of a control's picture, or of PNG bytes, as an array."""
    png = shown if isinstance(shown, bytes) else shown.image.value
    return np.asarray(Image.open(io.BytesIO(png)))


def words(control):
    """Return the sentence of a control without its tags."""
    return re.sub("<.*?>", "", control.text.value).replace("&minus;", "-")


class Sampler:
    """Draws pictures as grey as 20 times the label; the first pixel tells the noise."""

    def __call__(self, labels, noise):
        self.labels = np.array(labels)
        self.noise = np.array(noise)
        asked = self.labels if self.labels.ndim == 1 else self.labels @ np.arange(10)
        images = np.rint(20 * asked)[:, None, None] * np.ones((1, 28, 28))
        images[:, 0, 0] = first_pixels(noise)
        return images.astype(np.uint8)


def first_pixels(noise):
    """Return the first pixel of each of the `Sampler`'s pictures for this noise, uint8 ``(n,)``."""
    return np.clip(128 + 40 * np.asarray(noise)[:, 0], 0, 255).astype(np.uint8)
