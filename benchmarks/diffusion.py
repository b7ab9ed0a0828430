"""A diffusion model beside the recipe `dense`, both trained for the same processor time.

    python benchmarks/diffusion.py [--epochs 100] [--seeds 0,1,2] [--times] [--out FILE]

Shipped digits. After each epoch of the GAN the diffusion model trains until it has used as much
processor time, so that a slow minute slows both; compiling counts. Then 10,000 samples of each
setting of the knobs are judged, 8,000 train a classifier that is tested on real digits, and
pictures are timed, one alone and 1,000 together, in rounds that alternate between the rows.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from cgan_lab import data, evaluation, sampling, synthetic, training
from cgan_lab._support import files
from cgan_lab._support.names import path

FIGURES = "agreement frechet_distance precision recall coverage diversity repeated".split()
SCALES = 0.5, 0.75, 1.0, 1.25  # of the GAN's noise
STEPS = 1, 5, 25, 100  # of the diffusion model, at GUIDANCE
GUIDANCES = 1.0, 1.5, 2.0, 3.0, 4.0  # at MIDDLE steps
GUIDANCE, MIDDLE = 2.0, 25
TRAINED_ON = (  # rows whose samples train a classifier
    "GAN, noise times 1",
    f"diffusion, steps {MIDDLE}, guidance 1",
    f"diffusion, steps {MIDDLE}, guidance {GUIDANCE:g}",
)
ROUNDS = 5


def pair(digits, seed, epochs):
    """Train both in turn; return (the GAN, the diffusion model, what that took)."""
    from cgan_lab import cgan, diffusion  # only now: they start TensorFlow

    models = {"GAN": cgan.build(seed=seed), "diffusion": diffusion.build(seed=seed)}
    used = dict.fromkeys(models, 0.0)
    seconds = dict.fromkeys(models, 0.0)

    def epoch(name):
        start = time.process_time(), time.perf_counter()
        train = {"GAN": training.train, "diffusion": diffusion.train}[name]
        train(models[name], digits, int(models[name].epochs) + 1, seed=seed, progress=False)
        used[name] += time.process_time() - start[0]
        seconds[name] += time.perf_counter() - start[1]

    for _ in range(epochs):
        epoch("GAN")
        while used["diffusion"] < used["GAN"]:
            epoch("diffusion")
    weights = {
        "GAN": models["GAN"].generator.count_params() + models["GAN"].discriminator.count_params(),
        "diffusion": models["diffusion"].network.count_params(),
    }
    took = {
        name: {
            "weights": weights[name],
            "epochs": int(models[name].epochs),
            "processor_seconds": used[name],
            "seconds": seconds[name],
        }
        for name in models
    }
    return models["GAN"], models["diffusion"], took


def settings(gan, model):
    """Return {row: what samples, called as ``sample(labels, seed=seed)``}."""

    def scaled(scale):
        def sample(labels, seed):
            return gan.sample(labels, scale * sampling.noise(len(labels), gan.latent, seed))

        return sample

    def way(steps, guidance, fresh=False):
        def sample(labels, seed):
            return model.sample(labels, None, seed, steps, guidance, fresh)

        return sample

    rows = {f"GAN, noise times {scale:g}": scaled(scale) for scale in SCALES}
    rows |= {f"diffusion, steps {n}, guidance {GUIDANCE:g}": way(n, GUIDANCE) for n in STEPS}
    rows |= {f"diffusion, steps {MIDDLE}, guidance {w:g}": way(MIDDLE, w) for w in GUIDANCES}
    rows[f"diffusion, steps 100, guidance {GUIDANCE:g}, new noise"] = way(100, GUIDANCE, True)
    return rows


def times():
    """Return {row: milliseconds per picture, one alone and of 1,000, a list of rounds each}.

    The weights make no difference, so the models are untrained.
    """
    from cgan_lab import cgan, diffusion

    rows = settings(cgan.build(), diffusion.build())
    counts = {"alone": [3], "of 1000": [k % 10 for k in range(1000)]}
    for sample in rows.values():
        for labels in counts.values():
            sample(labels, seed=0)  # compiles
    found = {row: {count: [] for count in counts} for row in rows}
    for _ in range(ROUNDS):
        for row, sample in rows.items():
            for count, labels in counts.items():
                start = time.perf_counter()
                sample(labels, seed=0)
                found[row][count].append(1000 * (time.perf_counter() - start) / len(labels))
    for row, per_count in found.items():
        print(f"{row:44} {[round(statistics.median(x), 3) for x in per_count.values()]} ms")
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=100, help="of the GAN")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--n", type=int, default=10_000, help="samples that are judged")
    parser.add_argument("--times", action="store_true", help="measure only the times anew")
    parser.add_argument("--out", type=path, default=Path("benchmarks/results/diffusion.json"))
    arguments = parser.parse_args()
    if arguments.times:
        kept = json.loads(arguments.out.read_text(encoding="utf-8"))
        files.write_json(arguments.out, kept | {"milliseconds": times()})
        return
    digits = data.load("digits")
    asked = sampling.label_grid(digits.labels, len(digits.x_train) // digits.classes)
    kept = {"epochs": arguments.epochs, "n": arguments.n, "training": [], "runs": []}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"{'row':44} seed  " + "  ".join(f"{name:>16}" for name in FIGURES))
    for seed in map(int, arguments.seeds.split(",")):
        gan, model, took = pair(digits, seed, arguments.epochs)
        kept["training"].append({"seed": seed} | took)
        print(f"seed {seed}: {took}", flush=True)
        real = synthetic.accuracy("cnn", digits.x_train, digits.y_train, digits, seed)
        for row, sample in settings(gan, model).items():
            found = evaluation.evaluate(sample, digits, arguments.n, seed).as_json()
            figures = {name: found[name] for name in FIGURES}
            print(f"{row:44} {seed:4}  " + "  ".join(f"{x:16.4g}" for x in figures.values()))
            run = {"row": row, "seed": seed} | figures
            if row in TRAINED_ON:
                drawn = sample(asked, seed=seed)
                found = synthetic.accuracy("cnn", drawn, asked, digits, seed)
                run["cnn"] = {"synthetic": found, "real": real}
                print(f"{row:44} {seed:4}  CNN {run['cnn']}", flush=True)
            kept["runs"].append(run)
            files.write_json(arguments.out, kept)
    files.write_json(arguments.out, kept | {"milliseconds": times()})


if __name__ == "__main__":
    main()
