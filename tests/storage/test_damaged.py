"""What a log directory may hold: one damaged trace says in words what is wrong with it, and leaves the others standing."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2, tensor_pb2
from tensorboard.context import RequestContext

from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema, trace
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.field_types import TEXT_LENGTH
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.row_rules import check_rows
from tb_lrfinder.storage.trace import Trace
from tb_lrfinder.storage.writer import TraceWriter
from tests.support.damage import HEADER, HEADER_TAG, METADATA, ROWS_TAG, event, header_event, rows_event, write_events
from tests.support.loaders import own_loader
from tests.support.recorded import reader_of
from tests.support.traces import synthetic_curve, write_trace

GOOD_ROWS = [[0, 0.1, 2.0], [1, 0.2, 1.0], [2, 0.3, 3.0]]
DEEP = b"[" * 100_000


def our_reader_of(log_dir: Path) -> TraceReader:
    """A reader of a directory without TensorBoard's loader."""
    return TraceReader(own_loader(log_dir), RequestContext(), experiment_id="")


Reader = Callable[[Path], TraceReader]


@pytest.fixture(params=[reader_of, our_reader_of], ids=["tensorboards loader", "log directory"])
def reader_for(request) -> Reader:
    return request.param


def beside_a_good_one(tmp_path: Path, reader_for: Reader, *events: event_pb2.Event) -> tuple[Trace, str]:
    """The trace that the events make, and the error of its rows or nothing; that of a good one beside it is none."""
    write_events(tmp_path / "bad", *events)
    write_trace(tmp_path / "good", synthetic_curve(30))
    reader = reader_for(tmp_path)
    bad, good = reader.traces()
    rows = reader.rows([bad, good])
    table = rows[good.id]
    assert (good.status, good.num_rows) == ("finished", 30)
    assert isinstance(table, Table)
    assert len(table) == 30
    assert math.isfinite(bad.updated)
    error = rows[bad.id]
    return bad, str(error) if isinstance(error, SchemaError) else ""


TRIAL = {"learning_rate": 0.1, "steps": 12, "loss": 1.0, "finished": True}
PROBE = {"training": "20261122-101500-3f9a1c", "step": 100, "learning_rate": 0.0}
# What each field refuses, as JSON.
REFUSED = {
    "kind": ('""', "1", '"a b"'),
    "started": ('"now"', "NaN", "1e400", "-1", "1e15", "true", "1" + "0" * 400),
    "status": ('"x"', "[[]]"),
    "stop_reason": ("null",),
    "stop_text": ("5", json.dumps("x" * 1001)),
    "num_steps": ("-1", "100.5", "30.0", '"100"', "NaN", "true", str(2**53 + 1)),
    "start_lr": ('"x"', "0", "NaN", "1" + "0" * 400),
    "end_lr": ("Infinity", "-1e-3"),
    "optimizer": ("5", json.dumps("x" * 1001), '"\\ud800"', '"\\u0000"', '"\\u001b[2J"'),
    "batch_size": ("0", '"32"'),
    "monitor": ("5", "null", '""', '"a\\nb"', json.dumps("x" * 201)),
    "mode": ('"auto"',),
    "driver": ("5", '"\\ud800"'),
    "first_step": ("-1", "null"),
    "swept": ("1",),
    "process": ('"mine"', "false"),
    "model": ("5", json.dumps("x" * 1001)),
    "parameters": ("-1", "1.5"),
    "probe": ("1", "[]", '"abc"'),
    "range_test": ('""', "5", '"a b"'),
    "trials": ("1", '"abc"', "{}", json.dumps([TRIAL] * 1001)),
}
INSIDE = [
    ("process", '{"host": "here", "pid": 1.5}', "process.pid"),
    ("process", '{"host": "here", "pid": -1}', "process.pid"),
    ("process", '{"host": 5, "pid": 1}', "process.host"),
    ("process", '{"pid": 1}', "process.host"),
    ("process", '{"host": "here", "pid": 1, "started": NaN}', "process.started"),
    ("probe", "{}", "probe.training"),
    ("probe", json.dumps({**PROBE, "step": 1.5}), "probe.step"),
    ("probe", json.dumps({**PROBE, "left_out": None}), "probe.left_out"),
    *(
        ("probe", json.dumps({**PROBE, name: value}), "probe")
        for name, value in (
            ("training", "a b"),
            ("step", -1),
            ("learning_rate", -0.1),
            ("learning_rate", math.inf),
            ("epoch", -1.0),
            ("seconds", math.nan),
            ("left_out", -1),
        )
    ),
    ("trials", "[1]", "trials[0]"),
    ("trials", "[{}]", "trials[0].learning_rate"),
    ("trials", json.dumps([TRIAL, {**TRIAL, "loss": "x"}]), "trials[1].loss"),
    ("trials", json.dumps([{**TRIAL, "finished": None}]), "trials[0].finished"),
    ("trials", json.dumps([{**TRIAL, "loss": math.nan}]), "trials[0]"),
    ("trials", json.dumps([{**TRIAL, "loss": 10**400}]), "trials[0]"),
    ("trials", json.dumps([{**TRIAL, "learning_rate": 0}]), "trials[0]"),
    ("trials", json.dumps([{**TRIAL, "steps": -1}]), "trials[0]"),
]
FIELDS = [*((field, value, field) for field, values in REFUSED.items() for value in values), *INSIDE]


