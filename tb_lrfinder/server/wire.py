"""The wire format: what the browser receives. Documented in http_api.md; no other module knows these shapes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import asdict
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, LOSS_STD, SLOPE, TRAINING, Table, drawable
from tb_lrfinder.curves.analysis import SIGMA_DECADES, lowest_of
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.decimation import Resolution, RowSlice, by_epoch, thin
from tb_lrfinder.curves.shape import SHAPES
from tb_lrfinder.curves.slopes import slopes_of
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, METHODS, MethodName, Suggestion, Use, suggest
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.curves.wording import USE_LABELS
from tb_lrfinder.rates.planner import KERAS_OPTIMIZERS, RECIPES, Basis, Recipe, code, learning_rates
from tb_lrfinder.rates.rate_changes import rate_changes
from tb_lrfinder.server.container import Container
from tb_lrfinder.storage.reader import Rows
from tb_lrfinder.storage.schema import SchemaError
from tb_lrfinder.storage.trace import Trace

# Columns by name, and what the directory of a container says of a trace beside them.
_Columns = Mapping[str, NDArray[np.float64]]
_Entry = tuple[_Columns, dict[str, Any]]

_WHOLE, _EVERY_POINT = RowSlice(), Resolution()
# Fields of a trace and of its header that are sent under their own names.
_TRACE_FIELDS = ("id", "run", "session", "status", "status_text", "started", "updated")
_HEADER_FIELDS = (
    "kind", "is_sweep", "driver", "stop_reason", "num_steps", "start_lr", "end_lr", "optimizer", "batch_size", "monitor",
    "method",
)  # fmt: skip
# Lowest points that were asked for, as long as the reader keeps the rows: finding one takes as long as thinning the curve,
# and whoever zooms asks again.
_LOWEST: WeakKeyDictionary[Table, dict[Hashable, dict[str, float] | None]] = WeakKeyDictionary()
# Digits of a version: enough to tell any two apart.
_DIGITS = 16
# Points of a schedule that the planner draws.
_MAX_DRAWN = 1000


def encode_list(traces: list[Trace], known: str | None) -> str:
    """The `traces` answer as JSON: the version alone for a client that already has that version (`known`)."""
    content = encode_traces(traces)
    version = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:_DIGITS]
    return json.dumps({"version": version} if version == known else {"version": version, **content})


def encode_traces(traces: list[Trace]) -> dict[str, Any]:
    """The content of the `traces` answer: what there is to choose from, with labels, and the traces."""
    return {
        "methods": _named(METHODS.values(), "description"),
        "uses": [{"name": name, "label": label} for name, label in USE_LABELS.items()],
        "shapes": _named(SHAPES, "sentence"),
        "optimizers": list(KERAS_OPTIMIZERS),
        "traces": [encode_trace(trace) for trace in traces],
    }


def _named(kinds: Iterable[Any], *more: str) -> list[dict[str, str]]:
    """Name and label of each, and more of its fields."""
    return [{field: getattr(kind, field) for field in ("name", "label", *more)} for kind in kinds]


def encode_trace(trace: Trace) -> dict[str, Any]:
    """The entry of a trace in the `traces` answer."""
    header = trace.header_or_default
    return {
        **{name: _plain(getattr(trace, name)) for name in _TRACE_FIELDS},
        **{name: _plain(getattr(header, name)) for name in _HEADER_FIELDS},
        "columns": list(trace.columns),
        "values": drawable(header.kind, trace.columns),
        "rows": trace.num_rows,
        "trials": [_encode_trial(trial, header.mode) for trial in header.trials],
    }


def _encode_trial(trial: Trial, mode: str) -> dict[str, Any]:
    reached = -trial.loss if mode == "max" else trial.loss
    return {
        "learning_rate": trial.learning_rate,
        "steps": trial.steps,
        "value": _plain(reached),
    }


def _plain(value: Any) -> Any:
    """The value itself, or None for a number that JSON does not know: NaN and the infinities."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def encode_curves(
    traces: list[Trace], rows: Mapping[str, Rows], row_slice: RowSlice = _WHOLE, resolution: Resolution = _EVERY_POINT
) -> bytes:
    """The `curves` answer: in a container, all columns of the wanted rows."""

    def entry(trace: Trace) -> _Entry:
        table, curve = _sliced(trace, rows[trace.id], row_slice)
        thinned = thin(table, curve.monitor, resolution)
        facts = {
            "column": curve.monitor,
            "mode": curve.mode,
            "total": len(table),
            "whole": thinned is None,
            "lowest": _lowest_of(_readable(rows[trace.id]), row_slice, curve),
            "spread": LOSS_STD if curve.monitor == LOSS and LOSS_STD in table else None,
        }
        return (table if thinned is None else thinned).by_name(), facts

    return _contained(traces, entry)


