"""`import_curve`: the range tests of other finders, known by what their objects hold; none of their libraries is imported.

Checked with fastai 2.8, torch-lr-finder 0.2, ignite 0.5 and Lightning 2.6. All four record a moving average of the losses
unless told otherwise, which lags behind: the valley appears at too high a rate. Where it can be, it is undone.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import Spacing
from tb_lrfinder.curves.curve import Curve, column
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.moving_average import RAW, MovingAverage, hardly_rounded, proven
from tb_lrfinder.curves.suggestion import MethodName
from tb_lrfinder.loops.frameworks import rate_holder
from tb_lrfinder.loops.frameworks.base import named
from tb_lrfinder.storage.remarks import remarks
from tb_lrfinder.storage.writer import write_curve

# torch-lr-finder and ignite do not keep their `smooth_f`: the default first, then whatever has three digits.
_PLAIN = (RAW, MovingAverage(1 - 0.05), *(MovingAverage(1 - weight / 1000) for weight in range(1, 1000)))
# Lightning counts the steps of earlier fits; after so many, its divisor is 1.
_LIGHTNING = tuple(MovingAverage(0.98, ahead) for ahead in range(1, 2000))
# All of them stop when what they record is four or five times its lowest value.
_DIVERGED = 4.0

_SMOOTHED = (
    "{source} recorded a moving average of the losses, by which the suggested rate may be too high, and which cannot be "
    "undone here. {remedy}"
)
_UNKNOWN = (
    "Whether the losses that {source} recorded are raw or a moving average, by which the suggested rate would be too high, "
    "cannot be told from them. {remedy}"
)
_BETA = "Pass beta=0 if they are raw, or the weight that the average gave to the past"
_KERAS = f"{_BETA}. In a callback of Keras, logs['loss'] is the mean of the epoch so far, not the loss of the batch."


@dataclass(frozen=True, kw_only=True)
class _Record:
    """What a finder has recorded, and what is known of it.

    Attributes:
        source: Name of the finder.
        rates: Its learning rates, or a list of those of every group for each step.
        losses: Its losses, raw or not.
        form: The kind of moving average it records, its `beta` the default one.
        find: Says which average was recorded; None where that cannot be told, or where it cannot be undone.
        remedy: What to do where it cannot.
        problem: What is wrong then.
        lag: Steps by which its rates are ahead of its losses.
        optimizer: Name of the optimizer, or None.
        num_steps: Steps planned, or None; the same for the other three.
    """

    source: str
    rates: Any
    losses: Any
    form: MovingAverage
    find: Callable[[NDArray[np.float64]], MovingAverage | None]
    remedy: str
    problem: str = _UNKNOWN
    lag: int = 0
    optimizer: str | None = None
    num_steps: int | None = None
    start_lr: float | None = None
    end_lr: float | None = None
    spacing: Spacing | None = None


def import_curve(
    finder: Any,
    log_dir: str | os.PathLike[str] | None = None,
    *,
    beta: float | None = None,
    optimizer: str | None = None,
    batch_size: SupportsIndex | None = None,
    method: MethodName | None = None,
    total_steps: SupportsIndex | None = None,
    hparams: Mapping[Any, Any] | None = None,
    note: str | None = None,
    tags: Sequence[str] = (),
) -> Curve:
    """The range test that another finder has run, with its raw losses; also in the LR Finder tab, if you name a directory.

    Most finders record a moving average of the losses. Where it is known, or can be told from the values, it is undone,
    exactly but for rounding; else a warning says what to do.

    Args:
        finder: A fastai `Learner` after `lr_find()`, or its `recorder`; a `torch_lr_finder.LRFinder`; ignite's
            `FastaiLRFinder`; what Lightning's `Tuner.lr_find` returned; any object with lists `lrs` and `losses`, or a
            mapping with `"lr"` and `"loss"`. Of several groups of parameters, the one with the highest rate counts.
        log_dir: As in `TraceWriter`; None writes nothing.
        beta: The weight, from 0 to below 1, that the finder's moving average gave to the past: 0 where it recorded raw
            losses, `1 - smooth_f` of torch-lr-finder and ignite. None finds out.
        optimizer: As in `TraceWriter`; None takes what the finder holds.
        batch_size: As in `TraceWriter`.
        method: As in `TraceWriter`; give the same to `suggest`.
        total_steps: As in `TraceWriter`; give the same to `suggest`.
        hparams: As in `TraceWriter`, like `note` and `tags`.
        note: See `hparams`.
        tags: See `hparams`.

    Returns:
        The curve, for `suggest`.

    Raises:
        ValueError: If `finder` is none of these, has not run yet, or what it recorded is no range test; nothing is written.
        OSError: As in `TraceWriter`.

    Warns:
        UserWarning: If the losses are those of a moving average that cannot be undone, or may be.

    Example:
        >>> import_curve({"lr": [1e-4, 1e-3, 1e-2], "loss": [2.3, 1.9, 0.8]})
        Curve(3 points, learning rates 0.0001 to 0.01)
    """
    said = remarks(hparams=hparams, note=note, tags=tags)
    record = _recognised(finder)
    rates, recorded = _columns(record)
    average = record.find(recorded) if beta is None else MovingAverage(_checked(beta), record.form.ahead)
    if average is None:
        warnings.warn(record.problem.format(source=record.source, remedy=record.remedy), stacklevel=2)
    values = (average or RAW).undone(recorded)[record.lag :]
    rates = rates[: len(values)]
    num_steps = record.num_steps or len(values)
    reason = _reason(recorded, num_steps)
    name = optimizer or record.optimizer
    try:
        if log_dir is None:
            end_lr = record.end_lr or next(iter(rates[::-1].tolist()), None)
            return Curve(rates, values, ending=Ending(reason, num_steps, end_lr), optimizer=name)
        return write_curve(
            log_dir,
            rates,
            values,
            num_steps=num_steps,
            start_lr=record.start_lr,
            end_lr=record.end_lr,
            spacing=record.spacing,
            optimizer=name,
            batch_size=batch_size,
            method=method,
            total_steps=total_steps,
            stop_reason=reason,
            stop_text=f"Recorded by {record.source}{_told(average)}.",
            **vars(said),
        )
    except ValueError as error:
        raise ValueError(f"What {record.source} recorded cannot be read as a range test: {error}") from None


def _recognised(finder: Any) -> _Record:
    found = next((record for know in _PEERS if (record := know(finder)) is not None), None)
    if found is None:
        raise ValueError(
            "`finder` must be a learner of fastai, a finder of torch-lr-finder or ignite, what Lightning's `lr_find` "
            "returned, or have lists `lrs` and `losses`, or be a mapping with 'lr' and 'loss'. "
            f"Received: {arguments.shown(finder)}."
        )
    return found


def _columns(record: _Record) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rates and the recorded losses; a test that was interrupted may have one rate more."""
    rates, losses = list(record.rates), list(record.losses)
    if not losses:
        raise ValueError(f"There must be a test to import: run it first. Received: {record.source} with no losses.")
    if isinstance(rates[0], (list, tuple)):
        highest = int(np.argmax(rates[0]))
        rates = [groups[highest] for groups in rates]
    if len(rates) == len(losses) + 1:
        del rates[-1]
    if len(rates) != len(losses):
        raise ValueError(
            f"There must be one loss for each learning rate. Received: {record.source} with {len(rates)} learning rates and "
            f"{len(losses)} losses."
        )
    return column("learning_rates", rates), column("losses", losses)