@pytest.mark.parametrize(("field", "value", "named"), FIELDS, ids=lambda text: text[:30])
def test_a_field_of_a_header_is_named_with_what_was_received(tmp_path, reader_for, field, value, named):
    content = json.dumps({name: known for name, known in HEADER.items() if name != field})
    damaged = f'{content[:-1]}, "{field}": {value}}}'.encode()
    bad, error = beside_a_good_one(tmp_path, reader_for, event(HEADER_TAG, damaged), rows_event(GOOD_ROWS))
    assert bad.status == "damaged"
    assert bad.status_text.startswith(f"The header of this trace is incomplete or damaged: `{named}` ")
    assert ". Received: " in bad.status_text
    assert len(bad.status_text) < 500
    bad.status_text.encode()
    assert error == bad.status_text


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (b"", "The header of this trace is not a JSON object. Received: b''."),
        (b"[]", "The header of this trace is not a JSON object. Received: b'[]'."),
        (b"{", "The header of this trace is not a JSON object. Received: b'{'."),
        (b'{"kind": "\xff"}', "The header of this trace is not a JSON object. Received: "),
        (DEEP, "The header of this trace is not a JSON object. Received: b'[["),
        (b'{"kind": ' + DEEP, "The header of this trace is not a JSON object. Received: b'{"),
        (b'{"num_steps": ' + b"1" * 10_000 + b"}", "The header of this trace is not a JSON object. Received: b'{"),
        (b" " * 2**19 + b"{}", "The header of this trace must have at most 524288 bytes. Received: 524290 bytes."),
        (b"{}", "The header of this trace is incomplete or damaged: `kind` is missing. Received: {"),
        (np.zeros(3), "The header of this trace is not a JSON object. Received: array([0., 0., 0.])."),
        (np.zeros(0), "The header of this trace is not a JSON object. Received: array([], dtype=float64)."),
        (np.array(5.0), "The header of this trace is not a JSON object. Received: 5.0."),
        (
            np.array([b"{}", b"{}"], object),
            "The header of this trace is not a JSON object. Received: array([b'{}', b'{}",
        ),
    ],
    ids=range(13),
)
def test_a_header_that_is_no_object_says_what_it_is(tmp_path, reader_for, tensor, words):
    bad, _ = beside_a_good_one(tmp_path, reader_for, event(HEADER_TAG, tensor))
    assert bad.status == "damaged"
    assert bad.status_text.startswith(words)
    assert len(bad.status_text) < 500


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The metadata of this trace is not a JSON object. Received: b''."),
        (b"\x00\xff", "The metadata of this trace is not a JSON object. Received: "),
        (b"[" * 60_000, "The metadata of this trace is not a JSON object. Received: b'[["),
        (b" " * 2**16 + METADATA, "The metadata of this trace must have at most 65536 bytes. Received: "),
        (b"{}", "The metadata of this trace must have a schema version, a whole number of at least 1. Received: "),
        (b'{"schema_version": true}', "The metadata of this trace must have a schema version, a whole number of at "),
        (b'{"schema_version": 0}', "The metadata of this trace must have a schema version, a whole number of at least"),
        (b'{"schema_version": 1.0}', "The metadata of this trace must have a schema version, a whole number of at "),
        (
            b'{"schema_version": 99}',
            "This trace has schema version 99, newer than 1, the newest this tb_lrfinder reads",
        ),
        (b'{"schema_version": 9' + b"9" * 4000 + b"}", f"This trace has schema version {'9' * 80}, newer than 1"),
        (b'{"schema_version": 9' + b"9" * 9000 + b"}", "The metadata of this trace is not a JSON object. Received: "),
    ],
    ids=range(11),
)
def test_metadata_that_cannot_be_read_say_why(tmp_path, reader_for, content, words):
    header = event(HEADER_TAG, json.dumps(HEADER).encode(), content)
    bad, _ = beside_a_good_one(tmp_path, reader_for, header, rows_event(GOOD_ROWS))
    assert bad.status == ("unsupported" if "newer" in words else "damaged")
    assert bad.status_text.startswith(words)
    assert len(bad.status_text) < 500


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (None, "The metadata of this trace must name its columns. Received: columns=None."),
        ("abc", "The metadata of this trace must name its columns. Received: columns='abc'."),
        ({"step": 1}, "The metadata of this trace must name its columns. Received: columns={'step': 1}."),
        ([1, 2, 3], "The columns of this trace cannot be read: `columns[0]` must be text. Received: columns[0]=1."),
        (["step", "learning_rate", ""], "The columns of this trace cannot be read: `columns[2]` must be text of 1 to "),
        (["step", "learning_rate", "x" * 201], "The columns of this trace cannot be read: `columns[2]` must be text"),
        (["step", "learning_rate", "\ud800"], "The columns of this trace cannot be read: `columns[2]` must be text"),
        (["step", "learning_rate", "\x1b[0m"], "The columns of this trace cannot be read: `columns[2]` must be text"),
        (
            ["loss"] * 1001,
            "The columns of this trace cannot be read: There must be at most 1000 columns. Received: 1001.",
        ),
        (
            ["loss"],
            "The columns of this trace cannot be read: There must be the columns step, learning_rate. Received: ",
        ),
        (
            ["step", "learning_rate", "step"],
            "The columns of this trace cannot be read: No two columns may have one name. Received: 'step' twice.",
        ),
    ],
    ids=range(11),
)
def test_columns_that_are_none_say_why(tmp_path, reader_for, columns, words):
    content = json.dumps({"schema_version": 1, "columns": columns}).encode()
    rows = event(ROWS_TAG, np.array(GOOD_ROWS), content, step=3)
    bad, _ = beside_a_good_one(tmp_path, reader_for, header_event(), rows)
    assert bad.status == "damaged"
    assert bad.status_text.startswith(words)


