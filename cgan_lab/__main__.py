"""Train, sample and judge conditional GANs: python -m cgan_lab train|sample|evaluate|doctor.

What a person typed is checked before TensorFlow starts, which takes seconds.
"""

import argparse
import json
import os
import sys
import warnings
from pathlib import Path

from cgan_lab._support import tensorflow
from cgan_lab._support.console import say
from cgan_lab._support.language import said
from cgan_lab._support.names import path

BAD_INPUT, INTERRUPTED = 2, 130
MOST = 2**32 - 1  # the largest seed that NumPy and Keras take


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message):
        """Print ``message`` and exit with 2."""
        error = said(f"error: {message.rstrip('.')}.")
        self.exit(BAD_INPUT, f"{error} {said(f'See: {self.prog} --help')}\n")


def main(argv=None):
    """Run one command and return its exit code.

    0, 1 (doctor found something), 2 (bad input), 130 (interrupted).
    """
    arguments = _parser().parse_args(argv)
    tensorflow.hidden = ("matplotlib", "sklearn")
    try:
        return arguments.command(arguments)
    except KeyboardInterrupt:
        tell("Interrupted.", sys.stderr)
        return INTERRUPTED
    except (ValueError, TypeError, OSError, ImportError, ArithmeticError, MemoryError) as error:
        tell(f"error: {error}", sys.stderr)
        return BAD_INPUT


def tell(sentence, file=None):
    """Print a sentence in the reader's language to ``file``, standard output by default."""
    say(said(sentence), file)


def train(arguments):
    """Train a model and keep it in a folder."""
    from cgan_lab import recipes, training
    from cgan_lab._support import distributed

    recipe = recipes.get(arguments.recipe)
    dataset = _ready_to_train(arguments, recipe)
    place = training.strategy(arguments.strategy)  # before anything is computed
    from cgan_lab import cgan

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
        kept = f"{arguments.out} keeps epoch {done}." if done else "No epoch was finished."
        say("", sys.stderr)
        again = "The same command goes on from there."
        tell(" ".join(["Interrupted.", kept, again]), sys.stderr)
        return INTERRUPTED
    if not distributed.first_worker(place):
        tell(f"{done} epochs; the first worker keeps them.")
        return 0
    tell(
        f"{arguments.out} holds {done} epochs: state.npz, history.csv, config.json, and a picture "
        "per epoch in epochs/."
    )
    return 0


def _ready_to_train(arguments, recipe):
    """Return the data set, after checking all that can be checked without TensorFlow."""
    from cgan_lab import data, networks, runs, training
    from cgan_lab._support import distributed
    from cgan_lab._support.names import pick

    pick("precision", arguments.precision, networks.PRECISIONS)
    pick("strategy", arguments.strategy, distributed.STRATEGIES)
    if arguments.strategy == "workers":
        distributed.read_cluster(os.environ.get("TF_CONFIG"))
    if arguments.epochs is None and os.environ.get("CGAN_LAB_BUDGET"):
        training.budget()
    dataset = data.load(arguments.data)
    known = {
        "recipe": recipe.as_json(),
        "classes": dataset.classes,
        "precision": arguments.precision,
        "data_sha256": dataset.checksum(),
        "batch_size": training.batch_of(recipe, dataset, arguments.batch_size),
        "seed": arguments.seed,
    }
    runs.check(arguments.out, known)
    return dataset


def sample(arguments):
    """Draw digits from a trained or shipped model."""
    paths = [one for one in (arguments.png, arguments.npz) if one]
    if arguments.png and arguments.png == arguments.npz:
        raise ValueError(f"--png and --npz name the same file, {arguments.png}.")
    if not paths:
        raise ValueError("nothing to write: give --png FILE, --npz FILE or both.")
    for one in paths:
        _check_writable(one)
    from cgan_lab import sampling
    from cgan_lab._support import files
    from cgan_lab._support.arrays import check_labels

    classes = _about(arguments.run)["classes"]
    chosen = arguments.labels or list(range(classes))
    labels = sampling.label_grid(check_labels(chosen, classes), arguments.per_label)
    images = _drawer(arguments.run).sample(labels, seed=arguments.seed)
    if arguments.png:
        from cgan_lab import plots

        with files.replacing(arguments.png) as part:
            part.write_bytes(plots.enlarged_png(images, arguments.per_label))
    if arguments.npz:
        files.write_npz(arguments.npz, images=images, labels=labels)
    say(f"{len(images)} digits: {' and '.join(map(str, paths))}")
    return 0


