"""The wire format: what the browser receives. Documented in http_api.md; no other module knows these shapes."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.confirmation import Trial
from tb_lrfinder.decimation import decimate
from tb_lrfinder.epochs import by_epoch
from tb_lrfinder.marks import Mark, marks
from tb_lrfinder.reader import Trace
from tb_lrfinder.recipes import RECIPES, Recipe, code, learning_rates
from tb_lrfinder.schema import EPOCH, LEARNING_RATE, LOSS, RANGE_TEST, STEP, Header, SchemaError
from tb_lrfinder.suggestion import METHODS, Suggestion, suggest

_MAGIC = b"LRF1"
_ALIGNMENT = 8
# Points of a schedule that the planner draws.
_MAX_DRAWN = 1000

Rows = NDArray[np.float64] | SchemaError


def encode_traces(traces: list[Trace]) -> dict[str, Any]:
    """The `traces` answer."""
    methods = [
        {"name": method.name, "label": method.label, "description": method.description} for method in METHODS.values()
    ]
    return {"methods": methods, "traces": [_encode_trace(trace) for trace in traces]}


def _encode_trace(trace: Trace) -> dict[str, Any]:
    header = trace.header
    return {
        "id": trace.id,
        "run": trace.run,
        "session": trace.session,
        "kind": header.kind if header else RANGE_TEST,
        "is_sweep": header.is_sweep if header else True,
        "driver": header.driver if header else None,
        "status": trace.status,
        "status_text": trace.status_text,
        "stop_reason": header.stop_reason if header else "",
        "columns": list(trace.columns),
        "rows": trace.num_rows,
        "num_steps": header.num_steps if header else None,
        "start_lr": header.start_lr if header else None,
        "end_lr": header.end_lr if header else None,
        "spacing": header.spacing if header else None,
        "optimizer": header.optimizer if header else None,
        "batch_size": header.batch_size if header else None,
        "monitor": header.monitor if header else "loss",
        "trials": [_encode_trial(trial, header.mode) for trial in header.trials] if header else [],
        "started": trace.started,
        "updated": trace.updated,
    }


def _encode_trial(trial: Trial, mode: str) -> dict[str, Any]:
    reached = -trial.loss if mode == "max" else trial.loss
    return {
        "learning_rate": trial.learning_rate,
        "steps": trial.steps,
        "loss": reached if math.isfinite(reached) else None,
    }


def encode_curves(traces: list[Trace], rows: Mapping[str, Rows], max_points: int | None = None) -> bytes:
    """The `curves` answer: a JSON directory and the columns as float64 arrays.

    With `max_points`, each trace is thinned to that many rows, its peaks and valleys kept.
    """
    container = _Container()
    for trace in traces:
        try:
            table = _drawn(trace, rows[trace.id], max_points)
        except SchemaError as error:
            container.add_error(trace, error)
            continue
        header = trace.header or Header(RANGE_TEST, trace.started)
        container.add(trace, table, monitor=header.monitor, mode=header.mode)
    return container.encode()


def by_epoch_of(traces: list[Trace], rows: Mapping[str, Rows]) -> dict[str, Rows]:
    """Of those that are trainings, the rows by epoch."""
    tables = ((trace, rows[trace.id]) for trace in traces if EPOCH in trace.columns and LOSS in trace.columns)
    return {trace.id: by_epoch(table, trace.columns) for trace, table in tables if not isinstance(table, SchemaError)}


def encode_schedules(traces: list[Trace], rows: Mapping[str, Rows]) -> bytes:
    """The `schedules` answer: all columns of trainings and plans in the same container, and the marks in words."""
    container = _Container()
    for trace in traces:
        table = rows[trace.id]
        if isinstance(table, SchemaError):
            container.add_error(trace, table)
            continue
        columns = dict(zip(trace.columns, table.T, strict=True))
        found: list[Mark] = []
        if columns:
            driver = trace.header.driver if trace.header else None
            found = marks(columns[STEP], columns[LEARNING_RATE], columns.get(EPOCH), driver)
        container.add(trace, table, marks=[asdict(mark) for mark in found])
    return container.encode()


class _Container:
    """A JSON directory, and columns as float64 arrays behind it."""

    def __init__(self) -> None:
        self._directory: list[dict[str, Any]] = []
        self._columns: list[bytes] = []
        self._offset = 0

    def add(self, trace: Trace, table: NDArray[np.float64], **facts: Any) -> None:
        entries = []
        for name, column in zip(trace.columns, table.T, strict=True):
            entries.append({"name": name, "offset": self._offset})
            self._columns.append(column.astype("<f8").tobytes())
            self._offset += len(self._columns[-1])
        self._directory.append({"id": trace.id, "rows": len(table), **facts, "columns": entries})

    def add_error(self, trace: Trace, error: SchemaError) -> None:
        self._directory.append({"id": trace.id, "error": str(error)})

    def encode(self) -> bytes:
        text = json.dumps({"traces": self._directory}).encode()
        text += b" " * (-len(text) % _ALIGNMENT)
        return b"".join([_MAGIC, struct.pack("<I", len(text)), text, *self._columns])


def _drawn(trace: Trace, table: Rows, max_points: int | None) -> NDArray[np.float64]:
    """The rows the browser draws: those in which the monitored column was measured, thinned when asked."""
    if isinstance(table, SchemaError):
        raise table
    trace.curve(table)  # rows that are no curve must not reach the browser
    if trace.header is None or not len(table):
        return table
    monitor = trace.columns.index(trace.header.monitor)
    if trace.header.monitor != LOSS:
        table = table[~np.isnan(table[:, monitor])]
    if max_points is None:
        return table
    return table[decimate(table[:, trace.columns.index(LEARNING_RATE)], table[:, monitor], max_points)]


def encode_scalars(tags: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The `scalars` answer; `tags` by run."""
    return {
        "scalars": [{"run": run, "tag": tag, "unit": _unit(tag)} for run in sorted(tags) for tag in sorted(tags[run])]
    }


