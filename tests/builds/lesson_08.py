"""Typical mistakes in the entry: two things changed, a seed that is not used, a part left out."""

MUTANTS = {
    "08.entry": {
        "the average is still one of dense's": (
            (
                "model = cgan.CGAN(own, dense.discriminator, ema=dense.ema, seed=seed)",
                "model = dense\n    model.generator = own",
            ),
        ),
        "D does not start from": (
            (
                "(own, dense.discriminator,",
                "(own, cgan.build('dense', seed=seed + 9).discriminator,",
            ),
        ),
        "nothing to train": (("else dense.generator", "else dense.averaged"),),
        "same first weights for every seed": (('"dense", seed=seed', '"dense", seed=0'),),
        "same training noise": ((", seed=seed)\n    if", ")\n    if"),),
        "other first weights": (
            ("    dense = cgan", "    made = generator and generator()\n    dense = cgan"),
            ("generator() if generator", "made if generator"),
        ),
        "your generator is not in it": (
            ("generator() if generator else dense.generator", "dense.generator"),
        ),
        "it is not compiled": (("    model.compile()\n", ""),),
        "G's optimizer is Adam(0.001": (("compile()", 'compile("adam", "adam")'),),
        "ema is 0.998, and dense has 0.999": (("ema=dense.ema, ", ""),),
        "your penalty is not in it": (
            ('    if penalty:\n        model.penalty = losses.Penalty("mine", penalty)\n', ""),
        ),
        "your loss is not in it": (
            ('    if loss:\n        model.adversarial = losses.Loss("mine", *loss)\n', ""),
        ),
        "are exchanged": (("*loss)", "*loss[::-1])"),),
        "expected a cgan.CGAN": (("return model", "return model.generator"),),
    },
}
