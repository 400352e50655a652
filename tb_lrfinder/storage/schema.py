"""The layout of a trace in an event file: tags, columns, version. Writer and reader share this module and nothing else.

A trace is written under one tag for its header and one tag for every segment of its rows:

    lr_finder/<session>/header            JSON in a string tensor, written again whenever it changes; the last one counts
    lr_finder/<session>/rows/<index>      float64 tensor [rows, columns], one event

TensorBoard keeps only a sample of the events of a tag, but keeps every tag, and always the last event of each. So a segment
has a tag of its own. The step of a segment's event is the number of rows written up to its end, so the tags alone tell how
many rows there are and whether one is missing.

The metadata hold what never changes, because TensorBoard reads those of a tag's first event only: the schema version for
every tag, the names of the columns for the segments (they are known with the first row).
"""

from __future__ import annotations

import functools
import json
import logging
import math
import re
import traceback
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from tb_lrfinder.choices import EndStatus, Mode, Spacing
from tb_lrfinder.columns import LOSS, RANGE_TEST, REQUIRED_COLUMNS, Table
from tb_lrfinder.curves.suggestion import MethodName
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.storage.field_types import check, decode
from tb_lrfinder.storage.process import Process

PLUGIN_NAME = "lr_finder"
SCHEMA_VERSION = 1
# A newer version may know more of these words, without which a trace can be read as well.
_OPTIONAL_WORDS = {"spacing": Spacing, "method": MethodName}
_LOGGER = logging.getLogger("tb_lrfinder")
# The errors that were logged: kind, and file and line where each was raised. There are no more of them than lines of code.
_LOGGED: set[tuple[str, str, int | None]] = set()
# Characters of a foreign error's message: enough for a sentence.
_MESSAGE_LENGTH = 300
# Size of the caches for metadata: thousands of tags share a few contents.
_CONTENTS = 256
_TAG = re.compile(rf"{PLUGIN_NAME}/(?P<session>[0-9A-Za-z-]+)/(?:header|rows/(?P<index>\d+))")


class SchemaError(ValueError):
    """Events that cannot be read as a trace; the message is a sentence for people."""


class UnsupportedVersionError(SchemaError):
    """Events written by a newer version of this package."""


def unforeseen(error: Exception) -> SchemaError:
    """The words that stand for a trace on which our code failed: one trace must not take down the answer for all.

    The traceback is logged, once for each kind of error and line that raised it.

    Args:
        error: The exception; its traceback is that of the failure.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = (frames[-1].filename, frames[-1].lineno) if frames else ("", None)
    kind = type(error).__name__
    if (kind, *place) not in _LOGGED:
        _LOGGED.add((kind, *place))
        _LOGGER.error("A trace cannot be read. Please report this as a bug of tb_lrfinder.", exc_info=error)
    message = str(error)[:_MESSAGE_LENGTH].rstrip(".")
    return SchemaError(
        f"This trace cannot be read: {kind}: {message}." if message else f"This trace cannot be read: {kind}."
    )


@dataclass(frozen=True, kw_only=True)
class Header:
    """The facts about a trace, which may change while it is written.

    Attributes:
        kind: `"range_test"`, `"training"` or `"plan"`.
        started: Wall time of the start, in seconds since the epoch.
        status: `"running"`, `"finished"` or `"interrupted"`.
        stop_reason: Word for code: `"diverged"`, `"non_finite"`, `"completed"`, …; empty while running.
        stop_text: The same as a sentence for people; while running, what is going on, or empty.
        num_steps: Rows planned, or None when not known.
        start_lr: First learning rate of the sweep, or None.
        end_lr: Last learning rate of the sweep, or None.
        spacing: `"log"`, `"linear"` or None.
        optimizer: Name of the optimizer, or None.
        batch_size: Samples per batch, or None when not known.
        monitor: Name of the column that the suggestion is computed from.
        mode: `"min"` when that column is better the lower it is, `"max"` when higher.
        method: The method of the suggestion that the test's script printed, or None.
        process: Process that writes: on the same machine, a reader can tell whether it still runs. None when not known.
        trials: Short trainings that confirm the suggestion, in the order they ran.
        driver: What sets the learning rate of a training or a plan, for people; None when it is not known.
        first_step: The optimizer's iteration count when a training started; above 0, it continues an earlier one.
        swept: Whether a training raised the learning rate all along, so that it is a range test too.
    """

    kind: str
    started: float
    status: Literal["running", EndStatus] = "running"
    stop_reason: str = ""
    stop_text: str = ""
    num_steps: int | None = None
    start_lr: float | None = None
    end_lr: float | None = None
    spacing: Spacing | None = None
    optimizer: str | None = None
    batch_size: int | None = None
    monitor: str = LOSS
    mode: Mode = "min"
    method: MethodName | None = None
    process: Process | None = None
    trials: tuple[Trial, ...] = ()
    driver: str | None = None
    first_step: int = 0
    swept: bool = False

    @property
    def is_sweep(self) -> bool:
        """Whether loss against learning rate can be drawn."""
        return self.kind == RANGE_TEST or self.swept


@dataclass(frozen=True)
class Tag:
    """A parsed tag: `index` is the number of a segment, None for the header."""

    session: str
    index: int | None


def header_tag(session: str) -> str:
    return f"{PLUGIN_NAME}/{session}/header"


def rows_tag(session: str, index: int) -> str:
    return f"{PLUGIN_NAME}/{session}/rows/{index:05d}"


def parse_tag(tag: str) -> Tag | None:
    """The parts of a tag, or None when it is not one of ours."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    index = match["index"]
    return Tag(match["session"], None if index is None else int(index))


