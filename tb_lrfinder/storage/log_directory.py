"""Tensors of some plugins in a log directory, behind the two requests of TensorBoard's data provider that `reader` makes.

TensorBoard's own loader parses every event of every program, and loads TensorFlow to do so where that is installed. This one
parses only the records of an event file that name one of them. A test compares runs, tags and metadata with TensorBoard's.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2
from tensorboard.data.provider import RunTagFilter, TensorDatum, TensorTimeSeries
from tensorboard.util import tensor_util

from tb_lrfinder.storage.file_system import FileSystem
from tb_lrfinder.storage.hparams_summaries import complete
from tb_lrfinder.storage.records import events_with


@dataclass
class _Series:
    """One tag of a run: the metadata of its first event, and step, wall time and tensor of its last one."""

    metadata: summary_pb2.SummaryMetadata
    step: int
    wall_time: float
    tensor: tensor_pb2.TensorProto

    def listed(self) -> TensorTimeSeries:
        return TensorTimeSeries(
            max_step=self.step,
            max_wall_time=self.wall_time,
            plugin_content=self.metadata.plugin_data.content,
            description=self.metadata.summary_description,
            display_name=self.metadata.display_name,
        )

    def data(self) -> list[TensorDatum]:
        return [TensorDatum(self.step, self.wall_time, _array_of(self.tensor))]


def _array_of(tensor: tensor_pb2.TensorProto) -> NDArray[Any]:
    """The array that a tensor holds; of a damaged one the words that say what it is, which no decoder accepts."""
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    # One value may stand for all, which would make any size out of a few bytes; ours never does for rows.
    if math.prod(shape) <= tensor.ByteSize():
        try:
            return tensor_util.make_ndarray(tensor)
        except Exception:  # the decoder of TensorBoard trusts what it decodes
            pass
    return np.array(f"a damaged tensor of type {tensor.dtype} and shape {shape}", dtype=object)


class LogDirectory:
    """The tensors of some plugins below a directory, by run and tag.

    Args:
        file_system: Where the directory is.
        path: The directory.
        plugin_names: Names of the plugins.

    Attributes:
        unreadable: Files and directories that could not be read, each with the reason.
    """

    def __init__(self, file_system: FileSystem, path: str, *plugin_names: str) -> None:
        self.unreadable: list[tuple[str, str]] = []
        self._file_system = file_system
        self._plugin_names = plugin_names
        self._words = [name.encode() for name in plugin_names]
        self._runs: dict[str, dict[str, _Series]] = {}
        for folder, names in file_system.files(path, self._leave_out):
            series: dict[str, _Series] = {}
            for name in sorted(filter(_is_event_file, names)):
                self._read(os.path.join(folder, name), series)
            if series:
                self._runs[_run_name(os.path.relpath(folder, path))] = series

    def list_tensors(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: RunTagFilter | None = None
    ) -> dict[str, dict[str, TensorTimeSeries]]:
        """As TensorBoard's data provider does."""
        chosen = self._chosen(plugin_name, run_tag_filter)
        return {run: {tag: one.listed() for tag, one in tags.items()} for run, tags in chosen}

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
        chosen = self._chosen(plugin_name, run_tag_filter)
        return {run: {tag: one.data() for tag, one in tags.items()} for run, tags in chosen}

    def _chosen(self, plugin_name: str, chosen: RunTagFilter | None) -> Iterator[tuple[str, dict[str, _Series]]]:
        runs, tags = (chosen.runs, chosen.tags) if chosen else (None, None)
        for run, series in self._runs.items():
            of_run = {
                tag: one
                for tag, one in series.items()
                if one.metadata.plugin_data.plugin_name == plugin_name and (tags is None or tag in tags)
            }
            if of_run and (runs is None or run in runs):
                yield run, of_run

    def _read(self, path: str, series: dict[str, _Series]) -> None:
        try:
            with self._file_system.open(path) as file:
                for event in events_with(file, *self._words):
                    self._add(series, event)
        except OSError as error:
            self._leave_out(error, path)

    def _leave_out(self, error: OSError, path: str | None = None) -> None:
        self.unreadable.append((path or str(error.filename), error.strerror or str(error)))

    def _add(self, series: dict[str, _Series], content: bytes) -> None:
        try:
            event = event_pb2.Event.FromString(content)
        except DecodeError:
            return
        for value in event.summary.value:
            complete(value)
            if not value.HasField("tensor"):
                continue
            first = series.get(value.tag)
            if first is not None or self._is_theirs(value.metadata):
                metadata = value.metadata if first is None else first.metadata
                series[value.tag] = _Series(metadata, event.step, event.wall_time, value.tensor)

    def _is_theirs(self, metadata: summary_pb2.SummaryMetadata) -> bool:
        is_tensor = metadata.data_class == summary_pb2.DATA_CLASS_TENSOR
        return is_tensor and metadata.plugin_data.plugin_name in self._plugin_names


def _run_name(path: str) -> str:
    """The name of a run, which can be written as UTF-8 whatever bytes the directory is called by."""
    return path.encode("utf-8", "backslashreplace").decode()


def _is_event_file(name: str) -> bool:
    return "tfevents" in name and not name.endswith(".profile-empty")
