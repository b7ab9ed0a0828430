"""What every figure is made with: panels, tiles of images, PNG. Takes arrays only.

Figures are made without pyplot, so that none stays open and none is drawn twice; show one with
`show`.
"""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from cgan_lab._support.arrays import check_images
from cgan_lab._support.language import said

GAP = 2  # pixels between two images


def show(figure, alt):
    """Display ``figure`` in a notebook with ``alt``, the text for readers who cannot see it.

    The text is stored beside the picture as its plain form: a screen reader reads it, and the test
    of the notebooks compares it. Shown in lesson 00.
    """
    from IPython.display import display

    alt = said(alt)
    data = {"image/png": png(figure), "text/plain": alt}
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)


def png(figure):
    """Return ``figure`` as PNG bytes, without time stamp or program version."""
    buffer = io.BytesIO()
    options = {"dpi": 96, "bbox_inches": "tight", "metadata": {"Software": None}}
    figure.savefig(buffer, format="png", **options)
    return buffer.getvalue()


def digits(images, columns=10, row_names=None, scale=0.55):
    """Return a figure of uint8 images ``(n, 28, 28)`` in rows of ``columns``.

    ``row_names``: a name for each row, at its left; ``scale``: inches per image. Raises ValueError
    or TypeError for other images and for more or fewer names than rows. Shown in lesson 00.
    """
    images = check_images(images, size=None)
    rows = -(-len(images) // columns)
    if row_names and len(row_names) != rows:
        raise ValueError(f"{len(row_names)} row names, expected {rows}: one for each row.")
    figure, (axes,) = panels(columns * scale, rows * scale)
    sheet(axes, images, columns, row_names)
    return figure


def sheet(axes, images, columns=10, row_names=None, **font):
    """Draw images ``(n, height, width)`` into ``axes`` in rows of ``columns``, each row named."""
    axes.imshow(tile(images, columns), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
    step = images.shape[1] + GAP
    middles = [step * row + step / 2 for row in range(-(-len(images) // columns))]
    axes.set_yticks(middles, row_names or [""] * len(middles), **font)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def tile(images, columns=10):
    """Return images ``(n, height, width)`` as one uint8 array, in rows of ``columns``.

    Around each image are `GAP` pixels of 0.
    """
    images = np.asarray(images)
    n, height, width = images.shape
    down, right = height + GAP, width + GAP  # from one image to the next
    out = np.zeros((-(-n // columns) * down + GAP, columns * right + GAP), np.uint8)
    for i, image in enumerate(images):
        top = GAP + i // columns * down
        left = GAP + i % columns * right
        out[top : top + height, left : left + width] = image
    return out


def enlarged_png(images, columns=10, times=2):
    """Return uint8 images ``(n, 28, 28)`` as PNG bytes, dark on white, without axes and fast.

    ``columns``: images per row; ``times``: pixels of the PNG per pixel of an image.
    """
    pixels = 255 - tile(images, columns)
    return quick_png(pixels.repeat(times, axis=0).repeat(times, axis=1))


def quick_png(pixels):
    """Return uint8 pixels as PNG bytes, hardly compressed: a control needs them soon, not small."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def panels(width, height, columns=1, rows=1, **options):
    """Return (a figure of so many inches, a list of its axes, ``columns`` in each row)."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False, **options).ravel())


def plain(axes, title=None, **settings):
    """Hide the lines at the top and right of ``axes``, set ``title`` and ``settings``, return it.

    ``settings``: what ``axes.set`` takes.
    """
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(title, fontsize=11)
    axes.set(**settings)
    return axes


def styled(curves, colours, marks):
    """Yield (name, values, colour, mark) for each of ``curves``, a dict from names to values.

    Raises ValueError if there are more curves than colours.
    """
    if len(curves) > len(colours):
        raise ValueError(f"{len(curves)} curves, expected {len(colours)} or fewer.")
    for (name, values), colour, mark in zip(curves.items(), colours, marks, strict=False):
        yield name, values, colour, mark


def legend_beside(axes):
    """Put the legend of ``axes`` at its right, outside."""
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def legend_below(figure, columns, **font):
    """Put the legend of the first panel below all panels of ``figure``."""
    entries = figure.axes[0].get_legend_handles_labels()
    figure.legend(*entries, loc="outside lower center", ncols=columns, frameon=False, **font)


class Moving:
    """A figure of which only ``lines`` are drawn again, so that a picture can follow a slider.

    An image can be one of the lines: its curve is a tuple of one array. Shown in lesson 01.
    """

    def __init__(self, figure, lines):
        figure.set_dpi(80)
        self.lines = lines
        self.canvas = FigureCanvasAgg(figure)
        for line in lines:
            line.set_animated(True)  # leaves it out of the background
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(figure.bbox)

    def png(self, *curves):
        """Return PNG bytes of the figure with line k at ``curves[k]``, a pair of arrays (x, y)."""
        self.canvas.restore_region(self.background)
        for line, curve in zip(self.lines, curves, strict=True):
            line.set_data(*curve)
            line.axes.draw_artist(line)
        return quick_png(np.asarray(self.canvas.buffer_rgba())[..., :3])
