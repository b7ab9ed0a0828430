"""One recipe: all that a conditional GAN and its training are made of. Trains nothing."""

import dataclasses
import inspect

from cgan_lab import augmentation, losses, networks
from cgan_lab._support.names import decay, pick, whole
from cgan_lab._support.tensorflow import keras

# Of the networks; all but `dense` take only some.
OPTIONS = ("way", "width", "spectral", "modulation")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Networks, losses, optimizers, average and batch size that belong together.

    The defaults are the recipe ``dense``. `cgan.build` makes a model of a recipe, and the model
    carries it, so that training, a run's folder and the clinic all read the same one.

    ``networks``: a name in `networks.MODELS`; ``way``, ``width``, ``spectral`` and ``modulation``:
    its options, see `networks.dense`. ``loss``, ``penalty``: names in `losses`. ``auxiliary``:
    weight of the class loss in G's turn. ``mismatch``: weight of D's game against real images under
    wrong labels, and ``class_on_fakes``, ``augment``: see `cgan.CGAN`. ``g_rate``, ``d_rate``,
    ``beta_1``, ``beta_2``: of both Adam optimizers. ``ema``: decay of the averaged generator, 0 for
    none. ``batch_size``: images per step.

    Raises ValueError for names, options or numbers that cannot be.
    """

    networks: str = "dense"
    way: str = "projection"
    width: float = 1.0
    spectral: bool = False
    modulation: str = "off"
    loss: str = "non_saturating"
    penalty: str | None = None
    auxiliary: float = 1.0
    mismatch: float = 0.0
    class_on_fakes: bool = False
    augment: str | None = None
    g_rate: float = 4e-4
    d_rate: float = 1.2e-3
    beta_1: float = 0.0
    beta_2: float = 0.999
    ema: float = 0.999
    batch_size: int = 128

    def __post_init__(self):
        function = pick("model", self.networks, networks.MODELS)
        pick("way", self.way, networks.WAYS)
        pick("modulation", self.modulation, networks.MODULATIONS)
        losses.get(self.loss)
        losses.get_penalty(self.penalty)
        augmentation.get(self.augment)
        if unknown := set(self._options()) - set(inspect.signature(function).parameters):
            names = ", ".join(sorted(unknown))
            raise ValueError(f"the networks of {self.networks!r} have no option {names}.")
        for name in ("g_rate", "d_rate", "auxiliary", "mismatch"):
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"{name} is {getattr(self, name)!r}, expected a number from 0 up.")
        decay("ema", self.ema)
        whole("batch_size", self.batch_size, 1)

    def pair(self, classes):
        """Return an untrained (generator, discriminator) for so many ``classes``."""
        return networks.MODELS[self.networks](classes, **self._options())

    def as_json(self):
        """Return a dict of the fields of a recipe, without those that a subclass adds."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(Recipe)}

    def adam(self, part):
        """Return the Adam optimizer for ``part``, ``"g"`` or ``"d"``."""
        rate = {"g": self.g_rate, "d": self.d_rate}[part]
        return keras.optimizers.Adam(rate, self.beta_1, self.beta_2, name=f"{part}_adam")

    def _options(self):
        """Return the networks' options that differ from the defaults."""
        defaults = {field.name: field.default for field in dataclasses.fields(Recipe)}
        chosen = {name: getattr(self, name) for name in OPTIONS}
        return {name: value for name, value in chosen.items() if value != defaults[name]}


# Gulrajani et al. 2017 take Adam's betas 0 and 0.9, and five turns of D for one of G; here D has
# three times the rate instead.
_CONV = Recipe("conv", loss="wasserstein", penalty="wgan_gp", auxiliary=0.5, beta_2=0.9, ema=0.9995)
RECIPES = {
    "article": Recipe("article", g_rate=1e-3, d_rate=1e-3, beta_1=0.9, ema=0.0, batch_size=64),
    "dense": Recipe(),
    "conv": _CONV,
    # What ships was trained with this one, for long: benchmarks/README.md has what else was tried.
    "deep": dataclasses.replace(_CONV, networks="deep", auxiliary=0.1),
}
# Fields that the config.json of an older run lacks, as they then were.
BEFORE = {"mismatch": 0.0, "class_on_fakes": False, "augment": None, "modulation": "off"}
# Generators that ship -> their recipes.
SHIPPED = {"mnist-dense": "dense", "mnist-conv": "deep", "fashion-conv": "deep"}


def get(recipe="dense", **changes):
    """Return the recipe of this name (or the given `Recipe`) with some fields changed.

    Raises ValueError for a name or field that does not exist, and as `Recipe` does.
    """
    if not isinstance(recipe, Recipe):
        recipe = pick("recipe", recipe, RECIPES)
    fields = [field.name for field in dataclasses.fields(recipe)]
    if unknown := set(changes) - set(fields):
        names = ", ".join(sorted(unknown))
        raise ValueError(f"a recipe has no {names}; it has {', '.join(fields)}.")
    return dataclasses.replace(recipe, **changes)
