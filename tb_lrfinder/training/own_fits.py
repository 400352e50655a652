"""The fits that one `range_test` makes itself: its sweeps and its trials, all of one model over the same data."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import keras
from rich.console import Console

from tb_lrfinder.columns import LEARNING_RATE, LOSS
from tb_lrfinder.loops.watch import interrupts_unwrapped
from tb_lrfinder.training.outer_fit import outer_fit_kept
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.step import StepClock
from tb_lrfinder.training.swept import swept_by


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnFits:
    """Fits a model over its data for one sweep or trial after the other, each of which undoes itself.

    Attributes:
        model: A compiled model.
        x: What `fit` takes.
        y: Targets, where `x` does not hold them.
        data_options: Further arguments of `fit` that concern the data.
        verbose: 1 shows the progress of each fit, 0 nothing.
    """

    model: keras.Model
    x: Any
    y: Any
    data_options: dict[str, Any]
    verbose: int

    def __call__(self, training: RevertedFit, heading: str = "") -> None:
        callbacks: list[keras.callbacks.Callback] = [training]
        if self.verbose:
            callbacks.append(_Progress(training, heading))
        with interrupts_unwrapped(), outer_fit_kept(self.model):
            self.model.fit(
                self.x, self.y, epochs=self._epochs(training), verbose=0, callbacks=callbacks, **self.data_options
            )

    def _epochs(self, training: RevertedFit) -> int:
        """Epochs enough for the training, which ends the fit itself."""
        if inspect.isgenerator(self.x) and "steps_per_epoch" not in self.data_options:
            # A generator is one long epoch: a second one, of an exhausted generator, would train on its first batch again.
            return 1
        # An epoch has at least one batch. Twice as many leave room for updates that loss scaling skips.
        assert training.num_steps is not None
        clock = StepClock(self.model, swept_by(self.model, training.optimizer), training.measuring.updates_per_lr)
        return 2 * training.num_steps * clock.batches_per_step


class _Progress(keras.callbacks.Callback):
    """Keras' progress bar over the steps of a training; `fit` would start one for every epoch."""

    def __init__(self, training: RevertedFit, heading: str) -> None:
        super().__init__()
        self._training = training
        self._heading = heading

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._heading:
            Console(highlight=False).print(self._heading)
        shown = (LEARNING_RATE, LOSS, self._training.measuring.monitor)
        self._bar = keras.utils.Progbar(self._training.num_steps, unit_name="step", stateful_metrics=shown)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        value = LOSS if LOSS in logs else self._training.measuring.monitor
        self._bar.update(
            len(self._training.run), [(name, logs[name]) for name in (LEARNING_RATE, value)], finalize=False
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._bar.update(len(self._training.run), finalize=True)
