"""`plan`: a schedule in the tab before anything is trained. Loads no framework: of Keras only what the schedule needs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.choices import Interval
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, PLAN, STEP, Table
from tb_lrfinder.loops.driver import driver_name
from tb_lrfinder.loops.frameworks.keras_schedules import is_schedule
from tb_lrfinder.loops.frameworks.torch_schedulers import SchedulerRates, is_scheduler
from tb_lrfinder.rates.thinning import Thinner
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.remarks import remarks
from tb_lrfinder.storage.table_writer import TableWriter
from tb_lrfinder.training.accumulation import counts_of

# Rates of some steps or epochs, shape `[n]`. The counts come in order, each once.
_Evaluate = Callable[[NDArray[np.int64]], NDArray[np.float64]]
# Steps that are evaluated at a time.
_CHUNK = 65_536
# How far the rates of many steps at once may lie from those of single ones: a few roundings of float32.
_ALIKE = 1e-5


def plan(
    schedule: Any,
    steps: int,
    log_dir: str | os.PathLike[str],
    *,
    steps_per_epoch: int | None = None,
    learning_rate: float = 0.001,
    interval: Interval = "step",
    gradient_accumulation_steps: int | None = None,
    hparams: Mapping[Any, Any] | None = None,
    note: str | None = None,
    tags: Sequence[str] = (),
) -> None:
    """Evaluates a schedule and writes it for the Schedules view of the tab, without training.

    Args:
        schedule: One of these:

            - a scheduler of PyTorch, such as `OneCycleLR` or `SequentialLR`: planned from where it stands now. Neither it
              nor its optimizer is touched. Where the optimizer has several groups, the rate is that of the group whose rate
              was highest at first.
            - a `keras.optimizers.schedules.LearningRateSchedule`, or an optimizer of Keras that follows one: planned from
              where the optimizer stands now.
            - a `keras.callbacks.LearningRateScheduler`, which gives a rate per epoch whatever `interval` says.
            - any function from a step, counted from 0, to a rate, such as a schedule of optax.
        steps: Number of steps, at least 1; a step is an update of the weights. A scheduler of PyTorch takes some
            microseconds for each.
        log_dir: Directory for TensorBoard, local or remote; it becomes a run.
        steps_per_epoch: Steps of an epoch, at least 1: needed where there is a rate per epoch, and for the axis of epochs.
        learning_rate: What a `LearningRateScheduler` is given as the rate of the optimizer in the first epoch.
        interval: How often the training asks for a rate: `"step"` or `"epoch"`, for which `schedule` then counts epochs.
        gradient_accumulation_steps: Batches whose gradients Keras gathers for an update, at least 1; None takes what the
            optimizer says, or 1. Keras asks a `LearningRateSchedule` with every batch: update `k`, counted from 0, has the
            rate `schedule(a k + a - 1)` with `a` batches to an update, so that a schedule as long as there are updates is
            over after `1 / a` of them. The plan shows it as it will be.
        hparams: As in `TraceWriter`, like `note` and `tags`.
        note: See `hparams`.
        tags: See `hparams`.

    Raises:
        ValueError: If an argument is outside its range, the schedule gives a rate that is no number, negative or not finite,
            it needs a measured value, as `ReduceLROnPlateau` does, or gradients are to be gathered for a schedule that Keras
            does not ask with every batch.
        TypeError: If the schedule is none of these.

    Example:
        >>> plan(lambda step: 0.1 * 0.99**step, 1000, "logs/decay")                     # doctest: +SKIP
        >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 30)                  # doctest: +SKIP
        >>> plan(scheduler, 9000, "logs/steps", interval="epoch", steps_per_epoch=100)  # doctest: +SKIP
    """
    arguments.whole(1, steps=steps)
    arguments.one_of(get_args(Interval), interval=interval)
    log_dir = check_log_dir(log_dir)
    said = remarks(hparams=hparams, note=note, tags=tags)
    if steps_per_epoch is not None:
        arguments.whole(1, steps_per_epoch=steps_per_epoch)
    schedule, gathered, made = _followed(schedule, gradient_accumulation_steps, interval)
    evaluate, by_epoch = _evaluator(schedule, learning_rate)
    by_epoch = by_epoch or interval == "epoch"
    if by_epoch and steps_per_epoch is None:
        what = type(schedule).__name__ if interval == "step" else f"schedule with interval={interval!r}"
        raise ValueError(
            f"`steps_per_epoch` must be given for a {what}, which gives a rate per epoch. Received: steps_per_epoch=None."
        )
    chunks = _rates(
        _of_updates(evaluate, gathered, made), int(steps), min(int(steps_per_epoch or 1), int(steps)) if by_epoch else 1
    )
    rows = _thinned(chunks, steps_per_epoch)
    _write(rows, int(steps), log_dir, driver=driver_name(schedule), **vars(said))


def _followed(schedule: Any, gathered: int | None, interval: Interval) -> tuple[Any, int, int]:
    """What gives the rates, how many batches make an update, and the updates made so far: an optimizer says all of it."""
    if gathered is not None:
        arguments.whole(1, gradient_accumulation_steps=gathered)
    keras, made = sys.modules.get("keras"), 0
    if keras is not None and isinstance(schedule, keras.optimizers.Optimizer):
        from tb_lrfinder.training import keras_plan

        if interval == "epoch":
            raise ValueError(
                "`interval` must be 'step' for an optimizer of Keras, which asks its schedule with every batch. "
                "Received: interval='epoch'."
            )
        schedule, batches, made = keras_plan.followed(schedule)
        if gathered not in (None, batches):
            raise ValueError(
                "`gradient_accumulation_steps` must be that of the optimizer, or left out. "
                f"Received: gradient_accumulation_steps={gathered} with an optimizer of {batches}."
            )
        gathered = batches
    if (gathered or 1) > 1 and (interval == "epoch" or not is_schedule(schedule)):
        raise ValueError(
            "`gradient_accumulation_steps` is for a LearningRateSchedule of Keras, which is asked with every batch; others "
            f"are asked as often as your loop does. Received: gradient_accumulation_steps={gathered} with "
            f"{'interval=' + repr(interval) if interval == 'epoch' else 'a ' + type(schedule).__name__}."
        )
    return schedule, gathered or 1, made


def _of_updates(evaluate: _Evaluate, gathered: int, made: int) -> _Evaluate:
    """The rates of the next updates, where so many were made, out of what gives those of counts."""
    return lambda updates: evaluate(counts_of(made + updates, gathered))


def _evaluator(schedule: Any, learning_rate: float) -> tuple[_Evaluate, bool]:
    """What gives the rates of a schedule, and whether it can only be asked for those of epochs."""
    found = _of_keras(schedule, learning_rate)
    if found is not None:
        return found
    if is_scheduler(schedule):
        rates = SchedulerRates(schedule)
        return lambda counts: rates.next(counts.size), False
    if callable(schedule):
        return _Function(schedule), False
    raise TypeError(
        "`schedule` must be a scheduler of PyTorch, a LearningRateSchedule, LearningRateScheduler or optimizer of Keras, or "
        f"a function from a step to a rate. Received: {schedule!r:.100}."
    )


def _of_keras(schedule: Any, learning_rate: float) -> tuple[_Evaluate, bool] | None:
    """The same of a schedule of Keras; None for any other one. Nobody has one who has not loaded Keras."""
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(
        schedule, (keras.callbacks.LearningRateScheduler, keras.optimizers.schedules.LearningRateSchedule)
    ):
        return None
    from tb_lrfinder.training import keras_plan

    return keras_plan.evaluator(schedule, learning_rate)


class _Function:
    """The rates that a function gives to steps."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        first, *others = counts.tolist()
        rate = self._function(first)
        if others and hasattr(rate, "sharding"):
            # JAX, and so optax, takes a fraction of a millisecond for each call, of one step or of many.
            rates = self._at_once(counts, arguments.as_float(f"schedule({first})", rate))
            if rates is not None:
                return rates
        return np.array([_number(rate, first), *(_number(self._function(count), count) for count in others)])

    def _at_once(self, counts: NDArray[np.int64], first: float) -> NDArray[np.float64] | None:
        """The rates of all steps by one call; None for a function that takes one step at a time only."""
        try:
            rates = np.asarray(self._function(counts), np.float64)
        except Exception:  # it says so in its own way
            return None
        last = _number(self._function(int(counts[-1])), int(counts[-1]))
        fits = rates.shape == counts.shape and np.allclose(rates[[0, -1]], [first, last], rtol=_ALIKE, atol=0)
        return rates if fits else None


