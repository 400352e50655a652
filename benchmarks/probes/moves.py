"""How suggestion, band and edge move along trainings, and how sure each reading is. Nothing here needs Keras."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from benchmarks.probes.readings import Reading, read
from benchmarks.probes.records import SCHEDULES, Array, Record
from benchmarks.probes.shapes import SHAPES

FIELDS = ("suggestion", "lower", "upper", "edge")
# Before each eighth of the training, and at its end.
PLACES = 9


@cache
def readings(record: Record, schedule: str) -> list[list[Reading]]:
    """What the probes of the best training of a schedule tell: from each start, at each of the places."""
    swept = record.arrays[f"{schedule}/swept"]
    return [[read(losses, record.optimizer, record.steps) for losses in one] for one in swept]


def rates(record: Record, schedule: str, field: str) -> Array:
    """One rate of all readings, shape `[starts, 9]`; NaN where there is none."""
    found = [[getattr(one, field) for one in row] for row in readings(record, schedule)]
    return np.array([[np.nan if rate is None else rate for rate in row] for row in found], np.float64)


def rates_again(record: Record, schedule: str, field: str) -> Array:
    """The same from probes of the same states over another order of the data."""
    return record.arrays[f"{schedule}/again"][..., FIELDS.index(field)]


def rates_of_long(record: Record, schedule: str, field: str) -> Array:
    """The same from probes three times as long."""
    return record.arrays[f"{schedule}/long"][..., FIELDS.index(field)]


def rates_carried(record: Record, schedule: str, field: str) -> Array:
    """The same where the velocity of SGD was carried into the sweep as it was."""
    return record.arrays[f"{schedule}/carried"][..., FIELDS.index(field)]


def in_use(record: Record, schedule: str) -> Array:
    """The rate of the best training at each of the places, shape `[9]`; at the end that of the last step."""
    steps = np.minimum(np.arange(PLACES) * record.steps // (PLACES - 1), record.steps - 1)
    return float(record.arrays[f"{schedule}/best"]) * SHAPES[schedule](record.steps)[steps]


def moved(records: Sequence[Record], schedule: str, field: str) -> Array:
    """How many times as high as at the start a rate is, shape `[trainings, 9]`; NaN where one of the two is not there."""
    found = np.concatenate([rates(record, schedule, field) for record in records])
    return found / found[:, :1]


def below_edge(records: Sequence[Record], schedule: str) -> Array:
    """How many times above the rate in use the edge lies, shape `[trainings, 9]`; NaN without an edge or a rate."""
    with np.errstate(divide="ignore"):
        ratios = np.concatenate([rates(one, schedule, "edge") / in_use(one, schedule) for one in records])
    return np.where(np.isfinite(ratios), ratios, np.nan)


def edge_at_start(record: Record) -> float:
    """The median over the starts; NaN where most sweeps show none."""
    return float(np.median(np.nan_to_num(rates(record, "constant", "edge")[:, 0], nan=np.inf)))


def decades_between(first: Array, second: Array) -> Array:
    """How far rates lie apart, in decades, where both are there."""
    apart = np.abs(np.log10(second / first)).ravel()
    return apart[np.isfinite(apart)]


def spread(records: Sequence[Record], field: str, places: slice) -> tuple[Array, Array, Array]:
    """Decades between two probes of one state, between neighbours of one training, and between long neighbours."""
    pairs = [(record, schedule) for record in records for schedule in SCHEDULES]
    again, neighbours, long = [], [], []
    for one in pairs:
        short, thorough = rates(*one, field), rates_of_long(*one, field)
        again.append(decades_between(short[:, places], rates_again(*one, field)[:, places]))
        neighbours.append(decades_between(short[:, places][:, :-1], short[:, places][:, 1:]))
        long.append(decades_between(thorough[:, places][:, :-1], thorough[:, places][:, 1:]))
    return np.concatenate(again), np.concatenate(neighbours), np.concatenate(long)
