"""Typical mistakes in the two turns and the moving average."""

MUTANTS = {
    "03.d_turn": {
        "no weight moved": (("    d_adam.apply(tape.gradient(loss, weights), weights)\n", ""),),
        "G's weights moved too": (
            ("    fakes = generator([noise, label])\n", ""),
            ("as tape:\n", "as tape:\n        fakes = generator([noise, label])\n"),
            (
                "weights = discriminator.trainable_variables",
                "weights = discriminator.trainable_variables + generator.trainable_variables",
            ),
        ),
        "D climbs its loss": (("loss = tf", "loss = -tf"), (") + tf", ") - tf")),
        "real and fake are exchanged": (("(-on_real)", "(on_real)"), ("(on_fakes)", "(-on_fakes)")),
        "the fakes are missing": ((" + tf.reduce_mean(tf.nn.softplus(on_fakes))", ""),),
        "the real pictures are missing": (("tf.reduce_mean(tf.nn.softplus(-on_real)) + ", ""),),
        "the sigmoid is applied twice": (
            ("softplus(-on_real)", "softplus(-tf.sigmoid(on_real))"),
            ("softplus(on_fakes)", "softplus(tf.sigmoid(on_fakes))"),
        ),
        "these are sums": (("reduce_mean", "reduce_sum"),),
        "returns nothing": (("    return loss\n", ""),),
        "not inside tf.function": (("return loss", "return float(loss)"),),
    },
    "03.g_turn": {
        "outside the tape": (
            ("    with tf", "    fakes = generator([noise, label])\n    with tf"),
            ("discriminator([generator([noise, label]), label])", "discriminator([fakes, label])"),
        ),
        "D's weights moved too": (
            (
                "weights = generator.trainable_variables",
                "weights = generator.trainable_variables + discriminator.trainable_variables",
            ),
        ),
        "no weight moved": (("    g_adam.apply(tape.gradient(loss, weights), weights)\n", ""),),
        "the saturating loss": (
            (
                "loss = tf.reduce_mean(tf.nn.softplus(-on",
                "loss = -tf.reduce_mean(tf.nn.softplus(on",
            ),
        ),
        "away from what D takes for real": (("softplus(-on_fakes)", "softplus(on_fakes)"),),
        "noise of its own": (
            ("generator([noise, label])", "generator([tf.random.normal(noise.shape), label])"),
        ),
        "the sigmoid is applied twice": (
            ("softplus(-on_fakes)", "softplus(-tf.sigmoid(on_fakes))"),
        ),
        "this is a sum": (("reduce_mean", "reduce_sum"),),
        "returns nothing": (("    return loss\n", ""),),
    },
    "03.moving_average": {
        "shares are exchanged": (
            ("decay * average + (1 - decay)", "(1 - decay) * average + decay"),
        ),
        "more than 1": (("(1 - decay) * weights", "weights"),),
        "decay is not used": (
            ("decay * average + (1 - decay) * weights", "(average + weights) / 2"),
        ),
        "has shape": (("return decay", "return np.ravel(decay"), ("weights\n", "weights)\n")),
    },
}
