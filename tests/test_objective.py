"""cgan_lab.objective against closed forms, SciPy and numbers by hand; wrong input is refused."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats
from scipy.spatial.distance import jensenshannon

from cgan_lab import objective as obj

X = np.linspace(-14.0, 14.0, 2801)
P = obj.gaussian(X, 1.0, 0.8)
Q = obj.gaussian(X, -0.5, 1.5)
LEFT, RIGHT = obj.gaussian(X, -4.0, 0.4), obj.gaussian(X, 4.0, 0.4)
TRIANGLE = [0.0, 1.0, 2.0], [0.0, 1.0, 0.0]  # a grid and a density of area 1


def test_objective_needs_numpy_alone():
    script = (
        "import sys, cgan_lab.objective; "
        "found = {'tensorflow', 'keras', 'matplotlib', 'scipy', 'ipywidgets'} & set(sys.modules); "
        "ours = {m for m in sys.modules if m.startswith('cgan_lab.') and '_support' not in m}; "
        "print(found, ours)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "set() {'cgan_lab.objective'}"


# Densities and expectations


def test_densities_are_scipys_and_their_weighted_sums():
    assert_allclose(P, stats.norm.pdf(X, 1.0, 0.8))
    mixed = obj.mixture(X, [1.0, -0.5], [0.8, 1.5], [0.25, 0.75])
    assert_allclose(mixed, 0.25 * P + 0.75 * Q)


def test_samples_of_a_mixture_repeat_with_the_seed_and_follow_the_density():
    mixture = [-2.0, 2.0], [0.5, 1.0], [0.3, 0.7]
    draw = [obj.sample_mixture(4000, *mixture, seed=seed) for seed in (0, 0, 1)]
    assert draw[0].shape == (4000,) and draw[0].dtype == np.float64
    assert np.array_equal(draw[0], draw[1]) and not np.array_equal(draw[0], draw[2])

    def cdf(t):
        return 0.3 * stats.norm.cdf(t, -2.0, 0.5) + 0.7 * stats.norm.cdf(t, 2.0, 1.0)

    assert stats.kstest(draw[0], cdf).pvalue > 0.01


@pytest.mark.parametrize(
    ("x", "density", "values", "want"),
    [
        (X, P, np.ones_like(X), 1.0),  # the moments of a Gaussian
        (X, P, X, 1.0),
        (X, P, (X - 1.0) ** 2, 0.64),
        (*TRIANGLE, [5.0, 3.0, 7.0], 3.0),  # the triangle becomes 0, 3, 0
        (*TRIANGLE, [-np.inf, 3.0, np.nan], 3.0),  # where the density is 0, values do not count
    ],
)
def test_expectations_in_closed_form(x, density, values, want):
    assert obj.expectation(x, density, values) == pytest.approx(want)


# The value of the game


def test_values_of_the_game_that_are_known():
    assert obj.value(X, P, Q, np.full_like(X, 0.5)) == pytest.approx(-np.log(4))
    assert -80 < obj.value(X, P, Q, np.zeros_like(X)) < -30  # much, but not infinity

    def d(t):
        return special.expit(0.7 * t - 0.2)

    def height(t):
        on_real, on_fake = stats.norm.pdf(t, 1.0, 0.8), stats.norm.pdf(t, -0.5, 1.5)
        return on_real * np.log(d(t)) + on_fake * np.log(1 - d(t))

    want = integrate.quad(height, -14, 14)[0]
    assert obj.value(X, P, Q, d(X)) == pytest.approx(want, abs=1e-6)


def test_optimal_discriminator_by_hand_and_where_nothing_has_mass():
    got = obj.optimal_discriminator([0.3, 0.0, 0.2, 0.0], [0.1, 0.2, 0.0, 0.0])
    assert_allclose(got, [0.75, 0.0, 1.0, 0.5])


def test_no_discriminator_near_the_optimal_one_has_a_greater_value():
    best = obj.optimal_discriminator(P, Q)
    rng = np.random.default_rng(0)
    for size in (0.3, 0.03):
        for _ in range(20):
            bend = size * np.convolve(rng.standard_normal(X.size), np.ones(200) / 14, "same")
            other = special.expit(np.clip(special.logit(best), -30, 30) + bend)
            assert obj.value(X, P, Q, other) < obj.value(X, P, Q, best)


def test_value_at_the_optimal_discriminator_is_minus_log_4_plus_twice_the_divergence():
    for q in (P, Q, LEFT, RIGHT):
        best = obj.value(X, P, q, obj.optimal_discriminator(P, q))
        assert best == pytest.approx(obj.value_at_optimum(X, P, q), abs=1e-9)
    assert obj.value_at_optimum(X, P, P) == pytest.approx(-np.log(4))
    assert obj.value_at_optimum(X, LEFT, RIGHT) == pytest.approx(0.0, abs=1e-6)


# Divergences


def test_js_divergence_goes_from_0_to_log_2_is_symmetric_and_scipys():
    assert obj.js_divergence(X, P, P) == 0.0
    assert obj.js_divergence(X, P, Q) == pytest.approx(obj.js_divergence(X, Q, P))
    assert obj.js_divergence(X, P, Q) == pytest.approx(jensenshannon(P, Q) ** 2, abs=1e-9)
    x = np.linspace(0.0, 4.0, 401)
    p, q = np.where(x <= 1, 1.0, 0.0), np.where(x >= 3, 1.0, 0.0)
    assert obj.js_divergence(x, p / 1.005, q / 1.005) == pytest.approx(np.log(2))
    assert obj.js_divergence(X, LEFT, RIGHT) == pytest.approx(np.log(2), abs=1e-6)


def test_kl_divergence_has_its_closed_form_and_is_infinite_where_q_has_no_mass():
    assert obj.kl_divergence(X, P, P) == 0.0
    want = np.log(1.5 / 0.8) + (0.8**2 + 1.5**2) / (2 * 1.5**2) - 0.5
    assert obj.kl_divergence(X, P, Q) == pytest.approx(want)
    x = np.linspace(0.0, 2.0, 201)
    p, q = np.full_like(x, 0.5), np.where(x <= 1, 1.0, 0.0) / 1.005
    assert obj.kl_divergence(x, p, q) == np.inf
    assert obj.kl_divergence(x, q, p) == pytest.approx(np.log(2), abs=0.01)


# One game per label


def test_conditional_value_is_the_average_of_one_game_per_label():
    p, q = np.stack([P, LEFT]), np.stack([Q, RIGHT])
    d = np.stack([special.expit(X), np.full_like(X, 0.3)])
    by_hand = 0.25 * obj.value(X, P, Q, d[0]) + 0.75 * obj.value(X, LEFT, RIGHT, d[1])
    assert obj.conditional_value(X, p, q, d, [0.25, 0.75]) == pytest.approx(by_hand)


def test_ignoring_the_label_has_no_marginal_divergence_but_a_conditional_one():
    prior = np.array([0.5, 0.5])
    p = np.stack([LEFT, RIGHT])
    q = np.stack([prior @ p, prior @ p])  # every label gets both humps
    assert obj.js_divergence(X, prior @ p, prior @ q) == pytest.approx(0.0)
    per_label = obj.js_divergence(X, p, q)
    assert_allclose(per_label, 0.75 * np.log(4 / 3), atol=1e-6)  # disjoint humps, by hand
    got = obj.conditional_value(X, p, q, obj.optimal_discriminator(p, q), prior)
    assert got == pytest.approx(-np.log(4) + 2 * prior @ per_label)


def test_marginal_divergence_never_exceeds_the_average_over_the_labels():
    rng = np.random.default_rng(3)
    for _ in range(20):
        means, widths = rng.uniform(-4, 4, (2, 3)), rng.uniform(0.4, 1.5, (2, 3))
        prior = rng.dirichlet(np.ones(3))
        p, q = obj.gaussian(X, means[..., None], widths[..., None])  # each (3, n)
        marginal = obj.js_divergence(X, prior @ p, prior @ q)
        assert marginal <= prior @ obj.js_divergence(X, p, q) + 1e-12


# The learned discriminator


def test_learned_discriminator_comes_near_the_optimal_one_where_there_are_samples():
    x = np.linspace(-8, 8, 801)
    humps = [-2, 2], [0.5, 0.5], [0.5, 0.5]
    p, q = obj.mixture(x, *humps), obj.gaussian(x, 0.5, 1.5)
    real = obj.sample_mixture(4000, *humps, seed=0)
    fake = obj.sample_mixture(4000, [0.5], [1.5], [1.0], seed=1)
    learned = [obj.learned_discriminator(real, fake, x, steps) for steps in (0, 10, 400)]
    assert np.all(learned[0] == 0.5)  # it starts undecided
    best = obj.optimal_discriminator(p, q)
    gaps = [obj.expectation(x, (p + q) / 2, np.abs(d - best)) for d in learned]
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 0.05


def test_bumps_and_one_step_of_the_learned_discriminator_by_hand():
    seen = obj.bumps([-6.0, 0.0, 1.0])
    assert seen.shape == (3, 14)
    assert_allclose(seen[:, 6], np.exp([-18.0, 0.0, -0.5]))  # the seventh centre is 0
    assert np.all(seen[:, -1] == 1.0)  # the bias
    # From D = 0.5 a weight moves by rate * 0.5 * (mean bump of real - mean bump of fake).
    near = obj.bumps([0.0, 2.0])
    logit = near[0] @ (2.0 * 0.5 * (near[0] - near[1]))
    got = obj.learned_discriminator([0.0], [2.0], np.array([0.0]), steps=1, rate=2.0)
    assert_allclose(got, special.expit(logit))


# The generator's losses


def test_losses_are_scipys_and_their_gradients_differences():
    a, h = np.linspace(-30, 30, 121), 1e-5
    assert_allclose(obj.sigmoid(a), special.expit(a))
    assert_allclose(obj.saturating_loss(a), special.log_expit(-a))
    assert_allclose(obj.non_saturating_loss(a), -special.log_expit(a))
    a = np.linspace(-8, 8, 33)
    for loss, gradient in (
        (obj.saturating_loss, obj.saturating_gradient),
        (obj.non_saturating_loss, obj.non_saturating_gradient),
    ):
        assert_allclose(gradient(a), (loss(a + h) - loss(a - h)) / (2 * h), atol=1e-8)


def test_at_logit_zero_both_losses_pull_equally_and_far_below_only_one_does():
    got = obj.saturating_gradient([0.0, -10.0]), obj.non_saturating_gradient([0.0, -10.0])
    assert_allclose(got, [[-0.5, -4.539787e-5], [-0.5, -0.9999546]], rtol=1e-6)


def test_losses_stay_finite_at_huge_logits():
    a = np.array([-1e4, 1e4])
    with np.errstate(over="raise", invalid="raise"):
        assert_allclose(obj.saturating_loss(a), [0.0, -1e4])
        assert_allclose(obj.non_saturating_loss(a), [1e4, 0.0])
        assert_allclose(obj.saturating_gradient(a), [0.0, -1.0])
        assert_allclose(obj.non_saturating_gradient(a), [-1.0, 0.0])


def test_shift_gradients_are_slopes_of_divergences():
    def divergences(mean):
        q = obj.gaussian(X, mean, 1.5)
        twice = 2 * obj.js_divergence(X, P, q)
        return np.array([twice, obj.kl_divergence(X, q, P) - twice])

    want = (divergences(-0.499) - divergences(-0.501)) / 0.002
    assert_allclose(obj.shift_gradients(X, P, Q), want, atol=1e-4, rtol=1e-5)


def test_far_away_the_saturating_shift_gradient_vanishes_and_the_other_does_not():
    far = obj.shift_gradients(X, obj.gaussian(X, 0, 1), obj.gaussian(X, 8, 1))
    assert abs(far[0]) < 1e-3 and far[1] == pytest.approx(8.0, abs=0.01)


# The bilinear game


def test_bilinear_steps_and_paths_by_hand():
    assert obj.bilinear_step(1.0, 2.0, 0.5) == (0.0, 2.5)
    assert obj.alternating_step(1.0, 2.0, 0.5) == (-0.25, 2.5)
    places = obj.path(obj.bilinear_step, (1.0, 0.0), 0.5, 2)
    assert_allclose(places, [[1.0, 0.0], [1.0, 0.5], [0.75, 1.0]])


@pytest.mark.parametrize("eta", [0.05, 0.3, 1.0, 1.9])
def test_simultaneous_steps_spiral_out_and_alternating_steps_stay_on_their_ellipse(eta):
    radius = np.hypot(*obj.path(obj.bilinear_step, (1.0, 0.5), eta, 20).T)
    assert_allclose(radius[1:] / radius[:-1], np.sqrt(1 + eta**2))
    x, y = obj.path(obj.alternating_step, (1.0, 0.0), eta, 500).T
    assert_allclose(x**2 + y**2 + eta * x * y, x[0] ** 2, rtol=1e-6)


# Wrong input


GRID = np.linspace(-8, 8, 801)
N = obj.gaussian(GRID, 0, 1)


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        ("gaussian", (GRID, 0, 0), "width is 0, expected a standard deviation above 0"),
        ("mixture", (GRID, [0, 1], [1, 1], [0.5, 0.6]), "expected 2 numbers .* that sum to 1"),
        ("mixture", (GRID, [0, 1], [1], [0.5, 0.5]), "2 means and 1 widths"),
        ("value", (GRID, N, N, GRID), r"D spans -8 to 8, expected 0 to 1: pass sigmoid\(logit\)"),
        ("value", (GRID, N, N, np.full_like(GRID, np.nan)), "expected 0 to 1"),
        ("value", (GRID, np.log(N), N, N), "not log p, but p"),
        ("value", (GRID, 2 * N, N, N), "integrates to 2.000.*widen the grid"),
        ("value", (GRID[::-1], N, N, N), "expected increasing numbers"),
        ("js_divergence", (GRID, N[:5], N[:5]), r"shape \(5,\), expected \(801,\)"),
        ("optimal_discriminator", ([-0.1], [0.1]), "smallest density is -0.1"),
        ("conditional_value", (GRID, [N] * 2, [N] * 2, [N] * 2, [1.0]), "prior are"),
        ("learned_discriminator", (np.ones((2, 2)), [1, 1], GRID), r"real has shape \(2, 2\)"),
        ("learned_discriminator", ([1, 1], [], GRID), "at least one"),
        ("path", (obj.bilinear_step, (1, 0), 0, 5), "eta is 0, expected a step size above 0"),
    ],
)
def test_wrong_input_hears_what_was_expected(function, arguments, says):
    with pytest.raises(ValueError, match=says):
        getattr(obj, function)(*arguments)
