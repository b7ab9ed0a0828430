"""Typical wrong answers to assignment 4, your own digits. Data only."""

from dataclasses import replace

from . import of, whole

_NETWORKS = """
def networks_of(classes):
    noise, label, image = keras.Input((LATENT,)), keras.Input((classes,)), keras.Input((28, 28, 1))
    x = keras.layers.Concatenate()([noise, G_LABEL])
    for units in (128, 256):
        x = keras.layers.LeakyReLU(0.2)(keras.layers.Dense(units)(x))
    x = keras.layers.Dense(784, activation="tanh")(x)
    generator = keras.Model([noise, label], keras.layers.Reshape((28, 28, 1))(x))
    x = keras.layers.Concatenate()([keras.layers.Flatten()(image), D_LABEL])
    for units in D_UNITS:
        x = keras.layers.LeakyReLU(0.2)(keras.layers.Dense(units)(x))
    return generator, keras.Model([image, label], keras.layers.Dense(1)(x))
"""

_PROJECTION = """
class Generator(keras.Model):
    def __init__(self):
        super().__init__()
        layers = keras.layers
        self.first = layers.Dense(7 * 7 * 24, activation="relu")
        self.middle = layers.Conv2DTranspose(16, 4, 2, padding="same", activation="relu")
        self.last = layers.Conv2DTranspose(1, 4, 2, padding="same", activation="tanh")

    def call(self, given, training=None):
        noise, label = given
        x = self.first(tf.concat([noise, 5.0 * tf.cast(label, tf.float32)], axis=1))
        return self.last(self.middle(tf.reshape(x, (-1, 7, 7, 24))))


class Discriminator(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.strokes = keras.layers.Conv2D(16, 4, 2, padding="same", activation="leaky_relu")
        self.features = keras.layers.Dense(64, activation="leaky_relu")
        self.logit = keras.layers.Dense(1)
        self.direction = keras.layers.Dense(64, use_bias=False)

    def call(self, given, training=None):
        x, label = given
        f = self.features(tf.reshape(self.strokes(x), (-1, 14 * 14 * 16)))
        return self.logit(f) + tf.reduce_sum(f * self.direction(label), axis=1, keepdims=True)


def networks_of(classes):
    pair = Generator(), Discriminator(classes)
    pictures = pair[0]([tf.zeros((1, LATENT)), tf.zeros((1, classes))])
    pair[1]([pictures, tf.zeros((1, classes))])
    return pair

"""

_DRAW = """
def draw(generator, labels, classes, seed):
    noise = NOISE
    x = generator([tf.constant(noise, tf.float32), tf.one_hot(labels, CLASSES)], training=False)
    return PIXELS
"""
_NORMAL = "np.random.default_rng(seed).normal(size=(len(labels), LATENT))"

_TRAIN = """
def train(networks, images, labels, classes, epochs, seed):
    keras.utils.set_random_seed(SEED)
    generator, discriminator = networks(classes)
    g_adam, d_adam = (keras.optimizers.Adam(2e-3, 0.5) for _ in range(2))
    g_adam.build(generator.trainable_variables)
    d_adam.build(discriminator.trainable_variables)

    def step(network, optimizer, loss, tape):
        weights = network.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    def play(real, label, noise):
        d_losses = []
        for turn in range(HOW_MANY):
            fakes = generator([noise[turn], label])
            with tf.GradientTape() as tape:
                a, b = discriminator([real, REAL_LABEL]), discriminator([fakes, label])
                d_loss = tf.reduce_mean(ON_REAL) + tf.reduce_mean(tf.nn.softplus(b))
            d_losses.append(step(discriminator, d_adam, d_loss, tape))
        with tf.GradientTape() as tape:
            fakes = generator([noise[-1], label])
            g_loss = tf.reduce_mean(tf.nn.softplus(-discriminator([fakes, label])))
        G_STEP
        return tf.reduce_mean(tf.stack(d_losses)), g_loss

    play = tf.function(play, autograph=False)
    rng = np.random.default_rng(SEED)
    real, one_hot = data.to_model(images), np.eye(classes, dtype="float32")[labels]
    m, t, d_losses, g_losses = [0.0 * w for w in generator.get_weights()], 0, [], []
    for _ in range(epochs):
        rows, losses = rng.permutation(len(real)), []
        for i in range(len(real) // BATCH):
            part = rows[i * BATCH : (i + 1) * BATCH]
            noise = rng.normal(size=(D_TURNS + 1, BATCH, LATENT)).astype("float32")
            losses.append(play(*(tf.constant(x) for x in (real[part], one_hot[part], noise))))
            t += 1
            m = [DECAY * a + (1 - DECAY) * w for a, w in zip(m, generator.get_weights())]
        d, g = np.transpose([[float(loss) for loss in pair] for pair in losses])
        d_losses += [d.mean()]
        g_losses += [g.mean()]
    average = keras.models.clone_model(generator)
    average.set_weights(AVERAGE if t else generator.get_weights())
    names = ("generator", "discriminator", "average", "d_losses", "g_losses")
    return dict(zip(names, (generator, discriminator, average, d_losses, g_losses)))
"""
_TRAINED = {
    "SEED": "seed",
    "HOW_MANY": "D_TURNS",
    "REAL_LABEL": "label",
    "ON_REAL": "(1 - SMOOTH) * tf.nn.softplus(-a) + SMOOTH * tf.nn.softplus(a)",
    "G_STEP": "step(generator, g_adam, g_loss, tape)",
    "AVERAGE": "[a / (1 - DECAY**t) for a in m]",
}

