"""The checks of lesson 08. That of the build starts TensorFlow; none trains."""

import numpy as np

from cgan_lab.checks._kit import Wrong, blank, call, close, exercise, unless

FIGURES = ("agreement", "diversity")
VERDICTS = ("better", "worse", "undecided")


def _settings(model):
    """Return what makes a run of ``model`` what it is, name -> value."""

    def rates(optimizer):
        kept = (getattr(optimizer, name, None) for name in ("learning_rate", "beta_1", "beta_2"))
        numbers = ", ".join(f"{float(value):.4g}" for value in kept if value is not None)
        return f"{type(optimizer).__name__}({numbers})"

    return {
        "ema": model.ema,
        "G's optimizer": rates(model.g_optimizer),
        "D's optimizer": rates(model.d_optimizer),
        "the number of G's weights": model.generator.count_params(),
        "the number of D's weights": model.discriminator.count_params(),
        "the loss": model.adversarial.name,
        "the penalty": model.penalty and model.penalty.name,
    }


def _entered(answer, dense, changed, *arguments):
    """Return the learner's model. Raise `Wrong` unless it is ``dense`` but for ``changed``."""
    model = call(answer, *arguments)
    if not isinstance(model, type(dense)):
        raise Wrong(f"expected a cgan.CGAN, got {type(model).__name__}: return the model.")
    if not getattr(model, "g_optimizer", None):
        raise Wrong("it is not compiled, and `training.train` refuses what is not.")
    want = _settings(dense)
    for what, value in _settings(model).items():
        if what not in changed and value != want[what]:
            found = f"{what} is {value}, and dense has {want[what]}"
            raise Wrong(f"{found}: that would be a second change beside your part.")
    return model


def _same(one, other):
    """Return whether two networks have the same weights."""
    return all(map(np.array_equal, one.get_weights(), other.get_weights()))


def _seeded(model, again, other):
    """Raise `Wrong` unless seed 0 gives ``model`` and ``again``, and seed 1 something else."""
    for part in ("generator", "discriminator"):
        first, same, others = (getattr(one, part) for one in (model, again, other))
        if _same(first, others):
            raise Wrong(f"the {part} has the same first weights for every seed: three equal runs.")
        if not _same(first, same):
            raise Wrong(f"the same seed gives the {part} other first weights: seed before it.")
    if model.seed == other.seed:
        raise Wrong("every seed draws the same training noise: hand the seed to CGAN too.")


def _asked_for(answer, plain):
    """Raise `Wrong` unless a step of the learner's model asks the given penalty and loss."""
    import keras

    asked = {}

    def penalty(*given):
        asked["penalty"] = [tuple(one.shape) for one in given[1:4]]
        return 0.0

    def half(player):
        def loss(*logits):
            asked.setdefault(player, len(logits))
            return keras.ops.mean(logits[-1])

        return loss

    changed = ("the loss", "the penalty")
    model = _entered(answer, plain, changed, 0, None, penalty, (half("D"), half("G")))
    model.step(keras.ops.zeros((4, 28, 28, 1)), keras.ops.arange(4))
    if asked.get("penalty") != [(4, 28, 28, 1), (4, 28, 28, 1), (4, 10)]:
        raise Wrong("your penalty is not in it: a step never asks it.")
    if "D" not in asked or "G" not in asked:
        raise Wrong("your loss is not in it: a step has to ask both halves, D's and G's.")
    if (asked["D"], asked["G"]) != (2, 1):
        raise Wrong("the halves of your loss are exchanged: D's comes first.")


@exercise(
    "08.entry",
    "dense but for what is yours, and each seed is a run of its own.",
    idea="take the baseline apart and put it together again: all that is not yours comes from it, "
    "the average's decay too. What is drawn by chance, and when does the seed have to be set?",
    like="a bakery tests its own flour in a known loaf: bake(day) is the recipe, and trial(day, "
    "flour=None) takes a loaf of that day apart: Loaf(flour or known.flour, known.water, "
    "salt=known.salt, day=day). Left to itself, Loaf takes 8 g of salt, the recipe 9 g: then two "
    "things differ, and nobody knows which one tasted. Which default of CGAN is another one than "
    "the recipe's?",
    learn="a fair entry is the baseline with one part exchanged: same rates, same average, same "
    "seeds. Every default that you do not look at may be the second change.",
    used="section 6 of this lesson",
)
def _entry(answer):
    import keras  # here: the other checks do without

    from cgan_lab import cgan

    def small():
        noise, label = keras.Input((100,)), keras.Input((10,))
        h = keras.layers.Dense(784, "tanh")(keras.layers.Concatenate()([noise, label]))
        return keras.Model([noise, label], keras.layers.Reshape((28, 28, 1))(h))

    none = (None, None, None)
    dense = cgan.build("dense", seed=0)
    plain = _entered(answer, dense, (), 0, *none)
    if not _same(plain.generator, dense.generator):
        raise Wrong(
            "without parts of yours it should start from dense's first weights of this seed."
        )
    own = "the number of G's weights"
    model = _entered(answer, plain, (own,), 0, small, None, None)
    if model.generator.count_params() != small().count_params():
        raise Wrong("your generator is not in it: these are the package's networks.")
    if model.averaged.count_params() != small().count_params():
        raise Wrong("the average is still one of dense's generator: make a new CGAN of your parts.")
    if not _same(model.discriminator, dense.discriminator):
        raise Wrong("D does not start from dense's first weights of this seed: a second change.")
    _seeded(model, *(call(answer, seed, small, None, None) for seed in (0, 1)))
    if not model.generator.trainable_variables or not plain.generator.trainable_variables:
        raise Wrong("the generator has nothing to train: is it the average, which stands still?")
    _asked_for(answer, plain)


