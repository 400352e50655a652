"""Reads traces out of TensorBoard's data provider, whichever loader feeds it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tensorboard.data.provider import RunTagFilter

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.trace import Session, Trace, joined, run_of, sessions_of, trace_of

# The provider returns all it has when asked for more than that.
_ALL = 1_000_000_000
# Who has just been told what there is asks for some of it next, and again while a slider moves: TensorBoard need not list it
# anew each time, which takes its fast loader 40 ms however short the list.
_MOMENT = 1.0
# What a decoded header takes, or what was listed, about.
_HEADER_BYTES = 4_000

Tensors = dict[str, NDArray[Any]]
Rows = NDArray[np.float64] | schema.SchemaError


class Provider(Protocol):
    """What is asked of TensorBoard's data provider."""

    def list_tensors(self, ctx: Any, *, experiment_id: str, plugin_name: str, run_tag_filter: Any) -> Any: ...

    def read_tensors(
        self, ctx: Any, *, experiment_id: str, plugin_name: str, downsample: int, run_tag_filter: Any
    ) -> Any: ...


@dataclass(frozen=True)
class _Wanted:
    """Something to be made of the last tensors of some tags of a run; it is another where its version is."""

    id: str
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
        found = {one: self._listed(one) for one in ids}
        missing = {run_of(one) for one, trace in found.items() if trace is None}
        if missing:
            found |= {trace.id: trace for trace in self._list(missing) if trace.id in found}
        return {one: trace for one, trace in found.items() if trace is not None}

    def rows(self, traces: Iterable[Trace]) -> dict[str, Rows]:
        """The rows of each trace by its id: an array `[rows, columns]`, or the error that says why there is none.

        Nobody may change an array: the next one who asks receives it too.
        """
        return self._read("rows", [_wanted_rows(trace) for trace in traces])

    def _list(self, runs: Collection[str] | None) -> list[Trace]:
        """The traces of all runs or of some."""
        listed = self._provider.list_tensors(**self._request, run_tag_filter=RunTagFilter(runs=runs))
        sessions = [session for run, series in listed.items() for session in sessions_of(run, series)]
        headers = self._read("header", [_wanted_header(session) for session in sessions])
        found = [trace_of(session, headers[session.id]) for session in sessions]
        traces = joined(sorted(found, key=lambda trace: (trace.run, trace.started)))
        for trace in traces:
            self._cache.keep(self._key("trace", trace.id), None, (time.monotonic(), trace), _HEADER_BYTES)
        return traces

    def _listed(self, trace_id: str) -> Trace | None:
        """The trace as it was listed, if that is only a moment ago."""
        listed_at, trace = self._cache.get(self._key("trace", trace_id), None) or (-math.inf, None)
        return trace if time.monotonic() - listed_at <= _MOMENT else None

    def _key(self, kind: str, one: str) -> Hashable:
        return kind, self._experiment_id, one

    def _read(self, kind: str, wanted: list[_Wanted]) -> dict[str, Any]:
        """What is wanted, by id: from the cache, or else read at once. What cannot be decoded is tried again each time."""
        found = {one.id: self._cache.get(self._key(kind, one.id), one.version) for one in wanted}
        new = [one for one in wanted if found[one.id] is None]
        tensors = self._tensors([one.run for one in new], [tag for one in new for tag in one.tags])
        for one in new:
            value = found[one.id] = one.decode(tensors.get(one.run, {}))
            if value is not None and not isinstance(value, schema.SchemaError):
                num_bytes = getattr(value, "nbytes", _HEADER_BYTES)
                self._cache.keep(self._key(kind, one.id), one.version, value, num_bytes)
        return found

    def _tensors(self, runs: list[str], tags: list[str]) -> dict[str, Tensors]:
        """The last tensor of each tag of each run."""
        if not tags:
            return {}
        found = self._provider.read_tensors(
            **self._request, downsample=_ALL, run_tag_filter=RunTagFilter(runs=runs, tags=tags)
        )
        return {run: {tag: data[-1].numpy for tag, data in of_run.items() if data} for run, of_run in found.items()}


def _wanted_header(session: Session) -> _Wanted:
    tag = session.header_tag
    tags = (tag,) if tag in session.series else ()
    return _Wanted(session.id, session.run, tags, session.header_version, partial(_header, tag))


def _header(tag: str, tensors: Tensors) -> schema.Header | schema.SchemaError | None:
    try:
        return schema.decode_header(tensors[tag]) if tag in tensors else None
    except schema.SchemaError as error:
        return error


def _wanted_rows(trace: Trace) -> _Wanted:
    return _Wanted(trace.id, trace.run, trace.row_tags, trace.rows_version, partial(_rows, trace))


def _rows(trace: Trace, tensors: Tensors) -> Rows:
    if trace.header is None:
        return schema.SchemaError(trace.status_text)
    segments = [tensors[tag] for tag in trace.row_tags if tag in tensors]
    for segment in segments:
        if segment.dtype != np.float64 or segment.ndim != 2 or segment.shape[1] != len(trace.columns):
            return schema.SchemaError(
                f"A segment of this trace is damaged: expected float64 [rows, {len(trace.columns)}], "
                f"received {segment.dtype} {list(segment.shape)}."
            )
    rows = np.concatenate(segments) if segments else np.empty((0, len(trace.columns)))
    if len(rows) != trace.num_rows:
        return schema.SchemaError(
            f"This trace is incomplete: it should have {trace.num_rows} rows, {len(rows)} can be read."
        )
    rows = _latest(rows) if trace.header.kind == TRAINING and len(rows) else rows
    rows.flags.writeable = False
    return rows


def _latest(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of steps that were trained again from a saved model, those that count: the later ones."""
    steps = rows[:, 0]
    following = np.minimum.accumulate(np.append(steps[1:], np.inf)[::-1])[::-1]
    return rows[steps < following]
