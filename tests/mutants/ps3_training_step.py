"""Typical wrong answers to assignment 3, the training step. Data only."""

from mutants import Mutant

_SMOOTHED = """
def smoothed_losses(real, fake, smooth):
    on_real = ON_REAL
    on_fake = ON_FAKE
    return tf.reduce_mean(on_real) + tf.reduce_mean(on_fake), tf.reduce_mean(ON_G)
"""
_RIGHT = {
    "ON_REAL": "(1.0 - smooth) * tf.nn.softplus(-real) + smooth * tf.nn.softplus(real)",
    "ON_FAKE": "tf.nn.softplus(fake)",
    "ON_G": "tf.nn.softplus(-fake)",
}

_PLAY = """
def play(generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, real, label, noise):
    d_losses = []
    for z in noise[:-1]:
        fakes = generator([z, label])
        with tf.GradientTape() as tape:
            d_loss = d_loss_of(discriminator([real, label]), discriminator([fakes, label]))
        weights = discriminator.trainable_variables
        d_optimizer.apply(tape.gradient(d_loss, weights), weights)
        d_losses.append(float(d_loss))
    with tf.GradientTape() as tape:
        g_loss = g_loss_of(discriminator([generator([noise[-1], label]), label]))
    weights = generator.trainable_variables
    g_optimizer.apply(tape.gradient(g_loss, weights), weights)
    return float(np.mean(d_losses)), float(g_loss)
"""

_PARTS = """
def gradient_in_parts(loss_of, variables, x, label, size):
    total = [np.zeros(variable.shape) for variable in variables]
    parts = PARTS
    for part in parts:
        with tf.GradientTape() as tape:
            loss = loss_of(x[part], label[part])
        for i, gradient in enumerate(tape.gradient(loss, variables)):
            if gradient is not None:
                total[i] += SHARE * np.asarray(gradient)
    return total
"""
_ALL = "[slice(start, start + size) for start in range(0, len(x), size)]"

_AVERAGE = """
def corrected_average(history, decay):
    average = [np.zeros_like(weight, dtype=float) for weight in history[0]]
    for step, weights in enumerate(history, 1):
        average = [KEEP * m + TAKE * np.asarray(w) for m, w in zip(average, weights)]
    return [m / DIVISOR for m in average]
"""

_TURN = """
def g_turn(generator, discriminator, optimizer, noise, label):
    BEFORE
    with tf.GradientTape() as tape:
        fakes = generator([noise, label], training=G_MODE)
        loss = tf.reduce_mean(tf.nn.softplus(-discriminator([fakes, label], training=D_MODE)))
    weights = generator.trainable_variables
    optimizer.apply(tape.gradient(loss, weights), weights)
    AFTER
    return float(loss)
"""


def _filled(template, **parts):
    for key, text in parts.items():
        template = template.replace(key, text)
    return template


def _changed(source, old, new):
    if old not in source:
        raise ValueError(f"nothing to change: {old!r}")
    return source.replace(old, new)


def _lost(task, *cells):
    return frozenset(f"ps3_{task}_{cell}" for cell in cells)


