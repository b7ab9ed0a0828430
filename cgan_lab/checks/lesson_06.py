"""The checks of lesson 06. A repair is proved by training with it, which takes some seconds."""

import functools

from cgan_lab.checks._kit import NotAttempted, Wrong, call, exercise, must_be_function

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

# patient -> its hints "idea" and "like", and what to learn from it
LADDER = {
    "A": (
        "which of agreement and diversity is wrong? What would make a game in which the label is "
        "hardly heard look fair to both players? Lesson 02 has this patient.",
        "a jury tastes 784 courses and one spoon of the dish that was ordered. Its verdict hardly "
        "depends on the spoon; it does if the order decides what the jury tastes for. How does "
        "the label get into this D, and how in a healthy one?",
        "a fair game does not mean that the label is heard. Ten numbers beside 784 pixels were "
        "heard late here; multiplied with the features, soon.",
    ),
    "B": (
        "every label has one picture, and it is a good one for today's D. Compare both players' "
        "speeds with those of a healthy setting. Which of the two is a fault by itself?",
        "a forger changes his style 13 times a day, the expert learns once. The forger lives well "
        "on one trick, repeated, until the expert has learned it. Whom would you slow down or "
        "hurry, and what did the chart of the slow expert alone look like?",
        "agreement cannot see a collapse, diversity can. Measured: it took both, the fast G and "
        "the slow D.",
    ),
    "C": (
        "the background of every sample is grey. Which value has it for a network, and where did "
        "G learn that real pictures have it there?",
        "a scale that should go from -10 to 10 kg reads 5 for nothing at all: somebody shifted its "
        "zero and halved its steps, and each reading is a plausible one. What would you ask "
        "about real pictures, before you ask about the networks?",
        "nothing crashes on a wrong range, and the losses look like a game. Ranges are declared "
        "and checked, never guessed.",
    ),
    "D": (
        "G's loss is 0, and so is its slope. Two decisions brought it there: one about which loss "
        "G descends, one about who begins. Lesson 01 has the slider.",
        "a pupil is marked by a teacher who has studied for a year: every answer gets 0.00001 "
        "points, the better ones 0.00002. Nothing to climb. Either the marks are given on "
        "another scale, or the teacher begins with the pupil. Which fields are these two?",
        "a loss of 0 is good news only if 0 is the best that there is. The slope of G's loss "
        "tells whether it can still learn.",
    ),
    "E": (
        "G has a gradient here, a large one, and it helps nothing. The chart's losses drift and "
        "never come back. What in Adam makes a step go on in the direction of earlier ones?",
        "a sailor who steers by the mean wind of the last ten minutes sails well in a steady "
        "wind. In a wind that answers every turn of the helm he is always late. What would you "
        "change for such a wind, and to which value?",
        "what helps against noise in a fixed landscape can hurt where the opponent moves. Three "
        "seeds of three end badly at 0.9; why D and not G profits, we have not measured.",
    ),
    "F": (
        "read the axis: is there a value at which this loss would be content? What keeps the "
        "slope of D in bounds, in the paper that this loss is from?",
        "two teams are paid for the difference of their marks, and each may choose the unit of "
        "its marks. They choose ever smaller units. A fee on steep marks, -d + d^2 / 2 for a "
        "difference of d, is lowest at d = 1. Which field charges a fee on steepness?",
        "a loss without an end needs a bound from elsewhere. A charge on D's slope is one; "
        "lesson 07 builds it.",
    ),
    "G": (
        "it was good in the middle and fell apart, while D's loss went to 0. One player takes "
        "much larger steps than a healthy one: which? The text has tried both fields alone.",
        "a walker with strides of ten metres is near the summit early, and then steps over it "
        "again and again. His place at noon was fine. Which single thing would you change so "
        "that he stays there?",
        "judge a training by its end, not by its best epoch, and look at every epoch.",
    ),
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


for letter, (idea, like, learn) in LADDER.items():
    exercise(
        f"06.repair_{letter.lower()}",
        f"trained with another seed, and healthy: patient {letter} is cured.",
        idea=idea,
        like=like,
        learn=learn,
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
    idea="some signs mean the same whatever the others say, and some mislead if another is there. "
    "Which of the five figures would you believe first, and which only when the rest is in order? "
    "Section 10's table has a line per illness.",
    like="a car: 'no fuel', 'flat battery', 'starter broken', 'fine'. Without fuel the starter may "
    "still turn; with a flat battery nothing turns, so 'starter broken' may be asked only after "
    "the battery. In which order would you ask, and what is the counterpart of the battery here?",
    learn="the order of the questions is part of the rule: a figure is read only after what could "
    "falsify it is excluded. Thresholds between two clear cases are a choice.",
    used="lesson 06, section 10, and lesson 07, section 3",
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


# What a simulated chart shows in its first epochs, whatever it ends with.
UNTRAINED = (1.3, 0.9, 0.1, 0.35, 2)
PROMISING = (1.1, 1.3, 0.9, 0.8, 0)
DECEPTIVE = (1.3, 0.8, 0.95, 0.2, 0)
LIMIT = 5  # trainings for one patient, of twenty seconds each


def _slower(rate):
    return rate < 1.2e-3


# (illness, last row, {field: what heals it}, last row of a change that does not heal)
SICK = (
    ("healthy", CASES[0][1], {}, None),
    ("ignored label", (1.08, 1.45, 0.11, 0.82, 0), {"way": {"projection", "both"}}, None),
    ("mode collapse", (1.40, 0.73, 0.97, 0.15, 0), {"g_rate": _slower}, None),
    ("wrong range", (1.08, 2.06, 0.10, 0.38, 75), {"pixels": {"-1 to 1"}}, None),
    (
        "runaway",
        (-4e5, -2e6, 0.10, 0.7, 0),
        {"penalty": {"wgan_gp", "r1"}, "loss": {"non_saturating"}},  # the loss: 3 seeds of 3
        None,
    ),
    ("D has won", (0.0004, 22.5, 0.10, 0.01, 0), {"beta_1": lambda beta: beta <= 0.5}, None),
    (
        "D has won",
        (0.0, -0.0, 0.10, 0.03, 0),
        {"loss": {"non_saturating", "hinge"}, "head_start": {0}},
        None,
    ),
    ("D has won", (0.003, 9.0, 0.10, 0.75, 0), {"g_rate": _slower}, DECEPTIVE),
    ("D has won", (0.001, 12.0, 0.10, 0.30, 0), {}, None),
    ("healthy", (1.25, 1.2, 0.85, 0.55, 0), {}, None),  # in no drawer, and not well
)


class _Simulated:
    """A patient whose trainings take no time, and what was tried on it."""

    def __init__(self, illness, last, cures, unhealed):
        from cgan_lab import clinic  # here: it imports TensorFlow

        self.clinic, self.illness, self.last = clinic, illness, last
        self.cures, self.unhealed = cures, unhealed or last
        self.charts = []  # (change, chart) of each training

    def examine(self, **change):
        """Return the chart of the patient with one field changed, or as it came in."""
        if len(change) > 1:
            raise Wrong(
                f"{' and '.join(change)} are changed together: if it helps, which one did? Each "
                "repair starts from the patient as it came in."
            )
        self.clinic.Setting(**change)  # refuses what no setting has
        if len(self.charts) > 20:
            raise Wrong(
                f"{self.illness!r} that no repair heals, and it goes on after 20 trainings. When "
                "the repairs that fit are used up, give up: return None."
            )
        rows = [UNTRAINED, PROMISING] * 4 + [UNTRAINED, self._ends_with(change)]
        rows = [dict(zip(COLUMNS, row, strict=True), epoch=n) for n, row in enumerate(rows, 1)]
        chart = self.clinic.Chart(self.clinic.Setting(), rows, None)
        self.charts.append((change, chart))
        return chart

    def _ends_with(self, change):
        for name, value in change.items():
            heals = self.cures.get(name, ())
            healed = heals(value) if callable(heals) else value in heals
            return PROMISING if healed else self.unhealed
        return self.last

    def diagnose(self, row):
        """Return the name of what the row shows: only the last one of a chart tells."""
        values = tuple(row[name] for name in COLUMNS)
        return {self.last: self.illness, PROMISING: "healthy"}.get(values, "mode collapse")

    def judge(self, got):
        """Raise `Wrong` unless ``got`` is what treating this patient should end with."""
        tried = [change for change, _ in self.charts if change]
        ill = self.clinic.complaints(self._chart({})) if self._chart({}) else None
        if ill is None:
            raise Wrong("examine the patient as it came in first: examine() without a change.")
        if not ill:
            if got != {}:
                raise Wrong(f"this one is healthy as it came in: return {{}}, not {got!r}.")
        elif got == {}:
            raise Wrong(f"{{}} says healthy, but: {ill[0]} The complaints decide.")
        if len(self.charts) > LIMIT and self.cures:
            raise Wrong(
                f"{len(self.charts)} trainings for {self.illness!r}, twenty seconds each. Let the "
                "diagnosis choose which repairs are tried."
            )
        if got is None:
            self._given_up(tried)
        elif got:
            self._claimed(got)

    def _chart(self, change):
        return next((chart for tried, chart in self.charts if tried == change), None)

    def _given_up(self, tried):
        what = f"{self.illness!r}, {_of(self.last)}"
        if self.cures:
            also = f"after {', '.join(map(str, tried))}" if tried else "without one repair tried"
            raise Wrong(
                f"gave up on {what} {also}. Patients of the sections above ended like this: what "
                "repaired each of them?"
            )
        if self.illness == "D has won" and len(tried) < 2:
            raise Wrong(f"gave up on {what} too early: more than one cause ends like this.")

    def _claimed(self, got):
        if not isinstance(got, dict) or len(got) != 1:
            raise Wrong(f"expected one change, such as {{'ema': 0.9}}, {{}} or None, got {got!r}.")
        chart = self._chart(got)
        if chart is None:
            raise Wrong(f"returned {got} without a training with it: a repair is proved.")
        if found := self.clinic.complaints(chart):
            raise Wrong(f"returned {got}, but trained with it: {found[0]}")


def _of(row):
    return ", ".join(f"{name} {value:g}" for name, value in zip(COLUMNS, row, strict=True))


@exercise(
    "06.treat",
    "named, tried one change at a time, and proved by a chart.",
    idea="four questions in a row: is the patient ill at all, what is it called, which repairs "
    "does this name suggest, and which is the first with which nobody complains? What is left to "
    "say if none is?",
    like="a lamp is dark. fixes = {'no light': ['bulb', 'fuse'], 'flickers': ['socket']}. For each "
    "fix of its fault: fit it, look, and if it shines, say which it was; else take it out again "
    "before the next. If the list ends, call an electrician. What must be looked at before all "
    "that, and what does the lamp stand for here?",
    learn="a table maps names to repairs, a loop proves them. One change at a time, always from "
    "the patient as it came in, so that you know what helped; and a way to say: I do not know.",
    used="lesson 06, section 10",
)
def _treat(answer):
    from cgan_lab import clinic

    trainings = 0
    for illness, *rest in SICK:
        patient = _Simulated(illness, *rest)
        must_be_function(answer)
        try:
            got = answer(patient.examine, patient.diagnose, clinic.complaints)
        except KeyError as error:
            error.add_note(
                f"The patient ({_of(patient.last)}) has complaints. Does your table have repairs "
                "for every name, and what if it has none?"
            )
            raise
        if got is Ellipsis or (got is None and not patient.charts):
            raise NotAttempted
        try:
            patient.judge(got)
        except Wrong as why:
            tried = [str(change or "as it came in") for change, _ in patient.charts]
            why.case = f"on {illness!r} ({_of(patient.last)}) it trained: {'; '.join(tried)}."
            raise
        trainings += len(patient.charts)
    return f"It took {trainings} trainings for {len(SICK)} patients."
