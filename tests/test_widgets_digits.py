"""The digit picker, driven without a browser: values in, pictures out."""

import io

import numpy as np
from PIL import Image

from cgan_lab import plots, widgets


def striped(labels, noise):
    """A sampler of ten lines: the label sets the grey, the noise the first pixel."""
    images = np.repeat((20 * np.asarray(labels)).astype(np.uint8), 784).reshape(-1, 28, 28)
    images[:, 0, 0] = (np.abs(noise[:, 0]) * 50).astype(np.uint8)
    return images


def pixels(picker):
    return np.asarray(Image.open(io.BytesIO(picker.image.value)))


def test_a_press_on_a_digit_shows_that_digit():
    picker = widgets.digit_picker(striped, latent=3)
    for label in (0, 7, 3):
        picker.label.value = label
        assert pixels(picker)[40, 40] == 255 - 20 * label
        assert f"<b>{label}</b>" in picker.text.value


def test_the_slider_sets_how_many_and_keeps_the_first():
    picker = widgets.digit_picker(striped, latent=3)
    picker.label.value = 5
    ten = pixels(picker)
    picker.count.value = 20
    assert pixels(picker).shape == (2 * 62, 2 * 302) and np.array_equal(
        pixels(picker)[:60], ten[:60]
    )


def test_new_noise_draws_others_and_a_new_label_keeps_the_noise():
    picker = widgets.digit_picker(striped, latent=3)
    before = pixels(picker)
    picker.again.click()
    after = pixels(picker)
    assert not np.array_equal(before, after) and "noise 1" in picker.text.value
    picker.label.value = 1
    assert np.array_equal(pixels(picker)[4, 4::60], after[4, 4::60])


def test_an_error_is_shown_in_words_and_the_picker_goes_on():
    calls = []

    def moody(labels, noise):
        calls.append(labels[0])
        if labels[0] == 4:
            raise RuntimeError("out of <ink>")
        return striped(labels, noise)

    picker = widgets.digit_picker(moody, latent=3)
    picture = picker.image.value
    picker.label.value = 4
    assert "RuntimeError: out of &lt;ink&gt;" in picker.text.value and picker.image.value == picture
    picker.label.value = 2
    assert "<b>2</b>" in picker.text.value and calls == [0, 4, 2]


def test_it_stands_in_for_itself_where_no_widget_shows():
    assert repr(widgets.digit_picker(striped, latent=3)).startswith(
        "digit picker: a button for each digit"
    )


def test_long_class_names_have_room():
    picker = widgets.digit_picker(striped, class_names=["Ankle boot", "Bag"], latent=3)
    assert picker.label.style.button_width == "5.5em" and len(picker.label.options) == 2


def test_enlarged_png_is_the_tiles_dark_on_white():
    image = plots.enlarged_png(np.full((3, 28, 28), 255, np.uint8), columns=3)
    shown = np.asarray(Image.open(io.BytesIO(image)))
    assert shown.shape == (64, 184) and shown[0, 0] == 255 and shown[10, 10] == 0
