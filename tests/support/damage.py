"""Events that carry the plugin's name and cannot be read as a trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

from tb_lrfinder.storage import schema
from tests.support.traces import open_trace


def write_foreign_event(log_dir: Path, tag: str, tensor: np.ndarray, content: bytes) -> None:
    """An event that carries the plugin's name and is not what the plugin writes."""
    value = summary_pb2.Summary.Value(
        tag=tag,
        metadata=summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=schema.PLUGIN_NAME, content=content),
            data_class=summary_pb2.DATA_CLASS_TENSOR,
        ),
        tensor=tensor_util.make_tensor_proto(tensor),
    )
    writer = EventFileWriter(str(log_dir))
    writer.add_event(event_pb2.Event(wall_time=1.0, step=1, summary=summary_pb2.Summary(value=[value])))
    writer.close()


def write_damaged_traces(log_dir: Path) -> None:
    write_foreign_event(log_dir / "foreign", "somebody/elses", np.zeros(3), b"\x00\xff")
    write_foreign_event(
        log_dir / "newer", schema.header_tag("s-1"), np.array(b"{}", dtype=object), b'{"schema_version": 99}'
    )
    write_foreign_event(
        log_dir / "no_header",
        schema.rows_tag("s-2", 0),
        np.zeros((2, 3)),
        b'{"schema_version": 1, "columns": ["step", "learning_rate", "loss"]}',
    )
    write_foreign_event(
        log_dir / "no_json",
        schema.header_tag("s-3"),
        np.array(b"not json", dtype=object),
        b'{"schema_version": 1, "columns": ["step", "learning_rate", "loss"]}',
    )
    broken = open_trace(log_dir / "wrong_shape")
    broken.close()
    write_foreign_event(
        log_dir / "wrong_shape",
        schema.rows_tag(broken.session, 0),
        np.zeros((2, 5), np.float32),
        b'{"schema_version": 1, "columns": ["step", "learning_rate", "loss"]}',
    )