MUTANTS = {
    "ps3_smoothing": [
        Mutant(
            "smoothed on both sides: fakes have the target s",
            _filled(
                _SMOOTHED,
                **{
                    **_RIGHT,
                    "ON_FAKE": "(1.0 - smooth) * tf.nn.softplus(fake) + smooth * tf.nn.softplus(-fake)",
                },
            ),
            _lost("smoothing", 1, 2, 3),
        ),
        Mutant(
            "the wrong sign: the target of real pictures is 1 + s",
            _filled(
                _SMOOTHED,
                **{
                    **_RIGHT,
                    "ON_REAL": "(1.0 + smooth) * tf.nn.softplus(-real) - smooth * tf.nn.softplus(real)",
                },
            ),
            _lost("smoothing", 1, 2, 3),
        ),
        Mutant(
            "G's target is smoothed as well",
            _filled(
                _SMOOTHED,
                **{
                    **_RIGHT,
                    "ON_G": "(1.0 - smooth) * tf.nn.softplus(-fake) + smooth * tf.nn.softplus(fake)",
                },
            ),
            _lost("smoothing", 1, 3),
        ),
        Mutant(
            "through the sigmoid and its logarithm, which overflows",
            """
def smoothed_losses(real, fake, smooth):
    real, fake = tf.sigmoid(real), tf.sigmoid(fake)
    on_real = -(1.0 - smooth) * tf.math.log(real) - smooth * tf.math.log(1.0 - real)
    d_loss = tf.reduce_mean(on_real) - tf.reduce_mean(tf.math.log(1.0 - fake))
    return d_loss, -tf.reduce_mean(tf.math.log(fake))
""",
            _lost("smoothing", 3),
        ),
        Mutant(
            "the probability is clipped: finite, but wrong far out",
            """
def smoothed_losses(real, fake, smooth):
    real, fake = (tf.clip_by_value(tf.sigmoid(a), 1e-7, 1.0 - 1e-7) for a in (real, fake))
    on_real = -(1.0 - smooth) * tf.math.log(real) - smooth * tf.math.log(1.0 - real)
    d_loss = tf.reduce_mean(on_real) - tf.reduce_mean(tf.math.log(1.0 - fake))
    return d_loss, -tf.reduce_mean(tf.math.log(fake))
""",
            _lost("smoothing", 3),
        ),
    ],
    "ps3_turns": [
        Mutant(
            "G's turn also changes D, as with the trap of lesson 03",
            _changed(
                _PLAY,
                "    weights = generator.trainable_variables\n"
                "    g_optimizer.apply(tape.gradient(g_loss, weights), weights)",
                "    both = [generator.trainable_variables, discriminator.trainable_variables]\n"
                "    g_gradients, d_gradients = tape.gradient(g_loss, both)\n"
                "    g_optimizer.apply(g_gradients, both[0])\n"
                "    d_optimizer.apply(d_gradients, both[1])",
            ),
            _lost("turns", 1, 2, 3),
        ),
        Mutant(
            "both gradients before either update: G learns from the old D",
            """
def play(generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, real, label, noise):
    with tf.GradientTape() as tape:
        g_loss = g_loss_of(discriminator([generator([noise[-1], label]), label]))
    g_weights = generator.trainable_variables
    g_gradients = tape.gradient(g_loss, g_weights)
    d_losses = []
    for z in noise[:-1]:
        fakes = generator([z, label])
        with tf.GradientTape() as tape:
            d_loss = d_loss_of(discriminator([real, label]), discriminator([fakes, label]))
        weights = discriminator.trainable_variables
        d_optimizer.apply(tape.gradient(d_loss, weights), weights)
        d_losses.append(float(d_loss))
    g_optimizer.apply(g_gradients, g_weights)
    return float(np.mean(d_losses)), float(g_loss)
""",
            _lost("turns", 2),
        ),
        Mutant(
            "G takes its turn first",
            """
def play(generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, real, label, noise):
    with tf.GradientTape() as tape:
        g_loss = g_loss_of(discriminator([generator([noise[-1], label]), label]))
    weights = generator.trainable_variables
    g_optimizer.apply(tape.gradient(g_loss, weights), weights)
    d_losses = []
    for z in noise[:-1]:
        fakes = generator([z, label])
        with tf.GradientTape() as tape:
            d_loss = d_loss_of(discriminator([real, label]), discriminator([fakes, label]))
        weights = discriminator.trainable_variables
        d_optimizer.apply(tape.gradient(d_loss, weights), weights)
        d_losses.append(float(d_loss))
    return float(np.mean(d_losses)), float(g_loss)
""",
            _lost("turns", 1, 2, 3),
        ),
        Mutant(
            "every turn of D sees the fakes of the first noise",
            _changed(
                _PLAY, "fakes = generator([z, label])", "fakes = generator([noise[0], label])"
            ),
            _lost("turns", 3),
        ),
        Mutant(
            "D takes one turn, whatever was asked for",
            _changed(_PLAY, "for z in noise[:-1]:", "for z in noise[:1]:"),
            _lost("turns", 3),
        ),
        Mutant(
            "G learns with the noise that D has just seen",
            _changed(
                _PLAY,
                "generator([noise[-1], label]), label",
                "generator([noise[-2], label]), label",
            ),
            _lost("turns", 2),
        ),
    ],
    "ps3_accumulate": [
        Mutant(
            "the parts' gradients are added, not averaged",
            _filled(_PARTS, PARTS=_ALL, SHARE="1.0"),
            _lost("accumulate", 1, 2, 3),
        ),
        Mutant(
            "every part has the same weight, the small last one too",
            _filled(_PARTS, PARTS=_ALL, SHARE="(1.0 / len(parts))"),
            _lost("accumulate", 2),
        ),
        Mutant(
            "the last, smaller part is dropped",
            _filled(
                _PARTS,
                PARTS="[slice(start, start + size) for start in range(0, len(x) - size + 1, size)]",
                SHARE="(1.0 / len(parts))",
            ),
            _lost("accumulate", 2),
        ),
        Mutant(
            "the share is the part's size asked for, not the one it has",
            _filled(_PARTS, PARTS=_ALL, SHARE="(size / len(x))"),
            _lost("accumulate", 2),
        ),
        Mutant(
            "a gradient of None is not expected",
            _changed(
                _filled(_PARTS, PARTS=_ALL, SHARE="(len(x[part]) / len(x))"),
                "            if gradient is not None:\n                total",
                "            total",
            ),
            _lost("accumulate", 3),
        ),
    ],
    "ps3_ema": [
        Mutant(
            "no correction: the start at zero drags the average down",
            _filled(_AVERAGE, KEEP="decay", TAKE="(1 - decay)", DIVISOR="1.0"),
            _lost("ema", 1),
        ),
        Mutant(
            "the shares are exchanged",
            _filled(
                _AVERAGE, KEEP="(1 - decay)", TAKE="decay", DIVISOR="(1 - decay ** len(history))"
            ),
            _lost("ema", 1),
        ),
        Mutant(
            "the corrected average is what the next step goes on with",
            """
def corrected_average(history, decay):
    average = [np.zeros_like(weight, dtype=float) for weight in history[0]]
    for step, weights in enumerate(history, 1):
        average = [(decay * m + (1 - decay) * np.asarray(w)) / (1 - decay**step) for m, w in zip(average, weights)]
    return average
""",
            _lost("ema", 1),
        ),
        Mutant(
            "started from the first weights, as lesson 03 does",
            """
def corrected_average(history, decay):
    average = [np.array(weight, float) for weight in history[0]]
    for weights in history[1:]:
        average = [decay * m + (1 - decay) * np.asarray(w) for m, w in zip(average, weights)]
    return average
""",
            _lost("ema", 1),
        ),
        Mutant(
            "the average is kept in the run's own first arrays",
            """
def corrected_average(history, decay):
    average = history[0]
    for m in average:
        m *= 1 - decay
    for weights in history[1:]:
        for m, w in zip(average, weights):
            m *= decay
            m += (1 - decay) * w
    return [m / (1 - decay ** len(history)) for m in average]
""",
            _lost("ema", 1, 2),
        ),
    ],
    "ps3_asked": [
        Mutant(
            "D answers in training mode: its moving statistics learn from fakes",
            _filled(_TURN, BEFORE="pass", G_MODE="True", D_MODE="True", AFTER="pass"),
            _lost("asked", 1, 2),
        ),
        Mutant(
            "no mode is given: G runs as if it were only asked, too",
            _filled(_TURN, BEFORE="pass", G_MODE="None", D_MODE="None", AFTER="pass"),
            _lost("asked", 2),
        ),
        Mutant(
            "D is frozen and left frozen",
            _filled(
                _TURN,
                BEFORE="discriminator.trainable = False",
                G_MODE="True",
                D_MODE="True",
                AFTER="pass",
            ),
            _lost("asked", 3),
        ),
        Mutant(
            "D is frozen and thawed again, with a layer that somebody had kept fixed",
            _filled(
                _TURN,
                BEFORE="discriminator.trainable = False",
                G_MODE="True",
                D_MODE="True",
                AFTER="discriminator.trainable = True",
            ),
            _lost("asked", 3),
        ),
        Mutant(
            "D's weights are handed to the optimizer as well",
            _changed(
                _filled(_TURN, BEFORE="pass", G_MODE="True", D_MODE="False", AFTER="pass"),
                "weights = generator.trainable_variables",
                "weights = generator.trainable_variables + discriminator.trainable_variables",
            ),
            _lost("asked", 1),
        ),
    ],
}
