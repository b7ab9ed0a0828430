"""Typical mistakes in a modulation."""

MUTANTS = {
    "10.modulate": {
        "nothing has changed": (("x * scale + shift", "x"),),
        "the 1 is missing": (("1 + (label", "(label"),),
        "scaled, too": (("x * scale + shift", "(x + shift) * scale"),),
        "have changed places": (
            ("@ gamma", "@ swapped"),
            ("@ beta", "@ gamma"),
            ("@ swapped", "@ beta"),
        ),
        "the shift is missing": ((" + shift", ""),),
        "only shifts": (("x * scale", "x"),),
        "the shift is subtracted": (("+ shift", "- shift"),),
        "taken for the largest": (
            ("label @ gamma", "gamma[label.argmax(axis=1)]"),
            ("label @ beta", "beta[label.argmax(axis=1)]"),
        ),
        "mean label of the batch": (
            ("    shape", "    label = label * 0 + label.mean(axis=0)\n    shape"),
        ),
        "into each column of pixels": ((".reshape(shape)", ""),),
        "for features of shape (4, 5)": (
            ("(len(x), *(1 for _ in x.shape[1:-1]), x.shape[-1])", "(len(x), 1, 1, x.shape[-1])"),
        ),
        "The check called it with features of shape (4, 5)": (
            ("(len(x), *(1 for _ in x.shape[1:-1]), x.shape[-1])", "(len(x), 1, 1, x.shape[3])"),
        ),
    },
}