def evaluate(arguments):
    """Judge a model's samples: a table, metrics.json and two pictures in the run's folder."""
    out = arguments.json
    about = _about(arguments.run)
    if out is None and Path(arguments.run).is_dir():
        out = Path(arguments.run) / "metrics.json"
    if out:
        _check_writable(out)
    from cgan_lab import evaluation, synthetic

    dataset = _real_images(arguments, about)
    n = evaluation.samples_of(dataset.labels, arguments.n)
    seed = arguments.seed
    model = _model(arguments.run)
    report = evaluation.evaluate(
        model.sample, dataset, n, seed, full=True, say=_doing, need_judge=False
    )
    say(report.table())
    found = {"run": str(arguments.run), **report.as_json()}
    _write(found, out)  # now: what follows takes minutes, or may not be drawn
    if out:
        _draw(report, Path(out), dataset.class_names)
    if arguments.train_on_synthetic:
        taught = synthetic.evaluate(model.sample, dataset, seed=seed, runs=arguments.runs)
        say(synthetic.table(taught))
        _write(found | {"train_on_synthetic": taught}, out)
    return 0


def _write(found, out):
    """Write ``found`` as JSON to ``out``, if there is one."""
    from cgan_lab._support import files

    if out:
        with files.replacing(out) as part:
            text = json.dumps(found, indent=2, allow_nan=False)
            part.write_text(text + "\n", encoding="utf-8")


def _real_images(arguments, about):
    """Return the real images: those that the run was trained on, or others of their kind."""
    from cgan_lab import data

    own = about["data"]
    if not own and not arguments.data:
        raise ValueError(f"{arguments.run} does not say what it was trained on; give --data.")
    try:
        dataset = data.load(arguments.data or own)
    except FileNotFoundError as error:
        if arguments.data:
            raise
        where = f"{arguments.run} was trained on it; say where it is now with --data FILE.npz."
        raise FileNotFoundError(f"{error} {where}") from error
    if dataset.classes != about["classes"]:
        raise ValueError(
            f"{arguments.run} draws {about['classes']} classes and {dataset.name} has "
            f"{dataset.classes}. Judge it beside the data that it was trained on, {own}."
        )
    checksum = dataset.checksum()
    same = about.get("data_sha256") == checksum
    if not arguments.data and about.get("data_sha256", checksum) != checksum:
        raise ValueError(
            f"{own} has changed since {arguments.run} was trained on it. To judge beside what it "
            f"is now, say so: --data {own}."
        )
    if own and arguments.data and not same and _kind(own) != _kind(dataset.name, dataset):
        raise ValueError(
            f"{arguments.run} was trained on {own}, and {dataset.name} shows another kind of "
            "things, as far as can be seen. Judge it beside images of its own kind."
        )
    return dataset


def _kind(name, dataset=None):
    """Return which things a data set shows: what its labels or its judge are called.

    ``dataset``: the data set, if it is loaded already.
    """
    from cgan_lab import data, judge

    if name in data.NAMES:
        return "fashion" if data.NAMES[name] == data.FASHION_NAMES else "digits"
    try:
        return judge.judge_of(dataset or data.load(name))[0]
    except (OSError, ValueError) as error:  # it is not there any more, or no judge reads it
        return type(error).__name__


def doctor(arguments):
    """Examine this machine."""
    from cgan_lab import doctor as physician

    ill = 0
    for finding in physician.examine():
        say(f"{'ok  ' if finding.well else 'BAD '} {finding.name}: {finding.found}")
        if not finding.well:
            ill += 1
            if finding.why:
                say(f"     {said(f'why:  {finding.why}')}")
            say(f"     {said(f'cure: {finding.cure}')}")
    return 1 if ill else 0


def _doing(text):
    say(f"  {text} ...", sys.stderr)


def _draw(report, out, class_names):
    """Write the pictures of a report, as far as it has them, beside ``out``."""
    from cgan_lab import plots
    from cgan_lab._support import files

    figures = {}
    if report.confusion:
        figures["confusion"] = plots.confusion(report.confusion, list(class_names))
    if report.shown:
        figures["neighbourhoods"] = plots.neighbourhoods(report)
    for name, figure in figures.items():
        picture = out.with_name(f"{out.stem}-{name}.png")
        try:
            with files.replacing(picture) as part:
                part.write_bytes(plots.png(figure))
        except OSError as error:  # on Windows a viewer may hold it
            tell(f"warning: {picture} was not written ({error.strerror or error}).", sys.stderr)


