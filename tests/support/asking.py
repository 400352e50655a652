"""Answers about traces that no log directory has, from rows given by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tb_lrfinder.server.questions import Ask
from tb_lrfinder.storage.decoding import Rows
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.reader import Question
from tb_lrfinder.storage.trace import Trace


def asking(rows: Mapping[str, Rows]) -> Ask:
    """What `TraceReader.ask` is for traces with these rows, by id."""

    def ask(traces: Sequence[Trace], question: Question) -> dict[str, Any]:
        return {trace.id: _answer(question, trace, rows[trace.id]) for trace in traces}

    return ask


def _answer(question: Question, trace: Trace, rows: Rows) -> Any:
    try:
        return question.answer(trace, rows)
    except SchemaError as error:
        return error
