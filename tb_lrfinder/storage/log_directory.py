"""Our tensors in a log directory, read at once, behind the two requests of TensorBoard's data provider that `reader` makes.

TensorBoard's own loader parses every event of every program, and loads TensorFlow to do so where that is installed. This one
parses only the records of an event file that name our plugin. A test compares runs, tags and metadata with TensorBoard's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2
from tensorboard.data.provider import RunTagFilter, TensorDatum, TensorTimeSeries
from tensorboard.util import tensor_util

from tb_lrfinder.storage.file_system import FileSystem
from tb_lrfinder.storage.records import events_with


@dataclass
class _Series:
    """One tag of a run: the metadata of its first event, and its last tensor."""

    metadata: summary_pb2.SummaryMetadata
    max_step: int
    max_wall_time: float
    last: tuple[int, float, tensor_pb2.TensorProto]

    def listed(self) -> TensorTimeSeries:
        return TensorTimeSeries(
            max_step=self.max_step,
            max_wall_time=self.max_wall_time,
            plugin_content=self.metadata.plugin_data.content,
            description=self.metadata.summary_description,
            display_name=self.metadata.display_name,
        )

    def data(self) -> list[TensorDatum]:
        step, wall_time, tensor = self.last
        return [TensorDatum(step, wall_time, tensor_util.make_ndarray(tensor))]


class LogDirectory:
    """The tensors of one plugin below a directory, by run and tag.

    Args:
        file_system: Where the directory is.
        path: The directory.
        plugin_name: Name of the plugin.

    Attributes:
        unreadable: Files that could not be read, each with the reason.
    """

    def __init__(self, file_system: FileSystem, path: str, plugin_name: str) -> None:
        self.unreadable: list[tuple[str, str]] = []
        self._file_system = file_system
        self._plugin_name = plugin_name
        self._runs: dict[str, dict[str, _Series]] = {}
        for folder, names in file_system.files(path):
            series: dict[str, _Series] = {}
            for name in sorted(filter(_is_event_file, names)):
                self._read(os.path.join(folder, name), series)
            if series:
                self._runs[os.path.relpath(folder, path)] = series

    def list_tensors(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: RunTagFilter | None = None
    ) -> dict[str, dict[str, TensorTimeSeries]]:
        """As TensorBoard's data provider does."""
        return {run: {tag: one.listed() for tag, one in tags.items()} for run, tags in self._chosen(run_tag_filter)}

    def read_tensors(
        self,
        ctx: Any = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int,
        run_tag_filter: RunTagFilter | None = None,
    ) -> dict[str, dict[str, list[TensorDatum]]]:
        """As TensorBoard's data provider does, but of each tag the last tensor only."""
        return {run: {tag: one.data() for tag, one in tags.items()} for run, tags in self._chosen(run_tag_filter)}

    def _chosen(self, chosen: RunTagFilter | None) -> Iterator[tuple[str, dict[str, _Series]]]:
        runs, tags = (chosen.runs, chosen.tags) if chosen else (None, None)
        for run, series in self._runs.items():
            of_run = {tag: one for tag, one in series.items() if tags is None or tag in tags}
            if of_run and (runs is None or run in runs):
                yield run, of_run

    def _read(self, path: str, series: dict[str, _Series]) -> None:
        try:
            with self._file_system.open(path) as file:
                for event in events_with(self._plugin_name.encode(), file):
                    self._add(series, event)
        except OSError as error:
            self.unreadable.append((path, error.strerror or str(error)))

    def _add(self, series: dict[str, _Series], content: bytes) -> None:
        try:
            event = event_pb2.Event.FromString(content)
        except DecodeError:
            return
        for value in event.summary.value:
            tag_series = series.get(value.tag)
            if tag_series is not None:
                tag_series.max_step = max(tag_series.max_step, event.step)
                tag_series.max_wall_time = max(tag_series.max_wall_time, event.wall_time)
                tag_series.last = event.step, event.wall_time, value.tensor
            elif self._is_ours(value.metadata) and value.HasField("tensor"):
                last = event.step, event.wall_time, value.tensor
                series[value.tag] = _Series(value.metadata, event.step, event.wall_time, last)

    def _is_ours(self, metadata: summary_pb2.SummaryMetadata) -> bool:
        is_tensor = metadata.data_class == summary_pb2.DATA_CLASS_TENSOR
        return is_tensor and metadata.plugin_data.plugin_name == self._plugin_name


def _is_event_file(name: str) -> bool:
    return "tfevents" in name and not name.endswith(".profile-empty")
