"""Reads traces out of TensorBoard's data provider, whichever loader feeds it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from tensorboard.data.provider import RunTagFilter

from tb_lrfinder.storage import hparams_summaries, schema
from tb_lrfinder.storage.cache import Cache, Made, footprint
from tb_lrfinder.storage.decoding import Rows, Tensors, header_in, rows_in
from tb_lrfinder.storage.errors import SchemaError, UnreadError, attempt, unforeseen
from tb_lrfinder.storage.hparams_summaries import HParamsSummaries
from tb_lrfinder.storage.listing import Listing
from tb_lrfinder.storage.session import Session
from tb_lrfinder.storage.trace import Trace

# The provider returns all it has when asked for more than that.
_ALL = 1_000_000_000
# A browser asks for the list, then for some of the traces in it, and again while a slider moves: for so many seconds the
# list stands, because TensorBoard's fast loader takes 40 ms for one, however short.
_LIST_SECONDS = 1.0
# Settings hardly change while a run is written: HParams is asked for its summaries again after so many seconds.
_SUMMARIES_SECONDS = 10.0
# Rows that are read at once, unless one trace has more: the fast loader refuses messages of 256 MiB.
_READ_BYTES = 64 * 2**20
_NUMBER_BYTES = 8


class Provider(Protocol):
    """The part of TensorBoard's data provider that the reader uses."""

    def list_tensors(self, ctx: Any, *, experiment_id: str, plugin_name: str, run_tag_filter: Any) -> Any: ...

    def read_tensors(
        self, ctx: Any, *, experiment_id: str, plugin_name: str, downsample: int, run_tag_filter: Any
    ) -> Any: ...


