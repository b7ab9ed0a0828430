"""Typical wrong answers to assignment 3, the training step. Data only."""

from . import of, whole

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

_LOGARITHMS = """
def smoothed_losses(real, fake, smooth):
    real, fake = (CLIPPED for p in (tf.sigmoid(real), tf.sigmoid(fake)))
    on_real = -(1.0 - smooth) * tf.math.log(real) - smooth * tf.math.log(1.0 - real)
    d_loss = tf.reduce_mean(on_real) - tf.reduce_mean(tf.math.log(1.0 - fake))
    return d_loss, -tf.reduce_mean(tf.math.log(fake))
"""

_HEAD = """
def play(generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, *data):
    real, label, noise = data
    d_losses = []
"""
_D_TURNS = """
    for z in noise[:-1]:
        fakes = generator([z, label])
        with tf.GradientTape() as tape:
            d_loss = d_loss_of(discriminator([real, label]), discriminator([fakes, label]))
        weights = discriminator.trainable_variables
        d_optimizer.apply(tape.gradient(d_loss, weights), weights)
        d_losses.append(float(d_loss))
"""
_G_GRADIENTS = """
    with tf.GradientTape() as tape:
        g_loss = g_loss_of(discriminator([generator([noise[-1], label]), label]))
    g_weights = generator.trainable_variables
    g_gradients = tape.gradient(g_loss, g_weights)
"""
_G_STEP = """
    g_optimizer.apply(g_gradients, g_weights)
"""
_RETURN = """
    return float(np.mean(d_losses)), float(g_loss)
"""
_PLAY = _HEAD + _D_TURNS + _G_GRADIENTS + _G_STEP + _RETURN

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

smoothing = of("ps3_smoothing", _SMOOTHED, **_RIGHT)
logarithms = of("ps3_smoothing", _LOGARITHMS)
turns = of("ps3_turns", _PLAY)
accumulate = of("ps3_accumulate", _PARTS, PARTS=_ALL, SHARE="(len(x[part]) / len(x))")
ema = of("ps3_ema", _AVERAGE)
_SLIP = {"BEFORE": "pass", "AFTER": "pass", "G_MODE": "True", "D_MODE": "True"}
asked = of("ps3_asked", _TURN, **_SLIP)

