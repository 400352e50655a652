"""What the fuzzers have found in event files, each a trace that once took all others with it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from tensorboard.compat.proto import tensor_pb2, types_pb2

from tb_lrfinder.storage import schema
from tests.fuzz.drafts import Draft, Event, event_file

_FIELDS = {"kind": '"range_test"', "started": "1.7e9", "status": '"running"'}
_COLUMNS = ("step", "learning_rate", "loss")
_ROWS = np.column_stack([np.arange(20.0), np.geomspace(1e-6, 1.0, 20), np.ones(20)])


def _events(rows: np.ndarray = _ROWS, **fields: str) -> list[Event]:
    return Draft("20261120-000000-abcdef", {**_FIELDS, **fields}, json.dumps(_COLUMNS), [rows]).events()


def _with(**changes: object) -> list[Event]:
    """A trace whose segment is changed."""
    header, segment = _events()
    return [header, replace(segment, **changes)]


_FOUND = {
    "deep_header": _events(driver="[" * 20_000 + "]" * 20_000),
    "deep_metadata": _with(content=b'{"a":' * 20_000),
    "long_index": _with(tag=f"{schema.PLUGIN_NAME}/s/rows/{'9' * 5_000}"),
    "foreign_digit": _with(tag=f"{schema.PLUGIN_NAME}/s/rows/٣"),
    "half_a_process": _events(process='{"host": "here", "pid": 1.5}'),
    "more_than_can_be_counted": _events(num_steps=str(2**63 - 1)),
    "negative_steps": _events(trials='[{"learning_rate": 0.1, "steps": -3, "loss": 1.0, "finished": true}]'),
    "negative_event_step": _with(step=-13),
    "far_step": _events(rows=np.vstack([_ROWS, [2.0**63, 1.0, 1.0]]), kind='"plan"'),
    "one_rate": _events(rows=np.column_stack([np.arange(90.0), np.full(90, 0.23509384145773038), np.ones(90)])),
    "rows_as_header": _with(tag=schema.header_tag("20261120-000000-abcdef")),
    "short_tensor": _with(tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_DOUBLE, tensor_content=b"123")),
    "texts_as_bytes": _with(tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_content=b"12345678")),
    "tensor_of_handles": _with(tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_RESOURCE)),
    "tensor_of_nothing": _with(tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_INVALID)),
}
FOUND = {f"found/{name}/events.out.tfevents.0": event_file(events) for name, events in _FOUND.items()}
