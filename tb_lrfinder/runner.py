"""`range_test`: a range test in one call, in a fit of its own."""

from __future__ import annotations

import inspect
import os
from typing import Any

import keras
import numpy as np
from rich.console import Console

from tb_lrfinder.curve import monitored_curve
from tb_lrfinder.finder import LRFinder
from tb_lrfinder.learning_rate import rate_holders
from tb_lrfinder.random_state import RandomState
from tb_lrfinder.report import print_result
from tb_lrfinder.result import RangeTestResult
from tb_lrfinder.schema import LEARNING_RATE, LOSS, LOSS_STD, STEP
from tb_lrfinder.steps import StepClock, UpdatesPerLR
from tb_lrfinder.suggestion import DEFAULT_METHOD, suggest
from tb_lrfinder.sweep import Spacing
from tb_lrfinder.temporary import is_first_process
from tb_lrfinder.writer import TraceWriter


def range_test(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    *,
    log_dir: str | os.PathLike[str] | None = None,
    start_lr: float = 1e-7,
    end_lr: float = 10.0,
    num_steps: int = 300,
    spacing: Spacing = "log",
    divergence_factor: float | None = 4.0,
    method: str = DEFAULT_METHOD,
    monitor: str = LOSS,
    mode: str = "auto",
    updates_per_lr: UpdatesPerLR = 1,
    validation_data: Any = None,
    validation_freq: int = 10,
    repeats: int = 1,
    set_learning_rate: bool = False,
    verbose: int = 1,
    batch_size: int | None = None,
    sample_weight: Any = None,
    class_weight: dict[int, float] | None = None,
    steps_per_epoch: int | None = None,
    shuffle: bool | None = None,
) -> RangeTestResult:
    """Runs a range test on a compiled model and leaves the model as it was.

    It runs `model.fit` with nothing else in it, as many epochs as the test needs.

    Args:
        model: A compiled model.
        x: What `fit` takes: arrays (also several, in a list or dict), a `tf.data.Dataset`, a `PyDataset`, a PyTorch
            `DataLoader`, a generator.
        y: Targets, where `x` does not hold them.
        log_dir: Directory for TensorBoard; None writes nothing.
        start_lr: As in `LRFinder`, like `end_lr`, `spacing`, `divergence_factor`, `method`, `monitor`, `mode`,
            `updates_per_lr`, `validation_data` and `validation_freq`.
        end_lr: See `start_lr`.
        num_steps: Number of learning rates to try, at least 2.
        spacing: See `start_lr`.
        divergence_factor: See `start_lr`.
        method: See `start_lr`.
        monitor: See `start_lr`.
        mode: See `start_lr`.
        updates_per_lr: See `start_lr`.
        validation_data: See `start_lr`.
        validation_freq: See `start_lr`.
        repeats: Sweeps to run, each from the same start, over batches in the order the data give them (another one each time
            when they are shuffled). The result is the mean at each rate, as far as every repeat got, and the spread; it is
            written when the last one ends.
        set_learning_rate: Whether to set the suggested rate on the optimizer afterwards.
        verbose: 1 shows the progress and prints the result, 0 prints nothing.
        batch_size: As in `fit`, like `sample_weight`, `class_weight`, `steps_per_epoch` and `shuffle`.
        sample_weight: See `batch_size`.
        class_weight: See `batch_size`.
        steps_per_epoch: See `batch_size`.
        shuffle: See `batch_size`.

    Returns:
        A `RangeTestResult`: curve, suggestion, stop reason.

    Raises:
        ValueError: For an argument outside its range, or `set_learning_rate` on an optimizer that follows a schedule.

    Example:
        >>> result = range_test(model, x, y, log_dir="logs/lr")             # doctest: +SKIP
        >>> result.suggestion.learning_rate                                 # doctest: +SKIP
        0.0031
    """
    if repeats < 1:
        raise ValueError(f"`repeats` must be at least 1. Received: repeats={repeats}.")
    if set_learning_rate:
        _check_settable(model)
    options = {
        "batch_size": batch_size,
        "sample_weight": sample_weight,
        "class_weight": class_weight,
        "steps_per_epoch": steps_per_epoch,
        "shuffle": shuffle,
    }
    data_options = {name: value for name, value in options.items() if value is not None}
    finders = [
        LRFinder(
            log_dir if repeats == 1 else None,
            start_lr,
            end_lr,
            num_steps,
            spacing,
            divergence_factor,
            method,
            verbose=0,
            updates_per_lr=updates_per_lr,
            monitor=monitor,
            mode=mode,
            validation_data=validation_data,
            validation_freq=validation_freq,
        )
        for _ in range(repeats)
    ]
    _fit_each(finders, model, x, y, data_options, verbose)
    result = finders[0].result if repeats == 1 else _combine(finders, log_dir)
    if repeats > 1 and log_dir is not None and is_first_process():
        _write(result, finders[0].trace_facts)
    if verbose:
        print_result(result)
    if set_learning_rate:
        _set_learning_rate(model, result, verbose)
    return result