def _number(rate: Any, step: int) -> float:
    return rate if type(rate) is float else arguments.as_float(f"schedule({step})", rate)


def _rates(evaluate: _Evaluate, steps: int, repeats: int) -> Iterator[NDArray[np.float64]]:
    """The rates of all steps in chunks; each rate holds for so many steps.

    Raises:
        ValueError: If one is negative or not finite.
    """
    size = max(_CHUNK // repeats, 1)
    for start in range(0, -(-steps // repeats), size):
        counts = np.arange(start, min(start + size, -(-steps // repeats)))
        rates = np.repeat(evaluate(counts), repeats)[: steps - start * repeats]
        broken = np.flatnonzero(~(np.isfinite(rates) & (rates >= 0)))
        if broken.size:
            raise ValueError(
                "`schedule` must give finite rates that are not negative. "
                f"Received: {rates[broken[0]]} at step {start * repeats + broken[0]}."
            )
        yield rates


def _thinned(chunks: Iterator[NDArray[np.float64]], steps_per_epoch: int | None) -> Table:
    thinner, tables, done = Thinner(), list[Table](), 0
    for rates in chunks:
        steps = done + np.arange(float(rates.size))
        epochs = {EPOCH: (steps + 1) / steps_per_epoch} if steps_per_epoch else {}
        tables.append(thinner.add(Table.of({STEP: steps, LEARNING_RATE: rates, **epochs})))
        done += rates.size
    tables.append(thinner.finish())
    return Table(tables[0].columns, np.concatenate([table.values for table in tables]))


def _write(rows: Table, steps: int, log_dir: str, **facts: Any) -> None:
    now = time.time()
    header = schema.Header(kind=PLAN, started=now, num_steps=steps, **facts)
    writer = TableWriter(log_dir, header, rows.columns)
    writer.append_rows(rows.values, np.full(len(rows), now))
    writer.close("A plan.")
