"""Images per second of twelve ways to train this conditional GAN, beside what the machine can do at
most.

    python benchmarks/speed.py [--rounds 5] [--batches 64,128,512] [--rows abcdefghijkl]
                               [--seconds 1.5] [--peers-python PATH] [--out FILE] [--verbose]
                               [--good]

Rows (f), (g) and (h) are ours, the others are written out in `rivals.py`; all train on the 8,000
shipped digits, all but (h), (j) and (k) in float32. One process runs the rows on TensorFlow, one
those on PyTorch, one that on JAX, and only one of them computes at a time: round after round goes
over all batch sizes and rows, so that a slow minute slows all rows. All are told to use as many
threads as there are processors, and no GPU. Every row is compiled and warmed up before the first
round. Rows whose library is missing are left out.

The limits are products of two 4096 x 4096 matrices in TensorFlow, in float32 and in bfloat16,
measured at every batch size of every round. A row's share of the first one counts the operations
that the row's own step needs, see ROWS.

With --good the rows are not timed: each trains at batch 128 until its digits are good, by the
targets of `speedrun.py`, judged after every fifth pass. Passes, and not seconds, are counted; with
the images per second of a quiet run they give the time.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from cgan_lab._support.names import path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = 10_000
PASSES, MOST_PASSES = 5, 150  # of --good: between two looks of the judge, and in all
GOOD_BATCH = 128  # the recipe's own
LIMIT = 4096  # large enough that the product, not its start, takes the time
G, D, ARTICLE_D = 1_488_912, 536_065, 538_625  # weights of the networks
# What a row is, and its operations for each real image. A pass through a network takes two for each
# weight, its gradients twice as many, or as many where only the inputs' is wanted. A standard step
# makes fakes (2 G), trains D on them and on real images (12 D), then makes new fakes and sends
# their gradient through D to G (4 D + 6 G). Every layer is counted in full; D's first has no need
# of its inputs' gradient while D trains, so that all shares are too large by up to a tenth of
# themselves.
ROWS = {
    "a": ("the article's loop, smallest repair", 8 * G + 16 * ARTICLE_D),
    "b": ("keras.Model, train_step, compile and fit", 8 * G + 16 * D),
    "c": (
        "tf.function, two tapes, tf.data",
        6 * G + 14 * D,
    ),  # one set of fakes, shown to D once for both losses
    "d": ("PyTorch, eager", 8 * G + 16 * D),
    "e": ("PyTorch, torch.compile", 8 * G + 16 * D),
    "f": ("ours, CGAN.fit", 6 * G + 16 * D),  # one set of fakes, shown to D again after its update
    "g": ("ours, training.train", 6 * G + 16 * D),
    "h": ("ours, training.train, mixed_bfloat16", 6 * G + 16 * D),
    "i": ("(b) with XLA and 50 steps a call", 8 * G + 16 * D),
    "j": ("PyTorch, eager, bfloat16", 8 * G + 16 * D),
    "k": ("PyTorch, torch.compile, bfloat16", 8 * G + 16 * D),
    "l": ("Keras on JAX, an epoch a call", 8 * G + 16 * D),
}
LIMITS = {"limit": "float32", "limit16": "bfloat16"}  # measured beside the rows, in TensorFlow
FRAMEWORKS = dict.fromkeys("dejk", "torch") | {"l": "jax"}  # of the rows not on TensorFlow


class Worker:
    """A process that trains the rows of one framework on request."""

    def __init__(self, framework, python, arguments):
        self.framework, self.errors = (
            framework,
            None if arguments.verbose else tempfile.TemporaryFile("w+"),
        )
        threads = dict.fromkeys(
            ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), str(os.cpu_count())
        )
        places = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [python, __file__, "--worker", framework, "--seconds", str(arguments.seconds)],
            env={
                **os.environ,
                **threads,
                "PYTHONPATH": places,
                "KERAS_BACKEND": "jax" if framework == "jax" else "tensorflow",
                "CUDA_VISIBLE_DEVICES": "-1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self.versions = self.answer("at its start")

    def measure(self, row, batch):
        """Return images per second, once; the first time, the row is built, compiled and warmed up
        before.
        """
        with contextlib.suppress(BrokenPipeError):  # a dead worker shows in its missing answer
            print(row, batch, file=self.process.stdin, flush=True)
        answer = self.answer(f"in row ({row}) at batch {batch}")
        return answer["images"] / answer["seconds"]

    def train_and_draw(self, row, samples):
        """Train ``row`` for `PASSES` more and let it write its pictures to the .npy ``samples``."""
        with contextlib.suppress(BrokenPipeError):
            print(row, GOOD_BATCH, samples, file=self.process.stdin, flush=True)
        self.answer(f"in row ({row})")

    def answer(self, where):
        """Return the worker's next line, or end the benchmark with what the worker said last."""
        if line := self.process.stdout.readline():
            return json.loads(line)
        said = f"exit code {self.process.wait()}"
        if self.errors:
            self.errors.seek(0)
            said += "; its last lines were:\n" + "".join(self.errors.readlines()[-8:])
        sys.exit(f"speed.py: the {self.framework} worker stopped {where}, {said}")


