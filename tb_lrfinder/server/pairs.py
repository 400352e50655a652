"""The `pairs` answer of http_api.md: trainings beside the range tests that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tb_lrfinder.columns import RANGE_TEST, TRAINING
from tb_lrfinder.rates.pairs import compared
from tb_lrfinder.server import json_text
from tb_lrfinder.server.questions import Ask, HighestRate, Suggestions
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.related import Pair, pairs_by_trace
from tb_lrfinder.storage.trace import Trace

# Pairs of one answer: beyond that, each test has its latest trainings.
MAX_PAIRS = 2_000


def encode_pairs(
    traces: Sequence[Trace], listed: Sequence[Trace], ask: Ask, suggestions: Suggestions | None = None
) -> dict[str, Any]:
    """The `pairs` answer.

    Args:
        traces: The trainings and range tests that are asked for.
        listed: All traces of the experiment.
        ask: Answers questions about them.
        suggestions: How the tests are read; None for the method that each has recorded.
    """
    by_trace = pairs_by_trace(listed)
    most = max(MAX_PAIRS // max(len(traces), 1), 1)
    wanted = {trace.id: by_trace.get(trace.id, ())[-most:] for trace in traces}
    pairs = [pair for of_one in wanted.values() for pair in of_one]
    used = ask([pair.training for pair in pairs], HighestRate())
    found = ask([pair.test for pair in pairs], suggestions or Suggestions())
    entries = []
    for trace in traces:
        encoded = [_encode(pair, used[pair.training.id], found[pair.test.id]) for pair in wanted[trace.id]]
        entries.append({"id": trace.id, "pairs": [one for one in encoded if one], "error": _error(trace, used)})
    return json_text.strict({"pairs": entries})


def _error(trace: Trace, used: Mapping[str, Any]) -> str | None:
    """Why a trace has no pairs, where that is not because it has none."""
    if trace.header is None:
        return trace.status_text
    if trace.header.kind not in (TRAINING, RANGE_TEST):
        return f"A {trace.header.kind} belongs to no range test: only a training does."
    failed = used.get(trace.id)
    return str(failed) if isinstance(failed, SchemaError) else None


def _encode(
    pair: Pair, used: Mapping[str, Any] | SchemaError, found: Mapping[str, Any] | SchemaError
) -> dict[str, Any] | None:
    """A pair; None as long as the training has no rate."""
    trained_at = None if isinstance(used, SchemaError) else used["trained_at"]
    if trained_at is None:
        return None
    suggested = None if isinstance(found, SchemaError) else found["learning_rate"]
    return {
        "training": pair.training.id,
        "test": pair.test.id,
        "training_run": pair.training.run,
        "test_run": pair.test.run,
        "trained_at": trained_at,
        "suggested": suggested,
        "ratio": None if suggested is None else trained_at / suggested,
        "because": pair.because,
        "sentence": compared(trained_at, suggested),
    }
