"""train(): many steps in one compiled function, the last whole epoch always kept. Knows no figure but the grid."""

import dataclasses

import numpy as np

from cgan_lab import runtime

tf = runtime.tensorflow()

STEPS_A_CALL = 64  # so that Ctrl-C is heard within about a second on two cores


@dataclasses.dataclass
class History:
    """What `train` did: a row an epoch (``epoch, d_loss, g_loss, seconds``) and whether it was interrupted."""

    rows: list
    interrupted: bool = False

    def column(self, name):
        """Return one column as a float array ``(epochs,)``."""
        return np.array([row[name] for row in self.rows], float)


def compiled_steps(cgan):
    """Return ``cgan``'s compiled function (images, labels, order, start, stop) -> the sums of both losses.

    It runs ``cgan.step`` on the rows ``start..stop-1`` of ``order``, int32 ``(steps, batch)``, whose numbers
    point into ``images`` ``(n, 28, 28, 1)`` and ``labels`` ``(n,)``: one call, one compilation, many steps.
    Shown in lesson 03.
    """
    if not hasattr(cgan, "_compiled_steps"):

        @tf.function(jit_compile=True)
        def run(images, labels, order, start, stop):
            d_sum, g_sum = tf.constant(0.0), tf.constant(0.0)
            for i in tf.range(start, stop):
                batch = order[i]  # (b,)
                d_loss, g_loss = cgan.step(tf.gather(images, batch), tf.gather(labels, batch))
                d_sum, g_sum = d_sum + d_loss, g_sum + g_loss
            return d_sum, g_sum

        cgan._compiled_steps = run
    return cgan._compiled_steps


def epoch_order(n, batch_size, seed, epoch):
    """Return the batches of epoch ``epoch``: int32 ``(n // batch_size, batch_size)``, each image at most once."""
    steps = n // batch_size
    order = np.random.default_rng([seed, epoch]).permutation(n)[: steps * batch_size]
    return order.reshape(steps, batch_size).astype(np.int32)