_FIT = """
class Game(keras.Model):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.g, self.d = generator, discriminator
        self.g_adam, self.d_adam = (keras.optimizers.Adam(2e-3, beta_1=0.5) for _ in range(2))
        self.means = [keras.metrics.Mean(name="d_loss"), keras.metrics.Mean(name="g_loss")]
        self.kept = [tf.Variable(tf.zeros_like(w)) for w in generator.weights]

    @property
    def metrics(self):
        return self.means

    def d_turn(self, real, label):
        fakes = self.g([tf.random.normal((tf.shape(real)[0], LATENT)), label], training=True)
        with tf.GradientTape() as tape:
            a, b = (self.d([x, label], training=True) for x in (real, fakes))
            loss = tf.reduce_mean(tf.nn.softplus(-a) + SMOOTH * a + tf.nn.softplus(b))
        self.d_adam.apply(tape.gradient(loss, self.d.trainable_weights), self.d.trainable_weights)
        self.means[0].update_state(loss)

    def train_step(self, batch):
        real, label = batch
        for _ in range(D_TURNS):
            self.d_turn(real, label)
        noise = tf.random.normal((tf.shape(real)[0], LATENT))
        with tf.GradientTape() as tape:
            logits = self.d([self.g([noise, label], training=True), label], training=False)
            loss = tf.reduce_mean(tf.nn.softplus(-logits))
        self.g_adam.apply(tape.gradient(loss, self.g.trainable_weights), self.g.trainable_weights)
        self.means[1].update_state(loss)
        for m, w in zip(self.kept, self.g.weights):
            m.assign(DECAY * m + (1.0 - DECAY) * w)
        return {mean.name: mean.result() for mean in self.means}


def train(networks, images, labels, classes, epochs, seed):
    keras.utils.set_random_seed(seed)
    generator, discriminator = networks(classes)
    game, average = Game(generator, discriminator), keras.models.clone_model(generator)
    average.set_weights(generator.get_weights())
    d_losses, g_losses = [], []
    if epochs:
        game.compile()
        for network, adam in ((generator, game.g_adam), (discriminator, game.d_adam)):
            adam.build(network.trainable_variables)
        given = data.to_model(images), keras.utils.to_categorical(labels, classes)
        history = game.fit(*given, batch_size=BATCH, epochs=epochs, verbose=0).history
        d_losses, g_losses = history["d_loss"], history["g_loss"]
        steps = epochs * int(np.ceil(len(images) / BATCH))
        average.set_weights([m.numpy() / (1 - DECAY**steps) for m in game.kept])
    return {
        "generator": generator,
        "discriminator": discriminator,
        "average": average,
        "d_losses": d_losses,
        "g_losses": g_losses,
    }
"""

