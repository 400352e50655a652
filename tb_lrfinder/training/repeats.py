"""Several sweeps of one range test: run one after another, averaged, written as one trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tb_lrfinder.columns import LEARNING_RATE, LOSS, LOSS_STD, STEP
from tb_lrfinder.curves.curve import monitored
from tb_lrfinder.curves.suggestion import suggest
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.own_fits import OwnFits
from tb_lrfinder.training.snapshot import GlobalRandomState
from tb_lrfinder.training.sweep_fit import SweepFit


def sweep_each(sweeps: Sequence[SweepFit], fits: OwnFits) -> None:
    """Runs the sweeps in turn: all from the same start, each after the first with random numbers of its own."""
    if len(sweeps) == 1:
        fits(sweeps[0])
        return
    first, *others = sweeps
    fits(first, f"Repeat 1/{len(sweeps)}")
    random_state = GlobalRandomState()
    seeds = np.random.randint(2**31 - 1, size=len(others)).tolist()
    try:
        for repeat, (sweep, seed) in enumerate(zip(others, seeds, strict=True), start=2):
            # Every test puts the random numbers back: without new ones, it would see the same order of the data.
            random_state.reseed(seed)
            fits(sweep, f"Repeat {repeat}/{len(sweeps)}")
    finally:
        random_state.restore()


def shortest_of(sweeps: Sequence[SweepFit]) -> SweepFit:
    """The sweep that ended first, at which the mean of all is cut: why it ended is why the test did."""
    return min(sweeps, key=lambda sweep: len(sweep.run))


def combine(sweeps: Sequence[SweepFit], log_dir: str | None) -> RangeTestResult:
    """One curve out of several sweeps: the means as far as every sweep got, and the spread of the loss."""
    histories = [sweep.history for sweep in sweeps]
    length = min(len(history[STEP]) for history in histories)
    stacked = {name: np.stack([history[name][:length] for history in histories]) for name in histories[0]}
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged loss may be infinite
        history = {name: values.mean(axis=0) for name, values in stacked.items()}
        if LOSS in stacked:
            history[LOSS_STD] = stacked[LOSS].std(axis=0)
    shortest = shortest_of(sweeps)
    # What is known of the shortest sweep holds for the mean.
    one = shortest.curve
    rates, values = monitored(history, one.monitor)
    curve = replace(one, learning_rates=rates, values=values, repeats=len(sweeps))
    return replace(
        shortest.run.result(shortest.method, log_dir, shortest.total_steps),
        curve=curve,
        suggestion=suggest(curve, shortest.method, total_steps=shortest.total_steps),
        history=history,
        repeats=tuple(suggest(sweep.curve, sweep.method, total_steps=sweep.total_steps) for sweep in sweeps),
    )


def write_combined(result: RangeTestResult, sweep: SweepFit) -> TraceWriter | None:
    """Writes the rows of a finished test; the trace stays open."""
    if result.log_dir is None:
        return None
    writer = sweep.open_trace(result.log_dir, result.num_steps, len(result.repeats))
    columns = {name: column.tolist() for name, column in result.history.items() if name != STEP}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        writer.append_row(row.pop(LEARNING_RATE), row.pop(LOSS, None), row)
    return writer
