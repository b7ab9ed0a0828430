"""The command line: ``python -m cgan_lab train | sample | evaluate | doctor``. Parses, calls, prints."""

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
    """Run one command and return its exit code: 0, 1 (doctor found something), 2 (bad input), 130 (interrupted)."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except KeyboardInterrupt:
        print("interrupted.", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, TypeError, OSError, ImportError, FloatingPointError, MemoryError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT


def train(arguments):
    """Train a model and keep it in a folder."""
    from cgan_lab import cgan, data, networks, recipes, training
    from cgan_lab._support import distributed

    networks.get(arguments.model)
    strategy = distributed.strategy(arguments.strategy)  # before anything is computed
    digits = data.load(arguments.data)
    with strategy.scope():
        model = cgan.build(arguments.model, digits.classes, arguments.seed, arguments.precision)
    history = training.train(
        model,
        digits,
        seed=arguments.seed,
        out=arguments.out,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size or recipes.RECIPES[arguments.model].batch_size,
    )
    done = history.rows[-1]["epoch"] if history.rows else 0
    if history.interrupted:
        kept = f"{arguments.out} keeps epoch {done}" if done else "no epoch was finished"
        print(f"\ninterrupted: {kept}. The same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    if not distributed.first_worker(strategy):
        print(f"{done} epochs; the first worker keeps them.")
        return 0
    print(f"{arguments.out}: {done} epochs, model.keras, history.csv, config.json and a picture an epoch.")
    return 0


def sample(arguments):
    """Draw digits from a trained or shipped model."""
    if not (arguments.png or arguments.npz):
        raise ValueError("nothing to write: give --png FILE, --npz FILE or both.")
    for path in filter(None, (arguments.png, arguments.npz)):
        _writable(path)
    from cgan_lab import plots, sampling
    from cgan_lab._support import files

    labels = sampling.label_grid(arguments.labels, arguments.per_label)
    images = _model(arguments.run).sample(labels, seed=arguments.seed)
    if arguments.png:
        with files.aside(arguments.png) as part:
            part.write_bytes(plots.enlarged_png(images, arguments.per_label))
    if arguments.npz:
        files.write_npz(arguments.npz, images=images, labels=labels)
    print(f"{len(images)} digits: {' and '.join(str(p) for p in (arguments.png, arguments.npz) if p)}")
    return 0


def evaluate(arguments):
    """Judge a model's samples: a table on the screen, metrics.json and two pictures in the run's folder."""
    from cgan_lab import data, judge, plots, report, synthetic
    from cgan_lab._support import files

    out = arguments.json or (Path(arguments.run) / "metrics.json" if Path(arguments.run).is_dir() else None)
    if out:
        _writable(out)
    model, digits = _model(arguments.run), data.load(arguments.data)
    found = judge.evaluate(model.sample, digits, n=arguments.n, seed=arguments.seed, full=True, tell=_tell)
    print(report.table(found))
    if out:
        out = Path(out)
        for name, figure in (
            ("confusion", plots.confusion(found["confusion"], list(digits.class_names))),
            ("neighbourhoods", plots.neighbourhoods(found)),
        ):
            with files.aside(out.with_name(f"{out.stem}-{name}.png")) as part:
                part.write_bytes(plots.png(figure))
    del found["shown"]  # images
    if arguments.train_on_synthetic:
        found["train_on_synthetic"] = synthetic.evaluate(model.sample, digits, seed=arguments.seed, runs=arguments.runs)
        print(synthetic.table(found["train_on_synthetic"]))
    if out:
        with files.aside(out) as part:
            part.write_text(json.dumps({"run": str(arguments.run), **found}, indent=2) + "\n", encoding="utf-8")
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


def _tell(text):
    print(f"  {text} ...", file=sys.stderr, flush=True)


def _model(run):
    from cgan_lab import cgan, runs

    if run in cgan.SHIPPED:
        return cgan.shipped(run)
    if not Path(run).exists():
        raise FileNotFoundError(f"no run {run!r}: neither a folder nor a shipped model ({', '.join(cgan.SHIPPED)}).")
    return runs.load(run)


def _writable(path):
    """Raise OSError now if ``path`` could not be written later."""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise OSError(f"cannot write {path}: the folder {folder} does not exist. Make it first.")
    if Path(path).is_dir() or not os.access(folder, os.W_OK):
        raise OSError(f"cannot write {path}: it is a folder, or its folder may not be written. Choose another name.")


def _whole(low, what):
    def parse(text):
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} (a whole number from {low} up)")
        return number

    return parse


def _labels(text):
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of labels such as 0,1,2") from None


def _parser():
    parser = Parser(prog="python -m cgan_lab", description="Train, sample and judge conditional GANs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    def command(function, *with_run):
        sub = commands.add_parser(function.__name__, help=function.__doc__, description=function.__doc__)
        sub.set_defaults(command=function)
        if with_run:
            sub.add_argument("run", metavar="RUN", help="a folder that train wrote, or a shipped model's name")
        return sub

    sub = command(train)
    sub.add_argument(
        "--data", default="digits", help="digits, fashion, mnist, fashion_mnist or an .npz file (default: digits)"
    )
    sub.add_argument("--model", default="dense", help="article, dense or conv (default: dense)")
    sub.add_argument("--epochs", type=_whole(1, "a number of epochs"), help="passes in all (default: the budget's)")
    sub.add_argument("--batch-size", type=_whole(1, "a batch size"), help="images a step (default: the model's)")
    sub.add_argument("--seed", type=_whole(0, "a seed"), default=0)
    sub.add_argument("--precision", default="float32", help="or mixed_bfloat16, mixed_float16 (default: float32)")
    sub.add_argument(
        "--strategy",
        default="one",
        help="one, mirrored (all GPUs) or workers (as TF_CONFIG says) (default: one)",
    )
    sub.add_argument("--out", required=True, metavar="FOLDER", help="where the run is kept, and goes on from")

    sub = command(sample, "run")
    sub.add_argument("--labels", type=_labels, default=list(range(10)), help="such as 0,1,2 (default: all ten)")
    sub.add_argument("--per-label", type=_whole(1, "a number of digits"), default=10)
    sub.add_argument("--seed", type=_whole(0, "a seed"), default=0)
    sub.add_argument("--png", metavar="FILE", help="a picture with a row a label")
    sub.add_argument("--npz", metavar="FILE", help="images uint8 (n, 28, 28) and labels (n,)")

    sub = command(evaluate, "run")
    sub.add_argument("--data", default="digits", help="the real images to stand beside (default: digits)")
    sub.add_argument("--n", type=_whole(20, "a number of samples"), default=10_000)
    sub.add_argument("--seed", type=_whole(0, "a seed"), default=0)
    sub.add_argument("--json", metavar="FILE", help="default: RUN/metrics.json; the pictures go beside it")
    sub.add_argument("--train-on-synthetic", action="store_true", help="also train classifiers on the samples")
    sub.add_argument("--runs", type=_whole(1, "a number of runs"), default=1, help="how often, with other seeds")

    command(doctor)
    return parser


if __name__ == "__main__":
    warnings.formatwarning = lambda message, *where, **more: f"warning: {message}\n"  # one sentence, no source line
    sys.exit(main())