def _about(run):
    """Return what is known of a run, a ``.keras`` file or a shipped model: classes and data."""
    from cgan_lab import recipes, runs

    if run in recipes.SHIPPED:
        return {"classes": 10, "data": "fashion" if run.startswith("fashion") else "digits"}
    where = Path(run)
    if where.is_file() and where.suffix not in (".keras", ".h5"):
        raise ValueError(f"{run} is no run: give the folder of one, {where.parent}, say.")
    if not where.exists():
        names = ", ".join(recipes.SHIPPED)
        raise FileNotFoundError(f"no run {run!r}: neither a folder nor a shipped model ({names}).")
    if where.is_file():
        return {"classes": runs.load(where).classes, "data": None}
    runs.check_saved(where)
    return runs.read_config(where)


def _drawer(run):
    """Return what draws: a shipped model in NumPy, without waiting for TensorFlow."""
    from cgan_lab import forward, recipes

    return forward.shipped(run) if run in recipes.SHIPPED else _model(run)


def _model(run):
    from cgan_lab import cgan, recipes, runs

    return cgan.shipped(run) if run in recipes.SHIPPED else runs.load(run)


def _check_writable(file):
    from cgan_lab import runs

    """Raise OSError now if ``file`` could not be written later."""
    folder = Path(file).absolute().parent
    if not folder.is_dir():
        raise OSError(f"cannot write {file}: the folder {folder} does not exist. Make it first.")
    if Path(file).name in (*runs.OURS, "config.json") and (folder / "config.json").exists():
        raise OSError(f"cannot write {file}: it is a file of the run itself. Choose another name.")
    if Path(file).is_dir() or not os.access(folder, os.W_OK):
        raise OSError(
            f"cannot write {file}: it is a folder, or its folder may not be written. Choose "
            "another name."
        )


def _whole(low):
    def parse(text):
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= MOST:
            raise argparse.ArgumentTypeError(
                f"{text!r} came, expected a whole number from {low} to {MOST}"
            )
        return number

    return parse


def _path(text):
    named = path(text)
    if len(named.parts) == 1 and named.name != text:  # ./digits is a file, digits a data set
        named = named.absolute()
    return str(named)


def _labels(text):
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} came, expected labels such as 0,1,2") from None


def _parser():
    codes = "Exit codes: 0 done, 1 the doctor found something, 2 bad input, 130 interrupted."
    parser = Parser(prog="python -m cgan_lab", description=__doc__, epilog=said(codes))
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
        type=_path,
        default="digits",
        help="digits (default), fashion, mnist, fashion_mnist or FILE.npz",
    )
    add("--recipe", "--model", default="dense", help="dense (default), article, conv or deep")
    add("--epochs", type=_whole(1), help="passes in all (default: the budget's)")
    add("--batch-size", type=_whole(1), help="images per step (default: the recipe's)")
    add("--seed", type=_whole(0), default=0, help="of weights, noise and order")
    add("--precision", default="float32", help="float32 (default), mixed_bfloat16, mixed_float16")
    add("--strategy", default="one", help="one (default), mirrored (all GPUs), workers (TF_CONFIG)")
    out = "where the run is kept, and goes on from"
    add("--out", required=True, type=_path, metavar="FOLDER", help=out)


def _run_options(add):
    add(
        "run",
        metavar="RUN",
        type=_path,
        help="a folder that train wrote, or a shipped model's name",
    )
    add("--seed", type=_whole(0), default=0, help="of the samples")


def _sample_options(add):
    _run_options(add)
    add("--labels", type=_labels, help="such as 0,1,2 (default: all)")
    add(
        "--per-label",
        type=_whole(1),
        default=10,
        help="digits of each label (default: 10)",
    )
    add("--png", type=_path, metavar="FILE", help="a picture with one row per label")
    add("--npz", type=_path, metavar="FILE", help="images uint8 (n, 28, 28) and labels (n,)")


def _evaluate_options(add):
    _run_options(add)
    add("--data", type=_path, help="the real images (default: those it was trained on)")
    add(
        "--n",
        type=_whole(4),
        help="default: 10,000, or the next number below with as many of each label",
    )
    add("--json", type=_path, metavar="FILE", help="default: RUN/metrics.json; pictures beside it")
    add("--train-on-synthetic", action="store_true", help="also train classifiers on samples")
    add("--runs", type=_whole(1), default=1, help="how often, with other seeds")


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