def encode_header(session: str, header: Header) -> summary_pb2.Summary.Value:
    return _value(header_tag(session), np.array(_header_json(header), dtype=object))


def _header_json(header: Header) -> bytes:
    content = asdict(header)
    for trial in content["trials"]:
        trial["loss"] = trial["loss"] if math.isfinite(trial["loss"]) else None  # JSON knows no infinity
    return json.dumps(content).encode()


def encode_rows(session: str, index: int, rows: Table) -> summary_pb2.Summary.Value:
    return _value(rows_tag(session, index), rows.values, columns=list(rows.columns))


@functools.lru_cache(maxsize=_CONTENTS)
def check_version(plugin_content: bytes) -> dict[str, Any]:
    """The metadata of a tag, if this package can read the trace.

    Raises:
        UnsupportedVersionError: If a newer version of this package wrote it.
        SchemaError: If it is not metadata of a trace.
    """
    content = _json_object(plugin_content, "metadata")
    version = content.get("schema_version")
    if not isinstance(version, int):
        raise SchemaError(f"The metadata of this trace has no schema version. Received: {plugin_content[:80]!r}.")
    if version > SCHEMA_VERSION:
        raise UnsupportedVersionError(
            f"This trace has schema version {version}, newer than {SCHEMA_VERSION}, the newest this tb_lrfinder reads: "
            "update it where TensorBoard runs."
        )
    return content


@functools.lru_cache(maxsize=_CONTENTS)
def decode_columns(plugin_content: bytes) -> tuple[str, ...]:
    """Column names out of the metadata of a segment.

    Raises:
        SchemaError: If the metadata cannot be read, names no columns, not the required ones, or one of them twice.
    """
    columns = check_version(plugin_content).get("columns")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise SchemaError(f"The metadata of this trace names no columns. Received: {plugin_content[:80]!r}.")
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise SchemaError(f"This trace lacks the columns {', '.join(missing)}.")
    if len(set(columns)) < len(columns):
        raise SchemaError(f"Two columns of this trace have one name: {', '.join(columns)}.")
    return tuple(columns)


def decode_header(tensor: NDArray[Any]) -> Header:
    """The header out of its tensor; fields this version does not know are ignored.

    Raises:
        SchemaError: If the tensor holds no header.
    """
    content = _json_object(tensor.item() if tensor.size == 1 else b"", "header")
    try:
        content["trials"] = tuple(map(_decode_trial, content.get("trials", ())))
        content["process"] = decode(Process, content["process"]) if content.get("process") else None
        for name, words in _OPTIONAL_WORDS.items():
            content[name] = content[name] if content.get(name) in get_args(words) else None
        header = decode(Header, content)
        check_header(header)
        return header
    except (TypeError, ValueError) as error:
        raise SchemaError(f"The header of this trace is incomplete or damaged: {str(error).rstrip('.')}.") from None


def check_header(header: Header) -> None:
    """Raises `ValueError` unless every field holds what it should."""
    check(header)
    if not math.isfinite(header.started):
        raise ValueError(f"`started` must be finite. Received: started={header.started}.")


def _decode_trial(content: Any) -> Trial:
    diverged = isinstance(content, dict) and content.get("loss", 0.0) is None
    return decode(Trial, {**content, "loss": math.inf} if diverged else content)


def _value(tag: str, tensor: NDArray[Any], **constants: Any) -> summary_pb2.Summary.Value:
    content = json.dumps({"schema_version": SCHEMA_VERSION, **constants}).encode()
    return summary_pb2.Summary.Value(
        tag=tag,
        metadata=summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=content),
            data_class=summary_pb2.DATA_CLASS_TENSOR,
        ),
        tensor=tensor_util.make_tensor_proto(tensor),
    )


def _json_object(text: Any, what: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (TypeError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise SchemaError(f"The {what} of this trace is not a JSON object. Received: {repr(text)[:80]}.")
    return content
