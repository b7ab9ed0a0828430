"""The checks of lesson 06. A repair is proved by training with it, which takes some seconds."""

import functools

from cgan_lab.checks._kit import Wrong, call, exercise

SEED = 1  # the lesson shows seed 0; a repair must work with another one too

# (patient, field) -> why changing this field, a likely guess, is no cure
NO_CURE = {
    ("A", "loss"): "both networks play well, whatever the loss; they play without the label.",
    ("A", "d_rate"): "how fast D learns does not matter when it hardly hears the label.",
    ("A", "g_rate"): "G may learn fast or slowly: nothing tells it that the label is wrong.",
    ("B", "loss"): "one picture per label is enough for any loss: look at who learns faster.",
    ("B", "ema"): "the average of weights that draw one picture draws one picture.",
    ("B", "way"): "the label is obeyed already: agreement is high. What is missing is variety.",
    ("C", "loss"): "the losses are a fair game; look at the range of the real images that D sees.",
    ("C", "d_rate"): "D sees at once, at any rate, that backgrounds differ: look at the pictures.",
    ("C", "g_rate"): "look at the background: which value has it, and what can tanh return?",
    ("D", "g_rate"): "the gradient is 0 to many digits; a rate multiplies it.",
    ("D", "ema"): "an average of weights that do not move is no cure.",
    ("D", "penalty"): "too late: D had won before the first turn of G.",
    ("E", "loss"): "G has a gradient here, a large one. Look at what Adam keeps of past gradients.",
    ("E", "ema"): "the average of weights that draw speckle draws speckle.",
    ("E", "head_start"): "D has no head start here, and wins all the same.",
    ("F", "beta_1"): "without momentum they run away more slowly; nothing bounds D's weights.",
    ("F", "d_rate"): "slower, they still run away: nothing bounds D.",
    ("F", "ema"): "the average follows the weights, and these run away.",
    ("G", "ema"): "an average makes the weights look better than they are; it cures none.",
    ("G", "loss"): "G takes ten times the healthy steps, whatever the loss.",
    ("G", "d_rate"): "D has to keep up with a G that takes ten times the usual steps: look at G.",
}

# patient -> its first and second hint; the third is the same for all
FIRST_HINTS = {
    "A": "which of agreement and diversity is wrong? Lesson 02 has this patient.",
    "B": "agreement is high, and diversity is not: every label has one picture.",
    "C": "the background is grey: which value has it?",
    "D": "G's loss is exactly 0: how large is its gradient? Lesson 01 has the slider.",
    "E": "D's loss is 0 and G's is 20: G has a gradient, and it leads nowhere.",
    "F": "the losses of a healthy game stay near 1; these grow to a million.",
    "G": "it was good in the middle, and fell apart: D's loss goes to 0, late.",
}
SECOND_HINTS = {
    "A": "way is how the label enters.",
    "B": "G's steps are 13 times D's: it finds one picture that D accepts before D learns better.",
    "C": "tanh returns -1 to 1; what range do the real images have?",
    "D": "two cures: a loss whose gradient survives a confident D, or a D not yet confident.",
    "E": "beta_1 is how much of past steps Adam keeps, while the opponent has moved on.",
    "F": "without a sigmoid, larger weights lower D's loss for ever. Bound D: losses.PENALTIES.",
    "G": "one network takes ten times the healthy steps: which?",
}


