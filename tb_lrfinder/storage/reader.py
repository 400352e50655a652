"""Reads traces out of TensorBoard's data provider, whichever loader feeds it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from tensorboard.data.provider import RunTagFilter

from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.decoding import Rows, Tensors, header_in, rows_in
from tb_lrfinder.storage.trace import Session, Trace, joined, run_of, sessions_of, trace_of

# The provider returns all it has when asked for more than that.
_ALL = 1_000_000_000
# A browser asks for the list, then for some of the traces in it, and again while a slider moves: for so many seconds the
# list stands, because TensorBoard's fast loader takes 40 ms for one, however short.
_LIST_SECONDS = 1.0
# About what a decoded header or a trace without its rows takes.
_HEADER_BYTES = 4_000


class Provider(Protocol):
    """The part of TensorBoard's data provider that the reader uses."""

    def list_tensors(self, ctx: Any, *, experiment_id: str, plugin_name: str, run_tag_filter: Any) -> Any: ...

    def read_tensors(
        self, ctx: Any, *, experiment_id: str, plugin_name: str, downsample: int, run_tag_filter: Any
    ) -> Any: ...


@dataclass(frozen=True)
class _Query:
    """A question about one trace: the tags whose last tensors answer it, and how they are decoded.

    The cache answers it as long as the version is the same.
    """

    trace_id: str
    run: str
    tags: tuple[str, ...]
    version: Hashable
    decode: Callable[[Tensors], Any]


class TraceReader:
    """The traces of one experiment.

    Args:
        provider: TensorBoard's data provider, or a `LogDirectory`.
        context: Context of the request, as the provider wants it.
        experiment_id: TensorBoard's id of the experiment.
        cache: Keeps what was read, for every reader that it is given to.
    """

    def __init__(self, provider: Provider, context: Any, experiment_id: str, cache: Cache | None = None) -> None:
        self._provider = provider
        self._experiment_id = experiment_id
        self._request = {"ctx": context, "experiment_id": experiment_id, "plugin_name": schema.PLUGIN_NAME}
        self._cache = cache or Cache()

    def traces(self) -> list[Trace]:
        """All traces, sorted by run and start. What cannot be read is a trace whose status says so."""
        return self._list(None)

    def find(self, ids: Collection[str]) -> dict[str, Trace]:
        """The traces with these ids, those that there are: as they were listed a moment ago, or else as they are now."""
        traces = {trace_id: self._recently_listed(trace_id) for trace_id in ids}
        missing_runs = {run_of(trace_id) for trace_id, trace in traces.items() if trace is None}
        if missing_runs:
            traces |= {trace.id: trace for trace in self._list(missing_runs) if trace.id in traces}
        return {trace_id: trace for trace_id, trace in traces.items() if trace is not None}

    def rows(self, traces: Iterable[Trace]) -> dict[str, Rows]:
        """The rows of each trace by its id, or the error that says why there are none.

        The arrays are read-only, because the next caller receives the same ones.
        """
        return self._answers("rows", [_rows_query(trace) for trace in traces])

    def _list(self, runs: Collection[str] | None) -> list[Trace]:
        """The traces of all runs or of some."""
        listed = self._provider.list_tensors(**self._request, run_tag_filter=RunTagFilter(runs=runs))
        sessions = [session for run, series in listed.items() for session in sessions_of(run, series)]
        headers = self._answers("header", [_header_query(session) for session in sessions])
        single = [trace_of(session, headers[session.id]) for session in sessions]
        traces = joined(sorted(single, key=lambda trace: (trace.run, trace.started)))
        for trace in traces:
            self._cache.keep(self._key("trace", trace.id), None, (time.monotonic(), trace), _HEADER_BYTES)
        return traces

    def _recently_listed(self, trace_id: str) -> Trace | None:
        """The trace as it was listed, if that was only a moment ago."""
        listed_at, trace = self._cache.get(self._key("trace", trace_id), None) or (-math.inf, None)
        return trace if time.monotonic() - listed_at <= _LIST_SECONDS else None

    def _key(self, kind: str, trace_id: str) -> Hashable:
        return kind, self._experiment_id, trace_id

    def _answers(self, kind: str, queries: list[_Query]) -> dict[str, Any]:
        """The answer to each query by trace id: from the cache, or else read, all in one request.

        An error is not kept: what cannot be decoded is read again each time.
        """
        answers = {query.trace_id: self._cache.get(self._key(kind, query.trace_id), query.version) for query in queries}
        unanswered = [query for query in queries if answers[query.trace_id] is None]
        tensors = self._tensors(
            [query.run for query in unanswered], [tag for query in unanswered for tag in query.tags]
        )
        for query in unanswered:
            answer = answers[query.trace_id] = query.decode(tensors.get(query.run, {}))
            if answer is not None and not isinstance(answer, schema.SchemaError):
                num_bytes = answer.values.nbytes if isinstance(answer, Table) else _HEADER_BYTES
                self._cache.keep(self._key(kind, query.trace_id), query.version, answer, num_bytes)
        return answers

    def _tensors(self, runs: list[str], tags: list[str]) -> dict[str, Tensors]:
        """The last tensor of each tag of each run."""
        if not tags:
            return {}
        series = self._provider.read_tensors(
            **self._request, downsample=_ALL, run_tag_filter=RunTagFilter(runs=runs, tags=tags)
        )
        return {run: {tag: data[-1].numpy for tag, data in of_run.items() if data} for run, of_run in series.items()}


def _header_query(session: Session) -> _Query:
    tag = session.header_tag
    return _Query(
        trace_id=session.id,
        run=session.run,
        tags=(tag,) if tag in session.series else (),
        version=session.header_version,
        decode=partial(header_in, tag),
    )


def _rows_query(trace: Trace) -> _Query:
    return _Query(
        trace_id=trace.id,
        run=trace.run,
        tags=trace.row_tags,
        version=trace.rows_version,
        decode=partial(rows_in, trace),
    )
