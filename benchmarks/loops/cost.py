"""What a range test costs per step of a loop, beside a list that keeps its losses."""

from __future__ import annotations

import tempfile
from types import ModuleType

import numpy as np

from benchmarks.loops.turns import Pace, run_in_turn

_HEADINGS = (
    "| loop | per step | beside the list | quartiles of the rounds | before and after |\n|---|---:|---:|---:|---:|"
)


def table(framework: ModuleType, size: str, block: int, rounds: int, *, with_peer: bool = False) -> str:
    """One table.

    Args:
        framework: `on_torch` or `on_jax`.
        size: One of its `SIZES`.
        block: Steps of each loop in a round.
        rounds: Rounds that count.
        with_peer: Whether torch-lr-finder runs in the same rounds.
    """
    make, shape = framework.SIZES[size]
    with tempfile.TemporaryDirectory() as folder:
        loops = framework.loops_of(make, f"{folder}/lr")
        base = next(iter(loops))
        # What differs between a loop and itself is noise.
        loops["the list once more"] = loops[base]
        if with_peer:
            loops["torch-lr-finder"] = framework.with_torch_lr_finder(make)
        batches = framework.batches_of(shape)
        # The first loop of each kind loads and compiles.
        run_in_turn(loops, batches, block, 1)
        paces = run_in_turn(loops, batches, block, rounds)
    return "\n".join([_HEADINGS, *(_row(name, pace, paces[base]) for name, pace in paces.items())])


def _row(name: str, pace: Pace, base: Pace) -> str:
    ratios = np.array(pace.blocks) / np.array(base.blocks)
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
    added = 1e3 * (pace.outside - base.outside)
    return f"| {name} | {1e6 * pace.step:.0f} µs | {middle:.3f} | {low:.3f}–{high:.3f} | {added:+.0f} ms |"
