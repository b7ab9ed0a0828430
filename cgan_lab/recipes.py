"""What belongs together: networks, loss, optimizers, average, batch size. Builds and trains nothing."""

import dataclasses

from cgan_lab import losses
from cgan_lab._support import runtime

runtime.tensorflow()

import keras  # noqa: E402


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Networks, loss, optimizers and batch size that belong together.

    Rates and betas are Adam's; ``ema``, ``penalty`` and ``auxiliary`` as in `CGAN`.
    """

    loss: str
    g_rate: float
    d_rate: float
    beta_1: float
    ema: float
    batch_size: int
    beta_2: float = 0.999
    penalty: str | None = None
    auxiliary: float = 1.0

    def adam(self, part):
        """Return the Adam optimizer for ``part``, ``"g"`` or ``"d"``."""
        rate = {"g": self.g_rate, "d": self.d_rate}[part]
        return keras.optimizers.Adam(rate, self.beta_1, self.beta_2, name=f"{part}_adam")


RECIPES = {
    "article": Recipe("non_saturating", g_rate=1e-3, d_rate=1e-3, beta_1=0.9, ema=0.0, batch_size=64),
    "dense": Recipe("non_saturating", g_rate=4e-4, d_rate=1.2e-3, beta_1=0.0, ema=0.999, batch_size=128),
    # Gulrajani et al. 2017 take Adam's betas 0 and 0.9; five turns of D for one of G become three times the rate.
    "conv": Recipe(
        "wasserstein",
        penalty="wgan_gp",
        auxiliary=0.5,
        g_rate=4e-4,
        d_rate=1.2e-3,
        beta_1=0.0,
        beta_2=0.9,
        ema=0.9995,
        batch_size=128,
    ),
}


def changed(name, **changes):
    """Return the recipe ``name`` with other fields. Raises ValueError for a name, field, loss or penalty unknown."""
    if name not in RECIPES:
        raise ValueError(f"no recipe {name!r}; there are {', '.join(RECIPES)}.")
    fields = [field.name for field in dataclasses.fields(Recipe)]
    if unknown := set(changes) - set(fields):
        raise ValueError(f"a recipe has no {', '.join(sorted(unknown))}; it has {', '.join(fields)}.")
    recipe = dataclasses.replace(RECIPES[name], **changes)
    losses.get(recipe.loss), losses.get_penalty(recipe.penalty)
    return recipe