def _reason(recorded: NDArray[np.float64], num_steps: int) -> str:
    lowest = float(np.min(recorded, initial=np.inf, where=np.isfinite(recorded)))
    if 0 < _DIVERGED * lowest < recorded[-1]:
        return "diverged"
    return "completed" if recorded.size >= num_steps else "stopped"


def _told(average: MovingAverage | None) -> str:
    if average is None:
        return "; its losses may be smoothed"
    return f"; its moving average (beta {numerals.number(average.beta, 3)}) is undone" if average.beta else ""


def _checked(beta: float) -> float:
    arguments.number("from 0 to below 1", lambda value: 0 <= value < 1, beta=beta)
    return float(beta)


def _pairs(holder: Any) -> tuple[Any, Any] | None:
    """The rates and the losses in a mapping."""
    if not isinstance(holder, Mapping):
        return None
    names = [
        next((name for name in choices if name in holder), None) for choices in (("lr", "learning_rate"), ("loss",))
    ]
    return None if None in names else (holder[names[0]], holder[names[1]])


def _in_mapping(finder: Any) -> _Record | None:
    """A mapping: of somebody's own, with raw losses, or out of one of the finders."""
    pairs = _pairs(finder)
    if pairs is None:
        return None

    def find(recorded: NDArray[np.float64]) -> MovingAverage:
        return proven(recorded, (*_PLAIN, *_LIGHTNING)) or RAW

    return _Record(source="another finder", rates=pairs[0], losses=pairs[1], form=RAW, find=find, remedy="")