def _fit_each(
    finders: list[LRFinder], model: keras.Model, x: Any, y: Any, data_options: dict[str, Any], verbose: int
) -> None:
    def fit(finder: LRFinder, repeat: int) -> None:
        callbacks = [finder, _Progress(finder, repeat, len(finders))] if verbose else [finder]
        model.fit(x, y, epochs=_epochs(finder, model, x, data_options), verbose=0, callbacks=callbacks, **data_options)

    first, *others = finders
    fit(first, 0)
    if not others:
        return
    random_state = RandomState()
    seeds = np.random.randint(2**31 - 1, size=len(others)).tolist()
    try:
        for repeat, (finder, seed) in enumerate(zip(others, seeds, strict=True), start=1):
            # Every test puts the random numbers back: without new ones, it would see the same order of the data.
            random_state.reseed(seed)
            fit(finder, repeat)
    finally:
        random_state.restore()


def _epochs(finder: LRFinder, model: keras.Model, x: Any, data_options: dict[str, Any]) -> int:
    """Enough for the test, which ends the fit itself."""
    if inspect.isgenerator(x) and "steps_per_epoch" not in data_options:
        # It is one long epoch; a second one of an exhausted generator would train on its first batch again.
        return 1
    # An epoch has at least one batch. Twice as many leave room for updates that loss scaling skips.
    assert finder.num_steps is not None
    return 2 * finder.num_steps * StepClock(model, finder.updates_per_lr).batches_per_step


class _Progress(keras.callbacks.Callback):
    """Keras' progress bar over the steps of the test; `fit` would start one for every epoch."""

    def __init__(self, finder: LRFinder, repeat: int, repeats: int) -> None:
        super().__init__()
        self._finder = finder
        self._heading = f"Repeat {repeat + 1}/{repeats}" if repeats > 1 else ""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._heading:
            Console(highlight=False).print(self._heading)
        self._bar = keras.utils.Progbar(
            self._finder.num_steps, unit_name="step", stateful_metrics=[LEARNING_RATE, LOSS]
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.update(
            self._finder.steps_done, [(name, (logs or {})[name]) for name in (LEARNING_RATE, LOSS)], finalize=False
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._bar.update(self._finder.steps_done, finalize=True)


def _combine(finders: list[LRFinder], log_dir: str | os.PathLike[str] | None) -> RangeTestResult:
    """One curve out of several sweeps: the means as far as every sweep got, and the spread of the loss."""
    histories = [finder.history for finder in finders]
    length = min(len(history[LOSS]) for history in histories)
    stacked = {name: np.stack([history[name][:length] for history in histories]) for name in histories[0]}
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged loss may be infinite
        history = {name: values.mean(axis=0) for name, values in stacked.items()}
        history[LOSS_STD] = stacked[LOSS].std(axis=0)
    first = finders[0]
    curve = monitored_curve(history, first.monitor, first.mode)
    return RangeTestResult(
        curve,
        suggest(curve, first.method),
        first.stop_reason,
        history,
        tuple(finder.suggestion for finder in finders),
        first.result.num_steps,
        None if log_dir is None else os.fspath(log_dir),
    )


def _write(result: RangeTestResult, facts: dict[str, Any]) -> None:
    assert result.log_dir is not None
    writer = TraceWriter(result.log_dir, **facts)
    columns = {name: column.tolist() for name, column in result.history.items() if name != STEP}
    for values in zip(*columns.values(), strict=True):
        writer.append(**dict(zip(columns, values, strict=True)))
    writer.close(f"Mean of {len(result.repeats)} repeats. {result.stop_reason}")


def _check_settable(model: keras.Model) -> None:
    for optimizer in rate_holders(model.optimizer):
        rate = optimizer._learning_rate
        if not isinstance(rate, keras.Variable):
            raise ValueError(
                "`set_learning_rate=True` needs an optimizer whose learning rate is a number: compile the model with the "
                f"suggested rate instead. Received: an optimizer with learning_rate={rate!r}."
            )


def _set_learning_rate(model: keras.Model, result: RangeTestResult, verbose: int) -> None:
    rate, holders = result.suggestion.learning_rate, rate_holders(model.optimizer)
    before = " and ".join(f"{float(np.asarray(optimizer.learning_rate)):.3g}" for optimizer in holders)
    if rate is not None:
        for optimizer in holders:
            optimizer.learning_rate = rate
    if verbose:
        said = f"set to {rate:.3g}, from {before}" if rate is not None else f"left at {before}"
        Console(highlight=False).print(f"The optimizer's learning rate was {said}.")