def _lowest_of(table: Table, row_slice: RowSlice, curve: Curve) -> dict[str, float] | None:
    """The lowest point of the curve that a slice of a table makes."""
    known = _LOWEST.setdefault(table, {})
    key = row_slice, curve.monitor, curve.mode
    if key not in known:
        lowest = lowest_of(curve)
        known[key] = None if lowest is None else {"learning_rate": lowest[0], "value": lowest[1]}
    return known[key]


def encode_slopes(
    traces: list[Trace], rows: Mapping[str, Rows], row_slice: RowSlice = _WHOLE, sigma: float = SIGMA_DECADES
) -> bytes:
    """The `slopes` answer: in a container, learning rates and the slope at each."""

    def entry(trace: Trace) -> _Entry:
        _, curve = _sliced(trace, rows[trace.id], row_slice)
        rates, slopes = slopes_of(curve, sigma)
        return {LEARNING_RATE: rates, SLOPE: slopes}, {"column": curve.monitor, "mode": curve.mode}

    return _contained(traces, entry)


def _contained(traces: list[Trace], entry: Callable[[Trace], _Entry]) -> bytes:
    """A container with what `entry` says of each trace; of one that cannot be read, why."""
    container = Container()
    for trace in traces:
        try:
            columns, facts = entry(trace)
            container.add(trace.id, columns, **facts)
        except SchemaError as error:
            container.add_error(trace.id, error)
    return container.encode()


def _readable(rows: Rows) -> Table:
    """The rows of a trace.

    Raises:
        SchemaError: If they cannot be read.
    """
    if isinstance(rows, SchemaError):
        raise rows
    return rows


def _sliced(trace: Trace, rows: Rows, row_slice: RowSlice) -> tuple[Table, Curve]:
    """The rows that are wanted, and their curve: what is none must not reach the browser."""
    table = _readable(rows)
    name, _ = trace.measured(row_slice.column)
    if trace.columns:
        table = row_slice.of(table, name)
    return table, trace.curve(table, name)


def by_epoch_of(traces: list[Trace], rows: Mapping[str, Rows]) -> dict[str, Rows]:
    """The rows by epoch of those traces that have epochs: trainings, whatever a range test may have measured."""
    trainings = [trace for trace in traces if trace.header_or_default.kind == TRAINING]
    tables = {trace.id: rows[trace.id] for trace in trainings if {EPOCH, LOSS} <= {*trace.columns}}
    return {trace_id: by_epoch(table) for trace_id, table in tables.items() if not isinstance(table, SchemaError)}


def encode_schedules(traces: list[Trace], rows: Mapping[str, Rows]) -> bytes:
    """The `schedules` answer: all columns of trainings and plans in the same container, and the rate changes in words."""

    def entry(trace: Trace) -> _Entry:
        table = _readable(rows[trace.id])
        changes = rate_changes(table, trace.header_or_default.driver)
        return table.by_name(), {"rate_changes": [asdict(change) for change in changes]}

    return _contained(traces, entry)


