"""The explorers: sliders over a figure and over what is computed for it. Knows no network."""

import numpy as np

from cgan_lab import metrics, objective, plots
from cgan_lab.widgets._control import Control
from cgan_lab.widgets._parts import slider


class Explorer(Control):
    """Sliders, and a sentence and a picture that follow them.

    A subclass has ``at(*values)``, which returns (PNG bytes, HTML text) for the sliders' values.
    """

    def __init__(self, *sliders):
        self.controls = sliders
        super().__init__(sliders, moved=sliders)

    def draw(self):
        return self.at(*(control.value for control in self.controls))


class MinimaxExplorer(Explorer):
    """The game on one axis: move the generator, see D*, V(D*, G) and JSD.

    The data are two humps; the sliders are the generator's mean and width. Shown in lesson 01.
    """

    name = "minimax explorer: two sliders, densities and D*"

    def __init__(self):
        self.x = x = np.linspace(-12.0, 12.0, 601)
        self.p = p = objective.mixture(x, [-2.0, 2.0], [0.5, 0.5], [0.5, 0.5])
        figure = plots.densities(x, p, p, {"D*": np.full_like(x, 0.5)}, limit=0.85)
        top, below = figure.axes
        top.set_xlim(-8.0, 8.0)  # the grid is wider, to hold all of a wide q
        self.moving = plots.Moving(figure, [top.lines[1], below.lines[1]])
        mean = slider("generator's mean", 0.5, -4.0, 4.0, 0.1)
        super().__init__(mean, slider("generator's width", 1.5, 0.5, 2.5, 0.1))

    def at(self, mean, width):
        x, p = self.x, self.p
        q = objective.gaussian(x, mean, width)
        pull, strong_pull = objective.shift_gradients(x, p, q)
        sentence = (
            f"JSD(p, q) = <b>{objective.js_divergence(x, p, q):.3f}</b> of at most 0.693. V(D*, G) "
            f"= &minus;log 4 + 2 JSD = <b>{objective.value_at_optimum(x, p, q):.3f}</b>. "
            f"Gradient on the mean: saturating {pull:+.3f}, non-saturating {strong_pull:+.3f}."
        )
        return self.moving.png((x, q), (x, objective.optimal_discriminator(p, q))), sentence


class GradientExplorer(Explorer):
    """The two generator losses: move D's logit on a fake, read both gradients.

    Shown in lesson 01.
    """

    name = "gradient explorer: one slider, both losses"

    def __init__(self):
        logit = np.linspace(-8.0, 8.0, 161)
        names = "saturating", "non-saturating"
        losses = objective.saturating_loss(logit), objective.non_saturating_loss(logit)
        gradients = objective.saturating_gradient(logit), objective.non_saturating_gradient(logit)
        curves = (dict(zip(names, both, strict=True)) for both in (losses, gradients))
        figure = plots.generator_losses(logit, *curves, at=0.0)
        self.moving = plots.Moving(figure, [axes.lines[-1] for axes in figure.axes])
        super().__init__(slider("D's logit on a fake", 0.0, -8.0, 8.0, 0.5))

    def at(self, a):
        weak = objective.saturating_gradient(a)
        strong = objective.non_saturating_gradient(a)
        sentence = (
            f"D(G(z)) = <b>{objective.sigmoid(a):.4f}</b>. Gradient of the saturating loss: "
            f"<b>{weak:.4f}</b>; of the non-saturating one: <b>{strong:.4f}</b>, "
            f"{strong / weak:.3g} times as much."
        )
        line = [a, a], [0, 1]
        return self.moving.png(line, line), sentence


class ProjectionExplorer(Explorer):
    """A discriminator's last step in a plane of two features, for three labels.

    Left, the label is joined to the features, and can only shift the boundary w . f + b + u = 0 of
    what D accepts. Right, it is projected, and turns the boundary V_y . f + b = 0. Shown in
    lesson 02.
    """

    name = "projection explorer: three sliders, two ways in"

    def __init__(self):
        self.points, self.labels = plots.three_labels()
        figure = plots.feature_planes(self.points, self.labels)
        lines = [line for axes in figure.axes for line in axes.lines[-2:]]
        self.moving = plots.Moving(figure, lines)
        label = slider("label y asked for", 0.0, 0.0, 2.0, 1.0)
        shift = slider("u, the shift of label y", 0.0, -2.5, 2.5, 0.1)
        super().__init__(label, shift, slider("angle of V_y in degrees", 0.0, 0.0, 360.0, 10.0))

    def at(self, label, shift, angle):
        turned = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        ways = (("joined", np.array([0.0, 1.0]), shift), ("projected", turned, -0.6))
        curves, words = [], []
        for name, normal, offset in ways:
            curves.extend(plots.networks.half_plane(self.points, normal, offset))
            accepted = self.labels[self.points @ normal + offset > 0]
            own = np.sum(accepted == label)
            others = len(accepted) - own
            words.append(
                f"The D with the label {name} accepts <b>{own}</b> of its 20 and <b>{others}</b> "
                "of the others."
            )
        words = [f"D is asked for label <b>{label:.0f}</b>.", *words]
        return self.moving.png(*curves), " ".join(words)


class CloudExplorer(Explorer):
    """Two clouds in a plane: move and stretch the samples, see which metric notices.

    Shown in lesson 05.
    """

    name = "cloud explorer: two sliders, two clouds and what the metrics say"

    def __init__(self):
        self.real, self.start = np.random.default_rng(0).normal(size=(2, 150, 2))
        self.reach = metrics.radii(self.real)
        figure = plots.clouds(self.real, self.start, self.reach, metrics.radii(self.start))
        left, right = figure.axes
        self.moving = plots.Moving(figure, [*left.lines[-2:], *right.lines[-4:]])
        spread = slider("samples' spread", 1.0, 0.1, 2.0, 0.1)
        super().__init__(spread, slider("samples' shift", 0.0, 0.0, 3.0, 0.1))

    def at(self, spread, shift):
        real, fake = self.real, spread * self.start + [shift, 0.0]
        near = metrics.neighbourhoods(real, fake)
        sentence = (
            f"Frechet distance <b>{metrics.frechet_distance(fake, real):.2f}</b>, "
            f"precision <b>{near['precision']:.2f}</b>, recall <b>{near['recall']:.2f}</b>, "
            f"density {near['density']:.2f}, coverage {near['coverage']:.2f}."
        )
        curves = plots.evaluation.cloud_curves(real, fake, self.reach, metrics.radii(fake))
        return self.moving.png(*curves), sentence
