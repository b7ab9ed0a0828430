"""A class-conditional diffusion model: noise, a denoiser, its training, and the way back.

The time t goes from 0, the image, to 1, pure noise. Knows no generator and no discriminator.
"""

import time

import numpy as np

from cgan_lab import conditioning, data, engine, sampling
from cgan_lab._support.names import whole
from cgan_lab._support.progress import Progress
from cgan_lab._support.tensorflow import keras, layers, ops, tf, usual, xla

WIDTH, DEPTH = 512, 2  # about as many weights as the generator of the recipe `dense`
UNLABELLED = 0.1  # share of the training images without their label
FREQUENCIES = 6  # of the waves that tell the denoiser the time


def noised(images, noise, t):
    """Return images on their way to noise: cos(pi t / 2) images + sin(pi t / 2) noise.

    Ho et al. 2020 (arXiv 2006.11239), equation 4, with the cosine schedule of Nichol and Dhariwal
    2021 (2102.09672), equation 17, at s = 0. The squares of both factors sum to 1, so if images
    and noise have variance 1, so has every mixture. ``images``, ``noise``: (n, 28, 28, 1); ``t``:
    0..1, a number or (n, 1, 1, 1). Shown in lesson 09.
    """
    angle = 0.5 * np.pi * t
    return ops.cos(angle) * images + ops.sin(angle) * noise


def step(noisy, clean, t, to, fresh=None):
    """Return the images ``noisy`` of the time ``t`` as they may have been at ``to``, earlier.

    ``clean``: what the denoiser takes for the images at time 0. What is left of ``noisy`` without
    it is the noise; the same image and the same noise are mixed for the time ``to``: Song et al.
    2021 (arXiv 2010.02502), equation 12, with sigma = 0.

    ``fresh``: new standard normal noise, which takes the place of as much of the old as in Ho et
    al. 2020 (2006.11239), algorithm 2: equation 16 of Song et al., with eta = 1. Shown in
    lesson 09.
    """
    now, then = 0.5 * np.pi * t, 0.5 * np.pi * to
    noise = (noisy - ops.cos(now) * clean) / ops.sin(now)
    if fresh is not None:
        left = ops.sin(then) / ops.sin(now) * ops.cos(now) / ops.cos(then)  # of the old noise
        noise = left * noise + ops.sqrt(ops.maximum(1.0 - left**2, 0.0)) * fresh
    return noised(clean, noise, to)


def guided(labelled, unlabelled, guidance):
    """Return the denoiser's answer with the label pushed away from the one without: (n, 28, 28, 1).

    Classifier-free guidance, Ho and Salimans 2022 (arXiv 2207.12598), equation 6, whose w is
    ``guidance`` - 1: 1 leaves the answer as it is, 0 forgets the label. Shown in lesson 09.
    """
    return unlabelled + guidance * (labelled - unlabelled)


@keras.saving.register_keras_serializable("cgan_lab")
class Waves(layers.Layer):
    """Times (n, 1) -> sines and cosines (n, 2 `FREQUENCIES`), which tell near times apart."""

    def call(self, t):
        angles = 0.5 * np.pi * t * 2.0 ** np.arange(FREQUENCIES, dtype=np.float32)
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


@usual()
def denoiser(classes=10, width=WIDTH, depth=DEPTH):
    """Return a network: noisy images (n, 28, 28, 1), times (n, 1), label (n, classes) -> images.

    Dense layers of ``width`` units, ``depth`` of them with a way round; label and time together
    scale and shift each layer's units, see `conditioning.modulate`. A label of zeros means: any.
    It answers in [-1, 1] with the image at time 0. Ho et al. let theirs answer with the noise; each
    of the two tells the other, and only the weight of the errors differs (Salimans and Ho 2022,
    arXiv 2202.00512, section 4).
    """
    image = keras.Input((28, 28, 1), name="image")
    t = keras.Input((1,), name="t")
    label = keras.Input((classes,), name="label")
    condition = layers.Concatenate()([Waves()(t), label])
    condition = layers.Dense(128, activation="silu")(condition)
    x = layers.Dense(width)(layers.Flatten()(image))
    for _ in range(depth):
        normal = layers.LayerNormalization(center=False, scale=False)(x)
        inside = layers.Activation("silu")(conditioning.modulate(normal, condition))
        x = layers.Add()([x, layers.Dense(width)(inside)])
    x = layers.Activation("silu")(layers.LayerNormalization()(x))
    pixels = layers.Dense(28 * 28, activation="tanh")(x)
    return keras.Model([image, t, label], layers.Reshape((28, 28, 1))(pixels), name="denoiser")