class Question(Protocol):
    """A question about the rows of one trace; equal ones have equal answers and hashes."""

    def answer(self, trace: Trace, rows: Rows) -> Any: ...


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

    def traces(self) -> tuple[Trace, ...]:
        """All traces, sorted by run and start. What cannot be read is a trace whose status says so.

        While nothing changes, all readers with one cache return the same tuple.
        """
        return self._listing().traces

    def find(self, ids: Collection[str]) -> dict[str, Trace]:
        """The traces with these ids, those that there are: as they were listed a moment ago, or else as they are now.

        Args:
            ids: Ids as they stand in an address (`listing.addressable`).
        """
        by_id = self._recent(ids).by_id
        return {trace_id: by_id[trace_id] for trace_id in ids if trace_id in by_id}

    def beside(self, ids: Collection[str]) -> tuple[Trace, ...]:
        """All traces of the list in which `find` finds those with these ids."""
        return self._recent(ids).traces

    def _recent(self, ids: Collection[str]) -> Listing:
        listed_at, listing = self._cache.get(self._key("listing", ""), None) or (0.0, Listing())
        is_recent = time.monotonic() - listed_at <= _LIST_SECONDS
        if not (is_recent and all(trace_id in listing.by_id for trace_id in ids)):
            listing = self._listing()
        return listing

    def rows(self, traces: Iterable[Trace]) -> dict[str, Rows]:
        """The rows of each trace by its id, or the error that says why there are none.

        The arrays are read-only, because the next caller receives the same ones.
        """
        return self._answers("rows", [_rows_query(trace) for trace in traces])

    def ask(self, traces: Iterable[Trace], question: Question) -> dict[str, Any]:
        """The answers of traces to a question, by id: from the cache, or else computed from their rows.

        An error becomes the answer of its trace, a `SchemaError`, and is not kept.
        """
        by_key = {self._key(question, trace.id): trace for trace in traces}

        def made(keys: list[Hashable]) -> Iterator[Made]:
            for group in _groups([by_key[key] for key in keys]):
                rows = self.rows(group)
                for trace in group:
                    yield _made(self._key(question, trace.id), attempt(question.answer, trace, rows[trace.id]))

        versions = {key: (trace.rows_version, trace.header, trace.status) for key, trace in by_key.items()}
        answers = self._cache.fill(versions, made)
        return {trace.id: answers[key] for key, trace in by_key.items()}

    def of_list(self, entry: Callable[[Trace], Any], whole: Callable[[Iterable[Any]], Any]) -> Any:
        """What is made of the list of traces as it is now; as long as nothing changes, the same object.

        Args:
            entry: Makes the entry of a trace, again where the trace changed.
            whole: Makes the whole of all entries, in the order of `traces`.
        """
        traces = self.traces()

        def made(keys: list[Hashable]) -> Iterator[Made]:
            for key in keys:
                yield _made(key, whole(self._entries(traces, entry)))

        key = self._key("list", "")
        return self._cache.fill({key: traces}, made)[key]

    def _entries(self, traces: Iterable[Trace], entry: Callable[[Trace], Any]) -> list[Any]:
        # In a tuple, the same trace is equal at once.
        by_key = {self._key("entry", trace.id): (trace,) for trace in traces}
        answers = self._cache.fill(by_key, lambda keys: (_made(key, entry(*by_key[key])) for key in keys))
        return [answers[key] for key in by_key]

    def _listing(self) -> Listing:
        """The traces as they are now. Requests that overlap share one look, so that no list is older than the one before."""

        def look(keys: list[Hashable]) -> Iterator[Made]:
            series = self._provider.list_tensors(**self._request, run_tag_filter=RunTagFilter())
            _, before = self._cache.get(self._key("listing", ""), None) or (0.0, Listing())
            now = before.followed_by(series, self._headers, self._summaries(series.keys() == before.series.keys()))
            self._cache.keep(self._key("listing", ""), None, (time.monotonic(), now), now.num_bytes)
            yield Made(keys[0], now, None)

        key = self._key("look", "")
        return self._cache.fill({key: None}, look)[key]

    def _summaries(self, runs_are_the_same: bool) -> HParamsSummaries:
        """The summaries of HParams: as they were listed some seconds ago, where no run has come since."""
        key = self._key("summaries", "")
        listed_at, before = self._cache.get(key, None) or (-math.inf, HParamsSummaries())
        if runs_are_the_same and time.monotonic() - listed_at <= _SUMMARIES_SECONDS:
            return before
        request = {**self._request, "plugin_name": hparams_summaries.PLUGIN_NAME}
        try:
            now = before.followed_by(self._provider.list_tensors(**request, run_tag_filter=RunTagFilter()))
        except Exception:  # what the provider cannot list of others takes nothing from our traces
            now = before
        self._cache.keep(key, None, (time.monotonic(), now), footprint(now))
        return now

    def _headers(self, sessions: Iterable[Session]) -> dict[str, Any]:
        return self._answers("header", [_header_query(session) for session in sessions])

    def _key(self, kind: Hashable, trace_id: str) -> Hashable:
        return kind, self._experiment_id, trace_id

    def _answers(self, kind: str, queries: Iterable[_Query]) -> dict[str, Any]:
        """The answer to each query by trace id: from the cache, or else read, all in one request.

        An error is not kept: what cannot be decoded is read again each time.
        """
        by_key = {self._key(kind, query.trace_id): query for query in queries}

        def read(keys: list[Hashable]) -> Iterator[Made]:
            for query, answer in self._read([by_key[key] for key in keys]):
                yield _made(self._key(kind, query.trace_id), answer)

        answers = self._cache.fill({key: query.version for key, query in by_key.items()}, read)
        return {query.trace_id: answers[key] for key, query in by_key.items()}

    def _read(self, queries: Sequence[_Query]) -> Iterator[tuple[_Query, Any]]:
        """Each query with its answer. Where the provider fails, halves are read apart, down to the query it fails at."""
        try:
            tensors = self._tensors(queries)
        except Exception as error:
            if len(queries) == 1:
                yield queries[0], UnreadError(str(unforeseen(error)))
                return
            middle = len(queries) // 2
            yield from self._read(queries[:middle])
            yield from self._read(queries[middle:])
        else:
            yield from ((query, attempt(query.decode, tensors.get(query.run, {}))) for query in queries)

    def _tensors(self, queries: Sequence[_Query]) -> dict[str, Tensors]:
        """The last tensor of each tag of each run."""
        runs, tags = [query.run for query in queries], [tag for query in queries for tag in query.tags]
        if not tags:
            return {}
        series = self._provider.read_tensors(
            **self._request, downsample=_ALL, run_tag_filter=RunTagFilter(runs=runs, tags=tags)
        )
        return {run: {tag: data[-1].numpy for tag, data in of_run.items() if data} for run, of_run in series.items()}


def _made(key: Hashable, answer: Any) -> Made:
    """An answer and what it takes; one that may be another one the next time is not kept."""
    is_kept = answer is not None and not isinstance(answer, SchemaError)
    return Made(key, answer, footprint(answer) if is_kept else None)


def _groups(traces: Iterable[Trace]) -> Iterator[list[Trace]]:
    """The traces in groups whose rows are read at once."""
    group: list[Trace] = []
    room = _READ_BYTES
    for trace in traces:
        num_bytes = trace.num_rows * len(trace.columns) * _NUMBER_BYTES
        if group and num_bytes > room:
            yield group
            group, room = [], _READ_BYTES
        group.append(trace)
        room -= num_bytes
    if group:
        yield group


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
