"""Typical mistakes in the way to noise, in a step back and in guidance."""

MUTANTS = {
    "09.noised": {
        "image and noise are swapped": (
            ("* images + tf.sin(angle) * noise", "* noise + tf.sin(angle) * images"),
        ),
        "not inside tf.function": (("return ", "images = images.numpy()\n    return "),),
        "runs to 180 degrees": (("0.5 * np.pi", "np.pi"),),
        "t itself is taken": (("0.5 * np.pi * t", "t"),),
        "the straight line": (("tf.cos(angle)", "(1 - t)"), ("tf.sin(angle)", "t")),
        "it is added": (("images + tf", "images - tf"),),
        "the squares of the factors": (
            ("tf.cos(angle)", "tf.cos(angle) ** 2"),
            ("tf.sin(angle)", "tf.sin(angle) ** 2"),
        ),
        "a time of its own": (("angle = 0.5 * np.pi * t", "angle = 0.5 * np.pi * float(t)"),),
    },
    "09.step": {
        "nothing changed": (("* to", "* t"),),
        "the clean image alone": (
            ("return tf.cos(then) * clean + tf.sin(then) * noise", "return clean"),
        ),
        "no factor in the mixture": (("return tf.cos(then) * clean", "return clean"),),
        "subtracted with no factor": (("noisy - tf.cos(now) * clean", "noisy - clean"),),
        "divide by it": ((" / tf.sin(now)", ""),),
        "the two times are swapped": (("now, then =", "then, now ="),),
        "as the exact answer of appendix C": (
            ("tf.cos(then) * clean + tf.sin(then) * noise", "clean + (noisy - clean) * to / t"),
        ),
    },
    "09.guided": {
        "guidance 1 should return that one": (("unlabelled + guidance", "labelled + guidance"),),
        "the difference is turned round": (("labelled - unlabelled)", "unlabelled - labelled)"),),
        "the push alone": (("unlabelled + guidance", "guidance"),),
        "the two answers are swapped": (
            (
                "unlabelled + guidance * (labelled - unlabelled)",
                "labelled + guidance * (unlabelled - labelled)",
            ),
        ),
        "the difference counts": (("(labelled - unlabelled)", "labelled"),),
    },
}
