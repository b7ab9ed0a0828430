"""The explorers of the lessons and the digit picker. Knows plots, metrics, sampling and the objective."""

import html

import ipywidgets
import numpy as np

from cgan_lab import metrics, objective, plots, sampling
from cgan_lab.widgets._control import MOST, Control, label_buttons, slider


class Explorer(Control):
    """Sliders, a picture and a sentence that follow them; ``draw(*values)`` takes the ``controls``' values."""

    def __init__(self, name, controls, draw):
        self.controls = controls
        super().__init__(
            name, controls, lambda: draw(*(control.value for control in controls)), controls
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

    sliders = [
        slider("generator's mean", 0.5, -4.0, 4.0, 0.1),
        slider("generator's width", 1.5, 0.5, 2.5, 0.1),
    ]
    return Explorer("minimax explorer: two sliders, densities and D*", sliders, draw)


def gradient_explorer():
    """Return an `Explorer` of the two generator losses: move D's logit on a fake, read both gradients.

    Shown in lesson 01.
    """
    logit = np.linspace(-8.0, 8.0, 161)
    losses = {
        "saturating": objective.saturating_loss(logit),
        "non-saturating": objective.non_saturating_loss(logit),
    }
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
        "gradient explorer: one slider, both losses",
        [slider("D's logit on a fake", 0.0, -8.0, 8.0, 0.5)],
        draw,
    )


def projection_explorer():
    """Return an `Explorer` of a discriminator's last step in a plane of two features, for three labels.

    Left, the label is joined to the features, and can only shift the boundary w . f + b + u = 0 of
    what D accepts. Right, it is projected, and turns the boundary V_y . f + b = 0. Shown in lesson 02.
    """
    points, labels = plots.three_labels()
    figure = plots.feature_planes(points, labels)
    moving = plots.Moving(figure, [line for axes in figure.axes for line in axes.lines[-2:]])

    def draw(label, shift, angle):
        turned = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        curves, words = [], []
        for name, normal, offset in (
            ("joined", np.array([0.0, 1.0]), shift),
            ("projected", turned, -0.6),
        ):
            curves.extend(plots.networks.half_plane(points, normal, offset))
            accepted = labels[points @ normal + offset > 0]
            own = np.sum(accepted == label)
            words.append(
                f"{name} accepts <b>{own}</b> of its 20 and <b>{len(accepted) - own}</b> of the other 40"
            )
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
    figure = plots.clouds(real, start, reach, metrics.radii(start))
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
        return moving.png(
            *plots.evaluation.cloud_curves(real, fake, reach, metrics.radii(fake))
        ), sentence

    sliders = [
        slider("samples' spread", 1.0, 0.1, 2.0, 0.1),
        slider("samples' shift", 0.0, 0.0, 3.0, 0.1),
    ]
    return Explorer(
        "cloud explorer: two sliders, two clouds and what the metrics say", sliders, draw
    )


class DigitPicker(Control):
    """A button a label, how many, and new noise; shows the digits asked for. See `digit_picker`."""

    failure = "No digits."

    def __init__(self, sample, class_names, latent):
        self.sample, self.class_names, self.latent, self.seed = sample, list(class_names), latent, 0
        self.label = label_buttons("digit", self.class_names, 0)
        self.count = ipywidgets.IntSlider(
            value=10,
            min=1,
            max=MOST,
            description="how many",
            layout={"width": "24em", "max_width": "100%"},
        )
        self.again = self.button(
            "New noise", "draw other handwritings of the same digit", self._new_noise
        )
        parts = [self.label, self.count, self.again]
        super().__init__(
            "digit picker: a button for each digit",
            parts,
            self._drawn,
            moved=[self.label, self.count],
        )

    def _new_noise(self):
        self.seed += 1

    def _drawn(self):
        name, n = self.class_names[self.label.value], self.count.value
        # The first of the noise stays the same when there are more, and under every label.
        noise = sampling.noise(MOST, self.latent, self.seed)[:n]
        images = self.sample(np.full(n, self.label.value), noise=noise)
        return plots.enlarged_png(
            images
        ), f"{n} times <b>{html.escape(name)}</b>, noise {self.seed}"


def digit_picker(sample, class_names=tuple("0123456789"), latent=100):
    """Return a control that asks ``sample(labels, noise=noise)`` for digits and shows them.

    ``sample``: returns uint8 images ``(n, 28, 28)`` for labels ``(n,)`` and noise ``(n, latent)``, as
    `CGAN.sample` does. The noise stays while the label changes. Shown in lesson 00.
    """
    return DigitPicker(sample, class_names, latent)
