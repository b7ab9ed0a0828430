"""Typical mistakes in the generator and the discriminator."""

MUTANTS = {
    "02.make_generator": {
        "no picture ever has a negative pixel": (('"tanh"', '"sigmoid"'),),
        "pixels leave [-1, 1]": ((', activation="tanh"', ""),),
        "whatever the label": (
            ("layers.Concatenate()([noise, layers.Rescaling(5.0)(label)])", "noise"),
        ),
        "whatever the noise": (
            ("layers.Concatenate()([noise, layers.Rescaling(5.0)(label)])", "label"),
        ),
        "in the other order": (("keras.Model([noise, label]", "keras.Model([label, noise]"),),
        "but flat": (("layers.Reshape((28, 28, 1))(pixels)", "pixels"),),
        "expected a keras.Model": (
            ("keras.Model([noise, label], layers.Reshape((28, 28, 1))(pixels))", "h"),
        ),
    },
    "02.make_discriminator": {
        "stays within": (
            ("layers.Add()([real, fits])", 'layers.Activation("sigmoid")(real + fits)'),
        ),
        "whatever the label": (("layers.Add()([real, fits])", "real"),),
        "whatever the picture": (("f = layers.Flatten()(image)", "f = label"),),
        "by the same amount for every picture": (
            ("layers.Dot(axes=1)([direction, f])", "layers.Dense(1)(label)"),
        ),
        "in the other order": (("keras.Model([image, label]", "keras.Model([label, image]"),),
        "gives (256,)": (
            ("layers.Dense(1)(f)", "layers.Dense(256)(f)"),
            ("layers.Dot(axes=1)([direction, f])", "direction"),
        ),
        "expected a keras.Model": (
            ("keras.Model([image, label], layers.Add()([real, fits]))", "layers.Add()"),
        ),
    },
}
