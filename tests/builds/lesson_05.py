"""Typical mistakes in the kernel distance, and in precision and recall."""

MUTANTS = {
    "05.kernel_distance": {
        "may be negative": (
            ("return within(a)", "return max(0.0, within(a)"),
            ("b).mean()", "b).mean())"),
        ),
        "the biased estimate": (
            ("(table.sum() - np.trace(table)) / (len(x) * (len(x) - 1))", "table.mean()"),
        ),
        "n n still counts them": (("len(x) * (len(x) - 1)", "len(x) * len(x)"),),
        "not divided by d": ((" / x.shape[1]", ""),),
        "the power is 2": (("** 3", "** 2"),),
        "the + 1 is missing": ((" + 1)", ")"),),
        "counts twice": (("- 2 * similarity", "- similarity"),),
        "subtract it": (("- 2 * similarity", "+ 2 * similarity"),),
        "within b are missing": (("within(a) + within(b) - 2", "2"),),
        "these are sums": (
            (" / (len(x) * (len(x) - 1))", ""),
            ("similarity(a, b).mean()", "similarity(a, b).sum()"),
        ),
        "of 12 and 19 points is": (("len(x) - 1)", "len(a) - 1)"),),
    },
    "05.precision_recall": {
        "the two are exchanged": (("return precision, recall", "return recall, precision"),),
        "the point counts itself": (("x), k, axis=1)[:, k]", "x), k, axis=1)[:, :k].max(axis=1)"),),
        "one neighbour too far": (("x), k, axis=1)[:, k]", "x), k + 1, axis=1)[:, k + 1]"),),
        "belong to the wrong set": (
            ("reach(real)[:, None]", "of_fake"),
            ("reach(fake)", "reach(real)[:, None]"),
            ("of_fake", "reach(fake)"),
        ),
        "any, not all": ((".any(", ".all("),),
        "this is coverage": (("(across < reach(fake))", "(across < reach(real)[:, None])"),),
        "these are counts": (("np.mean(", "np.sum("),),
        "shares of pairs": ((".any(axis=0)", ""), (".any(axis=1)", "")),
        "real to real": (
            ("def reach(x)", "def reach(x, y)"),
            ("distances(x, x), k, axis=1)[:, k]", "distances(x, y), k - 1, axis=1)[:, k - 1]"),
            ("reach(real)", "reach(real, fake)"),
            ("across < reach(fake)", "across < reach(fake, real)"),
        ),
        "radii that are not squared": (("(across <", "(across**2 <"),),
        "both are the precision": (("return precision, recall", "return precision, precision"),),
        "expected two numbers": (("return precision, recall", "return precision"),),
        "k is not used": (("def reach(x):\n", "def reach(x):\n        k = 3\n"),),
    },
}
