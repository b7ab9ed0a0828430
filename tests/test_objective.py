"""Claims about cgan_lab.objective: closed forms, SciPy as an independent witness, numbers by hand, wrong input."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial.distance import jensenshannon

from cgan_lab import objective

X = np.linspace(-14.0, 14.0, 2801)
P = objective.gaussian(X, 1.0, 0.8)
Q = objective.gaussian(X, -0.5, 1.5)
LEFT, RIGHT = objective.gaussian(X, -4.0, 0.4), objective.gaussian(X, 4.0, 0.4)


def test_objective_needs_numpy_alone():
    script = (
        "import sys, cgan_lab.objective; "
        "found = {'tensorflow', 'keras', 'matplotlib', 'scipy', 'ipywidgets'} & set(sys.modules); "
        "ours = {m for m in sys.modules if m.startswith('cgan_lab.')}; print(found, ours)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set() {'cgan_lab.objective'}"


# Densities and expectations


def test_gaussian_agrees_with_scipy():
    np.testing.assert_allclose(P, stats.norm.pdf(X, 1.0, 0.8))


def test_mixture_is_the_weighted_sum_of_its_parts():
    mixed = objective.mixture(X, [1.0, -0.5], [0.8, 1.5], [0.25, 0.75])
    np.testing.assert_allclose(mixed, 0.25 * P + 0.75 * Q)


def test_samples_of_a_mixture_repeat_with_the_seed_and_follow_the_density():
    draw = [objective.sample_mixture(4000, [-2.0, 2.0], [0.5, 1.0], [0.3, 0.7], seed=s) for s in (0, 0, 1)]
    assert draw[0].shape == (4000,) and draw[0].dtype == np.float64
    assert np.array_equal(draw[0], draw[1]) and not np.array_equal(draw[0], draw[2])

    def cdf(t):
        return 0.3 * stats.norm.cdf(t, -2.0, 0.5) + 0.7 * stats.norm.cdf(t, 2.0, 1.0)

    assert stats.kstest(draw[0], cdf).pvalue > 0.01


def test_expectation_gives_the_moments_of_a_gaussian():
    assert objective.expectation(X, P, np.ones_like(X)) == pytest.approx(1.0)
    assert objective.expectation(X, P, X) == pytest.approx(1.0)
    assert objective.expectation(X, P, (X - 1.0) ** 2) == pytest.approx(0.64)


def test_expectation_by_hand_on_three_points():
    # heights 0, 1, 0 at 0, 1, 2: a triangle of area 1; values 5, 3, 7 leave the triangle 0, 3, 0
    assert objective.expectation([0.0, 1.0, 2.0], [0.0, 1.0, 0.0], [5.0, 3.0, 7.0]) == pytest.approx(3.0)


def test_a_value_does_not_count_where_the_density_is_zero():
    assert objective.expectation([0.0, 1.0, 2.0], [0.0, 1.0, 0.0], [-np.inf, 3.0, np.nan]) == pytest.approx(3.0)


# The value of the game


def test_value_of_an_undecided_discriminator_is_minus_log_4():
    assert objective.value(X, P, Q, np.full_like(X, 0.5)) == pytest.approx(-np.log(4))


def test_value_agrees_with_scipy_quadrature():
    from scipy.integrate import quad

    def d(t):
        return special.expit(0.7 * t - 0.2)

    def height(t):
        return stats.norm.pdf(t, 1.0, 0.8) * np.log(d(t)) + stats.norm.pdf(t, -0.5, 1.5) * np.log(1 - d(t))

    assert objective.value(X, P, Q, d(X)) == pytest.approx(quad(height, -14, 14)[0], abs=1e-6)


def test_optimal_discriminator_by_hand_and_where_nothing_has_mass():
    got = objective.optimal_discriminator([0.3, 0.0, 0.2, 0.0], [0.1, 0.2, 0.0, 0.0])
    np.testing.assert_allclose(got, [0.75, 0.0, 1.0, 0.5])


def test_no_discriminator_near_the_optimal_one_has_a_greater_value():
    best = objective.optimal_discriminator(P, Q)
    rng = np.random.default_rng(0)
    for size in (0.3, 0.03):
        for _ in range(20):
            bend = size * np.convolve(rng.standard_normal(X.size), np.ones(200) / 14, "same")
            other = special.expit(np.clip(special.logit(best), -30, 30) + bend)
            assert objective.value(X, P, Q, other) < objective.value(X, P, Q, best)


def test_value_at_the_optimal_discriminator_is_minus_log_4_plus_twice_the_divergence():
    for q in (P, Q, LEFT, RIGHT):
        best = objective.optimal_discriminator(P, q)
        assert objective.value(X, P, q, best) == pytest.approx(objective.value_at_optimum(X, P, q), abs=1e-9)
    assert objective.value_at_optimum(X, P, P) == pytest.approx(-np.log(4))
    assert objective.value_at_optimum(X, LEFT, RIGHT) == pytest.approx(0.0, abs=1e-6)


def test_a_discriminator_of_exactly_zero_or_one_costs_much_but_not_infinity():
    assert -80 < objective.value(X, P, Q, np.zeros_like(X)) < -30


# Divergences


def test_divergence_of_a_density_from_itself_is_zero():
    assert objective.js_divergence(X, P, P) == 0.0
    assert objective.kl_divergence(X, P, P) == 0.0


def test_js_divergence_of_disjoint_densities_is_log_2():
    x = np.linspace(0.0, 4.0, 401)
    p, q = np.where(x <= 1, 1.0, 0.0), np.where(x >= 3, 1.0, 0.0)
    assert objective.js_divergence(x, p / 1.005, q / 1.005) == pytest.approx(np.log(2))
    assert objective.js_divergence(X, LEFT, RIGHT) == pytest.approx(np.log(2), abs=1e-6)


def test_js_divergence_is_symmetric_and_agrees_with_scipy():
    assert objective.js_divergence(X, P, Q) == pytest.approx(objective.js_divergence(X, Q, P))
    assert objective.js_divergence(X, P, Q) == pytest.approx(jensenshannon(P, Q) ** 2, abs=1e-9)


def test_kl_divergence_of_two_gaussians_has_its_closed_form():
    want = np.log(1.5 / 0.8) + (0.8**2 + 1.5**2) / (2 * 1.5**2) - 0.5
    assert objective.kl_divergence(X, P, Q) == pytest.approx(want)


def test_kl_divergence_is_infinite_where_the_second_density_is_missing():
    x = np.linspace(0.0, 2.0, 201)
    p, q = np.full_like(x, 0.5), np.where(x <= 1, 1.0, 0.0) / 1.005
    assert objective.kl_divergence(x, p, q) == np.inf
    assert objective.kl_divergence(x, q, p) == pytest.approx(np.log(2), abs=0.01)


# One game per label


def test_conditional_value_is_the_average_of_one_game_per_label():
    p, q = np.stack([P, LEFT]), np.stack([Q, RIGHT])
    d = np.stack([special.expit(X), np.full_like(X, 0.3)])
    by_hand = 0.25 * objective.value(X, P, Q, d[0]) + 0.75 * objective.value(X, LEFT, RIGHT, d[1])
    assert objective.conditional_value(X, p, q, d, [0.25, 0.75]) == pytest.approx(by_hand)


def test_ignoring_the_label_has_no_marginal_divergence_but_a_conditional_one():
    prior = np.array([0.5, 0.5])
    p = np.stack([LEFT, RIGHT])
    q = np.stack([prior @ p, prior @ p])  # every label gets both humps
    assert objective.js_divergence(X, prior @ p, prior @ q) == pytest.approx(0.0)
    per_label = objective.js_divergence(X, p, q)
    np.testing.assert_allclose(per_label, 0.75 * np.log(4 / 3), atol=1e-6)  # disjoint humps, by hand
    best = objective.optimal_discriminator(p, q)
    got = objective.conditional_value(X, p, q, best, prior)
    assert got == pytest.approx(-np.log(4) + 2 * prior @ per_label)


def test_marginal_divergence_never_exceeds_the_average_over_the_labels():
    rng = np.random.default_rng(3)
    for _ in range(20):
        means, widths = rng.uniform(-4, 4, (2, 3)), rng.uniform(0.4, 1.5, (2, 3))
        prior = rng.dirichlet(np.ones(3))
        p, q = objective.gaussian(X, means[..., None], widths[..., None])  # each (3, n)
        marginal = objective.js_divergence(X, prior @ p, prior @ q)
        assert marginal <= prior @ objective.js_divergence(X, p, q) + 1e-12


# The learned discriminator


def test_learned_discriminator_comes_near_the_optimal_one_where_there_are_samples():
    x = np.linspace(-8, 8, 801)
    p, q = objective.mixture(x, [-2, 2], [0.5, 0.5], [0.5, 0.5]), objective.gaussian(x, 0.5, 1.5)
    real = objective.sample_mixture(4000, [-2, 2], [0.5, 0.5], [0.5, 0.5], seed=0)
    fake = objective.sample_mixture(4000, [0.5], [1.5], [1.0], seed=1)
    best = objective.optimal_discriminator(p, q)
    gaps = [np.abs(objective.learned_discriminator(real, fake, x, steps) - best) for steps in (0, 10, 400)]
    means = [objective.expectation(x, (p + q) / 2, gap) for gap in gaps]
    assert means[0] > means[1] > means[2] and means[2] < 0.05


def test_learned_discriminator_starts_undecided():
    np.testing.assert_array_equal(objective.learned_discriminator([1.0], [2.0], np.array([0.0, 9.0]), steps=0), 0.5)


def test_bumps_are_one_at_their_centre_and_end_with_the_bias():
    seen = objective.bumps([-6.0, 0.0, 1.0])
    assert seen.shape == (3, 14)
    np.testing.assert_allclose(seen[:, 6], np.exp([-18.0, 0.0, -0.5]))  # the seventh centre is 0
    np.testing.assert_array_equal(seen[:, -1], 1.0)


def test_one_step_of_the_learned_discriminator_by_hand():
    # from D = 0.5 each weight moves by rate * 0.5 * (mean bump of real - mean bump of fake); the bias stays
    real, fake, x = np.array([0.0]), np.array([2.0]), np.array([0.0])
    near = objective.bumps([0.0, 2.0])
    logit = near[0] @ (2.0 * 0.5 * (near[0] - near[1]))
    got = objective.learned_discriminator(real, fake, x, steps=1, rate=2.0)
    np.testing.assert_allclose(got, special.expit(logit))


# The generator's losses


def test_losses_agree_with_scipy():
    a = np.linspace(-30, 30, 121)
    np.testing.assert_allclose(objective.sigmoid(a), special.expit(a))
    np.testing.assert_allclose(objective.saturating_loss(a), special.log_expit(-a))
    np.testing.assert_allclose(objective.non_saturating_loss(a), -special.log_expit(a))


@pytest.mark.parametrize("name", ["saturating", "non_saturating"])
def test_gradients_agree_with_differences(name):
    loss, gradient = getattr(objective, f"{name}_loss"), getattr(objective, f"{name}_gradient")
    a, h = np.linspace(-8, 8, 33), 1e-5
    np.testing.assert_allclose(gradient(a), (loss(a + h) - loss(a - h)) / (2 * h), atol=1e-8)


def test_at_logit_zero_both_losses_pull_equally_and_far_below_only_one_does():
    assert objective.saturating_gradient(0.0) == objective.non_saturating_gradient(0.0) == pytest.approx(-0.5)
    assert objective.saturating_gradient(-10.0) == pytest.approx(-4.54e-5, rel=1e-3)
    assert objective.non_saturating_gradient(-10.0) == pytest.approx(-0.99995, rel=1e-5)


def test_losses_stay_finite_at_huge_logits():
    a = np.array([-1e4, 1e4])
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(objective.saturating_loss(a), [0.0, -1e4])
        np.testing.assert_allclose(objective.non_saturating_loss(a), [1e4, 0.0])
        np.testing.assert_allclose(objective.saturating_gradient(a), [0.0, -1.0])
        np.testing.assert_allclose(objective.non_saturating_gradient(a), [-1.0, 0.0])


def test_saturating_shift_gradient_is_twice_the_slope_of_the_js_divergence():
    def twice(mean):
        return 2 * objective.js_divergence(X, P, objective.gaussian(X, mean, 1.5))

    saturating, non_saturating = objective.shift_gradients(X, P, Q)
    assert saturating == pytest.approx((twice(-0.499) - twice(-0.501)) / 0.002, abs=1e-4)

    def other(mean):
        q = objective.gaussian(X, mean, 1.5)
        return objective.kl_divergence(X, q, P) - 2 * objective.js_divergence(X, P, q)

    assert non_saturating == pytest.approx((other(-0.499) - other(-0.501)) / 0.002, abs=1e-3)


def test_far_away_the_saturating_shift_gradient_vanishes_and_the_other_does_not():
    saturating, non_saturating = objective.shift_gradients(X, objective.gaussian(X, 0, 1), objective.gaussian(X, 8, 1))
    assert abs(saturating) < 1e-3 and non_saturating == pytest.approx(8.0, abs=0.01)


# The bilinear game


@pytest.mark.parametrize("eta", [0.05, 0.3, 1.0])
def test_simultaneous_steps_spiral_out_by_sqrt_1_plus_eta_squared(eta):
    radius = np.hypot(*objective.path(objective.bilinear_step, (1.0, 0.5), eta, 20).T)
    np.testing.assert_allclose(radius[1:] / radius[:-1], np.sqrt(1 + eta**2))


def test_bilinear_steps_by_hand():
    assert objective.bilinear_step(1.0, 2.0, 0.5) == (0.0, 2.5)
    assert objective.alternating_step(1.0, 2.0, 0.5) == (-0.25, 2.5)


@pytest.mark.parametrize("eta", [0.1, 1.0, 1.9])
def test_alternating_steps_stay_on_their_ellipse(eta):
    x, y = objective.path(objective.alternating_step, (1.0, 0.0), eta, 500).T
    np.testing.assert_allclose(x**2 + y**2 + eta * x * y, x[0] ** 2, rtol=1e-6)


def test_a_path_begins_at_its_start_and_has_a_row_per_step():
    places = objective.path(objective.bilinear_step, (1.0, 0.0), 0.5, 2)
    np.testing.assert_allclose(places, [[1.0, 0.0], [1.0, 0.5], [0.75, 1.0]])


# Wrong input


GRID = np.linspace(-8, 8, 801)
NORMAL = objective.gaussian(GRID, 0, 1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: objective.gaussian(GRID, 0, 0), "width is 0, expected a standard deviation above 0"),
        (lambda: objective.mixture(GRID, [0, 1], [1, 1], [0.5, 0.6]), "expected 2 numbers from 0 up that sum to 1"),
        (lambda: objective.mixture(GRID, [0, 1], [1], [0.5, 0.5]), "2 means and 1 widths"),
        (lambda: objective.value(GRID, NORMAL, NORMAL, GRID), r"D runs from -8 to 8.*pass sigmoid\(logit\)"),
        (lambda: objective.value(GRID, NORMAL, NORMAL, np.full_like(GRID, np.nan)), "expected 0 to 1"),
        (lambda: objective.value(GRID, np.log(NORMAL), NORMAL, NORMAL), "not log p, but p"),
        (lambda: objective.value(GRID, 2 * NORMAL, NORMAL, NORMAL), "integrates to 2.000.*widen the grid"),
        (lambda: objective.value(GRID[::-1], NORMAL, NORMAL, NORMAL), "expected increasing numbers"),
        (lambda: objective.js_divergence(GRID, NORMAL[:5], NORMAL[:5]), r"shape \(5,\).*n = 801"),
        (lambda: objective.optimal_discriminator([-0.1], [0.1]), "smallest density is -0.1"),
        (lambda: objective.conditional_value(GRID, [NORMAL] * 2, [NORMAL] * 2, [NORMAL] * 2, [1.0]), "prior are"),
        (lambda: objective.learned_discriminator(np.ones((2, 2)), np.ones(2), GRID), r"real has shape \(2, 2\)"),
        (lambda: objective.learned_discriminator(np.ones(2), np.ones(0), GRID), "at least one"),
        (lambda: objective.path(objective.bilinear_step, (1, 0), 0, 5), "eta is 0, expected a step size above 0"),
    ],
)
def test_wrong_input_is_told_what_was_expected(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()
