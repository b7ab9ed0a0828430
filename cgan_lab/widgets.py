"""Every control. Knows plots, metrics, sampling and the objective; takes any callable that samples.

A control never prints or plots: it sets the ``value`` of an Image (PNG bytes) and of an HTML (the
same in words), which shows in JupyterLab, Colab and a test alike. Works with ipywidgets 7.7 and 8.
"""

import html

import ipywidgets
import numpy as np

from cgan_lab import metrics, objective, plots, plots_evaluation, plots_networks, sampling


class Explorer(ipywidgets.VBox):
    """Sliders, a picture and a sentence that follow them. ``name``: what stands in for it where no widget shows.

    ``draw(*values)`` takes the sliders' values and returns (PNG bytes, HTML text). An exception in it
    is shown in place of the sentence, and the picture stays. Parts: ``controls``, ``image``, ``text``.
    """

    def __init__(self, name, controls, draw):
        self.name, self.controls, self.draw = name, controls, draw
        self.image, self.text = picture(), ipywidgets.HTML()
        for control in controls:
            control.observe(self._follow, names="value")
        super().__init__(children=[*controls, self.text, self.image])
        self._follow()

    def _follow(self, change=None):
        try:
            drawn, sentence = self.draw(*(control.value for control in self.controls))
        except Exception as error:  # in a callback it would vanish into a log
            self.text.value = f"<b>No picture for these values.</b> {html.escape(f'{type(error).__name__}: {error}')}"
        else:
            self.image.value, self.text.value = drawn, sentence

    def __repr__(self):  # the usual one holds the picture's bytes
        return f"{self.name} (run this cell to use it)"


def picture():
    """Return an empty image widget, which is shown in its own size; the box would stretch and blur it."""
    return ipywidgets.Image(format="png", layout={"align_self": "flex-start", "max_width": "100%"})


def slider(description, value, low, high, step):
    """Return a float slider whose name is not cut off and which reports while it is moved."""
    return ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=".1f" if step < 1 else ".0f",
        continuous_update=True,
        style={"description_width": "13em"},
        layout=ipywidgets.Layout(width="36em", max_width="100%"),
    )


def minimax_explorer():
    """Return an `Explorer` of the game on one axis: move the generator, see D*, V(D*, G) and JSD.

    The data are two humps; the sliders are the generator's mean and width. Shown in lesson 01.
    """
    x = np.linspace(-12.0, 12.0, 601)
    p = objective.mixture(x, [-2.0, 2.0], [0.5, 0.5], [0.5, 0.5])
    figure = plots.densities(x, p, p, {"D*": np.full_like(x, 0.5)}, limit=0.85)
    figure.axes[0].set_xlim(-8.0, 8.0)  # the grid goes further, to hold all of a wide q
    moving = plots.Moving(figure, [figure.axes[0].lines[1], figure.axes[1].lines[1]])

    def draw(mean, width):
        q = objective.gaussian(x, mean, width)
        best = objective.optimal_discriminator(p, q)
        divergence = objective.js_divergence(x, p, q)
        pull, strong_pull = objective.shift_gradients(x, p, q)
        sentence = (
            f"JSD(p, q) = <b>{divergence:.3f}</b> of at most 0.693. "
            f"V(D*, G) = &minus;log 4 + 2 JSD = <b>{objective.value_at_optimum(x, p, q):.3f}</b>. "
            f"Gradient on the mean: saturating {pull:+.3f}, non-saturating {strong_pull:+.3f}."
        )
        return moving.png((x, q), (x, best)), sentence

    sliders = [slider("generator's mean", 0.5, -4.0, 4.0, 0.1), slider("generator's width", 1.5, 0.5, 2.5, 0.1)]
    return Explorer("minimax explorer: two sliders, densities and D*", sliders, draw)


