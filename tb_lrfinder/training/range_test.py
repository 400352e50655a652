"""`range_test`: a range test in one call, in a fit of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from rich.console import Console

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import MonitorMode, Spacing, UpdatesPerLR
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName
from tb_lrfinder.curves.trials import check_confirm
from tb_lrfinder.loops.confirmation import Confirmation, closing
from tb_lrfinder.loops.course_run import result_outlives_trace
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.repeats import combine, shortest_of, write_rows
from tb_lrfinder.loops.result import RangeTestResult, print_result
from tb_lrfinder.loops.sweep_settings import SweepSettings
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.remarks import remarks
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.keras_support import check_keras, check_model
from tb_lrfinder.training.lent_data import lent
from tb_lrfinder.training.outer_fit import check_place
from tb_lrfinder.training.own_fits import OwnFits
from tb_lrfinder.training.repeats import sweep_each
from tb_lrfinder.training.reverted_fit import RevertedFit
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
    hparams: Mapping[Any, Any] | None = None,
    note: str | None = None,
    tags: Sequence[str] = (),
) -> RangeTestResult:
    """Runs a range test on a compiled model and leaves the model as it was.

    It runs `model.fit` with nothing else in it, as many epochs as the test needs. A callback may call it in the middle of a
    training, in any of its hooks: that training goes on as if there had been no test, to the last bit.

    Args:
        model: A compiled model.
        x: What `fit` takes: arrays (also several, in a list or dict), a `tf.data.Dataset`, a `PyDataset`, a PyTorch
            `DataLoader`, a generator. In a running `fit` of the model, these may be the data of the fit, unless they are a
            generator.
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
        batch_size: Samples per batch, where `x` is arrays; this and what follows is handed to `fit`, and None leaves the
            choice to Keras (32).
        sample_weight: Weights of the samples for the loss, an array of as many numbers as there are samples.
        class_weight: Weights of the classes for the loss: a dict from the number of a class to its weight.
        steps_per_epoch: Batches of an epoch, at least 1; None takes all that the data give.
        shuffle: Whether arrays are put into another order before every epoch.
        hparams: As in `LRFinder`, like `note` and `tags`.
        note: See `hparams`.
        tags: See `hparams`.

    Returns:
        A `RangeTestResult`: curve, suggestion, why the test ended.

    Raises:
        ValueError: For an argument outside its range, a model that is not compiled, no data, an optimizer that the train
            step does not use, or `set_learning_rate` on one that follows a schedule.
        TypeError: If the model is none of Keras 3.
        RuntimeError: If it is called in another thread than that of a `fit` of the model, or in that of another range test.
        ImportError: If Keras is older than 3.7.

    Example:
        >>> result = range_test(model, x, y, log_dir="logs/lr")             # doctest: +SKIP
        >>> result.suggestion.learning_rate                                 # doctest: +SKIP
        0.0031
    """
    check_keras()
    log_dir = None if log_dir is None else check_log_dir(log_dir)
    check_model(model)
    check_place(model, RevertedFit)
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
    with lent(model, x) as data:
        fits = OwnFits(
            model=model,
            x=data,
            y=y,
            data_options={name: value for name, value in options.items() if value is not None},
            verbose=verbose,
        )
        written = log_dir if repeats == 1 else None
        sweeps = [
            SweepFit(written, num_steps, settings, measuring, optimizer=optimizer, leave_open=True)
            for _ in range(repeats)
        ]
        sweep_each(sweeps, fits)
        runs = [sweep.run for sweep in sweeps]
        first, result = shortest_of(runs), combine(runs, settings, log_dir)
        assert first.ending is not None
        writer, ending = first.writer, first.ending
        if repeats > 1:
            ending = replace(ending, text=f"Mean of {repeats} repeats. {ending.text}")
            if log_dir is not None and BACKEND.is_first_process():
                with result_outlives_trace():
                    writer = sweeps[0].open_trace(log_dir, result.num_steps, repeats)
                    result = replace(result, session=writer.session)
                    write_rows(result, writer)
        with closing(writer, ending):
            if confirm and result.suggestion.learning_rate is not None:
                confirmation = Confirmation(result, settings, confirm, confirm_steps or num_steps, writer)
                for trial in confirmation:
                    training = TrialFit(trial.course, measuring, optimizer)
                    fits(training, trial.heading)
                    trial.end(training.curve.losses)
                result = confirmation.result()
    if verbose:
        print_result(result)
    if set_learning_rate:
        _set_learning_rate(swept, result, verbose)
    return result


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