def test_all_segments_have_the_columns_of_the_first(tmp_path, reader_for):
    other = rows_event(np.array(GOOD_ROWS) + 3, 1, end=6, columns=["learning_rate", "step", "loss"])
    bad, _ = beside_a_good_one(tmp_path, reader_for, header_event(), rows_event(GOOD_ROWS), other)
    assert bad.status_text == (
        "All segments of this trace must have the columns of the first one, 'step, learning_rate, loss'. "
        "Received: 'learning_rate, step, loss'."
    )


@pytest.mark.parametrize(
    "tag",
    [
        "lr_finder/s-1/rows/" + "0" * 5_000,
        "lr_finder/s-1/rows/" + "1" * 5_000,
        "lr_finder/s-1/rows/\u0660\u0660\u0660\u0660\u0660",
        "lr_finder/s-1/rows/0",
        "lr_finder/s-1/rows/000000",
        "lr_finder/s-1/notes",
        "lr_finder/" + "s" * 5_000 + "/header",
        "lr_finder/../header",
        "lr_finder/s-1/header\n",
        "somebody/elses",
        "",
    ],
    ids=range(11),
)
def test_a_foreign_tag_hides_no_good_session_of_its_run(tmp_path, reader_for, tag):
    write_events(tmp_path / "run", event(tag, np.zeros(3)), header_event(), rows_event(GOOD_ROWS))
    reader = reader_for(tmp_path)
    traces = {one.session: one for one in reader.traces()}
    assert traces.keys() == {"s-1", "unknown_tags"}
    assert traces["s-1"].status == "finished"
    assert isinstance(reader.rows(traces.values())[traces["s-1"].id], Table)
    foreign = traces["unknown_tags"]
    assert foreign.status == "damaged"
    assert foreign.status_text.endswith(" is not one that tb_lrfinder writes.")
    assert len(foreign.status_text) < 500


