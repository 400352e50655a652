"""The values of a trace as a data provider lists and reads them, for tests that stand in for TensorBoard's own."""

from __future__ import annotations

from tensorboard.compat.proto import summary_pb2
from tensorboard.data.provider import TensorDatum, TensorTimeSeries
from tensorboard.util import tensor_util


def series_of(value: summary_pb2.Summary.Value, *, step: int = 1, wall_time: float = 1.0) -> TensorTimeSeries:
    """The series of the value's tag, in a list."""
    content = value.metadata.plugin_data.content
    return TensorTimeSeries(
        max_step=step, max_wall_time=wall_time, plugin_content=content, description="", display_name=""
    )


def data_of(value: summary_pb2.Summary.Value) -> list[TensorDatum]:
    """What is read under the value's tag."""
    return [TensorDatum(step=1, wall_time=1.0, numpy=tensor_util.make_ndarray(value.tensor))]
