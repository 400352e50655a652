"""The tables of README.md, as Markdown. Nothing here needs Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.probes.moves import (
    below_edge,
    edge_at_start,
    in_use,
    moved,
    rates,
    rates_carried,
    readings,
    spread,
)
from benchmarks.probes.records import BUDGETS, FOLLOWERS, MOMENTUM, OPTIMIZERS, SCHEDULES, Array, Record
from benchmarks.probes.scores import RIVALS, Comparison, ways

# Of the places of the probes, those that have a column.
_SHOWN = {"1/8": 1, "1/4": 2, "1/2": 4, "3/4": 6, "7/8": 7, "end": 8}
# Borders of how many times below the edge a rate lies.
_DISTANCES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, np.inf)
_CLOSE = 2.0
# A suggestion so many times below the best constant rate went astray.
_ASTRAY = 100


def tables(records: Sequence[Record]) -> list[str]:
    """All tables, as lines."""
    lines = [
        f"Recorded: {len({one.task for one in records})} tasks of {len({one.family for one in records})} families, "
        f"{len(records)} cases of a task, an optimizer and a length. Made by `python -m benchmarks.probes --write`."
    ]
    for steps in BUDGETS:
        lines += compared([one for one in records if one.steps == steps], steps)
    for field in ("suggestion", "edge"):
        lines += movement(records, field)
    return [*lines, *bands(records), *distances(records), *by_distance(records), *noise(records), *velocity(records)]


def compared(records: Sequence[Record], steps: int) -> list[str]:
    rows = []
    for way in ways():
        found = Comparison.of(way, records)
        cells = f"{found.mean:+.3f}", f"{found.held_out:+.3f}", f"{found.bad:.0%}", f"{found.ratio:.2f}"
        rows.append([way, *cells, *map(str, found.wins), _drift(records, way)])
    headings = [
        "",
        "lost",
        "held out",
        "over 0.1",
        "loss, median",
        *(f"below {one}" for one in RIVALS),
        "last ÷ first level",
    ]
    return _table(f"What is reached in {steps:,} steps, probes included, {len(records)} cases", headings, rows)


def movement(records: Sequence[Record], field: str) -> list[str]:
    rows = []
    for name, some, schedule in _kinds(records):
        factors = moved(some, schedule, field)
        missing = np.mean(
            [getattr(one, field) is None for record in some for row in readings(record, schedule) for one in row[1:]]
        )
        rows.append([*name, *(_quartiles(factors[:, place]) for place in _SHOWN.values()), f"{missing:.0%}"])
    title = f"The {field}, times what it was at the start: median (quartiles)"
    return _table(title, ["steps", "optimizer", "at the best", *_SHOWN, "not there"], rows, left=3)


def bands(records: Sequence[Record]) -> list[str]:
    rows = []
    for name, some, schedule in _kinds(records):
        found = np.array(
            [[one.upper is not None for one in row] for record in some for row in readings(record, schedule)]
        )
        rows.append([*name, *(f"{share:.0%}" for share in found.mean(axis=0)[[0, *_SHOWN.values()]])])
    return _table(
        "Probes that show a usable band", ["steps", "optimizer", "at the best", "start", *_SHOWN], rows, left=3
    )


def distances(records: Sequence[Record]) -> list[str]:
    rows = []
    for name, some, schedule in _kinds(records):
        ratios = below_edge(some, schedule)[:, :-1]  # at the end two of the schedules are at 0
        closest = np.fmin.reduce(ratios, axis=1)
        closest = closest[np.isfinite(closest)]
        quantiles = [f"{value:.3g}" for value in np.quantile(closest, [0.5, 0.1])] if closest.size else ["", ""]
        shown = [_median(ratios[:, place]) for place in _SHOWN.values() if place < ratios.shape[1]]
        rows.append([*name, *shown, *quantiles, f"{np.mean(closest < _CLOSE):.0%}" if closest.size else ""])
    columns = [place for place in _SHOWN if place != "end"]
    headings = [
        "steps",
        "optimizer",
        "at the best",
        *columns,
        "closest, median",
        "closest, tenth",
        f"within {_CLOSE:g}",
    ]
    return _table("How many times below the edge the best schedules run (median)", headings, rows, left=3)


def by_distance(records: Sequence[Record]) -> list[str]:
    rows = []
    found = {schedule: _lost_at_distances(records, schedule) for schedule in SCHEDULES}
    for low, high in pairwise(_DISTANCES):
        cells = []
        for distance, lost in found.values():
            lies_there = (distance >= low) & (distance < high)
            cells += [f"{lost[lies_there].mean():.3f}" if lies_there.any() else "", str(int(lies_there.sum()))]
        rows.append([f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}", *cells])
    headings = ["times below the edge", *(text for name in SCHEDULES for text in (name, "trainings"))]
    return _table("Progress lost by the highest rate's distance below the edge at the start", headings, rows)


def noise(records: Sequence[Record]) -> list[str]:
    rows = []
    for field in ("suggestion", "edge"):
        names = "two probes of one state", "neighbours, an eighth apart", "the same, 300 steps each"
        for name, apart in zip(names, spread(records, field, slice(1, 8)), strict=True):
            rows.append([field, name, *_spread_cells(apart)])
        rows.append([field, "two probes of one fresh state", *_spread_cells(spread(records, field, slice(0, 1))[0])])
    headings = ["", "of", "median", "tenth above", "above 10", "pairs"]
    apart_table = _table("How far two readings lie apart, as a factor", headings, rows, left=2)
    rows = []
    for name, places in (("fresh", slice(0, 1)), ("in the middle", slice(1, 8)), ("at the end", slice(8, 9))):
        some = [
            reading
            for record in records
            for schedule in SCHEDULES
            for row in readings(record, schedule)
            for reading in row[places]
        ]
        words = [reading.word for reading in some]
        shares = [np.mean([word == one for word in words]) for one in ("sure", "likely", "doubtful", "")]
        rows.append([name, *(f"{share:.0%}" for share in shares), f"{np.mean([r.edge is None for r in some]):.0%}"])
    return [
        *apart_table,
        *_table("What probes say", ["model", "sure", "likely", "doubtful", "no suggestion", "no edge"], rows),
    ]


def velocity(records: Sequence[Record]) -> list[str]:
    """Both kinds of probes of SGD with momentum, in the middle of the trainings."""
    middle, rows = slice(1, 8), []
    for name, of in (("brought to the rate of the sweep", rates), ("carried as it is", rates_carried)):
        missing, low, below = [], [], []
        for record in records:
            for schedule in SCHEDULES if record.optimizer == MOMENTUM else ():
                suggested, edge = (of(record, schedule, field)[:, middle] for field in ("suggestion", "edge"))
                missing.append(np.isnan(suggested))
                low.append(suggested < float(record.arrays["constant/best"]) / _ASTRAY)
                below.append(edge < in_use(record, schedule)[middle])
        rows.append([name, *(f"{np.mean(share):.0%}" if share else "" for share in (missing, low, below))])
    headings = ["velocity", "no suggestion", f"suggestion over {_ASTRAY} times too low", "edge below the rate in use"]
    return _table("Probes of SGD with momentum, in the middle", headings, rows)


def _drift(records: Sequence[Record], way: str) -> str:
    """How the rate that a way follows has moved, without the shape of its schedule: median (quartiles)."""
    if way not in FOLLOWERS:
        return ""
    levels = np.concatenate([one.arrays["followers/levels"][list(FOLLOWERS).index(way)] for one in records])
    return _quartiles(levels[:, -1] / levels[:, 0])


def _lost_at_distances(records: Sequence[Record], schedule: str) -> tuple[Array, Array]:
    """Of every rate of a grid: how many times below the edge it lies, and what it loses."""
    distance, lost = [], []
    for record in records:
        truth, edge = record.truth(schedule), edge_at_start(record)
        if np.isfinite(edge):
            distance.append(edge / truth.rates)
            lost.append(truth.lost)
    return (np.concatenate(distance), np.concatenate(lost)) if distance else (np.array([]), np.array([]))


def _kinds(records: Sequence[Record]) -> Iterator[tuple[list[str], list[Record], str]]:
    """The records of each length and optimizer with each schedule, with their cells."""
    for steps in BUDGETS:
        for optimizer in OPTIMIZERS:
            some = [one for one in records if (one.steps, one.optimizer) == (steps, optimizer)]
            for schedule in SCHEDULES if some else ():
                yield [f"{steps:,}", optimizer, schedule], some, schedule


def _median(values: Array) -> str:
    known = values[np.isfinite(values)]
    return f"{np.median(known):.3g}" if known.size else ""


def _quartiles(values: Array) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
    return f"{median:.2g} ({low:.2g}–{high:.2g})"


def _spread_cells(decades: Array) -> list[str]:
    if not decades.size:
        return ["", "", "", "0"]
    median, tenth = 10 ** np.quantile(decades, [0.5, 0.9])
    return [f"{median:.2g}", f"{tenth:.3g}", f"{np.mean(decades > 1):.0%}", str(decades.size)]


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """The first columns hold names and stand to the left, the others numbers."""
    rule = ["---"] * left + ["---:"] * (len(headings) - left)
    lines = ["", f"### {title}", ""]
    return [*lines, *(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))]
