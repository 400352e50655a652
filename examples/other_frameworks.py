"""Range tests from outside Keras in the LR Finder tab: a training loop of your own, and what other finders recorded.

Run it, then open the LR Finder tab: `tensorboard --logdir logs/other_frameworks`.

The tab and `suggest` want the **raw** loss of each step. Three well-known finders record a smoothed one unless told
otherwise: an exponential moving average lags behind, so the valley appears at too high a rate. What to do about it stands
with each function below, checked with fastai 2.8, torch-lr-finder 0.2 and Lightning 2.6.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tb_lrfinder import Curve, TraceWriter, write_curve


def from_fastai(log_dir: str | Path, learn: Any) -> Curve:
    """The last `learn.lr_find()` of a fastai `Learner`.

    fastai records its `smooth_loss`, a moving average with `beta = 0.98`. For raw losses, before the test:

        learn.recorder.smooth_loss.beta = 0
        learn.lr_find(stop_div=False)       # or a single hard batch may end it
    """
    losses = [float(loss) for loss in learn.recorder.losses]  # tensors
    return write_curve(log_dir, learn.recorder.lrs, losses, stop_text="fastai's lr_find.")


def from_torch_lr_finder(log_dir: str | Path, lr_finder: Any) -> Curve:
    """The last `range_test` of a `torch_lr_finder.LRFinder`.

    It records a moving average that gives each new loss a weight of `smooth_f = 0.05`. For raw losses:

        lr_finder.range_test(loader, smooth_f=0, diverge_th=20)     # or a single hard batch may end it: the default is 5
    """
    history = lr_finder.history
    return write_curve(log_dir, history["lr"], history["loss"], stop_text="torch-lr-finder's range test.")


def from_lightning(log_dir: str | Path, lr_find: Any, losses: Sequence[float] | None = None) -> Curve:
    """What Lightning's `Tuner(trainer).lr_find(model)` returned.

    It records a moving average with `beta = 0.98`, which `lr_find` has no argument to change; its first values are besides
    too low, the very first by half, so that a flat loss seems to rise. Keep the raw losses in the model instead, and pass
    them as `losses`:

        def training_step(self, batch, batch_idx):
            loss = ...
            self.losses.append(loss.item())
            return loss
    """
    recorded = lr_find.results["loss"] if losses is None else losses
    return write_curve(log_dir, lr_find.results["lr"], recorded, stop_text="Lightning's lr_find.")


class LogisticRegression:
    """Stands for any model: logistic regression on noisy generated data, trained by hand with SGD."""

    def __init__(self, batch_size: int = 32, num_features: int = 20) -> None:
        self._random = np.random.default_rng(0)
        self._truth = self._random.normal(size=num_features)
        self._weights = np.zeros(num_features)
        self.batch_size = batch_size

    def train_step(self, learning_rate: float) -> float:
        """One step of SGD on a new batch; returns the loss of the batch before the step, as LRFinder records it."""
        inputs = self._random.normal(size=(self.batch_size, self._weights.size))
        signs = np.sign(inputs @ self._truth + self._random.normal(size=self.batch_size))
        margins = signs * (inputs @ self._weights)
        slopes = -signs * np.exp(-np.logaddexp(0.0, margins))
        self._weights -= learning_rate * (slopes @ inputs) / self.batch_size
        return float(np.logaddexp(0.0, -margins).mean())


def run_own_loop(log_dir: str | Path, learning_rates: Sequence[float]) -> None:
    """A loop that writes while it trains: the test grows in the tab, and an exception marks it as interrupted."""
    model = LogisticRegression()
    with TraceWriter(
        log_dir,
        num_steps=len(learning_rates),
        start_lr=learning_rates[0],
        end_lr=learning_rates[-1],
        spacing="log",
        optimizer="SGD",
        batch_size=model.batch_size,
    ) as trace:
        for learning_rate in learning_rates:
            trace.append(learning_rate, model.train_step(learning_rate))


def write_lists(log_dir: str | Path, learning_rates: Sequence[float]) -> Curve:
    """The same training, written once it is over: two plain lists are all it takes."""
    model = LogisticRegression()
    losses = [model.train_step(learning_rate) for learning_rate in learning_rates]
    return write_curve(log_dir, learning_rates, losses, optimizer="SGD", batch_size=model.batch_size)


def main(log_dir: str | Path, num_steps: int = 400) -> Curve:
    """Writes one training both ways, into the runs `own_loop` and `lists` under `log_dir`; returns its curve."""
    learning_rates = np.geomspace(1e-4, 1e3, num_steps).tolist()
    run_own_loop(Path(log_dir) / "own_loop", learning_rates)
    return write_lists(Path(log_dir) / "lists", learning_rates)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Range tests from outside Keras in the LR Finder tab.")
    parser.add_argument("--log-dir", default="logs/other_frameworks")
    parser.add_argument("--num-steps", type=int, default=400)
    arguments = parser.parse_args()
    main(arguments.log_dir, arguments.num_steps)