def gradient_explorer():
    """Return an `Explorer` of the two generator losses: move D's logit on a fake, read both gradients.

    Shown in lesson 01.
    """
    logit = np.linspace(-8.0, 8.0, 161)
    losses = {"saturating": objective.saturating_loss(logit), "non-saturating": objective.non_saturating_loss(logit)}
    gradients = {
        "saturating": objective.saturating_gradient(logit),
        "non-saturating": objective.non_saturating_gradient(logit),
    }
    figure = plots.generator_losses(logit, losses, gradients, at=0.0)
    moving = plots.Moving(figure, [axes.lines[-1] for axes in figure.axes])

    def draw(a):
        weak, strong = objective.saturating_gradient(a), objective.non_saturating_gradient(a)
        sentence = (
            f"D(G(z)) = <b>{objective.sigmoid(a):.4f}</b>. Gradient of the saturating loss: <b>{weak:.4f}</b>; "
            f"of the non-saturating one: <b>{strong:.4f}</b>, {strong / weak:.3g} times as much."
        )
        return moving.png(*[([a, a], [0, 1])] * 2), sentence

    return Explorer(
        "gradient explorer: one slider, both losses", [slider("D's logit on a fake", 0.0, -8.0, 8.0, 0.5)], draw
    )


def projection_explorer():
    """Return an `Explorer` of a discriminator's last step in a plane of two features, for three labels.

    Left, the label is joined to the features, and can only shift the boundary w . f + b + u = 0 of
    what D accepts. Right, it is projected, and turns the boundary V_y . f + b = 0. Shown in lesson 02.
    """
    points, labels = plots_networks.three_labels()
    figure = plots_networks.feature_planes(points, labels)
    moving = plots.Moving(figure, [line for axes in figure.axes for line in axes.lines[-2:]])

    def draw(label, shift, angle):
        turned = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        curves, words = [], []
        for name, normal, offset in (("joined", np.array([0.0, 1.0]), shift), ("projected", turned, -0.6)):
            curves.extend(plots_networks.half_plane(points, normal, offset))
            accepted = labels[points @ normal + offset > 0]
            own = np.sum(accepted == label)
            words.append(f"{name} accepts <b>{own}</b> of its 20 and <b>{len(accepted) - own}</b> of the other 40")
        return moving.png(*curves), f"Asked for label <b>{label:.0f}</b>: {'; '.join(words)}."

    sliders = [
        slider("label y asked for", 0.0, 0.0, 2.0, 1.0),
        slider("u, the shift of label y", 0.0, -2.5, 2.5, 0.1),
        slider("angle of V_y in degrees", 0.0, 0.0, 360.0, 10.0),
    ]
    return Explorer("projection explorer: three sliders, two ways in", sliders, draw)


def cloud_explorer():
    """Return an `Explorer` of two clouds in a plane: move and stretch the samples, see which metric notices.

    Shown in lesson 05.
    """
    rng = np.random.default_rng(0)
    real, start = rng.normal(size=(2, 150, 2))
    reach = metrics.radii(real)
    figure = plots_evaluation.clouds(real, start, reach, metrics.radii(start))
    left, right = figure.axes
    moving = plots.Moving(figure, [*left.lines[-2:], *right.lines[-4:]])

    def draw(spread, shift):
        fake = spread * start + [shift, 0.0]
        near = metrics.neighbourhoods(real, fake)
        sentence = (
            f"Frechet distance <b>{metrics.frechet_distance(fake, real):.2f}</b>, "
            f"precision <b>{near['precision']:.2f}</b>, "
            f"recall <b>{near['recall']:.2f}</b>, density {near['density']:.2f}, coverage {near['coverage']:.2f}."
        )
        return moving.png(*plots_evaluation.cloud_curves(real, fake, reach, metrics.radii(fake))), sentence

    sliders = [slider("samples' spread", 1.0, 0.1, 2.0, 0.1), slider("samples' shift", 0.0, 0.0, 3.0, 0.1)]
    return Explorer("cloud explorer: two sliders, two clouds and what the metrics say", sliders, draw)