MUTANTS = {
    "ps3_smoothing": [
        smoothing(
            "smoothed on both sides: fakes have the target s",
            ("1 hidden", "2 hidden", 3),
            ON_FAKE="(1.0 - smooth) * tf.nn.softplus(fake) + smooth * tf.nn.softplus(-fake)",
        ),
        smoothing(
            "the wrong sign: the target of real pictures is 1 + s",
            (1, 2, 3),
            ON_REAL="(1.0 + smooth) * tf.nn.softplus(-real) - smooth * tf.nn.softplus(real)",
        ),
        smoothing(
            "G's target is smoothed as well",
            ("1 hidden", 3),
            ON_G="(1.0 - smooth) * tf.nn.softplus(-fake) + smooth * tf.nn.softplus(fake)",
        ),
        whole(
            "ps3_smoothing",
            "lazy: Keras' label_smoothing, which smooths both sides, and by half",
            (1, 2, 3),
            """
def smoothed_losses(real, fake, smooth):
    soft = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smooth)
    hard = keras.losses.BinaryCrossentropy(from_logits=True)
    d_loss = soft(tf.ones_like(real), real) + soft(tf.zeros_like(fake), fake)
    return d_loss, hard(tf.ones_like(fake), fake)
""",
        ),
        whole(
            "ps3_smoothing",
            "right: the cross-entropy from logits, with targets",
            (),
            """
def smoothed_losses(real, fake, smooth):
    def cost(target, logits):
        targets = target * tf.ones_like(logits)
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits))

    return cost(1 - smooth, real) + cost(0.0, fake), cost(1.0, fake)
""",
        ),
        logarithms("through the sigmoid and its logarithm, which overflows", (3,), CLIPPED="p"),
        logarithms(
            "the probability is clipped: finite, but wrong far out",
            (3,),
            CLIPPED="tf.clip_by_value(p, 1e-7, 1.0 - 1e-7)",
        ),
        whole(
            "ps3_smoothing",
            "right: Keras' cross-entropy with targets of one's own",
            (),
            """
def smoothed_losses(real, fake, smooth):
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    d_loss = bce(tf.fill(tf.shape(real), 1.0 - smooth), real) + bce(tf.zeros_like(fake), fake)
    return d_loss, bce(tf.ones_like(fake), fake)
""",
        ),
        whole(
            "ps3_smoothing",
            "right: log sigmoid, in float64",
            (),
            """
def smoothed_losses(a, b, s):
    a, b = tf.cast(a, tf.float64), tf.cast(b, tf.float64)
    log_d, log_not_d = tf.math.log_sigmoid(a), tf.math.log_sigmoid(-a)
    real = -tf.reduce_mean((1 - s) * log_d + s * log_not_d)
    return real - tf.reduce_mean(tf.math.log_sigmoid(-b)), -tf.reduce_mean(tf.math.log_sigmoid(b))
""",
        ),
        whole(
            "ps3_smoothing",
            "right: the logit's share of the cost, written out, and sums",
            (),
            """
def smoothed_losses(real, fake, smooth):
    def softplus(a):
        return tf.maximum(a, 0.0) + tf.math.log1p(tf.exp(-tf.abs(a)))

    n, m = len(real), len(fake)
    d_loss = tf.reduce_sum(softplus(-real) + smooth * real) / n
    d_loss += tf.reduce_sum(softplus(fake)) / m
    g_loss = tf.reduce_sum(softplus(fake) - fake) / m
    return [d_loss, g_loss]
""",
        ),
        whole(
            "ps3_smoothing",
            "right: the functions of keras.ops, row by row",
            (),
            """
def smoothed_losses(real, fake, smooth):
    zero = keras.ops.zeros_like
    cost = [
        (1 - smooth) * keras.ops.logaddexp(zero(a), -a) + smooth * keras.ops.logaddexp(zero(a), a)
        for a in tf.unstack(real)
    ]
    on_fake = keras.ops.logaddexp(zero(fake), fake)
    d_loss = sum(cost) / len(cost) + keras.ops.mean(on_fake, axis=0)
    return d_loss[0], keras.ops.mean(on_fake - fake)
""",
        ),
        whole(
            "ps3_smoothing",
            "lazy: in NumPy, which the tape cannot follow",
            (2,),
            """
def smoothed_losses(real, fake, smooth):
    real, fake = np.asarray(real), np.asarray(fake)
    on_real = (1 - smooth) * np.logaddexp(0, -real) + smooth * np.logaddexp(0, real)
    return on_real.mean() + np.logaddexp(0, fake).mean(), np.logaddexp(0, -fake).mean()
""",
        ),
    ],
    "ps3_turns": [
        turns(
            "G's turn also changes D, as with the trap of lesson 03",
            (1, 2, 3),
            (
                "    g_gradients = tape.gradient(g_loss, g_weights)",
                "    d_weights = discriminator.trainable_variables\n"
                "    g_gradients, d_gradients = tape.gradient(g_loss, [g_weights, d_weights])\n"
                "    d_optimizer.apply(d_gradients, d_weights)",
            ),
        ),
        whole(
            "ps3_turns",
            "both gradients before either update: G learns from the old D",
            (2,),
            _HEAD + _G_GRADIENTS + _D_TURNS + _G_STEP + _RETURN,
        ),
        whole(
            "ps3_turns",
            "G takes its turn first",
            ("1 hidden", 2, "3 hidden"),
            _HEAD + _G_GRADIENTS + _G_STEP + _D_TURNS + _RETURN,
        ),
        turns(
            "every turn of D sees the fakes of the first noise",
            (3,),
            ("fakes = generator([z, label])", "fakes = generator([noise[0], label])"),
        ),
        turns(
            "lazy: D's last loss is returned for the mean",
            ("3 hidden",),
            ("float(np.mean(d_losses))", "d_losses[-1]"),
        ),
        whole(
            "ps3_turns",
            "right: one tape function for both, and apply_gradients",
            (),
            """
def play(generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, *data):
    real, label, noise = data

    def turn(network, optimizer, loss_of):
        with tf.GradientTape() as tape:
            loss = loss_of()
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables))
        return loss.numpy()

    def d_loss(z):
        fakes = tf.stop_gradient(generator([z, label]))
        return d_loss_of(discriminator([real, label]), discriminator([fakes, label]))

    def g_loss():
        return g_loss_of(discriminator([generator([noise[-1], label]), label]))

    turns = len(noise) - 1
    total = sum(turn(discriminator, d_optimizer, lambda: d_loss(noise[i])) for i in range(turns))
    return total / turns, turn(generator, g_optimizer, g_loss)
""",
        ),
        turns(
            "D takes one turn, whatever was asked for",
            (3,),
            ("for z in noise[:-1]:", "for z in noise[:1]:"),
        ),
        turns(
            "G learns with the noise that D has just seen",
            (2,),
            ("generator([noise[-1], label]), label", "generator([noise[-2], label]), label"),
        ),
        whole(
            "ps3_turns",
            "right: the fakes within the tape, indices, and tensors returned",
            (),
            """
def play(
    generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, real, label, noise
):
    d_total = 0.0
    d_steps = noise.shape[0] - 1
    for i in range(d_steps):
        with tf.GradientTape() as tape:
            fake = generator([noise[i], label])
            loss = d_loss_of(discriminator([real, label]), discriminator([fake, label]))
        grads = tape.gradient(loss, discriminator.trainable_weights)
        d_optimizer.apply_gradients(zip(grads, discriminator.trainable_weights))
        d_total += loss
    with tf.GradientTape(persistent=True) as tape:
        fake = generator([noise[d_steps], label])
        loss = g_loss_of(discriminator([fake, label]))
    grads = tape.gradient(loss, generator.trainable_weights)
    g_optimizer.apply_gradients(zip(grads, generator.trainable_weights))
    return d_total / d_steps, loss
""",
        ),
        whole(
            "ps3_turns",
            "right: D is frozen in G's turn and thawed again",
            (),
            """
def play(
    generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, real, label, noise
):
    *for_d, for_g = tf.unstack(noise)
    losses = []
    generator.trainable = False
    for z in for_d:
        with tf.GradientTape() as tape:
            answers = discriminator([real, label]), discriminator([generator([z, label]), label])
            losses.append(d_loss_of(*answers))
        weights = discriminator.trainable_variables
        d_optimizer.apply_gradients(list(zip(tape.gradient(losses[-1], weights), weights)))
    generator.trainable, discriminator.trainable = True, False
    with tf.GradientTape() as tape:
        loss = g_loss_of(discriminator([generator([for_g, label]), label]))
    weights = generator.trainable_variables
    g_optimizer.apply_gradients(list(zip(tape.gradient(loss, weights), weights)))
    discriminator.trainable = True
    return tf.reduce_mean(losses).numpy(), loss.numpy()
""",
        ),
        whole(
            "ps3_turns",
            "right: steps as tf.functions",
            (),
            """
def play(
    generator, discriminator, g_optimizer, d_optimizer, d_loss_of, g_loss_of, real, label, noise
):
    @tf.function
    def d_step(z):
        fake = tf.stop_gradient(generator([z, label]))
        with tf.GradientTape() as tape:
            loss = d_loss_of(discriminator([real, label]), discriminator([fake, label]))
        variables = discriminator.trainable_variables
        d_optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    @tf.function
    def g_step(z):
        with tf.GradientTape() as tape:
            loss = g_loss_of(discriminator([generator([z, label]), label]))
        variables = generator.trainable_variables
        g_optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    d_losses = [float(d_step(z)) for z in noise[:-1]]
    return sum(d_losses) / len(d_losses), float(g_step(noise[-1]))
""",
        ),
    ],
    "ps3_accumulate": [
        accumulate("the parts' gradients are added, not averaged", (1, 2, "3 hidden"), SHARE="1.0"),
        accumulate(
            "every part has the same weight, the small last one too",
            (2,),
            SHARE="(1.0 / len(parts))",
        ),
        accumulate(
            "the last, smaller part is dropped",
            (2,),
            PARTS="[slice(start, start + size) for start in range(0, len(x) - size + 1, size)]",
            SHARE="(1.0 / len(parts))",
        ),
        accumulate(
            "the share is the part's size asked for, not the one it has",
            (2,),
            SHARE="(size / len(x))",
        ),
        whole(
            "ps3_accumulate",
            "lazy: the whole batch at once, whatever fits into memory",
            (1, 2),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    with tf.GradientTape() as tape:
        loss = loss_of(x, label)
    return tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
""",
        ),
        whole(
            "ps3_accumulate",
            "lazy: parts of nearly equal size, averaged as if they were equal",
            ("2 hidden",),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    parts = -(-len(x) // size)
    cuts = [slice(i * len(x) // parts, (i + 1) * len(x) // parts) for i in range(parts)]
    with tf.GradientTape() as tape:
        loss = sum(loss_of(x[cut], label[cut]) for cut in cuts) / parts
    return tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
""",
        ),
        whole(
            "ps3_accumulate",
            "right: from the end backwards, with sums, divided once",
            (),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    added, left = [0.0] * len(variables), len(x)
    while left:
        first = max(left - size, 0)
        with tf.GradientTape() as tape:
            loss = (left - first) * loss_of(x[first:left], label[first:left])
        found = tape.gradient(loss, variables, unconnected_gradients="zero")
        added, left = [a + b for a, b in zip(added, found)], first
    return [a / len(x) for a in added]
""",
        ),
        accumulate(
            "a gradient of None is not expected",
            (3,),
            ("            if gradient is not None:\n                total", "            total"),
        ),
        whole(
            "ps3_accumulate",
            "right: tf.data makes the parts",
            (),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    total = [tf.zeros_like(v) for v in variables]
    for a, b in tf.data.Dataset.from_tensor_slices((x, label)).batch(size):
        with tf.GradientTape() as tape:
            loss = loss_of(a, b)
        share = a.shape[0] / x.shape[0]
        grads = tape.gradient(loss, variables)
        total = [t if g is None else t + share * g for t, g in zip(total, grads)]
    return total
""",
        ),
        whole(
            "ps3_accumulate",
            "right: np.array_split, and a running mean of the examples seen",
            (),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    pieces = -(-x.shape[0] // size)
    mean, seen = {}, 0
    for a, b in zip(np.array_split(x, pieces), np.array_split(label, pieces)):
        seen += len(a)
        for i, v in enumerate(variables):
            with tf.GradientTape() as tape:
                loss = loss_of(a, b)
            g = tape.gradient(loss, v)
            g = np.zeros(v.shape, np.float32) if g is None else g.numpy()
            old = mean.get(i, 0)
            mean[i] = old + (g - old) * len(a) / seen
    return list(mean.values())
""",
        ),
        whole(
            "ps3_accumulate",
            "right: one example at a time",
            (),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    grads = [np.zeros(tuple(v.shape)) for v in variables]
    for i in range(len(x)):
        with tf.GradientTape() as tape:
            loss = loss_of(x[i : i + 1], label[i : i + 1])
        for total, g in zip(grads, tape.gradient(loss, variables)):
            if g is not None:
                total += g.numpy() / len(x)
    return grads
""",
        ),
        whole(
            "ps3_accumulate",
            "right: np.split and gradients of zero, in a tuple",
            (),
            """
def gradient_in_parts(loss_of, variables, x, label, size):
    def gradient(part):
        with tf.GradientTape() as tape:
            loss = loss_of(x[part], label[part])
        zero = tf.UnconnectedGradients.ZERO
        return tape.gradient(loss, variables, unconnected_gradients=zero)

    parts = np.split(np.arange(len(x)), range(size, len(x), size))
    found = [gradient(part) for part in parts]
    weights = [len(part) for part in parts]
    return tuple(np.average(np.array(g), axis=0, weights=weights) for g in zip(*found))
""",
        ),
    ],
    "ps3_ema": [
        ema(
            "no correction: the start at zero drags the average down",
            (1,),
            KEEP="decay",
            TAKE="(1 - decay)",
            DIVISOR="1.0",
        ),
        ema(
            "the shares are exchanged",
            (1,),
            KEEP="(1 - decay)",
            TAKE="decay",
            DIVISOR="(1 - decay ** len(history))",
        ),
        ema(
            "the corrected average is what the next step goes on with",
            (1,),
            ("m + ", "m / (1 - decay**step) + "),
            KEEP="decay",
            TAKE="(1 - decay) / (1 - decay**step)",
            DIVISOR="1.0",
        ),
        ema(
            "started from the first weights, as lesson 03 does",
            (1,),
            ("np.zeros_like(weight, dtype=float)", "np.array(weight, float)"),
            ("enumerate(history, 1)", "enumerate(history[1:], 1)"),
            KEEP="decay",
            TAKE="(1 - decay)",
            DIVISOR="1.0",
        ),
        whole(
            "ps3_ema",
            "lazy: the plain mean of all steps",
            (1,),
            """
def corrected_average(history, decay):
    return [np.mean(arrays, axis=0) for arrays in zip(*history)]
""",
        ),
        whole(
            "ps3_ema",
            "right: the shares of all steps at once",
            (),
            """
def corrected_average(history, decay):
    shares = decay ** np.arange(len(history), 0, -1)
    shares = shares / shares.sum()
    return [np.tensordot(shares, np.stack(arrays), 1) for arrays in zip(*history)]
""",
        ),
        whole(
            "ps3_ema",
            "the average is kept in the run's own first arrays",
            ("1 seen", 2),
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
        ),
        whole(
            "ps3_ema",
            "right: in place, on float32 arrays of its own",
            (),
            """
def corrected_average(history, decay):
    m = [np.zeros(w.shape, np.float32) for w in history[0]]
    for step in range(len(history)):
        for i in range(len(m)):
            m[i] *= decay
            m[i] += (1 - decay) * history[step][i]
    for average in m:
        average /= 1 - decay ** len(history)
    return m
""",
        ),
        whole(
            "ps3_ema",
            "right: tensors, and the power kept as it goes",
            (),
            """
def corrected_average(history, beta):
    averages, power = [], 1.0
    for _ in history:
        power = power * beta
    for arrays in zip(*history):
        m = tf.zeros(arrays[0].shape)
        for theta in arrays:
            m = beta * m + (1 - beta) * tf.cast(theta, tf.float32)
        averages.append(m / (1 - power))
    return averages
""",
        ),
        whole(
            "ps3_ema",
            "right: a class that learns, and corrects when it is asked",
            (),
            """
class Average:
    def __init__(self, decay):
        self.decay, self.m, self.t = decay, 0, 0

    def update(self, theta):
        self.m = self.m + (1 - self.decay) * (theta - self.m)
        self.t += 1

    def value(self):
        return self.m / (1 - pow(self.decay, self.t))


def corrected_average(history, decay):
    averages = [Average(decay) for _ in history[0]]
    for weights in history:
        [average.update(theta) for average, theta in zip(averages, weights)]
    return [average.value() for average in averages]
""",
        ),
        whole(
            "ps3_ema",
            "right: np.average with weights, from the newest back",
            (),
            """
def corrected_average(history, decay):
    weights = [decay**age for age in range(len(history))]
    newest_first = history[::-1]
    return [
        np.average([step[i] for step in newest_first], axis=0, weights=weights)
        for i in range(len(history[0]))
    ]
""",
        ),
        whole(
            "ps3_ema",
            "lazy: the weights of the last step, for a decay that hardly matters",
            (1,),
            """
def corrected_average(history, decay):
    return [np.array(w) for w in history[-1]]
""",
        ),
    ],
    "ps3_asked": [
        asked(
            "D answers in training mode: its moving statistics learn from fakes", (1, "2 hidden")
        ),
        asked(
            "no mode is given: G runs as if it were only asked, too",
            (2,),
            G_MODE="None",
            D_MODE="None",
        ),
        asked(
            "lazy: D answers in training mode, and its weights are put back",
            ("2 hidden",),
            BEFORE="kept = discriminator.get_weights()",
            AFTER="discriminator.set_weights(kept)",
        ),
        asked(
            "right: the loss as NumPy gives it",
            (),
            ("float(loss)", "loss.numpy()"),
            D_MODE="False",
        ),
        whole(
            "ps3_asked",
            "right: Keras' loss, and gradients of G's weights alone",
            (),
            """
def g_turn(generator, discriminator, optimizer, noise, label):
    cost = keras.losses.BinaryCrossentropy(from_logits=True)
    weights = generator.trainable_weights
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([w.value for w in weights])
        logits = discriminator([generator([noise, label], training=True), label], training=False)
        loss = cost(tf.ones_like(logits), logits)
    gradients = tape.gradient(loss, [w.value for w in weights])
    optimizer.apply_gradients(zip(gradients, weights))
    return loss
""",
        ),
        asked(
            "D is frozen and left frozen",
            (3,),
            BEFORE="discriminator.trainable = False",
        ),
        asked(
            "D is frozen and thawed again, with a layer that somebody had kept fixed",
            ("3 hidden",),
            BEFORE="discriminator.trainable = False",
            AFTER="discriminator.trainable = True",
        ),
        asked(
            "D's weights are handed to the optimizer as well",
            (1,),
            (
                "weights = generator.trainable_variables",
                "weights = generator.trainable_variables + discriminator.trainable_variables",
            ),
            D_MODE="False",
        ),
        whole(
            "ps3_asked",
            "right: every flag of D is noted, and put back one by one",
            (),
            """
def g_turn(generator, discriminator, optimizer, noise, label):
    flags = [layer.trainable for layer in discriminator.layers]
    for layer in discriminator.layers:
        layer.trainable = False
    with tf.GradientTape() as tape:
        answer = discriminator([generator([noise, label], training=True), label], training=False)
        cost = tf.nn.sigmoid_cross_entropy_with_logits(tf.ones_like(answer), answer)
        loss = tf.reduce_mean(cost)
    gradients = tape.gradient(loss, generator.trainable_weights)
    optimizer.apply_gradients(zip(gradients, generator.trainable_weights))
    for layer, flag in zip(discriminator.layers, flags):
        layer.trainable = flag
    return float(loss)
""",
        ),
        whole(
            "ps3_asked",
            "right: as a tf.function, with -log sigmoid",
            (),
            """
def g_turn(generator, discriminator, optimizer, noise, label):
    @tf.function
    def step(z, y):
        with tf.GradientTape() as tape:
            fakes = generator([z, y], training=True)
            logits = discriminator([fakes, y], training=False)
            loss = -tf.reduce_mean(tf.math.log_sigmoid(logits))
        weights = generator.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return loss

    return step(noise, label).numpy().item()
""",
        ),
        whole(
            "ps3_asked",
            "lazy: no turn, only the loss",
            ("2 seen",),
            """
def g_turn(generator, discriminator, optimizer, noise, label):
    fakes = generator([noise, label], training=True)
    return float(tf.reduce_mean(tf.nn.softplus(-discriminator([fakes, label], training=False))))
""",
        ),
    ],
}
