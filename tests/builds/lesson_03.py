"""Typical mistakes in the two turns and the moving average."""

MUTANTS = {
    "03.d_turn": {
        "no weight moved": (("    d_adam.apply(tape.gradient(loss, own), own)\n", ""),),
        "G's weights moved too": (
            ("    fakes = generator([noise, label])\n", ""),
            ("as tape:\n", "as tape:\n        fakes = generator([noise, label])\n"),
            (
                "own = discriminator.trainable_variables",
                "own = discriminator.trainable_variables + generator.trainable_variables",
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
        "noise of its own": (
            ("generator([noise, label])", "generator([tf.random.normal(noise.shape), label])"),
        ),
        "returns nothing": (("    return loss\n", ""),),
        "not inside tf.function": (("return loss", "return loss.numpy()"),),
        "the loss after the step": (
            (
                "return loss",
                "return tf.reduce_mean(tf.nn.softplus(-discriminator([real, label]))) "
                "+ tf.reduce_mean(tf.nn.softplus(discriminator([fakes, label])))",
            ),
        ),
        "leaves G frozen": (("return loss", "generator.trainable = False; return loss"),),
        "half of the loss": (("loss = tf", "loss = 0.5 * tf"), (") + tf", ") + 0.5 * tf")),
        "taken for probabilities": (
            ("tf.reduce_mean(tf.nn.softplus(-on_real))", "entropy(tf.ones_like(on_real), on_real)"),
            ("tf.reduce_mean(tf.nn.softplus(on_fakes))", "entropy(0 * on_fakes, on_fakes)"),
            (
                "    fakes = ",
                "    entropy = tf.keras.losses.BinaryCrossentropy()\n    fakes = ",
            ),
        ),
        "not finite where D is sure": (
            ("tf.nn.softplus(-on_real)", "-tf.math.log(tf.sigmoid(on_real))"),
            ("tf.nn.softplus(on_fakes)", "-tf.math.log(1 - tf.sigmoid(on_fakes))"),
        ),
    },
    "03.g_turn": {
        "outside the tape": (
            ("    with tf", "    fakes = generator([noise, label])\n    with tf"),
            ("discriminator([generator([noise, label]), label])", "discriminator([fakes, label])"),
        ),
        "D's weights moved too": (
            (
                "own = generator.trainable_variables",
                "own = generator.trainable_variables + discriminator.trainable_variables",
            ),
        ),
        "no weight moved": (("    g_adam.apply(tape.gradient(loss, own), own)\n", ""),),
        "the saturating loss": (
            (
                "loss = tf.reduce_mean(tf.nn.softplus(-on",
                "loss = -tf.reduce_mean(tf.nn.softplus(on",
            ),
        ),
        "teaches G to be caught": (("softplus(-on_fakes)", "softplus(on_fakes)"),),
        "the sign is wrong": (("loss = tf", "loss = -tf"),),
        "expected the loss, one number": (("return loss", "return loss, own"),),
        "noise of its own": (
            ("generator([noise, label])", "generator([tf.random.normal(noise.shape), label])"),
        ),
        "the sigmoid is applied twice": (
            ("softplus(-on_fakes)", "softplus(-tf.sigmoid(on_fakes))"),
        ),
        "these are sums": (("reduce_mean", "reduce_sum"),),
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
