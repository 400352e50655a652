"""The tags of one session in one run: what TensorBoard lists of a trace before anything of it is read."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from tensorboard.data.provider import TensorTimeSeries

from tb_lrfinder.storage import schema
from tb_lrfinder.storage.field_types import LATEST_TIME

# The session of tags that are not ours: a name that none of ours can have.
_FOREIGN = "unknown_tags"


@dataclass(frozen=True, kw_only=True)
class Session:
    """The tags of one session in one run, as TensorBoard lists them.

    Attributes:
        run: TensorBoard's name of the run.
        name: Id of the session.
        series: The time series of each tag, without its values.
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
        return series and (series.max_step, _time_of(series))

    @property
    def updated(self) -> float:
        """Wall time of the newest event, in seconds since the epoch."""
        return max(map(_time_of, self.series.values()))


def _time_of(series: TensorTimeSeries) -> float:
    """The wall time of the newest event, in seconds since the epoch; 0 for one that is no date.

    A wrong clock hides no rows: nothing but the silence of a writer is measured by it.
    """
    time_of = float(series.max_wall_time)
    return time_of if 0 <= time_of <= LATEST_TIME else 0.0


def sessions_of(run: str, series: Mapping[str, TensorTimeSeries]) -> Iterable[Session]:
    """The sessions of a run; tags that are not ours make one of their own."""
    sessions: dict[str, Session] = {}
    for tag, one in series.items():
        if one.max_step is None:  # a tag of which TensorBoard has read the metadata only, so far
            continue
        parsed = schema.parse_tag(tag)
        name = parsed.session if parsed else _FOREIGN
        session = sessions.setdefault(name, Session(run=run, name=name, foreign=None if parsed else tag))
        session.series[tag] = one
    return sessions.values()