_MODULATED = """
def networks_of(classes):
    def told(x, label, units):
        scale, shift = (keras.layers.Dense(units, kernel_initializer="he_normal") for _ in range(2))
        x = keras.layers.Dense(units)(x) * (1 + scale(label)) + shift(label)
        return keras.ops.leaky_relu(x)

    z, y, x = (keras.Input(shape) for shape in ((LATENT,), (classes,), (28, 28, 1)))
    h = keras.layers.Dense(784, activation="tanh")(told(told(z, y, 96), y, 192))
    generator = keras.Model(inputs=(z, y), outputs=keras.ops.reshape(h, (-1, 28, 28, 1)))
    h = told(told(keras.ops.reshape(x, (-1, 784)), y, 128), y, 64)
    return generator, keras.Model(inputs=(x, y), outputs=keras.layers.Dense(1)(h))
"""

_EMBEDDED = """
class Joined(keras.Model):
    def __init__(self, classes, first, *layers):
        super().__init__()
        self.table = keras.layers.Embedding(classes, 24, embeddings_initializer="random_normal")
        self.body = keras.Sequential([keras.Input((first + 24,)), *layers])

    def call(self, inputs):
        flat = keras.ops.reshape(inputs[0], (keras.ops.shape(inputs[0])[0], -1))
        known = 20 * self.table(keras.ops.argmax(inputs[1], axis=1))
        return self.body(keras.ops.concatenate([flat, known], axis=-1))


def networks_of(classes):
    def hidden(*units):
        return [keras.layers.Dense(n, activation="leaky_relu") for n in units]

    drawn = [keras.layers.Dense(28**2, activation="tanh"), keras.layers.Reshape((28, 28, 1))]
    generator = Joined(classes, LATENT, *hidden(128, 256), *drawn)
    judged = [keras.layers.Dropout(0.2), keras.layers.Dense(1)]
    discriminator = Joined(classes, 28**2, *hidden(128, 64), *judged)
    label = np.zeros((1, classes))
    discriminator([generator([np.zeros((1, LATENT)), label]), label])
    return generator, discriminator
"""

_IN_A_GRAPH = """
def train(networks, images, labels, classes, epochs, seed):
    keras.utils.set_random_seed(seed)
    (g, d), (average, _) = networks(classes), networks(classes)
    average.set_weights(g.get_weights())
    g_adam, d_adam = (keras.optimizers.Adam(rate, 0.0, 0.99) for rate in (1e-3, 2e-3))
    g_adam.build(g.trainable_variables)
    d_adam.build(d.trainable_variables)
    x = 2 * tf.image.convert_image_dtype(images[..., None], tf.float32) - 1
    y, t = tf.one_hot(labels, classes), tf.Variable(0.0)

    def turn(network, adam, loss_of):
        with tf.GradientTape() as tape:
            loss = loss_of()
        weights = network.trainable_variables
        adam.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return loss

    def play(rows):
        real, label = tf.gather(x, rows), tf.gather(y, rows)

        def on_fakes():
            return d([g([tf.random.normal((BATCH, LATENT)), label]), label])

        def d_loss():
            a, b = d([real, label]), on_fakes()
            return tf.reduce_mean(tf.nn.softplus(-a) + SMOOTH * a + tf.nn.softplus(b))

        d_losses = [turn(d, d_adam, d_loss) for _ in range(D_TURNS)]
        g_loss = turn(g, g_adam, lambda: -tf.reduce_mean(tf.math.log_sigmoid(on_fakes())))
        t.assign_add(1.0)
        for m, w in zip(average.variables, g.variables):  # corrected after each step
            m.assign(m + (1 - DECAY) / (1 - DECAY**t) * (w - m))
        return tf.stack([tf.reduce_mean(d_losses), g_loss])

    @tf.function(autograph=False)
    def epoch():
        order = tf.random.shuffle(tf.range(len(images)))[: len(images) // BATCH * BATCH]
        parts = tf.reshape(order, (-1, BATCH))
        losses = tf.map_fn(play, parts, parallel_iterations=1, fn_output_signature=tf.float32)
        return tf.reduce_mean(losses, axis=0)

    losses = np.array([epoch() for _ in range(epochs)]).reshape(-1, 2)
    found = {"d_losses": losses[:, 0], "g_losses": losses[:, 1], "average": average}
    return {**found, "generator": g, "discriminator": d}
"""