def encode_scalar(run: str, tag: str, points: Iterable[tuple[int, float, float]]) -> dict[str, Any]:
    """The `scalar` answer; of each point step, wall time and value."""
    steps, wall_times, values = [list(column) for column in zip(*points, strict=True)] or ([], [], [])
    finite = [value if math.isfinite(value) else None for value in values]
    return {
        "run": run,
        "tag": tag,
        "unit": _unit(tag),
        "steps": steps,
        "wall_times": wall_times,
        "values": finite,
    }


def _unit(tag: str) -> str:
    """What the steps of a scalar count: Keras' callback counts epochs in those that it writes per epoch."""
    return "epoch" if tag.startswith("epoch_") else "step"


def encode_recipes(total_steps: int, learning_rate: float, lower: float | None) -> dict[str, Any]:
    """The `recipes` answer.

    Raises:
        ValueError: If an argument is outside its range.
    """
    return {"recipes": [_encode_recipe(recipe, total_steps, learning_rate, lower) for recipe in RECIPES.values()]}


def _encode_recipe(recipe: Recipe, total_steps: int, learning_rate: float, lower: float | None) -> dict[str, Any]:
    defaults = recipe.defaults(learning_rate, lower if recipe.use == "cyclical" else None, total_steps)
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
                "minimum": None if one.choices else one.minimum,
                "maximum": None if one.choices else one.maximum,
                "choices": list(one.choices) or None,
            }
            for one in recipe.parameters
        ],
    }


def encode_built_recipe(name: str, total_steps: int, batch_size: int, parameters: Mapping[str, Any]) -> dict[str, Any]:
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
        "code": code(name, total_steps, batch_size, parameters),
    }


def encode_suggestions(traces: list[Trace], rows: Mapping[str, Rows], method: str) -> dict[str, Any]:
    """The `suggestions` answer."""
    suggestions = [{"id": trace.id, **_encode_suggestion(_suggest(trace, rows[trace.id], method))} for trace in traces]
    return {"method": method, "suggestions": suggestions}


def _encode_suggestion(suggestion: Suggestion) -> dict[str, Any]:
    confidence = suggestion.confidence
    return {
        "learning_rate": suggestion.learning_rate,
        "lower": suggestion.lower,
        "upper": suggestion.upper,
        "method": suggestion.method,
        "reason": suggestion.reason,
        "confidence": confidence.word if confidence else None,
        "probability": confidence.probability if confidence else None,
        "doubt": confidence.doubt if confidence else "",
        "uses": [asdict(use) for use in suggestion.uses],
    }


def _suggest(trace: Trace, table: Rows, method: str) -> Suggestion:
    try:
        if isinstance(table, SchemaError):
            raise table
        return suggest(trace.curve(table), method, trace.header.trials if trace.header else ())
    except SchemaError as error:
        return Suggestion(None, None, None, method, str(error))
