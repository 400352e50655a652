"""The rows of a training, one per epoch: for sweeps that changed the rate from epoch to epoch."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_STEP, _EPOCH, _LOSS = "step", "epoch", "loss"


def by_epoch(rows: NDArray[np.float64], columns: Sequence[str]) -> NDArray[np.float64]:
    """Each epoch's last row, its loss the mean over all steps of the epoch.

    Args:
        rows: Rows of a training, shape `[n, columns]`; each stands for the steps since the row before.
        columns: Their names: `step`, `epoch` (epochs done, with the fraction) and `loss` among them.

    Returns:
        Rows of shape `[epochs, columns]`.
    """
    if not len(rows):
        return rows
    step, epoch, loss = (columns.index(name) for name in (_STEP, _EPOCH, _LOSS))
    # The last batch of an epoch ends at a whole number, or a rounding error beside it.
    index = np.ceil(rows[:, epoch] - 1e-6)
    covered = np.diff(rows[:, step], prepend=rows[0, step] - 1)
    last = np.flatnonzero(np.diff(index, append=np.inf) > 0)
    ends = np.append(0, last + 1)
    reduced = rows[last].copy()
    reduced[:, loss] = [
        np.average(rows[start:end, loss], weights=covered[start:end])
        for start, end in itertools.pairwise(ends.tolist())
    ]
    return reduced