_PLAYERS = """
class Player:
    def __init__(self, network):
        self.network, self.rule = network, keras.optimizers.RMSprop(5e-4)
        self.rule.build(network.trainable_variables)

    def __call__(self, cost):
        with tf.GradientTape(persistent=True) as tape:
            loss = cost()
        variables = self.network.trainable_variables
        self.rule.apply([tape.gradient(loss, v) for v in variables], variables)
        return loss


def cost_of(logits, target):
    logits = keras.ops.cast(logits, "float64")
    targets = keras.ops.full_like(logits, target)
    return keras.ops.mean(keras.losses.binary_crossentropy(targets, logits, from_logits=True))


def train(networks, images, labels, classes, epochs, seed):
    keras.utils.set_random_seed(seed)
    G, D = networks(classes)
    g_player, d_player, dice = Player(G), Player(D), keras.random.SeedGenerator(seed)

    def on_fakes(hot):
        z = keras.random.normal((keras.ops.shape(hot)[0], LATENT), seed=dice)
        return D((G((z, hot)), hot))

    @tf.function(reduce_retracing=True)
    def d_turn(x, hot):
        return d_player(lambda: cost_of(D((x, hot)), 1 - SMOOTH) + cost_of(on_fakes(hot), 0))

    @tf.function(reduce_retracing=True)
    def g_turn(hot):
        return g_player(lambda: cost_of(on_fakes(hot), 1))

    pairs = images[..., None] / 127.5 - 1, np.eye(classes)[labels]
    pairs = tf.data.Dataset.from_tensor_slices(pairs).shuffle(len(images), seed).batch(BATCH)
    d_losses, g_losses, m, left = [], [], [np.float64(0) for _ in G.weights], 1.0
    for _ in range(epochs):
        d_sum = g_sum = 0
        for x, hot in pairs:
            d_sum += sum(d_turn(x, hot) for _ in range(D_TURNS)) / D_TURNS
            g_sum += g_turn(hot)
            m = [DECAY * old + (1 - DECAY) * np.float64(new) for old, new in zip(m, G.weights)]
            left *= DECAY
        d_losses.append(d_sum / len(pairs))
        g_losses.append(g_sum / len(pairs))
    average = keras.models.clone_model(G)
    average.set_weights([old / (1 - left) for old in m] if epochs else G.get_weights())
    names = "generator", "discriminator", "average", "d_losses", "g_losses"
    return dict(zip(names, (G, D, average, d_losses, g_losses)))
"""

networks = of(
    "ps4_networks",
    _NETWORKS,
    G_LABEL="4.0 * label",
    D_LABEL="4.0 * label",
    D_UNITS="(160, 96)",
)
draw = of("ps4_draw", _DRAW, NOISE=_NORMAL, CLASSES="classes", PIXELS="data.to_pixels(x)")
train = of("ps4_train", _TRAIN, **_TRAINED)


def also(answer, *cells):
    """Return ``answer`` with the ``cells`` of other tasks that it loses, too."""
    return replace(answer, loses=answer.loses | frozenset(cells))


_RUN = ("ps4_run_1", "ps4_run_1_hidden")
_ALIKE = ("ps4_run_2", "ps4_run_2_hidden")