@exercise(
    "08.confusable",
    "two classes that are taken for each other most often; look at their pictures side by side.",
    idea="two classes are confused in two ways, the one read as the other and the reverse. What "
    "is right is no confusion.",
    like="parcels between three towns, from row to column: [[9, 5, 1], [2, 8, 4], [3, 6, 7]]. "
    "Between 0 and 1 travel 5 + 2, between 0 and 2 1 + 3, between 1 and 2 4 + 6: the most, "
    "though 0 keeps 9 for itself. Which place lies across the diagonal from [1, 2], and how is "
    "a whole table turned over?",
    learn="a table of confusions is not symmetric: ask for both ways before you say who is "
    "taken for whom. argmax counts through the flat array; np.unravel_index turns the count "
    "into row and column.",
)
def _confusable(answer):
    one_way = np.array([[90, 6, 4, 0], [6, 80, 1, 13], [12, 0, 88, 0], [2, 0, 0, 98]])
    halves = np.array([[80, 9, 11], [8, 92, 0], [0, 10, 90]])
    for table, want in ((one_way, (0, 2)), (halves, (0, 1))):
        got = np.asarray(call(answer, table))
        if got.shape != (2,):
            raise Wrong(f"expected a pair of classes, got {got.tolist()}: see np.unravel_index.")
        i, j = got.tolist()
        if i == j:
            raise Wrong(f"{i} read as {i} is right, and no confusion: take the diagonal out.")
        if sorted(got) == list(want):
            continue
        both = table + table.T
        if table[i, j] == (table - np.diag(table.diagonal())).max():
            raise Wrong(f"{i} is most often read as {j}; count both ways: add the transpose.")
        counts = f"{i, j} are confused {both[i, j]} times, {want} are {both[want]} times"
        raise Wrong(f"{counts}, both ways together.")


@exercise(
    "08.gap",
    "a difference of less than two of its errors says nothing yet.",
    idea="each share has its own standard error, with its own n. Independent errors do not add; "
    "what of them does?",
    like="two boards, 3.00 m ± 0.03 and 2.00 m ± 0.04, measured one by one. Their difference is "
    "1.00 m, and its error is the root of 0.0009 + 0.0016, 0.05 m: more than either, less than "
    "0.07. What is the square of a share's error?",
    learn="a difference is less certain than either of its parts, and the smaller sample "
    "decides: more generated pictures do not help when the real ones are only 2,000.",
)
def _gap(answer):
    for a, n_a, b, n_b in ((0.9268, 10_000, 0.9295, 2_000), (0.86, 10_000, 0.70, 500)):
        got = np.asarray(call(answer, a, n_a, b, n_b), float)
        if got.shape != (2,):
            raise Wrong(f"expected two numbers, difference and error, got {got.tolist()}.")
        close(abs(got[0]), abs(a - b), "the size of the difference")
        if np.sign(got[0]) != np.sign(a - b):
            raise Wrong("it is first minus second, so above 0 means that the first is better.")
        v_a, v_b = a * (1 - a) / n_a, b * (1 - b) / n_b
        added = v_a**0.5 + v_b**0.5
        subtracted = abs(v_a - v_b) ** 0.5
        mistakes = {
            "the errors are added; they are independent, so their squares add.": added,
            "this is the variance: take the root.": v_a + v_b,
            "this is the first share's error alone; the second is uncertain as well.": v_a**0.5,
            "this is the second share's error alone; the first is uncertain as well.": v_b**0.5,
            "the errors are subtracted; a difference is less certain than its parts.": subtracted,
        }
        unless(got[1], mistakes)
        close(got[1], np.sqrt(v_a + v_b), "the standard error", tolerance=1e-7)


