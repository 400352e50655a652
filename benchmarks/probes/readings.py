"""What a probe tells, and the rules that make a rate of it. Nothing here needs Keras."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.recommendation.methods import stopped
from tb_lrfinder.curves.suggestion import suggest

Array = NDArray[np.float64]

# The rates that every probe sweeps, one step each, and those of one that takes three times as long.
SWEEP, LONG_SWEEP = np.geomspace(1e-6, 10.0, 100), np.geomspace(1e-6, 10.0, 300)


@dataclass(frozen=True)
class Reading:
    """What one sweep tells.

    Attributes:
        suggestion: The recommended constant rate, None without one; `peak` is the one for 1cycle.
        lower: Lower end of the usable band; `upper` is the other one. None without a band.
        edge: The blow-up edge, None where the sweep shows none.
        cost: Steps until the sweep was stopped.
        word: The confidence, empty without a suggestion.
        reason: How the suggestion was found, or why there is none.
    """

    suggestion: float | None
    peak: float | None
    lower: float | None
    upper: float | None
    edge: float | None
    cost: int
    word: str
    reason: str


def read(losses: NDArray[np.floating], optimizer: str, total_steps: int, rates: Array = SWEEP) -> Reading:
    """Reads the losses of a sweep, one for each of the rates; what comes after the stop rule's end is not looked at."""
    curve = stopped(rates, np.asarray(losses, np.float64), optimizer)
    found = suggest(curve, total_steps=total_steps)
    return Reading(
        found.learning_rate,
        found.one_cycle_peak,
        found.lower,
        found.upper,
        found.edge,
        len(curve),
        found.confidence.word if found.confidence else "",
        found.reason,
    )


def kept(losses: NDArray[np.float32], cost: int) -> NDArray[np.float16]:
    """The losses of a sweep as they are stored: in shares of their usual size, 0 after the stop rule's end.

    A factor changes no reading.
    """
    usual = float(np.median(losses[:10]))
    scale = usual if np.isfinite(usual) and usual > 0 else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        shares = np.clip(losses.astype(np.float64) / scale, -6e4, 6e4).astype(np.float16)
    return np.where(np.arange(losses.size) < cost, shares, np.float16(0))


# A rule gives a rate from what all probes so far told, or None where they lack what it needs: the rate in use is kept.
Rule = Callable[[Sequence[Reading]], "float | None"]


def suggestion(readings: Sequence[Reading]) -> float | None:
    return readings[-1].suggestion


def peak(readings: Sequence[Reading]) -> float | None:
    return readings[-1].peak


def steady(readings: Sequence[Reading]) -> float | None:
    """The median by log LR of the last three suggestions: one probe that went astray moves nothing."""
    return _median(reading.suggestion for reading in readings)


def steady_peak(readings: Sequence[Reading]) -> float | None:
    return _median(reading.peak for reading in readings)


def middle(readings: Sequence[Reading]) -> float | None:
    """Half of the way from the suggestion to the edge, by log LR; the suggestion where no edge shows."""
    suggested, edge = readings[-1].suggestion, readings[-1].edge
    return suggested if suggested is None or edge is None else math.sqrt(suggested * edge)


def half_edge(readings: Sequence[Reading]) -> float | None:
    """Half of the edge; the suggestion where no edge shows."""
    return _below_edge(readings[-1], 2)


def tenth_of_edge(readings: Sequence[Reading]) -> float | None:
    """A tenth of the edge; the suggestion where no edge shows."""
    return _below_edge(readings[-1], 10)


def _below_edge(reading: Reading, divisor: float) -> float | None:
    return reading.suggestion if reading.edge is None else reading.edge / divisor


def _median(rates: Iterable[float | None]) -> float | None:
    known = [math.log(rate) for rate in rates if rate is not None][-3:]
    return math.exp(float(np.median(known))) if known else None


RULES: dict[str, Rule] = {
    "suggestion": suggestion,
    "peak": peak,
    "steady": steady,
    "steady peak": steady_peak,
    "middle": middle,
    "half the edge": half_edge,
    "a tenth of the edge": tenth_of_edge,
}
