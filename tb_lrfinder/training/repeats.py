"""Several sweeps of one range test, run one after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
