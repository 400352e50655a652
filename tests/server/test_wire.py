"""What is put on the wire, without a server: traces that no server of the other tests has."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from tb_lrfinder import suggest
from tb_lrfinder.columns import TRAINING, Table
from tb_lrfinder.curves.decimation import Resolution, RowSlice
from tb_lrfinder.server import wire
from tb_lrfinder.storage.trace import Trace
from tests.support.traces import header, rows_of, synthetic_curve

CURVE = synthetic_curve(300)
COLUMNS = ("step", "learning_rate", "loss", "epoch")


def trace_of(columns=COLUMNS, **facts):
    return Trace("run", "s", "finished", "Done.", 1.0, columns, len(CURVE), header(300, **facts))


def directory_of(content):
    (length,) = struct.unpack("<I", content[4:8])
    return json.loads(content[8 : 8 + length])["traces"]


def curve_entry(trace, rows, *drawn):
    (entry,) = directory_of(wire.encode_curves([trace], {trace.id: Table(trace.columns, rows)}, *drawn))
    return entry


def test_the_lowest_point_is_that_of_the_rows_that_are_drawn_however_thin():
    rows, trace = rows_of(CURVE), trace_of(COLUMNS[:3])
    band = suggest(CURVE).band
    assert band is not None
    for resolution in (Resolution(), Resolution(20, 0.9, 1e-7, 1e-5)):
        lowest = curve_entry(trace, rows, RowSlice(), resolution)["lowest"]
        assert lowest == {"learning_rate": band[1], "value": pytest.approx(0.33, abs=0.03)}
    falling = np.searchsorted(CURVE.learning_rates, band[1] / 100)
    cut = curve_entry(trace, rows, RowSlice(skip_end=300 - int(falling)))["lowest"]
    assert cut["learning_rate"] < band[1] / 50
    assert curve_entry(trace, rows, RowSlice(skip_end=295))["lowest"] is None


def test_an_accuracy_is_highest_as_it_was_measured():
    rows = np.column_stack([rows_of(CURVE), 1.0 / (1.0 + CURVE.losses)])
    entry = curve_entry(trace_of((*COLUMNS[:3], "accuracy")), rows, RowSlice("accuracy"))
    assert entry["lowest"]["value"] == pytest.approx(1 / 1.33, abs=0.03)


def test_only_the_loss_has_a_spread():
    rows = np.column_stack([rows_of(CURVE), CURVE.losses, CURVE.losses])
    trace = trace_of((*COLUMNS[:3], "loss_std", "accuracy"))
    assert curve_entry(trace, rows)["spread"] == "loss_std"
    assert curve_entry(trace, rows, RowSlice("accuracy"))["spread"] is None
    assert curve_entry(trace_of(COLUMNS[:3]), rows_of(CURVE))["spread"] is None


def test_only_a_training_has_epochs_whatever_a_range_test_has_measured():
    rows = Table(COLUMNS, np.column_stack([rows_of(CURVE), (np.arange(300) + 1) / 100]))
    test, training = trace_of(), trace_of(kind=TRAINING)
    assert wire.by_epoch_of([test], {test.id: rows}) == {}
    reduced = wire.by_epoch_of([training], {training.id: rows})[training.id]
    assert isinstance(reduced, Table)
    assert (len(reduced), reduced.columns) == (3, COLUMNS)
