"""Typical mistakes in the search for the noise behind a picture."""

MUTANTS = {
    "04.invert": {
        "the generator's weights moved": (
            ("adam.build([z])", "adam.build(generator.trainable_variables)"),
            ("tape.gradient(far, z)", "tape.gradient(far, generator.trainable_variables)"),
            ("adam.apply([slope], [z])", "adam.apply(slope, generator.trainable_variables)"),
        ),
        "descend, do not climb": (("far = tf.reduce_sum", "far = -tf.reduce_sum"),),
        "the batch is mixed": (
            ("adam.apply([slope]", "adam.apply([0 * slope + tf.reduce_mean(slope, axis=0)]"),
        ),
        "the mean of all of them": (("- pictures)", "- tf.reduce_mean(pictures, axis=0))"),),
        "the label is not used": (("generator([z, label])", "generator([z, 0 * label])"),),
        "the noise did not move": (("        adam.apply([slope], [z])\n", ""),),
        "two calls, two results": (
            ("z = tf.Variable(noise)", "z = tf.Variable(tf.random.normal(noise.shape))"),
        ),
        "another one": (("z = tf.Variable(noise)", "z = tf.Variable(0 * noise)"),),
        "plain descent": (("adam.apply([slope], [z])", "z.assign_sub(rate * slope)"),),
        "no gradient reaches": (
            ("tape.gradient(far, z)", "tape.gradient(far, tf.Variable(noise))"),
        ),
        "but not near": (("range(steps)", "range(5)"),),
        "steps is not used": (("range(steps)", "range(200)"),),
        "rate is not used": (("Adam(rate)", "Adam(0.1)"),),
        "it returns pictures": (("return z.numpy()", "return generator([z, label])"),),
        "one step too few": (("range(steps)", "range(steps - 1)"),),
        "made anew in the loop": (
            ("    @tf.function\n", ""),
            (
                "adam.apply([slope], [z])",
                "keras.optimizers.Adam(rate).apply([slope], [z])",
            ),
        ),
        "takes tensors together": (("label = tf.constant(label)", "label = np.array(label)"),),
    },
}
