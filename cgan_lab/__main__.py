"""Train, sample and judge conditional GANs: python -m cgan_lab train|sample|evaluate|doctor."""

import argparse
import json
import os
import sys
import warnings
from pathlib import Path

BAD_INPUT, INTERRUPTED = 2, 130


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message):
        """Print ``message`` and exit with 2."""
        self.exit(BAD_INPUT, f"error: {message.rstrip('.')}. See: {self.prog} --help\n")


def main(argv=None):
    """Run one command and return its exit code.

    0, 1 (doctor found something), 2 (bad input), 130 (interrupted).
    """
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except KeyboardInterrupt:
        print("interrupted.", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, TypeError, OSError, ImportError, ArithmeticError, MemoryError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT


def train(arguments):
    """Train a model and keep it in a folder."""
    from cgan_lab import cgan, data, recipes, training
    from cgan_lab._support import distributed

    recipe = recipes.get(arguments.recipe)
    place = training.strategy(arguments.strategy)  # before anything is computed
    dataset = data.load(arguments.data)
    with place.scope():
        model = cgan.build(recipe, dataset.classes, arguments.seed, arguments.precision)
    history = training.train(
        model,
        dataset,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        seed=arguments.seed,
        out=arguments.out,
    )
    done = history.rows[-1]["epoch"] if history.rows else 0
    if history.interrupted:
        kept = f"{arguments.out} keeps epoch {done}" if done else "no epoch was finished"
        print(f"\ninterrupted: {kept}. The same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    if not distributed.first_worker(place):
        print(f"{done} epochs; the first worker keeps them.")
        return 0
    print(
        f"{arguments.out} holds {done} epochs: state.npz, history.csv, config.json, and a picture "
        "per epoch in epochs/."
    )
    return 0


def sample(arguments):
    """Draw digits from a trained or shipped model."""
    paths = [path for path in (arguments.png, arguments.npz) if path]
    if not paths:
        raise ValueError("nothing to write: give --png FILE, --npz FILE or both.")
    for path in paths:
        _check_writable(path)
    from cgan_lab import plots, sampling
    from cgan_lab._support import files

    labels = sampling.label_grid(arguments.labels, arguments.per_label)
    images = _model(arguments.run).sample(labels, seed=arguments.seed)
    if arguments.png:
        with files.replacing(arguments.png) as part:
            part.write_bytes(plots.enlarged_png(images, arguments.per_label))
    if arguments.npz:
        files.write_npz(arguments.npz, images=images, labels=labels)
    print(f"{len(images)} digits: {' and '.join(map(str, paths))}")
    return 0


def evaluate(arguments):
    """Judge a model's samples: a table, metrics.json and two pictures in the run's folder."""
    out = arguments.json
    if out is None and Path(arguments.run).is_dir():
        out = Path(arguments.run) / "metrics.json"
    if out:
        _check_writable(out)
    from cgan_lab import data, evaluation, synthetic
    from cgan_lab._support import files

    model = _model(arguments.run)
    try:
        dataset = data.load(arguments.data or _data_of(arguments.run))
    except FileNotFoundError as error:
        if arguments.data:
            raise
        where = f"{arguments.run} was trained on it; say where it is now with --data FILE.npz."
        raise FileNotFoundError(f"{error} {where}") from error
    n, seed = arguments.n, arguments.seed
    report = evaluation.evaluate(model.sample, dataset, n, seed, full=True, say=_say)
    print(report.table())
    found = {"run": str(arguments.run), **report.as_json()}
    if out:
        _draw(report, Path(out), dataset.class_names)
    if arguments.train_on_synthetic:
        taught = synthetic.evaluate(model.sample, dataset, seed=seed, runs=arguments.runs)
        print(synthetic.table(taught))
        found["train_on_synthetic"] = taught
    if out:
        with files.replacing(out) as part:
            part.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


def doctor(arguments):
    """Examine this machine."""
    from cgan_lab import doctor as physician

    ill = 0
    for finding in physician.examine():
        print(f"{'ok  ' if finding.well else 'BAD '} {finding.name}: {finding.found}")
        if not finding.well:
            ill += 1
            if finding.why:
                print(f"     why:  {finding.why}")
            print(f"     cure: {finding.cure}")
    return 1 if ill else 0


def _say(text):
    print(f"  {text} ...", file=sys.stderr, flush=True)


def _draw(report, out, class_names):
    """Write the two pictures of a report beside ``out``."""
    from cgan_lab import plots
    from cgan_lab._support import files

    figures = {
        "confusion": plots.confusion(report.confusion, list(class_names)),
        "neighbourhoods": plots.neighbourhoods(report),
    }
    for name, figure in figures.items():
        with files.replacing(out.with_name(f"{out.stem}-{name}.png")) as part:
            part.write_bytes(plots.png(figure))


def _model(run):
    from cgan_lab import cgan, runs

    if run in cgan.SHIPPED:
        return cgan.shipped(run)
    if not Path(run).exists():
        names = ", ".join(cgan.SHIPPED)
        raise FileNotFoundError(f"no run {run!r}: neither a folder nor a shipped model ({names}).")
    return runs.load(run)


def _data_of(run):
    """Return the name or path of the data that ``run`` was trained on."""
    from cgan_lab import runs

    if Path(run).is_dir():
        return runs.read_config(run)["data"]
    return "fashion" if str(run).startswith("fashion") else "digits"


def _check_writable(path):
    """Raise OSError now if ``path`` could not be written later."""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise OSError(f"cannot write {path}: the folder {folder} does not exist. Make it first.")
    if Path(path).is_dir() or not os.access(folder, os.W_OK):
        raise OSError(
            f"cannot write {path}: it is a folder, or its folder may not be written. Choose "
            "another name."
        )


def _whole(low, what):
    def parse(text):
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low:
            expected = f"{what} (a whole number from {low} up)"
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return number

    return parse


def _labels(text):
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        message = f"{text!r} is not a list of labels such as 0,1,2"
        raise argparse.ArgumentTypeError(message) from None


def _parser():
    parser = Parser(prog="python -m cgan_lab", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for function, options in COMMANDS.items():
        about = function.__doc__
        sub = commands.add_parser(function.__name__, help=about, description=about)
        sub.set_defaults(command=function)
        options(sub.add_argument)
    return parser


def _train_options(add):
    add(
        "--data",
        default="digits",
        help="digits (default), fashion, mnist, fashion_mnist or FILE.npz",
    )
    add("--recipe", "--model", default="dense", help="dense (default), article or conv")
    add(
        "--epochs",
        type=_whole(1, "a number of epochs"),
        help="passes in all (default: the budget's)",
    )
    add(
        "--batch-size",
        type=_whole(1, "a batch size"),
        help="images per step (default: the recipe's)",
    )
    add("--seed", type=_whole(0, "a seed"), default=0, help="of weights, noise and order")
    add("--precision", default="float32", help="float32 (default), mixed_bfloat16, mixed_float16")
    add("--strategy", default="one", help="one (default), mirrored (all GPUs), workers (TF_CONFIG)")
    out = "where the run is kept, and goes on from"
    add("--out", required=True, metavar="FOLDER", help=out)


def _run_options(add):
    add("run", metavar="RUN", help="a folder that train wrote, or a shipped model's name")
    add("--seed", type=_whole(0, "a seed"), default=0, help="of the samples")


def _sample_options(add):
    _run_options(add)
    add("--labels", type=_labels, default=list(range(10)), help="such as 0,1,2 (default: all ten)")
    add(
        "--per-label",
        type=_whole(1, "a number of digits"),
        default=10,
        help="digits of each label (default: 10)",
    )
    add("--png", metavar="FILE", help="a picture with one row per label")
    add("--npz", metavar="FILE", help="images uint8 (n, 28, 28) and labels (n,)")


def _evaluate_options(add):
    _run_options(add)
    add("--data", help="the real images (default: those it was trained on)")
    add("--n", type=_whole(20, "a number of samples"), default=10_000, help="default: 10,000")
    add("--json", metavar="FILE", help="default: RUN/metrics.json; pictures beside it")
    add("--train-on-synthetic", action="store_true", help="also train classifiers on samples")
    add("--runs", type=_whole(1, "a number of runs"), default=1, help="how often, with other seeds")


COMMANDS = {
    train: _train_options,
    sample: _sample_options,
    evaluate: _evaluate_options,
    doctor: lambda add: None,
}


if __name__ == "__main__":
    # One sentence, no source line.
    warnings.formatwarning = lambda message, *where, **more: f"warning: {message}\n"
    sys.exit(main())