def work(framework, seconds):
    """Be a worker:

    answer each line "row batch" of standard input with what one measurement took, as JSON.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed must not mix with the answers
    import rivals

    def answer(**values):
        print(json.dumps(values), file=answers, flush=True)

    if framework == "torch":
        import torch

        answer(torch=torch.__version__, python_of_torch=platform.python_version())
    elif framework == "jax":
        import jax
        import keras

        answer(jax=jax.__version__, keras_on_jax=keras.__version__)
    else:
        import keras
        import tensorflow as tf

        answer(tensorflow=tf.__version__, keras=keras.__version__, python=platform.python_version())
    with np.load(ROOT / "cgan_lab" / "assets" / "digits.npz") as archive:
        images = (archive["x_train"].astype(np.float32) / 127.5 - 1.0)[..., np.newaxis]
        labels = archive["y_train"].astype(np.int32)
    ready = {}
    trained = {}
    for line in sys.stdin:
        row, batch, *samples = line.split(maxsplit=2)
        batch = int(batch)
        n = len(images) // batch * batch  # full batches only, for all
        if samples:
            if row not in trained:
                trained[row] = rivals.ROWS[row](images[:n], labels[:n], batch)
            trained[row](n // batch * PASSES)
            np.save(samples[0].strip(), drawn(trained[row].draw, rivals))
            answer()
            continue
        if (row, batch) not in ready:
            if row in LIMITS:
                run = products(LIMITS[row])
            else:
                run = rivals.ROWS[row](images[:n], labels[:n], batch)
            unit = n // batch if row in rivals.EPOCHWISE else 1
            ready[row, batch] = run, unit, warm_up(run, unit, seconds)
        run, unit, steps = ready[row, batch]
        spent = timed(run, steps)
        ready[row, batch] = (
            run,
            unit,
            enough(steps, unit, seconds / spent),
        )  # the machine's pace may have changed
        answer(images=steps * batch, seconds=spent)


def drawn(draw, rivals):
    """Return uint8 pictures ``(SAMPLES, 28, 28)``, as many of each digit, in the digits' order."""
    label = np.repeat(np.eye(rivals.CLASSES, dtype=np.float32), SAMPLES // rivals.CLASSES, axis=0)
    noise = np.random.default_rng(0).standard_normal((SAMPLES, rivals.LATENT), np.float32)
    pictures = np.asarray(draw(noise, label)).reshape(SAMPLES, 28, 28)
    return np.rint((pictures + 1.0) * 127.5).astype(np.uint8)


def products(dtype):
    """Return a function (steps) that multiplies two large matrices so many times."""
    import tensorflow as tf

    a, b = (tf.cast(tf.random.normal((LIMIT, LIMIT)), dtype) for _ in range(2))

    def run(steps):
        for _ in range(steps):
            float(tf.matmul(a, b)[0, 0])  # reading a number waits for the product

    return run


def timed(run, steps):
    """Return how many seconds ``run(steps)`` takes."""
    start = time.perf_counter()
    run(steps)
    return time.perf_counter() - start


def warm_up(run, unit, seconds):
    """Compile ``run`` and return how many steps, a multiple of ``unit``, take about ``seconds``."""
    for _ in range(2):  # a second call can compile once more
        run(unit)
    steps, spent = unit, timed(run, unit)
    while spent < seconds / 4:
        steps *= 2
        spent = timed(run, steps)
    return enough(steps, unit, seconds / spent)


def enough(steps, unit, factor):
    """Return ``factor`` times ``steps``, rounded to a multiple of ``unit``."""
    return max(1, round(steps * factor / unit)) * unit


def rounds_of(workers, rows, batches, rounds):
    """Return {row: {batch: [images per second, one a round]}} and {limit: [GFLOP/s]}."""
    rates = {row: {batch: [] for batch in batches} for row in rows}
    limits = {limit: [] for limit in LIMITS}
    for turn in range(rounds + 1):
        print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr, flush=True)
        for batch, row in itertools.product(batches, [*LIMITS, *rows]):
            # A limit's "batch" are the rows of the product.
            worker = workers[FRAMEWORKS.get(row, "tensorflow")]
            rate = worker.measure(row, LIMIT if row in LIMITS else batch)
            if turn and row in LIMITS:
                limits[row].append(rate * 2 * LIMIT**2 / 1e9)
            elif turn:
                rates[row][batch].append(rate)
    return rates, limits


def show(rates, limits, rounds):
    """Print the table."""
    limit = statistics.median(limits["limit"])
    first = rates.get("a", {}).get(64)
    print(f"{'row':46}batch  images/s (lowest to highest)  times (a) at 64  of the limit")
    for row, batch in itertools.product(rates, next(iter(rates.values()))):
        (name, operations), values = ROWS[row], rates[row][batch]
        median = statistics.median(values)
        spread = f"({min(values):,.0f} to {max(values):,.0f})"
        times = f"{median / statistics.median(first):.1f}" if first else "-"
        share = f"{median * operations / 1e9 / limit:.0%}"
        print(f"({row}) {name:42}{batch:5}  {median:7,.0f} {spread:22}  {times:>15}  {share:>12}")
    for name, rates in limits.items():
        print(
            f"limit of {LIMITS[name]} matrix products: {statistics.median(rates):.0f} GFLOP/s "
            f"({min(rates):.0f} to {max(rates):.0f}), {len(rates)} measurements"
        )
    print(f"medians of {rounds} interleaved rounds on {processor()}")