def encode_scalars(tags: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The `scalars` answer; `tags` by run."""
    return {
        "scalars": [{"run": run, "tag": tag, "unit": _unit(tag)} for run in sorted(tags) for tag in sorted(tags[run])]
    }


def encode_scalar(run: str, tag: str, points: Iterable[tuple[int, float, float]]) -> dict[str, Any]:
    """The `scalar` answer; of each point step, wall time and value."""
    steps, wall_times, values = [list(column) for column in zip(*points, strict=True)] or ([], [], [])
    return {
        "run": run,
        "tag": tag,
        "unit": _unit(tag),
        "steps": steps,
        "wall_times": wall_times,
        "values": [_plain(value) for value in values],
    }


def _unit(tag: str) -> str:
    """What the steps of a scalar count: Keras' callback counts epochs in those that it writes per epoch."""
    return "epoch" if tag.startswith("epoch_") else "step"


def encode_recipes(basis: Basis) -> dict[str, Any]:
    """The `recipes` answer."""
    return {"basis": asdict(basis), "recipes": [_encode_recipe(recipe, basis) for recipe in RECIPES.values()]}


def _encode_recipe(recipe: Recipe, basis: Basis) -> dict[str, Any]:
    defaults = recipe.defaults(basis)
    return {
        "name": recipe.name,
        "label": recipe.label,
        "description": recipe.description,
        "use": recipe.use,
        "parameters": [
            {
                "name": one.name,
                "label": one.label,
                "kind": one.kind,
                "default": defaults[one.name],
                "choices": list(one.choices) or None,
                "origin": one.origin,
            }
            for one in recipe.parameters
        ],
    }


def encode_built_recipe(
    name: str, total_steps: int, batch_size: int, parameters: Mapping[str, Any], optimizer: str
) -> dict[str, Any]:
    """The `recipe` answer: a schedule drawn, and the Python that builds it.

    Raises:
        ValueError: If an argument is outside its range.
    """
    drawn = np.unique(np.linspace(0, max(total_steps, 1) - 1, _MAX_DRAWN).round().astype(np.int64))
    rates = learning_rates(name, total_steps, parameters, drawn)
    return {
        "name": name,
        "total_steps": total_steps,
        "steps": drawn.tolist(),
        "learning_rates": rates.tolist(),
        "code": code(name, total_steps, batch_size, parameters, optimizer),
    }


def encode_suggestions(
    traces: list[Trace], rows: Mapping[str, Rows], method: MethodName | None = None
) -> dict[str, Any]:
    """The `suggestions` answer: by one method, or each by the method that its test has recorded."""
    return {"suggestions": [{"id": trace.id, **encode_suggestion(trace, rows[trace.id], method)} for trace in traces]}


def encode_suggestion(trace: Trace, rows: Rows, method: MethodName | None = None) -> dict[str, Any]:
    """The entry of a trace in the `suggestions` answer.

    Args:
        trace: The trace.
        rows: Its rows.
        method: Name of the method; None for the one that the test has recorded, or else the default.
    """
    suggestion = _suggest(trace, rows, method or trace.header_or_default.method or DEFAULT_METHOD)
    return {
        "learning_rate": suggestion.learning_rate,
        "lower": suggestion.lower,
        "upper": suggestion.upper,
        "method": suggestion.method,
        "reason": suggestion.reason,
        "confidence": asdict(suggestion.confidence) if suggestion.confidence else None,
        "uses": [_encode_use(use) for use in suggestion.uses],
        "shape": asdict(suggestion.shape) if suggestion.shape else None,
    }


def _encode_use(use: Use) -> dict[str, Any]:
    return {"name": use.name, "learning_rate": use.learning_rate, "lower": use.lower, "reason": use.reason}


def _suggest(trace: Trace, rows: Rows, method: MethodName) -> Suggestion:
    try:
        return suggest(trace.curve(_readable(rows)), method, trace.header_or_default.trials)
    except SchemaError as error:
        return Suggestion(None, None, None, method, str(error))
