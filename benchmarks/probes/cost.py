"""What probing costs a training, beside what the steps of the probes cost in that training itself.

    python -m benchmarks.probes.cost [--no-large]

A training of epochs of 100 steps, with and without `LRProbe(every=5, num_steps=100)`, in turn within one run, so that a slow
moment of the machine meets both. Sweeps go to the end, so that each makes all of its steps. A first round, in which
everything is compiled, does not count. The ratio is the time that the probes added, over that of as many steps of the
training without them: 1 is what the steps themselves cost.

Then a model of 50 million parameters with Adam: the seconds to keep its state before a probe, and to restore it after.

Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import keras
import numpy as np

from tb_lrfinder import LRProbe
from tb_lrfinder.training.snapshot import ModelState

STEPS, BATCH_SIZE, EPOCHS, EVERY = 100, 32, 10, 5


def dense() -> tuple[keras.Model, np.ndarray]:
    layers = [keras.layers.Dense(256, activation="relu") for _ in range(3)]
    return keras.Sequential([keras.Input((64,)), *layers, keras.layers.Dense(10)]), _data(64)


def convolutional() -> tuple[keras.Model, np.ndarray]:
    layers = [keras.layers.Conv2D(32, 3, activation="relu", padding="same") for _ in range(3)]
    pooled = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]
    return keras.Sequential([keras.Input((16, 16, 3)), *layers, *pooled]), _data(16, 16, 3)


def _data(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(STEPS * BATCH_SIZE, *shape)).astype("float32")


RATES: dict[str, Callable[[], object]] = {
    "a number": lambda: 1e-4,
    "a schedule": lambda: keras.optimizers.schedules.CosineDecay(1e-4, 10**6),
}


def ratios(
    build: Callable[[], tuple[keras.Model, np.ndarray]], rate: object, rounds: int
) -> tuple[list[float], float, float]:
    """The ratio of each round, and the median seconds of a step without probes and of a probe."""
    model, x = build()
    y = np.random.default_rng(1).integers(0, 10, len(x))
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    def seconds(callbacks: list[keras.callbacks.Callback]) -> float:
        began = time.perf_counter()
        model.fit(x, y, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0, callbacks=callbacks)
        return time.perf_counter() - began

    found, steps, probes = [], [], []
    for round_ in range(rounds + 1):
        probe = LRProbe(
            None,
            every=EVERY,
            num_steps=STEPS,
            start_lr=1e-7,
            end_lr=1e-3,
            divergence_factor=None,
            max_share=1,
            verbose=0,
        )
        alone, probed = seconds([]), seconds([probe])
        made = probe.history["num_steps"].sum()
        if round_:
            steps.append(alone / (EPOCHS * STEPS))
            probes.append((probed - alone) / len(probe.results))
            found.append((probed - alone) / (made * steps[-1]))
    return found, statistics.median(steps), statistics.median(probes)


def large() -> tuple[int, float, float]:
    """Parameters of a large model, and the seconds to keep and to restore its state; the second time counts."""
    width = 4992
    model = keras.Sequential([keras.Input((width,)), *(keras.layers.Dense(width, activation="relu") for _ in range(2))])
    model.compile("adam", "mse")
    x = np.zeros((BATCH_SIZE, width), "float32")
    model.fit(x, x, verbose=0)
    kept = restored = 0.0
    for _ in range(2):
        began = time.perf_counter()
        state = ModelState(model)
        kept = time.perf_counter() - began
        began = time.perf_counter()
        state.restore()
        restored = time.perf_counter() - began
    return model.count_params(), kept, restored


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what probing costs a training.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-large", action="store_true", help="leave the model of 50 million parameters out")
    arguments = parser.parse_args()
    print(
        f"Back end {keras.backend.backend()}, Keras {keras.__version__}, medians (and range) of {arguments.rounds} rounds.\n"
    )
    print("| model | rate | step | probe of 100 steps | over its steps |\n|---|---|---:|---:|---:|")
    for build in (dense, convolutional):
        for name, rate in RATES.items():
            found, step, probe = ratios(build, rate(), arguments.rounds)
            spread = f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"
            print(f"| {build.__name__} | {name} | {step * 1e3:.2f} ms | {probe * 1e3:.0f} ms | {spread} |", flush=True)
    if not arguments.no_large:
        parameters, kept, restored = large()
        print(
            f"\n{parameters / 1e6:.0f} million parameters with Adam: kept in {kept:.2f} s, restored in {restored:.2f} s."
        )


if __name__ == "__main__":
    main()
