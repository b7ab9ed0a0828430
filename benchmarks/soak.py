"""Trains for long and watches the memory: does it stay flat? Prints a line now and then.

    python benchmarks/soak.py --steps 200000    # about as many as a day of `article`

The networks are a few units wide, so that a day's steps fit into an hour or so; what is done
between steps, which is where memory would leak, is all there: 8,000 epochs, each with a snapshot, a
picture and a whole save, where a day of real training, which saves every ten seconds, has 8,640.
Only the rows of the history may grow, by half a KiB per epoch. Exits with 1 if the second half of
the run needed more memory than `ALLOWED` beyond the first.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from unittest import mock

from cgan_lab import data, runs, training

IMAGES, BATCH = 1600, 64
EPOCH = IMAGES // BATCH  # steps
ALLOWED = 16.0  # MiB; the allocator itself wavers by a few


def memory():
    """Return the memory that this process holds, in MiB, without that of the libraries' files.
    Linux only.

    Pages of files are left out, since the system takes them back when it likes.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    held = [line.split()[1] for line in lines if line.startswith(("RssAnon:", "VmSwap:"))]
    return sum(map(int, held)) / 1024


def soak(steps, lines=10, say=print):
    """Train for ``steps`` steps in ``lines`` calls on one folder; return the memory after each."""
    from cgan_lab import cgan  # only now: it starts TensorFlow

    whole = data.load("digits", limit=IMAGES)
    model = cgan.build(width=0.02)
    measured = []
    saving = mock.patch.object(runs, "SECONDS_PER_SAVE", 0)  # after every epoch
    with tempfile.TemporaryDirectory() as folder, saving:
        for line in range(1, lines + 1):
            epochs = max(1, steps * line // (lines * EPOCH))
            training.train(
                model, whole, epochs=epochs, batch_size=BATCH, out=folder, progress=False
            )
            model.sample(range(10), seed=line)
            measured.append(memory())
            say(f"{epochs * EPOCH:9,} steps  {measured[-1]:8.1f} MiB")
    return measured


def growth(measured):
    """Return by how much the highest of the second half lies above the highest of the first, in
    MiB.
    """
    half = len(measured) // 2
    return max(measured[half:]) - max(measured[:half])


def main(arguments=None):
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--lines", type=int, default=40)
    options = parser.parse_args(arguments)
    grown = growth(soak(options.steps, options.lines, lambda line: print(line, flush=True)))
    print(
        f"the second half of the run needed {grown:.1f} MiB more than the first; "
        f"allowed are {ALLOWED:.0f}"
    )
    return 0 if grown <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
