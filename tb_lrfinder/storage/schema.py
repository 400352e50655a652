"""The layout of a trace in an event file: tags, columns, version. Writer and reader share this module and nothing else.

A trace is written under one tag for its header and one tag for every segment of its rows:

    lr_finder/<session>/header            JSON in a string tensor, written again whenever it changes; the last one counts
    lr_finder/<session>/rows/<index>      float64 tensor [rows, columns]; of the last segment, written again with more rows

TensorBoard keeps only a sample of the events of a tag, but keeps every tag, and always the last event of each. So a segment
has a tag of its own, and its last event counts. The step of a segment's event is the number of rows written up to its end,
so the tags alone tell how many rows there are and whether one is missing.

Rows go out within half a second. The last segment takes them in until it holds 2 % of all rows or was written 16 times; then
it is complete, and the next one begins. So a slow loop makes no tag of each row, and a row lies in the file 8.5 times on
average at most. Who reads the list of tags and then the rows may find more rows in the last segment than were listed.

The metadata hold what never changes, because TensorBoard reads those of a tag's first event only: the schema version for
every tag, the names of the columns for the segments (they are known with the first row).
"""

from __future__ import annotations

import functools
import json
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from tb_lrfinder.choices import EndStatus, Mode, Spacing
from tb_lrfinder.columns import LOSS, RANGE_TEST, REQUIRED_COLUMNS, Table
from tb_lrfinder.curves.suggestion import MethodName
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.storage.errors import SchemaError, UnsupportedVersionError
from tb_lrfinder.storage.field_types import (
    Count,
    Loss,
    Rate,
    Rule,
    Size,
    Text,
    Time,
    Word,
    at_most,
    check,
    check_value,
    decode,
    fits,
    shown,
)
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.process import Process
from tb_lrfinder.storage.settings import Settings, Tags

PLUGIN_NAME = "lr_finder"
SCHEMA_VERSION = 1
# A newer version may know more of these words, without which a trace can be read as well.
_OPTIONAL_WORDS = {"spacing": Spacing, "method": MethodName}
# Fields that are settings, too.
_SETTINGS = ("optimizer", "batch_size", "model", "parameters", "precision")
# Size of the caches for metadata: thousands of tags share a few contents.
_CONTENTS = 256
_TAG = re.compile(rf"{PLUGIN_NAME}/(?P<session>[0-9A-Za-z-]{{1,64}})/(?:header|rows/(?P<index>[0-9]{{5,8}}))")

# The limits of a trace. The header is read again whenever it changes: all its texts at their full length and all trials
# take less than this.
MAX_HEADER_BYTES = 512 * 2**10
# Short trainings; `confirm` makes five or so.
MAX_TRIALS = 1_000
# The metadata are sent with every tag of every list: a thousand names of usual length take a quarter of this.
MAX_METADATA_BYTES = 64 * 2**10
# Metrics of a step; names are those of Keras, which puts the name of an output before that of a metric.
MAX_COLUMNS, MAX_COLUMN_NAME = 1_000, 200
# Rows of a trace: 2.4 GB, ten times the cache. A recorder keeps some ten thousand of any training.
MAX_ROWS = 100_000_000

