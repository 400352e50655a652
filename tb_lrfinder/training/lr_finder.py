"""`LRFinder`: the Keras callback that runs a learning-rate range test."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras

from tb_lrfinder.choices import MonitorMode, Spacing, UpdatesPerLR
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName, Suggestion, suggest
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.result import RangeTestResult, print_result
from tb_lrfinder.loops.sweep_settings import SweepSettings
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.remarks import remarks
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.sweep_fit import SweepFit


def _held(holder: str, name: str) -> Any:
    """An attribute of the callback that a dataclass of it holds, and checks when it is assigned."""

    def read(finder: Any) -> Any:
        return getattr(getattr(finder, holder), name)

    def assign(finder: Any, value: Any) -> None:
        setattr(finder, holder, replace(getattr(finder, holder), **{name: value}))

    return property(read, assign)


def _said(name: str) -> Any:
    """An attribute of the callback that a person says of the test, checked when it is assigned."""

    def read(finder: LRFinder) -> Any:
        return getattr(finder.settings.remarks, name)

    def assign(finder: LRFinder, value: Any) -> None:
        said = remarks(**{**vars(finder.settings.remarks), name: value})
        finder.settings = replace(finder.settings, remarks=said)

    return property(read, assign)


class LRFinder(SweepFit):
    """Runs a learning-rate range test inside `model.fit` and writes it for TensorBoard.

    The learning rate is raised from step to step, from `start_lr` to `end_lr`, and the loss is recorded with the rate that
    gave it. The test ends at `end_lr`, or before it when the loss diverges. Then the model, its optimizer and its learning
    rate are put back as they were, also after an exception or Ctrl-C: the next `fit` starts as if there had been no test.

    The loss recorded is the loss of the batch. Keras' own `logs["loss"]` is the mean over the epoch so far, which hides both
    the valley and the divergence; the callback resets the metrics before each batch, so the metrics that other callbacks of
    this `fit` see are those of one batch too.

    A *step* of the test is one update of the weights: one batch, or with `gradient_accumulation_steps` as many as make an
    update, or with `steps_per_execution` a group. A step of several batches records their mean and, as `loss_std`, their
    standard deviation.

    Args:
        log_dir: Directory for TensorBoard; it becomes a run. One directory per test keeps the runs apart, several tests in
            one directory stay several traces. `~` is the home directory; remote addresses (`"s3://bucket/logs"`) work where
            their file system is installed. None writes nothing.
        start_lr: First learning rate, positive.
        end_lr: Last learning rate, above `start_lr`.
        num_steps: Number of learning rates to try, at least 2; None takes the length of the fit. The test ends after them
            even if the fit could go on.
        spacing: `"log"` for equal ratios between the rates, `"linear"` for equal differences.
        divergence_factor: The test stops when the median of the last five losses has risen above its lowest value by more
            than this many times the drop seen so far. Above 1; None goes on to `end_lr` whatever the loss does, unless it
            becomes NaN or infinite.
        method: Which of `tb_lrfinder.curves.suggestion.METHODS` recommends the rate.
        verbose: 1 prints the result, in a notebook displays it; 0 does not. Keras' progress bar (`fit(verbose=1)`) shows the
            learning rate either way.
        updates_per_lr: Updates made with each rate, at least 1, or `"epoch"` for one rate per epoch.
        monitor: What to suggest a rate from: `"loss"`, the name of a metric as in Keras' logs, or that of a validation value
            such as `"val_loss"`. Where a train step returns no `loss`, a value that it returns, which then also stops the
            test. Everything in the logs that is one number is recorded, under its own name; a metric that
            is called like a column of ours, as `metric_<name>` (see `TraceWriter.append`).
        mode: `"min"` or `"max"`: whether `monitor` is better the lower or the higher it is; `"auto"` knows by its name.
        validation_data: What `model.evaluate` takes, as `(x, y)`, `(x, y, sample_weight)` or a finite data set. It is
            evaluated after the first and every `validation_freq`-th step and recorded as `val_loss`, `val_…`.
        validation_freq: Steps from one evaluation of `validation_data` to the next, at least 1.
        optimizer: Which optimizer to sweep, where a train step of your own uses others than `model.optimizer`: the name of
            an attribute of the model (`"d_optimizer"`, `"generator.optimizer"`), the optimizer itself, or a list of either,
            which get the same rate. A step is an update of each of them. None sweeps `model.optimizer`.
        total_steps: Steps of the training that the rate is for, at least 1: a longer one is better off with a lower rate.
            None suggests for one of some hundred steps.
        hparams: Settings of your own by name, such as `{"width": 64, "augmented": True}`: at most 50 numbers, texts, or true
            or false, by which runs are told apart, grouped and compared. Batch size, precision and what the optimizer is set
            to are recorded without that. What is None is left out, and an `HParam` of TensorBoard's HParams stands for its
            name.
        note: A sentence or two to be shown with the run, of at most 1,000 characters, or None.
        tags: Words to find the run by, at most 20, each of at most 50 characters.

    Attributes:
        curve: The `Curve` of `monitor` recorded so far.
        history: All recorded columns by name, each an array of shape `[steps]`.
        suggestion: The `Suggestion` for the curve.
        result: All of it as the `RangeTestResult` that `range_test` returns.
        stop_text: Why the test ended, as a sentence; empty while it runs.

    Raises:
        ValueError: At construction for an argument outside its range; by `fit`, before the first batch, when the fit is too
            short for `num_steps`, its length is not known, or another callback sets the learning rate; at its end when it
            had no epoch; after the first step when the optimizer that is swept is none that the train step uses.
        RuntimeError: By `fit`, when another callback changed the learning rate of a batch after all.

    Example:
        >>> finder = LRFinder("logs/lr")                                    # doctest: +SKIP
        >>> model.fit(x, y, epochs=3, callbacks=[finder])                   # doctest: +SKIP
        >>> finder.suggestion.learning_rate                                 # doctest: +SKIP
        0.0031

    Reference: Smith 2015, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
    """

    start_lr: float = _held("settings", "start_lr")
    end_lr: float = _held("settings", "end_lr")
    spacing: Spacing = _held("settings", "spacing")
    divergence_factor: float | None = _held("settings", "divergence_factor")
    method: MethodName = _held("settings", "method")
    total_steps: int | None = _held("settings", "total_steps")
    monitor: str = _held("measuring", "monitor")
    mode: MonitorMode = _held("measuring", "mode")
    updates_per_lr: UpdatesPerLR = _held("measuring", "updates_per_lr")
    validation_data: Any = _held("measuring", "validation_data")
    validation_freq: int = _held("measuring", "validation_freq")
    hparams: Mapping[str, float | int | str | bool] = _said("hparams")
    note: str | None = _said("note")
    tags: Sequence[str] = _said("tags")

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None,
        start_lr: float = 1e-7,
        end_lr: float = 10.0,
        num_steps: int | None = None,
        spacing: Spacing = "log",
        divergence_factor: float | None = 4.0,
        method: MethodName = DEFAULT_METHOD,
        verbose: int = 1,
        *,
        updates_per_lr: UpdatesPerLR = 1,
        monitor: str = LOSS,
        mode: MonitorMode = "auto",
        validation_data: Any = None,
        validation_freq: int = 10,
        optimizer: str | keras.Optimizer | Sequence[str | keras.Optimizer] | None = None,
        total_steps: int | None = None,
        hparams: Mapping[Any, Any] | None = None,
        note: str | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        measuring = Measuring(
            monitor=monitor,
            mode=mode,
            updates_per_lr=updates_per_lr,
            validation_data=validation_data,
            validation_freq=validation_freq,
        )
        settings = SweepSettings(
            start_lr=start_lr,
            end_lr=end_lr,
            spacing=spacing,
            divergence_factor=divergence_factor,
            method=method,
            total_steps=total_steps,
            remarks=remarks(hparams=hparams, note=note, tags=tags),
        )
        log_dir = None if log_dir is None else check_log_dir(log_dir)
        super().__init__(log_dir, num_steps, settings, measuring, optimizer=optimizer)
        self.verbose = verbose

    @property
    def suggestion(self) -> Suggestion:
        return suggest(self.curve, self.method, total_steps=self.total_steps)

    @property
    def result(self) -> RangeTestResult:
        return replace(self.run.result(self.method, self.log_dir, self.total_steps), hparams=self.hparams)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_end(logs)
        if self.verbose and BACKEND.is_first_process():
            print_result(self.result)