def steering_explorer(sample, rows, class_names=tuple("0123456789")):
    """Return an `Explorer` of ten samples: two labels and their mixture, three directions of noise, new noise.

    ``sample``: as for `digit_picker`; ``rows``: directions of noise, ``(3 or more, latent)``, see
    `sampling.directions`. Shown in lesson 04.
    """
    rows, latent = np.asarray(rows, np.float32)[:3], np.shape(rows)[1]
    names = [(name, label) for label, name in enumerate(class_names)]

    def draw(first, second, share, *moves):
        *moves, number = moves
        noise = sampling.noise(10, latent, int(number)) + np.asarray(moves, np.float32) @ rows
        mixture = (1.0 - share) * np.eye(len(names))[first] + share * np.eye(len(names))[second]
        images = sample(np.repeat(mixture[None, :], 10, axis=0), noise=noise)
        asked = f"<b>{1 - share:.0%}</b> {html.escape(class_names[first])}"
        return plots.enlarged_png(images, times=3), f"{asked} and <b>{share:.0%}</b> {html.escape(class_names[second])}"

    choose = {"style": {"description_width": "13em"}, "layout": {"width": "36em", "max_width": "100%"}}
    controls = [
        ipywidgets.Dropdown(options=names, value=3, description="label", **choose),
        ipywidgets.Dropdown(options=names, value=8, description="second label", **choose),
        slider("share of the second", 0.0, 0.0, 1.0, 0.1),
        *(slider(f"along direction {k + 1}", 0.0, -6.0, 6.0, 0.5) for k in range(len(rows))),
        slider("noise number", 0.0, 0.0, 50.0, 1.0),
    ]
    return Explorer("steering explorer: two labels, a mixture, three directions of noise", controls, draw)


class DigitPicker(ipywidgets.VBox):
    """A button a label, how many, and new noise; shows the digits asked for. See `digit_picker`."""

    def __init__(self, sample, class_names, latent):
        self.sample, self.class_names, self.latent, self.seed = sample, list(class_names), latent, 0
        width = "5.5em" if max(map(len, self.class_names)) > 2 else "2.6em"
        self.label = ipywidgets.ToggleButtons(
            options=[(name, label) for label, name in enumerate(self.class_names)],
            value=0,
            description="digit",
            style={"button_width": width},
        )
        self.count = ipywidgets.IntSlider(
            value=10, min=1, max=50, description="how many", layout=ipywidgets.Layout(width="24em", max_width="100%")
        )
        self.again = ipywidgets.Button(description="New noise", tooltip="draw other handwritings of the same digit")
        self.image = picture()
        self.text = ipywidgets.HTML()
        self.label.observe(self._follow, names="value")
        self.count.observe(self._follow, names="value")
        self.again.on_click(self._new_noise)
        super().__init__(children=[self.label, self.count, self.again, self.text, self.image])
        self._follow()

    def _new_noise(self, button):
        self.seed += 1
        self._follow()

    def _follow(self, change=None):
        name, n = self.class_names[self.label.value], self.count.value
        try:
            # The first of the noise stays the same when there are more, and under every label.
            noise = sampling.noise(self.count.max, self.latent, self.seed)[:n]
            images = self.sample(np.full(n, self.label.value), noise=noise)
            drawn = plots.enlarged_png(images)
        except Exception as error:  # in a callback it would vanish into a log
            self.text.value = f"<b>No digits.</b> {html.escape(f'{type(error).__name__}: {error}')}"
        else:
            self.image.value = drawn
            self.text.value = f"{n} times <b>{html.escape(name)}</b>, noise {self.seed}"

    def __repr__(self):  # the usual one holds the picture's bytes
        return "digit picker: a button for each digit (run this cell to use it)"


def digit_picker(sample, class_names=tuple("0123456789"), latent=100):
    """Return a control that asks ``sample(labels, noise=noise)`` for digits and shows them.

    ``sample``: returns uint8 images ``(n, 28, 28)`` for labels ``(n,)`` and noise ``(n, latent)``, as
    `CGAN.sample` does. The noise stays while the label changes. Shown in lesson 00.
    """
    return DigitPicker(sample, class_names, latent)
