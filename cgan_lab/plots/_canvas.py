"""What every figure is made with: colours, tiles of images, PNG. Takes arrays; knows no lesson.

Figures are made without pyplot, so that nothing is drawn twice and no figure stays open; show one
with `show`. Colours are those of Okabe and Ito, which people with any colour vision tell apart.
"""

import io

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#F0E442",
    "#000000",
)


def show(figure, alt):
    """Display ``figure`` in a notebook with ``alt``, the text for readers who cannot see it.

    The text is stored beside the picture as its plain form, so a screen reader reads it and a
    notebook test compares it. Shown in lesson 00.
    """
    from IPython.display import display

    display(
        {"image/png": png(figure), "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )


def png(figure):
    """Return ``figure`` as PNG bytes, without time stamp or program version."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=96, bbox_inches="tight", metadata={"Software": None})
    return buffer.getvalue()


def digits(images, columns=10, row_names=None, title=None, scale=0.55):
    """Return a figure of uint8 images ``(n, 28, 28)`` in rows of ``columns``, each row named on its left.

    Shown in lesson 00.
    """
    images = np.asarray(images)
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"images are {images.dtype} {images.shape}, expected uint8 (n, height, width)."
        )
    rows = -(-len(images) // columns)
    figure = Figure(
        figsize=(columns * scale, rows * scale + (0.4 if title else 0)), layout="constrained"
    )
    axes = figure.add_subplot()
    axes.imshow(tile(images, columns), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
    step = images.shape[1] + 2
    axes.set_yticks([step * r + step / 2 for r in range(rows)], row_names or [""] * rows)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if title:
        axes.set_title(title, fontsize=11)
    return figure


def enlarged_png(images, columns=10, times=2):
    """Return uint8 images ``(n, 28, 28)`` as PNG bytes, dark on white, each pixel ``times`` as wide: no axes, fast."""
    sheet = 255 - tile(images, columns)
    return quick_png(sheet.repeat(times, axis=0).repeat(times, axis=1))


def quick_png(pixels):
    """Return pixels as PNG bytes, hardly compressed: for a control, a larger file is better than a later one."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def tile(images, columns=10, gap=2):
    """Return images ``(n, height, width)`` as one uint8 array of rows of ``columns``, ``gap`` pixels apart."""
    images = np.asarray(images)
    n, height, width = images.shape
    rows = -(-n // columns)
    out = np.zeros((rows * (height + gap) + gap, columns * (width + gap) + gap), np.uint8)
    for i, image in enumerate(images):
        top, left = gap + i // columns * (height + gap), gap + i % columns * (width + gap)
        out[top : top + height, left : left + width] = image
    return out


def plain(axes):
    """Hide the lines at the top and at the right of ``axes``, and return it."""
    axes.spines[["top", "right"]].set_visible(False)
    return axes


class Moving:
    """A figure in which only ``lines`` move; all else is drawn once, so that a picture follows a slider.

    An image can be one of the lines: its curve is a tuple of one array. Shown in lesson 01.
    """

    def __init__(self, figure, lines):
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure.set_dpi(80)
        self.lines, self.canvas = lines, FigureCanvasAgg(figure)
        for line in lines:
            line.set_animated(True)  # leaves it out of the background
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(figure.bbox)

    def png(self, *curves):
        """Return PNG bytes of the figure with line k moved to ``curves[k]``, a pair of arrays (x, y)."""
        self.canvas.restore_region(self.background)
        for line, curve in zip(self.lines, curves, strict=True):
            line.set_data(*curve)
            line.axes.draw_artist(line)
        return quick_png(np.asarray(self.canvas.buffer_rgba())[..., :3])