MUTANTS = {
    "ps4_networks": [
        also(networks("D does not hear its label", (2,), D_LABEL="0.0 * label"), *_RUN),
        also(networks("G does not hear its label", (2,), G_LABEL="0.0 * label"), *_RUN),
        networks("larger networks than allowed", (1,), D_UNITS="(512, 96)"),
        networks(
            "three labels, whatever was asked for",
            ("1 hidden", "2 hidden"),
            ("keras.Input((classes,))", "keras.Input((3,))"),
        ),
        whole(
            "ps4_networks",
            "right: classes of convolutions, and a projection",
            (),
            _PROJECTION,
        ),
        whole("ps4_networks", "right: features scaled and shifted by the label", (), _MODULATED),
        whole("ps4_networks", "right: an embedding, and Sequential in a class", (), _EMBEDDED),
    ],
    "ps4_draw": [
        also(
            draw(
                "the network's own numbers, no pixels",
                (1, 2),
                PIXELS="np.asarray(x)[..., 0]",
            ),
            *_RUN,
            "ps4_train_2",
            *_ALIKE,
        ),
        also(draw("lazy: no noise at all", (2,), NOISE="np.zeros((len(labels), LATENT))"), *_ALIKE),
        also(
            draw(
                "the seed is not used", (2,), NOISE="np.random.normal(size=(len(labels), LATENT))"
            ),
            "ps4_train_2",
        ),
        draw("three labels, always", ("1 hidden", "2 hidden"), CLASSES="3"),
        draw(
            "right: TensorFlow's own noise, cut off and not rounded",
            (),
            NOISE="tf.random.stateless_normal((len(labels), LATENT), (seed, 4))",
            PIXELS="np.clip((x[..., 0].numpy() + 1) * 127.5, 0, 255).astype('uint8')",
        ),
        whole(
            "ps4_draw",
            "right: predict, and NumPy's older noise in float64",
            (),
            """
def draw(generator, labels, classes, seed):
    noise = np.random.RandomState(seed).standard_normal((len(labels), LATENT))
    given = [noise, keras.utils.to_categorical(labels, num_classes=classes)]
    x = generator.predict(given, batch_size=50, verbose=0).squeeze(axis=-1)
    return np.rint((x + 1) / 2 * 255).astype(np.uint8)
""",
        ),
        whole(
            "ps4_draw",
            "right: lists and loops, in parts",
            (),
            """
def draw(generator, labels, classes, seed):
    import random

    dice, pictures = random.Random(seed), []
    for start in range(0, len(labels), 64):
        part = labels[start : start + 64]
        noise = [[dice.gauss(0, 1) for _ in range(LATENT)] for _ in part]
        hot = [[float(k == label) for k in range(classes)] for label in part]
        for x in generator([np.array(noise), np.array(hot)], training=False):
            rows = x[..., 0].numpy().tolist()
            pictures.append([[round(127.5 * pixel + 127.5) for pixel in row] for row in rows])
    return np.array(pictures, dtype="uint8")
""",
        ),
        whole(
            "ps4_draw",
            "right: the functions of keras.ops and keras.random",
            (),
            """
def draw(generator, labels, classes, seed):
    noise = keras.random.normal((len(labels), LATENT), seed=seed)
    x = generator((noise, keras.ops.one_hot(labels, classes)), training=False)
    x = keras.ops.round(keras.ops.clip(127.5 * x[:, :, :, 0] + 127.5, 0, 255))
    return keras.ops.convert_to_numpy(keras.ops.cast(x, "uint8"))
""",
        ),
        whole(
            "ps4_draw",
            "right: a class with __call__, and a stream of noise for each request",
            (),
            """
class Requests:
    def __init__(self, seed, classes):
        self.seed, self.names = seed, np.arange(classes)

    def __call__(self, labels):
        streams = np.random.SeedSequence(self.seed).spawn(len(labels))
        noise = np.stack([np.random.default_rng(own).normal(size=LATENT) for own in streams])
        return noise, np.equal.outer(labels, self.names).astype(float)


def draw(generator, labels, classes, seed):
    x = generator(Requests(seed, classes)(labels), training=False)
    return tf.saturate_cast(tf.round(255 * (x[..., 0] + 1) / 2), tf.uint8).numpy()
""",
        ),
    ],
    "ps4_train": [
        train("D's targets are not smoothed", (1,), ON_REAL="tf.nn.softplus(-a)"),
        train(
            "fakes have the target SMOOTH, too",
            (1,),
            (
                "tf.nn.softplus(b))",
                "(1 - SMOOTH) * tf.nn.softplus(b) + SMOOTH * tf.nn.softplus(-b))",
            ),
        ),
        train("three turns of D in each round", (1,), HOW_MANY="3"),
        also(
            train("real pictures with the next one's label", (), REAL_LABEL="tf.roll(label, 1, 0)"),
            *_RUN,
        ),
        also(
            train("lazy: D alone is trained", (1, 3), G_STEP="pass"),
            *_RUN,
            *_ALIKE,
        ),
        train("the seed is not used", (2, 3), SEED="int(np.random.default_rng().integers(2**31))"),
        train("the average is not corrected", (3,), AVERAGE="m"),
        train("right: NumPy's noise, full batches", ()),
        whole("ps4_train", "right: a train_step, and fit", (), _FIT),
        whole("ps4_train", "right: an epoch in one graph, corrected at once", (), _IN_A_GRAPH),
        whole("ps4_train", "right: players with __call__, tf.data, float64", (), _PLAYERS),
    ],
}
