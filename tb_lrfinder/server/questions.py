"""What is asked of a trace beyond its entry in the list: each question is a value that a cache can keep the answer under.

Every `answer` raises `SchemaError` where the rows cannot be read, or are not what the question needs. Knows nothing of other
traces, of HTTP and of where rows come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, LOSS_STD, SLOPE, STEP, TRAINING, Table
from tb_lrfinder.curves.analysis import SIGMA_DECADES, lowest_of
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.decimation import Resolution, RowSlice, by_epoch, thin
from tb_lrfinder.curves.slopes import slopes_of
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName, Suggestion, suggest
from tb_lrfinder.curves.uses import Use
from tb_lrfinder.rates.loss_around import LossAround, losses_around
from tb_lrfinder.rates.rate_changes import rate_changes
from tb_lrfinder.server import json_text
from tb_lrfinder.server.container import Entry
from tb_lrfinder.storage.decoding import Rows
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.reader import Question
from tb_lrfinder.storage.trace import Trace

# The answers to a question by trace id; of a trace that cannot answer, the error that says why.
Ask = Callable[[Sequence[Trace], Question], Mapping[str, Any]]
# The rows of a trace as they were recorded, or of a training one per epoch.
Points = Literal["step", "epoch"]

_WHOLE, _EVERY_POINT = RowSlice(), Resolution()
_NUMBER_BYTES = 8


@dataclass(frozen=True)
class _OfCurve:
    """A question about a curve, or a part of it.

    Attributes:
        row_slice: Which part, and of which column.
        by: Which points.
    """

    row_slice: RowSlice = _WHOLE
    by: Points = "step"

    def _curve(self, trace: Trace, rows: Rows) -> tuple[Table, Curve]:
        """The points that are wanted, and their curve: what is none must not reach the browser."""
        table = _points(trace, rows, self.by)
        name, _ = trace.measured(self.row_slice.column)
        if trace.columns:
            table = self.row_slice.of(table, name)
        return table, trace.curve(table, name)


class Lowest(_OfCurve):
    """Where the curve is lowest."""

    def answer(self, trace: Trace, rows: Rows) -> dict[str, Any]:
        """The field `lowest` of an entry of `curves`."""
        lowest = lowest_of(self._curve(trace, rows)[1])
        return {"lowest": lowest and {"learning_rate": lowest[0], "value": lowest[1]}}


@dataclass(frozen=True)
class Curves(_OfCurve):
    """The rows that draw a curve."""

    resolution: Resolution = _EVERY_POINT

    def answer(self, trace: Trace, rows: Rows) -> Entry:
        """An entry of `curves`, without its lowest point."""
        table, curve = self._curve(trace, rows)
        thinned = thin(table, curve.monitor, self.resolution)
        return Entry.of(
            (table if thinned is None else thinned).by_name(),
            column=curve.monitor,
            mode=curve.mode,
            total=len(table),
            whole=thinned is None,
            spread=LOSS_STD if curve.monitor == LOSS and LOSS_STD in table else None,
        )

    def num_bytes(self, trace: Trace) -> int:
        """The most that the columns of an answer take."""
        most = self.resolution.max_points
        rows = trace.num_rows if most is None else min(trace.num_rows, most + 2)
        return rows * (len(trace.columns) + 1) * _NUMBER_BYTES


@dataclass(frozen=True)
class Slopes(_OfCurve):
    """How steeply a curve falls or rises; `sigma` is the width of its smoothing, in decades."""

    sigma: float = SIGMA_DECADES

    def answer(self, trace: Trace, rows: Rows) -> Entry:
        """An entry of `slopes`."""
        _, curve = self._curve(trace, rows)
        rates, slopes = slopes_of(curve, self.sigma)
        return Entry.of({LEARNING_RATE: rates, SLOPE: slopes}, column=curve.monitor, mode=curve.mode)

    def num_bytes(self, trace: Trace) -> int:
        """Next to nothing: at most 400 rows."""
        return 0


@dataclass(frozen=True)
class Schedules:
    """The learning rate over the steps, and its changes in words."""

    def answer(self, trace: Trace, rows: Rows) -> Entry:
        """An entry of `schedules`."""
        table = _readable(rows)
        changes = rate_changes(table, trace.header_or_default.driver)
        return Entry.of(table.by_name(), rate_changes=[asdict(change) for change in changes])

    def num_bytes(self, trace: Trace) -> int:
        """The most that the columns of an answer take."""
        return trace.num_rows * len(trace.columns) * _NUMBER_BYTES


@dataclass(frozen=True)
class Suggestions:
    """The learning rate to use.

    Attributes:
        method: Name of the method; None for the one that the test has recorded, or else the default.
        by: Which points.
        total_steps: Steps of the training that the rate is for; None for those that the test has recorded.
    """

    method: MethodName | None = None
    by: Points = "step"
    total_steps: int | None = None

    def answer(self, trace: Trace, rows: Rows) -> dict[str, Any]:
        """An entry of `suggestions`, without the id."""
        table = _points(trace, rows, self.by)
        by_epoch = self.by == "epoch" and len(table) > 0
        curve = trace.curve(table, updates_per_row=trace.num_rows / len(table) if by_epoch else 1.0)
        header = trace.header_or_default
        total_steps = self.total_steps or header.total_steps
        return _encode_suggestion(suggest(curve, self._method(trace), header.trials, total_steps=total_steps))

    def refusal(self, trace: Trace, error: SchemaError) -> dict[str, Any]:
        """The entry of a trace that cannot be read."""
        return _encode_suggestion(Suggestion(None, None, None, self._method(trace), str(error)))

    def _method(self, trace: Trace) -> MethodName:
        return self.method or trace.header_or_default.method or DEFAULT_METHOD


@dataclass(frozen=True)
class LossesAround:
    """The loss of a training around its probes.

    Attributes:
        steps: The steps of the probes.
    """

    steps: tuple[int, ...]

    def answer(self, trace: Trace, rows: Rows) -> dict[int, LossAround | None]:
        """By the step of the probe; None where it cannot be told."""
        table = _readable(rows)
        if LOSS not in table:
            return dict.fromkeys(self.steps)
        return losses_around(table[STEP], table[LOSS], self.steps)


@dataclass(frozen=True)
class HighestRate:
    """The highest rate that a training used."""

    def answer(self, trace: Trace, rows: Rows) -> dict[str, float | None]:
        """The field `trained_at` of a pair; None before the first step."""
        table = _readable(rows)
        return {"trained_at": float(table[LEARNING_RATE].max()) if len(table) else None}


def _encode_suggestion(suggestion: Suggestion) -> dict[str, Any]:
    entry = {
        "learning_rate": suggestion.learning_rate,
        "lower": suggestion.lower,
        "upper": suggestion.upper,
        "edge": suggestion.edge,
        "edge_ratio": suggestion.edge_ratio,
        "method": suggestion.method,
        "reason": suggestion.reason,
        "confidence": asdict(suggestion.confidence) if suggestion.confidence else None,
        "uses": [_encode_use(use) for use in suggestion.uses],
        "shape": asdict(suggestion.shape) if suggestion.shape else None,
        "advice": suggestion.advice,
    }
    return json_text.strict(entry)


def _encode_use(use: Use) -> dict[str, Any]:
    return {"name": use.name, "learning_rate": use.learning_rate, "lower": use.lower, "reason": use.reason}


def _points(trace: Trace, rows: Rows, by: Points) -> Table:
    """The points of a trace: its rows, or one per epoch of a training, whatever a range test may have measured."""
    table = _readable(rows)
    has_epochs = trace.header_or_default.kind == TRAINING and EPOCH in table and LOSS in table
    return by_epoch(table) if by == "epoch" and has_epochs else table


def _readable(rows: Rows) -> Table:
    if isinstance(rows, SchemaError):
        raise rows
    return rows
