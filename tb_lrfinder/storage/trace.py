"""A trace as TensorBoard lists it: made from its header and the tags of its session, without its rows."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tb_lrfinder.choices import Mode
from tb_lrfinder.columns import RANGE_TEST, TRAINING, Table
from tb_lrfinder.curves.curve import Curve, monitored
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.wording import resolve_mode
from tb_lrfinder.storage import process, schema
from tb_lrfinder.storage.errors import SchemaError, UnsupportedVersionError, attempt, unforeseen
from tb_lrfinder.storage.field_types import shown
from tb_lrfinder.storage.session import Session
from tb_lrfinder.storage.settings import SettingValue

# A writer flushes a segment at least for every 2 % of its rows, so one that was silent for a tenth of its life has ended.
# The least patience in seconds covers the compilation of a large model.
_SILENCE_SHARE = 0.1
_SILENCE_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
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
        continued_by: Sessions of the later trainings that were joined with this one.
        row_tags: Tags of the segments, in order.
        segment_rows: Rows of each that count: a segment may have grown since it was listed.
    """

    run: str
    session: str
    status: str
    status_text: str
    updated: float
    columns: tuple[str, ...] = ()
    num_rows: int = 0
    header: schema.Header | None = None
    continued_by: tuple[str, ...] = ()
    row_tags: tuple[str, ...] = field(default=(), repr=False)
    segment_rows: tuple[int, ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        return f"{self.session}/{self.run}"

    @property
    def rows_version(self) -> Hashable:
        """Changes with the rows, including those of the training that this one continues."""
        return self.row_tags, self.num_rows

    @property
    def header_or_default(self) -> schema.Header:
        """The header; where it cannot be read, the defaults of a range test."""
        return self.header or schema.Header(kind=RANGE_TEST, started=self.updated)

    @property
    def started(self) -> float:
        """Wall time of the start, in seconds since the epoch; that of the newest event where the start is not known."""
        return self.header_or_default.started

    @property
    def ending(self) -> Ending:
        """How the sweep ended and what was planned: a process that is gone has written no reason."""
        header = self.header_or_default
        reason = header.stop_reason or ("" if self.status == "finished" else self.status)
        return Ending(reason, header.num_steps, header.end_lr)

    def measured(self, column: str | None = None) -> tuple[str, Mode]:
        """Name and mode of the monitored column, or of another one: whether it is better the lower (`"min"`) or the higher.

        Raises:
            SchemaError: If there are rows, and none of their columns has that name.
        """
        monitor, mode = self.header_or_default.monitor, self.header_or_default.mode
        name = column or monitor
        if self.columns and name not in self.columns:
            raise SchemaError(f"This trace has no column {name!r}: it has {', '.join(self.columns)}.")
        return name, mode if name == monitor else resolve_mode(name, "auto")

    def curve(self, table: Table, column: str | None = None, updates_per_row: float = 1.0) -> Curve:
        """The curve of the monitored column, or of another one.

        Args:
            table: Rows of this trace.
            column: Name of the column; None for the monitored one.
            updates_per_row: Updates of the weights that a row stands for.

        Raises:
            SchemaError: If there is no such column, or the rows are no curve: a damaged trace, or another program's.
        """
        name, mode = self.measured(column)
        if not self.columns:
            return Curve([], [], name, mode, self.ending)
        try:
            header = self.header_or_default
            return Curve(
                *monitored(table.by_name(), name),
                monitor=name,
                mode=mode,
                ending=self.ending,
                optimizer=header.optimizer,
                repeats=header.repeats,
                updates_per_point=updates_per_row,
            )
        except ValueError as error:
            raise SchemaError(f"The rows of this trace are no range test: {error}") from None


def with_summarised(trace: Trace, settings: Mapping[str, SettingValue]) -> Trace:
    """A trace with what summaries of HParams tell of its run."""
    if not settings or trace.header is None:
        return trace
    return replace(trace, header=replace(trace.header, summarised=settings))


def trace_of(session: Session, header: schema.Header | SchemaError | None) -> Trace:
    """The trace that a session wrote; where it cannot be read, the status says why.

    Args:
        session: The session.
        header: Its header, or the error that says why there is none; None where it is missing.
    """
    trace = attempt(_readable_trace, session, header)
    return unreadable(session.run, session.name, trace, session.updated) if isinstance(trace, SchemaError) else trace


def unreadable(run: str, session: str, error: SchemaError, updated: float = 0.0) -> Trace:
    """What is listed in the place of a trace that cannot be read."""
    is_newer = isinstance(error, UnsupportedVersionError)
    status = "unsupported" if is_newer else "damaged"
    return Trace(run=run, session=session, status=status, status_text=str(error), updated=updated)


def _readable_trace(session: Session, header: schema.Header | SchemaError | None) -> Trace:
    series = session.series
    if session.foreign is not None:
        raise SchemaError(f"The tag {shown(session.foreign)} is not one that tb_lrfinder writes.")
    for content in {one.plugin_content for one in series.values()}:
        schema.check_version(content)
    if header is None:
        raise SchemaError("The header of this trace is missing: the start of its event file was lost.")
    if isinstance(header, SchemaError):
        raise header
    tags, segment_rows = _segments(session)
    columns = _columns(session, tags)
    num_rows = sum(segment_rows)
    status, text = status_of(header, num_rows, session.updated)
    return Trace(
        run=session.run,
        session=session.name,
        status=status,
        status_text=text,
        updated=session.updated,
        columns=columns,
        num_rows=num_rows,
        header=header,
        row_tags=tags,
        segment_rows=segment_rows,
    )


def _segments(session: Session) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The tags of the segments in order, and how many rows each has."""
    others = session.series.keys() - {session.header_tag}
    tags = tuple(schema.rows_tag(session.name, index) for index in range(len(others)))
    missing = next((index for index, tag in enumerate(tags) if tag not in others), None)
    if missing is not None:
        raise SchemaError(
            f"Segment {missing} of this trace is missing, a part of its event file was lost. Received: {max(others)!r}."
        )
    # The step of a segment's event is the number of rows up to its end.
    ends = [session.series[tag].max_step for tag in tags]
    for index, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        if not start < end <= schema.MAX_ROWS:
            raise SchemaError(
                f"Segment {index} of this trace must end beyond row {start}, and before row {schema.MAX_ROWS}. "
                f"Received: step={end}."
            )
    return tags, tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def _columns(session: Session, tags: Sequence[str]) -> tuple[str, ...]:
    """The columns of all segments."""
    found = dict.fromkeys(schema.decode_columns(session.series[tag].plugin_content) for tag in tags)
    if len(found) > 1:
        first, other, *_ = found
        raise SchemaError(
            f"All segments of this trace must have the columns of the first one, {shown(', '.join(first))}. "
            f"Received: {shown(', '.join(other))}."
        )
    return next(iter(found), ())


def status_of(header: schema.Header, num_rows: int, updated: float) -> tuple[str, str]:
    """The status of a trace, as a word and as a sentence.

    Args:
        header: Its header.
        num_rows: Rows that can be read.
        updated: Wall time of its newest event, in seconds since the epoch.
    """
    if header.status != "running":
        return header.status, header.stop_text
    is_training = header.kind == TRAINING  # whose rows are fewer than its steps
    if _is_gone(header, updated):
        place = "" if is_training else f" after step {num_rows}"
        return "interrupted", f"Interrupted{place}: the process that wrote it is gone."
    if is_training:
        return "running", "Training."
    planned = f" of {header.num_steps}" if header.num_steps else ""
    return "running", header.stop_text or f"Step {num_rows}{planned}."


def _is_gone(header: schema.Header, updated: float) -> bool:
    silence = time.time() - updated
    patience = max(_SILENCE_SECONDS, _SILENCE_SHARE * (updated - header.started))
    return process.is_gone(header.process, silence, patience) if header.process else silence > patience


def joined(traces: Iterable[Trace]) -> list[Trace]:
    """The traces, each training that continues an earlier one of its run joined with that; a new training starts at step 0.

    Args:
        traces: In the order of their starts.
    """
    by_run: dict[str, list[Trace]] = {}
    for trace in traces:
        of_run = by_run.setdefault(trace.run, [])
        try:
            _join(of_run, trace)
        except Exception as error:
            of_run.append(unreadable(trace.run, trace.session, unforeseen(error), trace.updated))
    return [trace for of_run in by_run.values() for trace in of_run]


def _join(of_run: list[Trace], trace: Trace) -> None:
    earlier = next((index for index in reversed(range(len(of_run))) if _goes_on(of_run[index], trace)), None)
    if earlier is None:
        of_run.append(trace)
    else:
        of_run[earlier] = _continued(of_run[earlier], trace)


def _goes_on(before: Trace, trace: Trace) -> bool:
    if before.header is None or trace.header is None:
        return False
    both_train = before.header.kind == trace.header.kind == TRAINING
    return both_train and trace.header.first_step > 0 and (trace.columns or before.columns) == before.columns


def _continued(before: Trace, trace: Trace) -> Trace:
    driver = trace.header and trace.header.driver
    return replace(
        trace,
        session=before.session,
        continued_by=(*before.continued_by, trace.session),
        row_tags=(*before.row_tags, *trace.row_tags),
        segment_rows=(*before.segment_rows, *trace.segment_rows),
        num_rows=before.num_rows + trace.num_rows,
        columns=trace.columns or before.columns,
        header=before.header and replace(before.header, driver=driver, swept=False),
    )
