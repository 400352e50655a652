"""Range tests from outside Keras in the LR Finder tab: a training loop of your own, and what other finders recorded.

Run it, then open the LR Finder tab: `tensorboard --logdir logs/other_frameworks`.

The last test of another finder comes into the tab by one line, whichever it is:

    learn.lr_find()                                      # fastai
    import_curve(learn, "logs/fastai")

    lr_finder.range_test(loader)                         # torch-lr-finder
    import_curve(lr_finder, "logs/torch_lr_finder")

    found = Tuner(trainer).lr_find(model)                # Lightning
    import_curve(found, "logs/lightning", optimizer="AdamW")

    with finder.attach(trainer, to_save) as test:        # ignite's FastaiLRFinder
        test.run(loader)
    import_curve(finder, "logs/ignite", optimizer="AdamW")

All of them record a moving average of the losses, which lags behind; `import_curve` undoes it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tb_lrfinder import Curve, TraceWriter, import_curve, write_curve


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


def import_history(log_dir: str | Path, learning_rates: Sequence[float]) -> Curve:
    """The same training, out of the history that a finder with a moving average would have kept."""
    model = LogisticRegression()
    history: dict[str, list[float]] = {"lr": [], "loss": []}
    for learning_rate in learning_rates:
        loss = model.train_step(learning_rate)
        before = history["loss"][-1] if history["loss"] else loss
        history["lr"].append(learning_rate)
        history["loss"].append(0.05 * loss + 0.95 * before)
    return import_curve(history, log_dir, beta=0.95, optimizer="SGD", batch_size=model.batch_size)


def main(log_dir: str | Path, num_steps: int = 400) -> Curve:
    """Writes one training three ways, into the runs `own_loop`, `history` and `lists` under `log_dir`; returns its curve."""
    learning_rates = np.geomspace(1e-4, 1e3, num_steps).tolist()
    run_own_loop(Path(log_dir) / "own_loop", learning_rates)
    import_history(Path(log_dir) / "history", learning_rates)
    return write_lists(Path(log_dir) / "lists", learning_rates)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Range tests from outside Keras in the LR Finder tab.")
    parser.add_argument("--log-dir", default="logs/other_frameworks")
    parser.add_argument("--num-steps", type=int, default=400)
    arguments = parser.parse_args()
    main(arguments.log_dir, arguments.num_steps)