class Diffusion:
    """A denoiser, what trains it, and the way back from noise to images. Shown in lesson 09.

    Args:
        network: what `denoiser` returns.
        ema: decay of the averaged network, which `sample` uses.
        seed: of the noise and times in training.
        noised, step, guided: functions like those of this module, to take in their place.
    """

    losses_per_step = 1  # as `engine` wants to know

    def __init__(self, network, ema=0.999, seed=0, noised=noised, step=step, guided=guided):
        self.network = network
        self.averaged = keras.models.clone_model(network)
        self.averaged.set_weights(network.get_weights())
        self.classes = network.inputs[2].shape[1]
        self.ema = ema
        self.seed = int(seed)
        self.noised = noised
        self.back = step
        self.guided = guided
        self.adam = keras.optimizers.Adam(1e-3, beta_2=0.99)
        self.adam.build(network.trainable_variables)
        self.steps = tf.Variable(0, dtype="int64", trainable=False)
        self.epochs = 0
        self.jit_compile = xla()
        self.distribute_strategy = tf.distribute.get_strategy()
        self._compiled_way = None

    @tf.autograph.experimental.do_not_convert
    def step(self, images, labels):
        """Learn to denoise: one step of a plain regression. Returns its loss in a tuple.

        Algorithm 1 of Ho et al. 2020 (arXiv 2006.11239), with the image for the noise as the
        target and some labels left out, as in algorithm 1 of Ho and Salimans 2022 (2207.12598).
        ``images``: (b, 28, 28, 1) in [-1, 1]; ``labels``: int (b,).
        """
        n = tf.shape(images)[0]
        seed = tf.stack([self.seed, tf.cast(self.steps, tf.int32)])
        seeds = [tf.random.experimental.stateless_fold_in(seed, k) for k in (1, 2)]
        noise = tf.random.stateless_normal(tf.shape(images), seed)
        t = tf.random.stateless_uniform((n, 1), seeds[0])
        told = tf.random.stateless_uniform((n, 1), seeds[1]) >= UNLABELLED
        label = tf.one_hot(labels, self.classes) * tf.cast(told, tf.float32)
        noisy = self.noised(images, noise, t[:, :, None, None])
        with tf.GradientTape() as tape:
            clean = self.network([noisy, t, label], training=True)
            loss = ops.mean(ops.square(clean - images))
        weights = self.network.trainable_variables
        self.adam.apply(tape.gradient(loss, weights), weights)
        self.steps.assign(self.steps + 1)
        engine.average(self.averaged, self.network, self.ema, self.steps)
        return (loss,)

    def sample(self, labels, noise=None, seed=None, steps=25, guidance=2.0, fresh=False):
        """Draw one image per label, in the order asked for, by so many ``steps``.

        ``labels``: whole numbers (n,) or class mixtures (n, classes); ``noise``: where the way
        begins, (n, 784), or None to draw it with ``seed``; ``guidance``: see `guided`; ``fresh``:
        whether each step brings new noise, see `step`. Returns uint8 (n, 28, 28). Raises TypeError
        or ValueError for labels, noise or steps of another kind.
        """
        label = sampling.one_hot(labels, self.classes)
        whole("steps", steps, 1)
        noise = sampling.given_or_new(noise, len(label), 28 * 28, seed)
        times = np.linspace(1.0, 0.0, steps + 1, dtype=np.float32)
        parts = [np.zeros((0, 28, 28, 1), np.float32)]
        for start in range(0, len(label), 1000):
            x = noise[start : start + 1000].reshape(-1, 28, 28, 1)
            y = label[start : start + 1000]
            parts.append(self._way(x, y, times, np.float32(guidance), fresh, start).numpy())
        return data.to_pixels(np.concatenate(parts).clip(-1.0, 1.0))

    def _way(self, x, y, times, guidance, fresh, start):
        """Return the images at the end of ``times``, (n, 28, 28, 1)."""
        if self._compiled_way is None:
            shapes = [(None, 28, 28, 1), (None, self.classes), (None,), ()]
            kinds = [tf.TensorSpec(shape) for shape in shapes]
            kinds += [tf.TensorSpec((), tf.bool), tf.TensorSpec((), tf.int32)]
            self._compiled_way = tf.function(self._whole_way, input_signature=kinds)
        return self._compiled_way(x, y, times, guidance, fresh, start)

    def _whole_way(self, x, y, times, guidance, fresh, start):
        for k in tf.range(len(times) - 1):
            t = times[k]
            clean = self.answer(x, t, y)
            if guidance != 1.0:  # twice the work
                clean = self.guided(clean, self.answer(x, t, tf.zeros_like(y)), guidance)
                clean = ops.clip(clean, -1.0, 1.0)  # pushed too far, no pixel is one
            if fresh:
                new = tf.random.stateless_normal(tf.shape(x), tf.stack([self.seed + start, k]))
                x = step(x, clean, t, times[k + 1], new)
            else:
                x = self.back(x, clean, t, times[k + 1])
        return x

    def answer(self, noisy, t, label):
        """Return what the averaged denoiser takes for the images at time 0, (n, 28, 28, 1).

        ``noisy``: (n, 28, 28, 1); ``t``: a number; ``label``: (n, classes), zeros for none.
        """
        noisy, label = (tf.convert_to_tensor(one, tf.float32) for one in (noisy, label))
        times = tf.fill((tf.shape(noisy)[0], 1), tf.cast(t, tf.float32))
        return self.averaged([noisy, times, label], training=False)