def test_a_session_may_have_any_name_of_ours_beside_foreign_tags(tmp_path, reader_for):
    named = event(schema.header_tag("unknown"), json.dumps(HEADER).encode())
    write_events(tmp_path / "run", event("somebody/elses", np.zeros(3)), named)
    assert sorted(one.status for one in reader_for(tmp_path).traces()) == ["damaged", "finished"]


def test_a_header_alone_is_a_trace_without_rows(tmp_path, reader_for):
    found, error = beside_a_good_one(tmp_path, reader_for, header_event())
    assert (found.status, found.num_rows, error) == ("finished", 0, "")


@pytest.mark.parametrize(("indices", "missing"), [([7], 0), ([0, 1, 3], 2), ([1], 0)])
def test_a_segment_that_is_missing_is_named(tmp_path, reader_for, indices, missing):
    segments = [rows_event(np.array(GOOD_ROWS) + 3 * i, i, end=3 * i + 3) for i in indices]
    bad, _ = beside_a_good_one(tmp_path, reader_for, header_event(), *segments)
    assert bad.status == "damaged"
    assert bad.status_text == (
        f"Segment {missing} of this trace is missing, a part of its event file was lost. "
        f"Received: '{schema.rows_tag('s-1', indices[-1])}'."
    )


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([-13], "Segment 0 of this trace must end beyond row 0, and before row 100000000. Received: step=-13."),
        ([0], "Segment 0 of this trace must end beyond row 0, and before row 100000000. Received: step=0."),
        (
            [10**18],
            f"Segment 0 of this trace must end beyond row 0, and before row 100000000. Received: step={10**18}.",
        ),
        ([3, 3], "Segment 1 of this trace must end beyond row 3, and before row 100000000. Received: step=3."),
        ([6, 3], "Segment 1 of this trace must end beyond row 6, and before row 100000000. Received: step=3."),
    ],
)
def test_the_steps_of_segments_count_their_rows(tmp_path, reader_for, ends, words):
    segments = [rows_event(GOOD_ROWS, index, end=end) for index, end in enumerate(ends)]
    bad, _ = beside_a_good_one(tmp_path, reader_for, header_event(), *segments)
    assert (bad.status, bad.status_text, bad.num_rows) == ("damaged", words, 0)


@pytest.mark.parametrize("end", [4, 5_000_000])
def test_a_trace_with_fewer_rows_than_its_tags_say_is_incomplete(tmp_path, reader_for, end):
    _, error = beside_a_good_one(tmp_path, reader_for, header_event(), rows_event(GOOD_ROWS, end=end))
    assert error == f"This trace is incomplete: it should have {end} rows, 3 can be read."


@pytest.mark.parametrize(
    ("tensor", "received"),
    [
        (np.zeros((3, 3), np.float32), "float32 [3, 3]"),
        (np.zeros((3, 3), np.int64), "int64 [3, 3]"),
        (np.zeros((3, 3), np.complex128), "complex128 [3, 3]"),
        (np.zeros(9), "float64 [9]"),
        (np.zeros((3, 4)), "float64 [3, 4]"),
        (np.zeros((3, 3, 1)), "float64 [3, 3, 1]"),
        (np.array(1.0), "float64 []"),
        (np.array([[b"a", b"b", b"c"]] * 3, object), "object [3, 3]"),
        (b"text", "object []"),
    ],
    ids=range(9),
)
def test_a_segment_of_another_kind_says_what_it_is(tmp_path, reader_for, tensor, received):
    _, error = beside_a_good_one(tmp_path, reader_for, header_event(), event(ROWS_TAG, tensor, step=3))
    assert error == f"A segment of this trace is damaged: expected float64 [rows, 3], received {received}."


