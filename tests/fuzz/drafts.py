"""A trace before it is written, in parts that can be changed one by one, and the bytes of its event file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2
from tensorboard.util import tensor_util

from tb_lrfinder.storage import schema
from tb_lrfinder.storage.records import framed

# Seconds since the epoch.
STARTED = 1.7e9


@dataclass(frozen=True)
class Event:
    """One event of a trace, as it will be written."""

    tag: str
    step: int
    wall_time: float
    content: bytes
    tensor: tensor_pb2.TensorProto
    plugin: str = schema.PLUGIN_NAME
    data_class: int = summary_pb2.DATA_CLASS_TENSOR
    is_scalar: bool = False

    def serialized(self) -> bytes:
        plugin_data = summary_pb2.SummaryMetadata.PluginData(plugin_name=self.plugin, content=self.content)
        metadata = summary_pb2.SummaryMetadata(plugin_data=plugin_data, data_class=self.data_class)  # pyright: ignore
        what = {"simple_value": 1.0} if self.is_scalar else {"tensor": self.tensor}
        value = summary_pb2.Summary.Value(tag=self.tag, metadata=metadata, **what)
        summary = summary_pb2.Summary(value=[value])
        step = max(self.step, -(2**63))  # an int64, from which another mutation may have taken some rows
        return event_pb2.Event(wall_time=self.wall_time, step=step, summary=summary).SerializeToString()


@dataclass
class Draft:
    """A trace before it is written: what a change can be made to.

    Attributes:
        session: Name of the session.
        fields: The JSON text of each field of the header.
        columns: JSON text of the columns in the metadata.
        version: JSON text of the schema version.
        segments: The rows.
        changes: What is done to the events once they are there.
    """

    session: str
    fields: dict[str, str]
    columns: str
    segments: list[NDArray[Any]]
    version: str = str(schema.SCHEMA_VERSION)
    changes: list[Callable[[list[Event]], list[Event]]] = field(default_factory=list)

    def events(self) -> list[Event]:
        header = "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in self.fields.items()) + "}"
        version = f'{{"schema_version": {self.version}'
        tensor = tensor_util.make_tensor_proto(np.array(header.encode(), object))
        events = [Event(schema.header_tag(self.session), 0, STARTED, f"{version}}}".encode(), tensor)]
        num_rows = 0
        for index, rows in enumerate(self.segments):
            num_rows += len(rows) if np.ndim(rows) else 0
            content = f'{version}, "columns": {self.columns}}}'.encode(errors="replace")
            tag = schema.rows_tag(self.session, index)
            events.append(Event(tag, num_rows, STARTED + num_rows, content, tensor_util.make_tensor_proto(rows)))
        for change in self.changes:
            events = change(events)
        return events


def event_file(events: list[Event]) -> bytes:
    """The bytes of a whole event file."""
    version = event_pb2.Event(wall_time=STARTED, file_version="brain.Event:2").SerializeToString()
    return b"".join(map(framed, [version, *(event.serialized() for event in events)]))