def build(classes=10, seed=0, **functions):
    """Return an untrained `Diffusion`. Seeds Keras. ``functions``: see `Diffusion`."""
    keras.utils.set_random_seed(seed)
    return Diffusion(denoiser(classes), seed=seed, **functions)


def train(model, dataset, epochs, seed=0, batch_size=64, progress=True, going=None):
    """Train until ``model`` has had so many epochs; return a row each: epoch, loss, seconds.

    Interrupting ends it; the steps made stay. Raises FloatingPointError if the loss is not finite.

    Args:
        model: a `Diffusion`.
        dataset: from `data.load`.
        epochs: passes over the training images in all.
        seed: of the order of the images.
        batch_size: images per step.
        progress: a bar in a notebook or terminal, a line per epoch elsewhere.
        going: called after each epoch with its row; training ends if it returns False.
    """
    images = tf.constant(data.to_model(dataset.x_train))  # (n, 28, 28, 1)
    labels = tf.constant(dataset.y_train, tf.int32)  # (n,)
    numbers = range(model.epochs + 1, whole("epochs", epochs, 1) + 1)
    steps = len(numbers) * (len(images) // batch_size)
    bar = [Progress(steps, "step", epochs)] if progress else []
    rows = []
    start = time.perf_counter()
    try:
        for number, (loss,) in engine.epochs(model, images, labels, batch_size, seed, numbers, bar):
            model.epochs = number
            seconds = round(time.perf_counter() - start, 2)
            rows.append({"epoch": number, "loss": loss, "seconds": seconds})
            for one in bar:
                one.on_epoch(rows[-1])
            if going and going(rows[-1]) is False:
                break
    except KeyboardInterrupt:
        pass
    finally:
        for one in bar:
            one.on_end()
    return rows
