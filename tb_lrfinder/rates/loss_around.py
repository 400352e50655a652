"""The recorded loss of a training before and after some of its steps, and whether it rose beyond its noise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A loss before and after a probe needs so many rows on either side, and has risen when it did so by so many standard errors.
_LEAST_ROWS, _ERRORS = 8, 4.0
# With one probe alone, so large a share of the recorded steps lies on either side.
_LONE_SHARE = 0.1
# Losses beyond this are cut, so that their differences stay finite.
_HUGE = 1e100
# Blocks of rows before a probe, by which the noise is told: after it, a loss that blows up is no noise.
_BLOCKS = 8
# The standard error of a median of many values is that of their mean times this.
_MEDIAN_ERROR = math.sqrt(math.pi / 2)


@dataclass(frozen=True)
class LossAround:
    """The recorded loss of a training around a probe.

    Attributes:
        before: Its median before the probe.
        after: Its median after the probe; infinite where training broke.
        error: Standard error of their difference, from the noise before the probe.
    """

    before: float
    after: float
    error: float

    @property
    def rose(self) -> bool:
        """Whether it rose beyond its noise."""
        return self.after - self.before > _ERRORS * self.error


def losses_around(
    steps: NDArray[np.float64], losses: NDArray[np.float64], probes: Sequence[int]
) -> dict[int, LossAround | None]:
    """The loss of a training on either side of each probe, up to half of the way to the next one.

    Args:
        steps: The steps of the recorded rows, shape `[n]`, increasing.
        losses: Their losses, shape `[n]`; one that is not finite is taken for infinite.
        probes: The steps of the probes: updates made before each.

    Returns:
        By the step of the probe; None where too few rows lie on one side.
    """
    if not len(steps):
        return dict.fromkeys(probes)
    losses = np.where(np.isfinite(losses), np.clip(losses, -_HUGE, _HUGE), np.inf)
    places = sorted(set(probes))
    gaps = [(after - before) / 2 for before, after in itertools.pairwise(places)]
    lone = [_LONE_SHARE * float(steps[-1] - steps[0])]
    left, right = [*(gaps[:1] or lone), *gaps], [*gaps, *(gaps[-1:] or lone)]
    return {
        place: _around(
            losses[(steps >= place - before) & (steps < place)], losses[(steps >= place) & (steps < place + after)]
        )
        for place, before, after in zip(places, left, right, strict=True)
    }


def _around(before: NDArray[np.float64], after: NDArray[np.float64]) -> LossAround | None:
    if min(before.size, after.size) < _LEAST_ROWS or not np.isfinite(np.median(before)):
        return None
    return LossAround(float(np.median(before)), float(np.median(after)), _error(before))


def _error(losses: NDArray[np.float64]) -> float:
    """The standard error of a difference of two such medians, from how far neighbouring rows, or blocks of rows, are apart.

    Rows alone would tell too little of it where losses were averaged while they were recorded: the level wanders, neighbours
    are alike.
    """
    blocks = [float(np.median(block)) for block in np.array_split(losses, _BLOCKS)]
    return _MEDIAN_ERROR * math.sqrt(2) * max(_mean_error(losses), _mean_error(np.array(blocks)))


def _mean_error(values: NDArray[np.float64]) -> float:
    """The standard error of a mean, from the differences between neighbours."""
    changes = np.diff(values[np.isfinite(values)])
    return math.sqrt(float(np.mean(changes**2)) / 2 / values.size) if changes.size else 0.0
