"""What `judge.evaluate` found, as lines of text. Knows its dict, and measures nothing."""


def table(found):
    """Return what `evaluate` found as lines of text: the figures with n and seed, then requested x recognised."""
    real, share, error = found["real"], 100 * found["agreement"], 100 * found["standard_error"]

    def row(name, *cells):
        return f"{name:70}" + "".join(f"{cell:>18}" for cell in cells)

    lines = [
        f"samples              {found['n']:,} (seed {found['seed']}), beside the real images of {found['data']}",
        f"judge                of {found['judge']}, reads {found['judge_accuracy']:.2%} of the real test images right",
        f"label agreement      {share:.2f} % +- {error:.2f} (requested and recognised label are the same)",
        f"diversity            {found['diversity']:.2f} of the real images' spread within a label (1 is as varied)",
        f"repeated pictures    {found['repeated']}",
        row("on the judge's features", "samples", "real test images"),
        row("  Frechet distance (0 is best)", f"{found['frechet_distance']:.2f}", f"{found['frechet_floor']:.2f}"),
        row("  kernel distance (0 is best)", f"{found['kernel_distance']:.3f}", f"{found['kernel_floor']:.3f}"),
    ]
    told = {
        "precision": "of the samples, inside the real images' neighbourhoods",
        "recall": "of the real images, inside the samples'",
        "density": "real neighbourhoods around a sample, over k = 5",
        "coverage": "of the real images' neighbourhoods, with a sample inside",
    }
    lines += [row(f"  {key}: {told[key]}", f"{found[key]:.3f}", f"{real[key]:.3f}") for key in told]
    if "nearest" in found:
        near, parzen = found["nearest"], found["parzen"]
        lines += [
            row("on pixels", "samples", "real test images"),
            row("  to the nearest training image (median)", f"{near['samples']:.2f}", f"{near['test']:.2f}"),
            row("  nearer than 99 % of the real test images are", f"{near['copies']:.1%}", "1.0%"),
            "  Parzen log-likelihood in nats, a warning and no ranking: "
            + ", ".join(f"{name} {p['log_likelihood']:.0f} +- {p['standard_error']:.1f}" for name, p in parzen.items())
            + f" (sigma {parzen['samples']['sigma']:.2f})",
        ]
    lines += ["", "requested \\ recognised " + "".join(f"{label:6}" for label in range(len(found["confusion"])))]
    lines += [f"{label:22} " + "".join(f"{n:6}" for n in row) for label, row in enumerate(found["confusion"])]
    return "\n".join(lines)
