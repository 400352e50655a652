"""Reads traces out of TensorBoard's data provider, whichever loader feeds it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.data.provider import DataProvider, RunTagFilter, TensorTimeSeries

from tb_lrfinder import schema
from tb_lrfinder.curve import Curve, monitored_curve
from tb_lrfinder.words import resolve_mode

# The provider returns all it has when asked for more than that.
_ALL = 1_000_000_000
# A writer flushes at least a segment for every 2 % of its rows. One that has been silent for a tenth of its whole life is
# gone; before that, nobody waits less than this many seconds, and compiling a large model may take as long.
_SILENCE_SHARE = 0.1
_SILENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Trace:
    """A trace that TensorBoard has read, without its rows.

    Attributes:
        run: TensorBoard's name of the run.
        session: Id of the test that wrote it; a run may hold several.
        status: `"running"`, `"finished"`, `"interrupted"`, `"damaged"` or `"unsupported"`.
        status_text: The same as a sentence for people.
        updated: Wall time of the newest event, in seconds since the epoch.
        columns: Names of the columns; empty before the first row.
        num_rows: Rows that can be read now.
        header: None for a trace whose header cannot be read.
        row_tags: Tags of the segments, in order.
    """

    run: str
    session: str
    status: str
    status_text: str
    updated: float
    columns: tuple[str, ...] = ()
    num_rows: int = 0
    header: schema.Header | None = None
    row_tags: tuple[str, ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        return f"{self.session}/{self.run}"

    @property
    def started(self) -> float:
        """Wall time of the start, in seconds since the epoch; of a trace without a header, what is nearest to it."""
        return self.header.started if self.header else self.updated

    def measured(self, column: str | None = None) -> tuple[str, str]:
        """Name and mode of the monitored column, or of another one: whether it is better the lower (`"min"`) or the higher.

        Raises:
            SchemaError: If there are rows, and none of their columns has that name.
        """
        monitor, mode = (self.header.monitor, self.header.mode) if self.header else (schema.LOSS, "min")
        name = column or monitor
        if self.columns and name not in self.columns:
            raise schema.SchemaError(f"This trace has no column {name!r}: it has {', '.join(self.columns)}.")
        return name, mode if name == monitor else resolve_mode(name, "auto")

    def curve(self, rows: NDArray[np.float64], column: str | None = None) -> Curve:
        """The curve of the monitored column, or of another one.

        Raises:
            SchemaError: If there is no such column, or the rows are no curve: a damaged trace, or another program's.
        """
        name, mode = self.measured(column)
        if not self.columns:
            return Curve([], [], name, mode)
        table = dict(zip(self.columns, rows.T, strict=True))
        try:
            return monitored_curve(table, name, mode)
        except ValueError as error:
            raise schema.SchemaError(f"The rows of this trace are no range test: {error}") from None


class TraceReader:
    """The traces of one experiment.

    Args:
        provider: TensorBoard's data provider.
        context: Context of the request, as the provider wants it.
        experiment_id: TensorBoard's id of the experiment.
    """

    def __init__(self, provider: DataProvider, context: Any, experiment_id: str) -> None:
        self._provider = provider
        self._request = {"ctx": context, "experiment_id": experiment_id, "plugin_name": schema.PLUGIN_NAME}

    def traces(self) -> list[Trace]:
        """All traces, sorted by run and start. What cannot be read is a trace whose status says so."""
        series = self._provider.list_tensors(**self._request)
        groups = {
            (run, session): tags for run, of_run in series.items() for session, tags in _by_session(of_run).items()
        }
        headers = self._read([run for run, _ in groups], [schema.header_tag(session) for _, session in groups])
        found = [
            _trace(run, session, tags, headers.get(run, {}).get(schema.header_tag(session)))
            for (run, session), tags in groups.items()
        ]
        return _joined(sorted(found, key=lambda trace: (trace.run, trace.started)))

    def rows(self, traces: Iterable[Trace]) -> dict[str, NDArray[np.float64] | schema.SchemaError]:
        """The rows of each trace by its id: an array `[rows, columns]`, or the error that says why there is none."""
        wanted = list(traces)
        tags = [tag for trace in wanted for tag in trace.row_tags]
        found = self._read([trace.run for trace in wanted], tags)
        return {trace.id: _rows(trace, found.get(trace.run, {})) for trace in wanted}

    def _read(self, runs: list[str], tags: list[str]) -> dict[str, dict[str, NDArray[Any]]]:
        """The last tensor of each tag of each run."""
        if not tags:
            return {}
        found = self._provider.read_tensors(
            **self._request, downsample=_ALL, run_tag_filter=RunTagFilter(runs=runs, tags=tags)
        )
        return {run: {tag: data[-1].numpy for tag, data in of_run.items() if data} for run, of_run in found.items()}


def _joined(traces: list[Trace]) -> list[Trace]:
    """A training that goes on in a new process is one with what it goes on from; a new one starts at step 0."""
    joined: dict[str, Trace] = {}
    latest: dict[str, Trace] = {}  # by run: the training that another one may go on from
    for trace in traces:
        if trace.header is not None and trace.header.kind == schema.TRAINING:
            before = latest.get(trace.run)
            trace = _together(before, trace) if before and _goes_on(before, trace) else trace
            latest[trace.run] = trace
        joined[trace.id] = trace
    return list(joined.values())


def _goes_on(before: Trace, trace: Trace) -> bool:
    assert trace.header is not None
    return trace.header.first_step > 0 and (trace.columns or before.columns) == before.columns


def _together(before: Trace, trace: Trace) -> Trace:
    assert before.header is not None
    assert trace.header is not None
    return replace(
        trace,
        session=before.session,
        row_tags=(*before.row_tags, *trace.row_tags),
        num_rows=before.num_rows + trace.num_rows,
        columns=before.columns,
        header=replace(before.header, driver=trace.header.driver, swept=False),
    )


def _by_session(tags: dict[str, TensorTimeSeries]) -> dict[str, dict[str, TensorTimeSeries]]:
    groups: dict[str, dict[str, TensorTimeSeries]] = {}
    for tag, series in tags.items():
        parsed = schema.parse_tag(tag)
        groups.setdefault(parsed.session if parsed else "unknown", {})[tag] = series
    return groups


def _trace(run: str, session: str, series: dict[str, TensorTimeSeries], header_tensor: NDArray[Any] | None) -> Trace:
    updated = max(float(one.max_wall_time) for one in series.values())
    try:
        return _readable_trace(run, session, updated, series, header_tensor)
    except schema.UnsupportedVersionError as error:
        return Trace(run, session, "unsupported", str(error), updated)
    except schema.SchemaError as error:
        return Trace(run, session, "damaged", str(error), updated)


def _readable_trace(
    run: str,
    session: str,
    updated: float,
    series: dict[str, TensorTimeSeries],
    header_tensor: NDArray[Any] | None,
) -> Trace:
    foreign = next((tag for tag in series if schema.parse_tag(tag) is None), None)
    if foreign is not None:
        raise schema.SchemaError(f"The tag {foreign!r} is not one that tb_lrfinder writes.")
    for one in series.values():
        schema.check_version(one.plugin_content)
    if header_tensor is None:
        raise schema.SchemaError("The header of this trace is missing: the start of its event file was lost.")
    header = schema.decode_header(header_tensor)
    # TensorBoard reads a growing file piece by piece: segments count as far as they follow one another.
    tags: list[str] = []
    while (tag := schema.rows_tag(session, len(tags))) in series:
        tags.append(tag)
    columns = schema.decode_columns(series[tags[0]].plugin_content) if tags else ()
    num_rows = series[tags[-1]].max_step if tags else 0
    status, text = _status(header, num_rows, updated)
    return Trace(run, session, status, text, updated, columns, num_rows, header, tuple(tags))


def _status(header: schema.Header, num_rows: int, updated: float) -> tuple[str, str]:
    if header.status != "running":
        return header.status, header.stop_text
    is_training = header.kind == schema.TRAINING  # whose rows are fewer than its steps
    if _is_gone(header, updated):
        place = "" if is_training else f" after step {num_rows}"
        return "interrupted", f"Interrupted{place}: the process that wrote it is gone."
    if is_training:
        return "running", "Training."
    planned = f" of {header.num_steps}" if header.num_steps else ""
    return "running", header.stop_text or f"Step {num_rows}{planned}."


def _is_gone(header: schema.Header, updated: float) -> bool:
    # Signal 0 asks whether a process exists; on Windows it would end it.
    if header.host == socket.gethostname() and os.name == "posix":
        try:
            os.kill(header.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False
    patience = max(_SILENCE_SECONDS, _SILENCE_SHARE * (updated - header.started))
    return time.time() - updated > patience


def _rows(trace: Trace, tensors: dict[str, NDArray[Any]]) -> NDArray[np.float64] | schema.SchemaError:
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
    return _latest(rows) if trace.header.kind == schema.TRAINING and len(rows) else rows


def _latest(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of steps that were trained again from a saved model, those that count: the later ones."""
    steps = rows[:, 0]
    following = np.minimum.accumulate(np.append(steps[1:], np.inf)[::-1])[::-1]
    return rows[steps < following]