@exercise(
    "08.summary",
    "and it refuses what no report should state.",
    idea="refuse first, then compute. Which lists of runs would give a figure that misleads? "
    "What has to be counted, and what may be missing?",
    like="the mean height of a class: pupils measured twice count once, and below five pupils "
    "no mean is given, since it would tell who is who. `if len(set(names)) < 5: raise "
    "ValueError('fewer than five pupils')` comes before the mean, not after it. What are the "
    "names in your runs, and what if a height is missing?",
    learn="a function that refuses is safer than a note to be careful. Three different seeds, "
    "all runs, both figures: each refusal is a way in which reports mislead.",
)
def _summary(answer):
    shares, spreads = (0.86, 0.10, 0.88, 0.87), (0.89, 0.03, 0.91, 0.88)
    runs = [
        {"seed": seed, "agreement": share, "diversity": spread, "repeated": 0}
        for seed, (share, spread) in enumerate(zip(shares, spreads, strict=True))
    ]
    got = call(answer, runs)
    if not isinstance(got, dict) or set(got) != set(FIGURES):
        raise Wrong(f"expected a dict with the keys agreement and diversity, got {got!r}.")
    for name in FIGURES:
        values = np.array([run[name] for run in runs])
        good = np.delete(values, 1)
        kept = good.mean(), good.min(), good.max()
        mean, low, high, std = values.mean(), values.min(), values.max(), values.std()
        deviation = mean, mean - std, mean + std
        mistakes = {
            "the seed that failed is left out; a report holds all runs.": kept,
            "this is the median, which hides the seed that failed.": (np.median(values), low, high),
            "mean and deviation; for few seeds, show the lowest and the highest.": deviation,
            "the order is mean, lowest, highest.": (low, mean, high),
        }
        unless(got[name], mistakes)
        close(got[name], (mean, low, high), f"{name} as (mean, lowest, highest)")
    bare = [{key: run[key] for key in run if key != "diversity"} for run in runs]
    refusals = (
        (runs[:2], "two runs were taken; three is the least that shows a spread."),
        (runs[:1] * 3, "three times the same seed is one run: count different seeds."),
        (bare, "runs without diversity were taken; one picture per label gets full agreement."),
    )
    for refused, why in refusals:
        _refuses(answer, refused, why)


def _refuses(answer, runs, why):
    try:
        found = answer(runs)
    except ValueError:
        return
    except KeyError as error:
        raise Wrong(f"a KeyError {error} says no reason: raise a ValueError that does.") from error
    if blank(found):
        raise Wrong(f"{why} Raise a ValueError; returning nothing is no refusal.")
    raise Wrong(why)


@exercise(
    "08.verdict",
    "a rule that was written down before the runs; now keep to it.",
    idea="only lists that do not overlap decide. Two numbers, one of each list, tell whether "
    "they do: which?",
    like="seconds of two runners, where less is better: 61, 63, 62 and 58, 60, 59. The slowest "
    "of the second, 60, is below the fastest of the first, 61: the second is faster. With one "
    "64 in place of 58 nothing is decided. In your lists more is better: which two numbers do "
    "you compare, once for each direction?",
    learn="a rule that is written before the runs cannot be bent by them. It is strict on "
    "purpose: with three seeds each, luck alone still gives a clean order in 1 of 10 cases.",
)
def _verdict(answer):
    usual = [0.85, 0.86, 0.87]
    fails = "the runs overlap; a seed that failed counts like others."
    cases = (
        (usual, [0.88, 0.90, 0.89], "better", "all runs after are above all runs before."),
        (usual, [0.80, 0.84, 0.82], "worse", "all runs after are below all runs before."),
        (usual, [0.10, 0.93, 0.92], "undecided", fails),
        (usual, [0.90, 0.86, 0.92], "undecided", "the mean rose, but the runs overlap."),
        (usual, [0.86, 0.84, 0.85], "undecided", "the mean fell, but the runs overlap."),
        (usual, [0.87, 0.88, 0.89], "undecided", "a tie is no difference: above means above."),
    )
    call(answer, *cases[0][:2])  # an answer that is blank here has not been attempted
    for before, after, want, why in cases:
        got = answer(list(before), list(after))
        if blank(got):
            raise Wrong(f"nothing came back for before {before}, after {after}: say 'undecided'.")
        if got not in VERDICTS:
            raise Wrong(f"got {got!r}, expected one of {', '.join(map(repr, VERDICTS))}.")
        if got != want:
            raise Wrong(f"before {before}, after {after} was called {got!r}: {why}")
