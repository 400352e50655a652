"""What is put on the wire, without a server: traces that no server of the other tests has."""

from __future__ import annotations

import numpy as np

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.server import wire
from tb_lrfinder.storage.trace import Trace
from tests.support.traces import header, rows_of, synthetic_curve

CURVE = synthetic_curve(300)
COLUMNS = ("step", "learning_rate", "loss", "epoch")


def trace_of(columns=COLUMNS, **facts):
    return Trace("run", "s", "finished", "Done.", 1.0, columns, len(CURVE), header(300, **facts))


def test_only_a_training_has_epochs_whatever_a_range_test_has_measured():
    rows = np.column_stack([rows_of(CURVE), (np.arange(300) + 1) / 100])
    test, training = trace_of(), trace_of(kind=TRAINING)
    assert wire.by_epoch_of([test], {test.id: rows}) == {}
    assert np.shape(wire.by_epoch_of([training], {training.id: rows})[training.id]) == (3, 4)
