"""Typical mistakes in a gradient penalty."""

MUTANTS = {
    "07.penalty": {
        "adds up the whole batch": (("tf.reduce_mean(squares)", "tf.reduce_sum(squares)"),),
        "mean over pixels": (("tf.reduce_sum(", "tf.reduce_mean("),),
        "the slope at the fakes": (
            ("watch(real)", "watch(fake)"),
            ("([real, label])", "([fake, label])"),
            ("(logits, real)", "(logits, fake)"),
        ),
        "with respect to the label": (
            ("watch(real)", "watch(label)"),
            ("(logits, real)", "(logits, label)"),
            ("[1, 2, 3]", "1"),
        ),
        "with respect to D's weights": (
            ("(logits, real)", "(logits, discriminator.trainable_variables)"),
            (
                "tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3])",
                "[sum(tf.reduce_sum(tf.square(part)) for part in gradient)]",
            ),
        ),
        "the factor is missing": (("0.5 * ", ""),),
        "wants a length of 1": (("(squares)", "((tf.sqrt(squares) - 1) ** 2)"),),
        "charges the length": (("(squares)", "(tf.sqrt(squares))"),),
        "averaged before the gradient": (
            ("discriminator([real, label])", "tf.reduce_mean(discriminator([real, label]))"),
        ),
        "the slope of the probability": (
            ("discriminator([real, label])", "tf.sigmoid(discriminator([real, label]))"),
        ),
        "the gradient is None": (("        tape.watch(real)\n", ""),),
        "no gradient flows through": (("tf.square(gradient)", "tf.square(gradient.numpy())"),),
        "so D cannot learn": (("tf.square(gradient)", "tf.square(tf.stop_gradient(gradient))"),),
        "expected one number": (("0.5 * tf.reduce_mean(squares)", "0.5 * squares"),),
        "not inside tf.function": (
            ("return 0.5", "if np.asarray(squares)[0] < 0:\n        return 0.0\n    return 0.5"),
        ),
    },
}
