"""The toy in a plane: its gradients are TensorFlow's, each step moves its own player, and it learns all labels."""

import numpy as np
import pytest
import tensorflow as tf

from cgan_lab import toy


def as_tensors(weights):
    return {name: tf.Variable(value, dtype=tf.float64) for name, value in weights.items()}


def tf_generate(g, z, labels):
    hidden = tf.tanh(tf.concat([z, tf.one_hot(labels, 3, dtype=tf.float64)], 1) @ g["hidden"] + g["hidden_bias"])
    return hidden @ g["out"] + g["out_bias"]


def tf_logits(d, points, labels):
    f = tf.tanh(points @ d["hidden"] + d["hidden_bias"])
    return tf.linalg.matvec(f, d["out"]) + d["out_bias"] + tf.reduce_sum(f * tf.gather(d["label"], labels), 1)


def close(mine, theirs):
    return all(np.allclose(mine[name], tf.convert_to_tensor(theirs[name]), atol=1e-12) for name in mine)


@pytest.fixture
def game():
    """A game that has begun, so that no weight is 0."""
    found = toy.Toy(seed=3)
    for _ in range(20):
        found.step_d(), found.step_g()
    return found


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


@pytest.mark.parametrize("seed", range(3))
def test_taking_turns_reaches_one_spot_first_and_both_later(seed):
    """The second label has two spots: half of the real points stay out of reach until D notices."""
    game, rng = toy.Toy(seed), np.random.default_rng(9)
    reached = {}
    for step in range(1, 4001):
        game.step_d(), game.step_g()
        if step in (200, 4000):
            for label in range(3):
                real, fake = toy.real_points(np.full(300, label), rng), game.draw(300, label)
                far = np.linalg.norm(real[:, None] - fake, axis=-1)
                reached[step, label] = np.mean(far.min(axis=1) < 0.25), np.mean(far.min(axis=0) < 0.25)
    assert reached[200, 1][0] < 0.7
    assert all(min(reached[4000, label]) > 0.75 for label in range(3)), reached


def test_a_seed_repeats_the_game():
    games = [toy.Toy(seed=seed) for seed in (1, 1, 2)]
    losses = [[game.step_d() + game.step_g() for _ in range(5)] for game in games]
    assert losses[0] == losses[1] != losses[2]
    assert np.array_equal(games[0].draw(4, 2), games[1].draw(4, 2))
