"""The wire format: what the browser receives. Documented in http_api.md; no other module knows these shapes."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.confirmation import Trial
from tb_lrfinder.decimation import decimate
from tb_lrfinder.reader import Trace
from tb_lrfinder.schema import LEARNING_RATE, LOSS, Header, SchemaError
from tb_lrfinder.suggestion import METHODS, Suggestion, suggest

_MAGIC = b"LRF1"
_ALIGNMENT = 8

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
        "kind": header.kind if header else "range_test",
        "status": trace.status,
        "status_text": trace.status_text,
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
    directory: list[dict[str, Any]] = []
    columns: list[bytes] = []
    offset = 0
    for trace in traces:
        try:
            table = _drawn(trace, rows[trace.id], max_points)
        except SchemaError as error:
            directory.append({"id": trace.id, "error": str(error)})
            continue
        header = trace.header or Header("range_test", trace.started)
        entries = []
        for name, column in zip(trace.columns, table.T, strict=True):
            entries.append({"name": name, "offset": offset})
            columns.append(column.astype("<f8").tobytes())
            offset += len(columns[-1])
        directory.append(
            {"id": trace.id, "rows": len(table), "monitor": header.monitor, "mode": header.mode, "columns": entries}
        )
    text = json.dumps({"traces": directory}).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([_MAGIC, struct.pack("<I", len(text)), text, *columns])


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