def changed(row: int, column: int, value: float) -> list[list[float]]:
    rows = np.array(GOOD_ROWS)
    rows[row, column] = value
    return rows.tolist()


INFINITY, NAN = math.inf, math.nan
TEST_RULES = [
    (changed(1, 0, NAN), 1, "`step` must be a whole number from 0 to 9007199254740992. Received: step=nan."),
    (changed(1, 0, INFINITY), 1, "`step` must be a whole number from 0 to 9007199254740992. Received: step=inf."),
    (changed(0, 0, -INFINITY), 0, "`step` must be a whole number from 0 to 9007199254740992. Received: step=-inf."),
    (changed(2, 0, 1.5), 2, "`step` must be a whole number from 0 to 9007199254740992. Received: step=1.5."),
    (changed(0, 0, -1.0), 0, "`step` must be a whole number from 0 to 9007199254740992. Received: step=-1.0."),
    (changed(2, 0, 1e300), 2, "`step` must be a whole number from 0 to 9007199254740992. Received: step=1e+300."),
    (changed(1, 0, 0.0), 1, "`step` must be above that of the row before. Received: step=0.0."),
    (changed(1, 0, 2.0), 2, "`step` must be above that of the row before. Received: step=2.0."),
    (changed(0, 1, 0.0), 0, "`learning_rate` must be positive and finite. Received: learning_rate=0.0."),
    (changed(1, 1, -0.2), 1, "`learning_rate` must be positive and finite. Received: learning_rate=-0.2."),
    (changed(2, 1, NAN), 2, "`learning_rate` must be positive and finite. Received: learning_rate=nan."),
    (changed(2, 1, INFINITY), 2, "`learning_rate` must be positive and finite. Received: learning_rate=inf."),
    (changed(2, 1, 0.15), 2, "`learning_rate` must be not below that of the row before. Received: learning_rate=0.15."),
]


@pytest.mark.parametrize(("rows", "row", "words"), TEST_RULES, ids=range(len(TEST_RULES)))
def test_a_row_of_a_range_test_is_named_with_what_was_received(tmp_path, reader_for, rows, row, words):
    _, error = beside_a_good_one(tmp_path, reader_for, header_event(), rows_event(rows))
    assert error == f"Row {row} of this trace is damaged: {words}"


@pytest.mark.parametrize("row", [0, 65_535, 65_536, 65_537, 131_072, 199_999])
@pytest.mark.parametrize("column", ["step", "learning_rate"])
def test_every_row_of_a_long_trace_is_looked_at_and_compared_with_the_one_before(row, column):
    steps = np.arange(200_000.0)
    columns = {"step": steps, "learning_rate": steps + 1.0}
    check_rows("range_test", Table.of(columns))
    columns[column][row] = -1.0 if row == 0 else columns[column][row - 1] - 0.5 * (column == "learning_rate")
    with pytest.raises(SchemaError, match=f"^Row {row} of this trace is damaged: `{column}` must be "):
        check_rows("range_test", Table.of(columns))


TRAINING_COLUMNS = ["step", "learning_rate", "loss", "epoch", "wall_time"]
TRAINING_ROWS = [[0, 0.1, 2.0, 0.5, 1.7e9], [1, 0.0, NAN, 1.0, 1.7e9], [2, -1e-9, INFINITY, 1.5, 1.7e9]]


def changed_training(row: int, name: str, value: float) -> list[list[float]]:
    rows = np.array(TRAINING_ROWS)
    rows[row, TRAINING_COLUMNS.index(name)] = value
    return rows.tolist()


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("step", NAN, "a whole number from 0 to 9007199254740992"),
        ("learning_rate", NAN, "finite"),
        ("learning_rate", INFINITY, "finite"),
        ("epoch", NAN, "finite"),
        ("epoch", -INFINITY, "finite"),
        ("wall_time", NAN, "finite"),
    ],
)
@pytest.mark.parametrize("kind", ["training", "plan", "unheard_of"])
def test_a_row_of_a_schedule_is_named_with_what_was_received(tmp_path, reader_for, kind, column, value, rule):
    rows = rows_event(changed_training(1, column, value), columns=TRAINING_COLUMNS)
    _, error = beside_a_good_one(tmp_path, reader_for, header_event(kind=kind), rows)
    if column == "wall_time" and kind != "training":
        assert error == ""
    else:
        assert error == f"Row 1 of this trace is damaged: `{column}` must be {rule}. Received: {column}={value}."


