"""Events that carry the plugin's name and cannot be read as a trace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2
from tensorboard.util import tensor_util

from tb_lrfinder.storage import schema
from tb_lrfinder.storage.records import framed
from tests.support.traces import open_trace

# Metadata and header of a trace in which nothing is wrong, and the tag of its header and of its first segment.
METADATA = b'{"schema_version": 1, "columns": ["step", "learning_rate", "loss"]}'
HEADER = {"kind": "range_test", "started": 1.7e9, "status": "finished", "stop_text": "The sweep ended."}
HEADER_TAG, ROWS_TAG = schema.header_tag("s-1"), schema.rows_tag("s-1", 0)


def event(
    tag: str, tensor: Any, content: bytes = METADATA, *, step: int = 1, wall_time: float = 1.7e9
) -> event_pb2.Event:
    """An event with our plugin's name; `tensor` is an array, the bytes of a text, or the message of a tensor itself."""
    if isinstance(tensor, bytes):
        tensor = np.array(tensor, dtype=object)
    if not isinstance(tensor, tensor_pb2.TensorProto):
        tensor = tensor_util.make_tensor_proto(tensor)
    value = summary_pb2.Summary.Value(
        tag=tag,
        metadata=summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=schema.PLUGIN_NAME, content=content),
            data_class=summary_pb2.DATA_CLASS_TENSOR,
        ),
        tensor=tensor,
    )
    return event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=[value]))


def header_event(**fields: Any) -> event_pb2.Event:
    """The header with some of its fields changed."""
    return event(HEADER_TAG, json.dumps({**HEADER, **fields}).encode())


def rows_event(rows: Any, index: int = 0, *, end: int | None = None, columns: Sequence[str] = ()) -> event_pb2.Event:
    """A segment; `end` is the step of its event, by default the number of rows."""
    rows = np.asarray(rows, np.float64)
    content = json.dumps({"schema_version": 1, "columns": list(columns)}).encode() if columns else METADATA
    return event(schema.rows_tag("s-1", index), rows, content, step=len(rows) if end is None else end)


def write_events(log_dir: Path, *events: event_pb2.Event) -> None:
    """Adds events to the event file of a run, as they are."""
    log_dir.mkdir(parents=True, exist_ok=True)
    path = log_dir / "events.out.tfevents.1700000000.damage"
    version = [] if path.exists() else [event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2")]
    with path.open("ab") as file:
        file.writelines(framed(one.SerializeToString()) for one in [*version, *events])


def write_damaged_traces(log_dir: Path) -> None:
    """A run of each kind of damage, called by what is wrong."""
    write_events(log_dir / "foreign", event("somebody/elses", np.zeros(3), b"\x00\xff"))
    write_events(log_dir / "newer", event(HEADER_TAG, b"{}", b'{"schema_version": 99}'))
    write_events(log_dir / "no_header", rows_event(np.zeros((2, 3))))
    write_events(log_dir / "no_json", event(HEADER_TAG, b"not json"))
    broken = open_trace(log_dir / "wrong_shape")
    broken.close()
    write_events(log_dir / "wrong_shape", event(schema.rows_tag(broken.session, 0), np.zeros((2, 5), np.float32)))