def _by_fastai(finder: Any) -> _Record | None:
    recorder = getattr(finder, "recorder", finder)
    beta = getattr(getattr(recorder, "smooth_loss", None), "beta", None)
    if beta is None:
        return None
    average = MovingAverage(float(beta), 0)

    def find(recorded: NDArray[np.float64]) -> MovingAverage | None:
        return average if average.beta == 0 or hardly_rounded(average, recorded) else None

    return _Record(
        source="fastai's lr_find",
        rates=getattr(recorder, "lrs", ()),
        losses=getattr(recorder, "losses", ()),
        form=average,
        find=find,
        problem=_SMOOTHED,
        remedy="Set learn.recorder.smooth_loss.beta = 0, and run learn.lr_find(stop_div=False) again.",
        optimizer=_fastai_title(finder),
    )


def _by_ignite(finder: Any) -> _Record | None:
    results = finder.get_results() if callable(getattr(finder, "get_results", None)) else None
    if not isinstance(results, Mapping):
        return None
    rates, losses = _pairs(results) or ((), ())
    # It records the rate of the next step beside the loss of this one, and the first rate not at all.
    return _Record(
        source="ignite's FastaiLRFinder",
        rates=rates,
        losses=losses,
        form=RAW,
        find=lambda recorded: proven(recorded, _PLAIN),
        remedy=f"{_BETA}: 1 - smooth_f.",
        lag=1,
    )


def _by_lightning(finder: Any) -> _Record | None:
    results = getattr(finder, "results", None)
    if not (isinstance(results, Mapping) and hasattr(finder, "num_training")):
        return None
    rates, losses = _pairs(results) or ((), ())
    spacing: Spacing = "linear" if finder.mode == "linear" else "log"
    return _Record(
        source="Lightning's lr_find",
        rates=rates,
        losses=losses,
        form=MovingAverage(0.98, 1),
        find=lambda recorded: proven(recorded, _LIGHTNING),
        problem=_SMOOTHED,
        remedy="Keep loss.item() of each training_step in a list, and import {'lr': lr_find.results['lr'], 'loss': losses}.",
        num_steps=finder.num_training,
        start_lr=finder.lr_min,
        end_lr=finder.lr_max,
        spacing=spacing,
    )


def _by_torch_lr_finder(finder: Any) -> _Record | None:
    pairs = _pairs(getattr(finder, "history", None))
    if pairs is None:
        return None
    return _Record(
        source="torch-lr-finder",
        rates=pairs[0],
        losses=pairs[1],
        form=RAW,
        find=lambda recorded: proven(recorded, _PLAIN),
        remedy=f"{_BETA}: 1 - smooth_f.",
        optimizer=_title(getattr(finder, "optimizer", None)),
    )


def _in_lists(finder: Any) -> _Record | None:
    rates, losses = (getattr(finder, name, None) for name in ("lrs", "losses"))
    if not (isinstance(rates, Iterable) and isinstance(losses, Iterable)):
        return None
    return _Record(
        source=type(finder).__name__,
        rates=rates,
        losses=losses,
        form=RAW,
        find=lambda recorded: proven(recorded, _PLAIN[1:]),
        remedy=_KERAS,
    )


# The first that knows an object has it.
_PEERS: tuple[Callable[[Any], _Record | None], ...] = (
    _in_mapping, _by_fastai, _by_ignite, _by_lightning, _by_torch_lr_finder, _in_lists
)  # fmt: skip


def _title(optimizer: Any) -> str | None:
    """Name of an optimizer of PyTorch, as headers carry it."""
    return rate_holder(optimizer).title if hasattr(optimizer, "param_groups") else None


def _fastai_title(learner: Any) -> str | None:
    """Name of the optimizer of a fastai learner: that of the function that makes it, or of one of PyTorch inside it."""
    optimizer, make = getattr(learner, "opt", None), getattr(learner, "opt_func", None)
    inner = _title(getattr(optimizer, "opt", None))
    name = getattr(getattr(make, "func", make), "__name__", None)
    hypers = getattr(optimizer, "hypers", None)
    return inner or (named(name, hypers[-1].get("mom") if hypers else None) if name else None)
