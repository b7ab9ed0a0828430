"""The toy in a plane: its gradients are TensorFlow's, its steps move one player, it learns."""

import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import toy


def as_tensors(weights):
    return {name: tf.Variable(value, dtype=tf.float64) for name, value in weights.items()}


def tf_generate(g, z, labels):
    entered = tf.concat([z, tf.one_hot(labels, 3, dtype=tf.float64)], 1)
    return tf.tanh(entered @ g["hidden"] + g["hidden_bias"]) @ g["out"] + g["out_bias"]


def tf_logits(d, points, labels):
    f = tf.tanh(points @ d["hidden"] + d["hidden_bias"])
    direction = d["out"] + tf.gather(d["label"], labels)
    return tf.reduce_sum(f * direction, 1) + d["out_bias"]


def close(mine, theirs):
    theirs = {name: tf.convert_to_tensor(gradient) for name, gradient in theirs.items()}
    return all(np.allclose(mine[name], theirs[name], atol=1e-12) for name in mine)


def play(game, steps):
    for _ in range(steps):
        game.step_d()
        game.step_g()


@pytest.fixture
def game():
    """A game that has begun, so that no weight is 0."""
    begun = toy.Toy(seed=3)
    play(begun, 20)
    return begun


def test_both_gradients_are_tensorflows(game):
    rng = np.random.default_rng(0)
    labels, z = rng.integers(0, 3, 40), rng.normal(size=(40, 2))
    real = toy.real_points(labels, rng)
    g, d = as_tensors(game.g), as_tensors(game.d)
    with tf.GradientTape(persistent=True) as tape:
        fake = tf_generate(g, z, labels)
        on_real, on_fake = tf_logits(d, real, labels), tf_logits(d, fake, labels)
        d_loss = tf.reduce_mean(tf.nn.softplus(-on_real)) + tf.reduce_mean(tf.nn.softplus(on_fake))
        g_loss = tf.reduce_mean(tf.nn.softplus(-on_fake))
    mine, slopes = game.d_gradients(real, game.generate(z, labels), labels)
    assert mine == pytest.approx(float(d_loss)) and close(slopes, tape.gradient(d_loss, d))
    mine, slopes = game.g_gradients(z, labels)
    assert mine == pytest.approx(float(g_loss)) and close(slopes, tape.gradient(g_loss, g))


def test_a_push_is_minus_the_slope_of_the_points_own_loss(game):
    rng = np.random.default_rng(1)
    points, labels = rng.normal(scale=2.0, size=(30, 2)), rng.integers(0, 3, 30)

    def loss(moved):
        return np.logaddexp(0.0, -game.logits(moved, labels))  # -log D(x|y), one for each point

    steps = 1e-5 * np.eye(2)
    slopes = np.stack([(loss(points + h) - loss(points - h)) / 2e-5 for h in steps], axis=1)
    pushes = game.pushes(points, labels)
    assert pushes.shape == (30, 2) and np.abs(pushes).max() > 0.1
    np.testing.assert_allclose(pushes, -slopes, atol=1e-8)
    better = loss(points + 1e-3 * pushes) < loss(points)
    assert better.all()


def test_g_learns_from_the_mean_push(game):
    labels, z = np.arange(30) % 3, np.random.default_rng(2).normal(size=(30, 2))
    pushes = game.pushes(game.generate(z, labels), labels)
    np.testing.assert_allclose(game.g_gradients(z, labels)[1]["out_bias"], -pushes.mean(axis=0))


def test_a_push_depends_on_the_label_only_if_d_looks_at_it(game):
    points = np.random.default_rng(3).normal(size=(20, 2))
    asked = [np.full(20, label) for label in range(3)]
    assert not np.allclose(game.pushes(points, asked[0]), game.pushes(points, asked[1]))
    game.d["label"] = np.zeros_like(game.d["label"])
    first, *others = (game.pushes(points, labels) for labels in asked)
    assert all(np.array_equal(first, other) for other in others) and np.any(first)
    game.d["out"] = np.zeros_like(game.d["out"])  # now D says the same everywhere
    assert not np.any(game.pushes(points, asked[0]))


def test_a_push_points_uphill_and_is_weaker_where_d_is_taken_in(game):
    game.d["label"] = np.zeros_like(game.d["label"])
    game.d["hidden"] = np.stack([np.full(toy.D_UNITS, 0.5), np.zeros(toy.D_UNITS)])
    game.d["hidden_bias"] = np.zeros(toy.D_UNITS)
    game.d["out"] = np.full(toy.D_UNITS, 0.2)  # D rises to the right, and evenly about 0
    left, right = game.pushes(np.array([[-0.5, 1.0], [0.5, 1.0]]), np.array([0, 0]))
    assert left[1] == right[1] == 0.0 and left[0] > right[0] > 0.0


def test_each_step_moves_its_own_player_only(game):
    for step, moves, stays in ((game.step_d, game.d, game.g), (game.step_g, game.g, game.d)):
        moved, still = ({name: w.copy() for name, w in part.items()} for part in (moves, stays))
        step()
        assert all(np.any(moves[name] != moved[name]) for name in moves)
        assert all(np.array_equal(stays[name], still[name]) for name in stays)
    assert (game.d_steps, game.g_steps) == (21, 21)


def test_d_alone_wins_and_g_alone_runs_into_one_place():
    game = toy.Toy(seed=0)
    losses = [game.step_d() for _ in range(300)]
    assert losses[0] == pytest.approx(2 * np.log(2)) and np.mean(losses[-50:]) < 0.3 * losses[0]
    spread = game.draw(200, 0).std(axis=0).max()
    for _ in range(300):
        game.step_g()
    assert game.draw(200, 0).std(axis=0).max() < spread


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
def test_taking_turns_reaches_one_spot_first_and_both_later(seed):
    """The second label has two spots: half of the real points stay out of reach until D notices."""
    game, rng = toy.Toy(seed), np.random.default_rng(9)

    def reached(label):
        """Return the shares of real points near a fake, and of fakes near a real point."""
        real, fake = toy.real_points(np.full(300, label), rng), game.draw(300, label)
        near = np.linalg.norm(real[:, None] - fake, axis=-1) < 0.25
        return near.any(axis=1).mean(), near.any(axis=0).mean()

    play(game, 200)
    assert reached(1)[0] < 0.7
    play(game, 3800)
    assert min(share for label in range(3) for share in reached(label)) > 0.75


def test_a_seed_repeats_the_game():
    games = [toy.Toy(seed=seed) for seed in (1, 1, 2)]
    losses = [[game.step_d() + game.step_g() for _ in range(5)] for game in games]
    assert losses[0] == losses[1] != losses[2]
    assert np.array_equal(games[0].draw(4, 2), games[1].draw(4, 2))
