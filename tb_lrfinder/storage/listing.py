"""The traces that a data provider lists, kept from one look to the next: only runs that changed are looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tensorboard.data.provider import TensorTimeSeries

from tb_lrfinder.storage import schema
from tb_lrfinder.storage.cache import footprint
from tb_lrfinder.storage.errors import SchemaError, UnreadError
from tb_lrfinder.storage.hparams_summaries import HParamsSummaries
from tb_lrfinder.storage.session import Session, sessions_of
from tb_lrfinder.storage.settings import SettingValue
from tb_lrfinder.storage.trace import Trace, joined, trace_of, with_summarised

# The series of each tag of a run, without their values.
Series = Mapping[str, TensorTimeSeries]
Headers = Mapping[str, "schema.Header | SchemaError | None"]
# About what the provider's entry of a tag takes.
_SERIES_BYTES = 500


@dataclass(frozen=True)
class Run:
    """The traces of a run.

    Attributes:
        series: What the provider listed.
        traces: The traces in order of their starts.
        summarised: What summaries of HParams tell of the run.
        is_settled: Whether they stay as they are until the provider lists something else: not where one still runs, which
            the clock may end, or where a header could not be read.
        num_bytes: About what all of that takes.
    """

    series: Series
    traces: tuple[Trace, ...]
    summarised: Mapping[str, SettingValue]
    is_settled: bool
    num_bytes: int


@dataclass(frozen=True)
class Listing:
    """All traces at one moment.

    Attributes:
        series: What the provider listed, by run.
        runs: What was made of it.
        traces: All traces, sorted by run and start. Two listings without a change between them share the tuple.
        by_id: The traces by `addressable` id.
        summaries: The summaries of HParams.
    """

    series: Mapping[str, Series] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    traces: tuple[Trace, ...] = ()
    by_id: Mapping[str, Trace] = field(default_factory=dict)
    summaries: HParamsSummaries = field(default_factory=HParamsSummaries)

    @cached_property
    def num_bytes(self) -> int:
        """About what the listing takes in memory."""
        return sum(run.num_bytes for run in self.runs.values())

    @cached_property
    def _is_settled(self) -> bool:
        return all(run.is_settled for run in self.runs.values())

    def followed_by(
        self,
        series: Mapping[str, Series],
        read_headers: Callable[[list[Session]], Headers],
        summaries: HParamsSummaries,
    ) -> Listing:
        """The listing of a later moment.

        Args:
            series: What the provider lists by then, by run.
            read_headers: Reads the headers of sessions; by session id.
            summaries: The summaries of HParams by then.
        """
        if self._is_settled and series == self.series and summaries is self.summaries:
            return self
        same = {
            name: run
            for name, run in self.runs.items()
            if run.is_settled and series.get(name) == run.series and run.summarised == summaries.of(name)
        }
        sessions = {name: list(sessions_of(name, listed)) for name, listed in series.items() if name not in same}
        headers = read_headers([session for of_run in sessions.values() for session in of_run])
        runs = same | {
            name: self._run(name, series[name], of_run, headers, summaries.of(name))
            for name, of_run in sessions.items()
        }
        traces = tuple(trace for name in sorted(runs) for trace in runs[name].traces)
        if traces == self.traces:
            return Listing(series, runs, self.traces, self.by_id, summaries)
        return Listing(series, runs, traces, {addressable(trace.id): trace for trace in traces}, summaries)

    def _run(
        self,
        name: str,
        series: Series,
        sessions: Iterable[Session],
        headers: Headers,
        summarised: Mapping[str, SettingValue],
    ) -> Run:
        single = [trace_of(session, headers[session.id]) for session in sessions]
        together = joined(sorted(single, key=lambda trace: trace.started))
        traces = tuple(with_summarised(trace, summarised) for trace in together)
        known = self.runs.get(name)
        # Equal traces stay the same objects, by which others tell quickly that nothing changed.
        traces = known.traces if known is not None and known.traces == traces else traces
        is_read = all(_is_read(session, headers[session.id]) for session in sessions)
        is_settled = is_read and all(trace.status != "running" for trace in traces)
        return Run(series, traces, summarised, is_settled, footprint(traces) + len(series) * _SERIES_BYTES)


def _is_read(session: Session, header: schema.Header | SchemaError | None) -> bool:
    """Whether another try would find the same header: TensorBoard may list one that it has not read."""
    return not isinstance(header, UnreadError) and (header is not None or session.header_tag not in session.series)


def addressable(text: str) -> str:
    """A text as it comes back in an address: what UTF-8 cannot hold (a lone surrogate) is U+FFFD there.

    Example:
        >>> addressable("run\\udcff")
        'run�'
    """
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
