"""Typical mistakes in a diagnosis and in a treatment."""

EACH = "repairs.get(illness, [])"
MUTANTS = {
    "06.diagnose": {
        "A perfect picture per label": (('return "mode collapse"', 'return "healthy"'),),
        "A loss of -400000 does not mean": (('return "runaway"', "pass"),),
        "see the grey background": (('row["darkest"] > 30', 'row["darkest"] > 300'),),
        "Little variety follows": (('row["d_loss"] < 0.1', "False"),),
        "expected one of": (('"healthy"', '"well"'),),
        "is usual": (("< 0.5:", "< 0.9:"),),
    },
    "06.treat": {
        "are changed together": (
            (
                f"for change in {EACH}:",
                f"change = {{}}\n    for more in {EACH}:\n        change = change | more",
            ),
        ),
        "without a training with it": (
            ("        if not complaints(examine(**change)):\n            return", "        return"),
        ),
        "trained with it: diversity is 0.20": (
            (
                "not complaints(examine(**change))",
                'examine(**change).rows[-1]["agreement"] > 0.7',
            ),
        ),
        "trained with it: label agreement is 10%": (
            (
                "not complaints(examine(**change))",
                'examine(**change).column("agreement").max() > 0.7',
            ),
        ),
        "gave up on 'D has won'": (
            ("            return change\n", "            return change\n        return None\n"),
        ),
        "it goes on after 20 trainings": (
            (f"    for change in {EACH}:", f"    for change in 1000 * {EACH}:"),
        ),
        "Let the diagnosis choose": ((EACH, "sum(repairs.values(), [])"),),
        "as it came in: return {}": (("        return {}\n", "        return None\n"),),
        "The complaints decide": (
            ("not complaints(chart)", 'diagnose(chart.rows[-1]) == "healthy"'),
        ),
        "what repaired each of them": (("chart.rows[-1]", "chart.rows[0]"),),
        "KeyError": (("repairs.get(illness, [])", "repairs[illness]"),),
        "examine the patient as it came in first": (
            ("chart = examine()", "chart = examine(ema=0.999)"),
        ),
        "expected one change": (("return change", "return (change, illness)"),),
    },
}