def passes_to_good(workers, rows):
    """Train each row until its digits are good and return {row: {"passes": ..., "found": ...}}.

    ``passes`` is None for a row that is not good after `MOST_PASSES`; ``found``: figures by pass.
    """
    from speedrun import TARGETS, look_at, meets

    from cgan_lab import data, judge, sampling

    dataset = data.load("digits")
    real = judge.look(dataset.x_train)[1]
    requested = sampling.label_grid(dataset.labels, SAMPLES // dataset.classes)
    good = {}
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.npy"
        for row in rows:
            worker = workers[FRAMEWORKS.get(row, "tensorflow")]
            found = {}
            reached = None
            for passes in range(PASSES, MOST_PASSES + 1, PASSES):
                worker.train_and_draw(row, samples)
                found[passes] = look_at(np.load(samples), requested, real, final=True)
                if meets(found[passes], TARGETS["good"]):
                    reached = passes
                    break
            good[row] = {"passes": reached, "found": found}
            figures = {name: round(value, 3) for name, value in found[passes].items()}
            said = f"good after {reached} passes" if reached else f"not good after {passes} passes"
            print(f"({row}) {ROWS[row][0]:42}{said}  {figures}", flush=True)
    return good


def processor():
    """Return the processor's name as the system gives it."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(
            line.partition(":")[2].strip() for line in lines if line.startswith("model name")
        )
    return platform.processor() or platform.machine()


def parse():
    """Return the parser and the arguments."""

    def whole(text):
        if not text.strip().isdecimal() or not 1 <= int(text) <= 8000:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 8000.")
        return int(text)

    def rows(text):
        if not text or set(text) - set(ROWS):
            raise argparse.ArgumentTypeError(f"{text!r} names other rows than {''.join(ROWS)}.")
        return sorted(set(text))

    def batches(text):
        return sorted({whole(part) for part in text.split(",")})

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=whole, default=5)
    parser.add_argument("--batches", type=batches, default=[64, 128, 512])
    parser.add_argument("--rows", type=rows, default=list(ROWS), help="letters; default: all")
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="about how long a row is measured each time"
    )
    parser.add_argument(
        "--peers-python",
        default=sys.executable,
        help="the Python that has PyTorch, JAX or both; default: this one",
    )
    parser.add_argument("--out", type=path, help="also write every figure to this .json file")
    parser.add_argument("--verbose", action="store_true", help="show what the libraries say")
    parser.add_argument("--good", action="store_true", help="passes to good digits, no speeds")
    parser.add_argument("--worker", choices=("tensorflow", "torch", "jax"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not 0 < arguments.seconds <= 600:
        parser.error(f"argument --seconds: {arguments.seconds} is not above 0 and up to 600.")
    return parser, arguments


def main():
    """Run the benchmark, or one of its workers."""
    parser, arguments = parse()
    if arguments.worker:
        return work(arguments.worker, arguments.seconds)
    rows, pythons = arguments.rows, {"tensorflow": sys.executable}
    for framework in sorted({FRAMEWORKS[row] for row in rows if row in FRAMEWORKS}):
        try:
            probe = subprocess.run(
                [arguments.peers_python, "-c", f"import {framework}"], capture_output=True
            )
        except OSError as error:
            parser.error(
                f"argument --peers-python: {arguments.peers_python} cannot be run "
                f"({error.strerror})."
            )
        if probe.returncode:
            lost = [row for row in rows if FRAMEWORKS.get(row) == framework]
            rows = [row for row in rows if row not in lost]
            print(
                f"{arguments.peers_python} has no {framework}: no rows {', '.join(lost)}; to get "
                'them: pip install -e ".[peers]"'
            )
        else:
            pythons[framework] = arguments.peers_python
    if not rows:
        parser.error("no row is left to measure.")
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)  # now, not after twenty minutes
    workers = {
        framework: Worker(framework, python, arguments) for framework, python in pythons.items()
    }
    if arguments.good:
        good = passes_to_good(workers, rows)
        if arguments.out:
            arguments.out.write_text(json.dumps(good, indent=1) + "\n")
        return
    rates, limits = rounds_of(workers, rows, arguments.batches, arguments.rounds)
    show(rates, limits, arguments.rounds)
    if arguments.out:
        versions = {
            name: version
            for worker in workers.values()
            for name, version in worker.versions.items()
        }
        told = {"processor": processor(), "threads": os.cpu_count(), "versions": versions}
        figures = {**told, "limit_gflops": limits, "images_per_second": rates}
        arguments.out.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
