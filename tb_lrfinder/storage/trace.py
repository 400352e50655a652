"""A trace as TensorBoard lists it: put together from the tags of its session and its header, without its rows."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tensorboard.data.provider import TensorTimeSeries

from tb_lrfinder.choices import Mode
from tb_lrfinder.columns import LOSS, TRAINING, Table
from tb_lrfinder.curves.curve import Curve, monitored_curve
from tb_lrfinder.curves.wording import resolve_mode
from tb_lrfinder.storage import process, schema

# A writer flushes at least a segment for every 2 % of its rows. One that has been silent for a tenth of its whole life is
# gone; before that, nobody waits less than this many seconds, and compiling a large model may take as long.
_SILENCE_SHARE = 0.1
_SILENCE_SECONDS = 300.0
_FOREIGN = "unknown"


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
    def rows_version(self) -> Hashable:
        """Changes with the rows, those of a training that it goes on from included."""
        return self.row_tags, self.num_rows

    @property
    def started(self) -> float:
        """Wall time of the start, in seconds since the epoch; of a trace without a header, what is nearest to it."""
        return self.header.started if self.header else self.updated

    def measured(self, column: str | None = None) -> tuple[str, Mode]:
        """Name and mode of the monitored column, or of another one: whether it is better the lower (`"min"`) or the higher.

        Raises:
            SchemaError: If there are rows, and none of their columns has that name.
        """
        monitor, mode = (self.header.monitor, self.header.mode) if self.header else (LOSS, "min")
        name = column or monitor
        if self.columns and name not in self.columns:
            raise schema.SchemaError(f"This trace has no column {name!r}: it has {', '.join(self.columns)}.")
        return name, mode if name == monitor else resolve_mode(name, "auto")

    def curve(self, table: Table, column: str | None = None) -> Curve:
        """The curve of the monitored column, or of another one.

        Args:
            table: Rows of this trace.
            column: Name of the column; None for the monitored one.

        Raises:
            SchemaError: If there is no such column, or the rows are no curve: a damaged trace, or another program's.
        """
        name, mode = self.measured(column)
        if not self.columns:
            return Curve([], [], name, mode)
        try:
            return monitored_curve(table.by_name(), name, mode)
        except ValueError as error:
            raise schema.SchemaError(f"The rows of this trace are no range test: {error}") from None


@dataclass(frozen=True)
class Session:
    """What TensorBoard lists of one session in one run.

    Attributes:
        run: TensorBoard's name of the run.
        name: Id of the session.
        series: What is known of each of its tags.
        foreign: A tag that is not one of ours, if there is any.
    """

    run: str
    name: str
    series: dict[str, TensorTimeSeries] = field(default_factory=dict)
    foreign: str | None = None

    @property
    def id(self) -> str:
        return f"{self.name}/{self.run}"

    @property
    def header_tag(self) -> str:
        return schema.header_tag(self.name)

    @property
    def header_version(self) -> Hashable:
        """Changes with the header, which counts up whenever it is written; None where there is none."""
        series = self.series.get(self.header_tag)
        return series and (series.max_step, series.max_wall_time)

    @property
    def updated(self) -> float:
        return max(float(one.max_wall_time) for one in self.series.values())


def run_of(trace_id: str) -> str:
    """The run that a trace with this id lies in."""
    return trace_id.partition("/")[2]


def sessions_of(run: str, series: Mapping[str, TensorTimeSeries]) -> Iterable[Session]:
    """The sessions of a run; tags that are not ours make one of their own."""
    found: dict[str, Session] = {}
    for tag, one in series.items():
        parsed = schema.parse_tag(tag)
        name = parsed.session if parsed else _FOREIGN
        session = found.setdefault(name, Session(run, name, {}, None if parsed else tag))
        session.series[tag] = one
    return found.values()


def trace_of(session: Session, header: schema.Header | schema.SchemaError | None) -> Trace:
    """The trace that a session wrote; where it cannot be read, the status says why.

    Args:
        session: What TensorBoard lists.
        header: Its header, or what is wrong with it; None where it is missing.
    """
    try:
        return _readable_trace(session, header)
    except schema.UnsupportedVersionError as error:
        return Trace(session.run, session.name, "unsupported", str(error), session.updated)
    except schema.SchemaError as error:
        return Trace(session.run, session.name, "damaged", str(error), session.updated)


def _readable_trace(session: Session, header: schema.Header | schema.SchemaError | None) -> Trace:
    series = session.series
    if session.foreign is not None:
        raise schema.SchemaError(f"The tag {session.foreign!r} is not one that tb_lrfinder writes.")
    for content in {one.plugin_content for one in series.values()}:
        schema.check_version(content)
    if header is None:
        raise schema.SchemaError("The header of this trace is missing: the start of its event file was lost.")
    if isinstance(header, schema.SchemaError):
        raise header
    # TensorBoard reads a growing file piece by piece: segments count as far as they follow one another.
    tags: list[str] = []
    while (tag := schema.rows_tag(session.name, len(tags))) in series:
        tags.append(tag)
    columns = schema.decode_columns(series[tags[0]].plugin_content) if tags else ()
    num_rows = series[tags[-1]].max_step if tags else 0
    status, text = status_of(header, num_rows, session.updated)
    return Trace(session.run, session.name, status, text, session.updated, columns, num_rows, header, tuple(tags))


def status_of(header: schema.Header, num_rows: int, updated: float) -> tuple[str, str]:
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
    """A training that goes on in a new process is one with what it goes on from; a new one starts at step 0."""
    by_run: dict[str, list[Trace]] = {}
    for trace in traces:
        of_run = by_run.setdefault(trace.run, [])
        place = next((index for index in reversed(range(len(of_run))) if _goes_on(of_run[index], trace)), None)
        if place is None:
            of_run.append(trace)
        else:
            of_run[place] = _continued(of_run[place], trace)
    return [trace for of_run in by_run.values() for trace in of_run]


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
        row_tags=(*before.row_tags, *trace.row_tags),
        num_rows=before.num_rows + trace.num_rows,
        columns=trace.columns or before.columns,
        header=before.header and replace(before.header, driver=driver, swept=False),
    )
