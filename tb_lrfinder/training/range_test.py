"""`range_test`: a range test in one call, in a fit of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import MonitorMode, Spacing, UpdatesPerLR
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.analysis import analyse
from tb_lrfinder.curves.stop_rules import EliminationRule, Stop
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName, suggest
from tb_lrfinder.curves.trials import Trial, check_confirm, rates_around, run_trials
from tb_lrfinder.loops.course_run import result_outlives_trace
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.result import RangeTestResult, print_result
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.keras_support import check_keras, check_model
from tb_lrfinder.training.own_fits import OwnFits
from tb_lrfinder.training.repeats import combine, shortest_of, sweep_each, write_combined
from tb_lrfinder.training.sweep_fit import SweepFit
from tb_lrfinder.training.swept import Swept, check_choice, swept_by
from tb_lrfinder.training.trial_fit import TrialFit


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
    method: MethodName = DEFAULT_METHOD,
    monitor: str = LOSS,
    mode: MonitorMode = "auto",
    updates_per_lr: UpdatesPerLR = 1,
    validation_data: Any = None,
    validation_freq: int = 10,
    optimizer: str | keras.Optimizer | Sequence[str | keras.Optimizer] | None = None,
    total_steps: int | None = None,
    repeats: int = 1,
    confirm: int = 0,
    confirm_steps: int | None = None,
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
        log_dir: Directory for TensorBoard, local or remote; None writes nothing.
        start_lr: As in `LRFinder`, like `end_lr`, `spacing`, `divergence_factor`, `method`, `monitor`, `mode`,
            `updates_per_lr`, `validation_data`, `validation_freq`, `optimizer` and `total_steps`.
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
        optimizer: See `start_lr`.
        total_steps: See `start_lr`.
        repeats: Sweeps to run, each from the same start, over batches in the order the data give them (another one each time
            when they are shuffled). The result is the mean at each rate, as far as every repeat got, and the spread; it is
            written when the last one ends.
        confirm: Number of short trainings to make after the sweep, 0 or at least 2; 5 is a good number. Each starts where
            the sweep did, has one constant rate, half a decade from its neighbours, and is undone like the sweep; those
            that have fallen far behind at half of their steps end there. The default method then suggests the rate at which
            their smooth course is lowest, brought to the length of the training.
        confirm_steps: Steps of each of them, at least 12; None takes `num_steps`.
        set_learning_rate: Whether to set the suggested rate on the optimizer that was swept afterwards.
        verbose: 1 shows the progress and prints the result, in a notebook displays it; 0 tells nothing.
        batch_size: As in `fit`, like `sample_weight`, `class_weight`, `steps_per_epoch` and `shuffle`.
        sample_weight: See `batch_size`.
        class_weight: See `batch_size`.
        steps_per_epoch: See `batch_size`.
        shuffle: See `batch_size`.

    Returns:
        A `RangeTestResult`: curve, suggestion, why the test ended.

    Raises:
        ValueError: For an argument outside its range, a model that is not compiled, no data, an optimizer that the train
            step does not use, or `set_learning_rate` on one that follows a schedule.
        TypeError: If the model is none of Keras 3.
        ImportError: If Keras is older than 3.7.

    Example:
        >>> result = range_test(model, x, y, log_dir="logs/lr")             # doctest: +SKIP
        >>> result.suggestion.learning_rate                                 # doctest: +SKIP
        0.0031
    """
    check_keras()
    log_dir = None if log_dir is None else check_log_dir(log_dir)
    check_model(model)
    check_choice(optimizer)
    swept = swept_by(model, optimizer)
    _check_data(x)
    arguments.whole(1, repeats=repeats)
    check_confirm(confirm, confirm_steps)
    if set_learning_rate:
        _check_settable(swept)
    options = {
        "batch_size": batch_size,
        "sample_weight": sample_weight,
        "class_weight": class_weight,
        "steps_per_epoch": steps_per_epoch,
        "shuffle": shuffle,
    }
    fits = OwnFits(
        model=model,
        x=x,
        y=y,
        data_options={name: value for name, value in options.items() if value is not None},
        verbose=verbose,
    )
    measuring = Measuring(
        monitor=monitor,
        mode=mode,
        updates_per_lr=updates_per_lr,
        validation_data=validation_data,
        validation_freq=validation_freq,
    )
    sweeps = [
        SweepFit(
            log_dir if repeats == 1 else None,
            num_steps,
            start_lr=start_lr,
            end_lr=end_lr,
            spacing=spacing,
            divergence_factor=divergence_factor,
            method=method,
            measuring=measuring,
            optimizer=optimizer,
            total_steps=total_steps,
            leave_open=True,
        )
        for _ in range(repeats)
    ]
    sweep_each(sweeps, fits)
    first = shortest_of(sweeps).run
    assert first.ending is not None
    result, writer, ending = first.result(method, log_dir, total_steps), first.writer, first.ending
    if repeats > 1:
        result = combine(sweeps, log_dir)
        ending = replace(ending, text=f"Mean of {repeats} repeats. {ending.text}")
        with result_outlives_trace():
            writer = write_combined(result, sweeps[0]) if BACKEND.is_first_process() else None
    with _closing(writer, ending):
        if confirm and result.suggestion.learning_rate is not None:
            trials = _confirm(result, confirm, confirm_steps or num_steps, sweeps[0], fits, writer)
            confirmed = suggest(result.curve, method, trials, total_steps=total_steps)
            result = replace(result, trials=trials, suggestion=confirmed)
    if verbose:
        print_result(result)
    if set_learning_rate:
        _set_learning_rate(swept, result, verbose)
    return result


