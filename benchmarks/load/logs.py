"""Many range tests and a long one, without the scalars that would lie beside them."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema
from tests.support.traces import header, rows_of, synthetic_curve

_COLUMNS = ("step", "learning_rate", "loss")
_SEGMENT = 20_000
# A test ends where the loss diverges; the synthetic explosion goes on to a million.
_HIGHEST = 6.0


def write(log_dir: Path, num_runs: int, num_rows: int, long_rows: int) -> None:
    """Writes `num_runs` tests of `num_rows` rows and one of `long_rows`."""
    for index in range(num_runs):
        _write_test(log_dir / f"run_{index:03}", num_rows, index, centre=-2.5 - index / num_runs)
    _write_test(log_dir / "long", long_rows, num_runs, centre=-3.0)


def _write_test(log_dir: Path, num_rows: int, index: int, centre: float) -> None:
    curve = synthetic_curve(num_rows, seed=index, centre=centre)
    rows = np.minimum(rows_of(curve), [np.inf, np.inf, _HIGHEST])
    session = f"20261120-000000-{index:06x}"
    values = [
        (num_rows, schema.encode_header(session, header(num_rows, status="finished", stop_text="Swept to end_lr=10.")))
    ]
    for number, start in enumerate(range(0, num_rows, _SEGMENT)):
        segment = rows[start : start + _SEGMENT]
        values.append((start + len(segment), schema.encode_rows(session, number, Table(_COLUMNS, segment))))
    events = EventFileWriter(str(log_dir))
    for step, value in values:
        events.add_event(event_pb2.Event(step=step, wall_time=time.time(), summary=summary_pb2.Summary(value=[value])))
    events.close()