@pytest.mark.parametrize("kind", ["training", "plan", "unheard_of"])
def test_rates_of_a_schedule_may_be_zero_and_losses_anything(tmp_path, reader_for, kind):
    rows = rows_event(TRAINING_ROWS, columns=TRAINING_COLUMNS)
    found, error = beside_a_good_one(tmp_path, reader_for, header_event(kind=kind), rows)
    assert (found.status, found.num_rows, error) == ("finished", 3, "")


def test_losses_of_a_range_test_may_be_anything(tmp_path, reader_for):
    rows = np.array(GOOD_ROWS)
    rows[:, 2] = NAN, INFINITY, -INFINITY
    found, error = beside_a_good_one(tmp_path, reader_for, header_event(), rows_event(rows))
    assert (found.status, error) == ("finished", "")


def test_steps_of_a_training_may_fall_and_those_of_a_plan_not(tmp_path, reader_for):
    rows = rows_event(changed_training(2, "step", 1.0), columns=TRAINING_COLUMNS)
    _, error = beside_a_good_one(tmp_path, reader_for, header_event(kind="training"), rows)
    assert error == ""
    other = tmp_path / "other"
    _, error = beside_a_good_one(other, reader_for, header_event(kind="plan"), rows)
    assert error == "Row 2 of this trace is damaged: `step` must be above that of the row before. Received: step=1.0."


def damaged_tensor(
    dtype: int, shape: list[int], content: bytes = b"", values: tuple[float, ...] = ()
) -> event_pb2.Event:
    dims = [{"size": size} for size in shape]
    tensor = tensor_pb2.TensorProto(dtype=dtype, tensor_shape={"dim": dims}, tensor_content=content, double_val=values)  # pyright: ignore[reportArgumentType]
    return event(ROWS_TAG, tensor, step=3)


FLOAT64 = 2