ColumnName = Annotated[
    str,
    Rule(
        f"of 1 to {MAX_COLUMN_NAME} printable characters",
        lambda value: 1 <= len(value) <= MAX_COLUMN_NAME and value.isprintable(),
    ),
]
_TRIAL = Rule(
    "with a positive, finite learning rate, steps from 0, and a loss that is finite or +∞",
    lambda trial: fits(trial.learning_rate, Rate) and fits(trial.steps, Count) and fits(trial.loss, Loss),
)
_PROBE = Rule(
    "with the id of a training, steps and probes left out from 0, and a learning rate, an epoch and seconds that are finite "
    "and not negative",
    lambda probe: (
        fits(probe.training, Word)
        and fits(probe.step, Count)
        and fits(probe.left_out, Count)
        and all(
            one is None or 0 <= one <= sys.float_info.max for one in (probe.learning_rate, probe.epoch, probe.seconds)
        )
    ),
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
        total_steps: Steps of the training that the test was made for, or None when not known.
        repeats: Sweeps that the rows are the mean of.
        process: Process that writes: on the same machine, a reader can tell whether it still runs. None when not known.
        trials: Short trainings that confirm the suggestion, in the order they ran.
        driver: What sets the learning rate of a training or a plan, for people; None when it is not known.
        first_step: Updates that the optimizer had made when a training or a test started: above 0, a training continues an
            earlier one, and the model of a test was trained.
        swept: Whether a training raised the learning rate all along, so that it is a range test too.
        model: Name of the model's class, or None; like `parameters`, which says what a test and a training have in common.
        parameters: Number of its trainable parameters, or None.
        probe: Where in a training a range test was made; None for one that stands alone.
        range_test: Session of the range test that a person says a training belongs to, or None.
        framework: `"keras"`, `"pytorch"` or `"optax"`, whose optimizer it is, or None.
        precision: Of the arithmetic: `"float32"`, `"mixed_bfloat16"`, …, or None.
        hyperparameters: Settings of the optimizer but for the rate, by Keras' names: `momentum`, `weight_decay`, `beta_1`, …
        hparams: Settings of the person's own, by any names.
        note: A sentence or two of the person's own, or None.
        tags: Words of the person's own.
        summarised: Settings that summaries of TensorBoard's HParams tell of the run; never part of the file.
    """

    kind: Word
    started: Time
    status: Literal["running", EndStatus] = "running"
    stop_reason: Text = ""
    stop_text: Text = ""
    num_steps: Count | None = None
    start_lr: Rate | None = None
    end_lr: Rate | None = None
    spacing: Spacing | None = None
    optimizer: Text | None = None
    batch_size: Size | None = None
    monitor: ColumnName = LOSS
    mode: Mode = "min"
    method: MethodName | None = None
    total_steps: Size | None = None
    repeats: Size = 1
    process: Process | None = None
    trials: Annotated[tuple[Annotated[Trial, _TRIAL], ...], at_most(MAX_TRIALS, "trials")] = ()
    driver: Text | None = None
    first_step: Count = 0
    swept: bool = False
    model: Text | None = None
    parameters: Count | None = None
    probe: Annotated[Probe, _PROBE] | None = None
    range_test: Word | None = None
    framework: Word | None = None
    precision: Text | None = None
    hyperparameters: Settings = field(default_factory=dict, hash=False)
    hparams: Settings = field(default_factory=dict, hash=False)
    note: Text | None = None
    tags: Tags = ()
    summarised: Settings = field(default_factory=dict, hash=False)

    @property
    def settings(self) -> dict[str, Any]:
        """All that was set, by name, people's own first. Their words go before what was found, and that before summaries."""
        known = {name: value for name in _SETTINGS if (value := getattr(self, name)) is not None}
        return {**self.hparams, **self.summarised, **known, **self.hyperparameters, **self.hparams}

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
    session, index = match["session"], match["index"]
    if index is None:
        return Tag(session, None)
    # A number has one spelling.
    return Tag(session, int(index)) if rows_tag(session, int(index)) == tag else None


def encode_header(session: str, header: Header) -> summary_pb2.Summary.Value:
    return _value(header_tag(session), np.array(_header_json(header), dtype=object))


def _header_json(header: Header) -> bytes:
    content = asdict(header)
    del content["summarised"]
    for trial in content["trials"]:
        trial["loss"] = trial["loss"] if math.isfinite(trial["loss"]) else None  # JSON knows no infinity
    return json.dumps(content).encode()


def encode_rows(session: str, index: int, rows: Table) -> summary_pb2.Summary.Value:
    return _value(rows_tag(session, index), rows.values, columns=list(rows.columns))


@functools.lru_cache(maxsize=_CONTENTS)
def check_version(plugin_content: bytes) -> None:
    """Checks by the metadata of a tag whether this package can read the trace.

    Raises:
        UnsupportedVersionError: If a newer version of this package wrote it.
        SchemaError: If it is not metadata of a trace, or more than 64 KiB.
    """
    _metadata(plugin_content)


@functools.lru_cache(maxsize=_CONTENTS)
def decode_columns(plugin_content: bytes) -> tuple[str, ...]:
    """Column names out of the metadata of a segment.

    Raises:
        SchemaError: If the metadata cannot be read, or `check_columns` refuses the columns.
    """
    columns = _metadata(plugin_content).get("columns")
    if not isinstance(columns, list):
        raise SchemaError(f"The metadata of this trace must name its columns. Received: columns={shown(columns)}.")
    try:
        check_columns(columns)
    except ValueError as error:
        raise SchemaError(f"The columns of this trace cannot be read: {str(error).rstrip('.')}.") from None
    return tuple(columns)


def check_columns(columns: Sequence[Any]) -> None:
    """Raises `ValueError` unless names of columns are those of a trace.

    There are at most 1,000, `step` and `learning_rate` among them, no two alike, each of 1 to 200 printable characters.
    """
    if len(columns) > MAX_COLUMNS:
        raise ValueError(f"There must be at most {MAX_COLUMNS} columns. Received: {len(columns)}.")
    for index, name in enumerate(columns):
        check_value(name, ColumnName, f"columns[{index}]")
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise ValueError(f"There must be the columns {', '.join(REQUIRED_COLUMNS)}. Received: {shown(list(columns))}.")
    twice = next((name for index, name in enumerate(columns) if name in columns[:index]), None)
    if twice is not None:
        raise ValueError(f"No two columns may have one name. Received: {twice!r} twice.")


def _metadata(plugin_content: bytes) -> dict[str, Any]:
    content = _json_object(plugin_content, "metadata", MAX_METADATA_BYTES)
    version = content.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise SchemaError(
            "The metadata of this trace must have a schema version, a whole number of at least 1. "
            f"Received: schema_version={shown(version)}."
        )
    if version > SCHEMA_VERSION:
        raise UnsupportedVersionError(
            f"This trace has schema version {shown(version)}, newer than {SCHEMA_VERSION}, the newest this tb_lrfinder "
            "reads: update it where TensorBoard runs."
        )
    return content


def decode_header(tensor: NDArray[Any]) -> Header:
    """The header out of its tensor; fields this version does not know are ignored.

    Raises:
        SchemaError: If the tensor holds no header, one of more than 512 KiB, or a field is not what it should be.
    """
    content = _json_object(tensor.item() if tensor.size == 1 else tensor, "header", MAX_HEADER_BYTES)
    content.pop("summarised", None)
    for name, words in _OPTIONAL_WORDS.items():
        content[name] = content[name] if content.get(name) in get_args(words) else None
    trials = content.get("trials")
    if isinstance(trials, list):
        content["trials"] = [_with_loss(trial) for trial in trials]
    try:
        return decode(Header, content)
    except ValueError as error:
        raise SchemaError(f"The header of this trace is incomplete or damaged: {str(error).rstrip('.')}.") from None


def check_header(header: Header) -> None:
    """Raises `ValueError` unless every field holds what a reader accepts."""
    check(header)


def _with_loss(trial: Any) -> Any:
    """The infinite loss of a trial that diverged, for which JSON has no number."""
    return {**trial, "loss": math.inf} if isinstance(trial, dict) and trial.get("loss", 0.0) is None else trial


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


def _json_object(text: Any, what: str, max_bytes: int) -> dict[str, Any]:
    if isinstance(text, (bytes, str)) and len(text) > max_bytes:
        raise SchemaError(f"The {what} of this trace must have at most {max_bytes} bytes. Received: {len(text)} bytes.")
    try:
        content = json.loads(text)
    except (TypeError, ValueError, RecursionError):  # the last one for lists in lists in lists
        content = None
    if not isinstance(content, dict):
        raise SchemaError(f"The {what} of this trace is not a JSON object. Received: {shown(text)}.")
    return content
