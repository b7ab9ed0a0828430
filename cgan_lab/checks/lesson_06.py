"""The checks of lesson 06. Registered by `checks`; a repair is proved by training it, which takes some seconds."""

from cgan_lab.checks._kit import Wrong, call, exercise

SEED = 1  # the lesson shows seed 0: a repair must work for another one too
ALWAYS = (
    "compare its setting with the healthy one: clinic.changed(clinic.PATIENTS[...], clinic.Setting()) names the "
    "fields that differ."
)

# What each patient's likely misreading is: a field that is no cure, and why.
NO_CURE = {
    "A": {
        "loss": "both networks play well, whatever the loss; they play without the label.",
        "d_rate": "how fast D learns is no matter when it hardly hears the label.",
        "g_rate": "how fast G learns is no matter when nobody tells it that the label is wrong.",
    },
    "B": {
        "loss": "the loss asks for pictures that D accepts, and one picture a label is enough for that: look at who "
        "learns faster.",
        "ema": "the average of weights that draw one picture draws one picture.",
        "way": "the label is obeyed already: agreement is high. What is missing is variety.",
    },
    "C": {
        "loss": "the losses are a fair game; what D is shown as real is not what the course calls an image.",
        "d_rate": "D sees at once that the backgrounds differ, at any rate: look at the pictures, not at the curves.",
        "g_rate": "look at the background of the pictures: what value does it have, and what can tanh return?",
    },
    "D": {
        "g_rate": "the gradient is 0 to many digits; a rate multiplies it.",
        "ema": "an average of weights that do not move is no cure.",
        "penalty": "too late: D had won before the first turn of G.",
    },
    "E": {
        "loss": "G has a gradient here, and a large one. Look at what Adam makes of the gradients of the past.",
        "ema": "the average of weights that draw speckle draws speckle.",
        "head_start": "D has no head start here, and wins all the same.",
    },
    "F": {
        "beta_1": "without momentum the losses run away more slowly; nothing bounds D, so doubling its weights pays.",
        "d_rate": "slower, they still run away: nothing bounds D.",
        "ema": "the average follows the weights, and these run away.",
    },
    "G": {
        "ema": "a longer average hides the swings for a while; it does not stop them.",
        "loss": "the steps are too large for this game, whatever the loss: lesson 01 shows the spiral.",
        "d_rate": "D has to keep up with a G that takes ten times the usual steps: look at G.",
    },
}

HINTS = {
    "A": ("which of agreement and diversity is wrong? Lesson 02 has this patient.", "way is how the label enters."),
    "B": (
        "agreement is high, and diversity is not: every label has one picture.",
        "G takes thirteen times as large steps as D: it finds one picture that D accepts, before D learns better.",
    ),
    "C": ("the background is grey: which value has it?", "tanh returns -1 to 1; what range do the real images have?"),
    "D": (
        "G's loss is exactly 0: how large is its gradient? Lesson 01 has the slider.",
        "there are two cures: a loss whose gradient survives a confident D, or a D that is not confident yet.",
    ),
    "E": (
        "D's loss is 0 and G's is 20: G has a gradient, and it leads nowhere.",
        "beta_1 is how much of the last steps' direction Adam keeps, while the opponent has moved on.",
    ),
    "F": (
        "the losses of a healthy game stay near 1; these grow to a million.",
        "without a sigmoid, D's loss falls for ever if its weights grow. Something must bound D: see losses.PENALTIES.",
    ),
    "G": (
        "it was good in the middle, and fell apart: the game swings more and more widely.",
        "lesson 01: each step spirals out by sqrt(1 + rate^2). Which rate is ten times the healthy one?",
    ),
}


def _register(letter):
    @exercise(
        f"06.repair_{letter.lower()}",
        praise=f"trained with another seed, and healthy: patient {letter} is cured.",
        hints=(*HINTS[letter], ALWAYS),
    )
    def inspect(answer):
        from cgan_lab import clinic, data  # here, so that the other lessons' checks start without TensorFlow

        patient = clinic.PATIENTS[letter]
        if not isinstance(answer, clinic.Setting):
            raise Wrong(
                f"expected a clinic.Setting, got {type(answer).__name__}: "
                f'dataclasses.replace(clinic.PATIENTS["{letter}"], name=value).'
            )
        names = clinic.changed(answer, patient)
        if not names:
            raise Wrong("this is the patient as it came in; change one field.")
        if len(names) > 1:
            raise Wrong(f"{', '.join(names)} are changed together: if it helps, which one did? Change one field.")
        if names[0] in ("epochs", "batch_size"):
            raise Wrong(f"{names[0]} only says how long the patient lies ill; find the cause.")
        try:
            chart = clinic.train(answer, data.load("digits"), seed=SEED)
        except ValueError as error:
            raise Wrong(str(error)) from error
        if found := clinic.complaints(chart):
            why = NO_CURE[letter].get(names[0], f"{names[0]} is not the cause, or not with this value.")
            raise Wrong(f"trained with this, {found[0]} {why}")


for _letter in HINTS:
    _register(_letter)

DIAGNOSES = ("healthy", "ignored label", "mode collapse", "wrong range", "D has won", "runaway")


@exercise(
    "06.diagnose",
    praise="six lines of arithmetic that read a chart like a doctor.",
    hints=(
        "ask for the clearest signs first: a runaway by its loss, a wrong range by its background.",
        "when D has won its loss is 0, whatever the samples look like; ask before agreement and diversity.",
        "a collapse is a diversity far below 0.6, an ignored label an agreement near 0.1 with diversity near that of "
        "real digits.",
    ),
)
def _diagnose(answer):
    cases = (
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
    for want, values in cases:
        row = dict(zip(("d_loss", "g_loss", "agreement", "diversity", "darkest"), values, strict=True))
        got = call(answer, row)
        if got not in DIAGNOSES:
            raise Wrong(f"got {got!r}, expected one of {', '.join(map(repr, DIAGNOSES))}.")
        if got != want:
            raise Wrong(f"{row} was called {got!r}. {_confused(want, got)}")


def _confused(want, got):
    return {
        ("mode collapse", "healthy"): "Agreement alone is deceived by one perfect picture a label: look at diversity.",
        ("ignored label", "mode collapse"): "These pictures vary as much as real ones; they show other digits.",
        ("D has won", "mode collapse"): "Little variety here is a consequence: D's loss is 0, so G learns nothing.",
        ("D has won", "ignored label"): "No label can be heard when D's loss is 0: G learns nothing at all.",
        ("wrong range", "ignored label"): "The judge cannot read grey pictures; the background says why.",
        ("wrong range", "mode collapse"): "On grey pictures diversity means little; the background says why.",
        ("runaway", "ignored label"): "Look at the size of the losses first.",
        ("runaway", "healthy"): "Look at the size of the losses.",
        ("healthy", "mode collapse"): "A little less than the real digits' spread is usual.",
        ("runaway", "D has won"): "A loss of -400000 is not a D that has won: it is a D that nothing bounds.",
    }.get((want, got), f"It is {want!r}.")