@pytest.mark.parametrize(
    "rows",
    [
        damaged_tensor(0, [3, 3]),
        damaged_tensor(99, [3, 3], b"x" * 72),
        damaged_tensor(20, [3, 3], b"x" * 72),
        damaged_tensor(FLOAT64, [3, 3], b"x" * 71),
        damaged_tensor(FLOAT64, [3, 4], b"x" * 72),
        damaged_tensor(FLOAT64, [-3, -3], b"x" * 72),
        damaged_tensor(FLOAT64, [2**62, 2**62], b"x" * 72),
        damaged_tensor(FLOAT64, [2**40, 3], values=(1.0,)),
        damaged_tensor(FLOAT64, [3, 3], values=(1.0, 2.0)),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("damaged", ["rows", "header"])
def test_a_tensor_that_cannot_be_decoded_is_damage_to_the_command_line(tmp_path, rows, damaged):
    if damaged == "rows":
        _, error = beside_a_good_one(tmp_path, our_reader_of, header_event(), rows)
        assert error == "A segment of this trace is damaged: expected float64 [rows, 3], received object []."
    else:
        rows.summary.value[0].tag = HEADER_TAG
        bad, _ = beside_a_good_one(tmp_path, our_reader_of, rows)
        assert bad.status_text.startswith("The header of this trace is not a JSON object. Received: 'a damaged tensor")


@pytest.mark.parametrize("wall_time", [NAN, INFINITY, -INFINITY, -5.0, 1e300])
def test_a_clock_that_is_wrong_hides_no_trace(tmp_path, reader_for, wall_time):
    header = event(HEADER_TAG, json.dumps(HEADER).encode(), wall_time=wall_time)
    rows = event(ROWS_TAG, np.array(GOOD_ROWS), step=3, wall_time=wall_time)
    found, error = beside_a_good_one(tmp_path, reader_for, header, rows)
    assert (found.status, found.updated, error) == ("finished", 0.0, "")


def test_a_running_trace_with_a_wrong_clock_is_interrupted(tmp_path, reader_for):
    header = event(HEADER_TAG, json.dumps({**HEADER, "status": "running"}).encode(), wall_time=NAN)
    found, _ = beside_a_good_one(tmp_path, reader_for, header)
    assert found.status == "interrupted"


def test_of_rows_that_grew_since_they_were_listed_the_listed_ones_are_taken(tmp_path, reader_for):
    grown = [*GOOD_ROWS, [3, 0.4, 9.0], [4, 0.5, 9.0]]
    write_events(tmp_path, header_event(), rows_event(GOOD_ROWS))
    (listed,) = reader_for(tmp_path).traces()
    write_events(tmp_path, rows_event(grown))
    reader = reader_for(tmp_path)
    rows = reader.rows([listed])[listed.id]
    assert isinstance(rows, Table)
    assert rows.values.tolist() == GOOD_ROWS
    (now,) = reader.traces()
    rows = reader.rows([now])[now.id]
    assert isinstance(rows, Table)
    assert (now.num_rows, rows.values.tolist()) == (5, grown)


def test_a_segment_that_shrank_is_incomplete_or_short_and_no_failure(tmp_path, reader_for):
    _, error = beside_a_good_one(tmp_path, reader_for, header_event(), rows_event(GOOD_ROWS), rows_event(GOOD_ROWS[:2]))
    assert error in ("", "This trace is incomplete: it should have 3 rows, 2 can be read.")


def failing(*_):
    raise ArithmeticError("nobody thought of this")


UNFORESEEN = "This trace cannot be read: ArithmeticError: nobody thought of this."


@pytest.mark.parametrize("place", ["_readable_trace", "_goes_on", "_segments"])
def test_an_unforeseen_error_in_a_list_is_the_words_of_one_trace(tmp_path, monkeypatch, place):
    write_events(tmp_path / "run", header_event(), rows_event(GOOD_ROWS), event("foreign", np.zeros(1)))
    known = our_reader_of(tmp_path).traces()
    assert len(known) == 2
    monkeypatch.setattr(trace, place, failing)
    found = our_reader_of(tmp_path).traces()
    assert len(found) == 2
    assert UNFORESEEN in [one.status_text for one in found]


def test_an_unforeseen_error_in_header_or_rows_is_the_words_of_that_trace(tmp_path, monkeypatch):
    write_events(tmp_path / "run", header_event(), rows_event(GOOD_ROWS))
    reader = our_reader_of(tmp_path)
    (listed,) = reader.traces()
    monkeypatch.setattr("tb_lrfinder.storage.decoding.check_rows", failing)
    assert str(reader.rows([listed])[listed.id]) == UNFORESEEN
    monkeypatch.setattr(schema, "decode_header", failing)
    (listed,) = our_reader_of(tmp_path).traces()
    assert (listed.status, listed.status_text) == ("damaged", UNFORESEEN)


def test_a_text_is_cut_and_cleaned_before_it_is_written(tmp_path):
    writer_text = "Interrupted: \x1b[1mDense\x1b[0m failed\x07 at \ud800:\n" + "x" * 5_000
    TraceWriter(tmp_path / "run").close(writer_text)
    (listed,) = our_reader_of(tmp_path).traces()
    header = listed.header_or_default
    assert header.stop_text.startswith("Interrupted: Dense failed at :\nxxx")
    assert len(header.stop_text) == TEXT_LENGTH
    assert header.stop_text.endswith("x…")


def test_the_largest_header_that_is_written_is_read():
    text = "\U0001f600" * TEXT_LENGTH
    trial = schema.Trial(1.2345678901234567e-300, 2**53, -1.2345678901234567e-300, False)
    process = schema.Process(host=text, pid=2**53, machine=text, started=2**53)
    header = schema.Header(
        kind="range_test", started=1.0, stop_reason=text, stop_text=text, optimizer=text, driver=text,
        process=process, trials=(trial,) * schema.MAX_TRIALS,
    )  # fmt: skip
    schema.check_header(header)
    written = schema.encode_header("s-1", header)
    assert schema.decode_header(np.array(written.tensor.string_val[0], dtype=object)) == header