def _repair(letter, answer):
    """Check ``answer``, a setting that should cure patient ``letter``, by training with it."""
    from cgan_lab import clinic, data  # here: it imports TensorFlow, which other checks do without

    patient = clinic.PATIENTS[letter]
    if not isinstance(answer, clinic.Setting):
        how = f'dataclasses.replace(clinic.PATIENTS["{letter}"], name=value)'
        raise Wrong(f"expected a clinic.Setting, got {type(answer).__name__}: {how}.")
    names = clinic.changed(answer, patient)
    if not names:
        raise Wrong("this is the patient as it came in; change one field.")
    if len(names) > 1:
        which = "if it helps, which one did? Change one field."
        raise Wrong(f"{', '.join(names)} are changed together: {which}")
    (name,) = names
    if name in ("epochs", "batch_size"):
        raise Wrong(f"{name} only says how long the patient lies ill; find the cause.")
    chart = clinic.train(answer, data.load("digits"), seed=SEED)
    if found := clinic.complaints(chart):
        why = NO_CURE.get((letter, name), f"{name} is not the cause, or not with this value.")
        raise Wrong(f"trained with this, {found[0]} {why}")


for letter in FIRST_HINTS:
    exercise(
        f"06.repair_{letter.lower()}",
        f"trained with another seed, and healthy: patient {letter} is cured.",
        idea=f"{FIRST_HINTS[letter]} {SECOND_HINTS[letter]}",
        like="",
        learn="",
    )(functools.partial(_repair, letter))


DIAGNOSES = ("healthy", "ignored label", "mode collapse", "wrong range", "D has won", "runaway")
COLUMNS = ("d_loss", "g_loss", "agreement", "diversity", "darkest")
CASES = (
    ("healthy", (1.24, 1.21, 0.93, 0.82, 0)),
    ("healthy", (1.36, 0.74, 0.88, 0.95, 0)),
    ("ignored label", (1.08, 1.45, 0.11, 0.82, 0)),
    ("ignored label", (1.20, 1.10, 0.16, 0.93, 1)),
    ("mode collapse", (1.40, 0.73, 0.97, 0.15, 0)),
    ("mode collapse", (1.38, 0.72, 0.52, 0.08, 0)),
    ("wrong range", (1.08, 2.06, 0.10, 0.38, 75)),
    ("wrong range", (1.22, 1.60, 0.10, 0.70, 120)),
    ("D has won", (0.0004, 22.5, 0.10, 0.01, 0)),
    ("D has won", (0.0, -0.0, 0.10, 0.03, 0)),
    ("D has won", (0.003, 9.0, 0.10, 0.75, 0)),
    ("runaway", (-4e5, -2e6, 0.10, 0.7, 0)),
    ("runaway", (-3e4, 8e4, 0.12, 0.3, 0)),
)
# (right diagnosis, the learner's) -> why they are easily confused
CONFUSED = {
    ("mode collapse", "healthy"): "A perfect picture per label deceives agreement: see diversity.",
    ("ignored label", "mode collapse"): "These vary as much as real ones; they show other digits.",
    ("D has won", "mode collapse"): "Little variety follows: D's loss is 0, so G learns nothing.",
    ("D has won", "ignored label"): "No label is heard when D's loss is 0: G learns nothing.",
    ("wrong range", "ignored label"): "The judge cannot read grey pictures; see the background.",
    ("wrong range", "mode collapse"): "Diversity means little here: see the grey background.",
    ("runaway", "ignored label"): "Look at the size of the losses first.",
    ("runaway", "healthy"): "Look at the size of the losses.",
    ("healthy", "mode collapse"): "Slightly less than the spread of the real digits is usual.",
    ("runaway", "D has won"): "A loss of -400000 does not mean that D has won: nothing bounds D.",
}


@exercise(
    "06.diagnose",
    "six lines of arithmetic that read a chart like a doctor.",
    idea="ask for the clearest signs first: a runaway by its loss, a wrong range by its background. When D has won its loss is 0, whatever the samples; ask before agreement and diversity.",
    like="",
    learn="",
)
def _diagnose(answer):
    for want, values in CASES:
        row = dict(zip(COLUMNS, values, strict=True))
        got = call(answer, row)
        if got not in DIAGNOSES:
            raise Wrong(f"got {got!r}, expected one of {', '.join(map(repr, DIAGNOSES))}.")
        if got != want:
            why = CONFUSED.get((want, got), f"It is {want!r}.")
            raise Wrong(f"{row} was called {got!r}. {why}")