def _confirm(
    result: RangeTestResult,
    count: int,
    num_steps: int,
    sweep: SweepFit,
    fits: OwnFits,
    writer: TraceWriter | None,
) -> tuple[Trial, ...]:
    """Short trainings around the suggested rate; all see the data in the same order, so that they can be compared.

    The rate is that for a short training, whatever the length of the one that is planned.
    """
    middle = suggest(result.curve, sweep.method).learning_rate
    assert middle is not None
    rates = rates_around(middle, count, sweep.start_lr, sweep.end_lr)
    trials: list[Trial] = []

    def train(rate: float, rule: EliminationRule) -> NDArray[np.float64]:
        text = f"Short training {len(trials) + 1} of {len(rates)}, at {numerals.rate(rate)}"
        _report_trials(writer, trials, f"{text}.")
        training = TrialFit(rate, num_steps, rule, sweep.measuring, sweep.optimizer)
        fits(training, text)
        return training.curve.losses

    start = analyse(result.curve).start
    by_loss = sweep.measuring.monitor == LOSS
    for trial in run_trials(rates, num_steps, start, train, judged_by_loss=by_loss):
        trials.append(trial)
        _report_trials(writer, trials, "")
    return tuple(trials)


def _report_trials(writer: TraceWriter | None, trials: Sequence[Trial], text: str) -> None:
    if writer is not None:
        with result_outlives_trace():
            writer.report_trials(trials, text)


@contextmanager
def _closing(writer: TraceWriter | None, ending: Stop) -> Iterator[None]:
    """Closes the trace of a finished sweep, whatever ends the trainings that follow it."""
    try:
        yield
    except BaseException as error:
        if writer is not None:
            text = f"{ending.text} The short trainings were interrupted: {type(error).__name__}."
            with result_outlives_trace():
                writer.close(text, stop_reason="error", status="interrupted")
        raise
    if writer is not None:
        with result_outlives_trace():
            writer.close(ending.text, stop_reason=ending.reason)


def _check_data(x: Any) -> None:
    """Raises `ValueError` where there is nothing to train on; what else is wrong with the data, `fit` says."""
    shapes: list[Any] = [getattr(array, "shape", ()) for array in keras.tree.flatten(x)]
    if x is None or any(len(shape) and shape[0] == 0 for shape in shapes):
        received = "x=None" if x is None else f"x of shape {', '.join(str(tuple(shape)) for shape in shapes)}"
        raise ValueError(f"`x` must be the data to train on, as `fit` takes them. Received: {received}.")


def _check_settable(swept: Swept) -> None:
    for optimizer in swept.rate_holders:
        rate = optimizer._learning_rate
        if not isinstance(rate, keras.Variable):
            raise ValueError(
                "`set_learning_rate=True` needs an optimizer whose learning rate is a number: compile the model with the "
                f"suggested rate instead. Received: an optimizer with learning_rate={rate!r}."
            )


def _set_learning_rate(swept: Swept, result: RangeTestResult, verbose: int) -> None:
    rate, holders = result.suggestion.learning_rate, swept.rate_holders
    before = " and ".join(numerals.rate(float(np.asarray(optimizer.learning_rate))) for optimizer in holders)
    if rate is not None:
        for optimizer in holders:
            optimizer.learning_rate = rate
    if verbose:
        said = f"set to {numerals.rate(rate)}, from {before}" if rate is not None else f"left at {before}"
        whose = "The optimizer's learning rate" if swept.is_models else f"The learning rate of {swept.title}"
        Console(highlight=False).print(f"{whose} was {said}.")
