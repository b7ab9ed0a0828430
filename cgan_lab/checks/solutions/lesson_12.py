"""Right answers to the exercises of lesson 12."""

import numpy as np


def paired(real, fake):
    """Logits (n,) and (n,), row k of both one pair -> (D's loss, G's loss), two numbers."""
    d_loss = np.mean(np.logaddexp(0, fake - real))
    g_loss = np.mean(np.logaddexp(0, real - fake))
    return d_loss, g_loss
